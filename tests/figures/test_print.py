"""Figures in print: exactly as wide as asked, labels exactly as high, nothing cut off, one scale for every panel."""

import io
import json
import re
import subprocess
from functools import cache
from itertools import pairwise, product

import pikepdf
import pytest

from diptych.errors import RenderError
from diptych.figures import FigureSettings
from diptych.figures.drawing import Plate, draw_svg, plate_pdf
from diptych.figures.heatmap import panel_scales
from diptych.figures.printing import Print, fitted, on_paper, print_spec, report_prints
from diptych.figures.specs import spec_file
from diptych.theme import colours
from diptych.theme.fonts import text_em
from tests.draws import NIGHTLY
from tests.figures.demo_panels import CONDITIONAL, COUNT, LOG2_LIFT, MODELS, founding, panel
from tests.figures.schema import VEGA_LITE
from tests.long_names import names as long_names
from tests.programs import POPPLER, program

pytestmark = pytest.mark.slow

FIGURE = FigureSettings(id="main", panels=("left", "right"))
ROOMS = [Print(183, 7), Print(89, 7), Print(120, 8), Print(60, 5)]
LONG = tuple(f"Category with a long name, number {n}" for n in range(12))


def square(n, name="c{}", measure=CONDITIONAL, **options):
    names = tuple(name.format(i) for i in range(n))
    counts = tuple(tuple(10 * (i == j) + (i * j) % 7 for j in range(n)) for i in range(n))
    return panel(counts, (names, names), measure, **options)


CASES = {
    "founding": founding(),
    "log": founding(LOG2_LIFT),
    "one": founding()[:1],
    "two": (square(2), square(2, id_="right")),
    "long": (panel(tuple(tuple(1 + i * j for j in range(12)) for i in range(12)), (LONG, LONG), CONDITIONAL),),
    "twenty": (square(20), square(20, id_="right")),
    "sixty": (square(60, "name {}"), square(60, "name {}", id_="right")),
}


def figure_of(panels, **settings):
    return FigureSettings(id="main", panels=tuple(p.id for p in panels), **settings)


@cache
def svg_of(name, room):
    """The drawing of a case as it is made for a room; of those of sixty categories one panel is drawn."""
    panels = CASES[name][:1] if name == "sixty" else CASES[name]
    figure = figure_of(panels)
    return draw_svg(print_spec(figure, panels, panel_scales(figure, panels), room), "main")


def drawn(panels, how, **settings):
    figure = figure_of(panels, **settings)
    return on_paper(draw_svg(print_spec(figure, panels, panel_scales(figure, panels), how), "main"), how)


def pdf_words(pdf):
    """The words of a page: (xMin, yMin, xMax, yMax, text), in points."""
    done = subprocess.run(
        [program("pdftotext", install=POPPLER), "-bbox", "-", "-"], input=pdf, capture_output=True, check=True
    )
    found = re.findall(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)<', done.stdout.decode())
    return [(*map(float, box), text) for *box, text in found]


HELD = [*product(CASES, ROOMS[:2]), ("founding", ROOMS[2]), ("two", ROOMS[2]), ("long", ROOMS[3]), ("twenty", ROOMS[3])]
"""Every case as wide as a page and as a column of it, and what has most to fit in where less is usual; every night all."""


@pytest.mark.parametrize(
    ("name", "room"),
    list(product(CASES, ROOMS)) if NIGHTLY else HELD,
    ids=lambda one: one if isinstance(one, str) else f"{one.width:g}-{one.text:g}",
)
def test_the_width_is_known_before_it_is_drawn(name, room):
    panels = CASES[name][:1] if name == "sixty" else CASES[name]
    figure = figure_of(panels)
    scales = panel_scales(figure, panels)
    sizes = fitted(figure, panels, scales, room)
    width = float(re.search(r'width="([\d.]+)"', svg_of(name, room))[1])
    assert width <= room.pixels + 1
    if sizes.step < 55.9 and (name, room.width) != ("two", 120):  # cells that are as large as they get; titles wider
        assert width >= room.pixels - 6


