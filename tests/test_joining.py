"""Joined pairs: the share asked for, the lengths asked for, nothing invented."""

import hashlib

import pytest
import torch

from course.data.joining import join, join_examples
from course.data.pairs import Example, Pair
from course.errors import CourseError


def seeded(seed: int = 3) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def side(letter: str, pair: int, length: int) -> str:
    """Words that name their pair and place, so that a join can be taken apart: "s5.0 s5.1"."""
    return " ".join(f"{letter}{pair}.{place}" for place in range(length))


# Pair i has i % 7 + 1 source words.
PAIRS = [Pair(side("s", i, i % 7 + 1), side("t", i, i % 5 + 1)) for i in range(211)]


def parts(text: str) -> list[int]:
    """The pairs that a joined side is made of, in order."""
    return [int(word[1:-2]) for word in text.split() if word.endswith(".0")]


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.9])
def test_the_share_of_joined_pairs(share):
    result = join(PAIRS, share=share, words=(13, 29), generator=seeded())
    assert result[:211] == PAIRS
    assert (len(result) - 211) / len(result) == pytest.approx(share, abs=0.003)


def test_lengths_are_in_the_range_and_cover_it_evenly():
    joined = join(PAIRS, share=0.95, words=(13, 22), generator=seeded())[211:]
    lengths = [len(pair.src.split()) for pair in joined]
    counts = torch.bincount(torch.tensor(lengths), minlength=23)
    assert min(lengths) == 13 and max(lengths) == 22
    expected = len(joined) / 10
    assert all(abs(int(count) - expected) < 0.2 * expected for count in counts[13:])


def test_both_sides_join_the_same_pairs():
    for pair in join(PAIRS, share=0.5, words=(13, 29), generator=seeded())[211:]:
        assert len(parts(pair.src)) >= 2
        assert parts(pair.src) == parts(pair.tgt)
        chosen = parts(pair.src)
        assert pair.src == " ".join(PAIRS[i].src for i in chosen)
        assert pair.tgt == " ".join(PAIRS[i].tgt for i in chosen)


def test_short_and_long_parts_are_mixed():
    joined = join(PAIRS, share=0.9, words=(13, 29), generator=seeded())[211:]
    first, last = (
        sum(len(PAIRS[parts(pair.src)[end]].src.split()) for pair in joined) / len(joined)
        for end in (0, -1)
    )
    assert abs(first - last) < 0.4


def test_every_pair_gets_its_turn():
    joined = join(PAIRS, share=0.9, words=(13, 29), generator=seeded())[211:]
    used = {i for pair in joined for i in parts(pair.src)}
    assert used == set(range(211))


def test_the_generator_alone_decides():
    def run(seed: int) -> list[Pair]:
        return join(PAIRS, share=0.3, words=(13, 29), generator=seeded(seed))

    assert run(3) == run(3) != run(4)
    digest = hashlib.sha256(repr([tuple(pair) for pair in run(3)]).encode()).hexdigest()
    assert digest == "3d8477011c38571fe0a1406ae24b2eddfc1d2675b62f1ddd893e0a3465cb0275"


def test_at_least_two_even_when_one_would_do():
    long = [Pair("a b c d e", "a"), Pair("x", "y")]
    for pair in join(long, share=0.9, words=(5, 6), generator=seeded())[2:]:
        assert 5 <= len(pair.src.split()) <= 6
        assert len(pair.tgt.split()) >= 2


def test_joined_examples_keep_all_references():
    examples = [Example("one", ("un", "une")), Example("two three", ("deux trois",))]
    result = join_examples(examples, count=50, words=(3, 3), generator=seeded())
    assert len(result) == 50
    both = [example for example in result if example.src == "one two three"]
    assert both and both[0].refs == ("un deux trois", "une deux trois")
    assert {example.src for example in result} == {"one two three", "two three one", "one one one"}


def test_mistakes_are_told():
    for share in (-0.1, 1.0):
        with pytest.raises(CourseError, match="share must be"):
            join(PAIRS, share=share, words=(13, 29), generator=seeded())
    for words in ((1, 5), (9, 8)):
        with pytest.raises(CourseError, match="range of at least 2 words"):
            join(PAIRS, share=0.5, words=words, generator=seeded())
    long = [Pair("a b c d e", "a")]
    with pytest.raises(CourseError, match="No two of these pairs"):
        join(long, share=0.9, words=(3, 9), generator=seeded())
    with pytest.raises(CourseError, match="cannot be joined to sources of 11 to 14"):
        join(long, share=0.9, words=(11, 14), generator=seeded())
    with pytest.raises(CourseError, match="No two"):
        join_examples([], count=3, words=(3, 9), generator=seeded())
