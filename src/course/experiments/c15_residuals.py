"""C15: do residual connections make depth trainable? (chapter 8).

Small causal Transformers read English sentences of the grammar, word by word, and predict the next
word. Two layers are enough for that, so depth brings nothing here: the question is whether it does
harm. Three kinds of layer, each at four depths:

- `pre`: x + f(norm(x)); `post`: norm(x + f(x)), as in the first Transformer
- `none`: norm(f(x)), the same layer without the connection around it

Each kind, at each depth, is trained without and with a warm-up of the learning rate, each at its
best rate of four; the better of the two by validation stands for the cell. Arms are
KIND-DEPTH-WARMUP; rows at x = "run": `valid` and `loss` (nats a word, teacher-forced, on separate
sentences), `failed` (1 where the loss is no better than that of word frequencies, or no number),
`gradient` (before training: length of the loss's gradient in the first layer over that in the
last), `rate`, `parameters`, `updates`, `seconds`; at arm `frequencies`: `loss`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch

from course.experiments.deep_models import (
    ROWS,
    SCORED,
    SENTENCES,
    SIZES,
    WORDS,
    batches,
    build,
    first_over_last,
    frequencies,
    some,
    tokenizer,
)
from course.experiments.fitting import fit_model, mean_loss, number_of_parameters
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
from course.models.families import LanguageModel
from course.results.records import Row

CLAIM = "C15"
HYPOTHESIS = (
    "At 24 layers, each kind at its best rate and warm-up, a model without residual connections "
    "loses at least 0.5 nats a word on the one with them (pre-norm), and that one at most 0.1 "
    "nats on itself with 2 layers."
)
SMALLEST_EFFECT = 0.5
"""In nats a word."""
ALLOWED_LOSS = 0.1
"""What 24 layers may cost against 2, in nats a word."""

DEPTHS = (2, 6, 12, 24)
KINDS = ("pre", "post", "none")
WARMUPS = (1, 100)
RATES = (3e-4, 1e-3, 3e-3, 1e-2)
CONFIG = {
    **SIZES,
    "rows": ROWS,
    "words": list(WORDS),
    "sentences": SENTENCES,
    "updates": 300,
    "trial_share": 0.5,
    "batches": SCORED,
}
ARMS = tuple(
    Arm(
        name=f"{kind}-{depth}-{warmup}", seconds=1.4 * depth, rates=RATES, trial_seconds=0.7 * depth
    )
    for kind in KINDS
    for depth in DEPTHS
    for warmup in WARMUPS
)


def train(arm: str, seed: int, rate: float, share: float = 1.0) -> tuple[LanguageModel, float]:
    """Trains one model; returns it and the seconds that took.

    Args:
        arm: As in `ARMS`.
        seed: Of weights and data.
        rate: The highest learning rate.
        share: The share of the updates to train for.
    """
    kind, depth, warmup = arm.split("-")
    torch.manual_seed(seed)
    model = build(kind, int(depth))
    updates = round(CONFIG["updates"] * share)
    spent = fit_model(model, batches("train", seed), updates=updates, rate=rate, warmup=int(warmup))
    return model, spent.seconds


def trial(arm: str, rate: float) -> float:
    """Returns the validation loss after a short run at one learning rate.

    Args:
        arm: As in `ARMS`.
        rate: The learning rate.
    """
    return _bounded(mean_loss(train(arm, 0, rate, CONFIG["trial_share"])[0], some("valid")))


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains and tests one model.

    Args:
        arm: As in `ARMS`.
        seed: Of weights and data.
        rate: The highest learning rate.
    """
    kind, depth, _ = arm.split("-")
    torch.manual_seed(seed)
    gradient = first_over_last(build(kind, int(depth)))
    model, seconds = train(arm, seed, rate)
    loss = _bounded(mean_loss(model, some("test")))
    found = {
        "valid": _bounded(mean_loss(model, some("valid"))),
        "loss": loss,
        "failed": float(loss >= frequencies()),
        "gradient": gradient,
        "rate": rate,
        "parameters": number_of_parameters(model),
        "updates": CONFIG["updates"],
        "seconds": seconds,
    }
    rows = [Row(arm, seed, "run", metric, float(value), 1) for metric, value in found.items()]
    return [*rows, Row("frequencies", seed, "run", "loss", frequencies(), 1)]


def _bounded(loss: float) -> float:
    """A loss that is no number counts as the loss of guessing blindly."""
    return loss if math.isfinite(loss) else math.log(len(tokenizer()))


def best(rows: Iterable[Row], kind: str, depth: int) -> str:
    """Returns the arm of a cell whose warm-up validated better.

    Args:
        rows: The rows of the record.
        kind: See the module.
        depth: How many layers.
    """
    rows = list(rows)
    arms = [f"{kind}-{depth}-{warmup}" for warmup in WARMUPS]
    return min(arms, key=lambda a: interval(by_seed(rows, arm=a, metric="valid").values()).mean)


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns losses and what depth and its absence cost, with intervals.

    Keys, each with `.low` and `.high`: `loss.KIND.DEPTH`; `cost.KIND` (24 layers − 2 of the same
    kind); `gap` (at 24 layers, none − pre), `post` (post − pre). And `failed.KIND.DEPTH`, the share
    of runs, with both warm-ups; `warmup.KIND.DEPTH`, the one chosen.

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    found: dict[str, float] = {}
    losses: dict[tuple[str, int], dict[int, float]] = {}
    for kind in KINDS:
        for depth in DEPTHS:
            arm = best(rows, kind, depth)
            losses[kind, depth] = by_seed(rows, arm=arm, metric="loss")
            found |= flat(**{f"loss__{kind}__{depth}": interval(losses[kind, depth].values())})
            both = [f"{kind}-{depth}-{warmup}" for warmup in WARMUPS]
            failed = [v for a in both for v in by_seed(rows, arm=a, metric="failed").values()]
            found[f"failed.{kind}.{depth}"] = sum(failed) / len(failed)
            found[f"warmup.{kind}.{depth}"] = float(arm.split("-")[2])
        found |= flat(
            **{f"cost__{kind}": paired(losses[kind, DEPTHS[-1]], losses[kind, DEPTHS[0]])}
        )
    deep = {kind: losses[kind, DEPTHS[-1]] for kind in KINDS}
    return found | flat(
        gap=paired(deep["none"], deep["pre"]), post=paired(deep["post"], deep["pre"])
    )


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis over whole intervals.

    Supported: without residual connections 24 layers lose at least the smallest effect, with them
    at most what is allowed. With a caveat: the first alone, so depth costs something with them too.
    Not supported: they surely save less than the smallest effect. Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    if s["gap.low"] >= SMALLEST_EFFECT:
        return SUPPORTED if s["cost.pre.high"] <= ALLOWED_LOSS else CAVEAT
    return NOT_SUPPORTED if s["gap.high"] < SMALLEST_EFFECT else INCONCLUSIVE


RULE = (HYPOTHESIS, SMALLEST_EFFECT, ALLOWED_LOSS, best, summary, verdict)
