"""The slow loops of `course.ops.efficient`: one position, or one pair of positions, at a time."""

import itertools
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from course.ops.reference import dot


def sparse_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H S D"],
    value: Float[Tensor, "B H S E"],
    sees: Callable[[int, int], bool],
    scale: float,
) -> Float[Tensor, "B H T E"]:
    """Softmax attention of each query over the keys that it sees, one score at a time."""
    rows = []
    for b, h, t in itertools.product(*map(range, query.shape[:3])):
        seen = [s for s in range(key.shape[2]) if sees(t, s)]
        parts = [(scale * dot(query[b, h, t], key[b, h, s])).exp() for s in seen]
        rows.append(sum(p * value[b, h, s] for p, s in zip(parts, seen, strict=True)) / sum(parts))
    return torch.stack(rows).unflatten(0, query.shape[:3])


def linear_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H S D"],
    value: Float[Tensor, "B H S E"],
    causal: bool,
) -> Float[Tensor, "B H T E"]:
    """One pair of positions at a time. Katharopoulos et al. (2020), equation 4."""
    rows = []
    for b, h, t in itertools.product(*map(range, query.shape[:3])):
        seen = range(t + 1) if causal else range(key.shape[2])
        weights = [dot(query[b, h, t], key[b, h, s]) for s in seen]
        read = sum(w * value[b, h, s] for w, s in zip(weights, seen, strict=True))
        rows.append(read / torch.stack(weights).sum())
    return torch.stack(rows).unflatten(0, query.shape[:3])


def gated_delta_rule(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H T D"],
    value: Float[Tensor, "B H T E"],
    log_decay: Float[Tensor, "B H T"],
    beta: Float[Tensor, "B H T"],
) -> Float[Tensor, "B H T E"]:
    """One state after the other. Yang, Kautz and Hatamizadeh (2025), section 3."""
    same = torch.eye(key.shape[3], dtype=key.dtype, device=key.device)
    rows = []
    for b, h in itertools.product(*map(range, query.shape[:2])):
        state = value.new_zeros(value.shape[3], key.shape[3])
        for t in range(query.shape[2]):
            k, v, strength = key[b, h, t], value[b, h, t], beta[b, h, t]
            state = log_decay[b, h, t].exp() * state @ (same - strength * torch.outer(k, k))
            state = state + strength * torch.outer(v, k)
            rows.append(state @ query[b, h, t])
    return torch.stack(rows).unflatten(0, query.shape[:3])


def gated_linear_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H T D"],
    value: Float[Tensor, "B H T E"],
    log_decay: Float[Tensor, "B H T"],
) -> Float[Tensor, "B H T E"]:
    """One state after the other. Dao and Gu (2024), with one decay per head."""
    rows = []
    for b, h in itertools.product(*map(range, query.shape[:2])):
        state = value.new_zeros(key.shape[3], value.shape[3])
        for t in range(query.shape[2]):
            state = log_decay[b, h, t].exp() * state + torch.outer(key[b, h, t], value[b, h, t])
            rows.append(query[b, h, t] @ state)
    return torch.stack(rows).unflatten(0, query.shape[:3])
