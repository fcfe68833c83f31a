"""How to train: sizes, rates, and when to stop."""

import math
from dataclasses import dataclass
from typing import Literal, get_args, get_type_hints

from course.errors import CourseError


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How to train.

    Attributes:
        max_updates: number of optimiser updates.
        max_tokens: token budget of a batch, rows × longest side, over all processes together.
        learning_rate: peak of the schedule, for Adam.
        warmup: updates over which the rate rises linearly from zero to its peak.
        schedule: what the rate does after its peak.
        label_smoothing: share of probability spread over the vocabulary (Szegedy et al., 2016).
        clip_norm: gradients longer than this (2-norm over all parameters) are shortened to it.
        eval_every: updates between validations; each is logged and checkpointed.
        patience: stop after so many validations in a row without a better loss; 0 never stops.
        seed: of batch order and dropout.
        precision: mixed precision, as Accelerate names it.
        compiled: let `torch.compile` make the model faster; it takes a while at the start.
        sharded: several processes share the weights, gradients and moments of a decoder-only model
            instead of each holding all (`course.training.placing`).

    Raises:
        CourseError: if a setting is out of its range.
    """

    max_updates: int
    max_tokens: int = 4000
    learning_rate: float = 2e-3
    warmup: int = 200
    schedule: Literal["inverse_sqrt", "linear", "constant"] = "inverse_sqrt"
    label_smoothing: float = 0.0
    clip_norm: float = 1.0
    eval_every: int = 500
    patience: int = 0
    seed: int = 1
    precision: Literal["no", "bf16", "fp16"] = "no"
    compiled: bool = False
    sharded: bool = False

    def __post_init__(self) -> None:
        """Check the settings."""
        for name in ("max_updates", "max_tokens", "eval_every"):
            self._require(name, getattr(self, name) >= 1, "at least 1")
        for name in ("warmup", "patience"):
            self._require(name, getattr(self, name) >= 0, "0 or more")
        self._require("learning_rate", 0 <= self.learning_rate < math.inf, "a number, 0 or more")
        self._require("clip_norm", self.clip_norm > 0, "above 0")
        smoothing = self.label_smoothing
        self._require("label_smoothing", 0 <= smoothing < 1, "at least 0 and below 1")
        self._require("seed", -(2**63) <= self.seed < 2**63, "a number of at most 63 bits")
        kinds = get_type_hints(type(self))
        for name in ("schedule", "precision"):
            known = get_args(kinds[name])
            self._require(name, getattr(self, name) in known, f"one of {', '.join(known)}")
        if self.sharded and self.precision == "fp16":
            raise CourseError("Sharded training takes the precision bf16 or no, not fp16.")
        if self.sharded and self.compiled:
            raise CourseError("Training is either sharded or compiled, not both.")

    def _require(self, name: str, fine: bool, wanted: str) -> None:
        if not fine:
            raise CourseError(f"{name} must be {wanted}, not {getattr(self, name)!r}.")

    def rate(self, update: int) -> float:
        """The learning rate of an update, counted from 1."""
        warmup = max(self.warmup, 1)
        if update < warmup:
            return self.learning_rate * update / warmup
        if self.schedule == "inverse_sqrt":  # Vaswani et al. (2017), section 5.3
            return self.learning_rate * math.sqrt(warmup / update)
        if self.schedule == "linear":
            left = self.max_updates + 1 - update
            return self.learning_rate * left / max(self.max_updates + 1 - warmup, 1)
        return self.learning_rate
