"""An attention matrix as a table in the terminal: target words by source words."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.style import Style
from rich.text import Text

from course.cli.shades import shade

LONGEST = 14
NARROWEST = 4


def print_alignment(
    src: Sequence[str], tgt: Sequence[str], weights: Sequence[Sequence[float]]
) -> None:
    """Print the weights of target words (rows) over source words in percent.

    The largest of each row has a star; below 1% a dot stands. A table wider than the terminal
    goes on below, with the source words that follow.
    """
    console = Console(highlight=False)
    shaded = console.color_system in {"256", "truecolor"}  # fewer colours cannot show a ramp
    label = min(max(cell_len(word) for word in tgt), LONGEST)
    best = [max(range(len(row)), key=row.__getitem__) for row in weights]
    for columns in _blocks(src, console.width - label - 1):
        header = Text(" " * label)
        for column in columns:
            header.append(" " + _right(src[column], _width(src[column])), style="bold")
        console.print(header, no_wrap=True, crop=False)
        for word, row, star in zip(tgt, weights, best, strict=True):
            line = Text()
            line.append(_left(word, label), style="bold")
            for column in columns:
                cell = _cell(row[column], starred=column == star)
                line.append(" ")
                style = shade(row[column]) if shaded else Style(bold=column == star)
                line.append(_right(cell, _width(src[column])), style=style)
            console.print(line, no_wrap=True, crop=False)
    console.print("(percent of each row's attention; * = most; the end of sentence gets the rest)")


def _cell(weight: float, *, starred: bool) -> str:
    number = f"{100 * weight:.0f}" if weight >= 0.01 else "·"
    return number + ("*" if starred else " ")


def _width(word: str) -> int:
    return min(max(cell_len(word), NARROWEST), LONGEST)


def _blocks(words: Sequence[str], room: int) -> list[list[int]]:
    """Cut the columns into blocks that fit."""
    blocks: list[list[int]] = [[]]
    used = 0
    for column, word in enumerate(words):
        used += _width(word) + 1
        if used > room and blocks[-1]:
            blocks.append([])
            used = _width(word) + 1
        blocks[-1].append(column)
    return blocks


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"


def _left(text: str, width: int) -> str:
    text = _cut(text, width)
    return text + " " * (width - cell_len(text))


def _right(text: str, width: int) -> str:
    text = _cut(text, width)
    return " " * (width - cell_len(text)) + text
