"""Sentences of the grammar among those of a corpus (chapter 2).

A corpus shows most of its words in few combinations. The grammar has every noun with every colour,
at every place and in every tense, so a share of its sentences teaches a small model to put words
together that it never saw side by side.
"""

import torch

from course.data.grammar.splits import distinct
from course.data.pairs import Corpus, Pair
from course.data.tatoeba import key
from course.errors import CourseError


def with_grammar(
    corpus: Corpus, *, share: float, words: tuple[int, int], generator: torch.Generator
) -> list[Pair]:
    """Append sentences of the grammar to a corpus's training pairs.

    None of them is in the corpus's validation or test set, on either side and whatever its case and
    punctuation, and none comes twice.

    Args:
        corpus: English and French; its training pairs come first in the result, unchanged.
        share: share of the result that the grammar makes; at least 0, below 1.
        words: range of their English lengths in words.
        generator: A CPU generator; the same state gives the same result on every machine.

    Raises:
        CourseError: If `share` makes no sense, the languages are not the grammar's, or it has not
            as many sentences of these lengths.
    """
    if not 0 <= share < 1:
        raise CourseError(f"share must be at least 0 and below 1, not {share}.")
    count = round(share / (1 - share) * len(corpus.train))
    if not count:
        return list(corpus.train)
    if {corpus.src_lang, corpus.tgt_lang} != {"en", "fr"}:
        raise CourseError(
            f"The grammar makes English and French, not {corpus.src_lang} and {corpus.tgt_lang}; "
            "leave its share at 0."
        )
    examples = corpus.valid + corpus.test
    held = {key(side) for example in examples for side in (example.src, *example.refs)}
    made = distinct(
        count, words, generator, set(), keep=lambda s: not {key(s.src), key(s.tgt)} & held
    )
    forwards = corpus.src_lang == "en"
    return [*corpus.train, *(Pair(s.src, s.tgt) if forwards else Pair(s.tgt, s.src) for s in made)]
