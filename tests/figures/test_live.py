"""The model of a live figure: put together again it is the figure, and its numbers are those counted by hand."""

import json
from collections import Counter
from dataclasses import replace
from itertools import product

import pytest

from diptych.config.loading import load_config
from diptych.document.model import Figure
from diptych.figures import SQUARES_LIMIT, FigureSettings
from diptych.figures.heatmap import heatmap_spec
from diptych.figures.live import (
    WITHIN_STRATA,
    Order,
    Variant,
    by_strength,
    live_model,
    undeclared,
    within_strata,
)
from diptych.figures.specs import spec_text
from diptych.measures import MEASURES
from diptych.pipeline.counting import count_all
from diptych.pipeline.live import MEASURES_LIMIT, MEASURES_OFFERED, LiveReport, live_figure
from diptych.pipeline.parts import Telling, build_panels, write_parts
from diptych.pipeline.results import work_out
from diptych.theme.colours import shade
from diptych.theme.fonts import text_em
from tests.figures.demo_panels import AWKWARD, COUNT, COUNTS, LIFT, LOG2_LIFT, NINE, founding, panel

FIGURE = FigureSettings(id="main", panels=("left", "right"), scale=(0, 1), scheme="yellowgreenblue")


def as_travels(model):
    """Return a model after the way to the page: written and read as JSON."""
    return json.loads(spec_text(model))


def decoded(column):
    if isinstance(column, dict):
        return [None if place < 0 else column["of"][place] for place in column["at"]]
    return column


def cells_of(model, view, panel="left"):
    """Return a row for each cell of a panel in a view of a model, as the page's script reads it."""
    columns = {**model["measures"][0]["cells"][panel], **view["cells"][panel]}
    lists = {name: decoded(column) for name, column in columns.items() if column is not None}
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


@pytest.mark.parametrize("measure", [LIFT, LOG2_LIFT, COUNT], ids=lambda measure: measure.name)
def test_a_view_has_the_rows_of_the_drawing_of_its_measure(measure):
    panels, others = founding(), founding(measure)
    variant = Variant(measure.name, measure.label, undeclared(FIGURE), others)
    model = as_travels(live_model(FIGURE, panels, [variant], []))
    for view, settings, shown in ((0, FIGURE, panels), (1, undeclared(FIGURE), others)):
        drawn = heatmap_spec(settings, shown)["datasets"]["left_cells"]
        rows = cells_of(model, model["measures"][view])
        told = [{f: v for f, v in row.items() if v is not None and f != "level"} for row in rows]
        assert told == [{f: v for f, v in row.items() if f not in ("given", "outcome", "shade")} for row in drawn]
        assert [row["level"] is None for row in rows] == [not {"value", "shade"} & {*row} for row in drawn]
    assert model["measures"][1]["titles"] == [measure.label, measure.label]


def test_cells_have_the_colour_of_their_level():
    row = cells_of(model := live_model(FIGURE, founding(), [], []), model["measures"][0])[0]
    assert row["level"] == pytest.approx(row["value"], abs=1e-4)
    bar = model["measures"][0]["bars"]["left"]
    assert bar["ticks"] == [[0, "0"], [0.25, "25"], [0.5, "50"], [0.75, "75"], [1, "100%"]]
    assert (bar["stops"][0], bar["stops"][-1]) == (shade(0), shade(1))


def test_what_is_the_same_in_every_view_is_told_once():
    variant = Variant("count", "Count", undeclared(FIGURE), founding(COUNT))
    declared, other = live_model(FIGURE, founding(), [variant], [])["measures"]
    assert {"joint", "of", "base", "lift"} <= set(declared["cells"]["left"])
    assert not {"joint", "of", "base", "lift"} & set(other["cells"]["left"])


def test_names_of_categories_may_hold_anything():
    panels = (panel(COUNTS, (AWKWARD, AWKWARD), founding()[0].measure),)
    model = as_travels(live_model(FigureSettings(id="main", panels=("left",)), panels, [], []))
    assert model["panels"][0]["given"] == list(AWKWARD)


