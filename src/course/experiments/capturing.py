"""The arithmetic of C13: which relations the heads of a model capture, and how they share them.

A relation is *captured* if the chosen head finds at least `SMALLEST_EFFECT` more of it than the
best fixed offset, over the whole interval of the seeds. The rows are those of
`course.experiments.c13_heads`.
"""

from __future__ import annotations

from statistics import fmean

from scipy.stats import spearmanr

from course.experiments.heads import QUESTIONS
from course.experiments.rules import Interval, by_seed, interval, paired
from course.experiments.tagging import SIZES
from course.results.records import Row

SMALLEST_EFFECT = 0.10
"""In the share of words whose counterpart is found."""
FEWEST = 2
""""Different relations" needs two of them."""
LAYERS = SIZES["num_layers"]


def gains(rows: list[Row], arm: str) -> dict[str, Interval]:
    """Returns what the chosen heads of an arm find beyond the best fixed offsets, by question.

    Args:
        rows: The rows of the record.
        arm: The arm.
    """
    return {
        question: paired(
            by_seed(rows, arm=arm, metric="head", x=[question]),
            by_seed(rows, arm=arm, metric="offset", x=[question]),
        )
        for question in QUESTIONS
    }


def captured(rows: list[Row], arm: str) -> list[str]:
    """Returns the questions for which the whole interval of the gain is large enough.

    Args:
        rows: The rows of the record.
        arm: The arm.
    """
    return [q for q, gain in gains(rows, arm).items() if gain.low >= SMALLEST_EFFECT]


def profiles(rows: list[Row], arm: str) -> dict[int, dict[int, dict[str, float]]]:
    """Returns what each head finds, by seed, head and question, and `silenced`.

    Args:
        rows: The rows of the record.
        arm: The arm.
    """
    found: dict[int, dict[int, dict[str, float]]] = {}
    for row in rows:
        if row.arm == arm and isinstance(row.x, int):
            found.setdefault(row.seed, {}).setdefault(row.x, {})[row.metric] = row.value
    return found


def division(rows: list[Row], arm: str) -> Interval:
    """Returns what it is worth that each captured relation has a head of its own.

    It is the mean share that the chosen heads find of these relations, minus that of the one head
    that finds most of them all; 0 if fewer than two are captured.

    Args:
        rows: The rows of the record.
        arm: The arm.
    """
    among = captured(rows, arm)
    if len(among) < FEWEST:
        return Interval(0.0, 0.0, 0.0, 0)
    own = by_seed(rows, arm=arm, metric="head", x=among)
    alone = {
        seed: max(fmean(profile[q] for q in among) for profile in by_head.values())
        for seed, by_head in profiles(rows, arm).items()
    }
    return paired(own, alone)


def importance(rows: list[Row], arm: str) -> Interval:
    """Returns the rank correlation over heads of what silencing one costs and what it captures.

    What a head captures is its gain over the fixed offset on the relation where that is largest.

    Args:
        rows: The rows of the record.
        arm: The arm.
    """
    offsets = {q: by_seed(rows, arm=arm, metric="offset", x=[q]) for q in QUESTIONS}
    found = []
    for seed, by_head in profiles(rows, arm).items():
        best = [max(p[q] - offsets[q][seed] for q in QUESTIONS) for p in by_head.values()]
        cost = [profile["silenced"] for profile in by_head.values()]
        found.append(float(spearmanr(cost, best).statistic))  # pyright: ignore
    return interval(found)


def alike(rows: list[Row], arm: str) -> dict[str, Interval]:
    """Returns how far a head is from the nearest head of its layer, in its own and other models.

    Two heads are as far apart as the shares that they find differ, on average over the questions:
    `sibling` in the same model, `counterpart` in the models of the other seeds.

    Args:
        rows: The rows of the record.
        arm: The arm.
    """
    models = {
        seed: [[p[q] for q in QUESTIONS] for _, p in sorted(by_head.items())]
        for seed, by_head in profiles(rows, arm).items()
    }
    found: dict[str, list[float]] = {"sibling": [], "counterpart": []}
    for model in models.values():
        others = [other for other in models.values() if other is not model]
        found["sibling"].append(_nearest(model, model))
        found["counterpart"].append(fmean(_nearest(model, other) for other in others))
    return {name: interval(values) for name, values in found.items()}


def _nearest(these: list[list[float]], those: list[list[float]]) -> float:
    a_layer = len(these) // LAYERS
    return fmean(
        min(
            fmean(abs(a - b) for a, b in zip(one, other, strict=True))
            for k, other in enumerate(those)
            if k // a_layer == i // a_layer and (these is not those or k != i)
        )
        for i, one in enumerate(these)
    )
