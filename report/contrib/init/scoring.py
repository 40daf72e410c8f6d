"""Score each column for each role by its visible properties, and find columns and tables that belong together."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from ...api import is_leftover, order_of
from .association import Associations
from .columns import Look, LookedColumn, Role, unit_of

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


def _known(column: LookedColumn, other: LookedColumn) -> tuple[float, float]:
    """Return the share correctly guessed from the most frequent value of `other`: by value of a column, and overall."""
    pairs = [(a, b) for a, b in zip(column.rows, other.rows, strict=True) if a and b]
    seen = Counter(a for a, _ in pairs)
    together = Counter(pair for pair in pairs if seen[pair[0]] > 1)
    n = together.total()
    if not n:
        return 0.0, 1.0
    leading: dict[tuple[str, ...], int] = {}
    for (a, _), times in together.items():
        leading[a] = max(leading.get(a, 0), times)
    commonest = max(Counter(b for _, b in pairs).values()) / len(pairs)
    return sum(leading.values()) / n, commonest


def are_alike(first: LookedColumn, second: LookedColumn) -> bool:
    """Return whether two sides have enough labels in common for the same taxonomy.

    Numbers, and answers such as low and high, look the same for every question, so such columns must also share a word
    of their names. Two questions with the same two answers, such as yes and no, do not have the same taxonomy.
    """
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
    return 2 * sum(bool(_ANSWERS & set(re.findall(r"[a-z]+", label.casefold()))) for label in named) >= len(named)


@dataclass(frozen=True)
class SidePair:
    """Two columns as sides of records, and their joint score."""

    rows: LookedColumn
    columns: LookedColumn
    score: float
    strength: float
    """Lower limit of their association, from 0 for no association beyond chance to 1."""


_FOR_BACKGROUNDS = 4.0
"""Points deducted if both columns describe who or where; a third of them if one describes the life of a person."""

_FOR_ONE = 4.0
"""Points deducted if one column nearly determines the other, or if both have the same name but for a number."""

_FOR_STRENGTH = 3.0
"""Points for a pair with a certain strong association."""

_FOR_NOTHING, _FOR_NO_EFFECT = 3.5, 2.0
"""Points deducted if no cell clearly differs from chance, so that a report would find nothing; fewer for an outcome.

A treatment without an effect on the outcome is an answer, and loses none.
"""

_FOR_TWO_SCALES = 3.0
"""Points deducted for two columns of numbers whose names share a word: the same scale for two times or places."""

_FOR_SUBJECT = 2.0
"""Points if the name of a column occurs in the name of the file: it is the subject of the table."""


@dataclass(frozen=True)
class _Context:
    """The facts about a table that the choice uses: associations, the words of its file's name and its last column."""

    associations: Associations
    stems: frozenset[str]
    last: str

    @classmethod
    def of(cls, look: Look, sides: Sequence[LookedColumn], count: LookedColumn | None) -> _Context:
        """Return the context of a table, in which a column may count the units of each row."""
        group = next((column for _, column, _ in group_of(look, ())), None) if count is None else None
        words = re.findall(r"[a-z]+", look.path.name.partition(".")[0].casefold())
        if unit_of(look.path.name.partition(".")[0]) is not None:  # the last word names the rows
            words = words[:-1]
        return cls(
            Associations(weights_by(count), group),
            frozenset(_subjects(words)),
            next((side.name for side in reversed(sides) if not names_things(side)), ""),
        )

    def is_subject(self, column: LookedColumn) -> bool:
        """Return whether the name of a column occurs in the name of the file."""
        return not self.stems.isdisjoint(_subjects(column.words))


def weights_by(count: LookedColumn | None) -> NDArray[np.float64] | None:
    """Return the number of units of each row, or None if each row is one."""
    return None if count is None else np.array([float(n[0]) if n else 0.0 for n in count.rows])


_STEM = 4


def _subjects(words: Iterable[str]) -> set[str]:
    """Return the first letters of long words, so that smoking is the same as smoker."""
    return {word[:_STEM] for word in words if len(word) > _STEM}


