"""Figure "Beam tree": a language small enough to list, searched live (chapter 4).

Because all that the language can say is listed, the exact best is really the best, whatever the
length penalty is; the search is the browser's own (`course/browser/search.mjs`).
"""

import html
import math
from collections.abc import Mapping
from typing import Any

from course.decoding import LengthPenalty
from course.errors import CourseError
from course.figures.base import Figure

Table = Mapping[str, Mapping[str, float]]
"""After each word, how probable is each next one; "start" begins and "end" ends a sentence."""

START, END = "start", "end"
EIGHT_WORDS: Table = {
    "start": {"un": 0.27, "des": 0.26, "non": 0.24, "le": 0.23},
    "un": {"chat": 0.4, "dort": 0.3, "end": 0.3},
    "des": {"chats": 0.4, "dorment": 0.3, "end": 0.3},
    "le": {"chat": 0.95, "end": 0.05},
    "chat": {"dort": 0.9, "end": 0.1},
    "chats": {"dorment": 0.8, "end": 0.2},
    "dort": {"end": 1.0},
    "dorment": {"end": 1.0},
    "non": {"end": 1.0},
}
"""Three decoys before the best first word, and a short way out: width and length penalty decide."""


def said_by(table: Table) -> dict[tuple[str, ...], float]:
    """Return every sentence of a language with its probability.

    Raises:
        CourseError: if what follows a word isn't told, holds a probability that isn't above 0, or
            doesn't sum to one, or if a word can come twice.
    """
    words = {START, *(word for following in table.values() for word in following)} - {END}
    if untold := [word for word in words if word not in table]:
        raise CourseError(f"The language doesn't say what follows {untold[0]!r}.")
    for word, following in table.items():
        if not all(p > 0 for p in following.values()):
            raise CourseError(f"After {word!r} a probability isn't above 0: leave that word out.")
        if abs(sum(following.values()) - 1) > 1e-9:
            raise CourseError(f"The probabilities after {word!r} don't sum to 1.")
    found: dict[tuple[str, ...], float] = {}
    open_ones: list[tuple[tuple[str, ...], float]] = [((START,), 1.0)]
    while open_ones:
        said, p = open_ones.pop()
        for word, q in table[said[-1]].items():
            if word in said:
                raise CourseError(f"{word!r} can come twice: such a language can't be listed.")
            if word == END:
                found[said[1:]] = p * q
            else:
                open_ones.append(((*said, word), p * q))
    return found


class BeamTree(Figure):
    """Beam search of a few small languages, to be stepped, widened, and penalised by length.

    Args:
        tables: the languages, by name.
        beam: the width at first.
        alpha: the exponent of the length penalty at first (`LengthPenalty`, "average").

    Raises:
        CourseError: if there is no language, one can't be listed, the beam is below 1, or alpha is
            out of its range.
    """

    kind = "beam-tree"

    def __init__(self, tables: Mapping[str, Table], *, beam: int = 1, alpha: float = 0.0):
        if not tables or beam < 1:
            raise CourseError("A beam tree needs a language, and a beam of at least 1.")
        LengthPenalty(alpha=alpha)  # which refuses what no penalty can be
        self.all = {name: said_by(table) for name, table in tables.items()}
        name, first = next(iter(self.all.items()))
        best = max(first, key=lambda said: first[said])
        super().__init__(
            alt=f"Tree of a beam search through the language “{name}”. Of its {len(first)} "
            f"sentences the most probable is “{' '.join(best)}”, {first[best]:.3g}.",
            caption="Widen the beam, or step back. Columns are steps, the best candidate on "
            "top; the number is the score. G: greedy’s path. ★: the best of "
            "all sentences, found by listing them.",
            table={
                "columns": ["language", "sentence", "probability", "score, α = 1"],
                "rows": [
                    [name, " ".join(said), p, LengthPenalty().score(math.log(p), len(said) + 1)]
                    for name, sentences in self.all.items()
                    for said, p in sorted(sentences.items(), key=lambda each: -each[1])
                ],
            },
            data={
                "languages": [_language(name, table) for name, table in tables.items()],
                "beam": beam,
                "alpha": alpha,
            },
        )

    def fallback(self) -> str:
        """Return all that the first language can say, the most probable first."""
        first = next(iter(self.all.values()))
        items = (
            f'<li><span lang="fr">{html.escape(" ".join(said))}</span>: {p:.3g}</li>'
            for said, p in sorted(first.items(), key=lambda each: -each[1])
        )
        return f"<ol>{''.join(items)}</ol>"


def _language(name: str, table: Table) -> dict[str, Any]:
    words = list(dict.fromkeys([START, END, *table, *(w for row in table.values() for w in row)]))
    return {"name": name, "start": START, "end": END, "words": words, "next": table}
