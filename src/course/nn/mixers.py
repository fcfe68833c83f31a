"""Layers that let positions read one another, each at another price (chapter 10).

All have one interface and the same frame (`Mixer`): queries, keys and values, a short causal
convolution on each, then the operation that gives the layer its name, from `course.ops`. So what
differs between two of them is that operation, and the state that it needs to go on.

The convolution mixes each feature with its last few values, which is how a key can hold what stood
just before; recurrences depend on it (Fu et al. 2023, "Hungry Hungry Hippos", section 3; Arora et
al. 2023, "Zoology"), and here all have it.

Axes: B sentences, T positions, C width of the residual stream, H heads, D width of a head.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from course.errors import CourseError
from course.ops.attention import scaled_dot_product_attention
from course.ops.efficient.delta import gated_delta_rule
from course.ops.efficient.linear import elu_features, gated_linear_attention, linear_attention
from course.ops.efficient.patterns import bigbird_layout
from course.ops.efficient.random_features import orthogonal_projection, positive_features
from course.ops.efficient.sparse import block_sparse_attention, sliding_window_attention
from course.ops.masks import causal_mask

SLOWEST, FASTEST = 1e-4, 1e-2
"""How much a gate forgets at a position before training: from head to head, in equal ratios."""


@dataclass(frozen=True, kw_only=True)
class MixerConfig:
    """Sizes of a mixer; those that its kind doesn't have are not read.

    Attributes:
        d_model: C.
        num_heads: H.
        d_head: D, of queries, keys and values.
        kernel: how many positions the short convolution reads, its own among them.
        window: how many positions `window` sees, its own among them.
        block: of `global`: how many positions a block has.
        near_blocks: of `global`: how many of the nearest blocks are seen.
        global_blocks: of `global`: how many of the first blocks are seen by all.
        num_features: M, of `performer`.
        chunk: how many positions recurrent kinds read as pairs; it changes no result.

    Raises:
        CourseError: if a size is below 1.
    """

    d_model: int = 64
    num_heads: int = 1
    d_head: int = 64
    kernel: int = 4
    window: int = 32
    block: int = 8
    near_blocks: int = 3
    global_blocks: int = 1
    num_features: int = 64
    chunk: int = 64

    def __post_init__(self) -> None:
        """Check the sizes."""
        for name, size in vars(self).items():
            if not (isinstance(size, int) and size >= 1):
                raise CourseError(f"{name} must be a whole number of at least 1, not {size!r}.")


class Mixer(nn.Module, ABC):
    """The frame: $W^O$ of what is read by convolved queries, keys and values; always causal."""

    def __init__(self, config: MixerConfig):
        super().__init__()
        self.config, width = config, config.num_heads * config.d_head
        self.project = nn.Linear(config.d_model, 3 * width, bias=False)
        self.convolve = nn.Conv1d(
            3 * width, 3 * width, config.kernel, groups=3 * width, padding=config.kernel - 1
        )
        self.output = nn.Linear(width, config.d_model, bias=False)

    def forward(self, x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T C"]:
        """What each position reads of those up to it."""
        mixed = self.convolve(self.project(x).mT)[..., : x.shape[1]]
        query, key, value = rearrange(
            mixed, "b (qkv h d) t -> qkv b h t d", qkv=3, h=self.config.num_heads
        )
        read = self.mix(query, key, value, x)
        return self.output(rearrange(read, "b h t d -> b t (h d)"))

    @abstractmethod
    def mix(
        self,
        query: Float[Tensor, "B H T D"],
        key: Float[Tensor, "B H T D"],
        value: Float[Tensor, "B H T D"],
        x: Float[Tensor, "B T C"],
    ) -> Float[Tensor, "B H T D"]:
        """The operation.

        Args:
            query: what each position asks.
            key: what it answers to.
            value: what is read there.
            x: what came in, for gates.
        """

    @abstractmethod
    def memory(self, length: int) -> int:
        """How many numbers the operation needs to go on after so many positions."""

    def state_size(self, length: int) -> int:
        """How many numbers decoding has to keep after so many positions, convolution included."""
        c = self.config
        return (c.kernel - 1) * 3 * c.num_heads * c.d_head + self.memory(length)


class FullAttention(Mixer):
    """Softmax attention to all positions so far."""

    def mix(self, query: Tensor, key: Tensor, value: Tensor, x: Tensor) -> Tensor:
        """See `Mixer.mix`."""
        mask = causal_mask(x.shape[1], device=x.device)[None, None]
        return scaled_dot_product_attention(query, key, value, mask)[0]

    def memory(self, length: int) -> int:
        """All keys and values."""
        return length * 2 * self.config.num_heads * self.config.d_head


class WindowAttention(Mixer):
    """Softmax attention to the nearest positions. Beltagy, Peters and Cohan (2020)."""

    def mix(self, query: Tensor, key: Tensor, value: Tensor, x: Tensor) -> Tensor:
        """See `Mixer.mix`."""
        window = self.config.window
        return sliding_window_attention(query, key, value, window=window, causal=True)

    def memory(self, length: int) -> int:
        """The keys and values of the window."""
        seen = min(length, self.config.window)
        return seen * 2 * self.config.num_heads * self.config.d_head


class GlobalAttention(Mixer):
    """Softmax attention to the nearest blocks, and to the first ones, which all see.

    What is left of BigBird (Zaheer et al. 2020) when it is causal and its state is to stay small:
    the global tokens can't read what comes later, and random blocks could be any.
    """

    def mix(self, query: Tensor, key: Tensor, value: Tensor, x: Tensor) -> Tensor:
        """See `Mixer.mix`."""
        c = self.config
        layout = bigbird_layout(
            math.ceil(x.shape[1] / c.block),
            window=c.near_blocks,
            num_global=c.global_blocks,
            num_random=0,
            causal=True,
        )
        return block_sparse_attention(query, key, value, layout, block=c.block, causal=True)

    def memory(self, length: int) -> int:
        """The keys and values of the first blocks and of the near ones."""
        seen = min(
            length, self.config.block * (self.config.near_blocks + self.config.global_blocks)
        )
        return seen * 2 * self.config.num_heads * self.config.d_head


class LinearAttention(Mixer):
    """Attention with the features elu + 1 in place of the softmax. Katharopoulos et al. (2020)."""

    def mix(self, query: Tensor, key: Tensor, value: Tensor, x: Tensor) -> Tensor:
        """See `Mixer.mix`."""
        q, k = elu_features(query), elu_features(key)
        return linear_attention(q, k, value, causal=True, chunk=self.config.chunk)

    def memory(self, length: int) -> int:
        """The sums of key ⊗ value and of keys."""
        return self.config.num_heads * self.config.d_head * (self.config.d_head + 1)


class PerformerAttention(Mixer):
    """Linear attention with random features that estimate the softmax. Choromanski et al. (2021).

    The directions are drawn once and stay.
    """

    projection: Tensor

    def __init__(self, config: MixerConfig):
        super().__init__(config)
        source = torch.Generator().manual_seed(int(torch.randint(2**31, ())))
        projection = orthogonal_projection(config.num_features, config.d_head, generator=source)
        self.register_buffer("projection", projection.to(torch.get_default_dtype()))

    def mix(self, query: Tensor, key: Tensor, value: Tensor, x: Tensor) -> Tensor:
        """See `Mixer.mix`."""
        q = positive_features(query, self.projection, over=(-1,))
        k = positive_features(key, self.projection)
        return linear_attention(q, k, value, causal=True, chunk=self.config.chunk)

    def memory(self, length: int) -> int:
        """The sums of features ⊗ value and of features."""
        return self.config.num_heads * self.config.num_features * (self.config.d_head + 1)


class GatedLinearAttention(Mixer):
    """Linear attention that forgets by a gate. Dao and Gu (2024), Yang et al. (2024).

    Queries and keys have length one, and what is read is brought to a common size (RMS norm).
    """

    def __init__(self, config: MixerConfig):
        super().__init__(config)
        self.decay = nn.Linear(config.d_model, config.num_heads)
        self.norm = nn.RMSNorm(config.d_head)
        nn.init.zeros_(self.decay.weight)
        forget = torch.logspace(math.log10(SLOWEST), math.log10(FASTEST), config.num_heads)
        with torch.no_grad():
            self.decay.bias.copy_(forget.expm1().log())  # the inverse of softplus

    def mix(self, query: Tensor, key: Tensor, value: Tensor, x: Tensor) -> Tensor:
        """See `Mixer.mix`."""
        q, k = F.normalize(query, dim=-1), F.normalize(key, dim=-1)
        return self.norm(self.recur(q, k, value, -F.softplus(self.decay(x)).mT, x))

    def recur(
        self, query: Tensor, key: Tensor, value: Tensor, log_decay: Tensor, x: Tensor
    ) -> Tensor:
        """The recurrence itself, of unit queries and keys."""
        return gated_linear_attention(query, key, value, log_decay, chunk=self.config.chunk)

    def memory(self, length: int) -> int:
        """The sum of key ⊗ value."""
        return self.config.num_heads * self.config.d_head**2


class GatedDelta(GatedLinearAttention):
    """The gated delta rule, which overwrites what it holds under a key. Yang et al. (2025)."""

    def __init__(self, config: MixerConfig):
        super().__init__(config)
        self.strength = nn.Linear(config.d_model, config.num_heads)

    def recur(
        self, query: Tensor, key: Tensor, value: Tensor, log_decay: Tensor, x: Tensor
    ) -> Tensor:
        """See `GatedLinearAttention.recur`."""
        beta = self.strength(x).sigmoid().mT
        return gated_delta_rule(query, key, value, log_decay, beta, chunk=self.config.chunk)


MIXERS: dict[str, type[Mixer]] = {
    "full": FullAttention,
    "window": WindowAttention,
    "global": GlobalAttention,
    "linear": LinearAttention,
    "performer": PerformerAttention,
    "gated": GatedLinearAttention,
    "delta": GatedDelta,
}
