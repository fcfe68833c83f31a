"""C8 on real text: five stories whose words were aligned by hand (ALIBI; chapter 5).

The stories are old literary prose, far from the everyday sentences of Tatoeba on which the zoo's
translator and the aligner learnt. One arm, `stories`, since all systems are scored on the same
sentences. Everything that is chosen (the shift of the attention, how the aligner's two directions
are combined) is chosen on two stories by `aer` and reported on the other three.

- `attention`: the zoo's translator with attention, made to write the French
- `diagonal`: the source word at the same share of the sentence
- `aligner`: eflomal, from 60,000 of Tatoeba's training pairs and the stories' own sentences

Rows of SYSTEM: `SYSTEM.aer`, `SYSTEM.aer_crossing` (target words whose order changes, alone) at
x = "test", with _low and _high from the bootstrap over sentences, and at x = "chosen-on CHOICE" on
the first two stories; `gain.METRIC` (diagonal − attention) and `behind.METRIC` (attention −
aligner) likewise. At x = "run": `shift`, `left_out` (sentences whose words and subwords do not
fit), `crossing_words` (the share of sure links that lead to target words whose order changes).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch

from course import zoo
from course.data import corpora
from course.data.alibi import AlignedSentence
from course.data.tokenizer import WORD_START, Tokenizer
from course.experiments import linking, stories, word_aligner
from course.experiments.c08_grammar import SMALLEST_EFFECT, judge
from course.experiments.linking import Gold, Links
from course.experiments.rules import Verdict
from course.experiments.runner import Arm
from course.metrics import crossing_links
from course.results.records import Row
from course.runtime import generator

CLAIM = "C8"
HYPOTHESIS = (
    "On hand-aligned stories, links read from the translator's attention have an alignment error "
    "rate lower than the diagonal's by at least 0.10, over all words and over those alone whose "
    "order changes, and at most 0.10 above that of an aligner."
)
MODEL = "tatoeba-en-fr-bahdanau"
REPORTED_ON = ("The Inn", "The Last Lesson", "The Vision of Charles XI")
METRICS = {"aer": False, "aer_crossing": True}
CONFIG = {
    "model": MODEL,
    "chosen_on": list(stories.CHOSEN_ON),
    "reported_on": list(REPORTED_ON),
    "aligner_pairs": 60_000,
    "bootstrap_samples": 1000,
}
ARMS = (Arm(name="stories", seconds=240, max_seeds=1),)


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Links the words of the stories by all systems.

    Args:
        arm: "stories".
        seed: Of the bootstrap.
        rate: Not used: nothing of ours is trained.
    """
    translator = zoo.load(MODEL, device=torch.device("cpu"))
    parts = [stories.read(t, translator.tokenizer) for t in (stories.CHOSEN_ON, REPORTED_ON)]
    golds = parts[0].golds, parts[1].golds
    attention = [linking.attention_links(translator.model, part.tokens) for part in parts]
    aligner = _aligner_links(*(part.sentences for part in parts))
    straight = [[linking.diagonal(gold) for gold in part] for part in golds]
    systems = {
        "attention": {str(s): (attention[0][s], attention[1][s]) for s in linking.SHIFTS},
        "diagonal": {"as-it-is": (straight[0], straight[1])},
        "aligner": aligner,
    }
    rows, tables = _chosen(systems, golds, seed)
    sure = [(gold.sure, crossing_links(gold.sure)) for gold in golds[1]]
    moved = sum(len({k for k in s if k[1] in {t for _, t in c}}) for s, c in sure)
    share = moved / sum(len(s) for s, _ in sure)
    n = len(golds[1])
    rows.append(
        Row("stories", seed, "run", "left_out", float(parts[0].left_out + parts[1].left_out), 1)
    )
    rows.append(Row("stories", seed, "run", "crossing_words", share, n))
    return rows + compared(tables, seed)