def pairs(
    look: Look, rows: LookedColumn | None = None, columns: LookedColumn | None = None, count: LookedColumn | None = None
) -> list[SidePair]:
    """Return pairs of columns that can be the two sides, in order of likelihood. A given column is always used.

    `count` is the column of counts, if each combination of labels occurs once.
    """
    sides = _sides(look)
    in_order = rows is not None or columns is not None
    free = combinations(sides, 2)
    both = list(product([rows] if rows else sides, [columns] if columns else sides) if in_order else free)
    others = [(a, b) for a, b in both if a.name != b.name and not a.in_file & b.in_file]
    if not in_order:
        others = [(a, b) for a, b in others if not _are_bound(a, b, counted=count is not None)]
    context = _Context.of(look, sides, count)
    found = [_pair(a, b, context, in_order=in_order) for a, b in others]
    return sorted(found, key=lambda pair: -pair.score)


def _are_bound(first: LookedColumn, second: LookedColumn, *, counted: bool) -> bool:
    """Return whether the relation of two columns is fixed: one determines the other, or the design is crossed."""
    if not (first.is_single and second.is_single) or are_alike(first, second):  # close agreement is possible
        return False
    return fixes(first, second) or fixes(second, first) or (not counted and are_crossed(first, second))


def are_crossed(first: LookedColumn, second: LookedColumn) -> bool:
    """Return whether each pair of values occurs exactly as expected by chance: an experiment, or a balanced panel."""
    pairs = Counter((a[0], b[0]) for a, b in zip(first.rows, second.rows, strict=True) if a and b)
    rows, columns = (Counter(key[side] for key in pairs.elements()) for side in (0, 1))
    n = pairs.total()
    return all(pairs[a, b] * n == rows[a] * columns[b] for a in rows for b in columns)


def _sides(look: Look) -> list[LookedColumn]:
    """Return possible sides: for a matrix of counts, its options and the names of its rows.

    A column that is one option of a question is no side of its own.
    """
    matrix = [c for c in look.columns if c.amounts is not None]
    if matrix:
        return [*(c for c in look.columns if c.is_single and not c.is_number), *matrix]
    found = [column for column in look.columns if can_be(column, "label")]
    options = [column.in_file for column in found if column.ticked is not None]
    return [c for c in found if c.ticked is not None or not any(c.name in of_question for of_question in options)]


def _pair(first: LookedColumn, second: LookedColumn, context: _Context, *, in_order: bool) -> SidePair:
    """Return two columns as a pair: multi-label fields as rows, outcomes as columns, otherwise in file order."""
    score = points(first, "label") + points(second, "label") + _by_names(first, second, context)
    both = [(a, b) for a, b in zip(first.rows, second.rows, strict=True) if a and b]
    n_rows = max(1, len(first.rows))
    score -= 2 * (1 - len(both) / n_rows)
    score -= max(0.0, math.log2(len(first.counts) * len(second.counts) / max(1, len(both))))
    score += 1 if first.is_flag != second.is_flag else 0  # "who says yes" is a question; yes by yes less so
    alike = are_alike(first, second)
    score += 1 if alike else 0
    strength = 0.0
    if first.amounts is None and second.amounts is None:
        strength = context.associations.strength(first, second, are_alike=alike)
        score -= 0 if context.associations.is_clear(first, second) else (1 - strength) * _for_nothing(first, second)
    if first.is_single and second.is_single and not alike:
        is_one = any(nearly_fixes(a, b) for a, b in ((first, second), (second, first)))
        score -= _FOR_ONE if is_one or context.associations.is_nearly_one(first, second) else 0
    score += _FOR_STRENGTH * strength
    if second.amounts is not None:
        return SidePair(first, second, score, strength)
    swaps = _place(second, context) < _place(first, context)
    ends = (second, first) if swaps and not in_order else (first, second)
    return SidePair(*ends, score, strength)


def _place(column: LookedColumn, context: _Context) -> tuple[bool, ...]:
    """Return the sort key of a side: several labels in a field first, then who or where, and an answer last."""
    is_outcome = bool(column.words & OUTCOMES)
    is_earlier, *is_given = (bool(column.words & words) for words in (_EARLIER, BACKGROUND, _LIFE))
    is_last = (is_outcome, not is_earlier, context.is_subject(column))
    return column.is_single, *is_last, *(not given for given in is_given)


