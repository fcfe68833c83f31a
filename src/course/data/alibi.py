"""ALIBI: five stories whose English and French words were aligned by hand.

Xu and Yvon 2016, "Novel annotation schemes for sentential and sub-sentential alignments of
bi-texts" (LREC). Attention weights are judged against it (chapter 5). CC BY-SA 4.0.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from course.data.download import fetch
from course.data.own_text import read_lines
from course.errors import CourseError

# English title, then the folder and the names of the two files in it.
_STORIES = {
    "Blue Beard": ("LaBarbeBleue_BlueBeard", "BlueBeard", "LaBarbeBleue"),
    "The Inn": ("LAuberge_TheInn", "TheInn", "LAuberge"),
    "The Last Lesson": ("LaDerniereClasse_TheLastLesson", "TheLastLesson", "LaDerniereClasse"),
    "The Master Cat": ("ChatBotte_MasterCat", "MasterCat", "ChatBotte"),
    "The Vision of Charles XI": ("LaVision_TheVision", "TheVision", "LaVision"),
}


class AlignedSentence(NamedTuple):
    """A tokenised segment and its links (English index, French index), both from 0.

    `sure` and `possible` are disjoint; for the alignment error rate a sure link is a
    possible one, too.
    """

    english: tuple[str, ...]
    french: tuple[str, ...]
    sure: frozenset[tuple[int, int]]
    possible: frozenset[tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class Story:
    """One story; `sentences` in the order of the text, the title first."""

    title: str
    sentences: tuple[AlignedSentence, ...]


def alibi() -> list[Story]:
    """Return the five stories, by English title.

    The files write French first ("3-1": French word 3, English word 1); here English comes first,
    as in the rest of the course.

    Raises:
        CourseError: If a file cannot be had (see `course.data.download.fetch`).
    """
    return [_story(title, *files) for title, files in _STORIES.items()]


def _story(title: str, folder: str, english: str, french: str) -> Story:
    links = _numbered(folder, f"ali_w2w_{folder}")
    sides = (_numbered(folder, f"{english}_sents"), _numbered(folder, f"{french}_sents"))
    sentences = (
        _sentence(en.split(), fr.split(), link) for en, fr, link in zip(*sides, links, strict=True)
    )
    return Story(title=title, sentences=tuple(sentences))


def _numbered(folder: str, name: str) -> list[str]:
    """Return what follows number and tab in each line of a file."""
    lines = read_lines(fetch(f"alibi/ali/{folder}/{name}.txt"))
    return [line.partition("\t")[2] for line in lines]


def _sentence(english: list[str], french: list[str], links: str) -> AlignedSentence:
    found: dict[str, set[tuple[int, int]]] = {"-": set(), "p": set()}
    for link in links.split():
        match = re.fullmatch(r"(\d+)([-p])(\d+)", link)
        if match is None:
            raise CourseError(f"{link!r} is not a link of the form 3-1 or 3p1.")
        found[match[2]].add((int(match[3]), int(match[1])))
    sure, possible = frozenset(found["-"]), frozenset(found["p"] - found["-"])
    return AlignedSentence(tuple(english), tuple(french), sure, possible)
