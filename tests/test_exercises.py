"""The exercises of every chapter: solutions pass, wrong answers are told why, mutants fail."""

import ast
import importlib
import re
import time
from pathlib import Path

import pytest
import torch

import course.exercises
import notebooks
from course.exercises import WrongAnswer, verify
from course.exercises.answers import NotAttempted
from course.exercises.catalogue import chapters, exercises_of
from course.exercises.predictions import Prediction
from exercises import COUNTS, mutations
from exercises.differing import differ, found_differing, spied
from exercises.reading import (
    SOLUTION,
    Exercise,
    answer_of,
    attempt,
    chapter_of,
    exercises_in,
    run,
    seeds_from,
    setup,
    stub_names,
)

pytestmark = pytest.mark.timeout(120)

SHARE = 0.9  # of the mutants that change the output has to be rejected
MUTANTS = 40  # tried for an exercise, unless its chapter's file says otherwise
OPTION = re.compile(
    r'<details class="option"><summary>([^\n]+)</summary>\n\n(.*?)\n\n</details>', re.S
)


def written(number: int) -> dict[str, Exercise]:
    """The exercises of a chapter's text, if there is a text yet."""
    return (
        exercises_in(chapter_of(number)) if any(notebooks.CHAPTERS.glob(f"{number:02}_*")) else {}
    )


def tried(number: int):
    """The chapter's module of wrong answers."""
    return importlib.import_module(f"exercises.chapter_{number:02}")


EXERCISES = [each for chapter in chapters() for each in written(chapter).values()]
CHECKED = [each for each in EXERCISES if not each.is_prediction]
PREDICTED = [each for each in EXERCISES if each.is_prediction]
TEXTS = notebooks.chapters()


def named(exercise: Exercise) -> str:
    return f"chapter_{exercise.chapter:02}-{exercise.number}"


each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=named)
each_checked = pytest.mark.parametrize("exercise", CHECKED, ids=named)
each_chapter = pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"chapter_{path.stem[:2]}")


# --- chapters


@each_chapter
def test_exercises_and_checks_belong_together(path):
    number = int(path.stem[:2])
    found = exercises_in(path)
    assert number in chapters(), f"chapter {number} has no module of checks"
    known = exercises_of(number)
    assert len(found) >= 6 and list(found) == known.numbers
    assert {n for n, each in found.items() if each.is_prediction} == set(known.predictions)
    assert set(tried(number).WRONG) == set(found)
    for exercise in found.values():
        assert len(tried(number).WRONG[exercise.number]) >= 4, exercise.number


@each_chapter
def test_there_is_one_exercise_of_each_kind(path):
    found = exercises_in(path).values()
    titles = " ".join(f"{each.title.lower()}." for each in found)
    assert any(each.is_prediction for each in found)
    for kind in ("find the bug", "measure", "project"):
        assert kind in titles, f"no title says {kind!r}"


@each_chapter
def test_setup_is_quick(path):
    start = time.process_time()
    names = dict(setup.__wrapped__(path))
    assert time.process_time() - start < 4, "two seconds on a quiet machine"
    assert {"check", "predict", "compare"} <= set(names)


@each_exercise
def test_hints_and_solution_are_folded(exercise):
    assert len(exercise.solutions) == 1
    assert len(SOLUTION.findall(exercise.text)) == 1
    summaries = re.findall(r"<details><summary>(.*?)</summary>\n\n", exercise.text)
    assert summaries[-1] == "Solution" and len(summaries) >= 2
    assert all("hint" in summary.lower() for summary in summaries[:-1])
    opened, closed = exercise.text.count("<details"), exercise.text.count("\n\n</details>")
    assert opened == closed == len(summaries)


# --- what is tried


@each_exercise
def test_a_stub_says_so_quietly(exercise):
    _, printed = stub_names(exercise)
    assert printed.count(f"{exercise.number}: not attempted yet.\n") == 1, printed
    assert printed.count("not attempted") == 1
    assert course.exercises.progress.read() == {}
    functions = [name for name, _ in exercise.lines]
    assert functions == (["predict", "compare"] if exercise.is_prediction else ["check"])
    for _, line in exercise.lines:
        assert ast.literal_eval(line.value.args[0]) == exercise.number


@each_exercise
def test_the_solution_passes(exercise):
    for seed in range(3):
        names, _ = stub_names(exercise)
        with seeds_from(seed):
            printed = attempt(exercise, exercise.solutions[0], names)
        assert "right" in printed.lower(), printed
        assert len(printed.split()) >= 8, "what was verified, and one thing to notice"
    assert course.exercises.progress.read()[exercise.number].state == "solved"
    COUNTS["exercises"] += 1


