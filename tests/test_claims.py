"""The rules of the claims: made-up rows that reach each verdict, for each claim.

Rows carry a little noise between seeds, so that intervals are neither points nor all-embracing.
"""

import pytest

import verdict_cases
from course.experiments import c01_tatoeba, c02_gates, c03_forgetting, c21_capacity, rising
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.results.records import Row

SEEDS = (1, 2, 3, 4, 5)


def seeded(arm, x, metric, value, noise=0.01):
    """Five rows around a value; noise alternates in sign, so the mean stays."""
    signs = (-1, 1, 0, 1, -1)
    return [Row(arm, s, x, metric, value + noise * e, 7) for s, e in zip(SEEDS, signs, strict=True)]


def lengths(noise=0.01, **rises):
    """Rows of C1: each kind's error rises from 0.02 by so much; kinds not named rise by 0.5."""
    kinds = ("attention", *rising.ONE_WAY, "bi-attention", "bi-every-step")
    flat = {"attention": 0.03, "bi-attention": 0.03}
    rows = []
    for task in ("copy", "reverse"):
        for kind in kinds:
            rise = rises.get(kind.replace("-", "_"), flat.get(kind, 0.5))
            sign = -1 if kind in flat else 1  # opposite noise, so that differences are noisy too
            rows += seeded(f"{task}.{kind}", rising.SHORT, "token_error_rate", 0.02, 0)
            rows += seeded(
                f"{task}.{kind}", rising.LONG, "token_error_rate", 0.02 + rise, sign * noise
            )
    return rows


C1 = {
    "every control rises": (lengths(), SUPPORTED),
    "a stronger control stays flat": (lengths(every_step_long=0.05), CAVEAT),
    "attention rises too": (lengths(attention=0.2), CAVEAT),
    "the bidirectional control stays flat": (lengths(bi_every_step=0.05), CAVEAT),
    "nothing rises": (
        lengths(initial=0.05, every_step=0.05, every_step_wide=0.04, every_step_long=0.04),
        NOT_SUPPORTED,
    ),
    "seeds disagree": (lengths(noise=0.05, every_step=0.15), INCONCLUSIVE),
}


def gates(recall, gradient, noise=0.01):
    """Rows of C2 from recall and log10 gradient by arm."""
    rows = []
    for arm in c02_gates.CELLS:
        sign = -1 if "tanh" in arm else 1  # opposite noise, so that differences are noisy too
        rows += seeded(arm, c02_gates.FAR, "recall", recall[arm], sign * noise)
        rows += seeded(arm, c02_gates.FAR, "gradient-trained", gradient[arm], sign * noise)
    return rows


GATED = {"gru": 0.9, "lstm": 0.9, "lstm-forget1": 0.9}
FLOWS = {"tanh": -40.0, "tanh-orthogonal": -20.0, "gru": -1.0, "lstm": -4.0, "lstm-forget1": -3.0}
C2 = {
    "gates win everywhere": (
        gates({"tanh": 0.2, "tanh-orthogonal": 0.4, **GATED}, FLOWS),
        SUPPORTED,
    ),
    "an orthogonal matrix does as well": (
        gates({"tanh": 0.2, "tanh-orthogonal": 0.9, **GATED}, FLOWS),
        CAVEAT,
    ),
    "the LSTM needs its forget bias": (
        gates({"tanh": 0.2, "tanh-orthogonal": 0.4, **GATED, "lstm": 0.2}, FLOWS),
        CAVEAT,
    ),
    "gates recall, gradients vanish alike": (
        gates({"tanh": 0.2, "tanh-orthogonal": 0.4, **GATED}, dict.fromkeys(FLOWS, -9.0)),
        CAVEAT,
    ),
    "plain tanh recalls as much": (
        gates({"tanh": 0.9, "tanh-orthogonal": 0.9, **GATED}, FLOWS),
        NOT_SUPPORTED,
    ),
    "seeds disagree": (
        gates({"tanh": 0.7, "tanh-orthogonal": 0.7, **GATED}, FLOWS, noise=0.3),
        INCONCLUSIVE,
    ),
}


