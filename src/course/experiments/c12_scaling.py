"""C12: does dividing by √d_k keep softmax out of saturation? (chapter 7).

The ways of scoring and the sources of queries and keys are in `course.experiments.scaling`. Arms
are `SOURCE.WAY`:

- `unit`, `xavier`, `linear`: nothing is learnt; rows at x = d_k hold `entropy`, `saturated`,
  `gradient` and `stuck` (see `scaling.Softness`)
- `trained-K`: a lookup learnt with queries and keys of width K (`unscaled-long` for four times the
  updates); rows at x = "run" hold
  `valid_loss`, `accuracy`, `updates_to` (updates until the validation loss is below a threshold,
  or all of them), `reached` (whether it ever was), `saturated_start`, `saturated_end`,
  `entropy_start`, `entropy_end`, `rate`, `updates`, `parameters`, `seconds`

A saturated query is a trouble only before anything is learnt: a lookup that has been learnt well
should read a single slot. Adam divides each gradient by its usual size, and its rate is tuned for
each arm, so the unscaled layer gets its best chance.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast, get_args

import torch
from einops import einsum

from course.experiments.fitting import fit, number_of_parameters
from course.experiments.lookup import draw
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
from course.experiments.scaled_lookup import Lesson, accuracy
from course.experiments.scaling import Scores, Source, Way, softness, untrained
from course.results.records import Row
from course.runtime import generator

CLAIM = "C12"
HYPOTHESIS = (
    "At d_k = 1024 and before any learning, at least 0.10 more of the queries are saturated (one "
    "weight above 0.99) without the scale than with it, whichever of three ways queries and keys "
    "are drawn, and with it at most 0.05 are; and a lookup of that width, learnt at its best rate, "
    "gives at least 0.10 more right answers with the scale."
)
SMALLEST_EFFECT = 0.10
"""In shares: ten queries, or ten answers, of a hundred."""
ALLOWED = 0.05
"""The share of saturated queries that "out of saturation" still allows."""

CONFIG: dict[str, Any] = {
    "widths": [4, 16, 64, 256, 1024],
    "keys": 32,
    "queries": 512,
    "d_model_untrained": 1024,
    "d_model": 64,
    "batch": 64,
    "updates": 400,
    "long": 4,
    "trial_share": 0.5,
    "test_queries": 2000,
    "threshold": 0.5,
}
LARGEST = 1024
SOURCES: tuple[Source, ...] = get_args(Source)
WAYS: tuple[Way, ...] = ("unscaled", "scaled", "qk-norm")
RATES = (3e-4, 1e-3, 3e-3, 1e-2)
TRAINED = {16: 2.0, 128: 2.5, LARGEST: 4.0}
"""The widths learnt with, and about how many seconds that takes."""
LONG = "unscaled-long"


def _learning(width: int, way: str, seconds: float) -> Arm:
    return Arm(
        name=f"trained-{width}.{way}",
        seconds=seconds,
        rates=RATES,
        trial_seconds=seconds * CONFIG["trial_share"],
    )


ARMS = (
    *(Arm(name=f"{source}.{way}", seconds=2.0) for source in SOURCES for way in WAYS),
    *(_learning(k, way, s) for k, s in TRAINED.items() for way in (*WAYS, "small")),
    _learning(LARGEST, LONG, TRAINED[LARGEST] * CONFIG["long"]),
)


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Measures one arm with one seed.

    Args:
        arm: SOURCE.WAY, as in `ARMS`.
        seed: Of weights and data; arms with the same seed see the same.
        rate: The learning rate; of no use where nothing is learnt.
    """
    source, way = arm.split(".")
    if source.startswith("trained"):
        return learnt(arm, seed, rate)
    rows = []
    for width in CONFIG["widths"]:
        found = drawn(cast(Source, source), cast(Way, way), width, seed)
        rows += [Row(arm, seed, width, key, value, CONFIG["queries"]) for key, value in found]
    return rows


def drawn(source: Source, way: Way, width: int, seed: int) -> list[tuple[str, float]]:
    """Returns how soft the weights of an untrained layer are, measure by measure.

    Args:
        source: Where queries and keys come from.
        way: How they are scored.
        width: d_k.
        seed: Of weights and inputs.
    """
    queries, keys = untrained(
        source,
        queries=CONFIG["queries"],
        keys=CONFIG["keys"],
        width=width,
        d_model=CONFIG["d_model_untrained"],
        seed=seed,
    )
    dots = einsum(queries, keys, "b k, b s k -> b s")
    lengths = queries.norm(dim=1, keepdim=True) * keys.norm(dim=2)
    scores = Scores(way, CONFIG["keys"])(dots, lengths, width)
    return list(softness(scores, generator(seed, "c12", width))._asdict().items())


def begin(arm: str, seed: int) -> tuple[Lesson, int]:
    """Returns a lookup that has learnt nothing yet, and how many updates it gets.

    Args:
        arm: trained-K.WAY.
        seed: Of weights and data.
    """
    source, way = arm.split(".")
    width = int(source.partition("-")[2])
    kind = cast(Way, way.removesuffix("-long"))
    lesson = Lesson(kind, width, seed, d_model=CONFIG["d_model"], batch=CONFIG["batch"])
    return lesson, CONFIG["updates"] * (CONFIG["long"] if way == LONG else 1)


