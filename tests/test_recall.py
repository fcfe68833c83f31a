"""Associative recall: what the sequences promise."""

import pytest
import torch

from course.data.recall import NOT_ASKED, RecallTask
from course.errors import CourseError

TASK = RecallTask(symbols=29, fillers=5)


def draw(task=TASK, rows=7, length=53, pairs=11, seed=3):
    source = torch.Generator().manual_seed(seed)
    return task.draw(rows, length=length, pairs=pairs, generator=source)


def test_every_key_is_asked_once_and_its_value_is_the_target():
    tokens, targets = draw()
    for row, wanted in zip(tokens.tolist(), targets.tolist(), strict=True):
        value = dict(zip(row[0:22:2], row[1:22:2], strict=True))
        asked = [i for i, target in enumerate(wanted) if target != NOT_ASKED]
        assert len(value) == len(set(value.values())) == 11
        assert sorted(row[i] for i in asked) == sorted(value)
        assert all(wanted[i] == value[row[i]] and i >= 22 for i in asked)
        assert max(value) < 29 <= min(value.values()) and max(value.values()) < 58
        others = [row[i] for i in range(22, 53) if i not in asked]
        assert 58 <= min(others) and max(others) < TASK.vocab_size == 63


def test_a_seed_gives_the_same_sequences_and_another_gives_others():
    torch.testing.assert_close(draw(), draw(), rtol=0, atol=0)
    assert not torch.equal(draw().tokens, draw(seed=4).tokens)
    assert len({tuple(row) for row in draw(rows=50).tokens[:, :22].tolist()}) == 50


def test_the_power_says_how_soon_queries_come():
    def mean_place(power):
        targets = draw(RecallTask(symbols=29, fillers=5, power=power), rows=400, pairs=2).targets
        return float((targets != NOT_ASKED).nonzero()[:, 1].float().mean())

    middle = 4 + 2 * (23 / 2)  # 24 places from 4 on, two apart
    assert mean_place(1.0) == pytest.approx(middle, abs=1.0)
    assert mean_place(0.01) < middle - 5


def test_all_places_can_be_taken():
    targets = draw(length=44).targets
    assert ((targets != NOT_ASKED).nonzero()[:, 1].reshape(7, 11) == torch.arange(22, 44, 2)).all()


@pytest.mark.parametrize(("pairs", "length"), [(0, 53), (14, 53), (30, 400)])
def test_pairs_that_do_not_fit_are_refused(pairs, length):
    with pytest.raises(CourseError, match="tokens hold"):
        draw(pairs=pairs, length=length)
