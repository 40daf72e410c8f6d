"""Snapshots as bytes: two lines of JSON, each compressed by itself, so that the first can be read without the rest.

The same snapshot gives the same bytes. Reading builds nothing but frozen values of the classes of a snapshot, checks
their types, and stops at a size: a snapshot may come from anyone.
"""

from __future__ import annotations

import hashlib
import json
import lzma
from dataclasses import fields
from typing import Final, cast

from pydantic import JsonValue

from ..errors import SnapshotError
from .plain import PlainError, decode, encode
from .plain_counts import checked_relation, checked_texts
from .snapshot import Body, Head, Snapshot

FORMAT: Final = "diptych-snapshot/1"
"""Goes up when an entry changes its meaning, so that an older program says so instead of misreading it."""

LARGEST_HEAD = 64 * 2**20
LARGEST_BODY = 1024 * 2**20
"""Bytes that a head and a body may have when they are unpacked."""

_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 2**23}]


def pack(snapshot: Snapshot) -> bytes:
    """Return a snapshot as bytes."""
    return _compressed(head_text(snapshot.head)) + pack_body(body_text(snapshot.body))


def pack_with(head: Head, body: bytes) -> bytes:
    """Return a snapshot as bytes, its body packed already."""
    return _compressed(head_text(head)) + body


def body_text(body: Body) -> bytes:
    """Return a body as a line of JSON."""
    return _line(encode(Body, body))


def pack_body(text: bytes) -> bytes:
    """Return the line of a body compressed."""
    return _compressed(text)


def head_text(head: Head) -> bytes:
    """Return a head as a line of JSON, which begins with the format."""
    values = cast("dict[str, JsonValue]", encode(Head, head))
    return _line({"format": FORMAT, **values})


def content_hash(body: bytes, *parts: JsonValue) -> str:
    """Return the SHA-256 of the line of a body and of other parts of a snapshot."""
    return hashlib.sha256(_line(list(parts)) + body).hexdigest()


def unpack(content: bytes, where: str, *, whole: bool = True) -> Snapshot:
    """Return the snapshot that bytes hold; SnapshotError, which begins with `where`, if they hold none.

    Without `whole` the counts by other units and without single items and labels are passed over.
    """
    head, rest = _first(content, where)
    unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_XZ)
    data = _parsed(_unpacked(unpacker, rest, LARGEST_BODY, where), where)
    if unpacker.unused_data:
        raise _broken(where, "something stands behind its end")
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
    """Return the head alone of the snapshot that bytes hold; raises as `unpack`."""
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


def _compressed(line: bytes) -> bytes:
    return lzma.compress(line, format=lzma.FORMAT_XZ, check=lzma.CHECK_SHA256, filters=_FILTERS)


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
        raise _broken(where, "it holds no JSON") from None


def _broken(where: str, why: str) -> SnapshotError:
    return SnapshotError(
        f"{where}: is no snapshot of this program ({why}); take it away, or put back one that is whole"
    )
