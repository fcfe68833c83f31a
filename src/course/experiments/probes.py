"""What a straight line can read out of a vector: linear probes (chapter 2).

A probe says what is *there* to be read by one linear layer, without any decoder and its habits: the
order in which it writes, what it has already written. What a probe cannot read may still be there.
"""

from __future__ import annotations

import torch
from torch import Tensor

RIDGE = 1e-3


def probe(train: Tensor, labels: Tensor, test: Tensor, answers: Tensor) -> list[float]:
    """Fits one linear classifier for each position and returns how often it is right.

    Least squares on one-hot labels with a little ridge, solved exactly: no rate to tune.

    Args:
        train: Vectors (N, D) to fit on.
        labels: The class at each position (N, positions).
        test: Vectors (M, D) to score on.
        answers: Their classes (M, positions).

    Returns:
        The accuracy at each position.
    """
    x, held_out = _standardised(train.double(), test.double())
    classes = torch.unique(labels)
    gram = x.mT @ x + RIDGE * len(x) * torch.eye(x.shape[1], dtype=x.dtype)
    accuracies: list[float] = []
    for position in range(labels.shape[1]):
        one_hot = (labels[:, position, None] == classes).double()
        weights = torch.linalg.solve(gram, x.mT @ one_hot)
        guesses = classes[(held_out @ weights).argmax(-1)]
        accuracies.append(float((guesses == answers[:, position]).double().mean()))
    return accuracies


def _standardised(train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    """Centres and scales by the training vectors, and adds a constant."""
    mean, scale = train.mean(0), train.std(0).clamp_min(1e-6)
    scaled = [(part - mean) / scale for part in (train, test)]
    ones = [part.new_ones(len(part), 1) for part in scaled]
    return torch.cat([scaled[0], ones[0]], 1), torch.cat([scaled[1], ones[1]], 1)
