"""The core of the exercises: check, predict and compare, the helpers, progress, the command."""

import json
import multiprocessing
import subprocess
import sys
import textwrap

import pytest
import torch
from typer.testing import CliRunner

import course.exercises
from course import runtime
from course.cli import app
from course.errors import CourseError
from course.exercises import (
    UnknownExercise,
    WrongAnswer,
    catalogue,
    check,
    checking,
    compare,
    predict,
    progress,
)
from course.exercises.answers import NotAttempted, is_blank
from course.exercises.catalogue import Exercises
from course.exercises.checking import call, describe, expect_close, expect_gradient_close
from course.exercises.predictions import Prediction


def twice_of_it(answer):
    """The check of exercise 7.2: twice the input."""
    x = torch.randn(2, 3, generator=checking.fresh_generator(), dtype=torch.float64)
    expect_close(call(answer, x), 2 * x, "With x of shape (2, 3), this is not twice of it.")
    return "Twice of it. Notice that nothing was lost."


SURPRISE = "Many take the first for the last."


@pytest.fixture(autouse=True)
def chapter(monkeypatch):
    """A chapter 7 and a chapter 8, whatever the book has."""
    seven = Exercises(
        7,
        {"7.2": twice_of_it, "7.10": twice_of_it},
        {
            "7.1": Prediction(tolerance=0.1, low=0, high=1, surprise=SURPRISE, notice="Indeed."),
            "7.3": Prediction(choices=("soft", "hard"), surprise=SURPRISE),
        },
    )
    known = {7: seven, 8: Exercises(8, {"8.1": twice_of_it})}
    for module in (catalogue, sys.modules["course.exercises.catalogue"]):
        monkeypatch.setattr(module, "chapters", lambda: [7, 8])
        monkeypatch.setattr(module, "exercises_of", known.__getitem__)
    course.exercises._predicted.clear()
    course.exercises._counted.clear()


def right(x):
    return x + x


# --- check


def test_right_says_what_was_verified_and_is_noted(capsys):
    check("7.2", right)
    assert capsys.readouterr().out == "7.2: right. Twice of it. Notice that nothing was lost.\n"
    assert progress.read()["7.2"].state == "solved"


def test_wrong_says_which_property_fails_and_is_noted():
    with pytest.raises(WrongAnswer) as raised:
        check("7.2", lambda x: 3 * x)
    assert str(raised.value) == "7.2: not yet. With x of shape (2, 3), this is not twice of it."
    with pytest.raises(WrongAnswer, match=r"Its shape is \(3, 2\) where \(2, 3\) is asked for"):
        check("7.2", lambda x: 2 * x.T)
    assert progress.read()["7.2"][::2] == ("tried", 2)


def doing_nothing(x):
    """Say what it will do one day."""


def returning_dots(x):
    return ...


@pytest.mark.parametrize(
    "stub", [..., [...], {"a": (1, ...)}, doing_nothing, returning_dots, lambda x: ...]
)
def test_a_stub_is_not_attempted_and_leaves_no_trace(stub, capsys):
    check("7.2", stub)
    assert capsys.readouterr().out == "7.2: not attempted yet.\n"
    assert not progress.path().exists()


def test_an_empty_body_is_told_from_a_small_one():
    assert is_blank(doing_nothing) and is_blank(returning_dots)
    for answer in (right, lambda: 0, lambda x: x, lambda: "", 0, None, "", [], max, dict):
        assert not is_blank(answer)


def test_the_readers_mistake_is_named_with_its_input():
    with pytest.raises(WrongAnswer) as raised:
        check("7.2", lambda x: x @ x)
    told = str(raised.value)
    assert "float64 tensor of shape (2, 3)" in told and "RuntimeError" in told
    assert raised.value.__cause__ is not None
    with pytest.raises(WrongAnswer, match="A function is asked for, and this is 5"):
        check("7.2", 5)


