"""The specification: the founding figure's parts, every state, any name, any size."""

import dataclasses
import json

import pytest

from diptych.figures import FigureSettings, panel_letters
from diptych.figures.heatmap import heatmap_spec
from diptych.figures.scales import STRIP
from diptych.figures.specs import spec_file, spec_text
from diptych.theme import colours
from tests.cells import whole_cells
from tests.figures.demo_panels import AWKWARD, CONDITIONAL, COUNT, COUNTS, LIFT, LOG2_LIFT, NINE, PHI, founding, panel
from tests.figures.schema import VEGA_LITE

FIGURE = FigureSettings(id="main", form="classic", panels=("left", "right"))


def spec_of(panels, **settings):
    return heatmap_spec(
        FigureSettings(id="main", form="classic", panels=tuple(p.id for p in panels), **settings), panels
    )


def views(spec):
    """Return the views of the panels, in order."""
    rows = spec.get("vconcat", [spec])
    return [view for row in rows if "hconcat" in row for view in row["hconcat"]]


def matrix(view):
    return view["layer"][0]


def legend(view):
    return next(layer["encoding"]["color"] for layer in matrix(view)["layer"] if "color" in layer["encoding"])


@pytest.fixture(scope="module")
def spec():
    return heatmap_spec(FIGURE, founding())


def test_two_panels_stand_side_by_side(spec):
    assert len(spec["vconcat"]) == 2  # the panels, and the key
    assert len(spec["vconcat"][0]["hconcat"]) == 2
    assert [view["title"]["text"] for view in views(spec)] == ["(a)", "(b)"]


def test_axes_are_titled_as_in_the_founding_figure(spec):
    titles = [
        (matrix(v)["encoding"]["y"]["axis"]["title"], matrix(v)["encoding"]["x"]["axis"]["title"]) for v in views(spec)
    ]
    assert titles == [("Dataset Category A", "Model Category B"), ("Model Category A", "Dataset Category B")]


def test_one_declared_order_rules_every_axis(spec):
    for view in views(spec):
        for channel in ("x", "y"):
            assert matrix(view)["encoding"][channel]["scale"]["domain"] == list(NINE)
            assert matrix(view)["encoding"][channel]["sort"] is None


def test_outcome_names_are_at_45_degrees(spec):
    assert {matrix(view)["encoding"]["x"]["axis"]["labelAngle"] for view in views(spec)} == {-45}


def test_cells_are_square(spec):
    assert {(view["width"], view["height"]) for view in views(spec)} == {(9 * 27, 9 * 27)}


def test_each_panel_has_a_colour_bar_of_one_scale(spec):
    for view in views(spec):
        assert legend(view)["scale"] == {
            "type": "linear", "domain": [0, 1], "range": list(colours.RAMPS["yellowgreenblue"]), "interpolate": "rgb",
            "clamp": True,
        }  # fmt: skip
        assert legend(view)["legend"]["values"] == [0, 0.25, 0.5, 0.75, 1]
        assert legend(view)["legend"]["format"] == ".2f"
        assert legend(view)["legend"]["title"] == "Share"
    assert spec["vconcat"][0]["resolve"] == {"scale": {"color": "independent"}}
    assert spec["config"]["legend"]["orient"] == "right"


def test_rows_of_data_are_the_cells_in_declared_order(spec):
    rows = spec["datasets"]["left_cells"]
    assert [(row["given"], row["outcome"]) for row in rows] == [(a, b) for a in NINE for b in NINE]
    assert rows[2] == {
        "given": "Multimodal", "outcome": "CV", "state": "measured", "value": 0.358065, "low": 0.308065, "high": 0.408065,
        "joint": 111, "of": 310, "base": 0.793848, "lift": 0.451049, "text": "0.36", "ink": "#000000",
    }  # fmt: skip


def test_each_state_is_in_the_data_and_only_drawn_values_have_one(spec):
    rows = {(row["given"], row["outcome"]): row for row in spec["datasets"]["left_cells"]}
    assert rows["Tabular", "NLP"] == {
        "given": "Tabular", "outcome": "NLP", "state": "empty", "joint": 0, "of": 0, "base": 0.0965015,
    }  # fmt: skip
    assert rows["NLP", "Tabular"]["state"] == "empty"
    assert "value" not in rows["NLP", "Tabular"]
    assert (rows["Robotics", "Robotics"]["state"], rows["Robotics", "Robotics"]["text"]) == ("few", "0.43")
    assert (rows["NLP", "CV"]["state"], "value" in rows["NLP", "CV"]) == ("nothing", False)


