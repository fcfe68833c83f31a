"""Chapter 9: what its cells assert can fail, and what its prose says of records and models."""

import re
from types import SimpleNamespace

import pytest
import torch

import notebooks as pairs
from course import experiments, results

CHAPTER = pairs.CHAPTERS / "09_model_families.md"
CELLS = [cell.source for cell in pairs.read_chapter(CHAPTER).cells if cell.cell_type == "code"]


def lines(beginning):
    """Return the one assert of the cells with this beginning."""
    found = re.findall(rf"(?m)^ *({re.escape(beginning)}.*)$", "\n".join(CELLS))
    assert len(found) == 1, beginning
    return found[0]


CATASTROPHE = {"losses": {True: 1.6, False: 0.1}, "shares": {True: 0.6, False: 0.0}}
SWAPPED = {name: {True: d[False], False: d[True]} for name, d in CATASTROPHE.items()}
ALIKE = torch.eye(12)
ACROSS = torch.ones(12, 12)
FOUND = {("names", True): [0.9, 0.8, 0.9], ("names", False): [0.5, 0.6, 0.7]}
WARM = {0.3: (0.97, 20, 60), 0.7: (0.8, 45, 75), 1.0: (0.6, 50, 60), 1.5: (0.2, 19, 20)}
RIGHT = {False: SimpleNamespace(exact=0.7), True: SimpleNamespace(exact=0.3)}


@pytest.mark.parametrize(
    ("beginning", "right", "wrong"),
    [
        ("assert losses[False]", CATASTROPHE, SWAPPED),
        ("assert losses[False]", CATASTROPHE, CATASTROPHE | {"shares": SWAPPED["shares"]}),
        ("assert learnt <", {"learnt": 1.2}, {"learnt": 4.0}),
        (
            'assert fill("Alice does _',
            {"fill": lambda text: [[("not", 0.9)]]},
            {"fill": lambda text: [[("love", 0.9)]]},
        ),
        (
            "assert min(within",
            {"within": {"cities": 0.4}, "cosines": ALIKE},
            {"within": {"cities": 0.4}, "cosines": ACROSS},
        ),
        (
            'assert sum(found["names", True])',
            {"found": FOUND},
            {"found": {("names", True): [0.5] * 3, ("names", False): [0.9] * 3}},
        ),
        ("assert counts[0.3][0]", {"counts": WARM}, {"counts": {0.3: WARM[1.5], 1.5: WARM[0.3]}}),
        ("assert counts[0.3][1]", {"counts": WARM}, {"counts": WARM | {0.3: (0.97, 60, 60)}}),
        (
            "assert before[1] >",
            {"before": (0.3, 1.0), "after": (0.9, 0.0)},
            {"before": (0.9, 0.0), "after": (0.3, 1.0)},
        ),
        (
            "assert before[1] >",
            {"before": (0.3, 1.0), "after": (0.9, 0.0)},
            {"before": (0.3, 1.0), "after": (0.3, 0.0)},
        ),
        ("assert all(said[0]", {"guess": [[7], [7, 8]], "V": 7}, {"guess": [[7], [3]], "V": 7}),
        (
            "assert translations[True]",
            {"translations": RIGHT},
            {"translations": {True: RIGHT[False], False: RIGHT[True]}},
        ),
        ("assert fluent >", {"fluent": 0.8}, {"fluent": 0.2}),
        (
            'assert "[?]" not in',
            {"steps": ["[?] a", *["a b"] * 5]},
            {"steps": [*["a b"] * 5, "[?] a"]},
        ),
    ],
)
def test_what_is_asserted_can_fail(beginning, right, wrong):
    point = lines(beginning)
    exec(point, dict(right))
    with pytest.raises(AssertionError):
        exec(point, dict(wrong))


def test_what_the_prose_says_of_shakespeare():
    """The Transformer is ahead on the validation text, counting on the test text."""
    measured = results.measured("shakespeare")
    model, ngram = measured["model"], measured["ngram"]
    assert model["valid_bits"] < ngram["valid_bits"] and ngram["test_bits"] < model["test_bits"]
    assert round(model["parameters"] / 1e6, 1) == 4.8
    assert round(model["characters"] / measured["text"]["train"]) == 49
    assert model["rate"] == max(measured["config"]["rates"])
    read = measured["by_context"]
    assert read["4-7"] - min(read.values()) < 0.05 < read["2-3"] - read["4-7"]
    assert abs(read["256-511"] - read["128-255"]) < 0.02
    hot = measured["passages"]["1"]["known_words"]
    assert abs(hot - measured["text"]["known_words"]) < 0.02


def test_the_verdicts_are_what_the_prose_says():
    assert results.verdict("c16_families") == "inconclusive"
    assert results.verdict("c17_labels") == "inconclusive"


def test_what_the_prose_says_of_the_families():
    """Two kinds fail in at least one task, one is open; who is ahead where."""
    found = experiments.get("c16_families").summary(results.load("c16_families").rows)
    assert {k: found[f"{k}.lost"] > 0 for k in ("classify", "generate", "transduce")} == {
        "classify": True,
        "generate": False,
        "transduce": True,
    }
    for task in ("stories", "translation", "answers"):
        others = ("decoder", "prefix", "encoder-decoder", "encoder-decoder-deep")
        assert found[f"{task}.encoder"] < min(found[f"{task}.{other}"] for other in others)
    assert found["entities.parameters.low"] > 0 > found["sentiment.parameters.low"]
    assert found["translation.parameters.low"] > 0 > found["translation.operations"]
    assert found["translation.prefix-decoder.high"] < 0
    for task in ("sentiment", "entities", "stories", "answers"):
        assert found[f"{task}.prefix-decoder.low"] < 0 < found[f"{task}.prefix-decoder.high"]
    rows = results.load("c16_families").rows
    rate = {r.value for r in rows if r.metric == "rate" and "translation" in r.arm}
    assert rate == {max(experiments.get("c16_families").RATES)}
    told = {r.value for r in rows if (r.arm, r.metric) == ("stories.encoder", "iterations")}
    assert told == {16}, "one word at a time"


def test_what_the_prose_says_of_the_label_words():
    record = results.load("c17_labels")
    found = experiments.get("c17_labels").summary(record.rows)
    cell = "words-mixture-large-3200.seen"
    assert abs(found[f"{cell}.free"] - found[f"{cell}.restricted"]) < 1e-3
    for level in ("seen", "recombined", "reworded"):
        assert found[f"words-mixture-large-3200.{level}.off"] < 1e-3
    assert found["large-3200.calibration.low"] < 0 < found["large-3200.calibration.high"]
    assert found["large-3200.encoder.high"] < 0
    assert found["small-3200.gap.low"] < found["large-3200.gap.high"]

    def each(arm, x, metric):
        return [r.value for r in record.rows if (r.arm, r.x, r.metric) == (arm, x, metric)]

    negated, plain = (
        sum(each("words-mixture-large-3200", x, "restricted"))
        - sum(each("head-decoder-large-3200", x, "accuracy"))
        for x in ("negated", "plain")
    )
    assert negated < 2 * plain < 0
    best = max(each("words-mixture-large-3200", "seen", "free"))
    worst = min(each("head-decoder-large-3200", "test", "accuracy"))
    assert 0 < worst - best < 0.01
