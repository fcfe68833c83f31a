"""Several outputs for one sentence, and the most probable one: what C6 tells besides (chapter 4).

Both work on sentences of the grammar, so that its parser can judge what is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import fmean

from course.data.batching import source_batch
from course.decoding import beam_search, sample
from course.experiments.clauses import Clauses, quality
from course.experiments.searching import SUM, Outputs, missed, modes, search_all
from course.metrics import edit_distance
from course.models.seq2seq import Seq2Seq
from course.results.records import Row
from course.runtime import generator

SAMPLERS = {"sample": {}, "nucleus": {"top_p": 0.9}, "min-p": {"min_p": 0.1}}


def searched(model: Seq2Seq, part: Clauses, widths: Iterable[int]) -> dict[int, Outputs]:
    """Searches the sentences of a part with each width.

    Args:
        model: A trained model.
        part: The sentences.
        widths: The widths.
    """
    return {w: search_all(model, part.src, part.limits, beam=w) for w in widths}


def varied(
    model: Seq2Seq, part: Clauses, arm: str, seed: int, *, n: int, candidates: int
) -> list[Row]:
    """Compares several outputs a sentence: the n-best list of a beam, and samples.

    Args:
        model: A trained model.
        part: The sentences.
        arm: For the rows.
        seed: Of the samples.
        n: How many outputs a sentence.
        candidates: How many samples to choose the one of least risk from.
    """
    src, mask = source_batch(part.src)
    best = beam_search(model, src, mask, max_length=part.limits, beam=n, n_best=n)
    found = {"n-best": [[list(h.tokens) for h in each] for each in best]}
    for name, filters in SAMPLERS.items():
        source = generator(seed, "c06", name)
        count = candidates if name == "sample" else n
        drawn = [
            sample(model, src, mask, generator=source, max_length=part.limits, **filters)
            for _ in range(count)
        ]
        found[name] = [[list(h.tokens) for h in each] for each in zip(*drawn, strict=True)]
    found["mbr"] = [[nearest(each)] for each in found["sample"]]
    rows = []
    for name, groups in found.items():
        groups = [group[:n] for group in groups]
        flat_list = [tokens for group in groups for tokens in group]
        repeated = part.chosen([i for i, group in enumerate(groups) for _ in group])
        scores = quality(flat_list, repeated)
        scores = {key: scores[key] for key in ("accepted", "token_error_rate")}
        if name != "mbr":
            scores["diversity"] = fmean(diversity(group) for group in groups)
        x = len(groups[0])
        rows += [Row(f"{arm}.{name}", seed, x, k, v, len(groups)) for k, v in scores.items()]
    return rows


def diversity(outputs: list[list[int]]) -> float:
    """Returns the mean edit distance of two outputs, by their mean length.

    Args:
        outputs: Token ids of at least two outputs for one source.
    """
    pairs = [(a, b) for i, a in enumerate(outputs) for b in outputs[:i]]
    return fmean(2 * edit_distance(a, b) / max(1, len(a) + len(b)) for a, b in pairs)


def nearest(outputs: list[list[int]]) -> list[int]:
    """Returns the output with the fewest edits to all the others: least Bayes risk.

    Args:
        outputs: Token ids of the candidates, which are also the evidence.
    """
    return min(outputs, key=lambda a: sum(edit_distance(a, b) for b in outputs))


def errors_of_search(
    model: Seq2Seq,
    part: Clauses,
    by_width: dict[int, Outputs],
    where: tuple[str, int, str],
    *,
    max_steps: int,
) -> list[Row]:
    """Finds the modes of sentences, and what beams of each width have missed.

    Args:
        model: A trained model.
        part: The sentences.
        by_width: What beams of each width wrote.
        where: Arm and seed of the rows, and the name of the part.
        max_steps: When to give up on a sentence.
    """
    arm, seed, name = where
    widest = by_width[max(by_width)]
    found = modes(model, part.src, part.limits, widest, max_steps=max_steps)
    proved = found.proved
    rows = [Row(arm, seed, name, "proved", len(proved) / len(part.src), len(part.src))]
    if not proved:
        return rows
    kept = part.chosen(proved)
    for x, results in ((name, found.free), (f"{name} constrained", found.long)):
        best = [h for h in (results[i].best for i in proved) if h is not None]
        scores = quality(best, kept) | {"empty": fmean(h.empty for h in best)}
        rows += [Row(arm, seed, x, key, value, len(proved)) for key, value in scores.items()]
    for width, outputs in by_width.items():
        share = fmean(missed(found.free[i], outputs[SUM][i]) for i in proved)
        rows.append(Row(arm, seed, f"{name} {width}", "missed", share, len(proved)))
    return rows