def listed(name: str):
    """What the chapters' files list under a name, one case each."""
    found = []
    for chapter in chapters():
        if not (Path(__file__).parent / "exercises" / f"chapter_{chapter:02}.py").is_file():
            continue  # the test above says so
        answers = getattr(tried(chapter), name, {}) if written(chapter) else {}
        for number, each in answers.items():
            for place, answer in enumerate(each, start=1):
                id = f"chapter_{chapter:02}-{number}-{place}"
                found.append(pytest.param(number, answer, id=id))
    return found


@pytest.mark.parametrize(("number", "code"), listed("RIGHT"))
def test_another_right_answer_passes(number, code):
    exercise = written(int(number.partition(".")[0]))[number]
    for seed in range(3):
        names, _ = stub_names(exercise)
        with seeds_from(seed):
            assert "right" in attempt(exercise, code, names)


@pytest.mark.parametrize(("number", "wrong"), listed("WRONG"))
def test_a_wrong_answer_is_told_why(number, wrong):
    exercise = written(int(number.partition(".")[0]))[number]
    for seed in range(3):
        names, _ = stub_names(exercise)
        with seeds_from(seed):
            told = what_is_told(exercise, wrong.code, names)
        assert " ".join(wrong.message.split()) in told, told
        assert len(told.split()) >= 8, told
        assert "can't make sense of" not in told, told
    noted = course.exercises.progress.read().get(number)
    assert noted is None or noted.state == "tried"
    COUNTS["wrong answers"] += 1


def what_is_told(exercise, code, names) -> str:
    """The message of a WrongAnswer, or what comparing a prediction that is off prints."""
    run(code, names)
    try:
        printed = attempt(exercise, "", names)
    except WrongAnswer as wrong:
        assert str(wrong).startswith(f"{exercise.number}: not yet. ")
        return " ".join(str(wrong).split())
    assert exercise.is_prediction, f"a wrong answer passes: {printed}"
    told = " ".join(printed.split())
    assert "you predicted" in told and "Right." not in told, "a wrong prediction passes"
    return told


# --- what can't pass


def constants(answer, results):
    """Answers that say the same whatever they are asked."""
    for value in (None, 0, 1, 0.0, True, False, "", [], torch.zeros(1), *results):
        yield constant_like(answer, value)


def constant_like(answer, value):
    if isinstance(answer, list | tuple):
        return type(answer)(constant_like(each, value) for each in answer)
    if isinstance(answer, dict):
        return {key: constant_like(each, value) for key, each in answer.items()}
    return (lambda *args, **kwargs: value) if callable(answer) else answer


def holds_a_function(answer) -> bool:
    if isinstance(answer, list | tuple | dict):
        return any(map(holds_a_function, answer.values() if isinstance(answer, dict) else answer))
    return callable(answer)


@each_checked
def test_constants_do_not_pass(exercise):
    names, _ = stub_names(exercise)
    answer = answer_of(exercise, exercise.solutions[0], names)
    assert holds_a_function(answer), "a bare value can be passed by copying it: ask for a function"
    log = {}
    with seeds_from(11):
        verify(exercise.number, spied(answer, log))
    results = [calls[place][2] for calls in log.values() for place in (0, -1)]
    for constant in constants(answer, results):
        with seeds_from(12), pytest.raises(WrongAnswer):
            verify(exercise.number, constant)


# --- mutants


@each_checked
def test_mutants_are_rejected(exercise):
    solution, number = exercise.solutions[0], exercise.number
    most = getattr(tried(exercise.chapter), "MUTATIONS", {}).get(number, MUTANTS)
    names, _ = stub_names(exercise)
    turns = mutations.Ticker()
    code = mutations.guarded(mutations.essential(solution))
    right = answer_of(exercise, code, {**names, "_tick": turns})
    log: dict = {}
    with seeds_from(21):
        verify(number, spied(right, log))
    assert log or isinstance(right, torch.nn.Module), "the check calls the answer"
    turns.most = 4 * turns.used + 1000  # for each try of a mutant, too
    rejected, missed = 0, []
    for mutant in mutations.mutants(solution, most, seed=number):
        match fate(exercise, mutant, names, right, log, turns):
            case "rejected":
                rejected += 1
            case "missed":
                missed.append(ast.unparse(mutant))
    total = rejected + len(missed)
    assert total >= 2, "a solution in which nothing can be mistaken"
    shown = "\n---\n".join(missed)
    assert rejected >= SHARE * total, f"{rejected} of {total} rejected; these pass:\n{shown}"
    COUNTS["rejected"] += rejected
    COUNTS["mutations"] += total


