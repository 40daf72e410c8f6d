"""A choice: two questions, their words and their treatment, and the counts that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ...arrays import Bools, Ints
from ...formats import alternatives
from ...relations import RecordSideSettings
from ...relations.dependence import FEWEST, ROWS_PER_ID
from .columns import Column, Level, rebinned
from .questions import Profile, Question, shared_prefix
from .ranking import Pair, Ranking, asked_rows, chosen_rows

SideName = Literal["given", "answer"]

INDEPENDENT = "(independent)"
"""The `group` of a choice whose rows are known to be independent."""

_MANY_VALUES = 8


@dataclass(frozen=True)
class Group:
    """A category: the places of its levels, and its name if it is not that of its levels."""

    levels: tuple[int, ...]
    name: str = ""


@dataclass(frozen=True)
class Treated:
    """One side of a choice: a question (of items, one), its words, and its categories in order.

    Levels in no group are no answers. `cuts` are the first numbers of bins, () for those of the profile. `is_ordered`:
    the groups are steps.
    """

    question: int
    item: int = 0
    label: str = ""
    phrase: str = ""
    groups: tuple[Group, ...] = ()
    cuts: tuple[float, ...] = ()
    is_ordered: bool = False


@dataclass(frozen=True)
class Choice:
    """The content of a config: the given side and the answer, the noun of a row, and the columns with a role.

    `group` is a column, `INDEPENDENT`, or "". `chosen_among` is the number of pairs, None if nobody looked at them.
    """

    given: Treated
    answer: Treated
    unit: str = ""
    units: str = ""
    is_weighted: bool = False
    is_counted: bool = False
    group: str = ""
    chosen_among: int | None = None

    @property
    def unit_names(self) -> tuple[str, ...]:
        """The name of one row, and perhaps of several."""
        return (self.unit.strip() or "record", *filter(None, [self.units.strip()]))

    def side(self, name: SideName) -> Treated:
        """Return the given side or the answer."""
        return self.given if name == "given" else self.answer

    def with_side(self, name: SideName, side: Treated) -> Choice:
        """Return the choice with another side."""
        return replace(self, given=side) if name == "given" else replace(self, answer=side)


@dataclass(frozen=True, eq=False)
class Side:
    """A side that was counted: categories, their rows (n, K), the rows with any label (n,), and the texts of labels.

    `residual` are categories of other or missing answers.
    """

    categories: tuple[str, ...]
    sets: Bools
    there: Bools
    is_ordered: bool
    residual: tuple[str, ...]


def default_choice(ranking: Ranking, pair: Pair, about: int | None = None) -> Choice:
    """Return the choice of a pair before anybody changes it: all answers, in their order, with whole questions."""
    profile = ranking.profile
    given, answer = ranking.sides(pair, about)
    counted = profile.count is not None
    choice = Choice(
        default_side(profile, given, pair.part_of(given)),
        default_side(profile, answer, pair.part_of(answer)),
        is_weighted=profile.weight is not None,
        is_counted=counted,
        chosen_among=max(2, ranking.n_pairs),
    )
    return replace(choice, group=next(iter(repeated(profile)), "") if not counted else "")


def default_side(profile: Profile, place: int, item: int = 0) -> Treated:
    """Return a question as it is: its whole text, and all its answers."""
    question = profile.questions[place]
    item = item if question.form == "items" else 0
    treated = Treated(place, item, text_of(question, item))
    levels = levels_of(profile, treated)
    groups = tuple(Group((k,)) for k, level in enumerate(levels) if level.kind in ("answer", "rest"))
    if len(groups) == 1:  # one option: the others are those without it
        groups += tuple(Group((k,)) for k, level in enumerate(levels) if level.kind == "blank")
    is_ordered = question.form != "options" and column_of(profile, treated).kind in ("ordered", "number")
    return replace(treated, groups=groups, is_ordered=is_ordered)


def text_of(question: Question, item: int = 0) -> str:
    """Return the whole question, with its item if it has items."""
    if question.form == "items":
        name = question.items[item]
        return name if name.startswith(question.text) else f"{question.text}: {name}"
    return question.text


def column_of(profile: Profile, side: Treated) -> Column:
    """Return the column of a side: of its item, or in its own bins."""
    question = profile.questions[side.question]
    column = profile.columns[question.columns[side.item]]
    if side.cuts and column.kind == "number" and side.cuts != column.cuts:
        return rebinned(column, side.cuts)
    return column


def levels_of(profile: Profile, side: Treated) -> tuple[Level, ...]:
    """Return the levels of a side. Those of options are the options, and last the rows without any."""
    question = profile.questions[side.question]
    if question.form != "options":
        return column_of(profile, side).levels
    chosen = _options(profile, question)
    levels = [
        Level(option.name, (raw,), int(rows.sum()))
        for option, raw, rows in zip(question.options, raw_options(profile, question), chosen.T, strict=True)
    ]
    none = int((~chosen.any(axis=1)).sum())
    name = "No" if len(levels) == 1 else "None of these"
    return (*levels, Level(name, (), none, "blank")) if none else tuple(levels)


def raw_options(profile: Profile, question: Question) -> list[str]:
    """Return the labels of options as a build reads them: the names of their columns without their common beginning."""
    names = [profile.columns[option.column].name for option in question.options]
    prefix = shared_prefix(names)
    return [name[len(prefix) :] for name in names]


def _options(profile: Profile, question: Question) -> Bools:
    columns = [chosen_rows(profile.columns[option.column], option.chosen) for option in question.options]
    return np.stack(columns, axis=1)


def name_of(group: Group, levels: Sequence[Level]) -> str:
    """Return the name of a category: its own, or those of its levels."""
    return group.name or alternatives([levels[place].name for place in group.levels])


def side_of(profile: Profile, side: Treated) -> Side:
    """Return the categories of a side, and which rows have them."""
    question, levels = profile.questions[side.question], levels_of(profile, side)
    names = tuple(name_of(group, levels) for group in side.groups)
    used = {place for group in side.groups for place in group.levels}
    blank = next((place for place, level in enumerate(levels) if level.kind == "blank"), -1)
    column = column_of(profile, side) if question.form != "options" else None
    if column is not None and column.sets is None:
        of_level = np.full(len(levels) + 1, -1, dtype=np.int64)
        for at, group in enumerate(side.groups):
            of_level[list(group.levels)] = at
        places = of_level[column.codes]
        sets = places[:, None] == np.arange(len(names))[None, :]
        there = places >= 0
    else:
        chosen: Bools = _options(profile, question) if column is None or column.sets is None else column.sets
        answered: Bools = asked_rows(question, profile.columns) if column is None else np.asarray(column.codes < 0)
        if blank >= 0:
            none = ~chosen.any(axis=1) if column is None else column.codes == blank
            chosen = np.concatenate([chosen, np.asarray(none)[:, None]], axis=1)
        sets = np.stack([chosen[:, list(group.levels)].any(axis=1) for group in side.groups], axis=1)
        there = answered | chosen[:, blank] if blank in used else answered
        if blank not in used and question.form == "options" and len(question.options) == 1:
            there = answered & np.asarray(chosen)[:, 0]
    is_rest = [any(levels[place].kind in ("rest", "blank") for place in group.levels) for group in side.groups]
    residual = tuple(name for name, rest in zip(names, is_rest, strict=True) if rest)
    return Side(names, np.asarray(sets), np.asarray(there), side.is_ordered, residual)


def repeated(profile: Profile) -> list[str]:
    """Return the columns whose repeated values say that rows depend on each other."""
    found = []
    for column in profile.ids:
        counts = column.raw.counts
        n, n_ids = int(counts.sum()), int((counts > 0).sum())
        if n_ids >= FEWEST and n >= ROWS_PER_ID * n_ids:
            found.append(column.name)
    return found


def undeclared(profile: Profile, choice: Choice) -> str:
    """Return the sign that units depend on each other although no group is chosen, as a build finds it; or ""."""
    if choice.group:
        return ""
    if choice.is_counted:
        used = {place for side in (choice.given, choice.answer) for place in profile.questions[side.question].columns}
        for place, column in enumerate(profile.columns):
            n_values = len(column.raw.texts)
            is_many = _MANY_VALUES <= n_values <= profile.table.n_rows / 2
            if place not in used and column.role == "" and is_many:
                return f"counts:{column.name}"
        return ""
    if ids := repeated(profile):
        return f"id:{ids[0]}"
    return "copies:" if profile.is_copied else ""


def clusters_of(profile: Profile, choice: Choice) -> Ints | None:
    """Return the cluster of each row, None without groups."""
    column = next((column for column in profile.columns if column.name == choice.group), None)
    return None if column is None else np.asarray(column.raw.codes + 1, dtype=np.int64)


def weights_of(profile: Profile, choice: Choice) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    """Return the weight of each row, to six decimals as in a build; None without weights."""
    if not choice.is_weighted or profile.weight is None:
        return None
    raw = profile.weight.raw
    numbers = np.array([float(text.replace(",", ".")) for text in raw.texts])
    return np.floor(numbers * 1e6 + 0.5)[raw.codes] / 1e6


def side_settings(profile: Profile, side: Treated) -> RecordSideSettings:
    """Return the words of a side as settings. Raises a validation error for a phrase without {}."""
    label = (side.label,) if side.label else ()
    return RecordSideSettings(column=profile.columns[0].name, label=label, phrase=side.phrase or None)
