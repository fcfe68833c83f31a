"""The shipped translators on sentences of our own that are not in their training data."""

from pathlib import Path

import pytest

from course import zoo
from course.data import corpora
from course.data.mixing import with_grammar
from course.data.tatoeba import key
from course.runtime import generator

ROWS = [
    line.split("\t")
    for line in (Path(__file__).parent / "colour_noun_place.tsv").read_text("utf-8").splitlines()
]
WITH_ATTENTION = ("tatoeba-en-fr-bahdanau", "tatoeba-en-fr-luong", "tatoeba-en-fr-transformer")


def test_the_zoo_has_all_translators():
    assert {"tatoeba-en-fr-gru", *WITH_ATTENTION} <= set(zoo.names())


def test_there_are_thirty_different_variants():
    assert len({source for source, _, _ in ROWS}) == 30


def test_none_of_them_is_in_the_training_data(data_mirror):
    cards = [zoo.load(name).card for name in WITH_ATTENTION]
    card = cards[0]
    shared = ("grammar_share", "grammar_words", "joined_share", "joined_words")
    assert all(other[key] == card[key] for other in cards for key in shared)
    assert all(other["training"]["seed"] == card["training"]["seed"] for other in cards)
    pairs = with_grammar(
        corpora.load("tatoeba"),
        share=card["grammar_share"],
        words=tuple(card["grammar_words"]),
        generator=generator(card["training"]["seed"], "grammar"),
    )
    train = {key(pair.src) for pair in pairs}
    assert not [source for source, _, _ in ROWS if key(source) in train]


@pytest.mark.parametrize("name", WITH_ATTENTION)
def test_at_least_27_of_30_come_out_with_the_right_noun_gender_and_order(name):
    outputs = zoo.load(name).translate([source for source, _, _ in ROWS])
    wrong = [
        (source, output)
        for (source, phrases, _), output in zip(ROWS, outputs, strict=True)
        if not any(phrase in output.casefold() for phrase in phrases.split("|"))
    ]
    assert len(wrong) <= 3, wrong


@pytest.mark.parametrize("name", WITH_ATTENTION)
def test_the_sentence_of_the_readme(name):
    (output,) = zoo.load(name).translate(["The blue car is in front of the house."])
    right = {"La voiture bleue est devant la maison.", "La voiture bleue est en face de la maison."}
    assert output in right


@pytest.mark.parametrize("name", zoo.names())
def test_cards_say_what_the_weights_are(name):
    translator = zoo.load(name)
    card = translator.card
    assert card["name"] == name
    assert card["parameters"] == sum(p.numel() for p in translator.model.parameters())
    assert "CC-BY 2.0" in card["licence"] and "course train tatoeba" in card["command"]
    for split in ("valid", "test"):
        low, high = card[split]["bleu_interval"]
        assert low < card[split]["bleu"] < high
        assert card[split]["sentences"] == 2000
    folder = Path(zoo.__file__).parent / "weights" / name
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 4_000_000
