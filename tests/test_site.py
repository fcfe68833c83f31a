"""The built site in a real browser: every page, two widths, light and dark."""

import os
import re
import subprocess
from html import unescape
from urllib.parse import unquote, urljoin, urlparse

import pytest
from bs4 import BeautifulSoup

import api_pages
import chromium
from built_site import LIVE, ROOT, SITE, TYPESET, chapters, content_pages, written_pages
from chromium_page import opened
from live_figures import ALTERNATING, AXE

pytestmark = pytest.mark.timeout(900)


# what sticks out of the page at the right and can't be scrolled in its own box
WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > width + 1)
    .slice(0, 5).map(e => e.tagName + '.' + e.className + ': ' + e.textContent.slice(0, 40))
    .concat(['page is ' + document.documentElement.scrollWidth + ' wide']);
}"""
NO_ALT = """() => [...document.querySelectorAll('img, svg[role=img]')]
  .filter(e => !e.matches('[aria-hidden=true], [aria-labelledby]'))
  .filter(e => !(e.getAttribute('alt') || e.getAttribute('aria-label') || '').trim())
  .map(e => e.outerHTML.slice(0, 200))"""
BROKEN = """() => [...document.images].filter(e => e.complete && !e.naturalWidth).map(e => e.src)"""
CHECKS = ((WIDE, "too wide"), (NO_ALT, "no alt"), (BROKEN, "broken picture"))
# WCAG 2.1 AA, folded parts too; what is serious or critical, with the first places
AXE_RUN = """async () => {
  for (const folded of document.querySelectorAll('details')) folded.open = true;
  const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
  const { violations } = await axe.run(document, { runOnly, resultTypes: ['violations'] });
  return violations.filter(each => ['serious', 'critical'].includes(each.impact))
    .map(each => [each.id, ...each.nodes.slice(0, 3).map(n => n.target + ': ' + n.failureSummary)]);
}"""


def accessibility(page):
    """Return what axe-core holds against a page, serious or critical."""
    page.evaluate(AXE.read_text("utf-8"))
    return [" | ".join(found) for found in page.evaluate(AXE_RUN)]


def of_each_type(site):
    """Return the pages that axe-core looks at; of API pages and listings of code one each."""
    listing = next(page for page in site if page.startswith("_modules/course/nn/"))
    return [*written_pages(site), "book/api/nn.html", "genindex.html", "py-modindex.html", listing]


def test_every_page(site, address, browser, setting, request):
    width, theme, motion = setting
    everything = request.config.getoption("--every-setting")
    problems = []
    # listings of source code have one layout: some of them, once, are enough
    listings = [page for page in site if page.startswith("_modules/")]
    chosen = content_pages(site) + (listings[::9] if setting == ALTERNATING[1] else [])
    # axe-core sees each page in one of the two settings, or in all of them
    turn = ALTERNATING.index(setting) if setting in ALTERNATING else 0
    examined = of_each_type(site) if everything else of_each_type(site)[turn::2]
    with opened(browser, address, width=int(width), theme=theme, motion=motion) as page:
        for here in sorted({*chosen, *examined}):
            response = page.goto(address + here, wait_until="load")
            assert response is not None and response.status == 200
            page.wait_for_function(TYPESET)
            for figure in page.locator(LIVE).all():
                figure.scroll_into_view_if_needed()
            page.wait_for_function(f"!document.querySelector('{LIVE}:not([data-live])')")
            for script, words in CHECKS:
                page.problems += [f"{words}: {found}" for found in page.evaluate(script)]
            errors = page.locator("mjx-merror").count()
            if errors:
                page.problems.append(f"{errors} formulas with errors")
            if here in examined:
                page.problems += accessibility(page)
            problems += [f"{here}: {problem}" for problem in page.problems]
            page.problems.clear()
    assert problems == [], "\n".join(problems[:60])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_menu_and_search_on_a_small_screen_are_accessible(address, browser, theme):
    with opened(browser, address, width=375, theme=theme) as page:
        for button, dialog in (
            (".primary-toggle", "#pst-primary-sidebar-modal"),
            (".search-button:visible", "#pst-search-dialog"),
            (".secondary-toggle", "#pst-secondary-sidebar-modal"),
        ):
            page.goto(address + "notebooks/05_attention.html", wait_until="load")
            page.locator(button).first.press("Enter")
            page.locator(dialog).wait_for()
            assert accessibility(page) == [], dialog
            page.keyboard.press("Escape")
            page.locator(dialog).wait_for(state="hidden")
        assert page.problems == []


def test_dark_mode_is_dark_and_pictures_stay_on_light_paper(address, browser):
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(address + "book/index.html")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(int(n) for n in re.findall(r"\d+", ground)[:3]) < 60
    paper = page.evaluate(
        "getComputedStyle(document.querySelector('img.s2s-picture')).backgroundColor"
    )
    assert paper == "rgb(255, 255, 255)"
    context.close()


def test_colours_come_from_the_palette(address, browser):
    from course.figures.palette import text

    page = browser.new_page()
    page.goto(address + "book/index.html")
    found = page.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--text-query')"
    )
    assert found.strip() == text("query", "light")
    page.close()


def test_search_finds(address, browser):
    page = browser.new_page()
    page.goto(address + "search.html?q=attention")
    page.wait_for_selector("#search-results ul.search li", timeout=30_000)
    assert page.locator("#search-results ul.search li").count() >= 3
    page.close()


def test_quick_questions_open_by_keyboard_and_solutions_are_folded(site, address, browser):
    context = browser.new_context(java_script_enabled=False)  # no kernel, and no script either
    page = context.new_page()
    for chapter in chapters(site):
        page.goto(address + chapter)
        assert page.locator("details[open]").count() == 0, chapter
        option = page.locator("details.option").first
        body = option.locator("p").first
        assert not body.is_visible()
        option.locator("summary").focus()
        page.keyboard.press("Enter")
        assert body.is_visible() and re.match(r"(Right|No)\.", body.inner_text()), chapter
    context.close()


def test_first_address_leads_to_the_book(address, browser):
    page = browser.new_page()
    page.goto(address)
    page.wait_for_url("**/book/index.html")
    assert page.locator("h1").first.inner_text().startswith("From Bottleneck")
    page.close()


def test_links_between_pages_resolve(site):
    texts = {page: (SITE / page).read_text("utf-8") for page in site}
    anchors = {
        page: set(map(unescape, re.findall(r"<[^>]* (?:id|name)=\"([^\"]*)\"", text)))
        for page, text in texts.items()
    }
    broken = []
    for page, text in texts.items():
        for link in map(unescape, set(re.findall(r"<a [^>]*?href=\"([^\"]*)\"", text))):
            target = urlparse(urljoin("http://site/" + page, link))
            if target.netloc != "site" or target.scheme != "http":
                continue
            path = unquote(target.path).lstrip("/") or "index.html"
            fragment = unquote(target.fragment)
            if not (SITE / path).is_file():
                broken.append(f"{page} -> {link}")
            elif path in anchors and fragment and fragment not in anchors[path]:
                broken.append(f"{page} -> {link} (no such place)")
    assert broken == []


def test_every_module_of_the_package_has_its_place(site):
    """A new package below `course` needs a page `book/api/NAME.md`; `cli` documents itself."""
    parts = {page.stem for page in (ROOT / "book" / "api").glob("*.md")}
    packages = {path.name for path in api_pages.PACKAGE.iterdir() if api_pages.modules(path.name)}
    assert packages - {"cli"} | {"course"} == parts
    for part in parts:
        text = (SITE / "book" / "api" / f"{part}.html").read_text("utf-8")
        for path in api_pages.modules(part):
            name = ".".join(path.relative_to(api_pages.PACKAGE.parent).with_suffix("").parts)
            assert f'id="module-{name.removesuffix(".__init__")}"' in text, name


def test_formulas_of_docstrings_are_typeset(site):
    """Between dollars, as in chapters; Sphinx by itself would show them as they are written."""
    formulas = 0
    for page in (SITE / "book" / "api").glob("*.html"):
        read = BeautifulSoup(page.read_text("utf-8"), "html.parser").select_one("article")
        formulas += len(read.select(".math"))
        assert not re.search(r"\$[^$\n]+\$", read.get_text()), page.name
    assert formulas > 50


def test_nothing_is_loaded_from_another_host(site):
    loaded = re.compile(r"<(?:script|img|iframe|source|video|audio|link)\b[^>]*>", re.I)
    outside = re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", re.I)
    for page in site:
        for tag in loaded.findall((SITE / page).read_text("utf-8")):
            assert not outside.search(tag), f"{page}: {tag}"


def test_marks_are_invisible(site):
    for page in written_pages(site):
        soup = BeautifulSoup((SITE / page).read_text("utf-8"), "html.parser")
        article = soup.find("article")
        for code in soup.select("code, pre"):
            code.decompose()
        assert article is None or not re.search(r"<!--\s*(r:|cite:|exact)", article.get_text())


def test_every_chapter_is_on_the_site_and_in_the_menu(site):
    toc = (ROOT / "book" / "_toc.yml").read_text("utf-8")
    for chapter in sorted((ROOT / "notebooks").glob("*.ipynb")):
        assert f"notebooks/{chapter.stem}" in toc
        assert f"notebooks/{chapter.stem}.html" in site


def test_claims_page_says_what_is_measured_and_what_is_not(site):
    from course import results
    from course_site import verdict

    soup = BeautifulSoup((SITE / "book/claims.html").read_text("utf-8"), "html.parser")
    rows = [row.get_text(" ", strip=True) for row in soup.select("article table tbody tr")]
    named = {name for row in rows for name in re.findall(r"^C\d+\b", row)}
    assert named == {f"C{i}" for i in range(1, 24)}
    for name in results.names():
        assert any(verdict(name) in row for row in rows), name
    measured = {results.load(name).claim for name in results.names()}
    for row in rows:
        claim = re.match(r"C\d+\b", row)
        if claim and claim[0] not in measured:
            assert "not measured yet" in row or "proved" in row


def test_a_second_build_has_nothing_to_do(site):
    result = subprocess.run(
        ["make", "--no-print-directory", "-q", "_build/html/index.html"],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if k not in {"MAKEFLAGS", "MAKELEVEL"}},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_chromium_is_found_first_on_the_path(monkeypatch, tmp_path):
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.find() == str(program)
