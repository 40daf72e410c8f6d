"""Explain one cell: its numbers, its labels and units, and the statements about it."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ... import formats
from ...arrays import Ints
from ...cells import WITHHELD, Cell, CellRef, Panel
from ...config.loading import LoadedConfig
from ...ledger import Axis, HeldTypes, Ledger, ends_of
from ...ledger.contributions import Labels
from ...ledger.coverage import Contribution
from ...pipeline.counting import side_labels
from ...pipeline.parts import Draft, open_ledgers
from ...stats import InferenceSettings
from ...stats.panels import RelationCounts
from ...taxonomy.categorise import has

MOST_EXAMPLES = 10
MOST_ITEMS = 5
"""Maximum number of named items per example on each side."""


@dataclass(frozen=True, slots=True)
class ExampleItem:
    """An item of a unit that has the cell's category, with its raw labels in order."""

    id: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExampleSide:
    """The items of a unit that have the cell's category on one side: the first few by id, and their number."""

    kind: str
    items: tuple[ExampleItem, ...]
    n_items: int


@dataclass(frozen=True, slots=True)
class Example:
    """A unit of a cell. `id` is as in the data: an item, a key, "from -> to" of a link, both fields of a record.

    `n` is the number of equal records that it represents, otherwise 1. `weight` is None without weights.
    """

    id: str
    n: int
    weight: float | None
    given: ExampleSide
    outcome: ExampleSide


@dataclass(frozen=True, slots=True)
class Examples:
    """Up to ten units of the `n_units` of a cell (for records, different units), and how they are chosen.

    `by` is "weight" (the heaviest), "seed" (a choice that depends only on the seed and each id), "all", or "private" if
    units may not be named, in which case there are none.
    """

    by: str
    seed: int | None
    n_units: int
    units: tuple[Example, ...]


Use = tuple[str, int, int]
"""A raw label that gives units of a cell their category on one side.

The first number counts the units that have an item of that category with the label. The second counts the units that
would leave the cell without the label.
"""


@dataclass(frozen=True, slots=True)
class Inside:
    """The contents of a cell: example units, and its labels of rows and of columns, sorted by decreasing units."""

    examples: Examples
    labels: tuple[list[Use], ...]


def look_inside(ledger: Ledger, given: str, outcome: str, seed: int, *, turned: bool) -> Inside:
    """Return the contents of the cell for a given and an outcome category. `turned` panels have columns as given."""
    row, column = (outcome, given) if turned else (given, outcome)
    places = ledger.rows.categories.index(row), ledger.columns.categories.index(column)
    labels = Labels(ledger.rows.found), Labels(ledger.columns.found)
    sums = [np.zeros((2, len(own.candidates[0])), dtype=np.int64) for own in labels]
    n_units, chosen = 0, list[_Example]()
    for part in ledger.parts:
        units = _in_cell(part, places)
        n_units += len(units)
        for side, own, counts in zip(part.sides, labels, sums, strict=True):
            unit, candidate, alone = own.had(HeldTypes(side, units))
            n = part.n[units][unit]
            np.add.at(counts[0], candidate, n)
            np.add.at(counts[1], candidate, n * alone)
        if "unit" in ledger.private:
            continue
        names = _identified(part, units)
        weights = None if part.weight is None else part.weight[units].tolist()
        best = _chosen(units.tolist(), names, weights, seed)
        chosen += [(place, name, _described(part, unit, places, turned=turned)) for place, name, unit in best]
        chosen = heapq.nsmallest(MOST_EXAMPLES, chosen, key=lambda one: one[:2])
    by = "all" if n_units <= MOST_EXAMPLES else "seed" if ledger.weight is None else "weight"
    if ledger.weight is None:
        chosen.sort(key=lambda one: one[1])
    by = "private" if "unit" in ledger.private else by
    examples = Examples(by, seed if by == "seed" else None, n_units, tuple(example for _, _, example in chosen))
    sides = zip(ledger.sides, labels, sums, places, strict=True)
    return Inside(examples, tuple(_uses(*side) for side in sides))


_Example = tuple[bytes | int, str, Example]
"""The sort key of a unit, its name, and the unit."""


def _in_cell(ledger: Ledger, places: tuple[int, int]) -> Ints:
    there = ledger.alive.copy()
    for side, place in zip(ledger.sides, places, strict=True):
        there &= has(side.words, place)
    return np.flatnonzero(there)


