"""The shape of the package: imports point one way, files stay short, nobody else reads COURSE_*."""

import ast
import re
import sys
from pathlib import Path

import pytest

from stale import imported

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "course"

MAX_LINES = 280
FREE = {"course", "course.errors"}  # what every module may import

# what each part of the package may import of the others; a part not named here may import all
ALLOWED = {
    "course.errors": set(),
    "course.runtime": set(),
    "course.ops": set(),
    "course.nn": {"course.ops"},
    "course.models": {"course.ops", "course.nn"},
    "course.data": {"course.runtime"},
    "course.decoding": {"course.models.interface", "course.data.tokenizer", "course.data.batching"},
    "course.metrics": set(),
    # what pictures and live figures share knows nothing else; each figure may draw on all
    "course.figures.palette": set(),
    "course.figures.payload": set(),
    "course.figures.labels": {"course.figures.palette"},
    "course.figures.beam_tree": {"course.figures.palette"},
    "course.figures.bundle": {"course.figures.palette"},
    "course.figures.base": {"course.figures.bundle", "course.figures.payload"},
    "course.plotting": {"course.figures"},
}
ONLY_TORCH = {"torch", "math", "typing", "collections", "jaxtyping", "einops", "__future__"}
FILES = sorted(PACKAGE.rglob("*.py"))


def name_of(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def violations(name, source, package):
    """Return what a module imports although its part may not."""
    part = name if name in ALLOWED else ".".join(name.split(".")[:2])
    if part not in ALLOWED:
        return []
    allowed = ALLOWED[part] | {part} | FREE
    found = []
    for target in imported(source, package=package):
        inside = any(target == a or target.startswith(a + ".") for a in allowed - {"course"})
        parent = any(a.startswith(target + ".") for a in allowed)
        if not inside and not parent and target != "course":
            found.append(target)
    return sorted(found)


def package_of(path):
    return name_of(path) if path.name == "__init__.py" else name_of(path).rpartition(".")[0]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_point_one_way(path):
    assert violations(name_of(path), path.read_text("utf-8"), package_of(path)) == []


def test_a_wrong_import_is_found():
    assert violations("course.ops.masks", "from course.nn import rnn", "course.ops")
    assert violations("course.data.toy", "import course.models.seq2seq", "course.data")
    assert violations(
        "course.decoding.beam", "from ..models.seq2seq import Seq2Seq", "course.decoding"
    )
    assert violations("course.figures.base", "import course.plotting", "course.figures")
    assert not violations("course.nn.rnn", "from course.ops import masks", "course.nn")
    assert not violations(
        "course.decoding.beam", "from course.models.interface import Step", "course.decoding"
    )


def test_ops_import_torch_only():
    for path in (PACKAGE / "ops").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            outside = {name.split(".")[0] for name in names} - ONLY_TORCH - {"course"}
            outside -= sys.stdlib_module_names
            assert not outside, f"{path.name} imports {outside}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_file_is_short_and_named(path):
    source = path.read_text("utf-8")
    assert len(source.splitlines()) <= MAX_LINES
    assert path.stem not in {"utils", "util", "helpers", "misc", "common"}
    assert not re.search(r"\b(TODO|FIXME|XXX)\b|raise NotImplementedError", source)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_runtime_reads_the_environment_of_the_course(path):
    tree = ast.parse(path.read_text("utf-8"))
    if name_of(path) == "course.runtime":
        return
    reads = any(
        isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
        for node in ast.walk(tree)
    )
    names = any(
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"COURSE_[A-Z_]+", node.value)
        for node in ast.walk(tree)
    )
    assert not (reads and names)
