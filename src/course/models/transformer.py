"""The Transformer, an encoder–decoder without recurrence (chapter 8).

Axes: B sentences, S source positions, T target positions, D width of the residual stream, H heads,
L layers, V vocabulary.
"""

from dataclasses import dataclass

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.models.interface import Memory, Sources, State, Step
from course.nn.layer_config import LayerConfig
from course.nn.stack import Output, Stack, initialise


@dataclass(frozen=True, kw_only=True)
class TransformerConfig(LayerConfig):
    """Sizes and kind of a `Transformer`; what its layers are made of is in `LayerConfig`.

    Attributes:
        vocab_size: V, shared by source and target.
        num_layers: layers of the encoder and of the decoder.
        num_decoder_layers: layers of the decoder, if it has another number of them.
        scale_embeddings: multiply embeddings by √D, so that tied ones can be short as output
            weights and long as input. Vaswani et al. (2017), section 3.4.
        share_embeddings: whether source and target tokens are embedded by the same matrix.
        tie_output: whether the matrix that embeds the target scores the output as well.
        scale_output: divide the features by √D before they are scored, as the first T5 does.
        output_bias: whether each token has a bias of its own.

    Raises:
        CourseError: if a setting is out of its range; see `LayerConfig`.
    """

    vocab_size: int
    num_layers: int = 3
    num_decoder_layers: int | None = None
    scale_embeddings: bool = True
    share_embeddings: bool = True
    tie_output: bool = True
    scale_output: bool = False
    output_bias: bool = False

    @property
    def decoder_layers(self) -> int:
        """How many layers the decoder has."""
        return self.num_layers if self.num_decoder_layers is None else self.num_decoder_layers

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        self._check_sizes("vocab_size", "num_layers", "decoder_layers")


class Transformer(nn.Module):
    """Encoder and decoder; implements `course.models.interface.SequenceModel`.

    Vaswani et al. (2017), "Attention is all you need", figure 1.

    Args:
        config: sizes and kind.
        front_end: what turns sources that are no tokens into vectors, (B, S, F) to (B, S, D) of
            about unit variance; see `course.nn.front_ends`. By default sources are embedded.
    """

    def __init__(self, config: TransformerConfig, front_end: nn.Module | None = None):
        super().__init__()
        self.config = config
        self.front_end = front_end
        # One matrix for both languages, or the source's and the target's: the first and the last.
        self.embeddings = nn.ModuleList(
            nn.Embedding(config.vocab_size, config.d_model)
            for _ in range(1 if config.share_embeddings else 2)
        )
        self.encoder = Stack(config, config.num_layers, causal=False)
        self.decoder = Stack(config, config.decoder_layers, causal=True, reads_memory=True)
        self.output = Output(
            config.vocab_size, config.d_model, tied=config.tie_output, bias=config.output_bias
        )
        self.embedding_scale = config.d_model**0.5 if config.scale_embeddings else 1.0
        self.feature_scale = config.d_model**-0.5 if config.scale_output else 1.0
        initialise(self)

    def forward(
        self, src: Sources, src_mask: Bool[Tensor, "B S"], tgt_in: Int[Tensor, "B T"]
    ) -> Float[Tensor, "B T V"]:
        """Teacher-forced logits of the token after each token of `tgt_in`, all at once."""
        return self.decode(tgt_in, self.encode(src, src_mask))[0]

    def encode(self, src: Sources, src_mask: Bool[Tensor, "B S"]) -> Memory:
        """Read the source.

        Returns:
            The mask (B, S), the encoder's outputs (B, S, D), and for each layer of the decoder the
            keys and values (B, H, S, K) that it reads: (mask, outputs, k1, v1, k2, v2, …).
        """
        if self.front_end is None:
            vectors = self.embeddings[0](src) * self.embedding_scale
        else:
            vectors = self.front_end(src)
        outputs, _, _ = self.encoder(vectors, src_mask)
        return src_mask, outputs, *self.decoder.memory(outputs)

    def decode(
        self,
        tgt_in: Int[Tensor, "B T"],
        memory: Memory,
        past: State = (),
        *,
        return_weights: bool = False,
    ) -> tuple[Float[Tensor, "B T V"], State, Float[Tensor, "B L H T S"] | None]:
        """Feed T tokens that follow those of `past`.

        Returns:
            The logits of the token after each, the state, and, if asked for, the attention weights
            over the source.
        """
        src_mask, _, *keys_values = memory
        features, state, weights = self.decoder(
            self.embeddings[-1](tgt_in) * self.embedding_scale,
            past=past,
            memory=tuple(keys_values),
            memory_mask=src_mask,
            return_weights=return_weights,
        )
        logits = self.output(features * self.feature_scale, self.embeddings[-1].weight)
        return logits, state, weights

    def start(self, memory: Memory, prefix: Int[Tensor, "B P"]) -> State:
        """The decoder's keys and values of `prefix`: (k1, v1, k2, v2, …), each (B, H, P, K)."""
        if prefix.shape[1] == 0:
            return self.decoder.empty_cache(memory[1])
        return self.decode(prefix, memory)[1]

    def step(
        self,
        token: Int[Tensor, " B"],
        memory: Memory,
        state: State,
        *,
        return_weights: bool = False,
    ) -> Step:
        """Feed one token: only its own keys and values are new, the others come from the state."""
        logits, state, weights = self.decode(
            token[:, None], memory, state, return_weights=return_weights
        )
        weights = None if weights is None else weights[:, :, :, 0]  # (B, L, H, S)
        return Step(logits[:, 0].log_softmax(-1), state, weights)
