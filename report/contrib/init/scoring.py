"""Score each column for each role by its visible properties, and find columns and tables that belong together."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from ... import portable
from ...taxonomy.orders import is_leftover, order_of
from .association import Associations
from .binning import in_bins, is_binned
from .columns import Look, LookedColumn, Role, is_number
from .naming import is_question, name_words, short_name, without_code
from .outcomes import Outcomes, is_background, is_of_life, is_treatment, is_vital
from .vocabulary import (
    AGES,
    ANSWERS,
    BACKGROUND,
    CLUSTERS,
    CODES,
    COUNTED,
    COUNTS,
    DESIGN,
    EARLIER,
    EVENTS,
    FOLLOW_UPS,
    IDS,
    KINDS,
    MEASURES,
    OF_BODIES,
    OUTCOMES,
    PLACES,
    REASONS,
    RESULTS,
    STOCKS,
    SURE_WEIGHTS,
    TECHNICAL,
    TEXTS,
    TIMES,
    TOTALS,
    WEIGHTS,
)

SAME = 0.3
"""Minimum share of common labels for two sides to have the same taxonomy."""

_FIXED = 0.98
_NEARLY_FIXED = 0.7
_LOPSIDED = 0.9


def fixes(column: LookedColumn, other: LookedColumn) -> bool:
    """Return whether one column determines another, beyond the most frequent value of the latter.

    Only rows whose value occurs at least twice are informative.
    """
    share, commonest = _known(column, other)
    return share >= _FIXED and commonest < _LOPSIDED


def nearly_fixes(column: LookedColumn, other: LookedColumn) -> bool:
    """Return whether knowing a column avoids most wrong guesses of another."""
    share, commonest = _known(column, other)
    return share - commonest > _NEARLY_FIXED * (1 - commonest)


_MOST_CELLS = 1_000_000


def _known(column: LookedColumn, other: LookedColumn) -> tuple[float, float]:
    """Return the share correctly guessed from the most frequent value of `other`: by value of a column, and overall."""
    both = (column.codes >= 0) & (other.codes >= 0)
    first, second = column.codes[both], other.codes[both]
    if not first.size:
        return 0.0, 1.0
    width = int(second.max()) + 1
    if width * (int(first.max()) + 1) <= _MOST_CELLS:
        table = np.bincount(first * width + second)
        cells = np.flatnonzero(table)
        n = table[cells]
    else:
        cells, n = np.unique(first * width + second, return_counts=True)
    seen, of_cell = np.bincount(first), cells // width
    again = seen[of_cell] > 1
    if not again.any():
        return 0.0, 1.0
    leading = np.zeros(len(seen), dtype=np.int64)
    np.maximum.at(leading, of_cell[again], n[again])
    return float(leading.sum() / n[again].sum()), float(np.bincount(second).max() / len(second))


def are_alike(first: LookedColumn, second: LookedColumn) -> bool:
    """Return whether two sides have enough labels in common for the same taxonomy.

    Numbers, and answers such as low and high, look the same for every question, so such columns must also share a word
    of their names. Two questions with the same two answers, such as yes and no, do not have the same taxonomy.
    """
    if first.bins is not None or second.bins is not None:
        return False
    one, other = set(first.counts), set(second.counts)
    if first.name != second.name and (len(one | other) <= 2 or first.is_flag or second.is_flag):
        return False
    if len(one & other) < SAME * len(one | other):
        return False
    return bool(_stems(first.words) & _stems(second.words)) or not (first.is_number or _are_answers(one & other))


def _are_answers(labels: Iterable[str]) -> bool:
    """Return whether labels are answers to any question, such as steps of a scale, rather than names of something."""
    named = [label for label in labels if not is_leftover(label)]
    if order_of(named, 2) is not None:
        return True
    return 2 * sum(bool(ANSWERS & set(re.findall(r"[a-z]+", label.casefold()))) for label in named) >= len(named)


@dataclass(frozen=True)
class SidePair:
    """Two columns as sides of records, and their joint score."""

    rows: LookedColumn
    columns: LookedColumn
    score: float
    strength: float
    """Lower limit of their association, from 0 for no association beyond chance to 1."""
    is_clear: bool = True
    """Whether a report would find something, or whether finding nothing is an answer."""


_FOR_BACKGROUNDS = 4.0
"""Points deducted if both columns describe who or where; half of them if one describes the life of a person."""

_FOR_ONE = 4.0
"""Points deducted if one column nearly determines the other, or if both have the same name but for a number."""

_FOR_STRENGTH = 4.0
"""Points for a pair with a certain strong association."""

_FOR_NOTHING, _FOR_NO_EFFECT = 3.5, 2.0
"""Points deducted if no cell clearly differs from chance, so that a report would find nothing; fewer for an outcome.

