"""The families of C16 from the same blocks, and how each writes (chapter 9).

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

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Bool, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from course.data.batching import Batch
from course.data.tokenizer import BOS, EOS, PAD, UNK
from course.experiments.family_tasks import Task
from course.experiments.fitting import forced_loss
from course.models.families import (
    MaskedLanguageModel,
    SentenceClassifier,
    TextEncoderConfig,
    TokenClassifier,
)
from course.models.interface import SequenceModel
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
            **SIZES | {"d_ff": INNER[family]},
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


@torch.no_grad()
def unmask(
    model: MaskedLanguageModel,
    task: Task,
    src: Int[Tensor, "B S"],
    lengths: list[int],
    *,
    iterations: int,
    temperature: float = 0.0,
    surest: bool = True,
    source: torch.Generator | None = None,
) -> list[list[int]]:
    """Writes by iterative unmasking: Ghazvininejad et al. (2019), section 3.2 and equation 2.

    After iteration t of N, a share (N - t) / N of the words is masked again.

    Args:
        model: A trained model.
        task: What it has learnt.
        src: Equally long sources with their end token.
        lengths: How many words to write for each.
        iterations: N; with as many as there are words, one is written at a time.
        temperature: Of the draw of each word; 0 takes the most probable one.
        surest: Whether the words that the model was surest of are kept; else chance has an order.
        source: Of randomness, if there is any.
    """
    wanted = torch.tensor(lengths)
    real = torch.arange(max(lengths)) < wanted[:, None]
    words = torch.full(real.shape, task.mask).masked_fill(~real, PAD)
    hidden, sure = real, torch.rand(real.shape, generator=source)
    for turn in range(1, iterations + 1):
        logits = guesses(model, src, words, real)
        logits[..., [PAD, BOS, EOS, UNK, task.mask]] = -torch.inf
        log_probs = logits.log_softmax(-1)
        chosen = log_probs.argmax(-1)
        if temperature:
            probs = (log_probs / temperature).softmax(-1).flatten(0, 1)
            chosen = torch.multinomial(probs, 1, generator=source).view_as(words)
        words = torch.where(hidden, chosen, words)
        if surest:
            sure = torch.where(hidden, log_probs.gather(2, chosen[..., None])[..., 0], sure)
        left = wanted * (iterations - turn) // iterations
        line = sure.masked_fill(~real, torch.inf).argsort(1).argsort(1)
        hidden = line < left[:, None]
        words = words.masked_fill(hidden, task.mask)
    return [row[:length].tolist() for row, length in zip(words, lengths, strict=True)]


@torch.no_grad()
def label(model: nn.Module, task: Task, src: Int[Tensor, "B S"], count: int) -> list[list[int]]:
    """Returns the ids of the labels that a model gives.

    Args:
        model: Of any family.
        task: What it has learnt.
        src: Equally long sources with their end token.
        count: How many labels.
    """
    labels = torch.tensor(task.labels)
    if isinstance(model, (SentenceClassifier, TokenClassifier)):
        return labels[class_logits(model, src).argmax(-1)].tolist()
    return torch.stack(list(_labels(model, labels, src, count)), 1).tolist()


def _labels(model: nn.Module, labels: Tensor, src: Tensor, count: int) -> Iterator[Tensor]:
    assert isinstance(model, SequenceModel)
    memory = model.encode(src, torch.ones_like(src, dtype=torch.bool))
    token = torch.full_like(src[:, 0], BOS)
    state = model.start(memory, src[:, :0])
    for _ in range(count):
        log_probs, state, _ = model.step(token, memory, state)
        token = labels[log_probs[:, labels].argmax(-1)]
        yield token
