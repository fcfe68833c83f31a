"""C19, beside recall: the same kinds of layer, trained on Shakespeare by character (chapter 10).

It decides nothing about memory: most characters follow from the last few. The kinds are those of
`recall_models`, here with two heads of width 64 and a residual stream of 128; the states are equal
as there. The text is cut as in `shakespeare`: learnt from the first 90%, a rate chosen on the next
5%, reported on the last, on characters that have at least half a window before them.

Rows at x = "run": `test_bits`, bits a character; `state`, `parameters`, `rate`, `updates`,
`tokens`, `seconds`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor
from torch.nn.functional import cross_entropy

from course.data import corpora
from course.experiments import nearness
from course.experiments.fitting import fit, number_of_parameters
from course.experiments.recall_models import KINDS, MIXER, build
from course.experiments.rules import Verdict, by_seed
from course.experiments.runner import Arm
from course.experiments.shakespeare import Text
from course.models.mixer import MixerModel
from course.results.records import Row
from course.runtime import default_device, generator, set_seed

CLAIM = "C19"
HYPOTHESIS = (
    "Trained on Shakespeare by character with a state of equal size, sparse, linear and kernel "
    "attention lose at most 0.05 bits a character to full attention."
)
SMALLEST_EFFECT = 0.05
"""In bits a character."""
WIDE = replace(MIXER, d_model=128, num_heads=2)
CONFIG: dict[str, Any] = {
    "mixer": vars(WIDE),
    "d_ff": 256,
    "length": 256,
    "rows": 8,
    "updates": 400,
    "trial_share": 0.25,
}
RATES = (1e-3, 3e-3, 6e-3)
ARMS = tuple(Arm(name=kind, seconds=60, rates=RATES, trial_seconds=15) for kind in KINDS)


@cache
def text() -> Text:
    """Returns the text."""
    return Text(corpora.shakespeare())


def train(kind: str, seed: int, rate: float, share: float = 1.0) -> tuple[MixerModel, dict]:
    """Trains a model; returns it and what that took.

    Args:
        kind: One of `KINDS`.
        seed: Of weights and windows.
        rate: The learning rate.
        share: The share of the updates to train for.
    """
    set_seed(seed)
    symbols, length = len(text().symbols), CONFIG["length"]
    model = build(kind, symbols=symbols, length=length, mixer=WIDE, d_ff=CONFIG["d_ff"])
    model.to(default_device())

    def losses() -> Iterator[tuple[Tensor, int]]:
        part, source = text().parts["train"], generator(seed, "c19", "shakespeare")
        offsets = torch.arange(length + 1)
        while True:
            begin = torch.randint(len(part) - length, (CONFIG["rows"], 1), generator=source)
            rows = part[begin + offsets].to(default_device())
            yield cross_entropy(model(rows[:, :-1]).mT, rows[:, 1:]), rows[:, 1:].numel()

    updates = round(CONFIG["updates"] * share)
    return model, fit(model, losses(), updates=updates, rate=rate)._asdict()


@torch.no_grad()
def bits(model: MixerModel, part: Int[Tensor, " N"]) -> tuple[float, int]:
    """Returns bits a character in the second halves of windows half a window apart, and how many.

    Args:
        model: The model.
        part: Of the text.
    """
    length, half, device = CONFIG["length"], CONFIG["length"] // 2, next(model.parameters()).device
    total, count = 0.0, 0
    for rows in part.unfold(0, length + 1, half).split(64):
        logits = model(rows[:, :-1].to(device))[:, half:]
        wanted = rows[:, 1 + half :].to(device)
        total += float(cross_entropy(logits.mT, wanted, reduction="sum"))
        count += wanted.numel()
    return total / count / math.log(2), count


def trial(arm: str, rate: float) -> float:
    """Returns bits a character on validation after a short run; guessing's, if it diverged.

    Args:
        arm: One of `KINDS`.
        rate: The learning rate.
    """
    model, _ = train(arm, 0, rate, CONFIG["trial_share"])
    found, _ = bits(model, text().parts["valid"])
    return found if math.isfinite(found) else math.log2(len(text().symbols))


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains and tests one kind with one seed.

    Args:
        arm: One of `KINDS`.
        seed: Of weights and windows.
        rate: The learning rate.
    """
    model, spent = train(arm, seed, rate)
    found, count = bits(model, text().parts["test"])
    spent |= {"state": model.state_size(CONFIG["length"])}
    spent |= {"parameters": number_of_parameters(model), "rate": rate}
    rows = [Row(arm, seed, "run", key, float(value), 1) for key, value in spent.items()]
    return [Row(arm, seed, "run", "test_bits", found, count), *rows]


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns bits a character, and what a kind has more of than full; see `nearness.compared`.

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    return nearness.compared({k: by_seed(rows, arm=k, metric="test_bits") for k in KINDS})


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis; see `nearness.judge`.

    Args:
        rows: The rows of the record.
    """
    return nearness.judge(summary(rows), SMALLEST_EFFECT)


RULE = (HYPOTHESIS, SMALLEST_EFFECT, summary, verdict, *nearness.RULE)