A treatment without an effect on the outcome is an answer, and loses none.
"""

_FOR_FEW, _FEW_ROWS = 8.0, 0.2
"""Points deducted if almost no row has both labels, and the share of rows from which none is."""

_FOR_TWO_SCALES = 3.0
"""Points deducted for two columns of numbers whose names share a word: the same scale for two times or places."""

_FOR_OUTCOME, _FOR_BOTH = 3.5, 1.0
"""Points if one side is an outcome and the other is not, and if both are."""

_FOR_EFFECT = 4.0
"""Points for a treatment and its outcome."""

_FOR_DESIGN, _FOR_NO_OUTCOME = 4.0, 4.0
"""Points deducted for two columns of the design, and for a pair without an outcome if the table has one."""

_FOR_NOT_THE_OUTCOME = 4.0
"""Points deducted for a pair without the outcome of a table that is named as one."""

_FOR_A_DESIGN = 1.5
"""Points deducted for a side that is named as the design of a study is, such as its sites, even with an outcome."""

_FOR_SUBJECT = 1.0
"""Points if the name of a column occurs in the name of the file: it is the subject of the table."""

_FOR_TWO_MEASUREMENTS = 3.0
"""Points deducted for two columns of numbers in bins."""

_FOR_ONE_BATTERY = 2.0
"""Points deducted for two items of one question."""

_FOR_AGE = 4.0
"""Points deducted for an age in bins: that it matters is rarely news, and it is often a better stratum."""

_FOR_TIMES = 3.0
"""Points deducted for years without an outcome: who was there when is often part of the design."""

_IS_OUTCOME, _IS_NONE = 0.6, 0.3
"""Likelihood from which a column is taken for an outcome, and below which it is not."""


@dataclass(frozen=True)
class _Context:
    """The facts about a table that the choice uses: associations, outcomes and design, and points of each side."""

    associations: Associations
    outcomes: Outcomes
    points: Mapping[str, float]
    of_clusters: tuple[frozenset[str], ...]
    """The sides that are the same in all rows of a cluster, for each column of clusters."""

    @classmethod
    def of(cls, look: Look, sides: Sequence[LookedColumn], count: LookedColumn | None) -> _Context:
        """Return the context of a table, in which a column may count the units of each row."""
        groups = [column for _, column, _ in group_of(look, ()) if names_things(column)] if count is None else []
        weights = weights_by(count)
        return cls(
            Associations(weights, next(iter(groups), None)),
            Outcomes.of(look, sides, weights),
            {side.name: points(side, "label") for side in sides},
            tuple(_of_clusters(look, sides)),
        )

    def likelihood(self, column: LookedColumn) -> float:
        """Return the likelihood that a column is an outcome."""
        return self.outcomes.likelihood.get(column.name, 0.0)

    def is_lopsided(self, column: LookedColumn) -> bool:
        """Return whether nearly all units have one label, though rows, which count them, may not."""
        weights = self.associations.weights
        if weights is None or not column.is_single:
            return False
        known = column.codes >= 0
        totals = np.bincount(column.codes[known], weights[known])
        return bool(totals.size) and float(totals.max()) > _NEARLY_ALL * float(totals.sum())


def weights_by(count: LookedColumn | None) -> NDArray[np.float64] | None:
    """Return the number of units of each row, or None if each row is one."""
    return None if count is None else np.array([float(n[0]) if n else 0.0 for n in count.rows])


def pairs(
    look: Look, rows: LookedColumn | None = None, columns: LookedColumn | None = None, count: LookedColumn | None = None
) -> list[SidePair]:
    """Return pairs of columns that can be the two sides, in order of likelihood. A given column is always used.

    `count` is the column of counts, if each combination of labels occurs once.
    """
    sides = _sides(look)
    if count is not None:
        sides = [side for side in sides if side.bins is None and not side.words & COUNTS]
    in_order = rows is not None or columns is not None
    free = combinations(sides, 2)
    both = list(product([rows] if rows else sides, [columns] if columns else sides) if in_order else free)
    others = [(a, b) for a, b in both if a.name != b.name and not a.in_file & b.in_file]
    if not in_order:
        others = [(a, b) for a, b in others if not _are_bound(a, b, counted=count is not None)]
    frequency = next((column for column in look.columns if count is None and is_frequency(look, column)), None)
    context = _Context.of(look, sides, count or frequency)
    found = sorted((_pair(a, b, context, in_order=in_order) for a, b in others), key=lambda pair: -pair.score)
    return _with_a_finding(found)


_LESS, _LEAST_STRENGTH = 6.0, 0.1
"""Maximum number of points that a pair with a finding may have less than one without, and its least strength."""


def _with_a_finding(found: list[SidePair]) -> list[SidePair]:
    """Return pairs with one that shows something first, unless all show little, or the first has a treatment."""
    if not found or found[0].is_clear:
        return found
    least = found[0].score - _LESS
    others = (pair for pair in found if pair.is_clear and pair.strength >= _LEAST_STRENGTH and pair.score > least)
    best = next(others, found[0])
    return [best, *(pair for pair in found if pair is not best)]


def _are_bound(first: LookedColumn, second: LookedColumn, *, counted: bool) -> bool:
    """Return whether the relation of two columns is fixed: one determines the other, or the design is crossed."""
    if first.amounts is not None or second.amounts is not None or are_alike(first, second):  # agreement is possible
        return False
    if is_follow_up(first, second) or is_follow_up(second, first):
        return True
    if not (first.is_single and second.is_single):
        return _determines(first, second) or _determines(second, first)
    both = ((first, second), (second, first))
    if any(fixes(a, b) or (a.unbinned is not a and fixes(a.unbinned, b)) for a, b in both):
        return True
    return not counted and are_crossed(first, second)


def is_follow_up(time: LookedColumn, event: LookedColumn) -> bool:
    """Return whether two columns are one outcome: the time of follow-up, and whether it ended with an event."""
    is_time = bool(time.words & FOLLOW_UPS) or any(word.endswith("time") and len(word) <= _TIME for word in time.words)
    is_event = is_vital(event) or (bool(event.words & EVENTS) and len(event.counts) == 2)
    return is_time and time.bins is not None and is_event


_TIME = 8
"""Maximum length of a word such as rfstime that is a time of follow-up. Others, such as lifetime status, are not."""


def _determines(single: LookedColumn, options: LookedColumn) -> bool:
    """Return whether a column determines yes or no in each of several columns, as a code does its dummies."""
    is_yes_no = options.ticked is not None and options.ticked.values not in (None, ("not empty",))
    return single.is_single and is_yes_no and fixes(single, options)


def are_crossed(first: LookedColumn, second: LookedColumn) -> bool:
    """Return whether each pair of values occurs exactly as expected by chance: an experiment, or a balanced panel."""
    both = (first.codes >= 0) & (second.codes >= 0)
    one, other = first.codes[both], second.codes[both]
    if not one.size:
        return True
    width = int(other.max()) + 1
    rows, columns = np.bincount(one), np.bincount(other)
    if np.count_nonzero(rows) * np.count_nonzero(columns) > one.size:  # some pairs do not occur
        return False
    cells = np.bincount(one * width + other, minlength=len(rows) * width).reshape(len(rows), width)
    return bool((cells * one.size == np.outer(rows, columns)).all())


def _sides(look: Look) -> list[LookedColumn]:
    """Return possible sides: for a matrix of counts, its options and the names of its rows.

    A column that is one option of a question is no side of its own, unless the table has nothing else to cross with the
    question. Numbers are in bins.
    """
    matrix = [c for c in look.columns if c.amounts is not None]
    if matrix:
        named = [c for c in look.columns if c.is_single and not c.is_number]
        recurring = [c for c in named if _unique(c) <= _HARDLY]
        return [*(recurring or named), *matrix]
    weights = {column.name for column in weights_of(look)}
    own = [as_side(column) if _may_be_binned(column) else column for column in look.columns]
    found = [column for column in own if column.name not in weights and can_be(column, "label")]
    codes = [column for column in found if is_code(column)]
    found = [column for column in found if not any(is_dummy_of(column, code) for code in codes)]
    options = [column.in_file for column in found if column.ticked is not None]
    kept = [c for c in found if c.ticked is not None or not any(c.name in of_question for of_question in options)]
    return kept if len(kept) > 1 else found


_MOST_CODES = 50


def is_code(column: LookedColumn) -> bool:
    """Return whether a column has a few codes or labels, of which others may be dummies."""
    return column.is_single and column.bins is None and not column.is_flag and 2 < len(column.counts) <= _MOST_CODES


def is_dummy_of(column: LookedColumn, code: LookedColumn) -> bool:
    """Return whether a column has yes exactly in the rows with one value of another column."""
    if not column.is_flag:
        return False
    both = (column.codes >= 0) & (code.codes >= 0)
    own, other = column.codes[both], code.codes[both]
    if not own.size:
        return False
    n_yes, n = np.bincount(other, own == own[0]), np.bincount(other)
    is_all, is_none = (n_yes == n) & (n > 0), (n_yes == 0) & (n > 0)
    return bool((is_all | is_none | (n == 0)).all()) and min(is_all.sum(), is_none.sum()) == 1


def possible_sides(look: Look) -> tuple[tuple[str, ...], Mapping[str, float]]:
    """Return the names of columns of the file that can be sides, and the likelihood that each side is an outcome.

    A column that is an option, or a dummy of another column, is not missed as a side.
    """
    sides = _sides(look)
    names = list(dict.fromkeys(name for side in sides for name in sorted(side.in_file)))
    own = [column for column in look.columns if column.ticked is None and column.name not in names]
    dummies = [c.name for c in own if any(is_dummy_of(c, side) for side in sides if is_code(side))]
    likelihood = Outcomes.of(look, sides).likelihood
    return tuple(names + dummies), {name: likelihood.get(name, 0.0) for name in names + dummies}


def as_side(column: LookedColumn) -> LookedColumn:
    """Return a column as a side: in bins, if it has many different numbers."""
    return (in_bins(column) if is_binned(column) else None) or column


def _may_be_binned(column: LookedColumn) -> bool:
    """Return whether the numbers of a column are amounts or ages rather than codes, places, ids or parts of a date."""
    others = IDS | CODES | MEASURES | (TIMES - {"year", "yr"}) | (BACKGROUND - AGES)
    return not (
        column.words & others or names_things(column) or (column.is_key and column.is_whole and _is_list(column))
    )


_MOST_DENSE, _LEAST_RATIO = 2.0, 10.0
"""Maximum width of the numbers of a list per row, and minimum ratio of its largest to its smallest number from which
numbers measure something."""


def _is_list(column: LookedColumn) -> bool:
    """Return whether different whole numbers are those of a list, rather than measurements such as votes."""
    if _NUMBER_NAME.search(column.name.casefold()):
        return True
    numbers = [float(row[0]) for row in column.rows]
    least, most = min(numbers), max(numbers)
    is_dense = most - least < _MOST_DENSE * len(numbers) or most < _LEAST_RATIO * least
    return is_dense or least <= 0 or numbers == sorted(numbers)


_NUMBER_NAME = re.compile(r"(id|nr|no|num|nummer|number|numéro|número|code|key)\W*$")
"""The end of the name of a column that numbers things."""


def _pair(first: LookedColumn, second: LookedColumn, context: _Context, *, in_order: bool) -> SidePair:
    """Return two columns as a pair: multi-label fields as rows, outcomes as columns, otherwise in file order."""
    score = sum(context.points.get(c.name, 0.0) for c in (first, second)) + _by_names(first, second, context)
    n_both = int(np.count_nonzero((first.codes >= 0) & (second.codes >= 0)))
    share = n_both / max(1, len(first.rows))
    has_outcome = max(map(context.likelihood, (first, second))) >= _IS_OUTCOME  # may be recorded for few
    score -= 2 * (1 - share) + (0 if has_outcome else _FOR_FEW * max(0.0, 1 - share / _FEW_ROWS))
    score -= max(0.0, portable.log2(len(first.counts) * len(second.counts) / max(1, n_both)))
    score += 1 if first.is_flag != second.is_flag else 0  # "who says yes" is a question; yes by yes less so
    alike = are_alike(first, second)
    score += 1 if alike else 0
    strength, is_clear = 0.0, True
    if first.amounts is None and second.amounts is None:
        strength = context.associations.strength(first, second, are_alike=alike)
        is_found = context.associations.is_clear(first, second)
        score -= 0 if is_found else (1 - strength) * _for_nothing(first, second, context)
        is_clear = is_found or _is_trial(first, second, context)
    if first.is_single and second.is_single and not alike:
        is_one = any(nearly_fixes(a, b) for a, b in ((first, second), (second, first)))
        score -= _FOR_ONE if is_one or context.associations.is_nearly_one(first, second) else 0
    score += _FOR_STRENGTH * strength
    score -= _FOR_ONE if any(map(context.is_lopsided, (first, second))) else 0
    if second.amounts is not None:
        return SidePair(first, second, score, strength)
    swaps = _place(second, context) < _place(first, context)
    ends = (second, first) if swaps and not in_order else (first, second)
    return SidePair(*ends, score, strength, is_clear)


def _place(column: LookedColumn, context: _Context) -> tuple[bool, ...]:
    """Return the sort key of a side: several labels in a field first, then treatments, who or where; outcomes last."""
    is_earlier = bool(column.words & EARLIER) or column.name in context.outcomes.earlier
    likelihood = context.likelihood(column)
    is_last = (likelihood >= _IS_OUTCOME, not is_treatment(column), not is_earlier, likelihood >= _IS_NONE)
    return column.is_single, *is_last, not is_background(column), not is_of_life(column)


def _by_names(first: LookedColumn, second: LookedColumn, context: _Context) -> float:
    """Return the points of a pair by the names of its columns, their places in the file and the design."""
    columns = (first, second)
    least, most = sorted(map(context.likelihood, columns))
    score = _FOR_OUTCOME * (most - least) + _FOR_BOTH * least
    score += _FOR_EFFECT if _is_trial(first, second, context) else 0
    score += _FOR_SUBJECT if any(column.name in context.outcomes.subjects for column in columns) else 0
    if context.outcomes.best >= _IS_OUTCOME:
        score -= _FOR_NO_OUTCOME * (context.outcomes.best - most)
        is_missed = bool(context.outcomes.named) and not any(c.name in context.outcomes.named for c in columns)
        score -= _FOR_NOT_THE_OUTCOME if is_missed else 0
    score -= _FOR_A_DESIGN if any(_is_named_design(column) for column in columns) else 0
    designed = [column.name in context.outcomes.design for column in columns]
    score -= _FOR_DESIGN if all(designed) else _FOR_DESIGN / 2 if any(designed) and most < _IS_NONE else 0
    backgrounds = [is_background(column) for column in columns]
    is_given = all(is_background(column) or is_of_life(column) for column in columns)
    if is_given and not any(column.words & RESULTS for column in columns):
        score -= _FOR_BACKGROUNDS / (1 if all(backgrounds) else 2)
    score -= _FOR_BACKGROUNDS if all(column.words & PLACES for column in columns) else 0
    score -= _FOR_ONE if _share_a_cluster(first, second, context) else 0
    score -= _FOR_ONE if _is_total(first, second) or _is_total(second, first) else 0
    score -= _FOR_ONE_BATTERY if _are_items(first, second) else 0
    score -= _FOR_ONE if _have_one_name(first, second) else 0
    numbers = [column.is_number or column.bins is not None for column in columns]
    score -= _FOR_TWO_SCALES if all(numbers) and first.words & second.words else 0
    in_bins_too = [column for column in columns if column.bins is not None]
    score -= _FOR_TWO_MEASUREMENTS if len(in_bins_too) == len(columns) else 0
    score -= _FOR_AGE if any(column.words & AGES for column in in_bins_too) else 0
    score -= _FOR_TIMES if most < _IS_OUTCOME and any(column.words & TIMES for column in columns) else 0
    return score


def _is_named_design(column: LookedColumn) -> bool:
    """Return whether a column is named as the design of a study is. A rep may also be a representative."""
    return bool(column.words & (DESIGN - {"rep"})) and not is_treatment(column)


def _share_a_cluster(first: LookedColumn, second: LookedColumn, context: _Context) -> bool:
    """Return whether both columns describe the clusters of a table rather than its rows, such as a village's rates."""
    return any({first.name, second.name} <= names for names in context.of_clusters)