def test_whatever_a_check_stumbles_over_is_a_wrong_answer(monkeypatch):
    monkeypatch.setitem(catalogue.exercises_of(7).checks, "7.2", lambda answer: answer["key"])
    with pytest.raises(WrongAnswer, match="can't make sense of 3: TypeError"):
        check("7.2", 3)


def test_inputs_are_fresh_and_the_readers_random_numbers_stay():
    seen = []

    def spying(x):
        seen.append(x)
        return 2 * x

    torch.manual_seed(5)
    expected = torch.rand(2)
    for _ in range(2):
        torch.manual_seed(5)
        check("7.2", spying)
        assert torch.equal(torch.rand(2), expected)
    assert not torch.equal(*seen)


def test_gradients_are_on_whatever_the_notebook_does(monkeypatch):
    def graded(answer):
        assert torch.is_grad_enabled()
        return "It is."

    monkeypatch.setitem(catalogue.exercises_of(7).checks, "7.2", graded)
    with torch.no_grad():
        check("7.2", 1)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("7.9", "those of chapter 7 are 7.1, 7.2, 7.3, 7.10."),
        ("3.1", "the chapters that have exercises are 7, 8."),
        ("seven", "written in quotes"),
        ("7.02", "written in quotes"),
        ("7.1", "use predict and compare"),
    ],
)
def test_an_unknown_exercise_is_told_in_one_sentence(number, words):
    with pytest.raises(UnknownExercise) as raised:
        check(number, 1)
    assert words in str(raised.value)
    assert isinstance(raised.value, CourseError)


def test_a_number_without_quotes_is_told_so():
    with pytest.raises(UnknownExercise, match="written in quotes.*this is 7.2"):
        catalogue._chapter_of(7.2)


def test_ipython_shows_one_paragraph_and_python_a_traceback():
    code = textwrap.dedent("""
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell()
        shell.run_cell("from course.exercises import check")
        shell.run_cell("check('9.99', 1)")
    """)
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    shown = result.stdout.strip().splitlines()
    assert " ".join(shown).startswith("There is no exercise 9.99;") and len(shown) <= 2
    assert "Traceback" not in result.stdout + result.stderr
    wrong = WrongAnswer("The rows do not sum to one, " * 9)
    (paragraph,) = wrong._render_traceback_()
    assert all(len(line) <= 88 for line in paragraph.splitlines())
    outside = "from course.exercises import check; check('9.99', 1)"
    result = subprocess.run([sys.executable, "-c", outside], capture_output=True, text=True)
    assert "Traceback" in result.stderr and result.returncode == 1


# --- predict and compare


def test_a_prediction_is_compared_with_the_measurement(capsys):
    compare("7.1", 0.7)
    assert capsys.readouterr().out == ""  # nothing was predicted
    predict("7.1", 0.75)
    compare("7.1", 0.7)
    assert capsys.readouterr().out == (
        "7.1: noted, 0.75. Now measure.\n7.1: you predicted 0.75, measured is 0.7. Right. Indeed.\n"
    )
    assert progress.read()["7.1"].state == "solved"


def test_a_prediction_that_is_off_is_told_why_people_err(capsys):
    predict("7.1", 0.1)
    compare("7.1", torch.tensor(0.7))
    assert capsys.readouterr().out.endswith(f"you predicted 0.1, measured is 0.7. {SURPRISE}\n")
    assert progress.read()["7.1"].state == "tried"
    predict("7.1", ...)
    compare("7.1", 0.7)
    assert capsys.readouterr().out == "7.1: not attempted yet.\n"


def test_what_is_predicted_after_the_measurement_does_not_count(capsys):
    predict("7.1", 0.3)
    predict("7.1", 0.1)  # nothing has been shown yet: one may think again
    compare("7.1", 0.7)
    predict("7.1", 0.7)
    compare("7.1", 0.7)
    said = " ".join(capsys.readouterr().out.split())
    assert "you predicted 0.7" in said and "Right" not in said
    assert said.endswith("0.1, predicted before, is what counts.")
    assert progress.read()["7.1"].state == "tried"
    predict("7.1", 0.1)  # the same cells once more
    compare("7.1", 0.7)
    assert SURPRISE in " ".join(capsys.readouterr().out.split())


