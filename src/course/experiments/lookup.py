"""A memory to look things up in, and five ways of reading it (chapter 5, claim C7).

A memory holds 16 slots, each a name and one of 16 answers; a query asks for one slot by another
spelling of its name, which has to be learnt. Names and queries have length one, so that nothing
but the temperature makes the weights soft or hard.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize, one_hot

NAMES, ANSWERS, SLOTS, WIDTH = 32, 16, 16, 16


class Asked(NamedTuple):
    """Queries to a memory: names and answers (B, slots), the slot asked for (B,), its name (B,)."""

    names: Tensor
    answers: Tensor
    slot: Tensor
    query: Tensor

    @property
    def right(self) -> Tensor:
        """The answers wanted, (B,)."""
        return self.answers.gather(1, self.slot[:, None])[:, 0]


def draw(rows: int, source: torch.Generator) -> Asked:
    """Draws memories with different names, and a query for one slot of each.

    Args:
        rows: How many.
        source: Of randomness.
    """
    slots = SLOTS
    names = torch.rand(rows, NAMES, generator=source).argsort(1)[:, :slots]
    answers = torch.randint(ANSWERS, (rows, slots), generator=source)
    slot = torch.randint(slots, (rows,), generator=source)
    return Asked(names, answers, slot, names.gather(1, slot[:, None])[:, 0])


class Lookup(nn.Module):
    """A memory with learnt names, queries and answers, and one way of reading."""

    def __init__(self, arm: str):
        super().__init__()
        self.way, _, temperature = arm.partition("-")
        self.temperature = float(temperature or 1)
        self.queries = nn.Embedding(NAMES, WIDTH)
        self.names = nn.Embedding(NAMES, WIDTH)
        self.values = nn.Embedding(ANSWERS, WIDTH)
        self.readout = nn.Linear(WIDTH, ANSWERS)

    def cosines(self, asked: Asked) -> Tensor:
        """Cosines of the query and each name, (B, slots)."""
        query = normalize(self.queries(asked.query), dim=-1)
        return (normalize(self.names(asked.names), dim=-1) @ query[:, :, None])[..., 0]

    def weights(self, cosines: Tensor, *, hard: bool = False) -> Tensor:
        """How the slots are read, (B, slots); `hard` takes the best slot whatever the way."""
        best = one_hot(cosines.argmax(1), cosines.shape[1]).to(cosines)
        if hard or self.way == "argmax":
            return best
        soft = (cosines / self.temperature).softmax(1)
        if self.way == "through":
            return best + soft - soft.detach()
        if self.way == "sampled":
            drawn = torch.multinomial(soft.detach(), 1)[:, 0] if self.training else best.argmax(1)
            return one_hot(drawn, cosines.shape[1]).to(cosines)
        if self.way == "average":
            return torch.full_like(soft, 1 / soft.shape[1])
        return soft.detach() if self.way == "detached" else soft

    def answer(self, weights: Tensor, asked: Asked) -> Tensor:
        """Scores of the answers, (B, answers)."""
        return self.readout((weights[:, None] @ self.values(asked.answers))[:, 0])

    def loss(self, asked: Asked) -> Tensor:
        """What to minimise: the cross-entropy, and for `sampled` the score-function term."""
        cosines = self.cosines(asked)
        weights = self.weights(cosines)
        each = cross_entropy(self.answer(weights, asked), asked.right, reduction="none")
        if self.way != "sampled" or not self.training:
            return each.mean()
        log_probs = (cosines / self.temperature).log_softmax(1)
        chosen = (weights.detach() * log_probs).sum(1)
        cost = each.detach()
        return (each + (cost - cost.mean()) * chosen).mean()
