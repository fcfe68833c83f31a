r"""Exact attention that never holds more than a block of scores (chapter 10).

Softmax seems to need a whole row of scores at once: for the largest, so that exp can't overflow,
and for the sum to divide by. It doesn't. Keep, of the keys read so far, the largest score m, the
sum l of exp(score - m), and the values' sum o under the same weights. If a later block has a larger
score m', everything summed so far is too large by exp(m' - m), and one factor puts it right.

Nothing is approximated, and no product is spared: what shrinks is the memory, from T·S scores to
one block of them. On a GPU that is also the speed, since the block stays on the chip.

Axes: B sentences, H heads, T queries, S keys, C keys of a block, D width of a query and key, E
width of a value.
"""

import math
from typing import NamedTuple

import torch
from einops import einsum
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable


class Running(NamedTuple):
    """What softmax attention has to remember of the keys that it has read.

    Attributes:
        largest: m, the largest score so far.
        total: l, the sum of exp(score - m).
        output: o, the values' sum under the weights exp(score - m), not divided yet.
    """

    largest: Float[Tensor, "..."]
    total: Float[Tensor, "..."]
    output: Float[Tensor, "... E"]


def online_softmax(
    running: Running,
    scores: Float[Tensor, "*batch C"],
    values: Float[Tensor, "*heads C E"],
) -> Running:
    """Read one more block of keys; `output / total` is the attention over all read so far.

    Milakov and Gimelshein (2018), "Online normalizer calculation for softmax", algorithm 3; with
    the values' sum, Dao et al. (2022), "FlashAttention", section 3.1.

    Args:
        running: of the blocks before; `nothing_read` at first.
        scores: of this block, -∞ where a query may not see. Each query has to see something by the
            end of its first block.
        values: of this block.
    """
    largest = torch.maximum(running.largest, scores.amax(-1))
    shrink = (running.largest - largest).exp()
    weights = (scores - largest[..., None]).exp()
    total = shrink * running.total + weights.sum(-1)
    return Running(largest, total, shrink[..., None] * running.output + weights @ values)


def nothing_read(query: Float[Tensor, "*batch D"], width: int) -> Running:
    """Before the first block: a largest score of -∞, and sums of zero for values of `width`."""
    zeros = torch.zeros_like(query[..., 0])
    return Running(zeros - torch.inf, zeros, query.new_zeros(*query.shape[:-1], width))


def tiled_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H S D"],
    value: Float[Tensor, "B H S E"],
    *,
    causal: bool,
    block: int = 64,
) -> Float[Tensor, "B H T E"]:
    """Softmax attention, block of queries by block of keys; forward and backward.

    Dao et al. (2022), "FlashAttention", algorithms 1 and 4. Forward keeps one number per query
    besides the output, the logarithm of its sum of exponentials; backward makes each block of
    weights again from it, rather than having stored T·S of them. It can be differentiated once.

    Args:
        query: what each position asks.
        key: what each position answers to.
        value: what is read there.
        causal: whether query t sees keys 0 to t alone. Blocks that no query may see are skipped.
        block: how many queries, and how many keys, a block has.
    """
    result = _Tiled.apply(query, key, value, causal, block)
    assert isinstance(result, Tensor)
    return result


def _blocks(queries: int, keys: int, causal: bool, block: int) -> list[tuple[slice, list[slice]]]:
    """For each block of queries, the blocks of keys that it sees something of."""
    starts = range(0, keys, block)
    return [
        (slice(i, i + block), [slice(j, j + block) for j in starts if j <= i or not causal])
        for i in range(0, queries, block)
    ]


def _scores(query: Tensor, key: Tensor, rows: slice, columns: slice, causal: bool) -> Tensor:
    """One block of scaled scores, in float32 at least; -∞ where a query may not see."""
    q, k = query[:, :, rows], key[:, :, columns]
    scores = einsum(q, k, "b h t d, b h s d -> b h t s") / math.sqrt(query.shape[-1])
    scores = scores.to(torch.promote_types(scores.dtype, torch.float32))
    if causal and rows.start == columns.start:  # only the blocks on the diagonal hide anything
        hidden = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
        scores = scores.masked_fill(hidden, -torch.inf)
    return scores


class _Tiled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, query: Tensor, key: Tensor, value: Tensor, causal: bool, block: int):
        outputs, sizes = [], []
        for rows, seen in _blocks(query.shape[2], key.shape[2], causal, block):
            running = nothing_read(query[:, :, rows], value.shape[3])
            for columns in seen:
                scores = _scores(query, key, rows, columns, causal)
                running = online_softmax(running, scores, value[:, :, columns].to(scores.dtype))
            outputs.append(running.output / running.total[..., None])
            sizes.append(running.largest + running.total.log())
        output = torch.cat(outputs, 2)
        ctx.save_for_backward(query, key, value, output, torch.cat(sizes, 2))
        ctx.causal, ctx.block = causal, block
        return output.to(value.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor):
        query, key, value, output, size = ctx.saved_tensors
        grad = grad.to(output.dtype)
        to_query, to_key, to_value = (
            torch.zeros_like(x, dtype=grad.dtype) for x in (query, key, value)
        )
        mean = (grad * output).sum(-1, keepdim=True)  # of the weights' gradients, under the weights
        for rows, seen in _blocks(query.shape[2], key.shape[2], ctx.causal, ctx.block):
            q, above = query[:, :, rows].to(grad.dtype), grad[:, :, rows]
            for columns in seen:
                scores = _scores(query, key, rows, columns, ctx.causal)
                weights = (scores - size[:, :, rows, None]).exp()
                of_weights = above @ value[:, :, columns].to(grad.dtype).mT
                of_scores = weights * (of_weights - mean[:, :, rows]) / math.sqrt(q.shape[-1])
                to_value[:, :, columns] += weights.mT @ above
                to_query[:, :, rows] += of_scores @ key[:, :, columns].to(grad.dtype)
                to_key[:, :, columns] += of_scores.mT @ q
        gradients = zip((to_query, to_key, to_value), (query, key, value), strict=True)
        return *(found.to(x.dtype) for found, x in gradients), None, None
