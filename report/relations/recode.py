"""Recode the fields of a side of records before labels are read: bins of numbers and dates, and missing answers."""

from __future__ import annotations

import bisect
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import narwhals as nw

from ..errors import HIDDEN_IN_LOGS, DataError, Note, listed, may_quote
from ..sources.engine import Engine, Frame, stripped
from . import RecordSideSettings

_DATE = re.compile(r"(\d{4})(?:[-/](\d{1,2})(?:[-/]\d{1,2})?)?(?:[T ].*)?")
_COMMA = re.compile(r"[-+]?\d+,\d+")
_WHOLE_FLOAT = re.compile(r"([-+]?\d+)\.0+")
_LARGEST_SHARE = 0.1
"""The largest share of fields with a text that no bin takes. Beyond it, the column has other content."""
_MOST_BINS = 100
_SHOWN = 5
_QUARTILES = (0.25, 0.5, 0.75)


def recoded(
    records: Frame, side: str, spec: RecordSideSettings, place: str, engine: Engine, *, public: bool
) -> tuple[Frame, tuple[str, ...] | None, tuple[Note, ...]]:
    """Return records with the fields `side` (text) and `side`_value recoded as the settings of the side require.

    Also the labels of its bins in order, None without bins, and notes.

    `missing` texts have no label, with a note on their number, and empty fields become the label `blank`. Numbers and
    dates become the label of their bin; other texts stay, so that coverage lists them.
    Raises DataError if more than a tenth of the fields have such a text, or if no field can be binned.
    """
    if isinstance(records.collect_schema()[f"{side}_value"], nw.List):
        raise DataError(f"{place}: the column contains lists, whose fields cannot be binned or recoded")
    found = engine.columns(records.group_by(side).agg(n=nw.len().cast(nw.Int64)))
    counts = {text: int(n) for text, n in zip(found[side], found["n"], strict=True)}
    fields = {text: n for text, n in counts.items() if text is not None and text.strip()}
    missing = {text for text in fields if _is_code(text, spec.missing)}
    fields = {text: n for text, n in fields.items() if text not in missing}
    labels: dict[str, str | None] = dict.fromkeys(fields)
    labels = {text: text for text in labels}
    bins, notes = None, [*_missing(side, spec, {text: counts[text] for text in sorted(missing)})]
    if spec.bins is not None:
        of_bins, bins = _binned(fields, spec, f"{place}.bins", public=public)
        labels |= of_bins
    labels |= dict.fromkeys(missing, None)
    changed = {text: label for text, label in labels.items() if label != text}
    return _replaced(records, side, changed, spec, engine), bins, tuple(notes)


def _replaced(
    records: Frame, side: str, changed: Mapping[str, str | None], spec: RecordSideSettings, engine: Engine
) -> Frame:
    """Return records in which texts of a side are replaced; None leaves the field empty, and is not `blank`."""
    texts = list(changed)
    table = engine.load(
        {side: texts, "_label": [changed[text] for text in texts], "_changed": ["x"] * len(texts)},
    )
    joined = records.join(table, on=side, how="left")
    text = nw.col(side)
    is_blank = text.is_null() | (stripped(text) == "")
    kept = nw.when(is_blank).then(nw.lit(spec.blank)).otherwise(text) if spec.blank is not None else text
    label = nw.when(nw.col("_changed").is_null()).then(kept).otherwise(nw.col("_label"))
    joined = joined.with_columns(label.alias(side))
    return engine.keep(joined.with_columns(nw.col(side).alias(f"{side}_value")).drop("_label", "_changed"))


def _is_code(text: str, codes: Sequence[str]) -> bool:
    """Return whether a text is one of some codes; 99.0 is 99, since empty fields make numbers floats."""
    plain = text.strip()
    whole = _WHOLE_FLOAT.fullmatch(plain)
    known = {code.casefold() for code in codes}
    return plain.casefold() in known or (whole is not None and whole[1] in known)


def _missing(side: str, spec: RecordSideSettings, n: Mapping[str, int]) -> Iterator[Note]:
    total = sum(n.values())
    if total:
        codes = listed([f'"{text}" ({count:,})' for text, count in n.items()], _SHOWN)
        name = (*spec.label, spec.field or side)[0]
        message = (
            f"{name}: {total:,} {'row has' if total == 1 else 'rows have'} an answer that counts as missing: {codes}"
        )
        yield Note("missing", name, message)