def _chosen(
    units: Sequence[int], names: Sequence[str], weights: Sequence[int] | None, seed: int
) -> list[tuple[bytes | int, str, int]]:
    """Return the heaviest units, or those with the lowest seeded hash, which does not depend on other units."""
    places: Iterable[bytes | int] = (-weight for weight in weights or ())
    if weights is None:
        places = (hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=16).digest() for name in names)
    return heapq.nsmallest(MOST_EXAMPLES, zip(places, names, units, strict=True))


def _identified(ledger: Ledger, units: Ints) -> list[str]:
    """Return unambiguous names of units. The name of a link shows where its first part ends."""
    role, key = ledger.unit.role, ledger.key[units].tolist()
    if ledger.key_names is not None:
        return ledger.key_names.of(key)
    if role == "record":
        return [str(number) for number in key]
    if role in ("from", "to"):
        return (ledger.rows if role == "from" else ledger.columns).names.of(key)
    return [f"{len(first)}:{first}{second}" for first, second in zip(*ends_of(ledger, units), strict=True)]


def _described(ledger: Ledger, unit: int, places: tuple[int, int], *, turned: bool) -> Example:
    """Return a unit with the items that put it in a cell."""
    whole = np.array([unit])
    if ledger.unit.role in ("link", "record"):
        joint = " -> " if ledger.unit.role == "link" else " | "
        name = joint.join(end[0] for end in ends_of(ledger, whole))
    else:
        (name,) = _identified(ledger, whole)
    weight = None if ledger.weight is None else int(ledger.weight[unit]) / (ledger.weight_scale or 1)
    first, second = (_items(side, unit, place) for side, place in zip(ledger.sides, places, strict=True))
    told = (second, first) if turned else (first, second)
    return Example(name, int(ledger.n[unit]), weight, *told)


def _items(side: Axis, unit: int, category: int) -> ExampleSide:
    """Return the items of a unit in a category, by id, with their labels."""
    found = side.found
    held = side.use[side.start[unit] : side.start[unit + 1]]
    having = held[has(found.words[found.type[held]], category)].tolist()
    shown = having[:MOST_ITEMS]
    items = [ExampleItem(name, found.labels_of(item)) for item, name in zip(shown, side.names.of(shown), strict=True)]
    return ExampleSide(side.kind.name, tuple(items), len(having))


def _uses(side: Axis, own: Labels, sums: Ints, place: int) -> list[Use]:
    """Return the labels of a side that give the cell's units their category, sorted by decreasing units."""
    touching, sole = sums.tolist()
    names, category = own.candidates
    found = np.flatnonzero((category == place) & (sums[0] > 0)).tolist()
    uses = [(side.found.names[names[q]], touching[q], sole[q]) for q in found]
    return sorted(uses, key=lambda use: (-use[1], -use[2], use[0]))


@dataclass(frozen=True, slots=True)
class RuleCount:
    """A raw label with units in the cell: the rule that classifies it, and its number of units.

    `side` is "given" or "outcome". `n_sole` units would leave the cell without the label.
    """

    side: str
    kind: str
    label: str
    rule: str
    n_touching: int
    n_sole: int


@dataclass(frozen=True, slots=True)
class CellTold:
    """All information on a cell. `why` gives the reason for its state. The rest is empty for published values.

    `statements` are the ids and sentences of the statements about it that the report makes.
    """

    panel: Panel
    cell: Cell
    why: str
    rules: tuple[RuleCount, ...]
    contributors: tuple[Contribution, ...]
    examples: Examples | None
    statements: Mapping[str, str]


