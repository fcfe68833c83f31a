"""C19 on real queries and keys: approximations converge, errors are what they say, verdicts."""

import pytest
import torch

from course import zoo
from course.experiments import c19_error, real_attention
from course.experiments.real_attention import WEIGHTS, Heads, errors, heads_of, texts
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.inspection import capture_attention
from course.results.records import Row

B, H, T, D = 2, 3, 23, 5


def draw(seed=1):
    source = torch.Generator().manual_seed(seed)
    return Heads(*torch.randn(3, B, H, T, D, dtype=torch.float64, generator=source).unbind(0))


def approximate(kind, budget, heads=None, seed=1):
    heads = heads or draw()
    return WEIGHTS[kind](heads, budget, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("kind", "budget"),
    [("window", 2 * T), ("bigbird", 4 * T), ("pooled", T), ("best-rank", T)],
)
def test_a_full_budget_gives_the_true_weights(kind, budget):
    weights = approximate(kind, budget)
    torch.testing.assert_close(weights, draw().scores.softmax(-1))
    assert errors(draw(), weights)["error"].max() < 1e-6


def test_more_features_come_nearer_and_no_mixture_beats_the_best_rank():
    small = Heads(*(0.5 * part for part in draw()))
    found = [
        errors(small, approximate("performer", m, small))["error"].mean() for m in (8, 128, 4096)
    ]
    assert found[0] > 2 * found[1] > 4 * found[2] > 0
    best = errors(draw(), approximate("best-rank", 6))["weights"]
    for kind in ("pooled", "projected"):
        assert (errors(draw(), approximate(kind, 6))["weights"] >= best).all()


@pytest.mark.parametrize("kind", ["window", "bigbird", "performer", "linear", "pooled"])
def test_these_weights_are_distributions(kind):
    weights = approximate(kind, 0 if kind == "linear" else 16)
    torch.testing.assert_close(weights.sum(-1), torch.ones(B, H, T, dtype=torch.float64))
    assert errors(draw(), weights)["kl"].min() > 0


def test_a_query_gets_no_more_keys_than_the_budget():
    seen = (approximate("window", 8) > 0).sum(-1)
    assert seen.max() == 7  # its own and three on either side
    assert (approximate("bigbird", 20) > 0)[0, 0, 4:].sum(-1).max() <= 20
    assert "kl" not in errors(draw(), approximate("projected", 6))


def test_errors_by_hand():
    zero = torch.zeros(1, 1, 2, 1)
    value = torch.tensor([[[[3.0], [5.0]]]])
    heads = Heads(zero, zero, value)  # all weights are a half, all outputs 4
    found = errors(heads, torch.eye(2)[None, None])
    assert found["error"].item() == pytest.approx((2 / 32) ** 0.5)
    assert found["weights"].item() == pytest.approx(1.0)
    assert found["kl"].item() == pytest.approx(torch.tensor(2.0).log().item())


def test_the_heads_are_those_of_the_model():
    translator = zoo.load("tatoeba-en-fr-transformer", device=torch.device("cpu"))
    ids = texts(translator, 2, 17, torch.Generator().manual_seed(1))
    assert ids.shape == (2, 17)
    found = heads_of(translator.model, ids)
    with capture_attention(translator.model.encoder) as captured, torch.no_grad():
        translator.model.encode(ids, torch.ones_like(ids, dtype=torch.bool))
    assert len(found) == len(captured) == 2
    for heads, (weights,) in zip(found, captured.values(), strict=True):
        torch.testing.assert_close(heads.scores.softmax(-1), weights)


def rows(spread=0.0, **found):
    error = dict.fromkeys(WEIGHTS, 0.5) | {k.replace("_", "-"): v for k, v in found.items()}
    return [
        Row(kind, seed, f"{length}.{budget}", "error", value + spread * (seed - 2), 9)
        for kind, value in error.items()
        for seed in (1, 2, 3)
        for length, budgets in c19_error.BUDGETS.items()
        for budget in budgets[kind]
    ]


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (rows(best_rank=0.01), NOT_SUPPORTED),
        (rows(window=0.05, projected=0.09, performer=0.1, linear=0.02), SUPPORTED),
        (rows(pooled=0.05), CAVEAT),
        (rows(pooled=0.1, spread=0.01), INCONCLUSIVE),
    ],
)
def test_verdicts(found, verdict):
    assert c19_error.verdict(found) == verdict


def test_a_kind_is_measured_by_length_budget_layer_and_head(monkeypatch):
    monkeypatch.setattr(c19_error, "BUDGETS", {13: {"window": (4, 8)}})
    monkeypatch.setitem(c19_error.CONFIG, "texts", 2)
    found = c19_error.measure("window", 1, 0.0)
    at = {row.metric: row for row in found if row.x == "13.4"}
    parts = [row.value for metric, row in at.items() if metric.startswith("error-")]
    assert at["error"].value == pytest.approx(sum(parts) / len(parts)) and len(parts) == 8
    assert at["error"].value > {row.metric: row.value for row in found if row.x == "13.8"}["error"]
    assert {"kl", "weights"} < at.keys()
    assert real_attention.BLOCK == c19_error.CONFIG["block"]
