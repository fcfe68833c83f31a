"""Masks and attention against loops and hand-worked numbers."""

import pytest
import torch

from course.ops import reference
from course.ops.attention import (
    additive_scores,
    dot_product_scores,
    masked_softmax,
    weighted_read,
)
from course.ops.masks import causal_mask, padding_mask, prefix_mask

B, T, S, D, A = 2, 3, 5, 7, 11


def tensors(seed: int = 0) -> tuple[torch.Tensor, ...]:
    draw = torch.Generator().manual_seed(seed)
    shapes = [(B, T, A), (B, S, A), (B, S, D), (A,)]
    return tuple(
        torch.randn(shape, generator=draw, dtype=torch.float64).requires_grad_() for shape in shapes
    )


def test_padding_mask_by_hand():
    mask = padding_mask(torch.tensor([3, 1]), 4)
    assert mask.tolist() == [[True, True, True, False], [True, False, False, False]]


def test_causal_mask_shows_the_present_and_the_past():
    assert causal_mask(3).tolist() == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


def test_a_prefix_mask_by_hand():
    assert prefix_mask(4, 2).tolist() == [
        [True, True, False, False],
        [True, True, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]
    for nothing in (0, 1):
        assert torch.equal(prefix_mask(5, nothing), causal_mask(5))
    assert prefix_mask(3, 3).all()


def test_additive_attention_equals_the_loop_forward_and_gradient():
    query, keys, values, v = tensors()
    mask = padding_mask(torch.tensor([S, 2]), S)
    weights = masked_softmax(additive_scores(query, keys, v), mask[:, None])
    output = weighted_read(weights, values)
    slow_output, slow_weights = reference.additive_attention(query, keys, values, v, mask)
    torch.testing.assert_close(output, slow_output)
    torch.testing.assert_close(weights, slow_weights)
    inputs = (query, keys, values, v)
    fast = torch.autograd.grad(output.square().sum(), inputs)
    slow = torch.autograd.grad(slow_output.square().sum(), inputs)
    torch.testing.assert_close(fast, slow)


def test_dot_product_scores_are_plain_products():
    query, keys, _, _ = tensors(2)
    expected = torch.stack(
        [torch.stack([keys[b] @ query[b, t] for t in range(T)]) for b in range(B)]
    )
    torch.testing.assert_close(dot_product_scores(query, keys), expected)


def test_masked_softmax_by_hand():
    # exp(0) = 1 and exp(ln 3) = 3 share the weight; the masked 100 gets none.
    scores = torch.tensor([[0.0, torch.tensor(3.0).log(), 100.0]])
    weights = masked_softmax(scores, torch.tensor([[True, True, False]]))
    torch.testing.assert_close(weights, torch.tensor([[0.25, 0.75, 0.0]]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_a_fully_masked_row_gives_zeros_and_no_nan(dtype):
    scores = torch.randn(B, T, S, dtype=dtype, requires_grad=True)
    mask = torch.tensor([[True] * S, [False] * S])[:, None]
    weights = masked_softmax(scores, mask)
    assert weights.dtype == dtype
    torch.testing.assert_close(weights.sum(-1)[0], torch.ones(T, dtype=dtype))
    assert torch.equal(weights[1], torch.zeros(T, S, dtype=dtype))
    weights.square().sum().backward()
    assert scores.grad is not None and torch.isfinite(scores.grad).all()
