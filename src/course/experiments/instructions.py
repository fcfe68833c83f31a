"""Tasks put into words, for C17 (chapter 9): some wordings to learn, others held out.

A *reading* names a task and its label words: "sentiment" is answered "positive" or "negative",
"mood", the same task, "good" or "bad". A *form* asks for a reading: by its noun ("name the mood."),
by its options ("good or bad?") or by both. A *frame* puts sentence and question together. The three
give a template; an instruction mixture learns many at once (Wei et al. 2022, "Finetuned language
models are zero-shot learners"; Sanh et al. 2022).

Templates of three levels are tested: *seen*; *recombined*, a form that was learnt with other
readings only; and *reworded*, a form that was never learnt, with words that no template has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from course.data.grammar.labels import Labels

Task = Literal["sentiment", "tense", "kind", "person"]
Level = Literal["seen", "recombined", "reworded"]
LEVELS: tuple[Level, ...] = ("seen", "recombined", "reworded")
LABELS: dict[Task, tuple[str, ...]] = {
    "sentiment": ("positive", "negative"),
    "tense": ("past", "pres", "fut"),
    "kind": ("statement", "question"),
    "person": ("some", "none"),
}


@dataclass(frozen=True)
class Reading:
    """A name of a task and its label words, in the order of `LABELS`."""

    task: Task
    noun: str
    words: tuple[str, ...]

    @property
    def options(self) -> str:
        """All label words, as in "past, present or future"."""
        return ", ".join(self.words[:-1]) + f" or {self.words[-1]}"


READINGS = (
    Reading("sentiment", "sentiment", ("positive", "negative")),
    Reading("sentiment", "mood", ("good", "bad")),
    Reading("tense", "tense", ("past", "present", "future")),
    Reading("tense", "time", ("before", "now", "later")),
    Reading("kind", "kind", ("statement", "question")),
    Reading("kind", "purpose", ("telling", "asking")),
    Reading("person", "naming", ("named", "unnamed")),
    Reading("person", "company", ("somebody", "nobody")),
)
FORMS = (
    "what is the {noun}?",
    "name the {noun}.",
    "is the {noun} {options}?",
    "{options}?",
    "is it {options}?",
    "choose the {noun}: {options}.",
)
REWORDED = (
    "tell us which {noun} fits.",
    "would you say {options}?",
    "please decide between {options}.",
    "its {noun}, please!",
)
FRAMES = (
    ("", "{question} answer:"),
    ("{question}", "answer:"),
    ("sentence: ", "question: {question} answer:"),
    ("{question} sentence:", "label:"),
)
"""What stands before the sentence, and what behind it."""


@dataclass(frozen=True)
class Template:
    """A task in words: what stands before the sentence and behind it; the label word comes next."""

    reading: Reading
    before: str
    after: str


def template(reading: Reading, form: str, frame: int) -> Template:
    """Returns a task in words.

    Args:
        reading: The task and its label words.
        form: How it is asked for, as in `FORMS`.
        frame: Which of `FRAMES`.
    """
    question = form.format(noun=reading.noun, options=reading.options)
    before, after = (part.format(question=question) for part in FRAMES[frame])
    return Template(reading, before, after)


def held_out(form: int, reading: int) -> bool:
    """Whether a form is never learnt with a reading: one pair in three, fixed.

    Args:
        form: Which of `FORMS`.
        reading: Which of `READINGS`.
    """
    return (form + reading) % 3 == 0


def learnt(task: Task) -> tuple[Template, ...]:
    """Returns all templates of a task that the mixture learns.

    Args:
        task: Which.
    """
    return tuple(
        template(reading, form, frame)
        for r, reading in enumerate(READINGS)
        for f, form in enumerate(FORMS)
        for frame in range(len(FRAMES))
        if reading.task == task and not held_out(f, r)
    )


def tested(level: Level) -> tuple[Template, ...]:
    """Returns the four templates of a level that ask for the sentiment, two for each reading.

    Args:
        level: Which.
    """
    chosen: list[tuple[int, str]]
    if level == "seen":
        chosen = [(0, FORMS[1]), (0, FORMS[4]), (1, FORMS[0]), (1, FORMS[3])]
    elif level == "recombined":
        pairs = [(r, f) for r in (0, 1) for f in range(len(FORMS)) if held_out(f, r)]
        chosen = [(r, FORMS[f]) for r, f in pairs]
    else:
        chosen = [(i % 2, form) for i, form in enumerate(REWORDED)]
    return tuple(template(READINGS[r], form, i) for i, (r, form) in enumerate(chosen))


SINGLE = tested("seen")[0]
"""The only template of the model that learns one."""


def label(task: Task, labels: Labels) -> int | None:
    """Returns a sentence's label, as an index into `LABELS`; None where the task has none for it.

    Args:
        task: Which.
        labels: Of a sentence of the grammar.
    """
    if task == "person":
        return 0 if any(entity.kind == "person" for entity in labels.entities) else 1
    found = {"sentiment": labels.sentiment, "tense": labels.tense, "kind": labels.kind}[task]
    return LABELS[task].index(found) if found in LABELS[task] else None
