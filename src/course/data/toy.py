"""Small tasks with one answer: copy, reverse, dates, a signal, a summary (chapters 1 and 2).

Symbols are ids from 4 on, after PAD, BOS, EOS and UNK, as in every vocabulary of the course.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from course.data import grammar
from course.data.batching import Encoded
from course.data.pairs import Pair

FIRST_SYMBOL = 4
MONTHS = (
    "January February March April May June July August September October November December".split()
)
DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _sequences(
    n: int, symbols: int, lengths: tuple[int, int], generator: torch.Generator
) -> list[list[int]]:
    low, high = lengths
    sizes = torch.randint(low, high + 1, (n,), generator=generator).tolist()
    ids = torch.randint(
        FIRST_SYMBOL, FIRST_SYMBOL + symbols, (sum(sizes),), generator=generator
    ).tolist()
    rows, start = [], 0
    for size in sizes:
        rows.append(ids[start : start + size])
        start += size
    return rows


def copy(n: int, symbols: int, *, lengths: tuple[int, int], generator: torch.Generator) -> Encoded:
    """Sequences to be written as they are.

    Args:
        n: number of sequences.
        symbols: number of different symbols; the vocabulary has `4 + symbols` entries.
        lengths: shortest and longest length, both included; lengths are uniform.
        generator: source of randomness.
    """
    rows = _sequences(n, symbols, lengths, generator)
    return Encoded(rows, [list(row) for row in rows])


def reverse(
    n: int, symbols: int, *, lengths: tuple[int, int], generator: torch.Generator
) -> Encoded:
    """Sequences to be written backwards; arguments as in `copy`."""
    rows = _sequences(n, symbols, lengths, generator)
    return Encoded(rows, [row[::-1] for row in rows])


def _ordinal(day: int) -> str:
    ending = "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _written(year: int, month: int, day: int, form: int) -> str:
    name = MONTHS[month - 1]
    return (
        f"the {_ordinal(day)} of {name} {year}",
        f"{day} {name} {year}",
        f"{name} {day}, {year}",
        f"{name} the {_ordinal(day)}, {year}",
        f"{day} {name[:3]} {year}",
        f"{day:02d}/{month:02d}/{year}",
    )[form]


def dates(n: int, *, generator: torch.Generator) -> list[Pair]:
    """Dates written in six ways, and in ISO form: "the 3rd of May 2021" -> "2021-05-03".

    Days are 1900 to 2099, without the 29th of February; "03/05/2021" is day/month/year.
    """
    pairs = []
    for _ in range(n):
        year, month, day, form = (
            int(torch.randint(high, (), generator=generator)) for high in (200, 12, 2**20, 6)
        )
        year, month, day = 1900 + year, 1 + month, 1 + day % DAYS_IN_MONTH[month]
        pairs.append(Pair(_written(year, month, day, form), f"{year}-{month:02d}-{day:02d}"))
    return pairs


def signal(
    n: int,
    symbols: int,
    *,
    lengths: tuple[int, int],
    generator: torch.Generator,
    frames: tuple[int, int] = (3, 7),
    noise: float = 0.1,
) -> tuple[list[Float[Tensor, "..."]], list[list[int]]]:
    """A taste of speech: each symbol sounds as a level held for a varying number of noisy frames.

    The frames are many more than the symbols and nothing marks where one symbol ends, except that
    neighbours differ. Symbol k of K sounds at level (k + 1) / K, silence at 0.

    Args:
        n: number of signals.
        symbols: number of different symbols, at least 2.
        lengths: shortest and longest sequence of symbols.
        generator: source of randomness.
        frames: shortest and longest duration of a symbol in frames.
        noise: standard deviation of the noise, in units of the highest level.

    Returns:
        The signals, float32 of one value per frame, and the symbol ids of each.
    """
    signals, targets = [], []
    for row in _sequences(n, symbols, lengths, generator):
        ids: list[int] = []
        for symbol in row:  # neighbours must differ, or a repeated symbol could not be heard
            if ids and symbol == ids[-1]:
                symbol = FIRST_SYMBOL + (symbol - FIRST_SYMBOL + 1) % symbols
            ids.append(symbol)
        levels = (torch.tensor(ids, dtype=torch.float32) - FIRST_SYMBOL + 1) / symbols
        durations = torch.randint(frames[0], frames[1] + 1, (len(ids),), generator=generator)
        clean = torch.repeat_interleave(levels, durations)
        signals.append(clean + noise * torch.randn(len(clean), generator=generator))
        targets.append(ids)
    return signals, targets


def quantise(signal: Float[Tensor, " T"], levels: int) -> list[int]:
    """A signal as symbol ids: each frame is rounded to one of `levels` steps between 0 and 1."""
    steps = (signal.clamp(0, 1) * (levels - 1)).round().long()
    return (steps + FIRST_SYMBOL).tolist()


def summaries(n: int, *, generator: torch.Generator, sentences: int = 3) -> list[Pair]:
    """Several sentences about one person, and the one sentence that says the same.

    "Paul buys a hat. Paul sleeps. Paul visits Rome." -> "Paul buys a hat, sleeps and visits Rome."
    """
    pairs = []
    for _ in range(n):
        name, parts = _about_one(sentences, generator)
        text = " ".join(f"{name} {part}." for part in parts)
        pairs.append(Pair(text, f"{name} {', '.join(parts[:-1])} and {parts[-1]}."))
    return pairs


def _about_one(sentences: int, generator: torch.Generator) -> tuple[str, list[str]]:
    """A name, and things that the grammar says of somebody in the present tense."""
    name, parts = "", []
    while len(parts) < sentences:
        for drawn in grammar.deeds(8, generator=generator):
            first, _, rest = drawn.partition(" ")
            name = name or first
            if rest not in parts and len(parts) < sentences:
                parts.append(rest)
    return name, parts