def _by_names(first: LookedColumn, second: LookedColumn, context: _Context) -> float:
    """Return the points of a pair by the names of its columns and their places in the file."""
    columns = (first, second)
    score = 0.0
    outcomes = [bool(column.words & OUTCOMES) for column in columns]
    score += 3.5 if outcomes[0] != outcomes[1] else 0
    effects = [bool(column.words & (OUTCOMES - _REASONS)) for column in columns]
    if any(effects) and any(column.words & _TREATMENTS for column in columns):
        score += 3
    score += _FOR_SUBJECT if any(map(context.is_subject, columns)) else 0
    score += 0.5 if context.last in (first.name, second.name) else 0
    if all(column.words & (BACKGROUND | _LIFE) for column in columns):
        score -= _FOR_BACKGROUNDS / (1 if all(column.words & BACKGROUND for column in columns) else 3)
    score -= _FOR_ONE if _have_one_name(first, second) else 0
    score -= _FOR_TWO_SCALES if first.is_number and second.is_number and first.words & second.words else 0
    return score


def _for_nothing(first: LookedColumn, second: LookedColumn) -> float:
    """Return the points deducted from a pair in which no cell clearly differs from chance."""
    outcomes = [bool(column.words & OUTCOMES) for column in (first, second)]
    if any(outcomes) and (first.words | second.words) & _TREATMENTS:
        return 0.0
    return _FOR_NO_EFFECT if outcomes[0] != outcomes[1] else _FOR_NOTHING


def _have_one_name(first: LookedColumn, second: LookedColumn) -> bool:
    """Return whether one thing was recorded twice: method and method2, pre-race and race."""
    one, other = ({re.sub(r"\d+$", "", word) for word in column.words} - {""} for column in (first, second))
    return bool(one and other) and (one <= other or other <= one) and first.is_single and second.is_single


def group_of(look: Look, sides: Sequence[LookedColumn]) -> list[tuple[float, LookedColumn, str]]:
    """Return columns that rows may share and that make them dependent: (score, column, reason), best first.

    A column that recurs and determines the label of a side is more likely: a plot has its treatment, a person a sex.
    """
    found = []
    for column in look.columns:
        n = len(column.counts)
        recurs = _NAMED_RECURS if names_things(column) and "name" not in column.words else _RECURS
        if column.name in {side.name for side in sides} or n < 5 or recurs * n > column.counts.total():
            continue
        if column.is_number and not names_things(column):  # an age is not a shared group
            continue
        if column.words & BACKGROUND:  # people of one place are a part of the table, not repeated measurements
            continue
        if column.is_number and n <= _LONGEST_SCALE and not column.words <= IDS:  # nor is a rating
            continue
        if any(side.is_single and fixes(column, side) and fixes(side, column) for side in sides):  # the side itself
            continue
        fixed = [s.name for s in sides if s.is_single and n > 1.5 * len(s.counts) and fixes(column, s)]
        score = points(column, "group") + (2 if fixed else 0)
        if (
            names_things(column) and "name" not in column.words
        ):  # an id that recurs at all shows that rows are not independent
            if 1.2 * n > column.counts.total() and not any(fixes(column, c) for c in look.columns if c is not column):
                continue
            score -= MODEL["unique"].points["group"] * _unique(column)
        if score >= THRESHOLD["group"]:
            says = f", each with one {fixed[0]}" if fixed else ", and it is named as ids are"
            found.append((score, column, f"its {n:,} values come again{says}"))
    return sorted(found, key=lambda one: -one[0])


_RECURS, _NAMED_RECURS = 1.2, 1.05
"""Minimum number of rows per value of a column that rows share, and of one that is named as ids are."""

_LONGEST_SCALE = 11
"""Number of steps of a scale, such as 0 to 10."""


