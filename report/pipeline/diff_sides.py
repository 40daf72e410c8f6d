"""The two builds that are compared, each with its config; and the tables of all mixtures of both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..config.loading import load_text
from ..history.causes import DATA, SETTINGS, TAXONOMY
from ..inference.states import states
from ..ledger.item_types import ItemTypes, filed
from ..measures import MEASURES, Measure
from ..panels import Tables, tables_of
from .counting import compiled, used_entities

if TYPE_CHECKING:
    from pydantic import JsonValue

    from ..config.model import Config
    from ..history.snapshot import KeptCell, KeptRelation, Snapshot
    from ..incidence import Incidence
    from ..taxonomy.compile import Taxonomy

Cells = dict[tuple[str, str], tuple[float | None, str]]
"""(given, outcome) -> value and state."""

New = frozenset[str]
"""The causes that are as in the new build; the others are as in the old one."""

_WORDS = {"label", "inverse_label", "counting"}
"""Settings of a relation that do not decide which units there are."""

_ITEM_WORDS = {"label", "plural", "taxonomy"}
_SOURCES = {"source"}


@dataclass(frozen=True, eq=False)
class Side:
    """One build: its snapshot, what it is called, and its config."""

    name: str
    snapshot: Snapshot
    config: Config
    taxonomies: Mapping[str, Taxonomy]

    def relation(self, name: str) -> KeptRelation | None:
        """Return a relation with counts, None where there is none."""
        return next((one for one in self.snapshot.body.relations if one.name == name), None)

    def cells(self, panel: str) -> dict[tuple[str, str], KeptCell]:
        """Return the cells of a panel as they were published; none where there is no such panel."""
        found = (one for one in self.snapshot.head.panels if one.id == panel)
        return {(c.given, c.outcome): c for one in found for c in one.cells}


def side_of(name: str, snapshot: Snapshot) -> Side:
    """Return a build; ConfigError where its config says what this program does not know."""
    head = snapshot.head
    config = load_text(head.config.content, Path(f"{name}: {head.config.name}")).config
    return Side(name, snapshot, config, compiled(config))


@dataclass(frozen=True, eq=False)
class Mixtures:
    """One relation in both builds, and as it would be with some causes old and others new.

    `factors` are those that differ and can be told apart; `mixed` those that cannot: units are then other ones.
    """

    name: str
    old: Side
    new: Side
    factors: tuple[str, ...]
    mixed: tuple[str, ...]
    memo: dict[New, Tables] = field(default_factory=dict, repr=False)
    values: dict[tuple[str, New], Cells] = field(default_factory=dict, repr=False)

    def side(self, cause: str, new: New) -> Side:
        """Return the build that a cause is taken from."""
        return self.new if cause in new else self.old

    def cells(self, panel: str, new: New) -> Cells:
        """Return values and states of a panel in a mixture; a count as its share of all units."""
        if (panel, new) not in self.values:
            self.values[panel, new] = self._cells(panel, new)
        return self.values[panel, new]

    def _cells(self, panel: str, new: New) -> Cells:
        config = self.side(SETTINGS, new).config
        settings = config.panel(panel)
        tables = self.tables(new)
        reverse = settings.given != tables.incidence.rows.name
        m = tables.moments.reversed() if reverse else tables.moments
        units = tables.units.reversed() if reverse else tables.units
        measure = judged_measure(settings.measure)
        masked = tables.incidence.trivial_diagonal
        state = states(m, measure.info, units.given, config.inference, masked=masked)
        value = measure(*m.totals)
        given, outcome = units.given_side.categories, units.outcome_side.categories
        return {
            (a, b): (_number(value[i, j]) if state[i, j] in ("measured", "few") else None, str(state[i, j]))
            for i, a in enumerate(given)
            for j, b in enumerate(outcome)
        }

    def tables(self, new: New) -> Tables:
        """Return the tables of a mixture."""
        key = new & set(self.factors)
        if key not in self.memo:
            self.memo[key] = tables_of(self._incidence(key))
        return self.memo[key]

    def _incidence(self, new: New) -> Incidence:
        side = self.side(DATA, new)
        own = self.kept(side)
        fractional = self.kept(self.side(SETTINGS, new)).incidence.fractional
        like = replace(own.incidence, fractional=fractional)
        as_it_is = (DATA in new) == (TAXONOMY in new) or TAXONOMY not in self.factors
        if own.types is None or as_it_is:
            return like
        return filed(own.types, like, self.side(TAXONOMY, new).taxonomies)

    def kept(self, side: Side) -> KeptRelation:
        """Return the relation as one build counted it."""
        found = side.relation(self.name)
        if found is None:
            raise AssertionError("mixtures are of relations that both builds have")
        return found


def judged_measure(name: str) -> Measure:
    """Return the measure by which a change is judged: a count grows with the source, its share does not."""
    return MEASURES["share" if name == "count" else name]


def mixtures(name: str, old: Side, new: Side) -> Mixtures | None:
    """Return a relation in both builds; None where either does not count it."""
    before, after = old.relation(name), new.relation(name)
    if before is None or after is None:
        return None
    typed = before.types is not None and after.types is not None
    differs = [
        cause
        for cause, is_other in (
            (DATA, _data_differ(before, after)),
            (TAXONOMY, old.config.taxonomies != new.config.taxonomies),
            (SETTINGS, _settings(old, name) != _settings(new, name)),
        )
        if is_other
    ]
    if units_of(old.config, name) != units_of(new.config, name):
        inputs = {entry.sha256 for entry in old.snapshot.head.inputs} ^ {
            entry.sha256 for entry in new.snapshot.head.inputs
        }
        mixed = (*((DATA,) if inputs else ()), *(cause for cause in differs if cause == TAXONOMY), SETTINGS)
        return Mixtures(name, old, new, (), mixed)
    if not typed and DATA in differs and TAXONOMY in differs:
        return Mixtures(name, old, new, (), tuple(differs))
    return Mixtures(name, old, new, tuple(differs), ())


def units_of(config: Config, name: str) -> JsonValue:
    """Return the settings that decide which units there are, and what they have; another source is other data."""
    relation = config.relation(name).model_dump(mode="json", exclude=_WORDS)
    entities: dict[str, JsonValue] = {
        key: config.entity(key).model_dump(mode="json", exclude=_ITEM_WORDS) for key in used_entities(config)
    }
    return {"relation": _without_sources(relation), "entities": _without_sources(entities)}


def _without_sources(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _without_sources(part) for key, part in value.items() if key not in _SOURCES}
    return value


def _settings(side: Side, name: str) -> object:
    config = side.config
    panels = {panel.id: panel for panel in config.panels_of(name)}
    return config.relation(name).counting, config.inference, config.thresholds, panels


def _data_differ(old: KeptRelation, new: KeptRelation) -> bool:
    if old.types is None or new.types is None:
        return not _same_incidence(old.incidence, new.incidence)
    return not _same_types(old.types, new.types)


def _same_types(old: ItemTypes, new: ItemTypes) -> bool:
    names = ("row_set", "column_set", "stratum", "group", "units", "weight_parts")
    sides = [(one.labels, one.types, one.sets, one.n_items) for one in (old.rows, old.columns)]
    others = [(one.labels, one.types, one.sets, one.n_items) for one in (new.rows, new.columns)]
    levels = (old.strata, old.groups) == (new.strata, new.groups)
    return sides == others and levels and all(_same(getattr(old, n), getattr(new, n)) for n in names)


def _same_incidence(old: Incidence, new: Incidence) -> bool:
    names = ("row_sets", "column_sets", "stratum", "group", "units", "weight")
    levels = (old.strata, old.groups) == (new.strata, new.groups)
    return levels and all(_same(getattr(old, n), getattr(new, n)) for n in names)


def _same(old: object, new: object) -> bool:
    if old is None or new is None:
        return old is new
    return np.array_equal(np.asarray(old), np.asarray(new))


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