def test_the_baseline_row_gives_base_rates(spec):
    rows = spec["datasets"]["left_baseline"]
    assert [row.get("text") for row in rows] == ["0.06", "0.10", "0.79", "0.04", None, "<.01", "<.01", "<.01", None]
    assert rows[2] == {
        "outcome": "CV", "state": "measured", "value": 0.793848, "joint": 3381, "of": 4259, "text": "0.79", "ink": "#ffffff",
    }  # fmt: skip
    assert spec["datasets"]["left_all"] == [{"text": "All models"}]


def test_the_baseline_row_stands_apart_below_the_matrix(spec):
    view = views(spec)[0]
    band = view["layer"][1]["layer"][0]["encoding"]
    assert (band["y"], band["y2"]) == ({"value": 251}, {"value": 278})
    assert matrix(view)["encoding"]["x"]["axis"]["offset"] == 35


@pytest.mark.parametrize("measure", [COUNT, LIFT, LOG2_LIFT, PHI])
def test_other_measures_have_a_row_of_sizes_without_colours(measure):
    rows = spec_of(founding(measure))["datasets"]["left_baseline"]
    assert [row.get("text") for row in rows] == ["258", "411", "3,381", "173", None, "13", "20", "3", None]
    assert {row["state"] for row in rows} == {"size", "empty"}
    assert not any("value" in row for row in rows)


def test_the_key_names_the_states_that_occur(spec):
    assert [(row["state"], row["text"]) for row in spec["datasets"]["key"]] == [
        ("nothing", "none"),
        ("few", "too little data"),
        ("empty", "no models in this row or column"),
    ]


def test_a_figure_of_plain_cells_has_no_key():
    plain = panel(((20, 10), (10, 30)), (("a", "b"), ("a", "b")), CONDITIONAL)
    spec = spec_of((plain,))
    assert "vconcat" not in spec
    assert "key" not in spec["datasets"]
    assert "title" not in views(spec)[0]


def test_the_key_names_what_the_scale_does_not_hold():
    spec = spec_of(founding(), scale=(0, 0.5))
    assert spec["datasets"]["key"][-1]["text"] == "values beyond the colour scale have the colour of its end"


def test_a_zero_is_an_avoidance_where_five_units_were_expected():
    for measure, half, text in ((LIFT, 0.5 / (430 * 3381 / 4259), "0"), (LOG2_LIFT, -9.41513, None)):
        spec = spec_of(founding(measure))
        rows = {(r["given"], r["outcome"]): r for r in spec["datasets"]["left_cells"]}
        avoided, quiet = rows["NLP", "CV"], rows["RL", "Robotics"]  # 341 expected; 0.01
        assert (avoided["state"], "value" in avoided, avoided.get("text")) == ("avoided", False, text)
        assert avoided["shade"] == pytest.approx(half, rel=1e-4)
        assert (quiet["state"], "shade" in quiet) == ("nothing", False)
        few = rows["Robotics", "CV"]  # of 7 models; 5.6 expected
        assert (few["state"], "shade" in few) == ("few", True)
        assert [r["text"] for r in spec["datasets"]["key"]][:2] == [
            "none, 5 or more models expected", "none, fewer than 5 expected",
        ]  # fmt: skip


def test_a_ratio_that_counts_fix_at_one_has_a_state_of_its_own():
    of = panel(((20, 0), (30, 0)), (("a", "b"), ("a", "b")), LIFT)  # every unit has outcome a
    spec = spec_of((of,))
    assert [row["state"] for row in spec["datasets"]["left_cells"]] == ["fixed", "empty", "fixed", "empty"]
    assert not any("text" in row for row in spec["datasets"]["left_cells"])
    assert ("fixed", "not estimable") in [(row["state"], row["text"]) for row in spec["datasets"]["key"]]


def test_states_are_drawn_by_their_signs(spec):
    marks = [layer["mark"] for layer in matrix(views(spec)[0])["layer"]]
    filters = [layer["transform"][0]["filter"] for layer in matrix(views(spec)[0])["layer"]]
    assert [mark["type"] for mark in marks] == ["rect", "rect", "point", "point", "text", "text"]
    assert filters[3] == "datum.state === 'nothing'"
    assert marks[2]["shape"] == STRIP
    assert filters[2].startswith("(datum.state === 'few'")
    assert marks[5]["dy"] < 0  # above the strip


