"""Find units that depend on each other: rows of one person, nested groups, counts that vary too much.

Until a group is declared for such records, no test of them can be trusted. Units of one school may be similar across
its classes: if only classes are declared as groups, intervals are too narrow.

Counts of rows with the same labels are tested for more variation than counts of independent units.

Rows with the same labels (in the same stratum, on the same date) should have counts that vary like Poisson counts with
one mean. Rows that differ in another column that describes them, such as the sex and age of a collapsed table, are not
replicates: their means may differ. The score statistic of Dean (1992, "Testing for overdispersion in Poisson and
binomial regression models", JASA 87, 451-457), adjusted for fitted means, is then the sum over cells of

    sum (n - mean)^2 - (m - 1) mean        (m rows with total T, mean = T / m)

Given the totals, its mean is 0 and its variance is the sum of 2 (m - 1) T (T - 1) / m^2: a row's count is multinomial.

If rows were themselves sampled, like catches or households, the number of rows of each pair also varies. The units of a
row then share its labels even if counts are Poisson. The rows of a table of counts, in contrast, are a fixed layout:
each pair has about as many as its margins imply. So rows are treated as a layout if every pair differs by less than one
row from the value implied by its margins, or if Pearson's statistic of the number of rows is in the lower tail of its
distribution for sampled rows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence

import narwhals as nw
import numpy as np

from .. import portable
from ..arrays import Floats, Ints
from ..cells import CountVariation
from ..errors import Note
from ..portable import tails
from ..sources.engine import Engine, Frame, has_rows, names_out_of_reach, only_row
from .attributes import joined, text
from .meeting import DeclaredRelation, column_names

LEAST_VALUES = 5
"""Minimum number of values of a column; fewer values define too few groups (`minimum_groups`)."""
_PER_GROUP = 2
"""Minimum average number of rows per group. If each group has one row, every column nests the groups."""
_PER_VALUE = 2
"""Minimum average number of groups per value."""
_MOST_COLUMNS = 200
_SAMPLE = 20_000
"""Number of rows that are checked first; all rows are read only if a column nests the groups there."""
_LISTED = 3
_DATE = r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
_NUMBER = r"^[-+]?[\d.,]+$"
_IDENTIFIER = re.compile(r"(^|[\W_])(id|code|key|no|nr|num|number)s?$", re.IGNORECASE)


def nested_groups(declared: DeclaredRelation, frame: Frame, used: Collection[str]) -> tuple[Note, ...]:
    """Return a note on the columns of a table of records that nest the declared groups, if any.

    Columns `used` for something else, dates, columns with fewer than `LEAST_VALUES` values and numbers are left out.
    Numbers are considered only in a column named as an identifier, since other numbers may be measurements.
    """
    relation = declared.relation
    if not relation.group:
        return ()
    candidates = candidate_columns(frame, used)
    _, sampled = _nesting(declared, frame.head(_SAMPLE), candidates)
    n_groups, nesting = _nesting(declared, frame, [*sampled])
    found = [(-n, column) for column, n in nesting.items() if LEAST_VALUES <= n <= n_groups / _PER_VALUE]
    if not found:
        return ()
    found.sort()
    columns = ", ".join(f"{column} ({-n:,} values)" for n, column in found[:_LISTED])
    group, finest = " and ".join(relation.group), found[0][1]
    message = (
        f"{declared.name}: each of the {n_groups:,} groups ({group}) has a single value of {columns}; if "
        f"units with the same {finest} are alike, intervals are too narrow: declare group: {finest} instead of {group}"
    )
    return (Note("nested_group", declared.name, message),)


def candidate_columns(frame: Frame, used: Collection[str]) -> list[str]:
    """Return the unused columns of texts and whole numbers."""
    schema = frame.collect_schema()
    names = [name for name in column_names(frame) if name not in used]
    names = [name for name in names if schema[name] == nw.String or schema[name].is_integer()]
    hidden = set(names_out_of_reach(frame, names))
    return [name for name in names if name not in hidden][:_MOST_COLUMNS]


def _nesting(declared: DeclaredRelation, frame: Frame, columns: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Return the number of groups, and the number of values of each column with one value per group.

    Dates and measurements are left out.
    """
    if not columns:
        return 0, {}
    levels = {f"level{i}": text(nw.col(name)) for i, name in enumerate(declared.relation.group)}
    chosen = frame.select(**levels, **{f"c{i}": text(nw.col(name)) for i, name in enumerate(columns)})
    chosen = chosen.with_columns(group=joined([*levels])).filter(~nw.col("group").is_null())
    places = range(len(columns))
    ends = {f"{end}{i}": getattr(nw.col(f"c{i}"), end)() for i in places for end in ("min", "max")}
    groups = chosen.group_by("group").agg(rows=nw.len(), **ends)
    facts = {"n": nw.len(), "rows": nw.col("rows").cast(nw.Int64).sum()}
    for i in places:
        low, high = nw.col(f"min{i}"), nw.col(f"max{i}")
        facts[f"several{i}"] = ((low != high) | low.is_null()).cast(nw.Int64).sum()
        facts[f"values{i}"] = low.n_unique()
        facts[f"dates{i}"] = low.str.contains(_DATE).cast(nw.Int64).sum()
        facts[f"numbers{i}"] = low.str.contains(_NUMBER).cast(nw.Int64).sum()
    row = only_row(groups.select(**facts), declared.engine)
    n = int(row["n"])
    if not n or row["rows"] < _PER_GROUP * n:
        return n, {}
    found = {}
    for i, name in enumerate(columns):
        is_measured = row[f"numbers{i}"] == n and not _IDENTIFIER.search(name)
        if not (row[f"several{i}"] or is_measured or row[f"dates{i}"] == n):
            found[name] = int(row[f"values{i}"])
    return n, found


