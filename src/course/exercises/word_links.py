"""Checks of chapter 5's exercises on word links: their error rate, and reading them off."""

from numbers import Integral
from typing import Any

import torch
from torch import Tensor

from course.exercises.checking import call, describe, expect_close, fresh_generator, require
from course.metrics import aer, word_links

DOUBLE = torch.float64


def the_alignment_error_rate(answer: Any) -> str:
    """5.6: hits count once for sure and once for possible; empty sets."""
    links = [(i, j) for i in range(3) for j in range(5)]
    g = fresh_generator()
    order = [links[i] for i in torch.randperm(15, generator=g).tolist()]
    sure, maybe, wrong = set(order[:4]), set(order[4:9]), set(order[9:12])
    some = {order[0], order[1], order[4], order[9]}
    mixed = "2 sure, 1 possible and 1 wrong are claimed"
    for words, why, s, p, a in (
        (
            "4 links are sure, 5 more possible; the sure ones alone are claimed",
            "Nothing is missing and nothing wrong. Sure links are possible ones too",
            sure, maybe, sure,
        ),
        (
            "4 links are sure, no more are possible, and 3 wrong ones are claimed",
            "Nothing that is claimed can be defended",
            sure, set(), wrong,
        ),
        (
            "4 links are sure, 5 more possible, of which 2 are claimed beside the 4",
            "Claiming a possible link costs nothing: below the line stand the claimed and the sure",
            sure, maybe, sure | {order[4], order[5]},
        ),
        (
            f"4 links are sure, 5 more possible; {mixed}",
            "What counts twice above the line, what once, what not at all?",
            sure, maybe, some,
        ),
        (
            f"4 links are sure, listed as possible with 5 more; {mixed}",
            "A link that is listed in both sets is one link, and a sure one",
            sure, sure | maybe, some,
        ),
        (
            "4 links are sure and nothing is claimed",
            "All that had to be found is missing",
            sure, maybe, set(),
        ),
        (
            "nothing is sure, 5 are possible, 4 of them are claimed",
            "All that is claimed can be defended",
            set(), maybe, set(order[4:8]),
        ),
    ):  # fmt: skip
        message = f"Where {words}, the AER is off. {why}{'' if why.endswith('?') else '.'}"
        expect_close(call(answer, set(s), set(p), set(a)), aer([s], [p], [a]), message)
    message = "Where nothing is sure and nothing claimed (one link is possible), it is not 0."
    expect_close(call(answer, set(), {order[0]}, set()), 0.0, message)
    return (
        "Eight cases, among them empty claims and possible links given both ways. Notice that a "
        "possible link costs nothing whether it is claimed or not, so a cautious system does well."
    )


def read_the_links_off(answer: Any) -> str:
    """5.8: sums over source pieces, shifts that stop at the ends, end tokens left out."""
    g = fresh_generator()
    one = torch.eye(3, dtype=DOUBLE)[[1, 2, 0]]
    message = "For 3 × 3 weights, a word for each token, and no shift, the links are not the "
    expect_close(
        _links(answer, one, [0, 1, 2], [0, 1, 2], 0),
        [(0, 2), (1, 0), (2, 1)],
        message + "largest of each row, as (source word, target word).",
    )
    pieces = torch.tensor([[0.4, 0.3, 0.3]], dtype=DOUBLE)
    message = "For weights 0.4, 0.3, 0.3 and source words [0, 1, 1], the link is not to the word "
    expect_close(
        _links(answer, pieces, [0, 1, 1], [0], 0), [(1, 0)], message + "that gets most in sum."
    )
    cases = [(shift, extra) for shift in (0, -1, 1, 2) for extra in (0, 1)]
    for shift, extra in cases:
        for _ in range(3):
            weights = (2 * torch.randn(5 + extra, 7 + extra, generator=g, dtype=DOUBLE)).softmax(-1)
            if extra:
                weights[:, -1] += 1  # the end token's column never counts
            src, tgt = [0, 0, 1, 2, 2, 2, 3], [0, 1, 1, 2, 3]
            expected = sorted(word_links(weights, src, tgt, shift=shift))
            message = (
                f"For weights {tuple(weights.shape)}, source words {src}, target words {tgt} and "
                f"shift {shift}, a link is off."
            )
            expect_close(_links(answer, weights, src, tgt, shift), expected, message)
    return (
        "Links for words in pieces, with shifts of −1, 0, 1 and 2, with and without end tokens, as "
        "course.metrics.word_links finds them. Notice that every target word gets a link, even one "
        "that renders nothing: attention always looks somewhere."
    )


def _links(answer: Any, weights: Tensor, src: list[int], tgt: list[int], shift: int) -> list:
    """The reader's links, sorted."""
    found = call(answer, weights, src, tgt, shift)
    require(isinstance(found, set), f"Links are a set of pairs; this is {describe(found)}.")
    pairs = all(isinstance(each, tuple) and len(each) == 2 for each in found)
    require(pairs, "Each link is a pair (source word, target word).")
    whole = all(isinstance(word, Integral) for link in found for word in link)
    require(whole, "The words of a link are whole numbers of Python, not tensors: see tolist().")
    return sorted(found)