def test_a_masked_diagonal_is_crossed():
    left = founding()[0]
    cells = tuple(dataclasses.replace(c, state="masked", value=None) if c.given == c.outcome else c for c in left.cells)
    spec = spec_of((dataclasses.replace(left, cells=whole_cells(cells)),))
    filters = [layer["transform"][0]["filter"] for layer in matrix(views(spec)[0])["layer"]]
    assert "datum.state === 'masked'" in filters
    assert "not shown: both sides are the same items" in [row["text"] for row in spec["datasets"]["key"]]


def test_every_mark_of_a_cell_carries_the_tooltip(spec):
    shared = matrix(views(spec)[0])["encoding"]["tooltip"]
    assert [line["title"] for line in shared] == [
        "Dataset Category A", "Model Category B", "Share", "Interval", "Counts", "Base rate", "Lift", "q", "State",
    ]  # fmt: skip
    assert not any("tooltip" in layer["encoding"] for layer in matrix(views(spec)[0])["layer"])


@pytest.mark.parametrize("scheme", sorted(colours.RAMPS))
def test_ink_of_every_cell_can_be_read(scheme):
    spec = spec_of(founding(), scheme=scheme)
    for row in spec["datasets"]["left_cells"]:
        if "ink" in row:
            shown = colours.LIGHT["paper"] if row["state"] == "few" else colours.shade(row["value"], scheme)
            assert colours.contrast(row["ink"], shown) >= colours.AA_CONTRAST


def test_panels_continue_below_two_by_two():
    left, right = founding()
    four = (left, right, dataclasses.replace(left, id="third"), dataclasses.replace(right, id="fourth"))
    spec = spec_of(four)
    assert [len(row.get("hconcat", [])) for row in spec["vconcat"]] == [2, 2, 0]
    assert panel_letters(four) == ["(a)", "(b)", "(c)", "(d)"]


def test_many_categories_stand_one_below_the_other_without_numbers():
    names = tuple(f"c{i}" for i in range(60))
    counts = tuple(tuple(20 if i == j else 0 for j in range(60)) for i in range(60))
    pair = tuple(panel(counts, (names, names), CONDITIONAL, id_=i) for i in ("left", "right"))
    spec = spec_of(pair)
    assert [len(row.get("hconcat", [])) for row in spec["vconcat"]] == [1, 1, 0]
    assert [name for name in spec["datasets"] if name.startswith("left")] == [
        "left_picture",
        "left_columns",
        "left_baseline",
        "left_all",
    ]
    assert "left_cells" in spec_of(pair, values=True)["datasets"]
    assert matrix(views(spec)[0])["encoding"]["x"]["axis"]["labelExpr"] == (
        "round(datum.index * 59) % 2 === 0 ? datum.label : ''"
    )


def test_title_and_values_of_the_config():
    spec = spec_of(founding(), title="Where they meet", values=False)
    assert spec["title"]["text"] == ["Where they meet"]
    assert "text" not in spec["datasets"]["left_cells"][0]


def test_names_are_values_only():
    spec = spec_of((panel(COUNTS, (AWKWARD, AWKWARD), CONDITIONAL),))
    everything_else = spec_text({k: v for k, v in spec.items() if k != "datasets"})
    for name in (name for name in AWKWARD if len(name) < 40):  # a longer one lacks its middle
        # the axis domains list names as JSON strings; nothing else holds them
        assert (
            everything_else.count(json.dumps(name, ensure_ascii=False)) == 4
        )  # x of matrix and baseline, y of matrix and sizes


@pytest.mark.parametrize("measure", [CONDITIONAL, COUNT, LIFT, LOG2_LIFT, PHI])
def test_specifications_keep_to_vega_lites_schema(measure):
    spec = spec_of(founding(measure), title="T")
    VEGA_LITE.validate(spec)


def test_same_panels_same_text_and_the_file_is_the_same_specification(spec):
    assert spec_text(spec) == spec_text(heatmap_spec(FIGURE, founding()))
    assert json.loads(spec_file(spec)) == spec
    assert json.loads(spec_text(spec)) == spec
    assert spec["$schema"] == "https://vega.github.io/schema/vega-lite/v6.json"


def test_a_name_may_look_like_a_place_holder_of_the_file():
    names = ("@0", '"@1"')
    spec = spec_of((panel(((20, 10), (10, 30)), (names, names), CONDITIONAL),))
    assert json.loads(spec_file(spec)) == spec
