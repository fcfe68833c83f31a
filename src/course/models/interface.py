"""What a sequence model offers to training and to search.

`course.decoding` is written against this interface alone, so one greedy search, one beam search
and one sampler serve recurrent models, Transformers and decoder-only models alike.
"""

from typing import NamedTuple, Protocol, runtime_checkable

from jaxtyping import Bool, Float, Int
from torch import Tensor

Memory = tuple[Tensor, ...]
"""What the encoder leaves behind for the decoder: tensors, batch first. It never changes."""

Sources = Int[Tensor, "B S"] | Float[Tensor, "B S F"]
"""What an encoder reads: S token ids each, or S pieces of a picture or a sound with F numbers each
(chapter 11). Nothing but the module that turns them into vectors looks inside."""

State = tuple[Tensor, ...]
"""What the decoder carries from step to step: tensors, batch first, so that search can reorder
its hypotheses with `index_select(0, …)`."""


class SpecialTokens(NamedTuple):
    """The ids by which a search begins and ends; each vocabulary has its own.

    Attributes:
        start: what the target begins with.
        end: what ends it.
        never: what no output holds, such as padding.
    """

    start: int
    end: int
    never: tuple[int, ...] = ()


class Step(NamedTuple):
    """The result of decoding one token.

    Attributes:
        log_probs: log-probabilities of the next token, in nats.
        state: the state after this token.
        weights: attention weights over the source by layer and head, if they were asked for and
            the model has any.
    """

    log_probs: Float[Tensor, "B V"]
    state: State
    weights: Float[Tensor, "B L H S"] | None = None


@runtime_checkable
class SequenceModel(Protocol):
    """A model that reads a source and writes a target one token at a time."""

    def __call__(
        self, src: Sources, src_mask: Bool[Tensor, "B S"], tgt_in: Int[Tensor, "B T"]
    ) -> Float[Tensor, "B T V"]:
        """Teacher-forced logits: position t has seen the source and `tgt_in[:, :t + 1]`."""
        ...

    def encode(self, src: Sources, src_mask: Bool[Tensor, "B S"]) -> Memory:
        """Read the source. Padding (where the mask is False) changes nothing."""
        ...

    def start(self, memory: Memory, prefix: Int[Tensor, "B P"]) -> State:
        """The state after the tokens of `prefix` (P may be 0)."""
        ...

    def step(
        self,
        token: Int[Tensor, " B"],
        memory: Memory,
        state: State,
        *,
        return_weights: bool = False,
    ) -> Step:
        """Feed one token; get the distribution of the next one."""
        ...
