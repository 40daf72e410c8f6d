"""The founding figure (`form: classic`) as a reader sees it: every element of it, in the published matrices."""

import re

import pytest

pytestmark = pytest.mark.browser

NINE = ["Multimodal", "NLP", "CV", "Audio", "Tabular", "RL", "Graph", "Robotics", "Time Series"]
TITLES = (("Dataset Category A", "Model Category B"), ("Model Category A", "Dataset Category B"))


@pytest.fixture
def page(visit, sites):
    return visit((sites("published") / "index.html").as_uri(), 1280, folded=True)


def texts(part, kind):
    return [text.strip() for text in part.locator(f".{kind} text").all_text_contents() if text.strip()]


def test_two_panels_side_by_side_with_their_titles_names_and_colour_bars(page):
    parts = page.locator("#figure-main .drawing")
    boxes = [parts.nth(place).bounding_box() for place in (0, 1)]
    assert boxes[1]["x"] >= boxes[0]["x"] + boxes[0]["width"] - 1
    for place, (down, across) in enumerate(TITLES):
        part = parts.nth(place)
        assert set(texts(part, "role-axis-title")) == {down, across}
        assert texts(part, "role-axis-label") == NINE * 2
        assert texts(part, "role-legend-label") == ["0.00", "0.25", "0.50", "0.75", "1.00"]
        cells = part.locator("path[data-cell]").evaluate_all("all => all.map(c => c.getBoundingClientRect())")
        assert len(cells) == 81
        bar = part.locator(".role-legend-gradient path").bounding_box()
        assert bar["x"] > max(cell["right"] for cell in cells)  # at the right of its panel
        assert texts(part, "role-title-text") == [f"({'ab'[place]})"]


def boxes(part, kind):
    """Where the texts of a kind stand, by what they say."""
    texts = part.locator(f".{kind} text").evaluate_all(
        "all => all.map(t => [t.textContent, t.getBoundingClientRect()])"
    )
    return [(text.strip(), box) for text, box in texts if text.strip()]


def test_titles_stand_beside_and_below_their_axes_and_names_in_one_order(page):
    parts, bars = page.locator("#figure-main .drawing"), []
    for place, (down, across) in enumerate(TITLES):
        part = parts.nth(place)
        cells = part.locator("path[data-cell]").evaluate_all("all => all.map(c => c.getBoundingClientRect())")
        left, right = min(cell["left"] for cell in cells), max(cell["right"] for cell in cells)
        titles = dict(boxes(part, "role-axis-title"))
        side, below = titles[down], titles[across]
        assert side["height"] > side["width"]  # written upwards
        assert side["right"] < left
        assert below["width"] > below["height"]
        assert below["top"] > max(cell["bottom"] for cell in cells)
        assert left < (below["left"] + below["right"]) / 2 < right
        assert all(side["left"] > bar["right"] for bar in bars)  # that of the second, between the two
        bars.append(part.locator(".role-legend-gradient path").bounding_box() | {"right": right})
        names = boxes(part, "role-axis-label")
        columns, rows = names[:9], names[9:]
        assert [name for name, _ in sorted(columns, key=lambda one: one[1]["right"])] == NINE
        assert [name for name, _ in sorted(rows, key=lambda one: one[1]["top"])] == NINE
        assert max(box["right"] for _, box in rows) < left
        ticks = sorted(boxes(part, "role-legend-label"), key=lambda one: -one[1]["top"])
        assert [text for text, _ in ticks] == ["0.00", "0.25", "0.50", "0.75", "1.00"]  # from below


def test_names_of_columns_stand_at_45_degrees_and_colours_run_from_light_yellow_to_dark_blue(page):
    part = page.locator("#figure-main .drawing").first
    turned = part.locator(".role-axis-label text").evaluate_all(
        "all => all.map(t => { const m = t.getScreenCTM(); return Math.round(Math.atan2(m.b, m.a) * 180 / Math.PI); })"
    )
    assert turned == [-45] * 9 + [0] * 9
    stops = part.locator("linearGradient stop").evaluate_all("all => all.map(s => getComputedStyle(s).stopColor)")
    first, last = ([int(n) for n in re.findall(r"\d+", colour)] for colour in (stops[0], stops[-1]))
    assert min(first[:2]) > 200
    assert first[2] < first[0]  # light, yellow
    assert max(last) < 150
    assert last[2] > last[0]  # dark, blue
