"""Notes on the data: a few notes stand in the report, all of many in a file."""

from __future__ import annotations

from types import SimpleNamespace

from diptych.document import Document, Paragraph, ReportSettings
from diptych.document.compose import NOTES_FILE, provenance
from diptych.errors import Note
from diptych.renderers.data import notes_file

BLANK = Document.blank(ReportSettings(title="T"), "1.2.3")


def notes(n):
    return tuple(Note("repeated_ids", f"kind{i}", f"kind{i}: something, {i}") for i in range(n))


def blocks_of(*found):
    version, *blocks = provenance(BLANK, [SimpleNamespace(notes=found)])
    assert isinstance(version, Paragraph)
    assert "1.2.3" in version.sentences[0].text
    return blocks


def test_of_many_notes_the_first_stand_there_and_all_in_a_file():
    [table] = blocks_of(*notes(12))
    assert (len(table.rows), table.source) == (5, NOTES_FILE)
    assert table.caption.endswith("five of 12 notes")
    lines = notes_file(notes(12)).decode().splitlines()
    assert (len(lines), lines[0], lines[1]) == (13, "subject,sort,note", 'kind0,repeated_ids,"kind0: something, 0"')


def test_advice_to_the_author_of_the_config_is_not_in_the_report():
    advice = Note("counts_per_row", "visits", "visits: declare the column that they share as group")
    fact = Note("repeated_ids", "items", "items: 3 rows were left out")
    [paragraph] = blocks_of(advice, fact)
    assert [sentence.text for sentence in paragraph.sentences] == ["items: 3 rows were left out."]
