"""C8 on our grammar, where every word's link is known exactly (chapter 5).

Arms: `attention`, a bidirectional GRU with additive attention that is made to write the test
sentences' references; `diagonal`, the source word at the same share of the sentence; `aligner`,
eflomal, which learns from the same 12,000 training pairs and the sentences themselves.

Rows: `aer` (alignment error rate) and `aer_crossing` (target words whose order changes, alone) at
x = "test", and at x = the shift, or the way of combining directions, on validation sentences; the
one with the lowest `aer` there is used on the test. `shift` at x = "test": the one used. For
`attention` also, at x = "test": `RANKING.WAY`, the fall of a target word's log-probability when a
source word is taken away, and `agree` (see `course.experiments.erasure`; 100 sentences), `exact`
(greedy translations without an error). At x = "run": `parameters`, `rate`, `updates`, `tokens`,
`seconds`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from course.data.grammar.sample import Sentence
from course.experiments import aligned, erasure, linking, word_aligner
from course.experiments.fitting import number_of_parameters, write_out
from course.experiments.linking import Gold, Links, Tokens
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
from course.results.records import Row
from course.runtime import generator

CLAIM = "C8"
HYPOTHESIS = (
    "On the grammar, links read from attention have an alignment error rate lower than the "
    "diagonal's by at least 0.10, over all words and over those alone whose order changes, and at "
    "most 0.10 above that of an aligner."
)
SMALLEST_EFFECT = 0.10
"""In alignment error rate: about ten wrong links of a hundred."""

CONFIG = {
    "pools": aligned.POOLS,
    "words": list(aligned.WORDS),
    "sizes": aligned.SIZES,
    "batch": aligned.BATCH,
    "updates": 800,
    "trial_share": 0.25,
    "erased_sentences": 100,
}
Both = tuple[Links, Links]
"""Links of the validation and of the test sentences."""

ARMS = (
    Arm(name="attention", seconds=60, rates=aligned.RATES, trial_seconds=14),
    Arm(name="diagonal", seconds=1, max_seeds=1),
    Arm(name="aligner", seconds=10),
)


def tokens(sentences: Iterable[Sentence]) -> list[Tokens]:
    """Returns sentences as the model reads them, a token a word.

    Args:
        sentences: Of the pools.
    """
    sides = zip(*aligned.encoded(list(sentences)), strict=True)
    return [Tokens(src, tgt, [*range(len(src))], [*range(len(tgt))]) for src, tgt in sides]


def golds(sentences: Iterable[Sentence]) -> list[Gold]:
    """Returns their links, every one of them sure.

    Args:
        sentences: Of the pools.
    """
    return [
        Gold(len(s.src_words), len(s.tgt_words), frozenset(s.alignment), frozenset(s.alignment))
        for s in sentences
    ]


def judged(arm: str, seed: int, choices: Mapping[str, Both]) -> tuple[list[Row], str]:
    """Returns rows of error rates for links chosen on validation sentences, and the choice.

    Args:
        arm: The arm.
        seed: The seed.
        choices: Links by shift or by way.
    """
    pools = aligned.pools().sentences
    gold = {split: golds(pools[split]) for split in ("valid", "test")}
    rows: list[Row] = []

    def add(split: str, x: str, links: Links) -> float:
        found = {}
        for metric, crossing in (("aer", False), ("aer_crossing", True)):
            sums = linking.table(gold[split], links, crossing=crossing).sum(0)
            found[metric] = float(linking.error_rate(sums))
            rows.append(Row(arm, seed, x, metric, found[metric], len(links)))
        return found["aer"]

    errors = {x: add("valid", x, valid) for x, (valid, _) in choices.items()}
    best = min(errors, key=lambda x: errors[x])
    add("test", "test", choices[best][1])
    return rows, best


def trial(arm: str, rate: float) -> float:
    """Returns the validation loss after a short run at one learning rate.

    Args:
        arm: "attention".
        rate: The learning rate.
    """
    updates = round(CONFIG["updates"] * CONFIG["trial_share"])
    return aligned.valid_loss(aligned.train(0, rate, updates)[0])


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Measures one arm.

    Args:
        arm: As in `ARMS`.
        seed: Of weights and data; eflomal draws its own.
        rate: The learning rate of `attention`.
    """
    pools = aligned.pools().sentences
    splits = (pools["valid"], pools["test"])
    if arm == "diagonal":
        valid, test = ([linking.diagonal(g) for g in golds(part)] for part in splits)
        return judged(arm, seed, {"diagonal": (valid, test)})[0]
    if arm == "aligner":
        every = [s for split in ("valid", "test", "train") for s in pools[split]]
        ways = word_aligner.align([(s.src_words, s.tgt_words) for s in every])
        first, last = len(splits[0]), len(splits[0]) + len(splits[1])
        choices = {way: (links[:first], links[first:last]) for way, links in ways.items()}
        return judged(arm, seed, choices)[0]
    return _attention(seed, rate, splits)


