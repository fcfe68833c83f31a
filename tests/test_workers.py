"""Jobs of an experiment shared by processes: the same record, whatever finishes first."""

import importlib
import json
import os
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from course.errors import CourseError
from course.experiments import c10_parallel, runner
from course.experiments.runner import run_module
from course.experiments.workers import _ready
from course.results.records import read

MODULE = """
import os, time
import torch
from course.experiments.runner import Arm
from course.results.records import Row

CLAIM = "C98"
RULE = ("a hypothesis", 0.1)
CONFIG = {"length": 7}
ARMS = (
    Arm(name="slow", seconds=9, rates=(0.1, 0.2, 0.5), trial_seconds=1),
    Arm(name="quick", seconds=4, max_seeds=2),
)

def note(text):
    with open(__file__ + ".log", "a") as file:
        file.write(f"{text} {os.getpid()}\\n")

def trial(arm, rate):
    time.sleep(0.3 - rate / 2)
    note(f"{arm} {rate}")
    return (rate - 0.2) ** 2

def measure(arm, seed, rate):
    fails = os.environ.get("FAILS")
    if fails == f"{arm} {seed}":
        raise ValueError(f"{arm} {seed} fails")
    if fails == f"kill {arm} {seed}":
        os._exit(9)
    time.sleep(0.3 if arm == "slow" else 0)
    note(f"{arm} {seed} {rate} {torch.get_num_threads()}")
    return [Row(arm, seed, 4, metric, float(rate), 7) for metric in ("bits", "rate")]

def verdict(rows):
    return "supported"
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """An experiment in a file, as processes of their own have to import it."""
    (tmp_path / "c98_shared.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(importlib.sys.modules, "c98_shared", raising=False)
    return importlib.import_module("c98_shared")


def log(module):
    return [line.split() for line in Path(module.__file__ + ".log").read_text().splitlines()]


def test_processes_measure_what_one_would_and_the_record_is_in_the_same_order(tmp_path, module):
    said = []
    shared = run_module(module, seeds=3, out=tmp_path / "a.json", workers=2, say=said.append)
    lines = log(module)
    assert len({line[-1] for line in lines} - {str(os.getpid())}) > 1
    assert {line[3] for line in lines if len(line) == 5} == {"1"}
    alone = run_module(module, seeds=3, out=tmp_path / "b.json", say=said.append)
    assert shared.rows == alone.rows == read(tmp_path / "a.json").rows
    assert (shared.env["workers"], shared.env["threads"]) == (2, 1)
    assert replace(shared, env={}) == replace(alone, env={})
    assert "shared by 2 processes" in said[0]
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["rows"]


def test_a_failure_keeps_what_was_measured_and_the_rest_can_be_run(tmp_path, module, monkeypatch):
    path = tmp_path / "a.json"
    monkeypatch.setenv("FAILS", "quick 1")
    with pytest.raises(ValueError, match="quick 1 fails"):
        run_module(module, seeds=2, out=path, workers=2, say=lambda text: None)
    kept = read(path).rows
    assert 0 < len(kept) < 11
    monkeypatch.delenv("FAILS")
    whole = run_module(module, seeds=2, out=path, say=lambda text: None)
    assert {row.seed for row in whole.rows if row.arm == "quick"} == {1, 2}
    assert whole.rows[: len(kept)] == kept
    assert len(set(whole.rows)) == len(whole.rows) == 11


def test_a_killed_process_is_told_in_a_sentence(tmp_path, module, monkeypatch):
    monkeypatch.setenv("FAILS", "kill slow 1")
    with pytest.raises(CourseError, match="fewer workers"):
        run_module(module, seeds=1, out=tmp_path / "a.json", workers=2, say=lambda text: None)
    assert len(read(tmp_path / "a.json").rows) >= 3


def test_a_run_waits_for_the_trials_of_its_own_arm_only(module):
    slow, quick = module.ARMS
    trial, run = runner.Job(slow, 0, 0.1), runner.Job(slow, 1, None)
    other = runner.Job(quick, 1, None)
    assert _ready([trial, run, other], {}, 5) == [trial, other]
    assert _ready([run, other], {Future(): trial}, 5) == [other]
    assert _ready([run, other], {}, 5) == [run, other]
    assert _ready([run, other], {}, 1) == [run]


def test_what_measures_time_runs_alone(tmp_path):
    with pytest.raises(CourseError, match="without --workers: it measures time"):
        run_module(c10_parallel, seeds=1, out=tmp_path / "a.json", workers=2, say=print)
