"""C20: is the framework about language, or about translation? (chapter 11).

Tasks and models are in `course.experiments.beyond`; arms are `TASK.MODEL`. Each model is trained by
`course.training.train` on the same items in the same order, with noise from little to much, and
writes by `course.decoding`; errors are edits a reference token (letters in pictures and sounds,
words in summaries), by `course.metrics`.

Rows at x = a level of noise: `error` and `exact`, greedy, `accepted` (share of summaries that the
grammar's parser accepts). At the first level, which has the least noise: `error_beam` (beam 5);
with x = "length 3", `error_length` of words of three letters or of summaries of three facts. At
x = "words": `error` on words of the grammar, with the least noise, by a model that has learnt from
random letters. At x = "run": `valid_loss`, `rate`, `updates`, `tokens`, `parameters`, `seconds`.
At x = 0, 1, …: `weight.s`, of one Transformer that is made to write one word, the weight on piece s
while it writes letter x, mean over layers and heads.

That Transformers dominate vision and audio is not tested here: chapter 11 cites it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, cast

import torch
from torch import nn

from course.data.batching import Encoded
from course.experiments import beyond
from course.experiments.beyond import TASKS, Kind, Task
from course.experiments.beyond_scores import accepted, by_length, shown, words, write
from course.experiments.fitting import number_of_parameters
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
from course.training import TrainingConfig, train

CLAIM = "C20"
HYPOTHESIS = (
    "Trained, searched and scored by the code that translates, the better of two models with "
    "attention makes at most 0.05 errors a token with the least noise, on pictures, on sounds and "
    "on summaries; and in each of them at least 0.10 fewer than the better of two models, equal in "
    "parameters, whose decoder gets the source as one vector."
)
ALLOWED = 0.05
"""Errors a token: one letter in twenty."""
SMALLEST_EFFECT = 0.10
"""In errors a token."""

CONFIG: dict[str, Any] = {
    "letters": list(beyond.LETTERS),
    "facts": list(beyond.FACTS),
    "levels": {task: list(levels) for task, levels in beyond.LEVELS.items()},
    "sizes": beyond.SIZES,
    "items": 12000,
    "valid_items": 300,
    "test_items": 400,
    "updates": {"pictures": 1500, "sounds": 1500, "summaries": 4000},
    "trial_share": 0.4,
    "warmup": 150,
    "max_tokens": {"pictures": 800, "sounds": 800, "summaries": 1000},
}
ATTENDING: tuple[Kind, ...] = ("transformer", "gru-attention")
FIXED: tuple[Kind, ...] = ("transformer-fixed", "gru-fixed")
RATES = (1.5e-3, 3e-3, 6e-3)
SECONDS = {"pictures": 50.0, "sounds": 50.0, "summaries": 110.0}

ARMS = tuple(
    Arm(
        name=f"{task}.{kind}",
        seconds=SECONDS[task],
        rates=RATES,
        trial_seconds=SECONDS[task] * CONFIG["trial_share"],
    )
    for task in TASKS
    for kind in beyond.KINDS
)


@lru_cache(maxsize=1)
def items(task: Task, seed: int) -> Encoded:
    """Returns what all models of a task and a seed learn from.

    Args:
        task: As in `beyond.TASKS`.
        seed: Of the items.
    """
    return beyond.draw(task, CONFIG["items"], None, generator(seed, "c20", task)).encoded


@lru_cache(maxsize=1)
def valid_items(task: Task) -> Encoded:
    """Returns the validation items, the same for every seed.

    Args:
        task: As in `beyond.TASKS`.
    """
    source = generator(0, "c20", "valid", task)
    return beyond.draw(task, CONFIG["valid_items"], None, source).encoded


def learn(arm: str, seed: int, rate: float, share: float = 1.0) -> tuple[nn.Module, dict[str, Any]]:
    """Trains a model; returns it and what that took.

    Args:
        arm: TASK.MODEL.
        seed: Of weights, items and their order.
        rate: The highest learning rate.
        share: The share of the updates to train for.
    """
    task, kind = arm.split(".")
    task, kind = cast(Task, task), cast(Kind, kind)
    torch.manual_seed(seed)
    model = beyond.build(task, kind)
    updates = round(CONFIG["updates"][task] * share)
    config = TrainingConfig(
        max_updates=updates,
        max_tokens=CONFIG["max_tokens"][task],
        learning_rate=rate,
        warmup=min(CONFIG["warmup"], updates),
        schedule="linear",
        eval_every=max(1, updates // 5),
        seed=seed,
    )
    history = train(model, items(task, seed), valid_items(task), config, progress=False)
    last = history.rows[-1]
    return model, {
        "valid_loss": history.best_loss,
        "rate": rate,
        "updates": last["update"],
        "tokens": last["tokens"],
        "seconds": last["seconds"],
        "parameters": number_of_parameters(model),
    }


def trial(arm: str, rate: float) -> float:
    """Returns the validation loss after a short run at one learning rate.

    Args:
        arm: TASK.MODEL.
        rate: The learning rate.
    """
    return learn(arm, 0, rate, CONFIG["trial_share"])[1]["valid_loss"]


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains and tests one arm with one seed.

    Args:
        arm: As in `ARMS`.
        seed: Of weights, items and their order.
        rate: The learning rate.
    """
    model, spent = learn(arm, seed, rate)
    task = cast(Task, arm.partition(".")[0])
    found: list[tuple[int | str, str, float, int]] = []
    n = CONFIG["test_items"]
    for level in beyond.LEVELS[task]:
        tested = beyond.draw(task, n, level, generator(0, "c20", "test", task, level))
        wrote = write(model, tested.encoded)
        found += [(level, "error", wrote.token_error_rate, n), (level, "exact", wrote.exact, n)]
        if task == "summaries":
            found.append((level, "accepted", accepted(wrote), n))
        if level == beyond.LEVELS[task][0]:
            beam = write(model, tested.encoded, beam=5)
            found += [(level, "error_beam", beam.token_error_rate, n), *by_length(task, wrote)]
    if task != "summaries":
        found.append(("words", "error", write(model, words(task, n).encoded).token_error_rate, n))
        if seed == 1 and arm.endswith(".transformer"):
            found += shown(model, task)
    found += [("run", metric, float(value), 1) for metric, value in spent.items()]
    return [Row(arm, seed, x, metric, value, count) for x, metric, value, count in found]


