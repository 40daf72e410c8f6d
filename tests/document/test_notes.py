"""Notes on the data: a few notes stand in the report, all of many in a file."""

from __future__ import annotations

from dataclasses import replace

from diptych.document.context import NOTES_FILE, NOTES_SHOWN
from diptych.document.context import notes as notes_of
from diptych.document.model import TableBlock
from diptych.errors import Note
from diptych.renderers.data import notes_file
from tests.findings.conftest import make_study as _make_study
from tests.prose.parts import part_of, writer_of

make_study = _make_study


def notes(n):
    return tuple(Note("repeated_ids", f"kind{i}", f"kind{i}: something, {i}") for i in range(n))


def table_of(study, n):
    part = part_of(study)
    part = replace(part, counted=replace(part.counted, notes=notes(n)))
    (table,) = notes_of(part, writer_of(part))
    assert isinstance(table, TableBlock)
    return table


def test_few_notes_stand_in_the_report(make_study):
    table = table_of(make_study([("A", "A", 3)], ("A", "B")), NOTES_SHOWN)
    assert (len(table.rows), table.source, table.caption) == (NOTES_SHOWN, None, "Notes on the data")
    assert [cell.text for cell in table.rows[0]] == ["kind0", "something, 0"]


def test_of_many_notes_the_first_stand_there_and_all_in_a_file(make_study):
    table = table_of(make_study([("A", "A", 3)], ("A", "B")), 12)
    assert (len(table.rows), table.source) == (5, NOTES_FILE)
    assert table.caption == "Notes on the data: five of 12 notes"
    lines = notes_file(notes(12)).decode().splitlines()
    assert (len(lines), lines[0], lines[1]) == (13, "subject,sort,note", 'kind0,repeated_ids,"kind0: something, 0"')


def test_advice_to_the_author_of_the_config_is_not_in_the_report(make_study):
    part = part_of(make_study([("A", "A", 3)], ("A", "B")))
    advice = Note("counts_per_row", "visits", "visits: declare the column that they share as group")
    fact = Note("repeated_ids", "items", "items: 3 rows were left out")
    part = replace(part, counted=replace(part.counted, notes=(advice, fact)))
    [paragraph] = notes_of(part, writer_of(part))
    assert (paragraph.lead, paragraph.sentences[0].text) == ("items.", "3 rows were left out.")
