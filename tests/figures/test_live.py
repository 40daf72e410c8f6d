"""The model of a live figure: put together again it is the figure, and its numbers are those counted by hand."""

import gzip
import json
import math
import re
from collections import Counter
from dataclasses import replace
from importlib.metadata import version

import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from diptych.cells import Cells
from diptych.config.loading import load_config
from diptych.document import Figure
from diptych.figures.heatmap import heatmap_spec, panel_scales
from diptych.figures.layout import SQUARES_LIMIT, FigureSettings
from diptych.figures.live import (
    WITHIN_STRATA,
    Order,
    Variant,
    by_strength,
    changed,
    changes,
    drawn,
    live_model,
    undeclared,
    within_strata,
)
from diptych.figures.marks import spec_text
from diptych.measures import MEASURES
from diptych.pipeline.counting import count_all
from diptych.pipeline.live import MEASURES_OFFERED, Worked, live_figure
from diptych.pipeline.parts import build_panels, write_parts
from diptych.pipeline.results import work_out
from diptych.renderers.html_data import bundle
from diptych.theme.templates import template_folder
from tests.figures.demo_panels import AWKWARD, COUNT, COUNTS, LIFT, LOG2_LIFT, NINE, founding, panel

FIGURE = FigureSettings(id="main", panels=("left", "right"), scale=(0, 1), scheme="yellowgreenblue")


def as_travels(model):
    """Return a model after the way to the page: written and read as JSON."""
    return json.loads(spec_text(model))


def without_keys(spec):
    sets = {
        name: [{f: v for f, v in row.items() if f != "key"} for row in rows] for name, rows in spec["datasets"].items()
    }
    return spec | {"datasets": sets}


@pytest.mark.parametrize("measure", [LIFT, LOG2_LIFT, COUNT], ids=lambda measure: measure.name)
def test_a_model_gives_back_the_specification_of_each_measure(measure):
    panels, others = founding(), founding(measure)
    spec, other = heatmap_spec(FIGURE, panels), heatmap_spec(undeclared(FIGURE), others)
    variant = Variant(measure.name, measure.label, undeclared(FIGURE), others)
    model = as_travels(live_model(FIGURE, panels, spec, [variant], []))
    assert without_keys(drawn(model)) == spec
    assert without_keys(drawn(model, 1)) == other
    assert other["datasets"] != spec["datasets"]
    assert model["measures"][1]["titles"] == [measure.label, measure.label]


def test_each_row_has_the_short_name_of_its_cell():
    panels = founding()
    spec = drawn(as_travels(live_model(FIGURE, panels, heatmap_spec(FIGURE, panels), [], [])))
    rows = spec["datasets"]["left_cells"]
    assert [row["key"] for row in rows[:3]] == ["left-0-0", "left-0-1", "left-0-2"]
    assert rows[9 * 3 + 2] | {"key": "left-3-2", "given": "Audio", "outcome": "CV"} == rows[9 * 3 + 2]
    assert all("key" not in row for row in spec["datasets"]["left_baseline"])


def test_names_of_categories_may_hold_anything():
    panels = (panel(COUNTS, (AWKWARD, AWKWARD), founding()[0].measure),)
    figure = FigureSettings(id="main", panels=("left",))
    spec = heatmap_spec(figure, panels)
    assert without_keys(drawn(as_travels(live_model(figure, panels, spec, [], [])))) == spec


def test_a_specification_with_no_data_is_kept_once():
    panels = founding()
    model = live_model(FIGURE, panels, heatmap_spec(FIGURE, panels), [], [])
    assert "datasets" not in model["spec"]
    assert model["measures"][0]["changes"] == []
    assert set(model["sets"]["left_cells"]).isdisjoint({"given", "outcome", "key"})


_LEAVES = st.one_of(st.integers(2, 5), st.text(max_size=3), st.none())
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(["a", "b", "length", "layer"]), inner, max_size=3)
    ),
    max_leaves=12,
)
_SPECS = st.dictionaries(st.sampled_from(["layer", "x", "y"]), _TREES, max_size=3)


@given(_SPECS, _SPECS)
def test_changes_make_one_specification_of_another(old, new):
    before = json.dumps(old)
    assert changed(old, list(changes(old, new))) == new
    assert json.dumps(old) == before


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
    model = live_model(FIGURE, panels, heatmap_spec(FIGURE, panels), [], [order])
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
    written = write_parts(loaded, counted, panels, found)
    settings = loaded.config.figure("main")
    shown = tuple(panels[name] for name in settings.panels)
    figure = Figure("main", "T", json.dumps(heatmap_spec(settings, shown)), "", shown)
    live = live_figure(figure, Worked(loaded.config, counted, panels, written, found))
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
        "log2_lift": math.log2(total * joint / (given_n * outcome_n)),
        "difference": joint / given_n - (outcome_n - joint) / (total - given_n),
        "lift_within_strata": joint / expected,
    }[name]


