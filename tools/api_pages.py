"""Sphinx extension of the site: the pages of the package, and its source code."""

import ast
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "course"


def list_modules(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put a section for each module into the page of its part of the package."""
    if not docname.startswith("book/api/"):
        return
    sections = []
    for path in modules(docname.rpartition("/")[2]):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        name = name.removesuffix(".__init__")
        directive = f"```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n```\n"
        sections.append(f"## {name.removeprefix('course.')}\n\n{directive}")
    source[0] = source[0].replace("<!-- modules -->", "\n".join(sections))


def modules(part: str) -> list[Path]:
    """Return the public modules of a package below `course`; of "course", those beside them."""
    if part == "course":
        found = [path for path in PACKAGE.glob("*.py") if not path.name.startswith("_")]
    else:
        found = list((PACKAGE / part).rglob("*.py"))
    return sorted(path for path in found if is_public(path))


def is_public(path: Path) -> bool:
    """Return whether a file is a module for others; a package's own file, if it defines a name."""
    if path.name == "__init__.py":
        return has_public_names(path)
    return not path.name.startswith("_")


def has_public_names(path: Path) -> bool:
    """Return whether a file defines a function or a class that is not private."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    body = ast.parse(path.read_text("utf-8")).body
    return any(isinstance(node, kinds) and not node.name.startswith("_") for node in body)


def plain_listing(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> str | None:
    """Show source code on a page without the theme, which is heavier than most of the code."""
    if not pagename.startswith("_modules/"):
        return None
    context["body"] = tidy(context["body"])
    return "listing.html"


def tidy(body: str) -> str:
    """Return a listing without the lines that viewcode adds, or its index as one plain list."""
    body = re.sub(r'(<div class="viewcode-block"[^>]*>)\n(<a [^>]*>[^<]*</a>)\n', r"\1\2", body)
    body = re.sub(r"(?:</div>\n)+\n", lambda found: found[0].replace("\n", ""), body)
    if "viewcode-block" not in body and "<pre>" not in body:
        entries = re.findall(r"<li>.*?</li>", body)
        body = f"<h1>Source code</h1>\n<ul>\n{chr(10).join(entries)}\n</ul>"
    return body.replace("<pre>", '<pre tabindex="0">')


def skip_fields(app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool:
    """Leave out the fields of named tuples, which the docstring of the class describes."""
    return skip or type(obj).__name__ == "_tuplegetter"


def plain_docstring(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]):
    """Let docstrings be written as prose: backticks are code, other marks stand for themselves.

    In the docstring of a module, which has no sections of arguments, what is indented is shown as
    it stands.
    """
    lines[:] = as_rst(lines, indented_is_literal=what == "module")


def as_rst(lines: list[str], *, indented_is_literal: bool) -> list[str]:
    """Return the lines of a docstring as reStructuredText."""
    out: list[str] = []
    block = False
    before = ""  # the last line with words
    for line in lines:
        item = re.match(r"\s*(?:[-*]|\d+\.)\s", line)
        if line.strip():
            indented = line.startswith(" ") and not item
            in_list = re.match(r"\s*(?:[-*]|\d+\.)\s|\s", before) and not block
            if indented_is_literal and indented and not block and not in_list:
                out += [""] if before.endswith("::") else ["", "::", ""]
                block = True
            elif block and not indented:
                out.append("")
                block = False
            before = line
        out.append(line if block else _escaped(line, keep=len(item[0]) if item else 0))
    return out


def _escaped(line: str, keep: int) -> str:
    parts = re.split(r"(``[^`]+``|`[^`]+`)", line[keep:])
    for j, part in enumerate(parts):
        if j % 2:
            parts[j] = "``" + part.strip("`") + "``"
        else:
            parts[j] = re.sub(r"(\w)_(?!\w)", r"\1\\_", re.sub(r"([*|])", r"\\\1", part))
    return line[:keep] + "".join(parts)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    app.connect("source-read", list_modules)
    app.connect("html-page-context", plain_listing)
    app.connect("autodoc-skip-member", skip_fields)
    # before napoleon, which adds marks of its own
    app.connect("autodoc-process-docstring", plain_docstring, priority=100)
    return {"version": "1", "parallel_read_safe": True}
