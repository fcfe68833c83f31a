"""Shared by all tests: shapes checked at run time, nothing of the machine leaks into a test."""

import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from jaxtyping import install_import_hook

import course.data.grammar  # noqa: F401  no shapes, tiny functions by the million: unchecked

# Every annotation of the package is checked while the tests run: shapes by jaxtyping, types by
# beartype. The hook must be in place before any test module imports `course`.
install_import_hook("course", "typechecking.typechecked")

import pytest
import torch

from built_site import address, site  # noqa: F401  fixtures
from chromium_page import browser  # noqa: F401  a fixture
from live_figures import ALTERNATING, EVERY_SETTING


def pytest_addoption(parser):
    """Add what can be chosen on the command line."""
    parser.addoption(
        "--every-setting",
        action="store_true",
        help="figures at all widths, in all themes, with and without motion",
    )
    parser.addoption(
        "--browser",
        choices=("chromium", "firefox"),
        default="chromium",
        help="which one the tests of pages run in",
    )


def pytest_generate_tests(metafunc):
    """Give the tests that look at a figure the settings to look at it in."""
    if "setting" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--every-setting")
        metafunc.parametrize("setting", EVERY_SETTING if chosen else ALTERNATING, ids="-".join)


@pytest.fixture(autouse=True)
def isolated_environment(monkeypatch, tmp_path_factory):
    """Give each test an empty cache, no progress, and no COURSE_* variable of the machine.

    COURSE_DATA_MIRROR is kept under the name TEST_DATA_MIRROR for the tests that want real corpora.
    """
    mirror = os.environ.get("COURSE_DATA_MIRROR")
    if mirror:
        monkeypatch.setenv("TEST_DATA_MIRROR", os.path.abspath(mirror))
    for name in [name for name in os.environ if name.startswith("COURSE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path_factory.mktemp("progress")))
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


@pytest.fixture
def data_mirror(monkeypatch):
    """The folder of real corpora, also set as COURSE_DATA_MIRROR; without it the test skips."""
    path = os.environ.get("TEST_DATA_MIRROR")
    if not path:
        pytest.skip("needs COURSE_DATA_MIRROR")
    monkeypatch.setenv("COURSE_DATA_MIRROR", path)
    return path


@pytest.fixture(autouse=True)
def one_thread():
    """Keep torch on one thread: small tensors are faster so, and test runs can share a machine."""
    torch.set_num_threads(1)


def pytest_terminal_summary(terminalreporter):
    """Say what the tests of the exercises have tried, and how well published models agree."""
    worst = getattr(sys.modules.get("parity"), "WORST", None)
    if worst:
        found = ", ".join(f"{family} {value:.1e}" for family, value in sorted(worst.items()))
        terminalreporter.write_line(f"Worst difference from transformers, by family: {found}")
    counts = getattr(sys.modules.get("exercises"), "COUNTS", None)
    if counts:
        terminalreporter.write_line(
            f"Exercises: {counts['exercises']} solutions pass, {counts['wrong answers']} wrong "
            f"answers rejected, {counts['rejected']} of {counts['mutations']} mutations that "
            f"change an output rejected, {counts['questions']} quick questions"
        )
