"""Checks of chapter 9's exercises on what is hidden from a model: masked tokens, and spans."""

from typing import Any

import torch
from torch import Tensor

from course.exercises.checking import call, describe, expect_close, fresh_generator, require
from course.exercises.stand_ins import draw

SPECIALS, MASK, VOCABULARY = 5, 3, 101


def berts_masking(answer: Any) -> str:
    """9.3: what is chosen, how often, and what becomes of it; nothing special is touched."""
    g = fresh_generator()
    few = torch.randint(0, SPECIALS, (5, 31), generator=g)
    given = f"tokens (5, 31), all of them below {SPECIALS}, so special"
    inputs, labels = _masked(answer, few, g, given)
    expect_close(inputs, few, f"For {given}, there is nothing to mask, but the inputs differ.")
    nothing = torch.full_like(few, -100)
    expect_close(labels, nothing, f"For {given}, there is nothing to guess, so only -100.")
    tokens = torch.randint(0, VOCABULARY, (401, 503), generator=g)
    given = f"random tokens (401, 503) out of a vocabulary of {VOCABULARY}"
    kept = g.get_state()
    inputs, labels = _masked(answer, tokens, g, given)
    _what_is_chosen(tokens, inputs, labels, given)
    _what_becomes_of_it(tokens, inputs, labels, given)
    _, later = _masked(answer, tokens, g, given)
    both = ((later != -100) & (labels != -100)).sum() / (labels != -100).sum()
    message = f"For {given}, masked a second time with the same generator, {both:.0%} of what is "
    require(both < 0.25, message + "chosen was chosen the first time, too: draw anew each time.")
    again = torch.Generator()
    again.set_state(kept)
    same = _masked(answer, tokens, again, given)
    message = f"For {given} and a generator in the same state, the results differ: some of the "
    expect_close(same, (inputs, labels), message + "randomness comes from elsewhere.")
    return (
        "Some 200,000 tokens: the shares, each place by itself, every word, and nothing special. "
        "Notice how little is learnt from: six in seven places have no label, and a causal model "
        "would have one at each."
    )


def _masked(answer: Any, tokens: Tensor, g: torch.Generator, given: str) -> tuple[Tensor, Tensor]:
    found = call(answer, tokens, SPECIALS, MASK, VOCABULARY, g)
    both = isinstance(found, tuple | list) and len(found) == 2
    require(both, f"Inputs and labels, a pair, are asked for, not {describe(found)}.")
    for name, part in zip(("inputs", "labels"), found, strict=True):
        right = isinstance(part, Tensor) and part.shape == tokens.shape
        right = right and part.dtype == tokens.dtype
        message = f"For {given}, the {name} should be whole numbers of the same shape; this is "
        require(right, f"{message}{describe(part)}.")
    return found[0], found[1]


def _what_is_chosen(tokens: Tensor, inputs: Tensor, labels: Tensor, given: str) -> None:
    chosen, special = labels != -100, tokens < SPECIALS
    require(not (chosen & special).any(), f"For {given}, a special token is to be guessed.")
    message = f"For {given}, a label is neither -100 nor the token that stood in its place."
    expect_close(labels[chosen], tokens[chosen], message)
    message = f"For {given}, the inputs differ in a place that has no label."
    expect_close(inputs[~chosen], tokens[~chosen], message)
    message = f"For {given}, some texts, or some places in all texts, have many more tokens chosen "
    message += "than others: each token should have a chance of its own."
    for axis in (0, 1):
        uneven = chosen.float().mean(axis) - chosen.float().mean()
        require(uneven.abs().max() < 0.13, message)
    share = chosen.sum() / (~special).sum()
    message = f"For {given}, {share:.1%} of the words are chosen."
    require(abs(share - 0.15) < 0.005, message)
    pairs = (chosen[:, 1:] & chosen[:, :-1]).sum() / (~special[:, 1:] & ~special[:, :-1]).sum()
    message = f"For {given}, {pairs:.1%} of all pairs of neighbours are chosen together, and it "
    require(0.017 < pairs < 0.028, message + "should be 0.15 squared.")
    counts = labels[chosen].bincount(minlength=VOCABULARY)[SPECIALS:]
    never = (counts == 0).nonzero()[:, 0] + SPECIALS
    message = f"For {given}, some words are never chosen: {never.tolist()[:5]}. The special ones "
    require(len(never) == 0, message + f"are those below {SPECIALS}.")


