"""The slow loops that define what the fast operations must equal, forward and gradient.

They are written one position at a time, as the papers' equations read, and are used by tests and
by chapters that derive an operation before importing it.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def additive_attention(
    query: Float[Tensor, "B T A"],
    keys: Float[Tensor, "B S A"],
    values: Float[Tensor, "B S D"],
    v: Float[Tensor, " A"],
    mask: Bool[Tensor, "B S"],
) -> tuple[Float[Tensor, "B T D"], Float[Tensor, "B T S"]]:
    """Additive attention, one score at a time. Bahdanau, Cho and Bengio (2015), section 3.1."""
    outputs, all_weights = [], []
    for b in range(query.shape[0]):
        real = [s for s in range(keys.shape[1]) if mask[b, s]]
        for t in range(query.shape[1]):
            scores = torch.stack([v @ torch.tanh(query[b, t] + keys[b, s]) for s in real])
            weights = scores.exp() / scores.exp().sum()
            outputs.append(sum(w * values[b, s] for w, s in zip(weights, real, strict=True)))
            row = torch.zeros_like(keys[b, :, 0])
            all_weights.append(row.index_put((torch.tensor(real, device=row.device),), weights))
    shape = query.shape[:2]
    return torch.stack(outputs).unflatten(0, shape), torch.stack(all_weights).unflatten(0, shape)
