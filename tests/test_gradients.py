"""Every operation's gradient against finite differences, in float64."""

import importlib
import inspect
import pkgutil
from functools import partial

import pytest
import torch

import course.ops
from course.ops import attention, positions, scan

B, H, T, S, D, E, A = 2, 3, 5, 7, 4, 11, 3
NO_OPERATIONS = {"costs", "reference"}  # counts, and the loops that operations are held against
NO_GRADIENT = {
    "padding_mask", "causal_mask", "prefix_mask", "window_mask", "relative_buckets", "alibi_slopes"
}  # fmt: skip


def mask() -> torch.Tensor:
    """Random, with a query that sees nothing and one that sees a single key."""
    found = torch.rand(B, H, T, S, generator=torch.Generator().manual_seed(3)) < 0.6
    found[0, 1, 2] = False
    found[1, 2, 3] = torch.arange(S) == 4
    return found


def attend(query, key, value, bias, *, return_weights):
    output, weights = attention.scaled_dot_product_attention(
        query, key, value, mask(), bias=bias, return_weights=return_weights
    )
    return output if weights is None else (output, weights)


HEADS = [(B, H, T, D), (B, H, S, D), (B, H, S, E), (1, H, T, S)]
CASES = {
    "additive_scores": (attention.additive_scores, [(B, T, A), (B, S, A), (A,)]),
    "dot_product_scores": (attention.dot_product_scores, [(B, T, D), (B, S, D)]),
    "gaussian_window": (partial(attention.gaussian_window, size=S, radius=2), [(B, T)]),
    "masked_softmax": (lambda scores: attention.masked_softmax(scores, mask()), [(B, H, T, S)]),
    "weighted_read": (attention.weighted_read, [(B, T, S), (B, S, D)]),
    "scaled_dot_product_attention": (partial(attend, return_weights=True), HEADS),
    "scaled_dot_product_attention, fused": (partial(attend, return_weights=False), HEADS),
    "sinusoidal": (lambda at: positions.sinusoidal(at, 14), [(T,)]),
    "rotate": (positions.rotate, [(B, H, T, D), (T,)]),
    "linear_recurrence": (scan.linear_recurrence, [(B, T, D), (B, T, D)]),
    "alibi": (lambda queries, keys: positions.alibi(queries, keys, H), [(T,), (S,)]),
}


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_those_of_finite_differences(name):
    function, shapes = CASES[name]
    draw = torch.Generator().manual_seed(1)
    inputs = [torch.randn(s, generator=draw, dtype=torch.float64) for s in shapes]
    assert torch.autograd.gradcheck(function, [each.requires_grad_() for each in inputs])


def test_no_operation_is_left_out():
    found = set()
    for module in pkgutil.iter_modules(course.ops.__path__):
        if module.name not in NO_OPERATIONS:
            content = importlib.import_module(f"course.ops.{module.name}")
            found |= {
                name
                for name, value in vars(content).items()
                if inspect.isfunction(value)
                and value.__module__ == content.__name__
                and not name.startswith("_")
            }
    assert {name.split(",")[0] for name in CASES} == found - NO_GRADIENT
    assert found >= NO_GRADIENT
