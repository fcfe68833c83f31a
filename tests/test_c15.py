"""C15: models without residual connections, what depth does to gradients, and the verdicts."""

import pytest
import torch

import verdict_cases
from course.experiments import c15_residuals, deep_models
from course.experiments.fitting import number_of_parameters
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.results.records import Row


@pytest.fixture(autouse=True)
def few_sentences(monkeypatch):
    monkeypatch.setattr(deep_models, "SENTENCES", 600)
    for function in (
        deep_models._sentences,
        deep_models.tokenizer,
        deep_models._split,
        deep_models.frequencies,
    ):
        function.cache_clear()
    yield
    for function in (
        deep_models._sentences,
        deep_models.tokenizer,
        deep_models._split,
        deep_models.frequencies,
    ):
        function.cache_clear()


def test_without_the_connection_nothing_that_came_in_goes_on():
    torch.manual_seed(0)
    cut = deep_models.build("none", 2).decoder.layers[0].self_residual
    assert isinstance(cut, deep_models.Cut)
    x, written = torch.randn(2, 3, 64), torch.randn(2, 3, 64)
    torch.testing.assert_close(cut.leave(x, written), cut.leave(0 * x, written))
    assert torch.equal(cut.enter(x), x)


def test_kinds_of_one_depth_have_equally_many_parameters():
    sizes = {kind: number_of_parameters(deep_models.build(kind, 6)) for kind in ("post", "none")}
    assert sizes["post"] == sizes["none"]
    # Pre-norm has one norm more, at the end.
    assert number_of_parameters(deep_models.build("pre", 6)) == sizes["none"] + 2 * 64


def test_validation_and_test_sentences_are_not_learnt():
    parts = {s: {tuple(row) for row in deep_models._split(s)} for s in ("train", "valid", "test")}
    assert all(parts.values())
    assert not parts["train"] & (parts["valid"] | parts["test"])


def test_arms_with_one_seed_see_the_same_batches():
    first, again, other = (next(deep_models.batches("train", seed)) for seed in (1, 1, 2))
    assert torch.equal(first.tgt_out, again.tgt_out)
    assert not torch.equal(first.tgt_out, other.tgt_out)


@pytest.mark.parametrize("kind", c15_residuals.KINDS)
def test_one_run_is_measured(kind, monkeypatch):
    monkeypatch.setitem(c15_residuals.CONFIG, "updates", 2)
    monkeypatch.setitem(deep_models.SCORED, "test", 2)
    rows = c15_residuals.measure(f"{kind}-2-1", 1, 1e-3)
    found = {(row.arm, row.metric): row.value for row in rows}
    assert found[f"{kind}-2-1", "gradient"] > 0
    assert 1 < found[f"{kind}-2-1", "loss"] < 8
    assert found[f"{kind}-2-1", "failed"] in (0, 1)
    assert 1 < found["frequencies", "loss"] < 8


def table(pre=(2.0, 2.0), post=2.0, none=4.0, spread=0.01):
    """Losses of 2 and 24 layers; the second warm-up validates better and is the one that counts."""
    deep = {"pre": pre[1], "post": post, "none": none}
    rows = []
    for kind in c15_residuals.KINDS:
        for depth in c15_residuals.DEPTHS:
            value = deep[kind] if depth == 24 else pre[0]
            for seed in range(1, 6):
                wobble = spread * (seed - 3) * (1 if kind == "none" else 0)
                for warmup, worse in ((1, 3.0), (100, 0.0)):
                    arm = f"{kind}-{depth}-{warmup}"
                    rows += [
                        Row(arm, seed, "run", "valid", value + worse, 1),
                        Row(arm, seed, "run", "loss", value + worse + wobble, 1),
                        Row(arm, seed, "run", "failed", float(worse > 0), 1),
                    ]
    return rows


CASES = {
    "without them it fails": (table(), SUPPORTED),
    "depth costs with them too": (table(pre=(2.0, 2.4)), CAVEAT),
    "no need of them": (table(none=2.1), NOT_SUPPORTED),
    "cannot be told": (table(none=2.5, spread=0.5), INCONCLUSIVE),
}


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES)
def test_made_up_rows_reach_each_verdict(rows, expected):
    verdict_cases.rows_lead_to(c15_residuals, rows, expected)
    verdict_cases.intervals_hold_their_numbers(c15_residuals, rows)


def test_every_verdict_is_reached():
    verdict_cases.every_verdict_is_reached(CASES)


def test_the_warm_up_that_validates_better_stands_for_the_cell():
    found = c15_residuals.summary(table())
    assert found["warmup.none.24"] == 100 and found["failed.none.24"] == 0.5
