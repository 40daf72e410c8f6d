"""Judge whether the report makes a statement: `told("difference", "Programming", "Engineer")`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from ...cells import CellRef
from ...errors import did_you_mean
from ...statements import Form, Statement, Table
from ...statements.select import Told
from .functions import PREDICATES
from .values import AuthorError, Judgement, Material, Name, Thing


def says(material: Material, things: Sequence[Thing]) -> Judgement:
    """Return whether the report makes a statement of a form about one or two categories, or about none.

    Raises AuthorError if there is no such form. A category that the data do not have leaves the claim undefined.
    """
    names = [thing for thing in things if isinstance(thing, Name)]
    if len(names) != len(things) or not 1 <= len(names) <= 3 or any(name.text is None for name in names):
        raise AuthorError(f"this call is written {PREDICATES['told']}")
    form, *about = (name.text or "" for name in names)
    if form not in get_args(Form):
        raise AuthorError(f'there is no form "{form}" of statements{did_you_mean(form, get_args(Form))}')
    every = {} if material.told is None else {relation: material.told(relation) for relation in material.relations}
    known = {name for told in every.values() for name in (*told.table.rows, *told.table.columns)}
    unknown = [f'no relation has a category "{name}"{did_you_mean(name, known)}' for name in about if name not in known]
    if unknown:
        return Judgement(holds=False, undefined="; ".join(unknown))
    found = [
        (relation, one)
        for relation, told in every.items()
        for one in _statements(told)
        if _is(one, form, about, told.table)
    ]
    if found:
        cells = dict.fromkeys(
            ref for relation, one in found for ref in _cells(material, relation, every[relation], one)
        )
        return Judgement(holds=True, detail="the report makes it", cells=tuple(cells))
    tested = ((told, one) for told in every.values() for one in told.tested if _is(one, form, about, told.table))
    reasons = dict.fromkeys(told.reasons[one.key].replace("_", " ") for told, one in tested)
    return Judgement(holds=False, detail=f"not told: {', '.join(reasons) or 'it was not tested'}")


def _statements(told: Told) -> Iterator[Statement]:
    """Yield the statements of a report, each followed by those that limit it."""
    for one in told.statements():
        yield from (one, *one.notes)


def _is(one: Statement, form: str, about: Sequence[str], table: Table) -> bool:
    """Return whether a statement has a form and is about categories, in their order or in the only one they can have.

    A single category may be on either side.
    """
    if one.form != ("difference" if form == "rare_pair" else form) or (
        form == "rare_pair" and not _is_rare(one, table)
    ):
        return False
    if len(about) < 2:
        return not about or about[0] in {one.subject, one.outcome}
    is_ordered = about[0] in table.rows and about[1] in table.columns
    if is_ordered and form != "direction" and not table.is_shared:
        return (one.subject, one.outcome) == tuple(about)
    return {one.subject, one.outcome} == {*about}


def _is_rare(one: Statement, table: Table) -> bool:
    return table.is_shared and bool(one.numbers["is_rare"])


def _cells(material: Material, relation: str, told: Told, one: Statement) -> Iterator[CellRef]:
    """Yield the cells of a statement in each panel of its relation, whichever side is given there."""
    incidence = material.relations[relation].tables.incidence
    explaining = incidence.columns.kind if told.table.is_flipped else incidence.rows.kind
    for panel in material.panels.values():
        if panel.relation == relation:
            turned = panel.given != explaining
            yield from (CellRef(panel.id, *(cell[::-1] if turned else cell)) for cell in one.cells)
