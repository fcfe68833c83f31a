"""A small causal model around any of the layers of `course.nn.mixers` (chapter 10).

Axes: B texts, T positions, C width of the residual stream, V vocabulary.
"""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.errors import CourseError
from course.nn.mixers import MIXERS, Mixer, MixerConfig


@dataclass(frozen=True, kw_only=True)
class MixerModelConfig:
    """Sizes of a `MixerModel`, and the kind of each of its layers.

    Attributes:
        vocab_size: V.
        max_length: how many positions have an embedding.
        kinds: for each layer its name in `MIXERS`.
        d_ff: width of the feed-forward network's hidden layer.
        mixer: the sizes of all mixers.

    Raises:
        CourseError: if a kind is unknown or there is none.
    """

    vocab_size: int
    max_length: int
    kinds: tuple[str, ...]
    d_ff: int = 128
    mixer: MixerConfig = field(default_factory=MixerConfig)

    def __post_init__(self) -> None:
        """Check the kinds."""
        if not self.kinds or not set(self.kinds) <= set(MIXERS):
            raise CourseError(f"Kinds of layers are {', '.join(MIXERS)}, not {self.kinds}.")


class MixerLayer(nn.Module):
    """A mixer and a feed-forward network, each with a norm before and a residual around it."""

    def __init__(self, kind: str, config: MixerModelConfig):
        super().__init__()
        width = config.mixer.d_model
        self.mixer: Mixer = MIXERS[kind](config.mixer)
        self.mixer_norm, self.feed_norm = nn.RMSNorm(width), nn.RMSNorm(width)
        self.feed = nn.Sequential(
            nn.Linear(width, config.d_ff), nn.GELU(), nn.Linear(config.d_ff, width)
        )

    def forward(self, x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T C"]:
        """What goes on."""
        x = x + self.mixer(self.mixer_norm(x))
        return x + self.feed(self.feed_norm(x))


class MixerModel(nn.Module):
    """Embeddings of symbols and learned positions, layers, and a linear readout.

    The positions are the same for all kinds: recurrences don't need them, attention does.
    """

    def __init__(self, config: MixerModelConfig):
        super().__init__()
        self.config, width = config, config.mixer.d_model
        self.embedding = nn.Embedding(config.vocab_size, width)
        self.positions = nn.Embedding(config.max_length, width)
        self.layers = nn.ModuleList(MixerLayer(kind, config) for kind in config.kinds)
        self.norm = nn.RMSNorm(width)
        self.output = nn.Linear(width, config.vocab_size, bias=False)
        for table in (self.embedding, self.positions, self.output):
            nn.init.normal_(table.weight, std=0.02)

    def read(self, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T C"]:
        """What the readout gets at each position."""
        places = torch.arange(tokens.shape[1], device=tokens.device)
        x = self.embedding(tokens) + self.positions(places)
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)

    def forward(self, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T V"]:
        """Logits of what comes at each position, from it and those before."""
        return self.output(self.read(tokens))

    def state_size(self, length: int) -> int:
        """How many numbers decoding keeps after so many positions, in all layers."""
        mixers = (layer for layer in self.modules() if isinstance(layer, Mixer))
        return sum(mixer.state_size(length) for mixer in mixers)
