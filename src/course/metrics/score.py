"""BLEU and chrF by sacreBLEU, on detokenised text, with signature (chapter 1).

Both are corpus scores: counts are summed over sentences first, and the score is computed from the
sums. `Statistics` keeps the counts of each sentence, so that scores of parts of a corpus
(`lengths`) and of resampled corpora (`bootstrap`) cost next to nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from course.errors import CourseError
from course.metrics.edits import closest_reference

Metric = Literal["bleu", "chrf", "token_error_rate"]
"""The scores that can be binned and resampled by name."""

References = Sequence[Sequence[str]]
"""For each sentence its references, one or more; sentences may have different numbers."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """A score of a corpus.

    Attributes:
        name: `"BLEU"`, `"chrF"` or `"token error rate"`.
        value: BLEU and chrF from 0 to 100, higher is better; the token error rate in edits per
            reference token, from 0 up, lower is better.
        signature: everything needed to compute the same number again.
        n: how many sentences were scored.
    """

    name: str
    value: float
    signature: str
    n: int

    def __str__(self) -> str:
        """Name and value, as in a table."""
        return f"{self.name} {self.value:.2f}"


class Statistics(NamedTuple):
    """Additive counts of each sentence and the function that turns their sum into a score."""

    name: str
    counts: np.ndarray  # (sentences, counts)
    value: Callable[[np.ndarray], float]
    signature: str

    def score(self, rows: np.ndarray | slice = slice(None)) -> Score:
        """The score of the given sentences, by default of all."""
        chosen = self.counts[rows]
        return Score(
            name=self.name,
            value=self.value(chosen.sum(0)),
            signature=self.signature,
            n=len(chosen),
        )


def bleu(hyps: Sequence[str], refs: References, *, lowercase: bool = False) -> Score:
    """BLEU (Papineni et al. 2002) as sacreBLEU computes it (Post 2018).

    Args:
        hyps: detokenised outputs.
        refs: for each output its references; their number may vary.
        lowercase: ignore case.

    Raises:
        CourseError: if there is nothing to score, the numbers of outputs and of reference groups
            differ, or a sentence has no reference.
    """
    return statistics("bleu", hyps, refs, lowercase=lowercase).score()


def chrf(hyps: Sequence[str], refs: References, *, lowercase: bool = False) -> Score:
    """The character n-gram F-score chrF2 (Popović 2015), as sacreBLEU computes it.

    With several references each sentence counts against the one that it matches best. Arguments
    and errors are those of `bleu`.
    """
    return statistics("chrf", hyps, refs, lowercase=lowercase).score()


def statistics(
    metric: Metric, hyps: Sequence[str], refs: References, *, lowercase: bool = False
) -> Statistics:
    """Each sentence's counts for a metric.

    Raises:
        CourseError: as `bleu`, and if the metric is unknown.
    """
    if metric not in _STATISTICS:
        raise CourseError(f"The metric is one of {', '.join(_STATISTICS)}, not {metric!r}.")
    _check(hyps, refs)
    return _STATISTICS[metric](hyps, refs, lowercase)


def _check(hyps: Sequence[str], refs: References) -> None:
    if not hyps:
        raise CourseError("There is nothing to score: no output was given.")
    if len(hyps) != len(refs):
        raise CourseError(f"{len(hyps)} outputs cannot be scored against {len(refs)} references.")
    for number, each in enumerate(refs, start=1):
        if isinstance(each, str):
            raise CourseError("References come as a group for each sentence, not as one string.")
        if not each:
            raise CourseError(f"Sentence {number} has no reference.")


def _bleu(hyps: Sequence[str], refs: References, lowercase: bool) -> Statistics:
    return _sacrebleu("BLEU", BLEU(lowercase=lowercase, force=True), hyps, refs)


def _chrf(hyps: Sequence[str], refs: References, lowercase: bool) -> Statistics:
    return _sacrebleu("chrF", CHRF(lowercase=lowercase), hyps, refs)


def _sacrebleu(name: str, scorer: BLEU | CHRF, hyps: Sequence[str], refs: References) -> Statistics:
    # sacreBLEU wants one stream per reference number, None where a sentence has fewer; and its
    # public interface gives the corpus score only, so the counts come from the methods that its
    # own significance tests use.
    most = max(len(each) for each in refs)
    streams = [[each[i] if i < len(each) else None for each in refs] for i in range(most)]
    counts = np.array(scorer._extract_corpus_statistics(hyps, streams), dtype=float)  # pyright: ignore

    def value(sums: np.ndarray) -> float:
        return float(scorer._compute_score_from_stats(sums.tolist()).score)

    return Statistics(name, counts, value, str(scorer.get_signature()))


def _token_error_rate(hyps: Sequence[str], refs: References, lowercase: bool) -> Statistics:
    def words(text: str) -> list[str]:
        return (text.lower() if lowercase else text).split()

    pairs = zip(hyps, refs, strict=True)
    counts = [closest_reference(words(hyp), [words(ref) for ref in group]) for hyp, group in pairs]
    case = "lc" if lowercase else "mixed"
    return Statistics(
        "token error rate",
        np.array(counts, dtype=float),
        lambda sums: float(sums[0] / sums[1]) if sums[1] else float(sums[0] > 0),
        f"edits per reference token|case:{case}|tok:space",
    )


_STATISTICS: dict[str, Callable[[Sequence[str], References, bool], Statistics]] = {
    "bleu": _bleu,
    "chrf": _chrf,
    "token_error_rate": _token_error_rate,
}
