"""Training and test sets that never leak: by length, and by composition."""

import hashlib
from collections.abc import Callable
from typing import NamedTuple

import torch

from course.data.grammar import lexicon
from course.data.grammar.labels import pairs
from course.data.grammar.sample import Sentence, sample
from course.data.pairs import Corpus, Example, Pair
from course.errors import CourseError


class Split(NamedTuple):
    """Two lists of sentences that share no English and no French text."""

    train: list[Sentence]
    test: list[Sentence]


def split_by_length(
    train: int,
    test: int,
    *,
    generator: torch.Generator,
    train_words: tuple[int, int] = (3, 12),
    test_words: tuple[int, int] = (13, 24),
    structure: str | None = None,
) -> Split:
    """Short sentences to train on, longer ones to test on.

    Args:
        train: number of training sentences.
        test: number of test sentences.
        generator: source of randomness.
        train_words: range of source lengths for training.
        test_words: range for testing; must not overlap.
        structure: as in :func:`course.data.grammar.sample`.

    Raises:
        CourseError: if the ranges overlap.
    """
    if train_words[1] >= test_words[0] and test_words[1] >= train_words[0]:
        raise CourseError(
            f"the ranges {train_words} and {test_words} overlap: give two that share no length"
        )
    seen: set[str] = set()
    first = distinct(train, train_words, generator, seen, structure=structure)
    return Split(first, distinct(test, test_words, generator, seen, structure=structure))


def split_by_composition(
    train: int,
    test: int,
    *,
    generator: torch.Generator,
    words: tuple[int, int] = (3, 20),
    share: float = 0.2,
) -> Split:
    """Every colour and every noun in training, but some colours never with some nouns.

    Whether a colour and a noun are held apart is fixed by :func:`held_out`. No training sentence
    has a held-out pair ("blue car", "the car is blue"); every test sentence has one.

    Args:
        train: number of training sentences.
        test: number of test sentences.
        generator: source of randomness.
        words: range of source lengths.
        share: share of all colour–noun pairs that is held out.
    """

    def held(sentence: Sentence) -> bool:
        return any(held_out(*pair, share=share) for pair in pairs(sentence.tree))

    seen: set[str] = set()
    first = distinct(train, words, generator, seen, keep=lambda s: not held(s))
    return Split(first, distinct(test, words, generator, seen, keep=held))


def held_out(adjective: str, noun: str, *, share: float = 0.2) -> bool:
    """Whether a pair of a colour and a noun is kept for testing.

    By a hash, so the same everywhere.
    """
    if adjective not in lexicon.COLOURS:
        return False
    digest = hashlib.sha256(f"{adjective} {noun}".encode()).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32


def distinct(
    n: int,
    words: tuple[int, int],
    generator: torch.Generator,
    seen: set[str],
    *,
    keep: Callable[[Sentence], bool] = lambda s: True,
    structure: str | None = None,
) -> list[Sentence]:
    """Draw ``n`` sentences of which neither side was seen before, and remember both sides.

    Raises:
        CourseError: if the grammar does not seem to have that many.
    """
    found: list[Sentence] = []
    for _ in range(200):
        for s in sample(
            max(64, n - len(found)), generator=generator, words=words, structure=structure
        ):
            if len(found) < n and s.src not in seen and s.tgt not in seen and keep(s):
                seen.update((s.src, s.tgt))
                found.append(s)
        if len(found) == n:
            return found
    raise CourseError(
        f"found only {len(found)} of {n} distinct sentences of {words[0]} to {words[1]} words: "
        "ask for fewer"
    )


def corpus_pairs(
    *,
    src: str = "en",
    tgt: str = "fr",
    train: int = 20_000,
    valid: int = 1_000,
    test: int = 1_000,
    words: tuple[int, int] = (3, 20),
) -> Corpus:
    """The grammar as a corpus, always the same: `corpora.load("grammar")`.

    No English and no French text is in two of its splits, nor twice in one.

    Raises:
        CourseError: if the languages are not English and French, one each.
    """
    if {src, tgt} != {"en", "fr"}:
        raise CourseError(f"the grammar translates between en and fr, not from {src} to {tgt}")
    seen: set[str] = set()
    drawn: dict[str, list[Pair]] = {}
    # The test set comes first: it does not depend on the size of the others.
    for name, seed, n in (("test", 3, test), ("valid", 2, valid), ("train", 1, train)):
        found = distinct(n, words, torch.Generator().manual_seed(seed), seen)
        drawn[name] = [Pair(s.src, s.tgt) if src == "en" else Pair(s.tgt, s.src) for s in found]
    return Corpus(
        name="grammar",
        src_lang=src,
        tgt_lang=tgt,
        train=drawn["train"],
        valid=[Example(pair.src, (pair.tgt,)) for pair in drawn["valid"]],
        test=[Example(pair.src, (pair.tgt,)) for pair in drawn["test"]],
        licence="made by the course's own grammar; MIT, like the course",
    )
