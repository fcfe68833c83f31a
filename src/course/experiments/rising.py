"""The rule of C1: does the error rise with length, and does attention keep it flat? (chapter 2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from course.experiments.rules import (
    CAVEAT,
    INCONCLUSIVE,
    NOT_SUPPORTED,
    SUPPORTED,
    Interval,
    Verdict,
    by_seed,
    flat,
    interval,
    paired,
)
from course.results.records import Row

HYPOTHESIS = (
    "Inside the trained lengths the token error rate of the strongest unidirectional model without "
    "attention rises from the shortest to the longest sources by at least 0.10 more than that of "
    "the model with attention, whose own rise stays below 0.10; so it does with bidirectional "
    "encoders."
)
SMALLEST_EFFECT = 0.10
"""In token error rate: ten edits more for a hundred reference tokens."""

ONE_WAY = ("initial", "every-step", "every-step-wide", "every-step-long")
"""The unidirectional controls without attention: in each task the strongest of them decides."""

SHORT, LONG = 4, 16
"""The shortest and the longest test lengths inside the trained range."""


def rise(rows: Sequence[Row], arm: str) -> dict[int, float]:
    """Returns for each seed how much the token error rate rises from SHORT to LONG.

    Args:
        rows: The rows of a record.
        arm: TASK.KIND.
    """
    ends = (by_seed(rows, arm=arm, metric="token_error_rate", x=[x]) for x in (SHORT, LONG))
    short, long = ends
    return {seed: long[seed] - short[seed] for seed in short.keys() & long.keys()}


def strongest(rows: Sequence[Row], task: str) -> str:
    """Returns the unidirectional kind without attention that has the lowest mean error.

    The mean goes over all lengths up to LONG: chosen on the very numbers it is judged by, which
    helps the side that the hypothesis would have lose.

    Args:
        rows: The rows of a record.
        task: The task.
    """
    errors: dict[str, list[float]] = {}
    for row in rows:
        task_of, _, kind = row.arm.partition(".")
        if task_of == task and kind in ONE_WAY and row.metric == "token_error_rate":
            if isinstance(row.x, int | float) and row.x <= LONG:
                errors.setdefault(kind, []).append(row.value)
    return min(errors, key=lambda kind: interval(errors[kind]).mean)


def compare(rows: Sequence[Row], task: str, control: str, attention: str) -> Interval:
    """Returns how much more the control's error rises than attention's, paired by seed.

    Args:
        rows: The rows of a record.
        task: The task.
        control: A kind without attention.
        attention: A kind with it.
    """
    return paired(rise(rows, f"{task}.{control}"), rise(rows, f"{task}.{attention}"))


def tasks_of(rows: Iterable[Row]) -> list[str]:
    """Returns the tasks that the rows tell of, in order.

    Args:
        rows: The rows of a record.
    """
    return list(dict.fromkeys(row.arm.partition(".")[0] for row in rows))


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns the rises and their differences, each with `.low` and `.high`.

    Keys: `TASK.rise.attention`, `TASK.rise.strongest`, `TASK.rise.every-step`; `TASK.difference`
    (strongest control − attention, the number that decides), `TASK.difference.equal` (the control
    of equal parameters and updates), `TASK.difference.bi` (bidirectional, equal parameters).

    Args:
        rows: The rows of a record.
    """
    rows = list(rows)
    found: dict[str, Interval] = {}
    for task in tasks_of(rows):
        best = strongest(rows, task)
        for name, kind in (("attention",) * 2, ("strongest", best), ("every-step",) * 2):
            found[f"{task}.rise.{name}"] = interval(rise(rows, f"{task}.{kind}").values())
        found[f"{task}.difference"] = compare(rows, task, best, "attention")
        found[f"{task}.difference.equal"] = compare(rows, task, "every-step", "attention")
        found[f"{task}.difference.bi"] = compare(rows, task, "bi-every-step", "bi-attention")
    return flat(**found)


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis.

    Supported: in every task the strongest control's error rises by the smallest effect more than
    attention's (the whole interval above it), the bidirectional control's too, and attention's own
    rise stays below it. With a caveat: in every task this holds for the control of equal parameters
    and updates, but not for all the rest (a stronger control no longer rises so, or attention
    rises too, or the bidirectional control does not). Not supported: in no task can even the
    difference to the control of equal parameters reach the smallest effect. Else inconclusive.

    Args:
        rows: The rows of a record.
    """
    rows = list(rows)
    s, tasks = summary(rows), tasks_of(rows)
    above = {
        key: all(s[f"{task}.{key}.low"] >= SMALLEST_EFFECT for task in tasks)
        for key in ("difference", "difference.equal", "difference.bi")
    }
    is_flat = all(s[f"{task}.rise.attention.high"] < SMALLEST_EFFECT for task in tasks)
    if all(above.values()) and is_flat:
        return SUPPORTED
    if above["difference.equal"]:
        return CAVEAT
    if all(s[f"{task}.difference.equal.high"] < SMALLEST_EFFECT for task in tasks):
        return NOT_SUPPORTED
    return INCONCLUSIVE


RULE = (
    HYPOTHESIS,
    SMALLEST_EFFECT,
    repr((ONE_WAY, SHORT, LONG)),
    rise,
    strongest,
    compare,
    tasks_of,
    summary,
    verdict,
)
"""What is hashed into the records."""
