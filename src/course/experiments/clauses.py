"""Sentences of several clauses from our grammar, and how to judge what a model makes of them.

The experiment on beam search needs long outputs that differ in nothing but length from short ones,
and a judge of fluency that does not look at the reference: the grammar's parser. Chapter 4 uses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import fmean

import torch

from course.data.batching import Batch, collate
from course.data.tokenizer import Tokenizer
from course.decoding import Hypothesis
from course.metrics import chrf, edit_distance
from course.runtime import generator

TRAINED = (5, 46)
LONG, SHORT = (21, 46), (5, 11)
"""Source lengths in words: trained on; tested; searched exactly."""
POOL = 4000
MOST_WORDS = 60


@dataclass(frozen=True)
class Clauses:
    """Sentences to search: token ids of both sides, and the references as text.

    Attributes:
        src: Sources.
        tgt: References.
        texts: References as text.
        tokenizer: One vocabulary of words for both languages.
        rows: Where each sentence stood in the part that it was chosen from.
    """

    src: list[list[int]]
    tgt: list[list[int]]
    texts: list[str]
    tokenizer: Tokenizer
    rows: list[int]

    @property
    def limits(self) -> list[int]:
        """The most tokens of each output: half as many again as the reference, and five."""
        return [len(tokens) * 3 // 2 + 5 for tokens in self.tgt]

    def chosen(self, rows: Sequence[int]) -> Clauses:
        """Returns some of the sentences, in the given order.

        Args:
            rows: Their indices; one may occur several times.
        """
        parts = ([each[i] for i in rows] for each in (self.src, self.tgt, self.texts))
        return replace(self, **dict(zip(("src", "tgt", "texts"), parts)), rows=list(rows))  # noqa: B905


class ClausePool:
    """Different sentences for training, validation and test, and one vocabulary of words."""

    def __init__(self) -> None:
        """Draws the sentences; it takes some seconds."""
        held = {"valid": LONG, "test": LONG, "short": SHORT}
        drawn = {"train": _pairs(POOL, TRAINED, "train")}
        seen = set(drawn["train"])
        for name, words in held.items():
            drawn[name] = [pair for pair in _pairs(400, words, name) if pair not in seen]
            seen |= set(drawn[name])
        texts = (text for pairs in drawn.values() for pair in pairs for text in pair)
        self.tokenizer = Tokenizer.words(texts)
        self.parts = {name: self._encoded(pairs) for name, pairs in drawn.items()}

    def _encoded(self, pairs: list[tuple[str, str]]) -> Clauses:
        src, tgt = ([self.tokenizer.encode(text) for text in side] for side in zip(*pairs))  # noqa: B905
        texts = [text for _, text in pairs]
        return Clauses(src, tgt, texts, self.tokenizer, list(range(len(pairs))))

    def part(self, name: str, count: int) -> Clauses:
        """Returns the first sentences of a part.

        Args:
            name: "valid", "test" or "short".
            count: How many.
        """
        return self.parts[name].chosen(range(count))

    def stream(self, seed: int, rows: int) -> Iterator[Batch]:
        """Yields training batches of similar length without end, in an order of the seed.

        Args:
            seed: Of the order.
            rows: Sentences a batch.
        """
        train, source = self.parts["train"], generator(seed, "clauses")
        order = sorted(range(len(train.src)), key=lambda i: len(train.tgt[i]))
        while True:
            first = int(torch.randint(len(order) - rows, (1,), generator=source))
            chosen = train.chosen(order[first : first + rows])
            yield collate(chosen.src, chosen.tgt)


def _pairs(count: int, words: tuple[int, int], name: str) -> list[tuple[str, str]]:
    from course.data import grammar  # its word lists take a while to build

    source = generator(0, "clauses", name)
    drawn = grammar.sample(count, generator=source, words=words, structure="clauses")
    texts = {(each.src, each.tgt): None for each in drawn if len(each.tgt.split()) <= MOST_WORDS}
    return list(texts)


@cache
def clauses() -> ClausePool:
    """Returns the sentences, drawn once."""
    return ClausePool()


@cache
def fluent(text: str) -> bool:
    """Says whether the grammar's parser accepts a French text, whatever it says.

    Args:
        text: The text.
    """
    from course.data import grammar

    return grammar.accepts(text, "fr")


def quality(outputs: Sequence[Hypothesis] | Sequence[list[int]], part: Clauses) -> dict[str, float]:
    """Scores outputs, one for each sentence of a part.

    Args:
        outputs: Hypotheses, or their token ids.
        part: The sentences.

    Returns:
        `accepted`, `token_error_rate`, `chrf` (0 to 1), `exact`, `length` (ratio), and, for
        hypotheses, `log_prob` in nats a sentence.
    """
    tokens = [list(each.tokens) if isinstance(each, Hypothesis) else each for each in outputs]
    texts = [part.tokenizer.decode(each) for each in tokens]
    edits = [edit_distance(each, target) for each, target in zip(tokens, part.tgt, strict=True)]
    words = sum(map(len, part.tgt))
    found = {
        "accepted": fmean(fluent(text) for text in texts),
        "token_error_rate": sum(edits) / words,
        "chrf": chrf(texts, [(text,) for text in part.texts]).value / 100,
        "exact": fmean(count == 0 for count in edits),
        "length": sum(map(len, tokens)) / words,
    }
    likely = [each.log_prob for each in outputs if isinstance(each, Hypothesis)]
    return found | ({"log_prob": fmean(likely)} if likely else {})
