"""Attention as pure functions: score, normalise under a mask, read (chapters 2, 5, 6 and 7).

Axes: B sentences, H heads, T queries, S keys, D width of a state or key, E width of a value, A
width of the hidden layer of a score.
"""

import math

import torch
import torch.nn.functional as F
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


def scaled_dot_product_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H S D"],
    value: Float[Tensor, "B H S E"],
    mask: Bool[Tensor, "#B #H #T S"] | None = None,
    *,
    bias: Float[Tensor, "#B #H T S"] | None = None,
    scale: float | None = None,
    return_weights: bool = False,
) -> tuple[Float[Tensor, "B H T E"], Float[Tensor, "B H T S"] | None]:
    r"""Read the values whose keys answer the query: $\text{softmax}(s\,QK^\top + b)\,V$.

    With `return_weights` it is computed as it is written; without, by PyTorch's fused kernel, which
    never stores the weights. Both give the same output and gradients. A query that may attend to
    nothing reads zeros (its weights are zeros too) and passes no gradient on.

    Vaswani et al. (2017), section 3.2.1, equation 1.

    Args:
        query: what each position asks.
        key: what each position answers to.
        value: what is read there.
        mask: True where a query may attend; by default everywhere.
        bias: b, added to the scaled scores, such as ALiBi's.
        scale: s, what dot products are multiplied by; by default 1/√D.
        return_weights: whether to return the weights, too.

    Returns:
        The output and, if asked for, the weights; otherwise None.
    """
    if scale is None:
        scale = 1 / math.sqrt(query.shape[-1])
    if not return_weights:
        return _fused(query, key, value, mask, bias, scale), None
    scores = scale * einsum(query, key, "b h t d, b h s d -> b h t s")
    if bias is not None:
        scores = scores + bias
    weights = scores.softmax(-1) if mask is None else masked_softmax(scores, mask)
    weights = weights.to(value.dtype)  # softmax may be computed more precisely than the values are
    return einsum(weights, value, "b h t s, b h s e -> b h t e"), weights


def _fused(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None,
    bias: Tensor | None,
    scale: float,
) -> Tensor:
    """The same by PyTorch's kernel, which does not define what a query without any key reads."""
    allowed = bias if bias is None else bias.to(query.dtype)
    if mask is None:
        return F.scaled_dot_product_attention(query, key, value, allowed, scale=scale)
    some = mask.any(-1, keepdim=True)
    shown = mask | ~some  # a query without any key gets all of them here, and zeros below
    allowed = shown if allowed is None else allowed.masked_fill(~shown, -torch.inf)
    output = F.scaled_dot_product_attention(query, key, value, allowed, scale=scale)
    return torch.where(some, output, torch.zeros_like(output))
