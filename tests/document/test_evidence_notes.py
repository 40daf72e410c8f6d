"""Notes of evidence: which sentence points at which, in which order they are numbered."""

from dataclasses import replace

from diptych.document.evidence_notes import pruned
from diptych.document.model import (
    Document,
    EvidenceLine,
    EvidenceList,
    EvidenceNote,
    ItemList,
    Paragraph,
    Section,
    Sentence,
    Span,
)
from diptych.renderers.outline import marked, runs


def sentence(name, evidence=None, origin="computed"):
    return Sentence(name, (Span(f"{name}."),), (), origin, evidence)


def note(name, number):
    return EvidenceNote(name, number, "Title.", (EvidenceLine("n / m = 1 / 2 = 0.50", "1 / 2 = 0.50"),), (), (), (), ())


NOTES = (note("evidence.a", 1), note("evidence.b", 2), note("evidence.c", 3))


def document(*sentences):
    sections = (
        Section("observations", "Observations", (ItemList((Paragraph(tuple(sentences)),)),)),
        Section("appendix", "Appendix", (EvidenceList("Evidence", NOTES),)),
    )
    return Document("T", None, (), None, "en", None, "0", sections, (), ())


def test_notes_that_no_sentence_points_at_go_and_numbers_close_up():
    found = pruned(document(sentence("c.x", "evidence.c"), sentence("a.x", "evidence.a")))
    [block] = found.sections[1].blocks
    assert [(kept.id, kept.number) for kept in block.notes] == [("evidence.a", 1), ("evidence.c", 2)]


def test_a_document_with_all_its_notes_stays_as_it_is():
    whole = document(*(sentence(f"{letter}.x", f"evidence.{letter}") for letter in "abc"))
    assert pruned(whole) == whole


def test_an_appendix_of_notes_alone_goes_with_the_last_of_them():
    assert [section.id for section in pruned(document(sentence("own", origin="authored"))).sections] == ["observations"]


def test_one_mark_stands_behind_sentences_in_a_row_on_one_note():
    notes = {kept.id: kept for kept in NOTES}
    row = [
        sentence("a.x", "evidence.a"),
        sentence("a.y", "evidence.a"),
        sentence("b.x", "evidence.b"),
        sentence("free"),
    ]
    row.append(sentence("a.z", "evidence.a"))
    assert [mark and mark.number for mark in marked(row, notes)] == [None, 1, 2, None, 1]


def test_without_notes_nothing_is_marked():
    paragraph = Paragraph((sentence("a.x", "evidence.a"),))
    assert runs(paragraph)[0].marks == (None,)
    assert runs(paragraph, {kept.id: kept for kept in NOTES})[0].marks == (1,)
    unknown = replace(paragraph, sentences=(sentence("z.x", "evidence.z"),))
    assert runs(unknown, {kept.id: kept for kept in NOTES})[0].marks == (None,)


def test_a_note_is_a_list_of_calculations_methods_and_robustness_each_after_its_header():
    lines = (
        EvidenceLine("of all: n / m = 1 / 2 = 0.50", "of all: 1 / 2 = 0.50", "0.20–0.80", ", with q = 0.03"),
        EvidenceLine("3 more", ""),
    )
    own = replace(NOTES[0], calculations=lines, methods=("95%, Wilson",), robustness=("holds", "3 of 200 resamples"))
    headers = "Statement", "Calculation", "Interval", "Robustness"
    assert EvidenceList("Evidence", (own,), headers).lines(own) == (
        "Calculation: of all: n / m = 1 / 2 = 0.50 (0.20–0.80), with q = 0.03; 3 more",
        "Interval: 95%, Wilson",
        "Robustness: holds; 3 of 200 resamples",
    )
    assert EvidenceList("Evidence", (NOTES[0],), headers).lines(NOTES[0]) == ("Calculation: n / m = 1 / 2 = 0.50",)
