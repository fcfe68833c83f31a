"""The visual language of the book in matplotlib: line charts, heatmaps, and how to show them.

For whoever writes a chapter::

    import matplotlib.pyplot as plt
    from course import plotting

    plotting.use_style()                                  # once, in the first plotting cell
    fig, ax = plt.subplots()
    plotting.lines(ax, [
        plotting.Series("one vector", lengths, errors, low=low, high=high, role="none"),
        plotting.Series("attention", lengths, errors_attention, role="attention"),
    ], x="source length (words)", y="errors per reference word",
       title="One vector fails on long sentences")        # the title states the finding
    plotting.show(fig,
        alt="Line chart: errors rise from … to … with one vector and stay below … with attention.",
        caption="Errors per word against length; shaded: lowest to highest of five seeds.",
        table={"columns": ["length", "one vector", "attention"], "rows": [[4, 0.1, 0.1], ...]})

    fig, ax = plt.subplots()
    plotting.heatmap(ax, weights, rows=target_words, columns=source_words,
                     title="Each French word looks at its English word")

`show` is the last line of its cell. A role names a thing, not a colour: "source", "target",
"attention", "query", "key", "value", or "none" for a model without attention. `table` holds the
numbers that are drawn (floats are stored with four significant digits). Functions here take
arrays and lists and know neither models nor records.
"""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike
from PIL import Image

from course.errors import CourseError
from course.figures.labels import label_cells, label_ends
from course.figures.palette import mark, palette, text
from course.figures.payload import payload, to_html

MAX_PNG_BYTES = 100_000


@dataclass(frozen=True)
class Series:
    """One line of a chart.

    Attributes:
        label: written at the end of the line.
        x: horizontal values, in the order in which they are joined.
        y: vertical values.
        low: lower end of the interval at each x, or None.
        high: upper end of the interval at each x, or None.
        role: what the line shows; decides its colour (see `course.figures.palette`).
        style: "solid", or "dashed" for a second line in the same colour, such as a control.
    """

    label: str
    x: ArrayLike
    y: ArrayLike
    low: ArrayLike | None = None
    high: ArrayLike | None = None
    role: str = "attention"
    style: Literal["solid", "dashed", "dotted"] = "solid"


def use_style() -> None:
    """Give every later matplotlib figure the fonts, sizes and colours of the book."""
    theme, words = palette()["theme"]["light"], palette()["type"]
    plt.rcParams.update(
        {
            "font.family": "sans-serif",
            # the bundled font: the same picture on every machine
            "font.sans-serif": ["DejaVu Sans"],
            "font.size": words["size"],
            "axes.titlesize": words["title"],
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.titlepad": 10,
            "axes.labelcolor": theme["ink"],
            "axes.edgecolor": theme["muted"],
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": theme["grid"],
            "text.color": theme["ink"],
            "xtick.color": theme["muted"],
            "ytick.color": theme["muted"],
            "lines.linewidth": 2,
            "lines.markersize": 5,
            "figure.figsize": (6.4, 3.8),
            "figure.constrained_layout.use": True,
            "figure.facecolor": theme["background"],
            "savefig.facecolor": theme["background"],
        }
    )


def lines(
    ax: Axes,
    series: Sequence[Series],
    *,
    x: str,
    y: str,
    title: str,
    percent: bool = False,
    markers: bool = True,
) -> None:
    """Draw lines with shaded intervals, each labelled at its end; labels never overlap.

    Args:
        ax: where to draw. Set its scales and limits before calling: labels are placed for them.
        series: the lines.
        x: name of the horizontal quantity, with its unit.
        y: name of the vertical quantity, with its unit.
        title: the finding, as a sentence.
        percent: write the vertical axis in per cent (values stay fractions).
        markers: draw a dot at each point.
    """
    ink = palette()["theme"]["light"]["ink"]
    for line in series:
        colour = mark(line.role)
        xs, ys = np.asarray(line.x, dtype=float), np.asarray(line.y, dtype=float)
        if line.low is not None and line.high is not None:
            low, high = np.asarray(line.low, dtype=float), np.asarray(line.high, dtype=float)
            ax.fill_between(xs, low, high, color=colour, alpha=0.18, linewidth=0)
        drawn = ax.plot(xs, ys, color=colour, linestyle=line.style, zorder=3)[0]
        drawn.set_path_effects([withStroke(linewidth=2.8, foreground=ink, alpha=0.25)])
        if markers:
            ax.plot(xs, ys, "o", color=colour, markeredgecolor=ink, markeredgewidth=0.5, zorder=4)
    ax.set(xlabel=x, ylabel=y, title=title)
    if percent:
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    label_ends(
        ax,
        [line.label for line in series],
        [(float(np.asarray(line.x)[-1]), float(np.asarray(line.y)[-1])) for line in series],
        [text(line.role) for line in series],
        size=palette()["type"]["size"],
    )


