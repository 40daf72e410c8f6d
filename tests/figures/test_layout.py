"""Panels of every size and width: no text is cut, lies on another, or is too small to read."""

from dataclasses import replace
from itertools import combinations

import pytest

from diptych.figures import FigureSettings, layout
from diptych.figures.heatmap import panel_scales, print_room
from diptych.figures.layout import LARGE, PAGE, PHONE, Room, placed
from diptych.theme.fonts import BOLD, text_em
from tests.figures.demo_panels import CONDITIONAL, COUNT, LIFT, panel

FIGURE = FigureSettings(id="main", panels=("left", "right"))
NAMES = {
    "short": lambda k: f"c{k}",
    "words": lambda k: f"Industrial and agricultural instruments number {k}",
    "long": lambda k: f"Donaudampfschifffahrtsgesellschaftskapitän{k}",
    "wide": lambda k: f"数据集类别{k}",
}
ROOMS = {"page": PAGE, "phone": PHONE, "paper": Room(395.0), "journal column": Room(230.0)}


def both(n, named, measure=CONDITIONAL):
    """Return two panels of n x n and n x 3 categories, of which the last has too little data."""
    names, three = tuple(map(named, range(n))), tuple(map(named, range(3)))
    counts = [[(37 * (i + 1) * (j + 2)) % 900 + (4000 if i == j else 0) for j in range(n)] for i in range(n - 1)]
    counts.append([1] + [0] * (n - 1))
    narrow = [row[:3] if n > 2 else [*row, 5] for row in counts]
    first = panel(counts, (names, names), measure)
    return first, panel(narrow, (names, three), measure, id_="right")


def laid(panels, room):
    return placed(panels, panel_scales(FIGURE, panels), room, values=True)


def box(text):
    """Return left, top, right and bottom of a text."""
    wide, high = text_em(text.text) * text.size * (BOLD if text.bold else 1), text.size * 0.72
    if text.upright:
        return text.x - high / 2, text.y - wide, text.x + high / 2, text.y
    left = text.x - {"left": 0, "center": wide / 2, "right": wide}[text.align]
    return left, text.y - high / 2, left + wide, text.y + high / 2


def overlap(one, other):
    return min(one[2], other[2]) - max(one[0], other[0]) > 0.5 and min(one[3], other[3]) - max(one[1], other[1]) > 0.5


@pytest.mark.parametrize("room", ROOMS.values(), ids=ROOMS)
@pytest.mark.parametrize("named", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("n", [2, 7, 30, 100])
def test_every_text_is_whole_apart_and_large_enough(n, named, room):
    for one in laid(both(n, named), room):
        boxes = [box(text) for text in one.texts]
        assert all(text.size >= layout.LEAST_PX for text in one.texts)
        for left, top, right, bottom in boxes:
            assert left >= -1
            assert top >= -1
            assert right <= room.width + 1
            assert bottom <= one.height + 1
        assert not any(overlap(a, b) for a, b in combinations(boxes, 2))


@pytest.mark.parametrize("measure", [CONDITIONAL, COUNT, LIFT], ids=lambda of: of.name)
@pytest.mark.parametrize("room", ROOMS.values(), ids=ROOMS)
@pytest.mark.parametrize("n", [2, 7, 20, 30])
def test_numbers_fit_their_cells_or_are_left_out(n, room, measure):
    for one in laid(both(n, NAMES["short"], measure), room):
        widest = max(map(text_em, one.numbers()))
        assert one.value_px == 0 or one.value_px >= layout.LEAST_VALUE_PX
        assert widest * one.value_px <= one.step
        assert one.value_px < one.row_px


REASONS = {
    "units": ({"minimum_units": 20}, "few", {"models"}),
    "no groups": ({}, "few", {"models"}),
    "groups": ({"n_groups": 9}, "few", {"packages"}),
    "one stratum": ({"n_groups": 9, "one_stratum": ("c2",)}, "measured", {"fields"}),
    "units before stratum": ({"minimum_units": 20, "one_stratum": ("c2",)}, "measured", {"models"}),
    "width": ({"n_groups": 9}, "uncertain", {"uncertain"}),
}


@pytest.mark.parametrize(("settings", "state", "named"), REASONS.values(), ids=REASONS)
def test_rows_with_too_little_data_have_their_own_reason(settings, state, named):
    names = ("c0", "c1", "c2")
    of = panel(((50, 30, 2), (20, 60, 1), (0, 1, 18)), (names, names), CONDITIONAL)
    cells = of.cells.replaced(state=["measured"] * 6 + [state] * 3)
    of = replace(of, cells=cells, group_nouns=("packages", "fields"), **settings)
    [one] = laid([of], PAGE)
    assert one.few == [False, False, True]
    [line] = [text.text for text in one.texts if text.x == 0 and not text.bold]
    assert {word for word in ("models", "packages", "fields", "uncertain") if word in line} == named


@pytest.mark.parametrize(("measure", "given", "said"), [
    (CONDITIONAL, 85, False),
    (CONDITIONAL, 60, True),
    (COUNT, 60, False),
])  # fmt: skip
def test_rows_of_more_than_100_per_cent_are_explained_below_them(measure, given, said):
    of = panel(((50, 35), (20, 60)), (("c0", "c1"), ("c0", "c1")), measure)
    of = replace(of, cells=of.cells.replaced(n_given=[given, given, 80, 80]))
    assert of.has_excess == said
    [one] = laid([replace(of, several="Some have several." if of.has_excess else "")], PAGE)
    below = [text for text in one.texts if text.y > one.squares[-1].y + one.squares[-1].height]
    assert [text.text for text in below] == ["Some have several."] * said
    assert all(text.y + text.size / 2 <= one.height for text in below)


def test_an_enlarged_panel_names_every_row_and_column_next_to_its_cells():
    for one in laid(both(100, NAMES["words"]), LARGE):
        shown = [text for text in one.texts if text.size >= layout.LEAST_PX and not text.bold and not text.muted]
        assert sum(text.upright for text in shown) == one.n_columns
        assert sum(text.align == "right" for text in shown) == one.n_rows
        assert {(square.width, square.height) for square in one.squares if square.row is not None} == {(14, 14)}
        boxes = [box(text) for text in one.texts]
        assert not any(overlap(a, b) for a, b in combinations(boxes, 2))
        assert max(right for _, _, right, _ in boxes) <= one.width


def test_two_panels_share_a_line_on_paper_if_that_costs_no_numbers():
    few, many = both(7, NAMES["short"]), both(20, NAMES["words"])
    assert print_room(FIGURE, few, 183, 7)[1] == 2
    assert print_room(FIGURE, few, 89, 7)[1] == 1
    for panels in (few, many):
        room, columns = print_room(FIGURE, panels, 183, 7)
        shown = [one.value_px > 0 for one in laid(panels, room)]
        alone = [one.value_px > 0 for one in laid(panels, print_room(FIGURE, panels[:1], 183, 7)[0])]
        assert columns == 1 or shown == alone
