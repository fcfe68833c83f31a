"""Language models that count: interpolated Kneser–Ney with three discounts (chapter 9).

The best of the smoothed n-grams: Chen and Goodman (1999), "An empirical study of smoothing
techniques for language modeling", section 3 ("modified Kneser–Ney").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from course.errors import CourseError

Ids = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class _Table:
    """What was counted of one length: grams as numbers in base V, sorted."""

    grams: Ids
    kept: Numbers  # of each gram, its count less the discount
    contexts: Ids
    totals: Numbers  # of each context, the sum of its counts
    freed: Numbers  # of each context, the sum of the discounts: what the shorter context gets


class NGrams:
    r"""For each n up to `longest`, the probability of a symbol after the n − 1 before it.

    $p_n(w|h) = \frac{\max(c(hw) - D, 0)}{c(h)} + γ(h)\,p_{n-1}(w|h')$, where h' is h without its
    first symbol and D depends on whether c(hw) is 1, 2 or more. The longest grams are counted as
    they stand; of shorter ones it counts before how many different symbols they end. Below one
    symbol all are equally probable, so nothing has probability 0.

    Args:
        text: symbols as numbers.
        symbols: V, how many different ones there may be.
        longest: the largest n.

    Raises:
        CourseError: if the text is too short, or V to the power of n leaves 63 bits.
    """

    def __init__(self, text: Ids, *, symbols: int, longest: int):
        if not 1 <= longest < len(text):
            raise CourseError(f"No {longest}-grams can be counted in {len(text)} symbols.")
        if symbols**longest >= 2**63:
            raise CourseError(f"{longest}-grams of {symbols} symbols have no number of 63 bits.")
        self.symbols, self.longest = symbols, longest
        counted = [
            np.unique(_codes(text, n, symbols), return_counts=True) for n in range(1, longest + 1)
        ]
        self._whole = [_table(grams, counts, symbols) for grams, counts in counted]
        self._continued = [
            _table(*np.unique(grams % symbols**n, return_counts=True), symbols)
            for n, (grams, _) in enumerate(counted[1:], start=1)
        ]

    def surprisal(self, text: Ids, start: int) -> list[Numbers]:
        """Nats of each of `text[start:]` for n = 1, 2, … , all before it being known.

        Raises:
            CourseError: if the first has fewer symbols before it than the largest n asks for.
        """
        if start < self.longest - 1:
            raise CourseError(f"{self.longest}-grams need {self.longest - 1} symbols to start.")
        found = []
        shorter = np.full(len(text) - start, 1 / self.symbols)
        for n in range(1, self.longest + 1):
            codes = _codes(text[start - n + 1 :], n, self.symbols)
            found.append(-np.log(self._blend(self._whole[n - 1], codes, shorter)))
            if n < self.longest:
                shorter = self._blend(self._continued[n - 1], codes, shorter)
        return found

    def _blend(self, table: _Table, codes: Ids, shorter: Numbers) -> Numbers:
        """The probabilities of one length from those of the next shorter one."""
        gram, seen = _places(table.grams, codes)
        context, known = _places(table.contexts, codes // self.symbols)
        own = np.where(seen, table.kept[gram], 0.0)
        blended = (own + table.freed[context] * shorter) / table.totals[context]
        return np.where(known, blended, shorter)


def _codes(text: Ids, n: int, symbols: int) -> Ids:
    """Each n neighbours as one number in base V."""
    windows = np.lib.stride_tricks.sliding_window_view(text, n)
    return windows @ (symbols ** np.arange(n - 1, -1, -1, dtype=np.int64))


def _table(grams: Ids, counts: Ids, symbols: int) -> _Table:
    contexts, where = np.unique(grams // symbols, return_inverse=True)
    discounts = _discounts(counts)[np.minimum(counts, 3)]
    return _Table(
        grams=grams,
        kept=counts - discounts,
        contexts=contexts,
        totals=np.bincount(where, counts),
        freed=np.bincount(where, discounts),
    )


def _discounts(counts: Ids) -> Numbers:
    """What is taken from counts of 0, 1, 2, and 3 or more: Chen and Goodman (1999), equation 26."""
    once, twice, thrice, four = (float((counts == k).sum()) for k in (1, 2, 3, 4))
    if not (once and twice and thrice):  # so few different grams that none is rare
        return np.array([0, 0.5, 0.5, 0.5])
    share = once / (once + 2 * twice)
    found = [1 - 2 * share * twice / once, 2 - 3 * share * thrice / twice]
    found.append(3 - 4 * share * four / thrice)
    # none below 0 or above the count itself
    return np.array([0, *(min(max(d, 0.0), k) for k, d in enumerate(found, start=1))])


def _places(known: Ids, asked: Ids) -> tuple[Ids, NDArray[np.bool_]]:
    """Where each number stands in a sorted list, and whether it does."""
    place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return place, known[place] == asked
