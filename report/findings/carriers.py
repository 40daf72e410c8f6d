"""What carries most of some cells: the item, raw label, stratum level and group whose absence would tell most."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from ..cells import CellRef
from ..ledger.recounts import By, Change
from ..panels import Tables
from .finding import Study

SORTS: tuple[By, ...] = ("item", "label", "stratum", "group")

_DEFINING = 0.5
"""A label without which a category loses more than this share of its units is what the category means: leaving it
out asks about another category, not whether the statement rests on a part of this one."""

Pair = tuple[str, str]


def carriers(study: Study, pairs: Collection[Pair]) -> Iterator[tuple[Change, Tables]]:
    """Yield, of each sort, what carries most of the cells of some (row, column) pairs, with the tables without it.

    Most is by how many units would leave the cells, then by how many it touches, then by name. Passed over are
    labels that define a category of the pairs, levels and groups that hold all units, and what was not counted anew.
    """
    sums: dict[Change, tuple[int, int]] = {}
    for part in study.contributors.cells:
        if (part.row, part.column) in pairs:
            change = Change(part.by, part.side, part.name)
            sole, touching = sums.get(change, (0, 0))
            sums[change] = sole + part.n_sole, touching + part.n_touching
    for by in SORTS:
        ranked = sorted((c for c in sums if c.by == by), key=lambda c: (*(-n for n in sums[c]), c.name, c.side or ""))
        found = ((change, study.without(change)) for change in ranked)
        counted = ((change, tables) for change, tables in found if tables is not None and _is_part(change, tables))
        kept = (pair for pair in counted if by != "label" or not _defines(study, pairs, pair[1]))
        yield from [pair for pair in [next(kept, None)] if pair is not None]


def _is_part(change: Change, tables: Tables) -> bool:
    """Return whether something is left without a level or a group: what holds all units is no part of them."""
    return change.by not in ("stratum", "group") or tables.counts.n_units > 0


def pairs_of(study: Study, cells: Iterable[CellRef]) -> set[Pair]:
    """Return the (row, column) pairs of cells of a study's panels."""
    rows = study.tables.incidence.rows.kind
    turned = {panel.id for panel in study.panels if panel.given != rows}
    return {(cell.outcome, cell.given) if cell.panel in turned else (cell.given, cell.outcome) for cell in cells}


def _defines(study: Study, pairs: Collection[Pair], tables: Tables) -> bool:
    """Return whether a category of the pairs loses most of its units."""
    rows, columns = tables.counts.given, tables.counts.outcome
    counts = study.tables.counts
    before = [counts.given[study.rows.index(row)] for row, _ in pairs]
    before += [counts.outcome[study.columns.index(column)] for _, column in pairs]
    after = [rows[study.rows.index(row)] for row, _ in pairs]
    after += [columns[study.columns.index(column)] for _, column in pairs]
    return any(left < (1 - _DEFINING) * whole for left, whole in zip(after, before, strict=True))
