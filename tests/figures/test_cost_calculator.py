"""Figure "cost calculator": its counts are the package's, its times are the records'."""

import random

import pytest

from course import results
from course.figures.cost_calculator import CHAPTER, LARGE, RECORDED, CostCalculator, menu
from course.ops.efficient import costs
from course.ops.efficient.patterns import bigbird_layout
from live_figures import shown
from node_tests import run, write

KIND = "cost-calculator"


def example():
    return CostCalculator()


def counted(cost):
    return {name: getattr(cost, name) for name in ("multiplications", "scores", "state", "cache")}


def layout(length, block, seen):
    """The least that sees as many blocks as `seen`."""
    parts = {"window": 1, "num_global": 0, "num_random": seen - 1}
    return bigbird_layout(-(-length // block), **parts, causal=True)


FORMULAS = {
    "full": (costs.full_cost, lambda r: {"groups": r.randint(1, 8)}),
    "tiled": (
        lambda s, block: costs.tiled_cost(s, block=block, causal=True),
        lambda r: {"block": r.randint(1, 200)},
    ),
    "window": (
        lambda s, reach: costs.sliding_window_cost(s, window=reach, causal=True),
        lambda r: {"reach": r.randint(1, 300)},
    ),
    "blockSparse": (
        lambda s, block, seen: costs.block_sparse_cost(
            s, layout(s.length, block, seen), block=block
        ),
        lambda r: {"block": r.randint(20, 100), "seen": r.randint(1, 9)},
    ),
    "lowRank": (costs.low_rank_cost, lambda r: {"rank": r.randint(1, 300)}),
    "linear": (
        lambda s, **options: costs.linear_cost(s, causal=True, **options),
        lambda r: {"chunk": r.randint(1, 99)} | r.choice([{}, {"features": r.randint(1, 300)}]),
    ),
    "gated": (costs.gated_linear_cost, lambda r: {"chunk": r.randint(1, 99)}),
    "gatedDelta": (costs.gated_delta_cost, lambda r: {"chunk": r.randint(1, 99)}),
}


def random_formulas(r):
    for formula, (of, draw) in FORMULAS.items():
        for _ in range(25):
            sizes = {"length": r.choice([r.randint(1, 300), r.randint(1, 5000)])}
            sizes |= {name: r.randint(1, 70) for name in ("heads", "key", "value")}
            s = costs.Sizes(
                length=sizes["length"],
                heads=sizes["heads"],
                d_key=sizes["key"],
                d_value=sizes["value"],
            )
            options = draw(r)
            expected = counted(of(s, **options))
            yield {"formula": formula, "sizes": sizes, "options": options, "expected": expected}


def random_menus(r):
    for base in (CHAPTER, LARGE):
        for length in (1, 63, 64, 65, r.randint(200, 3000), 16_384):
            for reach in (256, 512):
                model = {**base, "reach": reach, "layers": r.randint(1, 9)}
                sizes = {name: model[name] for name in ("heads", "width", "reach")}
                expected = {
                    kind: {
                        "multiplications": model["layers"] * cost.multiplications,
                        "held": cost.bytes_held(model["bytes"]),
                        "kept": model["layers"] * cost.cache_bytes(model["bytes"]),
                    }
                    for kind, cost in menu(length, **sizes).items()
                }
                yield {"length": length, "model": model, "expected": expected}


def test_counts_are_the_packages(tmp_path):
    r = random.Random(10)
    write(
        tmp_path,
        "costs.json",
        {"formulas": list(random_formulas(r)), "menus": list(random_menus(r))},
    )
    run("costs", tmp_path)


def test_times_are_the_records():
    stored = example().data["data"]["measured"]
    for name, machine in zip(("c18_cost", "c18_gpu"), stored, strict=True):
        found = {}
        for each in results.load(name).rows:
            found.setdefault((each.arm, each.metric, each.x), []).append(each.value)
        times = {key for key in found if key[1] in ("forward", "training")}
        for arm, kind in RECORDED.items():
            for task, points in machine["kinds"].get(kind, {}).items():
                for n, mean, low, high, peak in points:
                    seconds, most = found[arm, task, n], found[arm, f"{task}-bytes", n]
                    times.remove((arm, task, n))
                    expected = [sum(seconds) / len(seconds), min(seconds), max(seconds), most[0]]
                    assert [mean, low, high, peak] == pytest.approx(expected, rel=1e-3)
        assert not times, "measured, and not in the figure"
    assert [machine["machine"] for machine in stored] == [
        "2 CPU cores, 32 bits",
        "NVIDIA H100 80GB HBM3, 16 bits",
    ]
    assert [machine["repetitions"] for machine in stored] == [3, 3]


def in_browser(number, unit):
    """A number of the payload, four digits, as the browser shows it, three digits."""
    return f"{float(f'{number:.4g}') + 1e-9:.3g} {unit}"


def said(figure):
    return figure.locator(".s2s-result").inner_text()


def row(figure, name):
    """The cells of a kind's row, its name first."""
    found = figure.locator(".s2s-cost-table tbody tr").filter(
        has=figure.page.get_by_label(name, exact=True)
    )
    return found.locator("th, td:visible").all_inner_texts()


def typed(box, text):
    """Type over what a number box holds; over BiDi, `fill` appends to it."""
    box.press("Control+a")
    box.press_sequentially(text)


def test_presets_say_how_many_words_and_why(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        words = {"a sentence": 32, "a long document": 120_000, "a large image": 65_536}
        words |= {"an hour of video": 921_600}
        for name, count in words.items():
            figure.get_by_label(name, exact=True).check()
            assert said(figure).startswith(f"{count:,} words:")
            assert figure.get_by_label("Words, exactly").input_value() == str(count)
            assert f"{count:,} words." in figure.locator(".s2s-note").first.inner_text().replace(
                "Some ", ""
            )
        typed(figure.get_by_label("Words, exactly"), "5000")
        assert not figure.get_by_label("an hour of video", exact=True).is_checked()


def test_the_table_is_the_packages_menu(browser, tmp_path):
    cost = menu(16_384)
    with shown(browser, tmp_path, KIND) as (_, figure):
        typed(figure.get_by_label("Words, exactly"), "16384")
        name, work, held, kept, _ = row(figure, "full")
        assert (name, work, held, kept) == ("full", "1.4·10¹¹", "2 GiB", "16 MiB")
        assert cost["full"].bytes_held(2) == 2 * 2**30
        assert row(figure, "low rank")[3] == "can't write"
        assert row(figure, "window")[3] == "256 KiB" == f"{cost['window'].cache_bytes(2) >> 10} KiB"


def test_memory_ends_where_scores_and_cache_fill_it(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        figure.get_by_label("memory held", exact=True).check()
        figure.get_by_label("seven billion weights", exact=True).check()
        for gib in (8, 80):
            figure.get_by_label(f"{gib} GiB", exact=True).check()
            end = int(row(figure, "full")[-1].replace(",", ""))

            def needed(n):
                cost = menu(n, heads=32, width=4096)["full"]
                return cost.bytes_held(2) + 32 * cost.cache_bytes(2)

            assert needed(end) <= gib * 2**30 < needed(end + 1)
            assert f"fills {gib} GiB at {end:,} words" in said(figure)
        typed(figure.get_by_label("Your GPU's memory in GiB"), "12.5")
        assert figure.locator(".s2s-cost-ends").text_content().endswith("12.5 GiB")
        assert not figure.get_by_label("80 GiB", exact=True).is_checked()


def test_the_cache_of_seven_billion_weights_is_half_a_mebibyte_a_word(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        figure.get_by_label("seven billion weights", exact=True).check()
        figure.get_by_label("memory kept", exact=True).check()
        typed(figure.get_by_label("Words, exactly"), "32768")
        assert "keeps 16 GiB" in said(figure)
        figure.get_by_label("Bits a number").select_option(label="64")
        assert "keeps 64 GiB" in said(figure)
        assert not figure.get_by_label("seven billion weights", exact=True).is_checked()


def test_lines_come_and_go_by_keyboard(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        names = figure.locator(".s2s-cost-name")
        assert names.all_text_contents() == [
            "full",
            "fused",
            "window",
            "random",
            "linear",
            "12 n D²",
        ]
        figure.get_by_label("gated delta", exact=True).focus()
        page.keyboard.press("Space")
        assert "delta" in names.all_text_contents()
        figure.get_by_label("full", exact=True).focus()
        page.keyboard.press("Space")
        assert "full" not in names.all_text_contents()
        assert figure.locator(".s2s-cost-cross").count() == 0
        figure.get_by_role("slider").focus()
        before = said(figure)
        page.keyboard.press("ArrowLeft")
        assert said(figure) != before


def test_the_length_is_dragged(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        chart = figure.locator("svg.s2s-drag")
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
        page.mouse.down()
        page.mouse.move(box["x"] + 20, box["y"] + 100, steps=4)
        page.mouse.up()
        assert said(figure).startswith("32 words:")


def test_measured_time_says_where_it_was_measured_and_goes_no_further(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        figure.get_by_label("measured time", exact=True).check()
        assert figure.get_by_label("Words, exactly").input_value() == "16384"  # the longest
        mean = results.value("c18_cost/linear/16384/training")
        assert row(figure, "linear")[1] == in_browser(1000 * mean, "ms")
        typed(figure.get_by_label("Words, exactly"), "120000")
        assert (
            "nothing so long was measured on 2 CPU cores, 32 bits. The longest is 16,384"
            in said(figure)
        )
        assert row(figure, "fused")[1] == "not measured"
        assert not figure.get_by_label("Heads").is_visible()
        typed(figure.get_by_label("Words, exactly"), "9000")
        mean = results.value("c18_cost/fused/8192/training")
        assert row(figure, "fused")[1] == in_browser(1000 * mean, "ms")
        assert "Nearest length that was measured: 8,192 words." in said(figure)
        figure.get_by_label("NVIDIA H100", exact=False).check()
        figure.get_by_label("read", exact=True).check()
        mean = results.value("c18_gpu/fused/8192/forward")
        assert row(figure, "fused")[1] == in_browser(1e6 * mean, "µs")
        assert row(figure, "2 groups")[1] == "not measured"


@pytest.mark.parametrize("quantity", ["operations", "measured time"])
def test_a_narrow_table_shows_all_its_columns(browser, tmp_path, quantity):
    with shown(browser, tmp_path, KIND, width=375) as (_, figure):
        figure.get_by_label(quantity, exact=True).check()
        box = figure.locator(".s2s-stage .s2s-scroll")
        assert box.evaluate("(el) => el.scrollWidth - el.clientWidth") == 0
