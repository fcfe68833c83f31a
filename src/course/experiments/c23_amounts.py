"""C23: did the Transformer bring a new level of performance? (chapter 8).

English–French sentences of our grammar, learnt from few different pairs or many: 500, 4,000 and
32,000. As many updates in each case, so only the data differ: from 32,000 pairs every batch is new,
500 pairs come again and again. Two kinds of model with equally many parameters (within 2%), on the
same pairs in the same order:

- `rnn`: a bidirectional GRU with additive attention, asked with the state after the token and fed
  its last features: of the recurrent models that chapter 6 compares, the one with the fewest errors
- `transformer`: two layers in the encoder and two in the decoder, pre-norm

Each kind, from each amount, is trained without and with dropout, each at its best rate of three;
the weights that validate best are kept, and the better of the two by validation stands for the
cell. Arms are KIND.AMOUNT.DROPOUT. Rows at x = "test", on 500 sentences: `token_error_rate` and
`exact` (greedy, free-running), `loss` (nats a token, teacher-forced). At x = "run": `valid` (the
lowest validation loss), `best_update`, `updates` and `tokens` (until training stopped), `rate`,
`parameters`, `multiplications` (a target token of a forward pass), `unseen` (share of the test
references' words that are not among the training ones), `seconds`.

Cut to fit the time of one core, for both kinds alike: three amounts, three rates tried for half
the updates, two shares of dropout, one size. What more training or larger models would change is
not tested.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from course.experiments import amounts
from course.experiments.amounts import Kind
from course.experiments.fitting import number_of_parameters, write_out
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
from course.models.seq2seq import Seq2Seq
from course.models.transformer import Transformer
from course.results.records import Row
from course.training import History, evaluate_loss

CLAIM = "C23"
HYPOTHESIS = (
    "At equal parameters, both tuned, a Transformer that learns from 32,000 pairs translates the "
    "grammar with a token error rate lower by at least 0.02 than that of a GRU with attention, and "
    "from no smaller amount does it surely make more errors."
)
SMALLEST_EFFECT = 0.02
"""In token error rate: one edit in fifty words. A better score was to save half of that (C9)."""

AMOUNTS = (500, 4_000, 32_000)
KINDS: tuple[Kind, ...] = ("rnn", "transformer")
DROPOUTS = {"plain": 0.0, "dropout": 0.2}
RATES = (2e-3, 4e-3, 8e-3)
CONFIG: dict[str, Any] = {
    "pools": amounts.POOLS,
    "words": list(amounts.WORDS),
    "transformer": amounts.TRANSFORMER,
    "rnn": amounts.RNN,
    "max_tokens": amounts.MAX_TOKENS,
    "warmup": amounts.WARMUP,
    "validations": amounts.VALIDATIONS,
    "patience": amounts.PATIENCE,
    "dropouts": DROPOUTS,
    "updates": 1000,
    "trial_share": 0.5,
}
SECONDS = {500: 15.0, 4_000: 30.0, 32_000: 30.0}
"""A run from few pairs stops earlier."""
ARMS = tuple(
    Arm(
        name=f"{kind}.{amount}.{dropout}",
        seconds=SECONDS[amount],
        rates=RATES,
        trial_seconds=SECONDS[amount] * CONFIG["trial_share"],
    )
    for amount in AMOUNTS
    for kind in KINDS
    for dropout in DROPOUTS
)


def train(
    arm: str, seed: int, rate: float, share: float = 1.0
) -> tuple[Seq2Seq | Transformer, History]:
    """Trains one model; it has the weights that validated best.

    Args:
        arm: As in `ARMS`.
        seed: Of weights and data; arms with the same seed and amount see the same batches.
        rate: The highest learning rate.
        share: The share of the updates to train for.
    """
    kind, amount, dropout = arm.split(".")
    return amounts.trained(
        cast(Kind, kind),
        amounts.learnt(int(amount), seed),
        seed=seed,
        rate=rate,
        dropout=DROPOUTS[dropout],
        updates=round(CONFIG["updates"] * share),
    )


def trial(arm: str, rate: float) -> float:
    """Returns the lowest validation loss of a shorter run at one learning rate.

    Args:
        arm: As in `ARMS`.
        rate: The learning rate.
    """
    return train(arm, 0, rate, CONFIG["trial_share"])[1].best_loss


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains and tests one model.

    Args:
        arm: As in `ARMS`.
        seed: Of weights and data.
        rate: The highest learning rate.
    """
    kind, amount, _ = arm.split(".")
    model, history = train(arm, seed, rate)
    test, last = amounts.pools().pairs["test"], history.rows[-1]
    written = write_out(model, *test)
    scores = {
        "token_error_rate": written.token_error_rate,
        "exact": written.exact,
        "loss": evaluate_loss(model, test),
    }
    numbers = {
        "valid": history.best_loss,
        "best_update": history.best_update,
        "updates": last["update"],
        "tokens": last["tokens"],
        "rate": rate,
        "parameters": number_of_parameters(model),
        "multiplications": amounts.operations(cast(Kind, kind)),
        "unseen": amounts.unseen(amounts.learnt(int(amount), seed)),
        "seconds": last["seconds"],
    }
    n = len(test.src)
    rows = [Row(arm, seed, "test", metric, float(value), n) for metric, value in scores.items()]
    return rows + [Row(arm, seed, "run", key, float(v), 1) for key, v in numbers.items()]


