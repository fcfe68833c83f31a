"""Checks of chapter 10's exercises on who sees whom: windows, blocks, and a cache with room."""

import math
from typing import Any

import torch
from torch import Tensor

from course.exercises.checking import (
    call,
    describe,
    expect_close,
    expect_gradient_close,
    fresh_generator,
    require,
)
from course.exercises.stand_ins import draw
from course.ops.attention import scaled_dot_product_attention
from course.ops.efficient.patterns import bigbird_layout, block_mask, sliding_window_mask

DOUBLE = torch.float64


def _random(*shape: int, g: torch.Generator) -> Tensor:
    return torch.randn(*shape, generator=g, dtype=DOUBLE)


def _windowed(q: Tensor, k: Tensor, v: Tensor, window: int) -> Tensor:
    """Every pair, and a mask."""
    mask = sliding_window_mask(q.shape[2], window=window, causal=True)
    return scaled_dot_product_attention(q, k, v, mask[None, None], return_weights=True)[0]


def find_the_bugs_in_a_window(answer: Any) -> str:
    """10.4: what a word reads comes from the w nearest, and from nowhere else."""
    g = fresh_generator()
    for w, blocks, heads, width in ((1, 3, 2, 5), (3, 1, 1, 7), (2, 5, 3, 5), (5, 3, 2, 11)):
        q, k, v = (_random(2, heads, w * blocks, width, g=g) for _ in range(3))
        given = f"q, k, v of shape {tuple(q.shape)} and w = {w}"
        wanted = _windowed(q, k, v, w)
        found = call(answer, q, k, v, w)
        shaped = isinstance(found, Tensor) and found.shape == wanted.shape
        message = f"For {given}, a tensor of that shape is asked for, not {describe(found)}."
        require(shaped, message)
        last = v.clone()
        last[:, :, -1] += 1
        message = f"For {given}: change the value of the last word, and an earlier word notices."
        expect_close(call(answer, q, k, last, w)[:, :, :-1], found[:, :, :-1], message)
        if blocks > 1:
            first = v.clone()
            first[:, :, 0] += 1
            message = f"For {given}: word {w} reads word 0, and there are {w} words nearer to it."
            expect_close(call(answer, q, k, first, w)[:, :, w:], found[:, :, w:], message)
        even = call(answer, 0 * q, k, v, w)
        message = f"For {given} with queries of zero, so all weights of a window alike, it is off."
        expect_close(even, _windowed(0 * q, k, v, w), message)
        message = f"For {given}, each word reads the right words, but not with the right weights."
        expect_close(found, wanted, message)
        expect_gradient_close(
            lambda q, k, v, w=w: answer(q, k, v, w),
            lambda q, k, v, w=w: _windowed(q, k, v, w),
            [q, k, v],
            f"For {given}: the numbers are right, but not what could be learnt through them.",
        )
    return (
        "Windows of one to five words, in one block and in several. Notice that all three bugs "
        "keep the shapes, and that a model would have trained with each of them."
    )


def near_ones_and_a_few_for_all(answer: Any) -> str:
    """10.8: BigBird's pattern without its random part."""
    g = fresh_generator()
    cases = [(7, 2, 1, 0), (9, 2, 2, 0), (9, 3, 1, 1), (13, 2, 2, 1), (6, 1, 3, 2), (5, 7, 1, 0)]
    cases += [(n, *draw(1, 3, g, 2), draw(0, 2, g)[0]) for n in draw(11, 17, g, 3)]
    for causal in (False, True):
        for n, block, window, num_global in cases:
            given = f"n {n}, block {block}, window {window}, num_global {num_global}"
            given += f" and causal {causal}"
            found = call(answer, n, block, window, num_global, causal)
            right = isinstance(found, Tensor) and found.dtype == torch.bool
            right = right and found.shape == (n, n)
            message = f"For {given}, truth values of shape {(n, n)} are asked for, not "
            require(right, f"{message}{describe(found)}.")
            layout = bigbird_layout(
                -(-n // block), window=window, num_global=num_global, num_random=0, causal=causal
            )
            wanted = block_mask(layout, n, block=block, causal=causal)
            for wrong, words in ((found & ~wanted, "may look at"), (wanted & ~found, "misses")):
                where = wrong.nonzero().tolist()
                shown = f"word {where[0][0]} {words} word {where[0][1]}" if where else ""
                require(not where, f"For {given}, {shown}. In which blocks do the two stand?")
    return (
        "Windows of several blocks, no global blocks and some, both ways and causal. Notice that "
        "in the causal case a global block sees no more than others: it is only *seen* by more."
    )


def a_small_project_a_cache_that_stops_growing(answer: Any) -> str:
    """10.9: word by word what the whole layer says; never more than w words are kept."""
    g = fresh_generator()
    for w, groups, heads, width in ((1, 1, 2, 3), (5, 2, 6, 3), (4, 3, 3, 5), (19, 1, 2, 7)):
        x = _random(2, 13, 11, g=g)
        sizes = ((11, heads * width), (11, groups * width), (11, groups * width))
        maps = [_random(*size, g=g) for size in (*sizes, (heads * width, 11))]
        wanted = _whole_layer(x, maps, heads, groups, w)
        cache: Any = tuple(x.new_zeros(2, groups, 0, width) for _ in range(2))
        given = f"{heads} heads in {groups} groups of width {width} and w = {w}"
        for t in range(x.shape[1]):
            found = call(answer, x[:, t : t + 1], cache, *maps, w)
            both = isinstance(found, tuple) and len(found) == 2
            require(both, f"A pair, the read and the cache, is asked for, not {describe(found)}.")
            read, cache = found
            _look_at_cache(cache, f"For {given}, after {t + 1} words,", t + 1, w, (groups, width))
            where = "the first word" if t == 0 else f"word {t + 1}"
            message = f"For {given}, {where} reads something else than in the whole layer."
            expect_close(read, wanted[:, t : t + 1], message)
    return (
        "Thirteen words in windows of one to nineteen, in one group and several. Notice what "
        "became of the mask: what a word may not see is no longer there."
    )


def _whole_layer(x: Tensor, maps: list[Tensor], heads: int, groups: int, w: int) -> Tensor:
    q = (x @ maps[0]).unflatten(2, (heads, -1)).transpose(1, 2)
    k, v = ((x @ part).unflatten(2, (groups, -1)).transpose(1, 2) for part in maps[1:3])
    k, v = (part.repeat_interleave(heads // groups, 1) for part in (k, v))
    return _windowed(q, k, v, w).transpose(1, 2).flatten(2) @ maps[3]


def _look_at_cache(cache: Any, given: str, words: int, w: int, sizes: tuple[int, int]) -> None:
    pair = isinstance(cache, tuple) and len(cache) == 2
    pair = pair and all(isinstance(part, Tensor) and part.dim() == 4 for part in cache)
    require(pair, f"{given} the cache should be a pair of tensors, not {describe(cache)}.")
    groups, width = sizes
    for part in cache:
        named = f"{given} a part of the cache has the shape {tuple(part.shape)}"
        require((part.shape[1], part.shape[3]) == (groups, width), f"{named}: one head a group.")
        require(part.shape[2] <= w, f"{named}: there is room for {w} words.")
        require(part.shape[2] >= min(words, w), f"{named}: words are missing.")
        held = math.prod(part.shape) * part.element_size()
        behind = part.untyped_storage().nbytes()
        message = f"{named}, but it is a view of something larger that is kept alive."
        require(behind <= held + 2 * part[:, :, :1].numel() * part.element_size(), message)
