"""The rules of C7, C8 and C22: made-up rows that reach each verdict."""

import pytest

import verdict_cases
from course.experiments import (
    c07_lookup,
    c08_alibi,
    c08_faithful,
    c08_grammar,
    c22_grammar,
    c22_tatoeba,
)
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.results.records import Row

SEEDS = (1, 2, 3, 4, 5)


def seeded(arm, x, metric, value, noise=0.01):
    """Five rows around a value; noise alternates in sign, so the mean stays."""
    signs = (-1, 1, 0, 1, -1)
    return [Row(arm, s, x, metric, value + noise * e, 7) for s, e in zip(SEEDS, signs, strict=True)]


def lookups(noise=0.01, hard=0.95, **accuracy):
    """Rows of C7: soft-0.1 finds 0.95 of the answers; arms not named find 0.3."""
    rows = []
    for arm in (*c07_lookup.SOFT, "average", "detached-0.1", *c07_lookup.HARD):
        right = accuracy.get(arm.replace("-", "_").replace(".", ""), 0.3)
        right = accuracy.get("soft_01", 0.95) if arm == "soft-0.1" else right
        sign = noise if arm in c07_lookup.SOFT else -noise  # opposite: differences are noisy too
        rows += seeded(arm, "run", "accuracy", right, sign)
        rows += seeded(arm, "run", "valid", right, 0)
        rows += seeded(arm, "run", "hard", hard if arm == "soft-0.1" else 0.3, sign)
    return rows


C7 = {
    "soft wins, and can be read hard": (lookups(), SUPPORTED),
    "a hard lookup is learnt as well": (lookups(through_03=0.95), CAVEAT),
    "a gradient is not needed": (lookups(detached_01=0.95), NOT_SUPPORTED),
    "averaging does as well": (lookups(average=0.95), NOT_SUPPORTED),
    "it is no lookup": (lookups(hard=0.5), NOT_SUPPORTED),
    "seeds disagree": (lookups(noise=0.3), INCONCLUSIVE),
}


def linked(attention=0.2, crossing=0.3, aligner=0.15, noise=0.01):
    """Rows of C8 on the grammar; the diagonal errs at 0.4, and at 0.8 where words move."""
    rows = []
    for metric, errors in (
        ("aer", (attention, aligner, 0.4)),
        ("aer_crossing", (crossing, 0.2, 0.8)),
    ):
        for arm, error, sign in zip(("attention", "aligner"), errors, (1, -1), strict=False):
            rows += seeded(arm, "test", metric, error, sign * noise)
        rows.append(Row("diagonal", 1, "test", metric, errors[2], 7))
        rows += seeded("attention", 0, metric, 0.9)  # what was chosen from does not count
    return rows


GRAMMAR = {
    "as good as an aligner": (linked(), SUPPORTED),
    "behind the aligner": (linked(attention=0.28), CAVEAT),
    "no better than the diagonal": (linked(attention=0.38), NOT_SUPPORTED),
    "no better where words move": (linked(crossing=0.78), NOT_SUPPORTED),
    "seeds disagree": (linked(noise=0.3), INCONCLUSIVE),
}


def bootstrapped(arm, x="test", **values):
    """Rows with intervals: NAME=(value, low, high); a double underscore is a full stop."""
    return [
        Row(arm, 1, x, name.replace("__", ".") + end, value, 300)
        for name, ends in values.items()
        for end, value in zip(("", "_low", "_high"), ends, strict=True)
    ]


def stories(gain, crossing, behind):
    """Rows of C8 on the stories from three intervals."""
    return bootstrapped(
        "stories", gain__aer=gain, gain__aer_crossing=crossing, behind__aer=behind
    ) + bootstrapped("stories", "chosen-on 0", gain__aer=(9.0, 9.0, 9.0))


FAR, NEAR, NIL = (0.3, 0.25, 0.35), (0.05, 0.02, 0.08), (0.02, -0.01, 0.05)
WIDE = (0.1, -0.2, 0.4)
STORIES = {
    "as good as an aligner": (stories(FAR, FAR, NEAR), SUPPORTED),
    "behind the aligner": (stories(FAR, FAR, FAR), CAVEAT),
    "no better than the diagonal": (stories(NIL, FAR, NEAR), NOT_SUPPORTED),
    "no better where words move": (stories(FAR, NIL, NEAR), NOT_SUPPORTED),
    "too few sentences": (stories(WIDE, FAR, NEAR), INCONCLUSIVE),
}


def erased(over, behind, deleted=None):
    """Rows of the test of faithfulness; the second way of erasing as the first if not given."""
    return bootstrapped(
        "tatoeba",
        over_random__hidden=over,
        over_random__deleted=deleted or over,
        behind_gradient__hidden=behind,
        behind_gradient__deleted=behind,
    )


MUCH, LITTLE, UNSURE = (2.0, 1.5, 2.5), (0.1, 0.0, 0.2), (0.5, 0.1, 0.9)
FAITHFUL = {
    "as good as the gradient": (erased(MUCH, LITTLE), SUPPORTED),
    "the gradient finds better": (erased(MUCH, MUCH), CAVEAT),
    "no better than random": (erased(LITTLE, LITTLE), NOT_SUPPORTED),
    "only while hidden": (erased(MUCH, LITTLE, deleted=LITTLE), NOT_SUPPORTED),
    "too few sentences": (erased(UNSURE, LITTLE), INCONCLUSIVE),
}


def detected(attention=0.75, gain=0.0, over=0.2, noise=0.01):
    """Rows of C22 on the grammar."""
    rows = []
    for metric, value in (("attention", attention), ("gain", gain), ("over_length", over)):
        rows += seeded("attention", "test", metric, value, noise)
        rows += seeded("attention", "valid", metric, 0.0)
    return rows


def corpus(attention, gain, over=FAR):
    """Rows of C22 on Tatoeba."""
    values = {"attention": attention, "gain": gain, "over_length": over}
    return bootstrapped("bahdanau", **values) + bootstrapped("bahdanau", "test-35", **values)


GOOD = (0.75, 0.7, 0.8)
C22 = {
    "as good as the probability": (detected(), SUPPORTED),
    "the probability is better": (detected(gain=-0.15), CAVEAT),
    "the length is as good": (detected(over=0.0), CAVEAT),
    "a coin": (detected(attention=0.52), NOT_SUPPORTED),
    "seeds disagree": (detected(attention=0.62, noise=0.1), INCONCLUSIVE),
}
TATOEBA = {
    "as good as the probability": (corpus(GOOD, (0.0, -0.02, 0.02)), SUPPORTED),
    "the probability is better": (corpus(GOOD, (-0.2, -0.25, -0.15)), CAVEAT),
    "the length is as good": (corpus(GOOD, (0.0, -0.02, 0.02), over=NIL), CAVEAT),
    "a coin": (corpus((0.5, 0.45, 0.55), NIL), NOT_SUPPORTED),
    "too few sentences": (corpus((0.62, 0.5, 0.7), NIL), INCONCLUSIVE),
}

CLAIMS = {
    "C7": (c07_lookup, C7),
    "C8 on the grammar": (c08_grammar, GRAMMAR),
    "C8 on the stories": (c08_alibi, STORIES),
    "C8 faithful": (c08_faithful, FAITHFUL),
    "C22 on the grammar": (c22_grammar, C22),
    "C22 on a corpus": (c22_tatoeba, TATOEBA),
}
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
