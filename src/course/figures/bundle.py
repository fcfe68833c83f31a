"""The JavaScript and CSS of a live figure as one text each, for where files can't be fetched.

The site serves `course/browser` as it is. A notebook gets a figure's module as one string, in
which each relative import is a `data:` address that holds the imported module: no build step, and
no file that could go stale.
"""

import base64
import posixpath
import re
from functools import cache
from importlib.resources import files

from course.figures.palette import css

STYLES = "figures/styles"
SHARED = (
    "frame.css",
    "drawings.css",
    "controls.css",
    "passage.css",
    "evidence.css",
    "attention-view.css",
    "beam-view.css",
)
"""The sheets that several kinds of figure use. Each other one is of one kind and named after it."""

_IMPORT = re.compile(r'(?<=\bfrom )"(\.{1,2}/[^"]+\.mjs)"(?=;)')
_INLINE = """\
import {{ mount }} from "{mount}";
import figure from "{figure}";
for (const host of document.querySelectorAll('s2s-figure[kind="{kind}"]:not([data-live])')) {{
  mount(host, figure);
}}
"""


@cache
def module(path: str) -> str:
    """Return a module of `course/browser` with all that it imports inside it.

    Args:
        path: below `course/browser`, for example "figures/positions.mjs".
    """

    def inlined(match: re.Match[str]) -> str:
        imported = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[1]))
        return f'"{_address(module(imported))}"'

    return _IMPORT.sub(inlined, _read(path))


@cache
def figures_css() -> str:
    """Return the CSS of all figures: what they share, then each one's own sheet."""
    folder = files("course").joinpath("browser", *STYLES.split("/"))
    own = sorted(sheet.name for sheet in folder.iterdir() if sheet.name not in SHARED)
    return "".join(_read(f"{STYLES}/{name}") for name in (*SHARED, *own))


def style() -> str:
    """Return all the CSS that a figure needs, the palette's variables first."""
    return css() + figures_css()


def inline(kind: str) -> str:
    """Return the elements that bring a figure's HTML to life on any page, from no other file.

    This is what Colab gets, which shows each output in a frame of its own. The HTML of the figure
    (`course.figures.payload.to_html`) has to stand before it.
    """
    script = _INLINE.format(
        mount=_address(module("figures/mount.mjs")),
        figure=_address(module(f"figures/{kind}.mjs")),
        kind=kind,
    )
    return f'<style>{style()}</style><script type="module">{script}</script>'


def _read(path: str) -> str:
    return files("course").joinpath("browser", *path.split("/")).read_text("utf-8")


def _address(source: str) -> str:
    return "data:text/javascript;base64," + base64.b64encode(source.encode()).decode()
