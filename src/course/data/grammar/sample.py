"""Sentence pairs."""

import random
from dataclasses import dataclass

import torch

from course.data.grammar.derivations import chart, draw, inside, no_collection
from course.data.grammar.rules import Derivation
from course.data.grammar.sentences import ROOT
from course.data.grammar.surface import join, realise_english, realise_french
from course.data.grammar.writing import write
from course.errors import CourseError


@dataclass(frozen=True, slots=True)
class Sentence:
    """A pair of sentences made by the grammar.

    Attributes:
        src: the English text.
        tgt: the French text.
        src_words: its words, as :func:`course.data.grammar.words` splits them; the final mark is one of them.
        tgt_words: the French words.
        alignment: gold links (index into src_words, index into tgt_words), sorted.
        tree: the derivation, ``(rule, children)``.
    """

    src: str
    tgt: str
    src_words: tuple[str, ...]
    tgt_words: tuple[str, ...]
    alignment: tuple[tuple[int, int], ...]
    tree: Derivation


def sentence(tree: Derivation) -> Sentence:
    """Write a derivation in both languages: this is translation by tree."""
    en, fr, links = write(tree)
    english = realise_english(en)
    french, place = realise_french(fr)
    if place:
        links = {(i, place[j]) for i, j in links}
    english[0] = english[0][:1].upper() + english[0][1:]
    french[0] = french[0][:1].upper() + french[0][1:]
    return Sentence(
        join(english, "en"), join(french, "fr"), tuple(english), tuple(french), tuple(sorted(links)), tree
    )


def sample(
    n: int, *, generator: torch.Generator, words: tuple[int, int] = (3, 60), structure: str | None = None
) -> list[Sentence]:
    """Draw sentence pairs, lengths uniform over a range."""
    low, high = words
    symbol = ROOT()
    possible = [k for k in range(low, high + 1) if k in inside(symbol)]
    if not possible:
        raise CourseError(f"the grammar makes no sentence of {low} to {high} words")
    top = chart(symbol)
    rng = random.Random(int(torch.randint(2**62, (), generator=generator)))
    with no_collection():
        return [sentence(draw(top, rng.choice(possible), rng)) for _ in range(n)]
