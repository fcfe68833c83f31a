"""A server and a browser for the tests that need a real one, and pages that take notes.

A page's `problems` are all that must not happen: errors and warnings of the console, uncaught
exceptions, failed requests, answers of 400 and more, and any request to another host, which the
browser can't reach.
"""

import functools
import http.server
import threading
from contextlib import contextmanager

import pytest

import chromium
import firefox

# no name is resolved: what asks another host fails
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@contextmanager
def served(folder):
    """Serve a folder on this machine; gives the address, which ends with a slash."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def browser(request):
    """Chromium, or what the option `--browser` names."""
    named = request.config.getoption("--browser")
    yield from started_firefox() if named == "firefox" else started_chromium()


def started_chromium():
    from playwright.sync_api import sync_playwright

    path = chromium.find()
    assert path, "no Chromium: run `make test`, which installs one"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", OFFLINE])
        yield started
        started.close()


def started_firefox():
    path = firefox.find()
    if path is None:
        pytest.skip("no Firefox on PATH")
    with firefox.started(path) as started:
        yield started


@contextmanager
def opened(browser, address, *, width=1280, theme="light", motion="reduce", **options):
    """A page of its own, on which everything that must not happen is noted in `problems`.

    Args:
        browser: the fixture.
        address: what `served` gave; whatever else is asked for is a problem.
        width: of the window, in pixels.
        theme: "light" or "dark".
        motion: "reduce" or "no-preference".
        options: more for Playwright's `new_context`.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=theme,
        reduced_motion=motion,
        **options,
    )
    page = context.new_page()
    page.problems = []
    listen(page, address, page.problems.append)
    try:
        yield page
    finally:
        context.close()


def listen(page, address, note):
    """Tell `note` a sentence of each thing that must not happen on a page."""

    def failed(request):
        # what is still under way when the page goes on to the next one is aborted by the browser
        if not (request.failure or "").endswith(("ERR_ABORTED", "NS_BINDING_ABORTED")):
            note(f"failed {request.url}: {request.failure}")

    def asked(request):
        if not request.url.startswith((address, "data:", "blob:", "about:")):
            note(f"asks another host: {request.url}")

    page.on("console", lambda m: note(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: note(f"uncaught {error}"))
    page.on("requestfailed", failed)
    page.on("response", lambda r: note(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.on("request", asked)
