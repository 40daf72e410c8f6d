"""Find gradients: a share that rises or falls along ordered categories, such as ages or answers from never to always.

A gradient is reported if the test of trend is significant among all tested trends (Holm), if no single step between two
neighbours accounts for it, if no step goes clearly the other way, and if no stratum with enough data does. Somers' d is
its size. If both sides are ordered, one gradient describes both, with Goodman and Kruskal's gamma.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np

from ..arrays import Bools, Floats, Ints
from ..cells import TESTED, Estimate
from ..inference.laws import of_family
from ..inference.trends import Coefficient, OrdinalPair, Trend, trend, trend_test, value_of
from .finding import Finding, KeyNumber, Study, slug
from .statements import Account, FindingKind

Side = Literal["rows", "columns"]
_OTHER: dict[Side, Side] = {"rows": "columns", "columns": "rows"}

_FEWEST = 3
"""Minimum number of categories in order with enough data."""
_AGAINST = 4
"""One step may go the other way, within its error, for each full set of this many steps."""
_ENOUGH = 5
"""A stratum has enough data from this multiple of `minimum_units` units."""
_CONTRARY = 0.1
"""The two-sided p at which a step, or a small stratum, clearly goes the other way."""
_FAR = 0.2
"""The smallest adjusted p-value from which a trend is far from significant."""
_SEVERAL = 0.01
"""The largest share of units with several of the ordered categories. Such units are left out of the trend."""
_GAMMA = (
    "Goodman & Kruskal (1963), Measures of association for cross classifications III. "
    "Journal of the American Statistical Association 58, 310-364"
)
_SOMERS = (
    "Somers (1962), A new asymmetric measure of association for ordinal variables. "
    "American Sociological Review 27, 799-811"
)
_NO = frozenset({"no", "0", "false", "n", "nein", "non"})


@dataclass(frozen=True, slots=True)
class GradientStep:
    """One of the ordered categories: `n_joint` of its `n_given` units have the outcome."""

    category: str
    n_joint: float
    n_given: float

    @property
    def share(self) -> float:
        """The share of the units that have the outcome."""
        return self.n_joint / self.n_given


@dataclass(frozen=True, kw_only=True)
class Gradient(Finding):
    """The share of units with the `outcome` changes in one direction over the ordered categories of `side`.

    `steps` are the ordered categories with enough units, and `n_against` the number of steps against the direction.
    `effect` is the `coefficient`: Somers' d of the outcome, or gamma if both sides are ordered (then `outcome` is the
    first or last category of the other side). With strata, the effect is pooled over them, and all `n_informative`
    strata with enough data have its direction. `p` is the p-value of the test of trend, adjusted for `n_tested` trends.
    Null if sides are ordered and no trend is reported. `p` is then the smallest adjusted p-value of any trend along
    `side`, 1 if there is none.
    """

    kind = "gradient"
    place = "order"
    side: Side
    outcome: str
    coefficient: Coefficient
    steps: tuple[GradientStep, ...]
    n_against: int
    effect: Estimate
    p: float
    n_tested: int
    stratified: bool = False
    n_informative: int = 0

    @property
    def is_absent(self) -> bool:
        """Whether no trend is reported and none is nearly significant, so that the report may say so."""
        return self.null and self.n_tested > 0 and self.p > _FAR

    @property
    def rises(self) -> bool:
        """Whether the share is larger in later categories; False if no trend is reported."""
        return bool(self.steps) and self.steps[-1].share > self.steps[0].share

    def details(self) -> tuple[str, ...]:
        """Return the blocks that never appear on the first page."""
        return ("effect",)

    def cites(self) -> tuple[str, ...]:
        """Return the publications of its methods."""
        return () if self.null else (_GAMMA if self.coefficient == "gamma" else _SOMERS,)

    def number(self) -> KeyNumber:
        """Return the key number of the finding: the coefficient."""
        if self.null:
            return KeyNumber((), None)
        return KeyNumber((self.outcome,), self.effect)


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A trend to test: of an outcome (its number on the other side) over a side, or of both ordered sides (None)."""

    study: Study
    side: Side
    outcome: int | None

    @property
    def coefficient(self) -> Coefficient:
        return "somers_d" if self.outcome is not None else "gamma"

    @cached_property
    def pair(self) -> OrdinalPair:
        incidence = self.study.tables.incidence
        other = _sets(self.study, _OTHER[self.side])
        first = _steps(_sets(self.study, self.side), _places(self.study, self.side))
        if self.outcome is not None:
            second = other[:, self.outcome].astype(np.int64)
        else:
            second = _steps(other, _places(self.study, _OTHER[self.side]))
        return OrdinalPair(incidence, first, second, incidence.stratum)

    @cached_property
    def found(self) -> Trend | None:
        """The trend, or None if there is nothing to compare."""
        return trend(self.pair, self.coefficient, self.study.inference.level)

    @property
    def places(self) -> list[int]:
        """The ordered categories with enough units, by their places on the side."""
        counts = self.study.tables.units
        n = counts.given if self.side == "rows" else counts.outcome
        states = _states(self.study, self.side)
        return [k for k in _places(self.study, self.side) if n[k] >= self.study.inference.minimum_units and states[k]]

    def steps(self, outcome: int) -> tuple[GradientStep, ...]:
        """Return the shares of an outcome, by its place, in the ordered categories with enough units."""
        study, counts = self.study, self.study.tables.counts
        names, given, joint = study.rows, counts.given, counts.joint
        if self.side == "columns":
            names, given, joint = study.columns, counts.outcome, joint.T
        return tuple(GradientStep(names[k], float(joint[k, outcome]), float(given[k])) for k in self.places)

    def shown_outcome(self) -> int:
        """Return the outcome whose shares are reported: its own, or the end of the other order that changes more."""
        if self.outcome is not None:
            return self.outcome
        ends = [_places(self.study, _OTHER[self.side])[end] for end in (-1, 0)]
        return max(ends, key=lambda k: abs((steps := self.steps(k))[-1].share - steps[0].share))