FEWEST = 20
"""The fewest different ids, or different rows, from which a repetition is no coincidence."""
ROWS_PER_ID = 1.5
"""The fewest rows for each different id that are a repetition."""
_MANY_VALUES = 8
_MOST_COPIED_COLUMNS = 100
_PERSON = (
    "respondent|participant|subject|patient|person|student|pupil|child|user|household|worker|employee|customer|member"
    "|case|panel|p|r|u"
)
_PERSON_ID = re.compile(
    rf"^(id|({_PERSON})[\W_]*(id|no|nr|num|number|code|key)|(respondent|participant|subject|patient)s?)$", re.IGNORECASE
)


def is_identifier(name: str) -> bool:
    """Return whether a column's name says that it identifies persons or records."""
    return _PERSON_ID.match(name.strip()) is not None


def undeclared_group(
    declared: DeclaredRelation, frame: Frame, used: Collection[str], *, is_independent: bool
) -> tuple[str, tuple[Note, ...]]:
    """Return the sign that records depend on each other although no group is declared, and a note on it.

    The sign is "id:" and the name of a column, or "copies:" if every row is there several times, or "" without any.
    """
    if declared.relation.group or is_independent:
        return "", ()
    columns = [name for name in candidate_columns(frame, used) if is_identifier(name)]
    for column in columns:
        n, n_ids = _sizes(declared, frame, column)
        if n_ids >= FEWEST and n >= ROWS_PER_ID * n_ids:
            message = (
                f"{declared.name}: {n:,} rows have {n_ids:,} different values of {column}, so rows may depend on each "
                f"other, and nothing is tested; declare group: [{column}], or write independent: true in records"
            )
            return f"id:{column}", (Note("undeclared_group", declared.name, message),)
    if _are_copies(declared, frame):
        message = (
            f"{declared.name}: every row is in the table several times, so nothing is tested; remove the copies, or "
            "write independent: true in records if they are different records"
        )
        return "copies:", (Note("undeclared_group", declared.name, message),)
    return "", ()


def described_counts(
    declared: DeclaredRelation, frame: Frame, describing: Collection[str]
) -> tuple[str, tuple[Note, ...]]:
    """Return the sign that units of one row of counts depend on each other, and a note on it.

    Rows with the same labels differ in the columns `describing`, such as the site of a survey. The sign is "counts:"
    and the first of them that has too many values to be a further category. Units of one site may depend on each other,
    and counts of so different rows cannot show it.
    """
    for column in describing:
        _, n_values = _sizes(declared, frame, column)
        if n_values >= _MANY_VALUES:
            message = (
                f"{declared.name}: rows with the same labels differ in {column} ({n_values:,} values), so units of one "
                f"{column} may depend on each other, and nothing is tested; declare group: [{column}], or write "
                "independent: true in records"
            )
            return f"counts:{column}", (Note("undeclared_group", declared.name, message),)
    return "", ()


def _sizes(declared: DeclaredRelation, frame: Frame, column: str) -> tuple[int, int]:
    """Return the number of rows with an id, and of different ids."""
    there = frame.select(id=text(nw.col(column))).filter(~nw.col("id").is_null())
    row = only_row(there.select(n=nw.len(), ids=nw.col("id").n_unique()), declared.engine)
    return int(row["n"]), int(row["ids"])


def _are_copies(declared: DeclaredRelation, frame: Frame) -> bool:
    """Return whether every row is there several times."""
    names = column_names(frame)[:_MOST_COPIED_COLUMNS]
    rows = frame.select(**{f"c{place}": text(nw.col(name)) for place, name in enumerate(names)}).head(_SAMPLE)
    kinds = rows.group_by([f"c{place}" for place in range(len(names))]).agg(n=nw.len().cast(nw.Int64))
    sizes = declared.engine.columns(kinds.group_by("n").agg(kinds=nw.len().cast(nw.Int64)))
    return are_copies(np.repeat(sizes["n"], sizes["kinds"]))


def are_copies(sizes: Ints) -> bool:
    """Return whether the numbers of equal rows, of which there are many kinds, have a common divisor."""
    return len(sizes) >= FEWEST and int(np.gcd.reduce(sizes)) > 1


LEVEL = 0.05
"""The one-sided level of the test, and the tail probability for a layout. In benchmarks/simulations.md with 5%,
undetected variation leads to false statements in less than one of ten reports."""


