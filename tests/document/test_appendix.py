"""The matrices of the appendix and sentences on method, from results written by hand."""

from dataclasses import replace

import pytest

from diptych.document.appendix import appendix
from diptych.document.material import PartCounts, RelationReport, RelationWording
from diptych.document.methods import method_data, methods
from diptych.document.writer import Writer, position
from diptych.figures.scales import ColourScale
from diptych.formats import in_table_with_ends
from diptych.inference import InferenceSettings
from diptych.measures import MEASURES
from diptych.theme import template_folder
from tests.renderers.documents import DATASETS, MODEL, MODELS, small
from tests.renderers.some_results import results

WORDING = RelationWording("links", MODEL, DATASETS, MODELS, "trained on", "used to train", ("team",), ("package",))


@pytest.fixture
def writer():
    panels = small().figures[0].panels
    return Writer(template_folder(), "en", {"w": WORDING, "place": lambda name: position(panels, name)})


def part(found, **panel):
    panels = tuple(replace(one, **panel) for one in small().figures[0].panels)
    counted = None if found is None or not hasattr(found, "counts") else PartCounts(
        found.coverage, found.contributors, (), (), weighted=False, n_strata=2
    )  # fmt: skip
    return RelationReport(
        "main", "Main", panels, panels, (), WORDING, counted, InferenceSettings(),
        ColourScale((0.0, 1.0), "yellowgreenblue", (), ".2f"), found,
    )  # fmt: skip


def tables(found, writer, **panel):
    return {block.id: block for block in appendix(part(found, **panel), writer)}


def test_every_table_is_there_and_those_of_a_panel_name_its_file(writer):
    found = tables(results(), writer)
    assert {name: table.source for name, table in found.items()} == {
        "matrix-left": "data/left.csv",
        "matrix-right": "data/right.csv",
    }


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
    assert in_table_with_ends(replace(next(iter(panel.cells)), value=value, low=low, high=high), panel.measure) == text


def test_ends_of_counts_are_whole_from_ten_on(writer):
    panel = replace(small().figures[0].panels[0], measure=MEASURES["count"].info)
    cell = next(iter(panel.cells))
    assert in_table_with_ends(replace(cell, value=382, low=347.52, high=420.04), panel.measure) == "382 (348–420)"
    assert in_table_with_ends(replace(cell, value=4, low=1.26, high=9.4), panel.measure) == "4 (1.3–9.4)"


def sentences(found, writer):
    [paragraph, *_] = methods(part(found), writer)
    return {s.id: s.text.replace("\N{NO-BREAK SPACE}", " ") for s in paragraph.sentences}


@pytest.mark.parametrize(
    ("n_groups", "weighted", "made", "cited"),
    [
        (12, False, "cluster-robust (12 clusters by team)", "Degrees of freedom with clusters"),
        (12, True, "cluster-robust (12 clusters by team)", "Degrees of freedom with clusters"),
        (None, True, "Wilson intervals for the effective", "Effective number of trials of a weighted share"),
        (None, False, "Wilson intervals and ratios", "Intervals of shares"),
    ],
)
def test_methods_name_the_intervals_that_are_shown(writer, n_groups, weighted, made, cited):
    shown = part(results())
    panels = tuple(replace(panel, n_groups=n_groups) for panel in shown.panels)
    wording = replace(shown.wording, weighted=weighted)
    shown = replace(shown, panels=panels, wording=wording)
    [paragraph] = methods(shown, writer)
    [said] = [s.text.replace("\N{NO-BREAK SPACE}", " ") for s in paragraph.sentences if s.id == "methods.intervals"]
    assert made in said
    assert ("Wilson" in said) == ("Wilson" in made)
    methods_cited = [of.method for of in method_data(shown, writer).references]
    assert cited in methods_cited
    assert ("Intervals of shares" in methods_cited) == (made == "Wilson intervals and ratios")


def test_the_method_has_the_whole_references_as_the_data_file_does(writer):
    shown = part(results())
    last = sentences(results(), writer)["methods.references"]
    assert last.startswith(
        "References. Linearised intervals: Binder (1983), On the variances of asymptotically normal estimators"
    )
    found = method_data(shown, writer)
    assert all(of.source[: of.source.index(")") + 1] in last for of in found.references)
    assert all("," in of.source.partition(")")[2] for of in found.references)
    assert {of.name: of.value for of in found.thresholds} == {"expected": 5.0, "minimum_units": 10, "minimum_groups": 5}