def _binned(
    fields: Mapping[str, int], spec: RecordSideSettings, place: str, *, public: bool
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the bin's label of each text that has one, and all labels in order."""
    if isinstance(spec.bins, str) and spec.bins in ("years", "months"):
        of_dates = {text: label for text in fields if (label := _date(text, spec.bins)) is not None}
        _check(fields, of_dates, place, "dates, such as 2024-05-17", public=public)
        labels = tuple(sorted(set(of_dates.values())))
        _check_number(labels, place)
        return of_dates, labels
    numbers = {text: number for text in fields if (number := number_of(text)) is not None}
    _check(fields, numbers, place, "numbers", public=public)
    n: dict[float, int] = {}
    for text, number in numbers.items():
        n[number] = n.get(number, 0) + fields[text]
    names, places = number_bins(n, spec.bins or (), place)
    return {text: names[places[number]] for text, number in numbers.items()}, tuple(names)


Bins = tuple[list[str], dict[float, int]]
"""The labels of bins, and the bin of each value."""


def number_bins(n: Mapping[float, int], bins: str | Sequence[float], place: str = "bins") -> Bins:
    """Return the bins of numbers `n`, each with its number of rows: quartiles, or with the given cut points.

    Raises DataError with `place` if most rows have one value, so that quartiles are one bin.
    """
    return _in_quartiles(n, place) if isinstance(bins, str) else _between(n, sorted(map(float, bins)))


def _between(n: Mapping[float, int], cuts: Sequence[float]) -> Bins:
    """Return the bins below the first cut, from each cut to below the next, and from the last cut on."""
    whole = all(value.is_integer() for value in (*n, *cuts))
    labels = [f"under {_text(cuts[0])}"]
    for low, high in pairwise(cuts):
        last = high - 1
        inside = f"{_text(low)}–{_text(last)}" if last > low else _text(low)
        labels.append(inside if whole else f"{_text(low)} to under {_text(high)}")
    labels.append(f"{_text(cuts[-1])} and over")
    return labels, {value: bisect.bisect_right(cuts, value) for value in n}


def _in_quartiles(n: Mapping[float, int], place: str) -> Bins:
    """Return four bins with a quarter of the rows each, fewer if many rows have one value; labels give their ends."""
    values, total = sorted(n), sum(n.values())
    ends, below = [], 0
    for value in values:
        below += n[value]
        reached = bisect.bisect_right(_QUARTILES, below / total + 1e-12)
        if reached > bisect.bisect_right(_QUARTILES, (below - n[value]) / total + 1e-12):
            ends.append(value)
    ends = [end for end in ends if end < values[-1]]
    if not ends:
        raise DataError(f"{place}: quartiles of this column have one value; list the cut points, such as [18, 30, 45]")
    labels, place_of = [], {value: bisect.bisect_left(ends, value) for value in values}
    for k in range(len(ends) + 1):
        own = [value for value in values if place_of[value] == k]
        labels.append(_text(own[0]) if len(own) == 1 else f"{_text(own[0])}–{_text(own[-1])}")
    return labels, place_of


def number_of(text: str) -> float | None:
    """Return the number that a text is, or None. A comma may be the decimal point."""
    plain = text.strip().replace(",", ".") if _COMMA.fullmatch(text.strip()) else text.strip()
    try:
        number = float(plain)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _text(number: float) -> str:
    return f"{number:.10g}".replace("-", "−")


def _date(text: str, unit: str) -> str | None:
    found = _DATE.fullmatch(text.strip())
    if found is None or (unit == "months" and found[2] is None):
        return None
    if found[2] is not None and not 1 <= int(found[2]) <= 12:
        return None
    return found[1] if unit == "years" else f"{found[1]}-{int(found[2]):02}"


def _check(fields: Mapping[str, int], known: Mapping[str, object], place: str, what: str, *, public: bool) -> None:
    """Raise DataError if no field is known, or too many are not."""
    odd = {text: n for text, n in fields.items() if text not in known}
    n_odd, total = sum(odd.values()), sum(fields.values())
    if known and n_odd <= _LARGEST_SHARE * total:
        return
    if not fields:
        raise DataError(f"{place}: the column is empty")
    ranked = sorted(odd, key=lambda text: (-odd[text], text))
    shown = listed([f'"{text}" ({odd[text]:,})' for text in ranked], _SHOWN) if may_quote(public=public) else None
    raise DataError(
        f"{place}: {n_odd:,} of {total:,} fields are no {what}: {shown or HIDDEN_IN_LOGS}; name codes of missing "
        "answers under missing, or leave bins out"
    )


def _check_number(labels: Sequence[str], place: str) -> None:
    if len(labels) > _MOST_BINS:
        raise DataError(f"{place}: {len(labels):,} bins, and a figure has at most {_MOST_BINS}; use years for months")
