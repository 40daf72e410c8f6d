"""Convert frozen values to plain JSON and back by type. Untrusted data can only produce values that a type allows.

A list of values of one class is stored as columns, one list for each field. Boolean arrays are stored as their distinct
rows and the number of each row. Fields added to a class later take their default if absent.
"""

from __future__ import annotations

import datetime as dt
import math
import types
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from ...cells import Dispersion, Kind, Unit
from ...errors import Note
from ...findings.finding import RelationCounts
from ...incidence import Incidence, weights_of
from ...ledger.recounts import Change
from ...panels import RelationStats, tables_of
from .item_types import ItemTypes

T = TypeVar("T")

Hint = Any
"""A type in an annotation. Static types cannot describe these."""

_NAMES = {
    "Dispersion": Dispersion,
    "Kind": Kind,
    "Unit": Unit,
    "NDArray": NDArray,
    "np": np,
    "Note": Note,
    "Sequence": Sequence,
}
"""Names that modules import only for type checking."""

_OWN_HINTS: Mapping[Hint, Mapping[str, Hint]] = {RelationCounts: {"for_history": ItemTypes | None}}
"""Types of fields that the program leaves to a history."""

BOOLS, INTEGERS, FLOATS = NDArray[np.bool_], NDArray[np.int64], NDArray[np.float64]
LARGEST = 2**63
_LARGEST_SETS = 2**31
"""Maximum number of values in a boolean array: a small file must not exhaust memory."""
_PARTS = 10


class PlainError(ValueError):
    """Plain data do not match the type; the message names the place."""


def encode(hint: Hint, value: object) -> JsonValue:
    """Return a value of a type as plain JSON."""
    return _codec(hint)[0](value)


def decode(hint: Hint, data: JsonValue, place: str = "") -> Any:  # noqa: ANN401 - of the type in the hint
    """Return the value of a type from plain JSON. Raises PlainError if it does not match the type."""
    return _codec(hint)[1](data, place)


Encoder = Callable[[Any], JsonValue]
Decoder = Callable[[JsonValue, str], Any]
Codec = tuple[Encoder, Decoder]
"""Conversion of values of a type to plain JSON, and back."""


@lru_cache(maxsize=512)
def _codec(hint: Hint) -> Codec:  # noqa: PLR0911 - one for each sort of type
    origin: Any = get_origin(hint)
    arguments = get_args(hint)
    if hint == BOOLS:
        return _encode_sets, _decode_sets
    if hint in (INTEGERS, FLOATS):
        return np.ndarray.tolist, _numbers(np.int64 if hint == INTEGERS else np.float64)
    if hint is RelationStats:
        return _tables()
    if is_dataclass(hint):
        return _object(hint)
    if origin is tuple:
        return _columns(arguments[0]) if arguments[1:] == (...,) and is_dataclass(arguments[0]) else _tuple(arguments)
    if hint == Mapping[Change, Incidence]:
        return _recounts()
    if origin is dict:
        return _mapping(arguments[1])
    if origin in (Union, types.UnionType):
        [other] = [of for of in arguments if of is not type(None)]
        encoder, decoder = _codec(other)
        return (
            lambda value: None if value is None else encoder(value),
            lambda data, place: None if data is None else decoder(data, place),
        )
    if origin is Literal:
        words = f"one of {', '.join(arguments)}"
        return _itself, _checked(lambda data: isinstance(data, str) and data in arguments, words)
    return (dt.date.isoformat if hint is dt.date else _itself), _SCALARS[hint]


@dataclass(frozen=True, eq=False)
class _Recount:
    """The changed setting of a recount, and the resulting patterns of a relation."""

    change: Change
    incidence: Incidence


def _tables() -> Codec:
    """Store tables by the values from which they are computed."""
    encoder, decoder = _codec(Incidence)
    return lambda tables: encoder(tables.incidence), lambda data, place: tables_of(decoder(data, place))


def _recounts() -> Codec:
    encoder, decoder = _columns(_Recount)
    return (
        lambda recounts: encoder([_Recount(*one) for one in recounts.items()]),
        lambda data, place: {one.change: one.incidence for one in decoder(data, place)},
    )


def _itself(value: Any) -> JsonValue:  # noqa: ANN401
    return cast("JsonValue", value)