def learnt(arm: str, seed: int, rate: float) -> list[Row]:
    """Learns a lookup and tests it.

    Args:
        arm: trained-K.WAY.
        seed: Of weights and data.
        rate: The learning rate.
    """
    lesson, updates = begin(arm, seed)
    test = draw(CONFIG["test_queries"], generator(0, "c12", "test"))
    numbers = generator(0, "c12", "numbers").get_state()
    before = softness(lesson.layer.scores(test), torch.Generator().set_state(numbers))
    spent = fit(lesson.layer, lesson.batches(), updates=updates, rate=rate)
    after = softness(lesson.layer.scores(test), torch.Generator().set_state(numbers))
    lesson.losses[updates] = lesson.valid_loss()
    reached = lesson.first_below(CONFIG["threshold"])
    found = {
        "valid_loss": lesson.losses[updates],
        "accuracy": accuracy(lesson.layer, test),
        "updates_to": updates if reached is None else reached,
        "reached": reached is not None,
        "saturated_start": before.saturated,
        "saturated_end": after.saturated,
        "entropy_start": before.entropy,
        "entropy_end": after.entropy,
        "rate": rate,
        "updates": updates,
        "parameters": number_of_parameters(lesson.layer),
        "seconds": spent.seconds,
    }
    n = CONFIG["test_queries"]
    return [Row(arm, seed, "run", metric, float(value), n) for metric, value in found.items()]


def trial(arm: str, rate: float) -> float:
    """Returns the validation loss after a short run at one learning rate.

    Args:
        arm: trained-K.WAY.
        rate: The learning rate.
    """
    lesson, updates = begin(arm, 0)
    updates = round(updates * CONFIG["trial_share"])
    fit(lesson.layer, lesson.batches(), updates=updates, rate=rate)
    return lesson.valid_loss()


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns what the scale changes, with intervals.

    Keys, each with `.low` and `.high`. For `unit`, `xavier` and `linear` at d_k = 1024: NAME.gain,
    the share of saturated queries without the scale − with it; NAME.scaled, that share with it.
    For each width learnt with: `trained-K.gain`, accuracy with the scale − without;
    `trained-K.sooner`, updates to the threshold without − with; `trained-K.over_norm` and
    `trained-K.over_small`, accuracy with the scale − with QK-norm, and − without it from small
    weights. `trained-1024.over_long`, − without it after four times the updates.

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    intervals = {}
    for source in SOURCES:
        of = {
            way: by_seed(rows, arm=f"{source}.{way}", metric="saturated", x=[LARGEST])
            for way in WAYS
        }
        intervals[f"{source}.gain"] = paired(of["unscaled"], of["scaled"])
        intervals[f"{source}.scaled"] = interval(of["scaled"].values())
    for width in TRAINED:
        right, took = (
            {
                way: by_seed(rows, arm=f"trained-{width}.{way}", metric=metric)
                for way in (*WAYS, "small", LONG)
            }
            for metric in ("accuracy", "updates_to")
        )
        intervals[f"trained-{width}.gain"] = paired(right["scaled"], right["unscaled"])
        intervals[f"trained-{width}.sooner"] = paired(took["unscaled"], took["scaled"])
        intervals[f"trained-{width}.over_norm"] = paired(right["scaled"], right["qk-norm"])
        intervals[f"trained-{width}.over_small"] = paired(right["scaled"], right["small"])
        if right[LONG]:
            intervals[f"trained-{width}.over_long"] = paired(right["scaled"], right[LONG])
    return flat(**intervals)


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis.

    Not supported: for some source, the scale saves fewer queries from saturation than the smallest
    effect over its whole interval, or leaves more saturated than allowed. Else, if all sources
    meet both over their whole intervals: supported if the scaled layer of the largest width also
    learns more, by the smallest effect over the whole interval; with a caveat if it learns less
    than that more, so that tuning makes up for saturation. Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    if any(
        s[f"{source}.gain.high"] < SMALLEST_EFFECT or s[f"{source}.scaled.low"] > ALLOWED
        for source in SOURCES
    ):
        return NOT_SUPPORTED
    learnt_more = f"trained-{LARGEST}.gain"
    if all(
        s[f"{source}.gain.low"] >= SMALLEST_EFFECT and s[f"{source}.scaled.high"] <= ALLOWED
        for source in SOURCES
    ):
        if s[f"{learnt_more}.low"] >= SMALLEST_EFFECT:
            return SUPPORTED
        if s[f"{learnt_more}.high"] < SMALLEST_EFFECT:
            return CAVEAT
    return INCONCLUSIVE


RULE = (
    HYPOTHESIS,
    SMALLEST_EFFECT,
    ALLOWED,
    repr((LARGEST, SOURCES, WAYS, tuple(TRAINED))),
    summary,
    verdict,
)
