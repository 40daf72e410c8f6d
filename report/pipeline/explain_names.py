"""Targets of explain that name a cell: `panel:given,outcome`, categories with commas and colons among them."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..cells import Panel
from ..errors import TargetError

FORMS = (
    "a target is the id of a sentence (agreement.observation) or of a finding (agreement), as report.json and "
    "data/findings.json have them, or a cell (left:NLP,CV: panel, given and outcome category; names with a comma "
    'in double quotes: left:"Arts, music",CV)'
)


@dataclass(frozen=True, slots=True)
class CellName:
    """A cell of a panel by its categories."""

    panel: str
    given: str
    outcome: str

    @property
    def pair(self) -> tuple[str, str]:
        """The two categories."""
        return self.given, self.outcome


def cell_named(target: str, panels: Mapping[str, Panel], others: Sequence[str]) -> CellName:
    """Return the cell that a target names; `others` are the ids that it may have been meant for.

    Raises TargetError where there is no such panel or category, and where a target can be read in two ways.
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
    return CellName(name, *next(iter(readings)))


def _readings(pair: str) -> list[tuple[str, str]]:
    """Return every way to split a pair: at its quotes, where it has any, else at each of its commas."""
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
    """Return what is wrong with a pair of categories, and what the categories are."""
    readings = _readings(pair)
    if not readings:
        return f"{target}: a cell has two categories, with a comma between them", FORMS
    sides = ((panel.given.label, panel.given_categories), (panel.outcome.label, panel.outcome_categories))
    # Of several commas the reading with most known names is the one that was meant.
    known = [sum(name.strip() in names for name, (_, names) in zip(r, sides, strict=True)) for r in readings]
    best = readings[known.index(max(known))]
    messages = []
    for name, (label, names) in zip(best, sides, strict=True):
        if name.strip() not in names:
            near = difflib.get_close_matches(name.strip(), names, n=1, cutoff=0.5)
            listed = ", ".join(names)
            messages.append(f'{target}: "{name.strip()}" is no {label} category{_meant(near)}; there are {listed}')
    return tuple(messages)
