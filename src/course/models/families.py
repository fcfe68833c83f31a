"""The other two families, from the same blocks: encoder-only and decoder-only (chapter 9).

What differs is the mask (everybody sees everybody, or only the past), the objective and the head.

Axes: B texts, T positions, D width of the residual stream, C labels, V vocabulary.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.models.interface import Memory, State, Step
from course.nn.layer_config import LayerConfig
from course.nn.stack import Output, Stack, initialise
from course.nn.transformer import ACTIVATIONS, make_norm


@dataclass(frozen=True, kw_only=True)
class LanguageModelConfig(LayerConfig):
    """Sizes and kind of a `LanguageModel`; what its layers are made of is in `LayerConfig`.

    Attributes:
        vocab_size: V.
        num_layers: how many layers.
        scale_embeddings: multiply embeddings by √D.
        tie_output: whether the embeddings score the output as well.

    Raises:
        CourseError: if a setting is out of its range; see `LayerConfig`.
    """

    vocab_size: int
    num_layers: int = 4
    scale_embeddings: bool = True
    tie_output: bool = True

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        self._check_sizes("vocab_size", "num_layers")


class LanguageModel(nn.Module):
    """Decoder-only: each token from those before it; implements `SequenceModel`.

    There is no source, so the memory is empty and no weights over it exist; the prompt is the
    prefix. The source that search and training hand over only tells how many texts there are.

    Radford et al. (2018), section 3.1; (2019), section 2.3.
    """

    def __init__(self, config: LanguageModelConfig):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.decoder = Stack(config, config.num_layers, causal=True)
        self.output = Output(config.vocab_size, config.d_model, tied=config.tie_output, bias=False)
        self.embedding_scale = config.d_model**0.5 if config.scale_embeddings else 1.0
        initialise(self)

    def forward(
        self, src: Int[Tensor, "B S"], src_mask: Bool[Tensor, "B S"], tgt_in: Int[Tensor, "B T"]
    ) -> Float[Tensor, "B T V"]:
        """Teacher-forced logits of the token after each token of `tgt_in`; no source is read."""
        return self.decode(tgt_in)[0]

    def decode(
        self, tokens: Int[Tensor, "B T"], past: State = ()
    ) -> tuple[Float[Tensor, "B T V"], State]:
        """Feed T tokens that follow those of `past`: the logits of the next ones, and the state."""
        embedded = self.embedding(tokens) * self.embedding_scale
        features, state, _ = self.decoder(embedded, past=past)
        return self.output(features, self.embedding.weight), state

    def encode(self, src: Int[Tensor, "B S"], src_mask: Bool[Tensor, "B S"]) -> Memory:
        """Nothing: what there is to read is in the prefix."""
        return ()

    def start(self, memory: Memory, prefix: Int[Tensor, "B P"]) -> State:
        """The keys and values of the prompt: (k1, v1, k2, v2, …), each (B, H, P, K)."""
        if prefix.shape[1] == 0:
            return self.decoder.empty_cache(self.embedding.weight.new_zeros(len(prefix)))
        return self.decode(prefix)[1]

    def step(
        self,
        token: Int[Tensor, " B"],
        memory: Memory,
        state: State,
        *,
        return_weights: bool = False,
    ) -> Step:
        """Feed one token. There is no source, so there are no weights."""
        logits, state = self.decode(token[:, None], state)
        return Step(logits[:, 0].log_softmax(-1), state)


@dataclass(frozen=True, kw_only=True)
class TextEncoderConfig(LayerConfig):
    """Sizes and kind of a `TextEncoder`; what its layers are made of is in `LayerConfig`.

    Attributes:
        vocab_size: V.
        num_layers: how many layers.
        num_segments: how many kinds of text one input can hold (0: they are not told apart);
            BERT has two, for pairs of sentences.
        tie_output: for masked language models: whether the embeddings score the output as well.
        num_labels: C, for classifiers: how many labels there are.

    Raises:
        CourseError: if a setting is out of its range; see `LayerConfig`.
    """

    vocab_size: int
    num_layers: int = 4
    num_segments: int = 0
    tie_output: bool = True
    num_labels: int = 2

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        self._check_sizes("vocab_size", "num_layers", "num_labels")


class TextEncoder(nn.Module):
    """Encoder-only: one vector for each token, from all the tokens around it.

    Devlin et al. (2019), "BERT", section 3.
    """

    def __init__(self, config: TextEncoderConfig):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.segments = (
            nn.Embedding(config.num_segments, config.d_model) if config.num_segments else None
        )
        self.encoder = Stack(config, config.num_layers, causal=False)
        initialise(self)

    def forward(
        self,
        tokens: Int[Tensor, "B T"],
        mask: Bool[Tensor, "B T"],
        segments: Int[Tensor, "B T"] | None = None,
    ) -> Float[Tensor, "B T D"]:
        """The vectors; `segments` says which text each token belongs to, by default the first."""
        embedded = self.embedding(tokens)
        if self.segments is not None:
            embedded = embedded + self.segments(
                torch.zeros_like(tokens) if segments is None else segments
            )
        return self.encoder(embedded, mask)[0]


class MaskedLanguageModel(nn.Module):
    """Guesses the tokens that were masked. Devlin et al. (2019), section 3.1, task 1."""

    def __init__(self, config: TextEncoderConfig):
        super().__init__()
        self.config, self.text = config, TextEncoder(config)
        self.dense, self.norm = nn.Linear(config.d_model, config.d_model), make_norm(config)
        self.activation = ACTIVATIONS[config.activation]
        self.output = Output(config.vocab_size, config.d_model, tied=config.tie_output, bias=True)

    def forward(
        self,
        tokens: Int[Tensor, "B T"],
        mask: Bool[Tensor, "B T"],
        segments: Int[Tensor, "B T"] | None = None,
    ) -> Float[Tensor, "B T V"]:
        """The logits of each position's token."""
        features = self.norm(self.activation(self.dense(self.text(tokens, mask, segments))))
        return self.output(features, self.text.embedding.weight)


