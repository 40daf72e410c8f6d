"""report.json: the whole report as data, words and numbers, for programs."""

from __future__ import annotations

import json

from report.cells import Panel
from report.document import Document
from report.renderers.plain import Plain, plain, plain_mapping, plain_section

SCHEMA = "diptych-report/1"
"""The layout of report.json; its number goes up when a reader of the old one would be misled."""


def render_json(document: Document) -> dict[str, bytes]:
    """Return `report.json`: sections with typed blocks, and every panel with all numbers of its cells.

    Order is the document's; undefined numbers are null; drawings and downloads are named, not included.
    """
    text = json.dumps(report_data(document), ensure_ascii=False, indent=1, allow_nan=False)
    return {"report.json": text.encode("utf-8", "replace") + b"\n"}


def report_data(document: Document) -> dict[str, Plain]:
    """Return the report as JSON data."""
    panels = {panel.id: panel for figure in document.figures for panel in figure.panels}
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
        "panels": [_panel(panel) for panel in panels.values()],
        "downloads": [plain_mapping({"path": d.path, "label": d.label}) for d in document.downloads],
    }


def _panel(panel: Panel) -> Plain:
    """Return a panel; its axis titles are said beside the kinds they come from."""
    data = plain(panel)
    assert isinstance(data, dict)  # noqa: S101 - a dataclass becomes a mapping
    cells = data.pop("cells")
    return {**data, "given_title": panel.given_title, "outcome_title": panel.outcome_title, "cells": cells}
