"""Chapter 7: what its cells assert can fail, and what its prose says holds for every seed."""

import re

import pytest
import torch

import notebooks as pairs
from course import experiments, results

CHAPTER = pairs.CHAPTERS / "07_query_key_value.md"
CELLS = [cell.source for cell in pairs.read_chapter(CHAPTER).cells if cell.cell_type == "code"]


def cell(part):
    """Return the one cell that holds this text."""
    found = [source for source in CELLS if part in source]
    assert len(found) == 1, part
    return found[0]


def lines(beginning):
    """Return the one assert of the cells with this beginning, for its loop if it is in one."""
    found = re.findall(rf"(?m)^ *({re.escape(beginning)}.*)$", "\n".join(CELLS))
    assert len(found) == 1, beginning
    return found[0]


SCHEMES = ("none", "sinusoidal", "learned", "rotary", "alibi")
SHARES = {
    **dict(zip([(False, s) for s in SCHEMES], [[0.2] * 3, [1, 0.6, 0.4], [1, 0.5, 0.3], [1] * 3,
                                               [0.5] * 3], strict=True)),
    **dict(zip([(True, s) for s in SCHEMES], [[0.8, 0.6, 0.4], [1, 0.6, 0.3], [1, 0.5, 0.3],
                                              [1, 1, 0.8], [0.9] * 3], strict=True)),
}  # fmt: skip
SWAPPED = {**SHARES, (False, "alibi"): SHARES[False, "none"], (False, "none"): [0.5] * 3}
BLIND = {**SHARES, (True, "none"): SHARES[False, "none"]}
HEADS = {(1, 1): (0.55, 0.6), (1, 2): (0.57, 0.57), (2, 1): (1.0, 1.0), (2, 2): (1.0, 0.99)}


@pytest.mark.parametrize(
    ("beginning", "right", "wrong"),
    [
        (
            "assert min(each[True]",
            {"correct": {4: {False: 0.8, True: 0.95}, 64: {False: 0.8, True: 1.0}}},
            {"correct": {4: {True: 0.8, False: 0.95}, 64: {True: 0.8, False: 1.0}}},
        ),
        (
            "assert max(sum(correct[1, seed])",
            {"correct": HEADS},
            {"correct": {**HEADS, (1, 1): HEADS[2, 1]}},
        ),
        (
            "assert min(min(correct[2, seed])",
            {"correct": HEADS},
            {"correct": {**HEADS, (2, 2): HEADS[1, 2]}},
        ),
        (
            "assert lost[seed, -1][0]",
            {"seed": 1, "lost": {(1, -1): (0.1, 1.0), (1, 1): (1.0, 0.1)}},
            {"seed": 1, "lost": {(1, 1): (0.1, 1.0), (1, -1): (1.0, 0.1)}},
        ),
        (
            "assert lost[seed, 1][1]",
            {"seed": 1, "lost": {(1, -1): (0.1, 1.0), (1, 1): (1.0, 0.1)}},
            {"seed": 1, "lost": {(1, 1): (0.1, 1.0), (1, -1): (1.0, 0.1)}},
        ),
        ('assert shares[False, "none"][0] <', {"shares": SHARES}, {"shares": SWAPPED}),
        ('assert shares[False, "none"][0] + 0.3', {"shares": SHARES}, {"shares": BLIND}),
        (
            'assert shares[False, "rotary"][2]',
            {"shares": SHARES},
            {"shares": {**SHARES, (False, "rotary"): SHARES[False, "learned"]}},
        ),
    ],
)
def test_what_is_asserted_can_fail(beginning, right, wrong):
    point = lines(beginning)
    exec(point, dict(right))
    with pytest.raises(AssertionError):
        exec(point, dict(wrong))


def test_each_broken_mask_fails_a_test_and_the_right_one_none():
    names: dict = {"torch": torch}
    exec("from course.runtime import generator\nfrom course.ops.masks import causal_mask", names)
    exec("order = causal_mask(5)", names)
    for part in ("WAYS = {", "def notices", "TESTS = {"):
        exec(cell(part), names)
    names["WAYS"]["right"], names["WAYS"]["upside down"] = (
        names["WAYS"]["upside down"],
        names["WAYS"]["right"],
    )
    with pytest.raises(AssertionError):
        exec(cell("TESTS = {"), names)


def test_what_each_scheme_notices_is_what_the_prose_says():
    names: dict = {"torch": torch}
    exec("from course.runtime import generator\n", names)
    exec("from course.nn.layer_config import LayerConfig\n", names)
    for part in ("def stack(", "def noticed("):
        exec(cell(part), names)
    found = {(c, s): names["noticed"](s, c) for c in (False, True) for s in SCHEMES}
    for scheme in SCHEMES:
        assert found[False, scheme]["shuffled"] == (scheme != "none")
        assert found[False, scheme]["mirrored"] == (scheme not in ("none", "alibi"))
        for causal in (False, True):
            assert found[causal, scheme]["moved"] == (scheme in ("sinusoidal", "learned"))
        assert found[True, scheme]["shuffled"]


def test_what_the_prose_counts_in_the_records():
    rates = {r.arm: r.value for r in results.load("c12_scaling").rows if r.metric == "rate"}
    highest = max(experiments.get("c12_scaling").RATES)
    assert (sum(rate == highest for rate in rates.values()), len(rates)) == (9, 13)
    record = results.load("c13_heads")
    found = experiments.get("c13_heads").summary(record.rows)
    questions = experiments.get("c13_heads").QUESTIONS
    assert (sum(found[f"gain.{q}.high"] < 0 for q in questions), len(questions)) == (7, 11)
    assert [found[f"captured.{n}"] for n in (1, 8)] == [2, 2]
    assert found["exact_difference.low"] < 0 < found["exact_difference.high"]
    for question in ("object-verb", "verb-object"):
        assert found[f"head.{question}.low"] < found[f"floor.{question}"] + 0.02
    arms = [f"copy.{turn}.{scheme}" for turn in ("bidirectional", "causal") for scheme in SCHEMES]
    copied = results.load("c14_positions").rows
    exact = [r.value for r in copied if r.arm in arms and r.x == 12 and "exact" in r.metric]
    assert 0 < max(exact) <= 1 / 200
    assert all(r.value == 3e-3 for r in copied if r.arm in arms and r.metric == "rate")


def test_the_verdicts_are_what_the_prose_says():
    verdicts = [results.verdict(name) for name in ("c12_scaling", "c13_heads", "c14_positions")]
    assert verdicts == ["supported", "inconclusive", "supported with a caveat"]