@pytest.mark.services
@pytest.mark.parametrize(
    ("room", "named"), [(Print(183, 7), "Multimodal"), (Print(89, 6), "Robotics"), (Print(120, 8.5), "NLP")]
)
def test_pages_are_as_wide_as_asked_and_labels_as_high(room, named):
    pdf = plate_pdf(Plate(drawn(founding(), room), "T", "A", width=room.width))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert float(document.pages[0].mediabox[2]) == pytest.approx(room.width / 25.4 * 72, abs=0.01)
    heights = {round(bottom - top, 2) for _, top, _, bottom, text in pdf_words(pdf) if text == named}
    assert min(abs(height - room.text) for height in heights) < 0.02


@pytest.mark.services
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("room", [Print(183, 7), Print(89, 7)], ids=["double", "single"])
def test_nothing_is_cut_off(name, room):
    pdf = plate_pdf(Plate(on_paper(svg_of(name, room), room), "T", "A", width=room.width))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        _, _, width, height = map(float, document.pages[0].mediabox)
    words = pdf_words(pdf)
    assert len(words) > 10
    assert all(left >= -0.5 and top >= -0.5 and right <= width + 0.5 and bottom <= height + 0.5
               for left, top, right, bottom, _ in words)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "width", "columns", "values"),
    [("founding", 183, 2, True), ("founding", 89, 1, True), ("two", 89, 2, True), ("two", 183, 2, True),
     ("twenty", 183, 1, True), ("twenty", 89, 1, False), ("sixty", 183, 1, False), ("long", 89, 1, False)],
)  # fmt: skip
def test_panels_stand_side_by_side_where_their_numbers_fit(name, width, columns, values):
    panels = CASES[name]
    figure = figure_of(panels)
    sizes = fitted(figure, panels, panel_scales(figure, panels), Print(width, 7))
    assert (sizes.columns, sizes.values) == (columns, values)
    if values:  # at least 5 points, and narrower than the cell
        assert sizes.value_px * 0.7 >= 5
        assert sizes.value_px * text_em("0.00") < sizes.step


def test_the_config_has_the_last_word_on_numbers():
    panels = CASES["sixty"][:1]
    for wanted in (True, False):
        figure = figure_of(panels, values=wanted)
        assert fitted(figure, panels, panel_scales(figure, panels), Print(89, 7)).values is wanted


def test_no_room_is_an_error_that_says_what_to_do():
    panels = CASES["long"]
    figure = figure_of(panels)
    with pytest.raises(RenderError) as caught:
        fitted(figure, panels, panel_scales(figure, panels), Print(40, 12))
    assert str(caught.value) == (
        "figure main: on 40 mm with labels of 12 points nothing is left for the cells; "
        "ask for a wider figure or smaller text under outputs: figures"
    )


def test_an_svg_says_its_size_in_millimetres():
    svg = drawn(founding(), Print(183, 7))
    root = re.search(r'width="183mm" height="([\d.]+)mm" viewBox="(-?[\d.]+) 0 ([\d.]+) ([\d.]+)"', svg)
    height, left, width, tall = map(float, root.groups())
    assert width == pytest.approx(183 / 25.4 * 72 * 10 / 7, abs=0.01)
    assert height == pytest.approx(tall * 183 / width, abs=0.01)
    assert abs(left) < 3
    assert svg.count('fill="#ffffff"/>') == 1


def test_grey_figures_are_grey():
    svg = drawn(founding(), Print(89, 7), scheme="greys")
    fills = re.findall(r"rgb\((\d+), ?(\d+), ?(\d+)\)", svg)
    assert len(set(fills)) > 5
    assert all(red == green == blue for red, green, blue in fills)


@pytest.mark.parametrize("scheme", ["yellowgreenblue", "viridis", "cividis", "blues", "greys"])
def test_sequential_schemes_keep_their_order_in_grey(scheme):
    """Printed without colour, a higher value is always darker (or, in the two from Matplotlib, always lighter)."""
    against_white = [colours.contrast(colours.shade(level / 50, scheme), "#ffffff") for level in range(51)]
    steps = [after - before for before, after in pairwise(against_white)]
    assert all(step < 0 for step in steps) if scheme in {"viridis", "cividis"} else all(step > 0 for step in steps)


