"""C2: do gates relieve vanishing gradients and keep long-range dependencies? (chapter 2).

The task: one of eight symbols, then n distractors that tell nothing about it, then the question
which symbol it was. All arms have the same number of parameters (±2%), the same batches and the
same trials of the learning rate.

Arms: `tanh` (PyTorch's initial weights), `tanh-orthogonal` (recurrent matrix drawn orthogonal),
`gru`, `lstm`, `lstm-forget1` (forget gate's bias at 1, so that at the start it keeps).

Rows: `recall` against n (share of symbols recalled; chance is 1/8; trained on n from 1 to 80);
`gradient-start` and `gradient-trained` against the distance d (log10 of how much smaller the
gradient of the last state is, with respect to an input d steps earlier than with respect to the
last input: -3 is a thousandth); `parameters`, `width`, `updates`, `seconds` at x = "run".
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from course.experiments.fitting import fit, number_of_parameters
from course.experiments.recalling import CELLS, CONFIG, Recaller, build, sequences
from course.experiments.rules import (
    CAVEAT,
    INCONCLUSIVE,
    NOT_SUPPORTED,
    SUPPORTED,
    Interval,
    Verdict,
    by_seed,
    flat,
    paired,
)
from course.experiments.runner import Arm
from course.results.records import Row
from course.runtime import generator

CLAIM = "C2"
HYPOTHESIS = (
    "After 60 distractors a gated network (GRU or LSTM, default initialisation) recalls the first "
    "symbol more often than a tanh network of equal size, and more often than one with an "
    "orthogonal recurrent matrix; once trained, ten times as much of the gradient of its last "
    "state is left 60 steps back as in the tanh network."
)
SMALLEST_EFFECT = 0.10
"""In recall: ten symbols of a hundred. For gradients the smallest effect is a factor of ten."""

RATES = (1e-3, 3e-3, 1e-2)
ARMS = tuple(
    Arm(name=name, seconds=seconds, rates=RATES, trial_seconds=seconds * 0.3)
    for name, seconds in zip(CELLS, (5, 5, 8, 5, 5), strict=True)
)
FAR = 60


def train(arm: str, seed: int, rate: float, updates: int) -> tuple[Recaller, float]:
    """Trains one network; returns it and the seconds it took.

    Args:
        arm: One of `recalling.CELLS`.
        seed: Of weights and data; arms share the data of a seed.
        rate: The learning rate.
        updates: How many batches.
    """
    model = build(arm, seed)
    source = generator(seed, "c02", "train")

    def losses() -> Iterator[tuple[Tensor, int]]:
        while True:
            n = int(torch.randint(1, CONFIG["longest"] + 1, (1,), generator=source))
            tokens, first = sequences(CONFIG["batch"], n, source)
            yield cross_entropy(model(model.embedding(tokens)), first), len(first)

    return model, fit(model, losses(), updates=updates, rate=rate).seconds


@torch.no_grad()
def recall(model: Recaller, distractors: int, seed: int, split: str = "test") -> float:
    """Returns the share of first symbols recalled after a number of distractors.

    Args:
        model: The network.
        distractors: n.
        seed: Of the data.
        split: "test" or "valid": different data.
    """
    source = generator(seed, "c02", split, distractors)
    tokens, first = sequences(CONFIG["test_sequences"], distractors, source)
    return float((model(model.embedding(tokens)).argmax(-1) == first).float().mean())


def gradients(model: Recaller, seed: int) -> dict[int, float]:
    """Returns how much of the first input's influence on the last state is left, by distance.

    For each distance d: the norm of the gradient, with respect to the first input, of the last
    state in a random direction, d steps later; as log10 of its ratio to the norm at d = 0.
    Computed in double precision: single precision ends at 1e-38.

    Args:
        model: The network, trained or not.
        seed: Of the data and the directions.
    """
    double = copy.deepcopy(model).double()
    source = generator(seed, "c02", "gradients")
    norms: dict[int, float] = {}
    for d in CONFIG["distances"]:
        tokens, _ = sequences(CONFIG["test_sequences"], d, source)
        embedded = double.embedding(tokens).detach().requires_grad_()
        outputs, _ = double.rnn(embedded)
        direction = torch.randn(outputs[:, -1].shape, generator=source, dtype=torch.float64)
        (outputs[:, -1] * direction).sum().backward()
        assert embedded.grad is not None
        norms[d] = float(embedded.grad[:, 0].norm(dim=-1).clamp_min(1e-300).log10().mean())
    return {d: norm - norms[0] for d, norm in norms.items()}


def trial(arm: str, rate: float) -> float:
    """Returns the validation error of a short run at one learning rate.

    Args:
        arm: One of `recalling.CELLS`.
        rate: The learning rate.
    """
    model, _ = train(arm, 0, rate, CONFIG["trial_updates"])
    distances = CONFIG["distances"][1:]
    return 1 - sum(recall(model, n, 0, "valid") for n in distances) / len(distances)


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains one network and measures recall and gradients.

    Args:
        arm: One of `recalling.CELLS`.
        seed: Of weights and data.
        rate: The learning rate.
    """
    n = CONFIG["test_sequences"]
    start = gradients(build(arm, seed), seed)
    model, seconds = train(arm, seed, rate, CONFIG["updates"])
    rows = [
        Row(arm, seed, d, f"gradient-{when}", value, n)
        for when, found in (("start", start), ("trained", gradients(model, seed)))
        for d, value in found.items()
    ]
    rows += [
        Row(arm, seed, d, "recall", recall(model, d, seed), n) for d in CONFIG["distances"][1:]
    ]
    spent = {
        "parameters": number_of_parameters(model),
        "width": model.rnn.hidden_size,
        "updates": CONFIG["updates"],
        "seconds": seconds,
        "rate": rate,
    }
    return rows + [Row(arm, seed, "run", key, float(value), 1) for key, value in spent.items()]


