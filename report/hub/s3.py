"""Files of S3, and of stores that speak its language, through DuckDB's extension httpfs where it is installed.

Who may read comes from the environment alone, as Amazon's own programs take it; no message holds it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import duckdb

from ..errors import FetchError
from .tables import Origin, write_origin
from .web import kept_place

_VARIABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "key_id": ("AWS_ACCESS_KEY_ID",),
        "secret": ("AWS_SECRET_ACCESS_KEY",),
        "session_token": ("AWS_SESSION_TOKEN",),
        "region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
    }
)
"""What DuckDB calls what the environment holds."""

_ENDPOINT = "AWS_ENDPOINT_URL"
_SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""How DuckDB is opened: nothing is fetched but the file."""


def fetch_s3(address: str, where: str) -> Path:
    """Fetch a file into the cache and return where it stands; FetchError where it cannot be had."""
    target = kept_place(address, where)
    part = target.with_name(f"{target.name}.part-{os.getpid()}")
    with duckdb.connect(":memory:", config=CONFIG) as connection:
        try:
            connection.execute("load httpfs")
        except duckdb.Error:
            install = "python -c \"import duckdb; duckdb.sql('install httpfs')\""
            lacking = f"needs DuckDB's extension httpfs, which is not installed; run once: {install}"
            raise FetchError(f"{where}: s3:// {lacking}") from None
        try:
            connection.execute(secret(os.environ))
            content = f"select content from read_blob({_literal(address)})"  # noqa: S608 - a literal
            connection.execute(f"copy ({content}) to {_literal(str(part))} (format blob)")
            shutil.move(part, target)
            write_origin(target, Origin(address=address, revision=None))
        except duckdb.Error as error:
            asked = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION"
            said = _plain(str(error), os.environ)
            raise FetchError(f"{where}: {address}: {said} (who may read is taken from {asked})") from None
        finally:
            part.unlink(missing_ok=True)
    return target


def secret(environment: Mapping[str, str]) -> str:
    """Return the SQL that tells DuckDB what the environment holds: who may read, where, and which store."""
    given = {
        key: next((environment[v] for v in names if environment.get(v)), None) for key, names in _VARIABLES.items()
    }
    parts = ["type s3", *(f"{key} {_literal(value)}" for key, value in given.items() if value is not None)]
    endpoint = urlsplit(environment.get(_ENDPOINT, ""))
    if endpoint.netloc:
        plain = "false" if endpoint.scheme == "http" else "true"
        parts += [f"endpoint {_literal(endpoint.netloc)}", "url_style 'path'", f"use_ssl {plain}"]
    return f"create secret ({', '.join(parts)})"


def _plain(message: str, environment: Mapping[str, str]) -> str:
    """Return the first line of what DuckDB says, without what the environment holds of who may read."""
    said = message.strip().split("\n")[0]
    for variable in _SECRETS:
        held = environment.get(variable, "")
        said = said.replace(held, f"${variable}") if held else said
    return said.partition(" Error: ")[2] or said


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
