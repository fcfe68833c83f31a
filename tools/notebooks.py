"""Pair the text of each chapter with its notebook, run what is stale, and say what is wrong.

The text `book/chapters/NN_name.md` (MyST) is the source; `notebooks/NN_name.ipynb` holds the same
cells with outputs. Always in this direction.

    python tools/notebooks.py           run every stale notebook and store its outputs
    python tools/notebooks.py 02        only those whose name starts so
    python tools/notebooks.py --all     stale or not
    python tools/notebooks.py --check   run nothing; list what is wrong, exit 1 if anything is
"""

import argparse
import asyncio
import hashlib
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from stale import ROOT, notebook_hash, plain_python

CHAPTERS = ROOT / "book" / "chapters"
NOTEBOOKS = ROOT / "notebooks"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
MAX_LINES = 30
MAX_BYTES = 1_000_000
CELL_SECONDS = 600

# The kernels of `make notebooks` and of the tests run alike: one thread, so that sums are made in
# one order on every machine, and no setting of the reader's.
KERNEL_ENV = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "COURSE_DEVICE": "cpu",
    "TOKENIZERS_PARALLELISM": "false",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


def chapters() -> list[Path]:
    """Return the text files of all chapters, in order."""
    return sorted(CHAPTERS.glob("[0-9][0-9]_*.md"))


def notebook_path(chapter: Path) -> Path:
    """Return where the notebook of a chapter is."""
    return NOTEBOOKS / f"{chapter.stem}.ipynb"


def read_chapter(chapter: Path) -> NotebookNode:
    """Return the cells of a chapter's text as a notebook without outputs, ids made from content."""
    text = jupytext.read(chapter, fmt="md:myst")
    seen: dict[str, int] = {}
    for cell in text.cells:
        digest = hashlib.sha256(f"{cell.cell_type}:{cell.source}".encode()).hexdigest()[:10]
        seen[digest] = seen.get(digest, 0) + 1
        cell["id"] = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        tags = cell.metadata.get("tags")
        cell["metadata"] = NotebookNode({"tags": tags} if tags else {})
    text["metadata"] = NotebookNode(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    text["nbformat"], text["nbformat_minor"] = 4, 5
    return text


def content(notebook: NotebookNode) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return what a pair must agree on: type, source and tags of each cell."""
    return [
        (cell.cell_type, cell.source.strip("\n"), tuple(cell.metadata.get("tags", ())))
        for cell in notebook.cells
    ]


def current_hash(notebook: NotebookNode) -> str:
    """Return the hash that an up-to-date notebook with these cells would store."""
    return notebook_hash((cell.cell_type, cell.source) for cell in notebook.cells)


def stored_hash(notebook: NotebookNode) -> str | None:
    """Return the hash that a notebook stored when it was run."""
    return notebook.metadata.get("course", {}).get("sha256")


def run(chapter: Path) -> NotebookNode:
    """Execute a chapter in an empty folder and return its notebook, outputs tidied."""
    notebook = read_chapter(chapter)
    before = current_hash(notebook)
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: v for name, v in os.environ.items() if not name.startswith("COURSE_")}
        environment |= KERNEL_ENV | {"COURSE_CACHE": str(Path(folder, "cache"))}
        environment["COURSE_PROGRESS"] = str(Path(folder, "progress"))
        work = Path(folder, "work")
        work.mkdir()
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(work)}},
        )
        client.execute(env=environment)
    tidy(notebook)
    notebook.metadata["course"] = {"sha256": before}
    return notebook


def tidy(notebook: NotebookNode) -> None:
    """Drop what changes from run to run or says nothing: times, widget state, widget views."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = NotebookNode({"name": "python"})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("execution", None)
            data = output.get("data", {})
            if "text/html" in data:
                data.pop(WIDGET_VIEW, None)


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook with one layout, atomically."""
    path.parent.mkdir(exist_ok=True)
    text = nbformat.writes(notebook, version=4).rstrip("\n") + "\n"
    part = path.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.replace(path)


def problems(chapter: Path) -> list[str]:
    """Return all that is wrong with a pair, one sentence each; an empty list if nothing is."""
    path = notebook_path(chapter)
    if not path.is_file():
        return [f"{path.name} is missing: run `make notebooks`."]
    found = []
    if path.stat().st_size > MAX_BYTES:
        found.append(f"{path.name} is larger than 1 MB.")
    notebook = nbformat.read(path, as_version=4)
    if content(notebook) != content(read_chapter(chapter)):
        found.append(f"{path.name} and {chapter.name} disagree: run `make notebooks`.")
    if stored_hash(notebook) != current_hash(notebook):
        found.append(f"{path.name} is stale: run `make notebooks`.")
    if "widgets" in notebook.metadata:
        found.append(f"{path.name} stores widget state.")
    for number, cell in enumerate(c for c in notebook.cells if c.cell_type == "code"):
        found += [f"{path.name}, code cell {number}: {what}" for what in _cell_problems(cell)]
    return found


def _cell_problems(cell: NotebookNode) -> list[str]:
    found = []
    if cell.execution_count is None and plain_python(cell.source).strip():
        found.append("never ran.")
    if len(cell.source.strip().splitlines()) > MAX_LINES:
        found.append(f"is longer than {MAX_LINES} lines.")
    for output in cell.outputs:
        if output.output_type == "error":
            found.append(f"stores an error: {output.get('ename')}.")
        if output.get("name") == "stderr":
            found.append("writes to stderr (a warning, or a progress bar: pass progress=False).")
        if WIDGET_VIEW in output.get("data", {}):
            found.append("stores a widget view.")
        if re.search(r"0x[0-9a-f]{8,}", str(output.get("data", {}).get("text/plain", ""))):
            found.append("prints a memory address: end the cell with plotting.show(...) or `;`.")
    return found


def main() -> int:
    """Run or check the notebooks that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="starts of chapter names; all if none")
    parser.add_argument("--all", action="store_true", help="run what is not stale too")
    parser.add_argument("--check", action="store_true", help="run nothing, list what is wrong")
    options = parser.parse_args()
    if sys.platform == "win32":
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    chosen = [
        chapter
        for chapter in chapters()
        if not options.names or any(chapter.name.startswith(name) for name in options.names)
    ]
    if options.check:
        found = [problem for chapter in chosen for problem in problems(chapter)]
        print("\n".join(found) or f"{len(chosen)} notebooks are in order")
        return int(bool(found))
    return int(any([_bring_up_to_date(chapter, force=options.all) for chapter in chosen]))


