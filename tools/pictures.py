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

from course import plotting, results, zoo
from course.data.pairs import Pair
from course.figures.palette import mark, text
from course.figures.payload import payload
from course.inspection import read_attention

Drawn = tuple[Figure, dict[str, Any]]

TRANSLATOR = "tatoeba-en-fr-bahdanau"
SOURCE = ["the", "blue", "car"]
TARGET = ["la", "voiture", "bleue"]
# which source word each target word renders
LINKS = [0, 2, 1]


def one_vector() -> Drawn:
    """Draw the classic model: all that was read passes through one vector."""
    plotting.use_style()
    figure, ax = plt.subplots(figsize=(4.2, 2.5))
    _words(ax, "One vector for the whole sentence")
    _box(ax, 3.0, 1.6, "context", "none")
    for y in (0.6, 1.6, 2.6):
        _arrow(ax, (1.5, y), (2.25, 1.6), "none", 1.4)
        _arrow(ax, (3.75, 1.6), (4.5, y), "none", 1.4)
    return figure, payload(
        "picture",
        alt="Diagram: three English words (the, blue, car) all lead into one context vector, from "
        "which three French words (la, voiture, bleue) are written.",
        caption="The classic model: everything about the sentence has to fit into one vector.",
    )


def a_look_back() -> Drawn:
    """Draw attention: each word that is written has its own links to all words that were read."""
    plotting.use_style()
    figure, ax = plt.subplots(figsize=(4.2, 2.5))
    _words(ax, "A look back at every word")
    for i, link in enumerate(LINKS):
        for j in range(len(SOURCE)):
            strong = j == link
            width, alpha = (2.4, 1.0) if strong else (0.8, 0.45)
            _arrow(ax, (1.5, 2.6 - j), (4.5, 2.6 - i), "attention", width, alpha)
    return figure, payload(
        "picture",
        alt="Diagram: each French word (la, voiture, bleue) has links to all English words (the, "
        "blue, car); the strong links of voiture to car and of bleue to blue cross.",
        caption="Attention: each step of the decoder weighs all encoder outputs anew.",
    )


def bottleneck() -> Drawn | None:
    """Draw error against length from the record of C1: one vector against attention."""
    name, task, metric = "c01_bottleneck", "reverse", "token_error_rate"
    if name not in results.names():
        return None
    record = results.load(name)
    kinds = {
        "every-step": ("one vector", "none", "solid"),
        "every-step-wide": ("one wider vector", "none", "dashed"),
        "every-step-long": ("one vector,\ntrained longer", "none", "dotted"),
        "attention": ("attention", "attention", "solid"),
    }
    series = []
    for kind, (label, role, style) in kinds.items():
        found = record.select(arm=f"{task}.{kind}", metric=metric)
        xs = sorted({row.x for row in found if row.x in record.config["inside"]})
        values = [[row.value for row in found if row.x == x] for x in xs]
        mean = [sum(v) / len(v) for v in values]
        low, high = [min(v) for v in values], [max(v) for v in values]
        series.append(plotting.Series(label, xs, mean, low, high, role, style))
    if not all(len(line.x) for line in series):
        return None
    plotting.use_style()
    figure, ax = plt.subplots(figsize=(6.6, 3.8))
    plotting.lines(
        ax,
        series,
        x="length of the sequence (symbols)",
        y="errors per reference symbol",
        title="Errors grow with length, hardly so with attention",
    )
    ends = "; ".join(f"{' '.join(s.label.split())}: {s.y[0]:.2f} to {s.y[-1]:.2f}" for s in series)
    counts = {len({r.seed for r in record.select(arm=f"{task}.{k}", metric=metric)}) for k in kinds}
    seeds = " to ".join(str(n) for n in sorted({min(counts), max(counts)}))
    return figure, payload(
        "picture",
        alt=f"Line chart, errors from the shortest to the longest sequences. {ends}.",
        caption=f"Reversing sequences of symbols, inside the trained lengths; models write freely "
        f"(greedy). Mean and range of {seeds} seeds a line. Chapter 2 tells how it was measured.",
        table={
            "columns": ["line", "length", "errors", "lowest", "highest"],
            "rows": [
                [" ".join(s.label.split()), *values]
                for s in series
                for values in zip(s.x, s.y, s.low, s.high, strict=True)
            ],
        },
    )


def alignment() -> Drawn | None:
    """Draw the attention of the shipped model while it translates a sentence."""
    if TRANSLATOR not in zoo.names():
        return None
    translator = zoo.load(TRANSLATOR)
    source = "The blue car is in front of the house."
    (target,) = translator.translate([source])
    (attention,) = read_attention(translator.model, translator.tokenizer, [Pair(source, target)])
    columns, rows = source.split(), target.split()
    weights = attention.by_word()[: len(rows), : len(columns)].tolist()
    plotting.use_style()
    figure, ax = plt.subplots(figsize=(7.0, 0.45 * len(rows) + 1.4))
    plotting.heatmap(
        ax,
        weights,
        rows,
        columns,
        title="What the model looks at while it writes each word",
        x="English, read",
        y="French, written",
    )
    strongest = [columns[row.index(max(row))] for row in weights]
    pairs = "; ".join(f"{a} looks at {b}" for a, b in zip(rows, strongest, strict=True))
    return figure, payload(
        "picture",
        alt="Heatmap of attention weights, French words in rows, English words in columns; the "
        f"strongest of each row: {pairs}.",
        caption="Attention of the model that comes with the course (GRU, additive attention, beam "
        "5), summed over the pieces of each English word, averaged over those of each French word.",
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
    style = "round,pad=0,rounding_size=0.12"
    place = (x - width / 2, y - 0.3)
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
    ax.text(x, y, word, ha="center", va="center", color=text(role), zorder=3)


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
