"""The writer: labels are never template source, a sentence knows its cells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diptych.cells import CellRef, Estimate
from diptych.document.writer import Writer
from diptych.findings.agreement import Agreement
from diptych.findings.diagonal import Isolation
from diptych.theme import template_folder
from tests.findings.conftest import make_study as _make_study
from tests.prose.parts import part_of, writer_of

pytestmark = pytest.mark.slow

make_study = _make_study
NASTY = "{{ 7*7 }}{% raw %} <&\"'%_~^\\{}#$|"


@pytest.fixture
def writer(make_study) -> Writer:
    return writer_of(part_of(make_study([("A", "A", 9), ("B", "B", 9)], ("A", "B"))))


def isolation(name, **more):
    return Isolation(
        id=f"isolation.{name}", category=name, n=20, self_share=1, stratum=None, stratum_alone=False, **more
    )


def test_labels_are_never_template_source(writer):
    assert NASTY in writer.say(isolation(NASTY), "observation").text


def test_a_sentence_points_at_the_cells_of_its_finding(writer):
    cells = (CellRef("left", "A", "A"),)
    sentence = writer.say(isolation("A", cells=cells), "observation")
    assert (sentence.id, sentence.cells, sentence.origin) == ("isolation.A.observation", cells, "computed")


def test_every_template_has_blocks_that_parse(writer):
    for path in sorted((template_folder() / "prose" / "en").glob("*.j2")):
        if path.name != "_phrases.j2":
            assert writer._template(path.stem).blocks, path.name


@pytest.mark.parametrize(
    ("excess", "is_beyond"),
    [(Estimate(-2.0, -8.0, 4.0), False), (Estimate(2.0), False), (Estimate(5.0, 1.0, 9.0), True), (None, False)],
)
def test_agreement_is_beyond_chance_only_where_its_interval_is(excess, is_beyond):
    share = Estimate(0.3, 0.2, 0.4)
    found = Agreement(id="agreement", n_labelled=100, n_agree=30, share=share, n_differ=70, pivot=None, n_pivot=0)
    assert replace(found, excess=excess).beyond is is_beyond
