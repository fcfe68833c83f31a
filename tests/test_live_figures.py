"""Every live figure, whatever its kind: on the site, as a widget, in Colab's frame."""

import re

import nbformat
import pytest

import notebooks as pairs
from chromium_page import opened, served
from course.figures.base import Figure
from live_figures import AXE, FIGURES, KINDS, ROOT, example, lay, loaded_bytes, shown

MOST_BYTES = 60_000  # gzipped JavaScript of a page before any click, the theme aside
MOST_MILLISECONDS = 200  # from the import of a module to a figure that answers

each_kind = pytest.mark.parametrize("kind", KINDS)

FOCUSABLE = """figure => [...figure.querySelectorAll(
    'button, input, select, textarea, summary, a[href], [tabindex="0"]')]
  .filter(e => !e.disabled && e.checkVisibility({visibilityProperty: true}))
  .filter(e => e.tabIndex >= 0)  // in a row of buttons arrow keys lead on
  .filter(e => !e.closest('details:not([open])') || e.tagName === 'SUMMARY')"""
# a group of radio buttons is one stop, and arrow keys lead on
NAMES = f"""figure => [...new Set(({FOCUSABLE})(figure).map((e, i) => e.type === 'radio'
  ? 'radio ' + e.name : (e.dataset.test ??= e.tagName + ' ' + i)))]"""
FOCUSED = """() => { const e = document.activeElement;
  return e.type === 'radio' ? 'radio ' + e.name : e.dataset.test ?? e.id }"""
SEEN = """() => { const e = document.activeElement;
  const ringed = [e, e.nextElementSibling].filter(Boolean).map(getComputedStyle);
  return ringed.some(s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1) }"""
WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """figure => [...figure.querySelectorAll('button, input, select, summary, [role=button]')]
  .filter(e => e.checkVisibility())
  .map(e => [(e.closest('label') ?? e), e]).filter(([e]) => {
    const box = e.getBoundingClientRect(); return box.width < 24 || box.height < 24 })
  .map(([, e]) => e.outerHTML.slice(0, 120))"""
AXE_RUN = """async () => (await axe.run('figure.s2s', {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })).violations
  .filter(v => ['serious', 'critical'].includes(v.impact))
  .map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160) + n.failureSummary).join(' '))"""


def test_there_are_figures():
    assert KINDS


@each_kind
def test_on_the_site(browser, tmp_path, kind, setting):
    width, theme, motion = setting
    with shown(browser, tmp_path, kind, width=int(width), theme=theme, motion=motion) as (
        page,
        figure,
    ):
        host = page.locator("s2s-figure")
        assert host.locator("img.s2s-still").count() == 0  # the fallback has gone
        assert page.evaluate(WIDE) <= 0, "the page scrolls sideways"
        assert figure.evaluate(SMALL) == []
        data = example(kind).data
        assert figure.locator("figcaption").inner_text() == data["caption"]
        page.locator("details.s2s-words summary").click()
        assert figure.locator("details p").first.inner_text() == data["alt"]
        rows = figure.locator("details tbody tr")
        assert rows.count() == len(data["table"]["rows"]) > 0
        assert page.evaluate(WIDE) <= 0, "the page scrolls sideways"
        page.evaluate(AXE.read_text("utf-8") + ";0")
        assert page.evaluate(AXE_RUN) == []


@each_kind
def test_by_keyboard_alone(browser, tmp_path, kind):
    with shown(browser, tmp_path, kind) as (page, figure):
        wanted = set(figure.evaluate(NAMES))
        page.locator("#before").focus()
        found = set()
        for _ in range(3 * len(wanted) + 20):
            page.keyboard.press("Tab")
            name = page.evaluate(FOCUSED)
            if name == "after":
                break
            assert page.evaluate(SEEN), f"{name} is focused, and it can't be seen"
            found.add(name)
        assert name == "after", "the focus is trapped"
        assert wanted - found == set()


@each_kind
def test_as_a_widget(browser, tmp_path, kind):
    lay(tmp_path, kind, example(kind))
    with served(tmp_path) as address, opened(browser, address) as page:
        page.goto(address + "widget.html")
        page.wait_for_function("window.rendered")
        assert page.locator(f"#place figure.s2s-{kind}").is_visible()
        assert page.evaluate("['undefined', 'function'].includes(typeof window.stop)")
        page.evaluate("window.stop?.()")
        assert page.problems == []


@each_kind
def test_in_a_frame_without_any_rights(browser, tmp_path, kind):
    lay(tmp_path, kind, example(kind))
    with served(tmp_path) as address, opened(browser, address) as page:
        page.goto(address + "frame.html")
        output = page.frame_locator("iframe")
        output.locator(f"figure.s2s-{kind}").wait_for()
        assert output.locator("s2s-figure[data-live]").count() == 1
        assert page.problems == []


