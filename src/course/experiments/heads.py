"""What each head of an encoder looks at, against the grammar's relations (chapter 7).

A head *finds* a relation for a word if, of all the other words of the sentence, it gives most
weight to the one that belongs to it. So does a fixed offset ("the next word"), which needs no
grammar: what a head finds beyond it is what counts. Clark et al. (2019), "What does BERT look at?",
and Htut et al. (2019), "Do attention heads in BERT track syntactic dependencies?", ask the same of
published models.

Axes: N sentences, S words of a sentence (the asking word before the one asked), H heads of all
layers, Q questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.data.grammar.relations import dependencies
from course.data.grammar.sample import Sentence
from course.inspection import capture_attention

QUESTIONS = {
    "determiner-noun": ("determiner", False),
    "adjective-noun": ("adjective", False),
    "owner-owned": ("owner", False),
    "predicate-subject": ("predicate", False),
    "subject-verb": ("subject", False),
    "verb-subject": ("subject", True),
    "object-verb": ("object", False),
    "verb-object": ("object", True),
    "auxiliary-verb": ("auxiliary", False),
    "preposition-noun": ("preposition", False),
    "pronoun-noun": ("pronoun", False),
}
"""Which word asks for which: the relation, and whether it is read from its end."""


def gold(sentences: Sequence[Sentence], width: int) -> Bool[Tensor, "Q N S S"]:
    """Returns which word answers which, for each question; a verb may have two subjects.

    Args:
        sentences: Of the grammar.
        width: S, at least the number of words of the longest.
    """
    found = torch.zeros((len(QUESTIONS), len(sentences), width, width), dtype=torch.bool)
    for row, sentence in enumerate(sentences):
        for relation, dependent, head in dependencies(sentence.tree):
            for question, (asked, back) in enumerate(QUESTIONS.values()):
                if asked == relation:
                    here, there = (head, dependent) if back else (dependent, head)
                    found[question, row, here, there] = True
    return found


@torch.no_grad()
def weights_of(
    model: nn.Module, tokens: Int[Tensor, "N S"], mask: Bool[Tensor, "N S"]
) -> Float[Tensor, "N H S S"]:
    """Returns the weights of all heads of an encoder, those of the first layer first.

    Args:
        model: An encoder whose only attention is its own.
        tokens: Sentences.
        mask: True at words.
    """
    with capture_attention(model) as captured:
        model(tokens, mask)
    return torch.cat([calls[0] for calls in captured.values()], 1)


def picks(weights: Float[Tensor, "N H S S"], mask: Bool[Tensor, "N S"]) -> Int[Tensor, "H N S"]:
    """Returns the word that each word looks at most, itself apart.

    Args:
        weights: See `weights_of`.
        mask: True at words.
    """
    itself = torch.eye(mask.shape[1], dtype=torch.bool)
    allowed = mask[:, None, None] & ~itself
    return weights.masked_fill(~allowed, -1).argmax(-1).transpose(0, 1)


def steps(offsets: Sequence[int], rows: int, width: int) -> Int[Tensor, "O N S"]:
    """Returns what "so many words further" points at, as `picks`; -1 outside the rectangle.

    Args:
        offsets: How many words further; negative ones point back.
        rows: N.
        width: S.
    """
    places = torch.arange(width)
    found = torch.stack([places + offset for offset in offsets])
    found = torch.where((found >= 0) & (found < width), found, -1)
    return found[:, None].expand(-1, rows, -1)


def judge(
    answers: Bool[Tensor, "Q N S S"], picked: Int[Tensor, "H N S"]
) -> list[Bool[Tensor, "H _"]]:
    """Says for each question, each head and each word that asks whether the head is right.

    Args:
        answers: See `gold`.
        picked: See `picks` and `steps`.

    Returns:
        For each question what each head (or offset) gets right, by asking word.
    """
    found = []
    for answer in answers:
        asking = answer.any(-1).nonzero(as_tuple=True)
        one = picked[:, *asking].T  # (asking, H)
        found.append((answer[asking].gather(1, one.clamp(min=0)) & (one >= 0)).T)
    return found


def shares(right: Sequence[Bool[Tensor, "H _"]]) -> Float[Tensor, "Q H"]:
    """Returns the share of right answers, by question and head.

    Args:
        right: See `judge`.
    """
    return torch.stack([by_head.double().mean(1) for by_head in right])


def distance(weights: Float[Tensor, "N H S S"], mask: Bool[Tensor, "N S"]) -> float:
    """Returns how far apart two heads' weights are, on average over words and pairs of heads.

    It is the Jensen–Shannon distance, the root of the divergence in bits: 0 for heads that look
    alike, 1 for heads that never look at the same word.

    Args:
        weights: Of the heads of one layer, at least two.
        mask: True at words.
    """
    spread = torch.stack(
        [
            _entropy((weights[:, a] + weights[:, b]) / 2)
            - (_entropy(weights[:, a]) + _entropy(weights[:, b])) / 2
            for a, b in combinations(range(weights.shape[1]), 2)
        ],
        1,
    )  # (N, pairs, S)
    return float(spread.clamp(min=0).sqrt().mean(1)[mask].mean())


def _entropy(weights: Float[Tensor, "N S S"]) -> Float[Tensor, "N S"]:
    """In bits, over the last axis."""
    return torch.special.entr(weights).sum(-1) / torch.log(torch.tensor(2.0))
