"""C9 on a corpus: the zoo's Bahdanau and Luong side by side (chapter 6).

Two whole recipes: additive scores asked with h[t-1], whose context feeds the state, against the
general score asked with h[t], whose context serves to predict alone. Same size, data, batches and
learning-rate trials. So the record tells which recipe translates better here, not which of its
parts does it: for that there is `c09_scores`. Links are read from attention as in `c08_alibi`,
each translator with its own shift, chosen on two stories and reported on three.

Rows, arms `luong`, `bahdanau` and `difference` (bahdanau − luong, with METRIC_low and METRIC_high):

- x = "all" (Tatoeba's test sentences) and the bins of `c01_tatoeba`: `chrf`, `bleu`,
  `token_error_rate`, by beam 5
- x = "stories": `aer`, `aer_crossing` (bootstrap over sentences), and the `shift` of each
- x = "run": `parameters`
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch

from course import zoo
from course.data import corpora
from course.data.pairs import Example
from course.experiments import c08_alibi, linking, stories, translators
from course.experiments.c01_tatoeba import test_sets
from course.experiments.fitting import number_of_parameters
from course.experiments.linking import Gold, Links
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED, Verdict
from course.experiments.runner import Arm
from course.results.records import Row

CLAIM = "C9"
HYPOTHESIS = (
    "On Tatoeba's test sentences the translator with Bahdanau's attention is better than the one "
    "with Luong's, of the same size and trained alike, by at least one point of chrF."
)
SMALLEST_EFFECT = 1.0
"""In points of chrF."""

MODELS = {"luong": "tatoeba-en-fr-luong", "bahdanau": "tatoeba-en-fr-bahdanau"}
CONFIG = {
    "models": MODELS,
    "beam": translators.BEAM,
    "bootstrap_samples": translators.BOOTSTRAP_SAMPLES,
    "chosen_on": list(stories.CHOSEN_ON),
    "reported_on": list(c08_alibi.REPORTED_ON),
}
ARMS = (Arm(name="difference", seconds=400, max_seeds=1),)


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Translates the test sentences and links the stories with both translators.

    Args:
        arm: "difference": both are measured together, on the same sentences.
        seed: Of the bootstrap.
        rate: Not used: nothing is trained.
    """
    pair = {arm: zoo.load(name, device=torch.device("cpu")) for arm, name in MODELS.items()}
    rows = [
        Row(arm, seed, "run", "parameters", float(number_of_parameters(translator.model)), 1)
        for arm, translator in pair.items()
    ]
    examples = corpora.load("tatoeba").test
    return rows + quality(pair, {"all": examples, **test_sets(examples)}, seed) + links(pair, seed)


def quality(
    pair: dict[str, zoo.Translator], tests: dict[str, Sequence[Example]], seed: int
) -> list[Row]:
    """Scores both translators on each test set.

    Args:
        pair: Translators by arm; the second minus the first is the difference.
        tests: Test sets by x.
        seed: Of the bootstrap.
    """
    rows: list[Row] = []
    first, second = pair
    for x, examples in tests.items():
        written = [translators.translations(each, examples) for each in pair.values()]
        rows += translators.compared(
            x,
            (first, second),
            (written[0], written[1]),
            examples,
            samples=CONFIG["bootstrap_samples"],
            seed=seed,
        )
    return rows


def links(pair: dict[str, zoo.Translator], seed: int) -> list[Row]:
    """Reads word links of the stories off both translators' attention.

    Args:
        pair: Translators by arm.
        seed: Of the bootstrap.
    """
    rows: list[Row] = []
    tables: dict[str, dict[str, np.ndarray]] = {metric: {} for metric in c08_alibi.METRICS}
    for arm, translator in pair.items():
        chosen_on, reported_on = (
            stories.read(titles, translator.tokenizer)
            for titles in (stories.CHOSEN_ON, c08_alibi.REPORTED_ON)
        )
        found = linking.attention_links(translator.model, chosen_on.tokens)
        shift = min(found, key=lambda shift: _error(chosen_on.golds, found[shift]))
        rows.append(Row(arm, seed, "stories", "shift", float(shift), len(chosen_on.golds)))
        reported = linking.attention_links(translator.model, reported_on.tokens)[shift]
        for metric, crossing in c08_alibi.METRICS.items():
            tables[metric][arm] = linking.table(reported_on.golds, reported, crossing=crossing)
    return rows + [row for metric in tables for row in _errors(metric, tables[metric], seed)]


def _error(golds: Sequence[Gold], found: Links) -> float:
    counts = linking.table(golds, found, crossing=False).sum(0, keepdims=True)
    return float(linking.error_rate(counts)[0])


def _errors(metric: str, tables: dict[str, np.ndarray], seed: int) -> list[Row]:
    """The error rate of each arm and of their difference, with bootstrap intervals."""
    drawn = linking.resampled(tables, CONFIG["bootstrap_samples"], seed)
    first, second = drawn
    drawn["difference"] = drawn[second] - drawn[first]
    n, rows = len(tables[first]), []
    for arm, values in drawn.items():
        low, high = np.percentile(values[1:], [2.5, 97.5])
        ends = {"": values[0], "_low": low, "_high": high}
        rows += [Row(arm, seed, "stories", metric + e, float(v), n) for e, v in ends.items()]
    return rows


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns the differences (bahdanau − luong), each with `.low` and `.high`.

    Keys: METRIC over all test sentences, METRIC.BIN by length, `aer` and `aer_crossing`.

    Args:
        rows: The rows of the record.
    """
    found: dict[str, float] = {}
    for row in rows:
        if row.arm == "difference":
            end = next((e for e in ("_low", "_high") if row.metric.endswith(e)), "")
            name = row.metric.removesuffix(end)
            where = "" if row.x in ("all", "stories") else f".{row.x}"
            found[f"{name}{where}{end.replace('_', '.')}"] = row.value
    return found


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges by the bootstrap interval of the difference in chrF over all test sentences.

    Supported: the whole interval is beyond the smallest effect. With a caveat: Bahdanau's is
    surely better, not surely by that much. Not supported: surely not better by that much. Else
    inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    if s["chrf.low"] >= SMALLEST_EFFECT:
        return SUPPORTED
    if s["chrf.low"] > 0:
        return CAVEAT
    return NOT_SUPPORTED if s["chrf.high"] < SMALLEST_EFFECT else INCONCLUSIVE


RULE = (HYPOTHESIS, SMALLEST_EFFECT, summary, verdict)
