"""Language models on own text: trained, gone on with and made to write by the command line."""

import json
from types import SimpleNamespace

import pytest
import torch
from typer.testing import CliRunner

from course import writing
from course.cli import app
from course.data.batching import collate
from course.errors import CourseError
from course.training import token_loss

WORDS = "the car is blue and old".split()
TINY = [
    *("--vocab-size", 280, "--d-model", 12, "--num-heads", 3, "--d-ff", 7, "--num-layers", 2),
    *("--dropout", 0, "--max-tokens", 200, "--warmup", 1, "--eval-every", 2),
]


def course(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture
def files(tmp_path):
    lines = [f"{a} {b} {c}" for a in WORDS for b in WORDS for c in WORDS]
    (tmp_path / "train").write_text("\n".join([*lines, "", "  "]) + "\n", "utf-8")
    (tmp_path / "valid").write_text("\n".join(lines[::7]) + "\n", "utf-8")
    return tmp_path


def command(files, *more):
    texts = ["--train-text", files / "train", "--valid-text", files / "valid"]
    return [
        *("train", "--model", "language-model", *texts, "--out", files / "made"),
        *(*TINY, *more),
    ]


def test_a_language_model_is_trained_gone_on_with_and_writes(files):
    first = course(*command(files, "--updates", 2))
    assert first.exit_code == 0, (first.output, first.exception)
    assert "216 texts, 2 updates" in first.stderr and "validation loss" in first.stdout
    assert course(*command(files, "--updates", 40, "--learning-rate", 0.002)).exit_code == 0
    out = files / "made"
    card = json.loads((out / "card.json").read_text("utf-8"))
    assert card["updates"] == 40 and card["data"] == "train" and card["processes"] == 1
    rows = [json.loads(line) for line in (out / "log.jsonl").read_text("utf-8").splitlines()]
    assert rows[0]["update"] == 2 and rows[-1]["valid_loss"] < rows[0]["valid_loss"] - 0.1
    written = course("write", "the car", "--model", out, "--texts", 3, "--max-tokens", 5)
    assert written.exit_code == 0, written.output
    lines = written.stdout.splitlines()
    assert len(lines) == 3 and all(line.startswith("the car") for line in lines)
    again = course("write", "the car", "--model", out, "--texts", 3, "--max-tokens", 5)
    assert again.stdout == written.stdout
    other = course("write", "the car", "--model", out, "--texts", 3, "--seed", 2)
    assert other.stdout != written.stdout


def test_the_loss_is_that_of_the_texts_alone(files):
    assert course(*command(files, "--epochs", 2)).exit_code == 0
    writer = writing.load(files / "made")
    lines = (files / "valid").read_text("utf-8").splitlines()
    rows = writer.tokenizer.encode_batch(lines)
    with torch.no_grad():  # another source changes nothing
        batch = collate([[5, 6]] * len(rows), rows)
        expected = float(token_loss(writer.model, batch)) / batch.num_tokens
    assert writer.card["valid"]["loss"] == pytest.approx(expected, rel=2e-3)  # weights are halves


def test_texts_end_where_the_model_ends_them(files):
    lines = ["the car"] * 50
    (files / "train").write_text("\n".join(lines) + "\n", "utf-8")
    (files / "valid").write_text("the car\n", "utf-8")
    more = ["--updates", 60, "--learning-rate", 0.02, "--schedule", "constant"]
    assert course(*command(files, *more)).exit_code == 0
    assert writing.load(files / "made").write(texts=2, temperature=0.1) == ["the car"] * 2


def test_mistakes(files):
    assert course(*command(files, "--updates", 1)).exit_code == 0
    made = files / "made"
    cases = [
        (["translate", "the car", "--model", made], "holds a language model"),
        (["write", "--model", files / "none"], "no folder"),
        (["write", "--model", made, "--temperature", 0], "temperature"),
        (command(files, "--updates", 2, "--num-heads", 2), "num_heads was 3, now 2"),
        (command(files, "--cell", "gru"), "--cell is no setting of language-model"),
        (["train", "grammar", *command(files)[1:]], "learns from texts"),
        (["train", "--model", "language-model", "--out", files / "x"], "two files"),
        (["train", "grammar", "--train-text", files / "train", "--out", files / "x"], "are for"),
    ]
    for arguments, words in cases:
        found = course(*arguments)
        assert found.exit_code == 2 and "course: " in found.stderr, found.output
        assert words in found.stderr, found.stderr


def test_a_translator_is_no_writer():
    from course import zoo

    with pytest.raises(CourseError, match="holds a translator"):
        writing.load(zoo._weights() / "tatoeba-en-fr-gru")


def test_a_text_stays_on_its_line_whatever_bytes_the_model_writes(files, monkeypatch):
    assert course(*command(files, "--updates", 1)).exit_code == 0
    writer = writing.load(files / "made")
    broken = writer.tokenizer._backend.token_to_id("Ċ")  # how byte-level tokens write a line feed
    found = [SimpleNamespace(tokens=(broken, *writer.tokenizer.encode("car"), broken))] * 2
    monkeypatch.setattr(writing, "sample", lambda *inputs, **options: found)
    assert course("write", "the", "--model", files / "made", "--texts", 2).stdout == "the car\n" * 2
