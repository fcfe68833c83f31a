"""Checks of the exercises of chapter 6, Bahdanau and Luong."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from course.exercises.checking import (
    call,
    describe,
    expect_close,
    expect_gradient_close,
    fresh_generator,
    require,
)
from course.exercises.predictions import Prediction
from course.ops.attention import (
    additive_scores,
    gaussian_window,
    masked_softmax,
    weighted_read,
    window_mask,
)
from course.ops.costs import score_cost
from course.ops.masks import padding_mask

DOUBLE = torch.float64
LEARNT = "the numbers are right, but not what could be learnt through them."


def _random(*shape: int, g: torch.Generator) -> Tensor:
    return torch.randn(*shape, generator=g, dtype=DOUBLE)


def the_cheaper_side_of_the_matrix(answer: Any) -> str:
    """6.2: the least of two counts, with long and short targets, wide and narrow states."""
    g = fresh_generator()
    drawn = [torch.randint(2, 40, (4,), generator=g).tolist() for _ in range(12)]
    cases = [(7, 2, 5, 3), (2, 7, 5, 3), (5, 5, 2, 11), (5, 5, 11, 2), (3, 1, 2, 2)]
    for source, steps, d_memory, d_state in [*cases, *drawn]:
        sizes = {"source": source, "d_memory": d_memory, "d_state": d_state}
        keys = score_cost("general", **sizes).multiplications(steps)
        queries = steps * d_state * d_memory + steps * source * d_memory
        given = f"S = {source}, T = {steps}, D = {d_memory}, H = {d_state}"
        found = call(answer, source, steps, d_memory, d_state)
        require(
            keys == queries or not isinstance(found, int) or found != max(keys, queries),
            f"With {given}, that is the dearer side: the same scores cost less with the matrix on "
            "the other one.",
        )
        message = f"With {given}, the count is off. First the projection of one side, then a dot "
        message += "product for each pair, as wide as the side that was *not* projected."
        expect_close(found, min(keys, queries), message)
    return (
        "The least number of multiplications for seventeen sets of sizes. Notice that the scores "
        "are the same to the last digit of arithmetic: (q W) m and q (W m) differ only in price."
    )


def concat_without_joining(answer: Any) -> str:
    """6.3: the matrix of the joined vector, taken apart; the query's columns stand first."""
    g = fresh_generator()
    q, m = _random(2, 3, 7, g=g), _random(2, 5, 11, g=g)
    joined, v = _random(13, 18, g=g), _random(13, g=g)
    given = "q (2, 3, 7), m (2, 5, 11), joined (13, 18), v (13,)"

    def reference(q: Tensor, m: Tensor, joined: Tensor, v: Tensor) -> Tensor:
        return additive_scores(q @ joined[:, :7].mT, m @ joined[:, 7:].mT, v)

    large = [1e6 * each.abs() for each in (q, m, joined)]
    expect_close(
        call(answer, *large, v.abs()),
        v.abs().sum().expand(2, 3, 5),
        f"For {given}, all large and positive, a score is not what v adds up to: *one* tanh "
        "squashes each of the 13 numbers, and v weighs them afterwards.",
    )
    deaf = joined.clone()
    deaf[:, :7] = 0
    found = call(answer, q, m, deaf, v)
    message = f"For {given}, the first 7 columns being zero: the query stands first in the joined "
    message += "vector, so it should have no say now, but the scores are off."
    expect_close(found, reference(q, m, deaf, v), message)
    message = f"For {given}, the scores are off. How much of each matrix does a query meet?"
    expect_close(call(answer, q, m, joined, v), reference(q, m, joined, v), message)
    expect_gradient_close(answer, reference, [q, m, joined, v], f"For {given}, {LEARNT}")
    return (
        "Luong's concat by two smaller matrices, with every gradient. Notice what has become of "
        "it: additive attention, to the last digit. A matrix times two vectors, one behind the "
        "other, is a sum of two products."
    )


