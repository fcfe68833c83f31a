"""C16, one task more: is an encoder–decoder best at summarising? (chapter 9).

A report tells what one person does, two or three times, and what another does; its summary is one
sentence about the first (`course.data.grammar.summaries`). Everything else is as in `c16_families`:
families, sizes, rates, updates, how the encoder may write, what is counted. Arms are
summaries.FAMILY; the score is one minus the edits a word of the right summary.

It is apart, since it was measured after the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from course.experiments.c16_families import CONFIG as FAMILIES_CONFIG
from course.experiments.c16_families import (
    RATES,
    SECONDS,
    SMALLEST_EFFECT,
    measure,
    rivals,
    trial,
)
from course.experiments.family_models import FAMILIES
from course.experiments.family_tasks import TRAIN
from course.experiments.rules import (
    CAVEAT,
    INCONCLUSIVE,
    NOT_SUPPORTED,
    SUPPORTED,
    Verdict,
    by_seed,
    flat,
    interval,
    paired,
)
from course.experiments.runner import Arm
from course.results.records import Row

__all__ = ["ARMS", "CLAIM", "CONFIG", "HYPOTHESIS", "RULE", "SMALLEST_EFFECT", "measure", "summary"]
__all__ += ["trial", "verdict"]

CLAIM = "C16"
NAME = "summaries"
HYPOTHESIS = (
    "In summarising a report, an encoder-decoder scores at least 0.02 more than the better of an "
    "encoder and a decoder, both at equal parameters and at equal operations."
)
CONFIG: dict[str, Any] = {**FAMILIES_CONFIG, "train": {NAME: TRAIN[NAME]}}
ARMS = tuple(
    Arm(
        name=f"{NAME}.{family}",
        seconds=SECONDS,
        rates=RATES,
        trial_seconds=CONFIG["trial_share"] * SECONDS,
    )
    for family in FAMILIES
)


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns scores and margins, with intervals.

    Keys, each with `.low` and `.high`: FAMILY, the score; parameters and operations, the
    encoder–decoder less the better of the other two (by the mean over seeds), at equal parameters
    and at equal operations; prefix-decoder, prefix − decoder.

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    score = {f: by_seed(rows, arm=f"{NAME}.{f}", metric="score") for f in FAMILIES}
    means = {family: interval(values.values()) for family, values in score.items()}
    found = flat(**means)
    for equal in ("parameters", "operations"):
        own, others = rivals("transduce", equal)
        best = max(others, key=lambda family: means[family].mean)
        found |= flat(**{equal: paired(score[own], score[best])})
    return found | flat(**{"prefix-decoder": paired(score["prefix"], score["decoder"])})


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis, over whole intervals.

    Supported: ahead by the smallest effect at both. With a caveat: at equal parameters alone. Not
    supported: at equal parameters surely not. Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    if s["parameters.low"] >= SMALLEST_EFFECT:
        return SUPPORTED if s["operations.low"] >= SMALLEST_EFFECT else CAVEAT
    return NOT_SUPPORTED if s["parameters.high"] < SMALLEST_EFFECT else INCONCLUSIVE


RULE = (HYPOTHESIS, SMALLEST_EFFECT, NAME, rivals, summary, verdict)
