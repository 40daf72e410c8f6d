"""Profile the columns of a table: the kind of each, its answers in order, and what counts as missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from ... import portable
from ...arrays import Bools, Ints
from ...errors import DataError
from ...relations.dependence import is_identifier
from ...relations.recode import number_bins, number_of
from ...sources.personal import SAMPLED, looks_personal
from ...taxonomy.categorise import is_missing, missing_codes
from ...taxonomy.orders import order_of
from .reading import RawColumn, parts_of_list

Kind = Literal["categories", "ordered", "number", "several", "aside"]
"""Answers without an order, answers in order, numbers in bins, several answers in one field; or not offered."""

MOST_ANSWERS = 16
"""Maximum number of answers with a category each; further ones are other answers."""

_SHOWN = 12
"""The number of the most frequent answers that are categories if there are more than `MOST_ANSWERS`."""

FEWEST = 5
"""The fewest rows of an answer with a category, if there are more than two answers."""

_MOST_CONSTANT = 0.99
_NUMBERS = 0.98
"""Minimum share of the filled fields that are numbers in a column of numbers."""

_RARE, _LONG = 0.4, 150
"""A text is free if the most frequent answers have less than this share of the rows, or if it is longer on average."""

_SEPARATORS = (";", "|", ",")
_ID = re.compile(
    r"(?:^|[\W_])(id|ids|uuid|guid|key|respid|respondentid|rownames|name|title|url|link|index)$", re.IGNORECASE
)
_CODE = re.compile(
    r"(?:^|[\W_])(zip|zip ?code|postcode|postal|lat|latitude|lon|lng|longitude|fips|phone|geo)\b|[a-z]id$|zip code",
    re.IGNORECASE,
)
_WEIGHT = re.compile(r"^(.*[\W_])?(weights?|wt|wgt|pweight|finalwt|wtssall)$", re.IGNORECASE)
_COUNT = re.compile(
    r"^(.*[\W_])?(freq|frequency|count|counts|n|number_of_\w+|deaths|votes|population|anzahl|stimmen)$", re.IGNORECASE
)
_SERVICE = re.compile(
    r"^(rownames|start ?date|end ?date|recorded ?date|time ?stamp|submitted at|duration ?\(in seconds\)|progress|"
    r"finished|ip ?address|collector ?id|respondent ?id|response ?id|user ?language|status code|unnamed: 0|column 1)$",
    re.IGNORECASE,
)
_DATE = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_YES_NO = frozenset({"yes", "no", "true", "false", "y", "n", "t", "f"})
UNTICKED = frozenset({"", "0", "0.0", "no", "n", "false", "f", "not selected", "not chosen", "unchecked", "-", "-1"})
"""Texts in lower case of an option that was not chosen."""

LevelKind = Literal["answer", "rest", "code", "blank"]


@dataclass(frozen=True)
class Level:
    """An answer of a column, with the texts that mean it and its number of rows.

    rest: all rare answers; code: a text or number that means a missing answer; blank: the empty field.
    """

    name: str
    texts: tuple[str, ...]
    n: int
    kind: LevelKind = "answer"


@dataclass(eq=False)
class Column:
    """A column, its kind and its levels. `why` is the reason if it is set aside.

    `codes` (n,) are the levels of rows, -1 without one: every row has one, unless a field has several answers. `sets`
    (n, K) are then the answers of rows. `cuts` are the first numbers of bins.
    """

    raw: RawColumn
    kind: Kind = "aside"
    why: str = ""
    levels: tuple[Level, ...] = ()
    codes: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    sets: Bools | None = None
    separator: str = ""
    cuts: tuple[float, ...] = ()
    role: Literal["", "id", "weight", "count", "private"] = ""
    is_blank_only: bool = False
    ticked: str = ""

    @property
    def name(self) -> str:
        """The name in the table."""
        return self.raw.name

    @property
    def n_missing(self) -> int:
        """The number of rows without an answer."""
        return sum(level.n for level in self.levels if level.kind in ("code", "blank"))

    @property
    def answers(self) -> tuple[int, ...]:
        """The places of the levels that are answers."""
        return tuple(place for place, level in enumerate(self.levels) if level.kind in ("answer", "rest"))


def profiled(raw: RawColumn) -> Column:
    """Return a column with its kind. Each different text is looked at once."""
    column = Column(raw)
    if raw.is_list:
        return _several(column, "") or _aside(column, "lists whose values hardly repeat")
    counts = raw.counts
    values = _spellings(raw, counts)
    blank = int((raw.codes < 0).sum()) + sum(n for name, _, n in values if not name)
    values = [value for value in values if value[0]]
    codes = [value for value in values if is_missing(value[0])]
    values = [value for value in values if not is_missing(value[0])]
    numbers = {name: number for name, _, _ in values if (number := number_of(name)) is not None}
    have = sum(n for *_, n in values)
    is_number = bool(values) and sum(n for name, _, n in values if name in numbers) >= _NUMBERS * have
    if is_number:
        of_numbers: Counter[float] = Counter()
        for name, _, n in values:
            if name in numbers:
                of_numbers[numbers[name]] += n
        missing = set(missing_codes(of_numbers))
        codes += [value for value in values if numbers.get(value[0]) in missing]
        values = [value for value in values if numbers.get(value[0]) not in missing]
        have = sum(n for *_, n in values)
    found = _Found(column, values, codes, blank, numbers, have)
    return found.settled(is_number=is_number)


Value = tuple[str, tuple[str, ...], int]
"""A name, the texts that are the same but for case and spaces around, and their number of rows."""


def _spellings(raw: RawColumn, counts: Ints) -> list[Value]:
    """Return the distinct values, the most frequent first; 1.0 is 1 if all numbers are whole."""
    alike: dict[str, list[int]] = {}
    for place, text in enumerate(raw.texts):
        alike.setdefault(text.strip().casefold(), []).append(place)
    found = []
    for places in alike.values():
        first = max(places, key=lambda place: (counts[place], -place))
        name = re.sub(r"^([-+]?\d+)\.0+$", r"\1", re.sub(r"\s+", " ", raw.texts[first]).strip())
        found.append((name, tuple(raw.texts[place] for place in places), int(counts[places].sum())))
    return sorted(found, key=lambda value: (-value[2], value[0]))


def _aside(column: Column, why: str, role: Literal["", "id", "weight", "count", "private"] = "") -> Column:
    return replace(column, kind="aside", why=why, role=role)


@dataclass(eq=False)
class _Found:
    """The values of a column whose kind is still to be decided."""

    column: Column
    values: list[Value]
    codes: list[Value]
    blank: int
    numbers: dict[str, float]
    have: int

    def settled(self, *, is_number: bool) -> Column:  # noqa: PLR0911 - one for each kind of column
        """Return the column with its kind."""
        column, raw, values = self.column, self.column.raw, self.values
        if not values:
            return _aside(column, "empty")
        if len(values) == 1:
            name, _, n = values[0]
            if n == len(raw.codes):
                return _aside(column, "one value in every row")
            ticked = self._categories([values[0]], "categories")
            return replace(ticked, kind="aside", why="one value or empty", is_blank_only=True, ticked=name)
        if is_identifier(raw.name):
            return _aside(column, "an id", "id")
        sample = [forms[0] for _, forms, _ in values[:SAMPLED]]
        what = looks_personal(raw.name, sample)
        if what is not None and len(values) > 2:
            return _aside(column, f"seems to contain {what}: nothing of it is shown", "private")
        if _SERVICE.match(raw.name.strip()) and len(values) > 2:
            role: Literal["", "id"] = "id" if is_identifier(raw.name) or "id" in raw.name.casefold() else ""
            return _aside(column, "added by the survey service", role)
        if is_number and len(values) > 2:
            return self._of_numbers()
        return self._of_texts()

    def _of_numbers(self) -> Column:
        column, name = self.column, self.column.name
        numbers = {self.numbers[one]: n for one, _, n in self.values if one in self.numbers}
        is_whole = all(number.is_integer() for number in numbers)
        is_each = len(numbers) >= 0.9 * self.have and self.have > MOST_ANSWERS
        if _WEIGHT.match(name) and not is_whole and min(numbers) >= 0 and not self.blank:
            return _aside(column, "its name says that it is a weight", "weight")
        if is_whole and (_ID.search(name) or _CODE.search(name) or (is_each and max(numbers) < 2 * len(numbers))):
            return _aside(column, "an id, a code or a number of the row", "id")
        if len(self.values) <= MOST_ANSWERS - 4 and is_whole:
            if max(numbers.values()) >= _MOST_CONSTANT * self.have:
                return _aside(column, "one value in nearly every row")
            ordered = sorted(self.values, key=lambda value: self.numbers.get(value[0], np.inf))
            return self._categories(ordered, "ordered")
        cuts = _cuts(numbers)
        if not cuts:
            return _aside(column, "one value in most rows")
        return self.binned(cuts)

    def binned(self, cuts: Sequence[float]) -> Column:
        """Return the column in bins, as a build makes them."""
        numbers = {self.numbers[one]: n for one, _, n in self.values if one in self.numbers}
        labels, places = number_bins(numbers, cuts)
        inside: dict[str, list[Value]] = {label: [] for label in labels}
        odd = [value for value in self.values if value[0] not in self.numbers]
        for value in self.values:
            if value[0] in self.numbers:
                inside[labels[places[self.numbers[value[0]]]]].append(value)
        if not all(inside.values()):
            raise DataError(f"bins of {self.column.name}: no row is in one of these bins; leave out a number")
        made = [
            (label, tuple(text for _, texts, _ in of for text in texts), sum(n for *_, n in of))
            for label, of in inside.items()
        ]
        self.codes = [*self.codes, *odd]
        return replace(self._categories(made, "number"), cuts=tuple(cuts))

    def _of_texts(self) -> Column:
        column, values, have = self.column, self.values, self.have
        n = [value[2] for value in values]
        if len(values) > 20 and sum(k for name, _, k in values if _DATE.match(name)) > 0.9 * have:
            return _aside(column, "dates: write a config with bins: years or months to use it")
        for separator in _SEPARATORS if len(values) > _SHOWN and have > 2 * FEWEST else ():
            if (several := _several(column, separator)) is not None:
                return several
        length = sum(len(name) * k for name, _, k in values) / have
        if len(values) > 0.9 * have and len(values) > MOST_ANSWERS:
            return _aside(column, "a different value in nearly every row", "id" if is_identifier(column.name) else "")
        is_rare = len(values) > 20 and sum(n[:_SHOWN]) < _RARE * have
        if is_rare or length > _LONG or (len(values) > 2 and n[1] < FEWEST):
            return _aside(column, "free text or names: most values are rare")
        if n[0] >= _MOST_CONSTANT * have:
            return _aside(column, "one value in nearly every row")
        most = len(values) if len(values) <= MOST_ANSWERS else _SHOWN
        names = [value[0] for value in values if value[2] >= FEWEST or len(values) == 2][:most]
        found = order_of(names)
        if found is not None and (order := order_of([value[0] for value in values])) is not None:
            found = order  # rare steps of a scale are steps too
            names = [name for name in (*order.labels, *order.outside) if name in names or name in order.labels]
        elif found is not None:
            names = [*found.labels, *found.outside]
        elif [one.casefold() for one in sorted(names)] in (["no", "yes"], ["false", "true"]):
            names = sorted(names)
        by_name = {value[0]: value for value in values}
        rest = [value for value in values if value[0] not in names]
        return self._categories([by_name[name] for name in names], "ordered" if found else "categories", rest)

    def _categories(self, values: Sequence[Value], kind: Kind, rest: Sequence[Value] = ()) -> Column:
        raw = self.column.raw
        levels = [Level(*value) for value in values]
        if rest:
            own = next((place for place, level in enumerate(levels) if level.name.casefold() == "other"), None)
            texts, n = tuple(text for value in rest for text in value[1]), sum(value[2] for value in rest)
            name = rest[0][0] if len(rest) == 1 else "Other"
            if own is None:
                levels.append(Level(name, texts, n, "answer" if len(rest) == 1 else "rest"))
            else:
                other = levels.pop(own)
                levels.append(Level(other.name, (*other.texts, *texts), other.n + n, "rest"))
        levels += [Level(*value, "code") for value in self.codes]
        of_text = {text: place for place, level in enumerate(levels) for text in level.texts}
        places = np.array([of_text.get(text, -1) for text in raw.texts] + [-1], dtype=np.int64)
        codes = places[raw.codes]
        blank = codes < 0
        if blank.any():
            codes = np.where(blank, len(levels), codes)
            empty = tuple(text for text in raw.texts if text not in of_text)
            levels.append(Level("No answer", empty, int(blank.sum()), "blank"))
        return replace(self.column, kind=kind, why="", levels=tuple(levels), codes=codes)


def rebinned(column: Column, cuts: Sequence[float]) -> Column:
    """Return a column of numbers in other bins. Raises DataError if a bin would be empty."""
    values = [value for value in _spellings(column.raw, column.raw.counts) if value[0]]
    coded = {text for level in column.levels if level.kind == "code" for text in level.texts}
    codes = [value for value in values if value[1][0] in coded]
    values = [value for value in values if value[1][0] not in coded]
    numbers = {name: number for name, _, _ in values if (number := number_of(name)) is not None}
    found = _Found(Column(column.raw), values, codes, 0, numbers, sum(value[2] for value in values))
    return found.binned(sorted(set(cuts)))


def _several(column: Column, separator: str) -> Column | None:
    """Return a column whose fields have several answers each, or None if they have not."""
    raw = column.raw
    counts = raw.counts
    split = [parts_of_list(text) if raw.is_list else text.split(separator) for text in raw.texts]
    parted = [list(dict.fromkeys(part.strip() for part in parts if part.strip())) for parts in split]
    have = int(sum(n for parts, n in zip(parted, counts, strict=True) if parts))
    with_several = int(sum(n for parts, n in zip(parted, counts, strict=True) if len(parts) > 1))
    if not have or with_several < 0.1 * have:
        return None
    n: Counter[str] = Counter()
    for parts, k in zip(parted, counts, strict=True):
        n.update(dict.fromkeys(parts, int(k)))
    often = [part for part, k in n.most_common(MOST_ANSWERS) if k >= max(FEWEST, 0.02 * have)]
    if len(often) < 3 or sum(n[part] for part in often) < 0.6 * sum(n.values()):
        return None
    if separator == "," and sum(
        k for text, k in zip(raw.texts, counts, strict=True) if re.search(r",\s{2}|\d,\d", text)
    ):
        return None
    place = {part: at for at, part in enumerate(often)}
    sets = np.zeros((len(raw.texts) + 1, len(often)), dtype=np.bool_)
    for at, parts in enumerate(parted):
        sets[at, [place[part] for part in parts if part in place]] = True
    there = np.array([bool(parts) for parts in parted] + [False])
    levels = [Level(part, (part,), n[part]) for part in often]
    blank = ~there[raw.codes]
    if blank.any():
        levels.append(Level("No answer", (), int(blank.sum()), "blank"))
    codes = np.where(blank, len(often), -1)
    return replace(
        column, kind="several", why="", levels=tuple(levels), codes=codes, sets=sets[raw.codes], separator=separator
    )


def _cuts(numbers: dict[float, int]) -> tuple[float, ...]:
    """Return up to three round cuts near the quartiles; zero is a bin of its own if a tenth of the rows have it."""
    values = np.array(sorted(numbers))
    below = np.cumsum([numbers[value] for value in values.tolist()])
    total = below[-1]
    is_zero = values[0] == 0 and numbers[0.0] > 0.1 * total
    if is_zero:
        values, below = values[1:], below[1:] - below[0]
        if not len(values):
            return ()
    cuts: list[float] = [float(values[0])] if is_zero else []
    is_whole = bool((values == np.round(values)).all())
    for part in (1 / 3, 2 / 3) if is_zero else (0.25, 0.5, 0.75):
        value = float(values[np.searchsorted(below, part * below[-1])])
        step = portable.ten_to(portable.decade(abs(value) or 1.0)) / (
            200 if 1000 <= abs(value) < 2100 and is_whole else 2
        )
        step = max(step, 1.0) if is_whole else step
        cut = float(f"{round(value / step) * step:.6g}")
        cut = cut if values[0] < cut <= values[-1] else value
        if values[0] < cut <= values[-1] and (not cuts or cut > cuts[-1]):
            cuts.append(cut)
    every = np.array(sorted(numbers))
    places = np.searchsorted(every, cuts)
    return tuple(cut for cut, below, place in zip(cuts, [0, *places], places, strict=False) if below < place)


def flag(column: Column) -> tuple[str, ...] | None:
    """Return the texts of a column that mark an option as chosen, or None if it does not look like an option."""
    if column.is_blank_only:
        return () if column.ticked.casefold() not in UNTICKED else None
    answers = [column.levels[place] for place in column.answers]
    noes = [level for level in answers if level.name.casefold() in UNTICKED]
    if len(answers) == 2 and len(noes) == 1 and column.sets is None:
        return next(level for level in answers if level not in noes).texts
    return None


def count_column(columns: Sequence[Column]) -> Column | None:
    """Return the column of the number of units in a row: by its name, if hardly two rows have equal labels."""
    labels = [c for c in columns if c.kind in ("categories", "ordered") and not _COUNT.match(c.name)]
    for column in columns:
        if not _COUNT.match(column.name) or not 1 < len(labels) <= 8:
            continue
        texts = column.raw.texts
        numbers = [number_of(text) for text in texts]
        if any(n is None or n < 0 or not n.is_integer() for n in numbers) or (column.raw.codes < 0).any():
            continue
        rows = np.stack([label.codes for label in labels], axis=1)
        if 1 - len(np.unique(rows, axis=0)) / len(rows) < 0.1:
            return column
    return None
