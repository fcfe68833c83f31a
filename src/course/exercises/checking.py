"""What the checks of all chapters are made of.

A check takes the reader's answer, tries it on fresh random inputs, and either returns what it
verified or raises `WrongAnswer`. A message names the property and a small input with its shapes,
and never gives the answer away. Sizes of different axes should be different primes, so that a
mixed-up axis can't go unnoticed.
"""

import copy
import secrets
import traceback
from collections.abc import Callable, Mapping, Sequence
from numbers import Number
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from course.exercises.answers import NotAttempted, WrongAnswer, is_blank

_PACKAGE = str(Path(__file__).parents[1])
RTOL = {torch.float64: 1e-9, torch.float32: 1e-5, torch.float16: 1e-2, torch.bfloat16: 2e-2}


def require(condition: object, message: str) -> None:
    """Raise `WrongAnswer` with this message unless the condition holds."""
    if not condition:
        raise WrongAnswer(message)


def fresh_seed() -> int:
    """A seed that nobody can know beforehand."""
    return secrets.randbits(62)


def fresh_generator() -> torch.Generator:
    """A CPU generator with a new seed each time."""
    return torch.Generator().manual_seed(fresh_seed())


def call(answer: Any, *args: Any, **kwargs: Any) -> Any:
    """Call what the reader wrote.

    Raises:
        WrongAnswer: naming the exception, its line, and the input's shapes, if it fails; or the
            input that it changed in place.
        NotAttempted: if it returns `...`.
    """
    if not callable(answer):
        raise WrongAnswer(f"A function is asked for, and this is {describe(answer)}.")
    parts = [part for each in args for part in (each if isinstance(each, tuple) else [each])]
    collections = [each for each in parts if isinstance(each, list | set)]
    kept = copy.deepcopy(collections)
    tensors = [(each, each._version) for each in parts if isinstance(each, Tensor)]
    try:
        found = answer(*args, **kwargs)
    except Exception as error:
        said = " ".join(str(error).split())
        given = ", ".join(
            [*map(describe, args), *(f"{name}={describe(each)}" for name, each in kwargs.items())]
        )
        raise WrongAnswer(
            f"Called with {given or 'no input'}, it fails{_where(error)}: "
            f"{type(error).__name__}{': ' * bool(said)}{said[:300].rstrip('.')}."
        ) from error
    if is_blank(found):
        raise NotAttempted
    changed = [each for each, version in tensors if each._version != version]
    changed += [old for old, new in zip(kept, collections, strict=True) if old != new]
    if changed:
        raise WrongAnswer(
            f"It changes what it is given, {describe(changed[0])}: whoever called it still needs "
            "that. Make something new."
        )
    return found