def compare(rows: Iterable[Row], arm: str, control: str, metric: str) -> Interval:
    """Returns the paired difference of an arm and a control at the far distance.

    Args:
        rows: The rows of the record.
        arm: The arm.
        control: What it is compared with.
        metric: The metric.
    """
    rows = list(rows)
    found = (by_seed(rows, arm=name, metric=metric, x=[FAR]) for name in (arm, control))
    return paired(*found)


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns the paired differences at distance 60, of recall and of log10 gradient.

    Keys: `recall.GATED-CONTROL`, `gradient.GATED-CONTROL`, each with `.low` and `.high`.

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    found = {
        f"{what}.{gated}-{control}": compare(rows, gated, control, metric)
        for what, metric in (("recall", "recall"), ("gradient", "gradient-trained"))
        for gated in ("gru", "lstm", "lstm-forget1")
        for control in ("tanh", "tanh-orthogonal")
    }
    return flat(**found)


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis.

    Supported: GRU and LSTM, as they come, both beat both tanh networks in recall by the smallest
    effect (the whole interval above it), and both have ten times the gradient of the plain one.
    With a caveat: at least one gated network beats the plain tanh network in recall, but some part
    of the rest fails (an orthogonal matrix does as well, the LSTM needs its forget bias, the
    gradient is no larger). Not supported: no gated network's advantage over the plain tanh network
    can reach the smallest effect. Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    gated, controls = ("gru", "lstm"), ("tanh", "tanh-orthogonal")
    recalls = all(s[f"recall.{g}-{c}.low"] >= SMALLEST_EFFECT for g in gated for c in controls)
    flows = all(s[f"gradient.{g}-tanh.low"] >= math.log10(10) for g in gated)
    if recalls and flows:
        return SUPPORTED
    if any(s[f"recall.{g}-tanh.low"] >= SMALLEST_EFFECT for g in (*gated, "lstm-forget1")):
        return CAVEAT
    if all(s[f"recall.{g}-tanh.high"] < SMALLEST_EFFECT for g in (*gated, "lstm-forget1")):
        return NOT_SUPPORTED
    return INCONCLUSIVE


RULE = (HYPOTHESIS, SMALLEST_EFFECT, FAR, compare, summary, verdict)
