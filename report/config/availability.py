"""What the config knows and a later release builds: named as such, never silently left undone.

When something is built, its line here goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..formats import LOCALES
from ..measures.registry import MEASURES
from ..schema import did_you_mean
from .places import Wrong, quoted
from .view import View
from .words import listed

LATER_KEYS: Mapping[tuple[str, ...], str] = {
    ("fonts", "text"): "a text font of your own is",
}
"""Keys that are not available whatever they hold, with the beginning of "… not available yet"."""


def unavailable(config: View) -> Iterator[Wrong]:
    """Yield a problem for everything in the config that is known but not built yet, and for unknown measures."""
    for keys, what in LATER_KEYS.items():
        if config.at(*keys).given:
            yield config.at(*keys).wrong(f"{what} not available yet; leave this key out")
    yield from _measures(config)
    yield from _language(config.at("report", "language"))


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


def sources(config: View) -> Iterator[View]:
    """Yield every place of the config where a source is declared."""
    for _, entity in config["entities"].entries():
        yield entity["source"]
    for _, relation in config["relations"].entries():
        yield relation.at("links", "source")
        yield relation.at("records", "source")
        for _, matrix in relation["matrix"].entries():
            yield matrix
