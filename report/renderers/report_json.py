"""Render report.json: the whole report, text and numbers, as data for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields

from .. import formats
from ..cells import CELL_FIELDS, Panel
from ..document.material import BareResults, CountTables, Matrix, RelationResults, Results
from ..document.model import Document
from .plain import Plain, plain, plain_fields, plain_mapping, plain_section

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
        "rows": _named(counts.rows, counts.row_totals),
        "columns": _named(counts.columns, counts.column_totals),
        "joint": _matrix(counts, counts.joint),
        "expected": _matrix(counts, counts.expected),
        "expected_within_strata": None if within is None else _matrix(counts, within),
        "standardized_residual": _matrix(counts, counts.standardized_residual),
    }


def _named(names: Sequence[str], values: Iterable[object]) -> dict[str, Plain]:
    return plain_mapping(dict(zip(names, values, strict=True)))


def _matrix(counts: CountTables, matrix: Matrix) -> dict[str, Plain]:
    return {row: _named(counts.columns, values) for row, values in zip(counts.rows, matrix, strict=True)}


SCHEMA = "diptych-report/4"
"""The format of report.json. Its number increases with every incompatible change."""


def render_json(document: Document) -> dict[str, bytes]:
    """Return `report.json`: sections with typed blocks, panels with all their cells, relations with all results.

    The order is the order of the document. Undefined numbers are null. Drawings and downloads are named, not included.
    Cells are written as columns, one per line, with the cells row by row.
    """
    # Encode part by part: a single non-ASCII character such as a dash doubles the memory of a text.
    return {"report.json": b"".join(part.encode("utf-8", "replace") for part in _parts(document))}


def _parts(document: Document) -> Iterator[str]:
    panels = {panel.id: panel for figure in document.figures for panel in figure.panels}
    yield _text(_words(document)).removesuffix("\n}")
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
    return f'{_text(head).removesuffix(chr(10) + "}")},\n "cells": {{\n{cells}\n }}\n}}'


def _text(value: Plain) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)


def _lines(texts: Iterable[str]) -> str:
    return ",\n".join(texts)
