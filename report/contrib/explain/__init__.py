"""Explain a sentence, a finding or a cell (`panel:given,outcome`), computed again from config and data."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...cells import Cell, CellRef, Panel
from ...document.compose import WrittenPart
from ...document.model import Sentence
from ...errors import TargetError
from ...findings.finding import Finding, finding_of
from ...pipeline.drafts import Draft, draft
from ...renderers.outline import sentences_of
from .cells import CellTold, ReadReport, Told, tell_cell

FORMS = (
    "a target is the id of a sentence (agreement.told) or of a finding (agreement), as report.json and "
    "data/findings.json have them, or a cell (left:NLP,CV: panel, given and outcome category; names with a comma "
    'in double quotes: left:"Arts, music",CV)'
)


def cell_named(target: str, panels: Mapping[str, Panel], others: Sequence[str]) -> CellRef:
    """Return the cell named by a target. `others` are similar ids for the error message.

    Raises TargetError if there is no such panel or category, or if a target is ambiguous.
    """
    name, colon, pair = target.partition(":")
    panel = panels.get(name)
    if not colon or panel is None:
        raise TargetError(*_unknown(target, name, panels, others, is_cell=bool(colon)))
    readings = dict.fromkeys(
        (given.strip(), outcome.strip())
        for given, outcome in _readings(pair)
        if given.strip() in panel.given_categories and outcome.strip() in panel.outcome_categories
    )
    if len(readings) > 1:
        first, second = ('"{}" and "{}"'.format(*reading) for reading in list(readings)[:2])
        raise TargetError(
            f"{target}: this can be {first}, or {second}; put both names in double quotes, as in "
            f'{name}:"{panel.given_categories[0]}","{panel.outcome_categories[0]}"'
        )
    if not readings:
        raise TargetError(*_no_such_cell(target, panel, pair))
    return CellRef(name, *next(iter(readings)))


def _readings(pair: str) -> list[tuple[str, str]]:
    """Return every way to split a pair: at its quotes, if there are any, otherwise at each of its commas."""
    if '"' in pair:
        fields = next(csv.reader([pair], skipinitialspace=True), [])
        if len(fields) == 2:
            return [(fields[0], fields[1])]
    return [(pair[:place], pair[place + 1 :]) for place, letter in enumerate(pair) if letter == ","]


def _unknown(
    target: str, name: str, panels: Mapping[str, Panel], others: Sequence[str], *, is_cell: bool
) -> tuple[str, str]:
    near = difflib.get_close_matches(target, list(others), n=3, cutoff=0.5)
    if is_cell:
        close = difflib.get_close_matches(name, list(panels), n=1, cutoff=0.5)
        meant = [f"{panel}{target[len(name) :]}" for panel in close] or near
        return f'{target}: there is no panel "{name}" (there are {", ".join(panels)}){_meant(meant)}', FORMS
    return f"{target}: the report has no sentence and no finding of this id{_meant(near)}", FORMS


def _meant(names: Sequence[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return f"; did you mean {' or '.join(quoted)}?" if quoted else ""


def _no_such_cell(target: str, panel: Panel, pair: str) -> tuple[str, ...]:
    """Return the error for an unknown pair of categories, with the valid categories."""
    readings = _readings(pair)
    if not readings:
        return f"{target}: a cell has two categories, with a comma between them", FORMS
    sides = ((panel.given.label, panel.given_categories), (panel.outcome.label, panel.outcome_categories))
    # With several commas, the intended reading is the one with the most known names.
    known = [sum(name.strip() in names for name, (_, names) in zip(r, sides, strict=True)) for r in readings]
    best = readings[known.index(max(known))]
    messages = []
    for name, (label, names) in zip(best, sides, strict=True):
        if name.strip() not in names:
            near = difflib.get_close_matches(name.strip(), names, n=1, cutoff=0.5)
            listed = ", ".join(names)
            messages.append(f'{target}: "{name.strip()}" is no {label} category{_meant(near)}; there are {listed}')
    return tuple(messages)


CellLine = tuple[Panel, Cell]
"""A cell behind a sentence or finding, with its panel."""


@dataclass(frozen=True, slots=True)
class FindingTold:
    """A finding with its figure, its cells, and the sentences about it."""

    figure: str
    finding: Finding
    cells: tuple[CellLine, ...]
    sentences: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The content of a target: sentences (several places can share an id) with their findings, findings, or a cell."""

    target: str
    sentences: tuple[Told, ...] = ()
    findings: tuple[FindingTold, ...] = ()
    cells: tuple[CellLine, ...] = ()
    cell: CellTold | None = None


def explain(target: str, config: Path, *, engine: str | None = None) -> Explanation:
    """Explain a target: a sentence id, a finding id, or a cell as `panel:given,outcome`.

    Raises TargetError if the report has no such target, or another DiptychError for errors in config and data.
    """
    return explained(target, read_report(config, engine=engine))


def read_report(config: Path, *, engine: str | None = None) -> ReadReport:
    """Return the statements of a build from the config and its data, without drawings and files."""
    report = draft(config, engine=engine)
    return ReadReport(report, tuple(_told(report)))


def explained(target: str, report: ReadReport) -> Explanation:
    """Explain a target in a report."""
    sentences = tuple(t for t in report.told if t.sentence.id == target)
    if sentences:
        return _of_sentences(target, sentences, report)
    findings = tuple(_findings(target, report))
    if findings:
        return Explanation(target, findings=findings)
    ids = dict.fromkeys(finding.id for w in report.draft.written for finding in w.part.findings)
    ref = cell_named(target, report.draft.panels, [*(t.sentence.id for t in report.told), *ids])
    return Explanation(target, cell=tell_cell(ref, report))


def _told(report: Draft) -> Iterator[Told]:
    for section in report.document.sections:
        for block in section.blocks:
            for sentence in sentences_of(block):
                yield Told(section.id, sentence, _about(sentence, section.id, report.written))


def _about(sentence: Sentence, section: str, written: Sequence[WrittenPart]) -> str | None:
    """Return the id of the finding that a sentence is about."""
    if sentence.origin != "computed":
        return None
    own = [w for w in written if section.startswith(f"{w.part.figure}.")] or written
    found = finding_of(sentence.id, [finding for w in own for finding in w.part.findings])
    return None if found is None else found.id


def _of_sentences(target: str, sentences: tuple[Told, ...], report: ReadReport) -> Explanation:
    about = dict.fromkeys(t.finding for t in sentences if t.finding is not None)
    findings = tuple(found for name in about for found in _findings(name, report))
    refs = dict.fromkeys(ref for t in sentences for ref in t.sentence.cells)
    cells = tuple(_lines(refs, report.draft.panels))
    return Explanation(target, sentences=sentences, findings=findings, cells=cells)


def _findings(name: str, report: ReadReport) -> Iterator[FindingTold]:
    for w in report.draft.written:
        for finding in w.part.findings:
            if finding.id == name:
                yield FindingTold(
                    figure=w.part.figure,
                    finding=finding,
                    cells=tuple(_lines(finding.cells, report.draft.panels)),
                    sentences=tuple(t for t in report.told if t.finding == name),
                )


def _lines(refs: Iterable[CellRef], panels: Mapping[str, Panel]) -> Iterator[CellLine]:
    return ((panels[r.panel], panels[r.panel].cell(r.given, r.outcome)) for r in refs)
