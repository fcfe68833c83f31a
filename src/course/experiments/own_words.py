"""Models of chapter 3: the same model trained on the reference's words, on its own, or on both.

What the decoder reads in training is a *diet*: "forced" (the reference: teacher forcing), "free"
(its own most probable words), "sampled" (its own words, drawn from its distribution), and three
schedules of Bengio et al. (2015) that go from the first to the last: "linear", "exponential" and
"inverse-sigmoid". The loss is the cross-entropy of the reference in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from course.data.batching import Batch
from course.experiments import clause_task
from course.experiments.fitting import Spent, fit, forced_loss, write_out
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.runtime import generator
from course.training.scheduled_sampling import (
    Schedule,
    exponential,
    inverse_sigmoid,
    linear,
    mixed_loss,
)


class Size(NamedTuple):
    """How large a model is, and how long it trains.

    Attributes:
        context: What the decoder reads of the source; see `course.nn.attention`.
        d_model: The width of the decoder state.
        updates: Batches to learn from.
    """

    context: Literal["every_step", "additive"]
    d_model: int
    updates: int


SIZES = {"attention": Size("additive", 64, 350), "classic": Size("every_step", 128, 450)}
D_EMBED, D_ATTENTION, ROWS = 48, 64, 64
SCHEDULES = ("linear", "exponential", "inverse-sigmoid")
LAST_SHARE = 0.1
"""Where the linear and the exponential schedule end; the inverse sigmoid bends at half time."""

Watch = Callable[[int, Seq2Seq], None]


def schedule(diet: str, updates: int) -> Schedule:
    """Returns the probability of reading the reference, by update.

    Args:
        diet: How the decoder is fed; see the module.
        updates: How long the training is; a short trial has a short schedule.
    """
    if diet == "linear":
        return linear(updates, last=LAST_SHARE)
    if diet == "exponential":
        return exponential(LAST_SHARE ** (1 / updates))
    if diet == "inverse-sigmoid":
        return inverse_sigmoid(max(1.0, updates / 8))
    return lambda update: 1.0 if diet == "forced" else 0.0


def build(kind: str, seed: int) -> Seq2Seq:
    """Makes an untrained model.

    Args:
        kind: "attention" or "classic".
        seed: Of its weights.
    """
    torch.manual_seed(seed)
    size = SIZES[kind]
    return Seq2Seq(
        Seq2SeqConfig(
            vocab_size=len(clause_task.tokenizer()),
            d_embed=D_EMBED,
            d_model=size.d_model,
            d_attention=D_ATTENTION,
            context=size.context,
            dropout=0.0,
        )
    )


def train(
    kind: str,
    diet: str,
    *,
    seed: int = 1,
    rate: float = 5e-3,
    updates: int | None = None,
    watch: Watch = lambda update, model: None,
) -> tuple[Seq2Seq, Spent]:
    """Trains one model.

    Args:
        kind: "attention" or "classic".
        diet: What the decoder reads; see the module.
        seed: Of weights, data and coins; the same sentences in the same order for every diet.
        rate: The highest learning rate.
        updates: How many; by default as the experiments do.
        watch: Called before each update, and once after the last.
    """
    updates = updates or SIZES[kind].updates
    model = build(kind, seed)
    batches = clause_task.stream(seed, ROWS)
    share = schedule(diet, updates)
    coins = generator(seed, "coins", diet)

    def losses() -> Iterator[tuple[Tensor, int]]:
        for update, batch in enumerate(batches):
            watch(update, model)
            yield loss(model, batch, diet, share(update), coins), batch.num_tokens

    spent = fit(model, losses(), updates=updates, rate=rate)
    watch(updates, model)
    return model, spent


def loss(model: Seq2Seq, batch: Batch, diet: str, share: float, coins: torch.Generator) -> Tensor:
    """Returns the cross-entropy of the reference in nats a token.

    Args:
        model: The model.
        batch: What to learn from.
        diet: What the decoder reads.
        share: Probability of reading the reference's word.
        coins: Where coins and sampled words come from.
    """
    if diet == "forced":
        return forced_loss(model, batch)
    return mixed_loss(model, batch, share, generator=coins, sampled=diet != "free")


def trial(kind: str, diet: str, rate: float, part: float) -> float:
    """Returns the free-running errors a word on validation sentences after a shorter training.

    Args:
        kind: "attention" or "classic".
        diet: What the decoder reads in training.
        rate: The learning rate.
        part: The share of the updates.
    """
    updates = round(SIZES[kind].updates * part)
    model, _ = train(kind, diet, seed=0, rate=rate, updates=updates)
    return valid_error(model)


def valid_error(model: Seq2Seq) -> float:
    """Returns the free-running errors a word on validation sentences of two clauses.

    Args:
        model: The model.
    """
    return write_out(model, *clause_task.sentences("valid", 2, 100)).token_error_rate
