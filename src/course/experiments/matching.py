"""Words to be found by one feature, or by two in combination: the data of C9 (chapter 6).

A source is eight encodings of signs, turned by a fixed rotation so that no number alone says
anything. Two of the signs decide whether a query wants this word, four spell its answer, and the
rest is noise. Under `linear` a word is wanted if its first sign equals the query's; under `xor` if
the product of its first two does: neither sign alone says anything about it.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course.nn.attention import READERS
from course.nn.windows import Window
from course.runtime import generator

WORDS, WIDTH, ANSWER_BITS, HIDDEN, ENCODER = 8, 33, 4, 16, 64


class Asked(NamedTuple):
    """Encodings (B, words, width), queries (B, width), and the answers wanted (B,)."""

    encodings: Tensor
    queries: Tensor
    right: Tensor


def draw(task: str, rows: int, source: torch.Generator) -> Asked:
    """Draws sources and queries.

    Args:
        task: "linear" or "xor".
        rows: How many.
        source: Of randomness.
    """

    def signs(*shape: int) -> Tensor:
        return torch.randint(2, shape, generator=source) * 2.0 - 1

    queries, words = signs(rows, WIDTH), signs(rows, WORDS, WIDTH)
    wanted = torch.randint(WORDS, (rows,), generator=source)
    chosen = torch.arange(rows), wanted
    kind = -queries[:, :1].expand(-1, WORDS).clone()
    kind[chosen] *= -1
    words[:, :, 0] = kind * (words[:, :, 1] if task == "xor" else 1)
    bits = words[..., 2 : 2 + ANSWER_BITS][chosen] > 0
    right = (bits * 2 ** torch.arange(ANSWER_BITS)).sum(-1)
    return Asked(words @ rotation(), queries, right)


@cache
def rotation() -> Tensor:
    """Returns the rotation of the encodings, (width, width), always the same."""
    square = torch.randn(WIDTH, WIDTH, generator=generator(0, "matching", "rotation"))
    return torch.linalg.qr(square).Q


class Finder(nn.Module):
    """One attention with a score, between learnt queries and encodings that are frozen or not."""

    def __init__(self, score: str, *, learnt: bool):
        super().__init__()
        self.encoder = nn.Identity()
        if learnt:
            layers = nn.Linear(WIDTH, ENCODER), nn.Tanh(), nn.Linear(ENCODER, WIDTH)
            self.encoder = nn.Sequential(*layers)
        self.query = nn.Linear(WIDTH, WIDTH)
        self.reader = READERS[score](WIDTH, WIDTH, HIDDEN, Window(WIDTH, HIDDEN, 1))
        self.readout = nn.Linear(WIDTH, 2**ANSWER_BITS)

    def forward(self, asked: Asked) -> Tensor:
        """Scores of the answers, (B, answers)."""
        outputs = self.encoder(asked.encodings)
        everything = torch.ones(outputs.shape[:2], dtype=torch.bool)
        memory = (outputs, self.reader.keys(outputs), everything, outputs[:, 0])
        queries = self.query(asked.queries)[:, None]
        positions = torch.ones(len(queries), 1, dtype=torch.long)
        return self.readout(self.reader(queries, memory, positions)[0][:, 0])
