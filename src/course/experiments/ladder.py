"""C23's ladder: three recurrent translators and the Transformer, on the same sentences (chapter 8).

All four have equally many parameters and have seen the same batches; they are scored on the same
sentences by the same search. Each was trained once, so intervals say how far scores would move
with other test sentences, and nothing of how far they would move with another training.

Rows of the arms `gru`, `bahdanau`, `luong`, `transformer`:

- x = "run": `parameters`, `updates`, `best_update` (whose weights are used), `rate`,
  `target_tokens` (seen in training, end tokens included)
- x = "valid": `chrf` and `bleu` (beam 5), `loss` (nats a target token)
- x = a test set: `chrf`, `bleu`, `token_error_rate`, each with _low and _high

Rows of `difference`, at the same test sets: METRIC.MODEL, the Transformer minus that model, with
_low and _high. All intervals are 95% of the bootstrap over sentences, which draws the same ones for
all four.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from course import zoo
from course.data.pairs import Example
from course.errors import CourseError
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED, Verdict
from course.experiments.translators import BEAM, BOOTSTRAP_SAMPLES, SCORES, translations
from course.metrics.score import statistics
from course.results.records import Row

RECURRENT = ("gru", "bahdanau", "luong")
TRANSFORMER = "transformer"
LADDER = (*RECURRENT, TRANSFORMER)
SMALLEST_EFFECT = 1.0
"""In points of chrF."""
SEARCH = {"beam": BEAM, "bootstrap_samples": BOOTSTRAP_SAMPLES}


def signatures(references: str) -> dict[str, str]:
    """Returns how the scores are computed, in sacreBLEU's words and in ours.

    Args:
        references: "1", or "var" where sentences have different numbers of them.
    """
    return {
        "bleu": f"nrefs:{references}|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0",
        "chrf": f"nrefs:{references}|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0",
        "token_error_rate": "edits per reference token|case:mixed|tok:space",
    }


def described(arm: str, card: Mapping[str, Any], seed: int) -> list[Row]:
    """Returns what a translator's card says of its training and of its validation.

    Args:
        arm: The translator's arm.
        card: Its card.
        seed: Of the rows.
    """
    run = {
        "parameters": card["parameters"],
        "updates": card["updates"],
        "best_update": card["best_update"],
        "target_tokens": card["tokens"],
        "rate": card["training"]["learning_rate"],
    }
    valid = {metric: card["valid"][metric] for metric in ("chrf", "bleu", "loss")}
    n = card["valid"]["sentences"]
    return [
        *(Row(arm, seed, "run", metric, float(value), 1) for metric, value in run.items()),
        *(Row(arm, seed, "valid", metric, float(value), n) for metric, value in valid.items()),
    ]


def compared(
    ladder: Mapping[str, zoo.Translator],
    tests: Mapping[str, Sequence[Example]],
    *,
    samples: int,
    seed: int,
) -> list[Row]:
    """Scores all translators on all test sets, and the Transformer against each other one.

    Args:
        ladder: Translators by arm.
        tests: Test sets by x; a sentence that is in several is translated once.
        samples: Of the bootstrap.
        seed: Of the bootstrap.
    """
    examples = list({each.src: each for items in tests.values() for each in items}.values())
    sources = [example.src for example in examples]
    written = {
        arm: dict(zip(sources, translations(each, examples), strict=True))
        for arm, each in ladder.items()
    }
    rows: list[Row] = []
    for x, items in tests.items():
        found = {arm: [texts[each.src] for each in items] for arm, texts in written.items()}
        rows += scored(x, found, items, samples=samples, seed=seed)
    return rows


def scored(
    x: str,
    written: Mapping[str, Sequence[str]],
    examples: Sequence[Example],
    *,
    samples: int,
    seed: int,
) -> list[Row]:
    """Returns the scores on one test set and the differences, with their intervals.

    Args:
        x: Of the rows.
        written: Translations by arm.
        examples: The sentences with their references.
        samples: Of the bootstrap.
        seed: Of the bootstrap.
    """
    refs, n = [example.refs for example in examples], len(examples)
    random = np.random.default_rng(seed)
    # The first row is the test set itself; all arms are scored on the same draws.
    drawn = np.vstack([np.ones(n), random.multinomial(n, np.full(n, 1 / n), size=samples)])
    rows: list[Row] = []
    for metric in SCORES:
        values: dict[str, np.ndarray] = {}
        for arm, texts in written.items():
            found = statistics(metric, texts, refs)
            values[arm] = np.array([found.value(sums) for sums in drawn @ found.counts])
            rows += _with_interval(arm, seed, x, metric, values[arm], n)
        for arm in RECURRENT:
            gap = values[TRANSFORMER] - values[arm]
            rows += _with_interval("difference", seed, x, f"{metric}.{arm}", gap, n)
    return rows


def _with_interval(
    arm: str, seed: int, x: str, metric: str, values: np.ndarray, n: int
) -> list[Row]:
    low, high = np.percentile(values[1:], [2.5, 97.5])
    ends = {"": values[0], "_low": low, "_high": high}
    return [Row(arm, seed, x, metric + end, float(value), n) for end, value in ends.items()]


def require_signatures(examples: Sequence[Example], wanted: Mapping[str, str]) -> None:
    """Refuses to score otherwise than the configuration of the record says.

    Args:
        examples: The test set.
        wanted: Signatures by metric.

    Raises:
        CourseError: If the installed sacreBLEU scores in another way.
    """
    refs = [example.refs for example in examples]
    for metric in SCORES:
        found = statistics(metric, [group[0] for group in refs], refs).signature
        if found != wanted[metric]:
            raise CourseError(
                f"The record is scored as {wanted[metric]}, what is installed scores as {found}: "
                "install the versions of constraints.txt."
            )


def rival(rows: Iterable[Row]) -> str:
    """Returns the recurrent arm that is best by chrF on validation sentences.

    Args:
        rows: The rows of the record.
    """
    found = {r.arm: r.value for r in rows if (r.x, r.metric) == ("valid", "chrf")}
    return max(RECURRENT, key=lambda arm: found[arm])


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns how far the Transformer is from each other model, each with `.low` and `.high`.

    Keys: METRIC.MODEL over the whole test, METRIC.MODEL.BIN on a part of it; METRIC.best likewise,
    where the model is the best recurrent one by validation.

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    best, found = rival(rows), {}
    for row in rows:
        if row.arm == "difference":
            end = next((e for e in ("_low", "_high") if row.metric.endswith(e)), "")
            metric, model = row.metric.removesuffix(end).split(".")
            where = ("" if row.x == "all" else f".{row.x}") + end.replace("_", ".")
            found[f"{metric}.{model}{where}"] = row.value
            if model == best:
                found[f"{metric}.best{where}"] = row.value
    return found


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges by the bootstrap interval of the gap in chrF to the best recurrent model.

    Supported: the whole interval is beyond the smallest effect. With a caveat: the Transformer is
    surely better, not surely by that much. Not supported: surely not better by that much. Else
    inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    if s["chrf.best.low"] >= SMALLEST_EFFECT:
        return SUPPORTED
    if s["chrf.best.low"] > 0:
        return CAVEAT
    return NOT_SUPPORTED if s["chrf.best.high"] < SMALLEST_EFFECT else INCONCLUSIVE


RULE = (SMALLEST_EFFECT, repr((RECURRENT, TRANSFORMER)), rival, summary, verdict)
