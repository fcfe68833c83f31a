"""`course progress`: which exercises are solved, chapter by chapter."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table


def progress(
    chapter: Annotated[int | None, typer.Argument(help="Only this chapter.", min=1)] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Forget it; asks first.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    export: Annotated[
        Path | None, typer.Option(help="Write it to a file (JSON).", metavar="FILE")
    ] = None,
) -> None:
    """Show which exercises are solved, chapter by chapter."""
    from course.errors import CourseError
    from course.exercises import progress as kept
    from course.exercises.catalogue import chapters

    if chapter is not None and chapter not in chapters():
        known = ", ".join(map(str, chapters()))
        raise CourseError(
            f"Chapter {chapter} has no exercises; the chapters that have are {known}."
        )
    if reset and export:
        raise CourseError("Export first, then reset: --export and --reset don't go together.")
    entries = kept.read(_tell)
    chosen = {n: e for n, e in entries.items() if chapter in (None, int(n.partition(".")[0]))}
    if export:
        if export.is_dir():
            raise CourseError(f"{export} is a folder; give a file to write to.")
        if not export.parent.is_dir():
            raise CourseError(f"There is no folder {export.parent} to write to; make it first.")
        try:
            kept.write(export, kept.to_json(chosen))
        except OSError as error:
            raise CourseError(
                f"{export} cannot be written ({error.strerror}); give another place."
            ) from None
        _tell(f"Written to {export}.")
    elif reset:
        _forget(sorted(chosen), chapter, yes)
    else:
        _show(chosen, [chapter] if chapter else chapters())


def _tell(words: str) -> None:
    typer.echo(words, err=True)


def _forget(numbers: list[str], chapter: int | None, yes: bool) -> None:
    from course.exercises import progress as kept

    where = f"chapter {chapter}" if chapter else "all chapters"
    if not numbers:
        _tell(f"Nothing is noted of {where}; there is nothing to forget.")
        return
    count = f"{len(numbers)} exercise{'s' * (len(numbers) > 1)}"
    if not yes:
        typer.confirm(f"Forget your progress in {where} ({count})?", abort=True, err=True)
    kept.forget(numbers, _tell)
    _tell(f"Forgotten: {count} of {where}.")


def _show(entries: dict, shown: list[int]) -> None:
    from course.exercises import progress as kept
    from course.exercises.catalogue import exercises_of

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column()
    done = total = 0
    for chapter in shown:
        known = exercises_of(chapter)
        states = {number: _state(entries.get(number)) for number in known.numbers}
        solved = list(states.values()).count("solved")
        done, total = done + solved, total + len(states)
        table.add_row(f"chapter {chapter}", "", f"{solved} of {len(states)} solved")
        for number, state in states.items():
            table.add_row(f"  {state}", number, known.title(number))
    Console().print(table, highlight=False)
    typer.echo(f"\n{done} of {total} exercises solved; noted in {kept.path()}")


def _state(entry) -> str:
    if entry is None:
        return "-"
    if entry.state == "solved":
        return "solved"
    return f"tried {entry.attempts}×"
