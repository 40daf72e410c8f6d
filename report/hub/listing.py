"""The Hub's own listing, page by page -> a table. Each page is kept as it comes, so that a stopped fetch goes on.

Pages are asked for as `huggingface_hub.list_models` and `list_datasets` do; these do not tell where the next page is,
without which nothing could be taken up again.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ..errors import FetchError
from ..settings import Settings
from .connection import Connection, Query, RefusedError
from .listed_tables import HubFilter, HubKind, HubTable, choose, mapped
from .snapshot import open_database
from .tables import HubFile, Origin, literal, work_folder, write_table

_PAGE = 1000
"""Items that are asked for at once, the most that the Hub gives."""

_FIELDS: Mapping[str, str] = {
    "id": "varchar",
    "author": "varchar",
    "pipeline_tag": "varchar",
    "tags": "varchar[]",
    "cardData": "json",
    "likes": "bigint",
    "downloads": "bigint",
    "createdAt": "varchar",
    "private": "boolean",
}
"""What is kept of an item, and its type in SQL."""

_CARD = ("datasets", "base_model", "base_model_relation", "task_categories")
_STATE = "listing.json"


class _State(Settings):
    """How far a listing has come. `next`: where the next page is; None: at the first one, or at the end if `ended`."""

    request: str
    next: str | None = None
    ended: bool = False
    n_pages: int = 0
    n_rows: int = 0
    listed: str | None = None


def fetch_listing(table: HubTable, target: Path, connection: Connection) -> HubFile:
    """List what `table.filter` asks for, newest first, and write the table into a file.

    Raises FetchError where the Hub does not answer, or where nothing is listed; what has come then is kept beside
    the file, in a folder whose name ends in .part.
    """
    chosen = table.filter or HubFilter()
    query = _query(table, chosen)
    origin = Origin(address=_address(connection.endpoint, table.kind, chosen), kind=table.kind, filter=table.filter)
    folder = work_folder(target)
    state = _resumed(folder, json.dumps([origin.address, query, origin.text()]))
    n_kept = state.n_rows
    while not state.ended:
        state = _next_page(connection, table.kind, query, chosen, folder, state)
        connection.patience.watch.moved(table.kind, state.n_rows, chosen.limit, "rows")
    if not state.n_rows:
        shutil.rmtree(folder, ignore_errors=True)
        raise FetchError(f"{connection.said(table.kind)}: the Hub lists none that are so")
    made = _made(
        table, target, origin.model_copy(update={"listed": state.listed}), folder, state, connection.said(table.kind)
    )
    shutil.rmtree(folder, ignore_errors=True)
    return replace(made, n_kept=n_kept)


def _query(table: HubTable, chosen: HubFilter) -> Query:
    fields = [name for name in _FIELDS if name != "id" and (table.card or name != "cardData")]
    query: dict[str, str | int | list[str]] = {
        "limit": min(chosen.limit or _PAGE, _PAGE),
        "sort": "createdAt",
        "expand": [name for name in fields if table.kind == "models" or name != "pipeline_tag"],
    }
    if chosen.author:
        query["author"] = chosen.author
    if chosen.tags:
        query["filter"] = list(chosen.tags)
    return query


def _address(endpoint: str, kind: HubKind, chosen: HubFilter) -> str:
    asked = [("author", chosen.author)] if chosen.author else []
    asked += [("filter", tag) for tag in chosen.tags]
    return f"{endpoint}/api/{kind}" + (f"?{urlencode(asked)}" if asked else "")


def _resumed(folder: Path, request: str) -> _State:
    """Return how far an earlier fetch of the same had come; of another, begin anew."""
    try:
        state = _State.model_validate_json((folder / _STATE).read_bytes())
        if state.request == request and all(_page(folder, n).is_file() for n in range(state.n_pages)):
            return state
    except (OSError, ValueError):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return _State(request=request)


def _next_page(
    connection: Connection, kind: HubKind, query: Query, chosen: HubFilter, folder: Path, state: _State
) -> _State:
    """Fetch and keep one more page; return how far the listing has come then."""
    try:
        page = connection.page(*((f"/api/{kind}", query) if state.next is None else (state.next, {})))
    except RefusedError as error:
        if state.n_pages:
            raise FetchError(f"{error}; to list from the beginning, remove {folder}") from error
        raise
    rows = list(_rows(page.items, chosen))
    if chosen.limit is not None:
        rows = rows[: chosen.limit - state.n_rows]
    _write(_page(folder, state.n_pages), gzip.compress(_lines(rows), compresslevel=5, mtime=0))
    n_rows = state.n_rows + len(rows)
    is_full = chosen.limit is not None and n_rows >= chosen.limit
    state = _State(
        request=state.request,
        next=page.next,
        ended=page.next is None or is_full or _is_past(page.items, chosen.since),
        n_pages=state.n_pages + 1,
        n_rows=n_rows,
        listed=state.listed or page.date,
    )
    _write(folder / _STATE, state.model_dump_json().encode())
    return state


def _rows(items: Iterable[Mapping[str, Any]], chosen: HubFilter) -> Iterator[dict[str, object]]:
    """Yield what is kept of each item that is meant; values of another type than usual count as absent."""
    for item in items:
        name = item.get("id") or item.get("modelId")
        if not isinstance(name, str) or item.get("private") is True:
            continue
        if chosen.since is not None and not _is_since(item, chosen.since):
            continue
        yield {"id": name, **{field: _value(field, item.get(field)) for field in _FIELDS if field != "id"}}


def _value(field: str, value: object) -> object:
    type_ = _FIELDS[field]
    if type_ == "varchar[]":
        return [text for text in value if isinstance(text, str)] if isinstance(value, list) else None
    if type_ == "json":
        return {key: value[key] for key in _CARD if key in value} if isinstance(value, dict) else None
    if type_ == "bigint":
        return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else None
    return value if isinstance(value, {"varchar": str, "boolean": bool}[type_]) else None


def _is_since(item: Mapping[str, Any], since: dt.date) -> bool:
    created = item.get("createdAt")
    return isinstance(created, str) and created[:10] >= since.isoformat()


def _is_past(items: Iterable[Mapping[str, Any]], since: dt.date | None) -> bool:
    """Say whether a page, newest first, has come to what is too old."""
    *_, last = (None, *items)
    return since is not None and last is not None and not _is_since(last, since)


def _made(table: HubTable, target: Path, origin: Origin, folder: Path, state: _State, subject: str) -> HubFile:
    paths = ", ".join(literal(str(_page(folder, n))) for n in range(state.n_pages))
    columns = ", ".join(f"{name}: {literal(type_)}" for name, type_ in _FIELDS.items())
    relation = f"read_json([{paths}], format = 'newline_delimited', columns = {{{columns}}})"
    types = {name: type_.upper() for name, type_ in _FIELDS.items()}
    query = mapped(table.kind, relation, choose(table.kind, types, {}, card=table.card, subject=subject))
    with closing(open_database(folder)) as database:
        return write_table(database, [query], target, origin, subject)


def _lines(rows: Iterable[Mapping[str, object]]) -> bytes:
    return "".join(f"{json.dumps(row, ensure_ascii=True)}\n" for row in rows).encode()


def _page(folder: Path, number: int) -> Path:
    return folder / f"page-{number:06}.jsonl.gz"


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.new")
    part.write_bytes(content)
    part.replace(path)  # whole or not at all
