"""Columns by name: those that relations ask of entities, those that make groups and strata, and weights as integers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import narwhals as nw

from ..errors import DataError, did_you_mean
from ..sources.engine import Engine, Frame, only_row, rounded, stripped
from .forms import DatedRelationSettings, RelationSettings
from .meeting import ONE, column_names


def key_names(relation: RelationSettings) -> tuple[str, ...]:
    """Return the columns that group, strata and dates are made from, each once, `activity` not among them."""
    names = (*relation.group, *relation.strata, *dated_names(relation))
    return tuple(dict.fromkeys(name for name in names if name != ACTIVITY))


def dated_names(relation: RelationSettings) -> tuple[str, ...]:
    """Return the column that says when a unit came; none where nobody asked."""
    return (relation.dated,) if isinstance(relation, DatedRelationSettings) else ()


def asked_attributes(relation: RelationSettings, entity: str) -> tuple[str, ...]:
    """Return the names (attributes or columns) that a relation asks of an entity, beside its id."""
    return tuple(dict.fromkeys((*item_attributes(relation, entity), *link_attributes(relation, entity))))


def item_attributes(relation: RelationSettings, entity: str) -> tuple[str, ...]:
    """Return the names that a relation asks of the items of an entity.

    For links that come from a table of their own the names of a `link` group may be columns of that table:
    they are asked for all the same, and may be missing here.
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
    """Return the names that a relation asks of the table of an entity, where that holds its links."""
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
    """Return the internal name of the level column of each name."""
    return {name: f"key_{i}" for i, name in enumerate(names)}


def levels_of(frame: Frame, names: Mapping[str, str]) -> dict[str, nw.Expr]:
    """Return the level columns, under their internal names, of those names that a frame has as columns."""
    present = set(column_names(frame))
    return {internal: level(name) for name, internal in names.items() if name in present}


def require(names: Iterable[str], present: Collection[str], place: str, where: str) -> None:
    """Raise DataError naming every column that `where` does not have, with the nearest name there is."""
    messages = [
        f'{place}: "{name}" is not a column or attribute of {where}{did_you_mean(name, present)}'
        for name in names
        if name not in present
    ]
    if messages:
        raise DataError(*messages)


def finished_units(units: Frame, relation: RelationSettings, group: str | None = None) -> Frame:
    """Return units (`unit`, `n`, `stratum`, and `group`, `weight` and `date` if any) from units with level columns.

    `group` is the column to group by where the relation names none, or None. A column `n` and a column
    `weight` are kept where there are any; a column `activity` where strata ask for it.
    """
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
    for name in dated_names(relation):
        chosen["date"] = nw.col(internal[name])
    return units.select(**chosen)


SEPARATOR = " · "
"""Stands between the values of several columns that make one key."""

NONE = "(none)"
"""The level of units whose column is empty: a level of its own, never dropped."""

ACTIVITY = "activity"
"""The stratum that is made from how many items a unit has on each side."""

_LARGEST = 2**40


def text(column: nw.Expr) -> nw.Expr:
    """Return a column as text in which an empty text is absent."""
    value = column.cast(nw.String)
    return nw.when(value != "").then(value)


def level(column: str) -> nw.Expr:
    """Return a column as the name of a level; absent values are the level `(none)`."""
    return text(nw.col(column)).fill_null(NONE)


def joined(levels: Sequence[str]) -> nw.Expr:
    """Return level columns (text, none absent) as one key."""
    if len(levels) == 1:
        return nw.col(levels[0])
    return nw.concat_str([nw.col(name) for name in levels], separator=SEPARATOR)


def matching(frame: Frame, where: Mapping[str, tuple[str | None, ...]]) -> Frame:
    """Return the rows in which each column equals one of its values; None stands for an empty field."""
    for column, values in where.items():
        field = text(nw.col(column))
        # An empty list matches nothing; "" stands for it, which `text` never leaves.
        equal = field.is_in([value for value in values if value] or [""]).fill_null(value=False)
        frame = frame.filter(equal if all(values) else equal | field.is_null())
    return frame


def thresholds() -> Iterator[int]:
    """Yield the least number of each level of activity: 0 to 4 singly, then half-octaves, ceil(2^(k/2)).

    >>> list(itertools.islice(thresholds(), 13))
    [0, 1, 2, 3, 4, 5, 6, 8, 12, 16, 23, 32, 46]
    """
    yield from range(6)
    for k in itertools.count(5):
        # Whole numbers throughout: 2^(k/2) is the root of 2^k, and is never itself whole for odd k.
        root = math.isqrt(2**k)
        yield root if root * root == 2**k else root + 1


