"""A column of a file without a config: properties of its values, and its names in a report."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sources import SourceSettings
from ...taxonomy.orders import order_of
from .naming import is_question, meanings, name_words, short_name
from .vocabulary import IN_GROUPS

_CODED = re.compile(r"\d+_(?=\S)")
_LEADING = re.compile(
    r"(?:[^\d\w]|(?:under|below|less than|fewer than|up to|above|over|more than|at least)\b)*(\d[\d,]*\.?\d*)",
    re.IGNORECASE,
)
_BELOW = re.compile(r"\s*(<|under|below|less|fewer|up to)", re.IGNORECASE)
_ABOVE = re.compile(r"\s*(>|above|over|more|at least)|.*(\+|or more|and over|or older)\s*$", re.IGNORECASE)
_SHORT = 3
_ORDERED = 0.8
"""Minimum share of labels starting with a number for which labels are sorted by number."""


def unit_of(stem: str) -> tuple[str, str] | None:
    """Return the singular and plural name of a row from its file's name, or None if that is not a plural.

    >>> unit_of("penguins"), unit_of("la-riots"), unit_of("countries"), unit_of("mpg"), unit_of("species")
    (('penguin', 'penguins'), ('riot', 'riots'), ('country', 'countries'), None, None)
    >>> unit_of("young_men"), unit_of("movies"), unit_of("economics"), unit_of("survey_2019")
    (('man', 'men'), ('movie', 'movies'), None, None)
    """
    words = re.findall(r"[A-Za-z]+", stem)
    last = words[-1].casefold() if words else ""
    if last in _SEVERAL:
        return _SEVERAL[last], last
    if len(last) <= _SHORT or re.search(r"([^s]|ss|us|is|ics|series|species|news)$", last):
        return None
    for end, one in (("ies", "y"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("sses", "ss")):
        if last.endswith(end):
            return last.removesuffix(end) + one, last
    return last[:-1], last


_SEVERAL = {
    "men": "man",
    "women": "woman",
    "people": "person",
    "persons": "person",
    "children": "child",
    "movies": "movie",
    "cookies": "cookie",
    "calories": "calorie",
    "zombies": "zombie",
    "selfies": "selfie",
}
"""Singulars of plurals that are irregular."""


def names_of(column: LookedColumn, labels: Sequence[str], of_other_side: Collection[str] = ()) -> dict[str, str]:
    """Return the category name of each label: the label itself, without artefacts of its notation.

    Underscores become spaces, codes ("1_Good") lose their number, and "1.0" becomes 1 if all are whole numbers. 0 and 1
    are no and yes if the name of the column says so.
    Numbers, yes and no that also occur on the other side get the name of their column, because they differ in meaning.
    """
    if column.ticked is not None:
        made = {label: _spaced(label.removesuffix(column.ticked.suffix)) for label in labels}
    elif column.is_whole:
        made = {label: str(int(float(label))) for label in labels}
        if set(made.values()) <= (listed := meanings(column.name)).keys():
            made = {label: listed[value] for label, value in made.items()}
        if set(made.values()) == {"0", "1"} and says_yes(column.name):
            made = {label: "yes" if value == "1" else "no" for label, value in made.items()}
    elif all(_CODED.match(label) for label in column.counts):
        made = {label: _spaced(_CODED.sub("", label, count=1)) for label in labels}
    else:
        made = {label: _spaced(label) for label in labels}
    if (column.is_flag or column.is_number) and not set(column.counts).isdisjoint(of_other_side):
        made = {label: f"{short_name(column.name)}: {name}" for label, name in made.items()}
    return made if len(set(made.values())) == len(made) else {label: label for label in labels}


_TRUE = re.compile(r"^(?:is|has|had|any|ever|was|no)[\W_]|.[a-z]{3}(?<!ne|sp|br|se)ed$", re.IGNORECASE)
"""A name that is true or false of a row: has_children, married."""


def says_yes(name: str) -> bool:
    """Return whether the name of a column with 0 and 1 says what 1 means, so that 1 is yes.

    >>> (
    ...     says_yes("married"),
    ...     says_yes("female"),
    ...     says_yes("is_member"),
    ...     says_yes("speed"),
    ...     says_yes("arm"),
    ...     says_yes("sex"),
    ... )
    (True, True, True, False, False, False)
    """
    words = name_words(name)
    return bool(_TRUE.search(name) or (words and words[-1] in IN_GROUPS | _TRUE_WORDS))


_TRUE_WORDS = frozenset(
    {"dead", "alive", "urban", "rural", "union", "college", "pregnant", "employed", "smoker", "default"}
)


def _spaced(label: str) -> str:
    text = label.replace("_", " ").strip()
    return text or label


def in_order(counts: Mapping[str, int], most: int) -> tuple[list[str], list[str]]:
    """Return the labels that become categories, the most frequent, in axis order, and the other labels.

    Labels in a recognised order, and labels that start with numbers, have their own order. All others are sorted by
    frequency. Labels outside the order, such as "don't know", come after it. Yes comes before no.
    """
    ranked = sorted(counts, key=lambda label: (-counts[label], label))
    kept = ranked[:most]
    if any({label.casefold() for label in kept} <= pair for pair in FLAGS):
        return sorted(kept, key=lambda label: label.casefold() not in YES), ranked[most:]
    return natural_order(kept) or kept, ranked[most:]


def natural_order(labels: Sequence[str]) -> list[str] | None:
    """Return labels in a recognised order or in the order of the numbers that they start with, or None.

    Labels outside the order, such as "don't know", come after it.

    >>> natural_order(["30 to 49", "under 30", "50 or older"]), natural_order(["red", "blue"])
    (['under 30', '30 to 49', '50 or older'], None)
    """
    if (known := order_of(labels)) is not None:
        return [*known.labels, *known.outside]
    numbers = {label: float(led[1].replace(",", "")) for label in labels if (led := _LEADING.match(label))}
    if len(numbers) >= _ORDERED * len(labels):
        return sorted(labels, key=lambda label: _place(label, numbers))
    return None


def _place(label: str, numbers: Mapping[str, float]) -> tuple[float, int, str]:
    """Return the sort key of a label among numbers: below its number, at it, above it; without a number at the end."""
    side = -1 if _BELOW.match(label) else 1 if _ABOVE.match(label) else 0
    return numbers.get(label, float("inf")), side, label


_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_COMMA = re.compile(r"[-+]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?")
_WHOLE = re.compile(r"[-+]?\d+(\.0+)?")
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DATE = re.compile(
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}( .*)?|\d{1,2}:\d{2}(:\d{2}.*)?"
    rf"|\d{{4}},? +{_MONTH}|{_MONTH},? +\d{{4}}"
)
_UPPER, _LOWER = "A-ZÀ-ÖØ-Þ", "a-zß-öø-ÿ"
_WORD = re.compile(rf"[{_UPPER}]+(?![{_LOWER}])|[{_UPPER}]?[{_LOWER}]+|[^\W\d_{_UPPER}{_LOWER}]+|\d+")
_SPLIT = 0.01
"""Minimum share of values with a separator for which a column is split at it."""

_LONGEST = 25
"""Maximum average length in characters of parts between separators. Longer parts are sentences."""

SEPARATORS = ("|", ";", ",")


def is_number(text: str) -> bool:
    """Return whether a text is a number."""
    return _NUMBER.fullmatch(text) is not None


FLAGS = tuple(
    frozenset(pair.split())
    for pair in ("0 1", "yes no", "y n", "true false", "t f", "x", "ja nein", "oui non", "0_no 1_yes", "1_no 2_yes")
)
"""Values of yes/no columns, in lower case."""

YES = frozenset({"1", "yes", "y", "true", "t", "x", "1_yes", "2_yes", "ja", "oui"})
"""Values that mark a selected option, in lower case."""


@dataclass(frozen=True)
class TickedColumns:
    """Several columns combined into one: one per option, and the values that select an option (None for counts)."""

    columns: tuple[str, ...]
    values: tuple[str, ...] | None
    prefix: str = ""
    """Common start of the option names, which is not part of them."""

    suffix: str = ""
    """Their common end."""

    amounts: tuple[tuple[int, ...], ...] | None = field(default=None, repr=False)
    """For counts: the number of units with each option, by row."""

    @property
    def options(self) -> tuple[str, ...]:
        """Return the names of the options: the column names without their common start and end."""
        return tuple(column.removeprefix(self.prefix) for column in self.columns)


_FIRST = 4
"""Number of words of a short question that may show the role of a column."""


@dataclass(frozen=True)
class LookedColumn:
    """A column: the labels or names of each row. `separator` splits its text (None for lists and single values).

    `ticked` is set if it combines several columns of the file, with one option each.
    """

    name: str
    rows: tuple[tuple[str, ...], ...] = field(repr=False)
    is_list: bool = False
    separator: str | None = None
    ticked: TickedColumns | None = None
    left_out: tuple[str, ...] = ()
    """Columns of the same question that are not options, such as free text for another answer."""
    bins: str | tuple[float, ...] | None = None
    """For numbers in bins, whose labels are in `rows`: quartiles, or the numbers at which bins begin."""
    numbers: tuple[tuple[str, ...], ...] | None = field(default=None, repr=False)
    """For numbers in bins: the numbers of each row."""
    no_answer: tuple[str, ...] = ()
    """Codes of missing answers, whose fields are empty in `rows`."""

    @property
    def measured(self) -> tuple[tuple[str, ...], ...]:
        """Return the values of each row before they were divided into bins."""
        return self.rows if self.numbers is None else self.numbers

    @cached_property
    def counts(self) -> Counter[str]:
        """Return the number of rows (for counts: units) with each value, in order of decreasing frequency."""
        counted = Counter(value for row in self.rows for value in row)
        if self.ticked is not None and self.amounts is not None:
            totals = map(sum, zip(*self.amounts, strict=True))
            counted = Counter(dict(zip(self.ticked.options, totals, strict=True)))
        return Counter(dict(sorted(counted.items(), key=lambda one: (-one[1], one[0]))))

    @property
    def amounts(self) -> tuple[tuple[int, ...], ...] | None:
        """Return the number of units with each option by row, if it combines columns of counts."""
        return None if self.ticked is None else self.ticked.amounts

    @property
    def in_file(self) -> frozenset[str]:
        """Return the columns of the file from which it is made."""
        return frozenset([self.name] if self.ticked is None else self.ticked.columns)

    @property
    def is_single(self) -> bool:
        """Return whether each row has at most one value."""
        return not self.is_list and self.separator is None and self.ticked is None

    @cached_property
    def unbinned(self) -> LookedColumn:
        """Return the column with its numbers instead of bins."""
        return self if self.numbers is None else replace(self, rows=self.numbers, bins=None, numbers=None)

    @cached_property
    def codes(self) -> NDArray[np.int64]:
        """Return a number for the values of each row, the same for the same values; -1 without a value."""
        places: dict[tuple[str, ...], int] = {}
        found = (places.setdefault(row, len(places)) if row else -1 for row in self.rows)
        return np.fromiter(found, dtype=np.int64, count=len(self.rows))

    @cached_property
    def floats(self) -> NDArray[np.float64]:
        """Return the number of each row, before bins; NaN without a number."""
        found = (float(row[0]) if row and is_number(row[0]) else math.nan for row in self.measured)
        return np.fromiter(found, dtype=np.float64, count=len(self.rows))

    @cached_property
    def n_filled(self) -> int:
        """Return the number of rows with a value."""
        return sum(map(bool, self.rows))

    @cached_property
    def is_key(self) -> bool:
        """Return whether each row has a unique value."""
        return self.is_single and all(self.rows) and len(self.counts) == len(self.rows)

    @cached_property
    def is_date(self) -> bool:
        """Return whether its values are dates or times of day."""
        return self.is_single and bool(self.counts) and all(_DATE.fullmatch(value) for value in self.counts)

    @cached_property
    def is_number(self) -> bool:
        """Return whether all its values are numbers."""
        return (
            self.bins is None
            and self.is_single
            and bool(self.counts)
            and all(_NUMBER.fullmatch(value) for value in self.counts)
        )

    @cached_property
    def is_whole(self) -> bool:
        """Return whether all its values are whole numbers."""
        return (
            self.bins is None
            and self.is_single
            and bool(self.counts)
            and all(_WHOLE.fullmatch(value) for value in self.counts)
        )

    @cached_property
    def is_flag(self) -> bool:
        """Return whether its values are yes/no values."""
        if self.bins is not None:
            return False
        values = {value.casefold() for value in self.counts}
        return self.is_single and bool(values) and any(values <= pair for pair in FLAGS)

    @cached_property
    def words(self) -> frozenset[str]:
        """Return the words of its name, in lower case; for a question, the first words of its short name."""
        if is_question(self.name):
            return frozenset(
                word.casefold() for word in _WORD.findall(short_name(self.name).partition(":")[0])[:_FIRST]
            )
        return frozenset(word.casefold() for word in _WORD.findall(self.name))

    def share_in(self, names: Collection[str]) -> float:
        """Return the share of its values that are among some names."""
        total = self.counts.total()
        return sum(n for value, n in self.counts.items() if value in names) / total if total else 0.0


@dataclass(frozen=True)
class Look:
    """A file and its columns. `n_rows` is the number of rows examined. `name` is a possible name in a config."""

    path: Path
    name: str
    n_rows: int
    columns: tuple[LookedColumn, ...] = field(repr=False)
    source: SourceSettings = field(default_factory=SourceSettings)

    def restricted(self, chosen: Sequence[int]) -> Look:
        """Return the table with some of its rows."""
        return replace(self, n_rows=len(chosen), columns=tuple(restricted(column, chosen) for column in self.columns))

    def column(self, name: str) -> LookedColumn | None:
        """Return the column with this name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def key(self) -> LookedColumn | None:
        """Return the first column of unique names, preferably one called id, and with words rather than numbers."""
        keys = [column for column in self.columns if column.is_key and not column.is_date]
        return min(
            keys, key=lambda one: (one.name.casefold() != "id", one.is_number and "id" not in one.words), default=None
        )


