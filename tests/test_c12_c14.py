"""The rules of C12 and C14: made-up rows that reach each verdict; and the parts they stand on."""

import math

import pytest
import torch

import verdict_cases
from course.experiments import c12_scaling, scaling
from course.experiments.lookup import draw
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.experiments.scaled_lookup import Lesson, LookupLayer, accuracy
from course.results.records import Row

SEEDS = (1, 2, 3, 4, 5)


def seeded(arm, x, metric, value, noise=0.01):
    """Five rows around a value; noise alternates in sign, so the mean stays."""
    signs = (-1, 1, 0, 1, -1)
    return [Row(arm, s, x, metric, value + noise * e, 7) for s, e in zip(SEEDS, signs, strict=True)]


def scaled(noise=0.01, learnt=0.4, **saturated):
    """Rows of C12: without the scale 0.7 are saturated and `learnt` of the answers right."""
    rows = []
    for source in c12_scaling.SOURCES:
        for way, share in (("unscaled", 0.7), ("scaled", 0.0)):
            share = saturated.get(f"{source}_{way}", share)
            sign = noise if way == "unscaled" else 0.0
            rows += seeded(f"{source}.{way}", 1024, "saturated", share, sign)
            rows += seeded(f"{source}.{way}", 4, "saturated", 0.0)  # narrow ones don't decide
    for width in c12_scaling.TRAINED:
        for way in (*c12_scaling.WAYS, "small"):
            right = learnt if way == "unscaled" and width == 1024 else 0.95
            sign = noise if way == "unscaled" else -noise
            rows += seeded(f"trained-{width}.{way}", "run", "accuracy", right, sign)
            rows += seeded(f"trained-{width}.{way}", "run", "updates_to", 100, 10)
    rows += seeded("trained-1024.unscaled-long", "run", "accuracy", 0.5, noise)
    return rows


C12 = {
    "it is saved, and learns more": (scaled(), SUPPORTED),
    "tuning makes up for it": (scaled(learnt=0.95), CAVEAT),
    "the unscaled one learns more": (scaled(learnt=1.2), CAVEAT),
    "one source does not saturate": (scaled(linear_unscaled=0.05), NOT_SUPPORTED),
    "the scale does not save it": (scaled(unit_scaled=0.3), NOT_SUPPORTED),
    "seeds disagree on learning": (scaled(noise=0.1, learnt=0.8), INCONCLUSIVE),
    "seeds disagree on saturation": (scaled(noise=0.3, unit_unscaled=0.3), INCONCLUSIVE),
}

CLAIMS = {"C12": (c12_scaling, C12)}
CASES = verdict_cases.parameters(CLAIMS)


@pytest.mark.parametrize(("module", "rows", "expected"), CASES)
def test_rows_lead_to_the_verdict(module, rows, expected):
    verdict_cases.rows_lead_to(module, rows, expected)


@pytest.mark.parametrize("claim", CLAIMS)
def test_each_verdict_can_be_reached(claim):
    verdict_cases.every_verdict_is_reached(CLAIMS[claim][1])


@pytest.mark.parametrize(("module", "rows", "expected"), CASES)
def test_a_summary_has_intervals_around_its_numbers(module, rows, expected):
    verdict_cases.intervals_hold_their_numbers(module, rows)


def scores(way, queries, keys):
    dots = (keys @ queries[:, :, None])[..., 0]
    lengths = queries.norm(dim=1)[:, None] * keys.norm(dim=2)
    return scaling.Scores(way, keys.shape[1])(dots, lengths, queries.shape[1])


