"""JupyterLab itself in a real browser: a notebook is opened, run, and its figures are operated."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from chromium_page import listen

pytestmark = pytest.mark.timeout(600)
TOKEN = "for-tests"
LONGEST = 120_000  # milliseconds until a kernel has run three cells, on a busy machine


OPERATED = ("query-key-value", "positions", "attention-explorer")
CELL = """\
import sys
sys.path[:0] = {places!r}
from figures.test_{module} import example
example()"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """JupyterLab on a folder of its own, with settings of its own; gives address and folder."""
    folder = tmp_path_factory.mktemp("lab")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    work = folder / "work"
    work.mkdir()
    places = {
        name: str(folder / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")
    }
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", f"--port={port}"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={work}", "--allow-root"]
    # no news, no check for a newer version: nothing asks another host
    command += [
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    log = (folder / "log").open("w")
    env = (
        os.environ | places | {"COURSE_DEVICE": "cpu", "COURSE_PROGRESS": str(folder / "progress")}
    )
    process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(240):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}api/status?token={TOKEN}", timeout=5).close()
                break
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.5)
        yield address, work
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


def notebook():
    """Return a notebook that shows the figures, one to a cell, never run."""
    root = Path(__file__).resolve().parents[1]
    places = [str(root / name) for name in ("tests", "tools")]
    cells = [
        nbformat.v4.new_code_cell(CELL.format(places=places, module=kind.replace("-", "_")))
        for kind in OPERATED
    ]
    return nbformat.v4.new_notebook(
        cells=cells,
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )


@pytest.fixture(scope="module")
def lab(server, browser):
    """The notebook, opened in JupyterLab, all its cells run."""
    address, work = server
    nbformat.write(notebook(), work / "figures.ipynb")
    context = browser.new_context(viewport={"width": 1280, "height": 1400})
    page = context.new_page()
    page.problems = []
    listen(
        page, address, lambda text: page.problems.append(text) if "asks another" in text else None
    )
    page.on("pageerror", lambda error: page.problems.append(f"uncaught {error}"))
    page.goto(f"{address}lab/tree/figures.ipynb?token={TOKEN}&reset")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=LONGEST)
    # keys pressed before the kernel is there would be lost
    page.get_by_text("(ipykernel) | Idle").wait_for(timeout=LONGEST)
    page.locator(".jp-Notebook .jp-CodeCell").first.locator(".cm-content").click()
    for _ in OPERATED:
        page.keyboard.press("Shift+Enter")
    for kind in OPERATED:
        page.locator(f"figure.s2s-{kind}").wait_for(timeout=LONGEST)
    yield page
    context.close()


def test_the_widgets_are_drawn_and_nothing_fails(lab):
    for kind in OPERATED:
        assert lab.locator(f"figure.s2s-{kind}").count() == 1
        assert lab.locator(f"figure.s2s-{kind} figcaption").inner_text()
    assert lab.problems == []


def test_queries_keys_and_values_are_operated(lab):
    figure = lab.locator("figure.s2s-query-key-value")
    before = figure.locator(".s2s-result").inner_text()
    figure.get_by_label("query of sleep, seeks adj.").fill("3")
    assert figure.locator(".s2s-result").inner_text() != before
    figure.get_by_role("button", name="Reset").press("Enter")
    assert figure.locator(".s2s-result").inner_text() == before


def test_positions_are_moved_by_keyboard(lab):
    figure = lab.locator("figure.s2s-positions")
    place = figure.get_by_label("asks: place")
    place.fill("9")
    place.press("ArrowRight")
    assert figure.locator(".s2s-result").inner_text().startswith("Place 10 asks")


def test_the_attention_explorer_is_operated(lab):
    figure = lab.locator("figure.s2s-attention-explorer")
    figure.get_by_label("Transformer", exact=True).check()
    assert figure.locator(".s2s-result").inner_text().startswith("Transformer")
    first = figure.locator(".s2s-heatmap tbody td").first
    first.focus()
    before = figure.locator(".s2s-readout").inner_text()
    first.press("ArrowDown")
    assert figure.locator(".s2s-readout").inner_text() != before
    assert (
        figure.locator(".s2s-heatmap tbody tr")
        .nth(1)
        .locator("td")
        .first.evaluate("cell => cell === document.activeElement")
    )
