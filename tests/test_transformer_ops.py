"""Multi-head attention and positions against loops and hand-worked numbers."""

import math

import pytest
import torch

from course.ops import reference
from course.ops.attention import scaled_dot_product_attention
from course.ops.positions import alibi, alibi_slopes, relative_buckets, rotate, sinusoidal

B, H, T, S, D, E = 2, 3, 5, 7, 4, 11
SCALE = 0.3


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=draw, dtype=torch.float64).requires_grad_()


def inputs() -> tuple[torch.Tensor, ...]:
    return normal(B, H, T, D), normal(B, H, S, D, seed=1), normal(B, H, S, E, seed=2)


def some_mask() -> torch.Tensor:
    """Random, with a query that sees nothing and one that sees a single key."""
    mask = torch.rand(B, H, T, S, generator=torch.Generator().manual_seed(3)) < 0.6
    mask[0, 1, 2] = False
    mask[1, 2, 3] = torch.arange(S) == 4
    return mask


@pytest.mark.parametrize("return_weights", [True, False], ids=["plain", "fused"])
def test_attention_equals_the_loop_forward_and_gradient(return_weights):
    query, key, value = inputs()
    bias, mask = normal(H, T, S, seed=4), some_mask()
    output, weights = scaled_dot_product_attention(
        query, key, value, mask, bias=bias[None], scale=SCALE, return_weights=return_weights
    )
    slow, slow_weights = reference.scaled_dot_product_attention(
        query, key, value, mask, bias, SCALE
    )
    torch.testing.assert_close(output, slow)
    if return_weights:
        torch.testing.assert_close(weights, slow_weights)
    else:
        assert weights is None
    variables = (query, key, value, bias)
    torch.testing.assert_close(
        torch.autograd.grad(output.square().sum(), variables),
        torch.autograd.grad(slow.square().sum(), variables),
    )


@pytest.mark.parametrize("with_bias", [False, True])
@pytest.mark.parametrize("mask_shape", [None, (B, 1, 1, S), (1, 1, T, S), (B, H, T, S)])
def test_plain_and_fused_are_equal_forward_and_gradient(mask_shape, with_bias):
    variables = (*inputs(), normal(1, H, T, S, seed=4))
    bias = variables[3] if with_bias else None
    mask = None
    if mask_shape is not None:
        mask = torch.rand(mask_shape, generator=torch.Generator().manual_seed(5)) < 0.5
    results = []
    for return_weights in (True, False):
        output, _ = scaled_dot_product_attention(
            *variables[:3], mask, bias=bias, return_weights=return_weights
        )
        read = variables if with_bias else variables[:3]
        results.append((output, *torch.autograd.grad(output.square().sum(), read)))
    torch.testing.assert_close(results[0], results[1])


def test_the_scale_is_by_default_one_over_the_root_of_the_width():
    given = scaled_dot_product_attention(*inputs(), scale=1 / math.sqrt(D))[0]
    torch.testing.assert_close(scaled_dot_product_attention(*inputs())[0], given)


@pytest.mark.parametrize("return_weights", [True, False], ids=["plain", "fused"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_a_query_that_sees_nothing_reads_zeros_and_never_nan(dtype, return_weights):
    variables = [x.detach().to(dtype).requires_grad_() for x in inputs()]
    output, weights = scaled_dot_product_attention(
        *variables, some_mask(), return_weights=return_weights
    )
    assert output.dtype == dtype and (output[0, 1, 2] == 0).all()
    assert weights is None or (weights[0, 1, 2] == 0).all()
    output.square().sum().backward()
    for variable in variables:
        assert variable.grad is not None and torch.isfinite(variable.grad).all()
    assert (variables[0].grad[0, 1, 2] == 0).all()


def test_attention_by_hand():
    # scores ln 3 and 0 share the weight three to one: 0.75 · 10 + 0.25 · 2
    query = torch.tensor([[[[1.0]]]])
    key = torch.tensor([[[[math.log(3)], [0.0]]]])
    value = torch.tensor([[[[10.0], [2.0]]]])
    output, weights = scaled_dot_product_attention(query, key, value, return_weights=True)
    torch.testing.assert_close(output, torch.tensor([[[[8.0]]]]))
    torch.testing.assert_close(weights, torch.tensor([[[[0.75, 0.25]]]]))


def test_sinusoidal_equals_the_loop():
    positions = torch.tensor([0.0, 1.0, 5.0, 97.0], dtype=torch.float64)
    expected = [reference.sinusoidal(float(p), 14) for p in positions]
    torch.testing.assert_close(
        sinusoidal(positions, 14), torch.tensor(expected, dtype=torch.float64)
    )


def test_rotation_equals_the_loop_forward_and_gradient():
    x, positions = normal(B, H, T, D), torch.tensor([0.0, 2.0, 3.0, 17.0, 5.0]).double()
    fast, slow = rotate(x, positions), reference.rotate(x, positions)
    torch.testing.assert_close(fast, slow)
    torch.testing.assert_close(
        torch.autograd.grad(fast.pow(3).sum(), x), torch.autograd.grad(slow.pow(3).sum(), x)
    )


def test_rotated_products_depend_on_the_distance_alone():
    query, key = normal(B, H, T, D), normal(B, H, T, D, seed=1)
    positions = torch.arange(T).double()
    here = (rotate(query, positions) * rotate(key, positions + 3)).sum(-1)
    there = (rotate(query, positions + 100) * rotate(key, positions + 103)).sum(-1)
    torch.testing.assert_close(here, there)
    torch.testing.assert_close(rotate(query, positions).norm(dim=-1), query.norm(dim=-1))
    assert (here - (query * key).sum(-1)).abs().max() > 0.1


def test_alibi_slopes_of_the_paper():
    assert alibi_slopes(8) == [2.0**-i for i in range(1, 9)]
    assert alibi_slopes(3) == [2.0**-4, 2.0**-8, 2.0**-2]
    assert alibi_slopes(1) == [2.0**-8]


def test_alibi_by_hand():
    queries, keys = torch.tensor([2.0, 3.0]).double(), torch.tensor([0.2, 3.5, 9.0]).double()
    bias = alibi(queries, keys, 2)  # slopes 1/16 and 1/256
    assert bias.shape == (2, 2, 3)
    torch.testing.assert_close(bias[0, 0], torch.tensor([-1.8, -1.5, -7.0]).double() / 16)
    torch.testing.assert_close(bias[1, 1], torch.tensor([-2.8, -0.5, -6.0]).double() / 256)


@pytest.mark.parametrize("both_ways", [True, False])
@pytest.mark.parametrize(("num_buckets", "max_distance"), [(32, 128), (10, 23), (7, 13)])
def test_relative_buckets_equal_the_loop(num_buckets, max_distance, both_ways):
    distances = torch.arange(200) - torch.arange(0, 200, 7)[:, None]
    fast = relative_buckets(
        distances, num_buckets=num_buckets, max_distance=max_distance, both_ways=both_ways
    )
    slow = [
        [reference.relative_bucket(d, num_buckets, max_distance, both_ways) for d in row]
        for row in distances.tolist()
    ]
    assert fast.tolist() == slow
    assert 0 <= fast.min() and fast.max() < num_buckets