def _of_clusters(look: Look, sides: Sequence[LookedColumn]) -> Iterator[frozenset[str]]:
    """Yield the sides that are the same in all rows of a cluster, for each column of names that recur."""
    for column in look.columns:
        n = len(column.counts)
        is_name = column.is_single and not column.is_number and not column.is_date
        if is_name and _FEWEST_CLUSTERS <= n <= look.n_rows / _ROWS_PER_CLUSTER:
            fixed = frozenset(side.name for side in sides if side.name != column.name and fixes(column, side.unbinned))
            if 2 * len(fixed) <= len(sides):
                yield fixed


_ROWS_PER_CLUSTER = 5

_STEM_OF_ITEMS = 25


def _are_items(first: LookedColumn, second: LookedColumn) -> bool:
    """Return whether two columns are items of one question, with which their names begin."""
    one, other = (without_code(column.name)[:_STEM_OF_ITEMS] for column in (first, second))
    return len(one) == _STEM_OF_ITEMS and one == other and first.is_single and second.is_single


def _is_total(total: LookedColumn, item: LookedColumn) -> bool:
    """Return whether a column is named as the total of the items of a questionnaire."""
    return total.bins is not None and item.bins is None and total.words <= TOTALS


def _is_trial(first: LookedColumn, second: LookedColumn, context: _Context) -> bool:
    """Return whether one column is a treatment and the other its outcome. No effect is an answer."""
    pairs_of = ((first, second), (second, first))
    return any(is_treatment(a) and context.likelihood(b) >= _IS_OUTCOME and not b.words & REASONS for a, b in pairs_of)


