"""Everything about one cell: how its numbers are made, which labels and units feed it, which findings rest on it."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...api import (
    WITHHELD,
    Axis,
    Calculation,
    Cell,
    CellRef,
    Contribution,
    Draft,
    Held,
    Ints,
    Labels,
    Ledger,
    LoadedConfig,
    Numbers,
    Panel,
    Part,
    Sentence,
    cell_evidence,
    ends_of,
    formats,
    has,
    members,
    open_ledgers,
    side_labels,
)

MOST_EXAMPLES = 10
MOST_ITEMS = 5
"""Items of one example that are named, on each side."""


@dataclass(frozen=True, slots=True)
class ExampleItem:
    """An item of a unit that has the cell's category, with its raw labels in order."""

    id: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExampleSide:
    """The items of a unit that have the cell's category on one side: the first few by id, and how many there are."""

    kind: str
    items: tuple[ExampleItem, ...]
    n_items: int


@dataclass(frozen=True, slots=True)
class Example:
    """A unit of a cell. `id` is as the data have it: an item, a key, "from -> to" of a link, both fields of a record.

    `n` is how many equal records it stands for, 1 otherwise; `weight` is None without weights; `counts_as` is how much
    one such unit adds to this cell: 1, its weight, or its part where links count fractionally.
    """

    id: str
    n: int
    weight: float | None
    counts_as: float
    given: ExampleSide
    outcome: ExampleSide


@dataclass(frozen=True, slots=True)
class Examples:
    """Up to ten units of the `n_units` (records: of the `n_units` different ones) of a cell, and how they are chosen.

    `by` is "weight" (the heaviest), "seed" (a choice that rests on the seed and each id alone), "all", or "private"
    where units may not be named: then there are none.
    """

    by: str
    seed: int | None
    n_units: int
    units: tuple[Example, ...]


Use = tuple[str, int, int]
"""A raw label that brings units of a cell a category on one side: how many units have an item of that category with it,
and how many would leave the cell if the label did not exist."""


@dataclass(frozen=True, slots=True)
class Inside:
    """What is in a cell: example units, and the labels of rows and of columns that lead there, most units first."""

    examples: Examples
    labels: tuple[list[Use], ...]


def look_inside(ledger: Ledger, given: str, outcome: str, seed: int, *, turned: bool) -> Inside:
    """Return what is in the cell of one category given and one as outcome; `turned` panels have columns as given."""
    row, column = (outcome, given) if turned else (given, outcome)
    places = ledger.rows.categories.index(row), ledger.columns.categories.index(column)
    labels = Labels(ledger.rows.found), Labels(ledger.columns.found)
    sums = [np.zeros((2, len(own.candidates.name)), dtype=np.int64) for own in labels]
    n_units, chosen = 0, list[_Example]()
    for part in ledger.parts:
        units = _in_cell(part, places)
        n_units += len(units)
        for side, own, counts in zip(part.sides, labels, sums, strict=True):
            unit, candidate, alone = own.had(Held(side, units))
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
"""By what a unit is chosen, its name, and the unit."""


def _in_cell(ledger: Ledger, places: tuple[int, int]) -> Ints:
    there = ledger.alive.copy()
    for side, place in zip(ledger.sides, places, strict=True):
        there &= has(side.words, place)
    return np.flatnonzero(there)


def _chosen(
    units: Sequence[int], names: Sequence[str], weights: Sequence[int] | None, seed: int
) -> list[tuple[bytes | int, str, int]]:
    """Return the heaviest, or those whose seeded hash is least: which stays so whatever other units come or go."""
    places: Iterable[bytes | int] = (-weight for weight in weights or ())
    if weights is None:
        places = (hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=16).digest() for name in names)
    return heapq.nsmallest(MOST_EXAMPLES, zip(places, names, units, strict=True))


def _identified(ledger: Ledger, units: Ints) -> list[str]:
    """Return names of units that are theirs whatever others there are; that of a link says where its first ends."""
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
    part = 1.0
    if ledger.fractional:
        for side in ledger.sides:
            part /= int(members(side.words[whole], len(side.categories)).sum())
    first, second = (_items(side, unit, place) for side, place in zip(ledger.sides, places, strict=True))
    told = (second, first) if turned else (first, second)
    return Example(name, int(ledger.n[unit]), weight, (1.0 if weight is None else weight) * part, *told)


def _items(side: Axis, unit: int, category: int) -> ExampleSide:
    """Return the items of a unit in a category, by id, with the labels that they carry."""
    found = side.found
    held = side.use[side.start[unit] : side.start[unit + 1]]
    having = held[has(found.words[found.type[held]], category)].tolist()
    shown = having[:MOST_ITEMS]
    items = [ExampleItem(name, found.labels_of(item)) for item, name in zip(shown, side.names.of(shown), strict=True)]
    return ExampleSide(side.kind.name, tuple(items), len(having))


