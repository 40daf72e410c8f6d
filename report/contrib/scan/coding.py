"""Columns of a table as categories: as init reads them, with numbers and dates in bins; others are set aside."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ...arrays import Bools, Floats, Ints
from ...foreign_text import visible
from ...sources.personal import SAMPLED, looks_personal
from ...taxonomy.orders import is_leftover
from ..init.columns import FLAGS, LookedColumn, column_of, natural_order
from ..init.scoring import names_things
from .layout import Codes, Layout

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["categories", "ordered", "number", "date", "option"]
"""Kinds of columns. An option is a yes/no column, or one answer of a question with several answers."""

MISSING = frozenset({"", "NA", "NaN", "nan", "null", "NULL"})
"""Values that are missing. "None" and "N/A" can be answers."""

_ANSWERS = re.compile(r"other|none|misc|rest\b|unclassified|n/?a\b", re.IGNORECASE)
"""Residual answers that are answers. All others, such as "unknown" or "don't know", are missing values."""
_UNSURE = frozenset({"refused", "refusal", "missing", "not sure", "unsure"})
"""Values that are answers unless the column has another one that says that there is no answer."""
_NOT_ASKED = frozenset({"?", ".", "-", "inapplicable", "iap", "not in universe", "niu", "does not apply", "skipped"})

_FEWEST = 20
"""Minimum number of answers in a column."""
_RARE, _RARE_SHARE = 10, 0.005
"""A category with fewer rows, or a smaller share of the answers, is combined with others."""
_MOST_CATEGORIES = 20
_BINS = 5
_MOST_NUMBERS = 12
"""Up to this number of different values, each number is a category."""
_FEWEST_OUTSIDE = 10
"""Minimum number of answers that differ from the most frequent one."""
_UNIQUE, _MANY, _TEXT_SHARE, _TEXT_LENGTH = 0.95, 50, 0.3, 40
_DENSE = 1.5
"""Unique whole numbers are row numbers if their range is less than this many times their number."""
_WEIGHT, _NEAR_ONE = re.compile(r"w(?:ei)?ght|wgt", re.IGNORECASE), 0.1
"""Names of columns of weights, whose mean is 1."""
_EXAMINED = 2000
"""Number of distinct values from which dates and separators are recognised."""
_OTHER = "Other"
_NO = frozenset({"no", "not selected", "0", "false", "unchecked", "not mentioned", "n", "f", "0_no", "nein", "non"})


_QUANTITIES = frozenset(
    [
        "age",
        "agreement",
        "amount",
        "class",
        "count",
        "day",
        "degree",
        "frequency",
        "grade",
        "hour",
        "income",
        "intensity",
        "level",
        "likelihood",
        "month",
        "n",
        "no",
        "num",
        "number",
        "order",
        "pain",
        "priority",
        "quality",
        "quarter",
        "rank",
        "rating",
        "satisfaction",
        "scale",
        "score",
        "severity",
        "size",
        "stage",
        "stars",
        "time",
        "times",
        "visit",
        "visits",
        "wave",
        "week",
        "year",
        "years",
    ]
)
"""Words of names of columns whose whole numbers from 1 on are ordered."""


def _words(name: str) -> list[str]:
    return [word.casefold() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


@dataclass(frozen=True)
class ScanColumn:
    """A column as categories. `codes` (n,) has -1 for a missing value."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    codes: NDArray[np.int8] | NDArray[np.int16] = field(repr=False)
    values: frozenset[str] = field(repr=False, default=frozenset())
    """All values of the column, to compare answer sets of columns."""
    numbers: Floats | None = field(repr=False, default=None)
    """The numbers (n,) of a column of numbers, NaN for a missing value."""
    raw: NDArray[np.int32] | None = field(repr=False, default=None)
    """The original values (n,) of a column whose categories combine several values, -1 for a missing value."""
    n_rare: int = 0
    """Rows with a rare value that is left out, because there are too few of them for a category."""
    may_be_unasked: bool = False
    """Whether an empty field can mean that the question was not asked."""

    @property
    def is_ordered(self) -> bool:
        """Whether its categories have an order."""
        return self.kind != "categories"

    @property
    def is_surely_ordered(self) -> bool:
        """Whether it is ordered, and not by whole numbers from 1 on, which can be codes of kinds.

        Codes count as an order if the name of the column says that they are a number, a time or a rating.
        """
        codes = [str(code) for code in range(1, len(self.labels) + 1)]
        are_codes = self.kind == "ordered" and len(codes) > 2 and list(self.labels) == codes
        return self.is_ordered and (not are_codes or not _QUANTITIES.isdisjoint(_words(self.name)))

    @property
    def is_selectable(self) -> bool:
        """Whether it is one option of a question with several answers."""
        return self.may_be_unasked or " | " in self.name

    @property
    def n(self) -> int:
        """The number of rows with a value."""
        return int((self.codes >= 0).sum())


