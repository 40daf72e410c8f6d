"""Pictures: every text is there, colours are the data's, ids are a figure's own, bytes do not change."""

import re
import sys
from concurrent.futures import wait
from dataclasses import replace

import pytest

from diptych.errors import RenderError
from diptych.figures import FigureSettings, drawing
from diptych.figures.drawing import Drawer, draw_svg
from diptych.figures.heatmap import heatmap_spec, panel_scales
from diptych.figures.printing import Print, print_spec
from diptych.theme import colours
from diptych.theme.fonts import FAMILIES
from tests.figures.demo_panels import AWKWARD, CONDITIONAL, COUNTS, LOG2_LIFT, NINE, founding, panel

pytestmark = pytest.mark.slow

FIGURE = FigureSettings(id="main", form="classic", panels=("left", "right"))
START, CONVERT = Drawer._start, drawing._convert


@pytest.fixture(autouse=True)
def _in_a_process_of_its_own(monkeypatch):
    """And each time anew."""
    monkeypatch.setattr(Drawer, "_start", START)
    monkeypatch.setattr(drawing, "_convert", CONVERT)


def texts(svg):
    found = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    return [text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for text in found]


@pytest.fixture(scope="module")
def spec():
    return heatmap_spec(FIGURE, founding())


@pytest.fixture(scope="module")
def svg(spec):
    return draw_svg(spec, "main")


def test_every_text_is_drawn(svg, spec):
    drawn = texts(svg)
    for name in NINE:
        assert drawn.count(name) == 4  # both axes of both panels
    for title in ("Dataset Category A", "Model Category B", "Model Category A", "Dataset Category B", "(a)", "(b)"):
        assert drawn.count(title) == 1
    for tick in ("0.25", "0.50", "0.75"):
        assert drawn.count(tick) >= 2
    for entry in spec["datasets"]["key"]:
        assert entry["text"] in drawn
    assert drawn.count("All models") == 2
    numbers = sorted(r["text"] for name, rows in spec["datasets"].items() for r in rows if name != "key" and "ink" in r)
    ticks = ["0.00", "0.25", "0.50", "0.75", "1.00"] * 2
    assert sorted(t for t in drawn if re.fullmatch(r"(\d|[<>])\.\d\d", t)) == sorted(numbers + ticks)


def test_all_text_is_in_our_font(svg):
    assert set(re.findall(r'font-family="([^"]*)"', svg)) == {FAMILIES}


def test_names_stand_at_45_degrees(svg):
    assert svg.count("rotate(315)") == 18


@pytest.mark.parametrize("scheme", ["yellowgreenblue", "cividis"])
def test_colours_in_the_picture_are_those_of_the_values(scheme):
    left = founding()[:1]
    spec = heatmap_spec(FigureSettings(id="main", form="classic", panels=("left",), scheme=scheme), left)
    cells = re.findall(r'<path d="M\d+,\d+h27v27h-27Z" fill="rgb\(([\d, ]+)\)"', draw_svg(spec, "main"))
    drawn = [tuple(map(int, cell.split(", "))) for cell in cells]
    rows = [
        row
        for name in ("left_cells", "left_baseline")
        for row in spec["datasets"][name]
        if "value" in row and row["state"] != "few"
    ]
    wanted = [colours.shade(row["value"], scheme) for row in rows]
    assert drawn == [tuple(int(shade[i : i + 2], 16) for i in (1, 3, 5)) for shade in wanted]


def test_rows_and_columns_without_units_have_a_tint_and_too_little_data_a_strip(svg):
    # two rows, and two columns of the seven others and of the base rates
    assert len(re.findall(r'h27v27h-27Z" fill="#eff1f3"', svg)) == 2 * (2 * 9 + 2 * 7 + 2)
    assert len(re.findall(r'd="M-10\.53,8\.1L', svg)) == 3
    assert svg.count('fill-opacity="0.4"') == 0


def test_what_nothing_is_in_is_a_dot_and_no_number(svg):
    dots = len(re.findall(r'd="M-1\.215,-0\.54[^"]*"', svg))
    assert dots > 60
    assert texts(svg).count("0.00") == 2  # the lowest tick of each colour bar


def test_sizes_stand_under_the_names_of_rows(svg):
    drawn = texts(svg)
    assert {"310", "7 · too few", "4,259"} <= set(drawn)


def test_ids_are_the_figures_own_however_often_it_is_drawn(spec, svg):
    assert re.findall(r'\bid="([^"]*)"', svg) == ["main-1", "main-2"]
    assert sorted(re.findall(r"url\(#([^)]*)\)", svg)) == ["main-1", "main-2"]
    assert draw_svg(spec, "main") == svg
    other = draw_svg(spec, "other")
    assert re.findall(r'\bid="([^"]*)"', other) == ["other-1", "other-2"]


def test_any_name_is_drawn():
    panels = tuple(panel(COUNTS, (AWKWARD, AWKWARD), CONDITIONAL, id_=i) for i in ("left", "right"))
    drawn = texts(draw_svg(heatmap_spec(FIGURE, panels), "main"))
    for name in AWKWARD:
        shown = [text for text in drawn if text == name or ("…" in text and name.startswith(text.partition("…")[0]))]
        assert len(shown) == 4, name