def _attention(seed: int, rate: float, splits: Sequence[Sequence[Sentence]]) -> list[Row]:
    model, spent = aligned.train(seed, rate, CONFIG["updates"])
    valid, test = (linking.attention_links(model, tokens(part)) for part in splits)
    rows, shift = judged("attention", seed, {str(s): (valid[s], test[s]) for s in linking.SHIFTS})
    numbers = {**spent._asdict(), "parameters": number_of_parameters(model), "rate": rate}
    rows += [Row("attention", seed, "run", key, float(v), 1) for key, v in numbers.items()]
    rows.append(Row("attention", seed, "test", "shift", float(shift), 1))
    exact = write_out(model, *aligned.encoded(splits[1])).exact
    rows.append(Row("attention", seed, "test", "exact", exact, len(splits[1])))
    return rows + _erased(model, seed, tokens(splits[1][: CONFIG["erased_sentences"]]))


def _erased(model: Seq2Seq, seed: int, pairs: Sequence[Tokens]) -> list[Row]:
    source = generator(seed, "c08", "erased")
    found: dict[str, list[float]] = {}
    for pair in pairs:
        for name, values in erasure.effects(model, pair, source).items():
            found.setdefault(name, []).extend(values)
    return [Row("attention", seed, "test", key, fmean(v), len(v)) for key, v in found.items()]


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns error rates and differences.

    Keys, each with `.low` and `.high`: for METRIC `aer` and `aer_crossing`, `METRIC.ARM`,
    `METRIC.gain` (diagonal − attention) and `METRIC.behind` (attention − aligner).

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    found = {}
    for metric in ("aer", "aer_crossing"):
        of = {a.name: by_seed(rows, arm=a.name, metric=metric, x=["test"]) for a in ARMS}
        line = fmean(of["diagonal"].values())
        found |= {f"{metric}.{arm}": interval(values.values()) for arm, values in of.items()}
        found[f"{metric}.gain"] = interval(line - error for error in of["attention"].values())
        found[f"{metric}.behind"] = paired(of["attention"], of["aligner"])
    return flat(**found)


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis by its summary.

    Args:
        rows: The rows of the record.
    """
    return judge(summary(rows))


def judge(s: dict[str, float]) -> Verdict:
    """Judges what `summary` found, here and on the stories.

    Supported: better than the diagonal by the smallest effect, over all words and over those whose
    order changes, and over all words no more than that behind the aligner (whole intervals). With a
    caveat: better than the diagonal in both, but further behind the aligner, or not surely within
    it. Not supported: the smallest effect is excluded in one of the two. Else inconclusive.

    Args:
        s: The summary.
    """
    gains = ("aer.gain", "aer_crossing.gain")
    if any(s[f"{key}.high"] < SMALLEST_EFFECT for key in gains):
        return NOT_SUPPORTED
    if all(s[f"{key}.low"] >= SMALLEST_EFFECT for key in gains):
        return SUPPORTED if s["aer.behind.high"] <= SMALLEST_EFFECT else CAVEAT
    return INCONCLUSIVE


RULE = (HYPOTHESIS, SMALLEST_EFFECT, linking.counts, linking.error_rate, summary, judge, verdict)
