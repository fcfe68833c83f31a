"""Where a run stands, and what it measured."""

import math
from dataclasses import dataclass, field


@dataclass
class Progress:
    """Where a run stands: everything a checkpoint keeps besides tensors."""

    update: int = 0
    epoch: int = 0
    batch: int = 0
    tokens: int = 0
    seconds: float = 0.0
    best_loss: float = math.inf
    best_update: int = 0
    stale: int = 0


@dataclass(frozen=True)
class History:
    """What a run measured.

    Attributes:
        rows: one for each validation: update, epoch, tokens (targets seen), seconds, learning_rate,
            loss (training, since the row before) and valid_loss, both in nats per target token.
        best_update: the update whose weights the model has now.
        best_loss: its validation loss.
    """

    rows: list[dict[str, int | float]] = field(default_factory=list)
    best_update: int = 0
    best_loss: float = math.inf