def count_of(look: Look) -> list[LookedColumn]:
    """Return columns that may count the units of a row, in order of likelihood.

    This requires a table of counts: no two rows have the same labels, and at least half of all combinations occur,
    or the column is named as frequencies are.
    """
    labels = [column for column in look.columns if column.is_single and _is_axis(column)]
    if any(column.amounts is not None for column in look.columns):
        return []
    whole = [c for c in able(look.columns, "count") if c.is_whole and not c.is_flag and not c.words & IDS]
    found = [column for column in whole if not any(value.startswith("-") for value in column.counts)]
    for counts in (found, *([column] for column in found)):  # all are counts, or one is, and others are codes
        kept = [column for column in labels if column not in counts]
        n_seen = len(set(zip(*(column.rows for column in kept), strict=True)))
        possible = math.prod(len(column.counts) for column in kept)
        if len(kept) > 1 and n_seen == look.n_rows and 2 * look.n_rows >= possible:
            return counts
    frequencies = [column for column in found if column.words & _FREQUENCIES]
    others = [column.rows for column in look.columns if column not in frequencies and not column.is_key]
    if len(frequencies) == 1 and len(labels) > 1 and len(set(zip(*others, strict=True))) == look.n_rows:
        return frequencies
    return []


_FREQUENCIES = frozenset({"freq", "freqs", "frequency", "frequencies"})
"""Words for a count of units, even if many combinations of labels have no row."""


def weights_of(look: Look) -> list[LookedColumn]:
    """Return columns that may contain weights: with such a name, and with positive numbers that differ."""
    return [
        column
        for column in look.columns
        if column.words & WEIGHTS
        and column.is_number
        and len(column.counts) > 1
        and column.n_filled == look.n_rows
        and min(float(value) for value in column.counts) >= 0
    ]


def why_set_aside(column: LookedColumn) -> str | None:
    """Return why a column cannot be a side, whatever its name, or None if it can."""
    if not column.counts:
        return "empty"
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


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ANSWERS = _words(
    "yes no true false low medium moderate high none some all few many little much often never always rarely sometimes "
    "good bad poor fair excellent better worse same agree disagree neutral positive negative other unknown left right "
    "small large mild severe normal abnormal present absent pass fail"
)
"""Answers that are common to questions about different things."""

_KINDS = _words(
    "type types status kind class category categories genre group species label labels tag tags task tasks topic role "
    "job occupation sector industry style shape color colour cut clarity segment brand maker manufacturer "
    "party religion race ethnicity field subject department diet vore order taxa island site purpose cause "
    "method mode level grade channel treatment arm rx"
)
OUTCOMES = _words(
    "outcome result results survived survival response vote choice diagnosis end improved attrition churn pred "
    "predicted assigned next decision cause admit admitted dead died death deaths fatal alive stance opinion attitude "
    "released rejected accepted approved default success failure relapse recovered cured satisfaction injury severity "
    "effect damage target"
)
_REASONS = _words("diagnosis cause decision admit admitted assigned next")
"""Words for outcomes that a treatment follows rather than brings about."""

IDS = _words(
    "id ids uuid uid guid key index idx code rownames row subject patient person respondent participant individual "
    "pupil idno nr subj sid student caseid hhid household tailnum seqn record fold resample plot name batch"
)
_TIMES = _words(
    "year month day hour minute second date time week weekday quarter decade yr series episode season round"
)
WEIGHTS = _words("weight weights weighting wt wgt wght pweight pwgt finalwt gewicht gewichtung poids peso")
_TREATMENTS = _words("treatment treatments treat treated trt arm rx drug dose therapy vaccine intervention placebo")
"""Words for treatments of units, whose outcome is the question."""

BACKGROUND = _words(
    "sex gender age ages race ethnicity ethnic nationality region state province country city county district "
    "location place urban rural neighborhood neighbourhood precinct ward borough residence birth born native "
    "language immigrant citizen geschlecht alter sexe âge edad sexo"
)
"""Words for attributes such as who or where: two such columns are rarely the question."""

_EARLIER = _words("father fathers mother mothers parent parents before pre previous first baseline initial")
"""Words for the earlier of two times or generations."""

_LIFE = _words(
    "marital married marriage education educ edu educational qualification qualifications school degree religion "
    "relationship child children housing housework homeownership income household family occupation"
)
"""Words for the circumstances of a person, which may be an outcome, but less often of each other."""

_COUNTS = _words("n count counts freq frequency total number")
_MEASURES = _words("lat latitude long lon longitude lng zip postcode url link email phone ssn price amount")
_TEXTS = _words("comment comments description text note notes remark remarks title address summary")

_ENOUGH_ROWS = 10
_FEW, _MANY = 12, 80


def _recurs(column: LookedColumn) -> float:
    """Return 1 if each value occurs ten times on average, 0 if each occurs once."""
    n = len(column.counts)
    return min(1.0, math.log(max(1.0, column.counts.total() / n), _ENOUGH_ROWS)) if n else 0.0


