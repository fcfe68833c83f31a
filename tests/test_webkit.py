"""WebKit, the engine of Safari, as Debian ships it: every figure lives, and a model translates.

Playwright's WebKit is a build of its own; that of WebKitGTK speaks WebDriver, so Selenium drives
it. `make test-webkit` installs Selenium; the browser is `apt-get install webkit2gtk-driver xvfb`.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from chromium_page import served
from live_figures import KINDS, example, lay
from test_translate_page import FRENCH, SENTENCE, folder  # noqa: F401  a fixture

webdriver = pytest.importorskip("selenium.webdriver", reason="Selenium is not installed")
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402
from selenium.webdriver.webkitgtk.service import Service  # noqa: E402

DRIVER = shutil.which("WebKitWebDriver")
BROWSERS = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
NOTES = """<script>window.problems = [];
addEventListener("error", (event) => problems.push(event.message ?? "not loaded"), true);
addEventListener("unhandledrejection", ({ reason }) => problems.push(String(reason)));
console.error = (...parts) => problems.push(parts.join(" "));</script>"""
ASKED = "return performance.getEntriesByType('resource').map(({ name }) => name)"
KEYS = (Keys.ARROW_RIGHT, Keys.ENTER, Keys.ARROW_LEFT)
LONG = 60  # seconds

pytestmark = [
    pytest.mark.timeout(900),
    # Selenium's own
    pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning"),
    pytest.mark.skipif(not (DRIVER and BROWSERS), reason="no WebKitWebDriver with its browser"),
]


@pytest.fixture(scope="module")
def display():
    """A screen to draw on: the one that is there, or a virtual one."""
    if "DISPLAY" in os.environ:
        yield os.environ["DISPLAY"]
        return
    if not shutil.which("Xvfb"):
        pytest.skip("no display, and no Xvfb for a virtual one")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x1000x24"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        with os.fdopen(read) as numbers:
            yield f":{numbers.readline().strip()}"
        server.terminate()


@pytest.fixture(scope="module")
def webkit(display):
    options = webdriver.WebKitGTKOptions()
    options.binary_location = str(BROWSERS[-1])
    options.add_argument("--automation")
    environment = os.environ | {"DISPLAY": display, "WEBKIT_DISABLE_COMPOSITING_MODE": "1"}
    service = Service(DRIVER, env=environment, log_output=subprocess.DEVNULL)
    driver = webdriver.WebKitGTK(options=options, service=service)
    yield driver
    driver.quit()


def visit(webkit, place, address):
    """Open the page of a figure, which notes what goes wrong on it."""
    page = place / "site.html"
    text = page.read_text("utf-8")
    if NOTES not in text:
        page.write_text(text.replace("<html", NOTES + "<html", 1), "utf-8")
    webkit.get(address + "site.html")
    live = "return document.querySelector('s2s-figure[data-live]') !== null"
    WebDriverWait(webkit, LONG).until(lambda page: page.execute_script(live))


def assert_well(webkit, address):
    assert webkit.execute_script("return window.problems") == []
    own = (address, "data:", "blob:")
    assert all(name.startswith(own) for name in webkit.execute_script(ASKED))


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_lives_and_answers_to_keys(webkit, tmp_path, kind):
    lay(tmp_path, kind, example(kind))
    with served(tmp_path) as address:
        visit(webkit, tmp_path, address)
        webkit.execute_script("document.querySelector('#before').focus()")
        assert any(answers(webkit) for _ in range(30))
        assert_well(webkit, address)


def answers(webkit):
    """Go on to the next control; say whether a key on it changes the figure."""
    webkit.switch_to.active_element.send_keys(Keys.TAB)
    focused = webkit.switch_to.active_element
    assert focused.get_attribute("id") != "after", "no control answered to a key"
    if focused.tag_name.lower() == "summary":  # the browser opens these by itself
        return False
    figure = "return document.querySelector('figure.s2s').innerHTML"
    before = webkit.execute_script(figure)
    for key in KEYS:
        webkit.switch_to.active_element.send_keys(key)
        if webkit.execute_script(figure) != before:
            return True
    return False


def test_a_model_translates(webkit, folder):  # noqa: F811
    with served(folder) as address:
        visit(webkit, folder, address)
        field = webkit.find_element("css selector", "textarea")
        field.clear()
        field.send_keys(SENTENCE)
        webkit.find_element("css selector", ".s2s-primary").click()
        status = "return document.querySelector('.s2s-status').textContent"
        WebDriverWait(webkit, LONG).until(lambda page: " in " in page.execute_script(status))
        found = "return document.querySelector('.s2s-found p').textContent"
        assert webkit.execute_script(found) == FRENCH
        assert_well(webkit, address)
