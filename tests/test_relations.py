"""Relations between words, read off the grammar's trees."""

import pytest
import torch

from course.data import grammar
from course.data.grammar.relations import RELATIONS, dependencies

GOLDEN = {
    "The blue car is in front of the house.": "determiner The car, adjective blue car, "
    "subject car is, preposition of house, determiner the house",
    "The man who is reading the long book does not sleep.": "determiner The man, "
    "subject man reading, subject man sleep, auxiliary is reading, auxiliary does sleep, "
    "determiner the book, adjective long book, object book reading",
    "The dog that the queen sees is behind the church.": "determiner The dog, "
    "determiner the queen, subject queen sees, object dog sees, subject dog is, "
    "preposition behind church, determiner the church",
    "Does the man sleep in the garden?": "auxiliary Does sleep, determiner the man, "
    "subject man sleep, preposition in garden, determiner the garden",
    "Hugo buys the car and washes it.": "subject Hugo buys, subject Hugo washes, object car buys, "
    "determiner the car, pronoun it car",
    "The old doctors sleep because they are tired.": "determiner The doctors, "
    "adjective old doctors, subject doctors sleep, pronoun they doctors, subject they are, "
    "predicate tired they",
    "Paul's brother wants to read the book.": "owner Paul brother, subject brother wants, "
    "object book read, determiner the book",
    "The woman thinks that the car is very big.": "determiner The woman, subject woman thinks, "
    "determiner the car, subject car is, predicate big car",
    "The doctor eats and sleeps in the kitchen.": "determiner The doctor, subject doctor eats, "
    "subject doctor sleeps, preposition in kitchen, determiner the kitchen",
    "Paul gives the book to the teacher.": "subject Paul gives, object book gives, "
    "determiner the book, preposition to teacher, determiner the teacher",
}


@pytest.mark.parametrize("text", GOLDEN)
def test_golden_relations(text):
    words = grammar.words(text)
    found = [
        f"{relation} {words[a]} {words[b]}"
        for relation, a, b in dependencies(grammar.parse(text, "en"))
    ]
    assert sorted(found) == sorted(GOLDEN[text].split(", "))


@pytest.fixture(scope="module")
def sentences():
    return grammar.sample(800, generator=torch.Generator().manual_seed(7), words=(3, 30))


def test_relations_link_different_words_of_the_sentence(sentences):
    seen = set()
    for sentence in sentences:
        found = dependencies(sentence.tree)
        assert list(found) == sorted(set(found))
        for relation, dependent, head in found:
            assert dependent != head
            assert {dependent, head} <= set(range(len(sentence.src_words)))
            assert not {sentence.src_words[dependent], sentence.src_words[head]} & set(",.?")
            seen.add(relation)
    assert seen == set(RELATIONS)


def test_a_word_has_one_noun_or_verb_to_belong_to(sentences):
    """A determiner, an adjective or an auxiliary belongs to one word, and stands before it."""
    for sentence in sentences:
        of = {}
        for relation, dependent, head in dependencies(sentence.tree):
            if relation in ("determiner", "adjective", "auxiliary", "owner", "preposition"):
                assert dependent < head, sentence.src
                assert of.setdefault((relation, dependent), head) == head, sentence.src


def test_adjectives_belong_to_the_nouns_that_the_labels_name(sentences):
    for sentence in sentences:
        of = grammar.pairs(sentence.tree)
        for relation, dependent, _ in dependencies(sentence.tree):
            if relation == "adjective":
                assert any(sentence.src_words[dependent].lower() == a for a, _ in of), sentence.src
