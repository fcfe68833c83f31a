"""Checks of the exercises of chapter 1, sequence transduction."""

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import torch

from course.data.pairs import Pair
from course.exercises.checking import call, describe, expect_close, fresh_generator, require
from course.exercises.predictions import Prediction
from course.exercises.stand_ins import LetterPairs, draw

ROMAN = (
    ("M", 1000), ("CM", 900), ("D", 500), ("CD", 400), ("C", 100), ("XC", 90), ("L", 50),
    ("XL", 40), ("X", 10), ("IX", 9), ("V", 5), ("IV", 4), ("I", 1),
)  # fmt: skip


def bits_of_a_sentence(answer: Any) -> str:
    """1.1: the bits of one token, times the tokens."""
    g = fresh_generator()
    expect_close(
        call(answer, 8, 1),
        3.0,
        "One token out of 8, all equally likely, is a choice that three coin flips can make.",
    )
    vocabulary, (tokens,) = 2 ** draw(4, 9, g)[0], draw(3, 20, g)
    one = call(answer, vocabulary, 1)
    expect_close(
        call(answer, vocabulary, tokens),
        tokens * float(one),
        f"{tokens} tokens of a vocabulary of {vocabulary} should cost {tokens} as much as one: "
        "probabilities multiply, so bits add up.",
    )
    for vocabulary in draw(100, 9000, g, 3):
        expect_close(
            call(answer, vocabulary, tokens),
            tokens * math.log2(vocabulary),
            f"For {tokens} tokens of a vocabulary of {vocabulary} the bits are not right.",
        )
    return (
        "The bits of one token, times the tokens, for several sizes. Notice that this is what a "
        "model pays before it has learnt anything: the loss of training starts near it."
    )


def find_the_bug_in_the_mask(answer: Any) -> str:
    """1.3: True where there is a token, for every length up to the width."""
    g = fresh_generator()
    for lengths, width in (([1], 2), ([2, 5, 1], 5), (draw(1, 6, g, 5), 7)):
        expected = [[column < length for column in range(width)] for length in lengths]
        given = f"lengths {lengths} and width {width}"
        found = call(answer, torch.tensor(lengths), width)
        message = f"With {given}, a token and padding are confused. Count from position 0."
        expect_close(found, torch.tensor(expected), message)
    return (
        "True exactly where a token is, for rows from 1 token to the full width. Notice that a "
        "batch of full rows hides the bug: there both masks are all True."
    )


def _sentence(words: int, g: torch.Generator) -> str:
    letters = [[chr(97 + each) for each in draw(0, 25, g, draw(2, 9, g)[0])] for _ in range(words)]
    return " ".join("".join(word) for word in letters)


def measure_tokens_per_word(answer: Any) -> str:
    """1.4: all tokens over all words."""
    tokenizer = LetterPairs()
    whole = call(answer, tokenizer, ["ab ba ab", "ba"])
    expect_close(
        whole,
        1.0,
        'With a tokenizer of which each word of "ab ba ab" and "ba" is one token, there should be '
        "one token a word. (Count every occurrence, and no end token.)",
    )
    expect_close(
        call(answer, tokenizer, ["abcdef abcd"]),
        2.5,
        'With a tokenizer that cuts "abcdef abcd" into 3 and 2 tokens, the mean over 2 words is '
        "not right.",
    )
    g = fresh_generator()
    texts = [_sentence(words, g) for words in (2, 11, 5)]
    tokens = sum(len(tokenizer.encode(text)) for text in texts)
    expect_close(
        call(answer, tokenizer, texts),
        tokens / 18,
        f"With three texts of 2, 11 and 5 words, {tokens} tokens together, the mean is off. A word "
        "of a long sentence should count as much as one of a short sentence.",
    )
    return (
        "All tokens over all words, so that every word counts alike. Notice that the mean of the "
        "three sentences' own means is another number."
    )


