"""C13: do the heads of multi-head attention capture different relations? (chapter 7).

Encoders of two layers learn to name each English word's French word (see
`course.experiments.tagging`). Arms: `heads-H`, H heads a layer; they share the width, so the number
of parameters is the same. For each relation of the grammar the head and the fixed offset that find
it most often are chosen on 1,000 sentences and scored on 2,000 others (`course.experiments.heads`).

Rows, R a question such as "verb-subject": at x = R `offset` and `step` (the share that the chosen
offset finds, and that offset), `head` and `chosen` (the share that the chosen head finds, and that
head, counted from 0 through the layers), `hard` (of the words for which the offset is wrong, the
share for which that head is right), `floor` and `hard_floor` (as `head` and `hard`, of the
untrained model, with its own choice). At x = a head: R (the share that it finds) and `silenced` (by
how many nats a word the loss rises when it reads zeros). At x = "run": `loss`, `right`, `exact` (of
words and of sentences, on the test), `distance` and `distance_floor` (Jensen–Shannon, between the
heads of a layer), `parameters`, `rate`, `updates`, `tokens`, `seconds`.
"""

from __future__ import annotations

from collections.abc import Iterable

from course.experiments import capturing, looking, tagging
from course.experiments.capturing import FEWEST, SMALLEST_EFFECT
from course.experiments.fitting import number_of_parameters
from course.experiments.heads import QUESTIONS
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

CLAIM = "C13"
HYPOTHESIS = (
    "With 8 heads a layer, at least half of the relations have a head that finds at least 0.10 "
    "more of them than the best fixed offset; no single head finds these relations as well as "
    "their own heads do, by 0.10; and the best heads find at least 0.10 more, over all relations, "
    "than those of a model with 1 head a layer."
)
HALF = len(QUESTIONS) / 2

HEADS = (1, 2, 4, 8)
MANY, ONE = "heads-8", "heads-1"
CONFIG = {
    "pools": tagging.POOLS,
    "words": list(tagging.WORDS),
    "sizes": tagging.SIZES,
    "batch": tagging.BATCH,
    "updates": 600,
    "trial_share": 0.4,
    "farthest": looking.FARTHEST,
    "few": looking.FEW,
}
ARMS = tuple(Arm(name=f"heads-{n}", seconds=14, rates=(4e-3, 8e-3), trial_seconds=5) for n in HEADS)


def trial(arm: str, rate: float) -> float:
    """Returns the validation loss after a short run at one learning rate.

    Args:
        arm: As in `ARMS`.
        rate: The learning rate.
    """
    model = tagging.build(int(arm.removeprefix("heads-")), 0)
    tagging.train(model, 0, rate, round(CONFIG["updates"] * CONFIG["trial_share"]))
    return tagging.score(model, "choose").loss


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains a model and looks at its heads.

    Args:
        arm: As in `ARMS`.
        seed: Of weights and data; all arms see the same batches.
        rate: The learning rate.
    """
    untrained, model = (tagging.build(int(arm.removeprefix("heads-")), seed) for _ in "ab")
    numbers = tagging.train(model, seed, rate, CONFIG["updates"])._asdict()
    numbers |= tagging.score(model, "test")._asdict()
    numbers |= {"rate": rate, "parameters": number_of_parameters(model)}
    if arm != ONE:
        numbers |= {"distance": looking.distance(model)}
        numbers |= {"distance_floor": looking.distance(untrained)}
    n = tagging.POOLS["test"]
    rows = [Row(arm, seed, "run", key, float(value), n) for key, value in numbers.items()]
    rows += looking.relation_rows(arm, seed, untrained, model)
    return rows + looking.silenced_rows(arm, seed, model)


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns what heads find beyond fixed offsets, and how that depends on their number.

    Keys with `.low` and `.high`, of 8 heads a layer: `gain.R`, `head.R`, `hard.R`, `floor.R` for
    each question R; `division`, `importance`, `sibling`, `counterpart` (see
    `course.experiments.capturing`), `distance`, `distance_floor`. Of H heads a layer: `found.H`
    (the mean of `head` over questions), `hard.H`, `floor.H`, `gain.H`, `loss.H`, `exact.H`. Of 8
    minus 1: `more` (of `found`), `more_hard`, `loss_difference`, `exact_difference`. Without
    intervals: `captured.H`, and `possible`, how many relations might be captured by 8.

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    by_question = capturing.gains(rows, MANY)
    found = {f"gain__{q}": gain for q, gain in by_question.items()}
    for metric in ("head", "hard", "floor"):
        for q in QUESTIONS:
            values = by_seed(rows, arm=MANY, metric=metric, x=[q])
            found[f"{metric}__{q}"] = interval(values.values())
    means = {
        (name, n): by_seed(rows, arm=f"heads-{n}", metric=metric, x=list(QUESTIONS))
        for name, metric in (("found", "head"), ("hard", "hard"), ("floor", "floor"))
        for n in HEADS
    } | {
        (m, n): by_seed(rows, arm=f"heads-{n}", metric=m) for m in ("loss", "exact") for n in HEADS
    }
    found |= {f"{name}__{n}": interval(values.values()) for (name, n), values in means.items()}
    for n in HEADS:
        offsets = by_seed(rows, arm=f"heads-{n}", metric="offset", x=list(QUESTIONS))
        found[f"gain__{n}"] = paired(means["found", n], offsets)
    for key, name in (
        ("more", "found"),
        ("more_hard", "hard"),
        ("loss_difference", "loss"),
        ("exact_difference", "exact"),
    ):
        found[key] = paired(means[name, HEADS[-1]], means[name, HEADS[0]])
    for metric in ("distance", "distance_floor"):
        found[metric] = interval(by_seed(rows, arm=MANY, metric=metric).values())
    found |= capturing.alike(rows, MANY)
    found |= {
        "division": capturing.division(rows, MANY),
        "importance": capturing.importance(rows, MANY),
    }
    counts = {f"captured.{n}": len(capturing.captured(rows, f"heads-{n}")) for n in HEADS}
    possible = sum(gain.high >= SMALLEST_EFFECT for gain in by_question.values())
    return flat(**found) | {key: float(n) for key, n in counts.items()} | {"possible": possible}


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis, on 8 heads a layer.

    Supported: at least half of the relations are captured, no single head does as well on them,
    and 8 heads find more than 1, each by the smallest effect over the whole interval. With a
    caveat: at least two are captured, and no single head does as well on them. Not supported: fewer
    than two can have been captured, or a single head does as well. Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    count = s[f"captured.{HEADS[-1]}"]
    if s["possible"] < FEWEST or (count >= FEWEST and s["division.high"] < SMALLEST_EFFECT):
        return NOT_SUPPORTED
    if count >= FEWEST and s["division.low"] >= SMALLEST_EFFECT:
        enough = count >= HALF and s["more.low"] >= SMALLEST_EFFECT
        return SUPPORTED if enough else CAVEAT
    return INCONCLUSIVE


RULE = (
    HYPOTHESIS,
    SMALLEST_EFFECT,
    FEWEST,
    repr(QUESTIONS),
    capturing.gains,
    capturing.captured,
    capturing.profiles,
    capturing.division,
    capturing.importance,
    capturing.alike,
    summary,
    verdict,
)
