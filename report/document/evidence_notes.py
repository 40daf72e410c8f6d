"""Numbered notes of evidence, linked from sentences about findings."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .. import formats
from ..findings.finding import Finding
from .evidence import Calculation, Evidence, StatementOutcome, estimate_texts, evidence_of, finding_of
from .material import RelationReport
from .model import (
    Block,
    Document,
    EvidenceLine,
    EvidenceList,
    EvidenceNote,
    Section,
    Sentence,
    place_of,
    sentences_in,
    with_sentences,
)
from .writer import Writer

MOST_CALCULATIONS = 3
"""Calculations shown in a note. findings.json has them all."""

_MOST_CHANGES = 3


@dataclass(frozen=True)
class NotedFinding:
    """A finding that sentences may be about, with its part and writer."""

    finding: Finding
    part: RelationReport
    writer: Writer


def noted_findings(part: RelationReport, writer: Writer, prefix: str) -> dict[str, NotedFinding]:
    """Return the findings of a part by the id of their note. `prefix` separates parts, "" for a single part."""
    return {f"evidence.{prefix}{f.id}": NotedFinding(f, part, writer) for f in part.findings}


def pointing(blocks: Sequence[Block], noted: Mapping[str, NotedFinding]) -> list[Block]:
    """Return blocks in which each sentence about a finding names the note of that finding."""
    ids = {entry.finding.id: note for note, entry in noted.items()}
    findings = [entry.finding for entry in noted.values()]

    def change(sentence: Sentence) -> Sentence:
        found = finding_of(sentence.id, findings) if sentence.origin == "computed" else None
        return sentence if found is None else replace(sentence, evidence=ids[found.id])

    return list(with_sentences(blocks, change))


def with_notes(sections: Sequence[Section], noted: Mapping[str, NotedFinding]) -> list[Section]:
    """Return sections with the notes that sentences refer to, in the first appendix.

    Notes are numbered in reading order.
    """
    pointers: dict[str, list[str]] = {}
    for section in sections:
        for sentence in sentences_in(section.blocks):
            if sentence.evidence is not None:
                pointers.setdefault(sentence.evidence, []).append(sentence.id)
    if not pointers:
        return list(sections)
    notes = tuple(
        _note(name, number, noted[name], tuple(dict.fromkeys(pointers[name])))
        for number, name in enumerate(pointers, 1)
    )
    writer = next(iter(noted.values())).writer
    statement, numbers, interval, robust = (
        writer.words("evidence", f"{name}_header") for name in ("statement", "numbers", "interval", "robust")
    )
    block = EvidenceList(writer.words("evidence", "title"), notes, (statement, numbers, interval, robust))
    place, appendix = _appendix(sections, writer)
    return [*sections[:place], replace(appendix, blocks=(block, *appendix.blocks)), *sections[place + 1 :]]


def _appendix(sections: Sequence[Section], writer: Writer) -> tuple[int, Section]:
    """Return the first appendix and its position, or an empty appendix after the last section if there is none."""
    place = place_of(sections, "appendix")
    return place, next(iter(sections[place:]), Section("appendix", writer.words("headings", "appendix"), ()))


def _note(name: str, number: int, noted: NotedFinding, sentences: tuple[str, ...]) -> EvidenceNote:
    finding, writer = noted.finding, noted.writer
    evidence = evidence_of(noted.part, finding, writer)
    return EvidenceNote(
        id=name,
        number=number,
        title=writer.words_of(finding.kind, "title"),
        calculations=tuple(_calculations(evidence, writer)),
        methods=tuple(_methods(evidence, writer)),
        robustness=tuple(_robustness(evidence, writer)),
        cells=finding.cells,
        sentences=sentences,
    )


def _calculations(evidence: Evidence, writer: Writer) -> Iterator[EvidenceLine]:
    """Yield the first calculations, and how many more there are."""
    for calculation in evidence.calculations[:MOST_CALCULATIONS]:
        yield calculation_line(calculation, writer)
    n_more = len(evidence.calculations) - MOST_CALCULATIONS
    if n_more > 0:
        yield EvidenceLine(writer.words("evidence", "more", n=n_more, id=evidence.finding), "")


def _methods(evidence: Evidence, writer: Writer) -> Iterator[str]:
    """Yield the method of the intervals of the calculations shown."""
    shown = evidence.calculations[:MOST_CALCULATIONS]
    made = list(dict.fromkeys(calculation.interval for calculation in shown if calculation.interval))
    if made:
        level = None if evidence.level is None else formats.percent(evidence.level)
        yield writer.words("evidence", "intervals", made=made, level=level)


def _robustness(evidence: Evidence, writer: Writer) -> Iterator[str]:
    """Yield the outcomes in alternative analyses, without contributors and in resamples."""
    for block, fates in (("choices", evidence.choices), ("without", evidence.without)):
        if fates:
            changes = [fate for fate in fates if fate.stays == "changes"]
            unasked = any(fate.stays in ("gone", "unasked") for fate in fates)
            told_changes = [_change(fate, block, writer) for fate in changes[:_MOST_CHANGES]]
            yield writer.words("evidence", block, changes=told_changes, unasked=unasked)
    if evidence.drawn_again:
        worst = max(evidence.drawn_again, key=lambda drawn: drawn.fails)
        times, several = round(worst.fails * worst.n_resamples), len(evidence.drawn_again) > 1
        yield writer.words("evidence", "drawn_again", drawn=worst, times=times, several=several)


def _change(fate: StatementOutcome, by: str, writer: Writer) -> str:
    return writer.words("evidence", "change", statement=fate.statement, otherwise=fate.otherwise, by=by)


def calculation_line(calculation: Calculation, writer: Writer) -> EvidenceLine:
    """Return a calculation in words: "Same category: n_agree / n_labelled = 392 / 435 = 0.90 (0.87 to 0.93)"."""
    value, low, high = estimate_texts(calculation.estimate)
    numbers = "" if calculation.numbers == value else calculation.numbers

    def written(formula: str) -> str:
        return writer.words("evidence", "line", what=calculation.what, formula=formula, numbers=numbers, value=value)

    beside = [formats.named_number(t.name, t.value) for t in calculation.beside]
    return EvidenceLine(
        text=written(calculation.formula),
        brief=written(""),
        interval="" if low is None and high is None else writer.words("evidence", "ends", low=low, high=high),
        after=writer.words("evidence", "beside", beside=beside) if beside else "",
    )


def pruned(document: Document) -> Document:
    """Return the document without unused notes, and number the rest again.

    Notes become unused if an author's text replaces computed text.
    """
    pointed = {s.evidence for section in document.sections for s in sentences_in(section.blocks)}
    numbers = itertools.count(1)

    def kept(block: Block) -> Block:
        if not isinstance(block, EvidenceList):
            return block
        notes = (note for note in block.notes if note.id in pointed)
        return replace(block, notes=tuple(replace(note, number=next(numbers)) for note in notes))

    sections = []
    for section in document.sections:
        blocks = tuple(b for b in map(kept, section.blocks) if not isinstance(b, EvidenceList) or b.notes)
        if blocks or not section.blocks:
            sections.append(replace(section, blocks=blocks))
    return replace(document, sections=tuple(sections))
