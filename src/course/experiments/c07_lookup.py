"""C7: is attention a soft, differentiable memory lookup? (chapter 5).

The memory and the ways of reading it are in `course.experiments.lookup`; each is learnt from
scratch:

- `soft-T`: the average of the slots under softmax(cosine / T)
- `average`: the plain average; `detached-T`: as soft-T, but no gradient passes the weights
- `argmax`: the best slot alone, which passes no gradient to names and queries either
- `through-T`: the best slot alone, with the gradient of softmax (straight-through; Bengio,
  Léonard and Courville 2013)
- `sampled-T`: a slot drawn from the softmax, learnt by REINFORCE (as Xu et al. 2015, "hard"
  attention), read at the best slot when tested

Rows at x = "run": `valid`, `accuracy` (tested as it reads), `hard` (the same model read at its best
slot), `gradient` and `stuck` (before training: mean length of the loss's gradient with respect to
the cosines, and the share of queries for which it is below 1e-3), `rate`, `updates`, `seconds`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from course.experiments import lookup as memory
from course.experiments.fitting import fit
from course.experiments.lookup import Lookup, draw
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

CLAIM = "C7"
HYPOTHESIS = (
    "A soft lookup at its best temperature finds at least 0.10 more answers than the same lookup "
    "without a gradient through its weights, than averaging, and than the best of the hard "
    "lookups; once learnt, reading it at the best slot alone costs at most 0.05."
)
SMALLEST_EFFECT = 0.10
"""In accuracy: ten answers of a hundred."""
ALLOWED_LOSS = 0.05
"""What reading hard after learning soft may cost, in accuracy."""

CONFIG = {
    "names": memory.NAMES,
    "answers": memory.ANSWERS,
    "slots": memory.SLOTS,
    "width": memory.WIDTH,
    "batch": 128,
    "updates": 800,
    "trial_share": 0.5,
    "test_queries": 4000,
}
RATES = (1e-2, 3e-2)
TEMPERATURES = (3.0, 1.0, 0.3, 0.1, 0.03, 0.01)
SOFT = tuple(f"soft-{t:g}" for t in TEMPERATURES)
HARD = ("argmax", *(f"{how}-{t:g}" for how in ("through", "sampled") for t in (1.0, 0.3, 0.1)))
ARMS = tuple(
    Arm(name=name, seconds=3, rates=RATES, trial_seconds=1.5)
    for name in (*SOFT, "average", "detached-0.1", *HARD)
)


def train(arm: str, seed: int, rate: float, share: float = 1.0) -> tuple[Lookup, float]:
    """Trains one way of reading; returns it and the seconds that took.

    Args:
        arm: As in `ARMS`.
        seed: Of weights and data; all arms see the same queries.
        rate: The learning rate.
        share: The share of the updates to train for.
    """
    torch.manual_seed(seed)
    lookup = Lookup(arm)
    updates = round(CONFIG["updates"] * share)
    spent = fit(lookup, _losses(lookup, seed), updates=updates, rate=rate)
    return lookup, spent.seconds


def _losses(lookup: Lookup, seed: int) -> Iterator[tuple[Tensor, int]]:
    source = generator(seed, "c07", "train")
    while True:
        yield lookup.loss(draw(CONFIG["batch"], source)), CONFIG["batch"]


@torch.no_grad()
def accuracy(lookup: Lookup, split: str, *, hard: bool = False) -> float:
    """Returns the share of queries answered right.

    Args:
        lookup: A trained lookup.
        split: "valid" or "test".
        hard: Read the best slot alone.
    """
    asked = draw(CONFIG["test_queries"], generator(0, "c07", split))
    weights = lookup.eval().weights(lookup.cosines(asked), hard=hard)
    return float((lookup.answer(weights, asked).argmax(1) == asked.right).float().mean())


def gradients(arm: str, seed: int) -> dict[str, float]:
    """Returns `gradient` and `stuck` of an untrained lookup (see the module).

    Args:
        arm: As in `ARMS`.
        seed: Of its weights.
    """
    torch.manual_seed(seed)
    lookup = Lookup(arm)
    asked = draw(CONFIG["test_queries"], generator(0, "c07", "gradient"))
    cosines = lookup.cosines(asked).detach().requires_grad_()
    answers = lookup.answer(lookup.weights(cosines), asked)
    loss = cross_entropy(answers, asked.right, reduction="sum")
    (found,) = torch.autograd.grad(loss, cosines, allow_unused=True)
    lengths = torch.zeros(len(cosines)) if found is None else found.norm(dim=1)
    return {"gradient": float(lengths.mean()), "stuck": float((lengths < 1e-3).double().mean())}


def trial(arm: str, rate: float) -> float:
    """Returns the validation error after a short run at one learning rate.

    Args:
        arm: As in `ARMS`.
        rate: The learning rate.
    """
    return 1 - accuracy(train(arm, 0, rate, CONFIG["trial_share"])[0], "valid")


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains and tests one way of reading.

    Args:
        arm: As in `ARMS`.
        seed: Of weights and data.
        rate: The learning rate.
    """
    lookup, seconds = train(arm, seed, rate)
    n = CONFIG["test_queries"]
    found = {
        "valid": accuracy(lookup, "valid"),
        "accuracy": accuracy(lookup, "test"),
        "hard": accuracy(lookup, "test", hard=True),
    }
    if not arm.startswith("sampled"):  # its gradient is an estimate, not a derivative
        found |= gradients(arm, seed)
    found |= {"rate": rate, "updates": CONFIG["updates"], "seconds": seconds}
    return [Row(arm, seed, "run", metric, float(value), n) for metric, value in found.items()]


