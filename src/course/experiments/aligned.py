"""Translating our grammar with gold word links: data and model of C8 and C22 (chapter 5).

Sentences of 4 to 12 words from all of the grammar, one token a word, so that a link between words
is a link between tokens. Training, validation and test sentences share no text on either side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import torch

from course.data.batching import Batch, collate
from course.data.grammar.sample import Sentence
from course.data.tokenizer import Tokenizer
from course.experiments.fitting import Spent, fit_model, mean_loss
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.runtime import generator

POOLS = {"train": 12_000, "valid": 300, "test": 500}
WORDS = (4, 12)
SIZES = {"d_embed": 64, "d_model": 96, "d_attention": 64, "bidirectional": True, "dropout": 0.0}
BATCH = 64
RATES = (4e-3, 8e-3)


class Pools(NamedTuple):
    """Sentences by split, and the vocabulary of their words."""

    sentences: dict[str, list[Sentence]]
    tokenizer: Tokenizer


@cache
def pools() -> Pools:
    """Returns the sentences, always the same."""
    from course.data import grammar  # its word lists take a while to build

    seen: set[str] = set()
    found: list[Sentence] = []
    turn = 0
    while len(found) < sum(POOLS.values()):
        drawn = grammar.sample(8000, generator=generator(0, "aligned", turn), words=WORDS)
        for sentence in drawn:
            if (
                sentence.src not in seen
                and sentence.tgt not in seen
                and _one_token_a_word(sentence)
            ):
                seen |= {sentence.src, sentence.tgt}
                found.append(sentence)
        turn += 1
    split: dict[str, list[Sentence]] = {}
    for name, size in POOLS.items():
        split[name], found = found[:size], found[size:]
    texts = (text for part in split.values() for s in part for text in (s.src, s.tgt))
    return Pools(split, Tokenizer.words(texts))


def _one_token_a_word(sentence: Sentence) -> bool:
    """Says whether the word tokenizer cuts it as the grammar does: all but "Aujourd'hui"."""
    return not any("aujourd" in word.lower() for word in sentence.tgt_words)


def encoded(sentences: Sequence[Sentence]) -> tuple[list[list[int]], list[list[int]]]:
    """Returns the token ids of both sides.

    Args:
        sentences: Of the pools.
    """
    tokenizer = pools().tokenizer
    sides = [s.src for s in sentences], [s.tgt for s in sentences]
    src, tgt = ([tokenizer.encode(text) for text in side] for side in sides)
    return src, tgt


def stream(seed: int) -> Iterator[Batch]:
    """Yields training batches of similar length without end.

    Args:
        seed: Of the order.
    """
    src, tgt = encoded(pools().sentences["train"])
    order = sorted(range(len(src)), key=lambda i: len(tgt[i]))
    source = generator(seed, "aligned", "train")
    while True:
        first = int(torch.randint(len(order) - BATCH, (1,), generator=source))
        rows = order[first : first + BATCH]
        yield collate([src[i] for i in rows], [tgt[i] for i in rows])


def train(seed: int, rate: float, updates: int) -> tuple[Seq2Seq, Spent]:
    """Trains a bidirectional GRU with additive attention.

    Args:
        seed: Of weights and data.
        rate: The learning rate.
        updates: How many batches.
    """
    torch.manual_seed(seed)
    config = Seq2SeqConfig(vocab_size=len(pools().tokenizer), context="additive", **SIZES)
    model = Seq2Seq(config)
    return model, fit_model(model, stream(seed), updates=updates, rate=rate)


def valid_loss(model: Seq2Seq) -> float:
    """Returns the teacher-forced loss on validation sentences, in nats a token.

    Args:
        model: A trained model.
    """
    src, tgt = encoded(pools().sentences["valid"])
    return mean_loss(
        model, [collate(src[i : i + 100], tgt[i : i + 100]) for i in range(0, 300, 100)]
    )
