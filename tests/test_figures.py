"""Palette, payload, labels, and the parent of live figures."""

import base64
import json
import re

import numpy as np
import pytest

from course.errors import CourseError
from course.figures import bundle
from course.figures import palette as colours
from course.figures.base import Figure
from course.figures.labels import spread
from course.figures.payload import payload, to_html

PALETTE = colours.palette()
WORDS = {"alt": "A line that rises.", "caption": "Errors against length."}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("role", colours.ROLES)
def test_text_can_be_read(theme, role):
    for ground in ("background", "surface"):
        if role == "key" and (theme, ground) == ("light", "surface"):
            continue  # key words stand on the page itself
        assert colours.contrast(colours.text(role, theme), PALETTE["theme"][theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "muted"])
def test_plain_text_can_be_read(theme, name):
    ground = PALETTE["theme"][theme]["background"]
    assert colours.contrast(PALETTE["theme"][theme][name], ground) >= 4.5


def test_contrast_of_known_pairs():
    assert colours.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert colours.contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)
    assert colours.contrast("#123456", "#123456") == 1


def test_marks_are_those_of_the_book():
    assert colours.mark("source") == "#0072B2"
    assert colours.mark("target") == "#D55E00"
    assert colours.mark("attention") == "#8E5EA2"


def test_ramp_runs_from_the_page_to_purple_and_only_darkens():
    for theme in ("light", "dark"):
        ground = PALETTE["theme"][theme]["background"]
        ramp = PALETTE["ramp"][theme]
        assert ramp[0] == ground
        steps = [colours.contrast(colour, ground) for colour in ramp]
        assert steps == sorted(steps)


def test_unknown_role_names_the_known():
    with pytest.raises(CourseError, match="source, target, attention"):
        colours.mark("encoder")


def test_css_holds_every_colour_of_both_themes():
    css = colours.css()
    assert css.count("--mark-source: #0072B2;") == 1
    light, dark = css.split('html[data-theme="dark"]')
    assert 'html[theme="dark"]' in dark and 'body[data-jp-theme-light="false"]' in dark
    assert PALETTE["text"]["light"]["query"] in light
    assert PALETTE["text"]["dark"]["query"] in dark


def test_payload_keeps_the_contract():
    table = {"columns": ["n", "errors"], "rows": [[3, np.float64(0.123456)], (5, 1.0)]}
    made = payload("picture", **WORDS, table=table, data={"x": np.array([1.5, 2.0])})
    assert set(made) == {"schema", "kind", "data", "alt", "caption", "table"}
    assert made["table"] == {"columns": ["n", "errors"], "rows": [[3, 0.1235], [5, 1]]}
    assert made["data"] == {"x": [1.5, 2]}
    assert json.loads(json.dumps(made)) == made


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alt": ""}, "alt="),
        ({"caption": "Plot"}, "caption="),
        ({"table": {"columns": ["a"], "rows": [[1, 2]]}}, "row of 2"),
        ({"table": {"columns": ["a"], "rows": [[float("nan")]]}}, "nan"),
    ],
)
def test_payload_refuses(change, message):
    with pytest.raises(CourseError, match=message):
        payload("picture", **(WORDS | change))


def test_html_carries_the_payload_and_can_be_read_without_scripts():
    made = payload(
        "picture",
        alt="Weights of </script> and more.",
        caption="Less <b>bold</b> than it looks.",
        table={"columns": ["<w>", "y"], "rows": [["a&b", 0.5]]},
    )
    page = to_html(made)
    stored = re.search(r'<script type="application/json">(.*?)</script>', page)[1]
    assert "<" not in stored
    assert json.loads(stored) == made
    rest = page.replace(stored, "")
    assert "Less &lt;b&gt;bold" in rest
    assert "<td>a&amp;b</td><td>0.5</td>" in rest
    assert "Weights of &lt;/script&gt;" in rest
    assert page == to_html(made)


class Small(Figure):
    kind = "positions"  # whose module it would need to draw anything

    def fallback(self):
        return "<p>still</p>"


def test_figure_stores_html_beside_the_widget():
    figure = Small(**WORDS, data={"x": [1.0]})
    data, _ = figure._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert '<s2s-figure kind="positions"' in data["text/html"]
    assert "<p>still</p>" in data["text/html"]
    assert data["text/plain"] == "Figure: A line that rises."
    assert figure.get_state()["data"]["data"] == {"x": [1]}
    assert "--mark-query" in figure.get_state()["_css"]
    figure.close()


def test_a_bundle_holds_all_that_it_imports():
    whole = bundle.module("figures/positions.mjs")
    assert "./" not in re.sub(r"base64,[\w+/=]+", "", whole).replace("`./", "")
    inner = [base64.b64decode(each).decode() for each in re.findall(r"base64,([\w+/=]+)", whole)]
    assert any("export function sinusoidal" in each for each in inner)
    assert any("data:text/javascript" in each for each in inner)  # imports of imports, too


def test_spread_keeps_what_fits_and_separates_what_touches():
    assert spread([0.0, 50.0, 20.0], [10, 10, 10]) == [0, 50, 20]
    placed = spread([10.0, 11.0, 12.0, 90.0], [10, 10, 10, 10])
    assert placed == pytest.approx([1, 11, 21, 90])
    # pushing one pair apart can make it touch the next: groups grow
    placed = spread([0.0, 2.0, 9.0, 17.0], [10, 10, 10, 10])
    gaps = np.diff(sorted(placed))
    assert (gaps >= 10 - 1e-9).all()
    assert np.argsort(placed).tolist() == [0, 1, 2, 3]


def test_any_text_can_be_saved():
    odd = "half a character \ud83d is none"
    made = payload(
        "x", alt=odd, caption=odd, table={"columns": [odd], "rows": [[odd]]}, data={odd: odd}
    )
    page = to_html(made, fallback=odd)
    assert page.encode().decode().count("half a character \ufffd is none") == 11
    assert json.dumps(made, ensure_ascii=False).encode()