def test_a_panel_alone_keeps_the_figures_scale():
    """Counts have the data's range: alone, the smaller panel would have a range of its own."""
    small = panel(((1, 2), (3, 4)), (("a", "b"), ("a", "b")), COUNT, id_="right", given=MODELS)
    panels = (*founding(COUNT)[:1], small)
    figure = figure_of(panels)
    scales = panel_scales(figure, panels)
    alone = figure.model_copy(update={"panels": ("right",)})
    spec = print_spec(alone, (small,), scales, Print(89, 7))
    domains = {json.dumps(scale["domain"]) for scale in colour_scales(spec)}
    assert domains == {json.dumps([*scales["left"].domain])}
    assert scales["left"].domain[1] >= 3270


def colour_scales(part):
    if isinstance(part, list):
        return [scale for entry in part for scale in colour_scales(entry)]
    if not isinstance(part, dict):
        return []
    own = [part["color"]["scale"]] if isinstance(part.get("color"), dict) and "scale" in part["color"] else []
    return own + [scale for value in part.values() for scale in colour_scales(value)]


@pytest.mark.parametrize(
    "name", ["founding", *(pytest.param(name, marks=pytest.mark.nightly) for name in ("log", "sixty"))]
)
def test_the_vega_lite_file_draws_the_same_picture(name):
    """As an editor has it: the file alone, valid to Vega-Lite's schema."""
    panels, how = CASES[name], Print(183, 7)
    figure = figure_of(panels)
    spec = print_spec(figure, panels, panel_scales(figure, panels), how)
    read = json.loads(spec_file(spec))
    VEGA_LITE.validate(read)
    assert draw_svg(read, "main") == draw_svg(spec, "main")
    assert read["$schema"] == "https://vega.github.io/schema/vega-lite/v6.json"


NAMES = {"short": [f"Category {i}" for i in range(30)], "long": long_names(30, "de"), "arabic": long_names(30, "ar")}


SOME = [(2, "short"), (12, "arabic"), (16, "arabic"), (30, "long")]
"""How many names of which kind: the fewest, the most that are side by side or not, and the most; every night all."""


@pytest.mark.parametrize(("n", "kind"), list(product((2, 9, 12, 16, 30), NAMES)) if NIGHTLY else SOME)
def test_in_a_report_no_text_prints_under_seven_points_and_panels_stand_side_by_side(n, kind):
    names = tuple(NAMES[kind][:n])
    counts = tuple(tuple(20 + i if i == j else (i * j) % 3 for j in range(n)) for i in range(n))
    panels = tuple(panel(counts, (names, names), CONDITIONAL, id_=i) for i in ("left", "right"))
    figure = figure_of(panels)
    scales = panel_scales(figure, panels)
    pictures = report_prints(figure, panels, scales, 174, 237)
    for one in pictures[:1]:  # another is of a panel with the same names
        svg = on_paper(draw_svg(print_spec(one.figure, one.panels, scales, one.how), "main"), one.how)
        wide, tall = (float(side) for side in re.search(r'width="([\d.]+)mm" height="([\d.]+)mm"', svg).groups())
        assert wide == 174
        assert tall <= 237  # a higher one would be made smaller
        width = float(re.search(r'viewBox="\S+ \S+ (\S+) ', svg)[1])
        points = 174 / width / (25.4 / 72)
        sizes = {float(size) * points for size in re.findall(r'font-size="([\d.]+)px"', svg)}
        assert min(sizes) >= 6.99  # sizes are told with four digits
        sizes = fitted(one.figure, one.panels, scales, one.how)
        assert sizes.given_label_every == 1
    assert [len(one.panels) for one in pictures] == ([2] if n <= 12 or (n == 16 and kind == "short") else [1, 1])


def test_a_file_of_a_figure_says_what_is_counted_and_where_it_is_from():
    panels = CASES["two"]
    figure = figure_of(panels)
    how = Print(183, 7)
    note = "24 meetings. Who meets whom, https://example.org/a/long/address"
    spec = print_spec(figure, panels, panel_scales(figure, panels), how, note=note)
    assert " ".join(row["text"] for row in spec["datasets"]["note"]) == note
    VEGA_LITE.validate(spec)
    assert "24 meetings" in draw_svg(spec, "main")