@dataclass(frozen=True)
class SetAside:
    """A column that is not scanned, and the reason."""

    name: str
    reason: str


@dataclass(frozen=True)
class CodedTable:
    """All columns of a table that are scanned, and those that are set aside."""

    columns: tuple[ScanColumn, ...]
    aside: tuple[SetAside, ...]
    n_rows: int

    @cached_property
    def codes(self) -> Codes:
        """The categories (p, n) of all columns."""
        if not self.columns:
            return np.zeros((0, self.n_rows), dtype=np.int8)
        whole = self.columns[0].codes.base
        shape = len(self.columns), self.n_rows
        if isinstance(whole, np.ndarray) and whole.shape == shape and all(c.codes.base is whole for c in self.columns):
            return whole
        codes: Codes = np.array([column.codes for column in self.columns])
        return codes

    @cached_property
    def layout(self) -> Layout:
        """The indicators of all columns."""
        return Layout(np.array([len(column.labels) for column in self.columns], dtype=np.int64))

    @cached_property
    def ordered(self) -> Bools:
        """Which columns (p,) have ordered categories."""
        return np.array([column.is_ordered for column in self.columns], dtype=np.bool_)

    @cached_property
    def surely_ordered(self) -> Bools:
        """Which columns (p,) have categories whose order is known from words, ranges or numbers."""
        return np.array([column.is_surely_ordered for column in self.columns], dtype=np.bool_)

    @cached_property
    def numbers(self) -> dict[int, Floats]:
        """The numbers (n,) of each column of numbers, by its place."""
        return {place: column.numbers for place, column in enumerate(self.columns) if column.numbers is not None}

    @cached_property
    def question(self) -> Ints:
        """The question (p,) of each column: columns of one question have the same number."""
        found = np.arange(len(self.columns))
        for place, column in enumerate(self.columns):
            for other in range(place):
                if found[other] != found[place] and are_siblings(self.columns[other].name, column.name):
                    found[found == found[place]] = found[other]
        return found


def code_table(frame: pd.DataFrame, leave_out: Collection[str | None] = ()) -> CodedTable:
    """Return the columns of a table of texts as categories."""
    columns: list[ScanColumn] = []
    aside: list[SetAside] = []
    for name in frame.columns:
        if name in leave_out:
            continue
        for found in _coded(str(name), frame[name]):
            if isinstance(found, SetAside):
                aside.append(found)
            else:
                columns.append(found)
    return CodedTable(_sharing_codes(list(_without_unasked(columns))), tuple(aside), len(frame))


def _sharing_codes(columns: list[ScanColumn]) -> tuple[ScanColumn, ...]:
    """Return the columns with views of one array of codes (p, n), so that large tables need the memory once."""
    if not columns:
        return ()
    codes = np.empty((len(columns), len(columns[0].codes)), dtype=np.int8)
    for place, column in enumerate(columns):
        codes[place] = column.codes
        columns[place] = replace(column, codes=codes[place])
    return tuple(columns)


