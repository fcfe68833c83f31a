"""What pictures and sounds say: letters a to z, by themselves or as words (chapter 11).

Random letters can't be guessed from their neighbours, so whoever gets them right has read them.
Words can: there a model may hear a little and guess the rest.
"""

from collections.abc import Iterable

import torch

from course.data.grammar.lexicon import ALL_ADJECTIVES, ALL_NOUNS
from course.data.grammar.verbs import ALL_VERBS
from course.data.tokenizer import UNK

LETTERS = "abcdefghijklmnopqrstuvwxyz"
FIRST = UNK + 1
VOCABULARY = FIRST + len(LETTERS)
"""Letters and the four special tokens that every vocabulary of the course begins with."""


def tokens(text: str) -> list[int]:
    """The ids of letters; raises ValueError at anything but a to z."""
    return [FIRST + LETTERS.index(letter) for letter in text]


def letters(ids: Iterable[int]) -> str:
    """The text of ids; special tokens are dropped."""
    return "".join(LETTERS[i - FIRST] for i in ids if i >= FIRST)


def strings(n: int, *, lengths: tuple[int, int], generator: torch.Generator) -> list[str]:
    """Random letters, all equally likely.

    Args:
        n: how many strings.
        lengths: the fewest and the most letters, both included; lengths are drawn evenly.
        generator: source of randomness.
    """
    low, high = lengths
    sizes = torch.randint(low, high + 1, (n,), generator=generator).tolist()
    drawn = iter(torch.randint(len(LETTERS), (sum(sizes),), generator=generator).tolist())
    return ["".join(LETTERS[next(drawn)] for _ in range(size)) for size in sizes]


def grammar_words(lengths: tuple[int, int] = (1, 20)) -> list[str]:
    """English words of the grammar that have letters a to z only, in alphabetical order.

    Args:
        lengths: the fewest and the most letters, both included.
    """
    nouns = (form for noun in ALL_NOUNS for form in noun.en)
    verbs = (form for verb in ALL_VERBS for form in verb.en.values())
    adjectives = (adjective.en for adjective in ALL_ADJECTIVES)
    found = {word for group in (nouns, verbs, adjectives) for word in group}
    low, high = lengths
    return sorted(w for w in found if low <= len(w) <= high and set(w) <= set(LETTERS))