def the_window_of_local_m(answer: Any) -> str:
    """6.4: places count from 1, both ends belong to the window, padding and ends of sources."""
    g = fresh_generator()
    for radius in (0, 1, 2, 3):
        lengths = torch.stack([torch.tensor(7), torch.randint(2, 5, (), generator=g)])
        steps = torch.arange(1, 6) + torch.tensor([[0], [1]])  # the second starts one later
        given = f"positions {steps.tolist()}, lengths {lengths.tolist()}, size 7, radius {radius}"
        found = call(answer, steps, lengths, 7, radius)
        bools = isinstance(found, Tensor) and found.dtype == torch.bool
        require(bools, f"For {given}: a mask is a tensor of True and False, not {describe(found)}.")
        shape = tuple(found.shape)
        require(shape == (2, 5, 7), f"For {given}, the shape is {shape}; it should be (2, 5, 7).")
        real = padding_mask(lengths, 7)[:, None]
        require(not (found & ~real).any(), f"For {given}, the window lets padding in.")
        centres = steps.minimum(lengths[:, None]).to(DOUBLE)
        expected = window_mask(centres, 7, radius) & real
        early = steps <= lengths[:, None]
        message = f"For {given}, a window is off although its middle lies within the source. "
        message += "Target word t looks around source word t, and both ends belong to the window."
        require(torch.equal(found[early], expected[early]), message)
        message = f"For {given}, a target word past the end of the source doesn't look around the "
        require(torch.equal(found, expected), message + "last source word.")
    return (
        "Windows of radius 0 to 3 in a padded batch, at both ends of the source. Notice that the "
        "first words see fewer places than those in the middle: a window is cut off at the edge."
    )


def find_the_bug_in_local_p(answer: Any) -> str:
    """6.5: the same weights in any batch; the bell, the window, and the way of the gradient."""
    g = fresh_generator()
    scores, queries = _random(2, 3, 7, g=g), _random(2, 3, 5, g=g)
    W, v = _random(11, 5, g=g), _random(11, g=g)
    mask = padding_mask(torch.tensor([7, 4]), 7)
    given = "scores (2, 3, 7), queries (2, 3, 5), mask with 7 and 4 real words"

    def reference(s: Tensor, q: Tensor, mask: Tensor, W: Tensor, v: Tensor, radius: int) -> Tensor:
        centres = mask.sum(1)[:, None] * torch.sigmoid(torch.tanh(q @ W.mT) @ v)
        weights = masked_softmax(s, mask[:, None] & window_mask(centres, s.shape[2], radius))
        return weights * gaussian_window(centres, s.shape[2], radius)

    for radius in (1, 2, 3):
        whole = (scores[:1], queries[:1], mask[:1], W, v, radius)
        message = f"For one sentence without padding (scores (1, 3, 7), radius {radius}), the "
        expect_close(call(answer, *whole), reference(*whole), message + "weights are off.")
        alone = reference(scores[1:, :, :4], queries[1:], mask[1:, :4], W, v, radius)
        found = call(answer, scores, queries, mask, W, v, radius)
        message = f"For {given}, radius {radius}: "
        require(found.shape == scores.shape, f"{message}the shape is {tuple(found.shape)}.")
        require((found[1, :, 4:] == 0).all(), f"{message}the padding of the second has weight.")
        message += "the second sentence gets other weights than it gets alone."
        expect_close(found[1:, :, :4], alone, message)
        level = (scores, queries, mask, W, 0 * v, radius)
        message = f"For {given}, v all zero, radius {radius}: each window should stand exactly "
        message += "over the middle of its sentence, both ends belonging to it."
        expect_close(call(answer, *level), reference(*level), message)
    expect_gradient_close(
        lambda s, q, W, v: answer(s, q, mask, W, v, 2),
        lambda s, q, W, v: reference(s, q, mask, W, v, 2),
        [scores, queries, W, v],
        f"For {given}: {LEARNT}",
    )
    return (
        "The same weights alone and in a padded batch, with radius 1, 2 and 3, and the gradient "
        "through the bell. Notice that the bug gave no error and moved no weight onto the padding: "
        "it only made a sentence look too far to the right beside a longer one."
    )


