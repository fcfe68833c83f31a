"""Sparse patterns against loops over the pairs that they show; nothing grows as T²."""

import math
from collections.abc import Callable

import pytest
import torch

from course.errors import CourseError
from course.ops.attention import scaled_dot_product_attention
from course.ops.efficient.patterns import (
    bigbird_layout,
    block_mask,
    sliding_window_mask,
    strided_mask,
)
from course.ops.efficient.sparse import (
    block_sparse_attention,
    sliding_window_attention,
    strided_attention,
)
from course.ops.masks import causal_mask
from course.ops.reference import efficient as slow
from tensor_sizes import largest_tensor

B, H, T, D, E = 2, 3, 13, 5, 7
BOTH = pytest.mark.parametrize("causal", [True, False])


def inputs(length: int = T) -> list[torch.Tensor]:
    draw = torch.Generator().manual_seed(0)
    shapes = [(B, H, length, width) for width in (D, D, E)]
    return [torch.randn(s, generator=draw, dtype=torch.float64).requires_grad_() for s in shapes]


def layout(blocks: int, causal: bool):
    draw = torch.Generator().manual_seed(1)
    return bigbird_layout(
        blocks, window=2, num_global=1, num_random=1, causal=causal, generator=draw
    )


def assert_equals_the_loop(attend: Callable, sees: Callable[[int, int], bool]):
    variables = inputs()
    fast = attend(*variables)
    loop = slow.sparse_attention(*variables, sees, 1 / math.sqrt(D))
    torch.testing.assert_close(fast, loop)
    torch.testing.assert_close(
        torch.autograd.grad(fast.square().sum(), variables),
        torch.autograd.grad(loop.square().sum(), variables),
    )


@BOTH
@pytest.mark.parametrize(("window", "dilation"), [(1, 1), (3, 1), (5, 1), (2, 3), (3, 5), (40, 2)])
def test_a_window_equals_the_loop_and_its_mask(window, dilation, causal):
    def sees(t, s):
        reached = range(0, window * dilation, dilation)
        return t - s in reached or (not causal and s - t in reached)

    options = {"window": window, "dilation": dilation, "causal": causal}
    assert_equals_the_loop(lambda *x: sliding_window_attention(*x, **options), sees)
    shown = [[sees(t, s) for s in range(T)] for t in range(T)]
    assert sliding_window_mask(T, **options).tolist() == shown


@BOTH
@pytest.mark.parametrize("stride", [1, 3, 4, 13, 20])
def test_strides_equal_the_loop_and_their_mask(stride, causal):
    def sees(t, s):
        return (abs(t - s) < stride or (t - s) % stride == 0) and (s <= t or not causal)

    assert_equals_the_loop(lambda *x: strided_attention(*x, stride=stride, causal=causal), sees)
    shown = [[sees(t, s) for s in range(T)] for t in range(T)]
    assert strided_mask(T, stride=stride, causal=causal).tolist() == shown


@BOTH
@pytest.mark.parametrize("block", [1, 2, 3, 13, 20])
def test_blocks_equal_the_loop_and_their_mask(block, causal):
    shown = layout(math.ceil(T / block), causal)

    def sees(t, s):
        return s // block in shown[t // block] and (s <= t or not causal)

    options = {"block": block, "causal": causal}
    assert_equals_the_loop(lambda *x: block_sparse_attention(*x, shown, **options), sees)
    whole = [[sees(t, s) for s in range(T)] for t in range(T)]
    assert block_mask(shown, T, **options).tolist() == whole


@BOTH
@pytest.mark.parametrize("window", [T, T + 1, 50])
def test_windows_as_long_as_the_sequence_are_full_attention(window, causal):
    variables = inputs()
    full, _ = scaled_dot_product_attention(
        *variables, causal_mask(T)[None, None] if causal else None
    )
    near = sliding_window_attention(*variables, window=window, causal=causal)
    torch.testing.assert_close(near, full)
    every = strided_attention(*variables, stride=window, causal=causal)
    torch.testing.assert_close(every, full)
    blocks = bigbird_layout(5, window=window, num_global=0, num_random=0, causal=causal)
    torch.testing.assert_close(
        block_sparse_attention(*variables, blocks, block=3, causal=causal), full
    )


@BOTH
def test_a_layout_has_its_window_its_global_and_its_random_blocks(causal):
    shown = bigbird_layout(
        11, window=2, num_global=2, num_random=3, causal=causal,
        generator=torch.Generator().manual_seed(1),
    )  # fmt: skip
    for row, seen in enumerate(shown):
        visible = set(range(row + 1 if causal else 11))
        near = {row - 1, row, row + 1} & visible
        assert near | ({0, 1} & visible) <= set(seen) <= visible
        if row < 2:
            assert set(seen) == visible
        else:
            named = near | ({0, 1} & visible)
            assert len(seen) == min(len(named) + 3, len(visible))
    again = bigbird_layout(
        11, window=2, num_global=2, num_random=3, causal=causal,
        generator=torch.Generator().manual_seed(2),
    )  # fmt: skip
    assert again != shown


def test_a_layout_of_another_length_is_refused():
    with pytest.raises(CourseError, match="13 positions are 5 blocks"):
        block_sparse_attention(*inputs(), layout(4, True), block=3, causal=True)
    with pytest.raises(CourseError, match="at least one"):
        block_sparse_attention(*inputs(), ((0,), (), (2,), (3,), (4,)), block=3, causal=False)


@BOTH
@pytest.mark.parametrize("name", ["window", "dilated", "blocks", "strided"])
def test_memory_does_not_grow_with_the_square_of_the_length(name, causal):
    def largest(length):
        shown = bigbird_layout(
            length // 8, window=2, num_global=0, num_random=1, causal=causal,
            generator=torch.Generator().manual_seed(1),
        )  # fmt: skip
        attend = {
            "window": lambda *x: sliding_window_attention(*x, window=8, causal=causal),
            "dilated": lambda *x: sliding_window_attention(*x, window=8, causal=causal, dilation=4),
            "blocks": lambda *x: block_sparse_attention(*x, shown, block=8, causal=causal),
            "strided": lambda *x: strided_attention(*x, stride=math.isqrt(length), causal=causal),
        }[name]
        draw = torch.Generator().manual_seed(0)
        variables = [torch.randn(1, 1, length, 4, generator=draw).requires_grad_() for _ in "qkv"]
        return largest_tensor(lambda: attend(*variables).sum().backward())

    growth = largest(4096) / largest(256)  # sixteen times as long
    assert growth < (70 if name == "strided" else 18)


@BOTH
def test_a_position_out_of_sight_changes_nothing(causal):
    variables = [x.detach() for x in inputs()]
    before = sliding_window_attention(*variables, window=3, causal=causal)
    for x in variables[1:]:
        x[:, :, 6] += 1
    after = sliding_window_attention(*variables, window=3, causal=causal)
    changed = (before != after).any(-1).any(0).any(0).nonzero().flatten().tolist()
    assert changed == ([6, 7, 8] if causal else [4, 5, 6, 7, 8])
