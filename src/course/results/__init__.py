"""Recorded experiments, and the numbers that prose draws from them.

A number in a chapter is written with a mark, `93%<!--r:c01_bottleneck/copy.attention/16/exact-->`,
and a test compares the number with what `value` finds. Every chapter uses this.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from course.errors import CourseError
from course.results.records import Record, Row, read, x_text

__all__ = ["Record", "Row", "folder", "load", "measured", "names", "value", "verdict"]

MEASURED = ("bench", "published_encoder", "shakespeare")
"""Measurements that test no claim: nested dictionaries of numbers and texts."""


def folder() -> Path:
    """Returns the folder that holds the records, inside the package."""
    return Path(str(files("course.results")))


def names() -> list[str]:
    """Returns the names of all recorded experiments, sorted."""
    return sorted(path.stem for path in folder().glob("c[0-9]*.json"))


def load(name: str) -> Record:
    """Reads a recorded experiment.

    Args:
        name: Its name, such as "c01_bottleneck".

    Raises:
        CourseError: If there is no record of that name.
    """
    return read(_path(name))


def measured(name: str) -> dict[str, Any]:
    """Reads a measurement that tests no claim, for its texts and curves.

    Args:
        name: One of `MEASURED`, such as "shakespeare".

    Raises:
        CourseError: If there is none of that name, or it was not made.
    """
    if name not in MEASURED:
        raise CourseError(f"There is no measurement {name!r}, only {', '.join(MEASURED)}.")
    return _json(folder() / f"{name}.json", name)


def verdict(name: str) -> str:
    """Returns the verdict of a recorded experiment, by the rule fixed before it ran.

    Args:
        name: Its name, such as "c01_bottleneck".

    Raises:
        CourseError: If there is no record of that name.
    """
    path = _path(name)
    return _judged(path, _state(path))


def value(mark: str) -> float:
    """Returns the number that a mark in prose stands for.

    Marks are `RECORD/ARM/X/METRIC` (the mean over the seeds; X as `%g` prints it),
    `RECORD/summary/KEY`, `zoo/NAME/SPLIT/METRIC` from the card of a shipped model (or any other
    path of keys in it), and `bench/KEY/...` from the measurements of `make bench`; in the same way
    from the others of `MEASURED`.

    Args:
        mark: The mark, with or without its leading "r:".

    Raises:
        CourseError: If the mark names something that was not measured; says what there is.
    """
    mark = mark.removeprefix("r:").strip()
    head, *keys = mark.split("/")
    if head == "zoo" and keys:
        card = Path(str(files("course.weights"))) / keys[0] / "card.json"
        return _leaf(_json(card, mark), keys[1:], mark)
    if head in MEASURED:
        return _leaf(measured(head), keys, mark)
    path = _path(head)
    if keys[:1] == ["summary"]:
        return _of_summary(path, "/".join(keys[1:]), mark)
    if len(keys) != 3:
        raise CourseError(f"The mark {mark!r} does not read RECORD/ARM/X/METRIC.")
    return _mean(_kept(path, _state(path)), *keys)


def _path(name: str) -> Path:
    if name not in names():
        known = ", ".join(names()) or "none yet"
        raise CourseError(f"There is no record named {name!r}. Recorded are: {known}.")
    return folder() / f"{name}.json"


def _state(path: Path) -> tuple[int, int]:
    """Returns what changes with a file: when it was written, and its size."""
    found = path.stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=128)
def _kept(path: Path, state: tuple[int, int]) -> Record:
    """Reads a record once for all marks of a page, and again when its file has changed."""
    return read(path)


@lru_cache(maxsize=128)
def _judged(path: Path, state: tuple[int, int]) -> str:
    from course import experiments  # the rules stand above the records: imported only when asked

    return experiments.get(path.stem).verdict(_kept(path, state).rows)


@lru_cache(maxsize=128)
def _summarised(path: Path, state: tuple[int, int]) -> dict[str, float]:
    from course import experiments

    return experiments.get(path.stem).summary(_kept(path, state).rows)


def _mean(record: Record, arm: str, x: str, metric: str) -> float:
    found = [row.value for row in record.select(arm=arm, metric=metric) if x_text(row.x) == x]
    if found:
        return sum(found) / len(found)
    arms = sorted({row.arm for row in record.rows})
    metrics = sorted({row.metric for row in record.select(arm=arm)})
    xs = list(dict.fromkeys(x_text(row.x) for row in record.select(arm=arm, metric=metric)))
    known, what = (xs, "x") if xs else (metrics, "metrics") if metrics else (arms, "arms")
    raise CourseError(f"{record.name} has no {arm}/{x}/{metric}. Its {what}: {', '.join(known)}.")


def _of_summary(path: Path, key: str, mark: str) -> float:
    found = _summarised(path, _state(path))
    if key not in found:
        raise CourseError(f"{mark!r}: the summary of {path.stem} has {', '.join(found)}.")
    return float(found[key])


def _json(path: Path, mark: str) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CourseError(f"{mark!r} needs {path.name}, which is not there.") from error


def _leaf(tree: Any, keys: list[str], mark: str) -> float:
    """Walks down a tree of dictionaries; scores of a card may be left out of the path."""
    if isinstance(tree, dict) and keys and keys[0] not in tree and "scores" in tree:
        tree = tree["scores"]
    for key in keys:
        if not isinstance(tree, dict) or key not in tree:
            known = ", ".join(tree) if isinstance(tree, dict) else f"only {tree!r}"
            raise CourseError(f"{mark!r}: no {key!r} there; there is {known}.")
        tree = tree[key]
    if isinstance(tree, dict) and "value" in tree:
        tree = tree["value"]
    if isinstance(tree, bool) or not isinstance(tree, int | float):
        raise CourseError(f"{mark!r} is not a number.")
    return float(tree)
