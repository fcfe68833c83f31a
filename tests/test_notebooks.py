"""Every notebook: paired, fresh, run as stored in a bare environment that installed the wheel."""

import ast
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
import torch

import notebooks as pairs
import stale
import wheel_kernel

ROOT = Path(__file__).resolve().parents[1]

CHAPTERS = pairs.chapters()
SECONDS = 120  # a notebook's limit on two quiet cores
CALIBRATION = 0.85  # seconds that `calibrate` takes on such a machine, one thread

FIRST_CELL = """\
import importlib.util

if importlib.util.find_spec("course") is None:  # on Colab; keeps the torch that is there
    %pip install --quiet seq2seq-course"""

each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)


def code_cells(chapter):
    notebook = nbformat.read(pairs.notebook_path(chapter), as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell):
    return cell.metadata.get("tags", [])


# --- what is stored


def test_there_are_chapters_and_no_notebook_without_one():
    assert CHAPTERS
    stems = {path.stem for path in CHAPTERS}
    assert {path.stem for path in pairs.NOTEBOOKS.glob("*.ipynb")} == stems


@each_chapter
def test_pair_is_in_order(chapter):
    assert pairs.problems(chapter) == []


@each_chapter
def test_first_cell_installs_the_course_on_colab(chapter):
    assert code_cells(chapter)[0].source == FIRST_CELL


@each_chapter
def test_cells_are_short(chapter):
    lines = sorted(len(cell.source.splitlines()) for cell in code_cells(chapter)[1:])
    assert lines[len(lines) // 2] <= 8


@each_chapter
def test_few_outputs_are_ignored_and_each_has_its_assert(chapter):
    cells = code_cells(chapter)
    shown = [cell for cell in cells if cell.outputs]
    ignored = [i for i, cell in enumerate(cells) if "nbval-ignore-output" in tags(cell)]
    assert len([i for i in ignored if cells[i].outputs]) <= len(shown) / 4
    for i in ignored:
        following = cells[i + 1].source if i + 1 < len(cells) else ""
        assert has_assert(cells[i].source) or has_assert(following), cells[i].source


@each_chapter
def test_nothing_else_is_left_untested(chapter):
    hidden = {"nbval-skip", "raises-exception", "nbval-raises-exception"}
    for cell in code_cells(chapter):
        assert not hidden & set(tags(cell))
        assert "NBVAL_" not in cell.source


@each_chapter
def test_mirrors_equal_the_package(chapter):
    for cell in code_cells(chapter):
        for tag in tags(cell):
            if tag.startswith("mirror:"):
                assert differing(cell.source, tag.removeprefix("mirror:")) == []


@each_chapter
def test_solutions_are_python(chapter):
    text = chapter.read_text("utf-8")
    for solution in re.findall(r"```python\n(# solution: [\d.]+\n.*?)```", text, re.S):
        ast.parse(stale.plain_python(solution))


@each_chapter
def test_pictures_have_words(chapter):
    for cell in code_cells(chapter):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                assert output.metadata.get("image/png", {}).get("alt"), cell.source
                assert len(output.data["image/png"]) <= 140_000


def has_assert(source):
    tree = ast.parse(stale.plain_python(source))
    return any(
        isinstance(node, ast.Assert)
        or isinstance(node, ast.Attribute)
        and node.attr.startswith("assert_")
        for node in ast.walk(tree)
    )


def definitions(source):
    body = ast.parse(stale.without_comments(stale.plain_python(source))).body
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name: plain(node) for node in body if isinstance(node, kinds)}


def plain(node):
    """Return the syntax tree as text, without annotations, which a chapter may leave out."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.arg):
            inner.annotation = None
        if isinstance(inner, ast.FunctionDef):
            inner.returns = None
    return ast.dump(node)


def differing(source, module):
    """Return the names that a cell defines otherwise than a module of the package does."""
    path = stale.module_path(module)
    assert path, f"mirror of {module}, which is not a module"
    mine, theirs = definitions(source), definitions(path.read_text("utf-8"))
    assert mine, "a mirror defines something"
    return [name for name, tree in mine.items() if theirs.get(name) != tree]


# --- what runs


@pytest.fixture(scope="session")
def kernel(tmp_path_factory):
    """The environment of a bare machine whose reader has run a first cell."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel = wheel_kernel.build(folder)
    python = wheel_kernel.bare(folder, wheel)
    there = "import importlib.util as u; print(u.find_spec({!r}) is not None)"
    for name, expected in (("torch", True), ("course", False), ("sphinx", False)):
        assert wheel_kernel.run([python, "-c", there.format(name)]).strip() == str(expected), name
    environment = wheel_kernel.environment(folder, python, wheel)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(FIRST_CELL)])
    nbformat.write(notebook, folder / "first.ipynb")
    installed = nbval(folder / "first.ipynb", environment)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    found = wheel_kernel.run([python, "-c", "import course; print(course.__file__)"])
    assert Path(found.strip()).is_relative_to(folder / "bare")
    return environment


