"""Queries, keys and values of a trained model, and what approximations make of them (chapter 10).

Axes: B texts, H heads, T positions, D width of a head.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor

from course.data import grammar
from course.models.transformer import Transformer
from course.nn.transformer import MultiHeadAttention
from course.ops.attention import masked_softmax
from course.ops.efficient.linear import elu_features
from course.ops.efficient.patterns import bigbird_layout, block_mask, sliding_window_mask
from course.ops.efficient.random_features import orthogonal_projection, positive_features
from course.zoo import Translator

BLOCK = 4
"""Positions in a block of `bigbird`."""


class Heads(NamedTuple):
    """What the heads of one layer compute with."""

    query: Float[Tensor, "B H T D"]
    key: Float[Tensor, "B H T D"]
    value: Float[Tensor, "B H T D"]

    @property
    def scores(self) -> Float[Tensor, "B H T T"]:
        """Scaled dot products."""
        return self.query @ self.key.mT / self.query.shape[-1] ** 0.5


def texts(
    translator: Translator, count: int, length: int, source: torch.Generator
) -> Int[Tensor, "B T"]:
    """Returns subwords of sentences of the grammar, put one behind the other, cut at a length.

    Args:
        translator: Has the subwords.
        count: B.
        length: T.
        source: For the sentences.
    """
    ids: list[int] = []
    while len(ids) < count * length:
        for example in grammar.sample(200, generator=source):
            ids += translator.tokenizer.encode(example.src + " ")
    return torch.tensor(ids[: count * length]).view(count, length)


@torch.no_grad()
def heads_of(model: Transformer, ids: Int[Tensor, "B T"]) -> list[Heads]:
    """Returns queries, keys and values of each layer of a Transformer's encoder.

    Args:
        model: The model.
        ids: What it reads; nothing is padded.
    """
    found: list[Heads] = []

    def note(module: MultiHeadAttention, inputs: tuple) -> None:
        asking, (keys, values), *_ = inputs
        queries = rearrange(module.query(asking), "b t (h k) -> b h t k", h=module.num_heads)
        found.append(Heads(queries, keys, values))

    modules = [m for m in model.encoder.modules() if isinstance(m, MultiHeadAttention)]
    hooks = [module.register_forward_pre_hook(note) for module in modules]
    try:
        model.encode(ids, torch.ones_like(ids, dtype=torch.bool))
    finally:
        for hook in hooks:
            hook.remove()
    return found


Weights = Callable[[Heads, int, torch.Generator], Float[Tensor, "B H T T"]]
"""What an approximation weighs the values with, from the heads, a budget and random numbers."""


def _masked(heads: Heads, budget: int, source: torch.Generator, *, kind: str) -> Tensor:
    length = heads.query.shape[2]
    if kind == "window":
        mask = sliding_window_mask(length, window=(budget + 1) // 2, causal=False)
    else:
        layout = bigbird_layout(
            -(-length // BLOCK),
            window=2,
            num_global=1,
            num_random=max(budget // BLOCK - 4, 0),
            causal=False,
            generator=source,
        )
        mask = block_mask(layout, length, block=BLOCK, causal=False)
    return masked_softmax(heads.scores, mask[None, None])


def _featured(heads: Heads, budget: int, source: torch.Generator) -> Tensor:
    q, k = heads.query, heads.key
    if budget:
        drawn = orthogonal_projection(budget, q.shape[-1], generator=source).to(q)
        q = positive_features(q, drawn, over=(-1,))
        k = positive_features(k, drawn, over=(-2, -1))
    else:
        q, k = elu_features(q), elu_features(k)
    products = q @ k.mT
    return products / products.sum(-1, keepdim=True)


def _mixed(heads: Heads, budget: int, source: torch.Generator, *, kind: str) -> Tensor:
    length = heads.query.shape[2]
    if kind == "projected":
        rows = torch.randn(budget, length, generator=source) / budget**0.5
    else:
        part = torch.arange(length) * budget // length == torch.arange(budget)[:, None]
        rows = part / part.sum(1, keepdim=True)
    keys = rows.to(heads.key) @ heads.key  # (B, H, R, D)
    scores = heads.query @ keys.mT / heads.query.shape[-1] ** 0.5
    return scores.softmax(-1) @ rows.to(heads.key)


def _best_rank(heads: Heads, budget: int, source: torch.Generator) -> Tensor:
    u, s, v = torch.linalg.svd(heads.scores.softmax(-1))
    return u[..., :budget] * s[..., None, :budget] @ v[..., :budget, :]


WEIGHTS: dict[str, Weights] = {
    "window": partial(_masked, kind="window"),
    "bigbird": partial(_masked, kind="bigbird"),
    "pooled": partial(_mixed, kind="pooled"),
    "projected": partial(_mixed, kind="projected"),
    "best-rank": _best_rank,
    "performer": _featured,
    "linear": _featured,
}


def errors(heads: Heads, weights: Float[Tensor, "B H T T"]) -> dict[str, Float[Tensor, "B H"]]:
    """Returns how far approximate weights are from the true ones, for each text and head.

    `error` and `weights` are relative distances of outputs and of matrices (Frobenius norms); `kl`
    is KL(approximate ‖ true), a mean over queries, given only where the weights are distributions.

    Args:
        heads: The true ones.
        weights: The approximate ones.
    """
    log_true = heads.scores.log_softmax(-1)
    true = log_true.exp()
    output = true @ heads.value
    found = {
        "error": _size(weights @ heads.value - output) / _size(output),
        "weights": _size(weights - true) / _size(true),
    }
    if (weights >= 0).all() and (weights.sum(-1) - 1).abs().max() < 1e-4:
        found["kl"] = (torch.xlogy(weights, weights) - weights * log_true).sum(-1).mean(-1)
    return found


def _size(x: Tensor) -> Tensor:
    return x.flatten(2).norm(dim=-1)
