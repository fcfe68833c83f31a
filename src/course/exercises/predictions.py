"""Predictions: what a reader may write down beforehand, and how far off it was."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from course.exercises.answers import WrongAnswer
from course.exercises.checking import describe


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a chapter knows of a prediction beforehand.

    Attributes:
        surprise: why people err; told when the prediction was off.
        notice: one thing to notice; told when it was right.
        tolerance: how far off, absolutely, a number may be and still count as right; None if one
            of `choices` is asked for.
        choices: the words to choose from.
        count: how many numbers are asked for; None: as many as are measured, seen on comparing.
        low: the least number that makes sense.
        high: the greatest.
    """

    surprise: str
    notice: str = ""
    tolerance: float | None = None
    choices: Sequence[str] = ()
    count: int | None = None
    low: float = -math.inf
    high: float = math.inf

    def accept(self, value: Any) -> None:
        """Make sure that a prediction is of the kind asked for.

        Raises:
            WrongAnswer: if it isn't.
        """
        if self.choices:
            if value not in self.choices:
                listed = ", ".join(map(repr, self.choices))
                raise WrongAnswer(f"Predict one of {listed}; this is {describe(value)}.")
        elif self.tolerance is not None:
            numbers = value if isinstance(value, list | tuple) else [value]
            for number in numbers:
                self._accept_number(number)
            listed = isinstance(value, list | tuple)
            if self.count and (listed != (self.count > 1) or len(numbers) != self.count):
                asked = f"{self.count} numbers in a list" if self.count > 1 else "one number"
                raise WrongAnswer(f"Predict {asked}; this is {describe(value)}.")

    def _accept_number(self, value: Any) -> None:
        several = getattr(value, "ndim", 0) > 0  # a tensor or an array
        if isinstance(value, bool | str) or several or not hasattr(value, "__float__"):
            raise WrongAnswer(f"Predict a number; this is {describe(value)}.")
        if not self.low <= float(value) <= self.high:
            bounds = f"from {self.low:g} to {self.high:g}"
            if math.isinf(self.high):
                bounds = f"of at least {self.low:g}"
            elif math.isinf(self.low):
                bounds = f"of at most {self.high:g}"
            raise WrongAnswer(f"Predict a number {bounds}; this is {describe(value)}.")

    def distance(self, value: Any, measured: Any) -> float:
        """How far a prediction is off; 0 or infinity where there are no numbers.

        Raises:
            WrongAnswer: if the prediction has not as many numbers as were measured.
        """
        if self.tolerance is None:
            return 0.0 if value == measured else math.inf
        if isinstance(measured, list | tuple):
            if not isinstance(value, list | tuple) or len(value) != len(measured):
                raise WrongAnswer(f"Predict {len(measured)} numbers; this is {describe(value)}.")
            return max(abs(float(a) - float(b)) for a, b in zip(value, measured, strict=True))
        if isinstance(value, list | tuple):
            raise WrongAnswer(f"Predict one number; this is {describe(value)}.")
        return abs(float(value) - float(measured))
