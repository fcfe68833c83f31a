"""C11: the marked symbol, its influence, and the verdicts."""

import pytest
import torch

import verdict_cases
from course.experiments import c11_reach, needles
from course.experiments.fitting import number_of_parameters
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.results.records import Row
from course.runtime import generator


@pytest.mark.parametrize("distance", [1, 2, 17])
def test_the_question_stands_at_its_distance_from_the_marked_symbol(distance):
    places = set()
    for seed in range(12):
        drawn = needles.draw(5, distance, generator(seed, "needles"))
        assert (drawn.tokens[:, drawn.place - 1] == needles.MARK).all()
        assert (drawn.tokens == needles.MARK).sum() == 5
        assert (drawn.tokens[:, -1] == needles.QUESTION).all()
        assert drawn.tokens.shape[1] - 1 - drawn.place == distance
        assert torch.equal(drawn.tokens[:, drawn.place], drawn.answers)
        assert drawn.answers.max() < needles.SYMBOLS
        places.add(drawn.place)
    assert len(places) > 2


def test_networks_of_one_size():
    sizes = [number_of_parameters(needles.build(arm, 1)) for arm in needles.ARMS]
    assert max(sizes) <= 1.03 * min(sizes), sizes


class OnlyTwo(torch.nn.Module):
    """Answers from the symbol after the mark, and three times less from the first token."""

    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(10, needles.SYMBOLS)

    def forward(self, embedded):
        return 3 * embedded[:, 4] + embedded[:, 0]


def test_influence_is_a_share_of_gradients():
    source = generator(0, "influence")
    drawn = needles.draw(6, 5, source)
    while drawn.place != 4:
        drawn = needles.draw(6, 5, source)
    assert needles.influence(OnlyTwo(), drawn) == pytest.approx(0.75)


@pytest.mark.parametrize("arm", needles.ARMS)
def test_one_run_is_measured(arm, monkeypatch):
    for key, value in {"updates": 2, "test_sequences": 10, "distances": [1, 8, 128]}.items():
        monkeypatch.setitem(c11_reach.CONFIG, key, value)
    rows = c11_reach.measure(arm, 1, 1e-3)
    shares = [row.value for row in rows if row.metric.startswith("influence")]
    assert len(shares) == 6 and all(0 < share < 1 for share in shares)


def table(kept, gain, spread=0.01):
    """Rows where the share of influence is `kept` by arm, and the Transformer finds `gain` more."""
    rows = []
    for arm in needles.ARMS:
        for seed in range(1, 6):
            wobble = spread * (seed - 3) * (1 if arm == "transformer" else 0)
            far = 0.5 + (gain if arm == "transformer" else 0)
            for end in ("", "-start"):
                rows += [
                    Row(arm, seed, c11_reach.NEAR, f"influence{end}", 0.5, 9),
                    Row(arm, seed, c11_reach.FAR, f"influence{end}", 0.5 * kept[arm] + wobble, 9),
                ]
            rows.append(Row(arm, seed, c11_reach.FAR, "accuracy", far + wobble, 9))
    return rows


def kept(gru, transformer):
    return {"gru": gru, "scan": 0.2, "transformer": transformer}


CASES = {
    "direct, and better": (table(kept(0.1, 0.9), 0.4), SUPPORTED),
    "direct, but no better": (table(kept(0.1, 0.9), 0.0), CAVEAT),
    "not kept": (table(kept(0.1, 0.2), 0.4), NOT_SUPPORTED),
    "the GRU keeps it too": (table(kept(0.9, 0.9), 0.0), NOT_SUPPORTED),
    "cannot be told": (table(kept(0.1, 0.5), 0.4, spread=0.1), INCONCLUSIVE),
}


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES)
def test_made_up_rows_reach_each_verdict(rows, expected):
    verdict_cases.rows_lead_to(c11_reach, rows, expected)
    verdict_cases.intervals_hold_their_numbers(c11_reach, rows)


def test_every_verdict_is_reached():
    verdict_cases.every_verdict_is_reached(CASES)
