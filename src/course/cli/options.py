"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

WIDEST = 1000  # ten times what the book tries; a million would take the machine's memory instead
Beam = Annotated[int, typer.Option(help="Width of the beam search; 1 is greedy.", max=WIDEST)]
Device = Annotated[
    str | None,
    typer.Option(help="cpu, cuda, cuda:1, mps; by default the best there is.", metavar="DEVICE"),
]
Source = Annotated[str, typer.Option("--src", help="Source language.", metavar="LANG")]
Target = Annotated[str, typer.Option("--tgt", help="Target language.", metavar="LANG")]
TextFile = Annotated[Path | None, typer.Option(metavar="FILE")]

DEFAULT_MODEL = "tatoeba-en-fr-bahdanau"


def use_device(name: str | None) -> None:
    """Compute on the named device from here on."""
    from course import runtime

    if name is not None:
        runtime.use_device(name)
