"""`course translate`: one text, a file, or whatever comes through a pipe."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from course.cli.options import DEFAULT_MODEL, WIDEST, Beam, Device, use_device

if TYPE_CHECKING:
    from course.decoding import Translation


def translate(
    text: Annotated[
        str | None, typer.Argument(help="The text; without it, --file or a pipe.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Translate each line of a file.", metavar="FILE")
    ] = None,
    model: Annotated[
        str, typer.Option(help="A translator of the zoo, or a folder.", metavar="NAME_OR_FOLDER")
    ] = DEFAULT_MODEL,
    beam: Beam = 5,
    n_best: Annotated[
        int, typer.Option(help="Show so many translations, each after its score.", max=WIDEST)
    ] = 1,
    attention: Annotated[
        bool,
        typer.Option(
            "--attention",
            help="Show which source words each word came from, by the mean of layers and heads.",
        ),
    ] = False,
    device: Device = None,
) -> None:
    """Translate a text, each line of a file, or each line that comes through a pipe.

    One line out for each line in; a blank line stays blank. With --n-best each translation comes
    after its score (mean log-probability of a token) and a tab; for several lines, the line's
    number and a tab come first.
    """
    lines = _lines(text, file)
    use_device(device)
    from course import decoding, zoo
    from course.errors import CourseError

    translator = zoo.load(model)
    results = decoding.translate(
        translator.model,
        translator.tokenizer,
        lines,
        beam=max(beam, n_best) if beam > 0 else beam,  # n_best needs a beam as wide
        n_best=n_best,
        return_weights=attention,
    )
    every = [each for found in results for each in found]
    weights = [each.hypothesis.weights for each in every if each.source]
    if attention and weights and weights[0] is None:
        raise CourseError(
            f"{translator.name} has no attention to show; try --model {DEFAULT_MODEL}."
        )
    for number, found in enumerate(results, start=1):
        for each in found:
            before = f"{number}\t" if n_best > 1 and len(lines) > 1 else ""
            typer.echo(before + (f"{each.score:.3f}\t" if n_best > 1 else "") + each.text)
            if attention and each.source:
                _show_attention(each)
        _warn(number if len(lines) > 1 else None, found[0])


def _lines(text: str | None, file: Path | None) -> list[str]:
    """The lines to translate, from exactly one place."""
    from course.data.own_text import read_lines, split_lines
    from course.errors import CourseError

    if text is not None and file is not None:
        raise CourseError("Give a text or --file, not both.")
    if file is not None:
        return read_lines(file)
    if text is not None:
        return split_lines(text.encode("utf-8", "replace"), "The text")
    if sys.stdin is None or sys.stdin.isatty():
        raise CourseError(
            'There is nothing to translate: give a text ("The car is blue."), --file, or a pipe.'
        )
    return split_lines(sys.stdin.buffer.read(), "Standard input")


def _show_attention(translation: "Translation") -> None:
    from course.cli.alignment_table import print_alignment
    from course.metrics import word_weights

    weights = translation.hypothesis.weights
    if weights is None or translation.empty:
        return
    matrix = word_weights(
        weights.mean((1, 2)), translation.src_words, translation.tgt_words
    )  # layers and heads averaged: a terminal has room for one table
    print_alignment(translation.source.split(), translation.text.split(), matrix.tolist())


def _warn(number: int | None, best: "Translation") -> None:
    """Say on stderr if a translation is cut off or empty."""
    where = "" if number is None else f"line {number}: "
    if not best.finished:
        typer.echo(f"course: {where}the translation was cut off at its length limit.", err=True)
    elif best.empty and best.source:
        typer.echo(f"course: {where}the model gave an empty translation.", err=True)
