"""Sequences of random symbols to copy or to reverse, made as fast as they are learnt from.

Every symbol is drawn independently, so n of them hold exactly n · log2(24) bits and nothing can be
guessed from the rest: what comes out of a model went through it. Chapter 2 uses them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor

from course.data.batching import Batch
from course.data.tokenizer import BOS, EOS

FIRST = EOS + 2
SYMBOLS = 24
VOCABULARY = FIRST + SYMBOLS

Task = Literal["copy", "reverse"]


def batch(task: Task, rows: int, length: int, generator: torch.Generator) -> Batch:
    """Makes a batch of sequences of one length, so that it has no padding.

    Args:
        task: Whether the target is the source or its reverse.
        rows: How many.
        length: How many symbols each.
        generator: Where the symbols come from.
    """
    symbols = torch.randint(FIRST, VOCABULARY, (rows, length), generator=generator)
    return of_symbols(task, symbols)


def of_symbols(task: Task, symbols: Tensor) -> Batch:
    """Makes a batch of given symbols.

    Args:
        task: Whether the target is the source or its reverse.
        symbols: Token ids (B, length).
    """
    target = symbols.flip(1) if task == "reverse" else symbols
    column = symbols.new_ones(len(symbols), 1)
    src = torch.cat([symbols, EOS * column], 1)
    tgt_in, tgt_out = torch.cat([BOS * column, target], 1), torch.cat([target, EOS * column], 1)
    real = torch.ones_like(src, dtype=torch.bool)
    return Batch(src, real, tgt_in, tgt_out, real)


def stream(
    task: Task, rows: int, lengths: tuple[int, int], generator: torch.Generator
) -> Iterator[Batch]:
    """Yields batches without end, each of one length drawn evenly from a range.

    Args:
        task: What to do with the symbols.
        rows: How many sequences a batch has.
        lengths: The shortest and the longest.
        generator: Where lengths and symbols come from.
    """
    shortest, longest = lengths
    while True:
        length = int(torch.randint(shortest, longest + 1, (1,), generator=generator))
        yield batch(task, rows, length, generator)


def lists(data: Batch) -> tuple[list[list[int]], list[list[int]]]:
    """Returns the symbols of a batch as lists, without end tokens: sources and targets.

    Args:
        data: A batch made here.
    """
    return data.src[:, :-1].tolist(), data.tgt_out[:, :-1].tolist()
