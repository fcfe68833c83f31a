"""The patterns of `course.ops.efficient.sparse` by PyTorch's FlexAttention, for GPUs (chapter 10).

FlexAttention compiles one kernel for a rule of who sees whom. It visits only the blocks that it is
told of and gathers nothing, so it needs neither the copies nor the stored scores of the plain
version. It needs PyTorch 2.5; on a CPU it has no gradient and takes minutes to compile.

Axes: B sentences, H heads, T positions, D width of a query and key, E width of a value.
"""

from collections.abc import Callable
from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor

from course.ops.efficient.patterns import Layout, bigbird_layout


@cache
def _kernel() -> Callable:
    """Compiled on its first call, and again for other rules or sizes; else it stores all scores."""
    from torch.nn.attention.flex_attention import flex_attention

    return torch.compile(flex_attention)


def flex_block_sparse_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H T D"],
    value: Float[Tensor, "B H T E"],
    layout: Layout,
    *,
    block: int,
    causal: bool,
) -> Float[Tensor, "B H T E"]:
    """`course.ops.efficient.sparse.block_sparse_attention` in one kernel.

    Dong et al. (2024), "Flex Attention". On a GPU blocks of 128 positions serve best.
    """
    shown = torch.zeros(len(layout), len(layout), dtype=torch.bool)
    for row, columns in enumerate(layout):
        shown[row, list(columns)] = True
    shown = shown.to(query.device)
    return _attend(
        query, key, value, layout, block,
        lambda b, h, t, s: shown[t // block, s // block] & ((s <= t) | (not causal)),
    )  # fmt: skip


def flex_sliding_window_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H T D"],
    value: Float[Tensor, "B H T E"],
    *,
    window: int,
    causal: bool,
    block: int = 128,
) -> Float[Tensor, "B H T E"]:
    """`course.ops.efficient.sparse.sliding_window_attention`, not dilated, in one kernel."""
    blocks, reach = -(-query.shape[2] // block), 1 + -(-(window - 1) // block)
    layout = bigbird_layout(blocks, window=reach, num_global=0, num_random=0, causal=causal)
    return _attend(
        query, key, value, layout, block,
        lambda b, h, t, s: (t - s < window) & (s - t < window) & ((s <= t) | (not causal)),
    )  # fmt: skip


def _attend(
    query: Tensor, key: Tensor, value: Tensor, layout: Layout, block: int, sees: Callable
) -> Tensor:
    mask = _block_mask(layout, query.shape[2], block, sees, query.device)
    return _kernel()(query, key, value, block_mask=mask)


def _block_mask(layout: Layout, length: int, block: int, sees: Callable, device: torch.device):
    """FlexAttention's own, from lists of blocks: no whole mask is made on the way."""
    from torch.nn.attention.flex_attention import BlockMask

    counts = [len(columns) for columns in layout]
    columns = [[*seen, *[0] * (len(layout) - len(seen))] for seen in layout]  # filled up, not read
    counts, columns = (
        torch.tensor([[x]], dtype=torch.int32, device=device) for x in (counts, columns)
    )
    return BlockMask.from_kv_blocks(
        counts, columns, BLOCK_SIZE=block, mask_mod=sees, seq_lengths=(length, length)
    )