def fate(exercise, mutant, names, right, log, turns) -> str:
    """What becomes of a mutant: rejected, missed, equal to the solution, or broken before."""
    mine_turns = mutations.Ticker(turns.most)
    names = {**names, "_tick": mine_turns}
    try:
        answer = answer_of(exercise, mutations.guarded(mutant), names)
    except Exception:
        return "broken"  # it fails by itself, before it is checked
    mine: dict = {}
    try:
        with seeds_from(21):
            verify(exercise.number, spied(answer, mine))
    except WrongAnswer:
        return "rejected"
    except NotAttempted:
        return "broken"
    if any(
        len(mine.get(key, [])) != len(calls)
        or any(differ(a[2], b[2]) for a, b in zip(mine[key], calls, strict=True))
        for key, calls in log.items()
    ):
        return "missed"

    def afresh() -> None:
        turns.used = mine_turns.used = 0

    return "missed" if found_differing(answer, right, log, afresh) else "equal"


# --- quick questions


@each_chapter
def test_quick_questions_are_answered(path):
    text = path.read_text("utf-8")
    assert text.count("\n## Quick questions\n") == 1
    part = text.partition("\n## Quick questions\n")[2]
    part, exercises, _ = part.partition("\n## Exercises\n")
    assert exercises and "\n## " not in part, "they stand right before the exercises"
    asked = re.split(r"(?m)^\*\*Question (\d)\.\*\* ", part)[1:]
    assert list(map(int, asked[::2])) == list(range(1, len(asked) // 2 + 1))
    assert 2 <= len(asked) // 2 <= 4
    for question in asked[1::2]:
        options = OPTION.findall(question)
        assert 3 <= len(options) <= 4
        assert question.count("<details") == question.count("</details>") == len(options)
        verdicts = [body.partition(" ")[0] for _, body in options]
        assert sorted(set(verdicts)) == ["**No.**", "**Right.**"]
        assert verdicts.count("**Right.**") == 1
        for words, body in options:
            assert not re.search(r"[$`*]", words), f"no Markdown in {words!r}"
            assert len(body.split()) >= 9, body
    COUNTS["questions"] += len(asked) // 2


def test_right_options_stand_in_different_places():
    places = set()
    for path in TEXTS:
        part = path.read_text("utf-8").partition("\n## Quick questions\n")[2]
        part = part.partition("\n## Exercises\n")[0]
        for question in re.split(r"(?m)^\*\*Question \d\.\*\* ", part)[1:]:
            bodies = [body for _, body in OPTION.findall(question)]
            places |= {i for i, body in enumerate(bodies) if body.startswith("**Right.**")}
    assert len(places) >= 3


# --- the harness itself


def test_predictions_state_what_they_need():
    for exercise in PREDICTED:
        prediction = exercises_of(exercise.chapter).predictions[exercise.number]
        assert isinstance(prediction, Prediction)
        assert bool(prediction.choices) != (prediction.tolerance is not None)
        assert len(prediction.surprise.split()) >= 8


def test_mutants_are_many_and_the_same_each_time():
    source = (
        "def f(x, n):\n    '''Say.'''\n    for i in range(n):\n        x += i * 2\n    return -x\n"
    )
    first = [ast.unparse(tree) for tree in mutations.mutants(source, 99, "a")]
    assert first == [ast.unparse(tree) for tree in mutations.mutants(source, 99, "a")]
    assert len(first) == len(set(first)) >= 7
    for part in ("x -= i * 2", "x += i / 2", "i * 3", "return x", "in n:", "pass"):
        assert any(part in mutant for mutant in first), part
    assert all("'''Say.'''" in m or '"""Say."""' in m for m in first)


def test_a_mutant_without_end_is_stopped():
    code = mutations.guarded(ast.parse("while True:\n    pass"))
    with pytest.raises(mutations.OutOfTime):
        exec(code, {"_tick": mutations.Ticker(50)})


def test_a_change_is_seen_near_the_inputs_of_a_check():
    def mean(x):
        return x.sum(-1) / x.shape[-1]

    def wrong(x):
        return x.sum(-1) / 3

    log = {}
    spied(mean, log)(torch.ones(2, 3))
    assert found_differing(wrong, mean, log)
    assert not found_differing(lambda x: x.mean(-1), mean, log)
