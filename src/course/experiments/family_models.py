"""The families of C16 from the same blocks, and what each learns from (chapter 9).

- `encoder`: encoder-only. It classifies with a head (BERT, Devlin et al. 2019) and writes by
  iterative unmasking: all words of the target are masked, the surest guesses are kept, the others
  are masked again (mask-predict, Ghazvininejad et al. 2019, section 3; for writing freely, Wang and
  Cho 2019). A segment tells source from target. How many words to write is given: for stories drawn
  from the training data's lengths, else the length of the reference, which no other family gets.
- `decoder`: decoder-only. Source, end token, target in one causal stack; it learns the target.
- `prefix`: the same, but the source sees itself both ways.
- `encoder-decoder`: half of its layers read the source, the other half write the target.
- `encoder-decoder-deep`: with twice as many layers, so that it takes as many operations.

The last four write labels as words: each label is the most probable one among the labels, and as
many are written as are asked for.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Bool, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from course.data.batching import Batch
from course.data.tokenizer import BOS
from course.experiments.family_tasks import Task
from course.experiments.fitting import forced_loss
from course.models.families import (
    MaskedLanguageModel,
    SentenceClassifier,
    TextEncoderConfig,
    TokenClassifier,
)
from course.models.prefix import PrefixLanguageModel, PrefixLanguageModelConfig
from course.models.transformer import Transformer, TransformerConfig

FAMILIES = ("encoder", "decoder", "prefix", "encoder-decoder", "encoder-decoder-deep")
SINGLE = 5
"""Layers of a single stack. An encoder–decoder of 2 + 2 has as many parameters: a layer with cross
attention has 12 D² where others have 8 D², since the feed-forward network is only twice as wide."""
INNER = {"decoder": 132, "prefix": 132}
"""Width of the feed-forward network where it makes up for the parameters of an encoder's head."""
HALVES = {"encoder-decoder": 2, "encoder-decoder-deep": 4}
"""Layers of the encoder, and of the decoder."""
SIZES: dict[str, Any] = {
    "d_model": 64,
    "d_ff": 128,
    "num_heads": 4,
    "positions": "learned",
    "max_length": 48,
    "norm_embeddings": True,
    "norm_first": True,
    "dropout": 0.1,
}


def build(task: Task, family: str) -> nn.Module:
    """Returns an untrained model of a family for a task.

    Args:
        task: Its vocabulary and its kind count.
        family: One of `FAMILIES`.
    """
    vocab_size = task.mask + 1
    if family in HALVES:
        config = TransformerConfig(
            vocab_size=vocab_size, num_layers=HALVES[family], scale_embeddings=False, **SIZES
        )
        return Transformer(config)
    if family != "encoder":
        single = PrefixLanguageModelConfig(
            vocab_size=vocab_size,
            num_layers=SINGLE,
            scale_embeddings=False,
            both_ways=family == "prefix",
            **{**SIZES, "d_ff": INNER[family]},
        )
        return PrefixLanguageModel(single)
    heads = {"sentiment": SentenceClassifier, "entities": TokenClassifier}
    config = TextEncoderConfig(
        vocab_size=vocab_size,
        num_layers=SINGLE,
        num_segments=0 if task.labels else 2,
        num_labels=max(1, len(task.labels)),
        **SIZES,
    )
    return heads.get(task.name, MaskedLanguageModel)(config)


def loss(
    model: nn.Module, task: Task, batch: Batch, source: torch.Generator | None = None
) -> Tensor:
    """Returns the mean cross-entropy of what the model has to guess, in nats.

    Args:
        model: Of any family.
        task: What it learns.
        batch: Pairs with equally long sources.
        source: For masked words, of which to mask; by default torch's own generator.
    """
    if isinstance(model, (SentenceClassifier, TokenClassifier)):
        logits, targets = class_logits(model, batch.src), batch.tgt_out[:, :-1]
        number = torch.zeros(task.mask, dtype=torch.long)
        number[torch.tensor(task.labels)] = torch.arange(len(task.labels))
        return cross_entropy(logits.flatten(0, 1), number[targets].flatten())
    if isinstance(model, MaskedLanguageModel):
        return _masked_loss(model, task, batch, source)
    return forced_loss(model, batch)


def class_logits(model: nn.Module, src: Int[Tensor, "B S"]) -> Tensor:
    """Returns the logits of the labels that an encoder with a head has to give: (B, labels, C).

    A start token goes in front of a sentence with one label: the head reads what stands there.

    Args:
        model: A `SentenceClassifier` or a `TokenClassifier`.
        src: Sources with their end token.
    """
    if isinstance(model, SentenceClassifier):
        src = torch.cat([torch.full_like(src[:, :1], BOS), src], 1)
        return model(src, torch.ones_like(src, dtype=torch.bool))[:, None]
    return model(src, torch.ones_like(src, dtype=torch.bool))[:, :-1]


def _masked_loss(
    model: MaskedLanguageModel, task: Task, batch: Batch, source: torch.Generator | None
) -> Tensor:
    """Of one to all words of each target, as many as chance has it: Ghazvininejad et al., 3.1."""
    words, real = batch.tgt_in[:, 1:], batch.tgt_mask[:, 1:]
    lengths = real.sum(1)
    counts = (torch.rand(len(words), generator=source) * lengths).long() + 1
    order = torch.rand(words.shape, generator=source).masked_fill(~real, 2.0)
    hidden = order.argsort(1).argsort(1) < counts[:, None]
    logits = guesses(model, batch.src, words.masked_fill(hidden, task.mask), real)
    return cross_entropy(logits[hidden], words[hidden])


def guesses(
    model: MaskedLanguageModel,
    src: Int[Tensor, "B S"],
    words: Int[Tensor, "B T"],
    real: Bool[Tensor, "B T"],
) -> Tensor:
    """Returns the logits (B, T, V) of an encoder at the words of the target.

    Args:
        model: It reads source and target one behind the other.
        src: Equally long sources with their end token.
        words: The target, partly masked.
        real: False behind the end of a target.
    """
    tokens = torch.cat([src, words], 1)
    segments = (torch.arange(tokens.shape[1]) >= src.shape[1]).long().expand_as(tokens)
    seen = torch.cat([torch.ones_like(src, dtype=torch.bool), real], 1)
    return model(tokens, seen, segments)[:, src.shape[1] :]
