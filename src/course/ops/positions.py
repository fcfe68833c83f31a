"""Where a token stands: added to its embedding, turned into it, or as a bias on scores (chapter 7).

Attention by itself sees a set. These functions give it order; `course.nn` says where each goes.

Features are paired as (i, i + D/2) throughout, as in the first Transformer's own code; the papers
write the pairs side by side, (2i, 2i + 1). One is the other with its features in another order,
which a layer that learns its weights cannot tell.

Axes: H heads, T queries, S keys, D width.
"""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor


def sinusoidal(positions: Float[Tensor, " T"], width: int) -> Float[Tensor, "T {width}"]:
    r"""Waves of ever longer period: $\sin(p/10000^{2i/D})$ for each i, then the cosines.

    Vaswani et al. (2017), section 3.5.

    Args:
        positions: p, counted from 0; the result has their type.
        width: D, an even number.
    """
    angles = _angles(positions, width)
    return torch.cat([angles.sin(), angles.cos()], -1)


def rotate(x: Float[Tensor, "B H T D"], positions: Float[Tensor, " T"]) -> Float[Tensor, "B H T D"]:
    r"""Rotary positions: turn each pair of features by the angle $p/10000^{2i/D}$.

    The dot product of a query turned by p and a key turned by p' depends on p - p' alone.

    Su et al. (2021), "RoFormer", section 3.2.2, equation 13; D is even.
    """
    angles = _angles(positions, x.shape[-1])
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)  # (T, D/2)
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, first * sin + second * cos], -1)


def _angles(positions: Float[Tensor, " T"], width: int) -> Float[Tensor, "T F"]:
    """One angle for each pair of features."""
    pairs = torch.arange(width // 2, dtype=positions.dtype, device=positions.device)
    return positions[:, None] * 10_000.0 ** (-2 * pairs / width)


def alibi_slopes(num_heads: int) -> list[float]:
    """How steeply each head forgets: 2^(-8/H), its square, and so on.

    Where H is no power of two, the slopes of the next smaller power, then every other one of the
    next greater: Press, Smith and Lewis (2022), "Train short, test long", section 3.
    """
    power = 2 ** math.floor(math.log2(num_heads))
    slopes = [2 ** (-8 * (h + 1) / power) for h in range(power)]
    between = [2 ** (-4 * (h + 1) / power) for h in range(0, 2 * power, 2)]
    return slopes + between[: num_heads - power]


def alibi(
    queries: Float[Tensor, " T"], keys: Float[Tensor, " S"], num_heads: int
) -> Float[Tensor, "{num_heads} T S"]:
    """ALiBi: a bias on scores that falls linearly with the distance of query and key.

    Symmetric, so that it serves an encoder too. Press, Smith and Lewis (2022), section 3.

    Args:
        queries: the positions of the queries; the result has their type.
        keys: the positions of the keys.
        num_heads: H; each head has its own slope.
    """
    slopes = queries.new_tensor(alibi_slopes(num_heads))
    return -slopes[:, None, None] * (queries[:, None] - keys).abs()


def relative_buckets(
    distances: Int[Tensor, "T S"],
    *,
    num_buckets: int,
    max_distance: int,
    both_ways: bool,
) -> Int[Tensor, "T S"]:
    """T5's buckets of distances, for each of which a head learns a bias.

    Half of the buckets are one distance each; the others grow logarithmically up to `max_distance`,
    and what is farther shares the last one. Raffel et al. (2020), section 2.1.

    Args:
        distances: position of the key minus that of the query.
        num_buckets: how many buckets in all.
        max_distance: from where on distances are not told apart.
        both_ways: whether keys behind the query have buckets of their own (half of them); if not,
            they share that of distance 0.
    """
    first = torch.zeros_like(distances)
    if both_ways:
        num_buckets //= 2
        first = (distances > 0) * num_buckets
        away = distances.abs()
    else:
        away = (-distances).clamp(min=0)
    exact = num_buckets // 2
    share = (away.clamp(min=exact) / exact).log() / math.log(max_distance / exact)
    coarse = (exact + (share * (num_buckets - exact)).long()).clamp(max=num_buckets - 1)
    return first + torch.where(away < exact, away, coarse)
