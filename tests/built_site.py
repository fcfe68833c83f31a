"""The built site for the tests that read it: its pages, and its address while it is served."""

import os
import subprocess
from pathlib import Path

import pytest

from chromium_page import served

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"

# formulas are set once this holds
TYPESET = "!window.MathJax?.startup?.promise || window.MathJax.typesetPromise"
LIVE = "s2s-figure:not([kind=picture])"


@pytest.fixture(scope="session")
def site():
    """Build the site as `make book` does, and return all its pages."""
    environment = {k: v for k, v in os.environ.items() if k not in {"MAKEFLAGS", "MAKELEVEL"}}
    result = subprocess.run(
        ["make", "--no-print-directory", "book"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert str(SITE) in result.stdout
    assert "make serve" in result.stdout
    pages = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
    pages.remove("index.html")  # only leads on to book/index.html, which a test of its own checks
    return pages


@pytest.fixture(scope="session")
def address(site):
    with served(SITE) as found:
        yield found


def written_pages(site):
    """Return the pages that people wrote, and the one that searches them."""
    written = [page for page in site if page.startswith(("book/", "notebooks/"))]
    return [page for page in written if not page.startswith("book/api/")] + ["search.html"]


def content_pages(site):
    """Return the pages in the menu: those that people wrote, and those of the package."""
    return written_pages(site) + [page for page in site if page.startswith("book/api/")]


def chapters(site):
    """Return the pages of the chapters."""
    return [page for page in site if page.startswith("notebooks/")]
