"""Checks of the exercises of chapter 2, the bottleneck."""

import math
from collections.abc import Callable
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
from course.exercises.predictions import Prediction
from course.exercises.stand_ins import FixedLogits, Ragged, draw


def count_the_parameters(answer: Any) -> str:
    """2.1: what each sized axis adds, then the total of PyTorch's layers."""
    width, state = draw(3, 40, fresh_generator(), 2)
    sizes = f"input width {width} and state width {state}"
    one = call(answer, 1, width, state)
    require(isinstance(one, int), f"A number of parameters is whole; this is {describe(one)}.")
    require(
        call(answer, 3, width, state) == 3 * one,
        f"With {sizes}, three gate blocks should have three times the parameters of one: every "
        "block has matrices and biases of its own.",
    )
    expect_close(
        call(answer, 1, width + 1, state) - one,
        state,
        f"From input width {width} to {width + 1} (state width {state}, one block), the count does "
        "not grow by the weights that one more input needs.",
    )
    expect_close(
        call(answer, 1, width, state + 1) - one - 2 * state,
        width + 3,
        f"From state width {state} to {state + 1} (input width {width}, one block), the count does "
        "not grow as it should: which matrix grows in two directions, and how many biases are "
        "there?",
    )
    for gates, kind in ((1, torch.nn.RNN), (3, torch.nn.GRU), (4, torch.nn.LSTM)):
        expect_close(
            call(answer, gates, width, state),
            sum(each.numel() for each in kind(width, state).parameters()),
            f"With {sizes} and gates={gates} the count is not that of torch.nn.{kind.__name__}.",
        )
    return (
        f"As many as torch.nn.RNN, GRU and LSTM have, here with {sizes}. Notice that the state "
        "width counts squared: doubling it costs far more than doubling the input."
    )


def room_for_words(answer: Any) -> str:
    """2.2: bits available over bits a word, rounded down."""
    g = fresh_generator()
    for bits in (1, 3):
        numbers = draw(2, 30, g)[0] * bits
        expect_close(
            call(answer, numbers, 1, 2**bits),
            numbers // bits,
            f"{numbers} numbers of 1 bit and a vocabulary of {2**bits}, of which each word takes "
            f"{bits} bit{'s' * (bits > 1)}: the count is not right.",
        )
    rounded = set()
    while len(rounded) < 2:  # both a count that ends below one half, and one above
        numbers, vocabulary = draw(20, 400, g)[0], draw(50, 9000, g)[0]
        fits = numbers * 16 / math.log2(vocabulary)
        rounded.add(fits % 1 < 0.5)
        expect_close(
            call(answer, numbers, 16, vocabulary),
            math.floor(fits),
            f"{numbers} numbers of 16 bits and a vocabulary of {vocabulary}: the count is not "
            "right. A word takes log2 of the vocabulary in bits, and part of a word is no word.",
        )
    return (
        "Room by counting, for several sizes, rounded down. Notice that the vocabulary enters only "
        "through its logarithm: choose from 400,000 words rather than 4,000, and the room is not "
        "even halved."
    )


def find_the_bug_in_the_context(answer: Any) -> str:
    """2.4: a row's context does not depend on what stands beside it."""
    given = Ragged()
    full = torch.full((3,), 7)
    whole = call(answer, given.layer, given.embedded, full)
    shapes = "embedded (3, 7, 2), state width 5"
    expect_close(
        whole,
        given.layer(given.embedded)[0][:, -1],
        f"With no padding at all ({shapes}, lengths 7, 7, 7), the context is not the last output.",
    )
    lengths = given.lengths.tolist()
    found = call(answer, given.layer, given.embedded, given.lengths)
    expected = given.alone(given.embedded)
    message = f"In a padded batch ({shapes}, lengths {lengths}), "
    expect_close(found, expected, message + "a row gets another context than it gets alone.")
    expect_gradient_close(
        lambda embedded: answer(given.layer, embedded, given.lengths),
        given.alone,
        [given.embedded],
        message + "the right numbers come out, but nothing could be learnt through them.",
    )
    return (
        f"Rows of {lengths} tokens, padded with noise to 7, get the context that each gets alone, "
        "and no gradient reaches the padding. Notice that a batch of equal lengths would have "
        "hidden the bug."
    )


def measure_the_bits_that_come_through(answer: Any) -> str:
    """2.5: bits available less bits missing, the end token aside, a mean over sequences."""
    from course.experiments import symbols

    g = fresh_generator()
    batch = symbols.of_symbols("reverse", torch.randint(4, 14, (3, 5), generator=g))
    right = torch.nn.functional.one_hot(batch.tgt_out, 14).double()
    sizes = "3 sequences of 5 digits, an end token behind each"
    sure = FixedLogits(60 * right)
    expect_close(
        call(answer, sure, batch, 10),
        5 * math.log2(10),
        f"A model that is sure of every right symbol ({sizes}) leaves no bit missing, so all that "
        "there is should be recovered: n times log2 of the kinds, for a sequence.",
    )
    halves = (0.5 * right + 0.5 / 13 * (1 - right)).log()
    expect_close(
        call(answer, FixedLogits(halves), batch, 10),
        5 * (math.log2(10) - 1),
        f"A model that gives each right symbol the probability 1/2 ({sizes}) leaves one bit "
        "missing for each symbol. Are your logarithms to base 2?",
    )
    logits = 2 * torch.randn(3, 6, 14, generator=g, dtype=torch.float64)
    missing = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), batch.tgt_out[:, :-1].flatten(), reduction="sum"
    )
    found = call(answer, FixedLogits(logits), batch, 10)
    message = f"For random logits of shape (3, 6, 14) ({sizes}), the mean over sequences is off: "
    message += "from logits to log-probabilities, then the right symbol's, without the end token."
    expect_close(found, 5 * math.log2(10) - missing.item() / 3 / math.log(2), message)
    return (
        f"Bits a sequence, for {sizes}: all of them when the model is sure, one less a symbol at "
        "probability 1/2. Notice that it can be negative: a model that is sure of the wrong symbol "
        "recovers less than nothing."
    )


