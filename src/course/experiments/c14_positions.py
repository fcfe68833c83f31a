"""C14: are positional encodings what gives order? (chapter 7).

Tasks, models and directions are in `course.experiments.ordering`. Arms are
`TASK.DIRECTION.SCHEME`: copying with each of five schemes of positions in both directions; sorting,
for which order does not matter, with a bidirectional encoder as a control; and `order-blind`,
which knows the symbols and how many there are, and writes them in an order of its own choice.

Rows at x = a length: `error` (edits a reference token) and `exact`, greedy, ended when the model
likes; `error_forced` and `exact_forced`, greedy with the end at the right length. Rows at x =
"run": `valid_loss`, `rate`, `updates`, `tokens`, `parameters`, `seconds`.

What can be expected: an encoder that sees everything at once and knows no positions gives equal
symbols equal vectors wherever they stand, so a model that reads it can't copy n symbols but by
luck, once in n! cases, and its loss can't fall below log(n!) nats a sequence. A causal model can
count what it may see (Haviv et al. 2022, "Transformer language models without positional encodings
still learn positional information"). Beyond the trained lengths, learned positions have embeddings
that nothing has trained.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

import torch
from torch import Tensor, nn

from course.data.batching import Batch
from course.experiments import ordering
from course.experiments.fitting import Spent, Written, fit, number_of_parameters
from course.experiments.ordering import Direction, Task
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
from course.nn.layer_config import Positions
from course.results.records import Row
from course.runtime import generator

CLAIM = "C14"
HYPOTHESIS = (
    "Copying different symbols at the longest trained length, a bidirectional encoder without "
    "positions makes at least 0.10 more errors a token than with the best of four schemes, though "
    "sorting them costs it at most 0.05 more; and a causal model without positions saves less than "
    "0.10 errors a token over a writer who knows the symbols but not their order."
)
SMALLEST_EFFECT = 0.10
"""In edits a reference token: one symbol in ten."""
ALLOWED = 0.05
"""How many more edits a token the control may cost."""

CONFIG: dict[str, Any] = {
    "symbols": ordering.SYMBOLS,
    "layers": ordering.LAYERS,
    **ordering.SIZES,
    "trained_lengths": [2, 6],
    "test_lengths": [4, 6, 8, 12],
    "batch": 32,
    "updates": 500,
    "trial_share": 0.4,
    "valid_sequences": 100,
    "test_sequences": 200,
}
LONGEST, DOUBLE = 6, 12
"""The longest trained length, and twice as much."""
RATES = (1.5e-3, 3e-3)
BLIND = "order-blind"
DIRECTIONS: tuple[Direction, ...] = ("bidirectional", "causal")
SCHEMES: tuple[Positions, ...] = ("sinusoidal", "learned", "rotary", "alibi")
CONTROL = "sinusoidal"
SECONDS = 9.0


def _learning(name: str) -> Arm:
    return Arm(
        name=name, seconds=SECONDS, rates=RATES, trial_seconds=SECONDS * CONFIG["trial_share"]
    )


ARMS = (
    *(_learning(f"copy.{way}.{scheme}") for way in DIRECTIONS for scheme in ("none", *SCHEMES)),
    *(_learning(f"sort.bidirectional.{scheme}") for scheme in ("none", CONTROL)),
    Arm(name=BLIND, seconds=0.1),
)


def train(arm: str, seed: int, rate: float, share: float = 1.0) -> tuple[nn.Module, Spent]:
    """Trains a model; returns it and what that took.

    Args:
        arm: TASK.DIRECTION.SCHEME.
        seed: Of weights and data; arms with the same seed see the same sources in the same order.
        rate: The learning rate.
        share: The share of the updates to train for.
    """
    task, direction, scheme = arm.split(".")
    torch.manual_seed(seed)
    model = ordering.build(cast(Direction, direction), cast(Positions, scheme))
    updates = round(CONFIG["updates"] * share)
    spent = fit(model, _losses(model, cast(Task, task), seed), updates=updates, rate=rate)
    return model, spent


def _losses(model: nn.Module, task: Task, seed: int) -> Iterator[tuple[Tensor, int]]:
    shortest, longest = CONFIG["trained_lengths"]
    for batch in ordering.stream(task, CONFIG["batch"], (shortest, longest), seed):
        yield ordering.loss(model, batch), batch.num_tokens


@torch.no_grad()
def valid_loss(model: nn.Module, task: Task) -> float:
    """Returns the teacher-forced loss in nats a token, the mean over the trained lengths.

    Args:
        model: A trained model.
        task: What it has learnt.
    """
    source = generator(0, "c14", "valid")
    shortest, longest = CONFIG["trained_lengths"]
    lengths = range(shortest, longest + 1)
    batches = (ordering.draw(task, CONFIG["valid_sequences"], n, source) for n in lengths)
    return sum(float(ordering.loss(model, batch)) for batch in batches) / len(lengths)


def tests(task: Task) -> dict[int, Batch]:
    """Returns the test sequences of each length, the same for every seed.

    Args:
        task: What to do with them.
    """
    n = CONFIG["test_sequences"]
    lengths = CONFIG["test_lengths"]
    return {x: ordering.draw(task, n, x, generator(0, "c14", "test", x)) for x in lengths}


def trial(arm: str, rate: float) -> float:
    """Returns the validation loss after a short run at one learning rate.

    Args:
        arm: TASK.DIRECTION.SCHEME.
        rate: The learning rate.
    """
    model, _ = train(arm, 0, rate, CONFIG["trial_share"])
    return valid_loss(model, cast(Task, arm.partition(".")[0]))


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains and tests one arm with one seed.

    Args:
        arm: As in `ARMS`.
        seed: Of weights and data.
        rate: The learning rate.
    """
    if arm == BLIND:
        source = generator(seed, "c14", BLIND)
        return [
            row
            for length, batch in tests("copy").items()
            for row in _scores(arm, seed, length, ordering.blind(batch, source), "_forced")
        ]
    task = cast(Task, arm.partition(".")[0])
    model, spent = train(arm, seed, rate)
    rows = []
    for length, batch in tests(task).items():
        for forced, suffix in ((False, ""), (True, "_forced")):
            rows += _scores(arm, seed, length, ordering.write(model, batch, forced=forced), suffix)
    numbers = {
        "valid_loss": valid_loss(model, task),
        "rate": rate,
        **spent._asdict(),
        "parameters": number_of_parameters(model),
    }
    return rows + [Row(arm, seed, "run", key, float(value), 1) for key, value in numbers.items()]