def apply_a_rule(answer: Any) -> str:
    """1.5: where the whole interval lies decides, and nothing else."""
    from course.experiments.rules import interval

    cases = {
        "all of the interval lies above": (1.5, 0.2, "supported"),
        "all of the interval lies above 0, and below the smallest effect": (
            0.5, 0.1, "not supported here",
        ),
        "the mean lies above, the interval does not": (1.2, 1.5, "inconclusive"),
        "the mean lies below, the interval reaches over": (0.8, 1.5, "inconclusive"),
        "all of the interval lies below 0": (-1.0, 0.2, "not supported here"),
    }  # fmt: skip
    g = fresh_generator()
    for place, (mean, spread, expected) in cases.items():
        smallest = round(0.5 + 3 * torch.rand(1, generator=g).item(), 2)
        noise = torch.randn(7, generator=g, dtype=torch.float64)
        noise = (noise - noise.mean()) / noise.std()
        seeds = [round(each, 2) for each in (smallest * (mean + spread * noise)).tolist()]
        found = interval(seeds)
        expect_close(
            call(answer, seeds, smallest),
            expected,
            f"Seven seeds gave {seeds}; the smallest effect that matters is {smallest}; the "
            f"interval goes from {found.low:.2f} to {found.high:.2f}, so {place}: another verdict "
            "is due.",
        )
    found = interval([1, 2, 3, 4, 5])
    for smallest, expected in ((found.low, "supported"), (found.high, "inconclusive")):
        expect_close(
            call(answer, [1, 2, 3, 4, 5], smallest),
            expected,
            "An end of the interval that is just the smallest effect counts as large enough.",
        )
    return (
        "The right verdict wherever the interval lies. Notice that “not supported here” asks as "
        "much of the data as “supported” does: a narrow interval."
    )


def clip_the_counts(answer: Any) -> str:
    """1.6: n-grams of the output that the reference has, each at most as often."""
    reference = "la voiture est devant la maison .".split()
    for output, n, expected, why in (
        ("la voiture est devant la maison .", 1, 1.0, "the output is the reference"),
        ("la", 1, 1.0, "its one word is in the reference"),
        ("la voiture", 1, 1.0, "it says little, but all that it says is in the reference"),
        ("la la la la", 1, 0.5, "“la” stands twice in the reference, so only two of four count"),
        ("maison la", 2, 0.0, "both words are there, but not in this order"),
        ("la", 2, 0.0, "the output is too short for a pair; precision is then 0"),
    ):
        expect_close(
            call(answer, output.split(), list(reference), n),
            expected,
            f"Output “{output}”, reference “{' '.join(reference)}”, n = {n}: {why}.",
        )
    g = fresh_generator()
    for n in (1, 2, 3, 4):
        output, wanted = (["abc"[i] for i in draw(0, 2, g, size)] for size in (13, 11))
        grams = [
            Counter(tuple(each[i : i + n]) for i in range(len(each) - n + 1))
            for each in (output, wanted)
        ]
        expect_close(
            call(answer, output, wanted, n),
            (grams[0] & grams[1]).total() / (14 - n),
            f"Output “{' '.join(output)}”, reference “{' '.join(wanted)}”, n = {n}: the share of "
            "the output's n-grams is off.",
        )
    return (
        "Clipped precision for n from 1 to 4. Notice that saying only “la voiture” scores 1: "
        "that is why BLEU needs its brevity penalty."
    )


def a_small_project_roman_numerals(answer: Any) -> str:
    """1.7: pairs of spaced digits and spaced numerals."""
    g = fresh_generator()
    hard = [1994, 4, 9, 40, 90, 400, 900, 3999, 1, 8, 2000, 49, 99, 444]
    for numbers in ([7], hard, draw(1, 3999, g, 40)):
        found = call(answer, numbers)
        right = isinstance(found, list) and len(found) == len(numbers)
        require(
            right and all(isinstance(each, tuple) and len(each) == 2 for each in found),
            f"For {len(numbers)} numbers a list of {len(numbers)} Pairs is asked for; this is "
            f"{describe(found)}.",
        )
        for number, pair in zip(numbers, found, strict=True):
            pair = Pair(*pair)
            spaced = " ".join(str(number))
            expect_close(
                pair.src, spaced, f"The source of {number} should be its digits, a space between."
            )
            left, wanted = number, ""
            for letters, value in ROMAN:
                wanted += left // value * letters
                left %= value
            letters = str(pair.tgt).replace(" ", "")
            expect_close(
                letters, wanted, f"The target of {number} is not its Roman numeral: {letters}."
            )
            expect_close(
                pair.tgt,
                " ".join(wanted),
                f"The letters of {number} are right; their spaces aren't.",
            )
    return (
        "Pairs for 4, 9, 40 and their kin, and for 40 random numbers. Notice that a digit becomes "
        "none to four letters, by its place: lengths differ, and order is kept."
    )


CHECKS: dict[str, Callable[[Any], str]] = {
    "1.1": bits_of_a_sentence,
    "1.3": find_the_bug_in_the_mask,
    "1.4": measure_tokens_per_word,
    "1.5": apply_a_rule,
    "1.6": clip_the_counts,
    "1.7": a_small_project_roman_numerals,
}
PREDICTIONS: dict[str, Prediction] = {
    "1.2": Prediction(
        choices=("BLEU", "chrF", "errors per word"),
        surprise="All words are there, so it is easy to think that a score of words is kind. But "
        "pairs of words are gone, and an edit distance may not move a word; it has to pay for "
        "each that stands in the wrong place.",
        notice="Within a word the letters keep their order; most pairs of words don't.",
    )
}
