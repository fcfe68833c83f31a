"""Sentences of the grammar among a corpus's training pairs."""

from dataclasses import replace

import pytest
import torch

from course.data import grammar
from course.data.mixing import with_grammar
from course.data.pairs import Corpus, Example, Pair
from course.data.tatoeba import key
from course.errors import CourseError

CORPUS = Corpus(
    name="small",
    src_lang="en",
    tgt_lang="fr",
    train=[Pair(f"Number {n}.", f"Numéro {n}.") for n in range(30)],
    valid=[Example("Hello.", ("Bonjour.",))],
    test=[Example("Goodbye.", ("Au revoir.", "Adieu."))],
    licence="made up",
)


def mixed(corpus=CORPUS, *, share=0.25, words=(3, 6), seed=7):
    order = torch.Generator().manual_seed(seed)
    return with_grammar(corpus, share=share, words=words, generator=order)


def test_the_corpus_comes_first_and_the_grammar_has_its_share():
    pairs = mixed()
    assert pairs[:30] == CORPUS.train and len(pairs) == 40
    assert all(3 <= len(pair.src.split()) <= 6 for pair in pairs[30:])
    assert all(grammar.translate(pair.src) == pair.tgt for pair in pairs[30:])


def test_the_same_seed_gives_the_same_sentences_and_another_gives_others():
    assert mixed() == mixed()
    assert mixed() != mixed(seed=8)


def test_nothing_held_out_comes_in_on_either_side_whatever_its_case_and_punctuation():
    made = mixed()[30:]
    english, french = made[0], made[1]
    corpus = replace(
        CORPUS,
        valid=[Example(english.src.upper().replace(".", " !"), ("autre",))],
        test=[Example("another", ("rien", french.tgt.lower()))],
    )
    again = mixed(corpus)[30:]
    assert len(again) == len(made)
    assert key(english.src) not in {key(pair.src) for pair in again}
    assert key(french.tgt) not in {key(pair.tgt) for pair in again}


def test_from_french_the_sides_change_places():
    turned = replace(CORPUS, src_lang="fr", tgt_lang="en")
    assert [Pair(p.tgt, p.src) for p in mixed(turned)[30:]] == mixed()[30:]


def test_no_share_leaves_any_corpus_alone():
    german = replace(CORPUS, tgt_lang="de")
    assert mixed(german, share=0) == CORPUS.train


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_a_share_out_of_range_is_one_sentence(share):
    with pytest.raises(CourseError, match="share must be at least 0 and below 1"):
        mixed(share=share)


def test_other_languages_are_refused():
    with pytest.raises(CourseError, match="English and French, not en and de"):
        mixed(replace(CORPUS, tgt_lang="de"))