def _for_nothing(first: LookedColumn, second: LookedColumn, context: _Context) -> float:
    """Return the points deducted from a pair in which no cell clearly differs from chance."""
    if _is_trial(first, second, context):
        return 0.0
    least, most = sorted(map(context.likelihood, (first, second)))
    return _FOR_NO_EFFECT if least < _IS_OUTCOME <= most else _FOR_NOTHING


def _have_one_name(first: LookedColumn, second: LookedColumn) -> bool:
    """Return whether one thing was recorded twice: method and method2, pre-race and race."""
    if any(is_question(column.name) and ": " in short_name(column.name) for column in (first, second)):
        return False  # the item says which thing it is
    one, other = ({re.sub(r"\d+$", "", word) for word in column.words} - {""} for column in (first, second))
    return bool(one and other) and (one <= other or other <= one) and first.is_single and second.is_single


def group_of(look: Look, sides: Sequence[LookedColumn]) -> list[tuple[float, LookedColumn, str]]:
    """Return columns that rows may share and that make them dependent: (score, column, reason), best first.

    A column must identify persons, places or clusters by its name, or have one row for each time. One that determines
    the label of a side is more likely: a plot has its treatment, a person a sex.
    """
    found = []
    for column in look.columns:
        n = len(column.counts)
        is_id = is_id_of_things(column)
        recurs = _NAMED_RECURS if is_id else _RECURS
        if column.name in {side.name for side in sides} or n < 5 or recurs * n > column.counts.total():
            continue
        if not _may_group(look, column) or _is_of_a_year(look, column):
            continue
        if any(side.is_single and fixes(column, side) and fixes(side, column) for side in sides):  # the side itself
            continue
        fixed = [s.name for s in sides if s.is_single and n > 1.5 * len(s.counts) and fixes(column, s)]
        score = points(column, "group") + (2 if fixed else 0) + (3.5 if not names_things(column) else 0)
        if not is_id and any(_has_few_groups(column, side) for side in sides if side.name in fixed):
            continue
        if is_id:  # an id that recurs at all shows that rows are not independent
            if 1.2 * n > column.counts.total() and not any(fixes(column, c) for c in look.columns if c is not column):
                continue
            score -= MODEL["unique"].points["group"] * _unique(column)
        if score >= THRESHOLD["group"]:
            says = f", each with one {fixed[0]}" if fixed else ", and it is named as ids are"
            says = says if fixed or names_things(column) else ", and rows that share one are not independent"
            found.append((score, column, f"its {n:,} values come again{says}"))
    return sorted(found, key=lambda one: -one[0])


