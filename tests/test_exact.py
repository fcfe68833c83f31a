"""Exact search against brute force, and the coverage penalty against a slow loop."""

import math

import pytest
import torch

from course.data.tokenizer import EOS
from course.decoding import (
    CoveragePenalty,
    LengthPenalty,
    beam_search,
    exact_search,
    trace_beam_search,
)
from course.errors import CourseError
from course.models.interface import Step
from test_decoding import NEVER, PENALTIES, TableModel, batch, brute_force

LIMIT = 5


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda p: f"{p.kind}-{p.alpha}")
@pytest.mark.parametrize("zeros", [0.0, 0.4])
@pytest.mark.parametrize("shortest", [1, 3])
def test_exact_search_is_brute_force(seed, penalty, zeros, shortest):
    model = TableModel(seed, zeros=zeros)
    known = [h for h, *_ in beam_search(model, *batch(0, 1, 2), max_length=LIMIT, beam=2)]
    for given in (None, known):
        for at_once in (1, 7):
            found = exact_search(
                model,
                *batch(0, 1, 2),
                max_length=LIMIT,
                min_length=shortest,
                length_penalty=penalty,
                known=given,
                batch=at_once,
            )
            for source, result in enumerate(found):
                every = brute_force(model, source, LIMIT, penalty)
                allowed = [each for each in every if len(each[1]) + 1 >= shortest]
                assert result.proved
                if not allowed:
                    assert result.best is None
                    continue
                assert result.best is not None and result.best.tokens == allowed[0][1]
                assert result.best.score == pytest.approx(allowed[0][0])
                text = (*result.best.tokens, EOS)
                assert result.best.log_prob == pytest.approx(model.log_prob(source, text))


def test_the_bound_saves_work_and_a_known_output_saves_more():
    model, off = TableModel(3, end=1.0), LengthPenalty(alpha=0.0)
    rows, prefixes = batch(0, 1, 2, 3), sum(4**n for n in range(LIMIT))
    known = [each[0] for each in beam_search(model, *rows, max_length=LIMIT, length_penalty=off)]
    settings = {"max_length": LIMIT, "batch": 1}
    bare = sum(each.steps for each in exact_search(model, *rows, **settings))
    primed = sum(each.steps for each in exact_search(model, *rows, known=known, **settings))
    assert primed <= bare < 4 * prefixes / 2


def test_giving_up_says_so_and_returns_the_best_so_far():
    model = TableModel(1, end=-4.0)
    (known, *_), *_ = beam_search(model, *batch(0), max_length=LIMIT)
    (stopped,) = exact_search(model, *batch(0), max_length=LIMIT, max_steps=3, known=[known])
    assert not stopped.proved and stopped.steps == 3
    assert stopped.best is not None and stopped.best.log_prob >= known.log_prob
    (none,) = exact_search(model, *batch(0), max_length=LIMIT, min_length=4, max_steps=1)
    assert none.best is None and not none.proved


def test_the_most_probable_output_may_be_the_empty_one():
    model = TableModel(0, end=50.0)
    (found,) = exact_search(model, *batch(0), max_length=LIMIT)
    assert found.best is not None and found.best.empty and found.best.finished
    (longer,) = exact_search(model, *batch(0), max_length=LIMIT, min_length=3)
    assert longer.best is not None and longer.best.length == 3


def test_nothing_is_found_where_nothing_can_end():
    model = TableModel(0)
    model.table[..., EOS] = NEVER
    (found,) = exact_search(model, *batch(0), max_length=3)
    assert found.best is None and found.proved


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"max_length": 0}, "max_length"),
        ({"max_steps": 0}, "max_steps"),
        ({"batch": 0}, "batch"),
        ({"known": []}, "0 outputs for 1"),
    ],
)
def test_bad_arguments_of_exact_search_are_named(arguments, words):
    with pytest.raises(CourseError, match=words):
        exact_search(TableModel(0), *batch(0), **{"max_length": 3, **arguments})


@pytest.mark.parametrize("alpha", [1e9, 11.0, float("inf"), float("nan"), -1.0])
def test_a_length_penalty_out_of_range_is_one_sentence(alpha):
    with pytest.raises(CourseError, match="between 0"):
        LengthPenalty(alpha=alpha)


def test_the_largest_length_penalty_computes():
    for kind in ("average", "gnmt"):
        assert LengthPenalty(alpha=10.0, kind=kind).score(-3.0, 10_000) < 0


@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda p: f"{p.kind}-{p.alpha}")
def test_one_trace_answers_for_every_milder_length_penalty(penalty):
    differing = 0
    for seed in range(6):
        model = TableModel(seed, end=0.5, zeros=0.2)
        arguments = {"max_length": 7, "beam": 3}
        expected = beam_search(model, *batch(0, 1, 2), length_penalty=penalty, **arguments)
        traces = trace_beam_search(model, *batch(0, 1, 2), **arguments)
        for trace, (best, *_) in zip(traces, expected, strict=True):
            found = trace.best(penalty)
            assert (found.tokens, found.finished) == (best.tokens, best.finished)
            assert found.log_prob == pytest.approx(best.log_prob)
            assert not found.finished or found.score == pytest.approx(best.score)
            differing += found.tokens != trace.hypotheses[0].tokens
    assert differing or penalty == LengthPenalty()


