"""C4: does teacher forcing learn faster, and does it keep errors from compounding? (chapter 3).

The same model learns the same sentences in the same order, its decoder fed with the reference's
words ("forced"), with its own most probable ones ("free") or with its own sampled ones ("sampled").
Each has its own best learning rate. All are scored both ways: teacher-forced, and free-running and
greedy. Sentences scored have two clauses during training and three at its end, so their length is
fixed.

Arms: KIND.DIET, kind "attention" or "classic" (one vector, read at every step).

Rows at x = update: `forced_loss` and `own_loss` (nats a word, the decoder reading the reference or
its own most probable words), `forced_error` (share of words wrong, teacher-forced), `written_error`
(edits a word, free-running, greedy), `cpu_seconds` (processor time of the training so far). At
x = position, counted from 1, shares of words missed: `early.forced` and `early.own` (40% into
training, word against word, the decoder reading the reference or its own words), `end.forced` and
`end.written` (after training, three clauses, the latter free-running and aligned by edits). At
x = "run": `updates_to_written`, `seconds_to_written`, `updates_to_forced` (until an error of
0.25; the whole training where that is not reached), `reached` (1 or 0), `parameters`, `tokens`,
`rate`. `trial_loss` (seed 0, x = rate): free-running errors a word on validation sentences.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from course.experiments import clause_task, own_words, slips
from course.experiments.curves import Curve
from course.experiments.fitting import number_of_parameters, write_out
from course.experiments.rules import (
    CAVEAT,
    INCONCLUSIVE,
    NOT_SUPPORTED,
    SUPPORTED,
    Interval,
    Verdict,
    by_seed,
    flat,
    interval,
    paired,
)
from course.experiments.runner import Arm
from course.results.records import Row

CLAIM = "C4"
HYPOTHESIS = (
    "Scored as it is used, free-running, a model needs at least 1.4 times as many updates to 0.25 "
    "errors a word if it was trained on its own words instead of the reference's, with attention "
    "and without; and in training the share of words it misses rises by at least 0.1 more from "
    "the first four words to words 9 to 12."
)
SMALLEST_EFFECT = 0.5
"""In doublings of the number of updates: a factor of 1.4."""
COMPOUNDING = 0.1
"""In words missed a word."""

KINDS = ("attention", "classic")
DIETS = ("forced", "free", "sampled")
OWN = ("free", "sampled")
CONFIG = {
    "sizes": {kind: list(own_words.SIZES[kind]) for kind in KINDS},
    "batch": own_words.ROWS,
    "every": 25,
    "early": 0.4,
    "trial_part": 0.5,
    "sentences": 100,
    "threshold": 0.25,
}
RATES = (3e-3, 6e-3, 1.2e-2)
SECONDS = {"attention": 20, "classic": 22}
ARMS = tuple(
    Arm(
        name=f"{kind}.{diet}",
        seconds=SECONDS[kind],
        rates=RATES,
        trial_seconds=SECONDS[kind] * CONFIG["trial_part"],
    )
    for kind in KINDS
    for diet in DIETS
)
FIRST, LATE = (1, 2, 3, 4), (9, 10, 11, 12)


def trial(arm: str, rate: float) -> float:
    """Returns the free-running validation error after a shorter training at one rate.

    Args:
        arm: KIND.DIET.
        rate: The learning rate.
    """
    kind, diet = arm.split(".")
    return own_words.trial(kind, diet, rate, CONFIG["trial_part"])


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains one arm and scores it both ways, on the way and at the end.

    Args:
        arm: KIND.DIET.
        seed: Of weights and data.
        rate: The learning rate.
    """
    kind, diet = arm.split(".")
    updates = own_words.SIZES[kind].updates
    curve = Curve(
        arm,
        seed,
        updates=updates,
        every=CONFIG["every"],
        early=round(CONFIG["early"] * updates),
        sentences=CONFIG["sentences"],
    )
    model, spent = own_words.train(kind, diet, seed=seed, rate=rate, watch=curve)
    test = clause_task.sentences("test", 3, CONFIG["sentences"])
    curve.positions("end.forced", slips.forced_missed(model, *test))
    written = write_out(model, *test)
    aligned = map(slips.missed, written.hypotheses, written.references)
    curve.positions("end.written", list(aligned))
    needed, seconds, reached = curve.until("written_error", CONFIG["threshold"])
    forced_needed, _, _ = curve.until("forced_error", CONFIG["threshold"])
    numbers = {
        "updates_to_written": needed,
        "seconds_to_written": seconds,
        "updates_to_forced": forced_needed,
        "reached": reached,
        "parameters": number_of_parameters(model),
        "tokens": spent.tokens,
        "rate": rate,
    }
    curve.add("run", numbers)
    return curve.rows


