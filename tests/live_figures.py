"""Live figures on pages as the site, a widget manager and Colab would show them."""

import gzip
import importlib
import itertools
import json
import re
from contextlib import contextmanager
from pathlib import Path

from chromium_page import opened, served
from course.figures import bundle
from course.figures.palette import css
from course.figures.payload import to_html

ROOT = Path(__file__).resolve().parents[1]
BROWSER = ROOT / "src" / "course" / "browser"
FIGURES = BROWSER / "figures"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

# of window, theme and motion; two pages show all six, `make test-site-all` all combinations
ALTERNATING = [("1280", "light", "no-preference"), ("375", "dark", "reduce")]
EVERY_SETTING = list(
    itertools.product(("1280", "375"), ("light", "dark"), ("no-preference", "reduce"))
)

# the site's runtime and what all figures share export no figure
KINDS = sorted(
    path.stem
    for path in FIGURES.glob("*.mjs")
    if re.search(r"(?m)^export default figure\(", path.read_text("utf-8"))
)

SITE_PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}"><meta charset="utf-8"><title>Figure</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="palette.css"><link rel="stylesheet" href="figures.css">
<script type="module" src="browser/figures/site.mjs"></script>
<body style="margin:16px;background:var(--background)"><main><h1 style="color:var(--ink)">Page</h1>
<button id="before">before</button>{figure}<button id="after">after</button></main></body></html>"""

WIDGET_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Figure</title><link rel="icon" href="data:,">
<style>{style}</style><body><main><div id="place"></div></main><script type="module">
  const source = {esm};
  const address = URL.createObjectURL(new Blob([source], {{ type: "text/javascript" }}));
  const module = await import(address);
  const model = {{ get: (name) => ({{ data: {data} }})[name], on() {{}}, off() {{}} }};
  window.stop = await module.default.render({{ model, el: document.querySelector("#place") }});
  window.rendered = true;
</script></body></html>"""

FRAME_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Figure</title><link rel="icon" href="data:,">
<body><iframe title="output" sandbox="allow-scripts" srcdoc="{frame}"
 style="width:900px;height:1600px;border:0"></iframe></body></html>"""


def example(kind):
    """Return the figure that the tests of its kind look at."""
    return importlib.import_module(f"figures.test_{kind.replace('-', '_')}").example()


def inside(text):
    """Return JSON that can stand in a script element."""
    return json.dumps(text).replace("<", "\\u003c")


def lay(folder, kind, figure, theme="light"):
    """Write the three pages of a figure, and what they load, into a folder."""
    page = to_html(figure.data, figure.fallback())
    frame = (page + bundle.inline(kind)).replace("&", "&amp;").replace('"', "&quot;")
    pages = {
        "site.html": SITE_PAGE.format(theme=theme, figure=page),
        "widget.html": WIDGET_PAGE.format(
            style=bundle.style(), esm=inside(figure._esm), data=inside(figure.data)
        ),
        "frame.html": FRAME_PAGE.format(frame=f"<html lang=en><title>output</title>{frame}"),
        "palette.css": css(),
        "figures.css": bundle.figures_css(),
    }
    for name, text in pages.items():
        (folder / name).write_text(text, "utf-8")
    # a site that was built without the extra `export`
    models = {"schema": 1, "runtime": {}, "models": {}}
    (folder / "models.json").write_text(json.dumps(models), "utf-8")
    if not (folder / "browser").exists():
        (folder / "browser").symlink_to(BROWSER)


@contextmanager
def shown(browser, folder, kind, *, figure=None, theme="light", **options):
    """Open a figure as the site shows it; nothing that must not happen has happened at the end.

    Gives Playwright's page and the locator of the figure.
    """
    lay(folder, kind, figure or example(kind), theme)
    with (
        served(folder) as address,
        opened(browser, address, theme=theme, **options) as page,
    ):
        page.goto(address + "site.html")
        found = page.locator("figure.s2s")
        found.wait_for()
        yield page, found
        assert page.problems == []


def loaded_bytes(kind):
    """Return how much JavaScript, gzipped, a page with this figure loads before any click."""
    waiting, seen = [FIGURES / "site.mjs", FIGURES / f"{kind}.mjs"], set()
    while waiting:
        path = waiting.pop().resolve()
        if path not in seen:
            seen.add(path)
            imports = re.findall(r'\bfrom "(\.{1,2}/[^"]+)"', path.read_text("utf-8"))
            waiting += [path.parent / each for each in imports]
    return {path: len(gzip.compress(path.read_bytes())) for path in seen}
