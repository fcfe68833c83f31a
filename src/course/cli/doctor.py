"""`course doctor`: what works here, and what to do about what doesn't."""

import platform
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Literal, NamedTuple

import typer

State = Literal["ok", "missing", "BROKEN"]
SENTENCE = "The car is blue."


class Finding(NamedTuple):
    """One line of the report; only what is BROKEN makes the doctor fail."""

    state: State
    what: str
    detail: str


def doctor() -> None:
    """Check versions, device, data and zoo; say what to do about what does not work."""
    checks: list[Callable[[], Iterator[Finding]]] = [_versions, _device, _grammar, _corpora, _zoo]
    broken = 0
    for check in checks:
        for finding in _guarded(check):
            typer.echo(f"{finding.state:8}{finding.what:30} {finding.detail}")
            broken += finding.state == "BROKEN"
    if broken:
        typer.echo(f"\n{broken} of these must be put right for the course to work.")
        raise typer.Exit(1)
    typer.echo("\nEverything that the course needs works.")


def _guarded(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of a check; whatever else goes wrong in it is a finding too."""
    try:
        yield from check()
    except Exception as error:
        detail = " ".join(str(error).split()) or type(error).__name__
        yield Finding("BROKEN", check.__name__.lstrip("_"), detail)


def _versions() -> Iterator[Finding]:
    from packaging.requirements import Requirement

    version = platform.python_version()
    yield Finding("ok" if sys.version_info >= (3, 11) else "BROKEN", "python", version)
    for line in metadata.requires("seq2seq-course") or []:
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        remedy = f'run: {sys.executable} -m pip install "{wanted.name}{wanted.specifier}"'
        try:
            found = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            yield Finding("BROKEN", wanted.name, f"not installed; {remedy}")
            continue
        if wanted.specifier.contains(found, prereleases=True):
            yield Finding("ok", wanted.name, found)
        else:
            yield Finding("BROKEN", wanted.name, f"{found} does not do; {remedy}")


def _device() -> Iterator[Finding]:
    import torch

    from course.runtime import default_device

    device = default_device()
    torch.ones(2, 2, device=device).matmul(torch.ones(2, 2, device=device))  # it computes
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    threads = f", {torch.get_num_threads()} threads" if device.type == "cpu" else ""
    yield Finding("ok", "device", f"{device} ({name}{threads})")


def _grammar() -> Iterator[Finding]:
    import torch

    from course.data import grammar

    (sentence,) = grammar.sample(1, generator=torch.Generator().manual_seed(1), words=(4, 8))
    yield Finding("ok", "data: grammar", f"built in: {sentence.src} = {sentence.tgt}")


def _corpora() -> Iterator[Finding]:
    from course.cli.data import holding

    for name in ("tatoeba", "multi30k", "alibi", "shakespeare"):
        found = holding(name)
        if found.here:
            yield Finding("ok", f"data: {name}", found.where)
        else:
            remedy = f"to fetch {found.megabytes:.1f} MB: course data get {name}"
            yield Finding("missing", f"data: {name}", f"chapters do without; {remedy}")


def _zoo() -> Iterator[Finding]:
    from course import zoo
    from course.errors import CourseError

    if not zoo.names():
        yield Finding("BROKEN", "zoo", "no translator is installed; reinstall the course")
    for name in zoo.names():
        try:
            (output,) = zoo.load(name).translate([SENTENCE])
        except CourseError as error:
            yield Finding("BROKEN", f"zoo: {name}", f"{error} Reinstall the course.")
            continue
        yield Finding("ok", f"zoo: {name}", f"{SENTENCE} = {output}")
