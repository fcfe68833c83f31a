"""Translators: training from a corpus, saving, loading, and what is said when a folder is wrong."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from course import zoo
from course.data.pairs import Corpus, Example, Pair
from course.data.tokenizer import Tokenizer
from course.errors import CourseError
from course.model_folder import build
from course.models.seq2seq import Seq2SeqConfig
from course.models.transformer import Transformer, TransformerConfig
from course.training import TrainingConfig

SIDES = [
    ("a cat", "un chat"),
    ("a dog", "un chien"),
    ("the cat", "le chat"),
    ("the dog", "le chien"),
]
CORPUS = Corpus(
    name="animals",
    src_lang="en",
    tgt_lang="fr",
    train=[Pair(*side) for side in SIDES] * 10,
    valid=[Example("a cat", ("un chat",))],
    test=[Example("the dog", ("le chien",)), Example("the cat", ("le chat",))],
    licence="made up",
)
RECIPE = zoo.Recipe(
    model=Seq2SeqConfig(vocab_size=300, d_embed=16, d_model=24, d_attention=16, context="additive"),
    training=TrainingConfig(max_updates=120, max_tokens=100, learning_rate=1e-2, eval_every=40),
    joined_share=0.2,
    joined_words=(4, 6),
    command="course train …",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("zoo") / "animals"
    zoo.train_translator(CORPUS, RECIPE, out, progress=False)
    return out


def test_a_trained_folder_loads_and_translates(folder):
    translator = zoo.load(folder, device=torch.device("cpu"))
    assert translator.translate(["the cat", "a dog"]) == ["le chat", "un chien"]
    assert translator.translate(["the cat"], beam=1) == ["le chat"]


def test_a_transformer_is_trained_and_loaded_as_one(tmp_path):
    config = TransformerConfig(vocab_size=300, d_model=24, num_heads=3, d_ff=29, num_layers=2)
    made, _ = zoo.train_translator(CORPUS, replace(RECIPE, model=config), tmp_path, progress=False)
    found = zoo.load(tmp_path, device=torch.device("cpu"))
    assert isinstance(found.model, Transformer)
    assert found.model.config == replace(config, vocab_size=len(found.tokenizer))
    for name, parameter in made.model.named_parameters():
        assert torch.equal(parameter, found.model.get_parameter(name)), name
    assert found.translate(["the cat", "a dog"]) == ["le chat", "un chien"]


def test_the_card_says_what_was_measured(folder):
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    translator = zoo.load(folder)
    assert card["parameters"] == sum(p.numel() for p in translator.model.parameters())
    assert card["updates"] == 120 and card["command"] == "course train …"
    again = zoo.score(translator, CORPUS.test)
    assert card["test"]["bleu"] == again["bleu"] and card["test"]["sentences"] == 2
    assert "version" in card["test"]["bleu_signature"]
    low, high = card["test"]["bleu_interval"]
    assert low <= card["test"]["bleu"] <= high


def test_running_again_changes_nothing(folder):
    before = (folder / "model.safetensors").read_bytes()
    zoo.train_translator(CORPUS, RECIPE, folder, progress=False)
    assert (folder / "model.safetensors").read_bytes() == before


def test_joined_pairs_are_part_of_the_training_data():
    pairs = zoo.training_pairs(CORPUS, RECIPE)
    assert len(pairs) == 50  # 40 pairs are four fifths of 50


def test_an_unknown_name_lists_the_known_ones(monkeypatch):
    monkeypatch.setattr(zoo, "names", lambda: ["one-en-fr", "two-en-fr"])
    with pytest.raises(CourseError, match="one-en-fr, two-en-fr"):
        zoo.load("three")


def test_an_incomplete_folder_says_which_file_is_missing(folder, tmp_path):
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(CourseError, match="no model.safetensors"):
        zoo.load(tmp_path)


def test_weights_of_another_configuration_are_refused(folder, tmp_path):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    config["config"]["d_model"] = 26
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(CourseError, match="do not fit"):
        zoo.load(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(config | {"model": "Oracle"}))
    with pytest.raises(CourseError, match="Oracle"):
        zoo.load(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", b""),
        ("model.safetensors", b"not tensors at all, whatever the name says"),
        ("config.json", b"{"),
        ("config.json", b"[]"),
        ("config.json", b"[" * 99_999),
        ("tokenizer.json", b"[" * 99_999),
        ("config.json", b"\xff\xfe"),
        ("config.json", b'{"model": ["Seq2Seq"]}'),
        ("config.json", b'{"model": "Seq2Seq"}'),
        ("config.json", b'{"model": "Seq2Seq", "config": null}'),
        ("config.json", b'{"model": "Seq2Seq", "config": {"depth": 3}}'),
        ("config.json", b'{"model": "Seq2Seq", "config": {"vocab_size": 1000000000000000}}'),
        ("card.json", b""),
        ("card.json", b"3"),
        ("tokenizer.json", b"{}"),
        ("model.safetensors", None),
        ("card.json", None),
    ],
)
def test_a_damaged_folder_says_which_file(folder, tmp_path, name, content):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / name).unlink()
    if content is None:
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CourseError, match=name) as caught:
        zoo.load(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_tokenizer_of_another_translator_is_refused(folder, tmp_path):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    Tokenizer.train(["abc"], vocab_size=262).save(tmp_path / "tokenizer.json")
    with pytest.raises(CourseError, match="belongs to another"):
        zoo.load(tmp_path)


def test_a_recipe_that_cannot_be_followed_leaves_no_folder(tmp_path):
    recipe = replace(RECIPE, joined_words=(2, 3))  # no two of these pairs are that short
    with pytest.raises(CourseError, match="No two"):
        zoo.train_translator(CORPUS, recipe, tmp_path / "new", progress=False)
    assert list(tmp_path.iterdir()) == []


def test_the_presets_have_equal_parameters_within_two_percent():
    sizes = [sum(p.numel() for p in build(each).parameters()) for each in zoo.PRESETS.values()]
    assert max(sizes) / min(sizes) < 1.02
    assert all(abs(size / 1_420_000 - 1) < 0.02 for size in sizes)
    assert max(sizes) <= 1_900_000


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e9])
def test_weights_that_are_no_numbers_are_neither_saved_nor_loaded(folder, tmp_path, value):
    model = zoo.load(folder).model
    name, weight = next(iter(model.named_parameters()))
    with torch.no_grad():
        weight.view(-1)[0] = value
    with pytest.raises(CourseError, match=f"diverged: {name}"):
        zoo.save(model, tmp_path)
    assert not any(tmp_path.iterdir())
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    half = {key: tensor.detach().half() for key, tensor in model.state_dict().items()}
    save_file(half, tmp_path / "model.safetensors")
    with pytest.raises(CourseError, match=f"model.safetensors is damaged .{name} holds"):
        zoo.load(tmp_path)
