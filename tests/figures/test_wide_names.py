"""Names in Chinese, Japanese or Korean have room also where no font of the machine has them, to measure them with."""

import re

import pytest

from diptych.figures import LABEL_PX, FigureSettings
from diptych.figures.drawing import draw_svg
from diptych.figures.heatmap import heatmap_spec
from diptych.theme.fonts import text_em
from tests.figures.demo_panels import CONDITIONAL, panel

NAME = "\u81ea\u7136\u8bed\u8a00\u5904\u7406\u4e0e\u673a\u5668\u7ffb\u8bd1"
TITLE = r"role-axis-title[^>]*>.*?translate\((-?[\d.]+),(-?[\d.]+)\)"


def drawn(names):
    one = panel(((8, 2), (3, 9)), (names, names), CONDITIONAL)
    return draw_svg(heatmap_spec(FigureSettings(id="main", form="classic", panels=("left",)), (one,)), "main")


@pytest.mark.parametrize("other", ["\u89c6\u89c9", "Plain"])
def test_titles_of_axes_stand_beyond_the_names(other):
    svg = drawn((NAME, other))
    width = text_em(NAME) * LABEL_PX
    below, beside = ([float(n) for n in place] for place in re.findall(TITLE, svg, re.DOTALL))
    assert width > 100
    assert beside[0] < -width
    assert below[1] > width * 0.7
    assert "room_0_marks" in svg


def test_other_names_are_measured_as_before():
    svg = drawn(("Stra\u00dfe", "Plain"))
    assert "room_0_marks" not in svg
