"""Checks of the exercises of chapter 7, query, key, value."""

from collections.abc import Callable
from typing import Any

import torch
from einops import rearrange
from torch import Tensor

from course.exercises.checking import (
    call,
    describe,
    expect_close,
    expect_gradient_close,
    fresh_generator,
    require,
)
from course.exercises.predictions import Prediction
from course.ops.attention import scaled_dot_product_attention
from course.ops.masks import causal_mask, padding_mask
from course.ops.positions import rotate

DOUBLE = torch.float64
LEARNT = "the numbers are right, but not what could be learnt through them."


def _random(*shape: int, g: torch.Generator) -> Tensor:
    return torch.randn(*shape, generator=g, dtype=DOUBLE)


def self_attention_in_four_lines(answer: Any) -> str:
    """7.2: every token asks every token of its own sentence; the scale; which side asks."""
    g = fresh_generator()

    def reference(x: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor) -> Tensor:
        q, k, v = ((x @ W)[:, None] for W in (W_q, W_k, W_v))
        return scaled_dot_product_attention(q, k, v, return_weights=True)[0][:, 0]

    x, W_v = _random(2, 3, 7, g=g), _random(7, 11, g=g)
    W_q, W_k = _random(7, 5, g=g), _random(7, 5, g=g)
    given = "x (2, 3, 7), W_q and W_k (7, 5), W_v (7, 11)"
    found = call(answer, x, W_q, W_k, W_v)
    require(isinstance(found, Tensor), f"What is read is a tensor; this is {describe(found)}.")
    require(
        found.shape == (2, 3, 11),
        f"For {given}, each of 2 × 3 tokens should read a value. The shape is "
        f"{tuple(found.shape)}.",
    )
    message = f"For {given}, W_k being zero, all scores are alike, and every token should read the "
    message += "mean of the values of its own sentence."
    mean = (x @ W_v).mean(1, keepdim=True).expand(2, 3, 11)
    expect_close(call(answer, x, W_q, 0 * W_k, W_v), mean, message)
    narrow = (x, W_q[:, :1], W_k[:, :1], W_v)
    message = "For queries and keys of a single number (x (2, 3, 7), W_q and W_k (7, 1)), what is "
    message += "read is off. Who asks, and over which axis do the weights of a token sum to one?"
    expect_close(call(answer, *narrow), reference(*narrow), message)
    message = f"It is right for keys of width 1, but not for {given}: what has to change with the "
    message += "width of the keys?"
    whole = (x, W_q, W_k, W_v)
    expect_close(found, reference(*whole), message)
    expect_gradient_close(answer, reference, whole, f"For {given}: {LEARNT}")
    return (
        "All that 2 × 3 tokens read, with every gradient. Notice that nothing in the four lines "
        "knows how long a sentence is, or where in it a token stands."
    )


def the_mask_of_a_decoders_batch(answer: Any) -> str:
    """7.3: neither the future nor padding; one more axis, for the heads."""
    g = fresh_generator()
    for size in (5, 3, 1):
        lengths = torch.cat([torch.tensor([size]), torch.randint(1, size + 1, (2,), generator=g)])
        given = f"lengths {lengths.tolist()} and size {size}"
        found = call(answer, lengths, size)
        bools = isinstance(found, Tensor) and found.dtype == torch.bool
        require(bools, f"For {given}: a mask is a tensor of True and False, not {describe(found)}.")
        shape = tuple(found.shape)
        require(
            shape == (3, 1, size, size),
            f"For {given}, the shape is {shape}. Asked for are a sentence, all heads alike, who "
            "looks, and where: four axes.",
        )
        order, real = causal_mask(size), padding_mask(lengths, size)[:, None, None]
        given = f"For {given}, a position"
        require(not (found & ~order).any(), f"{given} may look at a later one.")
        require(not (found & ~real).any(), f"{given} may look at padding: which axis is read?")
        itself = found.diagonal(dim1=-2, dim2=-1)[real[:, :, 0]]
        require(itself.all(), f"{given} with a real word may not look at itself.")
        missed = f"{given} misses real words that came before it."
        require(torch.equal(found, order & real), missed)
    return (
        "Batches of three sentences, the shortest of one word. Notice that the row of a padded "
        "position isn't empty: it sees the real words before it, and nobody reads what it finds."
    )


def _heads(x: Tensor, heads: int) -> Tensor:
    return rearrange(x, "b t (h k) -> b h t k", h=heads)


def _causal(*given: Any) -> Tensor:
    """What exercises 7.4 and 7.7 ask for: of words, four matrices and a number of heads."""
    x, W_q, W_k, W_v, W_o, heads = given
    q, k, v = (_heads(x @ W, heads) for W in (W_q, W_k, W_v))
    mask = causal_mask(x.shape[1])[None, None]
    read, _ = scaled_dot_product_attention(q, k, v, mask, return_weights=True)
    return rearrange(read, "b h t k -> b t (h k)") @ W_o


