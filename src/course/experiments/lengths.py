"""Quality against length, without and with attention: what the records of C1 share (chapter 2).

Arms are `TASK.KIND`. The kinds of model:

- `attention`: unidirectional encoder, additive attention; its parameters set the number
- `initial`, `every-step`: the same number (±2%), one context vector, given to the decoder as its
  initial state only, or at every step as well
- `every-step-wide`: a wider state, the same updates
- `every-step-long`: as wide, several times the updates
- `bi-attention`, `bi-every-step`: bidirectional encoders, as many parameters (±2%)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

import torch

from course.experiments.fitting import (
    Spent,
    fit_model,
    mean_loss,
    number_of_parameters,
    widest_within,
    write_out,
)
from course.experiments.runner import Arm
from course.experiments.tasks import task as task_named
from course.metrics import chrf
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.results.records import Row


class Kind(NamedTuple):
    """How one kind of model differs from the others."""

    context: Literal["initial", "every_step", "additive"]
    bidirectional: bool = False
    wide: bool = False
    long: bool = False


KINDS = {
    "attention": Kind("additive"),
    "initial": Kind("initial"),
    "every-step": Kind("every_step"),
    "every-step-wide": Kind("every_step", wide=True),
    "every-step-long": Kind("every_step", wide=True, long=True),
    "bi-attention": Kind("additive", bidirectional=True),
    "bi-every-step": Kind("every_step", bidirectional=True),
}


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Sizes of an experiment on length.

    Attributes:
        d_embed: Embedding width.
        d_model: State width of the model with attention; the others' follow from its parameters.
        d_attention: Width of the scores' hidden layer.
        wide: State width of the wide kinds.
        long: How many times the updates the long kinds get.
        batch: Sequences a batch.
        updates: Batches learnt from.
        trial_share: The share of the updates that the trial of a learning rate gets.
        inside: Test lengths within the trained range.
        outside: Test lengths beyond it.
        test_sequences: Test items a length.
        rates: Learning rates to choose among.
    """

    d_embed: int
    d_model: int
    d_attention: int
    wide: int
    long: int
    batch: int
    updates: int
    trial_share: float = 0.3
    inside: tuple[int, ...] = (4, 8, 12, 16)
    outside: tuple[int, ...] = (20, 24)
    test_sequences: int = 200
    rates: tuple[float, ...] = (5e-3, 1.2e-2)


def arms(setup: Setup, tasks: Iterable[str], seconds: Mapping[str, float]) -> tuple[Arm, ...]:
    """Lists the arms: every kind that has a time, for every task.

    Args:
        setup: The sizes.
        tasks: Names of tasks.
        seconds: About how long a run of each kind takes.
    """
    return tuple(
        Arm(
            name=f"{task}.{name}",
            seconds=seconds[name],
            rates=setup.rates,
            trial_seconds=seconds[name] * setup.trial_share / (setup.long if kind.long else 1),
        )
        for task in tasks
        for name, kind in KINDS.items()
        if name in seconds
    )


def config(setup: Setup, kind: str, vocab_size: int, d_model: int) -> Seq2SeqConfig:
    """Returns the configuration of a kind of model at a state width.

    Args:
        setup: The sizes.
        kind: One of `KINDS`.
        vocab_size: Of the task.
        d_model: The state width.
    """
    return Seq2SeqConfig(
        vocab_size=vocab_size,
        d_embed=setup.d_embed,
        d_attention=setup.d_attention,
        d_model=d_model,
        bidirectional=KINDS[kind].bidirectional,
        context=KINDS[kind].context,
        dropout=0.0,
    )


@cache
def width(setup: Setup, kind: str, vocab_size: int) -> int:
    """Returns the state width of a kind: equal parameters, unless it is one of the wide ones.

    Args:
        setup: The sizes.
        kind: One of `KINDS`.
        vocab_size: Of the task.
    """
    if kind == "attention":
        return setup.d_model
    if KINDS[kind].wide:
        return setup.wide
    budget = number_of_parameters(Seq2Seq(config(setup, "attention", vocab_size, setup.d_model)))
    return widest_within(
        budget, lambda d_model: Seq2Seq(config(setup, kind, vocab_size, d_model)), multiple=2
    )


def train(
    setup: Setup, task: str, kind: str, *, seed: int, rate: float, updates: int | None = None
) -> tuple[Seq2Seq, Spent]:
    """Trains one model.

    Args:
        setup: The sizes.
        task: The name of a task.
        kind: One of `KINDS`.
        seed: Of weights and data; arms with the same seed see the same batches in the same order.
        rate: The learning rate.
        updates: How many batches; by default as the setup says.

    Returns:
        The model, and what its training took.
    """
    data = task_named(task)
    factor = setup.long if KINDS[kind].long else 1
    d_model = width(setup, kind, data.vocab_size)
    torch.manual_seed(seed)
    model = Seq2Seq(config(setup, kind, data.vocab_size, d_model))
    batches = data.stream(seed, setup.batch)
    return model, fit_model(model, batches, updates=updates or setup.updates * factor, rate=rate)


def errors_by_length(
    model: Seq2Seq, task: str, lengths: Iterable[int], *, sequences: int = 200
) -> dict[int, dict[str, float]]:
    """Scores what a model writes, free-running and greedy, at each source length.

    Args:
        model: A trained model.
        task: What it was trained on.
        lengths: Source lengths.
        sequences: How many test items a length.

    Returns:
        For each length `token_error_rate`, `exact` and, for text, `chrf`.
    """
    data = task_named(task)
    found: dict[int, dict[str, float]] = {}
    for length in lengths:
        test = data.test(length, sequences)
        written = write_out(model, test.src, test.tgt)
        found[length] = {"token_error_rate": written.token_error_rate, "exact": written.exact}
        if test.references is not None:
            texts = [data.text(tokens) for tokens in written.hypotheses]
            found[length]["chrf"] = chrf(texts, [(text,) for text in test.references]).value
    return found


def trial(setup: Setup, arm: str, rate: float) -> float:
    """Returns the validation loss after a short run at one learning rate.

    Args:
        setup: The sizes.
        arm: TASK.KIND.
        rate: The learning rate.
    """
    task, kind = arm.split(".")
    updates = round(setup.updates * setup.trial_share)
    model, _ = train(setup, task, kind, seed=0, rate=rate, updates=updates)
    return mean_loss(model, task_named(task).valid(setup.test_sequences))


def measure(setup: Setup, arm: str, seed: int, rate: float) -> list[Row]:
    """Trains and tests one arm with one seed.

    Args:
        setup: The sizes.
        arm: TASK.KIND.
        seed: Of weights and data.
        rate: The learning rate.
    """
    task, kind = arm.split(".")
    model, spent = train(setup, task, kind, seed=seed, rate=rate)
    n = setup.test_sequences
    scores = errors_by_length(model, task, (*setup.inside, *setup.outside), sequences=n)
    rows = [
        Row(arm, seed, length, metric, value, n)
        for length, found in scores.items()
        for metric, value in found.items()
    ]
    numbers = {
        **spent._asdict(),
        "parameters": number_of_parameters(model),
        "width": model.config.d_model,
        "rate": rate,
    }
    return rows + [Row(arm, seed, "run", key, float(value), 1) for key, value in numbers.items()]