def heatmap(
    ax: Axes,
    weights: ArrayLike,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    title: str = "",
    x: str = "source",
    y: str = "target",
    low: float = 0.0,
    high: float = 1.0,
    numbers: bool = True,
    decimals: int = 2,
) -> None:
    """Draw a matrix on the purple ramp, the number printed in each cell where it fits.

    Args:
        ax: where to draw.
        weights: one row for each of `rows`, one column for each of `columns`.
        rows: names of the rows, top to bottom (target words, for attention).
        columns: names of the columns (source words, for attention).
        title: the finding, as a sentence.
        x: what the columns are.
        y: what the rows are.
        low: value shown as the page's background.
        high: value shown as the darkest purple.
        numbers: print the values, where the cells are large enough.
        decimals: digits after the point; values below 1 are printed without the leading zero.

    Raises:
        CourseError: if the shape of `weights` and the names disagree.
    """
    values = np.asarray(weights, dtype=float)
    if values.shape != (len(rows), len(columns)):
        raise CourseError(
            f"{values.shape} weights need as many names, not {len(rows)} rows "
            f"and {len(columns)} columns."
        )
    ramp = LinearSegmentedColormap.from_list("course", palette()["ramp"]["light"])
    ax.imshow(values, cmap=ramp, vmin=low, vmax=high, aspect="auto")
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    crowded = sum(len(name) for name in columns) > 45
    ax.set_xticks(range(len(columns)), columns, color=text("source"))
    ax.set_yticks(range(len(rows)), rows, color=text("target"))
    ax.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    if crowded:
        plt.setp(ax.get_xticklabels(), rotation=55, ha="left", rotation_mode="anchor")
    ax.set(xlabel=x, ylabel=y)
    ax.xaxis.set_label_position("top")
    if title:
        ax.set_title(title, pad=14)
    if numbers:
        cells = ramp((values - low) / (high - low))
        label_cells(ax, values, cells, decimals=decimals, size=palette()["type"]["small"])


def show(
    fig: Figure,
    *,
    alt: str,
    caption: str,
    table: Mapping[str, Sequence[Any]] | None = None,
) -> None:
    """Show a figure in a notebook with its caption, its text alternative and its numbers.

    Stores two outputs: the picture (with `alt` in its metadata, which the site reads) and HTML
    with the caption and, folded away, the text alternative and the table. Closes the figure.

    Args:
        fig: the figure.
        alt: what it shows, for a reader who can't see it, with the finding in numbers.
        caption: one or two sentences below it: what is drawn, and how it was measured.
        table: `{"columns": [...], "rows": [[...], ...]}`, the numbers that are drawn.

    Raises:
        CourseError: if the texts or the table don't keep the contract of
            `course.figures.payload`, or the picture can't be stored in 100 kB.
    """
    from IPython.display import HTML, display

    stored = payload("picture", alt=alt, caption=caption, table=table)
    png = to_png(fig)
    width = round(fig.get_size_inches()[0] * 96)
    bundle = {
        "image/png": base64.b64encode(png).decode("ascii"),
        "text/plain": f"Picture: {stored['alt']}",
    }
    metadata = {"image/png": {"width": width, "alt": stored["alt"]}}
    plt.close(fig)
    display(bundle, metadata=metadata, raw=True)
    display(HTML(to_html(stored)))


def to_png(fig: Figure) -> bytes:
    """Return the figure as a PNG of at most 100 kB, as sharp as that allows.

    Raises:
        CourseError: if even the coarsest picture is larger.
    """
    for dpi in (192, 160, 128, 96):
        stream = io.BytesIO()
        fig.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
        small = _with_few_colours(stream)
        if len(small) <= MAX_PNG_BYTES:
            return small
    raise CourseError("The picture is larger than 100 kB: draw fewer points or a smaller figure.")


def _with_few_colours(png: io.BytesIO) -> bytes:
    """Return a PNG with a palette of 128 colours: a third of the bytes, and no visible change."""
    stream = io.BytesIO()
    picture = Image.open(png).convert("RGB")
    picture.quantize(128, dither=Image.Dither.NONE).save(stream, format="png", optimize=True)
    return stream.getvalue()
