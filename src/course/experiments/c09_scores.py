"""C9 on our grammar: which score, asked with which state, at equal parameters (chapter 6).

Arms are `SCORE.STATE`: every score, asked with the decoder's state before the token (`previous`)
or after it (`current`), all with the same encoder, all fed their last features, each as wide as
makes it equal in parameters (within 2%). Beside them: Luong's model without feeding
(`unfed`), and his two windows with two words to either side (`local_m`, `local_p`).

Rows, greedy and free-running on 500 test sentences: `token_error_rate`, `exact`; and `aer`, the
alignment error rate of force-decoded references at the shift that is best on validation
sentences, which is `shift`. At x = "run": `parameters`, `width`, `rate`, `updates`, `tokens`,
`seconds`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import torch

from course.experiments import aligned, linking
from course.experiments.c08_grammar import golds, tokens
from course.experiments.fitting import (
    Spent,
    fit_model,
    number_of_parameters,
    widest_within,
    write_out,
)
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
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.results.records import Row

CLAIM = "C9"
HYPOTHESIS = (
    "At equal parameters, asked with the same state, additive scores translate the grammar with a "
    "token error rate lower by at least 0.01 than the best multiplicative score's."
)
SMALLEST_EFFECT = 0.01
"""In token error rate: one edit more for a hundred reference words."""

CONFIG = {
    "pools": aligned.POOLS,
    "words": list(aligned.WORDS),
    "sizes": aligned.SIZES,
    "batch": aligned.BATCH,
    "updates": 500,
    "trial_share": 0.3,
    "radius": 2,
}
MULTIPLICATIVE = ("dot", "scaled_dot", "general")
SCORES = ("additive", *MULTIPLICATIVE, "location")
STATES = ("previous", "current")
SETTINGS: dict[str, dict[str, Any]] = {
    f"{score}.{state}": {"context": score, "query": state, "input_feeding": True}
    for score in SCORES
    for state in STATES
}
LUONG = SETTINGS["general.current"]
SETTINGS["unfed"] = LUONG | {"input_feeding": False}
for _window in ("local_m", "local_p"):
    SETTINGS[_window] = LUONG | {"window": _window, "radius": CONFIG["radius"]}
ARMS = tuple(Arm(name=name, seconds=30, rates=aligned.RATES, trial_seconds=9) for name in SETTINGS)


def build(arm: str, width: int) -> Seq2Seq:
    """Returns an untrained model.

    Args:
        arm: As in `ARMS`.
        width: Its `d_model`.
    """
    sizes = {**aligned.SIZES, "d_model": width}
    vocab_size = len(aligned.pools().tokenizer)
    return Seq2Seq(Seq2SeqConfig(vocab_size=vocab_size, **sizes, **SETTINGS[arm]))


@cache
def width_of(arm: str) -> int:
    """Returns the width at which an arm has as many parameters as the additive one.

    Args:
        arm: As in `ARMS`.
    """
    budget = number_of_parameters(build("additive.previous", aligned.SIZES["d_model"]))
    return widest_within(budget, lambda width: build(arm, width), multiple=2)


def train(arm: str, seed: int, rate: float, share: float = 1.0) -> tuple[Seq2Seq, Spent]:
    """Trains one model.

    Args:
        arm: As in `ARMS`.
        seed: Of weights and data; all arms see the same batches in the same order.
        rate: The learning rate.
        share: The share of the updates to train for.
    """
    width = width_of(arm)  # the first to ask builds models to count them
    torch.manual_seed(seed)
    model = build(arm, width)
    updates = round(CONFIG["updates"] * share)
    return model, fit_model(model, aligned.stream(seed), updates=updates, rate=rate)


def trial(arm: str, rate: float) -> float:
    """Returns the validation loss after a short run at one learning rate.

    Args:
        arm: As in `ARMS`.
        rate: The learning rate.
    """
    return aligned.valid_loss(train(arm, 0, rate, CONFIG["trial_share"])[0])


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains and tests one model.

    Args:
        arm: As in `ARMS`.
        seed: Of weights and data.
        rate: The learning rate.
    """
    model, spent = train(arm, seed, rate)
    pools = aligned.pools().sentences
    written = write_out(model, *aligned.encoded(pools["test"]))
    found = {"token_error_rate": written.token_error_rate, "exact": written.exact}
    links = {s: linking.attention_links(model, tokens(pools[s])) for s in ("valid", "test")}
    shift = min(linking.SHIFTS, key=lambda k: _aer("valid", links["valid"][k]))
    found |= {"aer": _aer("test", links["test"][shift]), "shift": shift}
    numbers = {**spent._asdict(), "parameters": number_of_parameters(model)}
    numbers |= {"width": width_of(arm), "rate": rate}
    n = len(pools["test"])
    rows = [Row(arm, seed, "test", metric, float(value), n) for metric, value in found.items()]
    return rows + [Row(arm, seed, "run", key, float(v), 1) for key, v in numbers.items()]


def _aer(split: str, links: linking.Links) -> float:
    gold = golds(aligned.pools().sentences[split])
    return float(linking.error_rate(linking.table(gold, links).sum(0, keepdims=True))[0])


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns error rates and differences.

    Keys, each with `.low` and `.high`: `error.ARM`, `aer.ARM`; for STATE, `gain.STATE` (the best
    multiplicative score's error − the additive one's; best on the test, which helps that side);
    `state` (current − previous, mean over the four scores that see words); `feeding` (Luong's
    model unfed − fed).

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    error = {a: by_seed(rows, arm=a, metric="token_error_rate") for a in SETTINGS}
    found = {f"error.{a}": interval(values.values()) for a, values in error.items()}
    for arm in SETTINGS:
        found[f"aer.{arm}"] = interval(by_seed(rows, arm=arm, metric="aer").values())
    for state in STATES:
        rivals = [f"{score}.{state}" for score in MULTIPLICATIVE]
        best = min(rivals, key=lambda a: found[f"error.{a}"].mean)
        found[f"gain.{state}"] = paired(error[best], error[f"additive.{state}"])
    means = {
        state: {
            seed: sum(error[f"{s}.{state}"][seed] for s in SCORES[:-1]) / (len(SCORES) - 1)
            for seed in error[f"additive.{state}"]
        }
        for state in STATES
    }
    found["state"] = paired(means["current"], means["previous"])
    found["feeding"] = paired(error["unfed"], error["general.current"])
    return flat(**found)


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis.

    Supported: with both states the gain is at least the smallest effect. With a caveat: with one
    of them. Not supported: with both, a gain of that size is excluded. Else inconclusive. (By whole
    intervals.)

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    gains = [s[f"gain.{state}.low"] >= SMALLEST_EFFECT for state in STATES]
    if any(gains):
        return SUPPORTED if all(gains) else CAVEAT
    excluded = all(s[f"gain.{state}.high"] < SMALLEST_EFFECT for state in STATES)
    return NOT_SUPPORTED if excluded else INCONCLUSIVE


RULE = (
    HYPOTHESIS,
    SMALLEST_EFFECT,
    repr((MULTIPLICATIVE, SCORES, STATES)),
    linking.counts,
    linking.error_rate,
    summary,
    verdict,
)
