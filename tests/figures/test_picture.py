"""A matrix that is one picture shows what Vega's squares would: every cell in its colour, every state with its sign."""

import base64
import io
import re
from dataclasses import replace

import pytest
from PIL import Image

from diptych.figures import FigureSettings, layout
from diptych.figures.drawing import draw_svg
from diptych.figures.heatmap import LARGEST_SQUARE, heatmap_spec, panel_scales, picture_url
from diptych.theme.colours import LIGHT
from tests.figures.demo_panels import CONDITIONAL, COUNT, COUNTS, LIFT, LOG2_LIFT, NINE, panel

FIGURE = FigureSettings(id="main", form="classic", panels=("left",), values=False)


def squares(of):
    """Return the colour of each cell as Vega draws it, by (row, column)."""
    sizes = replace(layout(FIGURE, (of,)), line_px=0.0)
    svg = draw_svg(heatmap_spec(FIGURE, (of,), sizes), "main")
    drawn = re.findall(
        r'd="M([\d.]+),([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+Z" fill="rgb\((\d+), (\d+), (\d+)\)"',
        svg,
    )
    sides = len(of.given_categories), len(of.outcome_categories)
    found = {}
    for x, y, width, height, *colour in drawn:
        row, column = float(y) / float(height), float(x) / float(width)
        if row.is_integer() and row < sides[0]:
            found[int(row), int(column)] = tuple(map(int, colour))
    return found


def picture(of):
    """Return the picture of a panel's cells, and the colour in the middle of the left of each, by (row, column)."""
    scale = panel_scales(FIGURE, (of,))[of.id]
    url = picture_url(of, scale, LIGHT["paper"])
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
    expected, (_, found) = squares(of), picture(of)
    assert len(expected) > 9
    for place, colour in expected.items():
        assert max(abs(one - other) for one, other in zip(found[place], colour, strict=False)) <= 1, place
    few = {
        divmod(place, 9) for place, cell in enumerate(of.cells) if cell.state == "few"
    }  # pale, without room for a strip
    blank = set(found) - set(expected) - few
    grounds = {tuple(bytes.fromhex(LIGHT[name][1:])) for name in ("paper", "hatch", "vacant")}
    assert {found[place][:3] for place in blank} <= grounds


def test_signs_stand_over_cells_that_are_not_plain():
    of = panel(COUNTS, (NINE, NINE), CONDITIONAL)
    shown, _ = picture(of)
    hatch = (*bytes.fromhex(LIGHT["hatch"][1:]), 255)
    assert shown.size == (9 * LARGEST_SQUARE, 9 * LARGEST_SQUARE)
    signed = {cell.state for place, cell in enumerate(of.cells) if hatch in colours(tile(shown, *divmod(place, 9)))}
    assert not signed & {"no_given", "no_outcome"}  # a tint
    few = [place for place, cell in enumerate(of.cells) if cell.state == "few" and cell.value]
    assert few
    assert not any(hatch in colours(tile(shown, *divmod(place, 9))) for place in few)


def colours(shown):
    return {colour for _, colour in shown.getcolors(shown.width * shown.height)}


def tile(shown, row, column):
    side = LARGEST_SQUARE
    return shown.crop((column * side, row * side, (column + 1) * side, (row + 1) * side))


def test_without_a_ground_blank_cells_are_clear():
    of = panel(COUNTS, (NINE, NINE), LIFT)
    url = picture_url(of, panel_scales(FIGURE, (of,))["left"], None)
    shown = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    assert {alpha for *_, alpha in colours(shown)} == {0, 255}
