"""C23 on Tatoeba: the zoo's four translators side by side (chapter 8).

GRU without attention, Bahdanau's, Luong's and the Transformer: equally many parameters (within 2%),
one tokenizer, the same batches in the same order, each with the learning rate, and with or without
dropout and label smoothing, that validated best. Each was trained once: intervals cover the choice
of test sentences, not that of a training, and another one might move a score by as much.

Rows are those of `course.experiments.ladder`; x = "all" and the bins of `c01_tatoeba`, whose long
inputs are joined sentences. By beam 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from course import zoo
from course.data import corpora
from course.data.pairs import Example
from course.experiments import ladder
from course.experiments.c01_tatoeba import JOINED, SINGLE, test_sets
from course.experiments.runner import Arm
from course.results.records import Row

CLAIM = "C23"
HYPOTHESIS = (
    "On Tatoeba's test sentences the Transformer is better than the best of three recurrent "
    "translators (chosen on validation sentences), of the same size and trained on the same "
    "batches, by at least one point of chrF."
)
SMALLEST_EFFECT = ladder.SMALLEST_EFFECT
summary, verdict = ladder.summary, ladder.verdict

MODELS = {arm: f"tatoeba-en-fr-{arm}" for arm in ladder.LADDER}
CONFIG = {
    "models": MODELS,
    "bins": [*SINGLE, *JOINED, "13-16 single"],
    "signatures": ladder.signatures("var"),
    **ladder.SEARCH,
}
ARMS = (Arm(name="difference", seconds=900, max_seeds=1),)


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Translates the test sentences with all four translators.

    Args:
        arm: "difference": all are measured together, on the same sentences.
        seed: Of the bootstrap.
        rate: Not used: nothing is trained.
    """
    examples = corpora.load("tatoeba").test
    ladder.require_signatures(examples, CONFIG["signatures"])
    return compare(MODELS, {"all": examples, **test_sets(examples)}, seed=seed)


def compare(
    models: Mapping[str, str | Path], tests: Mapping[str, Sequence[Example]], *, seed: int = 1
) -> list[Row]:
    """Measures any four translators on any test sets.

    Args:
        models: Names of the zoo, or folders, by arm.
        tests: Test sets by x.
        seed: Of the bootstrap.
    """
    translators = {arm: zoo.load(name) for arm, name in models.items()}
    rows = [row for arm in models for row in ladder.described(arm, translators[arm].card, seed)]
    samples = CONFIG["bootstrap_samples"]
    return rows + ladder.compared(translators, tests, samples=samples, seed=seed)


RULE = (HYPOTHESIS, *ladder.RULE)
