"""Write the data files of a report as CSV and JSON, and report.json: the whole report as data for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields

from .. import formats
from ..cells import CELL_FIELDS, Panel
from ..document import BareResults, CountTables, Document, Matrix, RelationResults, Results
from ..document.compose import Part
from ..errors import Note
from ..ledger.coverage import Coverage, SideCoverage
from ..statements import Statement
from ..statements.select import Told
from ..taxonomy import LabelCount, is_pseudonym
from ..words.sentences import sentence
from .outline import Plain, plain, plain_fields, plain_mapping, plain_section

_DEEP = {"counts": 2, "contributors": 2}
"""Number of levels below a key of a relation that are on separate lines; 1 for all other keys."""


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def results_text(found: Results) -> str:
    """Return a relation as JSON text. An undefined number is null."""
    data = _relation(found) if isinstance(found, RelationResults) else _bare(found)
    keys = (f"{json.dumps(key)}: {_laid_out(value, _DEEP.get(key, 1), 2)}" for key, value in data.items())
    return "{\n " + ",\n ".join(keys) + "\n }"


def _laid_out(value: Plain, depth: int, indent: int) -> str:
    if depth == 0 or not value or not isinstance(value, (dict, list)):
        return _ENCODER.encode(value)
    inside, pad = " " * indent, " " * (indent - 1)
    if isinstance(value, list):
        parts = [_laid_out(item, depth - 1, indent + 1) for item in value]
        opening, closing = "[]"
    else:
        parts = [f"{_ENCODER.encode(key)}: {_laid_out(item, depth - 1, indent + 1)}" for key, item in value.items()]
        opening, closing = "{}"
    return f"{opening}\n{inside}" + f",\n{inside}".join(parts) + f"\n{pad}{closing}"


def _bare(found: BareResults) -> dict[str, Plain]:
    return {"relation": found.relation}


def _relation(found: RelationResults) -> dict[str, Plain]:
    axes = dict.fromkeys(found.axes)
    return {
        "relation": found.relation,
        "unit": plain(found.unit),
        "sampling": plain(found.sampling),
        "counts": _counts(found.counts),
        "coverage": plain(found.coverage),
        "contributors": plain(found.contributors),
        "order": [{"axis": axis.side, "kind": plain(axis.kind), **plain_fields(axis.grouping)} for axis in axes],
    }


def _counts(counts: CountTables) -> dict[str, Plain]:
    within = counts.expected_within_strata
    return {
        "n_units": plain(counts.n_units),
        "rows": _by_name(counts.rows, counts.row_totals),
        "columns": _by_name(counts.columns, counts.column_totals),
        "joint": _matrix(counts, counts.joint),
        "expected": _matrix(counts, counts.expected),
        "expected_within_strata": None if within is None else _matrix(counts, within),
        "standardized_residual": _matrix(counts, counts.standardized_residual),
    }


def _by_name(names: Sequence[str], values: Iterable[object]) -> dict[str, Plain]:
    return plain_mapping(dict(zip(names, values, strict=True)))


def _matrix(counts: CountTables, matrix: Matrix) -> dict[str, Plain]:
    return {row: _by_name(counts.columns, values) for row, values in zip(counts.rows, matrix, strict=True)}


SCHEMA = "diptych-report/4"
"""The format of report.json. Its number increases with every incompatible change."""


def render_json(document: Document) -> dict[str, bytes]:
    """Return `report.json`: sections with typed blocks, panels with all their cells, relations with all results.

    The order is the order of the document. Undefined numbers are null. Drawings and downloads are named, not included.
    Cells are written as columns, one per line, with the cells row by row.
    """
    # Encode part by part: a single non-ASCII character such as a dash doubles the memory of a text.
    return {"report.json": b"".join(part.encode("utf-8", "replace") for part in _text_parts(document))}


def _text_parts(document: Document) -> Iterator[str]:
    panels = {panel.id: panel for figure in document.figures for panel in figure.panels}
    yield _json_text(_words(document)).removesuffix("\n}")
    yield ',\n "panels": [\n'
    yield _lines(_panel_text(panel) for panel in panels.values())
    yield '\n ],\n "relations": ['
    for number, found in enumerate(document.results):
        yield ("," if number else "") + "\n "
        yield results_text(found)
    yield "]\n}\n"


def _words(document: Document) -> dict[str, Plain]:
    """Return the report without panels and relations."""
    return {
        "schema": SCHEMA,
        "generator": f"Diptych {document.version}",
        "title": document.title,
        "headline": document.headline,
        "deck": document.deck,
        "subtitle": document.subtitle,
        "authors": plain(document.authors),
        "date": plain(document.date),
        "language": document.language,
        "url": document.url,
        "statements": [dict(one) for one in document.statements],
        "sections": [plain_section(section) for section in document.sections],
        "figures": [
            plain_mapping({"id": f.id, "title": f.title, "panels": [panel.id for panel in f.panels]})
            for f in document.figures
        ],
        "downloads": [plain_mapping({"path": d.path, "label": d.label}) for d in document.downloads],
    }


def _panel_text(panel: Panel) -> str:
    """Return a panel as JSON text, with axis titles in addition to the kinds that define them."""
    names = (field.name for field in fields(panel) if field.name not in ("cells", "says"))
    head = plain_mapping({name: getattr(panel, name) for name in names})
    head |= {"given_title": panel.given_title, "outcome_title": panel.outcome_title}
    columns = {name: formats.texts(panel.column(name), _ENCODER.encode, "null") for name in CELL_FIELDS}
    cells = _lines(f'  "{name}": [{", ".join(column)}]' for name, column in columns.items())
    return f'{_json_text(head).removesuffix(chr(10) + "}")},\n "cells": {{\n{cells}\n }}\n}}'


def _json_text(value: Plain) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)


def _lines(texts: Iterable[str]) -> str:
    return ",\n".join(texts)


PANEL_HEADER = (
    *("given", "outcome", "n_joint", "n_given", "n_outcome", "n_units", "value", "low", "high"),
    *("baseline", "lift", "lift_within_strata", "odds_within_strata", "q_value", "state"),
)
"""The columns of data/<panel>.csv, named after the attributes of `Cell`."""

Field = str | int | float | bool | None
"""A value of a CSV field; None is undefined."""

Row = tuple[Field, ...]

_RUNS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # start of a formula in spreadsheets
_QUOTED = re.compile(r'[,"\r\n]|^\s|\s$|^$')


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Field]]) -> bytes:
    r"""Return a CSV file: UTF-8, LF, RFC 4180 quoting, 12 significant digits.

    Undefined numbers (None, NaN, infinities) are empty, and whole floats have no ".0". A text that a spreadsheet would
    run as a formula gets an apostrophe before it. So does a formula that already has an apostrophe, so that removing
    one apostrophe restores every text. Raises ValueError if a row and the header differ in length.

    >>> csv_bytes(["label", "n"], [["=1+1", 2.0], ["a, b", None], ["", -0.25]])
    b'label,n\n\'=1+1,2\n"a, b",\n"",-0.25\n'
    """
    made = [*rows]
    for number, row in enumerate(made, start=1):
        if len(row) != len(header):
            raise ValueError(f"row {number} has {len(row)} fields, the header has {len(header)}")
    return _csv(header, zip(*made, strict=True))


def panel_csv(panel: Panel) -> bytes:
    """Return data/<panel>.csv, with the columns PANEL_HEADER and one row per cell, row by row in panel order."""
    return _csv(PANEL_HEADER, map(panel.column, PANEL_HEADER))


def _csv(header: Sequence[str], columns: Iterable[Sequence[Field]]) -> bytes:
    fields = (formats.texts(column, _text, "") for column in columns)
    lines = [",".join(map(_text, header)), *map(",".join, zip(*fields, strict=True))]
    return "".join(f"{line}\n" for line in lines).encode()


def _text(value: str) -> str:
    text = f"'{value}" if _RUNS.match(value) else value
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(text) else text


Files = dict[str, bytes]


def _file(path: str, header: str, rows: Iterable[Row]) -> Files:
    """Return a file by its path; `header` is its first line."""
    return {path: csv_bytes(header.split(","), rows)}


def count_rows(one: RelationResults) -> Iterator[Row]:
    """Yield a row of data/counts.csv for each pair of row and column category."""
    of = one.counts
    matrices = (
        *(of.expected, of.expected_within_strata, of.standardized_residual),
        *(of.lift_within_low, of.lift_within_high, of.most_within_strata),
    )
    for i, row in enumerate(of.rows):
        for j, column in enumerate(of.columns):
            counts = (of.joint[i][j], of.row_totals[i], of.column_totals[j], of.n_units)
            yield one.relation, row, column, *counts, *(None if m is None else m[i][j] for m in matrices)


def strata_rows(one: RelationResults) -> Iterator[Row]:
    """Yield a row of data/strata.csv for each pair of categories that occurs in each of the largest strata."""
    for found in one.strata:
        for row, of_row in zip(one.counts.rows, found.joint, strict=True):
            for column, n in zip(one.counts.columns, of_row, strict=True):
                if n:
                    yield one.relation, found.stratum, found.n_units, row, column, n


def contributor_rows(one: RelationResults) -> Iterator[Row]:
    """Yield a row of data/contributors.csv for each of the largest contributors of each cell."""
    for c in one.contributors.cells:
        yield one.relation, c.row, c.column, c.by, c.side, c.name, c.n_touching, c.n_sole


_TABLES: Mapping[str, tuple[str, Callable[[RelationResults], Iterable[Row]]]] = {
    "data/counts.csv": (
        (
            "relation,row,column,n_joint,n_row,n_column,n_units,expected,expected_within_strata,standardized_residual,"
            "lift_within_low,lift_within_high,most_within_strata"
        ),
        count_rows,
    ),
    "data/contributors.csv": ("relation,row,column,by,side,name,n_touching,n_sole", contributor_rows),
    "data/strata.csv": ("relation,stratum,n_units,row,column,n_joint", strata_rows),
}
"""The header of each file for all relations, and its rows for one relation."""


def result_files(found: Sequence[Results]) -> Files:
    """Return the files of all relations with counts. Without strata, their file is omitted."""
    counted = [one for one in found if isinstance(one, RelationResults)]
    files: Files = {}
    for path, (header, rows) in _TABLES.items() if counted else ():
        if rows is not strata_rows or any(one.strata for one in counted):
            files |= _file(path, header, (row for one in counted for row in rows(one)))
    return files


def panel_files(panels: Iterable[Panel]) -> Files:
    """Return data/<panel>.csv of each panel."""
    return {f"data/{panel.id}.csv": panel_csv(panel) for panel in panels}


def coverage_files(coverages: Sequence[Coverage]) -> Files:
    """Return coverage.csv (all, by category, by year) and unresolved.csv."""
    # only one side if both are equal, as when a kind shares a key with itself
    sides = [(c.relation, side) for c in coverages for side in dict.fromkeys((c.rows, c.columns))]
    return {
        **_file(
            "data/coverage.csv",
            "relation,side,by,level,n_items,n_labelled,n_linked",
            ((relation, side.side, *row) for relation, side in sides for row in _parts(side)),
        ),
        **_file(
            "data/unresolved.csv",
            "relation,side,name,n_links",
            ((c.relation, name.side, name.name, name.n_links) for c in coverages for name in c.unresolved),
        ),
    }


def _parts(side: SideCoverage) -> Iterator[Row]:
    yield "all", None, side.n_items, side.n_labelled, side.n_linked
    for of in side.categories:
        yield "category", of.category, of.n_items, of.n_items, of.n_linked
    for year in side.years:
        yield "year", year.year, year.n_items, year.n_labelled, year.n_linked


def label_files(labels: Sequence[LabelCount]) -> Files:
    """Return taxonomy.csv (a row per label and category) and unmatched.csv.

    Private labels of a kind that match no rule are combined in one row.
    """
    known = ((of.label, category, of.rule, of.n_items, of.kind) for of in labels for category in of.categories)
    unknown = ((of.label, of.n_items, of.kind) for of in _named([of for of in labels if not of.categories]))
    return {
        **_file("data/taxonomy.csv", "label,category,rule,count,kind", known),
        **_file("data/unmatched.csv", "label,count,kind", unknown),
    }


def _named(labels: Sequence[LabelCount]) -> Iterator[LabelCount]:
    """Yield labels, followed by one entry for the private labels of each kind."""
    private: dict[str, list[LabelCount]] = {}
    for of in labels:
        if is_pseudonym(of.label):
            private.setdefault(of.kind, []).append(of)
        else:
            yield of
    for kind, own in private.items():
        label = "1 label, not published" if len(own) == 1 else f"{len(own):,} labels, not published"
        yield LabelCount(kind, f"({label})", sum(of.n_items for of in own), (), own[0].rule)


def notes_file(notes: Sequence[Note]) -> bytes:
    """Return notes.csv: remarks on the data, each with its subject and kind."""
    return csv_bytes(("subject", "sort", "note"), ((note.subject, note.slug, note.message) for note in notes))


STATEMENTS_FILE = "data/statements.json"


def entries_of(parts: Sequence[Part]) -> Iterator[dict[str, Plain]]:
    """Yield all statements of all figures that are told or were tested, with their numbers, as data."""
    for part in parts:
        for one in part.statements:
            yield entry_of(part, one) | {"told": part.reason(one), "notes": [_entry(part, note) for note in one.notes]}


def entry_of(part: Part, one: Statement) -> dict[str, Plain]:
    """Return a statement as data, with its figure and relation."""
    return {"figure": part.figure, "relation": part.relation, **_entry(part, one)}


def _entry(part: Part, one: Statement) -> dict[str, Plain]:
    """Return a statement as data. `interval` has the level at which it excludes 0 exactly if the statement is clear."""
    told = part.told
    alpha = told.alpha if isinstance(told, Told) else 0.05
    certainty: dict[str, Plain] = {}
    if one.certainty is not None:
        certainty = {"p": plain(one.p), "q": plain(one.q), "level": 1 - alpha, "interval": plain(one.interval(alpha))}
    return {
        "id": one.id,
        "form": one.form,
        "subject": one.subject,
        "outcome": one.outcome,
        "comparison": one.comparison,
        "scope": one.scope,
        "numbers": {name: plain(value) for name, value in one.numbers.items()},
        **certainty,
        "cells": [plain(ref) for ref in part.refs(one)],
        "text": sentence(one, told.table if isinstance(told, Told) else None, part.names),
    }


def statements_file(parts: Sequence[Part]) -> Files:
    """Return statements.json: all statements of all figures, told or not, with their numbers and certainty."""
    found = {"schema": "diptych-statements/1", "statements": list(entries_of(parts))}
    text = json.dumps(found, ensure_ascii=False, allow_nan=False, indent=1)
    return {STATEMENTS_FILE: f"{text}\n".encode("utf-8", "replace")}
