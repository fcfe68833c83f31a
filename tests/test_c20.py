"""C20: three tasks, models of equal size with and without attention, and the verdicts."""

import pytest
import torch

import verdict_cases
from course.data.batching import Encoded
from course.experiments import beyond, beyond_scores, c20_beyond
from course.experiments.beyond import KINDS, TASKS
from course.experiments.fitting import Written, number_of_parameters
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.results.records import Row
from course.runtime import generator


@pytest.mark.parametrize("task", TASKS)
def test_all_models_of_a_task_have_about_as_many_parameters(task):
    sizes = [number_of_parameters(beyond.build(task, kind)) for kind in KINDS]
    assert max(sizes) / min(sizes) < 1.02


def test_building_a_recurrent_model_draws_the_same_weights_each_time():
    weights = []
    for _ in range(2):
        torch.manual_seed(7)
        weights.append(
            torch.cat([p.flatten() for p in beyond.build("sounds", "gru-fixed").parameters()])
        )
    assert torch.equal(*weights)


@pytest.mark.parametrize("task", ["pictures", "sounds"])
def test_levels_say_how_noisy_a_signal_is(task):
    def spread(level):
        found = beyond.written(task, ["e"] * 40, level, generator(1, "levels"))
        clean = beyond.written(task, ["e"] * 40, 200, generator(1, "levels"))
        pairs = zip(found.encoded.src, clean.encoded.src, strict=True)
        return float(torch.cat([(a - b).flatten() for a, b in pairs]).std())

    levels = beyond.LEVELS[task]
    spreads = [spread(level) for level in levels]
    assert spreads == sorted(spreads) and len(set(spreads)) == len(levels)


@pytest.mark.parametrize("task", TASKS)
def test_training_mixes_all_levels_and_lengths(task):
    found = beyond.draw(task, 100, None, generator(1, "mix"))
    assert len(found.encoded.src) == len(found.encoded.tgt) == len(found.texts) == 100
    if task == "summaries":
        stop = beyond.vocabulary().encode(".")[0]
        assert {row.count(stop) for row in found.encoded.src} == set(range(2, 7))
    else:
        assert {len(text) for text in found.texts} == set(range(1, 9))
        assert found.encoded.src[0].std() > 0
    texts = [beyond.text(task, ids) for ids in found.encoded.tgt]
    assert texts == found.texts


def test_seeds_have_their_own_items_and_models_of_a_seed_share_them(monkeypatch):
    monkeypatch.setitem(c20_beyond.CONFIG, "items", 5)
    c20_beyond.items.cache_clear()
    first = c20_beyond.items("pictures", 1).src[0]
    assert not torch.equal(first[:1], c20_beyond.items("pictures", 2).src[0][:1])
    assert torch.equal(first, c20_beyond.items("pictures", 1).src[0])
    c20_beyond.items.cache_clear()


def test_lengths_are_letters_or_facts():
    ids = [
        beyond.vocabulary().encode(t)
        for t in ("Paul sees the key and the hat.", "Paul sees the key, the box and the hat.")
    ]
    found = beyond_scores.by_length("summaries", Written([ids[0], ids[0]], ids))
    assert [(x, value) for x, _, value, _ in found] == [("length 2", 0.0), ("length 3", 3 / 11)]
    found = beyond_scores.by_length("sounds", Written([[4], [5, 6]], [[5], [5, 6]]))
    assert [(x, value) for x, _, value, _ in found] == [("length 1", 1.0), ("length 2", 0.0)]


def test_the_parser_judges_summaries():
    texts = ["Paul sees the key.", "Paul the key sees.", "Paul sees the keys.", "Paul."]
    wrote = Written([beyond.vocabulary().encode(text) for text in texts], [[]] * 4)
    assert beyond_scores.accepted(wrote) == 0.5