def _where(error: Exception) -> str:
    """The innermost line of the reader's own, which IPython and the tests keep outside of files."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        inside = "site-packages" in frame.filename or frame.filename.startswith(_PACKAGE)
        if frame.line and not inside:
            return f" at `{frame.line.strip()}`"
    return ""


def describe(value: Any) -> str:
    """A few words for a value: its type and shape, or the value itself where it is short."""
    if isinstance(value, Tensor):
        kind = str(value.dtype).removeprefix("torch.")
        return f"{_article(kind)} {kind} tensor of shape {tuple(value.shape)}"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if value is None or isinstance(value, bool | Number | str):
        shown = repr(value)
        return shown if len(shown) <= 60 else f"{shown[:57]}…"
    if isinstance(value, list | tuple | dict | set | range):
        shown = repr(value)
        named = f"a {type(value).__name__} of {len(value)}"
        return shown if len(shown) <= 60 and "tensor(" not in shown else named
    if isinstance(value, torch.nn.Module):
        return f"a {type(value).__name__}"
    name = getattr(value, "__name__", None)
    return f"the function {name}" if callable(value) and name else f"a {type(value).__name__}"


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def expect_close(actual: Any, expected: Any, message: str, *, rtol: float | None = None) -> None:
    """Compare type, shape, dtype and then values; whatever differs is named before `message`.

    Args:
        actual: what the reader's code gave.
        expected: a tensor, a number, a string, or a list, tuple or dict of such.
        message: the property that fails if the values differ, and the small input.
        rtol: the greatest difference allowed, relative to 1 + the greatest expected value; by
            default near the precision of the type.

    Raises:
        WrongAnswer: if they differ.
    """
    if isinstance(expected, Tensor):
        _expect_tensor(actual, expected, message, rtol)
    elif isinstance(expected, bool | str) or expected is None:
        require(type(actual) is type(expected), f"{message} {_unlike(actual, expected)}")
        require(actual == expected, message)
    elif isinstance(expected, Number):
        _expect_number(actual, expected, message, rtol)
    elif isinstance(expected, Mapping):
        require(isinstance(actual, Mapping), f"{message} {_unlike(actual, expected)}")
        require(set(actual) == set(expected), f"{message} The keys are not those asked for.")
        for key, value in expected.items():
            expect_close(actual[key], value, message, rtol=rtol)
    elif isinstance(expected, Sequence):
        right = isinstance(actual, Sequence) and not isinstance(actual, str)
        require(right, f"{message} {_unlike(actual, expected)}")
        words = f"It has {len(actual)} entries where {len(expected)} are asked for."
        require(len(actual) == len(expected), f"{message} {words}")
        for mine, theirs in zip(actual, expected, strict=True):
            expect_close(mine, theirs, message, rtol=rtol)
    else:
        require(actual == expected, message)


def _unlike(actual: Any, expected: Any) -> str:
    kind = "tensor" if isinstance(expected, Tensor) else type(expected).__name__
    return f"This is {describe(actual)} where {_article(kind)} {kind} is asked for."


def _expect_tensor(actual: Any, expected: Tensor, message: str, rtol: float | None) -> None:
    require(isinstance(actual, Tensor), f"{message} {_unlike(actual, expected)}")
    shapes = f"Its shape is {tuple(actual.shape)} where {tuple(expected.shape)} is asked for."
    require(actual.shape == expected.shape, f"{message} {shapes}")
    kinds = f"Its type is {actual.dtype} where {expected.dtype} is asked for."
    require(actual.dtype == expected.dtype, f"{message} {kinds}")
    if not expected.is_floating_point():
        require(torch.equal(actual.cpu(), expected.cpu()), message)
        return
    mine, theirs = actual.detach().cpu().double(), expected.detach().cpu().double()
    finite, infinite = theirs.isfinite(), theirs.isinf()
    require(not (mine.isnan() & ~theirs.isnan()).any(), f"{message} It has NaNs in it.")
    require(torch.equal(mine.isfinite(), finite), message)
    require(torch.equal(mine[infinite], theirs[infinite]), message)
    rtol = RTOL[expected.dtype] if rtol is None else rtol
    if finite.any():
        difference = (mine - theirs)[finite].abs().max()
        require(difference <= rtol * (1 + theirs[finite].abs().max()), message)


def _expect_number(actual: Any, expected: Any, message: str, rtol: float | None) -> None:
    if isinstance(actual, Tensor) and actual.numel() == 1 and actual.dim() == 0:
        actual = actual.item()
    right = hasattr(actual, "__float__") and not isinstance(actual, bool | str | Tensor)
    require(right, f"{message} {_unlike(actual, expected)}")
    require(actual == actual, f"{message} It is NaN (not a number).")
    rtol = 1e-6 if rtol is None else rtol
    same = actual == expected or abs(actual - expected) <= rtol * (1 + abs(expected))
    require(same, message)


def expect_gradient_close(
    answer: Callable[..., Tensor],
    reference: Callable[..., Tensor],
    inputs: Sequence[Any],
    message: str,
    *,
    rtol: float | None = None,
) -> None:
    """Compare the gradients of a random weighting of two outputs, input by input.

    Args:
        answer: the reader's function, called with `inputs`.
        reference: what it should equal.
        inputs: the floating-point tensors among them get a gradient.
        message: the property that fails, and the small input.
        rtol: as for `expect_close`.

    Raises:
        WrongAnswer: if a gradient is missing (something was detached) or differs.
    """
    floating = [isinstance(each, Tensor) and each.is_floating_point() for each in inputs]
    ours, theirs = (
        [
            each.detach().clone().requires_grad_() if real else each
            for each, real in zip(inputs, floating, strict=True)
        ]
        for _ in range(2)
    )
    mine, wanted = call(answer, *ours), reference(*theirs)
    expect_close(mine, wanted, message, rtol=rtol)
    weights = torch.randn(wanted.shape, generator=fresh_generator(), dtype=wanted.dtype)
    (wanted * weights).sum().backward()
    detached = f"{message} No gradient flows back from the result: something was detached."
    require(mine.requires_grad, detached)
    (mine * weights).sum().backward()
    for place, (got, right) in enumerate(zip(ours, theirs, strict=True), start=1):
        if not isinstance(right, Tensor) or right.grad is None:
            continue
        where = f"(input {place}, shape {tuple(right.shape)})"
        require(got.grad is not None, f"{message} No gradient reaches it {where}.")
        expect_close(got.grad, right.grad, f"{message} The gradient differs {where}.", rtol=rtol)
