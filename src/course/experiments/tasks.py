"""What the models of an experiment learn, and what they are tested on (chapter 2)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple, Protocol, runtime_checkable

import torch

from course.data.batching import Batch, collate
from course.data.grammar.sample import Sentence
from course.data.pairs import Pair
from course.data.tokenizer import Tokenizer
from course.errors import CourseError
from course.experiments import symbols
from course.runtime import generator

SHORTEST, LONGEST = 2, 16
"""In symbols, or in words: the lengths trained on."""


class Test(NamedTuple):
    """Test items of one length: token ids of both sides, and text where the task has any."""

    src: list[list[int]]
    tgt: list[list[int]]
    references: list[str] | None = None


@runtime_checkable
class Task(Protocol):
    """Endless training data, validation data and tests of any length; all arms share a seed's."""

    vocab_size: int

    def stream(self, seed: int, rows: int) -> Iterator[Batch]:
        """Yields training batches without end."""
        ...

    def valid(self, rows: int) -> list[Batch]:
        """Returns validation batches of several lengths."""
        ...

    def test(self, length: int, rows: int) -> Test:
        """Returns test items of one source length, the same for every seed."""
        ...

    def text(self, tokens: list[int]) -> str:
        """Returns what a text metric should read."""
        ...


class Symbols:
    """Copying or reversing random symbols; see `course.experiments.symbols`."""

    vocab_size = symbols.VOCABULARY

    def __init__(self, task: symbols.Task):
        self.task: symbols.Task = task

    def stream(self, seed: int, rows: int) -> Iterator[Batch]:
        """Yields batches of one length each, drawn evenly from the trained lengths."""
        source = generator(seed, "symbols", "train", self.task)
        return symbols.stream(self.task, rows, (SHORTEST, LONGEST), source)

    def valid(self, rows: int) -> list[Batch]:
        """Returns a batch of every fourth length."""
        source = generator(0, "symbols", "valid", self.task)
        return [
            symbols.batch(self.task, rows, length, source)
            for length in range(SHORTEST + 2, LONGEST + 1, 4)
        ]

    def test(self, length: int, rows: int) -> Test:
        """Returns sequences of one length."""
        source = generator(0, "symbols", "test", self.task, length)
        return Test(*symbols.lists(symbols.batch(self.task, rows, length, source)))

    def text(self, tokens: list[int]) -> str:
        """Returns the symbols as numbers."""
        return " ".join(map(str, tokens))


class Sentences:
    """Translating one or more sentences of our grammar, such as "Our hotel was green".

    All have four English words and their mark, which French puts in the same order. So a longer
    source is more of the same: its structure, its words and how hard they are do not change with
    its length. Training, validation and test sentences are different.
    """

    words = 4
    pools = {"train": 4000, "valid": 300, "test": 1000}

    def __init__(self, *, backwards: bool = False):
        self.backwards = backwards
        self.pairs, self.tokenizer = _sentences()
        self.vocab_size = len(self.tokenizer)
        self.encoded = {
            split: [(self.tokenizer.encode(p.src), self.tokenizer.encode(p.tgt)) for p in pairs]
            for split, pairs in self.pairs.items()
        }

    def _rows(
        self, split: str, rows: int, parts: int, source: torch.Generator
    ) -> tuple[Test, list[list[int]]]:
        """Draws rows of so many sentences; returns them and which sentences they are."""
        pool = self.encoded[split]
        chosen = torch.randint(len(pool), (rows, parts), generator=source).tolist()
        src = [[token for i in row for token in pool[i][0]] for row in chosen]
        tgt = [[token for i in row for token in pool[i][1]] for row in chosen]
        return Test([row[::-1] for row in src] if self.backwards else src, tgt), chosen

    def stream(self, seed: int, rows: int) -> Iterator[Batch]:
        """Yields batches of one to four sentences, as many in each row of a batch."""
        source = generator(seed, "sentences", "train")
        while True:
            parts = int(torch.randint(1, LONGEST // self.words + 1, (1,), generator=source))
            drawn, _ = self._rows("train", rows, parts, source)
            yield collate(drawn.src, drawn.tgt)

    def valid(self, rows: int) -> list[Batch]:
        """Returns a batch of each trained length."""
        source = generator(0, "sentences", "valid")
        drawn = [
            self._rows("valid", rows, parts, source)[0]
            for parts in range(1, LONGEST // self.words + 1)
        ]
        return [collate(test.src, test.tgt) for test in drawn]

    def test(self, length: int, rows: int) -> Test:
        """Returns sources of so many words, a multiple of four."""
        source = generator(0, "sentences", "test", length)
        drawn, chosen = self._rows("test", rows, length // self.words, source)
        pool = self.pairs["test"]
        return drawn._replace(references=[" ".join(pool[i].tgt for i in row) for row in chosen])

    def text(self, tokens: list[int]) -> str:
        """Returns the French text."""
        return self.tokenizer.decode(tokens)


@cache
def _sentences() -> tuple[dict[str, list[Pair]], Tokenizer]:
    """Returns different sentences for each split, and a vocabulary of their words."""
    from course.data import grammar  # its word lists take a while to build

    wanted = sum(Sentences.pools.values())
    found: dict[str, str] = {}
    turn = 0
    while len(found) < wanted:
        source = generator(0, "sentences", turn)
        drawn = grammar.sample(20_000, generator=source, words=(Sentences.words, Sentences.words))
        found |= {sentence.src: sentence.tgt for sentence in drawn if _is_plain(sentence)}
        turn += 1
    pairs = [Pair(src, tgt) for src, tgt in found.items()]
    pools: dict[str, list[Pair]] = {}
    for split, size in Sentences.pools.items():
        pools[split], pairs = pairs[:size], pairs[size:]
    texts = (text for pool in pools.values() for pair in pool for text in pair)
    return pools, Tokenizer.words(texts)


def _is_plain(sentence: Sentence) -> bool:
    """Says whether a sentence is one noun, a form of "to be" and one adjective, word for word."""
    one_to_one = [(i, i) for i in range(Sentences.words + 1)]
    verb = sentence.src_words[2]
    return verb in ("is", "are", "was", "were") and list(sentence.alignment) == one_to_one


@cache
def task(name: str) -> Task:
    """Returns a task by name.

    Args:
        name: "copy" or "reverse" symbols; "grammar", translating sentences of our grammar, or
            "grammar-reversed", where the source is fed back to front.
    """
    if name == "copy" or name == "reverse":
        return Symbols(name)
    if name == "grammar" or name == "grammar-reversed":
        return Sentences(backwards=name == "grammar-reversed")
    raise CourseError(f"There is no task {name!r}; see course.experiments.tasks.task.")
