"""Audits: a random sample of the items in each category, for a person to judge what the rules have made of them."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import narwhals as nw

from ..sources.engine import Engine, Frame
from .compile import Taxonomy
from .items import LabelCount

NONE = "none"
"""What items without a category are drawn for, and the answer that an item belongs to none."""

_BATCH = 1_000_000
"""Ids that come to Python at once, but for a single category that is larger."""


@dataclass(frozen=True, eq=False)
class Population:
    """The items that are filed by rule: those of an entity, or the different texts on one side of records.

    `items` has one row an `item` (its id), `members` one row an (`item`, `category`), `pairs` one row an (`item`,
    `label`); all are frames of the engine. `many` is what the items are called.
    """

    name: str
    many: str
    taxonomy: Taxonomy
    items: Frame
    members: Frame
    pairs: Frame
    labels: tuple[LabelCount, ...]

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories in declared order."""
        return self.taxonomy.categories


@dataclass(frozen=True, slots=True)
class Filing:
    """What the rules make of an item: its raw labels (sorted), its categories in declared order, and why."""

    labels: tuple[str, ...]
    categories: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """An item of the sample.

    `drawn_for` are the categories whose sample it is in, None for that of the items without one; `n_items` says for
    each of them how many items it has.
    """

    entity: str
    id: str
    filing: Filing
    drawn_for: tuple[str | None, ...]
    n_items: tuple[int, ...]


def category_sizes(population: Population, engine: Engine) -> dict[str | None, int]:
    """Return how many items each category has, in declared order, then how many have none (None).

    An item in several categories counts in each. Categories without items are left out.
    """
    counted = engine.collect(population.members.group_by("category").agg(n=nw.len().cast(nw.Int64)))
    counts = dict(zip(counted["category"].tolist(), counted["n"].tolist(), strict=True))
    unfiled = int(engine.collect(_unfiled(population).select(n=nw.len().cast(nw.Int64)))["n"].iloc[0])
    sizes: dict[str | None, int] = {
        name: int(counts[number]) for number, name in enumerate(population.categories) if number in counts
    }
    return {**sizes, None: unfiled} if unfiled else sizes


def draw(population: Population, engine: Engine, size: int, seed: int) -> tuple[Drawn, ...]:
    """Return up to `size` items of each category, and of those without one, as simple random samples.

    Each item of a category has a number of its own, the SHA-256 of seed, population, category and id (UTF-8,
    each but the last followed by a NUL byte), and the items with the smallest numbers are the sample. So it is
    the same on every machine and engine, whatever the order of the data; samples of different categories are
    independent of each other; and when items come in or go out, the others stay in the sample but for those
    pushed out at its end. An item drawn for several categories is one entry. Entries stand by the first category
    that they were drawn for, and within it by their number: whoever stops half-way has still judged a random part.
    """
    sizes = category_sizes(population, engine)
    drawn: dict[str, list[str | None]] = {}
    for category, ids in _by_category(population, sizes, engine):
        for id_ in lowest(ids, size, f"{seed}\0{population.name}\0{category or ''}\0"):
            drawn.setdefault(id_, []).append(category)
    found = filings(population, drawn, engine)
    return tuple(
        Drawn(population.name, id_, found[id_], tuple(drawn_for), tuple(sizes[category] for category in drawn_for))
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


def _by_category(
    population: Population, sizes: dict[str | None, int], engine: Engine
) -> Iterator[tuple[str | None, list[str]]]:
    """Yield each category with the ids in it, as many at once as fit in a batch."""
    numbers = {name: number for number, name in enumerate(population.categories)}
    for batch in _batches([(name, n) for name, n in sizes.items() if name is not None]):
        wanted = population.members.filter(nw.col("category").is_in([numbers[name] for name in batch]))
        table = engine.collect(wanted.select("item", "category"))
        yield from ((name, table["item"][table["category"] == numbers[name]].tolist()) for name in batch)
    if None in sizes:
        yield None, engine.collect(_unfiled(population))["item"].tolist()


def _batches(sizes: Sequence[tuple[str, int]]) -> Iterator[list[str]]:
    batch: list[str] = []
    total = 0
    for name, n in sizes:
        if batch and total + n > _BATCH:
            yield batch
            batch, total = [], 0
        batch.append(name)
        total += n
    if batch:
        yield batch


def _unfiled(population: Population) -> Frame:
    """Return the items without a category: `item`."""
    return population.items.join(population.members.select("item").unique(), on="item", how="anti").select("item")


def filings(population: Population, ids: Collection[str], engine: Engine) -> dict[str, Filing]:
    """Return what the rules make of items, by id; ids that no item has are left out."""
    asked = engine.load({"item": list(ids)})
    there = engine.collect(asked.join(population.items.select("item"), on="item", how="semi"))["item"].tolist()
    members = engine.collect(population.members.join(asked, on="item", how="semi").select("item", "category"))
    pairs = engine.collect(population.pairs.join(asked, on="item", how="semi").select("item", "label"))
    categories: dict[str, set[int]] = {id_: set() for id_ in there}
    labels: dict[str, list[str]] = {id_: [] for id_ in there}
    for id_, category in zip(members["item"].tolist(), members["category"].tolist(), strict=True):
        categories[id_].add(int(category))
    for id_, label in zip(pairs["item"].tolist(), pairs["label"].tolist(), strict=True):
        labels[id_].append(label)
    counts = {label.label: label for label in population.labels}
    return {
        id_: Filing(
            labels=tuple(sorted(labels[id_])),
            categories=tuple(population.categories[number] for number in sorted(categories[id_])),
            rule=_rule(sorted(labels[id_]), counts, population.taxonomy),
        )
        for id_ in there
    }


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
