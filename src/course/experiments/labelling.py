"""English sentences of the grammar with labels, and as prompts that end with a label word (C17)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from course.data import grammar
from course.data.batching import Batch, collate
from course.data.tokenizer import Tokenizer
from course.experiments import instructions
from course.experiments.instructions import LABELS, Task, Template
from course.runtime import generator

WORDS = (3, 10)
DRAWN = 40_000
"""Sentences drawn from the grammar, of which the labelled ones are chosen."""
HELD = {"test": 1000, "valid": 600}
MOST = 3200
"""The most labelled sentences of a task."""
NEGATIONS = frozenset({"not", "never", "no"})


class Labelled(NamedTuple):
    """Token ids of sentences, the label of each, and whether it has a negation."""

    ids: list[list[int]]
    labels: list[int]
    negated: list[bool]


class Data(NamedTuple):
    """All sentences.

    Attributes:
        tokenizer: A vocabulary of whole words, those of templates and labels among them.
        tasks: For each task, `MOST` sentences to learn from, in random order.
        held: For "test" and "valid", sentences with the sentiment that no model learns from.
        unlabelled: Sentences of all kinds, none of them held.
    """

    tokenizer: Tokenizer
    tasks: dict[str, Labelled]
    held: dict[str, Labelled]
    unlabelled: list[list[int]]


@cache
def data() -> Data:
    """Returns the sentences, always the same; no English sentence is in two splits.

    Half of those with a sentiment are positive, half negative, and half of each has a negation, be
    it of what makes the sentiment or of something else.
    """
    found = {s.src: s for s in grammar.sample(DRAWN, generator=generator(0, "c17"), words=WORDS)}
    sentences = list(found.values())
    everything = [s.labels for s in sentences]
    negated = [not NEGATIONS.isdisjoint(w.lower() for w in s.src_words) for s in sentences]
    labels = {task: [instructions.label(task, one) for one in everything] for task in LABELS}
    tokenizer = Tokenizer.words([*found, *_wordings()])
    ids = tokenizer.encode_batch(list(found))

    def pick(task: Task, rows: Sequence[int]) -> Labelled:
        known = labels[task]
        return Labelled(
            [ids[i] for i in rows], [known[i] or 0 for i in rows], [negated[i] for i in rows]
        )

    cells = [
        [i for i, value in enumerate(labels["sentiment"]) if value == k and negated[i] == n]
        for k in range(2)
        for n in (False, True)
    ]
    chosen = _interleaved(cells, sum(HELD.values()) + MOST)
    held, start = {}, 0
    for name, size in HELD.items():
        held[name], start = pick("sentiment", chosen[start : start + size]), start + size
    kept_apart = set(chosen[:start])
    others = [i for i in range(len(sentences)) if i not in kept_apart]
    tasks: dict[str, Labelled] = {"sentiment": pick("sentiment", chosen[start:])}
    for task in ("tense", "kind", "person"):
        groups = [[i for i in others if labels[task][i] == k] for k in range(len(LABELS[task]))]
        tasks[task] = pick(task, _interleaved(groups, MOST))
    return Data(tokenizer, tasks, held, [ids[i] for i in others])


def _wordings() -> list[str]:
    """All texts that templates and labels are made of."""
    templates = [t for task in LABELS for t in instructions.learnt(task)]
    templates += [t for level in instructions.LEVELS for t in instructions.tested(level)]
    return [" ".join((t.before, t.after, *t.reading.words)) for t in templates]


def _interleaved(groups: Sequence[Sequence[int]], size: int) -> list[int]:
    """Takes equally many of each group, in turn."""
    count = -(-size // len(groups))
    if min(map(len, groups)) < count:
        raise ValueError(f"There are too few sentences of a kind: {[len(g) for g in groups]}.")
    return [group[i] for i in range(count) for group in groups][:size]


class Prompts(NamedTuple):
    """A batch in which each row ends with its label word; `answers`: where that stands."""

    batch: Batch
    answers: Int[Tensor, " B"]


def prompts(
    ids: Sequence[list[int]], labels: Sequence[int], templates: Sequence[Template]
) -> Prompts:
    """Puts sentences into templates, with their label words.

    Args:
        ids: Of the sentences.
        labels: Of the sentences, for the task of the template.
        templates: One for each.
    """
    rows = []
    for sentence, label, template in zip(ids, labels, templates, strict=True):
        before, after, words = _cut(template)
        rows.append([*before, *sentence, *after, words[label]])
    return Prompts(collate([[] for _ in rows], rows), torch.tensor([len(row) - 1 for row in rows]))


@cache
def _cut(template: Template) -> tuple[list[int], list[int], list[int]]:
    encode = data().tokenizer.encode
    words = [encode(word)[0] for word in template.reading.words]
    return encode(template.before), encode(template.after), words


def label_words(template: Template) -> list[int]:
    """Returns the ids of a template's label words.

    Args:
        template: Which.
    """
    return _cut(template)[2]
