"""What a picture of chapter 10 holds: the frontier of quality, memory and time.

The function makes a payload (`course.figures.payload`) from plain numbers, whose words and table a
picture of matplotlib takes.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from course.figures.payload import payload


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
