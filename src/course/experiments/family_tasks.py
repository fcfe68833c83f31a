"""Tasks of three kinds, all made by the grammar, for the families of C16 (chapter 9).

To classify:

- `sentiment`: is an English sentence positive, negative or neutral? As many of each; a negated
  adjective or verb counts the other way round, so counting words is not enough.
- `entities`: is each word the name of a person, of a place, or neither? Every name is written as an
  unknown word, and so is a tenth of the other words: what it is shows in the context alone.

To generate:

- `stories`: given a name, write two different sentences about that person.

To transduce:

- `translation`: an English sentence into French. (All of the grammar: sentences of fixed clauses
  were learnt almost perfectly.)
- `answers`: two clauses and a question, "who sells the key?" or "the girl sells what?"; the answer
  is two words. (The question is asked in the words of the clause, so that no verb changes form.)
- `summaries`: a report about one person and another into one sentence about the first
  (`course.data.grammar.summaries`); an experiment of its own, `c16_summaries`.

Every task is a list of sources and targets, as texts of whole words, with one vocabulary. Labels
are words of the target: one for `sentiment`, one for each word for `entities`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

import torch

from course.data.batching import Batch, collate
from course.data.grammar.sample import Sentence
from course.runtime import generator

KINDS = {
    "classify": ("sentiment", "entities"),
    "generate": ("stories",),
    "transduce": ("translation", "answers"),
}
TASKS = tuple(task for tasks in KINDS.values() for task in tasks)
TRAIN = {
    "sentiment": 1500,
    "entities": 1500,
    "stories": 3000,
    "translation": 6000,
    "answers": 4000,
    "summaries": 6000,
}
"""Training pairs: few enough for the families to differ (chosen with the development seed)."""
HELD_OUT = {"valid": 100, "test": 300}
LABELS = {
    "sentiment": ("neutral", "positive", "negative"),
    "entities": ("other", "person", "place"),
}
WORDS = (4, 9)
HIDDEN = 0.1
"""The share of other words that are unknown, in `entities`."""

Example = tuple[list[str], list[str]]
"""The words of a source and of its target."""


class Pairs(NamedTuple):
    """Ids of sources and targets, without end tokens."""

    src: list[list[int]]
    tgt: list[list[int]]

    def by_length(self) -> Iterator[list[int]]:
        """Yields the rows of the pairs whose sources have one length, for every length."""
        lengths: dict[int, list[int]] = {}
        for row, src in enumerate(self.src):
            lengths.setdefault(len(src), []).append(row)
        yield from (lengths[length] for length in sorted(lengths))


class Task(NamedTuple):
    """The pairs of each split, which share no pair; and what their ids stand for.

    Attributes:
        name: As in `TASKS`.
        splits: "train", "valid" and "test".
        words: By id; special tokens first.
        labels: The ids of the labels; none where text is written.
    """

    name: str
    splits: dict[str, Pairs]
    words: list[str]
    labels: list[int]

    @property
    def mask(self) -> int:
        """The id of the mask, which stands for a word to be guessed: after all words."""
        return len(self.words)


def _sentiment(source: torch.Generator) -> Iterator[Example]:
    from course.data import grammar  # its word lists take a while to build

    while True:
        drawn = grammar.sample(1000, generator=source, words=WORDS)
        found = {label: [] for label in LABELS["sentiment"]}
        for each in drawn:
            found[each.labels.sentiment].append(each)
        for group in zip(*found.values(), strict=False):  # as many of each
            for each in group:
                yield list(each.src_words), [each.labels.sentiment]


def _entities(source: torch.Generator) -> Iterator[Example]:
    from course.data import grammar

    waiting: list[Sentence] = []
    while True:
        for each in grammar.sample(1000, generator=source, words=WORDS):
            kinds = {entity.kind for entity in each.labels.entities}
            if kinds == {"person"}:
                waiting.append(each)
            elif kinds and waiting:  # as many sentences with a place as without
                yield hidden(each, source)
                yield hidden(waiting.pop(), source)


def hidden(sentence: Sentence, source: torch.Generator) -> Example:
    """Returns a sentence whose names, and some other words, are unknown, and each word's label.

    Args:
        sentence: Of the grammar.
        source: Of the choice of other words.
    """
    named = {entity.start: entity.kind for entity in sentence.labels.entities}
    chances = torch.rand(len(sentence.src_words), generator=source).tolist()
    words = [
        "<unk>" if i in named or chance < HIDDEN else word
        for i, (word, chance) in enumerate(zip(sentence.src_words, chances, strict=True))
    ]
    return words, [named.get(i, "other") for i in range(len(words))]


def _stories(source: torch.Generator) -> Iterator[Example]:
    from course.data import grammar, toy

    while True:
        for pair in toy.summaries(100, generator=source, sentences=2):
            told = grammar.words(pair.src, "en")
            yield list(told[:1]), list(told)


def _translation(source: torch.Generator) -> Iterator[Example]:
    from course.data import grammar

    while True:
        for each in grammar.sample(1000, generator=source, words=WORDS):
            yield list(each.src_words), list(each.tgt_words)


def _answers(source: torch.Generator) -> Iterator[Example]:
    from course.data import grammar

    while True:
        for each in grammar.sample(500, generator=source, words=(11, 11), structure="clauses"):
            first, second = each.src_words[:5], each.src_words[6:11]
            which, asked = torch.randint(2, (2,), generator=source).tolist()
            clause = (first, second)[which]
            question = ["who", *clause[2:]] if asked else [*clause[:3], "what"]
            yield [*each.src_words, *question, "?"], list(clause[:2] if asked else clause[3:])


def _summaries(source: torch.Generator) -> Iterator[Example]:
    from course.data import grammar
    from course.data.grammar.summaries import reports

    while True:
        for report in reports(100, facts=(2, 3), others=1, generator=source):
            yield list(grammar.words(report.text, "en")), list(grammar.words(report.summary, "en"))


SOURCES: dict[str, Callable[[torch.Generator], Iterator[Example]]] = {
    "sentiment": _sentiment,
    "entities": _entities,
    "stories": _stories,
    "translation": _translation,
    "answers": _answers,
    "summaries": _summaries,
}


@cache
def task(name: str) -> Task:
    """Returns a task, always the same; no two of its examples are equal.

    Args:
        name: One of `SOURCES`.
    """
    sizes = {**HELD_OUT, "train": TRAIN[name]}
    source = SOURCES[name](generator(0, "c16", name))
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], None] = {}
    while len(found) < sum(sizes.values()):
        src, tgt = next(source)
        found[tuple(src), tuple(tgt)] = None
    examples = list(found)
    special = ["<pad>", "<s>", "</s>", "<unk>"]
    known = sorted({word for pair in examples for side in pair for word in side} - {"<unk>"})
    ids = {word: index for index, word in enumerate([*special, *known])}
    splits = {}
    for split, size in sizes.items():
        part, examples = examples[:size], examples[size:]
        sides = zip(*part, strict=True)
        splits[split] = Pairs(*([[ids[word] for word in text] for text in side] for side in sides))
    return Task(name, splits, list(ids), [ids[label] for label in LABELS.get(name, ())])


def stream(name: str, seed: int, rows: int) -> Iterator[Batch]:
    """Yields training batches without end, each of pairs whose sources are equally long.

    Args:
        name: Of the task.
        seed: Of the order; all families see the same.
        rows: Pairs in a batch.
    """
    pairs, source = task(name).splits["train"], generator(seed, "c16", name, "train")
    groups = list(pairs.by_length())
    sizes = torch.tensor([float(len(group)) for group in groups])
    while True:
        group = groups[int(torch.multinomial(sizes, 1, generator=source))]
        picked = torch.randint(len(group), (rows,), generator=source).tolist()
        yield batch(pairs, [group[i] for i in picked])


def batch(pairs: Pairs, rows: Sequence[int]) -> Batch:
    """Returns some pairs as rectangles.

    Args:
        pairs: The pairs of a split.
        rows: Which.
    """
    return collate([pairs.src[row] for row in rows], [pairs.tgt[row] for row in rows])
