"""A published model's config.json, read without guessing."""

from collections.abc import Mapping
from typing import Any

from course.errors import CourseError
from course.models.interface import SpecialTokens
from course.nn.layer_config import Activation

ACTIVATIONS: dict[str, Activation] = {
    "relu": "relu",
    "gelu": "gelu",
    "gelu_new": "gelu_new",
    "gelu_pytorch_tanh": "gelu_new",
    "silu": "silu",
    "swish": "silu",
}
"""Published names of activations; the first name of each of ours is the one that is written."""


class Settings:
    """The settings of one file, with the family's defaults for those that it leaves out.

    Args:
        given: what config.json holds.
        defaults: what transformers assumes of a setting that is not there.
        where: the file, for messages.
    """

    def __init__(self, given: Mapping[str, Any], defaults: Mapping[str, Any], where: str):
        self.given, self.where = given, where
        self._values = {**defaults, **given}

    def __getitem__(self, name: str) -> Any:
        return self._values.get(name)

    def refuse_unless(self, **only: Any) -> None:
        """Refuse the file if a setting has another value than the only one supported.

        Raises:
            CourseError: naming the setting.
        """
        for name, value in only.items():
            if self[name] not in (None, value):
                raise CourseError(
                    f"{self.where} sets {name} to {self[name]!r}, and the course supports "
                    f"{value!r} only."
                )

    def refuse_unequal(self, first: str, second: str) -> None:
        """Refuse the file if two settings differ that are one in the course.

        Raises:
            CourseError: naming both.
        """
        if self[first] != self[second]:
            raise CourseError(
                f"{self.where} sets {first} to {self[first]!r} and {second} to {self[second]!r}; "
                "the course supports equal ones only."
            )

    def activation(self, name: str) -> Activation:
        """Our name of a published activation.

        Raises:
            CourseError: if the course does not have it.
        """
        if name not in ACTIVATIONS:
            raise CourseError(
                f"{self.where} asks for the activation {name!r}; the course knows "
                f"{', '.join(ACTIVATIONS)}."
            )
        return ACTIVATIONS[name]

    def special(self, start: str) -> SpecialTokens:
        """The special tokens; `start` is the setting that names the first one.

        Raises:
            CourseError: if one is missing or there are several end tokens.
        """
        first, end, pad = self[start], self["eos_token_id"], self["pad_token_id"]
        first = pad if first is None else first
        if not (isinstance(first, int) and isinstance(end, int)):
            raise CourseError(
                f"{self.where} should name one start token ({start}: {first!r}) and one end token "
                f"(eos_token_id: {end!r})."
            )
        never = () if pad is None or pad == end else (pad,)
        return SpecialTokens(start=first, end=end, never=never)


def special_settings(special: SpecialTokens, start: str) -> dict[str, Any]:
    """The settings that name special tokens: what `Settings.special` reads."""
    pad = special.never[0] if special.never else None
    return {start: special.start, "eos_token_id": special.end, "pad_token_id": pad}
