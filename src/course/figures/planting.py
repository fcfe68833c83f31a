"""What a model writes behind a mistake, and without one, on its own words and on the reference's.

The figure "teacher forcing" of chapter 3 is made of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from course.data.batching import collate, source_batch
from course.data.tokenizer import BOS, EOS
from course.decoding import greedy
from course.decoding.forcing import force_decode
from course.models.interface import SequenceModel
from course.runtime import generator

KINDS = ("second", "third", "random")
"""Mistakes to plant: the second and the third choice of the model at that place, another word."""
REPEATED = 3
"""An output without an end is cut; this many times the reference's length is enough to see it."""


class Written(NamedTuple):
    """An output: tokens (the end token last, unless it was cut off) and their probabilities."""

    tokens: list[int]
    probabilities: list[float]


@dataclass(frozen=True)
class Planted:
    """One mistake: where, which kind, and the whole output with the mistake in it."""

    place: int
    kind: str
    output: Written


@torch.no_grad()
def teacher_forced(
    model: SequenceModel, src: list[list[int]], tgt: list[list[int]]
) -> list[Written]:
    """Return what the model prefers at each place while it reads the reference.

    Args:
        model: the model.
        src: token ids of the sources.
        tgt: of the references.
    """
    batch = collate(src, tgt)
    log_probs = force_decode(model, batch.src, batch.src_mask, batch.tgt_in).log_probs
    best = choices(log_probs)
    found = []
    for i, row in enumerate(tgt):
        tokens = best[i, : len(row) + 1, 0].tolist()
        probabilities = log_probs[i, range(len(tokens)), tokens].exp().tolist()
        found.append(Written(tokens, probabilities))
    return found


def choices(log_probs: Float[Tensor, "*places V"]) -> Tensor:
    """Return the tokens by falling probability; those that can't be written come last."""
    ranked = log_probs.clone()
    ranked[..., :EOS] = float("-inf")
    ranked[..., EOS + 1] = float("-inf")  # an unknown word is no word
    return ranked.argsort(dim=-1, descending=True, stable=True)


@torch.no_grad()
def write(
    model: SequenceModel,
    src: list[list[int]],
    tgt: list[list[int]],
    begun: list[list[int]] | None = None,
) -> list[Written]:
    """Return the whole outputs, greedy, each behind what the model is made to write first.

    Args:
        model: the model.
        src: token ids of the sources.
        tgt: of the references, whose lengths limit the outputs.
        begun: what the model is made to write first; nothing by default.
    """
    begun = begun or [[] for _ in src]
    whole: list[list[int]] = [[] for _ in src]
    for size in sorted({len(each) for each in begun}):
        rows = [i for i, each in enumerate(begun) if len(each) == size]
        ids, mask = source_batch([src[i] for i in rows])
        prefix = torch.tensor([[BOS, *begun[i]] for i in rows])
        limits = [max(REPEATED * len(tgt[i]) - size, 1) for i in rows]
        written = greedy(model, ids, mask, max_length=limits, prefix=prefix)
        for i, hypothesis in zip(rows, written, strict=True):
            whole[i] = [*begun[i], *hypothesis.tokens, *([EOS] * hypothesis.finished)]
    batch = collate(src, whole)  # all once more, for the probability of each word
    log_probs = force_decode(model, batch.src, batch.src_mask, batch.tgt_in).log_probs
    return [
        Written(row, log_probs[i, range(len(row)), row].exp().tolist())
        for i, row in enumerate(whole)
    ]


def plant_everywhere(
    model: SequenceModel,
    src: list[int],
    tgt: list[int],
    free: Written,
    *,
    words: Sequence[int],
    seed: int,
) -> list[Planted]:
    """Return what follows each kind of mistake at each place of a free-running output.

    Args:
        model: the model.
        src: token ids of the source.
        tgt: of the reference.
        free: what the model writes by itself.
        words: where random words are drawn from.
        seed: of the random words.
    """
    own = [token for token in free.tokens if token != EOS]
    batch = collate([src], [own])
    with torch.no_grad():
        log_probs = force_decode(model, batch.src, batch.src_mask, batch.tgt_in).log_probs
    ranked = choices(log_probs)[0].tolist()
    source = generator(seed, "teacher forcing", *own)
    spots = []
    for place, token in enumerate(own):
        second, third = [each for each in ranked[place] if each not in (token, EOS)][:2]
        others = [word for word in words if word not in (token, second, third)]
        drawn = others[int(torch.randint(len(others), (1,), generator=source))]
        spots += [(place, *pair) for pair in zip(KINDS, (second, third, drawn), strict=True)]
    begun = [[*own[:place], wrong] for place, _, wrong in spots]
    outputs = write(model, [src] * len(spots), [tgt] * len(spots), begun)
    return [
        Planted(place, kind, output)
        for (place, kind, _), output in zip(spots, outputs, strict=True)
    ]
