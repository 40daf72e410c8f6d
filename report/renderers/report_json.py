"""report.json: the whole report as data, words and numbers, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields

from .. import formats
from ..cells import CELL_FIELDS, Panel
from ..document import Document
from .plain import Plain, plain, plain_mapping, plain_section
from .results_json import results_text

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)

SCHEMA = "diptych-report/1"
"""The layout of report.json; its number goes up when a reader of the old one would be misled."""


def render_json(document: Document) -> dict[str, bytes]:
    """Return `report.json`: sections with typed blocks, panels with all their cells, relations with all results.

    Order is the document's; undefined numbers are null; drawings and downloads are named, not included.
    Each cell stands on a line of its own.
    """
    panels = {panel.id: panel for figure in document.figures for panel in figure.panels}
    opening = _text(_words(document)).removesuffix("\n}")
    shown = _lines(_panel_text(panel) for panel in panels.values())
    relations = ",".join(f"\n {results_text(found)}" for found in document.results)
    text = f'{opening},\n "panels": [\n{shown}\n ],\n "relations": [{relations}]\n}}\n'
    return {"report.json": text.encode("utf-8", "replace")}


def _words(document: Document) -> dict[str, Plain]:
    """Return all of the report but its panels."""
    return {
        "schema": SCHEMA,
        "generator": f"Diptych {document.version}",
        "title": document.title,
        "subtitle": document.subtitle,
        "authors": [plain(author) for author in document.authors],
        "date": plain(document.date),
        "language": document.language,
        "url": document.url,
        "sections": [plain_section(section) for section in document.sections],
        "figures": [
            plain_mapping({"id": f.id, "title": f.title, "panels": [panel.id for panel in f.panels]})
            for f in document.figures
        ],
        "downloads": [plain_mapping({"path": d.path, "label": d.label}) for d in document.downloads],
    }


def _panel_text(panel: Panel) -> str:
    """Return a panel; its axis titles are said beside the kinds they come from."""
    head = plain_mapping({field.name: getattr(panel, field.name) for field in fields(panel) if field.name != "cells"})
    head |= {"given_title": panel.given_title, "outcome_title": panel.outcome_title}
    columns = (formats.texts(panel.column(name), _ENCODER.encode, "null") for name in CELL_FIELDS)
    line = "{" + ", ".join(f'"{name}": %s' for name in CELL_FIELDS) + "}"
    cells = _lines(line % row for row in zip(*columns, strict=True))
    return f'{_text(head).removesuffix(chr(10) + "}")},\n "cells": [\n{cells}\n ]\n}}'


def _text(value: Plain) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)


def _lines(texts: Iterable[str]) -> str:
    return ",\n".join(texts)