def best(rows: Iterable[Row], arms: Iterable[str], metric: str) -> str:
    """Returns the arm with the highest mean of a metric.

    Args:
        rows: The rows of the record.
        arms: Which to compare.
        metric: "valid" for an honest choice, "accuracy" for one that helps the chosen side.
    """
    rows = list(rows)
    means = {a: interval(by_seed(rows, arm=a, metric=metric).values()).mean for a in arms}
    return max(means, key=lambda arm: means[arm])


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns what the soft lookup gains, with intervals.

    Keys, each with `.low` and `.high`: `soft` and `hard` (accuracies of the best of each side),
    `gradient` (soft − detached), `averaging` (soft − average), `softness` (soft − best hard),
    `hardened` (the soft one read at its best slot − read softly); `temperature` (of the best soft).

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    soft, hard = best(rows, SOFT, "valid"), best(rows, HARD, "accuracy")
    of = {a: by_seed(rows, arm=a, metric="accuracy") for a in (soft, hard)}
    others = {a: by_seed(rows, arm=a, metric="accuracy") for a in ("average", "detached-0.1")}
    return flat(
        soft=interval(of[soft].values()),
        hard=interval(of[hard].values()),
        gradient=paired(of[soft], others["detached-0.1"]),
        averaging=paired(of[soft], others["average"]),
        softness=paired(of[soft], of[hard]),
        hardened=paired(by_seed(rows, arm=soft, metric="hard"), of[soft]),
    ) | {"temperature": float(soft.removeprefix("soft-"))}


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis.

    Supported: all four parts hold over their whole intervals. With a caveat: all but `softness`
    do, so a hard lookup can be learnt about as well. Not supported: the gradient through the
    weights or the weighting itself gains less than the smallest effect, or reading hard costs more
    than allowed, over the whole interval. Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    gains = ("gradient", "averaging")
    if any(s[f"{k}.high"] < SMALLEST_EFFECT for k in gains) or s["hardened.high"] < -ALLOWED_LOSS:
        return NOT_SUPPORTED
    if all(s[f"{k}.low"] >= SMALLEST_EFFECT for k in gains) and s["hardened.low"] >= -ALLOWED_LOSS:
        return SUPPORTED if s["softness.low"] >= SMALLEST_EFFECT else CAVEAT
    return INCONCLUSIVE


RULE = (HYPOTHESIS, SMALLEST_EFFECT, ALLOWED_LOSS, repr((SOFT, HARD)), best, summary, verdict)
