"""Pictures of the front page, drawn while the site is built.

Each function returns a matplotlib figure and its payload, or None if what it draws isn't there.
"""

from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course import plotting
from course.figures.palette import mark, palette, text
from course.figures.payload import payload

Drawn = tuple[Figure, dict[str, Any]]

SOURCE = ["the", "blue", "car"]
TARGET = ["la", "voiture", "bleue"]
# which source word each target word renders
LINKS = [0, 2, 1]


def one_vector_or_many() -> Drawn:
    """Draw the classic model, where all passes through one vector, beside attention."""
    plotting.use_style()
    figure, axes = plt.subplots(1, 2, figsize=(8.2, 3.1))
    _words(axes[0], "One vector for the whole sentence")
    _box(axes[0], 3.0, 1.6, "context", "none", width=1.5)
    for y in (0.6, 1.6, 2.6):
        _arrow(axes[0], (1.5, y), (2.25, 1.6), "none", 1.4)
        _arrow(axes[0], (3.75, 1.6), (4.5, y), "none", 1.4)
    _words(axes[1], "A look back at every word")
    for i, link in enumerate(LINKS):
        for j in range(3):
            strong = j == link
            ends = (1.5, 2.6 - j), (4.5, 2.6 - i)
            _arrow(axes[1], *ends, "attention", 2.4 if strong else 0.6, alpha=1 if strong else 0.45)
    return figure, payload(
        "picture",
        alt="Two diagrams. Left: three English words (the, blue, car) all pass through one context "
        "vector, from which three French words (la, voiture, bleue) are written. Right: each "
        "French word has its own links to all English words; the links of bleue to blue and of "
        "voiture to car cross.",
        caption="Left, the classic model: everything about the sentence has to fit into one "
        "vector. Right, attention: each step of the decoder weighs all encoder outputs anew.",
    )


def alignment() -> Drawn | None:
    """Draw the attention of the shipped model while it translates a sentence."""
    translated = _translate("The blue car is in front of the house.")
    if translated is None:
        return None
    columns, rows, weights = translated
    plotting.use_style()
    figure, ax = plt.subplots(figsize=(6.6, 4.4))
    plotting.heatmap(
        ax,
        weights,
        rows,
        columns,
        title="The colour and its noun swap places, and the weights follow",
        x="English, read",
        y="French, written",
    )
    strongest = [columns[row.index(max(row))] for row in weights]
    pairs = "; ".join(f"{a} looks at {b}" for a, b in zip(rows, strongest, strict=True))
    return figure, payload(
        "picture",
        alt="Heatmap of attention weights, French words in rows, English words in columns. "
        f"{pairs}.",
        caption="Attention weights of the model that comes with the course (GRU with additive "
        "attention, greedy), summed over the pieces of each English word and averaged over those "
        "of each French word.",
        table={
            "columns": ["", *columns],
            "rows": [[row, *values] for row, values in zip(rows, weights, strict=True)],
        },
    )


def _words(ax: Axes, title: str) -> None:
    ax.set(xlim=(0, 6), ylim=(0, 3.2), title=title)
    ax.axis("off")
    for i, (source, target) in enumerate(zip(SOURCE, TARGET, strict=True)):
        _box(ax, 0.75, 2.6 - i, source, "source")
        _box(ax, 5.25, 2.6 - i, target, "target")


def _box(ax: Axes, x: float, y: float, word: str, role: str, width: float = 1.5) -> None:
    ink = palette()["theme"]["light"]["ink"]
    style = "round,pad=0,rounding_size=0.12"
    place = (x - width / 2, y - 0.3)
    box = FancyBboxPatch(place, width, 0.6, boxstyle=style, facecolor="white", linewidth=0)
    ax.add_patch(box)
    ax.add_patch(
        FancyBboxPatch(
            place,
            width,
            0.6,
            boxstyle=style,
            facecolor=mark(role) + "26",
            edgecolor=mark(role),
            linewidth=1.4,
            zorder=2,
        )
    )
    ax.text(x, y, word, ha="center", va="center", color=text(role) if role else ink, zorder=3)


def _arrow(
    ax: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    role: str,
    width: float,
    alpha: float = 1.0,
) -> None:
    arrow = FancyArrowPatch(
        start, end, arrowstyle="-|>", mutation_scale=9, color=mark(role), linewidth=width
    )
    arrow.set_alpha(alpha)
    ax.add_patch(arrow)
