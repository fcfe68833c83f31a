"""Deep and shallow language models of the grammar's English sentences, for C15 (chapter 8)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import torch
from torch import Tensor, nn

from course.data import grammar
from course.data.batching import Batch, collate
from course.data.tokenizer import Tokenizer
from course.experiments.fitting import forced_loss
from course.models.families import LanguageModel, LanguageModelConfig
from course.nn.transformer import Residual
from course.runtime import generator

SIZES = {"d_model": 64, "d_ff": 128, "num_heads": 4}
WORDS = (4, 10)
"""English words of a sentence."""
SENTENCES = 20_000
ROWS = 48
"""Sentences in a batch."""
SCORED = {"valid": 10, "test": 40}
"""How many batches of a split every model is scored on."""


class Cut(Residual):
    """Where a residual connection would be: only what the sublayer wrote goes on."""

    def leave(self, x: Tensor, written: Tensor) -> Tensor:
        """Forgets what came in."""
        return self.norm(self.dropout(written))


def build(kind: str, depth: int) -> LanguageModel:
    """Returns an untrained language model.

    Args:
        kind: "pre", "post" or "none".
        depth: How many layers.
    """
    config = LanguageModelConfig(
        vocab_size=len(tokenizer()),
        num_layers=depth,
        norm_first=kind == "pre",
        dropout=0.0,
        **SIZES,
    )
    model = LanguageModel(config)
    if kind == "none":
        for module in list(model.modules()):
            for name, child in list(module.named_children()):
                if isinstance(child, Residual):
                    setattr(module, name, Cut(config))
    return model


@cache
def _sentences() -> list[str]:
    drawn = grammar.sample(SENTENCES, generator=generator(0, "c15"), words=WORDS)
    return [sentence.src for sentence in drawn]


@cache
def tokenizer() -> Tokenizer:
    """Returns a vocabulary of whole English words."""
    return Tokenizer.words(_sentences())


@cache
def _split(split: str) -> list[list[int]]:
    """The ids of a tenth of the sentences for each of "valid" and "test", the rest for training."""
    ids, tenth = tokenizer().encode_batch(_sentences()), SENTENCES // 10
    parts = {"valid": ids[:tenth], "test": ids[tenth : 2 * tenth], "train": ids[2 * tenth :]}
    if split == "train":
        return parts["train"]
    known = {tuple(row) for row in parts["train"]}
    return [row for row in parts[split] if tuple(row) not in known]


def batches(split: str, seed: int) -> Iterator[Batch]:
    """Yields batches without end; nothing stands on the source side.

    Args:
        split: "train", "valid" or "test".
        seed: Of their order; all arms see the same.
    """
    rows, source = _split(split), generator(seed, "c15", split)
    while True:
        picked = torch.randint(len(rows), (ROWS,), generator=source).tolist()
        yield collate([[] for _ in picked], [rows[i] for i in picked])


def some(split: str) -> list[Batch]:
    """Returns the batches of a split that every model is scored on.

    Args:
        split: "valid" or "test".
    """
    source = batches(split, 0)
    return [next(source) for _ in range(SCORED[split])]


@cache
def frequencies() -> float:
    """Returns the loss of predicting each word by its frequency in the training sentences."""
    counts = torch.ones(len(tokenizer()))
    source = batches("train", 0)
    for _ in range(200):
        tokens = (batch := next(source)).tgt_out[batch.tgt_mask]
        counts += torch.bincount(tokens, minlength=len(counts))
    log_probs = (counts / counts.sum()).log()
    tokens = torch.cat([batch.tgt_out[batch.tgt_mask] for batch in some("test")])
    return float(-log_probs[tokens].mean())


def first_over_last(model: LanguageModel) -> float:
    """Returns the length of the gradient in the first layer over that in the last, untrained.

    Args:
        model: A model of this experiment.
    """
    forced_loss(model, some("valid")[0]).backward()
    layers = model.decoder.layers
    lengths = [_length(layer) for layer in (layers[0], layers[-1])]
    model.zero_grad()
    return lengths[0] / lengths[1]


def _length(layer: nn.Module) -> float:
    return math.sqrt(
        sum(float((p.grad**2).sum()) for p in layer.parameters() if p.grad is not None)
    )