def _several(column: LookedColumn) -> float:
    """Return 1 for 3 to 12 different values, half for two, falling to 0 at 80."""
    n = len(column.counts)
    if n <= 2:
        return 0.5 * (n == 2)
    return 1.0 if n <= _FEW else max(0.0, 1 - math.log(n / _FEW) / math.log(_MANY / _FEW))


def _missing(column: LookedColumn) -> float:
    """Return the share of rows without a value."""
    return 1 - column.n_filled / len(column.rows) if column.rows else 1.0


def _lopsided(column: LookedColumn) -> float:
    """Return 0 if the most frequent value has at most 80 % of the filled rows, 1 if it has all."""
    most = max(column.counts.values(), default=0) / max(1, column.n_filled)
    return max(0.0, (most - 0.8) / 0.2)


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
    words = [word.casefold() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+", column.name)]
    return bool(words) and (words[-1] in IDS or (words[-1] in _NUMBERED and not IDS.isdisjoint(words)))


_NUMBERED = frozenset({"no", "nr", "number", "code", "name", "num"})


@dataclass(frozen=True)
class Weighed:
    """A feature, its points for or against each role, and its description."""

    feature: Feature
    points: Mapping[Role, float]
    words: str


MODEL: dict[str, Weighed] = {
    "recurs": Weighed(_recurs, {"label": 2, "group": 1}, "values come again"),
    "several": Weighed(_several, {"label": 2, "group": -2}, "few different values"),
    "text": Weighed(lambda c: float(not c.is_number and not c.is_flag), {"label": 1.5}, "words"),
    "flag": Weighed(lambda c: float(c.is_flag), {"label": -1, "group": -3, "count": -3}, "yes or no"),
    "code": Weighed(lambda c: float(c.is_number), {"label": -0.5}, "numbers"),
    "measured": Weighed(_measured, {"label": -4, "group": 0}, "numbers that measure"),
    "fraction": Weighed(lambda c: float(c.is_number and not c.is_whole), {"group": -4, "count": -6}, "fractions"),
    "whole": Weighed(lambda c: float(c.is_whole), {"count": 4.5}, "whole numbers"),
    "missing": Weighed(_missing, {"label": -3, "group": -3, "count": -6}, "empty fields"),
    "lopsided": Weighed(_lopsided, {"label": -3}, "nearly all the same"),
    "unique": Weighed(_unique, {"label": -4, "group": -6}, "hardly any value comes again"),
    "date": Weighed(lambda c: float(c.is_date), {"label": -6, "group": -6, "count": -9, "date": 4}, "dates"),
    "long": Weighed(_long, {"label": -2}, "long texts"),
    "several in a field": Weighed(lambda c: float(not c.is_single), {"label": 1.5, "group": -9}, "several in a field"),
    "named a kind": Weighed(_named(_KINDS), {"label": 1}, "the name is that of a kind"),
    "named an outcome": Weighed(_named(OUTCOMES), {"label": 1.5}, "the name is that of an outcome"),
    "named an id": Weighed(names_things, {"label": -1.5, "group": 3.5}, "the name is that of an id"),
    "named a time": Weighed(_named(_TIMES), {"label": -1.5, "group": -3, "date": 0.5}, "the name is that of a time"),
    "named a count": Weighed(_named(_COUNTS), {"count": 3}, "the name is that of a count"),
    "named a measure": Weighed(_named(_MEASURES), {"label": -2, "group": -3}, "the name is that of a measure"),
    "named a text": Weighed(_named(_TEXTS), {"label": -1, "group": -3}, "the name is that of a text"),
}  # fmt: skip
"""All features, with their points."""

THRESHOLD: dict[Role, float] = {"label": 1.0, "group": 2.0, "count": 4.5, "date": 3.0}
"""Minimum number of points for each role."""


def points(column: LookedColumn, role: Role) -> float:
    """Return the score of a column in a role."""
    return sum(one.points[role] * one.feature(column) for one in MODEL.values() if role in one.points)


def can_be(column: LookedColumn, role: Role) -> bool:
    """Return whether a column scores enough for a role."""
    if role == "label" and len(column.counts) < 2:
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
