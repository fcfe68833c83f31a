"""`course export`: a translator for the reader's browser."""

from pathlib import Path
from typing import Annotated

import typer


def export(
    name: Annotated[
        str, typer.Argument(help="A translator of the zoo, or a folder.", metavar="NAME_OR_FOLDER")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write.", metavar="FOLDER")],
) -> None:
    """Write a translator as ONNX, for a browser or any other ONNX runtime."""
    import course.export

    manifest = course.export.export(name, out)
    for file, known in manifest["files"].items():
        typer.echo(f"{known['bytes'] / 1e6:7.3f} MB  {out / file}")
    typer.echo(f"{manifest['bytes'] / 1e6:7.3f} MB  in all")
