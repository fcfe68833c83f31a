"""How the command line ends: what users see, and exit codes."""

import shlex
from contextvars import ContextVar
from typing import Any

import typer
from typer.core import TyperGroup

from course.errors import CourseError

MISTAKE = 2
INTERRUPTED = 130

command_line: ContextVar[str] = ContextVar("command_line", default="")
"""The command that is being run, for the cards of trained models."""


class CourseGroup(TyperGroup):
    """The group of all commands: one sentence for a mistake, no traceback for Ctrl-C."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Note the command line before it is taken apart."""
        command_line.set(shlex.join(["course", *args]))
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; turn a CourseError and Ctrl-C into their exit codes."""
        try:
            return super().invoke(ctx)
        except CourseError as error:
            typer.echo(f"course: {error}", err=True)
            raise typer.Exit(MISTAKE) from None
        except KeyboardInterrupt:
            typer.echo("course: interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from None
