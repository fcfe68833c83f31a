"""How sure a score is, and a difference of two scores: the bootstrap over sentences (chapter 1).

A test set is one draw of sentences; another draw would have given another score. The bootstrap
(Efron 1979; for machine translation Koehn 2004) draws sentences with replacement from the test
set itself, over and over, and looks at how the score varies.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course.errors import CourseError
from course.metrics.score import Metric, References, Statistics, statistics


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A score with its 95% interval over `samples` resampled test sets."""

    value: float
    low: float
    high: float
    samples: int


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two systems on the same sentences.

    Attributes:
        a: score of the first system.
        b: score of the second.
        difference: b - a.
        low: lower end of the difference's 95% interval.
        high: upper end.
        p: two-sided p-value: how often chance alone would move the difference across zero.
        samples: how many test sets were drawn.
        n: how many sentences there are.
        signature: the metric's.
    """

    a: float
    b: float
    difference: float
    low: float
    high: float
    p: float
    samples: int
    n: int
    signature: str


def confidence_interval(
    hyps: Sequence[str],
    refs: References,
    *,
    metric: Metric = "bleu",
    samples: int = 1000,
    seed: int = 1,
    lowercase: bool = False,
) -> Interval:
    """A system's score with the 95% percentile interval of the bootstrap over sentences.

    Raises:
        CourseError: if there are fewer than two sentences, numbers differ, or `samples` is
            below 1.
    """
    found = statistics(metric, hyps, refs, lowercase=lowercase)
    values = _values(found, _multiplicities(len(hyps), samples, seed))
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(value=found.score().value, low=float(low), high=float(high), samples=samples)


def paired_bootstrap(
    hyps_a: Sequence[str],
    hyps_b: Sequence[str],
    refs: References,
    *,
    metric: Metric = "bleu",
    samples: int = 1000,
    seed: int = 1,
    lowercase: bool = False,
) -> Comparison:
    """Compare two systems by paired bootstrap resampling (Koehn 2004, section 4).

    Both are scored on the same resampled sentences, so that what makes a sentence hard for either
    cancels out. The p-value is twice the share of resamples in which the difference is zero or on
    the other side, counted with the actual test set as one more (so it is never 0).

    Args:
        hyps_a: outputs of the first system.
        hyps_b: outputs of the second system for the same sentences.
        refs: for each sentence its references.
        metric: which score.
        samples: how many test sets to draw.
        seed: of the draws.
        lowercase: ignore case.

    Raises:
        CourseError: if there are fewer than two sentences, numbers differ, or `samples` is
            below 1.
    """
    a = statistics(metric, hyps_a, refs, lowercase=lowercase)
    b = statistics(metric, hyps_b, refs, lowercase=lowercase)
    drawn = _multiplicities(len(refs), samples, seed)
    differences = _values(b, drawn) - _values(a, drawn)
    low, high = np.percentile(differences, [2.5, 97.5])
    value_a, value_b = a.score().value, b.score().value
    return Comparison(
        a=value_a,
        b=value_b,
        difference=value_b - value_a,
        low=float(low),
        high=float(high),
        p=_two_sided(differences),
        samples=samples,
        n=len(refs),
        signature=a.signature,
    )


def _multiplicities(sentences: int, samples: int, seed: int) -> np.ndarray:
    """How often each sentence is in each resampled test set: (samples, sentences)."""
    if sentences < 2:
        raise CourseError(
            "The bootstrap asks how a score would vary over other sentences, of which a single one "
            "says nothing; give it at least two."
        )
    if samples < 1:
        raise CourseError(f"The bootstrap needs at least 1 sample, not {samples}.")
    even = np.full(sentences, 1 / sentences)
    return np.random.default_rng(seed).multinomial(sentences, even, size=samples)


def _values(found: Statistics, multiplicities: np.ndarray) -> np.ndarray:
    """The score of every resampled test set: counts are additive, so one product sums them all."""
    return np.array([found.value(sums) for sums in multiplicities @ found.counts])


def _two_sided(differences: np.ndarray) -> float:
    fewer = min((differences <= 0).sum(), (differences >= 0).sum())
    return float(min(1.0, 2 * (fewer + 1) / (len(differences) + 1)))
