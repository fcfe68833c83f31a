"""Toy tasks have the answers they claim to have."""

import datetime

import pytest
import torch

from course.data import toy
from course.data.tokenizer import UNK


def seeded(seed=1):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("make", [toy.copy, toy.reverse])
def test_sequences(make):
    data = make(211, 7, lengths=(3, 11), generator=seeded())
    assert len(data.src) == len(data.tgt) == 211
    assert {len(row) for row in data.src} == set(range(3, 12))
    assert {i for row in data.src for i in row} == set(range(UNK + 1, UNK + 8))
    step = 1 if make is toy.copy else -1
    assert all(t == s[::step] for s, t in zip(data.src, data.tgt, strict=True))
    assert data == make(211, 7, lengths=(3, 11), generator=seeded())
    assert data != make(211, 7, lengths=(3, 11), generator=seeded(2))


def test_copies_are_independent_lists():
    data = toy.copy(1, 5, lengths=(3, 3), generator=seeded())
    data.src[0].append(9)
    assert len(data.tgt[0]) == 3


def test_dates():
    pairs = toy.dates(500, generator=seeded())
    for pair in pairs:
        day = datetime.date.fromisoformat(pair.tgt)
        assert str(day.year) in pair.src
        assert str(day.day) in pair.src.replace(str(day.year), "")
    forms = {
        "".join("9" if c.isdigit() else "a" for c in p.src if c in "0123456789/,") for p in pairs
    }
    assert len(forms) > 4
    assert toy._written(2021, 5, 3, 0) == "the 3rd of May 2021"
    assert [toy._ordinal(d) for d in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 31)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd", "31st",
    ]  # fmt: skip


def test_signal_without_noise_can_be_read_back():
    signals, targets = toy.signal(13, 5, lengths=(2, 6), generator=seeded(), noise=0.0)
    for frames, ids in zip(signals, targets, strict=True):
        heard = torch.unique_consecutive((frames * 5).round().long()).tolist()
        assert [h + 3 for h in heard] == ids
        assert 3 * len(ids) <= len(frames) <= 7 * len(ids)
    levels = toy.quantise(signals[0], 11)
    assert len(levels) == len(signals[0]) and 4 <= min(levels) and max(levels) <= 14


def test_signal_noise_has_the_stated_size():
    clean, _ = toy.signal(40, 5, lengths=(5, 9), generator=seeded(), noise=0.0)
    noisy, _ = toy.signal(40, 5, lengths=(5, 9), generator=seeded(), noise=0.25)
    assert len(clean[0]) == len(noisy[0])
    assert (noisy[0] - clean[0]).std().item() == pytest.approx(0.25, rel=0.5)


def test_summaries():
    for pair in toy.summaries(17, generator=seeded()):
        name = pair.src.split()[0]
        parts = [p.removeprefix(name + " ") for p in pair.src.removesuffix(".").split(". ")]
        assert len(parts) == len(set(parts)) == 3
        assert pair.tgt == f"{name} {parts[0]}, {parts[1]} and {parts[2]}."