def find(study: Study) -> list[Gradient]:
    """Return the gradients, the smallest p first, or a null finding if no trend over an ordered side is reported.

    There is no finding without an ordered side of three categories or more, or if both axes have one taxonomy.
    """
    candidates = list(_candidates(study))
    if not candidates:
        return []
    tested = [one for one in candidates if one.found is not None]
    p = of_family(np.array([one.found.p for one in tested if one.found is not None]))
    found = [
        gradient
        for one, adjusted in zip(tested, p.tolist(), strict=True)
        if adjusted <= study.inference.fdr and (gradient := _gradient(one, adjusted, len(tested))) is not None
    ]
    found.sort(key=lambda one: (one.p, -abs(one.effect.value)))
    side = candidates[0].side
    if found:
        return found
    none = Gradient(
        id="gradient",
        null=True,
        side=side,
        outcome="",
        coefficient="somers_d",
        steps=(),
        n_against=0,
        effect=Estimate(0.0),
        p=_smallest_p(study, candidates),
        n_tested=len(tested),
    )
    return [none]


def _smallest_p(study: Study, candidates: list[_Candidate]) -> float:
    """Return the smallest adjusted p-value of the candidates and of the share of each outcome along the first side.

    If both sides are ordered, the candidate is their common trend, which a share can lack or contradict.
    """
    side = candidates[0].side
    names = study.columns if side == "rows" else study.rows
    shares = [_Candidate(study, side, k) for k, name in enumerate(names) if name not in study.leftover]
    every = [*candidates, *(shares if candidates[0].outcome is None else ())]
    p = [one.found.p for one in every if one.found is not None]
    return float(of_family(np.array(p)).min()) if p else 1.0


