"""Left and right are words for panels that stand side by side, and for no others."""

import pytest

from diptych.document.writer import position
from tests.figures.demo_panels import CONDITIONAL, panel


@pytest.mark.parametrize(("n", "words"), [(2, ["left", "right"]), (16, ["left", "right"]), (17, ["(a)", "(b)"])])
def test_two_panels_are_left_and_right_up_to_sixteen_categories(n, words):
    names = tuple(map(str, range(n)))
    counts = tuple(tuple(1 for _ in names) for _ in names)
    panels = tuple(panel(counts, (names, names), CONDITIONAL, id_=one) for one in ("left", "right"))
    assert [position(panels, one.id) for one in panels] == words


def test_a_lone_panel_has_no_name_and_three_have_letters():
    panels = tuple(panel(((1,),), (("a",), ("b",)), CONDITIONAL, id_=one) for one in "xyz")
    assert position(panels[:1], "x") == ""
    assert [position(panels, one) for one in "xyz"] == ["(a)", "(b)", "(c)"]
