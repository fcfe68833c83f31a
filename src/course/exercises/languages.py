"""What the checks of chapter 4 compare with: small searches over languages made of a table."""

from torch import Tensor


def brute_force(table: Tensor, limit: int) -> list[tuple[float, list[int]]]:
    """All finished sequences of a bigram table: (log-probability, words); row and word 0 are ends.

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


def mean_beam(table: Tensor, k: int, limit: int) -> list[int]:
    """The right search: finished hypotheses leave the beam; the mean over tokens decides."""
    beam, finished = [(0.0, [])], []
    for _ in range(limit):
        grown = [
            (log_prob + each, [*words, word])
            for log_prob, words in beam
            for word, each in enumerate(table[words[-1] if words else 0].tolist())
        ]
        grown = sorted(grown, reverse=True)[:k]
        finished += [each for each in grown if each[1][-1] == 0]
        beam = [each for each in grown if each[1][-1] != 0]
    return max(finished, key=lambda each: each[0] / len(each[1]))[1] if finished else []
