"""Figure "Teacher forcing": one sentence written on own words and on the reference's (chapter 3).

Any word can be replaced, and what follows is what the model writes. All that it would write is
recorded when the figure is made, from the model that it is given.
"""

import html
from collections.abc import Iterator
from typing import Any

from course.data.tokenizer import EOS, Tokenizer
from course.errors import CourseError
from course.experiments import slips
from course.figures.base import Figure
from course.figures.planting import (
    KINDS,
    Planted,
    Written,
    plant_everywhere,
    teacher_forced,
    write,
)
from course.models.interface import SequenceModel


class TeacherForcing(Figure):
    """The same sentences written free-running and teacher-forced, with mistakes to be planted.

    Args:
        model: whose outputs are shown.
        tokenizer: its vocabulary.
        src: token ids of the sources.
        tgt: of the references.
        seed: of the random words.

    Raises:
        CourseError: if there is no sentence.
    """

    kind = "teacher-forcing"

    def __init__(
        self,
        model: SequenceModel,
        tokenizer: Tokenizer,
        src: list[list[int]],
        tgt: list[list[int]],
        *,
        seed: int = 1,
    ):
        if not src:
            raise CourseError("The figure needs at least one sentence.")
        forced, free = teacher_forced(model, src, tgt), write(model, src, tgt)
        words = sorted({token for row in tgt for token in row})
        planted = [
            plant_everywhere(model, *row, words=words, seed=seed)
            for row in zip(src, tgt, free, strict=True)
        ]
        show = _Shower(tokenizer)
        self.sentences = [
            {
                "source": tokenizer.decode(s),
                "text": tokenizer.decode(t),
                "reference": [show.word(token) for token in [*t, EOS]],
                "forced": show.output(f, t, aligned=False),
                "free": show.output(w, t),
                "planted": [show.planted(each, t) for each in p],
            }
            for s, t, f, w, p in zip(src, tgt, forced, free, planted, strict=True)
        ]
        super().__init__(
            alt=self._finding(),
            caption="Press a word to plant a mistake. Every answer is the model's own, computed "
            "when this page was made. Small: the probability that it gave to "
            "the word. Underlined: not in the reference, by the alignment of fewest edits.",
            table={
                "columns": ["sentence", "place", "written", "planted", "what follows", "missed"],
                "rows": list(self._rows()),
            },
            data={"sentences": self.sentences, "kinds": list(KINDS)},
        )

    def costs(self) -> list[int]:
        """Return how many more reference words are missed free-running, for each second choice.

        Teacher-forced it is never more than one, the mistake itself: the next word that is read
        is the reference's, so nothing behind it can change.
        """
        return [
            each["missed"] - sentence["free"]["missed"]
            for sentence in self.sentences
            for each in sentence["planted"]
            if each["kind"] == KINDS[0]
        ]

    def _finding(self) -> str:
        some = max(
            (each for each in self.sentences[0]["planted"] if each["kind"] == KINDS[0]),
            key=lambda each: each["missed"],
        )
        was = self.sentences[0]["free"]["words"][some["place"]]
        return (
            f"“{self.sentences[0]['source']}”, written free-running and teacher-forced. With "
            f"“{some['words'][some['place']]}” planted for “{was}”, the free-running output misses "
            f"{some['missed']} words of the reference, and {self.sentences[0]['free']['missed']} "
            "without it. Teacher-forced nothing behind the planted word changes."
        )

    def _rows(self) -> Iterator[list[Any]]:
        for i, sentence in enumerate(self.sentences, start=1):
            for each in sentence["planted"]:
                if each["kind"] == KINDS[0]:
                    at, words = each["place"], each["words"]
                    was = sentence["free"]["words"][at]
                    yield [i, at + 1, was, words[at], " ".join(words[at + 1 :]), each["missed"]]

    def fallback(self) -> str:
        """Return the first sentence and what one planted mistake does to it, as a table."""
        first = self.sentences[0]
        some = max(first["planted"], key=lambda each: each["missed"])
        lines = {
            "source": [first["source"]],
            "reference": first["reference"],
            "teacher-forced": first["forced"]["words"],
            "free-running": first["free"]["words"],
            f"free-running, “{some['words'][some['place']]}” planted": some["words"],
        }
        cells = {html.escape(name): html.escape(" ".join(words)) for name, words in lines.items()}
        rows = (
            f'<tr><th scope="row">{name}</th><td>{words}</td></tr>' for name, words in cells.items()
        )
        return f"<table><tbody>{''.join(rows)}</tbody></table>"


class _Shower:
    """Turns outputs into what the browser shows."""

    def __init__(self, tokenizer: Tokenizer):
        self.tokenizer = tokenizer

    def word(self, token: int) -> str:
        """The word of a token; the end token is an empty one."""
        return "" if token == EOS else self.tokenizer.decode([token])

    def output(self, written: Written, tgt: list[int], *, aligned: bool = True) -> dict[str, Any]:
        """Words, probabilities in per cent, which words are wrong, how many the reference misses.

        Free-running output is laid beside the reference by the fewest edits; teacher-forced
        answers stand beside it place by place.
        """
        tokens = written.tokens
        if aligned:
            own = [token for token in tokens if token != EOS]
            wrong = [i for i, gone in enumerate(slips.missed(tgt, own)) if gone]
            missed = sum(slips.missed(own, tgt))
        else:
            wrong = [i for i, token in enumerate(tokens) if token != [*tgt, EOS][i]]
            missed = sum(i < len(tgt) for i in wrong)
        return {
            "words": [self.word(token) for token in tokens],
            "percent": [round(100 * p) for p in written.probabilities],
            "wrong": wrong,
            "missed": missed,
        }

    def planted(self, planted: Planted, tgt: list[int]) -> dict[str, Any]:
        """The same for a whole output with a mistake in it."""
        found = self.output(planted.output, tgt)
        return {"place": planted.place, "kind": planted.kind, **found}