def nbval(notebook, environment):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval"]
    command += ["--nbval-kernel-name", wheel_kernel.KERNEL, "--nbval-cell-timeout", "600"]
    command += ["--nbval-sanitize-with", str(ROOT / "tools" / "sanitize.cfg"), notebook.name]
    return subprocess.run(
        command, cwd=notebook.parent, env=environment, capture_output=True, text=True
    )


def calibrate():
    """Return the seconds of a fixed product, to scale budgets by how fast the machine is now."""
    matrix = torch.ones(512, 512)
    start = time.perf_counter()
    for _ in range(200):
        matrix = matrix @ matrix * 0 + 1
    return time.perf_counter() - start


@pytest.mark.timeout(900)
@each_chapter
def test_runs_as_stored(chapter, kernel, tmp_path):
    notebook = tmp_path / f"{chapter.stem}.ipynb"
    shutil.copy2(pairs.notebook_path(chapter), notebook)
    start = time.perf_counter()
    result = nbval(notebook, kernel)
    seconds = time.perf_counter() - start
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    slower = max(1.0, calibrate() / CALIBRATION)
    assert seconds <= 2 * SECONDS * slower, f"{seconds:.0f} s"


def test_a_changed_output_is_found(kernel, tmp_path):
    notebook = nbformat.v4.new_notebook()
    source = "import course\nprint(course.__file__[-19:], 2)"
    cell = nbformat.v4.new_code_cell(source, execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="course/__init__.py 2\n")]
    notebook.cells = [cell]
    path = tmp_path / "tried.ipynb"
    nbformat.write(notebook, path)
    wrong = nbval(path, kernel)
    assert wrong.returncode == 1
    assert "disagrees" in wrong.stdout or "mismatch" in wrong.stdout
    cell.outputs[0].text = "/course/__init__.py 2\n"
    nbformat.write(notebook, path)
    right = nbval(path, kernel)
    assert right.returncode == 0, right.stdout


def test_a_live_figure_is_compared_by_its_html(kernel, tmp_path):
    from course.figures.positions import Positions

    notebook = nbformat.v4.new_notebook()
    source = "from course.figures.positions import Positions\n\nPositions()"
    data, _ = Positions()._repr_mimebundle_()
    cell = nbformat.v4.new_code_cell(source, execution_count=1)
    stored = nbformat.v4.new_output("execute_result", data=data, execution_count=1)
    cell.outputs, notebook.cells = [stored], [cell]
    pairs.tidy(notebook)
    assert set(stored.data) == {"text/html", "text/plain"}  # the kernel sends a widget, too
    path = tmp_path / "figure.ipynb"
    # the picture is not compared, the numbers are
    stored.data["text/html"] = stored.data["text/html"].replace("base64,PD94", "base64,PD95")
    nbformat.write(notebook, path)
    right = nbval(path, kernel)
    assert right.returncode == 0, right.stdout
    stored.data["text/html"] = stored.data["text/html"].replace('"places":24', '"places":25')
    nbformat.write(notebook, path)
    assert nbval(path, kernel).returncode == 1


# --- the tools


def test_hash_heeds_code_and_not_words():
    cells = [("markdown", "Words."), ("code", "x = 1  # one\n\nprint(x)")]
    base = stale.notebook_hash(cells)
    assert stale.notebook_hash([("markdown", "Other."), cells[1]]) == base
    assert stale.notebook_hash([("code", "x = 2\nprint(x)")]) != base


def test_dependencies_follow_imports_records_and_weights():
    def names(source):
        return {path.relative_to(stale.SOURCE).as_posix() for path in stale.dependencies([source])}

    assert "course/figures/payload.py" in names("from course import plotting")
    assert names("import torch") == set()
    by_name = names('from course import experiments\nexperiments.get("c02_gates")')
    assert {"course/experiments/c02_gates.py", "course/experiments/fitting.py"} <= by_name
    assert "course/errors.py" in names("if True:\n    import course.plotting as p")
    assert "course/plotting.py" not in names("from course.errors import CourseError")


