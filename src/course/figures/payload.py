"""What every figure stores in a notebook, and the HTML that carries it.

A payload is `{schema, kind, data, alt, caption, table: {columns, rows}}`. The HTML holds it in a
script element that runs nothing, followed by a static fallback, so that a page without JavaScript
still shows the caption, the text alternative and the numbers.
"""

import html
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from course.errors import CourseError

SCHEMA = 1
_SCROLL = "overflow-x:auto"


def payload(
    kind: str,
    *,
    alt: str,
    caption: str,
    table: Mapping[str, Sequence[Any]] | None = None,
    data: Any = None,
) -> dict[str, Any]:
    """Build a payload and check that it keeps the contract.

    Args:
        kind: name of the figure, for example "picture" for a matplotlib drawing.
        alt: what the figure shows, for a reader who can't see it: a sentence with its finding.
        caption: one or two sentences below the figure.
        table: `{"columns": [...], "rows": [[...], ...]}`, the numbers that are drawn.
        data: what a live figure needs; anything JSON can hold.

    Returns:
        The payload; numbers rounded to four significant digits, so that it is the same on machines
        whose last bits differ.

    Raises:
        CourseError: if a text is missing, rows and columns disagree, or a number is not finite.
    """
    for name, words in (("alt", alt), ("caption", caption)):
        if len(words.split()) < 3:
            raise CourseError(f"A figure needs {name}= in words, at least three; got {words!r}.")
    table = table or {"columns": [], "rows": []}
    alt, caption = _rounded([alt, caption])
    columns = [_rounded(str(column)) for column in table["columns"]]
    rows = [[_rounded(value) for value in row] for row in table["rows"]]
    for row in rows:
        if len(row) != len(columns):
            raise CourseError(f"A table of {len(columns)} columns has a row of {len(row)}: {row}.")
    return {
        "schema": SCHEMA,
        "kind": kind,
        "data": _rounded(data),
        "alt": " ".join(alt.split()),
        "caption": " ".join(caption.split()),
        "table": {"columns": columns, "rows": rows},
    }


def to_html(figure: Mapping[str, Any], fallback: str = "") -> str:
    """Return the HTML of a payload: the payload, `fallback`, the caption, and the numbers folded.

    Args:
        figure: what `payload` returned.
        fallback: trusted HTML that stands for the figure where no script runs.
    """
    stored = json.dumps(figure, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    stored = stored.replace("<", "\\u003c")
    kind = html.escape(figure["kind"], quote=True)
    return _savable(
        f'<s2s-figure kind="{kind}" style="display:block">'
        f'<script type="application/json">{stored}</script>{fallback}'
        f'<p class="s2s-caption">{html.escape(figure["caption"])}</p>'
        f'<details class="s2s-words"><summary>The same in words and numbers</summary>'
        f"<p>{html.escape(figure['alt'])}</p>{_table(figure['table'])}</details></s2s-figure>"
    )


def _table(table: Mapping[str, Sequence[Any]]) -> str:
    if not table["columns"]:
        return ""
    head = "".join(f'<th scope="col">{html.escape(c)}</th>' for c in table["columns"])
    rows = (
        "<tr>" + "".join(f"<td>{html.escape(_shown(value))}</td>" for value in row) + "</tr>"
        for row in table["rows"]
    )
    return (
        f'<div style="{_SCROLL}" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _rounded(value: Any) -> Any:
    """Round every number inside `value` to four significant digits; refuse those not finite.

    Text gets a UTF-8 form, without which no notebook or page could be saved.
    """
    if isinstance(value, Mapping):
        return {_rounded(str(key)): _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    if isinstance(value, str):
        return _savable(value)
    if hasattr(value, "tolist"):  # numpy arrays and scalars, torch tensors
        return _rounded(value.tolist())
    if isinstance(value, float):
        if not math.isfinite(value):
            raise CourseError(f"A figure can't store {value}: leave the point out.")
        value = float(f"{value:.4g}")
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    return value


def _savable(text: str) -> str:
    """Replace lone surrogates, which have no UTF-8 form, by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
