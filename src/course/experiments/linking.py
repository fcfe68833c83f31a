"""Word links from attention and how wrong they are: what the records of C8 share (chapter 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from course.data.batching import collate
from course.decoding import force_decode
from course.metrics import Link, crossing_links
from course.metrics.alignment import word_links
from course.models.interface import SequenceModel
from course.runtime import generator

SHIFTS = (-1, 0, 1)


class Gold(NamedTuple):
    """What the links of a sentence should be.

    Attributes:
        src: Number of source words.
        tgt: Number of target words.
        sure: Links that must be there.
        possible: Links that may be there; the sure ones among them.
    """

    src: int
    tgt: int
    sure: frozenset[Link]
    possible: frozenset[Link]


class Tokens(NamedTuple):
    """A sentence pair as a model reads it: token ids, and the word of each token."""

    src: list[int]
    tgt: list[int]
    src_words: list[int]
    tgt_words: list[int]


Links = list[set[Link]]


def diagonal(gold: Gold) -> set[Link]:
    """Links each target word to the source word at the same share of the sentence.

    Args:
        gold: Its lengths are all that is used.
    """
    return {((2 * j + 1) * gold.src // (2 * gold.tgt), j) for j in range(gold.tgt)}


def attention_links(
    model: SequenceModel, pairs: Sequence[Tokens], *, batch_size: int = 32
) -> dict[int, Links]:
    """Returns, for each shift, the links of force-decoded references, in the order of the pairs.

    Args:
        model: With attention of one layer and one head.
        pairs: The references.
        batch_size: How many pairs to decode at once.
    """
    order = sorted(range(len(pairs)), key=lambda i: (len(pairs[i].tgt), len(pairs[i].src)))
    found: dict[int, Links] = {shift: [set() for _ in pairs] for shift in SHIFTS}
    for first in range(0, len(order), batch_size):
        rows = order[first : first + batch_size]
        batch = collate([pairs[i].src for i in rows], [pairs[i].tgt for i in rows])
        forced = force_decode(model, batch.src, batch.src_mask, batch.tgt_in, return_weights=True)
        if forced.weights is None:
            raise ValueError("a model without attention has no links")
        for row, i in enumerate(rows):
            pair = pairs[i]
            weights = forced.weights[row, : len(pair.tgt) + 1, 0, 0, : len(pair.src) + 1]
            for shift in SHIFTS:
                found[shift][i] = word_links(weights, pair.src_words, pair.tgt_words, shift=shift)
    return found


def counts(gold: Gold, predicted: Iterable[Link], *, crossing: bool = False) -> tuple[int, int]:
    """Returns of how many links (predicted and sure, both counted) how many are right.

    One minus the quotient of their sums over a corpus is the alignment error rate
    (`course.metrics.aer`).

    Args:
        gold: What should be.
        predicted: What was found.
        crossing: Look only at target words that a sure link crossing another sure link leads to:
            those whose order changes.
    """
    sure, possible, found = gold.sure, gold.possible | gold.sure, set(predicted)
    if crossing:
        words = {tgt for _, tgt in crossing_links(sure)}
        sure, possible, found = ({k for k in s if k[1] in words} for s in (sure, possible, found))
    return len(found & sure) + len(found & possible), len(found) + len(sure)


def table(golds: Sequence[Gold], links: Links, *, crossing: bool = False) -> np.ndarray:
    """Returns `counts` of every sentence, (sentences, 2).

    Args:
        golds: What should be.
        links: What was found.
        crossing: As in `counts`.
    """
    pairs = zip(golds, links, strict=True)
    return np.array([counts(g, found, crossing=crossing) for g, found in pairs], dtype=float)


def error_rate(sums: np.ndarray) -> np.ndarray:
    """Returns the alignment error rate of summed counts, (..., 2) to (...).

    Args:
        sums: Right links and all links.
    """
    return 1 - sums[..., 0] / sums[..., 1]


def resampled(tables: dict[str, np.ndarray], samples: int, seed: int) -> dict[str, np.ndarray]:
    """Returns the error rate of each system: of the corpus, then of each bootstrap sample of it.

    All systems are scored on the same samples of sentences, so that their differences are paired.

    Args:
        tables: The counts of each system.
        samples: How many.
        seed: Of the samples.
    """
    n = len(next(iter(tables.values())))
    random = np.random.default_rng(generator(seed, "c08", "bootstrap").initial_seed() % 2**32)
    drawn = np.vstack([np.ones(n), random.multinomial(n, np.full(n, 1 / n), size=samples)])
    return {name: error_rate(drawn @ found) for name, found in tables.items()}
