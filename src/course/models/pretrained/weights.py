"""Whose weight is whose: one table, read in both directions."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from course.errors import CourseError


class Form(NamedTuple):
    """How a published tensor holds a parameter of ours: reading it, and writing it."""

    read: Callable[[Tensor], Tensor]
    write: Callable[[Tensor], Tensor]


PLAIN = Form(lambda theirs: theirs, lambda ours: ours)
TRANSPOSED = Form(lambda theirs: theirs.mT, lambda ours: ours.mT)
ROW = Form(lambda theirs: theirs[0], lambda ours: ours[None])
AFTER_TWO_ROWS = Form(
    lambda theirs: theirs[2:],
    lambda ours: torch.cat([ours.new_zeros(2, ours.shape[1]), ours]),
)


@dataclass(frozen=True)
class Weight:
    """One published tensor.

    Attributes:
        theirs: the names under which it may be stored, the first one preferred: where a matrix
            serves twice, files hold it under one name, or the same numbers under several.
        ours: the parameters that it holds, one behind the other along their first axis.
        form: how it holds them.
        copied: whether transformers keeps a copy under each name and computes with the first:
            then all are written, and only the first one that is there is read.
        zero_if_missing: whether files may leave it out if it is zero.
    """

    theirs: tuple[str, ...]
    ours: tuple[str, ...]
    form: Form = PLAIN
    copied: bool = False
    zero_if_missing: bool = False


def weight(theirs: str, ours: str, form: Form = PLAIN) -> Weight:
    """A tensor with one name and one parameter."""
    return Weight((theirs,), (ours,), form)


def affine(theirs: str, ours: str, *, form: Form = PLAIN, bias: bool = True) -> list[Weight]:
    """The weight and, if there is one, the bias of a linear layer or a norm."""
    both = [weight(f"{theirs}.weight", f"{ours}.weight", form)]
    return [*both, weight(f"{theirs}.bias", f"{ours}.bias")] if bias else both


def to_ours(
    table: Iterable[Weight],
    tensors: Mapping[str, Tensor],
    shapes: Mapping[str, torch.Size],
    *,
    expendable: Callable[[str], bool],
    where: str,
) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Published tensors as parameters of ours.

    Args:
        table: the family's weights.
        tensors: what the file holds.
        shapes: of our parameters.
        expendable: tells by its name whether the model can do without a tensor.
        where: the file, for messages.

    Returns:
        Our parameters by name (float32), and the names of what the model does without.

    Raises:
        CourseError: if a tensor is missing, unexpected, of another shape, or stored twice with
            different numbers; it names them all.
    """
    found, wrong, used = {}, [], set()
    for entry in table:
        stored = [name for name in entry.theirs if name in tensors]
        used.update(stored)
        sizes = [shapes[name] for name in entry.ours]
        expected = entry.form.write(_joined_empty(sizes)).shape
        if stored:
            read = stored[:1] if entry.copied else stored
            problem = _problem(read, tensors, expected)
            wrong.extend([problem] if problem else [])
            joined = tensors[stored[0]]
        else:
            if not entry.zero_if_missing:
                wrong.append(f"{entry.theirs[0]} is missing")
            joined = torch.zeros(expected)
        if joined.shape == expected:
            parts = entry.form.read(joined.float()).split([size[0] for size in sizes])
            found.update(zip(entry.ours, parts, strict=True))
    left = sorted(tensors.keys() - used)
    wrong += [f"{name} is unexpected" for name in left if not expendable(name)]
    if wrong:
        raise CourseError(f"The weights in {where} don't fit its config.json: {_listed(wrong)}.")
    return found, tuple(left)


def to_theirs(table: Iterable[Weight], parameters: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Our parameters as published tensors."""
    written = {}
    for entry in table:
        joined = torch.cat([parameters[name].detach().cpu() for name in entry.ours])
        for name in entry.theirs if entry.copied else entry.theirs[:1]:
            written[name] = entry.form.write(joined).clone(memory_format=torch.contiguous_format)
    return written


def _joined_empty(sizes: list[torch.Size]) -> Tensor:
    """A tensor without numbers that has the shape of the parameters one behind the other."""
    return torch.cat([torch.empty(size, device="meta") for size in sizes])


def _problem(stored: list[str], tensors: Mapping[str, Tensor], expected: torch.Size) -> str | None:
    first = stored[0]
    for name in stored:
        if tensors[name].shape != expected:
            return f"{name} is {list(tensors[name].shape)} and should be {list(expected)}"
        if not torch.equal(tensors[name], tensors[first]):
            return f"{name} and {first} should be the same"
    return None


def _listed(problems: list[str], most: int = 8) -> str:
    more = f"; and {len(problems) - most} more" if len(problems) > most else ""
    return "; ".join(problems[:most]) + more
