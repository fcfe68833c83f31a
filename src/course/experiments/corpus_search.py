"""How widths and penalties change what a translator writes: the curves of C6 (chapter 4).

Every function measures some sentences and returns rows; `c06_tatoeba` says what they mean.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import partial
from statistics import fmean, median

from course import metrics, zoo
from course.data.batching import source_batch
from course.data.pairs import Example
from course.decoding import CoveragePenalty, Hypothesis, LengthPenalty, beam_search
from course.experiments.searching import (
    GREEDY,
    MEAN,
    PENALTIES,
    SUM,
    Outputs,
    chunks,
    missed,
    modes,
    search_all,
)
from course.metrics.score import Metric
from course.results.records import Row

SAMPLES = 1000
"""Draws of the bootstrap."""


class Sentences:
    """Encoded sources with their references.

    Attributes:
        examples: What they were made from.
        src: Token ids.
        refs: References.
        limits: The most tokens of an output, as `course.decoding.translate` sets it.
    """

    def __init__(self, translator: zoo.Translator, examples: Sequence[Example]):
        """Encode the sources."""
        self.translator, self.examples = translator, list(examples)
        self.src = translator.tokenizer.encode_batch([e.src for e in examples])
        self.refs = [e.refs for e in examples]
        self.limits = [2 * len(ids) + 10 for ids in self.src]

    def texts(self, hypotheses: Sequence[Hypothesis]) -> list[str]:
        """Returns what the hypotheses say."""
        return [self.translator.tokenizer.decode(h.tokens) for h in hypotheses]

    def search(self, width: int) -> Outputs:
        """Searches all sources with one width."""
        return search_all(self.translator.model, self.src, self.limits, beam=width)

    def scores(self, hypotheses: Sequence[Hypothesis]) -> dict[str, float]:
        """Scores one hypothesis for each sentence."""
        texts = self.texts(hypotheses)
        words = sum(len(refs[0].split()) for refs in self.refs)
        closest = metrics.confidence_interval(
            texts, self.refs, metric="token_error_rate", samples=1
        )
        return {
            "chrf": metrics.chrf(texts, self.refs).value,
            "bleu": metrics.bleu(texts, self.refs).value,
            "token_error_rate": closest.value,
            "length": sum(len(text.split()) for text in texts) / words,
            "log_prob": fmean(h.log_prob for h in hypotheses),
            "tokens": fmean(h.length for h in hypotheses),
            "empty": fmean(h.empty for h in hypotheses),
        }


def _rows(
    outputs: Outputs, part: Sentences, x: int | str, seed: int, prefix: str = ""
) -> list[Row]:
    n = len(part.src)
    return [
        Row(prefix + penalty, seed, x, metric, value, n)
        for penalty, hypotheses in outputs.items()
        for metric, value in part.scores(hypotheses).items()
    ]


def curve(
    part: Sentences, seed: int, *, widths: Iterable[int], choose: Sequence[int]
) -> tuple[list[Row], int]:
    """Scores each width; returns the width of the best chrF with normalisation, too.

    Args:
        part: The sentences.
        seed: For the rows.
        widths: Widths to score.
        choose: Those to choose among.
    """
    rows: list[Row] = []
    for width in widths:
        rows += _rows(part.search(width), part, width, seed)
    best = {
        row.x: row.value
        for row in rows
        if row.arm == MEAN and row.metric == "chrf" and row.x in choose
    }
    return rows, int(max(best, key=lambda width: best[width]))


def against_greedy(part: Sentences, seed: int, *, widths: Iterable[int]) -> list[Row]:
    """Compares each width with greedy search on the same sentences.

    Args:
        part: The sentences.
        seed: Of the bootstrap.
        widths: Widths above 1.
    """
    rows: list[Row] = []
    greedy = part.search(GREEDY)
    rows += _rows(greedy, part, f"{GREEDY} few", seed)
    for width in widths:
        outputs = part.search(width)
        rows += _rows(outputs, part, f"{width} few", seed)
        for penalty in PENALTIES:
            found = paired(part, greedy[penalty], outputs[penalty], "chrf", seed)
            values = {"": found.difference, "_low": found.low, "_high": found.high}
            rows += [
                Row(f"few.{penalty}", seed, width, f"difference{end}", value, found.n)
                for end, value in values.items()
            ]
    return rows


def paired(
    part: Sentences,
    a: Sequence[Hypothesis],
    b: Sequence[Hypothesis],
    metric: Metric,
    seed: int,
) -> metrics.Comparison:
    """Compares two outputs of the same sentences by paired bootstrap.

    Args:
        part: The sentences.
        a: One hypothesis for each.
        b: Another.
        metric: The score.
        seed: Of the draws.
    """
    return metrics.paired_bootstrap(
        part.texts(a), part.texts(b), part.refs, metric=metric, samples=SAMPLES, seed=seed
    )


def penalties(
    part: Sentences,
    seed: int,
    *,
    beam: int,
    alphas: Iterable[float],
    betas: Iterable[float],
) -> list[Row]:
    """Tries GNMT's two penalties at one width: length without coverage, coverage with log p / L.

    Args:
        part: The sentences.
        seed: For the rows.
        beam: The width.
        alphas: Exponents of GNMT's length penalty.
        betas: Weights of the coverage penalty.
    """
    settings: list[tuple[str, float, LengthPenalty, CoveragePenalty | None]] = [
        ("gnmt", alpha, LengthPenalty(alpha=alpha, kind="gnmt"), None) for alpha in alphas
    ]
    settings += [("coverage", beta, LengthPenalty(), CoveragePenalty(beta=beta)) for beta in betas]
    rows = []
    for arm, x, length, coverage in settings:
        found: dict[int, Hypothesis] = {}
        for group in chunks([len(ids) for ids in part.src], 64):
            src, mask = source_batch([part.src[i] for i in group])
            limits = [part.limits[i] for i in group]
            best = beam_search(
                part.translator.model,
                src,
                mask,
                max_length=limits,
                beam=beam,
                length_penalty=length,
                coverage_penalty=coverage,
            )
            found |= {i: each[0] for i, each in zip(group, best, strict=True)}
        scores = part.scores([found[i] for i in range(len(part.src))])
        rows += [
            Row(arm, seed, x, metric, scores[metric], len(part.src))
            for metric in ("chrf", "length")
        ]
    return rows


def against_modes(
    part: Sentences, seed: int, *, widths: Iterable[int], max_steps: int
) -> list[Row]:
    """Finds the modes of short sentences, and what the beams have missed.

    Args:
        part: The sentences.
        seed: For the rows.
        widths: Widths of the beams.
        max_steps: When to give up on a sentence.
    """
    by_width = {width: part.search(width) for width in widths}
    model, widest = part.translator.model, by_width[max(by_width)]
    found = modes(model, part.src, part.limits, widest, max_steps=max_steps)
    proved = found.proved
    rows = [Row("exact", seed, "free", "proved", len(proved) / len(part.src), len(part.src))]
    if not proved:
        return rows
    kept = Sentences(part.translator, [part.examples[i] for i in proved])
    put = partial(Row, "exact", seed, n=len(proved))
    for x, results in (("free", found.free), ("long", found.long)):
        best = [results[i].best for i in proved]
        scores = kept.scores([h for h in best if h is not None])
        rows += [put(x=x, metric=k, value=scores[k]) for k in ("empty", "length", "chrf")]
        share = fmean(results[i].proved for i in proved)
        if x == "long":
            rows.append(put(x=x, metric="proved", value=share))
    for width, outputs in by_width.items():
        for metric, penalty in (("missed", SUM), ("likelier", MEAN)):
            share = fmean(missed(found.free[i], outputs[penalty][i]) for i in proved)
            rows.append(put(x=width, metric=metric, value=share))
    for metric, hypotheses in (("beam", widest[MEAN]), ("greedy", by_width[GREEDY][MEAN])):
        scores = kept.scores([hypotheses[i] for i in proved])
        rows += [put(x=metric, metric=k, value=scores[k]) for k in ("empty", "length", "chrf")]
    return rows


def times(part: Sentences, seed: int, *, widths: Sequence[int]) -> list[Row]:
    """Measures seconds a sentence, one at a time; the widths take turns on each sentence.

    Args:
        part: The sentences.
        seed: For the rows.
        widths: The widths, greedy search among them.
    """
    seconds: dict[int, list[float]] = {width: [] for width in widths}
    for ids, limit in zip(part.src, part.limits, strict=True):
        src, mask = source_batch([ids])
        for width in widths:
            started = time.perf_counter()
            beam_search(
                part.translator.model,
                src,
                mask,
                max_length=limit,
                beam=width,
                length_penalty=PENALTIES[SUM],
            )
            seconds[width].append(time.perf_counter() - started)
    rows = []
    for width, taken in seconds.items():
        ratios = [a / b for a, b in zip(taken, seconds[GREEDY], strict=True)]
        rows += [
            Row("time", seed, width, "seconds", median(taken), len(taken)),
            Row("time", seed, width, "ratio", median(ratios), len(taken)),
        ]
    return rows
