"""Sparse attention: each query sees a few keys, and the others are never computed (chapter 10).

A mask alone saves nothing: the scores that it hides have been computed and stored. So here queries
and keys are cut into blocks, and each block of queries meets only the blocks of keys that it may
see; within them a small mask does the rest. `course.ops.efficient.patterns` has the whole masks, to
draw and to test with.

A window of w sees the distances 0 to w - 1, in both directions or, if `causal`, only back in time;
so one as long as the sequence sees all of it.

Axes: B sentences, H heads, T positions, N blocks, C positions of a block, D width of a query and
key, E width of a value.
"""

import math
from collections import defaultdict

import torch
from einops import einsum, rearrange
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from course.errors import CourseError
from course.ops.attention import masked_softmax, scaled_dot_product_attention
from course.ops.efficient.chunks import in_chunks, joined
from course.ops.efficient.patterns import Layout


def sliding_window_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H T D"],
    value: Float[Tensor, "B H T E"],
    *,
    window: int,
    causal: bool,
    dilation: int = 1,
) -> Float[Tensor, "B H T E"]:
    """Softmax attention over the nearest positions; time and memory grow as T · window.

    Beltagy, Peters and Cohan (2020), "Longformer", section 3.1. Blocks are as long as the window:
    a block of queries finds all its keys in its own block and the one before (and, if not causal,
    the one behind).

    Args:
        query: what each position asks.
        key: what each position answers to.
        value: what is read there.
        window: how many keys a query sees on a side, itself among them.
        causal: whether it sees nothing behind itself.
        dilation: the step from one key of the window to the next; with 2, even positions never
            meet odd ones.
    """
    length, tracks = query.shape[2], [_tracks(x, dilation) for x in (query, key, value)]
    chunk = min(window, tracks[0].shape[2])
    q, k, v = (in_chunks(x, chunk) for x in tracks)
    at = in_chunks(_tracks(_numbers(length, query), dilation), chunk)
    k, v, there = (_with_neighbours(x, causal).flatten(1, 2) for x in (k, v, at))
    distance = at.flatten(1, 2) - there.mT  # (1, N, C, keys)
    near = distance.abs() < window * dilation
    seen = near & (distance >= 0) if causal else near
    read, _ = scaled_dot_product_attention(q.flatten(1, 2), k, v, seen & (there.mT > 0))
    read = joined(read.unflatten(1, q.shape[1:3]), tracks[0].shape[2])
    return rearrange(read, "(b h) r m e -> b h (m r) e", b=query.shape[0])[:, :, :length]


def _numbers(length: int, like: Tensor) -> Tensor:
    """Positions, counted from 1: the zeros that fill up blocks are no positions."""
    return torch.arange(1, length + 1, device=like.device)[None, None, :, None]


def _tracks(x: Tensor, dilation: int) -> Tensor:
    """Every `dilation`-th position, as a sequence of its own for each remainder."""
    x = pad(x, (0, 0, 0, -x.shape[2] % dilation))
    return rearrange(x, "b h (m r) d -> (b h) r m d", r=dilation)


def _with_neighbours(x: Tensor, causal: bool) -> Tensor:
    """Each block behind the one before it and, if not causal, before the one after it."""
    blocks = x.shape[2]
    if blocks == 1:
        return x
    wide = pad(x, (0, 0, 0, 0, 1, 0 if causal else 1))
    return torch.cat([wide[:, :, i : i + blocks] for i in range(2 if causal else 3)], 3)


def strided_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H T D"],
    value: Float[Tensor, "B H T E"],
    *,
    stride: int,
    causal: bool,
) -> Float[Tensor, "B H T E"]:
    r"""The nearest `stride` positions, and every `stride`-th one beyond them.

    Child et al. (2019), "Generating Long Sequences with Sparse Transformers", section 4.3, their
    two patterns seen by one head. A query meets 2 · stride + T / stride keys: with a stride of √T,
    all queries together T√T.
    """
    q, k, v = (in_chunks(x, stride) for x in (query, key, value))
    at = in_chunks(_numbers(query.shape[2], query), stride)
    near_k, near_v, there = (_with_neighbours(x, causal) for x in (k, v, at))
    distance = at - there.mT  # (1, 1, N, C, keys)
    near = (distance.abs() < stride) & (there.mT > 0)
    # Beyond them: in every other block M, the position with the same place in its block.
    far = rearrange(at, "b h m c 1 -> b h 1 c m").expand(*at.shape[:4], -1)
    beyond = (far > 0) & ((at - far).abs() >= stride)
    if causal:
        near, beyond = near & (distance >= 0), beyond & (far < at)
    scores = torch.cat(
        [
            einsum(q, near_k, "b h n c d, b h n j d -> b h n c j"),
            einsum(q, k, "b h n c d, b h m c d -> b h n c m"),
        ],
        -1,
    ) / math.sqrt(query.shape[3])
    weights = masked_softmax(scores, torch.cat([near, beyond], -1)).to(value.dtype)
    around, away = weights.split([near.shape[-1], beyond.shape[-1]], -1)
    read = einsum(around, near_v, "b h n c j, b h n j e -> b h n c e")
    read = read + einsum(away, v, "b h n c m, b h m c e -> b h n c e")
    return joined(read, query.shape[2])


def block_sparse_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H T D"],
    value: Float[Tensor, "B H T E"],
    layout: Layout,
    *,
    block: int,
    causal: bool,
) -> Float[Tensor, "B H T E"]:
    """Softmax attention over the blocks of keys that a layout names for each block of queries.

    Zaheer et al. (2020), "Big Bird", appendix D: the blocks of keys are gathered, then multiplied
    as if they were all. Blocks of queries that see equally many are computed together, so nothing
    is filled up: a few global blocks that see everything don't make the others expensive.

    Args:
        query: what each position asks.
        key: what each position answers to.
        value: what is read there.
        layout: such as `course.ops.efficient.patterns.bigbird_layout` makes.
        block: C, how many positions a block has; the last may have fewer.
        causal: whether a query sees nothing behind itself, within its blocks too.

    Raises:
        CourseError: if the layout is not one of so many blocks, each with something to see.
    """
    q, k, v = (in_chunks(x, block) for x in (query, key, value))
    numbers = in_chunks(_numbers(query.shape[2], query), block)[0, 0, :, :, 0]  # (N, C)
    if len(layout) != len(numbers) or not all(layout):
        raise CourseError(
            f"{query.shape[2]} positions are {len(numbers)} blocks of {block}; the layout has "
            f"{len(layout)}, and each has to see at least one."
        )
    alike = defaultdict(list)
    for row, columns in enumerate(layout):
        alike[len(columns)].append(row)
    parts = []
    for rows in alike.values():
        columns = torch.tensor([layout[row] for row in rows], device=query.device)
        there = numbers[columns].flatten(1)[:, None]  # (rows, 1, keys)
        seen = (there > 0).expand(-1, block, -1)
        if causal:
            seen = seen & (there <= numbers[rows][:, :, None])
        keys, values = (x[:, :, columns].flatten(3, 4).flatten(0, 1) for x in (k, v))
        queries = q[:, :, rows].flatten(0, 1)
        parts.append(scaled_dot_product_attention(queries, keys, values, seen[None])[0])
    order = torch.tensor([row for rows in alike.values() for row in rows], device=query.device)
    read = torch.cat(parts, 1)[:, order.argsort()].unflatten(0, query.shape[:2])
    return joined(read, query.shape[2])
