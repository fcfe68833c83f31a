"""Checks of the exercises of chapter 4, beam search."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from course.exercises.checking import (
    call,
    describe,
    expect_close,
    fresh_generator,
    require,
)
from course.exercises.languages import brute_force, table_search
from course.exercises.predictions import Prediction
from course.exercises.speculation import speculative_decoding
from course.metrics import edit_distance


def _log_probs(g: torch.Generator, *shape: int) -> Tensor:
    return (2 * torch.randn(*shape, generator=g, dtype=torch.float64)).log_softmax(-1)


def one_step_of_beam_search(answer: Any) -> str:
    """4.2: totals, the best of the whole table, and whose continuation each is."""
    g = fresh_generator()
    for slots, words, k in ((1, 5, 3), (3, 7, 3), (5, 3, 4), (2, 11, 7)):
        so_far = _log_probs(g, slots)
        following = _log_probs(g, slots, words)
        sizes = f"so_far of shape ({slots},), following of shape ({slots}, {words}), k = {k}"
        found = call(answer, so_far, following, k)
        require(
            isinstance(found, tuple | list) and len(found) == 3,
            f"Three tensors are asked for: total, parent, token; with {sizes} this is "
            f"{describe(found)}.",
        )
        totals = sorted(
            (
                (float(so_far[i] + following[i, j]), i, j)
                for i in range(slots)
                for j in range(words)
            ),
            reverse=True,
        )[:k]
        total, parent, token = zip(*totals, strict=True)
        expect_close(
            found[0],
            torch.tensor(total, dtype=torch.float64),
            f"With {sizes}: these are not the {k} greatest log-probabilities of extended "
            "hypotheses, best first. A hypothesis brings along the log-probability that it has, "
            "and all extensions of all hypotheses compete.",
        )
        expect_close(
            found[1],
            torch.tensor(parent),
            f"With {sizes}: the totals are right, but not which hypothesis each one extends.",
        )
        expect_close(
            found[2],
            torch.tensor(token),
            f"With {sizes}: the totals are right, but not which word each one adds.",
        )
    return (
        "Totals, parents and words, for several widths and vocabularies. Notice that one "
        "hypothesis may have several children in the next beam, and another none: that is what "
        "distinguishes a beam from k greedy searches side by side."
    )


def length_penalties(answer: Any) -> str:
    """4.3: GNMT's length penalty, term by term."""
    g = fresh_generator()
    log_prob = -1 - 9 * torch.rand(1, generator=g).item()
    expect_close(
        call(answer, log_prob, 7, 0.0),
        log_prob,
        f"With α = 0 the score should be the log-probability itself, {log_prob:.3f}.",
    )
    expect_close(
        call(answer, log_prob, 1, 0.8),
        log_prob,
        "An output of one token is the unit: (5 + 1) / 6 is 1, whatever α is.",
    )
    expect_close(
        call(answer, log_prob, 7, 1.0),
        log_prob / 2,
        f"With α = 1, 7 tokens and log p = {log_prob:.3f}: (5 + 7) / 6 is 2, so the score should "
        "be half of log p.",
    )
    expect_close(
        call(answer, log_prob, 19, 0.5),
        log_prob / 2,
        f"With α = 0.5, 19 tokens and log p = {log_prob:.3f}: (5 + 19) / 6 is 4, and 4 to the "
        "power of 0.5 is 2.",
    )
    length, alpha = (
        int(torch.randint(2, 40, (1,), generator=g)),
        0.2 + torch.rand(1, generator=g).item(),
    )
    expect_close(
        call(answer, log_prob, length, alpha),
        log_prob / ((5 + length) / 6) ** alpha,
        f"With α = {alpha:.3f} and {length} tokens the score is not log p / lp.",
    )
    return (
        "Scores for several lengths and α. Notice that a greater length makes the score less "
        "negative: the divisor grows, so the same log-probability is forgiven a longer output."
    )


def nucleus(answer: Any) -> str:
    """4.4: top-p on distributions whose nucleus is known."""
    by_hand = torch.tensor([0.1, 0.5, 0.25, 0.15], dtype=torch.float64)
    for p, kept in ((0.45, [1]), (0.5, [1]), (0.6, [1, 2]), (0.8, [1, 2, 3]), (1.0, [0, 1, 2, 3])):
        expected = torch.zeros(4, dtype=torch.float64)
        expected[kept] = by_hand[kept] / by_hand[kept].sum()
        found = call(answer, by_hand.clone(), p)
        require(
            isinstance(found, Tensor) and found.shape == (4,),
            f"Probabilities for all 4 words are asked for; this is {describe(found)}.",
        )
        few, many = int((found > 0).sum()), len(kept)
        require(
            few == many,
            f"Of 0.1, 0.5, 0.25, 0.15 and p = {p:g}, {few} words are kept. The smallest set of the "
            "most probable words that holds at least p has another size; the word that crosses p "
            "belongs to it.",
        )
        message = f"Of 0.1, 0.5, 0.25, 0.15 and p = {p:g}, the number of words is right, but "
        require(
            bool((found[kept] > 0).all()),
            message + "not which: each probability must go back to the place of its word.",
        )
        expect_close(found, expected, message + "what is left is no distribution that sums to 1.")
    g = fresh_generator()
    for words in (3, 17, 101):
        probs = _log_probs(g, words).exp()
        ordered, index = probs.sort(descending=True)
        for p in (0.3, 0.9):
            count = next(n for n in range(1, words + 1) if ordered[:n].sum() >= p - 1e-12)
            expected = torch.zeros_like(probs)
            expected[index[:count]] = ordered[:count] / ordered[:count].sum()
            expect_close(
                call(answer, probs.clone(), p),
                expected,
                f"For a random distribution over {words} words and p = {p:g} the nucleus is off.",
            )
    return (
        "The nucleus by hand and for random distributions, in the place of its words, summing to "
        "1. Notice how its size changes with the distribution: one word where the model is sure, "
        "many where it is not. A fixed k can't do that."
    )