def _bring_up_to_date(chapter: Path, *, force: bool) -> bool:
    """Run a chapter if it is stale; if only words changed, keep its outputs. True: it failed."""
    path = notebook_path(chapter)
    fresh = read_chapter(chapter)
    stored = nbformat.read(path, as_version=4) if path.is_file() else None
    if stored is not None and not force and stored_hash(stored) == current_hash(fresh):
        if content(stored) == content(fresh):
            print(f"{chapter.stem}: up to date")
        else:
            write(_with_outputs(fresh, stored), path)
            print(f"{chapter.stem}: only words changed, outputs kept")
        return False
    print(f"{chapter.stem}: running …", flush=True)
    start = time.monotonic()
    try:
        write(run(chapter), path)
    except CellExecutionError as error:
        print(f"{chapter.stem}: failed, nothing stored\n{error}", file=sys.stderr)
        return True
    print(f"{chapter.stem}: stored in {path.relative_to(ROOT)} ({time.monotonic() - start:.0f} s)")
    return False


def _with_outputs(fresh: NotebookNode, stored: NotebookNode) -> NotebookNode:
    """Give the cells of `fresh` the outputs of `stored`, whose code cells are the same."""
    old = [cell for cell in stored.cells if cell.cell_type == "code"]
    new = [cell for cell in fresh.cells if cell.cell_type == "code"]
    for ours, theirs in zip(new, old, strict=True):
        ours["outputs"], ours["execution_count"] = theirs.outputs, theirs.execution_count
    fresh.metadata["course"] = stored.metadata["course"]
    return fresh


if __name__ == "__main__":
    sys.exit(main())
