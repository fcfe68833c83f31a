"""The grammar against pairs written by hand."""

from pathlib import Path

import pytest

from course.data import grammar

ROWS = [
    line.split("\t")
    for line in Path(__file__).with_name("golden_pairs.tsv").read_text("utf-8").splitlines()
]


def test_there_are_enough_and_no_two_are_the_same():
    assert len(ROWS) >= 60
    assert sum(len(row) == 3 for row in ROWS) >= 15
    assert len({row[0] for row in ROWS}) == len({row[1] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_pair(row):
    english, french, *links = row
    assert grammar.accepts(french)
    assert grammar.accepts(english, "en")
    assert grammar.translate(english) == french
    tree = grammar.parse(french)
    assert tree is not None and grammar.sentence(tree).tgt == french
    if links:
        made = grammar.sentence(grammar.parse(english, "en"))
        assert " ".join(f"{i}-{j}" for i, j in made.alignment) == links[0]


def test_the_phrase_of_the_article():
    sentence = grammar.sentence(grammar.parse("The blue car is in front of the house.", "en"))
    links = dict(sentence.alignment)
    order = [sentence.tgt_words[links[sentence.src_words.index(w)]] for w in ("The", "blue", "car")]
    assert order == ["La", "bleue", "voiture"]


@pytest.mark.parametrize(
    "wrong",
    [
        "La voiture bleu est devant la maison.",
        "Les bateaux bleux sont devant la maison.",
        "Le voiture bleue est devant la maison.",
        "La bleue voiture est devant la maison.",
        "La voiture bleue sont devant la maison.",
        "La voiture bleue est devant le maison.",
        "Les voitures bleue sont devant la maison.",
        "la voiture bleue est devant la maison.",
        "La voiture bleue est devant la maison",
        "La voiture bleue est devant la maison .",
        "La  voiture bleue est devant la maison.",
        "La voiture bleue est devant la maison. La voiture bleue est devant la maison.",
        "Le homme dort.",
        "L'chien dort.",
        "Je vais à le marché.",
        "Je vais au école.",
        "Il ne a pas de voiture.",
        "Il n'a pas une voiture.",
        "Il a pas de voiture.",
        "Je ne vois le pas.",
        "Je vois le.",
        "La reine est parti.",
        "La reine a partie.",
        "Julie a acheté les robes et les a lavé.",
        "Les lettres que Marie a écrit étaient sur la table.",
        "Notre grand-mère s'est reposé.",
        "Le vieux ami dort.",
        "Il y a un beau oiseau dans le jardin.",
        "Cette arbre est beau.",
        "Ce arbre est beau.",
        "Ma amie dort.",
        "Il y a des beaux chevaux près du lac.",
        "Est-ce que il dort ?",
        "Où est la maison?",
        "Si il neige, je ne travaillerai pas.",
        "Quand Sophie arrive, nous danserons.",
        "La voiture lit le journal.",
        "",
        " ",
        "?",
        "xyzzy",
    ],
)
def test_wrong_french_is_rejected(wrong):
    assert not grammar.accepts(wrong)


@pytest.mark.parametrize(
    "wrong", ["A apple is good.", "The men sleeps.", "He do not sleep.", "He doesn't sleep."]
)
def test_wrong_english_is_rejected(wrong):
    assert not grammar.accepts(wrong, "en")
