"""Who sees whom in sparse attention: whole masks to draw and test with, and block layouts.

Distances and `causal` are as in `course.ops.efficient.sparse`. True means "may attend".

Axes: T positions.
"""

import torch
from jaxtyping import Bool
from torch import Tensor

Layout = tuple[tuple[int, ...], ...]
"""For each block of queries, the blocks of keys that it sees."""


def sliding_window_mask(
    length: int, *, window: int, causal: bool, dilation: int = 1
) -> Bool[Tensor, "{length} {length}"]:
    """Every `dilation`-th of the positions around, `window` of them on each side with itself."""
    distance = _distances(length)
    seen = (distance.abs() < window * dilation) & (distance % dilation == 0)
    return seen & (distance >= 0) if causal else seen


def strided_mask(length: int, *, stride: int, causal: bool) -> Bool[Tensor, "{length} {length}"]:
    """The nearest `stride` positions, and every `stride`-th one beyond them."""
    distance = _distances(length)
    seen = (distance.abs() < stride) | (distance % stride == 0)
    return seen & (distance >= 0) if causal else seen


def block_mask(
    layout: Layout, length: int, *, block: int, causal: bool
) -> Bool[Tensor, "{length} {length}"]:
    """What a layout shows, position by position."""
    blocks = torch.zeros(len(layout), len(layout), dtype=torch.bool)
    for row, columns in enumerate(layout):
        blocks[row, list(columns)] = True
    seen = blocks.repeat_interleave(block, 0).repeat_interleave(block, 1)[:length, :length]
    return seen & (_distances(length) >= 0) if causal else seen


def _distances(length: int) -> Tensor:
    """How far query t stands behind key s."""
    positions = torch.arange(length)
    return positions[:, None] - positions


def bigbird_layout(
    blocks: int,
    *,
    window: int,
    num_global: int,
    num_random: int,
    causal: bool,
    generator: torch.Generator | None = None,
) -> Layout:
    """Blocks nearby, a few that see all and are seen by all, and a few drawn at random.

    Zaheer et al. (2020), "Big Bird", section 2, with the first blocks as the global
    ones ("internal" construction). The paper's encoder isn't causal; if causal, a block sees those
    of its blocks that don't lie behind it.

    Args:
        blocks: how many blocks the sequence has.
        window: how many of the nearest a block sees on a side, itself among them.
        num_global: how many of the first blocks see everything and are seen by everyone.
        num_random: how many more each of the others sees, as far as there are.
        causal: whether a block sees nothing behind itself.
        generator: for the random ones; on the CPU.
    """
    layout = []
    for row in range(blocks):
        visible = range(row + 1 if causal else blocks)
        seen = {i for i in visible if row < num_global or i < num_global or abs(row - i) < window}
        others = [i for i in visible if i not in seen]
        drawn = torch.randperm(len(others), generator=generator)[:num_random]
        layout.append(tuple(sorted(seen | {others[i] for i in drawn.tolist()})))
    return tuple(layout)
