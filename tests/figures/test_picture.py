"""A matrix that is one picture shows what Vega's squares would: every cell in its colour."""

import base64
import io
import re

import pytest
from PIL import Image

from diptych.figures import FigureSettings
from diptych.figures.drawing import draw_svg
from diptych.figures.heatmap import panel_scales, panel_specs
from diptych.figures.layout import PAGE, row_order
from diptych.figures.scales import few_rows, looks
from diptych.figures.specs import picture_url
from tests.figures.demo_panels import CONDITIONAL, COUNT, COUNTS, LIFT, LOG2_LIFT, NINE, panel

FIGURE = FigureSettings(id="main", panels=("left",), values=False)


def squares(of):
    """Return the colours of the cells as Vega draws them, in its order; None for a cell without a colour."""
    svg = draw_svg(panel_specs(FIGURE, (of,), PAGE)[0], "main")
    (cells,) = re.findall(r'left_cells_marks"[^>]*>(.*?)</g>', svg)
    paths = re.findall(r"<path[^>]*>", cells)
    fills = [re.search(r'fill="rgb\((\d+), (\d+), (\d+)\)"', path) for path in paths]
    return [tuple(map(int, fill.groups())) if fill else None for fill in fills]


def picture(of):
    """Return the picture of a panel's cells, and the colour in the middle of the left of each, by (row, column)."""
    scale = panel_scales(FIGURE, (of,))[of.id]
    url = picture_url(of, scale)
    shown = Image.open(io.BytesIO(base64.b64decode(url.removeprefix("data:image/png;base64,"))))
    side = shown.width // len(of.outcome_categories)
    sides = range(len(of.given_categories)), range(len(of.outcome_categories))
    middles = {
        (row, column): shown.getpixel((column * side, row * side + side // 2))
        for row in sides[0]
        for column in sides[1]
    }
    return shown, middles


@pytest.mark.parametrize("measure", [CONDITIONAL, COUNT, LIFT, LOG2_LIFT], ids=lambda measure: measure.name)
def test_cells_have_the_colours_that_vega_gives_them(measure):
    of = panel(COUNTS, (NINE, NINE), measure)
    scale = panel_scales(FIGURE, (of,))["left"]
    few, drawn = few_rows(of, scale), looks(of, scale)
    expected, (_, found) = squares(of), picture(of)
    places = [(row, column) for row in row_order(of, scale) for column in range(9)]
    for (row, column), colour in zip(places, expected, strict=False):
        if colour is None:
            assert few[row] or drawn[9 * row + column] != "coloured"
        else:
            assert max(abs(one - other) for one, other in zip(found[row, column], colour, strict=False)) <= 1
    assert len([colour for colour in expected if colour]) >= 9
