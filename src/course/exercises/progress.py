"""What is solved: one small JSON file in the user's data folder.

Notebooks may run at the same time: a change is read, made and written under a lock, and the file
is replaced as a whole. A damaged file is set aside.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import filelock

from course import runtime

SCHEMA = 1
PATIENCE = 10.0  # seconds to wait for another notebook

State = Literal["solved", "tried"]


class Entry(NamedTuple):
    """How an exercise stands: solved or tried, since when, after how many attempts."""

    state: State
    when: str
    attempts: int


Entries = dict[str, Entry]
Tell = Callable[[str], Any]


def path() -> Path:
    """The file; it need not exist yet."""
    return runtime.progress_dir() / "progress.json"


def read(tell: Tell = print) -> Entries:
    """All that is noted, by number of exercise.

    Args:
        tell: is told in one sentence if the file was damaged and has been set aside.
    """
    try:
        text = path().read_text("utf-8")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        text = ""
    try:
        return _parsed(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        aside = _set_aside()
        tell(f"The file of your progress was damaged; it is kept as {aside}, and a new one begun.")
        return {}


def note(number: str, state: State, tell: Tell = print) -> None:
    """Note an attempt; what is solved stays solved.

    Nothing is raised where nothing can be written: `tell` is told, and the reader goes on.
    """
    try:
        with _changing(tell) as entries:
            before = entries.get(number)
            attempts = before.attempts + 1 if before else 1
            if before is not None and before.state == "solved":
                return
            now = datetime.now(UTC).isoformat(timespec="seconds")
            entries[number] = Entry(state, now, attempts)
    except (OSError, filelock.Timeout) as error:
        reason = getattr(error, "strerror", None) or "another program holds it"
        tell(f"(Your progress could not be noted in {path()}: {reason}.)")


def forget(numbers: list[str] | None = None, tell: Tell = print) -> None:
    """Forget some exercises, or all."""
    with _changing(tell) as entries:
        for number in list(entries) if numbers is None else numbers:
            entries.pop(number, None)


def to_json(entries: Entries) -> str:
    """The text of a progress file."""
    listed = {number: entry._asdict() for number, entry in sorted(entries.items())}
    return json.dumps({"schema": SCHEMA, "exercises": listed}, indent=1) + "\n"


def write(file: Path, text: str) -> None:
    """Replace a file as a whole, so that it is never half-written."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _changing(tell: Tell) -> Iterator[Entries]:
    """Give out the entries under a lock, and store them if they have changed."""
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(file.with_suffix(".lock"), timeout=PATIENCE):
        entries = read(tell)
        before = dict(entries)
        yield entries
        if entries != before:
            write(file, to_json(entries))


def _parsed(stored: dict[str, Any]) -> Entries:
    if stored["schema"] != SCHEMA:
        raise ValueError("a schema of another version")
    entries = {number: Entry(**entry) for number, entry in stored["exercises"].items()}
    for number, entry in entries.items():
        kinds = (str, str, int)
        known = entry.state in ("solved", "tried") and number.replace(".", "").isdigit()
        if not known or not all(map(isinstance, entry, kinds)):
            raise ValueError("an entry that is none")
    return entries


def _set_aside() -> Path:
    """Rename the damaged file to a name that is free, and return it."""
    file = path()
    count = 1
    while (aside := file.with_name(f"progress.damaged-{count}.json")).exists():
        count += 1
    try:
        os.replace(file, aside)
    except FileNotFoundError:  # another notebook was faster
        pass
    return aside
