"""Ways to turn dot products into scores, and where queries and keys come from (chapter 7).

The ways:

- `unscaled`: q·k
- `scaled`: q·k / √d_k. Vaswani et al. (2017), section 3.2.1
- `qk-norm`: the cosine of q and k times a learnt gain. Henry et al. (2020), "Query-Key
  Normalization for Transformers"; the gain begins at log2(L² − L) for L keys, as theirs does
- `small`: q·k, but the weights that make q and k begin smaller by d_k^(1/4) each, so that the
  scores begin as if they were scaled and nothing scales them later

The sources of queries and keys that nothing has learnt:

- `unit`: every component from N(0, 1), the textbook's assumption
- `xavier`: W x for x of unit variance, W as `course.nn.stack.initialise` draws it
- `linear`: W x, W as PyTorch's `nn.Linear` draws it when it is left alone
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from course.nn.layer_config import LayerConfig
from course.nn.stack import initialise
from course.nn.transformer import MultiHeadAttention

Way = Literal["unscaled", "scaled", "qk-norm", "small"]
Source = Literal["unit", "xavier", "linear"]
SATURATED = 0.99
"""A query whose largest weight is above this one reads a single key and hardly learns."""
STUCK = 0.01
"""A query is stuck if its scores get less than this share of the gradient under equal weights."""


class Scores(nn.Module):
    """Scores from dot products.

    Args:
        way: See the module.
        keys: How many keys there are, from which the gain of `qk-norm` begins.
    """

    def __init__(self, way: Way, keys: int):
        super().__init__()
        self.way = way
        start = torch.tensor(math.log2(keys**2 - keys))
        self.gain = nn.Parameter(start) if way == "qk-norm" else None

    def forward(
        self, dots: Float[Tensor, "B S"], lengths: Float[Tensor, "B S"], width: int
    ) -> Float[Tensor, "B S"]:
        """The scores.

        Args:
            dots: q·k of each query and each of its keys.
            lengths: |q| |k|.
            width: d_k.
        """
        if self.gain is not None:
            return self.gain * dots / lengths
        return dots * width**-0.5 if self.way == "scaled" else dots


def untrained(
    source: Source, *, queries: int, keys: int, width: int, d_model: int, seed: int
) -> tuple[Float[Tensor, "B K"], Float[Tensor, "B S K"]]:
    """Draws queries, each with keys of its own.

    For `xavier` and `linear` they are those of all heads of a new `MultiHeadAttention`: a position
    asks all positions of its sequence, itself among them.

    Args:
        source: See the module.
        queries: B, how many; for `xavier` and `linear` at least as many as there are heads.
        keys: S, how many keys a query has.
        width: K, the width of a head.
        d_model: What all heads have together.
        seed: Of weights and inputs.
    """
    torch.manual_seed(seed)
    if source == "unit":
        return torch.randn(queries, width), torch.randn(queries, keys, width)
    heads = d_model // width
    attention = MultiHeadAttention(LayerConfig(d_model=d_model, num_heads=heads))
    if source == "xavier":
        initialise(attention)
    x = torch.randn(max(queries // heads, 1), keys, d_model)
    with torch.no_grad():
        asked, known = attention.query(x[:, 0]), attention.key(x)
    return (
        rearrange(asked, "b (h k) -> (b h) k", h=heads),
        rearrange(known, "b s (h k) -> (b h) s k", h=heads),
    )


class Softness(NamedTuple):
    """How soft weights are, averaged over queries.

    Attributes:
        entropy: Of the weights, as a share of that of equal weights.
        saturated: The share of queries with a weight above `SATURATED`.
        gradient: The mean length of the gradient that reaches the scores, as a multiple of that
            under equal weights, when the read values are what is to change.
        stuck: The share of queries for which that is below `STUCK`.
    """

    entropy: float
    saturated: float
    gradient: float
    stuck: float


def softness(scores: Float[Tensor, "B S"], source: torch.Generator) -> Softness:
    """Measures how soft the weights are that scores become.

    Each key holds a random number; the gradient is that of the number read.

    Args:
        scores: Of each query's keys.
        source: Of the numbers.
    """
    numbers = torch.randn(scores.shape, generator=source)
    lengths = _gradients(scores.detach(), numbers)
    equal = _gradients(torch.zeros_like(scores), numbers).mean()
    weights = scores.detach().softmax(1)
    entropies = torch.special.entr(weights).sum(1) / math.log(scores.shape[1])
    return Softness(
        entropy=float(entropies.mean()),
        saturated=float((weights.amax(1) > SATURATED).float().mean()),
        gradient=float(lengths.mean() / equal),
        stuck=float((lengths < STUCK * equal).float().mean()),
    )


def _gradients(scores: Tensor, numbers: Tensor) -> Tensor:
    """The length of each query's gradient with respect to its scores, (B,)."""
    scores = scores.requires_grad_()
    read = (scores.softmax(1) * numbers).sum()
    return torch.autograd.grad(read, scores)[0].norm(dim=1)
