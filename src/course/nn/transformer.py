"""What a Transformer is made of: heads, feed-forward network, norms, layer (chapters 7 and 8).

Axes: B sentences, T positions that ask, S positions that are read, D width of the residual stream,
H heads, K width of a head, F width of the feed-forward network.
"""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.nn.layer_config import LayerConfig
from course.ops.attention import scaled_dot_product_attention
from course.ops.positions import rotate

KeysValues = tuple[Tensor, Tensor]
"""What a position can be found by and what is read there, each (B, H, S, K)."""

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_new": partial(F.gelu, approximate="tanh"),
    "silu": F.silu,
}


class MultiHeadAttention(nn.Module):
    r"""H attentions side by side, each with its own view of queries, keys and values.

    $\text{head}_i = \text{Attention}(Q W^Q_i, K W^K_i, V W^V_i)$, and the output is
    $\text{Concat}(\text{head}_1, …) W^O$. Vaswani et al. (2017), section 3.2.2.
    """

    def __init__(self, config: LayerConfig):
        super().__init__()
        width = config.num_heads * config.head_width
        self.num_heads = config.num_heads
        self.scale = None if config.scale_scores else 1.0
        self.query = nn.Linear(config.d_model, width, bias=config.bias)
        self.key = nn.Linear(config.d_model, width, bias=config.bias)
        self.value = nn.Linear(config.d_model, width, bias=config.bias)
        self.output = nn.Linear(width, config.d_model, bias=config.bias)

    def keys_values(
        self, x: Float[Tensor, "B S D"], rotary: Float[Tensor, " S"] | None = None
    ) -> KeysValues:
        """Keys and values of positions that may be read; they can be kept for later queries.

        Args:
            x: what stands there.
            rotary: for rotary positions, where that is.
        """
        keys, values = self._heads(self.key(x)), self._heads(self.value(x))
        return keys if rotary is None else rotate(keys, rotary), values

    def forward(
        self,
        x: Float[Tensor, "B T D"],
        keys_values: KeysValues,
        mask: Bool[Tensor, "#B #H #T S"] | None = None,
        *,
        bias: Float[Tensor, "#B #H T S"] | None = None,
        rotary: Float[Tensor, " T"] | None = None,
        return_weights: bool = False,
    ) -> tuple[Float[Tensor, "B T D"], Float[Tensor, "B H T S"] | None]:
        """Ask with x; see `course.ops.attention.scaled_dot_product_attention`."""
        queries = self._heads(self.query(x))
        queries = queries if rotary is None else rotate(queries, rotary)
        read, weights = scaled_dot_product_attention(
            queries, *keys_values, mask, bias=bias, scale=self.scale, return_weights=return_weights
        )
        return self.output(rearrange(read, "b h t k -> b t (h k)")), weights

    def _heads(self, x: Float[Tensor, "B S D"]) -> Float[Tensor, "B H S K"]:
        return rearrange(x, "b s (h k) -> b h s k", h=self.num_heads)


class FeedForward(nn.Module):
    r"""The same small network at every position: $f(x W_1)\,W_2$.

    Gated, it is $(f(x W_1) ⊙ x V)\,W_2$.

    Vaswani et al. (2017), section 3.3; the gate is from Shazeer (2020), "GLU variants improve
    Transformer", equation 6.
    """

    def __init__(self, config: LayerConfig):
        super().__init__()
        self.activation = ACTIVATIONS[config.activation]
        self.hidden = nn.Linear(config.d_model, config.d_ff, bias=config.bias)
        self.gate = nn.Linear(config.d_model, config.d_ff, bias=False) if config.gated else None
        self.output = nn.Linear(config.d_ff, config.d_model, bias=config.bias)

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        """See the class."""
        hidden = self.activation(self.hidden(x))  # (B, T, F)
        return self.output(hidden if self.gate is None else hidden * self.gate(x))


def make_norm(config: LayerConfig) -> nn.Module:
    """LayerNorm, Ba et al. (2016), or RMSNorm, Zhang and Sennrich (2019)."""
    kind = nn.LayerNorm if config.norm == "layer" else nn.RMSNorm
    return kind(config.d_model, eps=config.norm_eps)


class Residual(nn.Module):
    """The residual connection around a sublayer, and where its norm goes.

    Post-norm: norm(x + sublayer(x)), Vaswani et al. (2017), section 3.1. Pre-norm:
    x + sublayer(norm(x)), so that a path without norms leads through all layers: Xiong et al.
    (2020), section 3.
    """

    def __init__(self, config: LayerConfig):
        super().__init__()
        self.norm, self.norm_first = make_norm(config), config.norm_first
        self.dropout = nn.Dropout(config.dropout)

    def enter(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        """What the sublayer reads."""
        return self.norm(x) if self.norm_first else x

    def leave(
        self, x: Float[Tensor, "B T D"], written: Float[Tensor, "B T D"]
    ) -> Float[Tensor, "B T D"]:
        """What goes on, from what came in and what the sublayer wrote."""
        x = x + self.dropout(written)
        return x if self.norm_first else self.norm(x)


class Layer(nn.Module):
    """Self-attention, attention to a memory (in the decoder of an encoder–decoder), feed-forward.

    Vaswani et al. (2017), section 3.1 and figure 1.
    """

    def __init__(self, config: LayerConfig, *, reads_memory: bool):
        super().__init__()
        self.self_attention, self.self_residual = MultiHeadAttention(config), Residual(config)
        self.cross_attention = MultiHeadAttention(config) if reads_memory else None
        self.cross_residual = Residual(config) if reads_memory else None
        self.feed_forward, self.feed_forward_residual = FeedForward(config), Residual(config)

    def forward(
        self,
        x: Float[Tensor, "B T D"],
        memory: KeysValues | None,
        *,
        past: KeysValues | None,
        mask: Bool[Tensor, "#B #H #T P"] | None,
        memory_mask: Bool[Tensor, "#B #H #T S"] | None,
        bias: Float[Tensor, "#B #H T P"] | None,
        rotary: Float[Tensor, " T"] | None,
        return_weights: bool,
    ) -> tuple[Float[Tensor, "B T D"], KeysValues, Float[Tensor, "B H T S"] | None]:
        """Run the layer at T new positions.

        Args:
            x: what comes in.
            memory: keys and values of the source.
            past: keys and values of the earlier positions, from earlier calls.
            mask: which of the P positions, earlier and new, may be attended to.
            memory_mask: which source positions may.
            bias: on the scores of self-attention.
            rotary: the new positions, if they are rotary.
            return_weights: whether to return the weights over the source.

        Returns:
            What goes on, the keys and values of all P positions, and the weights.
        """
        asking = self.self_residual.enter(x)
        known = _append(past, self.self_attention.keys_values(asking, rotary))
        written, _ = self.self_attention(asking, known, mask, bias=bias, rotary=rotary)
        x = self.self_residual.leave(x, written)
        weights = None
        if self.cross_attention is not None and self.cross_residual is not None:
            written, weights = self.cross_attention(
                self.cross_residual.enter(x), memory, memory_mask, return_weights=return_weights
            )
            x = self.cross_residual.leave(x, written)
        written = self.feed_forward(self.feed_forward_residual.enter(x))
        return self.feed_forward_residual.leave(x, written), known, weights


def _append(past: KeysValues | None, new: KeysValues) -> KeysValues:
    """Put new positions behind the earlier ones."""
    if past is None:
        return new
    return torch.cat([past[0], new[0]], 2), torch.cat([past[1], new[1]], 2)
