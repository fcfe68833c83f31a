"""The checks of exercises 8.2 to 8.4 and 8.10: norms, residuals, a decoder layer, its cache."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import layer_norm, rms_norm

from course.exercises.checking import (
    call,
    describe,
    expect_close,
    expect_gradient_close,
    fresh_generator,
    require,
)
from course.ops.attention import masked_softmax
from course.ops.masks import causal_mask, padding_mask

DOUBLE = torch.float64
LEARNT = "the numbers are right, but not what could be learnt through them."
Matrices = tuple[tuple[Tensor, ...], tuple[Tensor, ...], Tensor, Tensor]
"""Those of a layer: W_q, W_k, W_v, W_o of its two attentions, and the feed-forward network's."""


def _random(*shape: int, g: torch.Generator) -> Tensor:
    return torch.randn(*shape, generator=g, dtype=DOUBLE)


def _norm(x: Tensor) -> Tensor:
    return layer_norm(x, x.shape[-1:])


def normalise_by_hand(answer: Any) -> str:
    """8.2: layer normalisation with a bias, RMSNorm without; a word by itself; where ε stands."""
    g = fresh_generator()
    x, gain, bias = 3 * _random(2, 3, 5, g=g) + 2, _random(5, g=g), _random(5, g=g)
    ones, zeros = torch.ones(5, dtype=DOUBLE), torch.zeros(5, dtype=DOUBLE)
    given = "x (2, 3, 5), gain 1, bias 0 and eps 0"
    found = call(answer, x, ones, zeros, 0.0)
    require(isinstance(found, Tensor), f"Normalised words are a tensor, not {describe(found)}.")
    require(
        found.shape == x.shape,
        f"For {given}, the shape is {tuple(found.shape)}: every word keeps its numbers.",
    )
    message = f"For {given}, the five numbers of each word should have a mean of 0."
    expect_close(found.mean(-1), torch.zeros(2, 3, dtype=DOUBLE), message)
    message = f"For {given}, the mean is 0, but the squares of a word's five numbers should have a "
    message += "mean of 1."
    expect_close(found.square().mean(-1), torch.ones(2, 3, dtype=DOUBLE), message)
    level = torch.full((1, 1, 5), 2.0, dtype=DOUBLE)
    message = "RMSNorm (bias None) of a word of five twos, gain 1 and eps 0, should be five ones."
    expect_close(call(answer, level, ones, None, 0.0), level / 2, message)
    message = "For x (2, 3, 5), gain 1 and eps 0, RMSNorm (bias None) is off: it divides, and does "
    message += "nothing else."
    expect_close(call(answer, x, ones, None, 0.0), rms_norm(x, (5,), eps=0.0), message)
    for name, offset in (("a bias", bias), ("no bias", None)):

        def reference(
            x: Tensor, gain: Tensor, offset: Tensor | None = offset, eps: float = 0.5
        ) -> Tensor:
            if offset is None:
                return rms_norm(x, (5,), gain, eps)
            return layer_norm(x, (5,), gain, offset, eps)

        message = f"It is right for gain 1, but for x (2, 3, 5), a gain of five numbers and {name} "
        message += "(eps 0), it isn't."
        expect_close(call(answer, x, gain, offset, 0.0), reference(x, gain, eps=0.0), message)
        message = f"It is right for eps 0, but for x (2, 3, 5), {name} and eps 0.5 it isn't: where "
        message += "is eps added?"
        expect_close(call(answer, x, gain, offset, 0.5), reference(x, gain), message)
        expect_gradient_close(
            lambda x, gain, offset=offset: answer(x, gain, offset, 0.5),
            reference,
            [x, gain],
            f"For x (2, 3, 5) and {name}: {LEARNT}",
        )
    return (
        "Mean, spread, gain, bias and eps, of either kind, with their gradients. Notice that no "
        "word knows of another, and none of another sentence: the same in training and in use."
    )