def _has_few_groups(group: LookedColumn, side: LookedColumn) -> bool:
    """Return whether a frequent label of a side, which its group determines, has so few groups that nothing differs."""
    both = (group.codes >= 0) & (side.codes >= 0)
    cells = np.unique(np.array([side.codes[both], group.codes[both]]), axis=1)
    n_rows, n_groups = np.bincount(side.codes[both]), np.bincount(cells[0])
    return bool((n_groups[n_rows >= _OF_ROWS * both.sum()] < _FEWEST_GROUPS).any())


_FEWEST_GROUPS, _OF_ROWS = 10, 0.2
"""Number of groups with a label below which tests show nothing, for labels with at least this share of rows."""


def _may_group(look: Look, column: LookedColumn) -> bool:
    """Return whether a column identifies what rows belong to, by its name or its rows, and is no attribute of rows."""
    is_panel = _is_panel(look, column)
    is_named = is_id_of_things(column) or names_things(column) or _is_cluster(column)
    if not (is_named or is_panel or _is_in_blocks(look, column)):
        return False
    if _is_part_of_a_name(look, column):
        return False
    if column.words & (BACKGROUND | _NO_GROUPS) and not is_panel:  # a place or an agent is an attribute of the rows
        return False
    return not column.is_number or len(column.counts) > _LONGEST_SCALE or column.words <= IDS  # a rating is none


def _is_part_of_a_name(look: Look, column: LookedColumn) -> bool:
    """Return whether a column is one of several for one name, such as name1 and name2: different persons share it."""
    stem = re.sub(r"[\W_]*\d$", "", column.name)
    others = (other.name for other in look.columns if other is not column and not other.is_number)
    return (
        stem != column.name
        and "name" in column.words
        and any(re.fullmatch(re.escape(stem) + r"[\W_]*\d", o) for o in others)
    )


_NO_GROUPS = frozenset(
    [
        "first",
        "last",
        "given",
        "middle",
        "forename",
        "surname",
        "agent",
        "agency",
        "cause",
        "type",
        "kind",
        "reason",
        "meet",
        "match",
        "competition",
        "tournament",
    ]
)
"""Words for names that different persons share, and for attributes of the subject of a row."""

_FEWEST_CLUSTERS = 20
"""Number of clusters, such as schools, from which they are groups. Intervals by fewer are unreliable."""


def is_id_of_things(column: LookedColumn) -> bool:
    """Return whether a column is named as ids are, and not as names are."""
    return names_things(column) and "name" not in column.words


def _is_cluster(column: LookedColumn) -> bool:
    """Return whether a column has the persons or institutions to which rows belong: school, and not school type."""
    words = {*name_words(column.name)}
    is_code = not column.is_number or column.is_whole
    return bool(words & CLUSTERS) and words <= CLUSTERS | IDS and is_code and len(column.counts) >= _FEWEST_CLUSTERS


def _is_panel(look: Look, column: LookedColumn) -> bool:
    """Return whether a column of names or codes has one row for each of several times, as in a panel of countries.

    Names have three rows each on average. Codes have the same number of rows each, unlike ages and other numbers.
    """
    n = len(column.counts)
    if not column.is_single or not _FEWEST_CLUSTERS <= n <= look.n_rows / _FEWEST_TIMES_EACH or column.is_date:
        return False
    if column.is_number and (not column.is_whole or column.words & (TIMES | AGES) or not _are_even(column)):
        return False
    times = (other for other in look.columns if other is not column and other.words & _OCCASIONS)
    return column.n_filled == look.n_rows and any(
        time.n_filled == look.n_rows and len(time.counts) < n and are_different([column, time]) for time in times
    )


def _are_even(column: LookedColumn) -> bool:
    """Return whether most values of a column have the same number of rows."""
    often = Counter(column.counts.values()).most_common(1)[0][1]
    return often > _MOST_EVEN * len(column.counts)


_MOST_EVEN = 0.7


def _is_in_blocks(look: Look, column: LookedColumn) -> bool:
    """Return whether a column without a name numbers persons or things, each with adjacent rows.

    Other columns, such as the sex of a person, are the same in all rows of each.
    """
    n = len(column.counts)
    is_code = column.is_single and column.is_whole and column.n_filled == look.n_rows
    if not is_code or not _NAMELESS.fullmatch(column.name) or not _FEWEST_CLUSTERS <= n <= look.n_rows / 2:
        return False
    if 1 + np.count_nonzero(np.diff(column.codes)) > n:
        return False
    others = (other for other in look.columns if other is not column and 1 < len(other.counts) < n / 2)
    return any(fixes(column, other) for other in others)


_NAMELESS = re.compile(r"(?:column|var|v|x)[ _]?\d+", re.IGNORECASE)


def _is_of_a_year(look: Look, column: LookedColumn) -> bool:
    """Return whether ids start again in each year of a survey: many of those that recur have rows of both sexes."""
    if not any(year.words & {"year", "yr"} for year in look.columns) or not is_id_of_things(column):
        return False
    for sex in (one for one in look.columns if one.words & _SEX and len(one.counts) == 2 and one.is_single):
        both = (column.codes >= 0) & (sex.codes >= 0)
        names = np.unique(np.array([column.codes[both], sex.codes[both]]), axis=1)[0]
        n_rows, n_sexes = np.bincount(column.codes[both]), np.bincount(names)
        recurs = n_rows > 1
        if recurs.any() and (n_sexes[recurs] > 1).mean() > _OF_TWO_SEXES:
            return True
    return False


_SEX = frozenset({"sex", "gender", "geschlecht", "sexe", "sexo", "male", "female"})
_OF_TWO_SEXES = 0.2
"""Minimum share of ids with rows of both sexes that are not ids of persons."""

_OCCASIONS = TIMES - {"series", "episode"} | {"wave", "visit", "period", "occasion", "phase", "session"}
_FEWEST_TIMES_EACH = 3
"""Words for the times of a panel, and the least number of rows of each name."""

_RECURS, _NAMED_RECURS = 1.2, 1.05
"""Minimum number of rows per value of a column that rows share, and of one that is named as ids are."""

