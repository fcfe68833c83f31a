"""The words and the arithmetic of verdicts, shared by all experiments.

An experiment writes its hypothesis, the smallest effect that would matter and its decision rule
before the final run; the hash of that rule is stored with the record, so that a rule changed
afterwards shows. Chapter 1 explains why.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import math
import statistics
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from scipy.stats import t as student

from course.results.records import Row

Verdict = Literal["supported", "supported with a caveat", "not supported here", "inconclusive"]
SUPPORTED: Verdict = "supported"
CAVEAT: Verdict = "supported with a caveat"
NOT_SUPPORTED: Verdict = "not supported here"
INCONCLUSIVE: Verdict = "inconclusive"
VERDICTS = (SUPPORTED, CAVEAT, NOT_SUPPORTED, INCONCLUSIVE)


class Interval(NamedTuple):
    """A mean over seeds with its uncertainty.

    Attributes:
        mean: The mean of the values.
        low: The lower end: the minimum under five values, else of the 95% t interval.
        high: The upper end.
        n: How many values.
    """

    mean: float
    low: float
    high: float
    n: int


def interval(values: Iterable[float]) -> Interval:
    """Returns mean and interval: minimum to maximum under five values, 95% Student's t from five.

    Args:
        values: One value for each seed; for a difference, the differences of paired seeds.

    Raises:
        ValueError: If there are none.
    """
    found = [float(value) for value in values]
    if not found:
        raise ValueError("An interval needs at least one value.")
    mean = statistics.fmean(found)
    if len(found) < 5:
        return Interval(mean, min(found), max(found), len(found))
    spread = statistics.stdev(found) / math.sqrt(len(found))
    half = float(student.ppf(0.975, len(found) - 1)) * spread
    return Interval(mean, mean - half, mean + half, len(found))


def by_seed(
    rows: Iterable[Row], *, arm: str, metric: str, x: Sequence[int | float | str] | None = None
) -> dict[int, float]:
    """Returns for each seed the mean of one arm's metric, over all x or over the x given.

    Args:
        rows: The rows of a record.
        arm: The arm.
        metric: The metric.
        x: The x to average over; a seed that lacks one of them is left out.
    """
    found: dict[int, dict[int | float | str, float]] = {}
    for row in rows:
        if row.arm == arm and row.metric == metric and (x is None or row.x in x):
            found.setdefault(row.seed, {})[row.x] = row.value
    wanted = 0 if x is None else len(set(x))
    return {s: statistics.fmean(v.values()) for s, v in found.items() if len(v) >= wanted}


def paired(a: Mapping[int, float], b: Mapping[int, float]) -> Interval:
    """Returns the interval of a − b over the seeds that both have.

    Args:
        a: A value for each seed.
        b: Likewise.

    Raises:
        ValueError: If they share no seed.
    """
    return interval(a[seed] - b[seed] for seed in sorted(a.keys() & b.keys()))


def flat(**intervals: Interval) -> dict[str, float]:
    """Spreads named intervals into the keys of a summary: `name`, `name.low`, `name.high`.

    Args:
        **intervals: The intervals; a double underscore in a name becomes a full stop.
    """
    summary: dict[str, float] = {}
    for name, (mean, low, high, _) in intervals.items():
        key = name.replace("__", ".")
        summary |= {key: mean, f"{key}.low": low, f"{key}.high": high}
    return summary


def rule_sha256(parts: Sequence[str | float | Callable]) -> str:
    """Hashes a decision rule: its words and numbers, and the code of its functions.

    Comments and layout do not count; anything that could change a verdict does.

    Args:
        parts: The hypothesis, the smallest effect that matters, and every function of the rule.
    """
    digest = hashlib.sha256()
    for part in parts:
        text = _source(part) if callable(part) else repr(part)
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()


def _source(function: Callable) -> str:
    source = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    return ast.unparse(ast.parse(source))
