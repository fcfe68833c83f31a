"""Firefox as distributions ship it, driven by Playwright over WebDriver BiDi.

Playwright's own Firefox is a patched build that it has to download; its channel `moz-firefox`
drives an unpatched one. What it can't emulate there is a setting of the whole browser: so each
theme, motion and "no scripts" that is asked for gets a Firefox of its own.
"""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

NAMES = ("firefox-esr", "firefox")
# nothing listens on port 9: what asks another host fails
OFFLINE = {
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "127.0.0.1",
}


def find() -> str | None:
    """Return the path of a Firefox, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Firefox:
    """What the tests use of Playwright's `Browser`, over as many Firefoxes as it takes."""

    def __init__(self, launch):
        self.launch = launch
        self.started = {}

    def new_context(
        self,
        *,
        color_scheme="light",
        reduced_motion="no-preference",
        java_script_enabled=True,
        **options,
    ):
        if options.get("has_touch"):
            pytest.skip("a tap by Playwright has no effect over WebDriver BiDi")
        settings = (color_scheme, reduced_motion, java_script_enabled)
        if settings not in self.started:
            self.started[settings] = self.launch(firefox_user_prefs=preferences(*settings))
        return self.started[settings].new_context(**options)

    def new_page(self, **options):
        return self.new_context(**options).new_page()

    def close(self):
        for browser in self.started.values():
            browser.close()


def preferences(theme, motion, scripts):
    return OFFLINE | {
        "layout.css.prefers-color-scheme.content-override": 0 if theme == "dark" else 1,
        "ui.prefersReducedMotion": int(motion == "reduce"),
        "javascript.enabled": scripts,
    }


@contextmanager
def started(path):
    """Start Playwright's driver so that it can talk to any Firefox; gives a `Firefox`."""
    from playwright.sync_api import sync_playwright

    preload = f"--require {Path(__file__).parent / 'browser' / 'bidi.cjs'}"
    before = os.environ.get("NODE_OPTIONS")
    os.environ["NODE_OPTIONS"] = " ".join(filter(None, (before, preload)))
    try:
        playwright = sync_playwright().start()
    finally:
        del os.environ["NODE_OPTIONS"]
        if before is not None:
            os.environ["NODE_OPTIONS"] = before

    def launch(**options):
        return playwright.firefox.launch(executable_path=path, channel="moz-firefox", **options)

    browser = Firefox(launch)
    try:
        yield browser
    finally:
        browser.close()
        playwright.stop()