def _weights(values: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    """Return the weights of an incidence from their parts."""
    parts, scale = values.get("weight_parts"), values.get("weight_scale")
    if parts is not None and (parts.ndim != 2 or parts.shape != (len(values["units"]), _PARTS) or not scale):
        raise PlainError("weights are not sums of parts")
    dispersion: Dispersion | None = values.get("dispersion")
    if dispersion is not None and not (1 <= dispersion.factor < np.inf and dispersion.freedom > 0):
        raise PlainError("counts vary less than counts of independent units, or without end")
    weight, squared = weights_of(values["units"], parts, scale, dispersion)
    return {"weight": weight, "weight_squared": squared}


_DERIVED: Mapping[Hint, tuple[Collection[str], Callable[[Mapping[str, Any]], dict[str, Any]] | None]] = {
    Incidence: (("weight", "weight_squared"), _weights)
}
"""Fields computed from other fields, with their functions."""


class _KeptField(NamedTuple):
    """A field of a class, with its conversion to plain JSON and back, and whether it may be absent.

    With `if_set`, the field is absent if it is None.
    """

    field: str
    encode: Encoder
    decode: Decoder
    optional: bool
    if_set: bool = False

    def of(self, value: object) -> JsonValue:
        """Return the field of a value as plain JSON."""
        return self.encode(getattr(value, self.field))

    def is_kept(self, value: object) -> bool:
        """Return whether the field of a value is written."""
        return not self.if_set or getattr(value, self.field) is not None


def _parts(of: Hint, left_out: Collection[str] = ()) -> dict[str, _KeptField]:
    """Return the constructor fields of a class, by the names under which they are stored."""
    hints = get_type_hints(of, localns=_NAMES) | dict(_OWN_HINTS.get(of, {}))
    kept = [one for one in fields(of) if one.init and one.repr and one.name not in left_out]
    return {
        one.metadata.get("kept", one.name): _KeptField(
            one.name, *_codec(hints[one.name]), _has_default(one), "if_set" in one.metadata
        )
        for one in kept
    }


def _lacking(parts: Mapping[str, _KeptField], found: Collection[str]) -> list[str]:
    return [name for name, part in parts.items() if name not in found and not part.optional]


def _mapped(data: JsonValue, place: str) -> dict[str, JsonValue]:
    if not isinstance(data, dict):
        raise PlainError(f"{place}: is no mapping")
    return data


def _object(of: Hint) -> Codec:
    left_out, derive = _DERIVED.get(of, ((), None))
    parts = _parts(of, left_out)

    def decoded(data: JsonValue, place: str) -> object:
        found = _mapped(data, place)
        if lacking := _lacking(parts, found):
            raise PlainError(f"{place}: lacks {', '.join(lacking)}")
        there = ((name, part) for name, part in parts.items() if name in found)
        values = {part.field: part.decode(found[name], f"{place}.{name}") for name, part in there}
        return of(**values, **(derive(values) if derive else {}))

    return lambda value: {name: part.of(value) for name, part in parts.items() if part.is_kept(value)}, decoded


def _columns(of: Hint) -> Codec:
    parts = _parts(of)

    def decoded(data: JsonValue, place: str) -> object:
        found = _mapped(data, place)
        columns = {name: found[name] for name in parts if name in found}
        sizes = {len(column) if isinstance(column, list) else -1 for column in columns.values()}
        if _lacking(parts, found) or len(sizes) != 1 or -1 in sizes:
            raise PlainError(f"{place}: is not columns of equal length, one for each of {', '.join(parts)}")
        values = {
            parts[name].field: [parts[name].decode(v, f"{place}.{name}") for v in cast("list[JsonValue]", column)]
            for name, column in columns.items()
        }
        return tuple(of(**dict(zip(values, row, strict=True))) for row in zip(*values.values(), strict=True))

    def encoded(values: Collection[object]) -> JsonValue:
        kept = ((name, part) for name, part in parts.items() if not part.if_set or any(map(part.is_kept, values)))
        return {name: [part.of(value) for value in values] for name, part in kept}

    return encoded, decoded


def _has_default(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _tuple(arguments: tuple[Hint, ...]) -> Codec:
    any_length = arguments[-1:] == (Ellipsis,)
    items = [_codec(of) for of in arguments if of is not Ellipsis]

    def each(values: Collection[T]) -> Iterator[tuple[Codec, T]]:
        return zip(items * len(values) if any_length else items, values, strict=True)

    def decoded(data: JsonValue, place: str) -> object:
        if not isinstance(data, list) or (not any_length and len(data) != len(items)):
            raise PlainError(f"{place}: is no list" + ("" if any_length else f" of {len(items)}"))
        return tuple(decoder(value, place) for (_, decoder), value in each(data))

    return lambda values: [encoder(value) for (encoder, _), value in each(values)], decoded


def _mapping(of: Hint) -> Codec:
    encoder, decoder = _codec(of)
    return (
        lambda values: {name: encoder(value) for name, value in values.items()},
        lambda data, place: {name: decoder(value, f"{place}.{name}") for name, value in _mapped(data, place).items()},
    )


def _checked(is_right: Callable[[JsonValue], bool], what: str) -> Decoder:
    def decoded(data: JsonValue, place: str) -> object:
        if not is_right(data):
            raise PlainError(f"{place}: is not {what}")
        return data

    return decoded


def _date(data: JsonValue, place: str) -> object:
    try:
        return dt.date.fromisoformat(cast("str", data))
    except (TypeError, ValueError):
        raise PlainError(f"{place}: is no date") from None


def _is_whole(data: JsonValue) -> bool:
    return isinstance(data, int) and not isinstance(data, bool) and abs(data) < LARGEST


def _is_finite(data: JsonValue) -> bool:
    return _is_whole(data) or (isinstance(data, float) and math.isfinite(data))


def _float(data: JsonValue, place: str) -> float:
    if not _is_finite(data):
        raise PlainError(f"{place}: is not a number")
    return float(cast("float", data))


_SCALARS: Mapping[Hint, Decoder] = {
    str: _checked(lambda data: isinstance(data, str), "text"),
    bool: _checked(lambda data: isinstance(data, bool), "true or false"),
    int: _checked(_is_whole, "a whole number"),
    float: _float,
    dt.date: _date,
    JsonValue: lambda data, _: data,
}


def _numbers(kind: type[np.int64 | np.float64]) -> Decoder:
    """Return a reader for arrays of integers or floats. Rows of a matrix must have equal lengths."""
    is_right = _is_whole if kind is np.int64 else _is_finite

    def decoded(data: JsonValue, place: str) -> object:
        rows = data if isinstance(data, list) else [None]
        flat = [value for row in rows for value in (row if isinstance(row, list) else [row])]
        if not all(map(is_right, flat)):
            raise PlainError(f"{place}: is no list of numbers")
        try:
            return np.array(data, dtype=kind)
        except ValueError:
            raise PlainError(f"{place}: has rows of different lengths") from None

    return decoded


def _encode_sets(value: NDArray[np.bool_]) -> JsonValue:
    """Return booleans (p, n) as n, the distinct rows (which columns are true), and the number (p,) of each row."""
    distinct, number = np.unique(value, axis=0, return_inverse=True)
    rows = cast("list[JsonValue]", [np.flatnonzero(row).tolist() for row in distinct])
    return {"n": value.shape[1], "rows": rows, "of": number.ravel().tolist()}


def _decode_sets(data: JsonValue, place: str) -> object:
    found = _mapped(data, place)
    n = _SCALARS[int](found.get("n"), f"{place}.n")
    rows = decode(tuple[tuple[int, ...], ...], found.get("rows"), f"{place}.rows")
    of = decode(INTEGERS, found.get("of"), f"{place}.of")
    if not 0 <= n <= 1_000_000 or any(not 0 <= column < n for row in rows for column in row):
        raise PlainError(f"{place}: has columns that are none of its {n}")
    if len(of) and not 0 <= of.min() <= of.max() < len(rows):
        raise PlainError(f"{place}: has rows that are none of its {len(rows)}")
    if (len(rows) + len(of)) * n > _LARGEST_SETS:
        raise PlainError(f"{place}: is larger than any that a build makes")
    sets = np.zeros((len(rows), n), dtype=np.bool_)
    for number, row in enumerate(rows):
        sets[number, list(row)] = True
    return sets[of] if len(of) else np.zeros((0, n), dtype=np.bool_)
