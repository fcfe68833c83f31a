"""C1 on sentences of our grammar, their structure the same at every length (chapter 2).

The task `grammar` translates one to four sentences of four English words each, so that a longer
source is more of the same. The arms are `grammar.KIND`, the kinds as `course.experiments.lengths`
lists them, without `initial` and `every-step-long`; the rule is in `course.experiments.rising`.

Rows, free-running and greedy: `token_error_rate`, `exact` and `chrf` against the source length in
words: 4, 8, 12, 16 (trained on) and 20, 24 (not). At x = "run": `parameters`, `width`, `updates`,
`tokens`, `seconds`, `rate`. `trial_loss` (seed 0, x = rate): validation loss of the short trials
that chose the rate.
"""

from __future__ import annotations

from dataclasses import asdict

from course.experiments import lengths, rising
from course.experiments.fitting import Spent
from course.experiments.lengths import Setup, errors_by_length
from course.models.seq2seq import Seq2Seq
from course.results.records import Row

__all__ = ["errors_by_length", "summary", "train_arm", "verdict"]

CLAIM = "C1"
HYPOTHESIS, SMALLEST_EFFECT, RULE = rising.HYPOTHESIS, rising.SMALLEST_EFFECT, rising.RULE
summary, verdict = rising.summary, rising.verdict

SETUP = Setup(d_embed=32, d_model=64, d_attention=64, wide=128, long=1, batch=64, updates=300)
CONFIG = {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(SETUP).items()}
SECONDS = {
    "attention": 15.0,
    "every-step": 7.0,
    "every-step-wide": 12.0,
    "bi-attention": 17.0,
    "bi-every-step": 8.0,
}
ARMS = lengths.arms(SETUP, ("grammar",), SECONDS)


def train_arm(
    task: str, kind: str, *, seed: int = 1, rate: float = 5e-3, updates: int | None = None
) -> tuple[Seq2Seq, Spent]:
    """Trains one model of the experiment; a notebook may give it fewer updates.

    Score it with `errors_by_length(model, task, lengths, sequences=...)`.

    Args:
        task: "grammar".
        kind: One of `lengths.KINDS`.
        seed: Of weights and data; arms with the same seed see the same batches in the same order.
        rate: The learning rate.
        updates: How many batches; by default as the experiment does.

    Returns:
        The model, and the updates, tokens and seconds of its training.
    """
    return lengths.train(SETUP, task, kind, seed=seed, rate=rate, updates=updates)


def trial(arm: str, rate: float) -> float:
    """Returns the validation loss after a short run at one learning rate.

    Args:
        arm: TASK.KIND.
        rate: The learning rate.
    """
    return lengths.trial(SETUP, arm, rate)


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains and tests one arm with one seed.

    Args:
        arm: TASK.KIND.
        seed: Of weights and data.
        rate: The learning rate.
    """
    return lengths.measure(SETUP, arm, seed, rate)
