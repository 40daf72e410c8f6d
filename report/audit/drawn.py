"""Audits: a random sample of the items in each category, for a person to judge what the rules have made of them."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..taxonomy.categorise import Categorised
from ..taxonomy.compile import Taxonomy
from ..taxonomy.items import ItemNames, LabelCount
from ..taxonomy.sets import has, members

NONE = "none"
"""What items without a category are drawn for, and the answer that an item belongs to none."""


@dataclass(frozen=True, eq=False)
class AuditedPopulation:
    """The items that are filed by rule: those of an entity, or the different texts on one side of records.

    `items` are their numbers, `names` what they are called, `found` their labels and categories by number. `many` is
    what the items are called together.
    """

    name: str
    many: str
    items: NDArray[np.int32]
    names: ItemNames
    found: Categorised

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories in declared order."""
        return self.found.taxonomy.categories

    def by_category(self) -> Iterator[tuple[str | None, NDArray[np.int32]]]:
        """Yield each category, in declared order, with the items in it; then None with those in none."""
        words = self.found.words[self.found.type[self.items]]
        for number, name in enumerate(self.categories):
            yield name, self.items[has(words, number)]
        yield None, self.items[~words.any(axis=1)]


@dataclass(frozen=True, slots=True)
class Filing:
    """What the rules make of an item: its raw labels (sorted), its categories in declared order, and why."""

    labels: tuple[str, ...]
    categories: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class DrawnSample:
    """An item of the sample.

    `drawn_for` are the categories whose sample it is in, None for that of the items without one; `n_items` says for
    each of them how many items it has.
    """

    entity: str
    id: str
    filing: Filing
    drawn_for: tuple[str | None, ...]
    n_items: tuple[int, ...]


def category_sizes(population: AuditedPopulation) -> dict[str | None, int]:
    """Return how many items each category has, in declared order, then how many have none (None).

    An item in several categories counts in each. Categories without items are left out.
    """
    return {category: len(items) for category, items in population.by_category() if len(items)}


def draw(population: AuditedPopulation, size: int, seed: int) -> tuple[DrawnSample, ...]:
    """Return up to `size` items of each category, and of those without one, as simple random samples.

    Each item of a category has a number of its own, the SHA-256 of seed, population, category and id (UTF-8,
    each but the last followed by a NUL byte), and the items with the smallest numbers are the sample. So it is
    the same on every machine and engine, whatever the order of the data; samples of different categories are
    independent of each other; and when items come in or go out, the others stay in the sample but for those
    pushed out at its end. An item drawn for several categories is one entry. Entries stand by the first category
    that they were drawn for, and within it by their number: whoever stops half-way has still judged a random part.
    """
    sizes = category_sizes(population)
    drawn: dict[str, list[str | None]] = {}
    for category, items in population.by_category():
        names = population.names.of(items.tolist())
        for id_ in lowest(names, size, f"{seed}\0{population.name}\0{category or ''}\0"):
            drawn.setdefault(id_, []).append(category)
    found = filings(population, drawn)
    return tuple(
        DrawnSample(
            population.name, id_, found[id_], tuple(drawn_for), tuple(sizes[category] for category in drawn_for)
        )
        for id_, drawn_for in drawn.items()
    )


def lowest(ids: Collection[str], size: int, salt: str) -> list[str]:
    """Return the `size` ids whose SHA-256, each after a common beginning, is smallest; by that number."""
    start = hashlib.sha256(salt.encode())

    def number(id_: str) -> bytes:
        whole = start.copy()
        whole.update(id_.encode())
        return whole.digest()

    return heapq.nsmallest(size, ids, key=number)


def filings(population: AuditedPopulation, ids: Collection[str]) -> dict[str, Filing]:
    """Return what the rules make of items, by id; ids that no item has are left out."""
    found, categories = population.found, population.categories
    there = set(population.items.tolist())
    counts = {label.label: label for label in found.labels}
    filed: dict[str, Filing] = {}
    for id_, item in population.names.numbers(ids).items():
        if item in there:
            labels = found.labels_of(item)
            own = members(found.words[found.type[[item]]], len(categories))[0]
            names = tuple(categories[number] for number in np.flatnonzero(own))
            filed[id_] = Filing(labels, names, _rule(labels, counts, found.taxonomy))
    return filed


def _rule(labels: Sequence[str], counts: dict[str, LabelCount], taxonomy: Taxonomy) -> str:
    """Return which labels lead to which categories, by which rule, and what is derived from them."""
    by_rule: dict[tuple[str, str], list[str]] = {}
    for label in labels:
        for category in counts[label].categories:
            by_rule.setdefault((category, counts[label].rule), []).append(label)
    index = {name: number for number, name in enumerate(taxonomy.categories)}
    steps = [
        f"{category} by {rule} ({', '.join(own)})"
        for (category, rule), own in sorted(by_rule.items(), key=lambda entry: (index[entry[0][0]], entry[0][1]))
    ]
    have = frozenset(index[category] for category, _ in by_rule)
    for rule in taxonomy.derived:
        several = have & rule.of
        if len(several) >= 2:
            names = ", ".join(taxonomy.categories[number] for number in sorted(several))
            instead = ", instead of them" if rule.replaces else ""
            steps.append(f"{taxonomy.categories[rule.category]} by several of {names}{instead}")
            have = (have - rule.of if rule.replaces else have) | {rule.category}
    return "; ".join(steps)
