"""One stack that reads a source and then writes: the prefix language model (chapter 9).

Axes: B texts, S source positions, T target positions, V vocabulary.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course.errors import CourseError
from course.models.families import LanguageModel, LanguageModelConfig
from course.models.interface import Memory, State


@dataclass(frozen=True, kw_only=True)
class PrefixLanguageModelConfig(LanguageModelConfig):
    """Sizes and kind of a `PrefixLanguageModel`.

    Attributes:
        both_ways: whether the source sees itself both ways; else it is read as it is written, each
            token from those before it, as by every decoder-only model.
    """

    both_ways: bool = True


class PrefixLanguageModel(LanguageModel):
    """Source and target one behind the other in a single stack; implements `SequenceModel`.

    The source is the prefix: its tokens see one another both ways, and the target sees it and its
    own past. Nothing but the mask tells this model from a decoder-only one. The sources of a batch
    are equally long, since the target's positions are counted on from there.

    Raffel et al. (2020), "T5", section 3.2.1, "prefix LM".
    """

    def __init__(self, config: PrefixLanguageModelConfig):
        super().__init__(config)
        self.both_ways = config.both_ways

    def forward(
        self, src: Int[Tensor, "B S"], src_mask: Bool[Tensor, "B S"], tgt_in: Int[Tensor, "B T"]
    ) -> Float[Tensor, "B T V"]:
        """Teacher-forced logits of the token after each token of `tgt_in`.

        Raises:
            CourseError: if the sources are not equally long.
        """
        _refuse_padding(src_mask)
        size = src.shape[1]
        embedded = self.embedding(torch.cat([src, tgt_in], 1)) * self.embedding_scale
        features, _, _ = self.decoder(embedded, prefix=size if self.both_ways else 0)
        return self.output(features[:, size:], self.embedding.weight)

    def encode(self, src: Int[Tensor, "B S"], src_mask: Bool[Tensor, "B S"]) -> Memory:
        """Read the source: the keys and values of its positions, (k1, v1, …), each (B, H, S, K).

        Raises:
            CourseError: if the sources are not equally long.
        """
        _refuse_padding(src_mask)
        embedded = self.embedding(src) * self.embedding_scale
        return self.decoder(embedded, prefix=src.shape[1] if self.both_ways else 0)[1]

    def start(self, memory: Memory, prefix: Int[Tensor, "B P"]) -> State:
        """The keys and values of the source and of the target's first tokens."""
        return memory if prefix.shape[1] == 0 else self.decode(prefix, memory)[1]


def _refuse_padding(src_mask: Tensor) -> None:
    # A compiled graph can't depend on what the mask holds: there, nothing is checked.
    if not torch.compiler.is_compiling() and not bool(src_mask.all()):
        raise CourseError(
            "The sources of a prefix language model's batch must be equally long: the target's "
            "positions follow theirs. Group the pairs by the length of the source."
        )
