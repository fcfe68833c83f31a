"""What the checks of chapter 4 compare with: small searches over languages made of a table."""

from collections.abc import Iterator

import torch
from torch import Tensor


def random_log_probs(g: torch.Generator, *shape: int) -> Tensor:
    """Log-probabilities over the last axis, clearly unequal."""
    return (2 * torch.randn(*shape, generator=g, dtype=torch.float64)).log_softmax(-1)


def brute_force(table: Tensor, limit: int) -> list[tuple[float, list[int]]]:
    """All finished sequences of a bigram table, as (log-probability, words).

    Row 0 holds the first word's log-probabilities, column 0 those of the end.
    """
    found, unfinished = [], [(0.0, [])]
    for _ in range(limit):
        grown = []
        for log_prob, words in unfinished:
            row = table[words[-1] if words else 0]
            for word, each in enumerate(row.tolist()):
                more = (log_prob + each, [*words, word])
                (grown if word else found).append(more)
        unfinished = grown
    return found


def table_search(
    table: Tensor, k: int, limit: int, *, stay: bool = False, mean: bool = True
) -> list[int]:
    """Beam search over a bigram table: the right one, or one with a known mistake.

    Args:
        table: as for `brute_force`.
        k: the width.
        limit: the most tokens, the end included.
        stay: leave finished hypotheses in the beam and extend them, which is wrong.
        mean: choose by the mean log-probability of a token rather than by the sum.

    Returns:
        The words of the best finished hypothesis, the end included; empty if there is none.
    """
    beam, finished = [(0.0, [])], []
    for _ in range(limit):
        grown = [
            (log_prob + each, [*words, word])
            for log_prob, words in beam
            for word, each in enumerate(table[words[-1] if words else 0].tolist())
        ]
        grown = sorted(grown, reverse=True)[:k]
        finished += [each for each in grown if each[1][-1] == 0]
        beam = grown if stay else [each for each in grown if each[1][-1] != 0]
    if not finished:
        return []
    return max(finished, key=lambda each: each[0] / (len(each[1]) if mean else 1))[1]


def telling_tables(
    g: torch.Generator, mistake: dict[str, bool]
) -> Iterator[tuple[tuple[Tensor, int, int], list[int]]]:
    """Languages in which a mistake changes the result, and what it is then."""
    for k in (2, 3, 2):
        while True:
            case = (random_log_probs(g, 5, 5), k, 5)
            right, wrong = table_search(*case), table_search(*case, **mistake)
            alone = "stay" in mistake or right == table_search(*case, stay=True)
            if right and right != wrong and alone:
                yield case, wrong
                break
