"""The reading line of a figure: the numbers of each cell, as the page's script puts them into a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from .. import formats
from ..cells import WITHHELD, Panel
from ..document.model import Document
from ..foreign_text import isolate, runs_right_to_left
from .plain import Plain

FIELDS = ("value", "joint", "of", "ends", "base", "within")
SEPARATOR = "|"
MOST = 40
"""The most categories with intervals and expected shares, which would double the size of a larger page."""


def readings(document: Document) -> dict[str, Plain]:
    """Return the reading lines of all panels by id: names, parts of the sentence, and the fields of each cell."""
    figures = document.figures[::-1]  # of two with the same panels, the first is read
    panels = {panel.id: panel for figure in figures for panel in figure.shown}
    orders = {view.panel: [*view.order] for figure in figures for view in figure.views}
    return {
        name: _reading(panel) | {"order": orders.get(name, [*range(len(panel.given_categories))])}
        for name, panel in panels.items()
        if panel.says
    }


def _reading(panel: Panel) -> dict[str, Plain]:
    names = [*panel.given_categories, *panel.outcome_categories]
    is_turned = any(map(runs_right_to_left, names))
    shown = [isolate(name) if is_turned else name for name in names]
    n = len(panel.given_categories)
    return {
        "given": [*shown[:n]],
        "outcome": [*shown[n:]],
        "says": [list(part) for part in panel.says],
        "cells": [SEPARATOR.join(fields).rstrip(SEPARATOR) for fields in _cells(panel)],
    }


def _cells(panel: Panel) -> Iterator[tuple[str, ...]]:
    """Yield the fields of each cell; a cell without a number has none."""
    is_large = max(len(panel.given_categories), len(panel.outcome_categories)) > MOST
    n_units = panel.n_units or 0
    for cell in panel.cells:
        if cell.state in WITHHELD or cell.value is None:
            yield ()
            continue
        ends = within = ""
        if not is_large:
            if cell.low is not None and cell.high is not None:
                ends = formats.percent_range(cell.low, cell.high)
            if cell.expected_within_strata is not None and cell.n_given:
                within = formats.percent(cell.expected_within_strata / cell.n_given)
        yield (
            formats.percent(cell.value) if panel.measure.is_share else formats.in_cell(cell.value, panel.measure),
            "" if cell.n_joint is None else formats.count(cell.n_joint),
            "" if cell.n_given is None else formats.count(cell.n_given),
            ends,
            formats.percent(cell.n_outcome / n_units) if cell.n_outcome is not None and n_units else "",
            within,
        )
