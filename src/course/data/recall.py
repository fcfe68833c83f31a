"""Associative recall with many queries: what must a model remember, and for how long? (chapter 10).

A sequence begins with pairs of a key and its value, side by side. Then each key comes once more,
somewhere among fillers, and there its value has to be said:

    k₃ v₇ k₁ v₂ · · k₁ · · k₃ ·      at the second k₁ the answer is v₂, at the second k₃ it is v₇

Nothing can be guessed and nothing learnt by heart, since the pairs are drawn anew. Arora et al.
(2023), "Zoology: Measuring and improving recall in efficient language models", section 3.2. Fillers
here have symbols of their own: with our small vocabulary a key among them would soon be a stored
one, followed by the wrong thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from course.errors import CourseError

NOT_ASKED = -100
"""The target where there is none: `cross_entropy` skips it."""


class Recall(NamedTuple):
    """Sequences, and what has to be said where.

    Attributes:
        tokens: what is read; keys are numbered from 0, then come values, then fillers.
        targets: the value at a query, `NOT_ASKED` elsewhere.
    """

    tokens: Int[Tensor, "B T"]
    targets: Int[Tensor, "B T"]


@dataclass(frozen=True, kw_only=True)
class RecallTask:
    """The vocabulary, and where queries stand.

    Attributes:
        symbols: how many keys there are, and how many values.
        fillers: how many different fillers.
        power: a of the gaps' distribution, P(g) ∝ g^(a - 1), g = 1, 2, …: 1 spreads the queries
            evenly, near 0 most come soon. Arora et al. (2023) have 0.01.
    """

    symbols: int = 256
    fillers: int = 32
    power: float = 0.01

    @property
    def vocab_size(self) -> int:
        """Keys, values and fillers."""
        return 2 * self.symbols + self.fillers

    def draw(self, rows: int, *, length: int, pairs: int, generator: torch.Generator) -> Recall:
        """New sequences: no key twice among the pairs of one, nor a value.

        A query stands at an even place behind the pairs, so a filler follows it.

        Args:
            rows: B.
            length: T, at least four times as many as pairs.
            pairs: how many pairs, and so queries.
            generator: source of randomness, on the CPU.

        Raises:
            CourseError: if so many pairs don't fit.
        """
        if not 1 <= pairs <= min(length // 4, self.symbols):
            raise CourseError(
                f"{length} tokens hold 1 to {min(length // 4, self.symbols)} pairs of "
                f"{self.symbols} keys with their queries, not {pairs}."
            )
        keys, values = (self._different(rows, pairs, generator) for _ in range(2))
        values = values + self.symbols
        first = 2 * self.symbols
        tokens = torch.randint(first, self.vocab_size, (rows, length), generator=generator)
        tokens[:, 0 : 2 * pairs : 2], tokens[:, 1 : 2 * pairs : 2] = keys, values
        gaps = torch.arange(1, (length - 2 * pairs) // 2 + 1, dtype=torch.float64)
        chances = (gaps ** (self.power - 1)).expand(rows, -1)
        places = torch.multinomial(chances, pairs, generator=generator)  # no place twice
        asked = 2 * (pairs + places)
        targets = torch.full_like(tokens, NOT_ASKED)
        return Recall(tokens.scatter(1, asked, keys), targets.scatter(1, asked, values))

    def _different(self, rows: int, count: int, generator: torch.Generator) -> Tensor:
        """So many different symbols in each row, in any order."""
        return torch.rand(rows, self.symbols, generator=generator).argsort(1)[:, :count]