def restricted(column: LookedColumn, chosen: Sequence[int]) -> LookedColumn:
    """Return a column with some of its rows."""
    amounts = None if column.amounts is None else tuple(column.amounts[row] for row in chosen)
    return replace(
        column,
        rows=tuple(column.rows[row] for row in chosen),
        numbers=None if column.numbers is None else tuple(column.numbers[row] for row in chosen),
        ticked=None if column.ticked is None else replace(column.ticked, amounts=amounts),
    )


def column_of(name: str, values: Sequence[object], separator: str | None = None) -> LookedColumn:
    """Return the column of some text values or lists, split at the given separator or one that fits."""
    if any(_is_list(value) for value in values):
        return LookedColumn(name, tuple(tuple(_texts(value)) for value in values), is_list=True)
    texts = _with_points([next(iter(_texts(value)), "") for value in values])
    single = LookedColumn(name, tuple((text,) if text else () for text in texts))
    found = separator or (None if single.is_date or single.is_number else _separator([text for text in texts if text]))
    return single if found is None else split(single, found)


def _with_points(texts: list[str]) -> list[str]:
    """Return numbers with decimal commas as numbers with points, and anything else unchanged."""
    filled = [text for text in texts if text]
    if not any("," in text for text in filled) or not all(_COMMA.fullmatch(text) for text in filled):
        return texts
    return [text.replace(".", "").replace(",", ".") for text in texts]


