"""Sphinx extension of the site: text alternatives, pictures from records, the table of claims."""

import json
import re
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from course.errors import CourseError

ROOT = Path(__file__).resolve().parents[1]
_PAYLOAD = re.compile(r'<s2s-figure[^>]*><script type="application/json">(.*?)</script>', re.S)


def add_text_alternatives(app: Sphinx, doctree: nodes.document) -> None:
    """Give each picture of a notebook the `alt` that its figure stores in the HTML behind it."""
    waiting: list[nodes.image] = []
    for node in doctree.findall(lambda n: isinstance(n, nodes.image | nodes.raw)):
        if isinstance(node, nodes.image):
            if "alt" not in node:
                waiting.append(node)
        elif node.get("format") == "html":
            stored = _PAYLOAD.search(node.astext())
            if stored and waiting:
                waiting.pop()["alt"] = json.loads(stored[1])["alt"]


class Claims(Directive):
    """A table of all claims: what was measured, with what verdict, and where."""

    def run(self) -> list[nodes.Node]:
        """Build the table from `book/claims.yml` and the records."""
        claims = yaml.safe_load((ROOT / "book" / "claims.yml").read_text("utf-8"))
        lines = ["| | claim | verdict | measured in |", "| --- | --- | --- | --- |"]
        for name, claim in claims.items():
            for row in _claim_rows(name, claim):
                lines.append("| " + " | ".join(row) + " |")
        return _parse(self, "\n".join(lines))


def _claim_rows(name: str, claim: dict[str, Any]) -> list[list[str]]:
    from course import results

    found = [record for record in map(results.load, results.names()) if record.claim == name]
    place = _chapter_link(claim["chapter"])
    if not found:
        words = "proved by tests" if claim.get("proved") else "not measured yet"
        return [[f"**{name}**", claim["text"], words, place]]
    rows = []
    for i, record in enumerate(found):
        head = [f"**{name}**", claim["text"]] if i == 0 else ["", f"*{_title(record.name)}*"]
        seeds = len({row.seed for row in record.rows if row.metric != "trial_loss"})
        runs = f"{_title(record.name)}, {seeds} seed{'s' if seeds > 1 else ''}; {place}"
        rows.append([*head, f"**{verdict(record.name)}**", runs])
    return rows


def verdict(record: str) -> str:
    """Return the verdict of a record, or that its run has not finished."""
    from course import results

    try:
        return results.verdict(record)
    except (ValueError, ArithmeticError, LookupError, CourseError):
        return "run not finished"


def _title(record: str) -> str:
    return record.partition("_")[2].replace("_", " ")


def _chapter_link(stem: str) -> str:
    number, _, title = stem.partition("_")
    words = f"{number} {title.replace('_', ' ')}"
    if (ROOT / "notebooks" / f"{stem}.ipynb").is_file():
        return f"[{words}](../notebooks/{stem}.ipynb)"
    return f"{words} (coming)"


class Picture(Directive):
    """A picture drawn while the site is built, by the function of that name in `pictures.py`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Draw it, store it with the other built files, and return picture, caption and numbers."""
        import pictures
        from course.figures.payload import to_html
        from course.plotting import to_png

        drawn = getattr(pictures, self.arguments[0])()
        if drawn is None:
            return []
        figure, stored = drawn
        folder = ROOT / "_build" / "pictures"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.arguments[0]}.png"
        path.write_bytes(to_png(figure))
        image = nodes.image(uri=f"/{path.relative_to(ROOT).as_posix()}", alt=stored["alt"])
        image["classes"] = ["s2s-picture"]
        image["width"] = f"{round(figure.get_size_inches()[0] * 96)}px"
        return [image, nodes.raw("", to_html(stored), format="html")]


class LiveTranslation(Directive):
    """The live models, all of them; the recorded examples are drawn from the package."""

    def run(self) -> list[nodes.Node]:
        """Return the figure's HTML, to which the site's runtime brings life."""
        from course.figures.live_translate import LiveTranslate
        from course.figures.payload import to_html

        figure = LiveTranslate()
        return [nodes.raw("", to_html(figure.data, figure.fallback()), format="html")]


class Chapters(Directive):
    """The list of chapters; those without a notebook are named as coming, without a link."""

    def run(self) -> list[nodes.Node]:
        """Build the list from `book/chapters.yml`."""
        chapters = yaml.safe_load((ROOT / "book" / "chapters.yml").read_text("utf-8"))
        lines = []
        for stem, chapter in chapters.items():
            path = f"../notebooks/{stem}.ipynb"
            there = (ROOT / "notebooks" / f"{stem}.ipynb").is_file()
            name = f"{stem[:2]} {chapter['title']}"
            head = f"[**{name}**]({path})" if there else f"{name} *(coming)*"
            lines.append(f"- {head}: {chapter['text']}")
        return _parse(self, "\n".join(lines))


def without_thebe(app: Sphinx, config: Any) -> None:
    """Switch off sphinx-thebe, which Jupyter Book always loads and which asks another host."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if getattr(listener.handler, "__name__", "") in {
                "init_thebe_core",
                "update_thebe_context",
            }:
                app.disconnect(listener.id)


def _parse(directive: Directive, text: str) -> list[nodes.Node]:
    from docutils.statemachine import StringList

    container = nodes.container(classes=["s2s-table"])
    directive.state.nested_parse(
        StringList(text.splitlines(), ""), directive.content_offset, container
    )
    return [container]


# between one dollar or two, and not in code; it may go on in the next line
FORMULA = re.compile(r"(?<![\\\w`$])(\$\$?)([^$`]+)\1(?![\w`$])")


def typeset_formulas(
    _app: Sphinx, _what: str, _name: str, _obj: object, _options: object, lines: list[str]
) -> None:
    """Let formulas in docstrings be written as in chapters, between dollars."""
    text = FORMULA.sub(lambda found: f":math:`{' '.join(found[2].split())}`", "\n".join(lines))
    lines[:] = text.split("\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    app.add_directive("claims", Claims)
    app.add_directive("chapters", Chapters)
    app.add_directive("picture", Picture)
    app.add_directive("live-translation", LiveTranslation)
    app.connect("config-inited", without_thebe)
    app.connect("doctree-read", add_text_alternatives)
    app.connect("autodoc-process-docstring", typeset_formulas)
    return {"version": "1", "parallel_read_safe": True}
