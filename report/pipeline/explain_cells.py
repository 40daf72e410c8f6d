"""Everything about one cell: how its numbers are made, which rules and units feed it, and which findings rest on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .. import formats
from ..cells import Cell, Panel
from ..config.loading import LoadedConfig
from ..contributors import Contribution
from ..document.compose import Written
from ..document.evidence import Calculation, cell_evidence
from ..document.material import Part
from ..ledger.export import ledger_of
from ..relations.meet import meet
from ..relations.settings import RelationSettings
from ..sources.opening import open_engine
from .counting import Counted, Numbers, compiled, read_entities
from .explain_examples import Examples, Inside, LabelUse, look_inside
from .explain_names import CellName


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
    units = numbers.tables.units.reversed() if turned else numbers.tables.units
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
