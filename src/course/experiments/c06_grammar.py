"""C6 on our grammar: does beam search write more fluently, and more accurately? (chapter 4).

A small model with attention learns to translate sentences of several clauses. Outputs of 20 to 60
words are then searched with widths from 1 (greedy) to 100. *Fluent* is what the grammar's parser
accepts as a French sentence, whatever it says; *accurate* is what comes near the reference.

Arms trained: `plain` (cross-entropy), `smooth` (label smoothing 0.1). Rows, at x = width:

- `ARM.mean`, `ARM.sum` (finished hypotheses ranked by log p / L, by log p): `accepted`,
  `token_error_rate`, `chrf`, `exact`, `length` (ratio to the reference), `log_prob` (a sentence),
  on test sentences, above width 10 on fewer; at x = "WIDTH few" the same for those few
- `ARM.valid`: `token_error_rate`, from which the width is chosen; `ARM` at x = "run": `width`
  chosen, `parameters`, `updates`, `tokens`, `seconds`
- `ARM.n-best`, `ARM.sample`, `ARM.nucleus`, `ARM.min-p`: five outputs a sentence: `accepted`,
  `token_error_rate`, and `diversity`, edits between two outputs by their mean length; `ARM.mbr`:
  of 10 samples the one nearest to the others
- `ARM.exact` at x = PART ("short": sources of 5 to 11 words; "full": some of the few): `proved`
  share, then among those proved `empty`, `length`, `token_error_rate` and `accepted` of the mode;
  at x = "PART constrained" the same of the most probable output no shorter than the widest beam's
  by the mean; at x = "PART WIDTH": `missed`, how often the beam (log p) missed a likelier output
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from course.data.batching import Batch
from course.data.tokenizer import PAD
from course.experiments.clauses import Clauses, clauses, quality
from course.experiments.fitting import Spent, fit, number_of_parameters
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
from course.experiments.searching import GREEDY, MEAN, SUM, Outputs, by_hash
from course.experiments.variety import errors_of_search, searched, varied
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.results.records import Row

CLAIM = "C6"
HYPOTHESIS = (
    "On outputs of 20 to 60 words, beam search with length normalisation, its width chosen among "
    "2, 3, 5 and 10 on validation, is more fluent than greedy search (2 more sentences of 100 are "
    "accepted by the grammar's parser) and more accurate (1 edit less in 100 words), for a model "
    "trained with label smoothing as for one trained without."
)
FLUENT, ACCURATE = 0.02, 0.01
"""The smallest effects that would matter: in the share accepted, and in token error rate."""
SMALLEST_EFFECT = ACCURATE

CONFIG = {
    "smoothing": {"plain": 0.0, "smooth": 0.1},
    "d_embed": 48,
    "d_model": 96,
    "d_attention": 48,
    "batch": 48,
    "updates": 300,
    "rate": 8e-3,
    "widths": [1, 2, 3, 5, 10],
    "choose": [2, 3, 5, 10],
    "wide": [30, 100],
    "valid": 60,
    "test": 100,
    "few": 40,
    "short": 40,
    "drawn": 5,
    "mbr": 10,
    "full": 20,
    "max_steps": 2500,
}
SECONDS = 75.0
ARMS = tuple(Arm(name=name, seconds=SECONDS) for name in CONFIG["smoothing"])


def train(arm: str, seed: int, updates: int | None = None) -> tuple[Seq2Seq, Spent]:
    """Trains one model; both arms of a seed see the same batches in the same order.

    Args:
        arm: "plain" or "smooth".
        seed: Of weights and data.
        updates: How many batches; by default as the experiment does.
    """
    data = clauses()
    torch.manual_seed(seed)
    config = Seq2SeqConfig(
        vocab_size=len(data.tokenizer),
        d_embed=CONFIG["d_embed"],
        d_model=CONFIG["d_model"],
        d_attention=CONFIG["d_attention"],
        bidirectional=True,
        context="additive",
        dropout=0.0,
    )
    model = Seq2Seq(config)
    smoothing = CONFIG["smoothing"][arm]
    batches = data.stream(seed, CONFIG["batch"])
    losses = ((_loss(model, batch, smoothing), batch.num_tokens) for batch in batches)
    updates = updates or CONFIG["updates"]
    return model, fit(model, losses, updates=updates, rate=CONFIG["rate"])


def _loss(model: Seq2Seq, batch: Batch, smoothing: float) -> Tensor:
    logits = model(batch.src, batch.src_mask, batch.tgt_in).flatten(0, 1)
    target = batch.tgt_out.flatten()
    return cross_entropy(logits, target, ignore_index=PAD, label_smoothing=smoothing)


@cache
def splits() -> dict[str, Clauses]:
    """Returns the sentences to search: "valid" and "test" are long, "short" are not."""
    data = clauses()
    return {
        "valid": data.part("valid", CONFIG["valid"]),
        "test": data.part("test", CONFIG["test"]),
        "short": data.part("short", CONFIG["short"]),
    }


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains one arm and searches with it.

    Args:
        arm: "plain" or "smooth".
        seed: Of weights and data.
        rate: Not used: both arms learn at the rate in CONFIG.
    """
    model, spent = train(arm, seed)
    valid, test = splits()["valid"], splits()["test"]
    few = test.chosen(by_hash(test.texts, CONFIG["few"]))
    rows: list[Row] = []
    errors: dict[int, float] = {}
    for width, outputs in searched(model, valid, CONFIG["choose"]).items():
        errors[width] = quality(outputs[MEAN], valid)["token_error_rate"]
        rows.append(
            Row(f"{arm}.valid", seed, width, "token_error_rate", errors[width], len(valid.src))
        )
    widths = searched(model, test, CONFIG["widths"])
    wide = {w: _only(outputs, few.rows) for w, outputs in widths.items()}
    wide |= searched(model, few, CONFIG["wide"])
    for part, end, found in ((test, "", widths), (few, " few", wide)):
        for width, outputs in found.items():
            x = f"{width}{end}" if end else width
            for penalty, hypotheses in outputs.items():
                rows += [
                    Row(f"{arm}.{penalty}", seed, x, metric, value, len(part.src))
                    for metric, value in quality(hypotheses, part).items()
                ]
    rows += varied(model, few, arm, seed, n=CONFIG["drawn"], candidates=CONFIG["mbr"])
    short, some = splits()["short"], list(range(CONFIG["full"]))
    for part, name, found in (
        (short, "short", searched(model, short, CONFIG["widths"])),
        (few.chosen(some), "full", {w: _only(outputs, some) for w, outputs in wide.items()}),
    ):
        where = (f"{arm}.exact", seed, name)
        rows += errors_of_search(model, part, found, where, max_steps=CONFIG["max_steps"])
    numbers = {
        **spent._asdict(),
        "parameters": number_of_parameters(model),
        "width": min(errors, key=lambda width: errors[width]),
    }
    return rows + [Row(arm, seed, "run", key, float(value), 1) for key, value in numbers.items()]