_LONGEST_SCALE = 11
"""Number of steps of a scale, such as 0 to 10."""


def count_of(look: Look) -> list[LookedColumn]:
    """Return columns that may count the units of a row, in order of likelihood.

    This requires a table of counts: no two rows have the same labels, and at least half of all combinations occur. For
    a column named as counts are, rows that hardly have different labels by chance are enough; for one named as
    frequencies are, rows with different labels.
    """
    labels = [column for column in look.columns if column.is_single and _is_axis(column)]
    if any(column.amounts is not None for column in look.columns):
        return []
    whole = [c for c in able(look.columns, "count") if c.is_whole and not c.is_flag and not c.words & (IDS | TIMES)]
    found = [column for column in whole if not any(value.startswith("-") for value in column.counts)]
    for counts in (found, *([column] for column in found)):  # all are counts, or one is, and others are codes
        kept = [column for column in labels if column not in counts]
        possible = math.prod(len(column.counts) for column in kept)
        if _is_response(counts, kept) or any(fixes(label, one) for label in kept for one in counts):
            continue
        if len(kept) > 1 and 2 * look.n_rows >= possible and are_different(kept):
            return counts
    named = [column for column in found if _is_named_count(column)]
    axes = [column for column in labels if column not in named]
    key = _key_of(axes)
    named = [column for column in named if not (_is_repeated(column, key) or (column.is_key and _is_list(column)))]
    if len(named) == 1 and not _are_places_measured(look, named[0]) and _are_cells(axes):
        return named
    frequencies = [column for column in found if column.words & _FREQUENCIES]
    others = [column for column in look.columns if column not in frequencies and not column.is_key]
    return frequencies if len(frequencies) == 1 and len(labels) > 1 and are_different(others) else []


def count_of_cells(look: Look, rows: LookedColumn, columns: LookedColumn) -> list[LookedColumn]:
    """Return the only column of numbers that can count, if no two rows have the same labels of the sides given."""
    if rows.bins is not None or columns.bins is not None or not (rows.is_single and columns.is_single):
        return []
    is_full = 2 * look.n_rows >= len(rows.counts) * len(columns.counts)
    if look.n_rows < _FEWEST_CELLS or not is_full or not are_different([rows, columns]):
        return []
    others = [column for column in look.columns if column.name not in {rows.name, columns.name} and not column.is_flag]
    found = [c for c in others if c.is_whole and can_be(c, "count") and not c.words & (IDS | TIMES | AGES | RESULTS)]
    found = [column for column in found if not any(value.startswith("-") for value in column.counts)]
    named = [column for column in found if column.words & COUNTS]
    return named if len(named) == 1 else found if len(found) == 1 else []


_FEWEST_CELLS = 4


def _is_response(counts: Sequence[LookedColumn], labels: Sequence[LookedColumn]) -> bool:
    """Return whether numbers were measured in an experiment, whose replicates are numbered, rather than count units."""
    return any(column.words & DESIGN for column in labels) and not any(column.words & COUNTS for column in counts)


_FREQUENCIES = frozenset({"freq", "freqs", "frequency", "frequencies"})
"""Words for a count of units, even if many combinations of labels have no row."""

_BY_CHANCE = 10.0
"""Expected number of pairs of rows with the same labels, if rows were units, from which a table has cells instead."""

_PER_SAME = 3.0
"""Added to it for each pair of rows that has the same labels."""


def are_different(columns: Sequence[LookedColumn]) -> bool:
    """Return whether no two rows have the same values."""
    codes = np.array([column.codes for column in columns])
    return bool(codes.size) and len(np.unique(codes, axis=1).T) == codes.shape[1]


def _are_cells(columns: Sequence[LookedColumn]) -> bool:
    """Return whether rows are the cells of a table: hardly two have the same labels, though many units would."""
    kept = _key_of(columns)
    if len(kept) < 2:
        return False
    n, times = len(kept[0].rows), _times(kept)
    n_same = float((times * (times - 1)).sum()) / 2
    by_chance = math.prod(sum(portable.squared(each / n) for each in column.counts.values()) for column in kept)
    return n * (n - 1) / 2 * by_chance >= _BY_CHANCE + _PER_SAME * n_same


def _key_of(columns: Sequence[LookedColumn]) -> list[LookedColumn]:
    """Return the columns that nearly identify each row, without those that are not needed for this, or none."""
    kept = sorted((column for column in columns if not column.is_key), key=lambda column: len(column.counts))
    if not kept or len(_times(kept)) < _NEARLY_ALL * len(kept[0].rows):
        return []
    for column in reversed(list(kept)):  # labels that others determine, such as a date with its month and day
        rest = [one for one in kept if one is not column]
        kept = rest if len(rest) > 1 and len(_times(rest)) >= _NEARLY_ALL * len(column.rows) else kept
    return kept


_NEARLY_ALL = 0.97
"""Minimum number of different combinations of labels per row, if a table may have few rows with the same labels."""


def _times(columns: Sequence[LookedColumn]) -> NDArray[np.int64]:
    """Return how often each combination of labels occurs."""
    return np.unique(np.array([column.codes for column in columns]), axis=1, return_counts=True)[1].astype(np.int64)


def _is_named_count(column: LookedColumn) -> bool:
    """Return whether a column is named as counts are: by a word such as number, or by votes or deaths at its end."""
    return bool(column.words & COUNTS or COUNTED.search(column.name.casefold()))


def _is_repeated(column: LookedColumn, key: Sequence[LookedColumn]) -> bool:
    """Return whether fewer labels than those of a row determine a number: a code of a label, or a total of rows."""
    if len(key) < 2:
        return False
    for dropped in key:
        rest = np.array([one.codes for one in key if one is not dropped])
        _, place, n = np.unique(rest, axis=1, return_inverse=True, return_counts=True)
        again = n[place.reshape(-1)] > 1
        if again.sum() < _FEWEST_AGAIN:
            continue
        cells = np.unique(np.array([place.reshape(-1)[again], column.codes[again]]), axis=1, return_counts=True)
        most = np.zeros(len(n), dtype=np.int64)
        np.maximum.at(most, cells[0][0], cells[1])
        if most.sum() >= _FIXED * again.sum() and len(column.counts) > 1:
            return True
    return False


_FEWEST_AGAIN = 10