@pytest.mark.parametrize("arm", [arm.name for arm in c20_beyond.ARMS])
def test_one_run_is_measured(arm, monkeypatch):
    small = {"items": 20, "valid_items": 5, "test_items": 5, "updates": dict.fromkeys(TASKS, 2)}
    for key, value in small.items():
        monkeypatch.setitem(c20_beyond.CONFIG, key, value)
    c20_beyond.items.cache_clear()
    c20_beyond.valid_items.cache_clear()
    rows = c20_beyond.measure(arm, 1, 1e-3)
    task = arm.partition(".")[0]
    found = {(row.x, row.metric): row.value for row in rows}
    assert len(found) == len(rows), "every row has a name of its own"
    assert set(beyond.LEVELS[task]) <= {x for x, metric in found if metric == "error"}
    assert found["run", "updates"] == 2 and found["run", "tokens"] > 0
    assert (beyond.LEVELS[task][0], "error_beam") in found
    assert ((beyond.LEVELS[task][0], "accepted") in found) == (task == "summaries")
    assert (("words", "error") in found) == (task != "summaries")
    assert ((0, "weight.0") in found) == (arm in ("pictures.transformer", "sounds.transformer"))
    if (0, "weight.0") in found:
        total = sum(value for (x, metric), value in found.items() if x == 0 and "weight" in metric)
        assert total == pytest.approx(1, abs=0.01)
        assert {x for x, metric in found if "weight" in metric} == set(range(9)), "letters and end"
    c20_beyond.items.cache_clear()
    c20_beyond.valid_items.cache_clear()


def test_a_model_that_can_read_makes_no_errors(monkeypatch):
    """Writing is asked for in parts of a hundred; none may be lost or changed."""

    class Reader(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.nothing = torch.nn.Parameter(torch.zeros(()))

        def encode(self, src, src_mask):
            return (src[:, :, 0],)

        def start(self, memory, prefix):
            return (torch.zeros(len(memory[0]), 1, dtype=torch.long),)

        def step(self, token, memory, state, *, return_weights=False):
            from course.models.interface import Step

            ids = torch.cat([memory[0], torch.zeros(len(token), 1)], 1).gather(1, state[0])[:, 0]
            ids = torch.where(ids == 0, 2, ids).long()
            scores = torch.nn.functional.one_hot(ids, 30).float().log().clamp(min=-50)
            return Step(scores, (state[0] + 1,))

    rows = [[4 + i % 20] * (i % 3 + 1) for i in range(205)]
    data = Encoded([torch.tensor(row)[:, None].float() for row in rows], rows)
    for beam in (1, 2):
        assert beyond_scores.write(Reader(), data, beam=beam).exact == 1


def table(reads=0.02, gap=0.4, worst=None, spread=0.001):
    """Errors of all arms; `worst` replaces what sounds have: (error, gap)."""
    rows = []
    for task in TASKS:
        mine, more = worst if worst and task == "sounds" else (reads, gap)
        errors = {
            "transformer": mine,
            "gru-attention": mine + 0.01,
            "transformer-fixed": mine + more + 0.2,
            "gru-fixed": mine + more,
        }
        for kind, error in errors.items():
            for seed in range(1, 6):
                arm, wobble = f"{task}.{kind}", spread * (seed - 3)
                value = max(error + (wobble if kind == "transformer" else -wobble), 0.0)
                rows.append(Row(arm, seed, beyond.LEVELS[task][0], "error", value, 9))
                rows.append(Row(arm, seed, beyond.LEVELS[task][1], "error", 2.0, 9))
                rows.append(Row(arm, seed, "run", "valid_loss", error, 1))
    return rows


CASES = {
    "attention reads all three": (table(), SUPPORTED),
    "one vector would do for sounds": (table(worst=(0.02, 0.03)), CAVEAT),
    "sounds are not learnt": (table(worst=(0.3, 0.4)), NOT_SUPPORTED),
    "too noisy to tell": (table(worst=(0.05, 0.4), spread=0.02), INCONCLUSIVE),
    "the gap can't be told": (table(worst=(0.02, 0.1), spread=0.008), INCONCLUSIVE),
}


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES)
def test_made_up_rows_reach_each_verdict(rows, expected):
    verdict_cases.rows_lead_to(c20_beyond, rows, expected)
    verdict_cases.intervals_hold_their_numbers(c20_beyond, rows)


def test_every_verdict_is_reached():
    verdict_cases.every_verdict_is_reached(CASES)


def test_both_sides_send_the_model_that_validates_better():
    rows = table()
    assert c20_beyond.better(rows, "sounds", c20_beyond.ATTENDING) == "sounds.transformer"
    assert c20_beyond.better(rows, "sounds", c20_beyond.FIXED) == "sounds.gru-fixed"
    assert c20_beyond.summary(rows)["pictures.gap"] == pytest.approx(0.4, abs=1e-9)
