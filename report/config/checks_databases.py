"""Sources that are tables of databases: keys that go together, and addresses without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..hub.addresses import scheme_of
from ..sources.databases import SERVERS
from .places import Fault, View, quoted

_OTHERS = ("path", "hub")
_SERVER = r"[A-Za-z]+://[\w.-]+(:[0-9]{1,5})?/[\w.-]+"


def check_database(source: View) -> Iterator[Fault]:
    """Yield what is wrong with a database, and keys that need one."""
    database = source["database"]
    if not database.given:
        for key in ("table", "query"):
            if source[key].given:
                yield source[key].wrong("goes with database: a file of SQLite, or postgres://HOST/NAME")
        return
    for key in _OTHERS:
        if source[key].given:
            yield database.wrong(f"{key} and database exclude each other")
    if source["table"].given == source["query"].given:
        yield database.wrong("needs either table: the name of one, or query: what is asked of it")
    if database.text is not None:
        yield from _address(database, database.text)


def _address(database: View, text: str) -> Iterator[Fault]:
    scheme = scheme_of(text)
    if scheme is not None and scheme not in SERVERS:
        known = ", ".join(f"{name}://" for name in SERVERS)
        yield database.wrong(f"{quoted(text)} is neither a file of SQLite nor a server ({known})")
    elif scheme is not None and "@" not in text and not re.fullmatch(_SERVER, text):
        place = f"{scheme}://HOST/NAME or {scheme}://HOST:PORT/NAME"
        yield database.wrong(f"{quoted(text)} is no address of a database; write {place}")
