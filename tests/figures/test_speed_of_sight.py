"""Figure "speed of sight": its times are the records', and the race obeys the reader."""

import dataclasses

import pytest

from course import results
from course.figures.speed_of_sight import KINDS, LENGTHS, MODES, RECORDS, SpeedOfSight
from live_figures import shown
from node_tests import run

KIND = "speed-of-sight"


def example():
    return SpeedOfSight()


@pytest.mark.parametrize("machine", RECORDS)
def test_times_and_ratios_are_those_of_the_records(machine):
    runs = example().data["data"]["machines"][machine]["runs"]
    for mode in MODES:
        for i, length in enumerate(LENGTHS):
            for kind in KINDS:
                measured = results.value(f"{RECORDS[machine]}/{kind}/{length}/{mode}")
                assert runs[mode][i][kind] == pytest.approx(measured, rel=1e-3)
            ratio = results.value(f"{RECORDS[machine]}/summary/{mode}.gru.{length}")
            assert runs[mode][i]["ratio"][0] == pytest.approx(ratio, rel=1e-3)


def test_chains_are_those_of_the_record():
    chain = example().data["data"]["chain"]
    assert chain["gru"] == [10 * length + 6 for length in LENGTHS]
    assert set(chain["transformer"]) == {25}


def test_other_records_give_another_race():
    record = results.load("c10_parallel")
    rows = tuple(
        dataclasses.replace(row, value=2 * row.value) if row.arm == "gru" else row
        for row in record.rows
    )
    made = SpeedOfSight({"CPU": dataclasses.replace(record, rows=rows)}).data["data"]
    usual = example().data["data"]["machines"]["CPU"]["runs"]["prefill"][0]
    twice = made["machines"]["CPU"]["runs"]["prefill"][0]
    assert twice["gru"] == pytest.approx(2 * usual["gru"], rel=1e-3)
    assert twice["transformer"] == usual["transformer"]


def test_clock_and_cells(tmp_path):
    run("race", tmp_path)


def said(figure):
    return figure.locator(".s2s-result").inner_text()


def pick(figure, *labels):
    for label in labels:
        figure.locator(".s2s-pills label").filter(has_text=label).first.click()


def full(figure, lane):
    return figure.locator(".s2s-lane").nth(lane).locator("rect.s2s-full").count()


def test_time_can_be_set_and_each_ending_is_told(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        time = figure.get_by_label("Time")
        assert said(figure).startswith("On 2 cores of a CPU, one text of 512 words is read.")
        time.fill("500")
        assert full(figure, 0) == 256
        time.fill("1000")
        assert said(figure).startswith("The Transformer is first. Reading took the GRU 12.7 ms")
        assert "2.41 times as long" in said(figure)
        pick(figure, "writing", "GPU")
        assert said(figure).startswith("On one GPU") and full(figure, 0) == 0
        time.fill("500")
        # the GRU has long been there; both go word by word
        assert full(figure, 0) == 64 and full(figure, 1) == 32
        time.fill("1000")
        assert said(figure).startswith("The GRU is first. Writing took")
        assert "0.11 times as long" in said(figure)
        pick(figure, "training", "16")
        time.fill("1000")
        assert said(figure).startswith("The GRU is first. Training took")
        assert "0.60 times as long" in said(figure)


def test_without_motion_it_jumps_from_finish_to_finish_by_keyboard(browser, tmp_path):
    with shown(browser, tmp_path, KIND, motion="reduce") as (page, figure):
        jump = figure.get_by_role("button", name="Jump to the next finish")
        lanes = figure.locator(".s2s-lane")
        jump.focus()
        page.keyboard.press("Enter")
        ended = [lane.get_attribute("class").endswith("s2s-finished") for lane in lanes.all()]
        assert ended == [False, True]
        page.keyboard.press("Space")
        assert said(figure).startswith("The Transformer is first.")
        assert figure.locator(".s2s-finished").count() == 2
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert figure.get_by_label("Time").input_value() == "0"
        page.keyboard.press("Tab")
        page.keyboard.press("End")
        assert figure.locator(".s2s-finished").count() == 2


def test_it_runs_by_the_measured_clock_and_pauses(browser, tmp_path):
    with shown(browser, tmp_path, KIND, motion="no-preference") as (page, figure):
        page.clock.install()
        page.reload()
        figure.get_by_text("Slow motion: 500 times slower").wait_for()
        play = figure.get_by_role("button", name="Play")
        page.clock.pause_at(page.evaluate("Date.now()") + 1000)
        play.press("Enter")
        page.clock.run_for(3000)
        # three seconds, 500 times slower: 6 ms of the GRU's 12.7
        pause = figure.get_by_role("button", name="Pause")
        assert full(figure, 0) == pytest.approx(512 * 6 / 12.65, abs=6)
        pause.press("Enter")
        stood = full(figure, 0)
        page.clock.run_for(2000)
        assert full(figure, 0) == stood
        play.click()
        page.clock.run_for(6000)
        assert full(figure, 0) == 512 and said(figure).startswith("The Transformer is first.")
        play.click()
        page.clock.run_for(1000)
        assert 0 < full(figure, 0) < 100
