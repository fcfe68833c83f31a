"""Live models: recordings are what the models say, and can be looked into without a model."""

import json
import subprocess

import pytest

from course import results
from course.errors import CourseError
from course.experiments.c01_tatoeba import SMALLEST_EFFECT
from course.figures.live_translate import MODELS, RISE, LiveTranslate, error_by_length
from exporting import exported
from live_figures import ROOT, shown
from node_tests import node, run, write

KIND = "live-translate"
GROWS = "I have a blue car and my brother has a red bicycle."
SEARCHED = "Nobody knows why she left without saying goodbye."


def example():
    return LiveTranslate(texts=["I have a blue car.", GROWS, SEARCHED])


def test_views_draw_what_was_recorded(tmp_path):
    data = LiveTranslate().data["data"]
    write(tmp_path, "live-translate.json", {k: data[k] for k in ("recordings", "lengths")})
    run("live-translate", tmp_path)


@pytest.mark.timeout(900)
def test_recordings_are_what_the_models_say(tmp_path):
    for name, folder in exported().items():
        (tmp_path / name).symlink_to(folder)
    out = tmp_path / "translations.json"
    tool = ROOT / "tools" / "record_translations.mjs"
    subprocess.run([node(), tool, tmp_path, out], check=True, timeout=800)
    stored = ROOT / "src" / "course" / "figures" / "translations.json"
    found, expected = (json.loads(path.read_text("utf-8")) for path in (out, stored))
    assert len(found) == len(expected) >= 20
    for ours, theirs in zip(found, expected, strict=True):
        same(ours, theirs)


