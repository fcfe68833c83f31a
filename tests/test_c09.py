"""C9: its rules reach each verdict, and both experiments run small."""

import pytest
import torch

from course.experiments import aligned, c09_frozen, c09_scores, matching
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED, VERDICTS
from course.results.records import Row
from course.runtime import generator

SIGNS = (-1, 1, 0, 1, -1)


def rows_of(arm, metric, x, value, noise):
    return [Row(arm, s, x, metric, value + noise * e, 9) for s, e in enumerate(SIGNS, start=1)]


def frozen(*, linear=1.0, xor=1.0, learnt=1.0, noise=0.01):
    """Rows with these accuracies of additive scores; the others find all, half, all of them."""
    rows = []
    for setting, additive, other in zip(
        c09_frozen.SETTINGS, (linear, xor, learnt), (1.0, 0.5, 1.0), strict=True
    ):
        rows += rows_of(f"{setting}.additive", "accuracy", "run", additive, noise)
        for score in c09_frozen.MULTIPLICATIVE:
            rows += rows_of(f"{setting}.{score}", "accuracy", "run", other, -noise)
    return rows


def scores(previous, current, noise=0.001):
    """Rows in which additive scores make so many errors less, by state."""
    rows = []
    for arm in c09_scores.SETTINGS:
        gain = {"additive.previous": previous, "additive.current": current}.get(arm, 0.0)
        sign = -1 if arm.startswith("additive") else 1
        rows += rows_of(arm, "token_error_rate", "test", 0.2 - gain, sign * noise)
        rows += rows_of(arm, "aer", "test", 0.3, noise)
    return rows


FROZEN = {
    "a learnt encoder takes it over": (frozen(), CAVEAT),
    "even a learnt encoder cannot": (frozen(learnt=1.5), SUPPORTED),
    "multiplicative scores do as well": (frozen(xor=0.5), NOT_SUPPORTED),
    "additive is better at everything": (frozen(linear=1.5), INCONCLUSIVE),
    "seeds disagree": (frozen(xor=0.6, noise=0.1), INCONCLUSIVE),
}
QUALITY = {
    "with both states": (scores(0.03, 0.03), SUPPORTED),
    "with one of them": (scores(0.03, 0.0), CAVEAT),
    "with neither": (scores(0.0, 0.0), NOT_SUPPORTED),
    "worse": (scores(-0.03, -0.03), NOT_SUPPORTED),
    "seeds disagree": (scores(0.01, 0.01, noise=0.02), INCONCLUSIVE),
}
ALL = [(c09_frozen, name, *case) for name, case in FROZEN.items()]
ALL += [(c09_scores, name, *case) for name, case in QUALITY.items()]


@pytest.mark.parametrize(("module", "name", "rows", "expected"), ALL, ids=lambda x: str(x)[:40])
def test_made_up_rows_reach_each_verdict(module, name, rows, expected):
    assert module.verdict(rows) == expected, module.summary(rows)


def test_every_verdict_is_reached():
    for cases in (FROZEN, QUALITY):
        assert {verdict for _, verdict in cases.values()} == set(VERDICTS)


@pytest.mark.parametrize("task", ["linear", "xor"])
def test_exactly_one_word_answers_each_query(task):
    asked = matching.draw(task, 50, generator(1))
    signs = asked.encodings @ matching.rotation().T
    assert torch.allclose(signs.abs(), torch.ones(()), atol=1e-4)
    kind = signs[..., 0] * (signs[..., 1] if task == "xor" else 1)
    wanted = kind.sign() == asked.queries[:, :1]
    assert (wanted.sum(1) == 1).all()
    bits = signs[wanted][:, 2 : 2 + matching.ANSWER_BITS] > 0
    spelt = (bits * 2 ** torch.arange(matching.ANSWER_BITS)).sum(1)
    assert torch.equal(spelt, asked.right)


def test_under_xor_neither_sign_alone_tells_the_word():
    asked = matching.draw("xor", 4000, generator(2))
    signs = (asked.encodings @ matching.rotation().T).sign()
    wanted = (signs[..., 0] * signs[..., 1]) == asked.queries[:, :1]
    for feature in (0, 1):
        agree = signs[..., feature] == asked.queries[:, :1]
        assert abs(float(agree[wanted].float().mean()) - 0.5) < 0.03


def test_general_and_additive_scores_have_equal_parameters():
    sizes = {
        score: sum(p.numel() for p in matching.Finder(score, learnt=False).reader.parameters())
        for score in ("general", "additive")
    }
    assert sizes == {"general": 1089, "additive": 1088}


def test_frozen_runs_small(monkeypatch):
    monkeypatch.setitem(c09_frozen.CONFIG, "updates", 3)
    monkeypatch.setitem(c09_frozen.CONFIG, "test_queries", 50)
    rows = c09_frozen.measure("xor.learnt.scaled_dot", 1, 1e-2)
    assert {row.metric for row in rows} >= {"accuracy", "parameters", "rate"}
    assert 0 <= c09_frozen.trial("linear.frozen.additive", 1e-2) <= 1


def test_all_arms_of_the_scores_have_equal_parameters():
    sizes = {
        arm: sum(p.numel() for p in c09_scores.build(arm, c09_scores.width_of(arm)).parameters())
        for arm in c09_scores.SETTINGS
    }
    assert max(sizes.values()) / min(sizes.values()) < 1.02, sizes


def test_scores_run_small(monkeypatch):
    monkeypatch.setitem(c09_scores.CONFIG, "updates", 2)
    few = {split: part[:20] for split, part in aligned.pools().sentences.items()}
    few["train"] = aligned.pools().sentences["train"]
    monkeypatch.setattr(aligned, "pools", lambda: aligned.Pools(few, TOKENIZER))
    rows = c09_scores.measure("local_p", 1, 4e-3)
    assert {row.metric for row in rows} >= {"token_error_rate", "exact", "aer", "shift", "width"}


TOKENIZER = aligned.pools().tokenizer