@each_kind
def test_without_javascript(browser, tmp_path, kind):
    lay(tmp_path, kind, example(kind))
    with (
        served(tmp_path) as address,
        opened(browser, address, width=375, java_script_enabled=False) as page,
    ):
        page.goto(address + "site.html")
        data = example(kind).data
        assert page.locator("p.s2s-caption").inner_text() == data["caption"]
        still = page.locator("s2s-figure img, s2s-figure table, s2s-figure ol, s2s-figure ul")
        assert still.first.is_visible(), "there is no picture, table or list in its place"
        page.locator("summary", has_text="words and numbers").focus()
        page.keyboard.press("Enter")
        assert page.locator("details.s2s-words p").inner_text() == data["alt"]


TIMED = """async (kind) => {
  const host = document.querySelector('s2s-figure');
  const stored = JSON.parse(host.querySelector('script').textContent);
  const start = performance.now();
  const figure = (await import(`./browser/figures/${kind}.mjs?${start}`)).default;
  const el = document.createElement('div');
  document.body.append(el);
  figure.render({ model: { get: () => stored }, el });
  el.getBoundingClientRect();
  return performance.now() - start;
}"""


@each_kind
def test_is_there_at_once(browser, tmp_path, kind):
    with shown(browser, tmp_path, kind) as (page, _):
        times = [page.evaluate(TIMED, kind) for _ in range(3)]
        print(f"{kind}: {min(times):.0f} ms")
        assert min(times) <= MOST_MILLISECONDS


@each_kind
def test_a_page_loads_little(kind):
    sizes = loaded_bytes(kind)
    print(f"{kind}: {sum(sizes.values())} bytes in {len(sizes)} files")
    assert sum(sizes.values()) <= MOST_BYTES


@each_kind
def test_the_html_is_the_same_each_time(kind):
    first, second = (example(kind)._repr_mimebundle_()[0] for _ in range(2))
    assert first["text/html"] == second["text/html"]
    assert len(first["text/html"]) <= 200_000


@each_kind
def test_what_is_said_stands_apart_from_code(kind):
    assert (FIGURES / "strings" / f"{kind}.mjs").is_file()


def test_a_figure_that_fails_leaves_its_fallback(browser, tmp_path):
    kind = KINDS[0]
    lay(tmp_path, kind, example(kind))
    page_file = tmp_path / "site.html"
    text = page_file.read_text("utf-8").replace(f'kind="{kind}"', 'kind="not-there"')
    page_file.write_text(text, "utf-8")
    with served(tmp_path) as address, opened(browser, address) as page:
        page.goto(address + "site.html")
        page.wait_for_function("document.readyState === 'complete'")
        page.wait_for_timeout(200)
        assert page.locator("p.s2s-caption").is_visible()
        assert any("404" in problem for problem in page.problems)


def test_nothing_loads_before_the_reader_is_near(browser, tmp_path):
    kind = KINDS[0]
    lay(tmp_path, kind, example(kind))
    page_file = tmp_path / "site.html"
    text = page_file.read_text("utf-8")
    page_file.write_text(text.replace("<h1", '<h1 style="height:5000px" id="high"><a', 1), "utf-8")
    with served(tmp_path) as address, opened(browser, address) as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address + "site.html", wait_until="load")
        page.wait_for_timeout(200)
        assert not [url for url in asked if url.endswith(f"{kind}.mjs")]
        page.locator("s2s-figure").scroll_into_view_if_needed()
        page.locator("figure.s2s").wait_for()


@each_kind
def test_stands_in_the_book(kind):
    stored = [path.read_text("utf-8") for path in pairs.NOTEBOOKS.glob("*.ipynb")]
    stored += [path.read_text("utf-8") for path in (ROOT / "book").glob("*.md")]
    assert any(re.search(rf's2s-figure kind=\\?"{kind}', text) for text in stored)


def test_stored_figures_are_of_known_kinds():
    for path in pairs.NOTEBOOKS.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                page = output.get("data", {}).get("text/html", "")
                for kind in re.findall(r'<s2s-figure kind="([^"]+)"', page):
                    assert kind in {"picture", *KINDS}, path.name


def test_in_colab_the_html_alone_is_given(monkeypatch):
    figure = example(KINDS[0])
    assert isinstance(figure, Figure)
    monkeypatch.setitem(__import__("sys").modules, "google.colab", object())
    data, _ = figure._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html"}
    assert '<script type="module">' in data["text/html"]
