"""Divide the items of a report into strata by category and rule, and draw a sample of them as a sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import compress, groupby
from pathlib import Path

from ...config.loading import load_config
from ...errors import DataError
from ...ledger import Axis
from ...pipeline.counting import counted_relations
from ...pipeline.parts import open_ledgers
from ...taxonomy.categorise import CategorisedItems, members

HEADER = ("entity", "id", "labels", "category", "rule", "correct")
"""The columns of a sheet. A person fills in `correct`."""

_LEAST = 2


@dataclass(frozen=True, eq=False, slots=True)
class Stratum:
    """The items (id, labels) that a rule assigns to a category, in the order of the draw.

    Items without a category have an empty `category` and the rule `none`. `entity` is the name of the entity, or of the
    relation and side for records.
    """

    entity: str
    category: str
    rule: str
    items: tuple[tuple[str, str], ...]


def read_strata(config: Path) -> tuple[list[Stratum], float]:
    """Return the strata of all items of counted relations, and the level of intervals.

    Strata are ordered by entity, then by category as declared, then by rule. Raises a DiptychError for errors in the
    config or data, or if no relation is counted.
    """
    loaded = load_config(config)
    settings = loaded.config.named()  # reviewers must know which item they judge
    relations = counted_relations(settings)
    if not relations:
        raise DataError(f"{config}: no panel shows a relation with counts, so there are no items to audit")
    with open_ledgers(settings, relations, loaded.folder) as ledgers:
        sides: dict[str, Axis] = {}
        for ledger in ledgers.values():
            of_records = ledger.unit.role == "record"
            sides |= {f"{ledger.relation}.{one.name}" if of_records else one.entity: one for one in ledger.sides}
        return [one for name, side in sides.items() for one in _strata(name, side)], loaded.config.inference.level


def _strata(name: str, side: Axis) -> Iterator[Stratum]:
    types = _types(side.found)
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for id_, type_ in zip(side.names.of(side.items.tolist()), side.found.type[side.items].tolist(), strict=True):
        labels, assignments = types[type_]
        for assignment in assignments:
            found.setdefault(assignment, []).append((id_, labels))
    places = {category: place for place, category in enumerate((*side.found.taxonomy.categories, ""))}
    for category, rule in sorted(found, key=lambda key: (places[key[0]], key[1])):
        number = {item: sha256(f"{name}\0{category}\0{item[0]}".encode()).digest() for item in found[category, rule]}
        yield Stratum(name, category, rule, tuple(sorted(number, key=number.__getitem__)))


def _types(found: CategorisedItems) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return for each set of labels the labels as text, and its categories with the rules that assign each."""
    of_label = {one.label: one for one in found.labels}
    types = []
    for type_, held in enumerate(members(found.words, len(found.taxonomy.categories)).tolist()):
        labels = [found.names[place] for place in found.label[found.start[type_] : found.start[type_ + 1]].tolist()]
        assignments = []
        for category in compress(found.taxonomy.categories, held):
            rules = {of_label[label].rule for label in labels if category in of_label[label].categories}
            assignments.append((category, "; ".join(sorted(rules)) or "derived"))
        types.append(("; ".join(labels), assignments or [("", "none")]))
    return types


def by_category(strata: Sequence[Stratum]) -> Iterator[tuple[Stratum, ...]]:
    """Yield the strata of each category."""
    for _, rules in groupby(strata, key=lambda one: (one.entity, one.category)):
        yield tuple(rules)


def sample_rows(strata: Sequence[Stratum], size: int) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a sheet under `HEADER`, about `size` for each category, where `correct` is empty.

    The rules of a category take turns, so a rule with few items is judged completely. Each rule gets at least two
    items, or all of its items.
    """
    for rules in by_category(strata):
        turns = ((turn, n) for n, rule in enumerate(rules) for turn in range(min(size + _LEAST, len(rule.items))))
        drawn = Counter(n for place, (turn, n) in enumerate(sorted(turns)) if place < size or turn < _LEAST)
        for n, rule in enumerate(rules):
            for id_, labels in rule.items[: drawn[n]]:
                yield rule.entity, id_, labels, rule.category, rule.rule, ""
