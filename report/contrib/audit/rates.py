"""Draw a random sample of the items of each category, and estimate the share that is correctly classified.

Agreement is estimated by category and overall. Misclassifications are listed.
"""

from __future__ import annotations

import hashlib
import heapq
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...cells import Estimate
from ...inference.intervals import wilson
from ...taxonomy import ItemNames, LabelCount, Taxonomy
from ...taxonomy.categorise import CategorisedItems
from ...taxonomy.sets import has, members

NONE = "none"
"""The sample name for items without a category, and the answer for an item that belongs to none."""


@dataclass(frozen=True, eq=False)
class AuditedPopulation:
    """The items that the rules classify: all items of an entity, or the distinct texts on one side of records.

    `items` are their numbers, `names` their names, `found` their labels and categories by number. `many` is the plural
    noun for the items.
    """

    name: str
    many: str
    items: NDArray[np.int32]
    names: ItemNames
    found: CategorisedItems

    @property
    def categories(self) -> tuple[str, ...]:
        """Return the categories in declared order."""
        return self.found.taxonomy.categories

    def by_category(self) -> Iterator[tuple[str | None, NDArray[np.int32]]]:
        """Yield each category, in declared order, with its items; then None with the items without a category."""
        words = self.found.words[self.found.type[self.items]]
        for number, name in enumerate(self.categories):
            yield name, self.items[has(words, number)]
        yield None, self.items[~words.any(axis=1)]


@dataclass(frozen=True, slots=True)
class ItemClassification:
    """The classification of an item: its raw labels (sorted), its categories in declared order, and the reason."""

    labels: tuple[str, ...]
    categories: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class DrawnSample:
    """An item of the sample.

    `drawn_for` lists the categories that it was drawn for (None for items without a category). `n_items` gives the
    number of items of each of these categories.
    """

    entity: str
    id: str
    filing: ItemClassification
    drawn_for: tuple[str | None, ...]
    n_items: tuple[int, ...]


def category_sizes(population: AuditedPopulation) -> dict[str | None, int]:
    """Return the number of items per category, in declared order, then the number without a category (None).

    An item in several categories counts in each. Categories without items are left out.
    """
    return {category: len(items) for category, items in population.by_category() if len(items)}


