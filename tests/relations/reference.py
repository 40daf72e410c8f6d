"""A second, independent way to the numbers of a relation: plain Python sets over lists of units."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from diptych.cells import Kind
from diptych.relations.items import NUMBER, Items, years_of
from diptych.taxonomy import Taxonomy, categorise
from diptych.taxonomy.categorise import CategorisedItems, types_of


@dataclass
class Thing:
    """An item in plain Python: its categories and its attributes."""

    categories: frozenset[int] = frozenset()
    attributes: dict[str, str | None] = field(default_factory=dict)


@dataclass
class PlainUnit:
    """A unit in plain Python, with the items it has on each side."""

    key: object
    row_items: frozenset[str]
    column_items: frozenset[str]
    row_set: frozenset[int]
    column_set: frozenset[int]
    stratum: str = ""
    group: str | None = None
    weight: Fraction = Fraction(1)


def union(things: dict[str, Thing], ids) -> frozenset[int]:
    return frozenset(category for one in ids for category in things[one].categories)


def key_of(names, values: dict[str, str | None]) -> str:
    return " · ".join(values.get(name) or "(none)" for name in names)


def plain_patterns(units: list[PlainUnit]) -> dict:
    """(stratum, group number, row set, column set) -> (units, weight, weight squared)."""
    groups = sorted({u.group for u in units if u.group is not None})
    found = defaultdict(lambda: [0, Fraction(0), Fraction(0)])
    for u in units:
        number = None if u.group is None else groups.index(u.group)
        entry = found[u.stratum, number, u.row_set, u.column_set]
        entry[0] += 1
        entry[1] += u.weight
        entry[2] += u.weight**2
    return {key: (n, float(w), float(w2)) for key, (n, w, w2) in found.items()}


def counted_patterns(incidence) -> dict:
    """The same from an incidence; no pattern may come twice."""
    found = {}
    for p in range(len(incidence.units)):
        key = (
            incidence.strata[incidence.stratum[p]],
            None if incidence.group is None else int(incidence.group[p]),
            frozenset(map(int, incidence.row_sets[p].nonzero()[0])),
            frozenset(map(int, incidence.column_sets[p].nonzero()[0])),
        )
        assert key not in found
        found[key] = (int(incidence.units[p]), float(incidence.weight[p]), float(incidence.weight_squared[p]))
    return found


def plain_contributions(units, side_items, opposite, things, by):
    """(row, column) -> the ten first (name, touching, sole), as `TopContributors.cells` should have them.

    `side_items` and `opposite` say which attribute of a unit has the carrying items and the other set.
    """
    touching, sole = Counter(), Counter()
    for u in units:
        for other in getattr(u, opposite):
            for category in {c for one in getattr(u, side_items) for c in things[one].categories}:
                cell = (category, other) if opposite == "column_set" else (other, category)
                ones = [one for one in getattr(u, side_items) if category in things[one].categories]
                for one in ones:
                    touching[cell, one] += 1
                    sole[cell, one] += len(ones) == 1
    return _ranked(touching, sole)


def plain_levels(units, name):
    touching = Counter(((row, column), getattr(u, name)) for u in units for row in u.row_set for column in u.column_set)
    return _ranked(touching, touching)


def _ranked(touching, sole):
    cells = defaultdict(list)
    for (cell, name), n in touching.items():
        cells[cell].append((-sole[cell, name], -n, name))
    return {
        cell: [(name, -less_n, -less_sole) for less_sole, less_n, name in sorted(entries)[:10]]
        for cell, entries in cells.items()
    }


def counted_contributions(contributors, incidence, by):
    cells = defaultdict(list)
    for c in contributors.cells:
        if c.by == by:
            cell = (incidence.rows.categories.index(c.row), incidence.columns.categories.index(c.column))
            cells[cell].append((c.name, c.n_touching, c.n_sole))
    return dict(cells)


def make_items(engine, name: str, things: dict[str, Thing], n_categories: int, aliases=None) -> Items:
    """Items as the taxonomy hands them over, from plain things."""
    attributes = list(dict.fromkeys(a for thing in things.values() for a in thing.attributes))
    number = {one: place for place, one in enumerate(sorted(things))}
    columns = {"id": list(things), NUMBER: [number[one] for one in things]}
    for attribute in attributes:
        columns[attribute] = [thing.attributes.get(attribute) for thing in things.values()]
    categories = tuple(f"C{i}" for i in range(n_categories))
    # Each category has one label of its name.
    labels = tuple(sorted(categories))
    pairs = [(number[one], labels.index(f"C{c}")) for one, thing in things.items() for c in thing.categories]
    start, label, type_ = types_of(*np.array(pairs, int).reshape(-1, 2).T, len(things))
    found = CategorisedItems(
        taxonomy=Taxonomy("", categories),
        names=labels,
        rules=categorise.words_of([{categories.index(one)} for one in labels], n_categories),
        start=start,
        label=label,
        type=type_,
        vocabulary=dict.fromkeys(labels, 1),
        labels=(),
        notes=(),
    )
    items = engine.load(columns, integers=[NUMBER])
    return Items(
        name=name,
        kind=Kind(name, name.capitalize().removesuffix("s"), name.removesuffix("s"), name),
        items=items,
        table=items,
        found=found,
        years=years_of(items, found.n_items, engine) if "date" in columns else None,
        aliases=aliases or {},
    )