def _telling_tables(
    g: torch.Generator, mistake: dict[str, bool]
) -> Iterator[tuple[tuple[Tensor, int, int], list[int]]]:
    """Languages in which a mistake changes the result, and what it is then."""
    for k in (2, 3, 2):
        while True:
            case = (_log_probs(g, 5, 5), k, 5)
            right, wrong = table_search(*case), table_search(*case, **mistake)
            alone = "stay" in mistake or right == table_search(*case, stay=True)
            if right and right != wrong and alone:
                yield case, wrong
                break


def find_the_bug_in_the_search(answer: Any) -> str:
    """4.5: nothing follows the end, and the score is a mean over all tokens."""
    g = fresh_generator()
    for mistake, words in (
        (
            {"mean": False},
            "that is the output of the best sum. The best mean log-probability a token is asked "
            "for, the end token counted.",
        ),
        (
            {"stay": True},
            "that is what comes out if finished hypotheses stay and are extended. A finished "
            "hypothesis leaves the beam, and the next step fills its place.",
        ),
    ):
        for case, wrong in _telling_tables(g, mistake):
            found = call(answer, *case)
            require(
                isinstance(found, list), f"A list of words is asked for; this is {describe(found)}."
            )
            sizes = f"In a random language of 4 words, k = {case[1]}, at most 5 tokens"
            require(found != wrong, f"{sizes}, the output is {found}: {words}")
    for words, limit, k in ((3, 4, 100), (4, 3, 100), (5, 5, 3), (4, 6, 2), (6, 5, 4)) * 3:
        table = _log_probs(g, words, words)
        sizes = f"In a random language of {words - 1} words, k = {k}, at most {limit} tokens"
        found = call(answer, table, k, limit)
        if k == 100:
            best = max(brute_force(table, limit), key=lambda each: each[0] / len(each[1]))[1]
            require(
                found == best,
                f"{sizes}, the beam is as wide as the space, and yet the result is not the "
                "finished output of the best mean log-probability a token, end token counted.",
            )
        require(
            found == table_search(table, k, limit),
            f"{sizes}, the search for the best mean log-probability finds another output. What "
            "happens to the place that a finished hypothesis leaves, and what counts as a token?",
        )
    table = torch.tensor([[-9.0, -0.1], [-9.0, -0.1]], dtype=torch.float64)
    expect_close(
        call(answer, table, 1, 3), [], "Where nothing ends within the limit, the list is empty."
    )
    return (
        "Nothing after the end, and the mean over all tokens decides, in random languages. Notice "
        "that one bug hid the other: as long as the sum decides, finished hypotheses that stay "
        "crowd out only what could not have won anyway."
    )


def measure_diversity(answer: Any) -> str:
    """4.6: mean edit distance of two different outputs, by their mean length."""
    sizes = "for [1, 2, 3] and [1, 2, 4]"
    expect_close(
        call(answer, [[1, 2, 3], [1, 2, 4]]),
        1 / 3,
        f"One edit in three tokens, {sizes}: the diversity should be a third.",
    )
    expect_close(
        call(answer, [[1, 2], [1, 2], [1, 2]]), 0.0, "Three equal outputs have no diversity."
    )
    expect_close(
        call(answer, [[1, 2, 3, 4], [1, 2]]),
        2 / 3,
        "Two deletions between outputs of 4 and 2 tokens, whose mean length is 3.",
    )
    expect_close(
        call(answer, [[1], [1], [2]]),
        2 / 3,
        "Of the three pairs of [1], [1], [2], two differ wholly: each pair counts once, and none "
        "is an output with itself.",
    )
    g = fresh_generator()
    outputs = [
        torch.randint(3, 8, (int(n),), generator=g).tolist()
        for n in torch.randint(2, 9, (5,), generator=g)
    ]
    pairs = [(a, b) for i, a in enumerate(outputs) for b in outputs[:i]]
    shares = [2 * edit_distance(a, b) / (len(a) + len(b)) for a, b in pairs]
    expect_close(
        call(answer, outputs),
        sum(shares) / len(shares),
        f"For five random outputs of {', '.join(str(len(each)) for each in outputs)} tokens the "
        "mean over pairs is off. The lengths count pair by pair.",
    )
    return (
        "Pairs of equal and unequal length, and five random outputs. Notice what it does not say: "
        "noise is diverse too. Diversity means something only beside a measure of quality."
    )


CHECKS: dict[str, Callable[[Any], str]] = {
    "4.2": one_step_of_beam_search,
    "4.3": length_penalties,
    "4.4": nucleus,
    "4.5": find_the_bug_in_the_search,
    "4.6": measure_diversity,
    "4.7": speculative_decoding,
}
PREDICTIONS: dict[str, Prediction] = {
    "4.1": Prediction(
        count=1,
        tolerance=5,
        low=0,
        high=math.inf,
        surprise="One per cent looks negligible beside ninety. But it is paid once, and ninety "
        "per cent is paid for every word: the product falls below one per cent sooner than most "
        "expect.",
        notice="0.9 to the power of 44 is a little less than one per cent.",
    )
}
