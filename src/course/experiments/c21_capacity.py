"""C21: how many bits does one vector carry, and is that a property of the vector? (chapter 2).

Random symbols, log2(24) bits each, go through a GRU of fixed width, then through one vector of w
numbers in (-1, 1), then out of a GRU of fixed width that writes them in reverse order. The bits
recovered are the entropy of the symbols minus the cross-entropy of the teacher-forced decoder,
summed over the sequence: a lower bound of the information in the vector, since symbols tell nothing
about one another.

Arms: `width-W` (W numbers in the vector); at the largest width also `updates-N` (a quarter and four
times the training) and `data-N` (only N different training sequences instead of fresh ones).

Rows: `bits` and `share` (of the bits available) against the length; `decoded` and `probe` against
the source position (from 1) in sequences of 12: how often the decoder (teacher-forced) and a linear
probe on the vector name the symbol; `parameters`, `updates`, `seconds`, `rate` at x = "run".
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from course.experiments import symbols
from course.experiments.channel import CONFIG, Channel
from course.experiments.fitting import fit, number_of_parameters
from course.experiments.probes import probe
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
from course.runtime import generator

CLAIM = "C21"
HYPOTHESIS = (
    "A trained decoder recovers less than nine tenths of the bits of 24 random symbols from one "
    "vector, and neither a wider vector nor four times the training raises the share by 0.10: the "
    "limit is the vector's."
)
SMALLEST_EFFECT = 0.10
"""In the share of the bits available at the longest length."""

RATES = (5e-3, 1.2e-2)
WIDEST, NARROW, LONGEST = 64, 16, 24
SECONDS = 7.0


def _arms() -> tuple[Arm, ...]:
    names = [f"width-{w}" for w in CONFIG["widths"]]
    names += [f"updates-{n}" for n in CONFIG["other_updates"]]
    names += [f"data-{n}" for n in CONFIG["data"]]
    return tuple(
        Arm(
            name=name,
            seconds=SECONDS * settings(name)[1] / CONFIG["updates"],
            rates=RATES,
            trial_seconds=SECONDS * CONFIG["trial_share"],
        )
        for name in names
    )


def settings(arm: str) -> tuple[int, int, int]:
    """Returns an arm's vector width, number of updates and number of sequences (0: fresh ones).

    Args:
        arm: Such as "width-16", "updates-2400", "data-1000".
    """
    what, _, number = arm.partition("-")
    chosen = {"width": CONFIG["widths"][-1], "updates": CONFIG["updates"], "data": 0}
    chosen[what] = int(number)
    return chosen["width"], chosen["updates"], chosen["data"]


def train(arm: str, seed: int, rate: float, updates: int = 0) -> tuple[Channel, float]:
    """Trains one channel; returns it and the seconds it took.

    Args:
        arm: See `settings`.
        seed: Of weights and data.
        rate: The learning rate.
        updates: How many batches; by default as the arm says.
    """
    width, planned, data = settings(arm)
    torch.manual_seed(seed)
    model = Channel(width)
    source = generator(seed, "c21", "train")
    pool = torch.randint(
        symbols.FIRST, symbols.VOCABULARY, (data, CONFIG["longest"]), generator=source
    )

    def losses() -> Iterator[tuple[Tensor, int]]:
        span = (CONFIG["shortest"], CONFIG["longest"])
        for batch in symbols.stream("reverse", CONFIG["batch"], span, source):
            if data:  # a beginning of some sequences of the pool instead of fresh ones
                rows = torch.randint(data, (CONFIG["batch"],), generator=source)
                batch = symbols.of_symbols("reverse", pool[rows, : batch.src.shape[1] - 1])
            logits = model(batch.src, batch.tgt_in)
            yield cross_entropy(logits.flatten(0, 1), batch.tgt_out.flatten()), batch.num_tokens

    return model, fit(model, losses(), updates=updates or planned, rate=rate).seconds


@torch.no_grad()
def bits(model: Channel, length: int, split: str = "test") -> float:
    """Returns the bits recovered from the vector, a sequence; may be below 0 for a bad decoder.

    Args:
        model: A trained channel.
        length: How many symbols.
        split: "test" or "valid": different data.
    """
    source = generator(0, "c21", split, length)
    batch = symbols.batch("reverse", CONFIG["test_sequences"], length, source)
    logits = model(batch.src, batch.tgt_in)[:, :-1]  # without the end token
    nats = float(cross_entropy(logits.flatten(0, 1), batch.tgt_out[:, :-1].flatten()))
    return length * (math.log2(symbols.SYMBOLS) - nats / math.log(2))


@torch.no_grad()
def by_position(model: Channel) -> dict[str, list[float]]:
    """Returns how often decoder and linear probe name the symbol at each source position.

    Args:
        model: A trained channel.
    """
    length, n = CONFIG["probe_length"], CONFIG["test_sequences"]
    fitted = symbols.batch("reverse", 8 * n, length, generator(0, "c21", "probe"))
    test = symbols.batch("reverse", n, length, generator(0, "c21", "test", "positions"))
    right = model(test.src, test.tgt_in).argmax(-1) == test.tgt_out
    vectors = [model.vector(batch.src) for batch in (fitted, test)]
    probed = probe(vectors[0], fitted.src[:, :-1], vectors[1], test.src[:, :-1])
    return {"decoded": right[:, :-1].double().mean(0).flip(0).tolist(), "probe": probed}


def trial(arm: str, rate: float) -> float:
    """Returns the share of bits missed on validation data after a short run.

    Args:
        arm: See `settings`.
        rate: The learning rate.
    """
    model, _ = train(arm, 0, rate, round(CONFIG["updates"] * CONFIG["trial_share"]))
    available = sum(CONFIG["lengths"]) * math.log2(symbols.SYMBOLS)
    return 1 - sum(bits(model, length, "valid") for length in CONFIG["lengths"]) / available


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains one channel and measures what comes through.

    Args:
        arm: See `settings`.
        seed: Of weights and data.
        rate: The learning rate.
    """
    model, seconds = train(arm, seed, rate)
    n = CONFIG["test_sequences"]
    rows: list[Row] = []
    for length in CONFIG["lengths"]:
        found = bits(model, length)
        share = found / (length * math.log2(symbols.SYMBOLS))
        rows += [
            Row(arm, seed, length, "bits", found, n),
            Row(arm, seed, length, "share", share, n),
        ]
    for metric, accuracies in by_position(model).items():
        rows += [Row(arm, seed, i, metric, v, n) for i, v in enumerate(accuracies, start=1)]
    spent = {
        "parameters": number_of_parameters(model),
        "updates": settings(arm)[1],
        "seconds": seconds,
        "rate": rate,
    }
    return rows + [Row(arm, seed, "run", key, float(value), 1) for key, value in spent.items()]


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns shares and bits at the longest length, and what raises them.

    Keys, each with `.low` and `.high`: `share.ARM`, `bits.ARM`; paired differences of shares
    `gain.width` (the widest vector − 16 numbers), `gain.training` (four times the updates −
    once), `gain.data` (fresh sequences − 1000 of them).

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    arms = dict.fromkeys(row.arm for row in rows)
    share = {arm: by_seed(rows, arm=arm, metric="share", x=[LONGEST]) for arm in arms}
    number = {arm: by_seed(rows, arm=arm, metric="bits", x=[LONGEST]) for arm in arms}
    found: dict[str, Interval] = {f"share.{arm}": interval(share[arm].values()) for arm in arms}
    found |= {f"bits.{arm}": interval(number[arm].values()) for arm in arms}
    widest = share[f"width-{WIDEST}"]
    found["gain.width"] = paired(widest, share[f"width-{NARROW}"])
    found["gain.training"] = paired(share["updates-2400"], widest)
    found["gain.data"] = paired(widest, share["data-1000"])
    return flat(**found)


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis.

    Supported: every arm leaves at least a tenth of the bits behind, and neither width nor training
    gains a tenth (whole intervals below it): a limit of the vector. With a caveat: every arm leaves
    a tenth behind, but width or training gains a tenth (whole interval above it): a limit, but one
    that moves. Not supported: the best arm recovers nine tenths or more. Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    shares = [key for key in s if key.startswith("share.")]
    limited = all(s[key] < 1 - SMALLEST_EFFECT for key in shares if key.endswith(".high"))
    gains = ("gain.width", "gain.training")
    if limited and all(s[f"{gain}.high"] < SMALLEST_EFFECT for gain in gains):
        return SUPPORTED
    if limited and any(s[f"{gain}.low"] >= SMALLEST_EFFECT for gain in gains):
        return CAVEAT
    if any(s[key] >= 1 - SMALLEST_EFFECT for key in shares if key.endswith(".low")):
        return NOT_SUPPORTED
    return INCONCLUSIVE


ARMS = _arms()
RULE = (HYPOTHESIS, SMALLEST_EFFECT, repr((WIDEST, NARROW, LONGEST)), summary, verdict)
