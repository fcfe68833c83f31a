"""Figures "families" and "which architecture?": cards and a flowchart with C16's and C17's numbers.

Both take every number from the records (chapter 9).
"""

import html
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import torch

from course import experiments, results
from course.figures.base import Figure
from course.ops.masks import causal_mask, prefix_mask

Interval = list[float]
"""A mean over the seeds, and the ends of its 95% interval."""

TASKS = {
    "classify": ("sentiment", "entities"),
    "generate": ("stories",),
    "transduce": ("translation", "answers", "summaries"),
}
KIND_OF = {task: kind for kind, tasks in TASKS.items() for task in tasks}
ARTICLE = {"classify": "encoder", "generate": "decoder", "transduce": "encoder-decoder"}
"""Which family the article names for each kind of task."""
FAMILIES = ("encoder", "decoder", "encoder-decoder", "prefix")
DEEP = "encoder-decoder-deep"
MARKS = {"sentiment": "linear", "entities": "linear", "stories": "grammar"}
WORDS, GIVEN = 7, 4
LABELS = {
    "head": ("head-decoder-large-3200", "decoder"),
    "words": ("words-single-large-3200.seen.free", "decoder"),
    "mixture": ("words-mixture-large-3200.seen.free", "decoder"),
}
"""Rows of C17, by their keys in its summary, and the family whose card has them."""
CAVEATS = {
    "classify": "no pretraining here",
    "generate": "short stories of a grammar",
    "transduce": "the encoder knew the length",
}


class Families(Figure):
    """A card for each family: its mask, what it learns to guess, and what it scored."""

    kind = "families"

    def __init__(self):
        found = _summaries()
        self.scores = {family: list(_card(found, family)) for family in FAMILIES}
        rows = [
            [family + (", twice as deep" if each["deep"] else ""), each["task"], *each["interval"]]
            for family, scores in self.scores.items()
            for each in scores
        ]
        masks = {
            "encoder": torch.ones(WORDS, WORDS, dtype=torch.bool),
            "decoder": causal_mask(WORDS),
            "encoder-decoder": prefix_mask(WORDS, GIVEN),
            "prefix": prefix_mask(WORDS, GIVEN),
        }
        cards = [
            {
                "family": family,
                "mask": masks[family].int(),
                "split": GIVEN if family == "encoder-decoder" else 0,
                "scores": scores,
            }
            for family, scores in self.scores.items()
        ]
        marks = {task: found[f"{task}.{name}"] for task, name in MARKS.items()}
        marks |= dict.fromkeys(("head", *LABELS), found["bag-3200"])
        super().__init__(
            alt="Four cards, each with a mask, an objective and scores: "
            + "; ".join(f"{family} {_told(scores)}" for family, scores in self.scores.items())
            + ".",
            caption="Choose what is to be done, and which cards to compare. Means and 95% "
            "intervals over the seeds, from the records of C16 and C17: each family trained from "
            "scratch, at equal size.",
            table={"columns": ["family", "task", "score", "low", "high"], "rows": rows},
            data={"cards": cards, "article": ARTICLE, "tasks": TASKS, "marks": marks},
        )

    def fallback(self) -> str:
        """Return a list of the cards with their scores."""
        return _list(f"{family}: {_told(scores)}" for family, scores in self.scores.items())


class WhichArchitecture(Figure):
    """The article's flowchart, each end with the margin that was measured, scores and a caveat."""

    kind = "which-architecture"

    def __init__(self):
        found = _summaries()
        ends = {task: _end(found, task) for task in KIND_OF}
        rows = [
            [kind, ARTICLE[kind], task, equal, *interval, CAVEATS[kind]]
            for task, kind in KIND_OF.items()
            for equal, interval in ends[task]["margins"].items()
        ]
        self.paths = [
            f"{kind}, {task}: the article says {ARTICLE[kind]}; margins at equal parameters "
            f"{_signed(ends[task]['margins']['parameters'])} and at equal operations "
            f"{_signed(ends[task]['margins']['operations'])}; mind: {CAVEATS[kind]}"
            for task, kind in KIND_OF.items()
        ]
        super().__init__(
            alt="Flowchart from “What comes first?” to six ends. " + ". ".join(self.paths) + ".",
            caption="Answer both questions, and see what the article's choice is worth. Margins "
            "are C16's: the article's own family less the better of the other two, mean and 95% "
            "interval over the seeds.",
            table={
                "columns": [
                    "first priority",
                    "the article",
                    "task",
                    "equal",
                    "margin",
                    "low",
                    "high",
                    "caveat",
                ],
                "rows": rows,
            },
            data={
                "tasks": TASKS,
                "ends": ends,
                "labels": {name: _interval(found, key) for name, (key, _) in LABELS.items()},
            },
        )

    def fallback(self) -> str:
        """Return a list of the paths with their evidence."""
        return _list(self.paths)


@cache
def _summaries() -> Mapping[str, float]:
    """The summaries of C16 (those of summaries under `summaries.`) and C17."""
    found: dict[str, float] = {}
    for name, prefix in (("c16_families", ""), ("c16_summaries", "summaries."), ("c17_labels", "")):
        summary = experiments.get(name).summary(results.load(name).rows)
        found |= {prefix + key: value for key, value in summary.items()}
    return found


def _interval(found: Mapping[str, float], key: str) -> Interval:
    return [found[f"{key}{end}"] for end in ("", ".low", ".high")]


def _card(found: Mapping[str, float], family: str) -> Iterable[dict[str, Any]]:
    """The scores on a family's card, task by task; C17's stand with the moods."""
    arms = (family, DEEP) if family == "encoder-decoder" else (family,)
    for task, kind in KIND_OF.items():
        for arm in arms:
            interval = _interval(found, f"{task}.{arm}")
            yield {"task": task, "kind": kind, "deep": arm == DEEP, "interval": interval}
    labels = dict(LABELS)
    if family == "encoder":
        labels = {"head": ("head-encoder-large-3200", "encoder")}
    for name, (key, owner) in labels.items():
        if owner == family:
            interval = _interval(found, key)
            yield {"task": name, "kind": "classify", "deep": False, "interval": interval}


def _end(found: Mapping[str, float], task: str) -> dict[str, Any]:
    """What stands at the end of a path: margins, scores of all families, a mark, the verdict."""
    record = "c16_summaries" if task == "summaries" else "c16_families"
    return {
        "margins": {
            equal: _interval(found, f"{task}.{equal}") for equal in ("parameters", "operations")
        },
        "scores": [
            {"family": family, "interval": _interval(found, f"{task}.{family}")}
            for family in (*FAMILIES, DEEP)
        ],
        "mark": found[f"{task}.{MARKS[task]}"] if task in MARKS else None,
        "claim": "C16, summaries" if task == "summaries" else "C16",
        "verdict": results.verdict(record),
    }


def _told(scores: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(
        f"{each['task']}{' twice as deep' if each['deep'] else ''} {each['interval'][0]:.2f}"
        for each in scores
    )


def _signed(interval: Interval) -> str:
    mean, low, high = interval
    return f"{mean:+.3f} ({low:+.3f} to {high:+.3f})"


def _list(items: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{html.escape(item)}</li>' for item in items)}</ul>"
