"""Tables of the appendix and sentences on method, from results written by hand."""

from dataclasses import replace

import pytest

from diptych.cells import Estimate, Refusal
from diptych.document.appendix import MOST_ROWS, appendix, value_text
from diptych.document.material import AxisOrder, Part, PartCounts, Wording
from diptych.document.methods import methods
from diptych.document.writer import Writer, position
from diptych.figures.scales import ColourScale
from diptych.findings import ThresholdSettings
from diptych.inference import InferenceSettings
from diptych.inference.symmetry import DirectedPair
from diptych.ledger.coverage import Contributors
from diptych.matrices.seriation import Grouping
from diptych.measures import MEASURES
from diptych.theme import template_folder
from tests.cells import whole_cells
from tests.renderers.documents import DATASETS, MODEL, MODELS, small
from tests.renderers.some_results import results

WORDING = Wording("links", MODEL, DATASETS, MODELS, "trained on", "used to train", ("team",), ("package",))


@pytest.fixture
def writer():
    panels = small().figures[0].panels
    return Writer(template_folder(), "en", {"w": WORDING, "place": lambda name: position(panels, name)})


def part(found, **panel):
    panels = tuple(replace(one, **panel) for one in small().figures[0].panels)
    counted = None if found is None or not hasattr(found, "counts") else PartCounts(
        found.coverage, found.contributors, (), (), weighted=False, fractional=False, n_strata=2
    )  # fmt: skip
    return Part(
        "main", "Main", panels, panels, (), WORDING, counted, ThresholdSettings(), InferenceSettings(),
        ColourScale(0.0, 1.0, "yellowgreenblue", (), ".2f"), found,
    )  # fmt: skip


def tables(found, writer, **panel):
    return {block.id: block for block in appendix(part(found, **panel), writer)}


def texts(table):
    return [[cell.text.replace("\N{NO-BREAK SPACE}", " ") for cell in row] for row in table.rows]


def headers(table):
    return [column.header for column in table.columns]


def test_every_table_is_there_and_those_of_a_panel_name_its_file(writer):
    found = tables(results(), writer)
    assert {name: table.source for name, table in found.items()} == {
        "matrix-left": "data/left.csv",
        "matrix-right": "data/right.csv",
        "direction-trained_on": None,
        "whole-trained_on": None,
    }


def test_pairs_are_turned_so_that_most_run_forward(writer):
    pairs = (
        DirectedPair("A", "B", 3.0, 1.0, Estimate(2.0), 0.5, 2.5, Estimate(0.5, -1.0, 2.0)),
        DirectedPair("A", "C", 1.0, 9.0, Estimate(-8.0, -14.2, -1.6), -0.8, 4.0, Estimate(-3.0, -5.0, -1.0)),
        DirectedPair("B", "C", 0.0, 4.0, Estimate(-4.0, -4.0, 1.0), -1.0, None, None),
    )
    table = tables(results(pairs=pairs), writer)["direction-trained_on"]
    assert headers(table) == ["Categories", "This way", "Back", "Net flow", "Direction ratio", "Beyond sizes"]
    assert texts(table) == [
        ["C to A", "9", "1", "8 (2–14)", "0.80", "3 (1–5)"],
        ["C to B", "4", "0", "4 (−1 to 4)", "1.00", ""],
        ["A to B", "3", "1", "2", "0.50", "1 (−1 to 2)"],
    ]
    assert table.rows[1][-1].note == "other pairs do not tell what sizes make of it"
    assert table.caption == (
        "Which way models cross between categories: how many have the first as dataset and the second as model "
        "category (this way), and the reverse (back)"
    )


def test_a_long_table_shows_its_largest_rows(writer):
    pairs = tuple(DirectedPair("A", f"B{n:02}", n + 1.0, 0.0, Estimate(n + 1.0), 1.0, 0.0, None) for n in range(20))
    direction = tables(results(pairs=pairs), writer)["direction-trained_on"]
    assert (len(direction.rows), direction.rows[0][0].text) == (MOST_ROWS, "A to B19")
    assert direction.caption.startswith("The twelve largest net flows between categories: how many")


def test_without_a_diagonal_there_is_no_direction(writer):
    other = Refusal("the two axes carry different categories")
    assert "direction-trained_on" not in tables(results(pairs=other), writer, same_taxonomy=False)


def test_numbers_about_the_whole_table(writer):
    assert texts(tables(results(), writer)["whole-trained_on"]) == [
        ["Theil's U, dataset to model category", "0.40", "share of the uncertainty that is removed"],
        ["Theil's U, model to dataset category", "undefined", "share of the uncertainty that is removed"],
        ["Blocks", "NLP and CV", "categories that meet each other at least twice as often as expected"],
    ]


