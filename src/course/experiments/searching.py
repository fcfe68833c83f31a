"""What the two experiments on search share: outputs by width and penalty, and search errors.

A beam keeps hypotheses by log-probability, so one traced search answers for a width with and
without length normalisation (`Trace.best`). Chapter 4 uses it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from course.data.batching import source_batch
from course.decoding import Exact, Hypothesis, LengthPenalty, exact_search, trace_beam_search
from course.models.interface import SequenceModel

MEAN, SUM = "mean", "sum"
PENALTIES = {MEAN: LengthPenalty(), SUM: LengthPenalty(alpha=0.0)}
"""Hypotheses ranked by log p / L, and by log p alone."""

GREEDY = 1
ROWS = 512
"""About how many hypotheses are extended at once: sentences times beam."""

NOISE = 1e-3
"""In nats. Batches of other shapes round differently; a search error is larger than that."""

Outputs = dict[str, list[Hypothesis]]
"""For each of `PENALTIES` the best hypothesis of each sentence."""


def by_hash(texts: Sequence[str], count: int) -> list[int]:
    """Chooses sentences by a hash of their text: the same ones, whatever the order of the corpus.

    Args:
        texts: The sentences.
        count: How many; all of them if there are fewer.

    Returns:
        Their indices, ascending.
    """
    ranked = sorted(range(len(texts)), key=lambda i: hashlib.sha256(texts[i].encode()).digest())
    return sorted(ranked[:count])


def chunks(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Yields indices in groups of similar length.

    Args:
        lengths: A length for each item.
        size: Items a group.
    """
    order = sorted(range(len(lengths)), key=lambda i: lengths[i])
    for first in range(0, len(order), size):
        yield order[first : first + size]


def search_all(
    model: SequenceModel, sources: list[list[int]], limits: Sequence[int], *, beam: int
) -> Outputs:
    """Searches every source with one width, and ranks what has finished by each penalty.

    Args:
        model: The model.
        sources: Token ids, without end tokens.
        limits: The most tokens of each output.
        beam: The width; 1 is greedy search.
    """
    found: dict[int, dict[str, Hypothesis]] = {}
    for rows in chunks([len(source) for source in sources], max(1, ROWS // beam)):
        src, mask = source_batch([sources[i] for i in rows])
        traces = trace_beam_search(
            model, src, mask, max_length=[limits[i] for i in rows], beam=beam
        )
        for i, trace in zip(rows, traces, strict=True):
            found[i] = {name: trace.best(penalty) for name, penalty in PENALTIES.items()}
    return {name: [found[i][name] for i in range(len(sources))] for name in PENALTIES}


class Modes(NamedTuple):
    """The most probable outputs of some sentences, found by exact search.

    Attributes:
        free: without any constraint.
        long: among outputs no shorter than `outputs`.
        outputs: what the widest beam wrote, ranked by log p / L.
    """

    free: list[Exact]
    long: list[Exact]
    outputs: list[Hypothesis]

    @property
    def proved(self) -> list[int]:
        """The sentences whose unconstrained mode is certain."""
        return [i for i, each in enumerate(self.free) if each.proved]


def modes(
    model: SequenceModel,
    sources: list[list[int]],
    limits: Sequence[int],
    outputs: Outputs,
    *,
    max_steps: int,
) -> Modes:
    """Finds each sentence's most probable output, with and without a constraint on its length.

    Args:
        model: The model.
        sources: Token ids, without end tokens.
        limits: The most tokens of each output.
        outputs: What beam search found: where exact search begins.
        max_steps: When to give up on a sentence.
    """
    free, long = [], []
    for source, limit, likely, good in zip(
        sources, limits, outputs[SUM], outputs[MEAN], strict=True
    ):
        src, mask = source_batch([source])
        free += exact_search(
            model, src, mask, max_length=limit, known=[likely], max_steps=max_steps
        )
        long += exact_search(
            model,
            src,
            mask,
            max_length=limit,
            min_length=good.length,
            known=[good],
            max_steps=max_steps,
        )
    return Modes(free, long, outputs[MEAN])


def missed(exact: Exact, found: Hypothesis) -> bool:
    """Whether a search has missed something more probable than what it returned.

    Args:
        exact: The result of exact search.
        found: What the search returned.
    """
    return exact.best is not None and exact.best.log_prob > found.log_prob + NOISE