def _only(outputs: Outputs, rows: list[int]) -> Outputs:
    return {name: [found[i] for i in rows] for name, found in outputs.items()}


def gains(rows: list[Row], arm: str) -> dict[str, dict[int, float]]:
    """Returns for each seed what the chosen width gains over greedy search on test sentences.

    Args:
        rows: The rows of the record.
        arm: "plain" or "smooth".

    Returns:
        `fluent`, the rise of the share accepted; `accurate`, the fall of the token error rate.
    """
    chosen = by_seed(rows, arm=arm, metric="width", x=["run"])
    found: dict[str, dict[int, float]] = {}
    for name, metric, sign in (("fluent", "accepted", 1), ("accurate", "token_error_rate", -1)):
        greedy = by_seed(rows, arm=f"{arm}.{MEAN}", metric=metric, x=[GREEDY])
        found[name] = {}
        for seed, width in chosen.items():
            beam = by_seed(rows, arm=f"{arm}.{MEAN}", metric=metric, x=[int(width)])
            found[name][seed] = sign * (beam[seed] - greedy[seed])
    return found


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns the gains of the chosen width over greedy search, and where a wide beam leads.

    Keys, each with `.low` and `.high`: `ARM.fluent`, `ARM.accurate`, `ARM.width`; and, on the few
    sentences of the wide beams, `ARM.wide.PENALTY.fluent` and `.accurate`: the widest beam's gain
    over greedy search.

    Args:
        rows: The rows of the record.
    """
    rows, found = list(rows), {}
    widest = f"{max(CONFIG['wide'])} few"
    for arm in CONFIG["smoothing"]:
        for name, values in gains(rows, arm).items():
            found[f"{arm}.{name}"] = interval(values.values())
        chosen = by_seed(rows, arm=arm, metric="width", x=["run"])
        found[f"{arm}.width"] = interval(chosen.values())
        for penalty in (MEAN, SUM):
            for name, metric, sign in (
                ("fluent", "accepted", 1),
                ("accurate", "token_error_rate", -1),
            ):
                ends = [
                    by_seed(rows, arm=f"{arm}.{penalty}", metric=metric, x=[x])
                    for x in (widest, f"{GREEDY} few")
                ]
                if all(ends):
                    found[f"{arm}.wide.{penalty}.{name}"] = paired(*ends[::sign])
    return flat(**found)


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis.

    Supported: fluency and accuracy both gain at least the smallest effect, in both arms (whole
    intervals). With a caveat: at least one of these four gains does. Not supported: none of them
    can. Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    least = {
        f"{arm}.{name}": effect
        for arm in CONFIG["smoothing"]
        for name, effect in (("fluent", FLUENT), ("accurate", ACCURATE))
    }
    reached = [s[f"{key}.low"] >= effect for key, effect in least.items()]
    if all(reached):
        return SUPPORTED
    if any(reached):
        return CAVEAT
    if all(s[f"{key}.high"] < effect for key, effect in least.items()):
        return NOT_SUPPORTED
    return INCONCLUSIVE


RULE = (HYPOTHESIS, FLUENT, ACCURATE, repr(CONFIG["choose"]), gains, summary, verdict)