def test_words_and_lists_are_compared(capsys):
    predict("7.3", "hard")
    compare("7.3", "hard")
    predict("7.1", [0.2, 0.9])
    compare("7.1", [0.25, 0.85])
    assert capsys.readouterr().out.count("Right.") == 2
    with pytest.raises(WrongAnswer, match="Predict one number"):
        compare("7.1", 0.2)
    predict("7.1", 0.2)
    with pytest.raises(WrongAnswer, match="7.1: not yet. Predict 2 numbers"):
        compare("7.1", [0.25, 0.85])


@pytest.mark.parametrize(
    ("number", "value", "words"),
    [
        ("7.1", 70, "Predict a number from 0 to 1; this is 70"),
        ("7.1", "much", "Predict a number; this is 'much'"),
        ("7.1", float("nan"), "Predict a number from 0 to 1"),
        ("7.3", "Hard", "Predict one of 'soft', 'hard'; this is 'Hard'"),
        ("7.3", ["hard"], "Predict one of"),
    ],
)
def test_a_prediction_of_another_kind_is_refused(number, value, words):
    with pytest.raises(WrongAnswer, match=words):
        predict(number, value)
    compare(number, 0.5)  # quiet: nothing was noted


def test_predictions_and_checks_are_not_mixed_up():
    for function in (predict, compare):
        with pytest.raises(UnknownExercise, match=r'use check\("7.2", …\)'):
            function("7.2", 1)


# --- helpers of checks


def told(function, *arguments, **named):
    with pytest.raises(WrongAnswer) as raised:
        function(*arguments, **named)
    return str(raised.value)


def test_expect_close_names_type_shape_and_dtype():
    ones = torch.ones(2, 3, dtype=torch.float64)
    assert "a list of 2 where a tensor" in told(expect_close, [[1] * 99] * 2, ones, "It is off.")
    assert "(3, 2) where (2, 3)" in told(expect_close, ones.T, ones, "It is off.")
    assert "torch.float32 where torch.float64" in told(expect_close, ones.float(), ones, "Off.")
    assert "NaNs" in told(expect_close, ones * torch.nan, ones, "It is off.")
    assert told(expect_close, ones + 1e-7, ones, "It is off.") == "It is off."
    assert told(expect_close, ones.log().neg() / 0, ones.log(), "It is off.").startswith("It is")
    expect_close(ones + 1e-10, ones, "It is off.")
    expect_close(ones + 0.1, ones, "It is off.", rtol=0.1)
    infinite = torch.tensor([1.0, -torch.inf])
    expect_close(infinite.clone(), infinite, "It is off.")
    assert told(expect_close, -infinite, infinite, "It is off.") == "It is off."
    assert told(expect_close, torch.zeros(2), infinite, "It is off.") == "It is off."


def test_expect_close_compares_numbers_words_and_collections():
    for actual, expected in (
        (3.0, 3), (torch.tensor(2.0), 2.0), (1 + 1e-9, 1.0), ("a", "a"), (True, True), (None, None),
        ([1, 2.0], [1.0, 2]), ((1, "a"), [1, "a"]), ({"a": 1}, {"a": 1}), ([], []),
    ):  # fmt: skip
        expect_close(actual, expected, "It is off.")
    for actual, expected in (
        (3.1, 3), ("3", 3), (True, 1), (torch.ones(1), 1.0), (float("nan"), 1.0), (1, True),
        (0, ""), ([1], [1, 2]), ("ab", ["a", "b"]), ({"b": 1}, {"a": 1}), ([1], {"a": 1}),
        (None, "a"), (1, []), (None, 1.0),
    ):  # fmt: skip
        assert told(expect_close, actual, expected, "It is off.").startswith("It is off.")


