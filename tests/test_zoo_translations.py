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
WITH_ATTENTION = "tatoeba-en-fr-bahdanau"


def test_the_zoo_has_all_translators():
    assert {"tatoeba-en-fr-gru", WITH_ATTENTION, "tatoeba-en-fr-luong"} <= set(zoo.names())


def test_there_are_thirty_different_variants():
    assert len({source for source, _, _ in ROWS}) == 30


def test_none_of_them_is_in_the_training_data(data_mirror):
    card = zoo.load(WITH_ATTENTION).card
    pairs = with_grammar(
        corpora.load("tatoeba"),
        share=card["grammar_share"],
        words=tuple(card["grammar_words"]),
        generator=generator(card["training"]["seed"], "grammar"),
    )
    train = {key(pair.src) for pair in pairs}
    assert not [source for source, _, _ in ROWS if key(source) in train]


def test_at_least_27_of_30_come_out_with_the_right_noun_gender_and_order():
    outputs = zoo.load(WITH_ATTENTION).translate([source for source, _, _ in ROWS])
    wrong = [
        (source, output)
        for (source, phrases, _), output in zip(ROWS, outputs, strict=True)
        if not any(phrase in output.casefold() for phrase in phrases.split("|"))
    ]
    assert len(wrong) <= 3, wrong


def test_the_sentence_of_the_readme():
    (output,) = zoo.load(WITH_ATTENTION).translate(["The blue car is in front of the house."])
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
