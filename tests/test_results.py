"""Records: what they hold, how they are stored, and what a mark in prose resolves to."""

import json
from dataclasses import replace

import pytest

from course import experiments, results
from course.errors import CourseError
from course.experiments.rules import VERDICTS, rule_sha256
from course.results.records import Record, Row, read, write


def record(rows=()):
    return Record(
        name="c99_test",
        claim="C99",
        command="course experiment c99_test --seeds 3",
        commit="unknown",
        rule_sha256="0" * 64,
        config={"length": 7},
        env={"device": "cpu"},
        rows=tuple(rows),
    )


ROWS = (
    Row("copy.attention", 1, 16, "token_error_rate", 0.25, 11),
    Row("copy.attention", 2, 16, "token_error_rate", 0.75, 11),
    Row("copy.attention", 1, 0.5, "token_error_rate", 0.1, 11),
    Row("gru", 1, "5-8", "bleu", 31.0, 13),
)


@pytest.fixture
def stored(monkeypatch, tmp_path):
    """A folder of results with one record and one benchmark, in place of the package's."""
    monkeypatch.setattr(results, "folder", lambda: tmp_path)
    write(record(ROWS), tmp_path / "c99_test.json")
    (tmp_path / "bench.json").write_text(
        json.dumps({"training": {"tokens_per_s": {"value": 4600}}})
    )
    (tmp_path / "published_encoder.json").write_text(
        json.dumps({"pairs": {"negation": {"texts": ["Yes.", "No."], "cosine": -0.25}}})
    )
    return tmp_path


def test_a_record_survives_being_written_and_read(tmp_path):
    path = tmp_path / "c99_test.json"
    write(record(ROWS), path)
    assert read(path) == record(ROWS)
    assert [p.name for p in tmp_path.iterdir()] == [path.name], "no temporary file is left"


def test_a_record_without_rows_survives_too(tmp_path):
    write(record(), tmp_path / "c99_test.json")
    assert read(tmp_path / "c99_test.json") == record()


def test_each_row_has_a_line(tmp_path):
    write(record(ROWS), tmp_path / "a.json")
    text = (tmp_path / "a.json").read_text()
    assert sum('"metric"' in line for line in text.splitlines()) == len(ROWS)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_value_that_is_not_finite_is_refused(value):
    with pytest.raises(CourseError, match="finite"):
        Row("copy", 1, 4, "bits", value, 3)


def test_a_slash_in_a_name_is_refused():
    with pytest.raises(CourseError, match="slash"):
        Row("copy/attention", 1, 4, "bits", 1.0, 3)


def test_a_stored_nan_is_refused(tmp_path):
    path = tmp_path / "a.json"
    write(record(ROWS), path)
    path.write_text(path.read_text().replace("0.75", "NaN"))
    with pytest.raises(CourseError, match="finite"):
        read(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"rows": [{"arm": "a"}]}'])