def _scores(arm: str, seed: int, length: int, written: Written, suffix: str) -> list[Row]:
    found = {"error": written.token_error_rate, "exact": written.exact}
    n = len(written.references)
    return [Row(arm, seed, length, key + suffix, value, n) for key, value in found.items()]


def best(rows: Iterable[Row], direction: Direction) -> str:
    """Returns the arm that copies with the lowest validation loss, of those with positions.

    Args:
        rows: The rows of the record.
        direction: Of the models.
    """
    rows = list(rows)
    arms = [f"copy.{direction}.{scheme}" for scheme in SCHEMES]
    means = {a: interval(by_seed(rows, arm=a, metric="valid_loss").values()).mean for a in arms}
    return min(means, key=lambda arm: means[arm])


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns what positions save, with intervals; all in edits a reference token.

    Keys, each with `.low` and `.high`. At the longest trained length, for both directions:
    DIRECTION.gap, ended freely, without positions − with the best scheme; DIRECTION.learnt, at the
    forced length, the order-blind writer − without positions. `control`, sorting, ended freely,
    without positions − with sinusoidal ones. DIRECTION.SCHEME.longer, at the forced length, at
    twice the longest trained length − at that length.

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)

    def error(arm: str, length: int = LONGEST, suffix: str = "") -> dict[int, float]:
        return by_seed(rows, arm=arm, metric=f"error{suffix}", x=[length])

    intervals = {}
    for direction in DIRECTIONS:
        none = f"copy.{direction}.none"
        intervals[f"{direction}.gap"] = paired(error(none), error(best(rows, direction)))
        intervals[f"{direction}.learnt"] = paired(
            error(BLIND, suffix="_forced"), error(none, suffix="_forced")
        )
        for scheme in ("none", *SCHEMES):
            arm = f"copy.{direction}.{scheme}"
            intervals[f"{direction}.{scheme}.longer"] = paired(
                error(arm, DOUBLE, "_forced"), error(arm, LONGEST, "_forced")
            )
    sort = "sort.bidirectional"
    intervals["control"] = paired(error(f"{sort}.none"), error(f"{sort}.{CONTROL}"))
    return flat(**intervals)


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis.

    Not supported: positions save a bidirectional encoder less than the smallest effect, over the
    whole interval. Else, if they save it that much and the control costs no more than allowed, both
    over the whole interval: supported if a causal model without positions beats the order-blind
    writer by less than the smallest effect; with a caveat if by at least that, so that the causal
    mask gives order too. Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    if s["bidirectional.gap.high"] < SMALLEST_EFFECT:
        return NOT_SUPPORTED
    if s["bidirectional.gap.low"] >= SMALLEST_EFFECT and s["control.high"] <= ALLOWED:
        if s["causal.learnt.high"] < SMALLEST_EFFECT:
            return SUPPORTED
        if s["causal.learnt.low"] >= SMALLEST_EFFECT:
            return CAVEAT
    return INCONCLUSIVE


RULE = (
    HYPOTHESIS,
    SMALLEST_EFFECT,
    ALLOWED,
    repr((LONGEST, DOUBLE, BLIND, DIRECTIONS, SCHEMES, CONTROL)),
    best,
    summary,
    verdict,
)