def test_the_ways_of_scoring_by_hand():
    queries, keys = torch.tensor([[3.0, 4.0, 0.0, 0.0]]), torch.tensor([[[1.0, 0, 0, 0]] * 3])
    torch.testing.assert_close(scores("unscaled", queries, keys), torch.full((1, 3), 3.0))
    torch.testing.assert_close(scores("small", queries, keys), torch.full((1, 3), 3.0))
    torch.testing.assert_close(scores("scaled", queries, keys), torch.full((1, 3), 1.5))
    cosine = 0.6 * math.log2(3**2 - 3)
    torch.testing.assert_close(
        scores("qk-norm", queries, keys).detach(), torch.full((1, 3), cosine)
    )


@pytest.mark.parametrize("width", [4, 64])
@pytest.mark.parametrize("source", ["unit", "xavier", "linear"])
def test_untrained_queries_and_keys_have_the_variance_they_should(source, width):
    queries, keys = scaling.untrained(source, queries=128, keys=32, width=width, d_model=64, seed=1)
    assert queries.shape == (128, width)
    assert keys.shape == (128, 32, width)
    expected = 1 / 3 if source == "linear" else 1.0  # nn.Linear draws from ±1/√fan_in
    assert float(keys.var()) == pytest.approx(expected, rel=0.1)
    dots = (keys @ queries[:, :, None])[..., 0]
    assert float(dots.var()) == pytest.approx(expected**2 * width, rel=0.35)


def test_softness_of_known_scores():
    source = torch.Generator().manual_seed(1)
    equal = scaling.softness(torch.zeros(7, 5), source)
    assert equal == pytest.approx((1.0, 0.0, 1.0, 0.0), abs=1e-6)
    peaked = torch.zeros(8, 5)
    peaked[:4, 2] = 100.0  # half of the queries read one key and get no gradient
    found = scaling.softness(peaked, source)
    assert (found.saturated, found.stuck) == (0.5, 0.5)
    assert found.entropy == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("way", ["unscaled", "scaled", "qk-norm", "small"])
def test_the_layer_scores_as_if_it_had_made_every_key(way):
    torch.manual_seed(3)
    layer = LookupLayer(way, width=11, d_model=7)
    asked = draw(5, torch.Generator().manual_seed(4))
    slots = layer.norm(layer.names(asked.names) + layer.answers(asked.answers))
    queries, keys = layer.query(layer.norm(layer.asked(asked.query))), layer.key(slots)
    torch.testing.assert_close(layer.scores(asked), scores(way, queries, keys))


def test_small_weights_begin_with_scaled_scores():
    found = {}
    for way in ("scaled", "small"):
        layer = Lesson(way, 256, 1, d_model=16, batch=3).layer
        found[way] = layer.scores(draw(9, torch.Generator().manual_seed(2)))
    torch.testing.assert_close(found["scaled"], found["small"])


def test_a_lookup_notes_when_it_is_below_a_threshold():
    lesson = Lesson("scaled", 8, 1, d_model=16, batch=3)
    lesson.losses = {0: 2.7, 20: 0.6, 40: 0.3}
    assert lesson.first_below(0.5) == 40
    assert lesson.first_below(0.1) is None


def test_accuracy_is_a_coin_with_sixteen_sides_before_learning():
    layer = Lesson("scaled", 8, 1, d_model=16, batch=3).layer
    assert accuracy(layer, draw(2000, torch.Generator().manual_seed(2))) < 0.15


def test_c12_runs_an_arm_of_each_kind(monkeypatch):
    small = {"updates": 3, "test_queries": 7, "queries": 64, "widths": [4], "d_model_untrained": 8}
    monkeypatch.setattr(c12_scaling, "CONFIG", c12_scaling.CONFIG | small)
    drawn = c12_scaling.measure("xavier.qk-norm", 1, 0.0)
    assert {row.metric for row in drawn} == {"entropy", "saturated", "gradient", "stuck"}
    learnt = {r.metric: r.value for r in c12_scaling.measure("trained-16.unscaled-long", 1, 1e-3)}
    assert (learnt["updates"], learnt["updates_to"], learnt["reached"]) == (12, 12, 0)
    assert c12_scaling.trial("trained-16.scaled", 1e-3) > 0
