"""Sentence pairs."""

import random
from dataclasses import dataclass

import torch

from course.data.grammar.derivations import chart, draw, no_collection
from course.data.grammar.labels import Labels
from course.data.grammar.labels import labels as read_labels
from course.data.grammar.questions import DEED, ROOT
from course.data.grammar.rules import Derivation
from course.data.grammar.structures import STRUCTURES, build, lengths
from course.data.grammar.surface import join, realise_english, realise_french
from course.data.grammar.writing import LINKS, write
from course.errors import CourseError


@dataclass(frozen=True, slots=True)
class Sentence:
    """A pair of sentences made by the grammar.

    Attributes:
        src: the English text.
        tgt: the French text.
        src_words: its words, as :func:`course.data.grammar.words` splits them; the final mark is
            one of them.
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

    @property
    def labels(self) -> Labels:
        """Kind, tense, sentiment and named entities, read off the tree."""
        return read_labels(self.tree, self.src_words)


def sentence(tree: Derivation) -> Sentence:
    """Write a derivation in both languages: this is translation by tree."""
    en, fr, links = write(tree)
    english = realise_english(en)
    french, place = realise_french(fr)
    if place:
        links = {LINKS[i][place[j]] for i, j in links}
    english[0] = english[0][:1].upper() + english[0][1:]
    french[0] = french[0][:1].upper() + french[0][1:]
    return Sentence(
        join(english, "en"),
        join(french, "fr"),
        tuple(english),
        tuple(french),
        tuple(sorted(links)),
        tree,
    )


def sample(
    n: int,
    *,
    generator: torch.Generator,
    words: tuple[int, int] = (3, 60),
    structure: str | None = None,
) -> list[Sentence]:
    """Draw sentence pairs; the same generator state gives the same pairs on every machine.

    The length of a sentence is drawn uniformly from the possible lengths in the range, then the
    sentence from all sentences of that length.

    Args:
        n: how many.
        generator: source of randomness; one number is drawn from it.
        words: shortest and longest source length, both included: white-space words, so that
            `len(sentence.src.split())` is the length (commas and the final mark do not count).
        structure: None for all of the grammar, or one device that alone makes sentences longer:
            "clauses" ("the man reads the book, the girl ... and ..."; 5, 11, 16, 21, ... words),
            "objects" ("Paul buys the hat, the key and ..."; 4, 7, 9, 11, ... words),
            "relatives" ("the dog follows the cat that sees ..."; 5, 9, 13, ... words).

    Raises:
        CourseError: if no sentence has such a length, or the structure is unknown.
    """
    if structure is not None and structure not in STRUCTURES:
        raise CourseError(f"no structure {structure!r}: choose one of {', '.join(STRUCTURES)}")
    low, high = words
    possible = [k for k in lengths(structure) if low <= k <= high]
    if not possible:
        raise CourseError(
            f"the grammar makes no sentence of {low} to {high} words"
            + (f" with the structure {structure!r}" if structure else "")
            + f": it makes {lengths(structure)[0]} to {lengths(structure)[-1]} words"
        )
    rng = random.Random(int(torch.randint(2**62, (), generator=generator)))
    top = chart(ROOT())
    with no_collection():
        if structure is not None:
            return [sentence(build(structure, rng.choice(possible), rng)) for _ in range(n)]
        return [sentence(draw(top, rng.choice(possible), rng)) for _ in range(n)]


def deeds(n: int, *, generator: torch.Generator, words: tuple[int, int] = (2, 7)) -> list[str]:
    """English statements about one named person in the present, without the full stop."""
    rng = random.Random(int(torch.randint(2**62, (), generator=generator)))
    top = chart(DEED())
    written = (write(draw(top, rng.randint(*words), rng))[0] for _ in range(n))
    return [join(realise_english(words), "en") for words in written]
