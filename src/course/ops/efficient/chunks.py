"""Sequences cut into chunks: the parts that linear-time attention is made of (chapter 10).

Axes: B sentences, H heads, T positions, N chunks, C positions of a chunk, D, E widths.
"""

import torch
from jaxtyping import Float, Shaped
from torch import Tensor
from torch.nn.functional import pad


def in_chunks(x: Shaped[Tensor, "B H T D"], chunk: int) -> Shaped[Tensor, "B H N {chunk} D"]:
    """The sequence in pieces of `chunk` positions, zeros behind its end."""
    missing = -x.shape[2] % chunk
    return pad(x, (0, 0, 0, missing)).unflatten(2, (-1, chunk))


def joined(x: Float[Tensor, "B H N C D"], length: int) -> Float[Tensor, "B H {length} D"]:
    """The pieces one behind the other, without the zeros behind the end."""
    return x.flatten(2, 3)[:, :, :length]


def decay_between(log_decay: Float[Tensor, "*batch C"]) -> Float[Tensor, "*batch C C"]:
    r"""How much of what was written at position j is left at position i: $\prod_{m=j+1}^i α_m$.

    Zero above the diagonal. Each sum of logarithms is added up by itself rather than taken as the
    difference of two sums from the chunk's start: in float32 such a difference loses the small
    decays behind a large one, and with a decay of zero (a logarithm of -∞) it is NaN.

    Dao and Gu (2024), "Transformers are SSMs", listing 1, "segsum".

    Args:
        log_decay: log α at each position, at most 0.
    """
    size = log_decay.shape[-1]
    ones = torch.ones(size, size, dtype=torch.bool, device=log_decay.device)
    factors = log_decay[..., None].expand(*log_decay.shape, size)  # [m, j]: log α of position m
    sums = torch.where(ones.tril(-1), factors, torch.zeros_like(factors)).cumsum(-2)
    return sums.masked_fill(~ones.tril(), -torch.inf).exp()


def carried(
    decay: Float[Tensor, "B H N"], written: Float[Tensor, "B H N D E"]
) -> Float[Tensor, "B H N D E"]:
    """The state that each chunk begins with: S' = decay · S + written, from zero, chunk by chunk.

    Args:
        decay: what a chunk leaves of the state that it found.
        written: what it adds.
    """
    state, states = torch.zeros_like(written[:, :, 0]), []
    for left, added in zip(decay.unbind(2), written.unbind(2), strict=True):
        states.append(state)
        state = left[..., None, None] * state + added
    return torch.stack(states, 2)
