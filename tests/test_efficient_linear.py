"""Linear attention, gated and by the delta rule, against loops; no state for each position."""

import pytest
import torch

from course.ops.efficient.chunks import decay_between
from course.ops.efficient.linear import (
    elu_features,
    gated_linear_attention,
    gated_linear_attention_step,
    linear_attention,
    linear_attention_step,
)
from course.ops.reference import efficient as slow
from tensor_sizes import largest_tensor

B, H, T, S, D, E = 2, 3, 13, 17, 5, 7
CHUNKS = [1, 3, 5, 13, 64]


def normal(*shape: int, seed: int = 0, dtype=torch.float64) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=draw, dtype=dtype).requires_grad_()


def inputs(keys: int = T, queries: int = T) -> tuple[torch.Tensor, ...]:
    return normal(B, H, queries, D), normal(B, H, keys, D, seed=1), normal(B, H, keys, E, seed=2)


def positive(query, key, value) -> tuple[torch.Tensor, ...]:
    """Features in place of queries and keys."""
    return *(elu_features(x).detach().requires_grad_() for x in (query, key)), value


def log_decay(seed: int = 3) -> torch.Tensor:
    return torch.nn.functional.logsigmoid(normal(B, H, T, seed=seed).detach()).requires_grad_()


def assert_same(fast, loop, variables):
    torch.testing.assert_close(fast, loop)
    torch.testing.assert_close(
        torch.autograd.grad(fast.square().sum(), variables),
        torch.autograd.grad(loop.square().sum(), variables),
    )


def test_elu_features_by_hand():
    x = torch.tensor([-1.0, 0.0, 2.0])
    torch.testing.assert_close(elu_features(x), torch.tensor([1 / torch.e, 1.0, 3.0]))


@pytest.mark.parametrize("chunk", CHUNKS)
def test_causal_linear_attention_equals_the_loop(chunk):
    variables = positive(*inputs())
    fast = linear_attention(*variables, causal=True, chunk=chunk)
    assert_same(fast, slow.linear_attention(*variables, True), variables)


def test_linear_attention_that_sees_all_equals_the_loop():
    variables = positive(*inputs(keys=S))
    fast = linear_attention(*variables, causal=False)
    assert_same(fast, slow.linear_attention(*variables, False), variables)


def test_linear_attention_is_its_steps():
    q, k, v = (x.detach().abs() for x in inputs())
    state = (q.new_zeros(B, H, D, E), q.new_zeros(B, H, D))
    rows = []
    for t in range(T):
        row, state = linear_attention_step(q[:, :, t], k[:, :, t], v[:, :, t], state)
        rows.append(row)
    whole = linear_attention(q, k, v, causal=True, chunk=4)
    torch.testing.assert_close(torch.stack(rows, 2), whole)


@pytest.mark.parametrize("chunk", CHUNKS)
def test_gated_linear_attention_equals_the_loop(chunk):
    variables = (*inputs(), log_decay())
    fast = gated_linear_attention(*variables, chunk=chunk)
    assert_same(fast, slow.gated_linear_attention(*variables), variables)


def test_gated_linear_attention_is_its_steps():
    q, k, v, a = (x.detach() for x in (*inputs(), log_decay()))
    state, rows = q.new_zeros(B, H, D, E), []
    for t in range(T):
        now = (x[:, :, t] for x in (q, k, v, a))
        row, state = gated_linear_attention_step(*now, state)
        rows.append(row)
    torch.testing.assert_close(torch.stack(rows, 2), gated_linear_attention(q, k, v, a, chunk=4))


def test_without_decay_the_gated_form_is_the_plain_sum():
    q, k, v = (x.detach().abs() for x in inputs())
    whole = gated_linear_attention(q, k, v, torch.zeros(B, H, T).double(), chunk=5)
    total = gated_linear_attention(
        q, k, torch.ones_like(v[..., :1]), torch.zeros(B, H, T).double(), chunk=5
    )
    torch.testing.assert_close(whole / total, linear_attention(q, k, v, causal=True))


def test_decay_by_hand():
    left = decay_between(torch.tensor([0.1, 0.5, 0.2]).log())
    expected = torch.tensor([[1.0, 0.0, 0.0], [0.5, 1.0, 0.0], [0.1, 0.2, 1.0]])
    torch.testing.assert_close(left, expected)


@pytest.mark.parametrize("decay", [-30.0, -3000.0, -torch.inf])
def test_forgetting_nearly_all_is_exact_in_float32(decay):
    """A difference of sums from the chunk's start would lose the decays behind it."""
    q, k, v, a = (x.detach() for x in (*inputs(), log_decay()))
    a[:, :, 4] = decay
    exact = slow.gated_linear_attention(q, k, v, a)
    rough = [x.float().requires_grad_() for x in (q, k, v, a)]
    output = gated_linear_attention(*rough, chunk=64)
    torch.testing.assert_close(output.double(), exact, rtol=1e-5, atol=1e-5)
    output.square().sum().backward()
    assert all(x.grad is not None and torch.isfinite(x.grad).all() for x in rough)


@pytest.mark.parametrize("name", ["linear", "gated"])
def test_neither_all_scores_nor_a_state_for_each_position_is_held(name):
    length, width, chunk = 512, 16, 16
    q, k, v = (normal(1, 1, length, width, seed=i).abs() for i in range(3))
    a = torch.full((1, 1, length), -0.1, dtype=torch.float64, requires_grad=True)

    def run():
        if name == "linear":
            output = linear_attention(q, k, v, causal=True, chunk=chunk)
        else:
            output = gated_linear_attention(q, k, v, a, chunk=chunk)
        output.sum().backward()

    # scores within chunks, and a state (with its divisor) for each chunk and one before the first
    assert largest_tensor(run) <= (length // chunk + 1) * width * (width + 1)


def test_a_later_position_changes_nothing_before():
    variables = [x.detach() for x in (*inputs(), log_decay())]
    before = gated_linear_attention(*variables, chunk=4)
    for x in variables:
        x[:, :, 9:] += 1
    after = gated_linear_attention(*variables, chunk=4)
    torch.testing.assert_close(before[:, :, :9], after[:, :, :9], rtol=0, atol=0)
    assert (before[:, :, 9:] != after[:, :, 9:]).any()