def find_the_bugs_in_many_heads(answer: Any) -> str:
    """7.4: causal for any number of heads, each head scaled by its own width, in its own place."""
    g = fresh_generator()
    x, matrices = _random(2, 5, 6, g=g), [_random(6, 6, g=g) for _ in range(4)]
    one = (x, *matrices, 1)
    message = "For x (2, 5, 6) and one head, where there was no bug, the result is off."
    expect_close(call(answer, *one), _causal(*one), message)
    for heads in (2, 3):
        given = f"x (2, 5, 6) and {heads} heads"
        found = call(answer, x, *matrices, heads)
        right = isinstance(found, Tensor) and found.shape == x.shape
        require(right, f"For {given}, the shape of the result is off.")
        other = x.clone()
        other[:, -1] += 1
        message = f"For {given}: change the *last* token, and what earlier ones have read changes."
        expect_close(call(answer, other, *matrices, heads)[:, :-1], found[:, :-1], message)
        level = (x, 0 * matrices[0], *matrices[1:], heads)
        message = f"For {given}, W_q being zero, each token should read the mean of all values up "
        message += "to its own, every number of it in its old place. It doesn't."
        expect_close(call(answer, *level), _causal(*level), message)
        message = f"For {given}, no token sees a later one, but what is read is off: how wide are "
        message += "the queries that are compared *within* a head?"
        expect_close(found, _causal(x, *matrices, heads), message)
    expect_gradient_close(
        lambda *given: answer(*given, 3),
        lambda *given: _causal(*given, 3),
        [x, *matrices],
        f"For x (2, 5, 6) and 3 heads: {LEARNT}",
    )
    return (
        "One, two and three heads: no token sees a later one, and all gradients. Notice that both "
        "bugs vanish with one head, and that neither raises an error."
    )


def turn_by_the_position(answer: Any) -> str:
    """7.5: rotary positions: nothing at 0, lengths kept, only differences count, the angles."""
    g = fresh_generator()
    x, places = _random(2, 3, 5, 6, g=g), 7 * torch.rand(5, generator=g, dtype=DOUBLE)
    given = "x (2, 3, 5, 6) and five positions"
    found = call(answer, x, places)
    require(isinstance(found, Tensor), f"Turned vectors are a tensor, not {describe(found)}.")
    require(found.shape == x.shape, f"For {given}, the shape is {tuple(found.shape)}.")
    message = f"For {given}, all of them 0, nothing should be turned."
    expect_close(call(answer, x, 0 * places), x, message)
    message = f"For {given}, vectors change their length: a turn doesn't."
    expect_close(found.norm(dim=-1), x.norm(dim=-1), message)
    pair = _random(2, 3, 5, 2, g=g)
    message = "For vectors of two numbers, x (2, 3, 5, 2), each should be turned by an angle of p "
    message += "(in radians), counter-clockwise: (1, 0) at p = 1 becomes (cos 1, sin 1)."
    expect_close(call(answer, pair, places), rotate(pair, places), message)
    key, shift = _random(2, 3, 5, 6, g=g), torch.full_like(places, 3.7)
    message = f"For {given}: moved on by 3.7 each, query and key should have the same dot product "
    message += "as before. Which number is turned together with which, and by one angle?"
    first = (found * call(answer, key, places + 1)).sum(-1)
    moved = call(answer, x, places + shift) * call(answer, key, places + 1 + shift)
    expect_close(moved.sum(-1), first, message)
    message = f"For {given}, only differences of positions count, as they should, but the angles "
    message += "or the pairs are not those asked for."
    for width in (6, 10):
        wide = _random(2, 3, 5, width, g=g)
        expect_close(call(answer, wide, places), rotate(wide, places), message)
    turned = f"For {given}: {LEARNT}"
    expect_gradient_close(lambda x: answer(x, places), lambda x: rotate(x, places), [x], turned)
    return (
        "Vectors of 2, 6 and 10 numbers at fractional positions, with their gradients. Notice that "
        "a position need not be a whole number: position interpolation lives on that."
    )