@dataclass(frozen=True)
class _Values:
    """The distinct values of a column, the rows with each, and the value of each row (-1: missing)."""

    name: str
    texts: tuple[str, ...]
    counts: Ints
    of_row: NDArray[np.int32]

    @property
    def n(self) -> int:
        return int(self.counts.sum())

    @property
    def n_rows(self) -> int:
        return len(self.of_row)

    def without(self, texts: Collection[str]) -> _Values:
        """Return the values without some texts, whose rows are then missing."""
        if not texts:
            return self
        kept = np.array([text not in texts for text in self.texts], dtype=np.bool_)
        place = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1).astype(np.int32)
        left = tuple(text for text in self.texts if text not in texts)
        return _Values(self.name, left, self.counts[kept], place[self.of_row])

    @cached_property
    def looked(self) -> LookedColumn:
        """The first distinct values as a column of `init`, which recognises dates, flags and separators."""
        return column_of(self.name, self.texts[:_EXAMINED])

    @cached_property
    def numbers(self) -> Floats | None:
        """The number of each distinct value, or None if they are not numbers. At most 3% may be other texts."""
        if not self.texts:
            return None
        found = np.array([_number(text) for text in self.texts])
        is_other = np.isnan(found)
        return None if self.counts[is_other].sum() > 0.03 * self.n else found


def _number(text: str) -> float:
    try:
        value = float(text.replace(",", "") if "," in text and "." in text else text.replace(",", "."))
    except ValueError:
        return float("nan")
    return value if np.isfinite(value) else float("nan")


def _values_of(name: str, series: pd.Series) -> _Values:
    import pandas as pd  # noqa: PLC0415 - slow to import, and help needs none of it

    codes, uniques = pd.factorize(series)
    texts = [_text(value) for value in uniques]
    ranks = {text: rank for rank, text in enumerate(sorted(set(texts) - MISSING))}
    place = np.array([*(ranks.get(text, -1) for text in texts), -1], dtype=np.int32)
    of_row = place[codes]
    counts = np.bincount(of_row[of_row >= 0], minlength=len(ranks)).astype(np.int64)
    values = _Values(name, tuple(ranks), counts, of_row)
    unanswered = {text for text in ranks if is_no_answer(text)} if len(ranks) <= _EXAMINED else set()
    is_sure = any(text.casefold() not in _UNSURE for text in unanswered)
    return values.without(unanswered if is_sure and len(ranks) - len(unanswered) > 1 else ())


def is_no_answer(text: str) -> bool:
    """Return whether a value says that there is no answer.

    >>> [is_no_answer(text) for text in ("Unknown", "Don't know", "not applicable", "None", "Other", "N/A", "no")]
    [True, True, True, False, False, False, False]
    """
    return text.casefold() in _NOT_ASKED or (is_leftover(text) and not _ANSWERS.match(text.strip(" ([.-")))


_NEGATIVE_CODES = frozenset({*range(-9, 0), *range(-99, -95), -88, -77, *range(-999, -995), -888, -777})
_POSITIVE_CODES = re.compile(r"(?:[789]|9[6789]|88|77|99[6789]|888|777|999[6789]|8888|7777|9{5,8})$")
_MOST_CODES, _FEWEST_OF_CODE = 5, 5
_GAPS = {1: 3, 2: 10}
"""Minimum distance of a code of missing values from the other values, by its number of digits; for more digits, half of
the largest other value."""


