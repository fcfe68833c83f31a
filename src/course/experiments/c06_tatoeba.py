"""C6 on a corpus: the zoo's translator with attention, searched with widths 1 to 100 (chapter 4).

The curve is drawn on validation sentences of Tatoeba (widths above 10 on 300 of them, chosen by a
hash of their text), and the width chosen there; the claim is judged on test sentences. No parser
judges free French, so this record tells of accuracy alone.

Rows, x = width:

- `mean`, `sum` (finished hypotheses ranked by log p / L, by log p): `chrf`, `bleu`,
  `token_error_rate`, `length` (words written by words of the first reference), `log_prob` and
  `tokens` (a sentence), `empty`; at x = "WIDTH few" the same for the 300
- `few.mean`, `few.sum`, x = width: `difference` in chrF to greedy search on the 300, with
  `difference_low`, `difference_high` (paired bootstrap over sentences)
- `coverage`, x = beta, and `gnmt`, x = alpha: `chrf` and `length` at width 5 on the 300
- `exact`: at x = "free", "long" (no shorter than the beam's output): `proved`, `empty`, `length`,
  `chrf`; at x = width: `missed`, the share for which a beam by log p missed a likelier output, and
  `likelier`, the share for which its output ranked by log p / L is less likely than the mode
- `time`, x = width: `seconds` a sentence, one at a time, `ratio` to greedy search (medians)
- `test`, x = "width": the chosen `width`, `chrf_greedy`, `chrf_beam`, `difference`,
  `difference_low`, `difference_high`, and the same for `bleu` as `bleu_…`
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from course import zoo
from course.data import corpora
from course.data.pairs import Example
from course.experiments import corpus_search
from course.experiments.corpus_search import Sentences
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED, Verdict
from course.experiments.runner import Arm
from course.experiments.searching import GREEDY, MEAN, by_hash
from course.metrics.score import Metric
from course.results.records import Row

CLAIM = "C6"
HYPOTHESIS = (
    "On Tatoeba, beam search with length normalisation, its width chosen among 2, 3, 5 and 10 on "
    "validation, translates more accurately than greedy search by at least half a point of chrF, "
    "and no width from 2 to 100, with or without normalisation, is worse than greedy search."
)
SMALLEST_EFFECT = 0.5
"""In points of chrF, on test sentences."""

CONFIG = {
    "model": "tatoeba-en-fr-bahdanau",
    "widths": [1, 2, 3, 5, 10],
    "choose": [2, 3, 5, 10],
    "wide": [20, 50, 100],
    "few": 300,
    "valid": 1000,
    "beta": [0.0, 0.2, 0.5],
    "alpha": [0.0, 0.2, 0.6, 1.0],
    "beam": 5,
    "short_words": 6,
    "short": 100,
    "max_steps": 3000,
    "timed": 20,
    "bootstrap_samples": corpus_search.SAMPLES,
}
ARMS = (Arm(name="test", seconds=800, max_seeds=1),)


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Searches validation and test sentences with the zoo's translator.

    Args:
        arm: "test".
        seed: Of the bootstrap.
        rate: Not used: nothing is trained.
    """
    corpus, translator = corpora.load("tatoeba"), zoo.load(CONFIG["model"])
    return compare(translator, corpus.valid, corpus.test, seed=seed)


def compare(
    translator: zoo.Translator,
    valid: Sequence[Example],
    test: Sequence[Example],
    *,
    seed: int = 1,
) -> list[Row]:
    """Measures everything for one translator; see the module.

    Args:
        translator: The translator.
        valid: Sentences for the curves and for choosing the width.
        test: Sentences for the decision.
        seed: Of the bootstrap.
    """

    def some(examples: Sequence[Example], count: int) -> list[Example]:
        return [examples[i] for i in by_hash([e.src for e in examples], count)]

    widths, wide = CONFIG["widths"], CONFIG["wide"]
    part = Sentences(translator, some(valid, CONFIG["valid"]))
    rows, chosen = corpus_search.curve(part, seed, widths=widths, choose=CONFIG["choose"])
    few = Sentences(translator, some(valid, CONFIG["few"]))
    rows += corpus_search.against_greedy(few, seed, widths=[*widths[1:], *wide])
    rows += corpus_search.penalties(
        few, seed, beam=CONFIG["beam"], alphas=CONFIG["alpha"], betas=CONFIG["beta"]
    )
    shorts = [e for e in valid if len(e.src.split()) <= CONFIG["short_words"]]
    short = Sentences(translator, some(shorts, CONFIG["short"]))
    rows += corpus_search.against_modes(short, seed, widths=widths, max_steps=CONFIG["max_steps"])
    timed = Sentences(translator, some(valid, CONFIG["timed"]))
    rows += corpus_search.times(timed, seed, widths=[*widths, *wide])
    return rows + _decision(Sentences(translator, test), chosen, seed)


def _decision(part: Sentences, width: int, seed: int) -> list[Row]:
    """Greedy search against the chosen width on test sentences."""
    greedy, beam = part.search(GREEDY)[MEAN], part.search(width)[MEAN]
    values = {"width": float(width)}
    metric: Metric
    for metric in ("chrf", "bleu"):
        found = corpus_search.paired(part, greedy, beam, metric, seed)
        lead = "" if metric == "chrf" else f"{metric}_"
        values |= {
            f"{metric}_greedy": found.a,
            f"{metric}_beam": found.b,
            f"{lead}difference": found.difference,
            f"{lead}difference_low": found.low,
            f"{lead}difference_high": found.high,
        }
    n = len(part.src)
    return [Row("test", seed, "width", name, value, n) for name, value in values.items()]


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns the decision on the test and each width's difference to greedy on the few.

    Keys, each with `.low` and `.high`: `test` (chrF, chosen width − greedy), `test.bleu`,
    `few.PENALTY.WIDTH` (chrF, on validation); without: `width`.

    Args:
        rows: The rows of the record.
    """
    found: dict[str, float] = {}
    for row in rows:
        metric, end = row.metric, ""
        for suffix in ("_low", "_high"):
            if row.metric.endswith(suffix):
                metric, end = row.metric.removesuffix(suffix), suffix.replace("_", ".")
        if row.arm == "test" and metric == "width":
            found["width"] = row.value
        elif row.arm == "test" and metric.endswith("difference"):
            found[("test.bleu" if metric.startswith("bleu") else "test") + end] = row.value
        elif row.arm.startswith("few.") and metric == "difference":
            found[f"{row.arm}.{row.x}{end}"] = row.value
    return found


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis by the bootstrap intervals.

    Supported: on test sentences the chosen width gains at least the smallest effect (the whole
    interval), and on validation no width is worse than greedy search (no interval wholly below 0),
    with or without normalisation. With a caveat: the former, not the latter. Not supported: the
    gain on test sentences can't reach the smallest effect. Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    if s["test.low"] >= SMALLEST_EFFECT:
        worse = [k for k in s if k.startswith("few.") and k.endswith(".high") and s[k] < 0]
        return CAVEAT if worse else SUPPORTED
    return NOT_SUPPORTED if s["test.high"] < SMALLEST_EFFECT else INCONCLUSIVE


RULE = (HYPOTHESIS, SMALLEST_EFFECT, repr(CONFIG["choose"]), summary, verdict)
