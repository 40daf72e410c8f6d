"""The kinds of address that this pack fetches: hf://, https:// and http://, and tables of the Hub. s3:// is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from ...confine import OpensPath
from ...sources.addresses import AddressKind, Fetching
from .addresses import hub_address, web_fault
from .listed_tables import HubTable
from .network import Patience, host_fault
from .store import file_of, files_at


def _fetch(address: str, asked: Fetching) -> Mapping[Path, str]:
    return files_at(address, asked.where, Patience.of(asked))


def _hub_fault(text: str) -> str | None:
    try:
        hub_address(text)
    except ValueError as error:
        return str(error)
    return None


def _s3_fault(_: str) -> str:
    return (
        "is in S3, which is not read; copy the file first (aws s3 cp) and name the copy, "
        "or give its https:// address if it is public"
    )


def _web_refused(address: str) -> str | None:
    """Return why `--confine` does not allow a web address, judged by its text."""
    parts = urlsplit(address)
    return host_fault(parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme.lower()))


def _parquet(text: str) -> str:
    """Return the address of a snapshot. Raises ValueError with the reason if it is invalid."""
    fault = _hub_fault(text)
    if fault is None and not hub_address(text).path.endswith(".parquet"):
        fault = "names no Parquet file (.parquet)"
    if fault is not None:
        raise ValueError(f'"{text}" {fault}')
    return text


class HubSource(HubTable):
    """Keys of a source that is a table of the Hub."""

    snapshot: Annotated[
        str | None, OpensPath("address"), AfterValidator(lambda t: None if t is None else _parquet(t))
    ] = Field(default=None, min_length=1)

    def files(self, asked: Fetching) -> Mapping[Path, str]:
        """Return the file of the table."""
        return file_of(self, asked.folder, asked.where, Patience.of(asked))


HF = AddressKind("hf", _fetch, _hub_fault)
S3 = AddressKind("s3", _fetch, _s3_fault)
HTTPS = AddressKind("https", _fetch, web_fault, _web_refused)
HTTP = AddressKind("http", _fetch, web_fault, _web_refused)
HUB = AddressKind("hub", settings=HubSource, goes_with="hub: models or hub: datasets")
