"""C19: every verdict can be reached, states are equal, and the experiments run."""

import pytest
import torch

from course.experiments import c19_recall, c19_shakespeare, nearness, recall_models
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.experiments.shakespeare import Text
from course.nn.mixers import MIXERS
from course.results.records import Row

FAR = {kind: 0.3 for kind in recall_models.KINDS} | {"full": 0.98}


def rows(spread=0.0, **scores):
    """Three seeds of each kind, `spread` around its accuracy."""
    accuracy = FAR | {kind.replace("_", "-"): value for kind, value in scores.items()}
    return [
        Row(f"{kind}.{length}", seed, pairs, "accuracy", value + spread * (seed - 2), 9)
        for kind, value in accuracy.items()
        for seed in (1, 2, 3)
        for length, pairs in ((256, 64), (256, 4), (64, 4))
    ]


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (rows(), NOT_SUPPORTED),
        (rows(window=0.95, linear=0.94, performer=0.96), SUPPORTED),
        (rows(**{"global": 0.95}, linear=0.94, performer=0.96), SUPPORTED),
        (rows(linear=0.94), CAVEAT),
        (rows(delta=0.98, gated=0.98, hybrid=0.98, performer_256=0.98), NOT_SUPPORTED),
        (rows(full=0.85), INCONCLUSIVE),
        (rows(linear=0.93, full=0.98) + [Row("linear.256", 4, 64, "accuracy", 0.5, 9)], CAVEAT),
    ],
)
def test_verdicts(found, verdict):
    assert c19_recall.verdict(found) == verdict


def test_an_interval_across_the_margin_is_inconclusive():
    found = [row for row in rows() if row.arm != "linear.256"]
    found += [Row("linear.256", s, 64, "accuracy", v, 9) for s, v in ((1, 0.98), (2, 0.9), (3, 1))]
    assert c19_recall.verdict(found) == INCONCLUSIVE


@pytest.mark.parametrize(
    ("bits", "verdict"),
    [
        ({}, NOT_SUPPORTED),
        ({"window": 2.04, "linear": 2.02, "performer": 1.9}, SUPPORTED),
        ({"linear": 2.02, "hybrid": 1.9}, CAVEAT),
        ({"linear": 2.05}, INCONCLUSIVE),
    ],
)
def test_verdicts_on_shakespeare(bits, verdict):
    found = [
        Row(kind, seed, "run", "test_bits", value + 0.01 * (seed - 2) * (kind == "linear"), 9)
        for kind, value in (dict.fromkeys(recall_models.KINDS, 2.2) | {"full": 2.0} | bits).items()
        for seed in (1, 2, 3)
    ]
    assert c19_shakespeare.verdict(found) == verdict
    assert c19_shakespeare.summary(found)["hybrid.gap"] == pytest.approx(
        bits.get("hybrid", 2.2) - 2.0
    )


def test_shakespeare_is_learnt_in_windows_and_scored_behind_half_of_one(monkeypatch):
    text = Text("To be, or not to be: that is the question. " * 400)
    monkeypatch.setattr(c19_shakespeare, "text", lambda: text)
    small = {"updates": 6, "rows": 2, "length": 32}
    monkeypatch.setattr(c19_shakespeare, "CONFIG", c19_shakespeare.CONFIG | small)
    found = {row.metric: row for row in c19_shakespeare.measure("gated", 1, 1e-2)}
    assert found["updates"].value == 6 and found["tokens"].value == 6 * 2 * 32
    assert 0 < found["test_bits"].value < 10
    part = text.parts["test"]
    windows = (len(part) - 33) // 16 + 1
    assert found["test_bits"].n == windows * 16
    assert c19_shakespeare.trial("full", 1e-2) > 0


def test_the_summary_takes_the_better_kind_and_the_deciding_cell():
    found = [row for row in rows(window=0.5) if row.x == 64]
    found += [Row("window.256", s, 4, "accuracy", 0.99, 9) for s in (1, 2, 3)]
    s = c19_recall.summary(found)
    assert s["sparse.gap"] == pytest.approx(0.48) == s["window.gap"]
    assert s["global.gap"] == pytest.approx(0.68)
    assert s["kernel.gap.low"] == s["performer.gap.low"] == pytest.approx(0.68)


def test_states_are_equal_within_two_percent():
    def state(kind, length):
        model = recall_models.build(kind, symbols=5, length=3)
        return model.state_size(length)

    equal = ("window", "global", "linear", "performer", "gated", "delta")
    found = {kind: {state(kind, 256), state(kind, 1024)} for kind in equal}
    assert all(len(sizes) == 1 for sizes in found.values())
    base = found["window"].pop()
    assert all(sizes.pop() == pytest.approx(base, rel=0.02) for k, sizes in found.items() if sizes)
    assert state("performer-256", 256) > 3 * base
    assert state("full", 1024) > 3 * state("full", 256) > 9 * base
    assert state("full", 256) > state("hybrid", 256) > state("delta", 256)


def test_all_kinds_of_the_claim_are_measured():
    assert {kind for kinds in recall_models.KINDS.values() for kind in kinds} == {*MIXERS}
    assert {k for kinds in nearness.CLAIMED.values() for k in kinds} < {*recall_models.KINDS}


@pytest.mark.parametrize("arm", ["performer-256.64", "hybrid.64"])
def test_an_arm_runs(monkeypatch, arm):
    small = {"updates": {"64": {"64": 5}}, "test_sequences": 7}
    monkeypatch.setattr(recall_models, "CONFIG", recall_models.CONFIG | small)
    assert 0 < c19_recall.trial(arm, 1e-3) < 10
    found = c19_recall.measure(arm, 1, 1e-3)
    assert [(row.x, row.n) for row in found[:3]] == [(4, 28), (8, 56), (16, 112)]
    run = {row.metric: row.value for row in found[3:]}
    assert (run["updates"], run["tokens"], run["rate"]) == (5, 5 * 30 * 64, 1e-3)


def test_long_sequences_come_after_short_ones(monkeypatch):
    monkeypatch.setitem(recall_models.CONFIG, "updates", {"256": {"64": 4, "256": 6}})
    seen = []
    monkeypatch.setattr(
        recall_models, "fit", lambda model, losses, **more: seen.extend(losses) or _Spent(more)
    )
    _, spent = recall_models.train("window.256", 1, 1e-3, share=0.5)
    assert [count // 30 for _, count in seen] == [64, 64, 256, 256, 256]
    assert spent == {"updates": 5, "rate": 1e-3}


class _Spent(dict):
    def _asdict(self):
        return self


def test_a_diverged_trial_counts_as_guessing(monkeypatch):
    monkeypatch.setattr(c19_recall, "train", lambda *args: (None, {}))
    monkeypatch.setattr(c19_recall, "scores", lambda *args: (float("nan"), 0.0, 1))
    assert c19_recall.trial("full.64", 1.0) == pytest.approx(5.66, abs=0.01)


def test_arms_learn_from_the_same_sequences_with_all_numbers_of_pairs():
    first = next(recall_models.batches(256, 1))
    torch.testing.assert_close(first, next(recall_models.batches(256, 1)), rtol=0, atol=0)
    asked = (first.targets >= 0).sum(1).tolist()
    assert asked == [n for n in (4, 8, 16, 32, 64) for _ in range(6)]
