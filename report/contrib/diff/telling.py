"""Say what changed, as text, as Markdown for a comment, and as JSON. All names are untrusted, so all are escaped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from ... import formats
from ...config.places import printable
from ...theme import markdown
from .comparing import Change, Diff, Part, ReportDiff

SCHEMA = "diptych-diff/3"
_SHOWN, _LONGEST = 20, 500
"""Maximum number of entries of a list, and of characters of an entry."""

_NAMES: Mapping[Part, tuple[str, str]] = {
    "size": ("size of a category", "sizes of categories"),
    "statement": ("statement", "statements"),
    "claim": ("claim", "claims"),
    "cell": ("cell", "cells"),
}

Escape = Callable[[str], str]


def text_of(found: Diff) -> str:
    """Return the changes for a terminal."""
    return "\n".join(_all(found, _plain))


def markdown_of(found: Diff) -> str:
    """Return the changes as Markdown."""
    return "\n".join(_all(found, lambda text: markdown(_plain(text)))) + "\n"


def json_of(found: Diff) -> str:
    """Return all changes as a JSON file, whose keys docs/ci.md describes."""
    changed = {"changed_words": found.changed_words, "changed_numbers": found.changed_numbers}
    return json.dumps({"schema": SCHEMA, **changed, **asdict(found)}, indent=1, allow_nan=False) + "\n"


def _plain(text: str) -> str:
    """Return a text on one line, with escapes for characters that do not print."""
    return printable(formats.shortened(text.replace(formats.NBSP, " ").replace("\u202f", " "), _LONGEST))


def _all(found: Diff, escape: Escape) -> Iterator[str]:
    yield f"# {escape(found.old)} to {escape(found.new)}"
    for one in found.reports:
        yield from ("", f"## {escape(one.name)}") if one.name else ()
        if one.old_headline != one.new_headline:
            yield from ("", f"**Headline before:** {escape(one.old_headline or 'none')}")
            yield from ("", f"**Headline now:** {escape(one.new_headline or 'none')}")
        yield from ("", verdict(one), "", *_statements(one, escape))
        cells = [change for change in one.changes if change.part == "cell" and (change.clear or change.outside)]
        yield from _part("Claims", [escape(_claim(change)) for change in one.changes if change.part == "claim"])
        yield from _part("Cells that moved most", [escape(f"{change.label}: {_moved(change)}") for change in cells])
        causes = [escape(_cause(change)) for change in one.changes if change.part in ("input", "setting", "version")]
        yield from _part("What the builds were made from", causes)
    yield from _part("Reports in one site only", [escape(name) for name in found.lacking])
    told = ("What data did (old config, new data)", found.data), ("What settings did (new data)", found.settings)
    for title, why in told:
        if why is not None:
            yield from ("", f"## {title}", "", verdict(why), "", *_statements(why, escape))


def verdict(one: ReportDiff) -> str:
    """Return whether words and numbers changed, in two sentences."""
    said = [*(["the headline"] if one.another_headline else []), *_counted(c.part for c in one.changes if c.says)]
    moved = _counted(change.part for change in one.changes if change.clear)
    words = f"The report says something else: {formats.listing(said)} changed." if said else "The report says the same."
    return f"{words} {f'Numbers changed clearly: {formats.listing(moved)}.' if moved else 'No number changed clearly.'}"


def _counted(parts: Iterable[Part]) -> list[str]:
    return [f"{formats.count(n)} {formats.plural(n, *_NAMES[part])}" for part, n in Counter(parts).items()]


def _part(title: str, entries: Sequence[str]) -> Iterator[str]:
    if entries:
        yield from ("", f"## {title}", "", *(f"- {entry}" for entry in entries[:_SHOWN]))
        yield from [f"- {formats.count(len(entries) - _SHOWN)} more"] if len(entries) > _SHOWN else []


def _statements(one: ReportDiff, escape: Escape) -> Iterator[str]:
    """Yield changes of statements, and in one line each those whose number stayed inside its old interval."""
    changes = [change for change in one.changes if change.part in ("size", "statement")]
    loud = [change for change in changes if change.says or change.clear or change.outside]
    yield from (f"- {escape(_statement(change))}" for change in loud)
    for how, said in (("appeared", "Also told now"), ("vanished", "No longer told")):
        names = [one.label or one.old or one.new for one in changes if one.how == how and one not in loud]
        if names:
            yield f"- {said}, with a number inside its old interval: {escape('; '.join(names))}"


def _statement(change: Change) -> str:
    told = {"appeared": f'new: "{change.new}"', "vanished": f'gone: "{change.old}"'}
    sentence = change.label or told.get(change.how, f'before "{change.old}", now "{change.new}"')
    moved = _moved(change)
    return f"{sentence}: {moved}" if moved else sentence


def _moved(change: Change) -> str:
    """Return a number before and now, and where the new one lies. Empty if one is unknown, or both are equal."""
    old, new = change.before, change.now
    if old is None or new is None or old == new:
        return ""
    known = [number for number in (old.value, new.value, old.low, old.high) if number is not None]
    form: Callable[[float], str] = formats.percent if all(0 <= number <= 1 for number in known) else formats.value
    unit = ""
    if change.part == "statement":
        form, unit = lambda number: formats.decimal(100 * number, 0), " points"
    text = f"{form(old.value)}{unit} before, {form(new.value)} now"
    if change.outside is None:
        return text
    low, high = ("open" if end is None else form(end) for end in (old.low, old.high))
    return f"{text}, {'outside' if change.outside else 'inside'} the old interval of {low} to {high}"


def _claim(change: Change) -> str:
    said = {"appeared": f"new, and {change.new}", "vanished": "no longer made", "changed": f"{change.new} now"}
    return f"{change.label}: {said[change.how]}"


def _cause(change: Change) -> str:
    if change.part == "input":
        said = {"appeared": "new", "vanished": "no longer read", "changed": "other data"}
        return f"{change.label}: {said[change.how]}"
    old, new = (formats.shortened(value or "none", 80) for value in (change.old, change.new))
    return f"{change.label}: {old} before, {new} now"
