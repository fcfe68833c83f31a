"""C3: on long inputs, does the model forget the beginning? (chapter 2).

A unidirectional encoder without attention copies or reverses 16 random symbols; which positions of
the source are lost? Decoding order confounds position: in copying, the beginning is written first,
in reversing last. So both are measured, and a probe of the context vector, which has no order.

Arms: `copy`, `reverse`; `grammar.forward`, `grammar.reversed`, translation from our grammar with
the source fed in its own order or back to front, as Sutskever et al. (2014) did.

Rows: `decoded` (teacher-forced), `written` (free-running, greedy) and `probe` against the source
position (1 is the beginning) for sequences of 16; `token_error_rate` and `chrf` against the source
length for the grammar arms; `parameters`, `width`, `updates`, `tokens`, `seconds`, `rate` at
x = "run".
"""

from __future__ import annotations

from collections.abc import Iterable

import torch

from course.data.tokenizer import EOS
from course.decoding import greedy
from course.experiments import symbols
from course.experiments.fitting import Spent, fit_model, mean_loss, number_of_parameters
from course.experiments.lengths import errors_by_length
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
from course.experiments.tasks import task as task_named
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.results.records import Row
from course.runtime import generator

CLAIM = "C3"
HYPOTHESIS = (
    "Of 16 symbols the first four are lost more often than the last four, by at least 0.05, in "
    "copying as in reversing, decoded as well as read by a linear probe from the context vector."
)
SMALLEST_EFFECT = 0.05
"""In accuracy: five symbols of a hundred."""

CONFIG = {
    "d_embed": 32,
    "d_model": {"copy": 96, "reverse": 96, "grammar": 128},
    "batch": 64,
    "updates": {"copy": 600, "reverse": 600, "grammar": 300},
    "trial_share": 0.3,
    "length": 16,
    "grammar_lengths": [4, 8, 12, 16],
    "test_sequences": 500,
}
RATES = (5e-3, 1.2e-2)
SYMBOL_ARMS = ("copy", "reverse")
TASK_OF = {
    "copy": "copy",
    "reverse": "reverse",
    "grammar.forward": "grammar",
    "grammar.reversed": "grammar-reversed",
}
ARMS = tuple(
    Arm(
        name=name,
        seconds=seconds,
        rates=RATES,
        trial_seconds=seconds * CONFIG["trial_share"],
    )
    for name, seconds in zip(TASK_OF, (9, 9, 11, 11), strict=True)
)
BEGINNING, END = (1, 2, 3, 4), (13, 14, 15, 16)


def train(arm: str, seed: int, rate: float, share: float = 1.0) -> tuple[Seq2Seq, Spent]:
    """Trains a unidirectional model without attention.

    Args:
        arm: One of `TASK_OF`.
        seed: Of weights and data; the two grammar arms see the same sentences.
        rate: The learning rate.
        share: The share of the updates to train for.
    """
    data = task_named(TASK_OF[arm])
    kind = arm.partition(".")[0]
    torch.manual_seed(seed)
    config = Seq2SeqConfig(
        vocab_size=data.vocab_size,
        d_embed=CONFIG["d_embed"],
        d_model=CONFIG["d_model"][kind],
        context="every_step",
        dropout=0.0,
    )
    model = Seq2Seq(config)
    updates = round(CONFIG["updates"][kind] * share)
    batches = data.stream(seed, CONFIG["batch"])
    return model, fit_model(model, batches, updates=updates, rate=rate)