def _missing_codes(values: _Values, numbers: Floats) -> frozenset[str]:
    """Return the values of a column of numbers that are codes of missing values, such as -9, 99 or 998.

    Negative codes are recognised if no other value is negative. The others include 9, 99, 999, …, and are far above all
    other values.
    """
    known = [(float(number), text) for number, text in zip(numbers, values.texts, strict=True) if np.isfinite(number)]
    counts = dict(zip(values.texts, values.counts.tolist(), strict=True))
    negative = [(number, text) for number, text in known if number < 0]
    rest = [number for number, _ in known if number >= 0]
    found: list[str] = []
    if rest and negative and {number for number, _ in negative} <= _NEGATIVE_CODES and len(negative) <= _MOST_CODES:
        n_steps = next(step for step in range(1, 99) if -step not in {number for number, _ in negative}) - 1
        found = [] if 2 * n_steps >= max(rest) else [text for _, text in negative]  # -2 to 2 is a scale
    elif negative:
        return frozenset()
    codes: list[tuple[float, str]] = []
    known = [(number, text) for number, text in known if text not in found]
    if found_round := _round_codes(known, counts):
        return frozenset([*found, *found_round])
    for number, text in sorted(known, reverse=True)[:_MOST_CODES]:
        digits = str(int(number)) if number % 1 == 0 else ""
        largest = max((other for other, _ in known if other < number and (other, text) not in codes), default=number)
        n_alike = [c for c, _ in codes if len(str(int(c))) == len(digits)]
        if not _POSITIVE_CODES.fullmatch(digits) or len(n_alike) != len(codes):
            break
        codes.append((number, text))
        gap = _GAPS.get(len(digits), largest / 2)
        if number - largest >= gap:
            is_all = set(digits) == {"9"} or any(set(str(int(c))) == {"9"} for c, _ in codes)
            is_recurring = all(counts[of] >= _FEWEST_OF_CODE for _, of in codes)
            return frozenset([*found, *(of for _, of in codes)]) if is_all and is_recurring else frozenset(found)
    return frozenset(found)


_ROUND_CODES = (90.0, 80.0, 900.0, 800.0)
_FAR, _FEWEST_COUNTED = 3, 6


def _round_codes(known: Sequence[tuple[float, str]], counts: Mapping[str, int]) -> list[str]:
    """Return values such as 90 and 80 of a count that begins at 0 and otherwise ends below a third of them."""
    largest = sorted(known, reverse=True)
    codes = [text for number, text in takewhile(lambda one: one[0] in _ROUND_CODES, largest)]
    rest = [number for number, _ in largest[len(codes) :]]
    if not codes or len(rest) < _FEWEST_COUNTED or not {0.0, 1.0, 2.0, 3.0} <= set(rest) or min(rest) < 0:
        return []
    is_far = largest[len(codes) - 1][0] >= _FAR * rest[0]
    return codes if is_far and all(counts[text] >= _FEWEST_OF_CODE for text in codes) else []


def _text(value: object) -> str:
    if isinstance(value, str):
        return visible(re.sub(r"\s+", " ", value).strip())
    if isinstance(value, Sequence | np.ndarray):
        return "|".join(str(one) for one in value)
    return str(value).strip()


def _coded(name: str, series: pd.Series) -> Iterator[ScanColumn | SetAside]:
    values = _values_of(name, series.map(_text) if _has_lists(series) else series)
    if values.n < _FEWEST:
        yield SetAside(name, f"only {values.n} rows have a value" if values.n else "empty")
    elif len(values.texts) == 1:
        yield _single_value(values)
    elif values.numbers is not None:
        answered = values.without(_missing_codes(values, values.numbers))
        numbers = answered.numbers
        if numbers is None or len(answered.texts) < 2 or answered.n < _FEWEST:  # the codes are all values
            answered, numbers = values, values.numbers
        yield _of_numbers(answered, numbers)
    elif values.looked.is_date:
        yield _of_dates(values)
    elif values.looked.separator is not None:
        yield from _of_several(values, values.looked.separator)
    else:
        yield _of_texts(values)


def _has_lists(series: pd.Series) -> bool:
    return any(not isinstance(value, str) and hasattr(value, "__len__") for value in series.head(50))


def _single_value(values: _Values) -> ScanColumn | SetAside:
    """Return a column with one value or nothing: a selected option, if the value can mean "yes"."""
    if not 0.01 < values.n / values.n_rows < 0.99:
        return SetAside(values.name, f"the same value in {'all' if values.n == values.n_rows else 'nearly all'} rows")
    if values.texts[0].casefold() in _NO:
        return SetAside(values.name, f'the only value is "{values.texts[0]}"; a blank can mean yes or no answer')
    codes = (values.of_row >= 0).astype(np.int8)
    return ScanColumn(values.name, "option", ("no", "yes"), codes, frozenset(values.texts), may_be_unasked=True)


