"""Store snapshots as bytes: two lines of JSON, compressed separately, so that the first can be read alone.

The same snapshot gives the same bytes. Snapshots are untrusted input. Reading creates only frozen values of the classes
of a snapshot, checks their types, and has a size limit.

Constraints on counts that types cannot express are checked too: equal lengths, and numbers that are valid indices.
"""

from __future__ import annotations

import hashlib
import json
import lzma
from collections.abc import Iterator
from dataclasses import fields
from pathlib import PurePosixPath
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from ...errors import SnapshotError
from ...findings.finding import RelationCounts
from ...incidence import Incidence
from ...ledger.series import DatedUnits
from ...theme import one_line
from .item_types import ItemTypes, Sets, types_of
from .plain import PlainError, decode, encode
from .snapshot import Body, Head, Snapshot

_PARTS = 10
_LONGEST_NAME = 255
"""Maximum length of a file name in file systems, in bytes."""


def checked_texts(head: Head) -> None:
    """Raise PlainError if the config and authored text of a snapshot cannot be restored as files in one folder."""
    for text in (head.config, *head.texts):
        name = text.name
        if PurePosixPath(name).name != name or "\\" in name or name in ("", ".", "..") or not _is_text(name):
            raise PlainError(f'it names a file "{one_line(name[:80])}"')
        if len(name.encode()) > _LONGEST_NAME:
            raise PlainError(f'it names a file "{one_line(name[:80])}…"')
        if not _is_text(text.content):
            raise PlainError(f"{one_line(name)} has a value that is not text")


def _is_text(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def checked_relation(relation: RelationCounts) -> None:
    """Raise PlainError if the counts of a relation are inconsistent."""
    for name, fault in _all_faults(relation):
        raise PlainError(f"relation {relation.name}, {name}: {fault}")


def _all_faults(relation: RelationCounts) -> Iterator[tuple[str, str]]:
    """Yield the problems of a relation, each with the part in which it occurs."""
    own = relation.tables.incidence
    others = {name: tables.incidence for name, tables in relation.alternatives.items()}
    named = [("incidence", own), *others.items(), *(("recounts", recount) for recount in relation.recounts.values())]
    for name, incidence in named:
        yield from ((name, fault) for fault in _faults(incidence))
    for name, other in others.items():
        if not (_names(own) <= _names(other)):
            yield name, "lacks categories of the incidence"
    if (types := types_of(relation)) is not None:
        yield from (("item types", fault) for fault in _type_faults(types, own))
    if relation.dated is not None:
        yield from (("dates", fault) for fault in _date_faults(relation.dated, own))


def _names(incidence: Incidence) -> set[tuple[str, str]]:
    sides = (("rows", incidence.rows), ("columns", incidence.columns))
    return {(side, name) for side, one in sides for name in one.categories}


def _faults(incidence: Incidence) -> Iterator[str]:
    p = len(incidence.units)
    sides = (("row", incidence.row_sets, incidence.rows), ("column", incidence.column_sets, incidence.columns))
    for what, sets, side in sides:
        if sets.shape != (p, len(side.categories)):
            yield f"{what} sets are not those of its patterns and categories"
    yield from _levels(p, incidence.stratum, len(incidence.strata), "strata")
    if (incidence.group is None) != (incidence.n_groups is None):
        yield "groups are numbered and not counted, or counted and not numbered"
    elif incidence.group is not None and incidence.n_groups is not None:
        yield from _levels(p, incidence.group, incidence.n_groups, "groups")
    yield from _unit_faults(incidence, incidence)


def _type_faults(types: ItemTypes, like: Incidence) -> Iterator[str]:
    q = len(types.units)
    yield from _levels(q, types.row_set, len(types.rows.sets), "sets of rows")
    yield from _levels(q, types.column_set, len(types.columns.sets), "sets of columns")
    yield from _levels(q, types.stratum, len(types.strata), "strata")
    if (types.group is None) != (like.group is None):
        yield "groups are not those of the incidence"
    elif types.group is not None:
        yield from _levels(q, types.group, len(types.groups), "groups")
    yield from _unit_faults(types, like)
    if types.keyed is not None:
        keyed = types.keyed
        yield from _levels(len(keyed.key), keyed.pattern, q, "patterns of keys")
        if keyed.key.ndim != 1 or (np.diff(keyed.key) <= 0).any():
            yield "keys are not distinct and ascending"
        elif not np.array_equal(np.bincount(keyed.pattern, minlength=q), types.units):
            yield "keys are not those of its units"
    for side in (types.rows, types.columns):
        if len(side.labels) != len(side.n_items):
            yield "labels are not counted one by one"
        if not _within(side.types, len(side.labels)) or not _within(side.sets, len(side.types)):
            yield "types or sets refer to missing entries"


def _date_faults(dated: DatedUnits, like: Incidence) -> Iterator[str]:
    q = len(dated.units)
    yield from _levels(q, dated.pattern, len(like.units), "patterns")
    yield from _levels(q, dated.point, len(dated.names), "periods")
    if len(dated.names) != len(dated.ends) or list(dated.ends) != sorted(dated.ends):
        yield "periods do not follow each other"
    if dated.uncounted is not None:
        lost, k = dated.uncounted, len(dated.uncounted.n)
        yield from _levels(k, lost.point, len(dated.names), "periods of units that are left out")
        sides = ((lost.row_sets, like.rows), (lost.column_sets, like.columns))
        if any(sets.shape != (k, len(side.categories)) for sets, side in sides) or (lost.n < 0).any():
            yield "units that are left out have other categories"
        if lost.group is not None and (lost.group.shape != (k,) or (lost.group < 0).any()):
            yield "units that are left out have no such groups"
    yield from _unit_faults(dated, like)


def _within(sets: Sets, n: int) -> bool:
    return all(0 <= number < n for members in sets for number in members)


def _levels(p: int, number: NDArray[np.int64], n: int, what: str) -> Iterator[str]:
    if number.shape != (p,) or (p and not 0 <= number.min() <= number.max() < n):
        yield f"{what} are not numbered as they are named"


def _unit_faults(counted: Incidence | ItemTypes | DatedUnits, like: Incidence) -> Iterator[str]:
    """Yield the problems of the units of patterns and of their weights. `like` defines the weights."""
    parts, scale = counted.weight_parts, like.weight_scale if like.weighted else None
    if (counted.units < 0).any():
        yield "units are below nothing"
    if (parts is None) != (scale is None) or (scale is not None and scale <= 0):
        yield "weights have no scale, or a scale no weights"
    elif parts is not None and (parts.shape != (len(counted.units), _PARTS) or (parts < 0).any()):
        yield "weights are not sums of parts"


FORMAT: Final = "diptych-snapshot/1"
"""Increases when an entry changes its meaning, so that an older program reports an error."""

LARGEST_HEAD = 64 * 2**20
LARGEST_BODY = 1024 * 2**20
"""Maximum size of an unpacked head and body, in bytes."""

_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 2**23}]


