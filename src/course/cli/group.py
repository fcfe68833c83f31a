"""How the command line ends: what users see, and exit codes."""

import codecs
import errno
import io
import os
import shlex
import sys
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import typer
from typer.core import TyperGroup

from course.errors import CourseError

MISTAKE = 2
INTERRUPTED = 130

# What the machine refuses, however right the command and the course are. Other errors of the
# operating system (a file of the package that is not there) are the course's own mistakes, and a
# closed pipe is none at all.
REFUSALS = {
    getattr(errno, name)
    for name in (
        *("EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "EFBIG", "EIO"),
        *("EISDIR", "ENOTDIR", "ENAMETOOLONG"),
    )
    if hasattr(errno, name)
}

command_line: ContextVar[str] = ContextVar("command_line", default="")
"""The command that is being run, for the cards of trained models."""


class CourseGroup(TyperGroup):
    """The group of all commands: one sentence for a mistake, no traceback for Ctrl-C."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Note the command line before it is taken apart."""
        _write_any_text()
        command_line.set(shlex.join(["course", *args]))
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; turn a CourseError, a refusal and Ctrl-C into their exit codes."""
        try:
            return super().invoke(ctx)
        except CourseError as error:
            _tell(f"course: {error}")
            raise typer.Exit(MISTAKE) from None
        except OSError as error:
            if error.errno not in REFUSALS:
                raise
            _give_up_output()
            what = error.filename or "The output"
            reason = f"{what} cannot be read or written ({error.strerror})"
            _tell(f"course: {reason}; make room, or choose another place.")
            raise typer.Exit(MISTAKE) from None
        except (MemoryError, RuntimeError) as error:
            if not _out_of_memory(error):
                raise
            _tell(
                "course: There is not enough memory for this; make the model, the batches "
                "(--max-tokens), the beam or the lines smaller."
            )
            raise typer.Exit(MISTAKE) from None
        except KeyboardInterrupt:
            _tell("course: interrupted")
            raise typer.Exit(INTERRUPTED) from None


def _write_any_text() -> None:
    """Let no character end a command, however few the terminal has: it shows "?" in its place.

    Where ASCII is all that is set, UTF-8 is meant: typer's own output takes it so too.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            ascii_only = codecs.lookup(stream.encoding).name == "ascii"
            stream.reconfigure(encoding="utf-8" if ascii_only else None, errors="replace")


def _out_of_memory(error: Exception) -> bool:
    """Whether Python, PyTorch on a GPU or PyTorch on the CPU has run out of memory."""
    known = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return known or "DefaultCPUAllocator" in str(error)


def _tell(sentence: str) -> None:
    """Say it on stderr, once: a mistake is mostly one of all processes that `torchrun` started."""
    if "TORCHELASTIC_RUN_ID" in os.environ:
        from course.processes import first_to_say

        if not first_to_say(sentence):
            return
    typer.echo(sentence, err=True)


def _give_up_output() -> None:
    """Drop what stdout still holds: Python would try to write it once more at its end, and fail."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        return
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
