"""Mend the built site, once Sphinx has written it: fewer bytes for the same look, clearer names.

What goes: colours that are the text's own, icons and languages that no page shows, scripts that
only the search page needs, and the outputs of notebooks to download. What comes: pictures that
load when the reader comes near them, with their size known before.
"""

import json
import re
import shutil
import struct
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

# of the source listings' and chapters' code: coloured as the text around it, in both themes
PLAIN = re.compile(r'<span class="(?:n|p|w|nn|nx|pm)">([^<]*)</span>')
SAME = re.compile(r'<span class="(\w+)">[^<]*</span>(?:\s*<span class="\1">[^<]*</span>)+')
CODE = re.compile(r'<div class="highlight"><pre.*?</pre></div>', re.S)
SIGNATURE = re.compile(r'<dt class="sig .*?</dt>', re.S)
LITERAL = re.compile(r"<code [^>]*>.*?</code>", re.S)
PRE = re.compile(r'<span class="pre">([^<]*)</span>')

# asked for by every page, though only the search page searches
SEARCH = r"searchtools|language_data|searchindex"
SCRIPT = r'\s*<script[^>]* src="[^"]*(?:{})\.js[^"]*"></script>'
# the contents of a page are there twice: before it for paper, beside it for the screen
PRINTED = re.compile(r'<div id="jb-print-toc">.*?</nav>\s*</div>', re.S)

# what the theme and Sphinx write that a screen reader can't make sense of
MENDED = (
    # a name that leaves out what the button shows
    (r'(<button class="[^"]*search-button-field[^>]*?) aria-label="[^"]*"', r"\1"),
    # an arrow alone
    (r'<summary>(<span class="toctree-toggle")', r'<summary aria-label="Pages below">\1'),
    # a box that scrolls sideways where it is narrow, out of the keyboard's reach
    (
        r'<div class="pst-scrollable-table-container">',
        '<div class="pst-scrollable-table-container" tabindex="0" role="group" aria-label="Table">',
    ),
    # entries of a list that are no items of it, by a role that is no longer used
    (r'(<div class="citation"[^>]*) role="doc-biblioentry"', r'\1 role="listitem"'),
)

RULE = re.compile(r'((?:\.fa-[\w-]+:{1,2}before,?)+)\{content:"\\[0-9a-f]{2,5}"\}')
FACE = re.compile(r"@font-face\{[^}]*webfonts[^}]*\}")
WEBFONTS = Path("_static/vendor/fontawesome/webfonts")


def lighten(site: Path) -> None:
    """Lighten all of a built site."""
    pages = sorted(site.rglob("*.html"))
    for page in pages:
        page.write_text(light_page(page.read_text("utf-8"), page, site), "utf-8")
    light_icons(site, pages)
    for notebook in (site / "_sources").rglob("*.ipynb"):
        notebook.write_text(without_outputs(notebook.read_text("utf-8")), "utf-8")
    # templates and maps are the theme's, for whoever builds with it
    unused = [*(site / "_static").glob("*macros.html"), *(site / "_static").rglob("*.map")]
    for path in unused:
        path.unlink()
    # the theme's words in other languages; this book has one
    shutil.rmtree(site / "_static" / "locales", ignore_errors=True)


def light_page(html: str, page: Path, site: Path) -> str:
    """Return the HTML of a page with all of it that shows, in fewer bytes."""
    html = CODE.sub(lambda found: light_code(found[0]), html)
    html = SIGNATURE.sub(lambda found: PLAIN.sub(r"\1", PRE.sub(r"\1", found[0])), html)
    html = LITERAL.sub(lambda found: PRE.sub(r"\1", found[0]), html)
    if page.parent.name == "api":
        html = PRINTED.sub("", html)
    unused = "fontawesome" if page.name == "search.html" else f"fontawesome|{SEARCH}"
    html = re.sub(SCRIPT.format(unused), "", html)
    for found, better in MENDED:
        html = re.sub(found, better, html)
    return re.sub(r"<img [^>]*>", lambda found: lazy(found[0], page), html)


def light_code(html: str) -> str:
    """Return highlighted code without spans that change nothing: uncoloured, or like the last."""
    html = PLAIN.sub(r"\1", html.replace("<span></span>", ""))
    return SAME.sub(_one_span, html)


def _one_span(found: re.Match[str]) -> str:
    inside = re.sub(r"<[^>]*>", "", found[0])
    return f'<span class="{found[1]}">{inside}</span>'


def lazy(tag: str, page: Path) -> str:
    """Return the tag of a picture so that it loads when near, and the page knows its size."""
    source = re.search(r' src="([^":]+\.png)"', tag)
    if source is None or "loading=" in tag:
        return tag
    head = (page.parent / source[1]).read_bytes()[:24]
    width, height = struct.unpack(">II", head[16:24])
    return tag.replace("<img ", f'<img loading="lazy" width="{width}" height="{height}" ', 1)


def light_icons(site: Path, pages: list[Path]) -> None:
    """Keep, of two thousand icons, those that pages and the theme's scripts and styles name."""
    scripts = (site / "_static").rglob("*.js")
    texts = [p.read_text("utf-8") for p in [*pages, *scripts] if p.name != "fontawesome.js"]
    named = {name for text in texts for name in re.findall(r"\bfa-[a-z0-9-]+", text)}
    codes: set[int] = set()
    for style in (site / "_static" / "styles").glob("*.css"):
        css = RULE.sub(lambda m: m[0] if _names(m[1]) & named else "", style.read_text("utf-8"))
        css = FACE.sub(lambda m: re.sub(r'url\([^)]*woff2\) format\("woff2"\),', "", m[0]), css)
        style.write_text(css, "utf-8")
        codes |= {int(code, 16) for code in re.findall(r'"\\([ef][0-9a-f]{3})"', css)}
    for path in (site / WEBFONTS).glob("*.ttf"):
        font = TTFont(path)
        cut = subset.Subsetter()
        cut.populate(unicodes=codes)
        cut.subset(font)
        font.save(path)
    unused = [*(site / WEBFONTS).glob("*.woff2"), *(site / "_static").rglob("fontawesome.js*")]
    for path in unused:
        path.unlink()


def _names(selectors: str) -> set[str]:
    return set(re.findall(r"fa-[a-z0-9-]+", selectors))


def without_outputs(notebook: str) -> str:
    """Return a notebook to download: it is there to be run, and the page shows what comes out."""
    stored = json.loads(notebook)
    for cell in stored["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return json.dumps(stored, ensure_ascii=False, indent=1) + "\n"
