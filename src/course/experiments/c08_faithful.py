"""C8, the other half: do the most attended words matter most? (chapter 5).

A heatmap that looks right (plausible) need not say what the model relied on (faithful). The zoo's
translator with attention is made to write the references of 200 of Tatoeba's validation sentences;
before each word one source word is taken away, in two ways, chosen in three ways: see
`course.experiments.erasure`.

Rows of the one arm, `tatoeba`, at x = "test": `RANKING.WAY`, the mean fall of a target word's
log-probability in nats, with _low and _high from the bootstrap over sentences; `agree`, the share
of target words for which attention and gradient choose the same source word; for each way
`over_random.WAY` (attention − random) and `behind_gradient.WAY` (gradient − attention).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch

from course import zoo
from course.data import corpora
from course.data.pairs import Example
from course.data.tokenizer import Tokenizer
from course.experiments.erasure import RANKINGS, WAYS, effects
from course.experiments.linking import Tokens
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED, Verdict
from course.experiments.runner import Arm
from course.models.seq2seq import Seq2Seq
from course.results.records import Row
from course.runtime import generator

CLAIM = "C8"
HYPOTHESIS = (
    "Taking away the most attended source word lowers the log-probability of the target word by at "
    "least 0.5 nats more than taking away a random one, and by no 0.5 nats less than taking away "
    "the word with the largest gradient; whether it is hidden from attention or deleted."
)
SMALLEST_EFFECT = 0.5
"""In nats: a probability divided by 1.65."""

MODEL = "tatoeba-en-fr-bahdanau"
CONFIG = {
    "model": MODEL,
    "sentences": 200,
    "words": [5, 12],
    "bootstrap_samples": 1000,
}
ARMS = (Arm(name="tatoeba", seconds=90, max_seeds=1),)


def chosen(examples: Iterable[Example]) -> list[Example]:
    """Returns the first sentences of the wanted lengths.

    Args:
        examples: Validation sentences.
    """
    low, high = CONFIG["words"]
    fitting = [e for e in examples if low <= len(e.src.split()) <= high]
    return fitting[: CONFIG["sentences"]]


def tokens(examples: Iterable[Example], tokenizer: Tokenizer) -> list[Tokens]:
    """Returns sources and first references as the translator reads them.

    Args:
        examples: Sentences with references.
        tokenizer: The translator's.
    """
    return [
        Tokens(
            tokenizer.encode(e.src),
            tokenizer.encode(e.refs[0]),
            tokenizer.word_ids(e.src),
            tokenizer.word_ids(e.refs[0]),
        )
        for e in examples
    ]


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Takes words away from the validation sentences.

    Args:
        arm: "tatoeba".
        seed: Of the random words and the bootstrap.
        rate: Not used: nothing is trained.
    """
    translator = zoo.load(MODEL, device=torch.device("cpu"))
    assert isinstance(translator.model, Seq2Seq)
    pairs = tokens(chosen(corpora.load("tatoeba").valid), translator.tokenizer)
    return compared(erased(translator.model, pairs, seed), seed)


def erased(model: Seq2Seq, pairs: Sequence[Tokens], seed: int) -> dict[str, np.ndarray]:
    """Returns for every sentence the sum over its target words, and their number.

    Args:
        model: With additive attention.
        pairs: Sources and references.
        seed: Of the random words.

    Returns:
        (sentences, 2) by "RANKING.WAY", and for "agree".
    """
    source = generator(seed, "c08", "faithful")
    found: dict[str, list[tuple[float, int]]] = {}
    for pair in pairs:
        for name, values in effects(model, pair, source).items():
            found.setdefault(name, []).append((sum(values), len(values)))
    return {name: np.array(sums, dtype=float) for name, sums in found.items()}


def compared(found: dict[str, np.ndarray], seed: int) -> list[Row]:
    """Returns means over target words, and their differences, with bootstrap intervals.

    Args:
        found: As `erased` returns it.
        seed: Of the bootstrap.
    """
    n = len(found["agree"])
    random = np.random.default_rng(seed)
    draws = random.multinomial(n, np.full(n, 1 / n), size=CONFIG["bootstrap_samples"])
    sums = {name: np.vstack([np.ones(n), draws]) @ table for name, table in found.items()}
    means = {name: table[:, 0] / table[:, 1] for name, table in sums.items()}
    for way in WAYS:
        means[f"over_random.{way}"] = means[f"attention.{way}"] - means[f"random.{way}"]
        means[f"behind_gradient.{way}"] = means[f"gradient.{way}"] - means[f"attention.{way}"]
    rows: list[Row] = []
    for name, drawn in means.items():
        low, high = np.percentile(drawn[1:], [2.5, 97.5])
        ends = {"": drawn[0], "_low": low, "_high": high}
        rows += [Row("tatoeba", seed, "test", name + e, float(v), n) for e, v in ends.items()]
    return rows


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns the means and differences by name, each with `.low` and `.high`.

    Args:
        rows: The rows of the record.
    """
    return {
        row.metric.replace("_low", ".low").replace("_high", ".high"): row.value
        for row in rows
        if row.x == "test"
    }


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis by bootstrap intervals.

    Supported: in both ways the attended word matters more than a random one by the smallest effect,
    and is behind the gradient's by less than that. With a caveat: more than a random one in both
    ways, but the gradient finds words that matter more, or may. Not supported: in one way the
    smallest effect over random is excluded. Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    if any(s[f"over_random.{way}.high"] < SMALLEST_EFFECT for way in WAYS):
        return NOT_SUPPORTED
    if all(s[f"over_random.{way}.low"] >= SMALLEST_EFFECT for way in WAYS):
        close = all(s[f"behind_gradient.{way}.high"] < SMALLEST_EFFECT for way in WAYS)
        return SUPPORTED if close else CAVEAT
    return INCONCLUSIVE


RULE = (HYPOTHESIS, SMALLEST_EFFECT, repr((RANKINGS, WAYS)), compared, summary, verdict)
