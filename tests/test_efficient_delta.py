"""The gated delta rule against its recurrence; what it can do that a sum can't."""

import pytest
import torch

from course.ops.efficient.delta import gated_delta_rule, gated_delta_step
from course.ops.efficient.linear import gated_linear_attention
from course.ops.reference import efficient as slow
from tensor_sizes import largest_tensor

B, H, T, D, E = 2, 3, 13, 5, 7


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=draw, dtype=torch.float64)


def inputs(length: int = T, *, decay: bool = True) -> list[torch.Tensor]:
    found = [normal(B, H, length, D), normal(B, H, length, D, seed=1)]
    found[1] = torch.nn.functional.normalize(found[1], dim=-1)
    found += [normal(B, H, length, E, seed=2)]
    found += [torch.nn.functional.logsigmoid(normal(B, H, length, seed=3)) * decay]
    found += [normal(B, H, length, seed=4).sigmoid()]
    return [x.requires_grad_() for x in found]


@pytest.mark.parametrize("decay", [True, False])
@pytest.mark.parametrize("chunk", [1, 3, 5, 13, 64])
def test_chunks_equal_the_recurrence_forward_and_gradient(chunk, decay):
    variables = inputs(decay=decay)
    fast = gated_delta_rule(*variables, chunk=chunk)
    loop = slow.gated_delta_rule(*variables)
    torch.testing.assert_close(fast, loop)
    torch.testing.assert_close(
        torch.autograd.grad(fast.square().sum(), variables),
        torch.autograd.grad(loop.square().sum(), variables),
    )


@torch.no_grad()
def test_the_rule_is_its_steps():
    variables = inputs()
    state, rows = torch.zeros(B, H, D, E).double(), []
    for t in range(T):
        row, state = gated_delta_step(*(x[:, :, t] for x in variables), state)
        rows.append(row)
    torch.testing.assert_close(torch.stack(rows, 2), gated_delta_rule(*variables, chunk=4))


@torch.no_grad()
def test_a_key_that_comes_again_has_its_value_replaced_where_a_sum_mixes_both():
    key = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.6, 0.8]]).double()[None, None]
    value = torch.tensor([[5.0], [7.0], [3.0], [0.0]]).double()[None, None]
    query = key[:, :, [0, 1, 0, 0]]
    beta = torch.tensor([1.0, 1.0, 1.0, 0.0]).double()[None, None]  # the last writes nothing
    same = torch.zeros(1, 1, 4).double()
    read = gated_delta_rule(query, key, value, same, beta, chunk=3)
    assert read.flatten().tolist() == [5, 7, 3, 3]
    summed = gated_linear_attention(query, key, value, same, chunk=3)
    assert summed.flatten().tolist() == [5, 7, 8, 8]


@torch.no_grad()
@pytest.mark.parametrize("decay", [-30.0, -3000.0, -torch.inf])
def test_forgetting_nearly_all_is_exact_in_float32(decay):
    variables = inputs(length=67)
    variables[3][:, :, 40] = decay
    rough = gated_delta_rule(*(x.float() for x in variables))
    exact = gated_delta_rule(*variables, chunk=1)
    torch.testing.assert_close(rough.double(), exact, rtol=1e-5, atol=1e-5)


def test_long_sequences_stay_exact_in_float32_and_close_in_bfloat16():
    variables = [x.detach() for x in inputs(length=997, decay=False)]
    exact = gated_delta_rule(*variables, chunk=7)
    single = [x.float().requires_grad_() for x in variables]
    output = gated_delta_rule(*single)
    torch.testing.assert_close(output.double(), exact, rtol=1e-4, atol=1e-4)
    output.square().sum().backward()
    assert all(x.grad is not None and torch.isfinite(x.grad).all() for x in single)
    half = gated_delta_rule(*(x.bfloat16() for x in variables))
    assert half.dtype == torch.bfloat16
    assert (half.double() - exact).abs().max() < 0.1 * exact.abs().max()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = gated_delta_rule(*single)
    assert (half.double() - exact).abs().max() < 0.1 * exact.abs().max()


def test_neither_all_scores_nor_a_state_for_each_position_is_held():
    length, width, chunk = 512, 16, 16
    variables = [x[:1, :1].detach() for x in inputs(length)]
    variables[:3] = [normal(1, 1, length, width, seed=i) / width for i in range(3)]
    variables = [x.requires_grad_() for x in variables]
    largest = largest_tensor(lambda: gated_delta_rule(*variables, chunk=chunk).sum().backward())
    assert largest <= 2 * length * max(width, chunk)  # both right sides, one beside the other


@torch.no_grad()
def test_a_later_position_changes_nothing_before():
    variables = inputs()
    before = gated_delta_rule(*variables, chunk=4)
    for x in variables:
        x[:, :, 9:] += 1
    after = gated_delta_rule(*variables, chunk=4)
    torch.testing.assert_close(before[:, :, :9], after[:, :, :9], rtol=0, atol=0)
    assert (before[:, :, 9:] != after[:, :, 9:]).any()
