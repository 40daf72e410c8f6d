"""`covered(…)`: how much of what could count does, as authored text asks for it."""

from __future__ import annotations

from .. import formats
from ..cells import Panel
from ..coverage import Coverage, SideCoverage
from .values import Material, Name, Number, Thing, Wrong

COVERED = 'covered(left), covered(left, "models"), with category="…" or year=2020'
"""How it is written."""


def covered(
    m: Material, panel: Thing, kind: Thing | None = None, *, category: Thing | None = None, year: Thing | None = None
) -> Number:
    """Return the share of units that count; of a kind, the share of its items that are in a counted unit.

    Undefined where there is nothing to have a share of. Wrong where it is written otherwise, or of no kind there is.
    """
    if not isinstance(panel, Panel) or (category is not None and year is not None):
        raise Wrong(f"this call is written {COVERED}")
    coverage = m.coverage.get(panel.relation)
    if coverage is None:
        return Number(None, "share", reason="a published matrix has no counts")
    if kind is None and category is None and year is None:
        return _share(coverage.n_units, coverage.n_candidates, f"no {panel.unit.singular} could count")
    side = _side(coverage, kind, panel.id, m.language)
    if category is not None:
        return _of_category(side, category)
    if year is not None:
        return _of_year(side, year)
    return _share(side.n_linked, side.n_items, f"there are no {side.side}")


def _side(coverage: Coverage, kind: Thing | None, panel: str, language: str) -> SideCoverage:
    if not isinstance(kind, Name):
        raise Wrong(f"this call is written {COVERED}")
    sides = {side.side: side for side in (coverage.rows, coverage.columns)}
    if kind.text not in sides:
        raise Wrong(f'{panel} has no kind "{kind.text}"; there are {formats.listing(list(sides), language)}')
    return sides[kind.text]


def _of_category(side: SideCoverage, category: Thing) -> Number:
    if not isinstance(category, Name):
        raise Wrong(f"this call is written {COVERED}")
    found = next((part for part in side.categories if part.category == category.text), None)
    if found is None:
        return Number(None, "share", reason=category.reason or f'{side.side} have no category "{category.text}"')
    return _share(found.n_linked, found.n_items, f"no {side.side} are {found.category}")


def _of_year(side: SideCoverage, year: Thing) -> Number:
    if not isinstance(year, Number) or not year.constant or year.value is None:
        raise Wrong(f"this call is written {COVERED}")
    found = next((part for part in side.years if part.year == year.value), None)
    reason = f"no {side.side} are dated {year.value:.0f}"
    return Number(None, "share", reason=reason) if found is None else _share(found.n_linked, found.n_items, reason)


def _share(part: float, whole: float, reason: str) -> Number:
    return Number(part / whole, "share") if whole else Number(None, "share", reason=reason)