def _of_numbers(values: _Values, numbers: Floats) -> ScanColumn | SetAside:
    distinct = np.unique(numbers[~np.isnan(numbers)])
    of_row = np.append(numbers, np.nan)[values.of_row]
    is_whole = bool((distinct % 1 == 0).all())
    is_unique = len(distinct) > max(_MANY, _UNIQUE * values.n) and is_whole
    if is_unique and (names_things(values.looked) or distinct[-1] - distinct[0] < _DENSE * len(distinct)):
        return SetAside(values.name, "an identifier: nearly every row has its own number")
    if is_whole and len(distinct) > 2 and not _CODES.isdisjoint(_words(values.name)[-1:]):
        return _of_codes(values)
    if is_whole and len(distinct) > _MOST_NUMBERS and _is_identifier(values.name):
        return SetAside(values.name, "an identifier, by its name; name it with --group if rows share it")
    if _WEIGHT.search(values.name) and len(distinct) > _MOST_NUMBERS and abs(float(np.nanmean(of_row)) - 1) < _NEAR_ONE:
        return SetAside(values.name, "a weight of the rows: its mean is 1 (see --weight)")
    if len(distinct) > _MOST_NUMBERS:
        return _binned(values, of_row, "number", _plain)
    return _categories(values, numbers, of_row)


_CODES = frozenset(
    {
        *("category", "code", "codes", "country", "county", "diagnosis", "fips", "icd", "industry", "isco", "kind"),
        *("naics", "nationality", "occupation", "postcode", "religion", "sic", "type", "zip", "zipcode"),
    }
)
"""Last words of names of columns whose whole numbers are codes of kinds."""


def _of_codes(values: _Values) -> ScanColumn | SetAside:
    """Return whole numbers that are codes as categories without an order."""
    found = _of_texts(values)
    return replace(found, kind="categories") if isinstance(found, ScanColumn) and found.kind == "ordered" else found


_IDENTIFIER = re.compile(r"(?:[^A-Za-z]|^)[iI][dD]s?\d*$|[a-z]I[dD]s?\d*$|^[PSUCGTRV]ID\d*$")
_NAMED_WITH_ID = re.compile(
    r"(?:school|class|hospital|patient|person|pupil|student|teacher|house|household|family|district|site|center|centre|"
    r"clinic|firm|company|plant|user|customer|subject|case|record|respondent)[_. ]?ids?\d*$",
    re.IGNORECASE,
)


def _is_identifier(name: str) -> bool:
    """Return whether a column is named like an identifier.

    >>> [_is_identifier(name) for name in ("schoolid3", "hospitalID", "unit_id", "id", "acid", "amount paid")]
    [True, True, True, True, False, False]
    """
    return bool(_IDENTIFIER.search(name) or _NAMED_WITH_ID.search(name))


def _plain(low: float, high: float) -> str:
    text = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return text.replace("-", "−") if "e" not in text else text


_ZEROS = 0.1
"""Share of zeros from which they are a bin of their own."""