def test_what_is_no_record_is_refused(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(CourseError, match=r"a\.json"):
        read(path)


def test_another_schema_is_refused(tmp_path):
    path = tmp_path / "a.json"
    write(replace(record(), schema=2), path)
    with pytest.raises(CourseError, match="schema 2"):
        read(path)


def test_rows_are_selected_by_arm_and_metric():
    made = record(ROWS)
    assert len(made.select(arm="copy.attention")) == 3
    assert made.select(metric="bleu") == [ROWS[3]]
    assert made.select(arm="gru", metric="token_error_rate") == []


@pytest.mark.parametrize(
    ("mark", "value"),
    [
        ("c99_test/copy.attention/16/token_error_rate", 0.5),
        ("r:c99_test/copy.attention/0.5/token_error_rate", 0.1),
        ("c99_test/gru/5-8/bleu", 31.0),
        ("bench/training/tokens_per_s", 4600.0),
        ("r:published_encoder/pairs/negation/cosine", -0.25),
    ],
)
def test_a_mark_resolves(stored, mark, value):
    assert results.value(mark) == pytest.approx(value)


def test_a_record_is_read_and_summarised_once_until_its_file_changes(stored, monkeypatch):
    reads, summaries = [], []

    class Experiment:
        @staticmethod
        def summary(rows):
            summaries.append(rows)
            return {"first": rows[0].value}

    def counted(path):
        reads.append(path)
        return read(path)

    monkeypatch.setattr(results, "read", counted)
    monkeypatch.setattr(experiments, "get", lambda name: Experiment)
    marks = ("c99_test/copy.attention/16/token_error_rate", "c99_test/summary/first")
    assert [results.value(mark) for mark in marks * 3] == [0.5, ROWS[0].value] * 3
    assert len(reads) == len(summaries) == 1
    changed = [replace(row, value=row.value + 0.25) for row in ROWS]
    write(record(changed), stored / "c99_test.json")
    assert [results.value(mark) for mark in marks] == [0.75, ROWS[0].value + 0.25]
    assert len(reads) == len(summaries) == 2


@pytest.mark.parametrize(
    ("mark", "hint"),
    [
        ("c98_none/a/1/bits", "c99_test"),
        ("c99_test/copy.attention", "RECORD/ARM/X/METRIC"),
        ("c99_test/copy/16/token_error_rate", "copy.attention, gru"),
        ("c99_test/gru/5-8/chrf", "bleu"),
        ("c99_test/gru/9-12/bleu", "5-8"),
        ("bench/training/sentences", "tokens_per_s"),
        ("bench/training", "not a number"),
        ("published_encoder/pairs/negation/texts", "not a number"),
        ("published_encoder/pairs/paraphrase/cosine", "there is negation"),
        ("shakespeare/model/test_bits", r"needs shakespeare\.json"),
        ("zoo/no-such-model/test/bleu", "card.json"),
    ],
)
def test_a_wrong_mark_says_what_there_is(stored, mark, hint):
    with pytest.raises(CourseError, match=hint):
        results.value(mark)


def test_a_measurement_is_read_whole(stored):
    assert results.measured("published_encoder")["pairs"]["negation"]["texts"] == ["Yes.", "No."]
    with pytest.raises(CourseError, match="bench, published_encoder"):
        results.measured("zoo_grid")
    with pytest.raises(CourseError, match=r"shakespeare\.json"):
        results.measured("shakespeare")


def test_a_card_of_the_zoo_resolves(monkeypatch, tmp_path):
    (tmp_path / "toy").mkdir()
    card = {"parameters": 7, "scores": {"test": {"bleu": {"value": 31.5, "low": 30.0}}}}
    (tmp_path / "toy" / "card.json").write_text(json.dumps(card))
    monkeypatch.setattr(results, "files", lambda package: tmp_path)
    assert results.value("zoo/toy/test/bleu") == 31.5
    assert results.value("zoo/toy/scores/test/bleu/low") == 30.0
    assert results.value("zoo/toy/parameters") == 7


@pytest.mark.parametrize("name", results.names())
def test_a_shipped_record_is_not_stale(name):
    module, found = experiments.get(name), results.load(name)
    assert found.name == name
    assert found.claim == module.CLAIM
    assert found.rule_sha256 == rule_sha256(module.RULE), "the rule was changed after the run"
    assert found.config == module.CONFIG, "the configuration was changed after the run"


@pytest.mark.parametrize("name", results.names())
def test_a_shipped_record_is_judged(name):
    assert results.verdict(name) in VERDICTS
    summary = experiments.get(name).summary(results.load(name).rows)
    key = next(iter(summary))
    assert results.value(f"{name}/summary/{key}") == summary[key]
    with pytest.raises(CourseError, match="summary"):
        results.value(f"{name}/summary/no-such-key")


@pytest.mark.parametrize("name", results.names())
def test_a_shipped_record_is_complete(name):
    arms = {row.arm for row in results.load(name).rows}
    assert {arm.name for arm in experiments.get(name).ARMS} <= arms


def test_a_picture_or_a_folder_is_no_record_and_kept(tmp_path):
    path = tmp_path / "picture.json"
    path.write_bytes(b"\x89PNG\x00\xff")
    with pytest.raises(CourseError, match="it is no text.*name another file"):
        read(path)
    assert path.read_bytes() == b"\x89PNG\x00\xff"
    with pytest.raises(CourseError, match="name another file"):
        read(tmp_path)
