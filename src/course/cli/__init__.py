"""The command line, `course`: every command parses its arguments and calls the package.

A user's mistake is told in one sentence on stderr, with exit code 2; Ctrl-C exits with 130.
Results go to stdout, everything else to stderr, so that commands can stand in a pipe. Modules of
the package are imported inside the commands: `course --help` should not wait for PyTorch.
"""

from typing import Annotated

import typer

import course
from course.cli.data import data
from course.cli.doctor import doctor
from course.cli.evaluate import evaluate
from course.cli.experiment import experiment
from course.cli.export import export
from course.cli.group import CourseGroup
from course.cli.progress import progress
from course.cli.train import train
from course.cli.translate import translate
from course.cli.write import write

app = typer.Typer(
    cls=CourseGroup,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> bool:
    if wanted:
        typer.echo(f"course {course.__version__}")
        raise typer.Exit()
    return wanted


@app.callback(epilog='Try: course translate "The blue car is in front of the house." --attention')
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """From Bottleneck to Breakthrough: sequence-to-sequence learning, hands on."""


app.command()(translate)
app.command()(train)
app.command()(write)
app.command()(evaluate)
app.command()(experiment)
app.command()(export)
app.add_typer(data, name="data")
app.command()(progress)
app.command()(doctor)
