"""Random features: unbiased, positive, nearer with more of them, and better at right angles."""

import math

import pytest
import torch

from course.ops.attention import scaled_dot_product_attention
from course.ops.efficient.linear import linear_attention
from course.ops.efficient.random_features import (
    orthogonal_projection,
    positive_features,
    trigonometric_features,
)
from course.ops.masks import causal_mask
from course.ops.reference import efficient as slow

B, H, T, D, E = 1, 2, 31, 8, 7
MANY = 200


def drawn(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=drawn(seed), dtype=torch.float64)


def projection(num: int, seed: int = 0) -> torch.Tensor:
    return orthogonal_projection(num, D, generator=drawn(seed), dtype=torch.float64)


def test_rows_stand_at_right_angles_and_are_as_long_as_normal_ones():
    rows = projection(2 * D + 3)
    for start in (0, D, 2 * D):
        block = rows[start : start + D]
        products = block @ block.mT
        torch.testing.assert_close(products, products.diagonal().diag())
    assert rows.shape == (2 * D + 3, D)
    many = projection(MANY * D)
    # the squares of a length add up to D, with a variance of 2 D: within five standard errors
    squares = many.square().sum(1)
    assert abs(squares.mean() - D) < 5 * math.sqrt(2 * D / len(many))
    assert abs(squares.var() - 2 * D) < 10 * math.sqrt(D * (D + 6) / len(many)) * 2
    assert (many.mean(0).abs() < 5 / math.sqrt(len(many))).all()  # without signs it is not
    assert orthogonal_projection(3, D).dtype == torch.float32


def test_features_equal_the_loop_forward_and_gradient():
    x, rows = normal(T, D).requires_grad_(), projection(13)
    fast, loop = positive_features(x, rows), slow.positive_features(x, rows)
    torch.testing.assert_close(fast, loop)
    torch.testing.assert_close(
        torch.autograd.grad(fast.square().sum(), x), torch.autograd.grad(loop.square().sum(), x)
    )


@pytest.mark.parametrize("features", [positive_features, trigonometric_features])
def test_products_of_features_are_the_exponential_on_average(features):
    query, key = normal(5, D) / 2, normal(6, D, seed=1) / 2  # longer ones have long tails
    exact = (query @ key.mT / math.sqrt(D)).exp()
    each = torch.stack([
        features(query, rows) @ features(key, rows).mT
        for rows in (projection(64, seed) for seed in range(MANY))
    ])  # fmt: skip
    error = each.std(0) / math.sqrt(MANY)
    assert ((each.mean(0) - exact).abs() < 5 * error).all()
    assert (error < 0.07 * exact).all()


def test_products_of_positive_features_are_positive_and_of_trigonometric_ones_are_not():
    x, rows = 2 * normal(T, D), projection(16)
    assert (positive_features(x, rows) > 0).all()
    assert (trigonometric_features(x, rows) @ trigonometric_features(-x, rows).mT < 0).any()


def mean_error(features, num: int, causal: bool, rows=projection, size: float = 1.0) -> float:
    query, key, value = (normal(B, H, T, w, seed=i) for i, w in enumerate((D, D, E)))
    query, key = size * query, size * key
    mask = causal_mask(T)[None, None] if causal else None
    full, _ = scaled_dot_product_attention(query, key, value, mask)
    errors = []
    for seed in range(30):
        q, k = (features(x, rows(num, seed)) for x in (query, key))
        errors.append((linear_attention(q, k, value, causal=causal) - full).square().mean())
    return torch.stack(errors).mean().sqrt().item()


@pytest.mark.parametrize("causal", [True, False])
def test_the_error_goes_down_with_the_root_of_the_number_of_features(causal):
    numbers = (16, 64, 256, 1024)
    errors = [mean_error(positive_features, num, causal, size=0.5) for num in numbers]
    for more, fewer in zip(errors[1:], errors, strict=False):
        assert 0.35 < more / fewer < 0.75  # four times as many: about half
    assert errors[-1] < 0.05


def test_right_angles_help():
    def independent(num, seed):
        return normal(num, D, seed=seed)

    orthogonal, other = (
        mean_error(positive_features, 64, False, rows=rows, size=0.5)
        for rows in (projection, independent)
    )
    assert orthogonal < 0.9 * other


def test_trigonometric_features_are_nearer_for_short_vectors_and_useless_for_long_ones():
    short, long = (
        [mean_error(f, 64, False, size=size) for f in (trigonometric_features, positive_features)]
        for size in (0.5, 1.0)
    )
    assert short[0] < short[1] < 0.1
    assert long[1] < 0.5 < long[0]


@pytest.mark.parametrize("causal", [True, False])
def test_taking_the_largest_exponent_off_changes_nothing_and_saves_long_vectors(causal):
    query, key, value = (normal(B, H, T, w, seed=i) for i, w in enumerate((D, D, E)))
    rows = projection(16)
    plain = linear_attention(
        positive_features(query, rows), positive_features(key, rows), value, causal=causal
    )
    stable = linear_attention(
        positive_features(query, rows, over=(-1,)),
        positive_features(key, rows, over=(-2, -1)), value, causal=causal,
    )  # fmt: skip
    torch.testing.assert_close(plain, stable)
    long = positive_features(40 * query.float(), rows.float(), over=(-1,))
    assert (long.sum(-1) > 0).all()
    assert (positive_features(40 * query.float(), rows.float()).sum(-1) == 0).any()