class Pooler(nn.Module):
    """One vector for a text, from its first token's. Devlin et al. (2019), section 3.1, task 2."""

    def __init__(self, d_model: int):
        super().__init__()
        self.dense = nn.Linear(d_model, d_model)

    def forward(self, features: Float[Tensor, "B T D"]) -> Float[Tensor, "B D"]:
        """See the class."""
        return self.dense(features[:, 0]).tanh()


class SentenceClassifier(nn.Module):
    """One label for a text. Devlin et al. (2019), section 4.1."""

    def __init__(self, config: TextEncoderConfig):
        super().__init__()
        self.config, self.text = config, TextEncoder(config)
        self.pooler, self.dropout = Pooler(config.d_model), nn.Dropout(config.dropout)
        self.classifier = nn.Linear(config.d_model, config.num_labels)

    def forward(
        self,
        tokens: Int[Tensor, "B T"],
        mask: Bool[Tensor, "B T"],
        segments: Int[Tensor, "B T"] | None = None,
    ) -> Float[Tensor, "B C"]:
        """The logits of the labels."""
        return self.classifier(self.dropout(self.pooler(self.text(tokens, mask, segments))))


class TokenClassifier(nn.Module):
    """One label for each token, such as a named entity's. Devlin et al. (2019), section 5.3."""

    def __init__(self, config: TextEncoderConfig):
        super().__init__()
        self.config, self.text = config, TextEncoder(config)
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(config.d_model, config.num_labels)

    def forward(
        self,
        tokens: Int[Tensor, "B T"],
        mask: Bool[Tensor, "B T"],
        segments: Int[Tensor, "B T"] | None = None,
    ) -> Float[Tensor, "B T C"]:
        """The logits of the labels."""
        return self.classifier(self.dropout(self.text(tokens, mask, segments)))