@pytest.mark.parametrize("measure", [LIFT, LOG2_LIFT, COUNT], ids=lambda measure: measure.name)
def test_numbers_of_another_measure_fit_into_the_cells_of_the_declared_one(measure):
    panels, others = founding(), founding(measure)
    variant = Variant(measure.name, measure.label, undeclared(FIGURE), others)
    model = live_model(FIGURE, panels, [variant], [])
    texts = [row["text"] for row in cells_of(model, model["measures"][1]) if row.get("text")]
    assert max(map(text_em, texts)) * model["measures"][1]["valuePx"] <= model["step"] - 1


def test_by_strength_the_largest_totals_come_first():
    # Rows and columns of the table together: CV 6,708, NLP 841, Multimodal 568, Audio 325, Graph 40, RL 26, Robotics 10.
    order = tuple(NINE.index(name) for name in ("CV", "NLP", "Multimodal", "Audio", "Graph", "RL", "Robotics", "Tabular",
                                                "Time Series"))  # fmt: skip
    assert by_strength(founding()) == {"left": (order, order), "right": (order, order)}


def test_by_strength_two_taxonomies_have_an_order_each():
    counts = ((1, 5), (9, 2), (1, 5))
    one = replace(panel(counts, (("a", "b", "c"), ("x", "y")), COUNT), same_taxonomy=False)
    assert by_strength([one]) == {"left": ((1, 0, 2), (1, 0))}


def test_orders_are_told_as_places():
    panels = founding()
    order = Order("strength", "Largest first", by_strength(panels))
    model = live_model(FIGURE, panels, [], [order])
    assert [o["name"] for o in model["orders"]] == ["declared", "strength"]
    assert model["orders"][1]["axes"]["left"][0][0] == NINE.index("CV")


def test_lift_within_strata_is_there_only_with_strata():
    assert within_strata(founding()[0]) is None


# A table of records: who meets whom, in two years. By hand, of 24 in all:
#        x   y             2001: x y         2002: x y
#   a   12   2  (14)          a  9 1            a  3 1
#   b    4   6  (10)          b  1 1            b  3 5
RECORDS = [("a", "x", 2001, 9), ("a", "y", 2001, 1), ("b", "x", 2001, 1), ("b", "y", 2001, 1),
           ("a", "x", 2002, 3), ("a", "y", 2002, 1), ("b", "x", 2002, 3), ("b", "y", 2002, 5)]  # fmt: skip
CONFIG = """\
version: 1
report: {title: T}
relations:
  meets:
    label: meets
    records: {source: r.csv, rows: {column: g, label: Guest}, columns: {column: h, label: Host}, label: meeting}
    strata: [year]
panels:
  - {id: left, relation: meets, given: rows, outcome: columns, measure: conditional}
  - {id: right, relation: meets, given: columns, outcome: rows, measure: conditional}
figures: [{id: main, panels: [left, right]}]
inference: {minimum_units: 11}
"""


def live_of(folder, records=RECORDS):
    """Return the live figure of a small project, its model and its panels."""
    lines = [f"{g},{h},{year}" for g, h, year, n in records for _ in range(n)]
    (folder / "r.csv").write_text("\n".join(["g,h,year", *lines, ""]))
    (folder / "config.yaml").write_text(CONFIG)
    loaded = load_config(folder / "config.yaml")
    counted = count_all(loaded)
    panels = build_panels(loaded.config, counted)
    found = work_out(loaded.config, counted, panels)
    written = write_parts(loaded, counted, panels, found, Telling(loaded.config, counted))
    settings = loaded.config.figure("main")
    shown = tuple(panels[name] for name in settings.panels)
    figure = Figure("main", "T", json.dumps(heatmap_spec(settings, shown)), "", shown)
    live = live_figure(figure, LiveReport(loaded.config, counted, panels, written, found))
    return live, json.loads(live.model), shown


@pytest.fixture(scope="module")
def meeting(tmp_path_factory):
    return live_of(tmp_path_factory.mktemp("meeting"))


def _counted():
    both = Counter()
    for guest, host, _, n in RECORDS:
        both[guest, host] += n
    return both


