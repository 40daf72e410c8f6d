"""What the config knows and a later release builds: named as such, never silently left undone.

When something is built, its line here goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from report.config.places import KeyPath, Wrong, quoted
from report.config.view import View
from report.config.words import listed
from report.formats import LOCALES
from report.measures.registry import MEASURES
from report.schema import did_you_mean

LATER_KEYS: Mapping[tuple[str, ...], str] = {
    ("snapshots",): "snapshots are",
    ("fonts", "text"): "a text font of your own is",
    ("expect", "change"): "it needs snapshots, which are",
}
"""Keys that are not available whatever they hold, with the beginning of "… not available yet"."""

LATER_VALUES: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("engine", "name"): ("polars", "spark"),
}
"""Values that are not available at a key that is."""

LATER_OPTIONS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("pdf", "columns"): ("2",),
}
"""The same for options of outputs."""

LATER_SCHEMES = ("https", "http", "hf")
"""Addresses that sources will be read from."""

_AVAILABLE: Mapping[str, str] = {"name": "duckdb", "columns": "1"}


def unavailable(config: View) -> Iterator[Wrong]:
    """Yield a problem for everything in the config that is known but not built yet, and for unknown measures."""
    for keys, what in LATER_KEYS.items():
        if config.at(*keys).given:
            yield config.at(*keys).wrong(f"{what} not available yet; leave this key out")
    for keys in LATER_VALUES:
        yield from _later(config.at(*keys), keys)
    for output in config["outputs"].elements():
        for keys in LATER_OPTIONS:
            yield from _later(output.at(*keys), keys)
    yield from _measures(config)
    yield from _sources(config)
    yield from _language(config.at("report", "language"))


def not_yet(keys: tuple[str, ...], value: str | None) -> str | None:
    """Return the message about a value that is known at these keys and not built yet; None where there is none.

    >>> not_yet(("engine", "name"), "spark")
    '"spark" is not available yet (available: duckdb)'
    """
    if value not in {**LATER_VALUES, **LATER_OPTIONS}[keys]:
        return None
    return f'"{value}" is not available yet (available: {_AVAILABLE[keys[-1]]})'


def _later(view: View, keys: tuple[str, ...]) -> Iterator[Wrong]:
    message = not_yet(keys, view.text)
    if message is not None:
        yield view.wrong(message)


def _measures(config: View) -> Iterator[Wrong]:
    for panel in config["panels"].elements():
        measure = panel["measure"]
        if measure.text is None or measure.text in MEASURES:
            continue
        near = did_you_mean(measure.text, MEASURES)
        yield measure.wrong(f"{quoted(measure.text)} is not one of the measures: {listed(MEASURES)}{near}")


def _language(language: View) -> Iterator[Wrong]:
    if language.text is not None and language.text not in LOCALES:
        yield language.wrong(f'"{language.text}" is not available yet (available: {listed(LOCALES)})')


def _sources(config: View) -> Iterator[Wrong]:
    for source in sources(config):
        if source["hub"].given:
            yield source["hub"].wrong("sources on the Hub are not available yet; give a file as path")
        paths = source["path"] if source.is_mapping else source
        for path, text in paths.texts():
            yield from _address(path.path, text)


def _address(path: KeyPath, text: str) -> Iterator[Wrong]:
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]+)://", text)
    if found is None:
        return
    if found.group(1).lower() in LATER_SCHEMES:
        yield Wrong(path, f"{found.group()} addresses are not available yet; give a file")
    else:
        yield Wrong(path, f"{found.group()} addresses are not read; give a file")


def sources(config: View) -> Iterator[View]:
    """Yield every place of the config where a source is declared."""
    for _, entity in config["entities"].entries():
        yield entity["source"]
    for _, relation in config["relations"].entries():
        yield relation.at("links", "source")
        yield relation.at("records", "source")
        for _, matrix in relation["matrix"].entries():
            yield matrix
