"""What an answer can turn out to be: wrong, not attempted, or to an exercise that isn't there."""

import dis
import textwrap
from types import FunctionType
from typing import Any

from course.errors import CourseError

WIDTH = 88
_NOTHING = {"RESUME", "NOP", "COPY_FREE_VARS", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}


class ShortlyTold(Exception):
    """An exception that IPython shows as one paragraph, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [textwrap.fill(str(self), WIDTH)]


class WrongAnswer(ShortlyTold):
    """An answer fails its check.

    The message says which property fails, on which small input, with shapes; never the answer.

    Attributes:
        number: of the exercise, once it is known.
    """

    number: str | None = None

    def __str__(self) -> str:
        said = super().__str__()
        return f"{self.number}: not yet. {said}" if self.number else said


class UnknownExercise(ShortlyTold, CourseError):
    """There is no exercise of this number, or it is not checked in this way."""


class NotAttempted(Exception):
    """A `...` stands where an answer should."""


def is_blank(answer: Any) -> bool:
    """Whether an answer is still the stub: `...`, alone or in a collection, or an empty body."""
    if answer is ...:
        return True
    if isinstance(answer, dict):
        return any(map(is_blank, answer.values()))
    if isinstance(answer, list | tuple):
        return any(map(is_blank, answer))
    return isinstance(answer, FunctionType) and _does_nothing(answer)


def _does_nothing(function: FunctionType) -> bool:
    """Whether a body has no more than a docstring, `pass`, `...` or `return ...`."""
    constants = set(function.__code__.co_consts) - {function.__doc__}
    return constants <= {None, ...} and all(
        instruction.opname in _NOTHING for instruction in dis.get_instructions(function)
    )
