"""Longer sentences out of short ones: random pairs put one behind the other (chapter 2).

Almost all sentences of Tatoeba have fewer than a dozen words. Joined pairs let a model meet, and
a test measure, lengths that the corpus lacks, at no change of vocabulary or style.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence

import torch

from course.data.pairs import Example, Pair
from course.errors import CourseError

_ATTEMPTS = 100


def join(
    pairs: Sequence[Pair], *, share: float, words: tuple[int, int], generator: torch.Generator
) -> list[Pair]:
    """Append joined pairs to `pairs` until they make up `share` of the result.

    A joined pair is two or more random pairs, sources and targets each put one behind the other
    with a space between. Its source length is drawn evenly from `words` (smallest and largest
    number of white-space words, both included), and pairs that still fit are added until it is
    reached or nothing fits; their order is random.

    Args:
        pairs: The pairs to join; they come first in the result, unchanged.
        share: At least 0, below 1.
        words: Range of the source lengths.
        generator: A CPU generator; the same state gives the same result on every machine.

    Raises:
        CourseError: If `share` or `words` make no sense or the pairs are too long to be joined.
    """
    if not 0 <= share < 1:
        raise CourseError(f"share must be at least 0 and below 1, not {share}.")
    count = round(share / (1 - share) * len(pairs))
    draw = _chooser([pair.src for pair in pairs], words, generator) if count else None
    joined = []
    for _ in range(count if draw else 0):
        chosen = [pairs[index] for index in draw()]  # pyright: ignore
        joined.append(Pair(" ".join(p.src for p in chosen), " ".join(p.tgt for p in chosen)))
    return [*pairs, *joined]


def join_examples(
    examples: Sequence[Example], *, count: int, words: tuple[int, int], generator: torch.Generator
) -> list[Example]:
    """Return `count` joined examples, for a test of lengths that the corpus lacks.

    Drawn as in `join`. A joined example has as many references as the part that has most: its k-th
    reference joins the k-th of each part, counted round and round in parts that have fewer.

    Raises:
        CourseError: As `join`.
    """
    draw = _chooser([example.src for example in examples], words, generator)
    result = []
    for _ in range(count):
        chosen = [examples[index] for index in draw()]
        variants = max(len(example.refs) for example in chosen)
        refs = (
            " ".join(example.refs[k % len(example.refs)] for example in chosen)
            for k in range(variants)
        )
        result.append(Example(" ".join(example.src for example in chosen), tuple(refs)))
    return result


def _chooser(
    sources: list[str], words: tuple[int, int], generator: torch.Generator
) -> Callable[[], list[int]]:
    """Return a function that draws the indices of one joined sentence."""
    low, high = words
    lengths = [len(source.split()) for source in sources]
    order = sorted((i for i, length in enumerate(lengths) if length), key=lengths.__getitem__)
    ascending = [lengths[index] for index in order]
    if not 2 <= low <= high:
        raise CourseError(f"words must be a range of at least 2 words, not {low} to {high}.")
    if not order or 2 * ascending[0] > high:
        raise CourseError(f"No two of these pairs make a source of at most {high} words.")

    def below(limit: int) -> int:
        return int(torch.randint(limit, (1,), generator=generator))

    def one(target: int) -> tuple[list[int], int]:
        chosen: list[int] = []
        total = 0
        while total < target:
            # The first part leaves room for a second.
            room = target - total - (0 if chosen else ascending[0])
            fitting = bisect_right(ascending, room)
            if not fitting:
                break
            chosen.append(order[below(fitting)])
            total += lengths[chosen[-1]]
        return chosen, total

    def draw() -> list[int]:
        for _ in range(_ATTEMPTS):
            chosen, total = one(low + below(high - low + 1))
            if len(chosen) > 1 and total >= low:
                # The parts drawn last are short ones that filled the rest: mix them in.
                mixed = torch.randperm(len(chosen), generator=generator).tolist()
                return [chosen[index] for index in mixed]
        raise CourseError(f"These pairs cannot be joined to sources of {low} to {high} words.")

    return draw
