"""The attentions whose cost C18 measures, alone and in a whole layer (chapter 10).

All are causal but `low-rank`, which can't be. So that they can be compared, each position reads 256
of whatever a kind reads: the nearest positions, four blocks, rows that stand for all keys, random
features. The recurrent kinds keep a state of 64 × 64 numbers a head.

- `plain`: softmax attention with all scores stored
- `fused`: the same by PyTorch's kernel, which stores none (FlashAttention on a GPU that has it)
- `window`, `bigbird`, `low-rank`, `performer`, `linear` (elu + 1), `gated`, `delta`
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from course.ops.attention import scaled_dot_product_attention
from course.ops.efficient import costs
from course.ops.efficient.delta import gated_delta_rule
from course.ops.efficient.linear import elu_features, gated_linear_attention, linear_attention
from course.ops.efficient.low_rank import low_rank_attention
from course.ops.efficient.patterns import Layout, bigbird_layout
from course.ops.efficient.random_features import orthogonal_projection, positive_features
from course.ops.efficient.sparse import block_sparse_attention, sliding_window_attention
from course.ops.masks import causal_mask
from course.runtime import generator

HEADS, WIDTH, D_FF = 4, 64, 1024
REACH, BLOCK, CHUNK = 256, 64, 64
KINDS = (
    "plain",
    "fused",
    "window",
    "bigbird",
    "low-rank",
    "performer",
    "linear",
    "gated",
    "delta",
)

Heads = Float[Tensor, "B H T D"]
Gates = Float[Tensor, "B H T"]
Operation = Callable[[Heads, Heads, Heads, Gates, Gates], Heads]
"""Reads, from query, key, value, log decay and strength; most kinds don't use the last two."""


@cache
def layout(length: int) -> Layout:
    """Returns the blocks that `bigbird` sees: its own, the one before, the first, one at random.

    Args:
        length: Of the sequence.
    """
    return bigbird_layout(
        -(-length // BLOCK),
        window=2,
        num_global=1,
        num_random=REACH // BLOCK - 3,
        causal=True,
        generator=generator(1, "c18", "layout", length),
    )


def operation(kind: str, length: int, like: Tensor) -> Operation:
    """Returns an attention; what it draws or lays out beforehand is drawn here.

    Args:
        kind: One of `KINDS`.
        length: Of the sequences that it will read.
        like: Has their device and type.
    """
    if kind == "low-rank":
        rows = torch.randn(1, min(REACH, length), length).to(like) / length**0.5
        return lambda q, k, v, decay, beta: low_rank_attention(q, k, v, rows, rows)
    if kind == "performer":
        drawn = orthogonal_projection(REACH, WIDTH, generator=generator(1, "c18")).to(like)
        return lambda q, k, v, decay, beta: linear_attention(
            positive_features(q, drawn), positive_features(k, drawn), v, causal=True, chunk=CHUNK
        )
    if kind == "bigbird":
        seen = layout(length)
        return lambda q, k, v, decay, beta: block_sparse_attention(
            q, k, v, seen, block=BLOCK, causal=True
        )
    return _OPERATIONS[kind]


def _plain(q: Tensor, k: Tensor, v: Tensor, decay: Tensor, beta: Tensor) -> Tensor:
    mask = causal_mask(q.shape[2], device=q.device)[None, None]
    return scaled_dot_product_attention(q, k, v, mask, return_weights=True)[0]


_OPERATIONS: dict[str, Operation] = {
    "plain": _plain,
    "fused": lambda q, k, v, decay, beta: F.scaled_dot_product_attention(q, k, v, is_causal=True),
    "window": lambda q, k, v, decay, beta: sliding_window_attention(
        q, k, v, window=REACH, causal=True
    ),
    "linear": lambda q, k, v, decay, beta: linear_attention(
        elu_features(q), elu_features(k), v, causal=True, chunk=CHUNK
    ),
    "gated": lambda q, k, v, decay, beta: gated_linear_attention(q, k, v, decay, chunk=CHUNK),
    "delta": lambda q, k, v, decay, beta: gated_delta_rule(q, k, v, decay, beta, chunk=CHUNK),
}


def cost(kind: str, length: int) -> costs.AttentionCost:
    """Returns the exact counts of an attention; fused, in tiles of 64 × 64.

    Args:
        kind: One of `KINDS`.
        length: Of the sequence.
    """
    sizes = costs.Sizes(length=length, heads=HEADS, d_key=WIDTH, d_value=WIDTH)
    known: dict[str, Callable[[], costs.AttentionCost]] = {
        "plain": lambda: costs.full_cost(sizes),
        "fused": lambda: costs.tiled_cost(sizes, block=BLOCK, causal=True),
        "window": lambda: costs.sliding_window_cost(sizes, window=REACH, causal=True),
        "bigbird": lambda: costs.block_sparse_cost(sizes, layout(length), block=BLOCK),
        "low-rank": lambda: costs.low_rank_cost(sizes, rank=min(REACH, length)),
        "performer": lambda: costs.linear_cost(sizes, causal=True, chunk=CHUNK, features=REACH),
        "linear": lambda: costs.linear_cost(sizes, causal=True, chunk=CHUNK),
        "gated": lambda: costs.gated_linear_cost(sizes, chunk=CHUNK),
        "delta": lambda: costs.gated_delta_cost(sizes, chunk=CHUNK),
    }
    return known[kind]()


class Layer(nn.Module):
    """A whole layer around an attention: norms, projections, gates, feed-forward network."""

    def __init__(self, read: Operation):
        super().__init__()
        width = HEADS * WIDTH
        self.read = read
        self.norm, self.feed_norm = nn.RMSNorm(width), nn.RMSNorm(width)
        self.project = nn.Linear(width, 3 * width, bias=False)
        self.gates = nn.Linear(width, 2 * HEADS)
        self.output = nn.Linear(width, width, bias=False)
        self.feed = nn.Sequential(nn.Linear(width, D_FF), nn.GELU(), nn.Linear(D_FF, width))

    def forward(self, x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T C"]:
        """What goes on."""
        normed = self.norm(x)
        q, k, v = rearrange(self.project(normed), "b t (qkv h d) -> qkv b h t d", qkv=3, h=HEADS)
        decay, beta = rearrange(self.gates(normed), "b t (two h) -> two b h t", two=2)
        read = self.read(q, F.normalize(k, dim=-1), v, F.logsigmoid(decay), beta.sigmoid())
        x = x + self.output(rearrange(read, "b h t d -> b t (h d)"))
        return x + self.feed(self.feed_norm(x))
