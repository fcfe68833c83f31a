"""Checks of the exercises of chapter 8, the Transformer."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from course.exercises.checking import (
    call,
    describe,
    expect_close,
    expect_gradient_close,
    fresh_generator,
    require,
)
from course.exercises.decoder_layers import (
    a_small_project_the_decoder_word_by_word,
    find_the_bugs_in_a_decoder_layer,
    normalise_by_hand,
    pre_norm_and_post_norm,
)
from course.exercises.predictions import Prediction
from course.exercises.recipe import adam_with_a_warm_up, label_smoothing_without_padding
from course.exercises.stand_ins import draw
from course.models.transformer import Transformer, TransformerConfig
from course.ops.scan import linear_recurrence

DOUBLE = torch.float64
LEARNT = "the numbers are right, but not what could be learnt through them."
PARTS: tuple[str, ...] = ("embeddings", "attention", "feed-forward", "norms")


def _random(*shape: int, g: torch.Generator) -> Tensor:
    return torch.randn(*shape, generator=g, dtype=DOUBLE)


def where_the_parameters_are(answer: Any) -> str:
    """8.5: each part as it grows with each size; equal to a model that was built."""
    g = fresh_generator()
    sizes = {"vocab_size": 23, "d_model": 6, "d_ff": 10, "encoder_layers": 2, "decoder_layers": 3}

    def compare(part: str, say: str, **changes: int) -> None:
        now = sizes | changes
        found = call(answer, *now.values())
        right = isinstance(found, dict) and set(found) == set(PARTS)
        keys = ", ".join(f'"{part}"' for part in PARTS)
        require(right, f"A dictionary with {keys} is asked for; this is {describe(found)}.")
        given = ", ".join(f"{name} {size}" for name, size in now.items())
        message = f'For {given}, "{part}" is not what the built model has. {say}'
        expect_close(found[part], _counted(now)[part], message, rtol=0.0)

    compare("embeddings", "How many matrices do source, target and output share?")
    compare(
        "attention",
        "How many attentions has a layer of either kind, how many matrices has an attention, and "
        "has each of them a bias?",
    )
    compare("feed-forward", "Two linear maps and their biases: how wide is either?")
    compare("norms", "One for each sublayer, and where the norm comes first, what else?")
    for name, low in (("vocab_size", 5), ("d_model", 4), ("d_ff", 3), ("encoder_layers", 3)):
        for part in PARTS:
            factor = 2 if name == "d_model" else 1
            size = factor * draw(low, low + 6, g)[0]
            say = f"It is right for another {name}: does it grow with that as it should?"
            compare(part, say, **{name: size})
    for part in PARTS:
        say = "It is right for a decoder of three layers."
        compare(part, say, decoder_layers=draw(4, 9, g)[0])
    return (
        "Every part of models of many sizes, to the last parameter. Notice which sizes each part "
        "grows with: double both widths, and the layers grow fourfold, the embeddings twofold."
    )


def _counted(sizes: dict[str, int]) -> dict[str, int]:
    """The parameters of a model that was built, by part."""
    config = TransformerConfig(
        vocab_size=sizes["vocab_size"],
        d_model=sizes["d_model"],
        d_ff=sizes["d_ff"],
        num_heads=2,
        num_layers=sizes["encoder_layers"],
        num_decoder_layers=sizes["decoder_layers"],
    )
    with torch.device("meta"):
        model = Transformer(config)
    counts = {part: 0 for part in PARTS}
    for name, parameter in model.named_parameters():
        kind = "norms" if "norm" in name else "attention" if "attention" in name else "feed-forward"
        counts["embeddings" if "embeddings" in name else kind] += parameter.numel()
    return counts


def measure_who_influences_whom(answer: Any) -> str:
    """8.8: the size of all derivatives of an output by an input; which axis is which."""
    g = fresh_generator()
    x, W = _random(5, 3, g=g), _random(3, 2, g=g)
    given = "x (5, 3)"
    message = f"For {given} and a layer that is x @ W, the same for each word, each word should be "
    message += "influenced by itself alone: by the root of the sum of the squares of W's numbers."
    expect_close(call(answer, lambda x: x @ W, x), torch.eye(5, dtype=DOUBLE) * W.norm(), message)
    message = f"For {given} and a running sum over the words, row t should say who influences word "
    message += "t, and no later word does."
    running = torch.ones(5, 5, dtype=DOUBLE).tril() * 3**0.5
    expect_close(call(answer, lambda x: x.cumsum(0), x), running, message)
    layers: dict[str, Callable[[Tensor], Tensor]] = {
        "gives (a, -a) for a word's number a": lambda x: torch.cat([x[:, :1], -x[:, :1]], -1),
        "is self-attention": lambda x: (x @ x.mT).softmax(-1) @ x,
        "squares what the word before was": lambda x: F.pad(x, (0, 0, 1, 0))[:-1].square(),
    }
    for name, layer in layers.items():
        jacobian = torch.stack([_derivatives(layer, x, place) for place in range(5)])
        message = f"For {given} and a layer that {name}, the influence is off. Every number of an "
        message += "output has a derivative by every number of an input, and none cancels another."
        expect_close(call(answer, layer, x), jacobian, message)
    return (
        "Five layers, from one in which every word is alone to self-attention. Notice that the "
        "zeros are exact: this is a test for masks, too."
    )


def _derivatives(layer: Callable[[Tensor], Tensor], x: Tensor, place: int) -> Tensor:
    """How strongly the output at a place reacts to each input, (T,)."""
    leaf = x.clone().requires_grad_()
    outputs = layer(leaf)[place]
    each = [torch.autograd.grad(number, leaf, retain_graph=True)[0] for number in outputs]
    return torch.stack(each).square().sum((0, 2)).sqrt()


class _Counting(TorchFunctionMode):
    """Counts what is asked of PyTorch."""

    calls = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.calls += 1
        return func(*args, **(kwargs or {}))


def a_recurrence_without_a_loop_over_time(answer: Any) -> str:
    """8.9: every state, for any length and any decay, in a number of rounds that hardly grows."""
    g = fresh_generator()
    for length, words in ((2, "two steps"), (8, "8 steps"), (13, "13 steps"), (1, "a single step")):
        decay, inputs = (
            torch.rand(2, length, 3, generator=g, dtype=DOUBLE),
            _random(2, length, 3, g=g),
        )
        message = f"For decay and inputs (2, {length}, 3), {words} from h = 0, the states are off."
        expect_close(call(answer, decay, inputs), _by_loop(decay, inputs), message)
    decay, inputs = _random(2, 13, 3, g=g), _random(2, 13, 3, g=g)
    decay[:, 4] = 0
    message = "For decay and inputs (2, 13, 3), it is right for decays between 0 and 1, but not "
    message += "where some are negative and one is 0, which forgets everything."
    expect_close(call(answer, decay, inputs), _by_loop(decay, inputs), message)
    counts = []
    for length in (128, 256):
        with _Counting() as counting:
            call(answer, *torch.rand(2, 2, length, 3, generator=g, dtype=DOUBLE).unbind())
        counts.append(counting.calls)
    require(
        counts[1] - counts[0] < 100,
        f"The states are right, but PyTorch is called {counts[0]} times for (2, 128, 3) and "
        f"{counts[1]} times for (2, 256, 3). Twice as many steps should need only one round more.",
    )
    expect_gradient_close(
        answer, linear_recurrence, [decay, inputs], f"For decay (2, 13, 3): {LEARNT}"
    )
    return (
        "Up to 13 steps with decays of all kinds, with the gradients, and for 256 steps one round "
        "more than for 128. Notice what was needed: that two steps in a row are one step of the "
        "same kind. A GRU's two steps are not."
    )


def _by_loop(decay: Tensor, inputs: Tensor) -> Tensor:
    state, states = torch.zeros_like(inputs[:, 0]), []
    for a, b in zip(decay.unbind(1), inputs.unbind(1), strict=True):
        state = a * state + b
        states.append(state)
    return torch.stack(states, 1)


CHECKS: dict[str, Callable[[Any], str]] = {
    "8.2": normalise_by_hand,
    "8.3": pre_norm_and_post_norm,
    "8.4": find_the_bugs_in_a_decoder_layer,
    "8.5": where_the_parameters_are,
    "8.6": label_smoothing_without_padding,
    "8.7": adam_with_a_warm_up,
    "8.8": measure_who_influences_whom,
    "8.9": a_recurrence_without_a_loop_over_time,
    "8.10": a_small_project_the_decoder_word_by_word,
}

PREDICTIONS: dict[str, Prediction] = {
    "8.1": Prediction(
        count=2,
        tolerance=0.08,
        low=0.0,
        high=1.0,
        surprise="An attention has four matrices of D × D, whatever the number of heads. A "
        "feed-forward network four times as wide has two of D × 4D, which is twice as much; and "
        "tied embeddings are as large as all attentions of this model together.",
        notice="Two attentions in each decoder layer make up a little: in the encoder alone it is "
        "one third to two thirds.",
    ),
}