def _what_becomes_of_it(tokens: Tensor, inputs: Tensor, labels: Tensor, given: str) -> None:
    chosen = labels != -100
    before, after = tokens[chosen], inputs[chosen]
    hidden, left = after == MASK, after == before
    other = after[~hidden & ~left]
    message = f"For {given}, in most texts, or in most places of all texts, all that is chosen has "
    message += "the same fate: each token should have its own."
    for axis in (0, 1):
        lines = (chosen & (inputs == MASK)).sum(axis) / chosen.sum(axis)
        alike = ((lines == 0) | (lines == 1)).float().mean()
        require(alike < 0.5 or hidden.float().mean() > 0.95, message)
    shares = (hidden.float().mean(), len(other) / len(after), left.float().mean())
    listed = "{:.1%} become the mask, {:.1%} another token, {:.1%} stay as they are".format(*shares)
    for share, asked in zip(shares, (0.8, 0.1, 0.1), strict=True):
        message = f"For {given}: of those chosen, {listed}. That is not the recipe."
        require(abs(share - asked) < 0.015, message)
    message = f"For {given}, a word is replaced by a token that is no word, below {SPECIALS} or "
    within = other.min() >= SPECIALS and other.max() < VOCABULARY
    require(within, f"{message}from {VOCABULARY} on.")
    missing = (other.bincount(minlength=VOCABULARY)[SPECIALS:] == 0).sum()
    message = f"For {given}, {missing} of the words never come up as the random one: each place "
    require(missing == 0, message + "should get a word of its own, drawn from all of them.")


def spans_out_and_in_again(answer: Any) -> str:
    """9.4: sentinels in the source, spans in the target, and the text from the two."""
    pair = isinstance(answer, tuple | list) and len(answer) == 2
    require(pair, f"Two functions are asked for, not {describe(answer)}.")
    g = fresh_generator()
    cases = [
        ("abc", [(1, 2)]),
        ("abcd", [(2, 4)]),
        ("abcd", [(0, 2)]),
        ("abcdef", [(1, 3), (4, 5)]),
    ]
    cases += [("abc", []), ("ab", [(0, 2)])]
    for size, spans in ((11, 3), (31, 12)):
        letters = "".join(chr(97 + i) for i in draw(0, 25, g, size))
        cuts = sorted((torch.randperm(size, generator=g)[: 2 * spans]).tolist())
        cases.append((letters, list(zip(cuts[::2], cuts[1::2], strict=True))))
    for letters, spans in cases:
        words = list(letters)
        given = f"the words {' '.join(words)} and the spans {spans}"
        found = call(answer[0], words, spans)
        both = isinstance(found, tuple | list) and len(found) == 2
        require(both, f"Source and target, a pair, are asked for, not {describe(found)}.")
        _try_corrupting(words, spans, found[0], found[1], given)
    for letters, spans in cases:
        source, target = _corrupted(list(letters), spans)
        message = f"For the source {' '.join(source)} and the target {' '.join(target)}, the text "
        expect_close(call(answer[1], source, target), list(letters), message + "is not rebuilt.")
    return (
        "Texts with no span, with nothing else, and with a dozen, and back again. Notice that the "
        "decoder writes only what is missing: the fewer words are hidden, the shorter the target."
    )


def _corrupted(words: list[str], spans: list[tuple[int, int]]) -> tuple[list[str], list[str]]:
    hidden = {place: i for i, span in enumerate(spans) for place in range(*span)}
    source, target = [], []
    for place, word in enumerate(words):
        i = hidden.get(place)
        if i is None:
            source.append(word)
            continue
        if f"<{i}>" not in source:
            source.append(f"<{i}>")
            target.append(f"<{i}>")
        target.append(word)
    return source, [*target, f"<{len(spans)}>"]


def _try_corrupting(words: list[str], spans: list, source: Any, target: Any, given: str) -> None:
    for name, part in (("source", source), ("target", target)):
        right = isinstance(part, list) and all(isinstance(each, str) for each in part)
        require(right, f"For {given}, the {name} should be a list of words, not {describe(part)}.")
    right_source, right_target = _corrupted(words, spans)
    plain = [each for each in source if not each.startswith("<")]
    message = f"For {given}, the words that are left in the source are not those outside the spans."
    require(plain == [each for each in right_source if not each.startswith("<")], message)
    message = f"For {given}, the sentinels in the source are off: one for each span, in its place, "
    require(source == right_source, message + "numbered from 0.")
    plain = [each for each in target if not each.startswith("<")]
    message = f"For {given}, the words in the target are not those of the spans, in their order."
    require(plain == [each for each in right_target if not each.startswith("<")], message)
    message = f"For {given}, the sentinels in the target are off. What stands before a span's "
    require(target == right_target, message + "words, and what says that the last one is over?")
