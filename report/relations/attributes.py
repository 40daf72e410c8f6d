"""Columns by name: attributes of entities, groups and strata, and weights as integers."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import narwhals as nw

from ..errors import did_you_mean, raise_if_any
from ..sources.engine import Engine, Frame, only_row, rounded, stripped
from . import RelationSettings
from .meeting import ONE, DeclaredRelation, column_names


def key_names(relation: RelationSettings) -> tuple[str, ...]:
    """Return the columns for groups and strata without duplicates and without `activity`."""
    names = (*relation.group, *relation.strata)
    return tuple(dict.fromkeys(name for name in names if name != ACTIVITY))


def item_attributes(relation: RelationSettings, entity: str) -> tuple[str, ...]:
    """Return the names that a relation needs from the items of an entity.

    For links in a table of their own, the names of a `link` group may be columns of that table. They are included
    nevertheless, and may be missing here.
    """
    names: list[str] = []
    if relation.shared is not None and entity in relation.shared.entities:
        names += [relation.shared.key, *key_names(relation)]
    if relation.links is not None:
        side = relation.links.from_ if relation.unit == "from" else relation.links.to
        if side.entity == entity:
            names += key_names(relation)
    return tuple(dict.fromkeys(names))


def link_attributes(relation: RelationSettings, entity: str) -> tuple[str, ...]:
    """Return the names that a relation needs from the table of an entity that contains its links."""
    links = relation.links
    if links is None or links.source is not None:
        return ()
    names: list[str] = []
    for end in (links.from_, links.to):
        if end.column is not None and end.entity == entity:
            names += [end.column, *links.where, *key_names(relation)]
            names += [links.weight] if links.weight is not None else []
    return tuple(dict.fromkeys(names))


def key_columns(names: Sequence[str]) -> dict[str, str]:
    """Return name -> internal name of its level column."""
    return {name: f"key_{i}" for i, name in enumerate(names)}


def levels_of(frame: Frame, names: Mapping[str, str]) -> dict[str, nw.Expr]:
    """Return the level columns, by internal name, of the names that are columns of a frame."""
    present = set(column_names(frame))
    return {internal: level(name) for name, internal in names.items() if name in present}


def require(names: Iterable[str], present: Collection[str], place: str, where: str) -> None:
    """Raise DataError naming every column that `where` lacks, with the most similar existing name."""
    messages = [
        f'{place}: "{name}" is not a column or attribute of {where}{did_you_mean(name, present)}'
        for name in names
        if name not in present
    ]
    raise_if_any(messages)


def finished_units(units: Frame, declared: DeclaredRelation, group: str | None = None) -> Frame:
    """Return units (`unit`, `n`, `stratum`, and `group` and `weight` if any) from units with level columns.

    `group` is the default group column for a relation without one, or None. The columns `n` and `weight` are kept if
    they exist, and `activity` if it is a stratum.
    """
    relation = declared.relation
    present = column_names(units)
    internal = key_columns(key_names(relation))
    strata = [internal.get(name, name) for name in relation.strata]
    chosen = {"unit": nw.col("unit"), "n": nw.col("n") if "n" in present else ONE}
    chosen["stratum"] = joined(strata) if strata else nw.lit("")
    if relation.group:
        chosen["group"] = joined([internal[name] for name in relation.group])
    elif group is not None:
        chosen["group"] = nw.col(group)
    if "weight" in present:
        chosen["weight"] = nw.col("weight")
    return declared.engine.keep(units.select(**chosen))


SEPARATOR = " · "
"""Separator between the values of several columns that form one key."""

NONE = "(none)"
"""The level of units whose column is empty: a separate level that is never dropped."""

ACTIVITY = "activity"
"""The stratum defined by the number of items of a unit on each side."""


def text(column: nw.Expr) -> nw.Expr:
    """Return a column as text, with empty texts as missing values."""
    value = column.cast(nw.String)
    return nw.when(value != "").then(value)


def level(column: str) -> nw.Expr:
    """Return a column as level names; missing values get the level `(none)`."""
    return text(nw.col(column)).fill_null(NONE)


def joined(levels: Sequence[str]) -> nw.Expr:
    """Return level columns (text without missing values) as one key."""
    if len(levels) == 1:
        return nw.col(levels[0])
    return nw.concat_str([nw.col(name) for name in levels], separator=SEPARATOR)


def matching(frame: Frame, where: Mapping[str, tuple[str | None, ...]]) -> Frame:
    """Return the rows in which each column equals one of its values; None means an empty field."""
    for column, values in where.items():
        field = text(nw.col(column))
        # An empty list matches nothing. It is replaced by "", which `text` never returns.
        equal = field.is_in([value for value in values if value] or [""]).fill_null(value=False)
        frame = frame.filter(equal if all(values) else equal | field.is_null())
    return frame


def thresholds() -> Iterator[int]:
    """Yield the lower bound of each activity level: 0 to 4 singly, then half-octaves, ceil(2^(k/2)).

    >>> list(itertools.islice(thresholds(), 13))
    [0, 1, 2, 3, 4, 5, 6, 8, 12, 16, 23, 32, 46]
    """
    yield from range(6)
    for k in itertools.count(5):
        # Integer arithmetic only: 2^(k/2) is the root of 2^k, and is never an integer for odd k.
        root = math.isqrt(2**k)
        yield root if root * root == 2**k else root + 1


_STARTS = tuple(itertools.takewhile(lambda start: start <= 2**53, thresholds()))


def level_of(n_items: int) -> str:
    """Return the name of the level of a number of items, by its bounds.

    >>> level_of(3), level_of(7), level_of(8)
    ('3', '6-7', '8-11')
    """
    after = bisect.bisect_right(_STARTS, n_items)
    low, high = _STARTS[after - 1], _STARTS[after] - 1
    return str(low) if low == high else f"{low}-{high}"


def with_activity(
    units: Frame, row_uses: Frame, column_uses: Frame, engine: Engine, *, of_one_kind: bool = False
) -> Frame:
    """Return the units with a column `activity`, from the items (`unit`, `item`) that they have on each side.

    `of_one_kind`: both sides have the same items, whose number is given once.
    """
    for name, uses in (("n_rows", row_uses), ("n_columns", column_uses)):
        counts = uses.group_by("unit").agg(nw.len().cast(nw.Int64).alias(name))
        units = units.join(counts, on="unit", how="left").with_columns(nw.col(name).fill_null(0))
    return activity_of(units, engine, of_one_kind=of_one_kind).drop("n_rows", "n_columns")


def activity_of(units: Frame, engine: Engine, *, of_one_kind: bool = False) -> Frame:
    """Return units with the joint level of `n_rows` row-side by `n_columns` column-side items ("3 x 6-7", or "3").

    The levels are joint because levels of the total would condition on a sum and so create associations. They are
    computed once for each pair of numbers, since there are few pairs.
    """
    units, pair = engine.keep(units), ["n_rows", "n_columns"]
    found = engine.columns(units.select(*pair).unique())
    sides = pair[:1] if of_one_kind else pair
    levels = [" x ".join(map(level_of, numbers)) for numbers in zip(*(found[side] for side in sides), strict=True)]
    return units.join(engine.load({**found, "activity": levels}, pair), on=pair)


LARGEST = 2**53
"""Upper bound of scaled weights, so that they are exact both as floats and as integers."""

_SCALE = 10**6
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\z"


def scaled(frame: Frame, engine: Engine, subject: str) -> tuple[Frame, int]:
    """Return the frame with its column `weight` as whole numbers, and the scale factor.

    The scale is 1 if every weight is whole, otherwise a million, which keeps six decimals. `subject` begins the error
    messages. Raises DataError if weights are missing, not numbers, negative or too large: a missing weight is neither 0
    nor 1.
    """
    text = frame.collect_schema()["weight"] == nw.String
    raw = nw.col("weight").cast(nw.String)
    bare, absent = stripped(raw), raw.is_null() | (raw == "")
    number = (
        nw.when(bare.str.contains(_NUMBER)).then(bare).cast(nw.Float64) if text else nw.col("weight").cast(nw.Float64)
    )
    kept = engine.keep(frame.with_columns(weight=number, _raw=raw, _absent=absent.fill_null(value=True)))
    value = nw.col("weight")
    odd = ~nw.col("_absent") & ~(value.is_finite().fill_null(value=False))
    usable = ~nw.col("_absent") & ~odd
    facts = only_row(
        kept.select(
            n=nw.len().cast(nw.Int64),
            absent=count_where(nw.col("_absent")),
            odd=count_where(odd),
            example=nw.when(odd).then(nw.col("_raw")).min(),
            negative=count_where(usable & (value < 0)),
            broken=count_where(usable & (value % 1 != 0)),
            largest=nw.when(usable).then(value).max(),
        ),
        engine,
    )
    scale = _SCALE if int(facts["broken"]) else 1
    n = f"{int(facts['n']):,}"
    faults = []
    if int(facts["absent"]):
        faults.append(f"{int(facts['absent']):,} of {n} have no weight; give them one, or leave out `weight`")
    if int(facts["odd"]):
        faults.append(f'{int(facts["odd"]):,} of {n} are not numbers, e.g. "{facts["example"]}"')
    if int(facts["negative"]):
        faults.append(f"{int(facts['negative']):,} of {n} are negative; a weight is 0 or more")
    if not faults and int(facts["n"]) and float(facts["largest"]) * scale >= LARGEST:
        faults.append(f"the largest, {facts['largest']:g}, is too large; weights must stay below {LARGEST / scale:.3g}")
    raise_if_any(f"{subject}: {fault}" for fault in faults)
    return kept.with_columns(weight=rounded(value * scale)).drop("_raw", "_absent"), scale


def count_where(condition: nw.Expr) -> nw.Expr:
    """Return the number of rows that satisfy a condition."""
    one, zero = nw.lit(1, dtype=nw.Int64), nw.lit(0, dtype=nw.Int64)
    return nw.when(condition).then(one).otherwise(zero).sum().cast(nw.Int64)
