"""What pictures of chapter 10 hold: shapes of masks, a frontier.

Each function makes a payload (`course.figures.payload`) from plain numbers; its words and its table
serve a picture of matplotlib as well.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from course.figures.payload import payload


def mask_shapes(masks: Mapping[str, ArrayLike], *, caption: str) -> dict[str, Any]:
    """Return who may look at whom, for each pattern: rows as runs of columns.

    Args:
        masks: square truth values by name, True where a row may look at a column.
        caption: what is drawn.
    """
    data, rows = [], []
    for name, mask in masks.items():
        seen = np.asarray(mask, dtype=bool)
        data.append({"name": name, "size": len(seen), "rows": [_runs(row) for row in seen]})
        rows.append([name, int(seen.sum()), float(seen.mean())])
    told = "; ".join(f"{name} {pairs} pairs, {share:.0%} of all" for name, pairs, share in rows)
    table = {"columns": ["pattern", "pairs", "share of all"], "rows": rows}
    return payload(
        "mask-shapes", data=data, alt=f"Who may look at whom: {told}.", caption=caption, table=table
    )


def _runs(row: Any) -> list[list[int]]:
    """The stretches of True: where each begins, and the first place behind it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
    return [[int(start), int(stop)] for start, stop in edges.reshape(-1, 2)]


class Point(NamedTuple):
    """One kind of attention, trained and measured.

    Attributes:
        kind: its name.
        quality: higher is better.
        kept: bytes (or numbers) that it keeps.
        seconds: time that it takes.
    """

    kind: str
    quality: float
    kept: float
    seconds: float


def frontier(points: Sequence[Point], *, caption: str) -> dict[str, Any]:
    """Return quality beside memory and time, and which kinds no other one beats in all three.

    Args:
        points: one for each kind.
        caption: on what they were measured.
    """
    best = [point.kind for point in points if not any(_beats(other, point) for other in points)]
    told = "; ".join(
        f"{kind}: quality {quality:.2f}, {kept:,.0f} kept, {seconds:.2g} seconds"
        for kind, quality, kept, seconds in points
    )
    return payload(
        "frontier",
        data=[{**point._asdict(), "on": point.kind in best} for point in points],
        alt=f"{told}. Not beaten in all three: {', '.join(best)}.",
        caption=caption,
        table={
            "columns": ["kind", "quality", "kept", "seconds", "on the frontier"],
            "rows": [[*point, point.kind in best] for point in points],
        },
    )


def _beats(one: Point, other: Point) -> bool:
    """Whether one is at least as good in everything, and better in something."""
    mine, theirs = ((p.quality, -p.kept, -p.seconds) for p in (one, other))
    return mine != theirs and all(a >= b for a, b in zip(mine, theirs, strict=True))
