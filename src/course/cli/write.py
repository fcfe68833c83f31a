"""`course write`: texts by a language model of one's own."""

from pathlib import Path
from typing import Annotated

import typer

from course.cli.options import Device, use_device

MOST = 1000


def write(
    prompt: Annotated[str, typer.Argument(help="How the texts begin.")] = "",
    *,
    model: Annotated[Path, typer.Option(help="Folder of a language model.", metavar="FOLDER")],
    texts: Annotated[int, typer.Option(help="How many, a line each.", min=1, max=MOST)] = 1,
    max_tokens: Annotated[
        int, typer.Option(help="Tokens after the beginning, at most.", min=1, max=100 * MOST)
    ] = 100,
    temperature: Annotated[
        float, typer.Option(help="Below 1: the likelier words more often; above 1: less.")
    ] = 1.0,
    top_p: Annotated[
        float, typer.Option(help="Draw from the likeliest words of this share.", max=1)
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 1,
    device: Device = None,
) -> None:
    """Write texts with a language model that `course train` made."""
    use_device(device)
    from course import writing

    writer = writing.load(model)
    for text in writer.write(
        prompt,
        texts=texts,
        max_tokens=max_tokens,
        temperature=temperature,
        top_p=top_p,
        seed=seed,
    ):
        typer.echo(text)