def same(found, expected, path=""):
    """Equal, numbers but for the last of the digits that are stored."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            same(found[key], expected[key], f"{path}/{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), path
        for i, (a, b) in enumerate(zip(found, expected, strict=True)):
            same(a, b, f"{path}/{i}")
    elif "weights/data" in path:
        assert abs(found - expected) <= 1, path  # thousandths
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=2e-3, abs=1e-3), path
    else:
        assert found == expected, path


def test_the_limit_of_the_classic_model_is_the_records():
    assert RISE == SMALLEST_EFFECT
    found = error_by_length(results.load("c01_tatoeba"))
    short = found["short"]
    for each in found["bins"]:
        fails = each["classic"] - short["classic"] >= 100 * RISE
        assert fails == (each["low"] >= found["first"]), each
    assert [each["low"] for each in found["bins"]] == [1, 5, 9, 13, 17, 25]


def test_what_is_not_there_is_refused():
    with pytest.raises(CourseError, match="choose from gru"):
        LiveTranslate(["bert"])
    with pytest.raises(CourseError, match="was not recorded"):
        LiveTranslate(texts=["Something else."])


def test_only_what_is_asked_for_is_stored():
    figure = LiveTranslate(["gru", "transformer"], chosen="all", texts=[GROWS])
    data = figure.data["data"]
    assert data["models"] == [MODELS["gru"], MODELS["transformer"]] and data["chosen"] == "all"
    assert {r["text"] for r in data["recordings"]} == {GROWS}
    assert LiveTranslate(["luong"]).data["data"]["lengths"] is None


def test_a_recording_can_be_looked_into(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        assert "without the models" in figure.locator(".s2s-status").inner_text()
        assert figure.locator(".s2s-primary").is_hidden()
        assert figure.locator(".s2s-found p").first.inner_text() == "J'ai une voiture bleue."
        figure.get_by_role("button", name="my brother").click()
        figure.get_by_role("combobox", name="Model").select_option("all")
        cells = figure.locator(".s2s-compare tbody tr", has_text="Classic").locator("td")
        assert cells.first.inner_text() == "J'ai un vélo bleu et a choisi un vélo bleu."
        warning = figure.locator(".s2s-warning")
        assert warning.inner_text().startswith("12 words are many for one vector")
        figure.get_by_label("Look inside the classic model").check()
        assert "it has no attention" in figure.locator(".s2s-readout:visible").inner_text()
        figure.get_by_role("combobox", name="Model").select_option(MODELS["transformer"])
        assert warning.is_hidden()


def test_no_answer_stands_beside_a_sentence_that_it_is_not_of(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        found, status = figure.locator(".s2s-results"), figure.locator(".s2s-status")
        text = figure.get_by_label("English sentence")
        recorded = text.input_value()
        text.fill("The black cat sees a small house.")
        assert found.is_hidden() and "without the models" in status.inner_text()
        text.fill(recorded)
        assert found.is_visible() and "without the models" in status.inner_text()


def test_heatmap_and_arcs_by_keyboard(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        readout = figure.locator(".s2s-readout:visible")
        first = figure.get_by_role("gridcell").and_(figure.locator("[tabindex='0']"))
        first.focus()
        for key in ("ArrowDown", "ArrowDown", "End", "ArrowLeft"):
            page.keyboard.press(key)
        focused = page.locator(":focus")
        assert focused.get_attribute("aria-label").startswith("voiture looks at car.: ")
        assert readout.inner_text().startswith("“voiture” looks at “car.” ")
        page.keyboard.press("ArrowDown")
        assert readout.inner_text().startswith("“bleue.” looks at “blue” ")
        figure.get_by_label("Heatmap").focus()
        page.keyboard.press("ArrowRight")
        words = figure.locator(".s2s-arcs button")
        assert words.count() == 11
        words.first.focus()
        page.keyboard.press("ArrowRight")
        assert readout.inner_text().startswith("“J'ai” looks at ")
        assert figure.locator(".s2s-arcs path:not(.s2s-off)").count() < 6
        heads = figure.get_by_label("Head")
        before = readout.inner_text()
        heads.select_option("2")
        words.nth(6).focus()
        assert readout.inner_text() != before


def test_tree_step_by_step_by_keyboard(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        figure.get_by_role("button", name="Nobody knows").press("Enter")
        figure.get_by_label("Beam tree").check(force=True)
        nodes, readout = figure.locator(".s2s-tree button"), figure.locator(".s2s-readout:visible")
        assert nodes.count() == 15 * 8
        output = figure.locator(".s2s-tree button.s2s-best").last
        assert "the output" in output.inner_text()
        step = figure.locator(".s2s-beam input[type=range]")
        step.focus()
        page.keyboard.press("Home")
        assert nodes.count() == 8
        figure.get_by_role("button", name="Forward").press("Enter")
        assert nodes.count() == 16
        nodes.first.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        assert readout.inner_text().startswith("“Personne n'”")
        page.keyboard.press("ArrowLeft")
        assert readout.inner_text().startswith("“Personne”")
        # one wider: the recordings have beams 1 to 8, and another alpha
        figure.get_by_label("1", exact=True).check(force=True)
        assert "a quitté" in figure.locator(".s2s-found p").first.inner_text()
        figure.get_by_label("2", exact=True).check(force=True)
        assert "est parti" in figure.locator(".s2s-found p").first.inner_text()


def test_numbers_in_cells_can_be_read(browser, tmp_path):
    script = """async (theme) => {
      document.documentElement.dataset.theme = theme;
      const { heatmap } = await import("./browser/figures/attention-heatmap.mjs");
      const shares = Array.from({ length: 101 }, (_, i) => i / 100);
      const names = shares.map((share) => ({ label: String(share), end: false }));
      const words = { label: "x", cell: () => "x", row: () => "x" };
      const drawn = { rows: [names[0]], columns: names, values: [shares] };
      const table = heatmap({ ...drawn, words, tell() {} });
      document.querySelector("figure.s2s").append(table);
      const options = { willReadFrequently: true };
      const canvas = document.createElement("canvas").getContext("2d", options);
      const channels = (colour) => {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
      };
      const light = (colour) => {
        const [r, g, b] = channels(colour).map((c) => c / 255).map((c) =>
          c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      return Math.min(...[...table.querySelectorAll("tbody td")].map((cell) => {
        const { color, backgroundColor } = getComputedStyle(cell);
        const [a, b] = [light(color), light(backgroundColor)].sort((x, y) => y - x);
        return (a + 0.05) / (b + 0.05);
      }));
    }"""
    with shown(browser, tmp_path, KIND) as (page, _):
        for theme in ("light", "dark"):
            assert page.evaluate(script, theme) >= 4.5
