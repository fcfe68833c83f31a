"""A lookup by one layer of attention, to be learnt with queries and keys of any width (chapter 7).

The memory is that of `course.experiments.lookup`.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from einops import einsum
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from course.experiments.lookup import ANSWERS, NAMES, SLOTS, Asked, draw
from course.experiments.scaling import Scores, Way
from course.runtime import generator

VALID, EVERY = 500, 20
"""How many validation queries there are, and after how many updates each time they are asked."""


class LookupLayer(nn.Module):
    """One layer of attention, one head: a query token reads slots that hold a name and an answer.

    Queries and keys begin with unit variance whatever their width (`small` apart), as they do in
    the package's own layers, where the heads share the width of the model.

    Args:
        way: How dot products become scores.
        width: K, of queries and keys.
        d_model: D, of everything else.
    """

    def __init__(self, way: Way, width: int, d_model: int):
        super().__init__()
        self.names, self.asked = nn.Embedding(NAMES, d_model), nn.Embedding(NAMES, d_model)
        self.answers = nn.Embedding(ANSWERS, d_model)
        self.norm = nn.LayerNorm(d_model)
        self.query = nn.Linear(d_model, width, bias=False)
        self.key = nn.Linear(d_model, width, bias=False)
        self.value = nn.Linear(d_model, d_model)
        self.readout = nn.Linear(d_model, ANSWERS)
        self.attend = Scores(way, SLOTS)
        for part in (self.query, self.key):
            nn.init.normal_(part.weight, std=d_model**-0.5)
            if way == "small":
                part.weight.data *= width**-0.25

    def scores(self, asked: Asked) -> Float[Tensor, "B S"]:
        """How well each slot answers."""
        return self._read(asked)[0]

    def forward(self, asked: Asked) -> Float[Tensor, "B A"]:
        """Logits of the answers."""
        scores, slots = self._read(asked)
        read = einsum(scores.softmax(1), self.value(slots), "b s, b s d -> b d")
        return self.readout(read)

    def loss(self, asked: Asked) -> Tensor:
        """The mean cross-entropy in nats an answer."""
        return cross_entropy(self(asked), asked.right)

    def _read(self, asked: Asked) -> tuple[Tensor, Tensor]:
        """The scores, and what stands in the slots.

        q·(W s) is computed as (Wᵀ q)·s, and |W s| from WᵀW: the same numbers, without a wide key
        for every slot.
        """
        slots = self.norm(self.names(asked.names) + self.answers(asked.answers))  # (B, S, D)
        query = self.query(self.norm(self.asked(asked.query)))  # (B, K)
        to_key = self.key.weight  # (K, D)
        dots = einsum(query @ to_key, slots, "b d, b s d -> b s")
        key_lengths = (slots @ (to_key.mT @ to_key) * slots).sum(-1).sqrt()
        lengths = query.norm(dim=1, keepdim=True) * key_lengths
        return self.attend(dots, lengths, query.shape[1]), slots


class Lesson:
    """A lookup being learnt, and what is noted on the way.

    Args:
        way: How dot products become scores.
        width: Of queries and keys.
        seed: Of weights and data.
        d_model: Width of everything else.
        batch: Queries an update.
    """

    def __init__(self, way: Way, width: int, seed: int, *, d_model: int, batch: int):
        torch.manual_seed(seed)
        self.layer, self.batch = LookupLayer(way, width, d_model), batch
        self.valid = draw(VALID, generator(0, "c12", "valid"))
        self.train = generator(seed, "c12", "train")
        self.losses: dict[int, float] = {}

    def batches(self) -> Iterator[tuple[Tensor, int]]:
        """Yields losses to learn from; before every so many updates it notes the validation's."""
        update = 0
        while True:
            if update % EVERY == 0:
                self.losses[update] = self.valid_loss()
            yield self.layer.loss(draw(self.batch, self.train)), self.batch
            update += 1

    @torch.no_grad()
    def valid_loss(self) -> float:
        """The validation loss in nats an answer."""
        return float(self.layer.loss(self.valid))

    def first_below(self, threshold: float) -> int | None:
        """The first update noted at which the validation loss was below a threshold."""
        return next((u for u, loss in self.losses.items() if loss < threshold), None)


@torch.no_grad()
def accuracy(layer: LookupLayer, asked: Asked) -> float:
    """Returns the share of queries answered right.

    Args:
        layer: A layer.
        asked: Queries.
    """
    return float((layer(asked).argmax(1) == asked.right).float().mean())
