"""The tree of a beam search: each level a step, its hypotheses side by side, best on the left."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from matplotlib.axes import Axes
from matplotlib.text import Text

from course.figures.palette import mark, palette, text

ROOM = 0.85
"""The share of a column's width that a label may take; its frame needs some more."""


class Leaf(NamedTuple):
    """One hypothesis as it is drawn.

    Attributes:
        label: the word that it adds.
        note: a number below it, such as its probability.
        parent: which leaf of the level above it extends; None for the first level.
        status: "kept" in the beam, "finished", or "pruned".
    """

    label: str
    note: str
    parent: int | None
    status: Literal["kept", "finished", "pruned"]


def beam_tree(
    ax: Axes, levels: Sequence[Sequence[Leaf]], *, title: str, start: str = "start", size: float = 8
) -> None:
    """Draw a tree downwards: what was kept in colour, what was pruned in grey.

    A label too wide for its column is cut, so that neighbours never touch: give the figure 0.7
    inches of width for each column and 0.6 of height for each level.

    Args:
        ax: where to draw.
        levels: the leaves of each step, best first.
        title: the finding, as a sentence.
        start: the word at the root.
        size: of the font, in points.
    """
    columns = max(map(len, levels))
    root = ((columns - 1) / 2, 0.0)
    written = [_write(ax, root, start, "kept", size)]
    for depth, level in enumerate(levels, start=1):
        for rank, leaf in enumerate(level):
            here = (float(rank), -float(depth))
            above = root if leaf.parent is None else (float(leaf.parent), 1.0 - depth)
            _join(ax, above, here, leaf.status)
            written.append(_write(ax, here, f"{leaf.label}\n{leaf.note}", leaf.status, size))
    ax.set(xlim=(-0.6, columns - 0.4), ylim=(-len(levels) - 0.5, 0.5))
    ax.axis("off")
    ax.set_title(title, fontsize=size + 2, loc="left")
    # a first layout settles how wide a column is
    ax.figure.draw_without_rendering()  # pyright: ignore[reportAttributeAccessIssue]
    left, right = (float(ax.transData.transform((x, 0.0))[0]) for x in (0.0, 1.0))
    for each in written:
        _cut(each, ROOM * (right - left))


def _cut(written: Text, width: float) -> None:
    label, *note = written.get_text().split("\n")
    while len(label) > 2 and written.get_window_extent().width > width:
        label = label.removesuffix("…")[:-1] + "…"
        written.set_text("\n".join([label, *note]))


def _join(ax: Axes, above: tuple[float, float], here: tuple[float, float], status: str) -> None:
    faint = status == "pruned"
    colour = palette()["theme"]["light"]["muted"] if faint else mark("target")
    ax.plot(
        [above[0], here[0]],
        [above[1] - 0.28, here[1] + 0.28],
        color=colour,
        linewidth=0.8 if faint else 1.8,
        linestyle="dotted" if faint else "solid",
        zorder=1,
    )


def _write(ax: Axes, place: tuple[float, float], words: str, status: str, size: float) -> Text:
    theme = palette()["theme"]["light"]
    box = {
        "boxstyle": "round,pad=0.25",
        "facecolor": theme["background"],
        "edgecolor": "none" if status == "pruned" else mark("target"),
        "linewidth": 2.4 if status == "finished" else 1.0,
    }
    colour = theme["muted"] if status == "pruned" else text("target")
    weight = "bold" if status == "finished" else "normal"
    return ax.text(
        *place,
        words,
        ha="center",
        va="center",
        fontsize=size,
        color=colour,
        weight=weight,
        bbox=box,
        zorder=2,
    )
