"""C22 on our grammar: does attention tell which translations are wrong? (chapter 5).

A translation model with attention, trained too briefly on purpose so that it is often wrong,
translates test sentences greedily. Wrong is what differs from the grammar's translation, which is
unique. Which attention signal is used is chosen on validation sentences; signals and AUROC are in
`course.experiments.detecting`.

Rows of the arm `attention`: `SIGNAL` (its AUROC) at x = "valid" and "test"; `attention` (the
chosen one), `gain`, `over_length`, `added` at x = "test"; `wrong`, the share of wrong translations,
at both. At x = "invalid": AUROCs of the test sentences when only what the grammar's parser rejects
counts as wrong (where there are enough of both). At x = "run": `rate`, `updates`, `tokens`,
`seconds`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from course.data.batching import source_batch
from course.data.grammar.sample import Sentence
from course.decoding import Hypothesis, greedy
from course.experiments import aligned, detecting
from course.experiments.detecting import ATTENTION, SIGNALS, auroc
from course.experiments.rules import Verdict, by_seed, flat, interval
from course.experiments.runner import Arm
from course.models.seq2seq import Seq2Seq
from course.results.records import Row

CLAIM = "C22"
HYPOTHESIS = (
    "Entropy, coverage or dispersion of the attention tell wrong translations of the grammar from "
    "right ones with an AUROC of 0.60 or more, better than the sentence's length does, and at most "
    "0.05 worse than the model's own probability per token."
)
SMALLEST_EFFECT = detecting.SMALLEST_EFFECT

CONFIG = {
    "pools": aligned.POOLS,
    "words": list(aligned.WORDS),
    "sizes": aligned.SIZES,
    "batch": aligned.BATCH,
    "updates": 350,
    "trial_share": 0.5,
    "fewest": 25,
}
ARMS = (Arm(name="attention", seconds=35, rates=aligned.RATES, trial_seconds=14),)


def trial(arm: str, rate: float) -> float:
    """Returns the validation loss after a short run at one learning rate.

    Args:
        arm: "attention".
        rate: The learning rate.
    """
    updates = round(CONFIG["updates"] * CONFIG["trial_share"])
    return aligned.valid_loss(aligned.train(0, rate, updates)[0])


def translations(model: Seq2Seq, sentences: Sequence[Sentence]) -> list[Hypothesis]:
    """Translates greedily and keeps the attention weights; the order is kept.

    Args:
        model: A trained model.
        sentences: Of the pools.
    """
    sources, _ = aligned.encoded(sentences)
    order = sorted(range(len(sources)), key=lambda i: len(sources[i]))
    found: dict[int, Hypothesis] = {}
    for first in range(0, len(order), 100):
        rows = order[first : first + 100]
        src, mask = source_batch([sources[i] for i in rows])
        limit = 2 * src.shape[1] + 5
        written = greedy(model, src, mask, max_length=limit, return_weights=True)
        found |= dict(zip(rows, written, strict=True))
    return [found[i] for i in range(len(sources))]


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains a model and asks its attention which of its translations are wrong.

    Args:
        arm: "attention".
        seed: Of weights and data.
        rate: The learning rate.
    """
    model, spent = aligned.train(seed, rate, CONFIG["updates"])
    rows = [Row(arm, seed, "run", key, float(v), 1) for key, v in spent._asdict().items()]
    rows.append(Row(arm, seed, "run", "rate", rate, 1))
    signal = ""
    for split in ("valid", "test"):
        sentences = aligned.pools().sentences[split]
        written = translations(model, sentences)
        texts = [aligned.pools().tokenizer.decode(h.tokens) for h in written]
        wrong = np.array([text != s.tgt for text, s in zip(texts, sentences, strict=True)])
        found, n = detecting.table(written), len(written)
        scores = {name: auroc(found[name], wrong) for name in SIGNALS}
        signal = signal or max(ATTENTION, key=lambda name: scores[name])
        rows += [Row(arm, seed, split, name, value, n) for name, value in scores.items()]
        rows.append(Row(arm, seed, split, "wrong", float(wrong.mean()), n))
        if split == "test":
            rows += _more(arm, seed, signal, found, wrong, texts)
    return rows


def _more(
    arm: str,
    seed: int,
    signal: str,
    found: dict[str, np.ndarray],
    wrong: np.ndarray,
    texts: Sequence[str],
) -> list[Row]:
    """Returns what the rule looks at, and the AUROCs for text that the grammar does not make."""
    from course.data import grammar  # its rules take a while to build

    together = detecting.with_sum(found, signal)
    values = {name: np.array(auroc(scores, wrong)) for name, scores in together.items()}
    named = detecting.compared(signal, values)
    keys = ("attention", "gain", "over_length", "added")
    rows = [Row(arm, seed, "test", key, float(named[key]), len(wrong)) for key in keys]
    invalid = np.array([not grammar.accepts(text) for text in texts])
    rows.append(Row(arm, seed, "invalid", "wrong", float(invalid.mean()), len(wrong)))
    if CONFIG["fewest"] <= invalid.sum() <= len(invalid) - CONFIG["fewest"]:
        rows += [
            Row(arm, seed, "invalid", name, auroc(found[name], invalid), len(wrong))
            for name in SIGNALS
        ]
    return rows


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns AUROCs on the test sentences over seeds.

    Keys, each with `.low` and `.high`: every signal, `attention` (the one chosen on validation
    sentences), `gain` (attention − probability), `over_length` (attention − length), `added`
    (both together − probability), `wrong` (a share).

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    keys = (*SIGNALS, "attention", "gain", "over_length", "added", "wrong")
    of = {key: by_seed(rows, arm="attention", metric=key, x=["test"]) for key in keys}
    return flat(**{key: interval(values.values()) for key, values in of.items() if values})


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis; see `detecting.judge`.

    Args:
        rows: The rows of the record.
    """
    return detecting.judge(summary(rows))


RULE = (
    HYPOTHESIS,
    SMALLEST_EFFECT,
    detecting.USEFUL,
    detecting.signals,
    detecting.compared,
    detecting.judge,
    summary,
    verdict,
)
