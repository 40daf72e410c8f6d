"""The squares that a sentence points at are those that Vega draws for the cells: against the real figure."""

import pytest
from lxml import html

from diptych.figures import FigureSettings
from diptych.figures.drawing import draw_svg
from diptych.figures.heatmap import panel_scales, panel_specs
from diptych.figures.layout import PAGE, PHONE, row_order
from diptych.figures.scales import looks
from diptych.renderers.html_view import inline_svg
from diptych.theme import LIGHT, shade
from tests.renderers.documents import demo


@pytest.mark.parametrize("room", [PAGE, PHONE], ids=["page", "phone"])
@pytest.mark.parametrize("form", ["plain", "classic"])
def test_every_cell_is_found_and_has_its_colour(form, room):
    settings = FigureSettings(id="main", panels=("left", "right"), scale=(0, 1), form=form)
    panels = demo().figures[0].panels
    scales = panel_scales(settings, panels)
    for panel, spec in zip(panels, panel_specs(settings, panels, room), strict=True):
        order = range(9) if form == "classic" else row_order(panel, scales[panel.id])
        svg = inline_svg(draw_svg(spec, "main"), "main", "", panel, [*order])
        squares = html.fragment_fromstring(svg, create_parent="div").xpath("//path[@data-cell]")
        # What squares next to each other have in common stands at their group.
        found = {s.get("data-cell"): s.xpath("ancestor-or-self::*[@fill][1]/@fill")[-1] for s in squares}
        assert len(squares) == len(found) == 81
        for at, look in enumerate(looks(panel, scales[panel.id])):
            colour = found[f"{panel.id}-{at // 9}-{at % 9}"]
            if look == "coloured":
                assert _near(colour, shade(panel.cells[at].value))
            else:
                assert colour in {"transparent", "none", LIGHT["vacant"]}


def _near(one, other):
    return all(abs(int(one[k : k + 2], 16) - int(other[k : k + 2], 16)) <= 1 for k in (1, 3, 5))
