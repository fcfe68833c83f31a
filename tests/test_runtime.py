"""Seeds, devices and the environment variables."""

import random

import numpy as np
import pytest
import torch

from course import runtime
from course.errors import CourseError


def test_set_seed_repeats_all_three_sources_of_randomness():
    def draw():
        own = runtime.set_seed(7)
        return random.random(), np.random.rand(), torch.rand(3), torch.rand(3, generator=own)

    first, second = draw(), draw()
    assert first[:2] == second[:2]
    assert torch.equal(first[2], second[2])
    assert torch.equal(first[3], second[3])


def test_generators_of_different_scope_differ_and_do_not_depend_on_order():
    batches = torch.rand(5, generator=runtime.generator(1, "batches", 0))
    dropout = torch.rand(5, generator=runtime.generator(1, "dropout", 0))
    again = torch.rand(5, generator=runtime.generator(1, "batches", 0))
    assert torch.equal(batches, again)
    assert not torch.equal(batches, dropout)
    assert not torch.equal(batches, torch.rand(5, generator=runtime.generator(1, "batches", 1)))


def test_generator_is_the_same_on_every_machine():
    # Recorded once; a change here would silently change every seeded result of the course.
    drawn = torch.randint(0, 1000, (4,), generator=runtime.generator(3, "any", 2)).tolist()
    assert drawn == [762, 731, 460, 632]


def test_course_device_is_obeyed_and_checked(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    assert runtime.default_device() == torch.device("cpu")
    monkeypatch.setenv("COURSE_DEVICE", "abacus")
    with pytest.raises(CourseError, match="abacus"):
        runtime.default_device()


def test_autocast_is_off_on_the_cpu():
    assert runtime.autocast_dtype(torch.device("cpu")) is None


def test_data_mirror_must_be_a_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_DATA_MIRROR", raising=False)
    assert runtime.data_mirror() is None
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path))
    assert runtime.data_mirror() == tmp_path
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "missing"))
    with pytest.raises(CourseError, match="not a folder"):
        runtime.data_mirror()


def test_cache_dir_can_be_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    assert runtime.cache_dir() == tmp_path


def test_budget_follows_the_device(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    assert runtime.budget(cpu=3, gpu=5) == 3