def better(rows: Iterable[Row], task: Task, kinds: tuple[Kind, ...]) -> str:
    """Returns the arm that validates better.

    Args:
        rows: The rows of the record.
        task: As in `beyond.TASKS`.
        kinds: Of which models.
    """
    rows = list(rows)
    losses = {
        arm: interval(by_seed(rows, arm=arm, metric="valid_loss").values()).mean
        for arm in (f"{task}.{kind}" for kind in kinds)
    }
    return min(losses, key=lambda arm: losses[arm])


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns errors a token with the least noise, with intervals.

    Keys, each with `.low` and `.high`: TASK.error, of the better model with attention; TASK.gap,
    the better model with one vector − that one; TASK.transformer, the Transformer − the recurrent
    model with attention.

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    intervals = {}
    for task in TASKS:

        def error(arm: str, least: int = beyond.LEVELS[task][0]) -> dict[int, float]:
            return by_seed(rows, arm=arm, metric="error", x=[least])

        reads = error(better(rows, task, ATTENDING))
        one, other = (error(f"{task}.{kind}") for kind in ATTENDING)
        intervals[f"{task}.error"] = interval(reads.values())
        intervals[f"{task}.gap"] = paired(error(better(rows, task, FIXED)), reads)
        intervals[f"{task}.transformer"] = paired(one, other)
    return flat(**intervals)


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis.

    Not supported: in a task, the better model with attention makes more errors than allowed, over
    the whole interval. Else, if in every task it makes no more than that, over the whole interval:
    supported if in each it saves the smallest effect, over the whole interval; with a caveat if in
    one it saves less, over the whole interval: the framework works there, but one vector would do.
    Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    if any(s[f"{task}.error.low"] > ALLOWED for task in TASKS):
        return NOT_SUPPORTED
    if all(s[f"{task}.error.high"] <= ALLOWED for task in TASKS):
        if all(s[f"{task}.gap.low"] >= SMALLEST_EFFECT for task in TASKS):
            return SUPPORTED
        if any(s[f"{task}.gap.high"] < SMALLEST_EFFECT for task in TASKS):
            return CAVEAT
    return INCONCLUSIVE


RULE = (
    HYPOTHESIS,
    ALLOWED,
    SMALLEST_EFFECT,
    repr((TASKS, ATTENDING, FIXED, beyond.LEVELS)),
    better,
    summary,
    verdict,
)
