"""What a notebook depends on, as one hash: cells, imported package modules, records, weights.

A notebook is stale when this hash differs from the one stored in it. Comments, docstrings and
blank lines don't count: they can't change an output.
"""

import ast
import hashlib
import io
import re
import tokenize
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"


def notebook_hash(cells: Iterable[tuple[str, str]]) -> str:
    """Return the hash of a notebook.

    Args:
        cells: type ("code" or "markdown") and source of each cell; only code counts.
    """
    sources = [plain_python(source) for kind, source in cells if kind == "code"]
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.encode() + b"\0")
    for path in sorted(dependencies(sources)):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(_content(path) + b"\0")
    return digest.hexdigest()


def dependencies(sources: Iterable[str]) -> set[Path]:
    """Return the files of the package that code uses.

    Modules that it imports, and what it names: experiments (`experiments.get`), records, weights.
    """
    sources = list(sources)
    found: set[Path] = set()
    words = {word for source in sources for word in re.findall(r"[\w-]+", source)}
    package = SOURCE / "course"
    waiting = [name for source in sources for name in imported(source)]
    waiting += [
        f"course.experiments.{path.stem}"
        for path in package.glob("experiments/c[0-9]*.py")
        if path.stem in words
    ]
    while waiting:
        name = waiting.pop()
        path = module_path(name)
        if path and path not in found:
            found.add(path)
            waiting += imported(path.read_text("utf-8"), package=_package(name, path))
    found |= {path for path in package.glob("results/*.json") if path.stem in words}
    for folder in package.glob("weights/*"):
        if folder.name in words:
            found |= {path for path in folder.iterdir() if path.is_file()}
    return found


def plain_python(source: str) -> str:
    """Return the source of a cell with IPython's magic lines turned into `pass`."""
    return re.sub(r"(?m)^(\s*)[%!].*$", r"\1pass", source)


def imported(source: str, package: str = "") -> set[str]:
    """Return the dotted names of all `course` modules that some code may import."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base]).rstrip(".")
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    ours = {name for name in names if name.split(".")[0] == "course"}
    # importing a.b.c runs a and a.b as well
    return {name.rsplit(".", cut)[0] for name in ours for cut in range(name.count(".") + 1)}


def module_path(name: str) -> Path | None:
    """Return the file of a module or package of ours, or None if the name is not one."""
    base = SOURCE.joinpath(*name.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


def _package(name: str, path: Path) -> str:
    return name if path.name == "__init__.py" else name.rpartition(".")[0]


def _content(path: Path) -> bytes:
    data = path.read_bytes()
    return without_comments(data.decode("utf-8")).encode() if path.suffix == ".py" else data


def without_comments(source: str) -> str:
    """Return source without comments, docstrings, blank lines and trailing space.

    Cuts by position and so gives the same text under every version of Python.
    """
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, holders) and ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            for row in range(first.lineno, (first.end_lineno or first.lineno) + 1):
                lines[row - 1] = ""
    return "\n".join(line.rstrip() for line in lines if line.strip())
