"""Checks of the exercises of chapter 10, efficient attention."""

import math
from collections.abc import Callable
from typing import Any

import torch

from course.exercises.checking import call, describe, expect_close, fresh_generator, require
from course.exercises.predictions import Prediction
from course.exercises.stand_ins import draw
from course.exercises.states import a_gate_in_chunks, forget_one_thing, join_two_halves
from course.exercises.windows import (
    a_small_project_a_cache_that_stops_growing,
    find_the_bugs_in_a_window,
    near_ones_and_a_few_for_all,
)


def what_is_kept(answer: Any) -> str:
    """10.2: each kind of layer by itself, then a stack of all."""
    g = fresh_generator()
    for n in (7, 11, 3):
        kinds = {
            "heads": ("heads", *draw(2, 6, g, 2)),
            "latent": ("latent", draw(3, 9, g)[0]),
            "window": ("window", *draw(2, 6, g, 2), 5),
            "state": ("state", *draw(2, 6, g, 3)),
        }
        for kind, layer in kinds.items():
            given = f"one layer {layer}, {n} words and 16 bits"
            say = "the two of them, key and value?" if kind in ("heads", "window") else "what else?"
            if kind == "window" and n < 5:
                say = "are there as many words as the window has room for?"
            found = call(answer, [layer], n, 16)
            message = f"For {given}, the bytes are wrong: what is kept of a word, {say}"
            if kind == "state":
                message = f"For {given}, the bytes are wrong: does a state grow with the words?"
            expect_close(found, 2 * _numbers(layer, n), message, rtol=0.0)
        stack = [*kinds.values(), kinds["state"], kinds["heads"]]
        for bits in (8, 16, 32):
            message = f"For a stack of six layers, {n} words and {bits} bits, the bytes are wrong."
            wanted = sum(_numbers(layer, n) for layer in stack) * bits // 8
            expect_close(call(answer, stack, n, bits), wanted, message, rtol=0.0)
    return (
        "Layers of four kinds alone and in one stack, with fewer words than a window and more. "
        "Notice which terms have an n in them: a hybrid's cache is that of its few full layers."
    )


def _numbers(layer: tuple[Any, ...], n: int) -> int:
    match layer:
        case ("heads", groups, width):
            return 2 * groups * width * n
        case ("latent", width):
            return width * n
        case ("window", groups, width, window):
            return 2 * groups * width * min(n, window)
    return math.prod(layer[1:])


def measure_how_it_grows_and_where_lines_cross(answer: Any) -> str:
    """10.7: a slope by least squares over some lengths; the crossing that lasts."""
    g = fresh_generator()
    lengths = [int(n) for n in (2 ** torch.arange(4, 12))[torch.randperm(8, generator=g)]]
    power = 0.5 + 2 * torch.rand((), generator=g, dtype=torch.float64).item()
    exact = [3.0 * n**power for n in lengths]
    given = f"lengths {lengths} and costs 3 · n^{power:.2f}"
    slope, _ = _two(answer, given, lengths, exact, exact, 1)
    expect_close(slope, power, f"For {given}, the exponent is off.")
    noise = (0.3 * torch.randn(8, generator=g, dtype=torch.float64)).exp().tolist()
    noisy = [
        (c + (500.0 if n < 100 else 0.0)) * e for n, c, e in zip(lengths, exact, noise, strict=True)
    ]
    slope, _ = _two(answer, given, lengths, noisy, exact, 1)
    message = f"For {given}, all with noise, the exponent isn't the slope of least squares."
    expect_close(slope, _slope(lengths, noisy, 1), message)
    for shortest in (128, 64):
        slope, _ = _two(answer, given, lengths, noisy, exact, shortest)
        message = f"For {given} with noise, of which only n ≥ {shortest} should count, it is off."
        expect_close(slope, _slope(lengths, noisy, shortest), message)
    known = {16: 9, 32: 3, 64: 8, 128: 7, 256: 5, 512: 4, 1024: 2, 2048: 1}
    for cheap, wanted in (
        ({512, 1024, 2048}, 512),
        ({32, 512, 1024, 2048}, 512),
        ({32, 64, 128}, None),
        (set(known), 16),
        (set(), None),
        ({2048}, 2048),
    ):
        costs = [float(known[n]) for n in lengths]
        others = [
            c + 1 if n in cheap else c - (n % 64 > 20) for n, c in zip(lengths, costs, strict=True)
        ]
        _, found = _two(answer, given, lengths, costs, others, 1)
        where = f"For lengths {lengths}, cheaper at {sorted(cheap) or 'none of them'},"
        message = (
            f"{where} the crossing is wrong. It has to be cheaper there and at all longer ones."
        )
        expect_close(found, wanted, message)
    return (
        "Exact powers, noise, fixed costs that hide in short lengths; lines that cross once, twice "
        "and never. Notice that an exponent alone doesn't say where the lines cross."
    )


def _two(answer: Any, given: str, *inputs: Any) -> tuple[Any, Any]:
    found = call(answer, *inputs)
    pair = isinstance(found, tuple | list) and len(found) == 2
    require(pair, f"For {given}: an exponent and a length are asked for, not {describe(found)}.")
    return found[0], found[1]


def _slope(lengths: list[int], costs: list[float], shortest: int) -> float:
    kept = [(n, c) for n, c in zip(lengths, costs, strict=True) if n >= shortest]
    x, y = (torch.tensor(each, dtype=torch.float64).log() for each in zip(*kept, strict=True))
    with_one = torch.stack([x, torch.ones_like(x)], 1)
    return torch.linalg.lstsq(with_one, y[:, None]).solution[0].item()


CHECKS: dict[str, Callable[[Any], str]] = {
    "10.2": what_is_kept,
    "10.3": join_two_halves,
    "10.4": find_the_bugs_in_a_window,
    "10.5": a_gate_in_chunks,
    "10.6": forget_one_thing,
    "10.7": measure_how_it_grows_and_where_lines_cross,
    "10.8": near_ones_and_a_few_for_all,
    "10.9": a_small_project_a_cache_that_stops_growing,
}

PREDICTIONS: dict[str, Prediction] = {
    "10.1": Prediction(
        count=1,
        tolerance=0.5,
        low=0.0,
        high=100.0,
        surprise="A window of three words that stand d apart reaches 2 d words back, not 3 d: the "
        "word itself is one of the three. And reaches are added from layer to layer; they are not "
        "multiplied.",
        notice="The reach doubles with each further layer, and the price of a layer stays three "
        "scores a word.",
    ),
}
