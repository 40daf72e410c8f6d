"""Explain statements, sentences or a cell (`panel:given,outcome`), computed again from config and data."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...cells import CellRef, Panel
from ...document import Sentence
from ...errors import TargetError
from ...pipeline.parts import Draft, draft
from ...renderers.outline import sentences_of
from .cells import CellTold, tell_cell
from .statements import Found, StatementTold, all_statements, tell_statement

FORMS = (
    "a target is the id of a statement or a part of it (difference.nlp.cv, agreement; data/statements.json has all), "
    "words of a sentence (trained on NLP), or a cell (left:NLP,CV: panel, given and outcome category; names with a "
    'comma in double quotes: left:"Arts, music",CV)'
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
    return f"{target}: the report has no statement of this id, and no sentence with these words{_meant(near)}", FORMS


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


@dataclass(frozen=True, slots=True)
class Placed:
    """A sentence of the document that is of no statement, with its section."""

    section: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Explanation:
    """The content of a target: statements (several figures can share an id), sentences of no statement, or a cell.

    If several match, all are None but `matches`: ids with their sentences.
    """

    target: str
    statements: tuple[StatementTold, ...] = ()
    sentences: tuple[Placed, ...] = ()
    cell: CellTold | None = None
    matches: Mapping[str, str] | None = None


@dataclass(frozen=True, eq=False)
class ReadReport:
    """A report in words, with all its statements, and its other sentences, by id."""

    draft: Draft
    statements: Mapping[str, tuple[Found, ...]]
    sentences: Mapping[str, tuple[Placed, ...]]


def explain(target: str, config: Path, *, engine: str | None = None) -> Explanation:
    """Explain a target: the id of a statement or a part of it, words, or a cell as `panel:given,outcome`.

    Raises TargetError if the report has no such target, or another DiptychError for errors in config and data.
    """
    return explained(target, read_report(config, engine=engine))


def read_report(config: Path, *, engine: str | None = None) -> ReadReport:
    """Return the statements of a build from the config and its data, without drawings and files."""
    report = draft(config, engine=engine)
    statements: dict[str, tuple[Found, ...]] = {}
    for found in all_statements(report.parts):
        statements[found.statement.id] = (*statements.get(found.statement.id, ()), found)
    sentences: dict[str, tuple[Placed, ...]] = {}
    for one in _sentences(report):
        if one.sentence.id not in statements:
            sentences[one.sentence.id] = (*sentences.get(one.sentence.id, ()), one)
    return ReadReport(report, statements, sentences)


def _sentences(report: Draft) -> Iterator[Placed]:
    for section in report.document.sections:
        for block in section.blocks:
            yield from (Placed(section.id, sentence) for sentence in sentences_of(block))


def explained(target: str, report: ReadReport) -> Explanation:
    """Explain a target in a report."""
    names = [target] if target in {*report.statements, *report.sentences} else []
    if not names and target.partition(":")[0] not in report.draft.panels:
        names = list(_matching(target, report))
    if len(names) > 1:
        return Explanation(target, matches={name: _text(name, report) for name in names})
    for name in names:
        statements = tuple(tell_statement(found, report.draft) for found in report.statements.get(name, ()))
        return Explanation(target, statements, report.sentences.get(name, ()))
    ref = cell_named(target, report.draft.panels, [*report.statements, *report.sentences])
    return Explanation(target, cell=tell_cell(ref, report.draft, dict(_about(ref, report))))


def _matching(target: str, report: ReadReport) -> Iterator[str]:
    """Yield the ids that contain a target, and those of sentences with its words, regardless of case."""
    words = " ".join(target.split()).casefold()
    for name in (*report.statements, *report.sentences) if words else ():
        texts = [text for found in report.statements.get(name, ()) for text in found.texts]
        texts += [one.sentence.text for one in report.sentences.get(name, ())]
        if words in name or any(words in " ".join(text.split()).casefold() for text in texts):
            yield name


def _text(name: str, report: ReadReport) -> str:
    """Return the sentence of an id."""
    statements = report.statements.get(name)
    return statements[0].text if statements else report.sentences[name][0].sentence.text


def _about(ref: CellRef, report: ReadReport) -> Iterator[tuple[str, str]]:
    """Yield the id and the sentence of each statement about a cell that the report makes."""
    for name, all_found in report.statements.items():
        for found in all_found:
            is_told = not found.limits and found.part.reason(found.statement) == "told"
            if is_told and ref in found.part.refs(found.statement):
                yield name, found.text