def _cuts(filled: Floats) -> Floats:
    """Return the limits of bins with about equal numbers of rows. Many zeros of a count are a bin of their own.

    >>> _cuts(np.array([0, 0, 1, 2, 3, 4, 5, 6, 7, 8.0])).tolist()
    [0.0, 1.0, 2.0, 4.0, 6.0, 8.0]
    """
    if filled.min() == 0 and (filled == 0).mean() >= _ZEROS:
        positive = filled[filled > 0]
        n = int(min(_BINS - 1, max(1, len(positive) // _FEWEST), len(np.unique(positive))))
        n = n if len(filled) >= _BINS * _FEWEST else _BINS - 1
        return np.unique([0.0, *np.quantile(positive, np.linspace(0, 1, n + 1), method="lower")])
    return np.unique(np.quantile(filled, np.linspace(0, 1, _BINS + 1), method="lower"))


def _exact(low: float, high: float) -> str:
    """Return the limits of a bin with all digits, such as times that are written as one whole number."""
    first, last = (str(int(end)) if end % 1 == 0 else repr(float(end)) for end in (low, high))
    return (first if first == last else f"{first} to {last}").replace("-", "\N{MINUS SIGN}")


def _binned(values: _Values, of_row: Floats, kind: Kind, labelled: object) -> ScanColumn | SetAside:
    """Return numbers in bins with about equal numbers of rows, named by their smallest and largest number."""
    filled = of_row[~np.isnan(of_row)]
    cuts = _cuts(filled)
    if len(cuts) < 3:
        cuts = np.array([cuts[0], np.nextafter(cuts[0], np.inf), cuts[-1]])
    place = np.clip(np.searchsorted(cuts, of_row, "right") - 1, 0, len(cuts) - 2)
    used = np.unique(place[~np.isnan(of_row)])
    codes = np.where(np.isnan(of_row), -1, np.searchsorted(used, place)).astype(np.int8)
    if len(used) < 2 or len(filled) - np.bincount(codes[codes >= 0]).max() < _FEWEST_OUTSIDE:
        return SetAside(values.name, "nearly constant")
    label = labelled if callable(labelled) else _plain
    ends = [(of_row[codes == one].min(), of_row[codes == one].max()) for one in range(len(used))]
    labels = tuple(str(label(low, high)) for low, high in ends)
    if len(set(labels)) < len(labels):
        labels = tuple(_exact(low, high) for low, high in ends)
    numbers = of_row if kind == "number" else None
    return ScanColumn(values.name, kind, labels, codes, frozenset(), numbers, values.of_row)


def _of_dates(values: _Values) -> ScanColumn | SetAside:
    import pandas as pd  # noqa: PLC0415

    moments = pd.to_datetime(pd.Series(values.texts), errors="coerce", format="mixed", utc=True)
    days = np.append(moments.to_numpy("datetime64[D]").astype(np.float64), np.nan)
    days[:-1][moments.isna().to_numpy()] = np.nan
    of_row = days[values.of_row]
    if np.isnan(of_row).all() or len(np.unique(of_row[~np.isnan(of_row)])) < 2:
        return SetAside(values.name, "times of day, or dates that cannot be read")
    return _binned(values, of_row, "date", _dates)


def _dates(low: float, high: float) -> str:
    first, last = (str(np.datetime64(int(day), "D")) for day in (low, high))
    return first if first == last else f"{first} to {last}"


def _of_several(values: _Values, separator: str) -> Iterator[ScanColumn | SetAside]:
    """Yield an option for each frequent part of fields with several values."""
    parts = [tuple(dict.fromkeys(p for each in text.split(separator) if (p := each.strip()))) for text in values.texts]
    totals: dict[str, int] = {}
    for of_text, n in zip(parts, values.counts, strict=True):
        for part in of_text:
            totals[part] = totals.get(part, 0) + int(n)
    frequent = [part for part in totals if totals[part] >= max(_RARE, _RARE_SHARE * values.n)]
    chosen = sorted(frequent, key=lambda part: (-totals[part], part))[:_MOST_CATEGORIES]
    chosen = [part for part in chosen if values.n - totals[part] >= _FEWEST_OUTSIDE]
    if not chosen:
        yield SetAside(values.name, "lists of values that hardly ever recur")
    for part in sorted(chosen):
        has = np.array([*(part in of_text for of_text in parts), -1], dtype=np.int8)
        yield ScanColumn(f"{values.name} | {part}", "option", ("no", "yes"), has[values.of_row], frozenset((part,)))


def _of_texts(values: _Values) -> ScanColumn | SetAside:
    k, n = len(values.texts), values.n
    length = sum(map(len, values.texts)) / k
    personal = looks_personal(values.name, values.texts[:SAMPLED])
    if personal is not None and personal != "free text":
        return SetAside(values.name, f"seems to contain {personal}")
    if k > _MANY and k > _UNIQUE * n:
        long = length > _TEXT_LENGTH
        return SetAside(values.name, "free text" if long else "an identifier: nearly every row has its own value")
    if k > _MANY and (k > _TEXT_SHARE * n or length > _TEXT_LENGTH):
        return SetAside(values.name, "free text, or names that hardly ever recur")
    return _categories(values)


def _categories(values: _Values, numbers: Floats | None = None, of_row: Floats | None = None) -> ScanColumn | SetAside:
    """Return each frequent value as a category, in its order, and rare values as one category.

    `numbers` are those of the distinct values, and `of_row` (n,) those of the rows, if they are numbers.
    """
    counts = dict(zip(values.texts, values.counts.tolist(), strict=True))
    if values.n - max(counts.values()) < _FEWEST_OUTSIDE:
        return SetAside(values.name, "nearly constant")
    ranked = sorted(counts, key=lambda label: (-counts[label], label))
    kept = [v for v in ranked[:_MOST_CATEGORIES] if counts[v] >= max(_RARE, _RARE_SHARE * values.n)]
    rest = values.n - sum(counts[label] for label in kept)
    combines = rest >= _RARE // 2
    if len(kept) + combines < 2:
        return SetAside(values.name, "only rare values")
    if combines and len(ranked) == len(kept) + 1:  # one rare value stays as it is, in its place in the order
        kept, combines = ranked, False
    if numbers is not None and len(kept) > 2 and len(kept) < len(ranked):
        ends = _with_ends(kept, counts, dict(zip(values.texts, numbers, strict=True)))
        if ends is not None:
            named, of_text = ends
            codes = np.array([*(of_text[text] for text in values.texts), -1], dtype=np.int8)[values.of_row]
            return ScanColumn(values.name, "ordered", named, codes, frozenset(values.texts), of_row, values.of_row)
    order = _order(kept, dict(zip(values.texts, numbers, strict=True)) if numbers is not None else None)
    kept = order or kept
    labels = [*kept, *([_OTHER] if combines and _OTHER not in kept else [])]
    places = {label: place for place, label in enumerate(labels)}
    otherwise = places[_OTHER] if combines else -1
    of_value = np.array([*(places.get(text, otherwise) for text in values.texts), -1], dtype=np.int8)
    kind: Kind = "option" if _is_flag(kept) and not combines else "ordered" if order and not combines else "categories"
    named = tuple(_label(label) for label in labels)
    if kind == "option" and named != ("0", "1"):  # a code need not mean yes and no
        named = ("no", "yes")
    raw = values.of_row if combines else None
    named = named if len(set(named)) == len(named) else tuple(labels)
    n_rare = 0 if combines else values.n - sum(counts[label] for label in kept)
    return ScanColumn(values.name, kind, named, of_value[values.of_row], frozenset(values.texts), of_row, raw, n_rare)


_LARGEST_GAP = 3
"""Rare numbers are the ends of a scale if no gap is larger than this many times those between its frequent numbers."""


def _with_ends(
    kept: Sequence[str], counts: Mapping[str, int], numbers: Mapping[str, float]
) -> tuple[tuple[str, ...], dict[str, int]] | None:
    """Return categories of numbers in order, and the category of each text, with rare numbers combined at both ends.

    Rare numbers join the last frequent one if they have under 5 rows. None: some rare numbers are between frequent
    ones, or far away, such as codes of missing answers.
    """
    found = {text: numbers[text] for text in counts}
    frequent = sorted({found[text] for text in kept})
    values = sorted(set(found.values()))
    if any(np.isnan(list(found.values()))) or any(
        found[text] in frequent or frequent[0] < found[text] < frequent[-1] for text in counts if text not in kept
    ):
        return None
    if max(np.diff(values)) > _LARGEST_GAP * max(np.diff(frequent)):
        return None
    parts = [[value] for value in frequent]
    for at, end in ((0, [v for v in values if v < frequent[0]]), (-1, [v for v in values if v > frequent[-1]])):
        if sum(n for text, n in counts.items() if found[text] in end) < _RARE // 2:
            parts[at] = sorted([*parts[at], *end])
        else:
            parts.insert(0 if at == 0 else len(parts), end)
    labels = tuple(_plain(part[0], part[-1]) for part in parts)
    place = {value: at for at, part in enumerate(parts) for value in part}
    return labels, {text: place[value] for text, value in found.items()}


def _label(text: str) -> str:
    return text.removesuffix(".0") if re.fullmatch(r"-?\d+\.0", text) else text


def _order(kept: Sequence[str], numbers: Mapping[str, float] | None) -> list[str] | None:
    """Return categories in their natural order; "no" before "yes"; None if they have no order."""
    if numbers is not None and not any(np.isnan(numbers[label]) for label in kept):
        return sorted(kept, key=lambda label: (numbers[label], label))
    if _is_flag(kept):
        return sorted(kept, key=lambda label: label.casefold() not in _NO)
    return natural_order(kept)


def _is_flag(labels: Collection[str]) -> bool:
    values = {_label(label).casefold() for label in labels}
    return len(values) == 2 == len(labels) and any(values <= pair for pair in FLAGS)


def _without_unasked(columns: list[ScanColumn]) -> Iterator[ScanColumn]:
    """Yield columns in which rows without any selected option of a question are missing: it may not have been asked."""
    unasked: dict[int, Bools] = {}
    left = [place for place, column in enumerate(columns) if column.may_be_unasked]
    while left:
        of_question = [p for p in left if p == left[0] or are_siblings(columns[p].name, columns[left[0]].name)]
        left = [place for place in left if place not in of_question]
        if len(of_question) > 1:
            none = np.sum([columns[place].codes for place in of_question], axis=0) == 0
            unasked.update(dict.fromkeys(of_question, none))
    for place, column in enumerate(columns):
        none_selected = unasked.get(place)
        if none_selected is None:
            yield column
        else:
            yield replace(column, codes=np.where(none_selected, -1, column.codes).astype(np.int8))


_OPTION_NUMBER = re.compile(r"[_ .:-]+\(?\d+\)?$|\(\d+\)$|(?<=\d)[a-z]$")
_AFTER_BAR = re.compile(r"\s*\|.*$")
_BEFORE_OPTION = re.compile(r"(?P<question>.{3,}?)(?:: | - |\? ?\[| \[)(?=.)")
_COMMON = 15
"""Minimum number of letters at the start that names of columns of one question have in common."""


def are_siblings(first: str, second: str) -> bool:
    """Return whether two columns belong to one question by their names.

    >>> are_siblings("q7_1", "q7_2"), are_siblings("Uses | tea", "Uses | milk"), are_siblings("Q26", "Q27")
    (True, True, False)
    >>> are_siblings("1990", "1991"), are_siblings("Which do you use? Tea", "Which do you use? Milk")
    (True, True)
    """
    stems = stem_of(first), stem_of(second)
    if stems[0] == stems[1] and stems[0] not in (first, second):
        return True
    if first.isdigit() and second.isdigit():
        return True
    if first[:_COMMON] != second[:_COMMON]:
        return False
    n_common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
    return n_common >= max(_COMMON, 0.5 * max(len(first), len(second)))


@lru_cache(maxsize=10_000)
def stem_of(name: str) -> str:
    """Return the name of a question: the column's name without its option or the number of its option.

    >>> stem_of("q7_1"), stem_of("Uses | tea"), stem_of("Q26"), stem_of("Which do you use?: Tea")
    ('q7', 'Uses', 'Q26', 'Which do you use?')
    """
    bare = _AFTER_BAR.sub("", name)
    if bare != name:
        return bare
    if found := _BEFORE_OPTION.match(name):
        return found["question"].strip()
    return _OPTION_NUMBER.sub("", name) or name
