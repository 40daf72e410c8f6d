"""Sources: a path, an address or a table of the Hub, and which keys go together."""

from __future__ import annotations

from collections.abc import Iterator

from ...hub.addresses import hub_address, scheme_of, web_fault
from ..availability import sources
from ..places import Wrong, quoted
from ..view import View

_SCHEMES = ("hf", "https", "http")
_OF_HUB = ("folder", "filter", "snapshot", "revision", "columns", "card")
_OF_FILES = ("format", "delimiter", "quote", "encoding", "null", "sheet")
_OF_SNAPSHOTS = ("revision", "columns")
_OF_FETCHED = ("folder", "filter")


def check_sources(config: View) -> Iterator[Wrong]:
    """Yield sources without a path, addresses that are none, and keys that do not go together."""
    for source in sources(config):
        if source.is_mapping:
            yield from _keys(source)
            yield from _of_hub(source)
        for path, text in (source["path"] if source.is_mapping else source).texts():
            yield from _address(path, text)


def _keys(source: View) -> Iterator[Wrong]:
    if not source["path"].given and not source["hub"].given:
        yield source.wrong("needs a path: the file to read")
    if source["path"].given and source["hub"].given:
        yield source.wrong("path and hub exclude each other")
    elif source["hub"].given:
        for key in _OF_FILES:
            if source[key].given:
                yield source[key].wrong("goes with a path, not with hub")
    else:
        for key in _OF_HUB:
            if source[key].given:
                yield source[key].wrong("goes with hub: models or hub: datasets")


def _of_hub(source: View) -> Iterator[Wrong]:
    given = source["snapshot"].given
    for key in _OF_FETCHED if given else _OF_SNAPSHOTS:
        if source["hub"].given and source[key].given:
            yield source[key].wrong(
                "is of what diptych fetch hub has written; it does not go with snapshot"
                if given
                else "goes with snapshot: the address of the published file"
            )
    if source["hub"].given and source["snapshot"].text is not None:
        yield from _snapshot(source, source["snapshot"], source["snapshot"].text)


def _snapshot(source: View, snapshot: View, text: str) -> Iterator[Wrong]:
    try:
        address = hub_address(text)
    except ValueError as error:
        yield snapshot.wrong(f"{quoted(text)} {error}")
        return
    if not address.path.endswith(".parquet"):
        yield snapshot.wrong(f"{quoted(text)} names no Parquet file (.parquet)")
    if address.revision is not None and source["revision"].given:
        yield source["revision"].wrong("stands in the address too, after @; leave one of them out")


def _address(path: View, text: str) -> Iterator[Wrong]:
    scheme = scheme_of(text)
    if scheme is None:
        return
    if scheme not in _SCHEMES:
        yield path.wrong(f"{scheme}:// addresses are not read; give a file")
    elif scheme == "hf":
        try:
            hub_address(text)
        except ValueError as error:
            yield path.wrong(f"{quoted(text)} {error}")
    elif (fault := web_fault(text)) is not None:
        yield path.wrong(f"{quoted(text)} {fault}")
