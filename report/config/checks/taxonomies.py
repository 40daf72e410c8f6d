"""Taxonomies: patterns, presets, and categories that refer to categories."""

from __future__ import annotations

from collections.abc import Iterator

from ...schema import did_you_mean
from ...taxonomy.patterns import fault
from ...taxonomy.presets import known_presets, preset_categories
from ...taxonomy.settings import MOST_CATEGORIES
from ..places import Wrong, quoted
from ..view import View
from ..words import listed
from .names import check_name, form_of

_WORDS = ("report", "error")


def check_taxonomies(config: View) -> Iterator[Wrong]:
    """Yield what is wrong within taxonomies, and with having none, or two ways of having one."""
    if config["taxonomy"].given and config["taxonomies"].given:
        yield config["taxonomies"].wrong("taxonomy and taxonomies exclude each other; move the one into the other")
    elif not config["taxonomy"].given and not config["taxonomies"].keys and _needs_taxonomy(config):
        yield config["taxonomy"].wrong("is required and missing: it says which raw labels belong to which category")
    if config["taxonomy"].is_mapping:
        yield from _taxonomy(config["taxonomy"])
    for _, taxonomy in config["taxonomies"].entries():
        if taxonomy.is_mapping:
            yield from _taxonomy(taxonomy)


def _needs_taxonomy(config: View) -> bool:
    """Return whether items must be told apart; the labels of records can be categories as they stand."""
    return any(form_of(relation) in ("links", "shared") for _, relation in config["relations"].entries())


def _taxonomy(taxonomy: View) -> Iterator[Wrong]:
    entries = list(taxonomy["categories"].elements())
    own = [name for entry in entries if (name := entry["name"].text) is not None]
    preset = taxonomy["preset"]
    if not preset.given and not taxonomy["categories"].given:
        return  # each label is a category: what may stand in `order` is known once the data are read
    if preset.text is not None and not _is_known(preset.text):
        known = known_presets()
        yield preset.wrong(
            f"{quoted(preset.text)} is not a known preset: {listed(known)}{did_you_mean(preset.text, known)}"
        )
        names = None
    else:
        names = tuple(dict.fromkeys([*(preset_categories(preset.text) if preset.text else ()), *own]))
    if names is not None and len(names) > MOST_CATEGORIES:
        yield taxonomy["categories"].wrong(f"names {len(names):,} categories; a report has at most {MOST_CATEGORIES:,}")
        return
    for entry in entries:
        yield from _category(entry, names)
    if names is not None:
        for view in taxonomy["order"].elements():
            yield from check_name(view, names, "categories")
        yield from _unmatched(taxonomy["unmatched"], names)


def _is_known(preset: str) -> bool:
    known = known_presets()
    return preset in known or preset in {name.partition("@")[0] for name in known}


def _unmatched(unmatched: View, names: tuple[str, ...]) -> Iterator[Wrong]:
    if unmatched.text is not None and unmatched.text not in (*_WORDS, *names):
        allowed = (*_WORDS, *names)
        yield unmatched.wrong(
            f"{quoted(unmatched.text)} is neither report, error nor one of the categories: {listed(names)}"
            f"{did_you_mean(unmatched.text, allowed)}"
        )


def _category(entry: View, names: tuple[str, ...] | None) -> Iterator[Wrong]:
    derived = entry["when_several_of"]
    if names is not None:
        for view in derived.elements():
            yield from check_name(view, names, "categories")
    if derived.given and len({text for _, text in derived.texts()}) < 2 and isinstance(derived.value, list):
        yield derived.wrong("needs at least two categories")
    if entry["replaces"].given and not derived.given:
        yield entry["replaces"].wrong("belongs to when_several_of: there is nothing to replace without it")
    for view, pattern in entry["pattern"].texts():
        yield from _pattern(view, pattern)


def _pattern(view: View, pattern: str) -> Iterator[Wrong]:
    wrong = fault(pattern)
    if wrong is not None:
        yield view.wrong(f"{quoted(pattern)} is not a regular expression (RE2): {wrong}")
