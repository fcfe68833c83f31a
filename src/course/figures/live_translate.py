"""The course's own translators, live in the reader's browser (chapters 2, 4, 5 and 8).

On the site the models run there; in a notebook, which has no files of a site beside it, the figure
shows what was recorded: `translations.json`, made by `tools/record_translations.mjs`.
"""

import html
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from course import results
from course.errors import CourseError
from course.figures.base import Figure
from course.results.records import Record

MODELS = {
    "gru": "tatoeba-en-fr-gru",
    "bahdanau": "tatoeba-en-fr-bahdanau",
    "luong": "tatoeba-en-fr-luong",
    "transformer": "tatoeba-en-fr-transformer",
}
NAMES = {
    "gru": "Classic (GRU)",
    "bahdanau": "Bahdanau",
    "luong": "Luong",
    "transformer": "Transformer",
}
ALL = "all"
BEAM, ALPHA = 4, 1
RECORD = "c01_tatoeba"
RISE = 0.10
"""Errors a word that count as a fall in quality: the smallest effect of claim C1."""


class LiveTranslate(Figure):
    """Translators that the reader can load, type into, and look inside.

    Where the classic one is among them, long sentences bring a warning from the record of claim C1.

    Args:
        models: which of `MODELS` are offered.
        chosen: one of them, or "all" for all side by side; the last one if not given.
        view: what is looked into first, the attention or the tree of the search.
        texts: the recorded sentences that are offered; all if not given.
        caption: one or two sentences below the figure.

    Raises:
        CourseError: if there is no such model, or nothing was recorded.
    """

    kind = "live-translate"

    def __init__(
        self,
        models: Sequence[str] = tuple(MODELS),
        *,
        chosen: str | None = None,
        view: Literal["attention", "tree"] = "attention",
        texts: Sequence[str] | None = None,
        caption: str = "The course's own models. They run in your browser, and nothing that you "
        "type leaves it.",
    ):
        recordings = _recordings(models, texts)
        self.usual = [r for r in recordings if (r["beam"], r["alpha"]) == (BEAM, ALPHA)]
        first = [r for r in self.usual if r["text"] == self.usual[0]["text"]]
        told = "; ".join(f"{_named(r)}: “{r['target']['text']}”" for r in first)
        super().__init__(
            alt=f"“{first[0]['text']}” in French, by beam search. {told}.",
            caption=caption,
            table={
                "columns": ["English", "words", "model", "French", "score"],
                "rows": [
                    [r["text"], len(r["text"].split()), _named(r), r["target"]["text"], r["score"]]
                    for r in self.usual
                ],
            },
            data={
                "models": [MODELS[model] for model in models],
                "chosen": ALL if chosen == ALL else MODELS[chosen or models[-1]],
                "view": view,
                "beam": BEAM,
                "alpha": ALPHA,
                "lengths": error_by_length(results.load(RECORD)) if "gru" in models else None,
                "recordings": recordings,
            },
        )

    def fallback(self) -> str:
        """Return the recorded translations as a table."""
        head = "".join(f'<th scope="col">{name}</th>' for name in ("English", "model", "French"))
        rows = "".join(
            f'<tr><td lang="en">{html.escape(r["text"])}</td><td>{_named(r)}</td>'
            f'<td lang="fr">{html.escape(r["target"]["text"])}</td></tr>'
            for r in self.usual
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def error_by_length(record: Record) -> dict[str, Any]:
    """Return where the classic translator fails as sentences grow, from the record of claim C1.

    Args:
        record: errors of two translators by source length, as in `c01_tatoeba`.

    Returns:
        `bins`: for each range of lengths (`low` to `high` words) the errors for 100 words of the
        `classic` model and of the one with `attention`; `short`: the bin to compare with; `first`:
        from how many words on the classic model makes `RISE` more errors a word than on short ones.
    """
    names = [*record.config["single"], *record.config["joined"]]
    bins = {name: _bin(record, name) for name in names}
    short = bins["5-8"]
    falls = [b for b in bins.values() if b["classic"] - short["classic"] >= 100 * RISE]
    if not falls:
        raise CourseError("In this record the classic model's quality doesn't fall with length.")
    return {"first": falls[0]["low"], "short": short, "bins": list(bins.values())}


def _bin(record: Record, name: str) -> dict[str, int]:
    low, high = map(int, name.split("-"))
    found = {"low": low, "high": high}
    for key, arm in (("classic", "gru"), ("attention", "bahdanau")):
        rows = record.select(arm=arm, metric="token_error_rate")
        (row,) = (row for row in rows if row.x == name)
        found[key] = round(100 * row.value)
    return found


@cache
def _all_recordings() -> list[dict[str, Any]]:
    text = files("course.figures").joinpath("translations.json").read_text("utf-8")
    return json.loads(text)


def _recordings(models: Sequence[str], texts: Sequence[str] | None) -> list[dict[str, Any]]:
    unknown = [model for model in models if model not in MODELS]
    if unknown:
        raise CourseError(f"No translator {unknown[0]!r}: choose from {', '.join(MODELS)}.")
    wanted = [MODELS[model] for model in models]
    everything = [each for each in _all_recordings() if each["model"] in wanted]
    order = texts or list(dict.fromkeys(each["text"] for each in everything))
    found = [each for text in order for each in everything if each["text"] == text]
    missing = set(order) - {each["text"] for each in found}
    if missing:
        raise CourseError(f"{min(missing)!r} was not recorded; tools/record_translations.mjs does.")
    return found


def _named(recording: Mapping[str, Any]) -> str:
    return next(NAMES[key] for key, name in MODELS.items() if name == recording["model"])
