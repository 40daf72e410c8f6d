"""Specifications: the data are those of the panels, every state has a mark of its own, and Vega-Lite accepts them."""

import json
from dataclasses import replace

import pytest

from diptych import formats, theme
from diptych.figures import FigureSettings
from diptych.figures.heatmap import heatmap_spec, key_spec, panel_scales, panel_specs
from diptych.figures.layout import PAGE, PHONE, row_order
from diptych.figures.scales import few_rows, looks
from diptych.figures.specs import spec_file, spec_text
from tests.cells import whole_cells
from tests.figures.demo_panels import CONDITIONAL, COUNT, COUNTS, LIFT, LOG2_LIFT, NINE, PHI, founding, panel
from tests.figures.schema import VEGA_LITE

PLAIN = FigureSettings(id="main", panels=("left", "right"))
CLASSIC = PLAIN.model_copy(update={"form": "classic"})
MEASURES = [CONDITIONAL, COUNT, LIFT, LOG2_LIFT, PHI]


def cells_of(figure, panels, room=PAGE):
    return panel_specs(figure, panels, room)[0]["datasets"]["left_cells"]


@pytest.mark.parametrize("room", [PAGE, PHONE], ids=["page", "phone"])
@pytest.mark.parametrize("measure", MEASURES, ids=lambda of: of.name)
def test_data_are_the_cells_in_the_order_of_their_rows(measure, room):
    both = founding(measure)
    one, scale = both[0], panel_scales(PLAIN, both)["left"]
    rows = cells_of(PLAIN, both, room)[: len(one.cells)]
    order = [row * 9 + column for row in row_order(one, scale) for column in range(9)]
    drawn, few = looks(one, scale), few_rows(one, scale)
    for row, at in zip(rows, order, strict=True):
        cell = one.cells[at]
        assert (row["given"], row["outcome"]) == (cell.given, cell.outcome)
        assert row["look"] == ("" if few[at // 9] else drawn[at])
        if drawn[at] == "coloured" and cell.n_joint:
            assert row["value"] == pytest.approx(cell.value, rel=1e-5)
            assert row["text"] == formats.in_cell(cell.value, measure, percent=measure is CONDITIONAL)


def test_the_row_of_all_units_has_base_rates_on_the_scale_or_plain_counts():
    own = [COUNTS[k] for k in range(9)]
    totals = [sum(column) for column in zip(*own, strict=True)]
    for measure in (CONDITIONAL, LIFT):
        rows = cells_of(PLAIN, founding(measure))[81:]
        for row, total in zip(rows, totals, strict=True):
            if measure is CONDITIONAL and total:
                assert row["value"] == pytest.approx(total / sum(totals), rel=1e-5)
            elif total:
                assert "value" not in row
                assert row["text"].replace(",", "") == str(total)
            else:
                assert "text" not in row


def replace_cell(of, place, **changed):
    cells = [*of.cells]
    cells[place] = replace(cells[place], **changed)
    return replace(of, cells=whole_cells(cells))


def test_looks_are_told_apart_by_colour_or_sign():
    """What is seen of a cell: its ground, and whether it has a number, a sign or nothing."""
    of = panel(((9, 5, 4), (7, 30, 2), (4, 5, 6)), (("a", "b", "c"), ("d", "e", "f")), CONDITIONAL)
    for place, (state, value) in enumerate(
        [("measured", 0.4), ("few", 0.4), ("no_outcome", None), ("masked", None), ("withheld", None)]
    ):
        of = replace_cell(of, place, state=state, value=value)
    grounds = {"none": theme.LIGHT["vacant"], "masked": theme.LIGHT["mask"], "withheld": theme.LIGHT["mask"]}
    rows = cells_of(PLAIN, (of,))[:5]
    seen = {(row["look"], grounds.get(row["look"], "value" in row), row.get("text", "")) for row in rows}
    assert len({(ground, text) for _, ground, text in seen}) == 5


def test_no_unit_where_five_are_expected_is_coloured_and_a_fixed_ratio_is_not():
    of = panel(((0, 40), (40, 40)), (("a", "b"), ("c", "d")), LIFT)
    assert looks(of, panel_scales(PLAIN, [of])["left"])[0] == "coloured"
    rare = panel(((0, 40), (4, 400)), (("a", "b"), ("c", "d")), LIFT)
    assert looks(rare, panel_scales(PLAIN, [rare])["left"])[0] == "none"
    only = panel(((12,), (30,)), (("a", "b"), ("c",)), LIFT)
    assert set(looks(only, panel_scales(PLAIN, [only])["left"])) == {"undefined"}


def test_a_category_from_one_stratum_has_no_colour():
    of = replace(founding()[0], one_stratum=("Graph",))
    scale = panel_scales(PLAIN, [of])["left"]
    assert few_rows(of, scale)[NINE.index("Graph")]
    assert not few_rows(founding()[0], scale)[NINE.index("Graph")]


def test_the_key_explains_each_look_that_occurs_and_no_other():
    of = panel(((9, 5), (7, 30)), (("a", "b"), ("c", "d")), CONDITIONAL)
    texts = [text["text"] for text in key_spec(PLAIN, (of,), 332)["datasets"]["key"]]
    assert texts == ["0", "100%"]
    for state in ("few", "masked", "withheld", "no_outcome"):
        value = 0.4 if state == "few" else None
        assert len(key_spec(PLAIN, (replace_cell(of, 0, state=state, value=value),), 332)["datasets"]["key"]) == 3


@pytest.mark.parametrize("scheme", theme.RAMPS)
@pytest.mark.parametrize("form", [PLAIN, CLASSIC], ids=["plain", "classic"])
def test_numbers_can_be_read_on_their_cells(form, scheme):
    figure = form.model_copy(update={"scheme": scheme})
    scale = panel_scales(figure, founding())["left"]
    for row in cells_of(figure, founding()):
        if "value" in row:
            ground = theme.shade(scale.level(row["value"]), scheme)
            assert theme.contrast(row["ink"], ground) >= theme.AA_CONTRAST


@pytest.mark.parametrize("form", [PLAIN, CLASSIC], ids=["plain", "classic"])
@pytest.mark.parametrize("measure", MEASURES, ids=lambda of: of.name)
def test_specifications_keep_to_vega_lites_schema(measure, form):
    titled = form.model_copy(update={"title": "A figure"})
    for spec in (
        *panel_specs(form, founding(measure), PAGE),
        *filter(None, [key_spec(form, founding(measure), 332)]),
        heatmap_spec(titled, founding(measure), PHONE, 2, "4,285 models. A note."),
    ):
        VEGA_LITE.validate(spec)


def test_same_panels_same_text_and_the_file_is_the_same_specification():
    spec, again = (heatmap_spec(PLAIN, founding(), PAGE, 2) for _ in range(2))
    assert spec_text(spec) == spec_text(again)
    assert json.loads(spec_file(spec)) == json.loads(spec_text(spec))
