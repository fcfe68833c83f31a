"""What a parallel corpus is made of: pairs, examples with references, and the corpus itself."""

from dataclasses import dataclass
from typing import NamedTuple


class Pair(NamedTuple):
    """A sentence and its translation."""

    src: str
    tgt: str


class Example(NamedTuple):
    """A sentence to translate and every translation that counts as right."""

    src: str
    refs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A parallel corpus, split.

    `train` holds pairs; `valid` and `test` hold one example for each distinct source sentence.
    `licence` names the licence and whom to credit.
    """

    name: str
    src_lang: str
    tgt_lang: str
    train: list[Pair]
    valid: list[Example]
    test: list[Example]
    licence: str