def measure_how_far_a_gate_must_open(answer: Any) -> str:
    """2.6: the least whole bias at which enough is left."""
    g = fresh_generator()
    scale = 0.3 + torch.rand(1, generator=g).item()

    def measure(bias: float) -> Tensor:
        return scale * torch.sigmoid(torch.tensor(float(bias))) ** torch.arange(60.0)

    for distance, share in ((40, 0.1), (20, 0.1), (40, 0.5), (5, 0.01), (1, 0.2)):
        expected = 0
        while measure(expected)[distance] < share * measure(0)[0]:
            expected += 1
        expect_close(
            call(answer, measure, distance, share),
            expected,
            f"With a made-up measurement (a gate to the power of the distance, times {scale:.2f}) "
            f"and {share:g} of the gradient asked for {distance} steps back, this is not the least "
            "whole bias. What is left is relative to the gradient at distance 0.",
        )
    expect_close(
        call(answer, lambda bias: torch.tensor([1.0, 0.4] + [3.0] * 5 + [0.25 * bias]), 7, 0.5),
        2,
        "With exactly the share asked for left at one bias, that bias should count.",
    )
    expect_close(
        call(answer, lambda bias: torch.tensor([1.0] * 40 + [0.03 * bias] + [1.0] * 19)),
        4,
        "Called with a measurement alone, it should take distance 40 and share 0.1.",
    )
    return (
        "The least whole bias for several distances and shares. Notice how it grows: to reach "
        "twice as far, the gate must leave half as much open, which is a bias about 0.7 higher."
    )


def a_small_project_half_a_sentence_each(answer: Any) -> str:
    """2.7: two encoders, each reading its half, joined into one summary."""
    from course.models.seq2seq import Seq2Seq, Seq2SeqConfig

    right = isinstance(answer, type) and issubclass(answer, Seq2Seq)
    require(right, f"A subclass of Seq2Seq is asked for; this is {describe(answer)}.")
    config = Seq2SeqConfig(
        vocab_size=14, d_embed=5, d_model=6, context="every_step", bidirectional=True, dropout=0.0
    )
    for tokens in (4, 7):
        src = torch.randint(4, 14, (3, tokens), generator=fresh_generator())
        _check_halves(answer(config).double(), src)
    return (
        "Each half goes through its own encoder, for even and odd lengths, into a summary as wide "
        "as before. Notice that the first half's last word now has a short way to the decoder, "
        "and its first word one half as long."
    )


def _check_halves(model: Any, src: Tensor) -> None:
    memory = call(model.encode, src, torch.ones_like(src, dtype=torch.bool))
    given = f"With src of shape {tuple(src.shape)} and d_model 6"
    four = isinstance(memory, tuple) and len(memory) == 4
    require(four, f"{given}, encode gives {describe(memory)}, not four things in a tuple.")
    summary = memory[3]
    require(
        isinstance(summary, Tensor) and summary.shape == (3, 6),
        f"{given}, the summary should stay as wide as d_model, (3, 6), for a fair comparison; it "
        f"is {describe(summary)}.",
    )
    detached = f"{given}, the summary was detached: gradients would not reach the encoders."
    require(summary.requires_grad, detached)
    whole = summary.square().sum()
    halves = src.tensor_split([src.shape[1] // 2], dim=1)
    for place, name in enumerate(("first", "second")):
        layer = model.encoder.directions[place][0]
        expect_close(
            summary[:, 3 * place : 3 * place + 3],
            layer(model.embed(halves[place]))[0][:, -1],
            f"{given}, numbers {3 * place} to {3 * place + 2} of the summary are not what the "
            f"{name} encoder ends with when it reads the {name} half alone, in its order.",
        )
        reached = torch.autograd.grad(
            whole, layer.weight_ih_l0, retain_graph=True, allow_unused=True
        )[0]
        require(
            reached is not None and reached.abs().sum() > 0,
            f"{given}, the numbers are right, but no gradient reaches the {name} encoder: its part "
            "of the summary was detached.",
        )
    matching = isinstance(memory[0], Tensor) and memory[0].shape[:2] == memory[2].shape
    require(matching, f"{given}, the mask should have one place for each output.")
    seen = call(model, src, torch.ones_like(src, dtype=torch.bool), src[:, :2])
    require(seen.shape == (3, 2, 14), f"{given}, the decoder makes {describe(seen)}.")


CHECKS: dict[str, Callable[[Any], str]] = {
    "2.1": count_the_parameters,
    "2.2": room_for_words,
    "2.4": find_the_bug_in_the_context,
    "2.5": measure_the_bits_that_come_through,
    "2.6": measure_how_far_a_gate_must_open,
    "2.7": a_small_project_half_a_sentence_each,
}
PREDICTIONS: dict[str, Prediction] = {
    "2.3": Prediction(
        count=2,
        tolerance=0.15,
        low=0.0,
        high=1.0,
        surprise="With u = 1 it is tempting to say that nothing is lost, or that twenty factors "
        "below 1 leave nothing. But each factor is 1 − h², and h differs: near zero hardly "
        "anything is lost in a step, and far from zero much, until h itself has shrunk.",
        notice="The nearer to the straight part of tanh, the less is lost.",
    )
}