def _are_places_measured(look: Look, count: LookedColumn) -> bool:
    """Return whether rows are places with other measurements, of which the population is only one."""
    others = [column for column in look.columns if column is not count and is_binned(column) and _may_be_binned(column)]
    return bool(count.words & {"population", "pop"} and others)


_FEWEST_TIMES, _FEWEST_ROWS = 3, 4


def time_of_stock(look: Look, count: LookedColumn) -> tuple[LookedColumn, str] | None:
    """Return the column of times and the last time, if a column counts a stock, such as prisoners.

    Then the same units are counted at each time.
    """
    words = {*count.words, *re.findall(r"[a-z]+", look.path.name.partition(".")[0].casefold())}
    if not any(word == stock or (len(stock) > _STEM and word.startswith(stock)) for word in words for stock in STOCKS):
        return None
    for column in look.columns:
        is_time = column.is_date or bool(column.words & (TIMES | {"t"}))
        if column is not count and is_time and column.is_single and column.n_filled == look.n_rows:
            last = max(column.counts, key=lambda value: (float(value) if is_number(value) else 0.0, value))
            if len(column.counts) >= _FEWEST_TIMES and column.counts[last] >= _FEWEST_ROWS:
                return column, last
    return None


_STEM = 4


def weights_of(look: Look) -> list[LookedColumn]:
    """Return columns that may contain weights: with such a name, and with positive numbers that differ."""
    of_bodies = any(column.words & OF_BODIES and column.is_number for column in look.columns)
    return [
        column
        for column in look.columns
        if (column.words & _weight_words(of_bodies=of_bodies) or _is_named_weight(column) or is_frequency(look, column))
        and column.is_number
        and len(column.counts) > 1
        and column.n_filled == look.n_rows
        and min(float(value) for value in column.counts) >= 0
    ]


def is_frequency(look: Look, column: LookedColumn) -> bool:
    """Return whether a column has frequencies with fractions, and no two rows have the same other values."""
    is_named = bool(column.words & _FREQUENCIES) and column.is_number and not column.is_whole
    others = [one for one in look.columns if one is not column and not one.is_key]
    return is_named and len(others) > 1 and are_different(others)


def _weight_words(*, of_bodies: bool) -> frozenset[str]:
    """Return the words for weights: with heights, only those that no weight of a body has."""
    return SURE_WEIGHTS - {"wgt", "wght"} if of_bodies else WEIGHTS | SURE_WEIGHTS


_WEIGHT_CODES = ("wtmec", "wtint")


def is_sure_weight(column: LookedColumn) -> bool:
    """Return whether a column with such a name is a weight: by its full name, as a frequency, or with a mean of 1."""
    mean = sum(float(value) * n for value, n in column.counts.items()) / max(1, column.counts.total())
    named = column.words & SURE_WEIGHTS or _is_named_weight(column)
    return bool(named or column.words & _FREQUENCIES) or (not column.is_whole and abs(mean - 1) < _NEAR_ONE)


_NEAR_ONE = 0.1

_OF_SAMPLES = frozenset(
    {"survey", "sample", "sampling", "final", "design", "poststratification", "population", "person", "household"}
)


def _is_named_weight(column: LookedColumn) -> bool:
    """Return whether a column is named as a weight of a survey: by its code, or as a weight of a sample or person."""
    is_code = column.name.casefold().startswith(_WEIGHT_CODES)
    return is_code or bool(column.words & WEIGHTS and column.words & _OF_SAMPLES)


def why_set_aside(column: LookedColumn) -> str | None:
    """Return why a column cannot be a side, whatever its name, or None if it can."""
    if not column.counts:
        return "empty"
    if column.name.casefold() in TECHNICAL:
        return "added by the survey service"
    if len(column.counts) == 1:
        return "the same in every row" if column.n_filled == len(column.rows) else "one value, or nothing"
    if column.is_key or _unique(column) > _HARDLY:
        return "hardly any value comes again" if not column.is_key else "each row has its own value"
    if _long(column) == 1.0 and len(column.counts) > _MANY:
        return "free text"
    return None


_HARDLY = 0.5


def _is_axis(column: LookedColumn) -> bool:
    return can_be(column, "label") or (not column.is_number and 1 < len(column.counts) <= len(column.rows) / 2)


Feature = Callable[[LookedColumn], float]


_ENOUGH_ROWS = 10
_FEW, _MANY = 12, 80


def _recurs(column: LookedColumn) -> float:
    """Return 1 if each value occurs ten times on average, 0 if each occurs once."""
    n = len(column.counts)
    return min(1.0, portable.log(max(1.0, column.counts.total() / n)) / portable.log(_ENOUGH_ROWS)) if n else 0.0


def _several(column: LookedColumn) -> float:
    """Return 1 for 3 to 12 different values, half for two, falling to 0 at 80."""
    n = len(column.counts)
    if n <= 2:
        return 0.5 * (n == 2)
    return 1.0 if n <= _FEW else max(0.0, 1 - portable.log(n / _FEW) / portable.log(_MANY / _FEW))


def _missing(column: LookedColumn) -> float:
    """Return the share of rows without a value."""
    return 1 - column.n_filled / len(column.rows) if column.rows else 1.0


def _lopsided(column: LookedColumn) -> float:
    """Return 0 if the most frequent value has at most 80 % of the filled rows, 1 if it has all.

    Yes and no are lopsided by half, if enough rows have the rarer answer.
    """
    most = max(column.counts.values(), default=0) / max(1, column.n_filled)
    is_enough = column.is_flag and column.n_filled * (1 - most) >= _ENOUGH_WITH_RARER
    return max(0.0, (most - 0.8) / 0.2) * (0.5 if is_enough else 1.0)


_ENOUGH_WITH_RARER = 20


def _scattered(column: LookedColumn) -> float:
    """Return the share of rows outside the most frequent labels, if not all labels become categories."""
    if len(column.counts) <= _MOST_LABELS or not column.is_single:
        return 0.0
    return 1 - sum(sorted(column.counts.values(), reverse=True)[:_FEW]) / max(1, column.n_filled)


_MOST_LABELS = 16
"""Number of labels up to which each is a category."""


def _unique(column: LookedColumn) -> float:
    """Return 1 if no value occurs twice, 0 if each occurs twice or more."""
    return max(0.0, 2 * len(column.counts) / max(1, column.counts.total()) - 1) if column.is_single else 0.0


