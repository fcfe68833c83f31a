"""Checks of chapter 10's exercises on what is remembered: sums of a softmax, and states."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from course.exercises.checking import (
    call,
    describe,
    expect_close,
    expect_gradient_close,
    fresh_generator,
    require,
)
from course.exercises.stand_ins import draw
from course.ops.efficient.linear import gated_linear_attention

DOUBLE = torch.float64
Parts = tuple[Tensor, Tensor, Tensor]


def _random(*shape: int, g: torch.Generator) -> Tensor:
    return torch.randn(*shape, generator=g, dtype=DOUBLE)


def join_two_halves(answer: Any) -> str:
    """10.3: whatever is joined, it is what all keys at once would give."""
    g = fresh_generator()
    scores, values = 3 * _random(2, 3, 7, g=g), _random(2, 7, 5, g=g)
    for place in (3, 1, 6):
        where = f"seven keys, the first {place} in one half"
        _join(answer, scores, values, place, f"For scores (2, 3, 7) and {where},")
    for shift in (800.0, -800.0):
        moved = scores + shift * torch.tensor([1.0] * 4 + [0.0] * 3, dtype=DOUBLE)
        given = f"For scores of which the first four are moved by {shift:g}, four in one half,"
        _join(answer, moved, values, 4, given)
        _join(answer, scores + shift, values, 4, f"For scores that are all moved by {shift:g},")
    hidden = scores.clone()
    hidden[0, :, :4] = -math.inf
    hidden[1, 0, 4:] = -math.inf
    _join(answer, hidden, values, 4, "For halves in which some queries had nothing to read,")
    hidden[0, 1] = hidden[1, 2] = -math.inf
    _join(answer, hidden, values, 4, "For two queries that had nothing to read in either half,")
    return (
        "Halves of different sizes, scores up to 800 and down to −800, and halves without "
        "anything. Notice that nothing distinguishes first from second: so many parts can be "
        "joined in any order, in pairs, then pairs of pairs."
    )


def _remembered(scores: Tensor, values: Tensor) -> Parts:
    """What the online softmax remembers of some keys."""
    largest = scores.amax(-1)
    base = largest.masked_fill(largest == -math.inf, 0.0)
    weights = (scores - base[..., None]).exp()
    return largest, weights.sum(-1), weights @ values


def _join(answer: Any, scores: Tensor, values: Tensor, place: int, given: str) -> None:
    halves = [
        _remembered(scores[..., part], values[:, part])
        for part in (slice(None, place), slice(place, None))
    ]
    wanted = _remembered(scores, values)
    for order in (halves, halves[::-1]):
        found = call(answer, *order)
        three = isinstance(found, tuple | list) and len(found) == 3
        require(three, f"Three tensors are asked for, not {describe(found)}.")
        names = ("largest score", "sum", "read")
        for name, mine, right in zip(names, found, wanted, strict=True):
            expect_close(mine, right, f"{given} the {name} is not that of all keys at once.")


class _Largest(TorchDispatchMode):
    """Notes the largest tensor that is made, in bytes."""

    bytes = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # noqa: ANN001, ANN204
        made = func(*args, **(kwargs or {}))
        for tensor in made if isinstance(made, tuple | list) else [made]:
            if isinstance(tensor, Tensor):
                self.bytes = max(self.bytes, tensor.untyped_storage().nbytes())
        return made


def a_gate_in_chunks(answer: Any) -> str:
    """10.5: the recurrence's reads, without a table of all pairs and without a state a word."""
    g = fresh_generator()
    for length, chunk in ((6, 3), (7, 3), (5, 1), (4, 9), (11, draw(2, 6, g)[0])):
        q, k, v = (_random(2, 3, length, width, g=g) for width in (5, 5, 7))
        log_decay = -torch.rand(2, 3, length, generator=g, dtype=DOUBLE)
        given = f"q (2, 3, {length}, 5), v (2, 3, {length}, 7) and chunks of {chunk}"
        found = call(answer, q, k, v, 0 * log_decay, chunk)
        wanted = gated_linear_attention(q, k, v, 0 * log_decay)
        expect_close(found, wanted, f"For {given}, with all decays one, so no gate, it is off.")
        first = min(chunk, length)
        found = call(answer, q, k, v, log_decay, chunk)
        wanted = gated_linear_attention(q, k, v, log_decay)
        message = f"For {given}, the reads of the first chunk are off: what is left of each word?"
        expect_close(found[:, :, :first], wanted[:, :, :first], message)
        message = f"For {given}, the first chunk is right and a later one isn't: what is handed on?"
        expect_close(found, wanted, message)
        expect_gradient_close(
            lambda q, k, v, a, chunk=chunk: answer(q, k, v, a, chunk),
            gated_linear_attention,
            [q, k, v, log_decay],
            f"For {given}: the numbers are right, but not what could be learnt through them.",
        )
    strong = torch.full((1, 1, 64), -200.0, dtype=DOUBLE)
    q, k, v = (_random(1, 1, 64, 3, g=g) for _ in range(3))
    message = "For decays of e^-200 and one chunk of 64 words, something overflows or is lost."
    expect_gradient_close(
        lambda q, k, v, a: answer(q, k, v, a, 64),
        gated_linear_attention,
        [q, k, v, strong],
        message,
    )
    q, k, v = (_random(1, 1, 300, width, g=g) for width in (5, 5, 7))
    with _Largest() as watching:
        call(answer, q, k, v, torch.zeros(1, 1, 300, dtype=DOUBLE), 10)
    most = 2 * 300 * 10 * 8
    message = (
        f"For 300 words in chunks of 10, a tensor of {watching.bytes // 8:,} numbers is made: "
    )
    require(watching.bytes <= most, message + "all pairs at once, or a state for each word?")
    return (
        "Chunks of one word, of some, and of more than there are; decays near zero; and nothing "
        "large is ever held. Notice that only sums of logarithms *within* a chunk occur, so they "
        "stay small however long the text."
    )


def forget_one_thing(answer: Any) -> str:
    """10.6: the key answers zero, what stands at a right angle to it is untouched."""
    g = fresh_generator()
    for heads, width, values in ((1, 2, 3), (3, 5, 7), (2, 7, 2)):
        state, key = _random(2, heads, width, values, g=g), _random(2, heads, width, g=g)
        for size, words in ((1.0, "of length one"), (0.3, "shorter than one"), (4.0, "longer")):
            key = size * torch.nn.functional.normalize(key, dim=-1)
            given = f"a state {tuple(state.shape)} and a key {words}"
            found = call(answer, state, key)
            shaped = isinstance(found, Tensor) and found.shape == state.shape
            message = f"For {given}, a state of that shape is asked for, not {describe(found)}."
            require(shaped, message)
            says = torch.einsum("bhde,bhd->bhe", found, key)
            message = f"For {given}, the new state doesn't answer zeros under the key."
            expect_close(says, torch.zeros_like(says), message)
            other = _random(2, heads, width, g=g)
            share = (other * key).sum(-1, keepdim=True) / key.square().sum(-1, keepdim=True)
            other = other - share * key
            before, after = (torch.einsum("bhde,bhd->bhe", s, other) for s in (state, found))
            message = f"For {given}, a query at a right angle to the key gets another answer."
            expect_close(after, before, message)
    return (
        "States of several sizes, keys of several lengths. Notice that there is only one such "
        "state: what is asked under the key and under all right angles to it says everything."
    )
