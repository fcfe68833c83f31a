"""Checks of the exercises of chapter 5, attention."""

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
from course.exercises.word_links import read_the_links_off, the_alignment_error_rate
from course.ops.attention import additive_scores, masked_softmax, weighted_read

DOUBLE = torch.float64


def _random(*shape: int, g: torch.Generator) -> Tensor:
    return torch.randn(*shape, generator=g, dtype=DOUBLE)


def the_masked_softmax(answer: Any) -> str:
    """5.2: rows sum to one among what is visible; hidden rows, large scores, gradients."""
    g = fresh_generator()
    scores, mask = _random(2, 3, 5, g=g), torch.rand(2, 1, 5, generator=g) < 0.6
    mask[:, :, 1], mask[:, :, 3] = True, False  # something to see and something hidden in each
    first, second = mask[:, 0].tolist()
    given = f"scores (2, 3, 5), mask (2, 1, 5) with {first} and {second} for the two sentences"
    found = call(answer, scores, mask)
    require(isinstance(found, Tensor), f"Weights are a tensor; this is {describe(found)}.")
    require(found.shape == scores.shape, f"For {given}, the shape is {tuple(found.shape)}.")
    hidden = found.masked_select(~mask.expand_as(found))
    require(
        hidden.numel() == 0 or hidden.abs().max() == 0,
        f"For {given}, a hidden position gets weight. True means that it may be looked at.",
    )
    ones = torch.ones(2, 3, dtype=DOUBLE)
    message = f"For {given}, the visible weights of a row don't sum to one."
    expect_close(found.sum(-1), ones, f"{message} Is the mask applied before normalising?")
    message = f"For {given}, the rows sum to one, but the weights are not a softmax over the last "
    expect_close(found, masked_softmax(scores, mask), message + "axis.")
    _extreme_scores(answer, g)
    expect_gradient_close(
        lambda s: answer(s, mask),
        lambda s: masked_softmax(s, mask),
        [scores],
        f"For {given}, the numbers are right, but not what could be learnt through them.",
    )
    return (
        "Weights of random scores under masks with holes, rows with nothing to see, scores of a "
        "thousand, and the gradients. Notice that subtracting the largest score changes no weight: "
        "a softmax sees differences only."
    )


def _extreme_scores(answer: Any, g: torch.Generator) -> None:
    """Rows with nothing to see, and scores at which exp overflows or underflows."""
    scores = _random(7, g=g)
    empty = call(answer, scores, torch.zeros(7, dtype=torch.bool))
    message = "For one row of 7 scores, all of them masked, the weights are not zeros."
    expect_close(empty, torch.zeros(7, dtype=DOUBLE), message)
    mask = torch.tensor([True] * 6 + [False])
    for offset in (1000.0, -1000.0):
        shifted = call(answer, scores + offset, mask)
        message = f"For 7 scores around {offset:g}, the weights are not those of the same scores "
        expect_close(shifted, masked_softmax(scores, mask), message + "around 0.", rtol=1e-6)
    far = torch.stack([scores, scores + 2000])
    message = "For two rows of 7 scores, one around 0 and one around 2,000, the weights of the two "
    message += "are not alike: what is subtracted should be the row's own."
    expect_close(call(answer, far, mask), masked_softmax(far, mask), message, rtol=1e-6)
    scores[6] = 2000.0
    message = "For 7 scores, the masked one of 2,000 and the others around 0, the visible weights "
    found = call(answer, scores, mask)
    expect_close(found, masked_softmax(scores, mask), message + "are not what they are without it.")


def additive_scores_without_a_loop(answer: Any) -> str:
    """5.3: every query meets every key, and nothing else."""
    g = fresh_generator()
    h, m = _random(2, 3, 7, g=g), _random(2, 5, 11, g=g)
    W, U, v = _random(13, 7, g=g), _random(13, 11, g=g), _random(13, g=g)
    given = "h (2, 3, 7), m (2, 5, 11), W (13, 7), U (13, 11), v (13,)"
    found = call(answer, h, m, W, U, v)
    require(isinstance(found, Tensor), f"Scores are a tensor; this is {describe(found)}.")
    require(
        found.shape == (2, 3, 5),
        f"For {given}, every sentence, step and position should have a score. Its shape is "
        f"{tuple(found.shape)}.",
    )
    expect_close(
        call(answer, 0 * h, 0 * m, W, U, v),
        torch.zeros(2, 3, 5, dtype=DOUBLE),
        f"For {given}, with h and m all zero, every score should be zero, as tanh(0) is.",
    )
    large = [1e6 * each.abs() for each in (h, m, W, U)]
    expect_close(
        call(answer, *large, v.abs()),
        v.abs().sum().expand(2, 3, 5),
        f"For {given}, all large and positive, every score should be what v adds up to: the tanh "
        "of a large number is 1.",
    )

    def reference(h: Tensor, m: Tensor, W: Tensor, U: Tensor, v: Tensor) -> Tensor:
        return additive_scores(h @ W.mT, m @ U.mT, v)

    expected = reference(h, m, W, U, v)
    message = f"For {given}, drawn at random, the scores are off, although they are right where "
    message += "all is zero or very large: what happens between the projections and v?"
    expect_close(found, expected, message)
    learnt = f"For {given}, the numbers are right, but not what could be learnt through them."
    expect_gradient_close(answer, reference, [h, m, W, U, v], learnt)
    return (
        "All 2 × 3 × 5 scores at once, with every gradient. Notice the price: a tensor of "
        "2 × 3 × 5 × 13 numbers stood in memory in between, which a dot product doesn't need."
    )