def best(rows: Iterable[Row], kind: str, amount: int) -> str:
    """Returns the arm of a cell whose dropout validated better, on the mean over seeds.

    Args:
        rows: The rows of the record.
        kind: "rnn" or "transformer".
        amount: How many pairs.
    """
    rows = list(rows)
    arms = [f"{kind}.{amount}.{dropout}" for dropout in DROPOUTS]
    return min(arms, key=lambda a: interval(by_seed(rows, arm=a, metric="valid").values()).mean)


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns scores, gaps by amount and how the gap moves, with intervals.

    Keys, each with `.low` and `.high`: `error.KIND.AMOUNT`, `exact.KIND.AMOUNT`,
    `loss.KIND.AMOUNT`; `gap.AMOUNT`, the token error rate of the RNN − that of the Transformer, so
    that above 0 the Transformer makes fewer errors; `loss_gap.AMOUNT`, the same of the loss;
    `change`, the gap from the largest amount − that from the smallest. And `dropout.KIND.AMOUNT`,
    the share chosen.

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    names = {"error": "token_error_rate", "exact": "exact", "loss": "loss"}
    found: dict[str, float] = {}
    values: dict[tuple[str, str, int], dict[int, float]] = {}
    for amount in AMOUNTS:
        for kind in KINDS:
            arm = best(rows, kind, amount)
            found[f"dropout.{kind}.{amount}"] = DROPOUTS[arm.split(".")[2]]
            for name, metric in names.items():
                values[name, kind, amount] = one = by_seed(rows, arm=arm, metric=metric)
                found |= flat(**{f"{name}__{kind}__{amount}": interval(one.values())})
        for key, name in (("gap", "error"), ("loss_gap", "loss")):
            gap = paired(values[name, "rnn", amount], values[name, "transformer", amount])
            found |= flat(**{f"{key}__{amount}": gap})
    ahead = {
        amount: {
            seed: error - values["error", "transformer", amount][seed]
            for seed, error in values["error", "rnn", amount].items()
            if seed in values["error", "transformer", amount]
        }
        for amount in AMOUNTS
    }
    return found | flat(change=paired(ahead[AMOUNTS[-1]], ahead[AMOUNTS[0]]))


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis over whole intervals.

    Not supported: from the largest amount, a lead of the smallest effect is excluded. Inconclusive:
    it is not, but there need not be any lead. Supported: the lead is at least that large, and from
    no smaller amount does the Transformer surely make more errors. With a caveat: it leads, but
    perhaps by less, or from fewer pairs the RNN does.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    lead = f"gap.{AMOUNTS[-1]}"
    if s[f"{lead}.high"] < SMALLEST_EFFECT:
        return NOT_SUPPORTED
    if s[f"{lead}.low"] <= 0:
        return INCONCLUSIVE
    turns = any(s[f"gap.{amount}.high"] < 0 for amount in AMOUNTS[:-1])
    return SUPPORTED if s[f"{lead}.low"] >= SMALLEST_EFFECT and not turns else CAVEAT


RULE = (HYPOTHESIS, SMALLEST_EFFECT, repr((AMOUNTS, KINDS, DROPOUTS)), best, summary, verdict)
