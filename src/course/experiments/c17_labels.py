"""C17: can a decoder-only model classify by generating the label word? (chapter 9).

Sentences of the grammar are positive or negative; half have a negation, and words alone don't tell
(see `course.experiments.labelling`). Arms are KIND-SIZE-N, N labelled sentences of a task:

- `head-decoder`, `head-encoder`: a classifier on the last, or first, token's features
- `words-single`: a language model that writes the label word behind one template
- `words-mixture`: the same, behind many templates of four tasks (`course.experiments.instructions`)
- `bag-N`: a weight for each word

All learn from the same labelled sentences in the same order, as often, and (bags apart) from the
same sentences without labels. The mixture has as many rows of other tasks in each batch besides,
with N labelled sentences of each, so `words-single` is the writer that knows what the heads know.

What can be expected: on validation sentences, with a seed that the record does not have, a bag of
words was right for 0.8 and heads for 0.94 and more, so the task asks for more than words. Wei et
al. (2022) find that following new instructions takes many tasks and a large model; these models are
many thousand times smaller, and new wordings have words that they have never read.

Rows. Heads, at x = "test": `accuracy`; at "negated" and "plain", of sentences with and without a
negation. Writers, at x = "seen", "recombined" and "reworded", means over four templates (for
`words-single` the first level has its one): `restricted` (the likelier label word is right), `free`
(greedy search over all words writes that word and stops), `calibrated` (as restricted, each label's
probability divided by the one that a prompt without content gives it: Zhao et al. 2021, "Calibrate
before use"), `off` (the likeliest of all words is none of the two), `worst` (the lowest
`restricted` of a template); at "negated" and "plain": `restricted` on seen templates. At x = "run":
`valid`, `rate`, `parameters`, `updates`, `tokens`, `seconds`.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch

from course.experiments import labellers, labelling, teaching
from course.experiments.fitting import number_of_parameters
from course.experiments.instructions import LEVELS
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

CLAIM = "C17"
HYPOTHESIS = (
    "The larger language model, taught 3,200 labelled sentences in many wordings, writes the right "
    "label word freely at most 0.03 less often than a classifier head on the same model finds it, "
    "and in wordings that it was never taught at most 0.03 less often than in those it was."
)
SMALLEST_EFFECT = 0.03
"""In accuracy."""

KINDS = ("head-decoder", "head-encoder", "words-single", "words-mixture")
SECONDS = {"head-decoder": 1.0, "head-encoder": 1.0, "words-single": 1.4, "words-mixture": 2.6}
"""Of 100 updates of the small model."""
LARGER = 2.0
"""How many times as long the large one takes."""
COUNTS = (400, 3200)
CELLS = (*(f"large-{n}" for n in COUNTS), f"small-{COUNTS[-1]}")
"""Sizes of model and of data."""
RATES = (2e-3, 4e-3, 8e-3)
BAG_RATES = (3e-3, 1e-2)
CONFIG = {
    "sizes": labellers.SIZES,
    "dropout": labellers.DROPOUT,
    "masked": labellers.MASKED,
    "words": list(labelling.WORDS),
    "drawn": labelling.DRAWN,
    "held": labelling.HELD,
    "rows": [teaching.ROWS, teaching.MORE, teaching.UNLABELLED],
    "lm_weight": teaching.LM_WEIGHT,
    "updates": 2000,
    "trial_share": 0.3,
}


def _arm(kind: str, cell: str) -> Arm:
    size = cell.partition("-")[0]
    seconds = CONFIG["updates"] / 100 * SECONDS[kind] * (LARGER if size == "large" else 1)
    return Arm(
        name=f"{kind}-{cell}",
        seconds=seconds,
        rates=RATES,
        trial_seconds=seconds * CONFIG["trial_share"],
    )


ARMS = (
    *(_arm(kind, cell) for kind in KINDS for cell in CELLS),
    *(Arm(name=f"bag-{n}", seconds=1, rates=BAG_RATES, trial_seconds=0.5) for n in COUNTS),
)


def trial(arm: str, rate: float) -> float:
    """Returns the share of validation sentences that are labelled wrongly after a short run.

    Args:
        arm: As in `ARMS`.
        rate: The learning rate.
    """
    model, _ = teaching.teach(arm, 0, rate, round(CONFIG["updates"] * CONFIG["trial_share"]))
    return 1 - teaching.validated(model, arm)


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Teaches and tests one model.

    Args:
        arm: As in `ARMS`.
        seed: Of weights and data; all arms see the same.
        rate: The highest learning rate.
    """
    model, spent = teaching.teach(arm, seed, rate, CONFIG["updates"])
    found: dict[tuple[str, str], float] = {
        ("run", "valid"): teaching.validated(model, arm),
        ("run", "rate"): rate,
        ("run", "parameters"): number_of_parameters(model),
        **{("run", key): value for key, value in spent._asdict().items()},
    }
    if isinstance(model, labellers.Writer):
        asked = {level: teaching.asked(arm, level) for level in LEVELS}
        scores = {x: teaching.written(model, templates, "test") for x, templates in asked.items()}
        for x in LEVELS:
            for key, share in scores[x].means().items():
                found[x, key] = share
        metric, right = "restricted", scores["seen"].restricted.mean(0)
    else:
        metric, right = "accuracy", teaching.told(model, "test")
        found["test", metric] = float(right.mean())
    negated = torch.tensor(labelling.data().held["test"].negated)
    found["negated", metric] = float(right[negated].mean())
    found["plain", metric] = float(right[~negated].mean())
    n = len(right)
    return [Row(arm, seed, x, key, float(value), n) for (x, key), value in found.items()]


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns accuracies and what writing costs, with intervals.

    Keys, each with `.low` and `.high`; KIND-SIZE-N an arm. `KIND-SIZE-N` of heads and bags: their
    accuracy; of writers: `KIND-SIZE-N.LEVEL.METRIC`, METRIC one of restricted, free, calibrated,
    off, worst. Of words-mixture, as SIZE-N: `SIZE-N.gap` (head-decoder − free, on seen templates),
    `SIZE-N.gap_restricted`, `SIZE-N.reworded` (free: seen − reworded) and `.reworded_restricted`,
    `SIZE-N.recombined` (free), `SIZE-N.calibration` (calibrated − restricted, reworded),
    `SIZE-N.single` (words-single − words-mixture, restricted, seen), `SIZE-N.encoder`
    (head-encoder − head-decoder).

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    found = {}

    def values(arm: str, x: str, metric: str) -> dict[int, float]:
        return by_seed(rows, arm=arm, metric=metric, x=[x])

    for n in COUNTS:
        found[f"bag-{n}"] = interval(values(f"bag-{n}", "test", "accuracy").values())
    for end in CELLS:
        for kind in ("head-decoder", "head-encoder"):
            accuracy = values(f"{kind}-{end}", "test", "accuracy")
            found[f"{kind}-{end}"] = interval(accuracy.values())
        for kind in ("words-single", "words-mixture"):
            for level in LEVELS:
                for metric in ("restricted", "free", "calibrated", "off", "worst"):
                    some = values(f"{kind}-{end}", level, metric)
                    found[f"{kind}-{end}.{level}.{metric}"] = interval(some.values())
        head = values(f"head-decoder-{end}", "test", "accuracy")
        many = f"words-mixture-{end}"
        free = {level: values(many, level, "free") for level in LEVELS}
        among = {level: values(many, level, "restricted") for level in LEVELS}
        single = values(f"words-single-{end}", "seen", "restricted")
        encoder = values(f"head-encoder-{end}", "test", "accuracy")
        found |= {
            f"{end}.gap": paired(head, free["seen"]),
            f"{end}.gap_restricted": paired(head, among["seen"]),
            f"{end}.reworded": paired(free["seen"], free["reworded"]),
            f"{end}.reworded_restricted": paired(among["seen"], among["reworded"]),
            f"{end}.recombined": paired(free["seen"], free["recombined"]),
            f"{end}.calibration": paired(values(many, "reworded", "calibrated"), among["reworded"]),
            f"{end}.single": paired(single, among["seen"]),
            f"{end}.encoder": paired(encoder, head),
        }
    return flat(**found)


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis, over whole intervals, of the large model with most sentences.

    Supported: written freely, seen templates cost no more than the smallest effect against the
    head, and reworded ones no more than that against seen ones. With a caveat: only the first is
    sure, or that only if the choice is restricted to the label words. Not supported: even so, seen
    templates surely cost more. Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    end = f"large-{COUNTS[-1]}"
    if s[f"{end}.gap_restricted.low"] > SMALLEST_EFFECT:
        return NOT_SUPPORTED
    if s[f"{end}.gap.high"] <= SMALLEST_EFFECT and s[f"{end}.reworded.high"] <= SMALLEST_EFFECT:
        return SUPPORTED
    return CAVEAT if s[f"{end}.gap_restricted.high"] <= SMALLEST_EFFECT else INCONCLUSIVE


RULE = (HYPOTHESIS, SMALLEST_EFFECT, repr((CELLS, LEVELS)), summary, verdict)
