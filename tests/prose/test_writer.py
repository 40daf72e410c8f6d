"""The writer: labels are never template source, a sentence knows its cells. Its English is in `sentences.yaml`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diptych.cells import CellRef, Estimate
from diptych.findings.diagonal import Isolation
from diptych.theme import template_folder
from tests.prose.handmade import agreement, population, writer

NASTY = "{{ 7*7 }}{% raw %} <&\"'%_~^\\{}#$|"


def isolation(name, **more):
    return Isolation(
        id=f"isolation.{name}", category=name, n=20, self_share=1, stratum=None, stratum_alone=False, **more
    )


def test_labels_are_never_template_source():
    assert NASTY in writer().say(isolation(NASTY), "observation").text


def test_a_sentence_points_at_the_cells_of_its_finding():
    cells = (CellRef("left", "A", "A"),)
    sentence = writer().say(isolation("A", cells=cells), "observation")
    assert (sentence.id, sentence.cells, sentence.origin) == ("isolation.A.observation", cells, "computed")


def test_every_template_has_blocks_that_parse():
    paths = [*(template_folder() / "prose" / "en").glob("*.j2"), *template_folder().glob("contrib/*/prose/en/*.j2")]
    for path in sorted(paths):
        if path.name != "_phrases.j2":
            assert writer()._template(path.stem).blocks, path.name


@pytest.mark.parametrize(("n", "n_named"), [(29, 6), (7, 6), (6, 6)])
def test_no_sentence_lists_more_than_six_things(n, n_named):
    names = [f"C{k}" for k in range(1, n + 1)]
    text = writer().say(population(absent=names), "absent", diagonal=False, folds=False).text
    assert [name for name in names if f"{name}," in text or f"{name} " in text or f"{name}." in text] == names[:n_named]


@pytest.mark.parametrize(
    ("excess", "is_beyond"),
    [(Estimate(-2.0, -8.0, 4.0), False), (Estimate(2.0), False), (Estimate(5.0, 1.0, 9.0), True), (None, False)],
)
def test_agreement_is_beyond_chance_only_where_its_interval_is(excess, is_beyond):
    assert replace(agreement(30, 100, Estimate(0.3, 0.2, 0.4)), excess=excess).beyond is is_beyond
