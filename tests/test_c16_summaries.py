"""C16, summarising: what the reports ask for, equal sizes, and the verdicts."""

import pytest

import verdict_cases
from course.data import grammar
from course.experiments import c16_families, c16_summaries, family_tasks, family_writing
from course.experiments.family_models import FAMILIES, build
from course.experiments.fitting import number_of_parameters
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.results.records import Row

SEEDS = (1, 2, 3, 4, 5)


@pytest.fixture(autouse=True)
def few_pairs(monkeypatch):
    monkeypatch.setattr(family_tasks, "TRAIN", {"summaries": 60})
    monkeypatch.setattr(family_tasks, "HELD_OUT", {"valid": 7, "test": 11})
    family_tasks.task.cache_clear()
    yield
    family_tasks.task.cache_clear()


def test_a_summary_says_what_the_first_person_does_and_nothing_else():
    known = family_tasks.task("summaries")
    pairs = [pair for split in known.splits.values() for pair in zip(*split, strict=True)]
    for src, tgt in pairs:
        report, told = ([known.words[i] for i in side] for side in (src, tgt))
        statements = " ".join(report).removesuffix(" .").split(" . ")
        mine = [each.split() for each in statements if each.startswith(report[0])]
        others = [each.split() for each in statements if not each.startswith(report[0])]
        assert len(mine) in (2, 3) and len(others) == 1
        assert told[:2] == mine[0][:2]
        for words in mine:
            assert " ".join(words[2:]) in " ".join(told)
        assert others[0][0] not in told
        assert grammar.accepts(" ".join(told).replace(" ,", ",").replace(" .", "."), "en")
        assert len(report) + len(told) + 2 <= family_writing.LONGEST_STORY * 3  # places there are


def test_families_have_equally_many_parameters_but_the_deep_one():
    known = family_tasks.task("summaries")
    sizes = {family: number_of_parameters(build(known, family)) for family in FAMILIES}
    deep = sizes.pop("encoder-decoder-deep")
    assert max(sizes.values()) <= 1.02 * min(sizes.values())
    assert deep > 1.5 * max(sizes.values())


def test_the_encoder_may_write_in_as_many_ways_as_in_other_tasks():
    ways = family_writing.settings("summaries", "encoder")
    assert ways == family_writing.settings("answers", "encoder")
    assert len(ways) > len(family_writing.settings("summaries", "decoder")) == 1


@pytest.mark.parametrize("arm", ["summaries.encoder", "summaries.encoder-decoder"])
def test_one_run_is_measured(arm, monkeypatch):
    monkeypatch.setitem(c16_families.CONFIG, "updates", 3)
    rows = c16_summaries.measure(arm, 1, 1e-3)
    found = {row.metric: row.value for row in rows}
    assert {row.arm for row in rows} == {arm}
    assert 0 <= found["score"] <= 1 and found["operations"] > 0
    assert c16_summaries.trial(arm, 1e-3) > 0


def table(own=0.8, deep=0.8, decoder=0.6, noise=0.005):
    scores = dict.fromkeys(FAMILIES, 0.5)
    scores |= {"encoder-decoder": own, "encoder-decoder-deep": deep, "decoder": decoder}
    wobble = {"encoder-decoder": noise, "encoder-decoder-deep": noise}
    return [
        Row(f"summaries.{f}", seed, "run", "score", score + sign * wobble.get(f, 0.0), 9)
        for f, score in scores.items()
        for seed, sign in zip(SEEDS, (-1, 1, 0, 1, -1), strict=True)
    ]


CASES = {
    "ahead at both": (table(), SUPPORTED),
    "ahead at equal parameters": (table(deep=0.6), CAVEAT),
    "behind": (table(decoder=0.9), NOT_SUPPORTED),
    "alike": (table(own=0.6, deep=0.6), NOT_SUPPORTED),
    "seeds disagree": (table(own=0.65, noise=0.2), INCONCLUSIVE),
}


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES)
def test_made_up_rows_reach_each_verdict(rows, expected):
    verdict_cases.rows_lead_to(c16_summaries, rows, expected)
    verdict_cases.intervals_hold_their_numbers(c16_summaries, rows)


def test_every_verdict_is_reached():
    verdict_cases.every_verdict_is_reached(CASES)
