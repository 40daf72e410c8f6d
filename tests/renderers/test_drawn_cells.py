"""The squares that a sentence points at are those that Vega draws for the cells: against the real figure."""

from dataclasses import replace

from lxml import html

from diptych.figures import FigureSettings
from diptych.figures.drawing import draw_svg
from diptych.figures.heatmap import heatmap_spec
from diptych.renderers.html_view import PageView
from diptych.renderers.outline import outline
from diptych.theme.colours import shade
from tests.renderers.documents import demo


def test_every_cell_is_found_and_has_its_colour():
    document = demo()
    [figure] = document.figures
    settings = FigureSettings(id="main", panels=("left", "right"), scale=(0, 1))
    drawn = replace(figure, svg=draw_svg(heatmap_spec(settings, figure.panels), "main"))
    document = replace(document, figures=(drawn,))
    svg = "".join(part for row in PageView(document, outline(document)).lead["drawing"].rows for part in row)
    squares = html.fragment_fromstring(svg, create_parent="div").xpath("//path[@data-cell]")
    # What squares next to each other have in common stands at their group.
    found = {s.get("data-cell"): s.xpath("ancestor-or-self::*[@fill][1]/@fill")[-1] for s in squares}
    assert len(squares) == len(found) == 162
    for panel in figure.panels:
        for i, a in enumerate(panel.given_categories):
            for j, b in enumerate(panel.outcome_categories):
                value, state, colour = panel.cell(a, b).value, panel.cell(a, b).state, found[f"{panel.id}-{i}-{j}"]
                if value == 0 or state in ("few", "uncertain"):
                    assert colour == "#ffffff"
                elif value is not None:
                    assert _near(colour, shade(value))


def _near(one, other):
    return all(abs(int(one[k : k + 2], 16) - int(other[k : k + 2], 16)) <= 1 for k in (1, 3, 5))
