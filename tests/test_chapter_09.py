"""Chapter 9: what its cells assert can fail, and what its prose says of records and models."""

import re
from types import SimpleNamespace

import pytest
import torch

import notebooks as pairs
from course import results

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