def test_what_is_refused_has_its_reason(writer):
    grouping = Grouping(("NLP", "CV"), (), (), ())
    axes = (AxisOrder("datasets", DATASETS, grouping), AxisOrder("models", MODELS, grouping))
    changed = results(uncertainty=Refusal("units have several categories"), axes=axes, direct=False)
    assert texts(tables(changed, writer)["whole-trained_on"]) == [
        ["Theil's U", "not given", "units have several categories"],
        ["Blocks of dataset categories", "none", "categories that go with like ones (cosine of 0.5 or more)"],
        ["Blocks of model categories", "none", "categories that go with like ones (cosine of 0.5 or more)"],
    ]


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (0.3, 0.2, 0.4, "30 (20–40)"),
        (0.003, 0.0021, 0.0044, "0.3 (0.2–0.4)"),
        (0.968, 0.9661, 0.9712, "96.8 (96.6–97.1)"),
        (0.003, 0.0021, 0.4, "<1 (<1–40)"),
        (1.0, None, None, "100"),
    ],
)
def test_an_interval_of_a_cell_is_never_a_point(value, low, high, text):
    panel = small().figures[0].panels[0]
    assert value_text(panel, replace(next(iter(panel.cells)), value=value, low=low, high=high)) == text


def test_ends_of_counts_are_whole_from_ten_on(writer):
    panel = replace(small().figures[0].panels[0], measure=MEASURES["count"].info)
    cell = next(iter(panel.cells))
    assert value_text(panel, replace(cell, value=382, low=347.52, high=420.04)) == "382 (348–420)"
    assert value_text(panel, replace(cell, value=4, low=1.26, high=9.4)) == "4 (1.3–9.4)"


def sentences(found, writer):
    [paragraph, *_] = methods(part(found), writer)
    return {s.id: s.text.replace("\N{NO-BREAK SPACE}", " ") for s in paragraph.sentences}


def test_methods_say_what_groups_cost(writer):
    said = sentences(results(), writer)
    assert said["methods.design_effect"] == (
        "With these groups the variance of the agreement is 1.5 times that of independent models."
    )
    assert not {"methods.independent", "methods.weights"} & set(said)


@pytest.mark.parametrize(
    ("n_groups", "weighted", "made", "cited"),
    [
        (12, False, "linearised over groups", "Degrees of freedom of groups"),
        (12, True, "linearised over groups", "Degrees of freedom of groups"),
        (None, True, "shares are Wilson's for the effective", "Effective number of trials of a weighted share"),
        (None, False, "shares are Wilson's", "Intervals of shares"),
    ],
)
def test_methods_name_the_intervals_that_are_shown(writer, n_groups, weighted, made, cited):
    shown = part(results())
    panels = tuple(replace(panel, n_groups=n_groups) for panel in shown.panels)
    wording = replace(shown.wording, weighted=weighted)
    [paragraph, _, sources] = methods(replace(shown, panels=panels, wording=wording), writer)
    [said] = [s.text.replace("\N{NO-BREAK SPACE}", " ") for s in paragraph.sentences if s.id == "methods.intervals"]
    assert made in said
    assert ("Wilson" in said) == ("Wilson" in made)
    methods_cited = [row[0] for row in texts(sources)]
    assert cited in methods_cited
    assert ("Intervals of shares" in methods_cited) == (made == "shares are Wilson's")


def test_methods_say_what_weights_are_worth(writer):
    weighted = replace(results().sampling, n_units=2000, effective_units=312.4)
    said = sentences(results(sampling=weighted), writer)
    assert said["methods.weights"] == "The weights make 2,000 models worth 312."


@pytest.mark.parametrize(
    ("contributors", "behind"),
    [
        (Contributors((), (), 3, 2), ", although 2 of the 6 have one and the same set of datasets"),
        (Contributors((), (), 6, 1), ""),
        (Contributors((), (), None, None), ""),
    ],
)
def test_methods_say_that_units_are_taken_as_independent(writer, contributors, behind):
    alone = replace(results().sampling, n_groups=None, design_effect=None)
    said = sentences(results(sampling=alone, contributors=contributors), writer)
    assert said["methods.independent"] == f"Models are taken as independent of each other{behind}."


def test_without_agreement_the_design_effects_of_values_are_said(writer):
    sampling = replace(results().sampling, design_effect=None)
    shown = part(results(sampling=sampling))
    cells = [
        replace(c, state="measured", design_effect=n)
        for c, n in zip(shown.panels[0].cells, (1.2, 3.4, 35, None), strict=True)
    ]
    panels = (replace(shown.panels[0], cells=whole_cells(cells)), shown.panels[1])
    [paragraph, *_] = methods(replace(shown, panels=panels), writer)
    assert [s.text for s in paragraph.sentences if s.id == "methods.design_effects"] == [
        "With these groups the variance of a value is 1.2–35 times that of independent models."
    ]