def _ends(count: nw.Expr) -> dict[str, nw.Expr]:
    """Return the least and the largest number of the level that a number of items falls in."""
    starts = list(itertools.takewhile(lambda start: start <= _LARGEST, thresholds()))
    ends = [after - 1 for after in starts[1:]] + [_LARGEST]
    return {"low": _step(count, starts), "high": _step(count, ends, starts)}


def _level_name(low: nw.Expr, high: nw.Expr) -> nw.Expr:
    """Return the name of a level by its ends ("0", "3", "6-7", "8-11")."""
    name = nw.concat_str([low.cast(nw.String), nw.lit("-"), high.cast(nw.String)])
    return nw.when(low == high).then(low.cast(nw.String)).otherwise(name)


def _step(count: nw.Expr, values: Sequence[int], starts: Sequence[int] | None = None) -> nw.Expr:
    """Return the step function of `count` that takes values[i] from starts[i] on (starts[0] is 0)."""
    total = nw.lit(values[0], dtype=nw.Int64)
    for start, (before, value) in zip((starts or values)[1:], itertools.pairwise(values), strict=True):
        rise = nw.lit(value - before, dtype=nw.Int64)
        total = total + nw.when(count >= start).then(rise).otherwise(nw.lit(0, dtype=nw.Int64))
    return total


def with_activity(
    units: Frame, row_uses: Frame, column_uses: Frame, engine: Engine, *, of_one_kind: bool = False
) -> Frame:
    """Return the units with a column `activity`, from the items (`unit`, `item`) that they have on each side.

    `of_one_kind`: both sides are the same items, whose number is said once.
    """
    for name, uses in (("n_rows", row_uses), ("n_columns", column_uses)):
        counts = uses.group_by("unit").agg(nw.len().cast(nw.Int64).alias(name))
        units = units.join(counts, on="unit", how="left").with_columns(nw.col(name).fill_null(0))
    return activity_of(engine.keep(units), of_one_kind=of_one_kind).drop("n_rows", "n_columns")


def activity_of(units: Frame, *, of_one_kind: bool = False) -> Frame:
    """Return units with the joint level of `n_rows` row-side by `n_columns` column-side items ("3 x 6-7", or "3").

    Joint levels, since levels of the total would condition on a sum and so make associations of their own. They are
    worked out once for each pair of numbers, of which there are few. Ends of levels are columns first: within names
    they would be worked out five times, eighty comparisons each.
    """
    pairs = ["n_rows", "n_columns"]
    return units.join(_activity(units.select(*pairs).unique(), of_one_kind=of_one_kind), on=pairs)


def _activity(pairs: Frame, *, of_one_kind: bool) -> Frame:
    ends = {f"{end}_{name}": f for name in ("rows", "columns") for end, f in _ends(nw.col(f"n_{name}")).items()}
    sides = ("rows",) if of_one_kind else ("rows", "columns")
    names = [_level_name(nw.col(f"low_{name}"), nw.col(f"high_{name}")) for name in sides]
    return pairs.with_columns(**ends).with_columns(activity=nw.concat_str(names, separator=" x ")).drop(*ends)


LARGEST = 2**53
"""Scaled weights stay below this, so that they are exact as floats as well as integers."""

_SCALE = 10**6
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\z"


def scaled(frame: Frame, engine: Engine, subject: str) -> tuple[Frame, int]:
    """Return the frame with its column `weight` as whole numbers, and the scale they were multiplied by.

    The scale is 1 where every weight is whole, otherwise a million: six decimals count. `subject` begins
    the messages of what is wrong. Raises DataError where weights are absent, no numbers, negative or too
    large: an absent weight is neither 0 nor 1.
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
    if faults:
        raise DataError(*(f"{subject}: {fault}" for fault in faults))
    return kept.with_columns(weight=rounded(value * scale)).drop("_raw", "_absent"), scale


def count_where(condition: nw.Expr) -> nw.Expr:
    """Return how many rows satisfy a condition."""
    one, zero = nw.lit(1, dtype=nw.Int64), nw.lit(0, dtype=nw.Int64)
    return nw.when(condition).then(one).otherwise(zero).sum().cast(nw.Int64)
