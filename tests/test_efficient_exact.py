"""What computes exactly softmax attention, in other order or from fewer kept numbers."""

import math

import pytest
import torch

from course.ops.attention import scaled_dot_product_attention
from course.ops.efficient.low_rank import low_rank_attention
from course.ops.efficient.sharing import grouped_query_attention, latent_attention
from course.ops.efficient.tiling import nothing_read, online_softmax, tiled_attention
from course.ops.masks import causal_mask
from course.ops.reference import efficient as slow
from tensor_sizes import largest_tensor

B, H, T, S, D, E, G, R = 2, 6, 5, 7, 4, 11, 3, 13
BOTH = pytest.mark.parametrize("causal", [True, False])
SCALE = 1 / math.sqrt(D)


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=draw, dtype=torch.float64).requires_grad_()


def inputs(queries: int, keys: int, groups: int = H) -> tuple[torch.Tensor, ...]:
    return (
        normal(B, H, queries, D), normal(B, groups, keys, D, seed=1),
        normal(B, groups, keys, E, seed=2),
    )  # fmt: skip


def seen(causal: bool):
    return lambda t, s: s <= t or not causal


def assert_same(fast, loop, variables):
    torch.testing.assert_close(fast, loop)
    torch.testing.assert_close(
        torch.autograd.grad(fast.square().sum(), variables),
        torch.autograd.grad(loop.square().sum(), variables),
    )


@BOTH
@pytest.mark.parametrize("groups", [1, 2, 3, H])
def test_shared_keys_equal_the_loop_with_copies(groups, causal):
    variables = inputs(T, T if causal else S, groups)
    fast = grouped_query_attention(*variables, causal=causal)
    assert_same(fast, slow.grouped_query_attention(*variables, seen(causal), SCALE), variables)


def test_a_group_for_each_head_is_the_usual_attention():
    variables = inputs(T, S)
    usual, _ = scaled_dot_product_attention(*variables, scale=0.3)
    shared = grouped_query_attention(*variables, causal=False, scale=0.3)
    torch.testing.assert_close(shared, usual)


@BOTH
def test_latents_equal_the_loop_that_makes_keys_and_values(causal):
    variables = (
        normal(B, H, T, D), normal(B, T if causal else S, R, seed=1),
        normal(H, D, R, seed=2), normal(H, E, R, seed=3),
    )  # fmt: skip
    fast = latent_attention(*variables, causal=causal)
    assert_same(fast, slow.latent_attention(*variables, seen(causal)), variables)


@pytest.mark.parametrize("heads", [1, H])
def test_low_rank_equals_the_loop(heads):
    rank = 3
    projections = normal(heads, rank, S, seed=3), normal(heads, rank, S, seed=4)
    variables = (*inputs(T, S), *projections)
    loop = slow.low_rank_attention(*variables[:3], *(x.expand(H, -1, -1) for x in projections))
    assert_same(low_rank_attention(*variables), loop, variables)


def test_low_rank_with_all_rows_of_the_identity_is_full_attention():
    same = torch.eye(S, dtype=torch.float64)[None]
    full, _ = scaled_dot_product_attention(*inputs(T, S))
    torch.testing.assert_close(low_rank_attention(*inputs(T, S), same, same), full)
    # fewer rows, each the mean of its neighbours, come nearer as they get more
    query, key, value = (x.detach() for x in inputs(T, 24))
    full, _ = scaled_dot_product_attention(query, key, value)
    errors = []
    for rank in (1, 3, 12, 24):
        mean = torch.eye(rank).double().repeat_interleave(24 // rank, 1)[None] * rank / 24
        errors.append((low_rank_attention(query, key, value, mean, mean) - full).norm().item())
    assert errors == sorted(errors, reverse=True) and errors[-1] < 1e-12 < errors[-2]


@BOTH
@pytest.mark.parametrize("block", [1, 2, 3, 7, 64])
def test_tiles_equal_the_loop_forward_and_gradient(block, causal):
    variables = inputs(T, T if causal else S)
    fast = tiled_attention(*variables, causal=causal, block=block)
    assert_same(fast, slow.sparse_attention(*variables, seen(causal), SCALE), variables)


def test_online_softmax_by_hand():
    # scores ln 1, ln 2, then ln 5: read 10 and 20 at 1 to 2, then 40 at 3 to 5
    scores, values = torch.tensor([[1.0, 2.0, 5.0]]).log(), torch.tensor([[10.0], [20.0], [40.0]])
    first = online_softmax(nothing_read(torch.ones(1, 3), 1), scores[:, :2], values[:2])
    torch.testing.assert_close(first.largest, torch.tensor([math.log(2)]))
    torch.testing.assert_close(first.total, torch.tensor([1.5]))  # 1/2 + 2/2
    torch.testing.assert_close(first.output, torch.tensor([[25.0]]))  # 10/2 + 20
    second = online_softmax(first, scores[:, 2:], values[2:])
    torch.testing.assert_close(second.total, torch.tensor([1.6]))  # 1.5 · 2/5 + 1
    torch.testing.assert_close(second.output / second.total[:, None], torch.tensor([[31.25]]))


@torch.no_grad()
@pytest.mark.parametrize("order", [1, -1])
def test_scores_that_overflow_exp_are_read_exactly(order):
    query, key, value = (x.float() for x in inputs(T, S))
    key = 200 * key.flip(2) if order == 1 else 200 * key
    tiled = tiled_attention(query, key, value, causal=False, block=2)
    assert torch.isfinite(tiled).all()
    torch.testing.assert_close(tiled, scaled_dot_product_attention(query, key, value)[0])


@BOTH
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_tiles_keep_the_dtype_and_sum_in_float32(dtype, causal):
    variables = [x.detach().to(dtype).requires_grad_() for x in inputs(31, 31)]
    tiled = tiled_attention(*variables, causal=causal, block=8)
    assert tiled.dtype == dtype
    exact = [x.detach().double().requires_grad_() for x in variables]
    mask = causal_mask(31)[None, None] if causal else None
    full, _ = scaled_dot_product_attention(*exact, mask)
    near = 0.02 if dtype == torch.bfloat16 else 1e-5
    torch.testing.assert_close(tiled.double(), full, rtol=near, atol=near)
    found = torch.autograd.grad(tiled.double().square().sum(), variables)
    expected = torch.autograd.grad(full.square().sum(), exact)
    for x, y in zip(found, expected, strict=True):
        assert x.dtype == dtype
        assert (x.double() - y).abs().max() < 2 * near * (1 + y.abs().max())


@BOTH
def test_tiles_never_hold_more_than_a_block_of_scores_forward_or_backward(causal):
    length, block = 256, 16
    variables = [normal(1, 1, length, 1, seed=i) for i in range(3)]

    def run():
        tiled_attention(*variables, causal=causal, block=block).sum().backward()

    assert largest_tensor(run) == block * block  # as large as the inputs are: 256


@BOTH
def test_tiles_store_one_number_per_query_for_the_way_back(causal):
    stored = []
    length = 64
    variables = inputs(length, length)
    with torch.autograd.graph.saved_tensors_hooks(lambda x: stored.append(x) or x, lambda x: x):
        output = tiled_attention(*variables, causal=causal, block=8)
    kept = sum(x.numel() for x in stored)
    assert kept == sum(x.numel() for x in variables) + output.numel() + B * H * length
