"""The content of a report on a choice: the same record and the same template, from counts made here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from pydantic import ValidationError

from ... import portable
from ...arrays import Bools, Floats
from ...errors import DataError
from ...formats import count
from ...ledger.coverage import CategoryCoverage, Coverage, SideCoverage
from ...relations.records import side_kind
from ...statements import Table
from ...statements.select import Input, Told, tell
from ...stats import InferenceSettings
from ...stats.shares import Design
from ...taxonomy import unit_of
from ...taxonomy.orders import is_leftover
from ...words import Names
from ...words.report import words_of
from .choice import (
    Choice,
    Side,
    Treated,
    clusters_of,
    column_of,
    levels_of,
    side_of,
    side_settings,
    undeclared,
    weights_of,
)
from .questions import Profile

FEWEST_SHOWN = 10
"""Cells of fewer units have no number in a file that leaves this machine."""


@dataclass(frozen=True, eq=False)
class Shown:
    """The content of a report: its title, the first sentences, and the shares (R, C) of the given categories.

    `bases` (R,), `counts` (R, C) and `n` are numbers of units.
    `is_clear`: a difference is beyond chance. `warnings` say which tests the report leaves out, and why.
    """

    title: str
    sentences: tuple[str, ...]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    shares: Floats
    bases: Floats
    counts: Floats
    n: float
    is_clear: bool
    told: Told
    warnings: tuple[str, ...] = ()
    is_exclusive: bool = True

    def safe(self) -> Bools:
        """Return the cells (R, C) whose numbers may leave this machine, so that no hidden one follows from others."""
        hidden = (self.counts < FEWEST_SHOWN) | (self.bases[:, None] - self.counts < FEWEST_SHOWN)
        if self.is_exclusive:
            for i in np.flatnonzero(hidden.sum(axis=1) == 1):
                hidden[i, np.argmin(np.where(hidden[i], np.inf, self.counts[i]))] = True
        return ~hidden

    def says_hidden(self) -> bool:
        """Return whether its sentences need cells whose numbers may not leave this machine."""
        safe = self.safe()
        lead = [self.told.lead, *self.told.also]
        subjects = {one.subject for one in lead} - {""}
        rows = [i for i, name in enumerate(self.rows) if not subjects or name in subjects]
        columns = [j for j, name in enumerate(self.columns) if name in {one.outcome for one in lead}]
        return not safe[np.ix_(rows, columns)].all()


def faults_of(profile: Profile, choice: Choice) -> list[str]:
    """Return all faults that a person must correct before a choice can be written."""
    found: list[str] = []
    for name, side in (("question", choice.answer), ("background", choice.given)):
        try:
            counted = side_of(profile, side)
        except DataError as error:
            found += error.messages
            continue
        if len(counted.categories) < 2:
            found.append(f"{name}: fewer than two answers are left; use more of them")
        twice = {one for one in counted.categories if counted.categories.count(one) > 1}
        found += [f'{name}: two categories are called "{one}"; give each a name of its own' for one in sorted(twice)]
        if not side.label.strip():
            found.append(f"{name}: it has no name; write one")
        try:
            side_settings(profile, side)
        except ValidationError:
            found.append(
                f'{name}: "{side.phrase}" is no verb phrase; write a verb and {{}} for the answer, as in: have {{}}'
            )
    if choice.answer.question == choice.given.question and choice.answer.item == choice.given.item:
        found.append("both sides are the same column; choose another one")
    return found


def shown(profile: Profile, choice: Choice) -> Shown:
    """Return the content of a report on a choice without faults. Raises DataError if no row has both answers."""
    x, y = side_of(profile, choice.given), side_of(profile, choice.answer)
    there = x.there & y.there
    table, units = _table(profile, choice, x, y, there)
    n = float(table.design.units.sum())
    if not n:
        raise DataError("no row has an answer to both; use more answers, or another column")
    told = tell(_input(profile, choice, table, (x, y), units, there))
    names = _names(profile, choice)
    words = words_of(told, names)
    x_, y_, design = table.x.T.astype(np.float64), table.y.astype(np.float64), table.design
    totals = portable.matmul(x_, y_ * design.weight[:, None])
    weight = portable.matmul(x_, design.weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(weight[:, None] > 0, totals / weight[:, None], np.nan)
    counts = portable.matmul(x_ * design.units, y_)
    sentences = tuple(one.text for one in words.abstract)
    return Shown(
        title=words.title.text, sentences=sentences, rows=x.categories, columns=y.categories, shares=shares,
        bases=portable.matmul(x_, design.units), counts=counts, n=n,
        is_clear=told.lead.form not in {"no_link", "overall"} and not table.undeclared, told=told,
        warnings=tuple(_warnings(profile, table)), is_exclusive=not table.several_columns,
    )  # fmt: skip


def _table(profile: Profile, choice: Choice, x: Side, y: Side, there: Bools) -> tuple[Table, Floats]:
    """Return the table of the rows with both answers, equal rows together, and the units of all rows (n,)."""
    units = (profile.units if choice.is_counted else np.ones(profile.table.n_rows)).astype(np.float64)
    weights, clusters = weights_of(profile, choice), clusters_of(profile, choice)
    kept = np.flatnonzero(there & (units > 0))
    parts = [np.packbits(x.sets[kept], axis=1), np.packbits(y.sets[kept], axis=1)]
    if weights is not None:
        parts.append(weights[kept].reshape(-1, 1).view(np.uint8))
    if clusters is not None:
        parts.append(np.ascontiguousarray(clusters[kept]).reshape(-1, 1).view(np.uint8))
    keys = np.ascontiguousarray(np.concatenate(parts, axis=1))
    _, first, place = np.unique(
        keys.view(np.dtype((np.void, keys.shape[1]))).ravel(), return_index=True, return_inverse=True
    )
    n = np.bincount(place, units[kept], len(first)).astype(np.float64)
    weight = np.ones(len(first)) if weights is None else weights[kept][first]
    cluster = None
    if clusters is not None:
        cluster = np.unique(clusters[kept][first], return_inverse=True)[1].astype(np.int64)
    design = Design(n * weight, n * weight * weight, n, cluster)
    residual = {*x.residual, *y.residual, *(name for side in (x, y) for name in side.categories if is_leftover(name))}
    table = Table(
        rows=x.categories, columns=y.categories, x=x.sets[kept][first], y=y.sets[kept][first], design=design,
        ordered=x.is_ordered, columns_ordered=y.is_ordered,
        clusters=() if cluster is None else tuple(map(str, range(int(cluster.max(initial=-1)) + 1))),
        minimum_groups=InferenceSettings().minimum_groups, residual=frozenset(residual),
        undeclared=undeclared(profile, choice),
    )  # fmt: skip
    return table, units


def _input(
    profile: Profile, choice: Choice, table: Table, sides: tuple[Side, Side], units: Floats, there: Bools
) -> Input:
    """Return what statements are made from, with the same alternatives as in a build."""
    without = [
        ("label", label, _table(profile, choice, *changed, there)[0] if changed else lessened)
        for label, lessened, changed in _without_labels(profile, choice, table, sides)
    ]
    covered = [_side_coverage(name, side, units, there) for name, side in zip(("rows", "columns"), sides, strict=True)]
    n, n_all = int(units[there].sum()), int(units.sum())
    x, y = (side.sets.any(axis=1) for side in sides)
    unlabelled = int(units[there & ~(x & y)].sum())
    coverage = Coverage("records", n_all, n, n_all, n, unlabelled, covered[0], covered[1], ())
    return Input(
        table, tuple(without), {}, coverage, "record", is_weighted=choice.is_weighted and profile.weight is not None,
        chosen_among=choice.chosen_among,
    )  # fmt: skip


def _side_coverage(name: str, side: Side, units: Floats, there: Bools) -> SideCoverage:
    has = side.sets & side.there[:, None]
    n, linked = portable.matmul(units, has), portable.matmul(units * there, has)
    alone = portable.matmul(units, has & (has.sum(axis=1) == 1)[:, None])
    categories = tuple(
        CategoryCoverage(category, int(n[k]), int(linked[k]), int(alone[k]))
        for k, category in enumerate(side.categories)
    )
    labelled = has.any(axis=1)
    every, counted = int(units[side.there].sum()), int(units[labelled & there].sum())
    return SideCoverage(name, every, int(units[labelled].sum()), counted, categories, ())


def _without_labels(
    profile: Profile, choice: Choice, table: Table, sides: tuple[Side, Side]
) -> Iterator[tuple[str, Table, tuple[Side, Side] | None]]:
    """Yield the largest label of each category, and the table without it, or the sides from which it is counted."""
    for at, treated in enumerate((choice.given, choice.answer)):
        for k, (label, without) in enumerate(_largest_labels(profile, treated, sides[at])):
            if without is not None:
                changed = tuple(replace(side, sets=without) if side is sides[at] else side for side in sides)
                yield label, table, (changed[0], changed[1])
                continue
            lessened = (table.y if at else table.x).copy()
            lessened[:, k] = False
            yield label, replace(table, y=lessened) if at else replace(table, x=lessened), None


def _largest_labels(profile: Profile, treated: Treated, side: Side) -> Iterator[tuple[str, Bools | None]]:
    """Yield the largest label of each category, and the sets without it; None if it is the only one."""
    question, levels = profile.questions[treated.question], levels_of(profile, treated)
    column = None if question.form == "options" else column_of(profile, treated)
    is_of_labels = column is not None and column.sets is None and column.kind != "number"
    for k, (group, category) in enumerate(zip(treated.groups, side.categories, strict=True)):
        texts = [text for level in group.levels for text in levels[level].texts]
        if column is None or not is_of_labels or len(texts) < 2:
            yield category, None
            continue
        n, place_of = column.raw.counts, {text: place for place, text in enumerate(column.raw.texts)}
        largest = max((place_of[text] for text in texts if text in place_of), key=lambda place: (n[place], -place))
        sets = side.sets.copy()
        sets[column.raw.codes == largest, k] = False
        yield column.raw.texts[largest].strip(), sets


def _names(profile: Profile, choice: Choice) -> Names:
    kinds = [side_kind(name, side_settings(profile, side)) for name, side in _named(choice)]
    group = () if clusters_of(profile, choice) is None else (choice.group,)
    return Names(
        form="records",
        unit=unit_of("record", choice.unit_names),
        rows=kinds[0],
        columns=kinds[1],
        group_names=group,
        weighted=choice.is_weighted and profile.weight is not None,
        title=topic_of(choice),
    )


def _named(choice: Choice) -> tuple[tuple[str, Treated], tuple[str, Treated]]:
    return ("rows", choice.given), ("columns", choice.answer)


def topic_of(choice: Choice) -> str:
    """Return the topic of the report, which its deck gives."""
    return f"{choice.answer.label} by {choice.given.label}"


def _warnings(profile: Profile, table: Table) -> Iterator[str]:
    sign, _, column = table.undeclared.partition(":")
    if sign == "id":
        yield f"{column} repeats, so rows may depend on each other, and nothing is tested: choose it as the group."
    if sign == "counts":
        yield f"Units of one {column} may depend on each other, so nothing is tested: choose it as the group."
    if sign == "copies":
        yield "Every row is in the table several times, so nothing is tested: remove the copies."
    if profile.table.n_rows < profile.table.n_all:
        n, n_all = count(profile.table.n_rows), count(profile.table.n_all)
        yield f"Counts come from {n} of {n_all} rows; the report counts all."
