"""`course data`: which corpora there are, and fetching them."""

from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

data = typer.Typer(no_args_is_help=True, help="List the corpora, and fetch them.")

_CONTENTS = {
    "grammar": "generated sentences with gold alignment",
    "tatoeba": "short everyday sentences",
    "multi30k": "captions of pictures",
    "alibi": "five stories aligned word by word",
    "shakespeare": "plays",
}
_LANGUAGES = {
    "grammar": "en fr",
    "tatoeba": "en fr",
    "multi30k": "en de fr",
    "alibi": "en fr",
    "shakespeare": "en",
}


class Holding(NamedTuple):
    """What this machine has of a corpus: how many of its files, and where."""

    here: int
    files: int
    where: str
    megabytes: float
    licence: str


def holding(name: str) -> Holding:
    """Look for a corpus in the mirror and in the cache; checksums wait until it is used."""
    from course import runtime
    from course.data.download import manifest

    entries = [entry for file, entry in manifest().items() if file.startswith(name + "/")]
    size = sum(entry.bytes for entry in entries) / 1e6
    if not entries:
        return Holding(0, 0, "built in", size, "part of the course")
    places = [("mirror", runtime.data_mirror()), ("cache", runtime.cache_dir())]
    found = {
        entry.file: label
        for label, folder in reversed(places)
        for entry in entries
        if folder and (folder / entry.file).is_file()
    }
    where = " and ".join(sorted(set(found.values()))) or "not here yet"
    if 0 < len(found) < len(entries):
        where += f", {len(found)} of {len(entries)} files"
    return Holding(len(found), len(entries), where, size, entries[0].licence)


@data.command("list")
def list_() -> None:
    """List the corpora: contents, languages, size, licence, and whether they are here."""
    table = Table(box=None, pad_edge=False)
    for column in ("name", "languages", "contents", "size", "where", "licence"):
        table.add_column(column, no_wrap=column in {"name", "size"})
    for name, contents in _CONTENTS.items():
        found = holding(name)
        size = f"{found.megabytes:.1f} MB" if found.megabytes else "-"
        table.add_row(name, _LANGUAGES[name], contents, size, found.where, found.licence)
    Console().print(table)


@data.command()
def get(
    name: Annotated[str, typer.Argument(help="A corpus that `course data list` shows.")],
) -> None:
    """Fetch a corpus into the cache, checked; nothing to do for what is here already."""
    from course.data.download import credit, fetch, manifest
    from course.errors import CourseError

    if name not in _CONTENTS:
        known = ", ".join(_CONTENTS)
        raise CourseError(f"There is no corpus {name!r}; known are {known}.")
    files = [file for file in manifest() if file.startswith(name + "/")]
    if not files:
        typer.echo(f"{name} is built in; there is nothing to fetch.")
        return
    for file in files:
        typer.echo(str(fetch(file)))
    typer.echo(f"Licence and credit: {credit(name)}", err=True)
