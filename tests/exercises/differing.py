"""Does a mutant that passes its check give another output than the solution?

Both are called on the inputs of the check, and on inputs near them: numbers redrawn, sizes cut by
one, orders turned.
"""

import copy
import functools
import random
from collections.abc import Callable, Iterator
from numbers import Number
from typing import Any

import torch
from torch import Tensor

Call = tuple[tuple, dict, Any]
MOST = 6  # calls that are varied
SEQUENCES = (list, tuple, str)  # and no named tuples


def spied(answer: Any, log: dict[str, list[Call]], name: str = "") -> Any:
    """The same answer, every call of it logged with its inputs and its result."""
    if isinstance(answer, list | tuple):
        return type(answer)(spied(each, log, f"{name}/{i}") for i, each in enumerate(answer))
    if isinstance(answer, dict):
        return {key: spied(each, log, f"{name}/{key}") for key, each in answer.items()}
    if isinstance(answer, type):
        return _spied_class(answer, log, name)
    if not callable(answer) or isinstance(answer, torch.nn.Module):
        return answer

    @functools.wraps(answer)
    def logged(*args: Any, **kwargs: Any) -> Any:
        given = kept(args), kept(kwargs)
        found = answer(*args, **kwargs)
        log.setdefault(name, []).append((*given, kept(found)))
        return found

    return logged


def _spied_class(answer: type, log: dict[str, list[Call]], name: str) -> type:
    """A subclass whose own methods log what they return."""
    methods = {
        method: spied(function, log, f"{name}.{method}")
        for method, function in vars(answer).items()
        if callable(function) and not method.startswith("__")
    }
    return type(answer.__name__, (answer,), methods)


def kept(value: Any) -> Any:
    """A copy that later changes don't reach, where there can be one."""
    try:
        return copy.deepcopy(value)
    except Exception:  # tensors inside a graph and the like
        if type(value) in SEQUENCES:
            return type(value)(map(kept, value))
        return value.detach().clone() if isinstance(value, Tensor) else value


def differ(mine: Any, theirs: Any) -> bool:
    """Whether two results differ by more than rounding."""
    if isinstance(theirs, Tensor):
        if not isinstance(mine, Tensor) or (mine.shape, mine.dtype) != (theirs.shape, theirs.dtype):
            return True
        a, b = mine.detach().double(), theirs.detach().double()
        return not torch.allclose(a, b, rtol=1e-6, atol=1e-8, equal_nan=True)
    if isinstance(theirs, dict):
        same = isinstance(mine, dict) and mine.keys() == theirs.keys()
        return not same or any(differ(mine[key], theirs[key]) for key in theirs)
    if isinstance(theirs, list | tuple):
        same = isinstance(mine, list | tuple) and len(mine) == len(theirs)
        return not same or any(map(differ, mine, theirs))
    if isinstance(theirs, Number) and isinstance(mine, Number):
        return not (mine == theirs or abs(mine - theirs) <= 1e-8 + 1e-6 * abs(theirs)) and not (
            mine != mine and theirs != theirs
        )
    if isinstance(theirs, str | bool) or theirs is None:
        return mine != theirs
    return type(mine).__name__ != type(theirs).__name__


def found_differing(
    mine: Any,
    theirs: Any,
    log: dict[str, list[Call]],
    afresh: Callable[[], None] = lambda: None,
) -> bool:
    """Whether a mutant differs from the solution on logged inputs or near them.

    `afresh` is called before each try.
    """
    for name, calls in log.items():
        parts = _part(mine, name), _part(theirs, name)
        if None in parts:
            continue
        step = max(1, len(calls) // MOST)
        for args, kwargs, _ in calls[::step][:MOST]:
            for near_args, near_kwargs in nearby(args, kwargs):
                afresh()
                wanted = _outcome(parts[1], near_args, near_kwargs)
                if wanted is None:
                    continue
                found = _outcome(parts[0], near_args, near_kwargs)
                if found is None or differ(found[0], wanted[0]):
                    return True
    return False


def _part(answer: Any, name: str) -> Callable[..., Any] | None:
    """The function of an answer that a log calls by this name; None for a method."""
    if "." in name:
        return None
    for key in name.split("/")[1:]:
        answer = answer[int(key) if isinstance(answer, list | tuple) else _key(answer, key)]
    return answer


def _key(answer: dict, key: str) -> Any:
    return next(each for each in answer if str(each) == key)


def _outcome(function: Callable[..., Any], args: tuple, kwargs: dict) -> tuple[Any] | None:
    """The result of a call in a tuple; None if it raises."""
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return (function(*kept(args), **kept(kwargs)),)
    except Exception:
        return None


def nearby(args: tuple, kwargs: dict) -> Iterator[tuple[tuple, dict]]:
    """Inputs near those of a call: the same, redrawn, turned, and each size cut by one."""
    yield args, kwargs
    g = torch.Generator().manual_seed(7)
    for change in (lambda value: _redrawn(value, g), _turned):
        yield tuple(map(change, args)), {key: change(each) for key, each in kwargs.items()}
    sizes = {n for each in (*args, *kwargs.values()) for n in _sizes(each) if n > 1}
    for size in sorted(sizes):
        cut = functools.partial(_cut, size=size)
        yield tuple(map(cut, args)), {key: cut(each) for key, each in kwargs.items()}


def _redrawn(value: Any, g: torch.Generator) -> Any:
    if isinstance(value, Tensor) and value.is_floating_point():
        return torch.randn(value.shape, generator=g, dtype=value.dtype)
    return value


def _turned(value: Any) -> Any:
    if isinstance(value, Tensor) and value.dim():
        return value.flip(-1)
    if type(value) in SEQUENCES and len(value) > 1:
        order = random.Random(7).sample(range(len(value)), len(value))
        turned = [value[i] for i in order]
        return "".join(turned) if isinstance(value, str) else type(value)(turned)
    return value


def _sizes(value: Any) -> set[int]:
    if isinstance(value, Tensor):
        return set(value.shape)
    return {len(value)} if type(value) in SEQUENCES else set()


def _cut(value: Any, size: int) -> Any:
    if isinstance(value, Tensor):
        for axis, length in enumerate(value.shape):
            if length == size:
                value = value.narrow(axis, 0, size - 1)
        return value
    if type(value) in SEQUENCES and len(value) == size:
        return value[:-1]
    return size - 1 if type(value) is int and value == size else value
