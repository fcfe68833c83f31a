"""What a model of each family computes in one pass, counted exactly, for C16 (chapter 9).

Counted are multiplications, each with its addition, in linear layers, in attention (masked pairs
too, which are computed and thrown away) and in the output; one pass is what one example takes in
training, and its backward pass takes twice as many again.
"""

from __future__ import annotations

from statistics import fmean

from course.experiments.family_models import HALVES, INNER, SINGLE, SIZES
from course.experiments.family_tasks import Task

WIDTH = SIZES["d_model"]


def operations(task: Task, family: str) -> float:
    """Returns the multiplications of one pass, the mean over a task's test pairs.

    Args:
        task: Its lengths and its vocabulary count.
        family: As `course.experiments.family_models` builds it.
    """
    pairs = task.splits["test"]
    lengths = zip(map(len, pairs.src), map(len, pairs.tgt), strict=True)
    return fmean(one_pass(task, family, source, target) for source, target in lengths)


def one_pass(task: Task, family: str, source: int, target: int) -> int:
    """Returns the multiplications of one pass over one pair.

    Args:
        task: Its vocabulary counts.
        family: As `course.experiments.family_models` builds it.
        source: Words of the source; an end token follows.
        target: Words of the target; a start token goes before them where they are written one
            after the other.
    """
    read, written, scores = source + 1, target + 1, WIDTH * (task.mask + 1)
    if family in HALVES:
        layers = HALVES[family]
        crossing = 2 * WIDTH * (WIDTH * (read + written) + read * written)
        return stack(read, layers) + stack(written, layers) + layers * crossing + written * scores
    if family != "encoder":
        return stack(read + written, SINGLE, INNER[family]) + written * scores
    if task.name == "sentiment":
        return stack(read + 1, SINGLE) + WIDTH * (WIDTH + len(task.labels))
    if task.name == "entities":
        return stack(read, SINGLE) + read * WIDTH * len(task.labels)
    return stack(read + target, SINGLE) + (read + target) * (WIDTH**2 + scores)


def stack(positions: int, layers: int, inner: int = SIZES["d_ff"]) -> int:
    """Returns the multiplications of layers in which all positions attend to all.

    Args:
        positions: How many.
        layers: How many.
        inner: The width of their feed-forward networks.
    """
    weights = 4 * WIDTH**2 + 2 * WIDTH * inner
    return layers * (positions * weights + 2 * positions**2 * WIDTH)