def _measured(column: LookedColumn) -> float:
    """Return 1 for numbers that are not codes: with decimals, or more than 12 different ones."""
    return float(column.is_number and (not column.is_whole or len(column.counts) > _FEW))


def _long(column: LookedColumn) -> float:
    """Return 1 if values are sentences."""
    return min(1.0, max(0.0, (sum(map(len, column.counts)) / max(1, len(column.counts)) - 20) / 20))


def _named(words: frozenset[str]) -> Feature:
    return lambda column: float(bool(column.words & words))


def names_things(column: LookedColumn) -> bool:
    """Return whether a column is named like an id, by its last word. A subject area is not."""
    words = name_words(column.name)
    if not words:
        return False
    return (
        words[-1] in IDS or (words[-1] in _NUMBERED and not IDS.isdisjoint(words)) or bool(_JOINED_ID.match(words[-1]))
    )


_JOINED_ID = re.compile(
    r"(person|patient|proband|subj|stud|resp|particip|teilnehm|kunden|user|haushalt|household|child|pupil|client|member"
    r"|mitglied|fall|case|ctry|team)[a-z]*(nummer|nr|number|num|no|id|name)$"
)
"""Ids whose name is one word: personennummer, userid, teamname."""

_NUMBERED = frozenset({"no", "nr", "number", "code", "name", "num"})


@dataclass(frozen=True)
class ScoredGuess:
    """A feature, its points for or against each role, and its description."""

    feature: Feature
    points: Mapping[Role, float]
    words: str


MODEL: dict[str, ScoredGuess] = {
    "recurs": ScoredGuess(_recurs, {"label": 2, "group": 1}, "values come again"),
    "several": ScoredGuess(_several, {"label": 2, "group": -2}, "few different values"),
    "text": ScoredGuess(lambda c: float(not c.is_number and not c.is_flag and c.bins is None), {"label": 1.5}, "words"),
    "flag": ScoredGuess(lambda c: float(c.is_flag), {"label": -0.5, "group": -3, "count": -3}, "yes or no"),
    "code": ScoredGuess(lambda c: float(c.is_number and not c.is_flag), {"label": -0.5}, "numbers"),
    "bins": ScoredGuess(lambda c: float(c.bins is not None), {"label": -1.5}, "numbers in bins"),
    "scattered": ScoredGuess(_scattered, {"label": -6}, "most labels are rare"),
    "measured": ScoredGuess(_measured, {"label": -4, "group": 0}, "numbers that measure"),
    "fraction": ScoredGuess(lambda c: float(c.is_number and not c.is_whole), {"group": -4, "count": -6}, "fractions"),
    "whole": ScoredGuess(lambda c: float(c.is_whole), {"count": 4.5}, "whole numbers"),
    "missing": ScoredGuess(_missing, {"label": -3, "group": -3, "count": -6}, "empty fields"),
    "lopsided": ScoredGuess(_lopsided, {"label": -3}, "nearly all the same"),
    "unique": ScoredGuess(_unique, {"label": -4, "group": -6}, "hardly any value comes again"),
    "date": ScoredGuess(lambda c: float(c.is_date), {"label": -6, "group": -6, "count": -9, "date": 4}, "dates"),
    "long": ScoredGuess(_long, {"label": -2}, "long texts"),
    "several in a field": ScoredGuess(
        lambda c: float(not c.is_single), {"label": 1.5, "group": -9}, "several in a field"
    ),
    "named a kind": ScoredGuess(_named(KINDS), {"label": 1}, "the name is that of a kind"),
    "named an outcome": ScoredGuess(_named(OUTCOMES), {"label": 1.5}, "the name is that of an outcome"),
    "named an id": ScoredGuess(names_things, {"label": -1.5, "group": 3.5}, "the name is that of an id"),
    "named a time": ScoredGuess(_named(TIMES), {"label": -1.5, "group": -3, "date": 0.5}, "the name is that of a time"),
    "named a count": ScoredGuess(_named(COUNTS), {"count": 3}, "the name is that of a count"),
    "named a measure": ScoredGuess(_named(MEASURES), {"label": -2, "group": -3}, "the name is that of a measure"),
    "named a text": ScoredGuess(_named(TEXTS), {"label": -1, "group": -3}, "the name is that of a text"),
}  # fmt: skip
"""All features, with their points."""

THRESHOLD: dict[Role, float] = {"label": 1.0, "group": 2.0, "count": 4.5, "date": 3.0}
"""Minimum number of points for each role."""


def points(column: LookedColumn, role: Role) -> float:
    """Return the score of a column in a role."""
    return sum(one.points[role] * one.feature(column) for one in MODEL.values() if role in one.points)


def can_be(column: LookedColumn, role: Role) -> bool:
    """Return whether a column scores enough for a role."""
    if role == "label" and (len(column.counts) < 2 or column.name.casefold() in TECHNICAL):
        return False
    return points(column, role) >= THRESHOLD[role]


def able(columns: Iterable[LookedColumn], role: Role) -> list[LookedColumn]:
    """Return the columns that can have a role, in order of likelihood."""
    return sorted((column for column in columns if can_be(column, role)), key=lambda column: -points(column, role))


def told(column: LookedColumn, role: Role) -> str:
    """Return the two strongest features in favour of a column in a role, and the strongest against it."""
    parts = sorted((one.points[role] * one.feature(column), one.words) for one in MODEL.values() if role in one.points)
    for_ = [words for value, words in reversed(parts) if value >= 0.5][:2]
    against = [f"but {words}" for value, words in parts[:1] if value <= -0.5]
    return ", ".join([*for_, *against])


def likeness(column: LookedColumn, key: LookedColumn, of: str) -> float:
    """Return a score from 0 to 1 for values of a column being names of a key.

    The score is the share of values that are names. Numbers can be the names of many things (months, row numbers). If
    the key has numbers, the share is multiplied by the share of names that occur, unless the column is named after the
    key or the entity `of`.
    """
    share = column.share_in(key.counts.keys())
    named = bool(of) and not _stems(column.words).isdisjoint(_stems(of.split("_")))
    if not key.is_number or named or column.name.casefold() == key.name.casefold():
        return share
    return share * sum(name in column.counts for name in key.counts) / len(key.counts)


def _stems(words: Iterable[str]) -> set[str]:
    return {word.casefold().removesuffix("s") for word in words} - {""}
