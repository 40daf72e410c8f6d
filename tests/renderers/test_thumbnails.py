"""Small matrices beside findings: their marked cells are those that the sentences speak of."""

from types import SimpleNamespace

from diptych.cells import CellRef
from diptych.document.model import Paragraph, Sentence
from diptych.renderers.svg import MOST_MARKED, thumbnail, thumbnails
from tests.figures.demo_panels import CONDITIONAL, COUNTS, NINE, panel

LEFT = panel(COUNTS, (NINE, NINE), CONDITIONAL)
DOCUMENT = SimpleNamespace(figures=[SimpleNamespace(shown=(LEFT,))])


def item(*cells):
    return Paragraph((Sentence("one", (), cells),))


def test_the_cells_of_an_item_are_marked_where_they_stand():
    (small,) = thumbnails(DOCUMENT, item(CellRef("left", "NLP", "CV"), CellRef("left", "CV", "CV")))
    assert small.marked == "M2,1h1v1h-1ZM2,2h1v1h-1Z"
    assert small.box == "-0.1 -0.1 9.2 9.2".replace("-0.1", "-.1")
    assert small.lines.count("M") == 20
    assert small.marked in small.svg()


def test_items_of_no_cell_and_too_large_panels_have_none():
    assert thumbnails(DOCUMENT, item()) == ()
    assert thumbnails(DOCUMENT, item(CellRef("right", "NLP", "CV"))) == ()
    names = tuple(map(str, range(MOST_MARKED + 1)))
    counts = tuple(tuple(1 for _ in names) for _ in names)
    large = SimpleNamespace(figures=[SimpleNamespace(shown=(panel(counts, (names, names), CONDITIONAL),))])
    assert thumbnails(large, item(CellRef("left", "0", "1"))) == ()
    assert thumbnail(LEFT, []).marked == ""
