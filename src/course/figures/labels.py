"""Labels of pictures: at the ends of lines, pushed apart, and in the cells of heatmaps."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from course.figures.palette import contrast, palette

GAP = 8  # points between the end of a line and its label


def label_ends(
    ax: Axes,
    labels: Sequence[str],
    ends: Sequence[tuple[float, float]],
    colours: Sequence[str],
    *,
    size: float,
) -> None:
    """Write each label beside the last point of its line.

    Args:
        ax: where the lines are drawn; its scales and limits are final.
        labels: one label a line.
        ends: the last point of each line, in data coordinates.
        colours: the colour of each label.
        size: of the font, in points.
    """
    notes = [
        ax.annotate(
            label,
            end,
            xytext=(GAP, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=size,
            annotation_clip=False,
        )
        for label, end, colour in zip(labels, ends, colours, strict=True)
    ]
    # a first layout settles the size of the axes, which decides the distances
    ax.figure.draw_without_rendering()  # pyright: ignore[reportAttributeAccessIssue]
    points = 72 / ax.figure.dpi  # pyright: ignore[reportAttributeAccessIssue]
    wanted = [float(ax.transData.transform(end)[1]) * points for end in ends]
    heights = [size * 1.25 * (1 + label.count("\n")) for label in labels]
    for note, want, place in zip(notes, wanted, spread(wanted, heights), strict=True):
        note.set_position((GAP, place - want))


def label_cells(
    ax: Axes, values: np.ndarray, cells: np.ndarray, *, decimals: int, size: float
) -> None:
    """Print each value in its cell of a heatmap, in ink or paper, if all cells are large enough.

    Args:
        ax: where the heatmap is drawn.
        values: the numbers, (rows, columns); those below 1 are printed without the leading zero.
        cells: the colour of each cell, (rows, columns, 4), from 0 to 1.
        decimals: digits after the point.
        size: of the font, in points.
    """
    ax.figure.draw_without_rendering()  # pyright: ignore[reportAttributeAccessIssue]
    box = ax.get_window_extent()
    points = 72 / ax.figure.dpi  # pyright: ignore[reportAttributeAccessIssue]
    rows, columns = values.shape
    width = 0.65 * (decimals + 2) * size
    if box.width * points < width * columns or box.height * points < 1.2 * size * rows:
        return
    theme = palette()["theme"]["light"]
    for (i, j), value in np.ndenumerate(values):
        cell = to_hex(tuple(cells[i, j]))
        inks = sorted((theme["background"], theme["ink"]), key=lambda ink: contrast(ink, cell))
        shown = f"{value:.{decimals}f}"
        shown = shown[1:] if shown.startswith("0.") else shown
        ax.text(j, i, shown, ha="center", va="center", color=inks[-1], fontsize=size)


def spread(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Return positions near `wanted`, in the same order, far enough apart for their heights."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    # groups of labels that touch, each placed around the mean of what its members want
    groups: list[list[int]] = []
    placed: dict[int, float] = {}
    for i in order:
        groups.append([i])
        while True:
            placed.update(_stack(groups[-1], wanted, heights))
            if len(groups) < 2:
                break
            below, above = groups[-2][-1], groups[-1][0]
            if placed[above] - placed[below] >= (heights[above] + heights[below]) / 2 - 1e-9:
                break
            groups[-2:] = [groups[-2] + groups[-1]]
    return [placed[i] for i in range(len(wanted))]


def _stack(
    group: Sequence[int], wanted: Sequence[float], heights: Sequence[float]
) -> dict[int, float]:
    offsets = [0.0]
    for a, b in zip(group, group[1:], strict=False):
        offsets.append(offsets[-1] + (heights[a] + heights[b]) / 2)
    shift = float(np.mean([wanted[i] - offset for i, offset in zip(group, offsets, strict=True)]))
    return {i: shift + offset for i, offset in zip(group, offsets, strict=True)}