def speed(rows: Iterable[Row], kind: str, metric: str) -> Interval:
    """Returns how many doublings longer training on own words takes than teacher forcing.

    For each seed the faster of the two ways of reading own words counts. One that never gets there
    counts as if it did with its last update, so the true difference may be larger.

    Args:
        rows: The rows of the record.
        kind: "attention" or "classic".
        metric: "updates_to_written", "seconds_to_written" or "updates_to_forced".
    """
    rows = list(rows)
    own = [by_seed(rows, arm=f"{kind}.{diet}", metric=metric) for diet in OWN]
    best = {seed: math.log2(min(o[seed] for o in own)) for seed in own[0].keys() & own[1].keys()}
    forced = by_seed(rows, arm=f"{kind}.forced", metric=metric)
    return paired(best, {seed: math.log2(value) for seed, value in forced.items()})


def rise(rows: Iterable[Row], arm: str, metric: str) -> dict[int, float]:
    """Returns for each seed by how much more late words are missed than first ones.

    Args:
        rows: The rows of the record.
        arm: KIND.DIET.
        metric: A metric by position.
    """
    rows = list(rows)
    late, first = (by_seed(rows, arm=arm, metric=metric, x=x) for x in (LATE, FIRST))
    return {seed: late[seed] - first[seed] for seed in late.keys() & first.keys()}


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns speeds and rises.

    Keys, each with `.low` and `.high`: for each kind `speed.KIND` (doublings of updates that the
    better own-words arm needs more to the free-running error), `speed_seconds.KIND` (of processor
    time), `speed_forced.KIND` (of updates to the same error, teacher-forced), `compounding.KIND`
    (rise over positions that the free arm meets in training − that the forced arm meets),
    `end_rise.KIND.DIET` (rise of the free-running error after training).

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    found: dict[str, Interval] = {}
    for kind in KINDS:
        found[f"speed.{kind}"] = speed(rows, kind, "updates_to_written")
        found[f"speed_seconds.{kind}"] = speed(rows, kind, "seconds_to_written")
        found[f"speed_forced.{kind}"] = speed(rows, kind, "updates_to_forced")
        own, forced = (
            rise(rows, f"{kind}.{diet}", metric)
            for diet, metric in (("free", "early.own"), ("forced", "early.forced"))
        )
        found[f"compounding.{kind}"] = paired(own, forced)
        for diet in DIETS:
            ends = rise(rows, f"{kind}.{diet}", "end.written")
            found[f"end_rise.{kind}.{diet}"] = interval(ends.values())
    return flat(**found)


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis.

    Supported: with attention and without, training on own words takes longer by the smallest
    effect, and meets errors that rise more steeply by `COMPOUNDING` (whole intervals above it).
    With a caveat: some of these four hold. Not supported: all four intervals lie below. Else
    inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    bars = {f"speed.{kind}": SMALLEST_EFFECT for kind in KINDS}
    bars |= {f"compounding.{kind}": COMPOUNDING for kind in KINDS}
    held = [s[f"{key}.low"] >= bar for key, bar in bars.items()]
    if all(held):
        return SUPPORTED
    if any(held):
        return CAVEAT
    if all(s[f"{key}.high"] < bar for key, bar in bars.items()):
        return NOT_SUPPORTED
    return INCONCLUSIVE


RULE = (
    HYPOTHESIS,
    SMALLEST_EFFECT,
    COMPOUNDING,
    repr((KINDS, OWN, FIRST, LATE)),
    speed,
    rise,
    summary,
    verdict,
)
