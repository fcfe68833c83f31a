"""What the site may weigh, in all and for a reader's first visit."""

import gzip
import json
import re
from functools import cache

import pytest
from bs4 import BeautifulSoup, SoupStrainer
from fontTools.ttLib import TTFont

import lighten
from built_site import SITE, TYPESET, chapters
from chromium_page import opened

pytestmark = pytest.mark.timeout(300)

SITE_BYTES = 40e6
FIRST_LOAD_BYTES = 1.5e6
SCRIPT_BYTES = 60e3
# what a static host compresses on the way; pictures and fonts are sent as they are
TEXT = re.compile(r"text/|javascript|json|svg")


def test_the_site_is_small(site):
    sizes = {path: path.stat().st_size for path in SITE.rglob("*") if path.is_file()}
    heaviest = sorted(sizes, key=lambda path: -sizes[path])[:20]
    assert sum(sizes.values()) <= SITE_BYTES, [(sizes[path], str(path)) for path in heaviest]


def sent(response):
    """Return the bytes of an answer as GitHub Pages, or any host that gzips text, sends them.

    The tests' server doesn't compress, so that is done here, at the level that such hosts choose.
    """
    body = response.body()
    kind = response.headers.get("content-type", "")
    return len(gzip.compress(body, compresslevel=6)) if TEXT.search(kind) else len(body)


def test_a_first_visit_is_small(site, address, browser):
    """Each chapter with an empty cache: all that comes before the reader scrolls or clicks."""
    for chapter in chapters(site):
        answers = []
        with opened(browser, address) as page:
            page.on("response", lambda answer, noted=answers: noted.append(answer))
            page.goto(address + chapter, wait_until="networkidle")
            page.wait_for_function(TYPESET)
            weights = {answer.url: sent(answer) for answer in answers if answer.ok}
        assert sum(weights.values()) <= FIRST_LOAD_BYTES, (chapter, weights)
        ours = [url for url in weights if "/live/" in url and url.endswith(".mjs")]
        assert ours, chapter
        assert sum(weights[url] for url in ours) <= SCRIPT_BYTES, (chapter, ours)


# screen by screen, so that everything comes near once
SCROLL = """async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += 600) {
    scrollTo(0, y);
    await new Promise(done => setTimeout(done, 50));
  }
}"""


def test_with_all_pictures_a_chapter_stays_within_its_budget(site, address, browser):
    """The heaviest chapter, scrolled to its end: pictures that load late are counted here."""
    heaviest = max(chapters(site), key=weight_of_pictures)
    answers = []
    with opened(browser, address) as page:
        page.on("response", lambda answer: answers.append(answer))
        page.goto(address + heaviest, wait_until="load")
        page.evaluate(SCROLL)
        page.wait_for_load_state("networkidle")
        page.wait_for_function("[...document.images].every(each => each.complete)")
        weights = {answer.url: sent(answer) for answer in answers if answer.ok}
    assert sum(url.endswith(".png") for url in weights) == len(pictures(heaviest)) > 3
    assert sum(weights.values()) <= FIRST_LOAD_BYTES, (heaviest, weights)


@cache
def pictures(page):
    """Return the tags of a page's pictures."""
    text = (SITE / page).read_text("utf-8")
    return BeautifulSoup(text, "html.parser", parse_only=SoupStrainer("img")).select("[src$=png]")


def weight_of_pictures(page):
    return sum(((SITE / page).parent / tag["src"]).stat().st_size for tag in pictures(page))


def test_pictures_keep_their_place_while_they_load(site):
    for chapter in chapters(site):
        for tag in pictures(chapter):
            assert tag["loading"] == "lazy" and int(tag["width"]) > 0 and int(tag["height"]) > 0


ICONS = """() => [...document.querySelectorAll('*')].flatMap(each =>
  ['::before', '::after'].map(part => getComputedStyle(each, part))
    .filter(style => style.fontFamily.includes('Font Awesome') && /^"./.test(style.content))
    .map(style => [style.fontFamily, style.fontWeight, style.content.slice(1, -1)]))"""


def test_every_icon_that_shows_is_in_the_fonts(site, address, browser):
    fonts = {path.stem: TTFont(path).getBestCmap() for path in SITE.rglob("fa-*.ttf")}
    shown = set()
    with opened(browser, address) as page:
        for here in ("book/index.html", "book/api/ops.html", chapters(site)[4], "search.html"):
            page.goto(address + here, wait_until="load")
            shown |= {tuple(each) for each in page.evaluate(ICONS)}
    assert len(shown) >= 6
    for family, weight, icon in shown:
        name = "brands-400" if "Brands" in family else "solid-900" if weight == "900" else None
        assert ord(icon) in fonts[f"fa-{name or 'regular-400'}"], (family, weight, icon)


def test_a_notebook_to_download_is_there_to_be_run(site):
    for chapter in chapters(site):
        name = chapter.removesuffix(".html") + ".ipynb"
        cells = json.loads((SITE / "_sources" / name).read_text("utf-8"))["cells"]
        assert not any(cell.get("outputs") for cell in cells)
        assert sum(cell["cell_type"] == "code" for cell in cells) > 5


def test_light_code_reads_and_looks_the_same():
    code = (
        '<span></span><span class="k">def</span><span class="w"> </span><span class="nf">f</span>'
        '<span class="p">(</span><span class="n">a</span><span class="p">):</span>\n'
        '<span class="sd">"""One,</span>\n\n<span class="sd">two."""</span>\n'
        '<span class="k">return</span> <span class="n">a</span>'
    )
    light = lighten.light_code(code)
    assert light == (
        '<span class="k">def</span> <span class="nf">f</span>(a):\n'
        '<span class="sd">"""One,\n\ntwo."""</span>\n<span class="k">return</span> a'
    )
    texts = {
        BeautifulSoup(f"<pre>{each}</pre>", "html.parser").get_text() for each in (code, light)
    }
    assert len(texts) == 1


def test_colours_of_code_that_are_left_out_are_those_of_the_text(site):
    """What `lighten` unwraps has the colour of the text around it, in both themes."""
    css = (SITE / "_static" / "pygments.css").read_text("utf-8")
    unwrapped = re.findall(r"[a-z]+", re.search(r"\(\?:(.*?)\)", lighten.PLAIN.pattern)[1])
    for theme in ("light", "dark"):
        rules = re.findall(rf'"{theme}"\] \.highlight (?:\.(\w+) )?\{{[^}}]*\bcolor: (#\w+)', css)
        colours = dict(rules)
        assert {colours[name] for name in unwrapped} == {colours[""]}, theme
        assert colours["k"] != colours[""]