def draw(population: AuditedPopulation, size: int, seed: int) -> tuple[DrawnSample, ...]:
    """Return up to `size` items of each category, and of the items without one, as simple random samples.

    Each item of a category gets a number: the SHA-256 of seed, population, category and id (UTF-8, each except the last
    followed by a NUL byte). The items with the smallest numbers form the sample. The sample is thus the same on every
    machine and engine, for any order of the data. Samples of different categories are independent. If items are added
    or removed, the others stay in the sample, except items displaced at its end. An item drawn for several categories
    is one entry. Entries are sorted by the first category they were drawn for, then by number, so a partly judged sheet
    is still a random sample.
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
    """Return the `size` ids with the smallest SHA-256, hashed after a common prefix, in order of that number."""
    start = hashlib.sha256(salt.encode())

    def number(id_: str) -> bytes:
        whole = start.copy()
        whole.update(id_.encode())
        return whole.digest()

    return heapq.nsmallest(size, ids, key=number)


def filings(population: AuditedPopulation, ids: Collection[str]) -> dict[str, ItemClassification]:
    """Return the classification of items by id, without ids that no item has."""
    found, categories = population.found, population.categories
    there = set(population.items.tolist())
    counts = {label.label: label for label in found.labels}
    filed: dict[str, ItemClassification] = {}
    for id_, item in population.names.numbers(ids).items():
        if item in there:
            labels = found.labels_of(item)
            own = members(found.words[found.type[[item]]], len(categories))[0]
            names = tuple(categories[number] for number in np.flatnonzero(own))
            filed[id_] = ItemClassification(labels, names, _rule(labels, counts, found.taxonomy))
    return filed


def _rule(labels: Sequence[str], counts: dict[str, LabelCount], taxonomy: Taxonomy) -> str:
    """Return which labels lead to which categories, by which rule, and which categories are derived from them."""
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


Filed = tuple[str, ...]
"""The categories of an item in declared order, or an empty tuple."""


@dataclass(frozen=True, slots=True)
class JudgedCategory:
    """A category of an entity (None: items without a category) after the audit.

    The sheet contains `n_drawn` of `n_items` items. `n_judged` were judged, and `n_right` of these are in exactly the
    right categories. `share` is None if none was judged.
    """

    category: str | None
    n_items: int
    n_drawn: int
    n_judged: int
    n_right: int
    share: Estimate | None


@dataclass(frozen=True, slots=True)
class WeightedShare:
    """A share of `n_items` items, estimated from `n_judged` of them.

    `error` is the standard error. It is None if a category that was not judged completely has only one judged item.
    """

    share: Estimate
    error: float | None
    n_items: int
    n_judged: int


def share_right(n_items: int, n_judged: int, n_right: int, level: float) -> Estimate | None:
    """Return the share of a category's items that are correct, with its score interval, or None if none was judged.

    Wilson (1927), with n (N - 1) / (N - n) in place of n: the score interval for n drawn from N without replacement,
    because the variance of the share is P (1 - P) / n (N - n) / (N - 1). The interval is limited to values that the
    judged items leave possible: at least the correct ones are right, and all unjudged items may be right. If all items
    were judged, the share is exact.

    >>> share = share_right(1000, 20, 19, 0.95)
    >>> share.value, round(share.low, 3), round(share.high, 3)
    (0.95, 0.766, 0.991)
    """
    if n_judged == 0:
        return None
    value = n_right / n_judged
    if n_judged >= n_items:
        return Estimate(value, value, value)
    effective = n_judged * (n_items - 1) / (n_items - n_judged)
    ends = wilson(np.array(value * effective), np.array(effective), level)
    least, most = n_right / n_items, (n_items - n_judged + n_right) / n_items
    return Estimate(value, max(float(ends.low), least), min(float(ends.high), most))


def weighted_share(categories: Sequence[JudgedCategory], level: float) -> WeightedShare | None:
    """Return the share of all items that are correct, categories weighted by size, or None if none was judged.

    The value and standard error follow stratified sampling for proportions (Cochran 1977, Sampling Techniques, ch. 5,
    section 5.10): p = sum W_h p_h and v = sum W_h^2 (1 - n_h/N_h) p_h q_h / (n_h - 1), with W_h = N_h / N. Errors are
    rare, so v is too small, or 0, in most samples. The interval is therefore the Wilson (1927) interval with the
    effective sample size (Franco, Little, Louis and Slud 2019, Journal of Survey Statistics and Methodology 7,
    334-364): n* = p' q' / sum W_h^2 p'_h q'_h (N_h - n_h) / ((N_h - 1) n_h), in which p'_h has one right and one wrong
    item added and p' = sum W_h p'_h. With one category it equals the interval of `share_right`. Categories without a
    judged item are left out of N.
    """
    judged = [category for category in categories if category.n_judged]
    if not judged:
        return None
    whole, n = (np.array([getattr(s, name) for s in judged], dtype=np.float64) for name in ("n_items", "n_judged"))
    right = np.array([s.n_right for s in judged], dtype=np.float64)
    weight, share, left = whole / whole.sum(), right / n, 1 - n / whole
    value = min(math.fsum(weight * share), 1.0)
    alone = bool(((n == 1) & (left > 0)).any())
    error = math.sqrt(math.fsum(weight**2 * left * share * (1 - share) / np.maximum(n - 1, 1)))
    added = (right + 1) / (n + 2)
    middle = float(weight @ added)
    variance = float((weight**2) @ (added * (1 - added) * (whole - n) / np.maximum(whole - 1, 1) / n))
    low = high = value
    if variance:
        effective = np.array(middle * (1 - middle) / variance)
        ends = wilson(value * effective, effective, level)
        low = max(float(ends.low), float(right.sum() / whole.sum()))
        high = min(float(ends.high), float(1 - (n - right).sum() / whole.sum()))
    return WeightedShare(Estimate(value, low, high), None if alone else error, int(whole.sum()), int(n.sum()))


def stands_for(rule: Filed, sampled: Iterable[tuple[int, int]]) -> float:
    """Return the weight of a judged item: the sum of N_h / n_h over the categories it was drawn for.

    `sampled` contains (N_h, n_h) for each of these categories: its items, and the judged items drawn for it. The sum is
    divided by the number of categories that contain the item by `rule`. An item in k categories can be drawn k times,
    so each draw has a weight of 1/k (Sirken 1970, Journal of the American Statistical Association 65, 257-266).
    """
    return sum(whole / judged for whole, judged in sampled) / max(len(rule), 1)


@dataclass(frozen=True, slots=True)
class Confusion:
    """Items assigned to `rule` that truly belong to `truth`: the judged number, and an estimate for all items."""

    rule: Filed
    truth: Filed | None
    n_judged: int
    n_items: float


def confusions(judged: Iterable[tuple[Filed, Filed | None, float]]) -> tuple[Confusion, ...]:
    """Return misclassifications by decreasing estimated number of items, then of judged items, then by name.

    `judged` gives for each judged item its categories by rule, its true categories (None: not `rule`, truth unknown)
    and its weight.
    """
    found: dict[tuple[Filed, Filed | None], list[float]] = {}
    for rule, truth, n_items in judged:
        if rule != truth:
            found.setdefault((rule, truth), []).append(n_items)
    every = [Confusion(rule, truth, len(parts), math.fsum(parts)) for (rule, truth), parts in found.items()]
    return tuple(sorted(every, key=lambda c: (-c.n_items, -c.n_judged, c.rule, c.truth is None, c.truth or ())))
