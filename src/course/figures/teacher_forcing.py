"""Figure "Teacher forcing": one sentence written on own words and on the reference's (chapter 3).

Any word can be replaced, and what follows is what the model writes. All that it would write is
recorded when the figure is made, from the model that it is given.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from course.data.batching import collate, source_batch
from course.data.tokenizer import BOS, EOS, Tokenizer
from course.decoding import greedy
from course.decoding.forcing import force_decode
from course.errors import CourseError
from course.experiments import slips
from course.figures.base import Figure
from course.models.interface import SequenceModel
from course.runtime import generator

KINDS = ("second", "third", "random")
"""Mistakes to plant: the second and the third choice of the model at that place, another word."""
REPEATED = 3
"""An output without an end is cut; this many times the reference's length is enough to see it."""


class Written(NamedTuple):
    """An output: tokens (the end token last, unless it was cut off) and their probabilities."""

    tokens: list[int]
    probabilities: list[float]


@dataclass(frozen=True)
class Planted:
    """One mistake: where, which kind, and the whole output with the mistake in it."""

    place: int
    kind: str
    output: Written


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
            caption="Every answer is the model's own, computed when this page was made. Small: "
            "the probability that it gave to the word. Underlined: not in the reference, by the "
            "alignment of fewest edits.",
            table={
                "columns": ["sentence", "place", "written", "planted", "what follows", "missed"],
                "rows": list(self._rows()),
            },
            data={"sentences": self.sentences, "kinds": list(KINDS)},
        )

    def costs(self) -> dict[str, float]:
        """Return how many more reference words are missed behind a second choice, on average.

        Teacher-forced nothing behind a mistake can change, for the next word read is the
        reference's.
        """
        more = [
            each["missed"] - sentence["free"]["missed"]
            for sentence in self.sentences
            for each in sentence["planted"]
            if each["kind"] == KINDS[0]
        ]
        return {"free": sum(more) / len(more), "forced": 0.0}

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

    def _rows(self) -> Any:
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
        rows = (
            f'<tr><th scope="row">{html.escape(name)}</th><td>{html.escape(" ".join(words))}</td></tr>'
            for name, words in lines.items()
        )
        return f"<table><tbody>{''.join(rows)}</tbody></table>"


@torch.no_grad()
def teacher_forced(
    model: SequenceModel, src: list[list[int]], tgt: list[list[int]]
) -> list[Written]:
    """Return what the model prefers at each place while it reads the reference.

    Args:
        model: the model.
        src: token ids of the sources.
        tgt: of the references.
    """
    batch = collate(src, tgt)
    log_probs = force_decode(model, batch.src, batch.src_mask, batch.tgt_in).log_probs
    best = choices(log_probs)
    found = []
    for i, row in enumerate(tgt):
        tokens = best[i, : len(row) + 1, 0].tolist()
        probabilities = log_probs[i, range(len(tokens)), tokens].exp().tolist()
        found.append(Written(tokens, probabilities))
    return found


def choices(log_probs: Float[Tensor, "*places V"]) -> Tensor:
    """Return the tokens by falling probability; those that can't be written come last."""
    ranked = log_probs.clone()
    ranked[..., : EOS] = float("-inf")
    ranked[..., EOS + 1] = float("-inf")  # an unknown word is no word
    return ranked.argsort(dim=-1, descending=True, stable=True)


@torch.no_grad()
def write(
    model: SequenceModel,
    src: list[list[int]],
    tgt: list[list[int]],
    begun: list[list[int]] | None = None,
) -> list[Written]:
    """Return the whole outputs, greedy, each behind what the model is made to write first.

    Args:
        model: the model.
        src: token ids of the sources.
        tgt: of the references, whose lengths limit the outputs.
        begun: what the model is made to write first; nothing by default.
    """
    begun = begun or [[] for _ in src]
    whole: list[list[int]] = [[] for _ in src]
    for size in sorted({len(each) for each in begun}):
        rows = [i for i, each in enumerate(begun) if len(each) == size]
        ids, mask = source_batch([src[i] for i in rows])
        prefix = torch.tensor([[BOS, *begun[i]] for i in rows])
        limits = [max(REPEATED * len(tgt[i]) - size, 1) for i in rows]
        written = greedy(model, ids, mask, max_length=limits, prefix=prefix)
        for i, hypothesis in zip(rows, written, strict=True):
            whole[i] = [*begun[i], *hypothesis.tokens, *([EOS] * hypothesis.finished)]
    batch = collate(src, whole)  # all once more, for the probability of each word
    log_probs = force_decode(model, batch.src, batch.src_mask, batch.tgt_in).log_probs
    return [
        Written(row, log_probs[i, range(len(row)), row].exp().tolist())
        for i, row in enumerate(whole)
    ]


def plant_everywhere(
    model: SequenceModel,
    src: list[int],
    tgt: list[int],
    free: Written,
    *,
    words: Sequence[int],
    seed: int,
) -> list[Planted]:
    """Return what follows each kind of mistake at each place of a free-running output.

    Args:
        model: the model.
        src: token ids of the source.
        tgt: of the reference.
        free: what the model writes by itself.
        words: where random words are drawn from.
        seed: of the random words.
    """
    own = [token for token in free.tokens if token != EOS]
    batch = collate([src], [own])
    with torch.no_grad():
        log_probs = force_decode(model, batch.src, batch.src_mask, batch.tgt_in).log_probs
    ranked = choices(log_probs)[0].tolist()
    source = generator(seed, "teacher forcing", *own)
    spots = []
    for place, token in enumerate(own):
        second, third = [each for each in ranked[place] if each not in (token, EOS)][:2]
        others = [word for word in words if word not in (token, second, third)]
        drawn = others[int(torch.randint(len(others), (1,), generator=source))]
        spots += [(place, *pair) for pair in zip(KINDS, (second, third, drawn), strict=True)]
    begun = [[*own[:place], wrong] for place, _, wrong in spots]
    outputs = write(model, [src] * len(spots), [tgt] * len(spots), begun)
    return [
        Planted(place, kind, output)
        for (place, kind, _), output in zip(spots, outputs, strict=True)
    ]


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
