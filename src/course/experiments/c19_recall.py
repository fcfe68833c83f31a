"""C19: do cheap attentions come near full attention, when both are trained? (chapter 10).

It is decided by associative recall with many queries (`course.data.recall`), since that is what a
state of fixed size can't do for ever. Two layers of one kind (`course.models.mixer`), all with the
same short convolutions, learned positions, feed-forward networks and one head of width 64, learn on
sequences of one length with all numbers of pairs mixed; before long ones come shorter ones, or
some recurrences don't begin to learn in the time given (seen while this was made). Arms are
KIND.LENGTH:

- `full`: softmax attention, whose state grows with the length
- with equal states (within 2%), of 64 × 64 numbers a layer: `window` (the nearest 32 positions),
  `global` (the nearest blocks and the first), `linear` (elu + 1), `performer` (64 random
  features), `gated` (linear attention that forgets) and `delta` (the gated delta rule)
- `performer-256`: with four times as many features, so with four times the state
- `hybrid`: a layer of full attention, then one of the gated delta rule

Rows at x = pairs: `accuracy` at the queries of fresh sequences. At x = "run": `state` (numbers that
decoding keeps at the end of a sequence, in all layers), `parameters`, `rate`, `updates`, `tokens`
and `seconds`. Chance is one value of 128; knowing which values occurred, but not with which key,
gives 1/pairs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from course.experiments import nearness
from course.experiments.fitting import number_of_parameters
from course.experiments.recall_models import CONFIG, KINDS, TASK, parts, scores, train
from course.experiments.rules import INCONCLUSIVE, Verdict, by_seed
from course.experiments.runner import Arm
from course.results.records import Row

CLAIM = "C19"
LENGTH, PAIRS = 256, 64
"""What decides."""
HYPOTHESIS = (
    "Trained to recall 64 pairs in 256 tokens, with a state of equal size, sparse attention (the "
    "better of a window, and a window with global positions), linear attention (elu + 1) and "
    "kernel attention (random features) answer at most 0.05 less than full attention."
)
SMALLEST_EFFECT = 0.05
"""In accuracy: five answers of a hundred."""
LEARNT = 0.9
"""Below this accuracy of full attention, training was too short to compare anything."""
RATES = (1e-3, 2e-3, 5e-3)
SECONDS = {64: 15.0, 256: 40.0}
ARMS = tuple(
    Arm(
        name=f"{kind}.{length}",
        seconds=SECONDS[length],
        rates=RATES,
        trial_seconds=CONFIG["trial_share"] * SECONDS[length],
    )
    for length in (LENGTH, 64)
    for kind in KINDS
)


def trial(arm: str, rate: float) -> float:
    """Returns the validation loss after a short run, averaged over the numbers of pairs.

    A run that diverged gets the loss of guessing among all symbols.

    Args:
        arm: KIND.LENGTH.
        rate: The learning rate.
    """
    model, _ = train(arm, 0, rate, CONFIG["trial_share"])
    _, length = parts(arm)
    losses = [scores(model, length, n, "valid")[0] for n in CONFIG["pairs"][str(length)]]
    loss = sum(losses) / len(losses)
    return loss if math.isfinite(loss) else math.log(TASK.vocab_size)


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains and tests one arm with one seed.

    Args:
        arm: As in `ARMS`.
        seed: Of weights and sequences.
        rate: The learning rate.
    """
    model, spent = train(arm, seed, rate)
    _, length = parts(arm)
    rows = []
    for pairs in CONFIG["pairs"][str(length)]:
        _, accuracy, asked = scores(model, length, pairs, "test")
        rows.append(Row(arm, seed, pairs, "accuracy", accuracy, asked))
    spent |= {"state": model.state_size(length), "parameters": number_of_parameters(model)}
    spent |= {"rate": rate}
    return rows + [Row(arm, seed, "run", key, float(value), 1) for key, value in spent.items()]


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns the shares of wrong answers at 64 pairs in 256 tokens; see `nearness.compared`.

    Args:
        rows: The rows of the record.
    """
    rows, wrong = list(rows), {}
    for kind in KINDS:
        right = by_seed(rows, arm=f"{kind}.{LENGTH}", metric="accuracy", x=[PAIRS])
        wrong[kind] = {seed: 1 - accuracy for seed, accuracy in right.items()}
    return nearness.compared(wrong)


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis; see `nearness.judge`.

    If full attention itself did not learn the task, it is inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    return nearness.judge(s, SMALLEST_EFFECT) if s["full.high"] <= 1 - LEARNT else INCONCLUSIVE


RULE = (
    HYPOTHESIS,
    SMALLEST_EFFECT,
    repr((LENGTH, PAIRS, LEARNT)),
    summary,
    verdict,
    *nearness.RULE,
)
