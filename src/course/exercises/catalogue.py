"""Which exercises there are: one module of checks for each chapter, imported when asked for."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module, resources
from typing import Any

from course.exercises.answers import UnknownExercise
from course.exercises.predictions import Prediction

Check = Callable[[Any], str]


@dataclass(frozen=True)
class Exercises:
    """The exercises of one chapter, by number."""

    chapter: int
    checks: dict[str, Check] = field(default_factory=dict)
    predictions: dict[str, Prediction] = field(default_factory=dict)

    @property
    def numbers(self) -> list[str]:
        """The numbers of all of them, in order."""
        return sorted([*self.checks, *self.predictions], key=place)

    def title(self, number: str) -> str:
        """A few words for an exercise: the name of its check."""
        if number in self.predictions:
            return "predict before you run"
        return self.checks[number].__name__.replace("_", " ")


def place(number: str) -> tuple[int, ...]:
    """What sorts the numbers of exercises: 2.10 comes after 2.9."""
    return tuple(map(int, number.split(".")))


@cache
def chapters() -> list[int]:
    """The chapters that have exercises, in order."""
    names = [path.name for path in resources.files("course.exercises").iterdir()]
    return sorted(int(m[1]) for name in names if (m := re.fullmatch(r"chapter_(\d\d)\.py", name)))


@cache
def exercises_of(chapter: int) -> Exercises:
    """The exercises of a chapter."""
    module = import_module(f"course.exercises.chapter_{chapter:02}")
    return Exercises(chapter, module.CHECKS, getattr(module, "PREDICTIONS", {}))


def find_check(number: str) -> Check:
    """The check of an exercise.

    Raises:
        UnknownExercise: if there is none of this number.
    """
    known = _chapter_of(number)
    if number in known.predictions:
        raise UnknownExercise(f"Exercise {number} is a prediction: use predict and compare.")
    return known.checks[number]


def find_prediction(number: str) -> Prediction:
    """What is known of a prediction beforehand.

    Raises:
        UnknownExercise: if there is none of this number.
    """
    known = _chapter_of(number)
    if number in known.checks:
        raise UnknownExercise(f'Exercise {number} is no prediction: use check("{number}", …).')
    return known.predictions[number]


def _chapter_of(number: object) -> Exercises:
    matched = re.fullmatch(r"([1-9]\d?)\.([1-9]\d?)", number) if isinstance(number, str) else None
    if matched is None:
        raise UnknownExercise(
            f'The number of an exercise is written in quotes, such as "2.1"; this is {number!r}.'
        )
    chapter = int(matched[1])
    if chapter not in chapters():
        listed = ", ".join(map(str, chapters()))
        raise UnknownExercise(
            f"There is no exercise {number}; the chapters that have exercises are {listed}."
        )
    known = exercises_of(chapter)
    if number not in known.numbers:
        listed = ", ".join(known.numbers)
        raise UnknownExercise(
            f"There is no exercise {number}; those of chapter {chapter} are {listed}."
        )
    return known