_DIGITS = 9
"""Significant digits kept in sums, because engines add in different orders."""


def describing_columns(frame: Frame, used: Collection[str], engine: Engine) -> list[str]:
    """Return the columns that are not `used` and describe rows by recurring texts or whole numbers."""
    names = candidate_columns(frame, used)
    if not names:
        return []
    distinct = {f"c{i}": nw.col(name).n_unique() for i, name in enumerate(names)}
    row = only_row(frame.select(n=nw.len(), **distinct), engine)
    return [name for i, name in enumerate(names) if int(row[f"c{i}"]) * _PER_VALUE <= int(row["n"])]


def variation_of_rows(records: Frame, keys: Sequence[str], engine: Engine) -> CountVariation | None:
    """Return the variation of the column `n` over rows with the same `rows`, `columns` and `keys`."""
    n = nw.col("n").cast(nw.Float64)
    known = records.filter(~nw.col("rows").is_null() & ~nw.col("columns").is_null())
    cells = engine.keep(
        known.with_columns(_square=n * n)
        .group_by("rows", "columns", *keys)
        .agg(m=nw.len().cast(nw.Int64), total=n.sum(), squares=nw.col("_square").sum())
    )
    if not has_rows(cells.filter(nw.col("m") > 1), engine):
        return None
    found = engine.columns(cells)
    numbers = [np.asarray(found[name], dtype=np.float64) for name in ("m", "total", "squares")]
    sides = [np.unique(np.array(found[side], dtype=str), return_inverse=True)[1] for side in ("rows", "columns")]
    return variation(*numbers, is_drawn=is_drawn_like(numbers[0], *sides))


def variation_of_fields(
    records: Frame, side: str, keys: Sequence[str], counts: Sequence[str], engine: Engine
) -> CountVariation | None:
    """Return the same for fields: one column of counts per option; `side` has the labels of the other side."""
    sums = {f"total {place}": nw.col(name).sum().cast(nw.Float64) for place, name in enumerate(counts)}
    sums |= {f"squares {place}": nw.col(f"_{place}").sum() for place in range(len(counts))}
    squares = {f"_{place}": portable.squared(nw.col(name).cast(nw.Float64)) for place, name in enumerate(counts)}
    known = records.filter(~nw.col(side).is_null()).with_columns(**squares)
    found = engine.columns(known.group_by(side, *keys).agg(m=nw.len().cast(nw.Int64), **sums))
    m = np.asarray(found["m"], dtype=np.float64)
    totals, of_squares = (
        np.array([found[f"{name} {place}"] for place in range(len(counts))], dtype=np.float64)
        for name in ("total", "squares")
    )
    return variation(np.tile(m, len(counts)), totals.ravel(), of_squares.ravel(), is_drawn=False)


def variation(m: Floats, total: Floats, squares: Floats, *, is_drawn: bool) -> CountVariation | None:
    """Return the variation of counts in cells of m rows each, from sums of counts and of squared counts.

    None if no cell with any unit has several rows, or if all have one unit.
    """
    several = (m > 1) & (total > 0)
    m, total, squares = m[several], total[several], squares[several]
    expected = (m - 1) * total / m
    variance = _sum(2 * (m - 1) * total * (total - 1) / portable.squared(m))
    if variance <= 0:
        return None
    within = _sum(squares - portable.squared(total) / m)
    # Satterthwaite: a cell's sum of squares has a variance proportional to its squared mean, for each row after the
    # first.
    freedom = portable.squared(_sum(expected)) / _sum(portable.squared(expected) / (m - 1))
    score = (within - _sum(expected)) / math.sqrt(variance)
    return CountVariation(
        n_cells=len(m),
        index=within / _sum(expected),
        freedom=freedom,
        score=score,
        p=float(tails.ndtr(-score)),
        is_drawn=is_drawn,
        level=LEVEL,
    )


def is_drawn_like(m: Floats, row: np.ndarray[tuple[int], np.dtype[np.intp]], column: np.ndarray) -> bool:
    """Return whether the number of rows varies over pairs of labels as in a sample of rows."""
    _, pair = np.unique(np.stack([row, column]), axis=1, return_inverse=True)
    pair = pair.ravel()
    first = np.unique(pair, return_index=True)[1]
    of_pair, of_row, of_column = (np.bincount(of, m) for of in (pair, row, column))
    n_rows = float(m.sum())
    freedom = (len(of_row) - 1) * (len(of_column) - 1)
    expected = of_row[row[first]] * of_column[column[first]] / n_rows
    is_even = len(of_pair) == len(of_row) * len(of_column) and bool((np.abs(of_pair - expected) < 1).all())
    if not freedom or is_even:
        return False
    statistic = float((portable.squared(of_pair) / expected).sum()) - n_rows
    return bool(tails.chdtr(freedom, max(statistic, 0.0)) > LEVEL)


def _sum(values: Floats) -> float:
    """Return a rounded sum that does not depend on the order of its terms."""
    return float(f"{math.fsum(values.tolist()):.{_DIGITS}g}")
