"""C10: what waits for what, a recurrence by scan, and the rule's verdicts."""

import math

import pytest
import torch

import verdict_cases
from course.errors import CourseError
from course.experiments import c10_gpu, c10_parallel
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.inspection import longest_chain
from course.nn.rnn import MinGRU
from course.ops import reference
from course.ops.scan import linear_recurrence
from course.results.records import Row

B, D = 3, 5


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=draw, dtype=torch.float64).requires_grad_()


@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 13])
def test_the_scan_equals_the_loop_forward_and_gradient(length):
    decay, inputs = normal(B, length, D), normal(B, length, D, seed=1)
    fast, slow = linear_recurrence(decay, inputs), reference.linear_recurrence(decay, inputs)
    torch.testing.assert_close(fast, slow)
    upstream = normal(B, length, D, seed=2).detach()
    for a, b in zip(
        torch.autograd.grad(fast, (decay, inputs), upstream, materialize_grads=True),
        torch.autograd.grad(
            slow, (decay, inputs), upstream, allow_unused=True, materialize_grads=True
        ),
        strict=True,
    ):
        torch.testing.assert_close(a, b)


def test_min_gru_step_by_step_equals_all_at_once_and_does_not_see_the_future():
    torch.manual_seed(0)
    layer, x = MinGRU(D, 7).double(), normal(B, 11, D)
    states, state = layer(x), x.new_zeros(B, 7)
    for t in range(11):
        state = layer.step(x[:, t], state)
        torch.testing.assert_close(state, states[:, t])
    changed = x.detach().clone()
    changed[:, 6] += 1
    assert torch.equal(layer(changed)[:, :6], states[:, :6])
    assert not torch.equal(layer(changed)[:, 6:], states[:, 6:])


def test_the_longest_chain_by_hand():
    x = torch.ones(2, requires_grad=True)
    assert longest_chain(x * 2) == 1
    assert longest_chain((x * 2).exp() + x) == 3  # product, exponential, sum
    with pytest.raises(CourseError, match="no history"):
        longest_chain(torch.ones(2))


def test_a_recurrence_waits_for_each_step_a_scan_for_their_logarithm_attention_for_none():
    lengths = (8, 16, 32, 64)
    chains = {k: [c10_parallel.chain(k, n) for n in lengths] for k in c10_parallel.CONFIG["widths"]}
    each = (chains["gru"][1] - chains["gru"][0]) / 8
    assert each >= 1
    assert [n - chains["gru"][0] for n in chains["gru"]] == [each * (n - 8) for n in lengths]
    assert len(set(chains["transformer"])) == 1
    rounds = (chains["scan"][1] - chains["scan"][0]) / 1
    assert rounds >= 1
    assert [n - chains["scan"][0] for n in chains["scan"]] == [
        rounds * (math.log2(n) - 3) for n in lengths
    ]


def test_attention_is_counted_with_the_length():
    short, long = (c10_parallel.operations("transformer", n) for n in (16, 48))
    width = c10_parallel.CONFIG["widths"]["transformer"]
    assert long - short == 2 * 32 * width  # scores, and what is read, of 32 positions more


def test_the_arms_are_of_one_size():
    sizes = [
        c10_parallel.number_of_parameters(c10_parallel.build(kind))
        for kind in c10_parallel.CONFIG["widths"]
    ]
    assert max(sizes) <= 1.05 * min(sizes)


def test_everything_is_measured(monkeypatch):
    monkeypatch.setattr(c10_parallel, "LENGTHS", (4, 8))
    monkeypatch.setattr(c10_parallel, "DECIDING", 8)
    for key, value in {"tokens_a_batch": 16, "repeats": 2, "generated": 3}.items():
        monkeypatch.setitem(c10_parallel.CONFIG, key, value)
    rows = c10_parallel.measure("transformer", 1, 0.0)
    assert all(row.value > 0 for row in rows)
    found = c10_parallel.summary(rows)
    assert {f"{mode}.{kind}.8" for mode in c10_parallel.MODES for kind in ("gru", "scan")} <= set(
        found
    )
    assert c10_parallel.verdict(rows)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_the_gpu_is_not_timed():
    with pytest.raises(CourseError, match="there is none; c10_parallel times the CPU"):
        c10_gpu.measure("transformer", 1, 0.0)


def times(training, generation):
    """Ratios of the GRU's time to the Transformer's, repetition by repetition."""
    rows = []
    for mode, ratios in (("training", training), ("generation", generation)):
        for seed, ratio in enumerate(ratios, start=1):
            rows += [
                Row("gru", seed, 512, mode, ratio, 5),
                Row("scan", seed, 512, mode, 1.0, 5),
                Row("transformer", seed, 512, mode, 1.0, 5),
            ]
    return rows


CASES = {
    "both": (times((4, 5, 6), (3, 3, 4)), SUPPORTED),
    "training alone": (times((4, 5, 6), (0.2, 0.3, 0.3)), CAVEAT),
    "neither": (times((1, 1.1, 1.2), (0.2, 0.3, 0.3)), NOT_SUPPORTED),
    "cannot be told": (times((1, 2, 3), (0.2, 0.3, 0.3)), INCONCLUSIVE),
}


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES)
def test_made_up_rows_reach_each_verdict(rows, expected):
    verdict_cases.rows_lead_to(c10_parallel, rows, expected)
    verdict_cases.intervals_hold_their_numbers(c10_parallel, rows)


def test_every_verdict_is_reached():
    verdict_cases.every_verdict_is_reached(CASES)
