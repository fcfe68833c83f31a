"""The check of exercise 4.7, speculative decoding: word for word, and in distribution."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from course.exercises.checking import call, describe, fresh_generator, require


def speculative_decoding(answer: Any) -> str:
    """4.7: token by token as specified, and the distribution is the target's."""
    g = fresh_generator()
    words, n = 5, 3
    for case in range(40):
        p, q = _probs(g, n + 1, words), _probs(g, n, words)
        if case % 4 == 0:
            q = p[:n].clone()
        drafted = torch.multinomial(q, 1, generator=g)[:, 0].tolist()
        uniform = torch.rand(n + 1, generator=g, dtype=torch.float64)
        found = call(answer, p, q, list(drafted), uniform)
        require(
            isinstance(found, list), f"A list of words is asked for; this is {describe(found)}."
        )
        sizes = f"p of shape ({n + 1}, {words}), q of shape ({n}, {words})"
        if case % 4 == 0:
            require(
                found[:n] == drafted,
                f"With {sizes} and q equal to p, every drafted word should be accepted.",
            )
            require(
                len(found) == n + 1,
                f"With {sizes} and all {n} drafted words accepted, one more word comes for free: "
                f"the last row of p. This gives {len(found)} words.",
            )
        expected = speculate(p, q, drafted, uniform)
        require(
            len(found) == len(expected),
            f"With {sizes}: {len(found)} words come out where {len(expected)} should. Word i is "
            "accepted with probability min(1, p/q), and after the first refusal comes one word "
            "more, and then nothing.",
        )
        require(
            found == expected,
            f"With {sizes}: the number of words is right, and a word is not. What is drawn after a "
            "refusal makes up for what was accepted too rarely: what p has and q has not.",
        )
    _identical(answer, g)
    return (
        "Word for word in 40 random cases, and in 4,000 drawings the words come out as often as "
        "the target says. Notice that the draft decides only how fast it goes, never what comes "
        "out."
    )


def _identical(answer: Any, g: torch.Generator) -> None:
    p = torch.tensor([[0.5, 0.3, 0.2], [1 / 3, 1 / 3, 1 / 3]], dtype=torch.float64)
    q = torch.tensor([[0.1, 0.2, 0.7]], dtype=torch.float64)
    drawn = torch.multinomial(q[0], 4000, replacement=True, generator=g).tolist()
    uniform = torch.rand(4000, 2, generator=g, dtype=torch.float64)
    counts = torch.zeros(3, dtype=torch.float64)
    for word, pair in zip(drawn, uniform, strict=True):
        counts[call(answer, p, q, [word], pair)[0]] += 1
    off = float((counts / 4000 - p[0]).abs().max())
    require(
        off < 0.05,
        "Drawn 4,000 times with p = 0.5, 0.3, 0.2 and q = 0.1, 0.2, 0.7, the first word does not "
        f"come out as p says: off by {off:.2f}.",
    )


def _probs(g: torch.Generator, *shape: int) -> Tensor:
    return (2 * torch.randn(*shape, generator=g, dtype=torch.float64)).softmax(-1)


def speculate(p: Tensor, q: Tensor, drafted: Sequence[int], uniform: Tensor) -> list[int]:
    """Speculative decoding (Leviathan et al. 2023, algorithm 1) for given random numbers."""
    tokens: list[int] = []
    for i, token in enumerate(drafted):
        if uniform[i] * q[i, token] >= p[i, token]:
            return [*tokens, inverted((p[i] - q[i]).clamp(min=0), uniform[-1])]
        tokens.append(token)
    return [*tokens, inverted(p[len(drafted)], uniform[-1])]


def inverted(weights: Tensor, uniform: Tensor) -> int:
    """Draw from unnormalised weights with one uniform number."""
    cumulative = weights.cumsum(0)
    found = torch.searchsorted(cumulative, uniform * cumulative[-1], right=True)
    return min(int(found), len(weights) - 1)