def split(column: LookedColumn, separator: str) -> LookedColumn:
    """Return a column of single texts with each text split."""
    rows = (tuple(p for text in row for each in text.split(separator) if (p := each.strip())) for row in column.rows)
    return replace(column, rows=tuple(rows), separator=separator)


def _separator(texts: Sequence[str]) -> str | None:
    """Return the separator for which the number of distinct values decreases, or None."""
    for separator in SEPARATORS:
        holding = [text for text in texts if separator in text]
        if len(holding) < max(1, _SPLIT * len(texts)):
            continue
        parts = [part.strip() for text in texts for part in text.split(separator)]
        different = set(parts)
        are_short = sum(map(len, different)) <= _LONGEST * len(different)
        if len(different) < len(set(texts)) and are_short and _come_again(texts, separator):
            return separator
    return None


def _come_again(texts: Iterable[str], separator: str) -> bool:
    """Return whether most parts of texts with a separator are also parts of other texts, and no part is empty."""
    seen = Counter(part.strip() for text in set(texts) for part in text.split(separator))
    parts = {part.strip() for text in texts if separator in text for part in text.split(separator)}
    return "" not in parts and 2 * sum(seen[part] > 1 for part in parts) >= len(parts)


def _is_list(value: object) -> bool:
    return not isinstance(value, str) and hasattr(value, "__len__")


def _texts(value: object) -> Iterator[str]:
    """Yield a value as text, or the values of a list; nothing for a missing value."""
    if _is_list(value):
        values: Iterable[object] = value.tolist() if isinstance(value, np.ndarray) else value  # type: ignore[assignment]
        for one in values:
            yield from _texts(one)
    elif not pd.isna(value) and str(value).strip():  # type: ignore[call-overload]
        yield str(value).strip()


Role = Literal["label", "group", "count", "date"]
"""Possible roles of a column in a report."""
