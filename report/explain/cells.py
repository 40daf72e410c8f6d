"""Everything about one cell: how its numbers are made, which labels and units feed it, which findings rest on it."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .. import formats
from ..cells import Cell, Panel
from ..config.loading import LoadedConfig
from ..coverage import Contribution
from ..document.compose import Written
from ..document.evidence import Calculation, cell_evidence
from ..document.material import Part
from ..ledger.contributions import Labels
from ..ledger.export import ledger_of
from ..ledger.held import Held, ends_of
from ..ledger.ledger import Axis, Ledger
from ..pipeline.counting import Counted, Numbers, compiled, read_entities
from ..relations.forms import RelationSettings
from ..relations.meet import meet
from ..sources.located import open_engine
from ..taxonomy.sets import Numbers as Indices
from ..taxonomy.sets import has, members

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

    `by` is "weight" (the heaviest), "seed" (a choice that rests on the seed and each id alone) or "all".
    """

    by: str
    seed: int | None
    n_units: int
    units: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class LabelUse:
    """A raw label that brings units of a cell a category on one side.

    `on_rows` says on which side of the relation; `n_touching` units have an item of that category with the label, of
    which `n_sole` would leave the cell if the label did not exist.
    """

    on_rows: bool
    label: str
    n_touching: int
    n_sole: int


@dataclass(frozen=True, slots=True)
class Inside:
    """What is in a cell: example units, and the labels that lead there, most units first on each side."""

    examples: Examples
    labels: tuple[LabelUse, ...]


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
        names = _identified(part, units)
        weights = None if part.weight is None else part.weight[units].tolist()
        best = _chosen(units.tolist(), names, weights, seed)
        chosen += [(place, name, _described(part, unit, places, turned=turned)) for place, name, unit in best]
        chosen = heapq.nsmallest(MOST_EXAMPLES, chosen, key=lambda one: one[:2])
    by = "all" if n_units <= MOST_EXAMPLES else "seed" if ledger.weight is None else "weight"
    if ledger.weight is None:
        chosen.sort(key=lambda one: one[1])
    examples = Examples(by, seed if by == "seed" else None, n_units, tuple(example for _, _, example in chosen))
    return Inside(examples, tuple(_labels(ledger, labels, sums, places)))


_Example = tuple[bytes | int, str, Example]
"""By what a unit is chosen, its name, and the unit."""


def _in_cell(ledger: Ledger, places: tuple[int, int]) -> Indices:
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


def _identified(ledger: Ledger, units: Indices) -> list[str]:
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


def _labels(
    ledger: Ledger, labels: Sequence[Labels], sums: Sequence[Indices], places: tuple[int, int]
) -> Iterator[LabelUse]:
    """Yield the labels that bring the cell's units its categories, most units first; of one entity twice, its rows."""
    every = zip((True, False), ledger.sides, labels, sums, places, strict=True)
    for on_rows, side, own, (touching, sole), place in every:
        told = [
            LabelUse(on_rows, side.found.names[own.candidates.name[q]], int(touching[q]), int(sole[q]))
            for q in np.flatnonzero(own.candidates.category == place).tolist()
            if touching[q]
        ]
        yield from sorted(told, key=lambda use: (-use.n_touching, -use.n_sole, use.label))


@dataclass(frozen=True, slots=True)
class CellName:
    """A cell of a panel by its categories."""

    panel: str
    given: str
    outcome: str

    @property
    def pair(self) -> tuple[str, str]:
        """The two categories."""
        return self.given, self.outcome


@dataclass(frozen=True, eq=False)
class Numbered:
    """A config with all its numbers and the parts of the report that say them."""

    loaded: LoadedConfig
    counted: Counted
    panels: Mapping[str, Panel]
    written: tuple[Written, ...]


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


