"""Sentences of one to three clauses: what the models of chapter 3 translate.

"The singer finds his cameras, the men sell the car and ..." in English and French. Every clause has
five English words and the same structure, so sentences of three clauses have one length and one
structure: an error that rises with the position is not due to longer or harder sentences. Single
sentences about a name and one object ("Daniel brings the skirt.") are learnt too, lists of several
are not: "Daniel brings the skirt, the key and the plates." has only known words, in an unknown
arrangement.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import torch

from course.data import grammar
from course.data.batching import Batch, collate
from course.data.grammar import Sentence
from course.data.tokenizer import Tokenizer
from course.runtime import generator

WORDS = {1: 5, 2: 11, 3: 16, 4: 21}
"""English words of so many clauses."""
LEARNT = (1, 2, 3)
LIST_WORDS = 15
"""English words of a list of six objects."""
LIST_SHARE = 0.25
"""The share of training sentences with a name and one object."""


class Test(NamedTuple):
    """Test items: ids of both sides."""

    src: list[list[int]]
    tgt: list[list[int]]


@cache
def tokenizer() -> Tokenizer:
    """Returns a vocabulary of whole words."""
    source = generator(0, "clauses", "words")
    drawn = grammar.sample(6000, generator=source, words=(5, 5), structure="clauses")
    lists = (LIST_WORDS, LIST_WORDS)
    drawn += grammar.sample(3000, generator=source, words=lists, structure="objects")
    drawn += grammar.sample(100, generator=source, words=(16, 16), structure="clauses")
    return Tokenizer.words(text for sentence in drawn for text in (sentence.src, sentence.tgt))


def encode(sentences: list[Sentence]) -> Test:
    """Returns the ids of both sides.

    Args:
        sentences: Sentences of our grammar.
    """
    return Test(
        tokenizer().encode_batch([s.src for s in sentences]),
        tokenizer().encode_batch([s.tgt for s in sentences]),
    )


def stream(seed: int, rows: int) -> Iterator[Batch]:
    """Yields training batches without end, each of one number of clauses.

    Args:
        seed: Arms with the same seed see the same batches.
        rows: Sentences in a batch.
    """
    source = generator(seed, "clauses", "train")
    short = round(rows * LIST_SHARE)
    while True:
        number = LEARNT[int(torch.randint(len(LEARNT), (1,), generator=source))]
        long = WORDS[number]
        drawn = grammar.sample(
            rows - short, generator=source, words=(long, long), structure="clauses"
        )
        drawn += grammar.sample(short, generator=source, words=(4, 4), structure="objects")
        yield collate(*encode(drawn))


def sentences(split: str, kind: int | str, rows: int) -> Test:
    """Returns sentences of one kind, the same for every seed.

    Args:
        split: "valid" or "test".
        kind: The number of clauses, or "lists" of six objects.
        rows: How many.
    """
    source = generator(0, "clauses", split, kind)
    if kind == "lists":
        structure, length = "objects", LIST_WORDS
    else:
        structure, length = "clauses", WORDS[int(kind)]
    drawn = grammar.sample(rows, generator=source, words=(length, length), structure=structure)
    return encode(drawn)