# --- coverage


class Looking(TableModel):
    """A table with two layers of three heads whose weights depend on what was written."""

    def step(self, token, memory, state, *, return_weights=False):
        step = super().step(token, memory, state)
        mask, total = memory[1], state[1] + token
        places = torch.arange(mask.shape[1])
        heads = torch.arange(6).view(2, 3)
        phase = total[:, None, None, None] * (1 + heads[None, :, :, None]) + places
        scores = 3 * torch.sin(phase.double())
        weights = scores.masked_fill(~mask[:, None, None, :], NEVER).softmax(-1)
        return Step(step.log_probs, step.state, weights if return_weights else None)


def slow_coverage(weights, beta):
    """Wu et al. (2016), equation 14, one number at a time; weights (T, L, H, S)."""
    steps, layers, heads, places = weights.shape
    penalty = 0.0
    for s in range(places):
        attended = 0.0
        for t in range(steps):
            for layer in range(layers):
                for head in range(heads):
                    attended += float(weights[t, layer, head, s]) / (layers * heads)
        penalty += math.log(min(attended, 1.0))
    return beta * penalty


ROWS = batch(0, 1, 2, widths=[3, 5, 2])


@pytest.mark.parametrize("beta", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_coverage_is_the_slow_loop(seed, beta):
    penalty = LengthPenalty(alpha=0.6, kind="gnmt")
    settings = {"max_length": 6, "beam": 4, "n_best": 4, "length_penalty": penalty}
    found = beam_search(
        Looking(seed),
        *ROWS,
        coverage_penalty=CoveragePenalty(beta=beta),
        return_weights=True,
        **settings,
    )
    for hypotheses in found:
        for h in hypotheses:
            expected = penalty.score(h.log_prob, h.length) + slow_coverage(h.weights, beta)
            assert h.score == pytest.approx(expected, rel=1e-9)
        for group in (True, False):
            scores = [h.score for h in hypotheses if h.finished is group]
            assert scores == sorted(scores, reverse=True)


def everything(model, source, width, penalty, coverage):
    """Every finished output of at most four tokens with its covered score, best first."""
    settings = {"max_length": 4, "beam": 64, "n_best": 64, "length_penalty": penalty}
    (found,) = beam_search(model, *batch(source, widths=[width]), return_weights=True, **settings)
    scored = [
        (h.score + slow_coverage(h.weights, coverage.beta), h.tokens) for h in found if h.finished
    ]
    return sorted(scored, reverse=True)


@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda p: f"{p.kind}-{p.alpha}")
@pytest.mark.parametrize("seed", range(3))
def test_with_coverage_the_bound_stays_exact(seed, penalty):
    model, coverage = Looking(seed, end=1.0), CoveragePenalty(beta=0.7)
    arguments = {"max_length": 4, "beam": 64, "n_best": 2, "length_penalty": penalty}
    traces = trace_beam_search(model, *ROWS, coverage_penalty=coverage, **arguments)
    for source, (trace, width) in enumerate(zip(traces, [3, 5, 2], strict=True)):
        expected = everything(model, source, width, penalty, coverage)[:2]
        assert [h.tokens for h in trace.hypotheses] == [text for _, text in expected]
        assert [h.score for h in trace.hypotheses] == pytest.approx([s for s, _ in expected])


def test_coverage_without_beta_changes_nothing_and_weights_stay_unasked():
    plain = beam_search(Looking(5), *ROWS, max_length=6, n_best=3)
    covered = beam_search(
        Looking(5), *ROWS, max_length=6, n_best=3, coverage_penalty=CoveragePenalty(beta=0.0)
    )
    assert plain == covered
    assert all(h.weights is None for hypotheses in covered for h in hypotheses)


def test_coverage_changes_which_hypothesis_wins():
    changed = 0
    for seed in range(8):
        best = [
            beam_search(Looking(seed), *ROWS, max_length=6, coverage_penalty=penalty)
            for penalty in (None, CoveragePenalty(beta=2.0))
        ]
        changed += best[0][1][0].tokens != best[1][1][0].tokens
    assert changed >= 2


def test_coverage_by_hand_and_its_errors():
    penalty = CoveragePenalty(beta=0.5)
    coverage = torch.tensor([0.5, 1.7, 1.0, 0.25])
    assert penalty.score(coverage) == pytest.approx(0.5 * (math.log(0.5) + math.log(0.25)))
    assert penalty.score(torch.zeros(2)) > NEVER  # an underflowed weight is no infinity
    for beta in (-0.1, float("nan"), float("inf")):
        with pytest.raises(CourseError, match="beta"):
            CoveragePenalty(beta=beta)


def test_a_coverage_penalty_needs_weights():
    class Blind(TableModel):
        def step(self, token, memory, state, *, return_weights=False):
            return super().step(token, memory, state)

    with pytest.raises(CourseError, match="attention weights"):
        beam_search(Blind(0), *batch(0), max_length=3, coverage_penalty=CoveragePenalty())
