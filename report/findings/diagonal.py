"""The diagonal: leading diagonal cells, named off-diagonal cells, isolated categories and evenly distributed ones.

Isolated categories are distinguished from categories observed in a single stratum only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from ..arrays import Bools
from ..cells import FAINT, NUMBERED, TESTED, WITHHELD, Cell, Estimate, Panel
from ..incidence import IF_SET
from . import MIN_EXPECTED
from .finding import Finding, KeyNumber, Study, slug
from .statements import FindingKind

_MIN_SHARE = 0.25
"""The smallest off-diagonal share that the text names."""

_ISOLATED = 0.99
"""The self share from which a category is isolated."""

NAMED = 6
"""The number of off-diagonal cells that the text names. Only these are statements."""


@dataclass(frozen=True, kw_only=True)
class Diagonal(Finding):
    """The measured rows of one panel: `leading` diagonal cells, highest first, and the rows that another cell leads.

    `others` are the leading cells of rows whose diagonal is not the highest. `tied` are the rows in which several cells
    have the highest value, so that none leads.
    """

    kind = "diagonal"
    place = None
    panel: str
    leading: tuple[Cell, ...]
    others: tuple[Cell, ...]
    tied: tuple[str, ...] = field(default=(), metadata=IF_SET)

    @property
    def n_rows(self) -> int:
        """The number of rows whose largest cell is known."""
        return len(self.leading) + len(self.others) + len(self.tied)

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        names = tuple(cell.given for cell in self.leading)
        return KeyNumber(names, Estimate(len(self.leading) / max(self.n_rows, 1)))


def find_diagonal(study: Study) -> list[Diagonal]:
    """Return one finding for each conditional panel with one taxonomy and a measured row."""
    found = []
    for panel in study.panels:
        if not study.diagonal or panel.measure.name != "conditional":
            continue
        best = [_best(panel, name) for name in panel.given_categories]
        measured = [panel.cells[places[0]] for places in best if len(places) == 1]
        tied = tuple(name for name, places in zip(panel.given_categories, best, strict=True) if len(places) > 1)
        if measured or tied:
            found.append(_diagonal(panel, measured, tied))
    return found


def _diagonal(panel: Panel, best: list[Cell], tied: tuple[str, ...]) -> Diagonal:
    leading = sorted((cell for cell in best if cell.given == cell.outcome), key=lambda cell: -(cell.value or 0))
    others = [cell for cell in best if cell.given != cell.outcome]
    return Diagonal(
        id=f"diagonal.{panel.id}",
        panel=panel.id,
        cells=panel.refs((*leading, *others)),
        leading=tuple(leading),
        others=tuple(others),
        tied=tied,
    )


def _best(panel: Panel, given: str) -> list[int]:
    """Return the places of the highest measured cell of a row, several in a tie, or none if no cell has a unit.

    Also none if a cell with nearly all units is withheld, because that cell is the highest, and if the highest cell is
    too uncertain to be named.
    """
    row, value, state = panel.places(given), panel.column("value"), panel.column("state")
    if any(state[place] == "withheld_rest" for place in row):
        return []
    there = [place for place in row if state[place] in TESTED and value[place]]
    most = max((value[place] for place in there), default=0)
    best = [place for place in there if value[place] == most]
    return best if all(state[place] == "measured" for place in best) else []


@dataclass(frozen=True, kw_only=True)
class OffDiagonal(Finding):
    """The measured off-diagonal cells of a conditional panel from `threshold` on, highest first.

    If the axes use different taxonomies, every measured cell counts. `n_below` are the other measured cells with any
    unit. `n_few` are the cells from `threshold` on with too few units or too much uncertainty, and all cells withheld
    for confidentiality. `largest` is the largest cell if none is listed, or empty.
    """

    kind = "crossings"
    place = None
    thresholds = (("min_share", _MIN_SHARE),)
    panel: str
    threshold: float
    listed: tuple[Cell, ...]
    n_below: int
    n_few: int = 0
    largest: tuple[Cell, ...] = ()

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        if not self.listed:
            return KeyNumber((), None)
        cell = self.listed[0]
        return KeyNumber((cell.given, cell.outcome), cell.estimate)


def find_crossings(study: Study) -> list[OffDiagonal]:
    """Return one finding for each conditional panel."""
    found = []
    threshold = _MIN_SHARE
    for panel in study.panels:
        if panel.measure.name != "conditional":
            continue
        values, states = panel.column("value"), panel.column("state")
        alike = zip(panel.column("given"), panel.column("outcome"), strict=True)
        apart = (not panel.same_taxonomy or given != outcome for given, outcome in alike)
        there = [place for place, (value, is_apart) in enumerate(zip(values, apart, strict=True)) if value and is_apart]
        often = [place for place in there if values[place] >= threshold]
        shown = sorted((place for place in often if states[place] == "measured"), key=lambda place: -values[place])
        listed = [panel.cells[place] for place in shown]
        below = [place for place in there if states[place] == "measured"]
        largest = [] if shown else [panel.cells[place] for place in sorted(below, key=lambda place: -values[place])[:1]]
        found.append(
            OffDiagonal(
                id=f"crossings.{panel.id}",
                null=not listed,
                panel=panel.id,
                cells=panel.refs(listed or largest),
                threshold=threshold,
                listed=tuple(listed),
                n_below=len(below) - len(listed),
                n_few=sum(states[place] in FAINT for place in often) + _n_withheld(panel),
                largest=tuple(largest),
            )
        )
    return found


def _n_withheld(panel: Panel) -> int:
    """Return the number of withheld off-diagonal cells of a panel. Any of them may be larger than a shown cell."""
    of_cells = zip(*map(panel.column, ("state", "given", "outcome")), strict=True)
    return sum(state in WITHHELD and (not panel.same_taxonomy or a != b) for state, a, b in of_cells)


DIAGONAL = FindingKind(Diagonal, find_diagonal)
CROSSINGS = FindingKind(OffDiagonal, find_crossings)


_LOW, _HIGH = 0.8, 1.25
"""Odds ratios between these values are equivalent to 1."""
_LEAST_OUTCOMES = 3
_UNTESTED = 0.1


@dataclass(frozen=True, kw_only=True)
class Isolation(Finding):
    """A category with no off-diagonal unit (or almost none), on either side.

    `self_share` is the share of units with only this category on both sides, of all units with it on either side.
    `stratum` is the single stratum level of all its units, if strata are declared and there is only one.
    `stratum_alone` means that this level has units of no other category, so the category and the level cannot be
    distinguished.
    """

    kind = "isolation"
    place = "pairs"
    thresholds = (("isolated", _ISOLATED),)
    category: str
    n: float
    self_share: float
    stratum: str | None
    stratum_alone: bool

    def leads(self) -> bool:
        """Return whether it can be judged. If its stratum has no other category, it is a limitation."""
        return not self.stratum_alone

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        about, share = (self.category,) if self.category else (), None if self.null else Estimate(self.self_share)
        return KeyNumber(about, share)


def find_isolation(study: Study) -> list[Isolation]:
    """Return a finding for each measured category that is isolated, or a null finding if none is.

    Categories with withheld cells have no finding, and then there is no null finding either.
    """
    if not study.diagonal:
        return []
    hidden = {int(i) for of_side in np.nonzero(study.withheld) for i in of_side}
    found = [
        isolation
        for i, name in enumerate(study.rows)
        if i not in hidden  # units with this and another category may be withheld
        and study.panels[0].cell(name, name).state in NUMBERED
        and (isolation := _isolation(study, i)) is not None
    ]
    if hidden:
        return found
    return found or [
        Isolation(id="isolation", null=True, category="", n=0, self_share=0, stratum=None, stratum_alone=False)
    ]


def self_share(study: Study, category: str) -> float | None:
    """Return the share of units with only this category on both sides, of all units with it on either side.

    None if fewer than `minimum_units` have it.
    """
    incidence = study.tables.incidence
    (rows, columns), i = incidence.distinct_sets, study.rows.index(category)
    has = np.maximum(rows[:, i], columns[:, i])
    if has @ incidence.by_distinct(incidence.units.astype(np.float64)) < study.inference.minimum_units:
        return None
    both = rows[:, i] * columns[:, i] * (rows.sum(axis=1) == 1) * (columns.sum(axis=1) == 1)
    weight = incidence.by_distinct(incidence.weight)
    return float(both @ weight) / float(has @ weight)


def _isolation(study: Study, i: int) -> Isolation | None:
    """Return the finding about one category, or None if it is not isolated."""
    incidence, share = study.tables.incidence, self_share(study, study.rows[i])
    if share is None or share < _ISOLATED:
        return None
    has = incidence.row_sets[:, i] | incidence.column_sets[:, i]
    n = float(has @ incidence.weight)
    levels = np.unique(incidence.stratum[has])
    single = incidence.stratum_names != () and len(levels) == 1
    inside = incidence.stratum == levels[0]
    others = (incidence.row_sets | incidence.column_sets)[inside & ~has].any()
    name = study.rows[i]
    return Isolation(
        id=f"isolation.{slug(name)}",
        cells=study.refs(name, name),
        category=name,
        n=n,
        self_share=share,
        stratum=incidence.strata[levels[0]] if single else None,
        stratum_alone=bool(single and not others),
    )


@dataclass(frozen=True, kw_only=True)
class Spread(Finding):
    """A given category of the first panel that is equivalent to all other units: it follows the overall distribution.

    Two one-sided tests (Schuirmann 1987) of every outcome's odds ratio against 0.8 and 1.25, within strata if they are
    declared. All tests must reject, so no correction for their number is needed. `lowest` and `highest` are the extreme
    ends of the `n_outcomes` confidence intervals (90% if `inference.level` is 95%). Outcomes that cannot be tested have
    at most a tenth of the category's units, and no pair of the category differs from chance.
    """

    kind = "spread"
    place = "structure"
    thresholds = (("expected", MIN_EXPECTED),)
    panel: str
    category: str
    lowest: float
    highest: float
    n_outcomes: int

    def number(self) -> KeyNumber:
        """Return the end that is further from 1, with both ends as an interval."""
        further = max((self.lowest, self.highest), key=lambda ratio: abs(math.log(max(ratio, 1e-300))))
        return KeyNumber((self.category,), Estimate(further, self.lowest, self.highest))


def find_spread(study: Study) -> list[Spread]:
    """Return a finding for each such category, if the axes use different taxonomies."""
    if study.tables.same_taxonomy:
        return []
    panel, tables, inference = study.panels[0], study.tables, study.inference
    ends = tables.odds.ends(2 * inference.level - 1)  # each end is the end of a one-sided test
    low, high = (study.as_shown(panel, end) for end in (ends.low, ends.high))
    differs = study.as_shown(panel, _differs(study))
    states = np.array(panel.column("state")).reshape(low.shape)
    tested = (states == "measured") & (study.as_shown(panel, study.expected) >= MIN_EXPECTED)
    joint, hidden = study.as_shown(panel, study.joint), study.as_shown(panel, study.withheld)
    found = []
    for place, name in enumerate(panel.given_categories):
        own = tested[place]
        if own.sum() < _LEAST_OUTCOMES or differs[place].any() or hidden[place].any():
            continue
        lowest, highest = float(low[place, own].min()), float(high[place, own].max())
        untested = float(joint[place, ~own].sum())
        if lowest >= _LOW and highest <= _HIGH and untested <= _UNTESTED * float(joint[place].sum()):
            found.append(
                Spread(
                    id=f"spread.{slug(name)}",
                    panel=panel.id,
                    cells=panel.refs(panel.row(name)),
                    category=name,
                    lowest=lowest,
                    highest=highest,
                    n_outcomes=int(own.sum()),
                )
            )
    return found


def _differs(study: Study) -> Bools:
    """Return the pairs (R, C) that differ from chance, or between strata."""
    tables, inference = study.tables, study.inference
    with np.errstate(invalid="ignore"):
        found: Bools = tables.q_values(inference) <= inference.fdr
        return found | (tables.p_homogeneity(inference) <= inference.fdr) if tables.stratified else found


ISOLATION = FindingKind(Isolation, find_isolation)
SPREAD = FindingKind(Spread, find_spread)
