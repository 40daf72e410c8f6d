"""The matrices of the appendix and sentences on method, from results written by hand."""

from dataclasses import replace

import pytest

from diptych.document.appendix import appendix
from diptych.document.material import PartCounts, RelationReport, RelationWording
from diptych.document.writer import Writer, position
from diptych.figures.scales import ColourScale
from diptych.findings import ThresholdSettings
from diptych.inference import InferenceSettings
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
        found.coverage, found.contributors, (), (), weighted=False, fractional=False, n_strata=2
    )  # fmt: skip
    return RelationReport(
        "main", "Main", panels, panels, (), WORDING, counted, ThresholdSettings(), InferenceSettings(),
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