def pre_norm_and_post_norm(answer: Any) -> str:
    """8.3: where the norm stands; an untouched path in pre-norm, and its last norm."""
    g = fresh_generator()
    x = 3 * _random(2, 3, 5, g=g) + 1
    matrices, gains = [_random(5, 5, g=g) for _ in range(3)], _random(4, 5, g=g)
    norms = [lambda x, gain=gain: _norm(x) * gain for gain in gains]
    layers = [lambda x, W=W: (x @ W).tanh() for W in matrices]
    silent = [lambda x: 0 * x] * 3
    given = "x (2, 3, 5) and three sublayers that write zeros"
    message = f"For {given}, norm first, x should reach the last of the four norms untouched, and "
    message += "pass it once."
    expect_close(call(answer, x, silent, norms, True), norms[3](x), message)
    message = f"For {given}, norm last, x should pass three norms, one after the other."
    found = call(answer, x, silent, norms[:3], False)
    expect_close(found, norms[2](norms[1](norms[0](x))), message)
    for first in (True, False):
        kind = "first" if first else "last"
        for count, words in ((1, "one sublayer"), (3, "three sublayers")):
            some = norms[:count] + norms[3:] * first
            message = f"For x (2, 3, 5) and {words}, norm {kind}, the result is off. What does the "
            message += "sublayer read, and to what is added what it writes?"
            if count == 3:
                message = f"For x (2, 3, 5), norm {kind}, it is right for one sublayer, but not "
                message += "for three, each with its own norm, each after the other."
            wanted = _residual(x, layers[:count], some, first)
            expect_close(call(answer, x, layers[:count], some, first), wanted, message)
        some = norms[:3] + norms[3:] * first
        expect_gradient_close(
            lambda x, some=some, first=first: answer(x, layers, some, first),
            lambda x, some=some, first=first: _residual(x, layers, some, first),
            [x],
            f"For x (2, 3, 5) and three sublayers, norm {kind}: {LEARNT}",
        )
    return (
        "Stacks of one and of three sublayers, either way, with their gradients. Notice what is "
        "left when the sublayers write nothing: with the norm first one norm, whatever the depth; "
        "with the norm last as many as there are sublayers."
    )


def _residual(
    x: Tensor,
    sublayers: Sequence[Callable[[Tensor], Tensor]],
    norms: Sequence[Callable[[Tensor], Tensor]],
    norm_first: bool,
) -> Tensor:
    for sublayer, norm in zip(sublayers, norms, strict=False):
        x = x + sublayer(norm(x)) if norm_first else norm(x + sublayer(x))
    return norms[-1](x) if norm_first else x


def _attend(asking: Tensor, read: Tensor, mask: Tensor, matrices: Sequence[Tensor]) -> Tensor:
    W_q, W_k, W_v, W_o = matrices
    scores = (asking @ W_q) @ (read @ W_k).mT / W_q.shape[1] ** 0.5
    return masked_softmax(scores, mask) @ (read @ W_v) @ W_o


def _decoder_layer(x: Tensor, memory: Tensor, real: Tensor, *matrices: Any) -> Tensor:
    W_self, W_cross, W_up, W_down = matrices
    asking = _norm(x)
    x = x + _attend(asking, asking, causal_mask(x.shape[1])[None], W_self)
    x = x + _attend(_norm(x), memory, real[:, None], W_cross)
    return x + torch.relu(_norm(x) @ W_up) @ W_down


def _matrices(width: int, hidden: int, g: torch.Generator) -> Matrices:
    own, cross = (tuple(_random(width, width, g=g) / 2 for _ in range(4)) for _ in range(2))
    return own, cross, _random(width, hidden, g=g) / 2, _random(hidden, width, g=g) / 2


def find_the_bugs_in_a_decoder_layer(answer: Any) -> str:
    """8.4: the stream is left alone; no future, no padding; a network that can subtract."""
    g = fresh_generator()
    x, memory = 2 * _random(2, 3, 7, g=g) + 1, _random(2, 5, 7, g=g)
    real = padding_mask(torch.tensor([5, 3]), 5)
    own, cross, W_up, W_down = _matrices(7, 11, g)
    given = "x (2, 3, 7), memory (2, 5, 7)"
    no_own, no_cross, no_down = (*own[:3], 0 * own[3]), (*cross[:3], 0 * cross[3]), 0 * W_down

    def run(*parts: Any, words: Tensor = x, source: Tensor = memory) -> Tensor:
        found = call(answer, words, source, real, *parts)
        right = isinstance(found, Tensor) and found.shape == words.shape
        shape = tuple(found.shape) if isinstance(found, Tensor) else describe(found)
        require(right, f"For {given}, a vector for each word of x is asked for, not {shape}.")
        return found

    message = f"For {given} and W_o and W_down all zeros, no sublayer writes anything, and x should"
    message += " come out as it went in."
    expect_close(run(no_own, no_cross, W_up, no_down), x, message)
    alone = (own, no_cross, W_up, no_down)
    other = x.clone()
    other[:, -1] = _random(2, 7, g=g)
    message = f"For {given}, self-attention alone: change the *last* word of x, and earlier ones "
    message += "change."
    expect_close(run(*alone, words=other)[:, :-1], run(*alone)[:, :-1], message)
    message = f"For {given}, self-attention alone, the result is off. Which words does it read, "
    message += "and in which form?"
    expect_close(run(*alone), _decoder_layer(x, memory, real, *alone), message)
    alone = (no_own, cross, W_up, no_down)
    noisy = torch.where(real[..., None], memory, 9.0)
    message = f"For {given}, cross-attention alone: the second source has 3 real words and 2 of "
    message += "padding. Change the *padding*, and the result changes."
    expect_close(run(*alone, source=noisy), run(*alone), message)
    message = f"For {given}, cross-attention alone, the result is off. Who asks, and what is read?"
    expect_close(run(*alone), _decoder_layer(x, memory, real, *alone), message)
    alone = (no_own, no_cross, W_up, W_down)
    never = f"For {given}, the feed-forward network alone can only add to x, and never subtract: "
    never += "no number of x gets smaller."
    require((run(*alone) < x - 1e-6).any(), never)
    message = f"For {given}, the feed-forward network alone, the result is off."
    expect_close(run(*alone), _decoder_layer(x, memory, real, *alone), message)
    every = (own, cross, W_up, W_down)
    message = f"For {given}, each sublayer alone is right, but not the three together. In which "
    message += "order do they come, and what does each one read?"
    expect_close(run(*every), _decoder_layer(x, memory, real, *every), message)
    expect_gradient_close(
        lambda x, memory, W_up: answer(x, memory, real, own, cross, W_up, W_down),
        lambda x, memory, W_up: _decoder_layer(x, memory, real, own, cross, W_up, W_down),
        [x, memory, W_up],
        f"For {given}: {LEARNT}",
    )
    return (
        "The stream, each sublayer alone, and all three, with their gradients. Notice how they "
        "were found: with all that writes set to zero but one, every sublayer can be looked at "
        "by itself."
    )