def _candidates(study: Study) -> Iterator[_Candidate]:
    incidence = study.tables.incidence
    if incidence.same_taxonomy or incidence.withheld is not None:
        return
    given = "columns" if study.is_turned(study.panels[0]) else "rows"
    sides: tuple[Side, ...] = ("rows", "columns") if given == "rows" else ("columns", "rows")
    able = [side for side in sides if _is_able(study, side)]
    if len(able) == 2:
        yield _Candidate(study, able[0], None)
        return
    for side in able:
        names = study.columns if side == "rows" else study.rows
        sets = _sets(study, _OTHER[side])
        outcomes = [k for k, name in enumerate(names) if name not in study.leftover and sets[:, k].any()]
        if len(outcomes) == 2 and (sets.sum(axis=1) <= 1).all():  # the second share is one minus the first
            outcomes = [next((k for k in outcomes if names[k].casefold() not in _NO), outcomes[0])]
        yield from (_Candidate(study, side, k) for k in outcomes)


def _is_able(study: Study, side: Side) -> bool:
    """Return whether a side is ordered, with enough categories, and nearly no unit has several of them."""
    places = _places(study, side)
    if len(places) < _FEWEST or len(_Candidate(study, side, 0).places) < _FEWEST:
        return False
    n = _sets(study, side)[:, places].sum(axis=1)
    units = study.tables.incidence.units
    return float(units[n > 1].sum()) <= _SEVERAL * float(units[n > 0].sum())


def _sets(study: Study, side: Side) -> Bools:
    incidence = study.tables.incidence
    return incidence.row_sets if side == "rows" else incidence.column_sets


def _places(study: Study, side: Side) -> list[int]:
    """Return the places of the ordered categories of a side, in order."""
    incidence = study.tables.incidence
    of = incidence.rows if side == "rows" else incidence.columns
    return [of.categories.index(name) for name in of.ordered or () if name in of.categories]


def _steps(sets: Bools, places: list[int]) -> Ints:
    """Return the step (p,) of each pattern in the order of `places`, -1 for none or several."""
    own = sets[:, places]
    return np.where(own.sum(axis=1) == 1, own.argmax(axis=1), -1)


def _states(study: Study, side: Side) -> list[bool]:
    """Return for each category of a side whether a panel that conditions on it has enough data, or True without one."""
    names = study.rows if side == "rows" else study.columns
    for panel in study.panels:
        if study.is_turned(panel) == (side == "columns"):
            states, n = panel.column("state"), len(panel.outcome_categories)
            own = {name: states[k * n : (k + 1) * n] for k, name in enumerate(panel.given_categories)}
            return [any(state in TESTED for state in own.get(name, ())) for name in names]
    return [True] * len(names)


def _gradient(one: _Candidate, p: float, n_tested: int) -> Gradient | None:
    """Return the gradient of a significant trend, or None if its steps or strata do not support it."""
    study, found, outcome = one.study, one.found, one.shown_outcome()
    if found is None or found.coefficient.low is None:
        return None
    sign = np.sign(found.coefficient.value)
    steps = one.steps(outcome)
    # The end category that is shown may be the lowest of the other order, whose share changes the other way.
    shown = sign * (-1 if one.outcome is None and outcome == _places(study, _OTHER[one.side])[0] else 1)
    differences = np.diff([step.share for step in steps])
    n_against = int((shown * differences <= 0).sum())
    n_informative = _n_agreeing(one, sign)
    if (
        shown * (steps[-1].share - steps[0].share) <= 0
        or n_against > len(differences) // _AGAINST
        or n_informative is None
        or not _is_gradual(one, sign)
        or _has_clear_reversal(one, sign)
    ):
        return None
    names = study.columns if one.side == "rows" else study.rows
    refs = (study.refs(*_in_rows(one.side, step.category, names[outcome])) for step in steps)
    return Gradient(
        id=f"gradient.{one.side}.{slug(names[outcome])}",
        cells=tuple(ref for of_pair in refs for ref in of_pair),
        side=one.side,
        outcome=names[outcome],
        coefficient=one.coefficient,
        steps=steps,
        n_against=n_against,
        effect=found.coefficient,
        p=p,
        n_tested=n_tested,
        stratified=study.tables.stratified,
        n_informative=n_informative,
    )


