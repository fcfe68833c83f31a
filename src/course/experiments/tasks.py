"""What the models of an experiment learn, and what they are tested on (chapter 2)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple, Protocol, runtime_checkable

from course.data.batching import Batch
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


@cache
def task(name: str) -> Task:
    """Returns a task by name.

    Args:
        name: "copy" or "reverse" symbols.
    """
    if name == "copy" or name == "reverse":
        return Symbols(name)
    raise CourseError(f"There is no task {name!r}. There are: copy, reverse.")