def _by_hand(name, guest, host):
    """Return a measure's value from the records, in plain arithmetic."""
    both = _counted()
    joint, total = both[guest, host], sum(both.values())
    given_n = sum(n for (g, _), n in both.items() if g == guest)
    outcome_n = sum(n for (_, h), n in both.items() if h == host)
    expected = 0.0
    for year in (2001, 2002):
        own = [(g, h, n) for g, h, y, n in RECORDS if y == year]
        whole = sum(n for *_, n in own)
        expected += sum(n for g, _, n in own if g == guest) * sum(n for _, h, n in own if h == host) / whole
    return {
        "conditional": joint / given_n,
        "share": joint / total,
        "count": joint,
        "lift": total * joint / (given_n * outcome_n),
        "difference": joint / given_n - (outcome_n - joint) / (total - given_n),
        "lift_within_strata": joint / expected,
    }[name]


def test_every_measure_has_the_values_counted_by_hand(meeting):
    live, model, _ = meeting
    names = [choice.name for choice in live.measures]
    assert names == ["declared", "share", "count", "lift", "difference", "lift_within_strata"]
    for place, name in enumerate(names):
        rows = cells_of(model, model["measures"][place])
        for row, (guest, host) in zip(rows, product("ab", "xy"), strict=True):
            value = _by_hand("conditional" if place == 0 else name, guest, host)
            assert row["value"] == pytest.approx(value, rel=1e-5), (name, row)


def test_texts_are_those_that_cells_carry(meeting):
    _, model, _ = meeting
    texts = [[row["text"] for row in cells_of(model, view)] for view in model["measures"] if "unit" not in view]
    assert texts == [
        ["86", "14", "40", "60"],
        ["50", "8", "17", "25"],
        ["12", "2", "4", "6"],
        ["1.3", "0.43", "0.60", "1.8"],
        ["0.46", "−0.46", "−0.46", "0.46"],
        ["1.2", "0.55", "0.71", "1.4"],
    ]


def test_the_colour_bar_follows_the_measure(meeting):
    _, model, _ = meeting
    bars = [view["bars"]["left"] for view in model["measures"] if "unit" not in view]
    assert [bar["stops"][0] for bar in bars] == [shade(0)] * 3 + [shade(0, "orangeblue")] * 3
    assert [[text for _, text in bar["ticks"]] for bar in bars] == [
        ["0", "25", "50", "75", "100%"],
        ["0", "25", "50", "75", "100%"],
        ["0", "5", "10", "15", "20"],
        ["1/4", "1/2", "1", "2", "4"],
        ["−1.00", "−0.50", "0.00", "0.50", "1.00"],
        ["1/2", "1", "2"],
    ]
    assert [level for level, _ in bars[5]["ticks"]] == [0, 0.5, 1]


def test_too_few_to_judge_may_be_hidden(meeting):
    live, model, panels = meeting
    assert {(c.given, c.state) for c in panels[0].cells} == {("a", "measured"), ("b", "few")}
    assert live.few == "Hide cells with too few meetings"
    assert model["hidden"] == "too little data: hidden"


@pytest.mark.parametrize("n", [SQUARES_LIMIT + 1, MEASURES_LIMIT + 1])
def test_large_figures_have_nothing_inside_cells_and_at_last_no_other_measures(tmp_path, n):
    many = [(f"g{i:03}", f"h{i:03}", 2001, 2) for i in range(n)]
    live, model, _ = live_of(tmp_path, many)
    further = ["share", "count", "lift", "difference", "lift_within_strata"] if n <= MEASURES_LIMIT else []
    assert [choice.name for choice in live.measures] == ["declared", *further]
    assert [choice.label for choice in live.orders] == ["Original order", "Clustered", "Largest first"]
    assert model["inside"] == {}
    assert not live.values


def test_offered_measures_are_registered():
    assert set(MEASURES_OFFERED) <= set(MEASURES)
    assert WITHIN_STRATA.name not in MEASURES


def test_a_model_without_a_series_knows_no_times():
    assert "times" not in live_model(FIGURE, founding(), (), ())
