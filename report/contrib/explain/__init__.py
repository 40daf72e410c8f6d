"""Explain statements, sentences or a cell (`panel:given,outcome`), computed again from config and data."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...cells import CellRef, Panel
from ...errors import DataError, did_you_mean
from ...pipeline.parts import Draft, draft
from .cells import CellTold, tell_cell
from .statements import Found, StatementTold, all_statements, tell_statement

FORMS = (
    "a target is the id of a statement or a part of it (difference.nlp.cv, agreement; data/statements.json has all), "
    "words of its sentence (trained on NLP), or a cell (left:NLP,CV: panel, given and outcome category; names with a "
    'comma in double quotes: left:"Arts, music",CV)'
)


def cell_named(target: str, panels: Mapping[str, Panel], others: Sequence[str]) -> CellRef:
    """Return the cell named by a target. `others` are similar ids for the error message.

    Raises DataError if there is no such panel or category.
    """
    name, colon, pair = target.partition(":")
    panel = panels.get(name)
    if not colon:
        raise DataError(
            f"{target}: the report has no statement of this id or words{did_you_mean(target, others)}",
            FORMS,
            slug="target",
        )
    if panel is None:
        raise DataError(f'{target}: there is no panel "{name}"{did_you_mean(name, panels)}', FORMS, slug="target")
    names = [field.strip() for field in next(csv.reader([pair], skipinitialspace=True), [])]
    if len(names) != 2:
        raise DataError(f"{target}: a cell has two categories, with a comma between them", FORMS, slug="target")
    sides = ((panel.given.label, panel.given_categories), (panel.outcome.label, panel.outcome_categories))
    messages = [
        f'{target}: "{one}" is no {label} category{did_you_mean(one, known)}; there are {", ".join(known)}'
        for one, (label, known) in zip(names, sides, strict=True)
        if one not in known
    ]
    if messages:
        raise DataError(*messages, slug="target")
    return CellRef(name, *names)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The content of a target: statements (several figures can share an id), or a cell.

    If several match, both are empty but `matches`: ids with their sentences.
    """

    target: str
    statements: tuple[StatementTold, ...] = ()
    cell: CellTold | None = None
    matches: Mapping[str, str] | None = None


@dataclass(frozen=True, eq=False)
class ReadReport:
    """A report in words, with all its statements by id."""

    draft: Draft
    statements: Mapping[str, tuple[Found, ...]]


def explain(target: str, config: Path, *, engine: str | None = None) -> Explanation:
    """Explain a target: the id of a statement or a part of it, words, or a cell as `panel:given,outcome`.

    Raises DataError if the report has no such target, or another DiptychError for errors in config and data.
    """
    return explained(target, read_report(config, engine=engine))


def read_report(config: Path, *, engine: str | None = None) -> ReadReport:
    """Return the statements of a build from the config and its data, without drawings and files."""
    report = draft(config, engine=engine)
    statements: dict[str, tuple[Found, ...]] = {}
    for found in all_statements(report.parts):
        statements[found.statement.id] = (*statements.get(found.statement.id, ()), found)
    return ReadReport(report, statements)


def explained(target: str, report: ReadReport) -> Explanation:
    """Explain a target in a report."""
    names = [target] if target in report.statements else []
    if not names and target.partition(":")[0] not in report.draft.panels:
        names = list(_matching(target, report))
    if len(names) > 1:
        return Explanation(target, matches={name: report.statements[name][0].text for name in names})
    for name in names:
        return Explanation(target, tuple(tell_statement(found, report.draft) for found in report.statements[name]))
    ref = cell_named(target, report.draft.panels, [*report.statements])
    return Explanation(target, cell=tell_cell(ref, report.draft, dict(_about(ref, report))))


def _matching(target: str, report: ReadReport) -> Iterator[str]:
    """Yield the ids that contain a target or whose sentence has its words, regardless of case."""
    words = " ".join(target.split()).casefold()
    for name, all_found in report.statements.items() if words else ():
        texts = [text for found in all_found for text in found.texts]
        if words in name or any(words in " ".join(text.split()).casefold() for text in texts):
            yield name


def _about(ref: CellRef, report: ReadReport) -> Iterator[tuple[str, str]]:
    """Yield the id and the sentence of each statement about a cell that the report makes."""
    for name, all_found in report.statements.items():
        for found in all_found:
            is_told = not found.limits and found.part.reason(found.statement) == "told"
            if is_told and ref in found.part.refs(found.statement):
                yield name, found.text