def pack_with(head: Head, body: bytes) -> bytes:
    """Return a snapshot as bytes, given its packed body; its head begins with the format."""
    values = cast("dict[str, JsonValue]", encode(Head, head))
    return packed(_line({"format": FORMAT, **values})) + body


def body_text(body: Body) -> bytes:
    """Return a body as a line of JSON."""
    return _line(encode(Body, body))


def packed(line: bytes) -> bytes:
    """Return a compressed line."""
    return lzma.compress(line, format=lzma.FORMAT_XZ, check=lzma.CHECK_SHA256, filters=_FILTERS)


def content_hash(body: bytes, *parts: JsonValue) -> str:
    """Return the SHA-256 of the line of a body and of other parts of a snapshot."""
    return hashlib.sha256(_line(list(parts)) + body).hexdigest()


def unpack(content: bytes, where: str, *, whole: bool = True) -> Snapshot:
    """Return the snapshot in these bytes.

    Raises SnapshotError, which begins with `where`, if they contain none.

    Without `whole`, the counts by other units and without single items and labels are skipped.
    """
    head, rest = _first(content, where)
    unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_XZ)
    data = _parsed(_unpacked(unpacker, rest, LARGEST_BODY, where), where)
    if unpacker.unused_data:
        raise _broken(where, "there is text after its end")
    try:
        if not whole:
            _pass_over(data)
        body = cast("Body", decode(Body, data, "body"))
        for relation in body.relations:
            checked_relation(relation)
    except PlainError as error:
        raise _broken(where, str(error)) from None
    return Snapshot(head, body)


def _pass_over(data: JsonValue) -> None:
    relations = data.get("relations") if isinstance(data, dict) else None
    if isinstance(relations, dict):
        n = len(cast("list[JsonValue]", relations.get("name") or []))
        relations["alternatives"] = [{} for _ in range(n)]
        relations["recounts"] = [{"change": [], "incidence": []} for _ in range(n)]


def unpack_head(content: bytes, where: str) -> Head:
    """Return only the head of the snapshot in these bytes; errors as in `unpack`."""
    return _first(content, where)[0]


def _first(content: bytes, where: str) -> tuple[Head, bytes]:
    unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_XZ)
    data = _parsed(_unpacked(unpacker, content, LARGEST_HEAD, where), where)
    if not isinstance(data, dict) or not str(data.get("format")).startswith("diptych-snapshot/"):
        raise _broken(where, "it does not begin with a format of snapshots")
    if data["format"] != FORMAT:
        raise SnapshotError(
            f"{where}: has the format {str(data['format'])[:40]!r}, this program reads {FORMAT!r}; "
            "use the version that wrote it, or a newer one"
        )
    try:
        head = cast("Head", decode(Head, {name: data[name] for name in _HEAD if name in data}, "head"))
        checked_texts(head)
    except PlainError as error:
        raise _broken(where, str(error)) from None
    return head, unpacker.unused_data


_HEAD = tuple(field.name for field in fields(Head))


def _line(value: JsonValue) -> bytes:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"{text}\n".encode("utf-8", "surrogatepass")


def _unpacked(unpacker: lzma.LZMADecompressor, content: bytes, largest: int, where: str) -> bytes:
    try:
        text = unpacker.decompress(content, max_length=largest)
    except lzma.LZMAError:
        raise _broken(where, "it is not compressed as snapshots are, or was changed") from None
    if not unpacker.eof:
        raise _broken(where, "it ends too early, or is larger than any snapshot")
    return text


def _parsed(text: bytes, where: str) -> JsonValue:
    try:
        return cast("JsonValue", json.loads(text))
    except (ValueError, RecursionError):
        raise _broken(where, "it is not JSON") from None


def _broken(where: str, why: str) -> SnapshotError:
    return SnapshotError(
        f"{where}: is no snapshot of this program ({why}); take it away, or put back one that is whole"
    )