def measure_whether_a_layer_notices_the_order(answer: Any) -> str:
    """7.6: the greatest difference between shuffling before and after a layer."""
    g = fresh_generator()
    x, order = _random(2, 5, 3, g=g), torch.tensor([2, 0, 3, 4, 1])  # not its own inverse
    weights = _random(3, 3, g=g)
    given = "x (2, 5, 3) and order [2, 0, 3, 4, 1]"
    blind: dict[str, Callable[[Tensor], Tensor]] = {
        "x @ W, the same for each token": lambda x: x @ weights,
        "self-attention without positions": lambda x: ((x @ weights) @ x.mT).softmax(-1) @ x,
    }
    for name, layer in blind.items():
        message = f"For {given} and a layer that is {name}, it makes no difference whether one "
        message += "shuffles before or after it. It should be 0 here."
        expect_close(call(answer, layer, x, order), 0.0, message)
    x[1] *= 9  # so that the greatest difference lies in one sentence
    aware: dict[str, Callable[[Tensor], Tensor]] = {
        "a running sum over the tokens": lambda x: x.cumsum(1),
        "x plus a vector for each place": lambda x: x + x.new_tensor([[3.0], [1], [4], [2], [7]]),
        "x beside a falling sum over the tokens": lambda x: torch.cat([x, -9 * x.cumsum(1)], -1),
    }
    for name, layer in aware.items():
        for words in (x, x.flip(0)):
            difference = (layer(words[:, order]) - layer(words)[:, order]).abs().max().item()
            message = f"For {given} and a layer that is {name}, the greatest difference is off."
            expect_close(call(answer, layer, words, order), difference, message)
    return (
        "Two layers that don't notice the order, and three that do. Notice that the first ones do "
        "give another result for another order; it is the *same* result in that order."
    )


def a_small_project_a_cache_of_keys_and_values(answer: Any) -> str:
    """7.7: pieces of any length give what the whole gives; the cache grows by what is new."""
    g = fresh_generator()
    x, matrices = _random(5, 7, 6, g=g), tuple(_random(6, 6, g=g) / 2 for _ in range(4))
    heads = 3
    given = "x (5, 7, 6) and 3 heads"
    whole = _causal(x, *matrices, heads)

    def pieces(x: Tensor, *matrices: Tensor, sizes: tuple[int, ...]) -> Tensor:
        past, outputs = None, []
        for piece in x.split(sizes, 1):
            returned = call(answer, piece, past, *matrices, heads)
            both = isinstance(returned, tuple) and len(returned) == 2
            both = both and isinstance(returned[1], tuple | list)
            require(
                both, f"Outputs and a pair, the cache, are asked for, not {describe(returned)}."
            )
            output, past = returned[0], tuple(returned[1])
            shape = tuple(output.shape) if isinstance(output, Tensor) else describe(output)
            message = f"Fed {piece.shape[1]} tokens, x {tuple(piece.shape)}, it returns {shape}."
            require(shape == tuple(piece.shape), message)
            outputs.append(output)
        return torch.cat(outputs, 1)

    message = f"For {given}, all tokens fed at once and nothing cached, the result is off."
    expect_close(pieces(x, *matrices, sizes=(7,)), whole, message)
    message = f"For {given}, it is right when all is fed at once, but not in two pieces of 1 and 6 "
    message += "tokens: whom may the first of the six see? And the last?"
    expect_close(pieces(x, *matrices, sizes=(1, 6)), whole, message)
    message = f"For {given}, it is right in two pieces, but not token by token."
    expect_close(pieces(x, *matrices, sizes=(1,) * 7), whole, message)
    _, past = call(answer, x, None, *matrices, heads)
    message = f"For {given}, the cache should be two tensors, the keys and the values of the seven "
    size = sum(part.numel() for part in past)
    require(size == 2 * x.numel(), message + "tokens, and hold nothing else.")
    expect_gradient_close(
        lambda *given: pieces(*given, sizes=(3, 4)),
        lambda *given: _causal(*given, heads),
        [x, *matrices],
        f"For {given}, in pieces of 3 and 4 tokens: {LEARNT}",
    )
    return (
        "At once, token by token, and in pieces; the same to the last digit. Notice what is "
        f"*not* in the cache: {2 * x.numel()} numbers of keys and values, and no queries. "
        "A token asks once, and is asked for ever after."
    )


CHECKS: dict[str, Callable[[Any], str]] = {
    "7.2": self_attention_in_four_lines,
    "7.3": the_mask_of_a_decoders_batch,
    "7.4": find_the_bugs_in_many_heads,
    "7.5": turn_by_the_position,
    "7.6": measure_whether_a_layer_notices_the_order,
    "7.7": a_small_project_a_cache_of_keys_and_values,
}

PREDICTIONS: dict[str, Prediction] = {
    "7.1": Prediction(
        count=1,
        tolerance=0.3,
        low=0.0,
        high=4.0,
        surprise="Scores spread with the root of the width, from 2 to 32, and a softmax turns "
        "differences into ratios: a lead of 5 is already a ratio of 150. Nearly every query is "
        "left with a single key.",
        notice="Not quite zero: now and then the two best scores lie close together. Those few "
        "queries are the only ones that still learn anything, and they learn in leaps.",
    ),
}