def tell_cell(name: CellName, numbered: Numbered) -> CellTold:
    """Return everything about a cell; its units are read from the data anew."""
    loaded, counted = numbered.loaded, numbered.counted
    panel = numbered.panels[name.panel]
    cell = panel.cell(name.given, name.outcome)
    w = next(w for w in numbered.written if any(shown.id == panel.id for shown in w.part.panels))
    relation = loaded.config.relation(panel.relation)
    numbers = counted.relations.get(panel.relation)
    turned = numbers is not None and panel.given != numbers.tables.incidence.rows.kind
    empty = numbers is None or cell.state == "masked" or not cell.n_joint
    parts = () if numbers is None else _parts(numbers.contributors.cells, cell, turned=turned)
    inside = None if empty else _inside(loaded, relation, panel, cell, turned=turned)
    uses = () if inside is None else inside.labels
    return CellTold(
        panel=panel,
        cell=cell,
        why=_why(w.part, panel, cell, n_given=_n_given(numbers, panel, cell, turned=turned)),
        calculations=cell_evidence(w.part, panel, cell, w.writer),
        rules=tuple(_rules(uses, relation, counted, panel, cell, turned=turned)),
        contributors=tuple(part for part in parts if part.by != "label"),
        examples=None if inside is None else inside.examples,
        findings=tuple(
            finding.id
            for finding in w.part.findings
            if not finding.null and any((r.panel, r.given, r.outcome) == (panel.id, *name.pair) for r in finding.cells)
        ),
    )


def _parts(cells: Sequence[Contribution], cell: Cell, *, turned: bool) -> tuple[Contribution, ...]:
    pair = (cell.outcome, cell.given) if turned else (cell.given, cell.outcome)
    return tuple(part for part in cells if (part.row, part.column) == pair)


def _rules(
    uses: Sequence[LabelUse], relation: RelationSettings, counted: Counted, panel: Panel, cell: Cell, *, turned: bool
) -> Iterator[RuleCount]:
    """Yield the labels that bring units to a cell with their rules, those of the given side first, most units first."""
    for side, kind, category in (("given", panel.given, cell.given), ("outcome", panel.outcome, cell.outcome)):
        on_rows = (side == "given") != turned
        if not uses:
            return
        rules = _rules_of(relation, counted, panel.relation, is_row=on_rows)
        for use in uses:
            if use.on_rows == on_rows:
                filed, rule = rules.get(use.label, ((), ""))
                told = rule if category in filed else f"{rule}, then by a derived category"
                yield RuleCount(side, kind.name, use.label, told, use.n_touching, use.n_sole)


def _rules_of(
    relation: RelationSettings, counted: Counted, name: str, *, is_row: bool
) -> dict[str, tuple[tuple[str, ...], str]]:
    """Return label -> the categories it is filed under and by which rule, of one side of a relation."""
    place = 0 if is_row else 1
    if relation.links is not None:
        entity = (relation.links.from_.entity, relation.links.to.entity)[place]
        found = counted.labels[entity]
    elif relation.shared is not None:
        found = counted.labels[relation.shared.entities[place]]
    else:
        side = ("rows", "columns")[place]
        found = tuple(label for label in counted.relations[name].labels if label.kind == side)
    return {label.label: (label.categories, label.rule) for label in found}


def _inside(loaded: LoadedConfig, relation: RelationSettings, panel: Panel, cell: Cell, *, turned: bool) -> Inside:
    """Return what is in a cell, read from the data anew."""
    config = loaded.config
    taxonomies = compiled(config)
    engine = open_engine(config.engine)
    try:
        items = read_entities(config, taxonomies, engine, loaded.folder)
        ledger = ledger_of(meet(panel.relation, relation, items, taxonomies, engine, loaded.folder), engine)
        return look_inside(ledger, cell.given, cell.outcome, config.inference.seed, turned=turned)
    finally:
        engine.close()


def _n_given(numbers: Numbers | None, panel: Panel, cell: Cell, *, turned: bool) -> float:
    """Return how many units have the given category, whatever their weights."""
    if numbers is None:
        return 0.0
    units = numbers.tables.units.T if turned else numbers.tables.units
    return float(units.given[panel.given_categories.index(cell.given)])


def _why(part: Part, panel: Panel, cell: Cell, *, n_given: float) -> str:
    """Return in words why a cell has its state."""
    if cell.n_given is None:
        return "a published value: nothing was counted" if cell.value is not None else "no value was published"
    units, groups = part.inference.minimum_units, part.inference.minimum_groups
    plural = panel.unit.plural
    if cell.state == "masked":
        return "both categories are one, of the same items: it holds whatever the data are"
    if cell.state == "no_given":
        return f"no {panel.unit.singular} has the given category"
    if cell.state == "no_outcome":
        return f"no {panel.unit.singular} has the outcome category"
    told = f"{formats.count(n_given)} {formats.plural(n_given, f'{panel.unit.singular} has', f'{plural} have')}"
    needed = f"{told} the given category, at least {units} needed (minimum_units)"
    if cell.effective_groups is None:
        return needed
    return f"{needed}; in {cell.effective_groups:.1f} effective groups, at least {groups} needed (minimum_groups)"
