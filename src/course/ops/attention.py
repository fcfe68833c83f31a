"""Attention as pure functions: score, normalise under a mask, read (chapters 2, 5 and 6).

Axes: B sentences, T queries, S keys, D width of a state, A width of the hidden layer of a score.
"""

import torch
from einops import einsum
from jaxtyping import Bool, Float
from torch import Tensor


def additive_scores(
    query: Float[Tensor, "B T A"], keys: Float[Tensor, "B S A"], v: Float[Tensor, " A"]
) -> Float[Tensor, "B T S"]:
    r"""Additive scores $v^\top \tanh(q_t + k_s)$.

    `query` and `keys` are already projected ($W q$ and $U k$), so that the keys, which do not
    change while a sentence is decoded, are projected once.

    Bahdanau, Cho and Bengio (2015), section 3.1 and appendix A.1.2.
    """
    return torch.tanh(query[:, :, None] + keys[:, None]) @ v  # (B, T, S, A) @ (A,)


def dot_product_scores(
    query: Float[Tensor, "B T D"], keys: Float[Tensor, "B S D"]
) -> Float[Tensor, "B T S"]:
    r"""Dot-product scores $q_t^\top k_s$. Luong, Pham and Manning (2015), equation 8, "dot"."""
    return einsum(query, keys, "b t d, b s d -> b t s")


def window_mask(
    centres: Float[Tensor, "B T"], size: int, radius: int
) -> Bool[Tensor, "B T {size}"]:
    """True at the positions within `radius` of each query's centre; positions count from 1.

    Luong, Pham and Manning (2015), section 3.2: the window [p - D, p + D].
    """
    positions = torch.arange(1, size + 1, device=centres.device)
    return (positions - centres[:, :, None]).abs() <= radius


def gaussian_window(
    centres: Float[Tensor, "B T"], size: int, radius: int
) -> Float[Tensor, "B T {size}"]:
    r"""A bell $\exp(-(s - p)^2 / 2σ^2)$ around each centre, with σ = D / 2; positions count from 1.

    Luong, Pham and Manning (2015), equation 10. Through it the centres get a gradient.
    """
    positions = torch.arange(1, size + 1, device=centres.device)
    return torch.exp(-((positions - centres[:, :, None]) ** 2) / (2 * (radius / 2) ** 2))


def masked_softmax(
    scores: Float[Tensor, "*batch S"], mask: Bool[Tensor, "*#batch S"]
) -> Float[Tensor, "*batch S"]:
    """Softmax over the last axis among the positions where `mask` is True; zero elsewhere.

    The mask is applied *before* the softmax: zeroing weights afterwards would leave rows that do
    not sum to one. A row in which nothing may be attended to gets all zeros, never NaN.
    """
    weights = scores.masked_fill(~mask, -torch.inf).softmax(dim=-1)
    return torch.where(mask.any(dim=-1, keepdim=True), weights, torch.zeros_like(weights))


def weighted_read(
    weights: Float[Tensor, "B T S"], values: Float[Tensor, "B S D"]
) -> Float[Tensor, "B T D"]:
    """The context: for each query the average of the values under its weights.

    Bahdanau, Cho and Bengio (2015), equation 5.
    """
    return einsum(weights, values, "b t s, b s d -> b t d")
