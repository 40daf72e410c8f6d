"""Pictures: every text is there, colours are the data's, ids are a figure's own, bytes do not change."""

import re

import pytest

from diptych import theme
from diptych.errors import RenderError
from diptych.figures import FigureSettings, drawing
from diptych.figures.drawing import Drawer, draw_svg
from diptych.figures.heatmap import heatmap_spec, panel_specs, print_room
from diptych.figures.layout import PAGE, PHONE
from tests.figures.demo_panels import CONDITIONAL, LOG2_LIFT, NINE, founding

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
