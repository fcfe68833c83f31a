"""The live models in a real browser: in a worker, from this host alone, and without a network."""

import functools
import http.server
import json
import shutil
import threading
from pathlib import Path

import pytest

import browser_files
import chromium
from exporting import exported

NAME = "tatoeba-en-fr-transformer"
PAGE = Path(__file__).parent / "browser" / "page.html"
TEN_WORDS = "The blue car is in front of the old house."
MOST_MILLISECONDS = 2000  # the target is 300 on a quiet machine; tests share theirs


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder as the site has it, with one model and nothing else."""
    target = tmp_path_factory.mktemp("site")
    shutil.copy(PAGE, target / "index.html")
    shutil.copytree(browser_files.BROWSER, target / "browser")
    browser_files.lay_runtime(target / "ort")
    shutil.copytree(exported()[NAME], target / "models" / NAME)
    return target


@pytest.fixture(scope="module")
def address(folder):
    handler = functools.partial(QuietHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    path = chromium.find()
    assert path, "no Chromium: run `make test`, which installs one"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser, address):
    """The page, opened; whatever it complains of or asks of another host fails the test."""
    context = browser.new_context()
    problems = []

    def route(sent):
        if sent.request.url.startswith(address):
            return sent.continue_()
        problems.append(f"asks another host: {sent.request.url}")
        return sent.abort()

    context.route("**/*", route)
    opened = context.new_page()
    opened.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(address)
    opened.wait_for_function("window.client")
    yield opened
    context.close()
    assert problems == []


LOAD = """async (model) => {
  let bytes = 0;
  const onProgress = (more) => { bytes += more; };
  const found = await settle(client.load(model, { onProgress }));
  return { ...found, bytes };
}"""
TRANSLATE = """([model, text, options]) => settle(client.translate(model, text, options))"""


def translate(page, text, **options):
    return page.evaluate(TRANSLATE, [f"models/{NAME}", text, options])


def test_a_model_translates_in_a_worker_and_without_a_network(page, folder):
    loaded = page.evaluate(LOAD, f"models/{NAME}")
    assert loaded["value"]["name"] == NAME, loaded
    wasm = json.loads((folder / "ort" / "ort.json").read_text("utf-8"))["wasm"]["bytes"]
    assert loaded["bytes"] == loaded["value"]["bytes"] + wasm
    page.context.set_offline(True)
    found = translate(page, "I have a blue car.", beam=4)["value"]
    best = found["translations"][0]
    assert best["text"] == "J'ai une voiture bleue."
    assert len(best["weights"]) == len(best["pieces"])
    assert most_watched(found, "bleue") == "blue" and most_watched(found, "voiture") == "car"
    times = [translate(page, TEN_WORDS, beam=4)["value"]["milliseconds"] for _ in range(5)]
    print(f"ten words, beam 4: {min(times):.0f} to {max(times):.0f} ms")
    assert min(times) < MOST_MILLISECONDS


def most_watched(found, word):
    """The source word with most attention while a word is written, over layers and heads."""
    best, source = found["translations"][0], found["source"]
    index = best["text"].removesuffix(".").split(" ").index(word)
    watched = dict.fromkeys(range(len(source["text"].split())), 0.0)
    for row, at in zip(best["weights"], best["words"], strict=False):
        data = row["data"]
        for i, of in enumerate(source["words"]):
            watched[of] += sum(data[i :: row["source"]]) if at == index else 0.0
    return source["text"].removesuffix(".").split()[max(watched, key=watched.__getitem__)]


def test_a_second_visit_downloads_nothing_large(page, address):
    page.evaluate(LOAD, f"models/{NAME}")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_function("window.client")
    loaded = page.evaluate(LOAD, f"models/{NAME}")
    assert loaded["value"]["name"] == NAME
    assert not [url for url in asked if url.endswith((".onnx", ".bin", ".gz"))]


def test_what_cannot_be_done_is_said_in_a_sentence(page):
    unloaded = translate(page, "I have a blue car.")
    assert unloaded["code"] == "notLoaded"
    # the server answers, but with another file
    code = page.evaluate("async () => (await settle(client.load('ort/ort.json?'))).code")
    assert code == "damaged"


def test_a_search_is_stopped(page):
    page.evaluate(LOAD, f"models/{NAME}")
    code = page.evaluate(
        """async ([model, text]) => {
          const controller = new AbortController();
          const asked = client.translate(model, text, { beam: 8 },
            { signal: controller.signal, onStep: () => controller.abort() });
          return (await settle(asked)).code;
        }""",
        [f"models/{NAME}", TEN_WORDS],
    )
    assert code == "aborted"
    assert translate(page, "I have a blue car.")["value"]["ok"]  # and the next one runs
