"""Naming each English word's French word: data and model of C13 (chapter 7).

"The blue cars" is to become "les bleues voitures": the words stay in English order, but each has
the form that it has in the French translation. Which form that is depends on other words (on the
gender of "car", for instance), so a model has to look at them. It is an encoder with a label for
each word. An encoder–decoder would learn the same from translations, but its decoder could do the
looking; here self-attention is the only way from one word to another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor
from torch.nn.functional import cross_entropy

from course.data.grammar.sample import Sentence
from course.experiments.fitting import Spent, fit
from course.models.families import TextEncoderConfig, TokenClassifier
from course.runtime import generator

POOLS = {"test": 2000, "choose": 1000, "train": 12_000}
WORDS = (4, 12)
SIZES = {"d_model": 64, "d_ff": 128, "num_layers": 2, "positions": "learned", "max_length": 20}
BATCH = 64
NO_LABEL = -100


class Sentences(NamedTuple):
    """Sentences as rectangles, one token a word, filled up on the right.

    Attributes:
        tokens: English words.
        mask: True at words.
        labels: the French word of each; `NO_LABEL` beyond the end.
        sentences: what they were made from.
    """

    tokens: Int[Tensor, "N S"]
    mask: Bool[Tensor, "N S"]
    labels: Int[Tensor, "N S"]
    sentences: tuple[Sentence, ...]

    def pick(self, rows: Int[Tensor, " B"]) -> tuple[Tensor, Tensor, Tensor]:
        """Returns tokens, mask and labels of some rows, without columns that none of them fills.

        Args:
            rows: Which.
        """
        mask = self.mask[rows]
        width = int(mask.sum(1).max())
        return self.tokens[rows, :width], mask[:, :width], self.labels[rows, :width]


class Task(NamedTuple):
    """The sentences of each split, and how many words and labels there are."""

    splits: dict[str, Sentences]
    words: int
    labels: int


def labels(sentence: Sentence) -> list[str] | None:
    """Returns for each English word the first French word that it is linked with.

    Args:
        sentence: Of the grammar.

    Returns:
        The words in lower case, or None if a word has no link.
    """
    first: dict[int, int] = {}
    for i, j in sentence.alignment:
        first[i] = min(j, first.get(i, j))
    if len(first) < len(sentence.src_words):
        return None
    return [sentence.tgt_words[first[i]].lower() for i in range(len(sentence.src_words))]


@cache
def task() -> Task:
    """Returns the task, always the same; no English sentence is in two splits."""
    from course.data import grammar  # its word lists take a while to build

    seen: set[str] = set()
    found: list[Sentence] = []
    turn = 0
    while len(found) < sum(POOLS.values()):
        for sentence in grammar.sample(8000, generator=generator(0, "c13", turn), words=WORDS):
            if sentence.src not in seen and labels(sentence) is not None:
                seen.add(sentence.src)
                found.append(sentence)
        turn += 1
    words: dict[str, int] = {}
    french: dict[str, int] = {}
    splits: dict[str, Sentences] = {}
    for name, size in POOLS.items():
        splits[name] = _rectangle(found[:size], words, french)
        found = found[size:]
    return Task(splits, len(words) + 1, len(french))


def _rectangle(
    sentences: Sequence[Sentence], words: dict[str, int], french: dict[str, int]
) -> Sentences:
    """Numbers words (from 1; 0 fills up) and labels, new ones as they come."""
    shape = (len(sentences), max(len(sentence.src_words) for sentence in sentences))
    tokens = torch.zeros(shape, dtype=torch.long)
    named = torch.full(shape, NO_LABEL)
    for row, sentence in enumerate(sentences):
        found = labels(sentence) or []
        for column, (word, label) in enumerate(zip(sentence.src_words, found, strict=True)):
            tokens[row, column] = words.setdefault(word.lower(), len(words) + 1)
            named[row, column] = french.setdefault(label, len(french))
    return Sentences(tokens, tokens > 0, named, tuple(sentences))


def build(num_heads: int, seed: int) -> TokenClassifier:
    """Returns an untrained model.

    Args:
        num_heads: In each of its layers; the number of parameters does not depend on it.
        seed: Of its weights.
    """
    torch.manual_seed(seed)
    known = task()
    config = TextEncoderConfig(
        vocab_size=known.words, num_labels=known.labels, num_heads=num_heads, dropout=0.0, **SIZES
    )
    return TokenClassifier(config).eval()


def train(model: TokenClassifier, seed: int, rate: float, updates: int) -> Spent:
    """Trains a model on batches of sentences of similar length.

    Args:
        model: An untrained model.
        seed: Of the order of the sentences.
        rate: The learning rate.
        updates: How many batches.
    """
    return fit(model, _losses(model, seed), updates=updates, rate=rate)


def _losses(model: TokenClassifier, seed: int) -> Iterator[tuple[Tensor, int]]:
    data = task().splits["train"]
    order = data.mask.sum(1).argsort(stable=True)
    source = generator(seed, "c13", "train")
    while True:
        first = int(torch.randint(len(order) - BATCH, (1,), generator=source))
        tokens, mask, named = data.pick(order[first : first + BATCH])
        yield _loss(model(tokens, mask), named), int(mask.sum())


def _loss(logits: Tensor, named: Tensor) -> Tensor:
    return cross_entropy(logits.flatten(0, 1), named.flatten(), ignore_index=NO_LABEL)


class Scores(NamedTuple):
    """How well words are named: nats a word, share of words, share of sentences without error."""

    loss: float
    right: float
    exact: float


@torch.no_grad()
def score(model: TokenClassifier, split: str, rows: int | None = None) -> Scores:
    """Returns how well a model names the words of held-out sentences.

    Args:
        model: A model.
        split: "choose" or "test".
        rows: How many sentences; by default all.
    """
    data = task().splits[split]
    everything = torch.arange(len(data.tokens) if rows is None else rows)
    lost, right, exact, words = 0.0, 0, 0, 0
    for some in everything.split(500):
        tokens, mask, named = data.pick(some)
        logits = model(tokens, mask)
        wrong = (logits.argmax(-1) != named) & mask
        lost += float(_loss(logits, named) * mask.sum())
        right += int((mask & ~wrong).sum())
        exact += int((~wrong.any(1)).sum())
        words += int(mask.sum())
    return Scores(loss=lost / words, right=right / words, exact=exact / len(everything))
