"""Models that name a sentence's label: by a head, or by writing a word (C17, chapter 9).

Each learns from labelled sentences and, beside them, from others without labels: decoders guess the
next word, encoders masked words (Radford et al. 2018, "Improving language understanding by
generative pre-training", section 3.2, add a language model to a classifier in this way).

Axes: B sentences, C labels, V vocabulary.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from course.data.batching import collate
from course.data.tokenizer import BOS, PAD, UNK
from course.experiments.instructions import LABELS
from course.experiments.labelling import Prompts, data
from course.models.families import (
    LanguageModel,
    LanguageModelConfig,
    MaskedLanguageModel,
    SentenceClassifier,
    TextEncoderConfig,
)

MASKED = 0.15
DROPOUT = 0.1
SIZES: dict[str, dict[str, Any]] = {
    "small": {"d_model": 24, "d_ff": 48, "num_heads": 2, "num_layers": 2},
    "large": {"d_model": 64, "d_ff": 128, "num_heads": 4, "num_layers": 2},
}


class Writer(nn.Module):
    """A language model that writes label words."""

    def __init__(self, size: str):
        super().__init__()
        self.model = language_model(size)

    def unlabelled(self, rows: list[list[int]], source: torch.Generator) -> Tensor:
        """Returns the loss of the next word, in nats a word."""
        return next_word(self.model, rows)

    def answers(self, asked: Prompts) -> Tensor:
        """Returns the logits of the label word and of what follows it, (B, 2, V)."""
        model, rows = self.model, torch.arange(len(asked.answers))[:, None]
        places = asked.answers[:, None] + torch.arange(2)
        features = model.decoder(model.embedding(asked.batch.tgt_in) * model.embedding_scale)[0]
        return model.output(features[rows, places], model.embedding.weight)

    def loss(self, asked: Prompts) -> Tensor:
        """Returns the loss of label word and end token, in nats a sentence."""
        rows = torch.arange(len(asked.answers))[:, None]
        wanted = asked.batch.tgt_out[rows, asked.answers[:, None] + torch.arange(2)]
        return 2 * cross_entropy(self.answers(asked).flatten(0, 1), wanted.flatten())


class DecoderHead(nn.Module):
    """A language model with a classifier on the features of a sentence's last token."""

    def __init__(self, size: str):
        super().__init__()
        self.model = language_model(size)
        self.dropout = nn.Dropout(self.model.config.dropout)
        self.classifier = nn.Linear(self.model.config.d_model, len(LABELS["sentiment"]))

    def unlabelled(self, rows: list[list[int]], source: torch.Generator) -> Tensor:
        """Returns the loss of the next word, in nats a word."""
        return next_word(self.model, rows)

    def logits(self, ids: list[list[int]]) -> Tensor:
        """Returns the logits of the labels."""
        batch, model = collate([[] for _ in ids], ids), self.model
        features = model.decoder(model.embedding(batch.tgt_in) * model.embedding_scale)[0]
        last = torch.tensor([len(row) for row in ids])
        return self.classifier(self.dropout(features[torch.arange(len(ids)), last]))


class EncoderHead(nn.Module):
    """An encoder with a classifier on its first token, and another head that guesses words."""

    def __init__(self, size: str):
        super().__init__()
        config = TextEncoderConfig(
            vocab_size=len(data().tokenizer), positions="rotary", dropout=DROPOUT, **SIZES[size]
        )
        self.model, self.guesser = SentenceClassifier(config), MaskedLanguageModel(config)
        self.guesser.text = self.model.text

    def unlabelled(self, rows: list[list[int]], source: torch.Generator) -> Tensor:
        """Returns the loss of masked words, in nats a word; the mask is the unknown word."""
        batch = collate([[] for _ in rows], rows)
        hidden = torch.rand(batch.tgt_in.shape, generator=source) < MASKED
        hidden &= batch.tgt_mask & (batch.tgt_in != BOS)
        hidden[0, 1] = True  # so that there is one
        logits = self.guesser(batch.tgt_in.masked_fill(hidden, UNK), batch.tgt_mask)
        return cross_entropy(logits[hidden], batch.tgt_in[hidden])

    def logits(self, ids: list[list[int]]) -> Tensor:
        """Returns the logits of the labels."""
        batch = collate([[] for _ in ids], ids)
        return self.model(batch.tgt_in, batch.tgt_mask)


class Bag(nn.Module):
    """A weight for each word, added up: it knows which words there are, not their order."""

    def __init__(self):
        super().__init__()
        self.weights = nn.EmbeddingBag(len(data().tokenizer), 2, mode="sum", padding_idx=PAD)
        nn.init.zeros_(self.weights.weight)

    def logits(self, ids: list[list[int]]) -> Tensor:
        """Returns the logits of the labels."""
        return self.weights(collate([[] for _ in ids], ids).tgt_in)


def language_model(size: str) -> LanguageModel:
    """Returns an untrained decoder-only model.

    Args:
        size: As in `SIZES`.
    """
    config = LanguageModelConfig(
        vocab_size=len(data().tokenizer), positions="rotary", dropout=DROPOUT, **SIZES[size]
    )
    return LanguageModel(config)


def next_word(model: LanguageModel, rows: list[list[int]]) -> Tensor:
    """Returns the loss of each next word, in nats a word.

    Args:
        model: A decoder-only model.
        rows: Sentences.
    """
    batch = collate([[] for _ in rows], rows)
    logits = model.decode(batch.tgt_in)[0]
    return cross_entropy(logits.flatten(0, 1), batch.tgt_out.flatten(), ignore_index=PAD)
