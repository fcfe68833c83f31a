"""C16: is each family best at its own kind of task? (chapter 9).

Three families and a prefix language model, from the same blocks (`course.experiments.
family_models`), each learn five tasks of three kinds from scratch (`family_tasks`); `family_scores`
says how they are judged. Arms are TASK.FAMILY, and the marks: `sentiment.linear` (bag of words),
`entities.linear` (a window of three words), `stories.grammar` (the ceiling). Elsewhere the ceiling
is 1 by construction; guessing one label gets a third of `sentiment`, and no name of `entities`.

All families have equally many parameters (within 2%), but for `encoder-decoder-deep`: with the same
parameters an encoder–decoder does only half of a decoder-only model's multiplications on the same
pair, since each token passes through half of the layers; twice as deep, it does as many.

Each family has its learning rate chosen on validation, and where there is a choice of how to write
(temperatures, iterations), that too, for each model, among equally many settings for stories.

Rows at x = "run": `score`, and what it is made of; `valid_score` of the chosen setting and its
`temperature` and `iterations`; `parameters`, `operations` (multiplications of one pass over one
pair), `rate`, `updates`, `tokens`, `seconds`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from course.experiments import family_tasks
from course.experiments.family_costs import operations
from course.experiments.family_models import FAMILIES, SIZES, build, loss
from course.experiments.family_scores import grammar_stories, linear, scores
from course.experiments.family_tasks import KINDS, TASKS, stream, task
from course.experiments.family_writing import Setting, settings, write
from course.experiments.fitting import Spent, fit, number_of_parameters
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
from course.runtime import generator

CLAIM = "C16"
HYPOTHESIS = (
    "On every task the family that the claim names (encoder-only to classify, decoder-only to "
    "generate, encoder-decoder to transduce) scores at least 0.02 more than the better of the "
    "other two, both at equal parameters and at equal operations."
)
SMALLEST_EFFECT = 0.02
"""Of a score between 0 and 1."""
OWN = {"classify": "encoder", "generate": "decoder", "transduce": "encoder-decoder"}
DEEP = "encoder-decoder-deep"
"""Stands for the encoder–decoder where operations are equal."""

CONFIG: dict[str, Any] = {
    **SIZES,
    "train": {name: family_tasks.TRAIN[name] for name in TASKS},
    **family_tasks.HELD_OUT,
    "batch": 32,
    "updates": 1000,
    "trial_share": 0.25,
}
RATES = (1e-3, 3e-3, 6e-3)
SECONDS = 33.0
MARKS = ("sentiment.linear", "entities.linear", "stories.grammar")
ARMS = (
    *(
        Arm(name=f"{name}.{family}", seconds=SECONDS, rates=RATES, trial_seconds=0.25 * SECONDS)
        for name in TASKS
        for family in FAMILIES
    ),
    *(Arm(name=mark, seconds=2.0) for mark in MARKS),
)


def train(arm: str, seed: int, rate: float, share: float = 1.0) -> tuple[nn.Module, Spent]:
    """Trains a model; returns it and what that took.

    Args:
        arm: TASK.FAMILY.
        seed: Of weights and data; all families see the same pairs in the same order.
        rate: The learning rate.
        share: The share of the updates to train for.
    """
    name, family = arm.split(".")
    torch.manual_seed(seed)
    model, known = build(task(name), family), task(name)
    batches = stream(name, seed, CONFIG["batch"])
    losses = ((loss(model, known, batch), batch.num_tokens) for batch in batches)
    return model, fit(model, losses, updates=round(CONFIG["updates"] * share), rate=rate)


@torch.no_grad()
def trial(arm: str, rate: float) -> float:
    """Returns the validation loss after a short run at one learning rate.

    Args:
        arm: TASK.FAMILY.
        rate: The learning rate.
    """
    with torch.enable_grad():
        model, _ = train(arm, 0, rate, CONFIG["trial_share"])
    known = task(arm.partition(".")[0])
    pairs, source = known.splits["valid"], generator(0, "c16", "valid")
    total = 0.0
    for rows in pairs.by_length():
        total += len(rows) * float(loss(model, known, family_tasks.batch(pairs, rows), source))
    return total / len(pairs.src)


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains and tests one arm with one seed.

    Args:
        arm: As in `ARMS`.
        seed: Of weights and data.
        rate: The learning rate.
    """
    name, family = arm.split(".")
    known = task(name)
    n = len(known.splits["test"].src)
    if arm in MARKS:
        found = grammar_stories(known, seed) if name == "stories" else linear(known, seed)
        return [Row(arm, seed, "run", key, float(value), n) for key, value in found.items()]
    model, spent = train(arm, seed, rate)
    validated: dict[Setting, float] = {}
    for way in settings(name, family):
        pairs = known.splits["valid"]
        written = write(model, known, pairs, way, 0)
        validated[way] = scores(known, pairs, written)["score"]
    way = max(validated, key=lambda each: validated[each])
    pairs = known.splits["test"]
    found = scores(known, pairs, write(model, known, pairs, way, seed))
    found |= {
        "valid_score": validated[way],
        "temperature": way.temperature,
        "iterations": way.iterations,
        "parameters": number_of_parameters(model),
        "operations": operations(known, family),
        "rate": rate,
        **spent._asdict(),
    }
    return [Row(arm, seed, "run", key, float(value), n) for key, value in found.items()]


