"""C1 on a corpus: test sets by length, and differences whose answer is known beforehand."""

from types import SimpleNamespace

import pytest
import torch

from course.data.pairs import Example
from course.experiments import c01_tatoeba

EXAMPLES = [
    Example(" ".join(f"w{i}" for i in range(length)), (" ".join(["mot"] * length),))
    for length in (2, 3, 5, 6, 7, 10, 14) * 40
]


def test_bins_hold_sources_of_their_lengths():
    tests = c01_tatoeba.test_sets(EXAMPLES)
    assert [*tests] == ["1-4", "5-8", "9-12", "13-16 single", "13-16", "17-24", "25-40"]
    for name, examples in tests.items():
        low, high = c01_tatoeba.bounds(name)
        assert all(low <= len(example.src.split()) <= high for example in examples)
        assert name == "13-16 single" or len(examples) >= 40
    assert all(example in EXAMPLES for name in c01_tatoeba.SINGLE for example in tests[name])
    assert len(tests["25-40"]) == c01_tatoeba.CONFIG["joined_sentences"]


def test_an_empty_bin_is_left_out():
    assert "13-16 single" not in c01_tatoeba.test_sets([e for e in EXAMPLES if len(e.src) < 30])


def spoiled(text, share):
    """Every so-manieth word wrong."""
    words = text.split()
    return " ".join("faux" if (i + 1) * share % 1 < share else w for i, w in enumerate(words))


@pytest.fixture
def rows(monkeypatch):
    """Rows of a perfect translator against one that spoils half of the words of long inputs."""
    monkeypatch.setitem(c01_tatoeba.CONFIG, "bootstrap_samples", 100)
    monkeypatch.setattr(
        c01_tatoeba.zoo,
        "load",
        lambda name: SimpleNamespace(name=name, model=torch.nn.Linear(3, 2)),
    )

    def translations(translator, examples):
        long = len(examples[0].src.split()) > 12
        share = 0.5 if long and translator.name == "weak" else 0.0
        return [spoiled(e.refs[0], share) if share else e.refs[0] for e in examples]

    monkeypatch.setattr(c01_tatoeba.translators, "translations", translations)
    tests = c01_tatoeba.test_sets(EXAMPLES)
    return c01_tatoeba.compare({"gru": "weak", "bahdanau": "strong"}, tests)


def test_a_known_rise_is_found(rows):
    summary = c01_tatoeba.summary(rows)
    assert summary["rise.bahdanau"] == 0
    assert summary["rise.gru"] == pytest.approx(0.5, abs=0.02)
    assert summary["rise.difference"] == pytest.approx(-summary["rise.gru"])
    assert summary["rise.difference.low"] <= summary["rise.difference"]
    assert summary["rise.difference"] <= summary["rise.difference.high"]
    assert c01_tatoeba.verdict(rows) == "supported"


def test_differences_are_attention_minus_none_in_every_bin(rows):
    summary = c01_tatoeba.summary(rows)
    assert summary["token_error_rate.5-8"] == 0
    assert summary["token_error_rate.25-40"] == pytest.approx(-0.5, abs=0.02)
    assert summary["bleu.25-40"] > 10
    assert summary["chrf.25-40.low"] > 0


def test_every_bin_has_both_models_and_their_difference(rows):
    for name in c01_tatoeba.test_sets(EXAMPLES):
        found = {(row.arm, row.metric) for row in rows if row.x == name}
        assert {("gru", "bleu"), ("bahdanau", "chrf"), ("difference", "bleu_low")} <= found
    counts = {row.arm: row.value for row in rows if row.metric == "parameters"}
    assert counts == {"gru": 8, "bahdanau": 8}
