"""The rules of C12 and C14: made-up rows that reach each verdict; and the parts they stand on."""

import math

import pytest
import torch

import verdict_cases
from course.data.tokenizer import BOS, EOS
from course.experiments import c12_scaling, c14_positions, ordering, scaling
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


def copied(noise=0.01, bidirectional=0.7, causal=0.05, blind=0.73, sort=0.01):
    """Rows of C14: errors without positions, by direction; schemes copy well, rotary best."""
    arms = {f"copy.{d}.{s}": 0.02 for d in c14_positions.DIRECTIONS for s in c14_positions.SCHEMES}
    arms |= {"copy.bidirectional.none": bidirectional, "copy.causal.none": causal}
    arms |= {"sort.bidirectional.none": sort, "sort.bidirectional.sinusoidal": 0.01}
    rows = seeded("order-blind", 6, "error_forced", blind, 0.01)
    for arm, error in arms.items():
        sign = -noise if arm.endswith("none") else noise
        loss = 0.1 if arm.endswith("rotary") else 0.2
        rows += seeded(arm, "run", "valid_loss", loss)
        for suffix in ("", "_forced"):
            rows += seeded(arm, 6, f"error{suffix}", error, sign)
            rows += seeded(arm, 12, f"error{suffix}", 0.9, sign)  # beyond does not decide
    return rows


C14 = {
    "a mask gives no order": (copied(causal=0.7), SUPPORTED),
    "a causal mask gives order too": (copied(), CAVEAT),
    "a bidirectional encoder needs no positions": (copied(bidirectional=0.05), NOT_SUPPORTED),
    "the control fails as well": (copied(sort=0.3), INCONCLUSIVE),
    "seeds disagree on the gap": (copied(noise=0.2, bidirectional=0.15), INCONCLUSIVE),
    "seeds disagree on the mask": (copied(noise=0.1, causal=0.63, sort=-0.3), INCONCLUSIVE),
}

CLAIMS = {"C12": (c12_scaling, C12), "C14": (c14_positions, C14)}
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


@pytest.mark.parametrize("task", ["copy", "sort"])
def test_both_tasks_have_the_same_sources_of_different_symbols(task):
    batch = ordering.draw(task, 5, 7, torch.Generator().manual_seed(1))
    again = ordering.draw("copy", 5, 7, torch.Generator().manual_seed(1))
    assert batch.src.tolist() == again.src.tolist()
    for source, target in zip(batch.src[:, :-1].tolist(), batch.tgt_out.tolist(), strict=True):
        assert len(set(source)) == 7
        assert target == [*(sorted(source) if task == "sort" else source), EOS]


def test_all_arms_see_the_same_sources_and_no_untrained_length():
    stream = ordering.stream("copy", 3, (2, 6), 1)
    other = ordering.stream("sort", 3, (2, 6), 1)
    drawn = [next(stream).src for _ in range(60)]
    assert [x.tolist() for x in drawn] == [next(other).src.tolist() for _ in range(60)]
    assert {x.shape[1] - 1 for x in drawn} == {2, 3, 4, 5, 6}


@torch.no_grad()
def order_seen(scheme, direction="bidirectional"):
    """How much the logits of the first symbol change when the source is shuffled."""
    torch.manual_seed(5)
    model = ordering.build(direction, scheme).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    src = torch.tensor([[4, 9, 6, 13, EOS]])
    logits = []
    for order in ([0, 1, 2, 3, 4], [3, 1, 0, 2, 4]):
        shuffled = src[:, order]
        read = torch.tensor([[BOS]])
        if direction == "causal":
            read = ordering.prompt(shuffled)
        logits.append(model(shuffled, shuffled > 0, read)[:, -1])
    return float((logits[0] - logits[1]).abs().max())


def test_without_positions_a_bidirectional_encoder_sees_no_order():
    assert order_seen("none") < 1e-4
    assert order_seen("none", "causal") > 1e-2, "a causal mask shows the order"
    for scheme in c14_positions.SCHEMES:
        assert order_seen(scheme) > 1e-3


def test_a_decoder_only_model_learns_from_the_target_alone():
    batch = ordering.draw("copy", 3, 4, torch.Generator().manual_seed(1))
    assert ordering.prompt(batch.src).shape == (3, 6)
    torch.manual_seed(1)
    model = ordering.build("causal", "rotary")
    read = torch.cat([ordering.prompt(batch.src), batch.tgt_out[:, :-1]], 1)
    log_probs = model(batch.src, batch.src_mask, read).log_softmax(-1)[:, 5:]
    expected = -log_probs.gather(2, batch.tgt_out[:, :, None]).mean()
    torch.testing.assert_close(ordering.loss(model, batch), expected)


@pytest.mark.parametrize("direction", ["bidirectional", "causal"])
def test_a_forced_end_comes_at_the_right_length(direction):
    torch.manual_seed(1)
    model = ordering.build(direction, "sinusoidal")
    batch = ordering.draw("copy", 5, 7, torch.Generator().manual_seed(1))
    forced = ordering.write(model, batch, forced=True)
    assert {len(row) for row in forced.hypotheses} == {7}
    assert EOS not in {token for row in forced.hypotheses for token in row}
    assert forced.references == batch.src[:, :-1].tolist()
    assert max(len(row) for row in ordering.write(model, batch, forced=False).hypotheses) <= 15


def test_the_blind_writer_knows_the_symbols_and_not_their_order():
    batch = ordering.draw("copy", 600, 3, torch.Generator().manual_seed(1))
    written = ordering.blind(batch, torch.Generator().manual_seed(2))
    for row, reference in zip(written.hypotheses, written.references, strict=True):
        assert sorted(row) == sorted(reference)
    assert written.exact == pytest.approx(1 / 6, abs=0.05)


def test_c14_runs_an_arm_of_each_kind(monkeypatch):
    small = {"updates": 2, "test_sequences": 3, "valid_sequences": 3, "test_lengths": [2, 12]}
    monkeypatch.setattr(c14_positions, "CONFIG", c14_positions.CONFIG | small)
    for arm in ("copy.causal.learned", "sort.bidirectional.none"):
        rows = c14_positions.measure(arm, 1, 1e-3)
        assert {row.x for row in rows} == {2, 12, "run"}
        assert {"error", "exact", "error_forced", "exact_forced"} < {row.metric for row in rows}
    assert {row.metric for row in c14_positions.measure("order-blind", 1, 0.0)} == {
        "error_forced",
        "exact_forced",
    }
    assert c14_positions.trial("copy.bidirectional.alibi", 1e-3) > 0