def rivals(kind: str, equal: str) -> tuple[str, tuple[str, ...]]:
    """Returns the arm of a kind's own family and those of the other two.

    Args:
        kind: One of `KINDS`.
        equal: "parameters" or "operations".
    """
    double = "encoder-decoder" if equal == "parameters" else DEEP
    families = {"encoder": "encoder", "decoder": "decoder", "encoder-decoder": double}
    own = OWN[kind]
    return families[own], tuple(families[f] for f in families if f != own)


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns scores and margins, with intervals.

    Keys, each with `.low` and `.high`: TASK.FAMILY, the score (marks too); TASK.parameters and
    TASK.operations, its own family − the better of the other two (by the mean over seeds), at equal
    parameters and at equal operations; TASK.prefix-decoder, prefix − decoder. And without
    intervals: KIND.won, KIND.lost, the numbers of tasks whose margins are at least the smallest
    effect, both over the whole interval, and of those of which one is below it.

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    found: dict[str, float] = {}
    for kind, names in KINDS.items():
        won = lost = 0
        for name in names:
            score = {f: by_seed(rows, arm=f"{name}.{f}", metric="score") for f in FAMILIES}
            means = {f: interval(values.values()) for f, values in score.items()}
            found |= flat(**{f"{name}__{f}": value for f, value in means.items()})
            margins = {}
            for equal in ("parameters", "operations"):
                own, others = rivals(kind, equal)
                best = max(others, key=lambda f, means=means: means[f].mean)
                margins[equal] = paired(score[own], score[best])
            found |= flat(**{f"{name}__{equal}": value for equal, value in margins.items()})
            found |= flat(**{f"{name}__prefix-decoder": paired(score["prefix"], score["decoder"])})
            won += all(margin.low >= SMALLEST_EFFECT for margin in margins.values())
            lost += any(margin.high < SMALLEST_EFFECT for margin in margins.values())
        found |= {f"{kind}.won": float(won), f"{kind}.lost": float(lost)}
    for mark in MARKS:
        values = by_seed(rows, arm=mark, metric="score").values()
        found |= flat(**{mark.replace(".", "__"): interval(values)})
    return found


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis.

    A kind holds if its own family wins all of its tasks, and fails if it loses one. Supported: all
    kinds hold. Not supported: all fail. With a caveat: some hold, the others fail. Else
    inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    holds = sum(s[f"{kind}.won"] == len(names) for kind, names in KINDS.items())
    fails = sum(s[f"{kind}.lost"] > 0 for kind in KINDS)
    if holds == len(KINDS):
        return SUPPORTED
    if fails == len(KINDS):
        return NOT_SUPPORTED
    return CAVEAT if holds and holds + fails == len(KINDS) else INCONCLUSIVE


RULE = (HYPOTHESIS, SMALLEST_EFFECT, repr((KINDS, OWN, DEEP, MARKS)), rivals, summary, verdict)
