"""The colours of the book, read from one file by matplotlib, the site and the live figures."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from course.errors import CourseError

# how the site, Colab and JupyterLab say that their page is dark
_DARK = 'html[data-theme="dark"], html[theme="dark"], body[data-jp-theme-light="false"]'

ROLES = ("source", "target", "attention", "query", "key", "value", "none")


@cache
def palette() -> Mapping[str, Any]:
    """Return the palette: `marks`, `text`, `theme`, `ramp` and `type`, as stored in the file."""
    return json.loads(files("course.figures").joinpath("palette.json").read_text("utf-8"))


def mark(role: str) -> str:
    """Return the colour (hexadecimal) of lines, bars and areas that show `role`.

    The same thing has the same colour everywhere: source and encoder, target and decoder,
    attention and context, query, key, value, and "none" for a model without attention.

    Raises:
        CourseError: if the palette has no such role.
    """
    return _lookup(palette()["marks"], role)


def text(role: str, theme: str = "light") -> str:
    """Return the colour of words about `role`: at least 4.5:1 against the background of `theme`.

    Raises:
        CourseError: if the palette has no such role.
    """
    return _lookup(palette()["text"][theme], role)


def contrast(a: str, b: str) -> float:
    """Return the contrast of two hexadecimal colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    bright, dim = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def css() -> str:
    """Return the palette as CSS variables: `--mark-ROLE`, `--text-ROLE`, `--ink` and the like."""
    marks = [f"--mark-{role}: {colour};" for role, colour in palette()["marks"].items()]
    blocks = [":root {\n  " + "\n  ".join(marks) + "\n}\n"]
    for theme in ("light", "dark"):
        variables = [f"--text-{role}: {c};" for role, c in palette()["text"][theme].items()]
        variables += [f"--{name}: {c};" for name, c in palette()["theme"][theme].items()]
        variables += [f"--ramp-{i}: {c};" for i, c in enumerate(palette()["ramp"][theme])]
        # the light block is also the default, for a page that states no theme
        selector = _DARK if theme == "dark" else ":root"
        blocks.append(selector + " {\n  " + "\n  ".join(variables) + "\n}\n")
    return "".join(blocks)


def _lookup(colours: Mapping[str, str], role: str) -> str:
    if role not in colours:
        raise CourseError(f"No colour for {role!r}: choose one of {', '.join(colours)}.")
    return colours[role]


def _luminance(colour: str) -> float:
    channels = [int(colour.lstrip("#")[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
