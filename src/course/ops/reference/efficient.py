"""The slow loops of `course.ops.efficient`: one position, or one pair of positions, at a time."""

import itertools
import math
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


def grouped_query_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B G S D"],
    value: Float[Tensor, "B G S E"],
    sees: Callable[[int, int], bool],
    scale: float,
) -> Float[Tensor, "B H T E"]:
    """Each head with a copy of its group's keys and values. Ainslie et al. (2023), section 2.2."""
    heads = query.shape[1] // key.shape[1]
    copies = [h // heads for h in range(query.shape[1])]
    return sparse_attention(query, key[:, copies], value[:, copies], sees, scale)


def latent_attention(
    query: Float[Tensor, "B H T D"],
    latent: Float[Tensor, "B S R"],
    up_key: Float[Tensor, "H D R"],
    up_value: Float[Tensor, "H E R"],
    sees: Callable[[int, int], bool],
) -> Float[Tensor, "B H T E"]:
    """With keys and values made. DeepSeek-AI (2024), "DeepSeek-V2", equations 10 and 11."""
    heads = range(query.shape[1])
    key = torch.stack([latent @ up_key[h].mT for h in heads], 1)
    value = torch.stack([latent @ up_value[h].mT for h in heads], 1)
    return sparse_attention(query, key, value, sees, 1 / math.sqrt(query.shape[3]))


def low_rank_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H S D"],
    value: Float[Tensor, "B H S E"],
    key_projection: Float[Tensor, "H R S"],
    value_projection: Float[Tensor, "H R S"],
) -> Float[Tensor, "B H T E"]:
    """One mixture after the other. Wang et al. (2020), equation 7."""
    positions, mixtures = range(key.shape[2]), range(key_projection.shape[1])
    keys = torch.zeros_like(key[:, :, : len(mixtures)])
    values = torch.zeros_like(value[:, :, : len(mixtures)])
    for h, r, s in itertools.product(range(key.shape[1]), mixtures, positions):
        keys[:, h, r] += key_projection[h, r, s] * key[:, h, s]
        values[:, h, r] += value_projection[h, r, s] * value[:, h, s]
    scale = 1 / math.sqrt(query.shape[3])
    return sparse_attention(query, keys, values, lambda t, s: True, scale)


def positive_features(
    x: Float[Tensor, "T D"], projection: Float[Tensor, "m D"]
) -> Float[Tensor, "T m"]:
    """One feature at a time. Choromanski et al. (2021), lemma 1."""
    rows = []
    for row in x:
        scaled = row / math.sqrt(math.sqrt(len(row)))
        rows.append([(dot(w, scaled) - dot(scaled, scaled) / 2).exp() for w in projection])
    return torch.stack([torch.stack(row) for row in rows]) / math.sqrt(len(projection))
