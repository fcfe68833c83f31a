"""C22 on a corpus: does attention tell which of the zoo's translations are wrong? (chapter 5).

The zoo's translator with attention translates Tatoeba greedily. A translation counts as wrong if
its chrF, against the closest reference, is below 50; thresholds of 35 and 65 are shown beside it.
Which attention signal is used is chosen on validation sentences and reported on test sentences, by
AUROC with the bootstrap over sentences. Signals are in `course.experiments.detecting`.

Rows of the one arm, `bahdanau`: `SIGNAL` (its AUROC) at x = "valid" and, with _low and _high, at
x = "test" (threshold 50), "test-35" and "test-65"; `attention` (the chosen signal), `gain`,
`over_length`, `added` likewise; `wrong`, the share of wrong translations, at each x.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from sacrebleu.metrics.chrf import CHRF

from course import zoo
from course.data import corpora
from course.data.pairs import Example
from course.decoding import translate
from course.experiments import detecting
from course.experiments.detecting import ATTENTION, SIGNALS, auroc
from course.experiments.rules import Verdict
from course.experiments.runner import Arm
from course.results.records import Row

CLAIM = "C22"
HYPOTHESIS = (
    "Entropy, coverage or dispersion of the attention tell wrong translations (chrF below 50) from "
    "right ones with an AUROC of 0.60 or more, better than the sentence's length does, and at most "
    "0.05 worse than the model's own probability per token."
)
SMALLEST_EFFECT = detecting.SMALLEST_EFFECT

MODEL = "tatoeba-en-fr-bahdanau"
THRESHOLD, OTHERS = 50, (35, 65)
CONFIG = {
    "model": MODEL,
    "threshold": THRESHOLD,
    "others": list(OTHERS),
    "most": 2000,
    "words": [3, 40],
    "beam": 1,
    "bootstrap_samples": 1000,
}
ARMS = (Arm(name="bahdanau", seconds=120, max_seeds=1),)


def chosen(examples: Sequence[Example]) -> list[Example]:
    """Returns the first sentences of three words or more.

    Args:
        examples: One split.
    """
    low, high = CONFIG["words"]
    return [e for e in examples if low <= len(e.src.split()) <= high][: CONFIG["most"]]


def quality(texts: Sequence[str], examples: Sequence[Example]) -> np.ndarray:
    """Returns the chrF of each sentence, against its closest reference, from 0 to 100.

    Args:
        texts: Translations.
        examples: With their references.
    """
    scorer = CHRF()
    pairs = zip(texts, examples, strict=True)
    return np.array([scorer.sentence_score(text, list(e.refs)).score for text, e in pairs])


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Translates both splits and compares signals with quality.

    Args:
        arm: "bahdanau".
        seed: Of the bootstrap.
        rate: Not used: nothing is trained.
    """
    translator = zoo.load(MODEL, device=torch.device("cpu"))
    corpus = corpora.load("tatoeba")
    tables: list[dict[str, np.ndarray]] = []
    scores: list[np.ndarray] = []
    for examples in (chosen(corpus.valid), chosen(corpus.test)):
        sources = [example.src for example in examples]
        found = translate(
            translator.model,
            translator.tokenizer,
            sources,
            beam=CONFIG["beam"],
            return_weights=True,
        )
        tables.append(detecting.table(best[0].hypothesis for best in found))
        scores.append(quality([best[0].text for best in found], examples))
    return compared(tables, scores, seed)


def compared(
    tables: Sequence[dict[str, np.ndarray]], scores: Sequence[np.ndarray], seed: int
) -> list[Row]:
    """Returns rows from the signals and the quality of validation and test translations.

    Args:
        tables: Signals of each split.
        scores: chrF of each split.
        seed: Of the bootstrap.
    """
    wrong, n = scores[0] < THRESHOLD, len(scores[0])
    valid = {name: auroc(tables[0][name], wrong) for name in SIGNALS}
    rows = [Row("bahdanau", seed, "valid", name, value, n) for name, value in valid.items()]
    rows.append(Row("bahdanau", seed, "valid", "wrong", float(wrong.mean()), n))
    signal = max(ATTENTION, key=lambda name: valid[name])
    test = detecting.with_sum(tables[1], signal)
    for threshold in (THRESHOLD, *OTHERS):
        x = "test" if threshold == THRESHOLD else f"test-{threshold}"
        wrong = scores[1] < threshold
        samples = CONFIG["bootstrap_samples"]
        values = detecting.bootstrap(test, wrong, samples=samples, seed=seed)
        rows.append(Row("bahdanau", seed, x, "wrong", float(wrong.mean()), len(wrong)))
        for name, drawn in (values | detecting.compared(signal, values)).items():
            low, high = np.percentile(drawn[1:], [2.5, 97.5])
            for end, value in (("", drawn[0]), ("_low", low), ("_high", high)):
                rows.append(Row("bahdanau", seed, x, name + end, float(value), len(wrong)))
    return rows


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns AUROCs on the test sentences, with `.low` and `.high` from the bootstrap.

    Keys: every signal, `attention` (the one chosen on validation sentences), `gain` (attention −
    probability), `over_length` (attention − length), `added` (both together − probability),
    `wrong` (a share); for the other thresholds the same with "@35" and "@65" behind the name.

    Args:
        rows: The rows of the record.
    """
    found: dict[str, float] = {}
    for row in rows:
        if str(row.x).startswith("test"):
            _, _, threshold = str(row.x).partition("-")
            name, end = row.metric, ""
            for suffix in ("_low", "_high"):
                if name.endswith(suffix):
                    name, end = name.removesuffix(suffix), suffix.replace("_", ".")
            found[name + (f"@{threshold}" if threshold else "") + end] = row.value
    return found


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
    THRESHOLD,
    detecting.signals,
    detecting.compared,
    detecting.judge,
    summary,
    verdict,
)
