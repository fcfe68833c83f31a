"""C1 on a corpus: the two translators of the zoo, by source length (chapter 2).

Both were trained with a quarter of joined pairs, so that neither meets long inputs for the first
time. Test sentences of Tatoeba are single up to 12 words; longer ones are joined from test
sentences, since the test has too few: every bin has 200 or more (at most 500). A joined input is
no harder word for word than its parts, so an error that rises with length is due to length. The
few single sentences of 13 to 16 words are in a bin of their own.

Rows: arms `gru` and `bahdanau`: `token_error_rate` (words), `bleu`, `chrf` at x = "1-4", "5-8",
"9-12", "13-16", "17-24", "25-40", "13-16 single"; arm `difference` (bahdanau − gru): the same, and
METRIC_low and METRIC_high, the 95% interval of the paired bootstrap over sentences. At x = "rise",
all three arms: token_error_rate in "25-40" minus "5-8", with _low and _high. Decoded by beam 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from course import zoo
from course.data import corpora
from course.data.joining import join_examples
from course.data.pairs import Example
from course.experiments import translators
from course.experiments.fitting import number_of_parameters
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED, Verdict
from course.experiments.runner import Arm
from course.metrics.score import statistics
from course.results.records import Row
from course.runtime import generator

CLAIM = "C1"
HYPOTHESIS = (
    "From sources of 5 to 8 words to joined sources of 25 to 40 words, the token error rate of the "
    "translator without attention rises by at least 0.10 more than that of the translator with "
    "attention, whose own rise stays below 0.10."
)
SMALLEST_EFFECT = 0.10
"""In token error rate: ten edits more for a hundred reference words."""

MODELS = {"gru": "tatoeba-en-fr-gru", "bahdanau": "tatoeba-en-fr-bahdanau"}
SINGLE = ("1-4", "5-8", "9-12")
JOINED = ("13-16", "17-24", "25-40")
SHORT, LONG = "5-8", "25-40"
CONFIG = {
    "models": MODELS,
    "single": list(SINGLE),
    "joined": list(JOINED),
    "most": 500,
    "joined_sentences": 300,
    "beam": translators.BEAM,
    "bootstrap_samples": translators.BOOTSTRAP_SAMPLES,
}
ARMS = (Arm(name="difference", seconds=240, max_seeds=1),)


def bounds(name: str) -> tuple[int, int]:
    """Returns the shortest and the longest length of a bin.

    Args:
        name: Such as "5-8" or "13-16 single".
    """
    low, high = name.split()[0].split("-")
    return int(low), int(high)


def test_sets(examples: Sequence[Example]) -> dict[str, list[Example]]:
    """Sorts test sentences into bins, and joins them into longer ones.

    Args:
        examples: The test split.
    """

    def single(name: str) -> list[Example]:
        low, high = bounds(name)
        fitting = [e for e in examples if low <= len(e.src.split()) <= high]
        return fitting[: CONFIG["most"]]

    found = {name: single(name) for name in (*SINGLE, "13-16 single")}
    for name in JOINED:
        found[name] = join_examples(
            examples,
            count=CONFIG["joined_sentences"],
            words=bounds(name),
            generator=generator(0, "c01", "tatoeba", name),
        )
    return {name: items for name, items in found.items() if items}


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Translates every bin with both translators of the zoo.

    Args:
        arm: "difference": both models are measured together, on the same sentences.
        seed: Of the bootstrap.
        rate: Not used: nothing is trained.
    """
    return compare(MODELS, test_sets(corpora.load("tatoeba").test), seed=seed)


def compare(
    models: Mapping[str, str | Path], tests: Mapping[str, Sequence[Example]], *, seed: int = 1
) -> list[Row]:
    """Measures any two translators on any test sets.

    Args:
        models: Names of the zoo, or folders, by the name of the arm; the second minus the first
            is the difference.
        tests: Test sets by bin.
        seed: Of the bootstrap.
    """
    rows: list[Row] = []
    written: dict[str, dict[str, list[str]]] = {}
    for arm, name in models.items():
        translator = zoo.load(name)
        count = number_of_parameters(translator.model)
        rows.append(Row(arm, seed, "run", "parameters", float(count), 1))
        written[arm] = {bin: translators.translations(translator, tests[bin]) for bin in tests}
    first, second = models
    for name, examples in tests.items():
        rows += translators.compared(
            name,
            (first, second),
            (written[first][name], written[second][name]),
            examples,
            samples=CONFIG["bootstrap_samples"],
            seed=seed,
        )
    return rows + _rises((first, second), written, tests, seed)


def _rises(
    arms: tuple[str, str],
    written: Mapping[str, Mapping[str, list[str]]],
    tests: Mapping[str, Sequence[Example]],
    seed: int,
) -> list[Row]:
    """Bootstraps the rise of the error from SHORT to LONG: sentences are drawn in each bin."""
    random = np.random.default_rng(seed)
    samples = CONFIG["bootstrap_samples"]
    rise: dict[str, np.ndarray] = {arm: np.zeros(samples + 1) for arm in arms}
    for name, sign in ((LONG, 1), (SHORT, -1)):
        refs, n = [example.refs for example in tests[name]], len(tests[name])
        # The first row is the test set itself; both arms are scored on the same draws.
        drawn = np.vstack([np.ones(n), random.multinomial(n, np.full(n, 1 / n), size=samples)])
        for arm in arms:
            counts = statistics("token_error_rate", written[arm][name], refs).counts
            sums = drawn @ counts
            rise[arm] += sign * sums[:, 0] / sums[:, 1]
    rise["difference"] = rise[arms[1]] - rise[arms[0]]
    n = len(tests[LONG])
    rows: list[Row] = []
    for arm, values in rise.items():
        low, high = np.percentile(values[1:], [2.5, 97.5])
        ends = {"": values[0], "_low": low, "_high": high}
        rows += [
            Row(arm, seed, "rise", "token_error_rate" + e, float(v), n) for e, v in ends.items()
        ]
    return rows


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns the rises and the differences by bin, with their intervals.

    Keys, each with `.low` and `.high`: `rise.gru`, `rise.bahdanau`, `rise.difference`, and
    `METRIC.BIN` for the differences (bahdanau − gru).

    Args:
        rows: The rows of the record.
    """
    found: dict[str, float] = {}
    for row in rows:
        metric, end = row.metric, ""
        for suffix in ("_low", "_high"):
            if row.metric.endswith(suffix):
                metric, end = row.metric.removesuffix(suffix), suffix.replace("_", ".")
        if row.x == "rise":
            found[f"rise.{row.arm}{end}"] = row.value
        elif row.arm == "difference":
            found[f"{metric}.{row.x}{end}"] = row.value
    return found


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis by the bootstrap intervals of the rise.

    Supported: the error of the model with attention rises by the smallest effect less than that of
    the other (the whole interval beyond it), and by less than the smallest effect itself. With a
    caveat: the former, not the latter. Not supported: the interval excludes an advantage of the
    smallest effect. Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    if s["rise.difference.high"] <= -SMALLEST_EFFECT:
        return SUPPORTED if s["rise.bahdanau.high"] < SMALLEST_EFFECT else CAVEAT
    if s["rise.difference.low"] > -SMALLEST_EFFECT:
        return NOT_SUPPORTED
    return INCONCLUSIVE


RULE = (HYPOTHESIS, SMALLEST_EFFECT, repr((SHORT, LONG)), summary, verdict)
