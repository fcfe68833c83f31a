"""Rows of C13: what the heads of a model that names French words look at, and are good for.

What is scored how is in `course.experiments.heads`, the models in `course.experiments.tagging`.
"""

from __future__ import annotations

from functools import cache
from statistics import fmean

from torch import Tensor

from course.experiments import heads, tagging
from course.experiments.heads import QUESTIONS
from course.inspection import silence_head
from course.models.families import TokenClassifier
from course.nn.transformer import MultiHeadAttention
from course.results.records import Row

FARTHEST = 10
OFFSETS = [offset for offset in range(-FARTHEST, FARTHEST + 1) if offset]
FEW = 300
"""Sentences for what needs no more: silencing heads, and the distance between them."""


@cache
def gold(split: str) -> Tensor:
    """Returns the answers of a split; see `heads.gold`.

    Args:
        split: "choose" or "test".
    """
    data = tagging.task().splits[split]
    return heads.gold(data.sentences, data.mask.shape[1])


def by_heads(model: TokenClassifier, split: str) -> list[Tensor]:
    """Returns what each head of a model finds.

    Args:
        model: A model.
        split: "choose" or "test".
    """
    data = tagging.task().splits[split]
    weights = heads.weights_of(model, data.tokens, data.mask)
    return heads.judge(gold(split), heads.picks(weights, data.mask))


@cache
def by_offsets(split: str) -> list[Tensor]:
    """Returns what each of `OFFSETS` finds.

    Args:
        split: "choose" or "test".
    """
    _, rows, width, _ = gold(split).shape
    return heads.judge(gold(split), heads.steps(OFFSETS, rows, width))


def relation_rows(
    arm: str, seed: int, untrained: TokenClassifier, model: TokenClassifier
) -> list[Row]:
    """Returns rows of what the chosen heads and offsets find, and of what every head finds.

    Args:
        arm: The arm.
        seed: The seed.
        untrained: The model before training.
        model: The model after it.
    """
    steps = heads.shares(by_offsets("choose")).argmax(1).tolist()
    by_step, rows = by_offsets("test"), []
    for name, hard, looked_at in (("floor", "hard_floor", untrained), ("head", "hard", model)):
        choice = heads.shares(by_heads(looked_at, "choose")).argmax(1).tolist()
        test = by_heads(looked_at, "test")
        for q, question in enumerate(QUESTIONS):
            right, stepped, n = test[q].double(), by_step[q][steps[q]], test[q].shape[1]
            chosen = right[choice[q]]
            found = {
                name: (chosen.mean(), n),
                hard: (chosen[~stepped].mean(), int((~stepped).sum())),
            }
            if looked_at is model:
                found |= {"chosen": (choice[q], n), "step": (OFFSETS[steps[q]], n)}
                found |= {"offset": (stepped.double().mean(), n)}
                rows += [
                    Row(arm, seed, head, question, value, n)
                    for head, value in enumerate(right.mean(1).tolist())
                ]
            rows += [Row(arm, seed, question, k, float(v), m) for k, (v, m) in found.items()]
    return rows


def silenced_rows(arm: str, seed: int, model: TokenClassifier) -> list[Row]:
    """Returns rows of what is lost when a head reads zeros, for each head.

    Args:
        arm: The arm.
        seed: The seed.
        model: A trained model.
    """
    whole = tagging.score(model, "choose", FEW).loss
    layers = [module for module in model.modules() if isinstance(module, MultiHeadAttention)]
    rows = []
    for layer in layers:
        for head in range(layer.num_heads):
            with silence_head(layer, head):
                lost = tagging.score(model, "choose", FEW).loss - whole
            rows.append(Row(arm, seed, len(rows), "silenced", lost, FEW))
    return rows


def distance(model: TokenClassifier) -> float:
    """Returns how differently the heads of a layer look, on average over layers; 0 for one head.

    Args:
        model: A model.
    """
    data = tagging.task().splits["choose"]
    tokens, mask = data.tokens[:FEW], data.mask[:FEW]
    by_layer = heads.weights_of(model, tokens, mask).chunk(tagging.SIZES["num_layers"], 1)
    if by_layer[0].shape[1] == 1:
        return 0.0
    return fmean(heads.distance(layer, mask) for layer in by_layer)
