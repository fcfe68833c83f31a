"""Telling wrong translations from right ones without a reference: signals and AUROC (chapter 5).

Signals of one translation, all of them larger where trouble is suspected:

- `entropy`: mean over the written tokens of the entropy of their attention, in bits
- `coverage`: mean over the source tokens of −log min(all the attention it got, 1), as in the
  coverage penalty of Wu et al. (2016), equation 14; the end token of the source is left out
- `dispersion`: as `coverage`, but attention above 1 counts as well, squared: mean of (1 − sum)²
- `probability`: minus the log-probability per written token
- `length`: the number of source tokens, which needs no model at all: longer is harder
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from scipy.stats import rankdata

from course.decoding import Hypothesis
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED, Verdict

ATTENTION = ("entropy", "coverage", "dispersion")
SIGNALS = (*ATTENTION, "probability", "length")
LEAST = 1e-4
USEFUL = 0.60
"""An AUROC from which a signal says something."""
SMALLEST_EFFECT = 0.05
"""In AUROC."""


def signals(hypothesis: Hypothesis) -> dict[str, float]:
    """Returns the signals of a translation that was made with its attention weights.

    Args:
        hypothesis: Its weights are (T, L, H, S); the first layer and head are used.
    """
    if hypothesis.weights is None:
        raise ValueError("make the translation with return_weights=True")
    weights = hypothesis.weights[:, 0, 0].double()  # (T, S)
    logs = torch.where(weights > 0, weights, torch.ones_like(weights)).log2()
    read = weights.sum(0)[:-1]  # the last column is the end token's
    return {
        "entropy": float(-(weights * logs).sum(1).mean()),
        "coverage": float(-read.clamp(LEAST, 1).log().mean()),
        "dispersion": float(((1 - read) ** 2).mean()),
        "probability": -hypothesis.log_prob / len(weights),
        "length": float(len(read)),
    }


def auroc(scores: Sequence[float] | np.ndarray, wrong: Sequence[bool] | np.ndarray) -> float:
    """Returns the chance that a wrong item scores higher than a right one; ties count half.

    The area under the ROC curve, as the rank statistic of Mann and Whitney (Hanley and McNeil,
    1982). 0.5 is guessing.

    Args:
        scores: Larger where trouble is suspected.
        wrong: Which items are wrong; some must be and some not.
    """
    bad = np.asarray(wrong, dtype=bool)
    many, few = int(bad.sum()), int((~bad).sum())
    if not many or not few:
        raise ValueError("AUROC needs right items and wrong ones")
    ranks = rankdata(np.asarray(scores, dtype=float))
    return float((ranks[bad].sum() - many * (many + 1) / 2) / (many * few))


def table(hypotheses: Iterable[Hypothesis]) -> dict[str, np.ndarray]:
    """Returns the signals of many translations, an array for each signal.

    Args:
        hypotheses: With attention weights.
    """
    found = [signals(hypothesis) for hypothesis in hypotheses]
    return {name: np.array([each[name] for each in found]) for name in SIGNALS}


def compared(signal: str, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns what the rule looks at, by name, from AUROCs of the same translations.

    `attention` (the chosen signal), `probability`, `length`, `gain` (attention − probability),
    `over_length` (attention − length), `added` (probability and attention together − probability).

    Args:
        signal: The attention signal that was chosen.
        values: AUROCs by signal, and of "together".
    """
    attention, probability, length = (values[key] for key in (signal, "probability", "length"))
    return {
        "attention": attention,
        "probability": probability,
        "length": length,
        "gain": attention - probability,
        "over_length": attention - length,
        "added": values["together"] - probability,
    }


def with_sum(found: dict[str, np.ndarray], signal: str) -> dict[str, np.ndarray]:
    """Returns the signals and "together": the chosen attention signal plus the probability.

    Args:
        found: Signals of translations.
        signal: The chosen one.
    """
    return found | {"together": standard(found[signal]) + standard(found["probability"])}


def judge(s: dict[str, float]) -> Verdict:
    """Judges C22 by `attention`, `gain` and `over_length` with their intervals.

    Supported: the attention's AUROC is useful, above that of the length, and at most the smallest
    effect below that of the model's own probability (whole intervals). With a caveat: it is useful,
    but the probability or the mere length does better, or may. Not supported: it is not useful.
    Else inconclusive.

    Args:
        s: A summary.
    """
    if s["attention.high"] < USEFUL:
        return NOT_SUPPORTED
    if s["attention.low"] < USEFUL:
        return INCONCLUSIVE
    as_good = s["gain.low"] >= -SMALLEST_EFFECT and s["over_length.low"] > 0
    return SUPPORTED if as_good else CAVEAT


def standard(values: np.ndarray) -> np.ndarray:
    """Returns values with mean 0 and standard deviation 1, so that signals can be added.

    Args:
        values: One of each translation.
    """
    return (values - values.mean()) / (values.std() or 1.0)


def bootstrap(
    table: dict[str, np.ndarray], wrong: np.ndarray, *, samples: int, seed: int
) -> dict[str, np.ndarray]:
    """Returns the AUROC of each signal: of all translations, then of each bootstrap sample.

    Args:
        table: Signals of the translations.
        wrong: Which of them are wrong.
        samples: How many.
        seed: Of the samples, which all signals share.
    """
    random = np.random.default_rng(seed)
    n = len(wrong)
    found: dict[str, list[float]] = {name: [] for name in table}
    rows = [np.arange(n)]
    while len(rows) <= samples:
        drawn = random.integers(n, size=n)
        if 0 < wrong[drawn].sum() < n:
            rows.append(drawn)
    for drawn in rows:
        for name, values in table.items():
            found[name].append(auroc(values[drawn], wrong[drawn]))
    return {name: np.array(values) for name, values in found.items()}