@torch.no_grad()
def by_position(model: Seq2Seq, task: symbols.Task) -> dict[str, list[float]]:
    """Returns how often the symbol at each source position comes out right, in three ways.

    Args:
        model: A trained model.
        task: What it was trained on.

    Returns:
        `decoded`, `written` and `probe`, each from the first source position to the last.
    """
    length, n = CONFIG["length"], CONFIG["test_sequences"]
    fitted = symbols.batch(task, 8 * n, length, generator(0, "c03", "probe", task))
    test = symbols.batch(task, n, length, generator(0, "c03", "test", task))
    decoded = model(test.src, test.src_mask, test.tgt_in).argmax(-1)[:, :-1]
    free = greedy(model, test.src, test.src_mask, max_length=length + 1)
    written = torch.tensor([(*h.tokens, *[EOS] * length)[:length] for h in free])
    right = {"decoded": decoded == test.tgt_out[:, :-1], "written": written == test.tgt_out[:, :-1]}
    found = {
        name: (hits.flip(1) if task == "reverse" else hits).double().mean(0).tolist()
        for name, hits in right.items()
    }
    vectors = [model.encode(part.src, part.src_mask)[3] for part in (fitted, test)]
    found["probe"] = probe(vectors[0], fitted.src[:, :-1], vectors[1], test.src[:, :-1])
    return found


def trial(arm: str, rate: float) -> float:
    """Returns the validation loss after a short run at one learning rate.

    Args:
        arm: One of `TASK_OF`.
        rate: The learning rate.
    """
    model, _ = train(arm, 0, rate, CONFIG["trial_share"])
    return mean_loss(model, task_named(TASK_OF[arm]).valid(CONFIG["test_sequences"]))


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains one arm and measures it by position, or by length for the grammar.

    Args:
        arm: One of `TASK_OF`.
        seed: Of weights and data.
        rate: The learning rate.
    """
    model, spent = train(arm, seed, rate)
    n = CONFIG["test_sequences"]
    if arm == "copy" or arm == "reverse":
        rows = [
            Row(arm, seed, position, metric, value, n)
            for metric, accuracies in by_position(model, arm).items()
            for position, value in enumerate(accuracies, start=1)
        ]
    else:
        scores = errors_by_length(model, TASK_OF[arm], CONFIG["grammar_lengths"], sequences=n)
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


def forgetting(rows: Iterable[Row], arm: str, metric: str) -> Interval:
    """Returns by how much the last four symbols come out better than the first four.

    Args:
        rows: The rows of the record.
        arm: "copy" or "reverse".
        metric: "decoded", "written" or "probe".
    """
    rows = list(rows)
    ends = (by_seed(rows, arm=arm, metric=metric, x=x) for x in (END, BEGINNING))
    return paired(*ends)


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns the advantage of the end over the beginning, and what reversing the source saves.

    Keys, each with `.low` and `.high`: `TASK.decoded`, `TASK.written`, `TASK.probe` (last four
    positions − first four); `reversing` (token error rate of the reversed source − of the source as
    it is, mean over the lengths; below 0: reversing helps).

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    found = {
        f"{arm}.{metric}": forgetting(rows, arm, metric)
        for arm in SYMBOL_ARMS
        for metric in ("decoded", "written", "probe")
    }
    names = ("grammar.reversed", "grammar.forward")
    errors = [by_seed(rows, arm=name, metric="token_error_rate") for name in names]
    if all(errors):
        found["reversing"] = paired(*errors)
        found["error.reversed"], found["error.forward"] = (interval(e.values()) for e in errors)
    return flat(**found)


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis.

    Supported: decoded and probed, in both tasks, the end comes out better than the beginning by the
    smallest effect (whole intervals above it). With a caveat: so it does somewhere, but not
    everywhere: it depends on the order of decoding or on how the vector is read. Not supported: it
    can do so nowhere. Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    keys = [f"{arm}.{metric}" for arm in SYMBOL_ARMS for metric in ("decoded", "probe")]
    if all(s[f"{key}.low"] >= SMALLEST_EFFECT for key in keys):
        return SUPPORTED
    if any(s[f"{key}.low"] >= SMALLEST_EFFECT for key in keys):
        return CAVEAT
    if all(s[f"{key}.high"] < SMALLEST_EFFECT for key in keys):
        return NOT_SUPPORTED
    return INCONCLUSIVE


RULE = (
    HYPOTHESIS,
    SMALLEST_EFFECT,
    repr((SYMBOL_ARMS, BEGINNING, END)),
    forgetting,
    summary,
    verdict,
)
