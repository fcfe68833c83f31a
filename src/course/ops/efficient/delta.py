r"""The gated delta rule: a state that is corrected rather than added to (chapter 10).

Linear attention only ever adds. When a key comes again with another value, both are read back
mixed. The delta rule first reads what the state holds under the key, and writes the difference:
with unit keys and β = 1, a key's new value takes the place of its old one.

Axes: B sentences, H heads, T positions, N chunks, C positions of a chunk, D width of a query and
key, E width of a value.
"""

import torch
from einops import einsum
from jaxtyping import Float
from torch import Tensor

from course.ops.efficient.chunks import decay_between, in_chunks, joined


def gated_delta_rule(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H T D"],
    value: Float[Tensor, "B H T E"],
    log_decay: Float[Tensor, "B H T"],
    beta: Float[Tensor, "B H T"],
    *,
    chunk: int = 64,
) -> Float[Tensor, "B H T E"]:
    r"""Read by $q_t$ from $S_t = α_t (I - β_t k_t k_t^\top) S_{t-1} + β_t k_t v_t^\top$, causal.

    Yang, Kautz and Hatamizadeh (2025), "Gated Delta Networks", section 3; with a decay of one it is
    the delta rule of Yang et al. (2024), "Parallelizing Linear Transformers with the Delta Rule".
    (Their S is ours, transposed.)

    In chunks: the step is $S_t = α_t S_{t-1} + k_t u_t^\top$ with the correction $u_t = β_t (v_t -
    α_t S_{t-1}^\top k_t)$. Within a chunk that begins with S, where γ is the product of decays
    since its start, a correction depends on those before it,
    $u_i + β_i \sum_{j<i} \frac{γ_i}{γ_j} (k_i^\top k_j) u_j = β_i v_i - β_i γ_i S^\top k_i$:
    a triangular system. Both parts of its right side are solved for all chunks at once, before
    any S is known (the "UT transform"); only S itself goes from chunk to chunk.

    Args:
        query: what each position asks; scaled by the caller if at all.
        key: of unit length, or the state may grow without bound.
        value: what the state shall answer to the key.
        log_decay: log α, at most 0.
        beta: how much of the difference is written, from 0 to 1 (up to 2 the state stays bounded).
        chunk: how many positions are solved together.
    """
    q, k, v = (in_chunks(x, chunk) for x in (query, key, value))
    decay, strength = (in_chunks(x[..., None], chunk) for x in (log_decay, beta))
    between, since_start = decay_between(decay[..., 0]), decay.cumsum(-2).exp()
    overlap = between * einsum(k, k, "b h n i d, b h n j d -> b h n i j")
    wanted, erased = _solve(strength * overlap, strength * v, strength * since_start * k)
    kept = between[..., -1, :, None] * k  # what is left of each key at the end of its chunk
    before, corrections = _corrected(kept, wanted, erased, since_start[..., -1, 0])
    scores = between * einsum(q, k, "b h n i d, b h n j d -> b h n i j")
    read = einsum(scores, corrections, "b h n i j, b h n j e -> b h n i e")
    found = einsum(since_start * q, before, "b h n i d, b h n d e -> b h n i e")
    return joined(read + found, query.shape[2])


def _solve(below: Tensor, *sides: Tensor) -> list[Tensor]:
    """X of (I + the part of `below` under the diagonal) X = side, for each of the sides."""
    exact = torch.promote_types(below.dtype, torch.float32)  # no solver for half precision
    solved = torch.linalg.solve_triangular(
        below.to(exact), torch.cat(sides, -1).to(exact), upper=False, unitriangular=True
    )
    return list(solved.to(sides[0].dtype).split([side.shape[-1] for side in sides], -1))


def _corrected(
    kept: Tensor, wanted: Tensor, erased: Tensor, decay: Tensor
) -> tuple[Tensor, Tensor]:
    """The state before each chunk, and the corrections that each chunk writes."""
    state = torch.zeros_like(kept[:, :, 0, 0, :, None] * wanted[:, :, 0, 0, None])  # (B, H, D, E)
    states, corrections = [], []
    for n in range(kept.shape[2]):
        states.append(state)
        held = einsum(erased[:, :, n], state, "b h i d, b h d e -> b h i e")
        corrections.append(wanted[:, :, n] - held)
        written = einsum(kept[:, :, n], corrections[-1], "b h i d, b h i e -> b h d e")
        state = decay[:, :, n, None, None] * state + written
    return torch.stack(states, 2), torch.stack(corrections, 2)


def gated_delta_step(
    query: Float[Tensor, "B H D"],
    key: Float[Tensor, "B H D"],
    value: Float[Tensor, "B H E"],
    log_decay: Float[Tensor, "B H"],
    beta: Float[Tensor, "B H"],
    state: Float[Tensor, "B H D E"],
) -> tuple[Float[Tensor, "B H E"], Float[Tensor, "B H D E"]]:
    """One position of `gated_delta_rule`, and the state for the next; zeros at first."""
    state = log_decay.exp()[..., None, None] * state
    held = einsum(key, state, "b h d, b h d e -> b h e")
    correction = beta[..., None] * (value - held)
    state = state + einsum(key, correction, "b h d, b h e -> b h d e")
    return einsum(query, state, "b h d, b h d e -> b h e"), state
