"""C9 on a corpus: its rule reaches each verdict, and it measures two made-up translators."""

import pytest
import torch

import verdict_cases
from course import zoo
from course.data.pairs import Example
from course.data.tokenizer import Tokenizer
from course.experiments import c09_tatoeba, stories
from course.experiments.linking import Gold
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.results.records import Row


def difference(value, half):
    ends = {"": value, "_low": value - half, "_high": value + half}
    return [Row("difference", 1, "all", "chrf" + end, v, 9) for end, v in ends.items()]


TOKENIZER = Tokenizer.train(["le numéro est ici"], vocab_size=270)


def translator(name):
    model = Seq2Seq(Seq2SeqConfig(vocab_size=len(TOKENIZER), d_embed=3, d_model=4, context="dot"))
    return zoo.Translator(name, model, TOKENIZER, {})


CASES = {
    "clearly better": (difference(3.0, 1.0), SUPPORTED),
    "better, perhaps by little": (difference(1.5, 1.0), CAVEAT),
    "alike": (difference(0.1, 0.5), NOT_SUPPORTED),
    "worse": (difference(-3.0, 1.0), NOT_SUPPORTED),
    "cannot be told": (difference(0.5, 1.0), INCONCLUSIVE),
}


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES)
def test_made_up_rows_reach_each_verdict(rows, expected):
    verdict_cases.rows_lead_to(c09_tatoeba, rows, expected)
    verdict_cases.intervals_hold_their_numbers(c09_tatoeba, rows)


def test_every_verdict_is_reached():
    verdict_cases.every_verdict_is_reached(CASES)


def test_quality_is_that_of_the_second_minus_the_first(monkeypatch):
    monkeypatch.setitem(c09_tatoeba.CONFIG, "bootstrap_samples", 50)
    monkeypatch.setattr(
        c09_tatoeba.translators,
        "translations",
        lambda each, examples: [e.refs[0] if each.name == "good" else "non" for e in examples],
    )
    tests = {"all": [Example(f"number {n}", (f"le numéro {n} est ici",)) for n in range(10)]}
    pair = {"luong": translator("bad"), "bahdanau": translator("good")}
    rows = c09_tatoeba.quality(pair, tests, seed=1)
    summary = c09_tatoeba.summary(rows)
    assert summary["chrf.low"] > 50 and summary["token_error_rate.high"] < -0.5
    assert {row.value for row in rows if (row.arm, row.metric) == ("bahdanau", "chrf")} == {100}


def test_links_use_the_shift_that_was_chosen_on_other_stories(monkeypatch):
    """The first translator's links are right at shift +1 only, the second's at 0 only."""
    gold = Gold(2, 2, frozenset({(0, 1), (1, 0)}), frozenset({(0, 1), (1, 0)}))
    kept = stories.Kept([], [], [gold] * 3, 0)
    pair = {"luong": translator("luong"), "bahdanau": translator("bahdanau")}
    right = {pair["luong"].model: 1, pair["bahdanau"].model: 0}
    monkeypatch.setitem(c09_tatoeba.CONFIG, "bootstrap_samples", 20)
    monkeypatch.setattr(c09_tatoeba.stories, "read", lambda titles, tokenizer: kept)
    monkeypatch.setattr(
        c09_tatoeba.linking,
        "attention_links",
        lambda model, tokens: {
            shift: [set(gold.sure) if shift == right[model] else {(0, 0)}] * 3
            for shift in (-1, 0, 1)
        },
    )
    rows = c09_tatoeba.links(pair, seed=1)
    found = {row.arm: row.value for row in rows if row.metric == "shift"}
    assert found == {"luong": 1, "bahdanau": 0}
    assert {row.value for row in rows if row.metric.startswith("aer")} == {0}


@pytest.mark.parametrize("name", c09_tatoeba.MODELS.values())
def test_its_translators_are_the_zoos_and_of_one_size(name):
    size = sum(p.numel() for p in zoo.load(name, device=torch.device("cpu")).model.parameters())
    other = zoo.load("tatoeba-en-fr-gru", device=torch.device("cpu")).model
    assert 0.98 < size / sum(p.numel() for p in other.parameters()) < 1.02