def test_expect_gradient_close_finds_what_was_detached():
    x, n = torch.randn(2, 3, dtype=torch.float64), 2

    def reference(x, n):
        return (x**n).sum(1)

    expect_gradient_close(lambda x, n: (x * x).sum(1), reference, [x, n], "Off.")
    for body, words in (
        (lambda x, n: (x.detach() ** 2).sum(1), "something was detached"),
        (lambda x, n: (x * x.detach()).sum(1), "gradient differs (input 1, shape (2, 3))"),
        (lambda x, n: (x.detach() ** 2).sum(1) + 0 * torch.ones(2, requires_grad=True), "No grad"),
        (lambda x, n: x.sum(1), "Off."),
    ):
        assert words in told(expect_gradient_close, body, reference, [x, n], "Off.")
    assert x.grad is None


def test_call_hands_results_through_and_stops_at_stubs():
    assert call(max, 1, 2) == 2
    with pytest.raises(NotAttempted):
        call(lambda: ...)
    assert "it fails: ZeroDivisionError: division by zero." in told(call, lambda x: 1 / x, 0)
    assert "no input" in told(call, lambda: 1 / 0)


def test_values_are_described_in_few_words():
    assert describe(torch.ones(2, 3)) == "a float32 tensor of shape (2, 3)"
    assert describe(list(range(99))) == "a list of 99"
    assert describe([1, 2]) == "[1, 2]"
    assert describe("x" * 99).endswith("…")
    assert describe(torch.nn.Linear(1, 1)) == "a Linear"
    assert describe(right) == "the function right" and describe(int) == "the class int"


# --- progress


def test_solved_stays_solved():
    for state in ("tried", "solved", "tried"):
        progress.note("7.2", state)
    assert progress.read()["7.2"][::2] == ("solved", 2)


DAMAGES = [
    "", "{", "[]", "null", '{"schema": 2}', '{"schema": 1, "exercises": {"7.2": 1}}', "[" * 100_000,
    '{"schema": 1, "exercises": {"7.2": {"state": "done", "when": "now", "attempts": 1}}}',
    '{"schema": 1, "exercises": {"../x": {"state": "tried", "when": "now", "attempts": 1}}}',
    b"\xff\xfe\x00",
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda text: repr(text)[:20])
def test_a_damaged_file_is_set_aside_with_one_message(damage, capsys):
    progress.path().parent.mkdir(parents=True, exist_ok=True)
    raw = damage if isinstance(damage, bytes) else damage.encode()
    progress.path().write_bytes(raw)
    check("7.2", right)
    lines = capsys.readouterr().out.strip().splitlines()
    assert len(lines) == 2 and "was damaged" in lines[1] and "damaged-1.json" in lines[1]
    assert progress.read()["7.2"].state == "solved"
    (aside,) = progress.path().parent.glob("*.damaged-*.json")
    assert aside.read_bytes() == raw


def test_two_damaged_files_are_both_kept():
    progress.path().parent.mkdir(parents=True, exist_ok=True)
    for text in ("first", "second"):
        progress.path().write_text(text, "utf-8")
        progress.read(lambda words: None)
    kept = sorted(path.read_text() for path in progress.path().parent.glob("*damaged*"))
    assert kept == ["first", "second"]