def kernel_regression_in_many_dimensions(answer: Any) -> str:
    """5.4: the Gaussian kernel's average, for any width and keys of any length."""
    g = fresh_generator()
    q, k, y = _random(3, 7, g=g), _random(5, 7, g=g), _random(5, 2, g=g)
    given = "q (3, 7), k (5, 7), y (5, 2)"

    def reference(q: Tensor, k: Tensor, y: Tensor, width: float) -> Tensor:
        squares = (q[:, None] - k).square().sum(-1)
        return (-squares / (2 * width**2)).softmax(-1) @ y

    same = torch.ones_like(y)
    message = f"For {given}, with all values 1, the answer is not 1: the weights don't sum to one."
    expect_close(call(answer, q, k, same, 1.0), same[:3], message)
    unit = torch.nn.functional.normalize(k, dim=-1)
    message = f"For {given}, keys of length 1 and width 1, the answer is off."
    expect_close(call(answer, q, unit, y, 1.0), reference(q, unit, y, 1.0), message)
    message = f"For {given}, width 1, it is right for keys of length 1, but not for any others: "
    message += "what does the dot product lack?"
    expect_close(call(answer, q, k, y, 1.0), reference(q, k, y, 1.0), message)
    for width in (0.7, 2.3):
        message = f"For {given}, it is right at width 1, but not at width {width}."
        expect_close(call(answer, q, k, y, width), reference(q, k, y, width), message)
    message = f"For {given}, the numbers are right, but not what could be learnt through them."
    expect_gradient_close(
        lambda q, k, y: answer(q, k, y, 1.3),
        lambda q, k, y: reference(q, k, y, 1.3),
        [q, k, y],
        message,
    )
    return (
        "Gaussian kernel regression at widths 0.7, 1 and 2.3, for keys of all lengths. Notice that "
        "no distance was ever computed: with one term more, a dot product is one."
    )


def find_the_bug_in_a_mask(answer: Any) -> str:
    """5.5: a context does not depend on what stands in the padding."""
    g = fresh_generator()
    scores, values = _random(2, 3, 5, g=g), _random(2, 5, 7, g=g)
    mask = torch.tensor([[True] * 5, [True, True, True, False, False]])
    given = "scores (2, 3, 5), values (2, 5, 7), mask (2, 5) with two positions of padding"
    whole = call(answer, scores, values, torch.ones_like(mask))
    expected = weighted_read(scores.softmax(-1), values)
    message = "With no padding at all (scores (2, 3, 5), values (2, 5, 7)), the contexts are off."
    expect_close(whole, expected, message)
    found = call(answer, scores, values, mask)
    louder = values.masked_fill(~mask[:, :, None], 1000.0)
    message = f"For {given}: put other values into the padding, and the contexts change."
    expect_close(call(answer, scores, louder, mask), found, message)
    louder = scores.masked_fill(~mask[:, None], 9.0)
    message = f"For {given}: give the padding other scores, and the contexts change."
    expect_close(call(answer, louder, values, mask), found, message)
    alone = weighted_read(scores[1:, :, :3].softmax(-1), values[1:, :3])
    message = f"For {given}: the padded sentence gets another context than it gets alone."
    expect_close(found[1:], alone, message)

    def reference(s: Tensor, v: Tensor) -> Tensor:
        return weighted_read(masked_softmax(s, mask[:, None]), v)

    expect_gradient_close(
        lambda s, v: answer(s, v, mask),
        reference,
        [scores, values],
        f"For {given}: the numbers are right, but not what could be learnt through them.",
    )
    return (
        "The same context alone and in a padded batch, whatever stands in the padding. Notice why "
        "one sentence at a time hid the bug: with a mask of nothing but True, multiplying by it "
        "does nothing."
    )


def measure_how_many_words_are_read(answer: Any) -> str:
    """5.7: two to the power of the entropy, a mean over rows."""
    one, two = [1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0]
    for rows, count, words in (
        ([one], 1.0, "one row that reads a single word (the other weights are 0)"),
        ([two], 2.0, "one row with the weights 0.5, 0.5, 0, 0"),
        ([one, two], 1.5, "one row that reads one word and one that reads two, evenly"),
    ):
        weights = torch.tensor(rows, dtype=DOUBLE)
        message = f"For weights {tuple(weights.shape)}, {words}, the mean number is off."
        expect_close(call(answer, weights), count, message)
    g = fresh_generator()
    weights = (2 * _random(5, 7, g=g)).softmax(-1)
    bits = -(weights * weights.log2()).sum(-1)
    message = (
        "For random weights (5, 7), the mean of two to the power of the entropy in bits is off."
    )
    expect_close(call(answer, weights), (2**bits).mean().item(), message)
    return (
        "One word, two words, rows in between, and weights of zero. Notice that the mean of the "
        "powers is not the power of the mean: a few undecided rows count for more."
    )


CHECKS: dict[str, Callable[[Any], str]] = {
    "5.2": the_masked_softmax,
    "5.3": additive_scores_without_a_loop,
    "5.4": kernel_regression_in_many_dimensions,
    "5.5": find_the_bug_in_a_mask,
    "5.6": the_alignment_error_rate,
    "5.7": measure_how_many_words_are_read,
    "5.8": read_the_links_off,
}

PREDICTIONS: dict[str, Prediction] = {
    "5.1": Prediction(
        count=1,
        tolerance=0.05,
        low=0.0,
        high=1.0,
        surprise="Halving the temperature squares the ratios of the weights, from e to e² (7.4); "
        "it doesn't double them. The winner takes nearly all of what is left.",
        notice="The ratios are squared, not doubled. So a small change of temperature can turn a "
        "soft lookup into a choice.",
    ),
}