def _chosen(
    systems: dict[str, dict[str, tuple[Links, Links]]],
    golds: tuple[Sequence[Gold], Sequence[Gold]],
    seed: int,
) -> tuple[list[Row], dict[str, dict[str, np.ndarray]]]:
    """Chooses on the first stories; returns rows, and the counts on the others by metric."""
    rows: list[Row] = []
    tables: dict[str, dict[str, np.ndarray]] = {metric: {} for metric in METRICS}
    for system, choices in systems.items():
        errors = {}
        for choice, (links, _) in choices.items():
            for metric, crossing in METRICS.items():
                sums = linking.table(golds[0], links, crossing=crossing).sum(0)
                error = float(linking.error_rate(sums))
                errors.setdefault(choice, error)
                x = f"chosen-on {choice}"
                rows.append(Row("stories", seed, x, f"{system}.{metric}", error, len(links)))
        best = min(errors, key=lambda choice: errors[choice])
        for metric, crossing in METRICS.items():
            tables[metric][system] = linking.table(golds[1], choices[best][1], crossing=crossing)
        if system == "attention":
            rows.append(Row("stories", seed, "run", "shift", float(best), 1))
    return rows, tables


def compared(tables: dict[str, dict[str, np.ndarray]], seed: int) -> list[Row]:
    """Returns error rates and their differences with bootstrap intervals.

    Args:
        tables: By metric and system, the counts of every sentence.
        seed: Of the bootstrap.
    """
    rows: list[Row] = []
    for metric, counts in tables.items():
        found = linking.resampled(counts, CONFIG["bootstrap_samples"], seed)
        n = len(counts["attention"])
        values = {f"{system}.{metric}": error for system, error in found.items()}
        values[f"gain.{metric}"] = found["diagonal"] - found["attention"]
        values[f"behind.{metric}"] = found["attention"] - found["aligner"]
        for name, drawn in values.items():
            low, high = np.percentile(drawn[1:], [2.5, 97.5])
            ends = {"": drawn[0], "_low": low, "_high": high}
            rows += [Row("stories", seed, "test", name + e, float(v), n) for e, v in ends.items()]
    return rows


def _aligner_links(
    chosen: Sequence[AlignedSentence], reported: Sequence[AlignedSentence]
) -> dict[str, tuple[Links, Links]]:
    """Trains eflomal on Tatoeba and the stories; returns its links of the stories."""
    train = corpora.load("tatoeba").train
    order = torch.randperm(len(train), generator=generator(0, "c08", "aligner")).tolist()
    texts = [train[i] for i in order[: CONFIG["aligner_pairs"]]]
    cutter = Tokenizer.words([text for pair in texts for text in pair])

    def words(text: str) -> list[str]:
        return [piece.replace(WORD_START, "") for piece in cutter.tokens(text)]

    own = [(sentence.english, sentence.french) for sentence in (*chosen, *reported)]
    ways = word_aligner.align([*own, *((words(p.src), words(p.tgt)) for p in texts)])
    return {
        way: (links[: len(chosen)], links[len(chosen) : len(own)]) for way, links in ways.items()
    }


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns error rates and differences on the three stories.

    Keys, each with `.low` and `.high`: METRIC.SYSTEM, METRIC.gain (diagonal − attention),
    METRIC.behind (attention − aligner); METRIC is `aer` or `aer_crossing`.

    Args:
        rows: The rows of the record.
    """
    found: dict[str, float] = {}
    for row in rows:
        if row.x == "test":
            name, _, metric = row.metric.partition(".")
            end = next((e for e in ("_low", "_high") if metric.endswith(e)), "")
            found[f"{metric.removesuffix(end)}.{name}{end.replace('_', '.')}"] = row.value
    return found


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis as on the grammar, by bootstrap intervals.

    Args:
        rows: The rows of the record.
    """
    return judge(summary(rows))


RULE = (
    HYPOTHESIS,
    SMALLEST_EFFECT,
    repr((stories.CHOSEN_ON, REPORTED_ON)),
    linking.counts,
    summary,
    judge,
    verdict,
)
