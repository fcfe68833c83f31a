"""The small training loop of the experiments on toy data, and the scores they share.

Toy data are generated afresh for each batch, so there is no epoch, no early stopping and nothing
to overfit; `course.training.train` is for data of a fixed size. Chapter 2 uses it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from course.data.batching import Batch, source_batch
from course.data.tokenizer import PAD
from course.decoding import greedy
from course.metrics import edit_distance
from course.models.interface import SequenceModel

WARMUP = 50
LAST = 0.02


class Spent(NamedTuple):
    """What a training run took.

    Attributes:
        updates: Optimiser steps.
        tokens: Target tokens learnt from, the end token counted.
        seconds: Wall-clock time.
    """

    updates: int
    tokens: int
    seconds: float


def fit(
    module: nn.Module,
    losses: Iterable[tuple[Tensor, int]],
    *,
    updates: int,
    rate: float,
    warmup: int = WARMUP,
) -> Spent:
    """Minimises losses with Adam; the rate warms up, then falls linearly to almost nothing.

    Args:
        module: What has the parameters.
        losses: Yields a loss and the number of tokens it is a mean over; it is asked for the next
            one only after the parameters have moved.
        updates: How many steps.
        rate: The highest learning rate.
        warmup: Over how many steps it rises.
    """
    started = time.perf_counter()
    optimiser = torch.optim.Adam(module.parameters(), lr=rate)
    source = iter(losses)
    module.train()
    tokens = 0
    for step in range(updates):
        for group in optimiser.param_groups:
            group["lr"] = rate * min((step + 1) / warmup, max(LAST, 1 - step / updates))
        loss, count = next(source)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        optimiser.step()
        tokens += count
    module.eval()
    return Spent(updates, tokens, time.perf_counter() - started)


def fit_model(
    model: nn.Module,
    batches: Iterator[Batch],
    *,
    updates: int,
    rate: float,
    warmup: int = WARMUP,
) -> Spent:
    """Trains a sequence model by teacher forcing on a stream of batches; see `fit`.

    Args:
        model: The model.
        batches: An endless stream.
        updates: How many batches to learn from.
        rate: The highest learning rate.
        warmup: Over how many steps it rises.
    """
    losses = ((forced_loss(model, batch), batch.num_tokens) for batch in batches)
    return fit(model, losses, updates=updates, rate=rate, warmup=warmup)


def forced_loss(model: nn.Module, batch: Batch) -> Tensor:
    """Returns the teacher-forced cross-entropy in nats per target token.

    Args:
        model: The model.
        batch: Its padding does not count.
    """
    logits = model(batch.src, batch.src_mask, batch.tgt_in)
    return cross_entropy(logits.flatten(0, 1), batch.tgt_out.flatten(), ignore_index=PAD)


@torch.no_grad()
def mean_loss(model: nn.Module, batches: Iterable[Batch]) -> float:
    """Returns the teacher-forced loss in nats per token, averaged over batches.

    Args:
        model: The model.
        batches: Validation batches.
    """
    losses = [float(forced_loss(model, batch)) for batch in batches]
    return sum(losses) / len(losses)


class Written(NamedTuple):
    """What a model wrote, free-running and greedy, against what it should have written."""

    hypotheses: list[list[int]]
    references: list[list[int]]

    @property
    def token_error_rate(self) -> float:
        """Edits per reference token: insertions, deletions and substitutions."""
        pairs = zip(self.hypotheses, self.references, strict=True)
        edits = sum(edit_distance(hypothesis, reference) for hypothesis, reference in pairs)
        return edits / sum(len(reference) for reference in self.references)

    @property
    def exact(self) -> float:
        """The share written without any error."""
        pairs = zip(self.hypotheses, self.references, strict=True)
        return sum(a == b for a, b in pairs) / len(self.references)


@torch.no_grad()
def write_out(model: SequenceModel, src: list[list[int]], tgt: list[list[int]]) -> Written:
    """Lets a model write freely, token by token, the most probable one each time.

    It may write up to half as many tokens again as the reference has, and five more.

    Args:
        model: The model.
        src: Token ids of the sources, without end tokens.
        tgt: Of the references.
    """
    ids, mask = source_batch(src)
    limits = [len(reference) * 3 // 2 + 5 for reference in tgt]
    found = greedy(model, ids, mask, max_length=limits)
    return Written([list(hypothesis.tokens) for hypothesis in found], tgt)


def number_of_parameters(module: nn.Module) -> int:
    """Returns how many trainable numbers a module has.

    Args:
        module: Any module.
    """
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def widest_within(budget: int, build: Callable[[int], nn.Module], *, multiple: int = 1) -> int:
    """Returns the width whose model comes nearest to a number of parameters.

    Args:
        budget: The number of parameters to match.
        build: Makes a model of a given width; more width, more parameters.
        multiple: The width is a multiple of this.
    """
    sizes: dict[int, int] = {}
    width = multiple
    while not sizes or max(sizes.values()) < budget:
        sizes[width] = number_of_parameters(build(width))
        width += multiple
    return min(sizes, key=lambda w: abs(sizes[w] - budget))