def _uses(side: Axis, own: Labels, sums: Ints, place: int) -> list[Use]:
    """Return the labels of a side that bring the cell's units its category, most units first."""
    touching, sole = sums.tolist()
    found = np.flatnonzero((own.candidates.category == place) & (sums[0] > 0)).tolist()
    uses = [(side.found.names[own.candidates.name[q]], touching[q], sole[q]) for q in found]
    return sorted(uses, key=lambda use: (-use[1], -use[2], use[0]))


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of the report: the section it stands in, its words, and the finding it is about, if any."""

    section: str
    sentence: Sentence
    finding: str | None


@dataclass(frozen=True, eq=False)
class ReadReport:
    """A report in words, and every sentence of it."""

    draft: Draft
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class RuleCount:
    """A raw label that brings units to the cell: the rule that files it, and how many units have it.

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
    """Everything about a cell. `why` says why it has its state; the rest is empty for published values."""

    panel: Panel
    cell: Cell
    why: str
    calculations: tuple[Calculation, ...]
    rules: tuple[RuleCount, ...]
    contributors: tuple[Contribution, ...]
    examples: Examples | None
    findings: tuple[str, ...]


def tell_cell(ref: CellRef, report: ReadReport) -> CellTold:
    """Return everything about a cell; its units are read from the data anew."""
    panel = report.draft.panels[ref.panel]
    cell = panel.cell(ref.given, ref.outcome)
    w = next(w for w in report.draft.written if any(shown.id == panel.id for shown in w.part.panels))
    numbers = report.draft.counted.relations.get(panel.relation)
    turned = numbers is not None and panel.given != numbers.tables.incidence.rows.kind
    empty = numbers is None or cell.state == "masked" or not cell.n_joint or numbers.coverage.is_withheld
    inside = None if empty else _inside(report.draft.loaded, panel, cell, turned=turned)
    pair = (cell.outcome, cell.given) if turned else (cell.given, cell.outcome)
    parts = () if numbers is None else numbers.contributors.cells
    return CellTold(
        panel=panel,
        cell=cell,
        why=_why(w.part, panel, cell, n_given=_n_given(numbers, panel, cell, turned=turned)),
        calculations=cell_evidence(w.part, panel, cell, w.writer),
        rules=() if inside is None else tuple(_rules(inside, report, panel, cell, turned=turned)),
        contributors=tuple(part for part in parts if (part.row, part.column) == pair and part.by != "label"),
        examples=None if inside is None else inside.examples,
        findings=tuple(finding.id for finding in w.part.findings if not finding.null and ref in finding.cells),
    )


def _rules(inside: Inside, report: ReadReport, panel: Panel, cell: Cell, *, turned: bool) -> Iterator[RuleCount]:
    """Yield the labels that bring units to a cell with their rules, those of the given side first, most units first."""
    own = report.draft.counted.relations[panel.relation].labels
    labels = side_labels(report.draft.loaded.config.relation(panel.relation), report.draft.counted.labels, own)
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
    """Return what is in a cell, read from the data anew."""
    config, name = loaded.config, panel.relation
    with open_ledgers(config, {name: config.relation(name)}, loaded.folder) as (ledgers, _):
        return look_inside(ledgers[name], cell.given, cell.outcome, config.inference.seed, turned=turned)


def _n_given(numbers: Numbers | None, panel: Panel, cell: Cell, *, turned: bool) -> float:
    """Return how many units have the given category, whatever their weights."""
    if numbers is None:
        return 0.0
    units = numbers.tables.units.T if turned else numbers.tables.units
    return float(units.given[panel.given_categories.index(cell.given)])


def _why_withheld(panel: Panel, cell: Cell, minimum: int | None) -> str:
    which = "both categories" if cell.state == "withheld" else "only one of the two categories, or neither"
    least = f"at least {minimum} needed (disclosure.minimum)"
    return f"withheld for confidentiality: too few {panel.unit.plural} have {which}; {least}"


def _why(part: Part, panel: Panel, cell: Cell, *, n_given: float) -> str:  # noqa: PLR0911 - one for each state
    """Return in words why a cell has its state."""
    if cell.state in WITHHELD and part.counted is not None:
        return _why_withheld(panel, cell, part.counted.coverage.minimum)
    if cell.n_given is None:
        return "a published value: nothing was counted" if cell.value is not None else "no value was published"
    units, groups = part.inference.minimum_units, part.inference.minimum_groups
    plural = panel.unit.plural
    if cell.state == "masked":
        return "both categories are one, of the same items: it holds whatever the data are"
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