def test_comments_and_docstrings_fall_away():
    source = '"""Words."""\n\ndef f(a):  # why\n    """Say.\n\n    More."""\n    return "# kept"\n'
    assert stale.without_comments(source) == 'def f(a):\n    return "# kept"'


def test_relative_imports_are_resolved():
    assert stale.imported("from ..ops import masks", package="course.nn") >= {"course.ops.masks"}
    assert stale.imported("from . import b", package="course.nn") >= {"course.nn.b"}
    assert stale.imported("import numpy") == set()


def test_tidy_drops_what_changes():
    notebook = nbformat.v4.new_notebook(
        metadata={"widgets": {}, "language_info": {"name": "p", "version": "3"}}
    )
    cell = nbformat.v4.new_code_cell("x", metadata={"execution": {"iopub.busy": "now"}})
    data = {pairs.WIDGET_VIEW: {"model_id": "1"}, "text/html": "<b>x</b>"}
    cell.outputs = [nbformat.v4.new_output("display_data", data=data)]
    notebook.cells = [cell]
    pairs.tidy(notebook)
    assert "widgets" not in notebook.metadata
    assert notebook.metadata.language_info == {"name": "python"}
    assert cell.metadata == {}
    assert list(cell.outputs[0].data) == ["text/html"]


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """A tiny chapter and its notebook, run and stored in a folder of their own."""
    monkeypatch.setattr(pairs, "CHAPTERS", tmp_path)
    monkeypatch.setattr(pairs, "NOTEBOOKS", tmp_path)
    chapter = tmp_path / "01_tiny.md"
    chapter.write_text("# Tiny\n\n```{code-cell} ipython3\nprint(1 + 1)\n```\n", "utf-8")
    notebook = pairs.read_chapter(chapter)
    cell = notebook.cells[1]
    cell["execution_count"] = 1
    cell["outputs"] = [nbformat.v4.new_output("stream", name="stdout", text="2\n")]
    notebook.metadata["course"] = {"sha256": pairs.current_hash(notebook)}
    pairs.write(notebook, pairs.notebook_path(chapter))
    return chapter


def spoil(chapter, change):
    path = pairs.notebook_path(chapter)
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    pairs.write(notebook, path)
    return " ".join(pairs.problems(chapter))


def test_a_good_pair_has_no_problems(pair):
    assert pairs.problems(pair) == []


def test_problems_are_found(pair):
    good = pairs.notebook_path(pair).read_text("utf-8")

    def check(change, message):
        pairs.notebook_path(pair).write_text(good, "utf-8")
        assert message in spoil(pair, change)

    error = nbformat.v4.new_output("error", ename="ValueError", evalue="", traceback=[])
    warned = nbformat.v4.new_output("stream", name="stderr", text="careful")
    address = nbformat.v4.new_output("execute_result", data={"text/plain": "<A at 0x7f0123456789>"})
    check(lambda n: n.cells[0].update(source="# Other"), "disagree")
    check(lambda n: n.metadata.course.update(sha256="0"), "stale")
    check(lambda n: n.cells[1].update(execution_count=None), "never ran")
    check(lambda n: n.cells[1].outputs.append(error), "stores an error")
    check(lambda n: n.cells[1].outputs.append(warned), "stderr")
    check(lambda n: n.cells[1].outputs.append(address), "address")
    check(lambda n: n.cells[1].update(source="x = 1\n" * 31), "longer than 30")


def test_changed_words_keep_the_outputs(pair, capsys):
    pair.write_text(pair.read_text("utf-8").replace("# Tiny", "# Small"), "utf-8")
    assert not pairs._bring_up_to_date(pair, force=False)
    assert "only words changed" in capsys.readouterr().out
    assert pairs.problems(pair) == []


def test_mirror_finds_a_difference():
    path = stale.module_path("course.figures.payload")
    source = path.read_text("utf-8")
    shown = source[source.index("def _shown") :]
    assert differing(shown, "course.figures.payload") == []
    changed = shown.replace("value is None", "value is not None")
    assert differing(changed, "course.figures.payload") == ["_shown"]
