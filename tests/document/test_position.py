"""Text calls a panel as the drawing does: by a letter that is true side by side, stacked, on a phone and on paper."""

import pytest

from diptych.document.writer import position
from tests.figures.demo_panels import CONDITIONAL, panel


@pytest.mark.parametrize(("ids", "words"), [("x", [""]), ("xy", ["(a)", "(b)"]), ("xyz", ["(a)", "(b)", "(c)"])])
def test_panels_have_letters_and_a_lone_one_has_none(ids, words):
    panels = tuple(panel(((1,),), (("a",), ("b",)), CONDITIONAL, id_=one) for one in ids)
    assert [position(panels, one) for one in ids] == words
