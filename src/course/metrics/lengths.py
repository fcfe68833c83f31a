"""A score for each bin of sentence lengths (chapter 2, claim C1)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course.errors import CourseError
from course.metrics.score import Metric, References, Score, statistics

BINS = ((1, 4), (5, 8), (9, 12), (13, 16), (17, 24), (25, 40))
"""The bins of claim C1, in source words, both ends included."""


@dataclass(frozen=True, kw_only=True)
class LengthBin:
    """The score of the sentences from `low` to `high` long, both included.

    Attributes:
        low: shortest length.
        high: greatest length.
        score: their corpus score; None if there are no such sentences.
        n: how many there are.
    """

    low: int
    high: int
    score: Score | None
    n: int


def by_length(
    hyps: Sequence[str],
    refs: References,
    lengths: Sequence[int],
    bins: Sequence[tuple[int, int]] = BINS,
    metric: Metric = "bleu",
    *,
    lowercase: bool = False,
) -> list[LengthBin]:
    """Score each bin of lengths as a corpus of its own.

    Args:
        hyps: outputs.
        refs: for each output its references.
        lengths: the length of each sentence, in whatever unit the bins are in.
        bins: (lowest, highest) length of each, both included; sentences outside all are left out.
        metric: which score.
        lowercase: ignore case.

    Raises:
        CourseError: if the numbers differ, or a bin ends before it begins.
    """
    if len(lengths) != len(hyps):
        raise CourseError(f"{len(lengths)} lengths were given for {len(hyps)} outputs.")
    for low, high in bins:
        if low > high:
            raise CourseError(f"The bin ({low}, {high}) ends before it begins.")
    found = statistics(metric, hyps, refs, lowercase=lowercase)
    each = np.asarray(lengths)
    results = []
    for low, high in bins:
        rows = np.flatnonzero((each >= low) & (each <= high))
        score = found.score(rows) if len(rows) else None
        results.append(LengthBin(low=low, high=high, score=score, n=len(rows)))
    return results
