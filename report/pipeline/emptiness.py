"""A relation of which nothing can be said: no unit counts, or none has a category on one of the sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..coverage import Coverage
from ..incidence import Incidence, Side
from ..relations.settings import RelationSettings
from ..schema import listed
from ..taxonomy.items import LabelCount

_NAMED = 5


@dataclass(frozen=True)
class WhyEmpty:
    """What there is of one relation: its patterns, its coverage, and the raw labels of rows and of columns."""

    settings: RelationSettings
    incidence: Incidence
    coverage: Coverage
    row_labels: Sequence[LabelCount]
    column_labels: Sequence[LabelCount]


def empty_faults(found: WhyEmpty) -> list[str]:
    """Return why a relation would make a report about nothing; no message where it has something to say."""
    place = f"relations.{found.incidence.relation}"
    if found.coverage.n_units == 0:
        return [f"{place}: no unit counts: {_no_unit(found)}"]
    if found.incidence.weight.sum() == 0:
        return [f"{place}: no unit counts: every weight is 0"]
    return [f"{place}: {fault}" for fault in _no_category(found)]


def _no_unit(found: WhyEmpty) -> str:
    coverage, form, shared = found.coverage, found.settings.form, found.settings.shared
    if shared is not None:
        if found.settings.population == "both" and coverage.n_candidates:
            return f"no {shared.key} is shared by {' and '.join(shared.entities)}"
        return f"no item has a value of {shared.key}"
    if coverage.n_links == 0:
        return f"the source has no {form}, or where leaves none"
    if coverage.n_resolved:
        return "none has a category on both sides, which population: labelled asks for"
    if form == "records":
        return f"of {coverage.n_links:,} records none has labels on both sides"
    names = [f'"{entry.name}" ({entry.side})' for entry in coverage.unresolved]
    return f"of {coverage.n_links:,} links none finds an item at both ends; names that no item has: {_first(names)}"


def _no_category(found: WhyEmpty) -> Iterator[str]:
    """Yield a message for each side that has no category in any unit: all its cells would be blank."""
    sides = [
        (found.incidence.rows, found.incidence.row_sets.any(), found.row_labels),
        (found.incidence.columns, found.incidence.column_sets.any(), found.column_labels),
    ]
    for side, has_any, labels in sides:
        if not has_any:
            yield f"no unit has a category of {side.name}: {_no_label(side, labels)}"


def _no_label(side: Side, labels: Sequence[LabelCount]) -> str:
    if not labels:
        return "no item has a label"
    if any(label.categories for label in labels):
        return "the items that have one are in no unit that counts"
    known = [f'"{label.label}" ({label.n_items:,})' for label in labels]
    return f"taxonomy {side.taxonomy} ({listed(side.categories)}) knows none of the labels: {_first(known)}"


def _first(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
