"""The report of a study that a test makes, as sentences by their ids."""

from __future__ import annotations

from functools import cache

from diptych.document.compose import BUILDERS
from diptych.document.material import PartCounts, RelationReport, RelationWording
from diptych.document.writer import Writer, position
from diptych.figures.scales import ColourScale
from diptych.findings.finders import find_all
from diptych.theme import template_folder
from tests.prose.wholes import _sentences


def part_of(study):
    counted = study.tables.incidence
    form = "links" if counted.unit.role == "to" else "records"
    wording = RelationWording(
        form,
        counted.unit,
        counted.rows.kind,
        counted.columns.kind,
        "trained on",
        "used to train",
        counted.group_names,
        counted.stratum_names,
    )
    numbers = PartCounts(
        study.coverage,
        study.numbers.contributors,
        (),
        (),
        weighted=False,
        n_strata=len(counted.strata),
        tests=study.tables.family_sizes(study.inference),
    )
    scale = ColourScale((0.0, 1.0), "yellowgreenblue", (), ".2f")
    return RelationReport(
        "main",
        "Main",
        study.panels,
        study.panels,
        find_all(study),
        wording,
        numbers,
        study.inference,
        scale,
    )


@cache
def folder():
    return template_folder()


def writer_of(part):
    return Writer(folder(), "en", {"w": part.wording, "place": lambda name: position(part.panels, name)})


def said(study):
    """Return the text of every sentence of a study's report by its id; spaces that do not break are plain ones."""
    part = part_of(study)
    writer = writer_of(part)
    found = [s for _, build in BUILDERS.items() for block in build(part, writer) for s in _sentences(block)]
    return {sentence.id: sentence.text.replace("\N{NO-BREAK SPACE}", " ") for sentence in found}
