"""Weights of units as whole numbers: float sums in an engine differ from run to run, sums of integers do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from ..errors import DataError
from ..sources.expressions import rounded, stripped

if TYPE_CHECKING:
    from ..sources.engine import Engine, Frame

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
    facts = engine.collect(
        kept.select(
            n=nw.len().cast(nw.Int64),
            absent=count_where(nw.col("_absent")),
            odd=count_where(odd),
            example=nw.when(odd).then(nw.col("_raw")).min(),
            negative=count_where(usable & (value < 0)),
            broken=count_where(usable & (value % 1 != 0)),
            largest=nw.when(usable).then(value).max(),
        )
    ).iloc[0]
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