def measure_what_a_window_would_cut_off(answer: Any) -> str:
    """6.6: the mean weight outside of local-m's window."""
    diagonal = torch.eye(3, dtype=DOUBLE)
    message = "For the identity (3, 3) and radius 0, nothing is cut off, but the share is off."
    expect_close(call(answer, diagonal, 0), 0.0, message)
    g = fresh_generator()
    for steps, size in ((5, 7), (7, 3), (3, 3)):
        weights = (2 * _random(steps, size, g=g)).softmax(-1)
        centres = torch.arange(1, steps + 1).clamp(max=size).to(DOUBLE)[None]
        for radius in (0, 1, 2):
            cut = (weights * ~window_mask(centres, size, radius)[0]).sum(-1).mean()
            where = f"For random weights ({steps}, {size}) and radius {radius}, the share is off. "
            where += "It is a mean over the rows; past the end, the window stays at the last place."
            expect_close(call(answer, weights, radius), cut.item(), where)
    return (
        "More steps than source words, fewer, and as many, with radius 0, 1 and 2. Notice that "
        "this is what a *trained* translator would lose: one that is trained with the window may "
        "learn to do without."
    )


def a_small_project_luongs_decoder(answer: Any) -> str:
    """6.7: the order of events, the mask, what is fed, and every gradient."""
    g = fresh_generator()
    cell = nn.GRUCell(5 + 7, 7, dtype=DOUBLE)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.copy_(_random(*parameter.shape, g=g) / 2)
    embedded, state, outputs = _random(2, 3, 5, g=g), _random(2, 7, g=g), _random(2, 4, 11, g=g)
    W_a, W_c = _random(7, 11, g=g) / 2, _random(7, 18, g=g) / 2
    mask = padding_mask(torch.tensor([4, 2]), 4)
    given = "E = 5, H = 7, D = 11, a batch of two sources of 4 and 2 words"

    def reference(e: Tensor, h: Tensor, m: Tensor, W_a: Tensor, W_c: Tensor) -> Tensor:
        found = [torch.zeros_like(h)]
        for token in e.unbind(1):
            h = cell(torch.cat([token, found[-1]], -1), h)
            weights = masked_softmax(((h @ W_a)[:, None] @ m.mT), mask[:, None])
            context = weighted_read(weights, m)[:, 0]
            found.append(torch.tanh(torch.cat([context, h], -1) @ W_c.mT))
        return torch.stack(found[1:], 1)

    def theirs(e: Tensor, h: Tensor, m: Tensor, W_a: Tensor, W_c: Tensor) -> Tensor:
        return answer(e, h, m, mask, cell, W_a, W_c)

    found = call(answer, embedded, state, outputs, mask, cell, W_a, W_c)
    require(isinstance(found, Tensor), f"Vectors are a tensor; this is {describe(found)}.")
    louder = outputs.masked_fill(~mask[:, :, None], 100.0)
    message = f"With {given}: put other vectors into the padding, and the result changes."
    expect_close(call(answer, embedded, state, louder, mask, cell, W_a, W_c), found, message)
    one = (embedded[:, :1], state, outputs, W_a, W_c)
    message = f"With {given}, and a single target token: the vector is off. In order: feed the "
    message += "token, ask with the *new* state, read, join context and state, project, tanh."
    expect_close(call(theirs, *one), reference(*one), message)
    whole = (embedded, state, outputs, W_a, W_c)
    message = f"With {given}, it is right for one token, but not for three: what is fed beside "
    message += "the second token, and which state goes on?"
    expect_close(found, reference(*whole), message)
    expect_gradient_close(theirs, reference, whole, f"With {given}: {LEARNT}")
    return (
        "All vectors of three steps in a padded batch, with every gradient. Notice that the "
        "gradient runs back through what was fed as well: without that, the second step couldn't "
        "teach the first to say where it had looked."
    )


CHECKS: dict[str, Callable[[Any], str]] = {
    "6.2": the_cheaper_side_of_the_matrix,
    "6.3": concat_without_joining,
    "6.4": the_window_of_local_m,
    "6.5": find_the_bug_in_local_p,
    "6.6": measure_what_a_window_would_cut_off,
    "6.7": a_small_project_luongs_decoder,
}

PREDICTIONS: dict[str, Prediction] = {
    "6.1": Prediction(
        count=1,
        tolerance=0.25,
        low=0.0,
        surprise="With long sentences nearly all the work is one number for each pair of words and "
        "each unit of width, and both scores do that once. What additive scores project besides, "
        "at each step, no longer counts.",
        notice="In multiplications the two come together as sentences grow. The tanhs don't go "
        "away, though: one for each pair and unit.",
    ),
}