def tell_cell(ref: CellRef, report: Draft, statements: Mapping[str, str]) -> CellTold:
    """Return all information on a cell, with the statements about it. Its units are read again from the data."""
    panel = report.panels[ref.panel]
    cell = panel.cell(ref.given, ref.outcome)
    numbers = report.counted.relations.get(panel.relation)
    turned = numbers is not None and panel.given != numbers.tables.incidence.rows.kind
    empty = numbers is None or cell.state == "masked" or not cell.n_joint or numbers.coverage.is_withheld
    inside = None if empty else _inside(report.loaded, panel, cell, turned=turned)
    pair = (cell.outcome, cell.given) if turned else (cell.given, cell.outcome)
    parts = () if numbers is None else numbers.contributors.cells
    n_given = _n_given(numbers, panel, cell, turned=turned)
    minimum = None if numbers is None else numbers.coverage.minimum
    return CellTold(
        panel=panel,
        cell=cell,
        why=_why(report.loaded.config.inference, panel, cell, n_given=n_given, minimum=minimum),
        rules=() if inside is None else tuple(_rules(inside, report, panel, cell, turned=turned)),
        contributors=tuple(part for part in parts if (part.row, part.column) == pair and part.by != "label"),
        examples=None if inside is None else inside.examples,
        statements=statements,
    )


def _rules(inside: Inside, report: Draft, panel: Panel, cell: Cell, *, turned: bool) -> Iterator[RuleCount]:
    """Yield labels with units in a cell and their rules, the given side first, sorted by decreasing units."""
    own = report.counted.relations[panel.relation].labels
    labels = side_labels(report.loaded.config.relation(panel.relation), report.counted.labels, own)
    sides = list(zip(inside.labels, labels, strict=True))
    told = (("given", panel.given, cell.given), ("outcome", panel.outcome, cell.outcome))
    for (side, kind, category), (uses, counts) in zip(told, sides[::-1] if turned else sides, strict=True):
        known = {label.label: label for label in counts}
        for name, n_touching, n_sole in uses:
            filed = known.get(name)
            rule = "" if filed is None else filed.rule
            derived = filed is None or category not in filed.categories
            yield RuleCount(
                side, kind.name, name, f"{rule}, then by a derived category" if derived else rule, n_touching, n_sole
            )


def _inside(loaded: LoadedConfig, panel: Panel, cell: Cell, *, turned: bool) -> Inside:
    """Return the contents of a cell, read again from the data."""
    config, name = loaded.config, panel.relation
    with open_ledgers(config, {name: config.relation(name)}, loaded.folder) as ledgers:
        return look_inside(ledgers[name], cell.given, cell.outcome, config.inference.seed, turned=turned)


def _n_given(numbers: RelationCounts | None, panel: Panel, cell: Cell, *, turned: bool) -> float:
    """Return the number of units with the given category, ignoring their weights."""
    if numbers is None:
        return 0.0
    units = numbers.tables.units.T if turned else numbers.tables.units
    return float(units.given[panel.given_categories.index(cell.given)])


def _why_withheld(panel: Panel, cell: Cell, minimum: int | None) -> str:
    which = "both categories" if cell.state == "withheld" else "only one of the two categories, or neither"
    least = f"at least {minimum} needed (disclosure)"
    return f"withheld for confidentiality: too few {panel.unit.plural} have {which}; {least}"


def _why(  # noqa: PLR0911 - one for each state
    settings: InferenceSettings, panel: Panel, cell: Cell, *, n_given: float, minimum: int | None
) -> str:
    """Return the reason for a cell's state in words."""
    if cell.state in WITHHELD:
        return _why_withheld(panel, cell, minimum)
    if cell.n_given is None:
        return "a published value: nothing was counted" if cell.value is not None else "no value was published"
    units, groups = settings.minimum_units, settings.minimum_groups
    plural = panel.unit.plural
    if cell.state == "masked" and panel.is_masked_empty:
        return f"the table seems to leave out {plural} with the same category on both sides"
    if cell.state == "masked":
        return "both categories are the same, so the value does not depend on the data"
    if cell.state == "uncertain":
        return "the confidence interval of the share is wider than 60 points"
    if cell.state == "no_given":
        return f"no {panel.unit.singular} has the given category"
    if cell.state == "no_outcome":
        return f"no {panel.unit.singular} has the outcome category"
    said = f"{formats.count(n_given)} {formats.plural(n_given, f'{panel.unit.singular} has', f'{plural} have')}"
    needed = f"{said} the given category, at least {units} needed (minimum_units)"
    unknown = cell.state == "few" and n_given >= units and (cell.effective_groups or groups) >= groups
    vague = f"; too few {'weights' if cell.effective_groups is None else 'groups'} show its error" if unknown else ""
    if cell.effective_groups is None:
        return needed + vague
    return (
        f"{needed}; in {cell.effective_groups:.1f} effective groups, at least {groups} needed (minimum_groups){vague}"
    )