def positions(noise=0.01, **gaps):
    """Rows of C3: the end's advantage over the beginning, 0.3 where not named."""
    rows = []
    for arm in c03_forgetting.SYMBOL_ARMS:
        for metric in ("decoded", "written", "probe"):
            gap = gaps.get(f"{arm}_{metric}", 0.3)
            for x in c03_forgetting.BEGINNING:
                rows += seeded(arm, x, metric, 0.4, 0)
            for x in c03_forgetting.END:
                rows += seeded(arm, x, metric, 0.4 + gap, noise)
    return rows


NOWHERE = {f"{a}_{m}": 0.0 for a in ("copy", "reverse") for m in ("decoded", "probe")}
C3 = {
    "the beginning is lost everywhere": (positions(), SUPPORTED),
    "only where it is written last": (positions(copy_decoded=-0.2), CAVEAT),
    "nowhere": (positions(**NOWHERE), NOT_SUPPORTED),
    "the end is lost": (positions(**dict.fromkeys(NOWHERE, -0.3)), NOT_SUPPORTED),
    "seeds disagree": (positions(noise=0.3, **NOWHERE), INCONCLUSIVE),
}


def shares(noise=0.01, **found):
    """Rows of C21 from the share recovered at the longest length, 0.5 where not named."""
    rows = []
    for arm in ("width-4", "width-16", "width-64", "updates-2400", "data-1000"):
        share = found.get(arm.replace("-", "_"), 0.5)
        sign = -1 if arm == "width-64" else 1
        rows += seeded(arm, c21_capacity.LONGEST, "share", share, sign * noise)
        rows += seeded(arm, c21_capacity.LONGEST, "bits", 110 * share, sign * noise)
    return rows


C21 = {
    "a limit that nothing moves": (shares(), SUPPORTED),
    "a limit that training moves": (shares(updates_2400=0.7), CAVEAT),
    "a limit that width moves": (shares(width_16=0.2), CAVEAT),
    "all bits come through": (shares(updates_2400=0.97), NOT_SUPPORTED),
    "seeds disagree": (shares(noise=0.1), INCONCLUSIVE),
}


def corpus(difference, attention):
    """Rows of C1 on the corpus from two intervals."""
    rows = []
    for arm, ends in (
        ("difference", difference),
        ("bahdanau", attention),
        ("gru", (0.3, 0.2, 0.4)),
    ):
        for suffix, value in zip(("", "_low", "_high"), ends, strict=True):
            rows.append(Row(arm, 1, "rise", f"token_error_rate{suffix}", value, 300))
    return rows


TATOEBA = {
    "attention stays flat": (corpus((-0.3, -0.35, -0.25), (0.02, 0.0, 0.04)), SUPPORTED),
    "attention rises less": (corpus((-0.3, -0.35, -0.25), (0.2, 0.15, 0.25)), CAVEAT),
    "both rise alike": (corpus((-0.02, -0.05, 0.01), (0.3, 0.25, 0.35)), NOT_SUPPORTED),
    "too few sentences": (corpus((-0.1, -0.3, 0.1), (0.3, 0.1, 0.5)), INCONCLUSIVE),
}

CLAIMS = {
    "C1": (rising, C1),
    "C1 on a corpus": (c01_tatoeba, TATOEBA),
    "C2": (c02_gates, C2),
    "C3": (c03_forgetting, C3),
    "C21": (c21_capacity, C21),
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


def test_the_strongest_control_decides():
    assert rising.strongest(lengths(initial=0.1), "copy") == "initial"
    assert rising.summary(lengths(initial=0.1))["copy.difference"] == pytest.approx(0.07)
    assert rising.summary(lengths(initial=0.1))["copy.difference.equal"] == pytest.approx(0.47)
