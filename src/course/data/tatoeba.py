"""Tatoeba, split so that nothing of the test is seen in training.

Many sentences of Tatoeba have several translations on either side. Two pairs that share an English
or a French side say the same thing, so pairs are grouped into connected components over both
sides, and a component goes whole to one split.
"""

import hashlib
import re
import zipfile
from collections.abc import Iterable
from typing import NamedTuple

from course.data.download import credit, fetch
from course.data.own_text import split_lines, split_tsv
from course.data.pairs import Corpus, Example, Pair
from course.errors import CourseError

HELD_OUT = 2000
LARGEST_HELD_OUT = 50
_WORD = re.compile(r"[^\W_]+")


class Split(NamedTuple):
    """English–French pairs of each split."""

    train: list[Pair]
    valid: list[Pair]
    test: list[Pair]


def key(sentence: str) -> str:
    """Return what decides whether two sentences count as the same for the split.

    Case and everything but letters and digits are ignored: "Come in!", "come in." and "Come, in"
    share a key, so that a mere change of punctuation does not carry a test sentence into training.
    A sentence without letters or digits is its own key.
    """
    return " ".join(_WORD.findall(sentence.casefold())) or sentence


def components(pairs: Iterable[Pair]) -> list[list[Pair]]:
    """Group pairs that share a `key` on either side, directly or by way of others (union-find)."""
    pairs = list(pairs)
    parent = list(range(len(pairs)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    seen: dict[tuple[int, str], int] = {}
    for index, pair in enumerate(pairs):
        for side, sentence in enumerate(pair):
            first = seen.setdefault((side, key(sentence)), index)
            a, b = root(first), root(index)
            parent[max(a, b)] = min(a, b)
    groups: dict[int, list[Pair]] = {}
    for index, pair in enumerate(pairs):
        groups.setdefault(root(index), []).append(pair)
    return list(groups.values())


def split(pairs: Iterable[Pair], *, held_out: int = HELD_OUT) -> Split:
    """Split English–French pairs; `held_out` distinct English sentences each for valid and test.

    Components are taken in the order of a SHA-256 of their English keys: first for the test, then
    for validation, each as long as its English sentences fit. The choice thus depends on the
    sentences alone, not on their order in the file. Components of more than 50 English sentences
    stay in training, so that a giant cannot fill a test; Tatoeba has one, of 51 ("I'm OK." and
    what else says that all is well).

    Raises:
        CourseError: If the components do not suffice to fill both.
    """
    distinct = list(dict.fromkeys(pairs))
    held: dict[str, list[Pair]] = {"test": [], "valid": []}
    room = dict.fromkeys(held, held_out)
    train: set[Pair] = set()
    for group in sorted(components(distinct), key=_hash):
        size = len({pair.src for pair in group})
        open_to = [name for name in held if size <= min(room[name], LARGEST_HELD_OUT)]
        if open_to:
            held[open_to[0]].extend(group)
            room[open_to[0]] -= size
        else:
            train.update(group)
    if any(room.values()):
        raise CourseError(f"There are not {held_out} separate sentences for each held-out split.")
    in_order = [pair for pair in distinct if pair in train]
    return Split(in_order, held["valid"], held["test"])


def _hash(group: list[Pair]) -> bytes:
    return hashlib.sha256("\n".join(sorted({key(pair.src) for pair in group})).encode()).digest()


def examples(pairs: Iterable[Pair]) -> list[Example]:
    """Collect the distinct targets of each distinct source, in the order of first appearance."""
    found: dict[str, dict[str, None]] = {}
    for pair in pairs:
        found.setdefault(pair.src, {})[pair.tgt] = None
    return [Example(src, tuple(targets)) for src, targets in found.items()]


def english_french() -> list[Pair]:
    """Return all pairs of the corpus in the order of the file, normalised."""
    with zipfile.ZipFile(fetch("tatoeba/fra-eng.zip")) as archive:
        data = archive.read("fra-eng/fra.txt")
    return split_tsv(split_lines(data, "fra-eng/fra.txt"), "fra-eng/fra.txt")


def load(src: str, tgt: str) -> Corpus:
    """Return the corpus, English to French or the other way round; the split is the same for both.

    From French, the 2,000 held-out English sentences are the references, and the examples are
    their French sides.
    """
    train, valid, test = split(english_french())
    if src == "fr":
        train, valid, test = ([Pair(p.tgt, p.src) for p in part] for part in (train, valid, test))
    return Corpus(
        name="tatoeba",
        src_lang=src,
        tgt_lang=tgt,
        train=train,
        valid=examples(valid),
        test=examples(test),
        licence=credit("tatoeba"),
    )
