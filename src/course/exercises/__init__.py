"""Exercises that check themselves.

    check("5.2", answer)       right, wrong (WrongAnswer), or `...`: not attempted yet
    predict("5.1", value)      before measuring
    compare("5.1", measured)   after it

Each chapter has a module here, `chapter_05`, with its `CHECKS` and `PREDICTIONS`; `checking` is
what they are made of. Progress is noted in the user's data folder: `course progress` shows it.
"""

import textwrap
from typing import Any

import torch

from course.exercises import checking, progress
from course.exercises.answers import WIDTH, NotAttempted, WrongAnswer, is_blank
from course.exercises.answers import UnknownExercise as UnknownExercise
from course.exercises.catalogue import find_check, find_prediction
from course.exercises.checking import describe
from course.exercises.predictions import Prediction as Prediction

_predicted: dict[str, Any] = {}
_counted: dict[str, Any] = {}  # the prediction that met its measurement first


def check(number: str, answer: Any) -> None:
    """Check an answer; print what was verified, or that there is no answer yet.

    Args:
        number: of the exercise, such as "5.2".
        answer: the reader's; `...`, or a function that returns it, is no attempt.

    Raises:
        WrongAnswer: if it is wrong: which property fails, on which small input.
        UnknownExercise: if there is no such exercise.
    """
    try:
        verified = verify(number, answer)
    except NotAttempted:
        print(f"{number}: not attempted yet.")
    except WrongAnswer:
        progress.note(number, "tried")
        raise
    else:
        _tell(f"{number}: right. {verified}")
        progress.note(number, "solved")


def verify(number: str, answer: Any) -> str:
    """What a check says about a right answer; nothing is printed or noted.

    The reader's random numbers are left as they were.

    Raises:
        WrongAnswer: if it is wrong.
        NotAttempted: if it is still the stub.
        UnknownExercise: if there is no such exercise.
    """
    verifying = find_check(number)
    if is_blank(answer):
        raise NotAttempted
    try:
        with torch.random.fork_rng(devices=[]), torch.enable_grad():
            torch.default_generator.manual_seed(checking.fresh_seed())
            return verifying(answer)
    except WrongAnswer as wrong:
        wrong.number = number
        raise
    except NotAttempted:
        raise
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        wrong = WrongAnswer(
            f"The check can't make sense of {describe(answer)}: {type(error).__name__}: {said}"
        )
        wrong.number = number
        raise wrong from error


def predict(number: str, value: Any) -> None:
    """Note a prediction, to be compared after measuring.

    It may be changed until then; once its measurement has been shown, the first one counts, as
    long as Python runs.

    Raises:
        WrongAnswer: if the value is not of the kind asked for.
        UnknownExercise: if there is no such exercise, or it is no prediction.
    """
    prediction = find_prediction(number)
    _predicted.pop(number, None)
    if is_blank(value):
        print(f"{number}: not attempted yet.")
        return
    try:
        prediction.accept(value)
    except WrongAnswer as wrong:
        wrong.number = number
        raise
    _predicted[number] = value
    print(f"{number}: noted, {describe(value)}. Now measure.")


def compare(number: str, measured: Any) -> None:
    """Put a prediction beside the measurement; quiet if nothing was predicted.

    Raises:
        WrongAnswer: if the prediction can't be compared with this measurement.
        UnknownExercise: if there is no such exercise, or it is no prediction.
    """
    prediction = find_prediction(number)
    if number not in _predicted:
        return
    value = _predicted[number]
    try:
        distance = prediction.distance(value, measured)
    except WrongAnswer as wrong:
        wrong.number = number
        raise
    said = f"{number}: you predicted {_shown(value)}, measured is {_shown(measured)}."
    first = _shown(_counted.setdefault(number, value))
    if first != _shown(value):
        _tell(f"{said} But that was known by now: {first}, predicted before, is what counts.")
    elif distance <= (prediction.tolerance or 0):
        _tell(f"{said} Right. {prediction.notice}".strip())
        progress.note(number, "solved")
    else:
        _tell(f"{said} {prediction.surprise}")
        progress.note(number, "tried")


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    if hasattr(value, "__float__") and not isinstance(value, bool | str):
        return f"{float(value):.4g}"
    return str(value)


def _tell(words: str) -> None:
    print(textwrap.fill(words, WIDTH))