def test_a_place_that_cannot_be_written_is_no_crash(monkeypatch, tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("COURSE_PROGRESS", str(blocked / "below"))
    check("7.2", right)
    assert "could not be noted" in capsys.readouterr().out.splitlines()[1]


def test_a_locked_file_is_no_crash(monkeypatch, capsys):
    import filelock

    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    progress.note("7.2", "tried")
    with filelock.FileLock(progress.path().with_suffix(".lock")):
        check("7.2", right)
    assert "another program holds it" in " ".join(capsys.readouterr().out.split())


def _note_many(folder, first):
    import os

    os.environ["COURSE_PROGRESS"] = folder
    from course.exercises import progress as kept

    for number in range(first, first + 15):
        kept.note(f"1.{number}", "solved")


def test_notebooks_at_the_same_time_lose_nothing(tmp_path):
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    workers = [context.Process(target=_note_many, args=(str(tmp_path), n)) for n in (1, 31, 61)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    stored = json.loads((tmp_path / "progress.json").read_text("utf-8"))
    assert len(stored["exercises"]) == 45
    assert not list(tmp_path.glob("*.part")) and not list(tmp_path.glob("*damaged*"))


def test_the_folder_is_the_users_unless_named(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "mine"))
    assert runtime.progress_dir() == tmp_path / "mine"
    monkeypatch.delenv("COURSE_PROGRESS")
    assert runtime.progress_dir().name == "seq2seq-course"
    assert runtime.progress_dir() != runtime.cache_dir()


# --- course progress


def command(*arguments, stdin=None):
    return CliRunner().invoke(app, ["progress", *map(str, arguments)], input=stdin)


def test_progress_is_shown_chapter_by_chapter():
    progress.note("7.2", "solved")
    progress.note("7.1", "tried")
    shown = command()
    assert shown.exit_code == 0 and shown.stderr == ""
    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert lines[0] == "chapter 7 1 of 4 solved"
    assert lines[1:5] == [
        "tried 1× 7.1 predict before you run",
        "solved 7.2 twice of it",
        "- 7.3 predict before you run",
        "- 7.10 twice of it",
    ]
    assert "chapter 8 0 of 1 solved" in lines
    assert lines[-1].startswith("1 of 5 exercises solved; noted in")
    one = command(8).stdout
    assert "chapter 8" in one and "chapter 7" not in one


def test_reset_asks_and_may_take_a_chapter():
    for number in ("7.1", "7.2", "8.1"):
        progress.note(number, "solved")
    refused = command("--reset", stdin="n\n")
    assert refused.exit_code == 1 and "Forget your progress in all chapters" in refused.stderr
    assert command("--reset", stdin="").exit_code == 1
    assert len(progress.read()) == 3
    assert command(7, "--reset", stdin="y\n").exit_code == 0
    assert set(progress.read()) == {"8.1"}
    assert "nothing to forget" in command(7, "--reset", "--yes").stderr
    done = command("--reset", "--yes")
    assert done.exit_code == 0 and "1 exercise of all chapters" in done.stderr
    assert progress.read() == {}


def test_export_writes_what_reading_understands(tmp_path):
    progress.note("7.2", "solved")
    progress.note("8.1", "tried")
    file = tmp_path / "mine.json"
    assert command("--export", file).exit_code == 0
    assert json.loads(file.read_text("utf-8")) == json.loads(progress.path().read_text("utf-8"))
    command(8, "--export", file)
    assert set(json.loads(file.read_text("utf-8"))["exercises"]) == {"8.1"}


def test_mistakes_are_told_in_one_sentence(tmp_path):
    for arguments, words in (
        ([3], "the chapters that have are 7, 8"),
        (["--reset", "--export", tmp_path / "x"], "Export first"),
        (["--export", tmp_path / "no" / "x"], "no folder"),
        (["--export", tmp_path], f"{tmp_path} is a folder"),
    ):
        result = command(*arguments)
        assert result.exit_code == 2 and words in result.stderr, (words, result.output)
        assert result.stderr.startswith("course: ") and result.stderr.count("\n") == 1


def test_a_damaged_file_is_told_on_stderr():
    progress.path().parent.mkdir(parents=True, exist_ok=True)
    progress.path().write_text("{", "utf-8")
    shown = command()
    assert shown.exit_code == 0 and "was damaged" in shown.stderr and "0 of 5" in shown.stdout