def test_every_measure_has_the_values_counted_by_hand(meeting):
    live, model, _ = meeting
    names = [choice.name for choice in live.measures]
    assert names == ["declared", "share", "count", "log2_lift", "difference", "lift_within_strata"]
    for place, name in enumerate(names):
        rows = drawn(model, place)["datasets"]["left_cells"]
        for row in rows:
            value = _by_hand("conditional" if place == 0 else name, row["given"], row["outcome"])
            assert row["value"] == pytest.approx(value, rel=1e-5), (name, row)


def test_texts_are_those_that_cells_carry(meeting):
    _, model, _ = meeting
    texts = [[row["text"] for row in drawn(model, place)["datasets"]["left_cells"]] for place in range(6)]
    assert texts == [
        ["0.86", "0.14", "0.40", "0.60"],
        ["0.50", "0.08", "0.17", "0.25"],
        ["12", "2", "4", "6"],
        ["0.36", "−1.22", "−0.74", "0.85"],
        ["0.46", "−0.46", "−0.46", "0.46"],
        ["1.16", "0.55", "0.71", "1.38"],
    ]


def test_the_scale_follows_the_measure(meeting):
    _, model, _ = meeting
    scales = [matrix_scale(drawn(model, place)) for place in range(6)]
    assert [scale["scheme"] for scale in scales] == ["yellowgreenblue"] * 3 + ["purplegreen"] * 3
    assert [scale["domain"] for scale in scales] == [[0, 1], [0, 1], [0, 20], [-2, 2], [-1, 1], [0.5, 2]]
    assert scales[5]["type"] == "log"


def matrix_scale(spec):
    part = spec
    while "layer" not in part:
        part = (part.get("vconcat") or part["hconcat"])[0]
    return part["layer"][0]["layer"][0]["encoding"]["color"]["scale"]


def test_every_cell_says_how_its_numbers_are_made(meeting):
    _, model, _ = meeting
    evidence = model["evidence"]["left"]
    assert [label for label, _ in evidence["rows"]] == [
        "Share", "Base rate", "Expected", "Observed over expected", "Expected within year",
        "Observed over expected within year",
    ]  # fmt: skip
    assert [line[:2] for line in evidence["cells"]["left-0-0"]] == [
        ["12 / 14", "0.86"], ["16 / 24", "0.67"], ["14 × 16 / 24", "9.33"], ["12 / 9.33", "1.29"],
        ["", "10.3"], ["12 / 10.3", "1.16"],
    ]  # fmt: skip
    assert set(evidence["cells"]) == {"left-0-0", "left-0-1", "left-1-0", "left-1-1"}


def test_too_few_to_judge_may_be_hidden(meeting):
    live, model, panels = meeting
    assert {(c.given, c.state) for c in panels[0].cells} == {("a", "measured"), ("b", "few")}
    assert live.few == "Hide cells with too few meetings"
    assert model["hidden"] == "too few to judge: hidden"


def test_large_figures_offer_the_declared_measure_alone(tmp_path):
    many = [(f"g{i:02}", f"h{i:02}", 2001, 2) for i in range(SQUARES_LIMIT + 1)]
    live, model, _ = live_of(tmp_path, many)
    assert [choice.name for choice in live.measures] == ["declared"]
    assert [choice.label for choice in live.orders] == ["As declared", "Clustered", "Largest first"]
    assert model["evidence"] == {}
    assert not live.values


def test_offered_measures_are_registered():
    assert set(MEASURES_OFFERED) <= set(MEASURES)
    assert WITHIN_STRATA.name not in MEASURES


def test_the_bundle_is_that_of_the_installed_version():
    folder = template_folder() / "vendor"
    file = folder / f"vega-{version('vl-convert-python')}.js.gz"
    assert [path.name for path in folder.glob("*.gz")] == [file.name]
    packed = file.read_bytes()
    assert packed[4:8] == b"\0\0\0\0", "a time in the header"
    text = gzip.decompress(packed).decode()
    assert text == vl_convert.javascript_bundle()
    assert bundle() == f"(() => {{\n{text}\n}})();\n", "nothing in it needs escaping"
    assert not re.search(r"</script|<script|<!--|\r", text, re.IGNORECASE)
    assert "BSD 3-Clause" in (folder / "LICENSES.txt").read_text()


def test_a_model_gives_back_the_figure_at_earlier_times_on_its_own_scale():
    panels = founding()
    earlier = tuple(
        replace(p, cells=Cells.of(replace(c, value=None if c.value is None else c.value / 2) for c in p.cells))
        for p in panels
    )
    scales = panel_scales(FIGURE, panels)
    base = heatmap_spec(FIGURE, panels)
    time = Variant("2020", "2020: 5 models", FIGURE, earlier, scales)
    model = as_travels(live_model(FIGURE, panels, base, (), (), [time]))
    assert without_keys(drawn(model, time=0)) == heatmap_spec(FIGURE, earlier, scales=scales)
    assert without_keys(drawn(model)) == base
    assert [one["label"] for one in model["times"]] == ["2020: 5 models"]


def test_a_model_without_a_series_knows_no_times():
    panels = founding()
    assert "times" not in live_model(FIGURE, panels, heatmap_spec(FIGURE, panels), (), ())
