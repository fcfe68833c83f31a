"""Experiments: one module for each claim of the book, or for a group of them.

A module `cNN_slug` states `CLAIM`, `HYPOTHESIS`, `SMALLEST_EFFECT` and `CONFIG`, lists its `ARMS`
(see `runner.Arm`), measures one of them with `measure(arm, seed, rate) -> list[Row]`, and judges
with two pure functions, `summary(rows) -> dict[str, float]` and `verdict(rows) -> str`. `RULE` is
what that rule consists of: it was fixed before the final run, and its hash is in the record.
A module whose arms can't run side by side says why in `ONE_AT_A_TIME`.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path
from types import ModuleType

from course.errors import CourseError
from course.results.records import Record


def names() -> list[str]:
    """Returns the names of all experiments, sorted."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in found if name[0] == "c" and name[1:3].isdigit())


def get(name: str) -> ModuleType:
    """Returns the module of an experiment.

    Args:
        name: Such as "c01_bottleneck".

    Raises:
        CourseError: If there is none of that name.
    """
    if name not in names():
        raise CourseError(f"There is no experiment {name!r}. There are: {', '.join(names())}.")
    return import_module(f"{__name__}.{name}")


def run(name: str, *, seeds: int = 3, out: Path | None = None, workers: int = 1) -> Record:
    """Runs an experiment, or what is missing of it, and returns its record.

    It says first how many runs of how many seconds it takes, saves after each of them, and resumes
    from what is saved: five seeds after three add two.

    Args:
        name: Such as "c01_bottleneck".
        seeds: How many seeds an arm gets; an arm that is only a side view may stop earlier.
        out: The record's file; by default the one in the package, `course/results/NAME.json`.
        workers: How many processes share the work, each with its own arm and seed at a time; the
            rows are those of one process, but for what they say about time.

    Raises:
        CourseError: If there is no such experiment, or the saved record was made on another kind
            of device, with another configuration or under another rule; or if several processes
            are asked for where an experiment has to run one thing at a time.
    """
    from course.experiments.runner import run_module

    return run_module(get(name), seeds=seeds, out=out, workers=workers)
