"""Pictures: every text is there, colours are the data's, ids are a figure's own, bytes do not change."""

import re

import pytest

from diptych import theme
from diptych.errors import RenderError
from diptych.figures import FigureSettings, drawing
from diptych.figures.drawing import Drawer, draw_svg
from diptych.figures.heatmap import heatmap_spec, panel_specs, print_room
from diptych.figures.layout import PAGE, PHONE
from tests.figures.demo_panels import AWKWARD, CONDITIONAL, COUNTS, LOG2_LIFT, NINE, founding, panel

pytestmark = pytest.mark.slow

FIGURE = FigureSettings(id="main", form="classic", panels=("left", "right"))
PLAIN = FIGURE.model_copy(update={"form": "plain"})
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
    return heatmap_spec(FIGURE, founding(), PAGE, 2)


@pytest.fixture(scope="module")
def svg(spec):
    return draw_svg(spec, "main")


def test_every_text_is_drawn(svg):
    drawn = texts(svg)
    for name in NINE:
        assert drawn.count(name) == 4  # both axes of both panels
    for title in ("Dataset Category A", "Model Category B", "Model Category A", "Dataset Category B", "(a)", "(b)"):
        assert drawn.count(title) == 1
    for tick in ("0.25", "0.50", "0.75"):
        assert drawn.count(tick) >= 2
    assert drawn.count("All models") == 2


@pytest.mark.parametrize("room", [PAGE, PHONE], ids=["page", "phone"])
@pytest.mark.parametrize("measure", [CONDITIONAL, LOG2_LIFT], ids=lambda of: of.name)
def test_every_text_of_a_plain_panel_is_drawn_where_the_layout_puts_it(room, measure):
    (spec, _) = panel_specs(PLAIN, founding(measure), room)
    svg = draw_svg(spec, "left")
    assert f'width="{room.width:g}"' in svg
    written = [row["text"] for row in spec["datasets"]["left_texts"]]
    numbers = [row["text"] for row in spec["datasets"]["left_cells"] if "text" in row]
    has_numbers = any(layer.get("mark", {}).get("type") == "text" for layer in spec["layer"])
    assert sorted(texts(svg)) == sorted(written + numbers * has_numbers)


@pytest.mark.parametrize("scheme", ["yellowgreenblue", "greys"])
@pytest.mark.parametrize("form", [FIGURE, PLAIN], ids=["classic", "plain"])
def test_colours_in_the_picture_are_those_of_the_values(form, scheme):
    (spec, _) = panel_specs(form.model_copy(update={"scheme": scheme}), founding(), PAGE)
    cells = re.search(r'left_cells_marks"[^>]*>(.*?)</g>', draw_svg(spec, "main"))[1]
    drawn = [tuple(map(int, cell)) for cell in re.findall(r'fill="rgb\((\d+), (\d+), (\d+)\)"', cells)]
    wanted = [theme.shade(row["value"], scheme) for row in spec["datasets"]["left_cells"] if "value" in row]
    assert drawn == [tuple(int(shade[i : i + 2], 16) for i in (1, 3, 5)) for shade in wanted]


def test_ids_are_the_figures_own_however_often_it_is_drawn(spec, svg):
    assert re.findall(r'\bid="([^"]*)"', svg) == ["main-1", "main-2"]
    assert sorted(re.findall(r"url\(#([^)]*)\)", svg)) == ["main-1", "main-2"]
    assert draw_svg(spec, "main") == svg
    other = draw_svg(spec, "other")
    assert re.findall(r'\bid="([^"]*)"', other) == ["other-1", "other-2"]


def test_any_name_is_drawn():
    panels = tuple(panel(COUNTS, (AWKWARD, AWKWARD), CONDITIONAL, id_=i) for i in ("left", "right"))
    drawn = texts(draw_svg(heatmap_spec(FIGURE, panels, PAGE, 2), "main"))
    for name in AWKWARD:
        shown = [text for text in drawn if text == name or ("…" in text and name.startswith(text.partition("…")[0]))]
        assert len(shown) == 4, name


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
    paper = heatmap_spec(PLAIN, panels, *print_room(PLAIN, panels, 183, 7))  # sizes are no whole pixels
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