def test_names_that_vega_takes_for_its_own_are_drawn_when_labels_are_thinned():
    names = ("constructor", *(f"c{i}" for i in range(69)))
    counts = tuple(tuple(20 if i == j else 0 for j in range(70)) for i in range(70))
    spec = heatmap_spec(
        FigureSettings(id="main", form="classic", panels=("left",)), (panel(counts, (names, names), CONDITIONAL),)
    )
    drawn = texts(draw_svg(spec, "main"))
    assert drawn.count("constructor") == 2
    assert (drawn.count("c0"), drawn.count("c1")) == (0, 2)  # every second category is named, at both axes


def test_negative_numbers_have_a_true_minus_sign():
    drawn = texts(draw_svg(heatmap_spec(FIGURE, founding(LOG2_LIFT)), "main"))
    assert "−5.49" in drawn
    assert not any(text.startswith("-") for text in drawn)


def test_a_specification_that_vega_refuses_is_an_error():
    with pytest.raises(RenderError) as caught:
        draw_svg({"mark": "point", "data": {"values": [{}]}, "transform": [{"calculate": "no(", "as": "a"}]}, "main")
    assert str(caught.value) == "figure main: Vega cannot draw it: Error: Unexpected end of input"


def test_a_picture_without_its_axis_titles_is_an_error():
    hidden = {
        "data": {"values": [{"a": 1}]},
        "mark": "point",
        "encoding": {
            "x": {"field": "a", "type": "quantitative", "axis": {"title": "Model Category B", "titleLimit": 20}}
        },
    }
    with pytest.raises(RenderError) as caught:
        draw_svg(hidden, "main")
    assert str(caught.value) == "figure main: the drawing lacks its text (Model Category B)"


def test_a_drawer_draws_the_same_in_its_own_process(spec, svg, tmp_path, monkeypatch):
    # files of a person's folder must not be taken for ours
    for name in ("report.py", "json.py", "vl_convert.py"):
        (tmp_path / name).write_text("raise SystemExit('imported from the working folder')")
    monkeypatch.chdir(tmp_path)
    panels = founding()
    paper = print_spec(FIGURE, panels, panel_scales(FIGURE, panels), Print(183, 7))  # sizes are no whole pixels
    with Drawer() as drawer:
        futures = [drawer.draw(spec, name) for name in ("main", "other")]
        on_paper = drawer.draw(paper, "main")
        bad = drawer.draw({"mark": "nonsense"}, "bad")
        first, second = (future.result() for future in futures)
        assert drawer._process.poll() is None
        with pytest.raises(RenderError, match=r"^figure bad: Vega cannot draw it: "):
            bad.result()
    assert first == svg
    assert second == svg.replace("main-", "other-")
    assert on_paper.result() == draw_svg(paper, "main")  # a number of JSON has one last digit, whoever reads it
    assert drawer._process.returncode == 0


def test_an_error_while_something_waits_to_be_drawn_leaves_no_process(spec):
    def interrupted():
        with Drawer() as drawer:
            drawn.extend(drawer.draw(spec, "main") for _ in range(3))
            kept.append(drawer)
            raise KeyError

    drawn, kept = [], []
    with pytest.raises(KeyError):
        interrupted()
    wait([future for future in drawn if not future.cancelled()], timeout=60)
    assert kept[0]._process is None or kept[0]._process.poll() is not None


def test_the_process_of_one_report_rests_when_all_is_drawn_and_another_starts_when_asked(spec, svg):
    with Drawer(once=True) as drawer:
        assert drawer._process is None
        first = drawer.draw(spec, "main")
        process = drawer._process
        drawer.rest()
        assert first.result() == svg
        assert drawer.draw(spec, "main").result() == svg
        assert drawer._process is not process
    with Drawer() as drawer:
        drawer.warm_up()
        process = drawer._process
        drawer.warm_up()
        drawer.rest()
        assert drawer.draw(spec, "main").result() == svg
        assert drawer._process is process
        assert process.poll() is None


def test_a_drawer_whose_process_is_gone_draws_here(spec, svg):
    with Drawer() as drawer:
        drawer.warm_up()
        drawer._process.kill()
        drawer._process.wait()
        assert drawer.draw(spec, "main").result() == svg


def test_a_drawer_without_a_process_draws_here(spec, svg, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Drawer() as drawer:
        assert drawer.draw(spec, "main").result() == svg


TITLE_Y = re.compile(r'mark-group role-title"><g transform="translate\(-?[\d.]+,(-?[\d.]+)\)')


@pytest.mark.parametrize(
    "reading", [("", ""), ("Of each row: the share of the column.", "A share, told in more words " * 5)]
)
def test_headings_of_panels_side_by_side_begin_at_one_height(reading):
    names = ("Instructional texts", "Poems"), ("Up", "Down")
    both = (
        panel(((8, 2), (3, 9)), names, CONDITIONAL),
        panel(((8, 2), (3, 9)), names, CONDITIONAL, id_="right", transposed=True),
    )
    both = tuple(replace(p, title="Which go with which?", reading=text) for p, text in zip(both, reading, strict=True))
    found = [float(y) for y in TITLE_Y.findall(draw_svg(heatmap_spec(FIGURE, both), "main"))]
    assert len(found) == 2
    assert found[0] == pytest.approx(found[1], abs=1)
