"""`course experiment`: run a recorded experiment of the book again, or extend it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table


def experiment(
    name: Annotated[
        str | None, typer.Argument(help="Such as c01_bottleneck; without it, list them.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds an arm gets.")] = 3,
    workers: Annotated[
        int, typer.Option(min=1, help="How many processes share the work, one thread each.")
    ] = 1,
    out: Annotated[
        Path | None,
        typer.Option(help="The record's file; by default the one in the package.", metavar="FILE"),
    ] = None,
) -> None:
    """Measure a claim of the book. What is recorded already is kept; the rest is run."""
    from course import experiments

    if name is None:
        table = Table("name", "claim", "hypothesis", box=None, pad_edge=False)
        for each in experiments.names():
            module = experiments.get(each)
            table.add_row(each, module.CLAIM, module.HYPOTHESIS)
        Console().print(table)
        return
    experiments.run(name, seeds=seeds, out=out, workers=workers)
