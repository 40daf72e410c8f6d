"""The choice of statements: all that are tested together, the few that the report makes, and why not the others.

docs/statements.md describes the conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Literal

import numpy as np

from ..arrays import Bools, over
from ..ledger.coverage import Coverage
from ..stats.shares import (
    ALL,
    COLUMN,
    EVERY,
    HIT,
    MISSED,
    OUTCOME,
    WITH,
    WITHOUT,
    Shares,
    difference,
    false_discovery,
    quantile,
    share,
)
from . import Number, Statement, Table, rules
from .context import completed
from .measures import (
    again,
    agreement,
    direction,
    holds,
    isolation,
    mismatch,
    of_pair,
    only_here,
    trend,
    turn,
    weakest,
)
from .scope import (
    Answers,
    answers_of,
    contained_pairs,
    dependence,
    in_groups,
    in_strata,
    is_spread,
    limiting,
    longest_run,
    p_within,
    recounted,
    spans,
    survives_gaps,
    without_mirrors,
)

Reason = Literal[
    "told", "unclear", "small", "unsteady", "gaps", "strata", "depends", "one_end", "beside_trend", "not_new",
    "no_room", "mirror",
]  # fmt: skip
"""Whether a statement is reported ("told"), or the condition that it does not meet: its interval includes no effect, it
is not worth reporting, its sequence has no one direction, uneven coverage could make it, it is not clear within strata,
it depends on one group or label, it depends on the first or last category or on years in which an outcome begins or
ends, a trend covers it, an earlier statement covers it, the report has no room, or it equals another statement."""


@dataclass(frozen=True, eq=False)
class Input:
    """What statements of a relation are made from.

    `without` are tables without one item or label: the kind of thing left out ("item" or "label"), its name, and the
    table.
    `by_unit` are tables that count other units, by their plural. `role` is the role of the unit in the relation.
    `chosen_among` is the number of pairs of columns among which this one was chosen for its association, or None.
    """

    table: Table
    without: tuple[tuple[str, str, Table], ...] = ()
    by_unit: Mapping[str, Table] = field(default_factory=dict)
    coverage: Coverage | None = None
    role: str = "record"
    is_weighted: bool = False
    chosen_among: int | None = None


@dataclass(frozen=True, eq=False)
class Told:
    """The statements of a report on one relation.

    `lead` is the statement of the title, and `also` are further outcomes of its subject, or further trends. `findings`
    are one statement each, with further outcomes of its subject. `overall_rows` and `overall_columns` are the shares
    of all units on the explanatory and on the other side, None if they are not told. `tested` are all statements of the
    family, and `reasons` says of each key why it is reported or not. `alpha`: printed intervals of differences have the
    level 1 - alpha, so that they exclude 0 exactly if the statement is clear. `clear` are the differences for the
    table, in order of rank; `struck` and `uncovered` count those that strata and uneven coverage took away.
    `struck_by` says which strata: "stratum", "group" or both.
    """

    table: Table
    lead: Statement
    also: tuple[Statement, ...] = ()
    findings: tuple[tuple[Statement, ...], ...] = ()
    overall_rows: Statement | None = None
    overall_columns: Statement | None = None
    tested: tuple[Statement, ...] = ()
    reasons: Mapping[tuple[str, ...], Reason] = field(default_factory=dict)
    alpha: float = rules.FALSE_DISCOVERY
    clear: tuple[Statement, ...] = ()
    struck: int = 0
    struck_by: tuple[str, ...] = ()
    uncovered: int = 0
    missing: Statement | None = None
    few: Statement | None = None
    contained: Statement | None = None
    cell: Statement | None = None
    totals: Statement | None = None
    method: Statement = field(default_factory=lambda: Statement("method"))
    limits: tuple[Statement, ...] = ()

    def statements(self) -> Iterator[Statement]:
        """Yield all statements that the report makes, notes excluded, in order."""
        yield from (self.lead, *self.also, *(s for group in self.findings for s in group))
        for other in (self.overall_columns, self.overall_rows, self.cell, self.totals, self.missing, self.few,
                      self.contained, self.method, *self.limits):  # fmt: skip
            if other is not None:
                yield other


def tell(given: Input) -> Told:
    """Return the statements of a report on a relation."""
    table = given.table
    nested = contained_pairs(table)
    tested = _with_q([*_family(table, {*nested, *((b, a) for a, b in nested)})], table)
    clear = [one for one in tested if one.q <= rules.FALSE_DISCOVERY]
    alpha = rules.FALSE_DISCOVERY * max(len(clear), 1) / max(len(tested), 1)
    chosen = _Choice(given, tested, clear, alpha)
    told = chosen.same() if table.is_same else chosen.other()
    return completed(told, given, len(nested))


# The family


def _family(table: Table, nested: set[tuple[str, str]]) -> Iterator[Statement]:
    """Yield all statements that are tested together."""
    if table.undeclared:
        return
    names = [name for name in table.rows if name not in table.residual]
    if table.is_same and table.withheld is not None:  # the others would say what withheld cells hold
        yield from (one for one in (agreement(table),) if one is not None)
        return
    if table.is_same:
        found = [agreement(table), weakest(table), *(mismatch(table, name) for name in names if not table.ordered)]
        # of two categories, both directions differ exactly by the sizes
        found += [direction(table, one, other) for one, other in combinations(names, 2) if len(names) > 2]
        yield from (one for one in found if one is not None and one.certainty is not None)
        return
    outcomes = [name for name in table.columns if name not in table.residual]
    yield from _differences(table, nested)
    if table.ordered and not table.is_shared and table.withheld is None:
        brief = spans(table)
        for name in (name for name in outcomes if name not in brief):
            yield from (one for one in (trend(table, "", name), turn(table, "", name)) if one is not None)


def _differences(table: Table, nested: set[tuple[str, str]]) -> Iterator[Statement]:
    """Yield the differences of all pairs with enough units on both sides; of a kind with itself, one a pair."""
    totals = table.totals
    alike = np.array([table.alike[name] for name in table.columns])
    own, others = (share(totals, *line, alike) for line in ((HIT, WITH), (MISSED, WITHOUT)))
    every = share(totals, OUTCOME, EVERY)
    may = _enough(table, own) & _enough(table, others)
    brief = [*table.residual, *spans(table)]
    may &= ~np.isin(table.rows, [*table.residual])[:, None] & ~np.isin(table.columns, brief)[None, :]
    if table.withheld is not None:
        is_whole = np.isin(own.value, (0.0, 1.0)) | np.isin(others.value, (0.0, 1.0))
        touched = table.withheld.any(axis=1, keepdims=True) | table.withheld.any(axis=0)
        may &= ~table.withheld & ~(is_whole & touched)
    if table.is_shared:
        size = totals.first[1]  # of the row's category
        is_rarer = (size < size.T) | ((size == size.T) & (np.arange(len(size))[:, None] < np.arange(len(size))))
        may &= is_rarer
    p = difference(totals, own, others).p
    for i, j in np.argwhere(may).tolist():
        if (pair := (table.rows[i], table.columns[j])) in nested or np.isnan(p[i, j]):
            continue
        parts = (of.at(i, j) for of in (own, others, every))
        first, second, third = parts
        certainty = difference(totals.at(i, j), first, second)
        certainty.__dict__["p"] = p[i, j]  # solved for all pairs at once
        yield of_pair(*pair, first, second, third, certainty)


def _enough(table: Table, of: Shares) -> Bools:
    enough = of.units >= rules.FEWEST_UNITS
    return np.asarray(enough & (of.clusters >= table.minimum_groups) if table.is_clustered else enough)


def _with_q(tested: list[Statement], table: Table) -> tuple[Statement, ...]:
    """Return statements with q. The p of a difference is that within strata, if this is larger."""
    q = false_discovery(np.array([p_within(one, table) for one in tested], dtype=np.float64))
    return tuple(replace(one, q=float(value)) for one, value in zip(tested, q, strict=True))


def _struck(tested: tuple[Statement, ...]) -> list[Statement]:
    """Return the statements that would be clear without strata."""
    q = false_discovery(np.array([one.p for one in tested], dtype=np.float64))
    return [one for one, plain in zip(tested, q, strict=True) if plain <= rules.FALSE_DISCOVERY < one.q]


# Worth reporting


def is_worth(told: Statement, alpha: float) -> bool:
    """Return whether a difference is large enough to report: 10 points, or twofold and 5; clearly beyond one point."""
    size = abs(told.effect)
    if told.form != "difference":
        return size >= rules.LEAST_POINTS
    low, high = sorted((told.number("share"), told.number("other")))
    if max(told.number("count"), told.number("expected")) < rules.LEAST_COUNT:
        return False
    is_large = size >= rules.LEAST_POINTS or (size >= rules.LEAST_TWOFOLD and high >= 2 * low)
    return is_large and told.nearest(alpha) >= rules.SMALLEST_POINT


def _is_steady(told: Statement) -> bool:
    return told.form != "trend" or bool(told.numbers["is_monotone"])


class _Choice:
    """The choice of statements of one relation, with the reason of each."""

    def __init__(self, given: Input, tested: tuple[Statement, ...], clear: list[Statement], alpha: float) -> None:
        self.given, self.table, self.alpha = given, given.table, alpha
        self.tested, self.clear = tested, clear
        self.reasons: dict[tuple[str, ...], Reason] = {one.key: "unclear" for one in tested}
        self._failing: dict[tuple[str, ...], Statement | None] = {}
        self.answers = Answers()
        if given.coverage is not None:
            self.answers = answers_of(self.table, given.coverage, given.role)

    def _strike(self, those: Iterable[Statement], reason: Reason) -> None:
        self.reasons |= {one.key: reason for one in those}

    def _kept(self, those: Iterable[Statement], reason: Reason, kept: list[Statement]) -> list[Statement]:
        self._strike((one for one in those if all(one is not k for k in kept)), reason)
        return kept

    def _good(self) -> list[Statement]:
        """Return the clear statements that are worth reporting, and that uneven coverage and strata leave."""
        good = self.clear
        good = self._kept(good, "small", [one for one in good if is_worth(one, self.alpha)])
        good = self._kept(good, "unsteady", [one for one in good if _is_steady(one)])
        covered = [one for one in good if survives_gaps(one, self.table, self.answers, self.alpha)]
        self._strike((one for one in _struck(self.tested) if is_worth(one, rules.FALSE_DISCOVERY)), "strata")
        return self._kept(good, "gaps", covered)

    def depends(self, one: Statement) -> Statement | None:
        """Return the group, stratum or label without which a statement fails."""
        if one.key not in self._failing:
            self._failing[one.key] = dependence(one, self.table, self.alpha, self.given.without)
        return self._failing[one.key]

    def scoped(self, one: Statement) -> Statement:
        """Return a statement with its notes, the most limiting first."""
        notes = (
            self.depends(one),
            in_strata(one, self.table, self.alpha),
            recounted(one, self.given.by_unit) if one.form == "agreement" else None,
            only_here(one, self.table),
            in_groups(one, self.table),
        )
        return replace(one, notes=tuple(note for note in notes if note is not None))

    def _told(self, lead: Statement, **more: object) -> Told:
        shown = [lead, *more.get("also", ()), *(s for group in more.get("findings", ()) for s in group)]  # type: ignore[attr-defined,misc]
        self._strike((one for one in self.tested for s in shown if s.key == one.key), "told")
        return Told(self.table, lead, tested=self.tested, reasons=self.reasons, alpha=self.alpha, **more)  # type: ignore[arg-type]

    def other(self) -> Told:
        """Return the statements on two different sets of categories, or of a kind with itself."""
        good = self._good()
        struck: dict[str, int | tuple[str, ...]] = {
            "struck": self._n_distinct("strata"),
            "uncovered": self._n_distinct("gaps"),
            "struck_by": tuple(
                sorted({limiting(one, self.table) for one in self.tested if self.reasons[one.key] == "strata"})
            ),
        }
        pairs = [one for one in good if one.form == "difference"]
        pairs = self._kept(pairs, "mirror", list(without_mirrors(pairs, self.table, self.alpha)))
        ranked = sorted(pairs, key=lambda one: -one.nearest(self.alpha))
        rows = tuple(sorted(ranked, key=lambda one: -abs(one.effect)))
        trends = [one for one in good if one.form in {"trend", "turn"}]
        trends = self._kept(trends, "one_end", [one for one in trends if one.form == "turn" or self._is_graded(one)])
        trends.sort(key=lambda one: (one.form == "turn", -abs(one.effect)))
        lead = self._exception(ranked) if trends else None
        if trends and lead is None and trends[0].form == "trend":
            return self._of_order(trends, ranked, struck)
        if not ranked:
            return self._told(self.scoped(trends[0]) if trends else self._no_link(), **struck)
        self._strike(trends, "not_new")
        lead = lead or next((one for one in ranked[: rules.MOST_ROWS] if self.depends(one) is None), ranked[0])
        also = self._further(lead, ranked, [lead])
        findings = self._findings(lead, ranked, also)
        turns = [one for one in trends if one.form == "turn" and one.numbers["at"] != lead.subject]
        findings = [*findings, *((one,) for one in turns[:1])][: rules.MOST_FINDINGS]
        return self._told(
            self.scoped(lead),
            also=tuple(also),
            findings=tuple(tuple(map(self.scoped, group[:1])) + group[1:] for group in findings),
            clear=rows,
            **struck,
        )

    def _n_distinct(self, reason: str) -> int:
        """Return how many statements were not reported for a reason, those that say the same counted once."""
        those = (one for one in self.tested if self.reasons[one.key] == reason)
        return sum(1 for _ in without_mirrors(those, self.table, self.alpha))

    def _of_order(self, trends: list[Statement], pairs: list[Statement], struck: Mapping[str, object]) -> Told:
        lead, rest = trends[0], trends[1:]
        self._strike(pairs, "beside_trend")
        is_two = len(self.table.columns) <= 2 and not self.table.several_columns
        kept = [] if is_two else [one for one in rest if self.depends(one) is None]
        kept = list({one.outcome: one for one in reversed(kept) if one.outcome != lead.outcome}.values())[::-1]
        self._strike(rest, "mirror" if is_two else "no_room")
        return self._told(self.scoped(lead), also=tuple(kept[: rules.MOST_TRENDS]), **struck)

    def _exception(self, ranked: list[Statement]) -> Statement | None:
        """Return a difference that is an exception among ordered categories, if it is nearly as sure as the best."""
        half = ranked[0].nearest(self.alpha) / 2 if ranked else 0.0
        return next(
            (one for one in ranked if one.nearest(self.alpha) >= half and only_here(one, self.table) is not None), None
        )

    def _is_graded(self, one: Statement) -> bool:
        """Return whether a trend is clear without its first and without its last category.

        It is also clear over the years in which no outcome begins or ends: a new definition must not make it.
        """
        categories, (start, stop) = one.numbers["categories"], longest_run(self.table)
        is_part = stop - start < len(self.table.rows)
        if not isinstance(categories, tuple) or len(categories) < 4:
            return not is_part
        without = [~self.table.row(str(categories[k])) for k in (0, -1)]
        without += [np.asarray(self.table.x[:, start:stop].any(axis=1))] if is_part else []
        return all(holds(again(one, self.table.kept(units), "without some"), one) for units in without)

    def _further(self, lead: Statement, ranked: list[Statement], told: list[Statement]) -> list[Statement]:
        """Return one further outcome of a subject: new after the earlier ones, and not resting on one group."""
        if len(self.table.columns) <= 2 and not self.table.several_columns:
            return []
        same = [one for one in ranked if one.subject == lead.subject and one is not lead]
        if not self.table.several_columns:
            same = [one for one in same if one.effect * lead.effect < 0]
        for one in same:
            if self._is_new(one, told) and self.depends(one) is None:
                return [one]
        return []

    def _findings(self, lead: Statement, ranked: list[Statement], also: list[Statement]) -> list[tuple[Statement, ...]]:
        """Return further differences, each of another subject, that are new after all earlier ones."""
        told, groups, used = [lead, *also], list[tuple[Statement, ...]](), {lead.subject}
        later = (
            sorted(ranked, key=lambda one: self.depends(one) is not None) if len(ranked) <= _MOST_WEIGHED else ranked
        )
        for one in later:
            if one.subject in used or one is lead:
                continue
            if len(groups) == rules.MOST_FINDINGS:
                self._strike([one], "no_room")
                continue
            is_mirror = self.table.is_shared and any((e.subject, e.outcome) == (one.outcome, one.subject) for e in told)
            if is_mirror or not self._is_new(one, told):
                self._strike([one], "not_new")
                continue
            more = self._further(one, ranked, [*told, one])
            groups.append((one, *more))
            told += [one, *more]
            used.add(one.subject)
        shown = {id(s) for s in told}
        self._strike((one for one in ranked if id(one) not in shown and one.subject in used), "not_new")
        return groups

    def _is_new(self, one: Statement, earlier: list[Statement]) -> bool:
        """Return whether a statement stays clear and worth reporting without the units of every earlier one."""
        for e in earlier:
            if e.subject != one.subject:
                mask = ~self.table.row(e.subject)
            elif self.table.several_columns:
                mask = ~self.table.column(e.outcome)
            else:
                continue
            found = again(one, self.table.kept(mask), "without earlier units")
            if found is None or not holds(found, one) or not is_worth(found, rules.FALSE_DISCOVERY):
                return False
        return True

    def _no_link(self) -> Statement:
        """Return that nothing is clear, and the difference that could have been missed (form 7).

        The latter is absent if nothing could be compared, or if differences are clear, but too small to report: then
        their number and the largest of them are there.
        """
        outcome = over(self.table.totals.first[COLUMN], self.table.totals.first[ALL])[0]
        common = {name for name, part in zip(self.table.columns, outcome, strict=True) if part >= rules.OVERALL_LARGEST}
        errors = [_error(one) for one in self.tested if one.outcome in common] or [_error(one) for one in self.tested]
        numbers: dict[str, Number] = {"tested": len(self.tested)}
        if self.table.undeclared:
            return Statement("no_link", numbers=numbers | {"undeclared": self.table.undeclared})
        units = np.array([self.table.design.units[self.table.row(name)].sum() for name in self.table.rows])
        if not self.tested and not self.table.several_rows and len(units):
            numbers["rest"] = float(units.sum() - units.max())
        clear = [one for one in self.tested if self.reasons[one.key] == "small"]
        if clear:
            distinct = [*without_mirrors(clear, self.table, self.alpha)]
            pairs = [one for one in distinct if one.form == "difference"] or distinct
            largest = max(pairs, key=lambda one: abs(one.effect))
            numbers |= {"clear": len(distinct), "largest": abs(largest.effect)}
            if largest.form == "difference":
                numbers |= {name: largest.numbers[name] for name in ("share", "other", "units")}
                return Statement("no_link", largest.subject, largest.outcome, numbers=numbers)
        elif errors:
            z = float(quantile(np.array(np.inf), rules.FALSE_DISCOVERY / len(self.tested))) + _POWER
            seen = max(abs(one.effect) for one in self.tested)  # none of them is clear
            numbers["detectable"] = min(max(z * float(np.median(errors)), seen), 1.0)
        return Statement("no_link", numbers=numbers)

    def same(self) -> Told:
        """Return the statements if both sides have the same categories."""
        match = next((one for one in self.clear if one.form == "agreement" and one.effect > 0), None)
        if match is None:
            return self._told(self._no_link())
        names = self.table.rows
        by_form = {
            form: [one for one in self.clear if one.form == form] for form in ("weakest", "mismatch", "direction")
        }
        diagonal = [one for one in by_form["weakest"] if abs(one.effect) >= rules.LEAST_POINTS]
        hubs = [
            one
            for one in by_form["mismatch"]
            if one.number("share") >= rules.HUB_SHARE and one.effect > rules.HUB_POINTS
        ]
        ways = [one for one in by_form["direction"] if self.depends(one) is None]
        self._strike((one for form in ("weakest", "mismatch") for one in by_form[form]), "small")
        self._strike(by_form["direction"], "depends")
        self._strike((*hubs, *ways), "no_room")
        hubs = sorted(hubs, key=lambda one: -one.effect)[:1]
        ways = sorted(ways, key=lambda one: -one.nearest(self.alpha))[:1]
        alone = [
            one for name in names if (one := isolation(self.table, name)) is not None and is_spread(one, self.table)
        ]
        found = [*diagonal, *hubs, *ways, *alone[:1]][: rules.MOST_FINDINGS]
        return self._told(self.scoped(match), findings=tuple((one,) for one in found))


_MOST_WEIGHED = 60
"""The most differences of which each is measured again without groups to rank them."""

_POWER = 0.8416212335729143
"""The 80% quantile of the normal distribution: differences of this size are found in four of five samples."""


def _error(one: Statement) -> float:
    """Return the standard error of a difference, from its interval at 95%."""
    low, high = one.interval()
    return np.nan if one.certainty is None else (high - low) / 2 / float(quantile(one.certainty.freedom, 0.05))