def _in_rows(side: Side, own: str, other: str) -> tuple[str, str]:
    """Return the row and the column category of a pair."""
    return (own, other) if side == "rows" else (other, own)


def _is_gradual(one: _Candidate, sign: float) -> bool:
    """Return whether the trend remains within the categories on either side of each cut, so that no step makes it."""
    last = int(one.pair.first.max())
    tests = (trend_test(one.pair.split(cut)) for cut in range(last))
    return all(score * sign > 0 and p <= one.study.inference.fdr for score, p in tests)


def _has_clear_reversal(one: _Candidate, sign: float) -> bool:
    """Return whether a step between two neighbours with enough units clearly goes against the trend."""
    order = _places(one.study, one.side)
    steps = [order.index(k) for k in one.places]
    for low, high in pairwise(steps):
        first = np.where(np.isin(one.pair.first, (low, high)), one.pair.first, -1)
        pair = OrdinalPair(one.pair.incidence, first, one.pair.second, one.pair.strata)
        score, p = trend_test(pair)
        if score * sign < 0 and p <= _CONTRARY:
            return True
    return False


def _n_agreeing(one: _Candidate, sign: float) -> int | None:
    """Return how many strata have enough data, all of them in the direction of the trend, or None if one is not.

    A smaller stratum counts against the trend only if it clearly goes the other way. 0 without strata.
    """
    study, pair, there = one.study, one.pair, one.pair.there
    if not study.tables.stratified:
        return 0
    shape = len(pair.incidence.strata), int(pair.first.max()) + 1, int(pair.second.max()) + 1
    tables = np.zeros(shape)
    np.add.at(tables, (pair.strata[there], pair.first[there], pair.second[there]), pair.incidence.weight[there])
    values = np.nan_to_num(value_of(tables, one.coefficient))
    n = np.bincount(pair.strata[there], pair.incidence.units[there], shape[0])
    minimum = study.inference.minimum_units
    enough = (n >= _ENOUGH * minimum) & (_varies(tables))
    if (sign * values[enough] <= 0).any():
        return None
    for small in np.flatnonzero(~enough & (n >= minimum) & (sign * values < 0)):
        own = np.where(pair.strata == small, pair.first, -1)
        score, p = trend_test(OrdinalPair(pair.incidence, own, pair.second, pair.strata))
        if score * sign < 0 and p <= _CONTRARY:
            return None
    return int(enough.sum())


def _varies(tables: Floats) -> Bools:
    """Return which tables (S, K, L) have several rows and several columns."""
    return np.asarray(((tables.sum(axis=2) > 0).sum(axis=1) > 1) & ((tables.sum(axis=1) > 0).sum(axis=1) > 1))


def _accounts(finding: Gradient, study: Study) -> Iterator[Account]:
    """Yield the pairs of the ordered categories with the outcome, or with everything if both sides are ordered."""
    pairs = np.zeros(study.joint.shape, dtype=np.bool_)
    own, other = _places(study, finding.side), _OTHER[finding.side]
    names = study.columns if finding.side == "rows" else study.rows
    outcomes = [k for k, name in enumerate(names) if name not in study.leftover]
    if finding.coefficient == "gamma":
        outcomes = _places(study, other)
    elif len(outcomes) > 2:
        outcomes = [names.index(finding.outcome)]
    pairs[np.ix_(own, outcomes) if finding.side == "rows" else np.ix_(outcomes, own)] = True
    yield Account(finding.id, pairs)


KIND = FindingKind(Gradient, find, _accounts)