def a_small_project_the_decoder_word_by_word(answer: Any) -> str:
    """8.10: word by word what the whole says; the state can be put in another order."""
    require(
        isinstance(answer, tuple | list) and len(answer) == 2,
        f"Two functions are asked for, start and step, not {describe(answer)}.",
    )
    start, step = answer
    g = fresh_generator()
    x, memory = _random(3, 5, 7, g=g), _random(3, 4, 7, g=g)
    real = padding_mask(torch.tensor([4, 2, 3]), 4)
    layers = tuple(_matrices(7, 11, g) for _ in range(2))
    given = "x (3, 5, 7), memory (3, 4, 7) and two layers"
    order = torch.tensor([2, 0, 1])

    def checked(state: Any, words: int) -> Any:
        flat = isinstance(state, tuple) and all(isinstance(each, Tensor) for each in state)
        require(flat, f"A state is a tuple of tensors and nothing else; this is {describe(state)}.")
        shapes = ", ".join(str(tuple(each.shape)) for each in state)
        batched = all(each.dim() and len(each) == 3 for each in state)
        require(batched, f"For {given}, three sentences come first in each tensor, not {shapes}.")
        size, wanted = sum(each.numel() for each in state), 2 * 2 * 3 * 7 * (4 + words)
        require(
            size == wanted,
            f"For {given} and {words} words of x, the state holds {size} numbers: {shapes}. Keys "
            f"and values of every layer, and nothing else, would be {wanted}.",
        )
        return state

    def whole(x: Tensor, memory: Tensor) -> Tensor:
        for matrices in layers:
            x = _decoder_layer(x, memory, real, *matrices)
        return x

    def by_word(x: Tensor, memory: Tensor, shuffled: bool = False) -> Tensor:
        state, mask, outputs = checked(call(start, memory, layers), 0), real, []
        for place, word in enumerate(x.split(1, 1)):
            if shuffled and place == 2:
                state = tuple(each.index_select(0, order) for each in state)
                mask = mask[order]
            word = word[order] if shuffled and place >= 2 else word
            returned = call(step, word, state, mask, layers)
            both = isinstance(returned, tuple | list) and len(returned) == 2
            require(both, f"step gives an output and a state, not {describe(returned)}.")
            output, state = returned[0], checked(returned[1], place + 1)
            shape = tuple(output.shape) if isinstance(output, Tensor) else describe(output)
            require(shape == (3, 1, 7), f"Fed a word (3, 1, 7), step gives an output {shape}.")
            outputs.append(output)
        return torch.cat(outputs, 1)

    wanted = whole(x, memory)
    message = f"For {given}, what step says of the first word isn't what the whole decoder says."
    expect_close(by_word(x[:, :1], memory), wanted[:, :1], message)
    message = f"For {given}, the first word is right, but the later ones aren't what the whole "
    message += "decoder says of them."
    found = by_word(x, memory)
    expect_close(found, wanted, message)
    message = f"For {given}, the sentences of the state were put in another order after two words, "
    message += "as beam search does. What follows isn't right any more: is something kept outside?"
    again = by_word(x, memory, shuffled=True)
    expect_close(again[:, 2:], wanted[order, 2:], message)
    expect_gradient_close(by_word, whole, [x, memory], f"For {given}: {LEARNT}")
    return (
        "Word by word what the whole says, also when the sentences change places. Notice which "
        "part of the state grows, and which was finished before the first word."
    )
