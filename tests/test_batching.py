"""Batches hold every row once, within the budget, with little padding."""

import gzip
import hashlib
import random

import pytest
import torch

from course.data.batching import (
    Batch,
    Encoded,
    collate,
    encode,
    padding,
    source_batch,
    token_batches,
)
from course.data.pairs import Pair
from course.data.tokenizer import BOS, EOS, PAD, Tokenizer
from course.errors import CourseError


def synthetic(rows: int, seed: int = 3) -> Encoded:
    """Lengths like those of captions: 5 to 40 tokens, the target a little longer or shorter."""
    draw = random.Random(seed)
    src = [min(40, max(5, round(draw.gauss(14, 4)))) for _ in range(rows)]
    tgt = [max(3, round(length * draw.gauss(1.1, 0.15))) for length in src]
    return Encoded([[7] * length for length in src], [[11] * length for length in tgt])


def seeded(seed: int = 5) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_collate_by_hand():
    batch = collate([[7, 8, 9], [5]], [[6], [7, 8]])
    assert batch.src.tolist() == [[7, 8, 9, EOS], [5, EOS, PAD, PAD]]
    assert batch.src_mask.tolist() == [[True] * 4, [True, True, False, False]]
    assert batch.tgt_in.tolist() == [[BOS, 6, PAD], [BOS, 7, 8]]
    assert batch.tgt_out.tolist() == [[6, EOS, PAD], [7, 8, EOS]]
    assert batch.tgt_mask.tolist() == [[True, True, False], [True, True, True]]
    assert batch.num_tokens == 5
    assert batch.src.dtype == torch.long and batch.src_mask.dtype == torch.bool
    moved = batch.to("cpu")
    assert isinstance(moved, Batch) and moved.num_tokens == 5


def test_source_batch_is_the_source_side_of_a_batch():
    src = [[7, 8, 9], [], [5, 4]]
    ids, mask = source_batch(src)
    batch = collate(src, [[4]] * 3)
    assert torch.equal(ids, batch.src) and torch.equal(mask, batch.src_mask)
    assert mask.sum(1).tolist() == [4, 1, 3]


@pytest.mark.parametrize("max_tokens", [1, 97, 1009, 4001])
def test_every_row_once_and_within_the_budget(max_tokens):
    data = synthetic(701)
    batches = token_batches(data, max_tokens=max_tokens, generator=seeded())
    assert sorted(row for rows in batches for row in rows) == list(range(701))
    for rows in batches:
        longest = max(max(len(data.src[row]), len(data.tgt[row])) + 1 for row in rows)
        assert len(rows) * longest <= max_tokens or len(rows) == 1


def test_a_pair_beyond_the_budget_is_alone_in_its_batch():
    data = Encoded([[7] * 3] * 5 + [[7] * 200], [[7] * 3] * 6)
    batches = token_batches(data, max_tokens=20, generator=seeded())
    assert [5] in batches
    assert sorted(row for rows in batches for row in rows) == list(range(6))


def test_little_padding_on_lengths_like_captions():
    data = synthetic(20_011)
    batches = token_batches(data, max_tokens=4000, generator=seeded())
    assert padding(data, batches) <= 0.08
    # The measure itself can tell: unsorted rows of the same data waste far more.
    order = torch.randperm(20_011, generator=seeded()).tolist()
    assert padding(data, [order[i : i + 150] for i in range(0, len(order), 150)]) > 0.3


def test_padding_by_hand():
    data = Encoded([[7], [7, 7, 7]], [[7, 7], [7, 7]])
    assert padding(data, [[0, 1]]) == pytest.approx(2 / 14)
    assert padding(data, [[0], [1]]) == 0
    assert padding(data, []) == 0


def test_little_padding_on_multi30k(data_mirror):
    pairs = []
    with (
        gzip.open(f"{data_mirror}/multi30k/train.en.gz", "rt", encoding="utf-8") as en,
        gzip.open(f"{data_mirror}/multi30k/train.fr.gz", "rt", encoding="utf-8") as fr,
    ):
        pairs = [Pair(src, tgt) for src, tgt in zip(en, fr, strict=True)]
    tokenizer = Tokenizer.train((side for pair in pairs for side in pair), vocab_size=4000)
    data = encode(pairs, tokenizer)
    batches = token_batches(data, max_tokens=4000, generator=seeded())
    assert sum(map(len, batches)) == 29_000
    assert padding(data, batches) <= 0.08


def test_the_generator_alone_decides():
    data = synthetic(499)
    once, again = (token_batches(data, max_tokens=300, generator=seeded()) for _ in range(2))
    assert once == again
    other = token_batches(data, max_tokens=300, generator=seeded(6))
    assert once != other
    generator = seeded()
    epochs = [token_batches(data, max_tokens=300, generator=generator) for _ in range(2)]
    assert epochs[0] == once and epochs[1] != once


def test_the_same_on_every_machine():
    data = Encoded([[7] * (row * 7 % 23 + 1) for row in range(211)], [[7] * 5] * 211)
    batches = token_batches(data, max_tokens=101, generator=seeded())
    digest = hashlib.sha256(repr(batches).encode()).hexdigest()
    assert digest == "1ffbc3ee1edea443492d33f5e23ff1deb22bae89eefa2dc7db1bddff11b561fb"


def test_batches_are_shuffled():
    data = synthetic(2003)
    batches = token_batches(data, max_tokens=500, generator=seeded())
    lengths = [len(data.tgt[rows[0]]) for rows in batches]
    assert lengths != sorted(lengths)
    rises = sum(b > a for a, b in zip(lengths, lengths[1:], strict=False))
    assert 0.25 < rises / len(lengths) < 0.75


def test_rows_with_an_empty_side_are_left_out():
    data = Encoded([[7], [], [7], []], [[7], [7], [], []])
    assert token_batches(data, max_tokens=50, generator=seeded()) == [[0]]
    with pytest.raises(CourseError, match="no sentence pair with text"):
        token_batches(Encoded([[]], [[7]]), max_tokens=50, generator=seeded())
    with pytest.raises(CourseError, match="no sentence pair with text"):
        token_batches(Encoded([], []), max_tokens=50, generator=seeded())


def test_encode_keeps_rows_in_place():
    tokenizer = Tokenizer.train(["la maison bleue", "the blue house"], vocab_size=270)
    pairs = [Pair("the house", "la maison"), Pair(" ", "la"), Pair("blue", "bleue")]
    data = encode(pairs, tokenizer)
    assert data.src == [tokenizer.encode(pair.src) for pair in pairs] and data.src[1] == []
    assert data.tgt == [tokenizer.encode(pair.tgt) for pair in pairs]


def test_mistakes_are_told():
    with pytest.raises(CourseError, match="at least one sentence"):
        source_batch([])
    with pytest.raises(CourseError, match="as many sources as targets"):
        collate([[7]], [[7], [8]])
    with pytest.raises(CourseError, match="1 sources and 2 targets"):
        token_batches(Encoded([[4]], [[4], [5]]), max_tokens=9, generator=seeded())
    with pytest.raises(CourseError, match="max_tokens must be at least 1"):
        token_batches(synthetic(3), max_tokens=0, generator=seeded())
