"""Compare two reports: statements, claims, cells, inputs, settings and versions.

A number moved clearly if it moved by enough to matter (`_SHARE`, `_RATIO`) and, unless both reports were made from the
same data, its two intervals do not overlap. Without intervals, any such move is clear.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import JsonValue

from ...cells import Estimate
from ...errors import ManifestError
from ...publish.manifest import Versions
from .reading import SIZE, Key, Published, Statement
from .sites import Site

_SHARE, _RATIO, _SIZE = 0.05, 1.25, 0.2
"""Smallest change of a share, ratio of another number, and relative change of the size of a category that matters."""

_NUMBER = re.compile(
    r"(?:\b(?:under|over|about|at least|at most) )?(?:[-−+]?\d[\d.,]*(?:\s?%)?"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b)",
    re.IGNORECASE,
)

Part = Literal["size", "statement", "claim", "cell", "input", "setting", "version"]
How = Literal["appeared", "vanished", "changed"]


@dataclass(frozen=True)
class Change:
    """A change of the size of a category, a statement, claim, cell, input, setting or version.

    `about` identifies it, without numbers.

    `old` and `new` are as a person reads them: sentences, true or false, JSON, versions; "" if absent. `before` and
    `now` are the number, also of a statement that only one report makes. `outside`: the new number lies outside the old
    interval; None without interval. `clear` is described above. `says` is true if the report says something else.
    `distance` is the move in half-widths of the old interval, by which changes are ordered.
    """

    part: Part
    about: Key
    how: How
    label: str
    old: str = ""
    new: str = ""
    before: Estimate | None = None
    now: Estimate | None = None
    outside: bool | None = None
    clear: bool = False
    says: bool = False
    distance: float = 0.0


@dataclass(frozen=True)
class ReportDiff:
    """The changes of one report: numbers (clear ones first, then by distance), claims, inputs, settings, versions.

    `name` is "" for a single report.
    """

    name: str
    old_headline: str
    new_headline: str
    changes: tuple[Change, ...]

    @property
    def another_headline(self) -> bool:
        """Return whether the headline differs in more than numbers."""
        return _NUMBER.sub("#", self.old_headline) != _NUMBER.sub("#", self.new_headline)


@dataclass(frozen=True)
class Diff:
    """All changes between two sites. `lacking` are names of reports that only one has.

    `data` are the changes from the old build to the old config on the new data, and `settings` those from there.
    """

    old: str
    new: str
    reports: tuple[ReportDiff, ...]
    lacking: tuple[str, ...] = ()
    data: ReportDiff | None = None
    settings: ReportDiff | None = None

    @property
    def changed_words(self) -> bool:
        """Return whether any report says something else, or is there in one site only."""
        says = (one.another_headline or any(change.says for change in one.changes) for one in self.reports)
        return bool(self.lacking) or any(says)

    @property
    def changed_numbers(self) -> bool:
        """Return whether a number moved clearly in any report."""
        return any(change.clear for one in self.reports for change in one.changes)


def compare(old: Site, new: Site) -> Diff:
    """Return the changes between two sites. Raises ManifestError if no report is in both, or a file is damaged."""
    both = [name for name in new.reports if name in old.reports]
    if not both:
        raise ManifestError(
            f"{old.name} and {new.name}: have no report of the same name; "
            "build both from the same configs (one report is not compared with several)"
        )
    versions = _causes("version", *(_versions(one.manifest.versions) for one in (old, new)))
    found = tuple(compare_reports(old.published(name), new.published(name), name, versions) for name in both)
    return Diff(old.name, new.name, found, tuple(sorted(old.reports.keys() ^ new.reports.keys())))


def compare_reports(old: Published, new: Published, name: str = "", versions: Iterable[Change] = ()) -> ReportDiff:
    """Return the changes between two builds of a report."""
    inputs = _causes("input", *({one.path: one.sha256 for one in of.made.inputs} for of in (old, new)))
    inputs += _causes("input", *({one.source: one.sha256 for one in of.made.tables} for of in (old, new)))
    settings = _causes("setting", *(dict(_flat("", of.made.settings)) for of in (old, new)))
    numbers = [*_statements(old, new, same_data=not inputs), *_cells(old, new, same_data=not inputs)]
    numbers.sort(key=lambda one: (one.part == "cell", not one.clear, -one.distance))
    claims = sorted(_claims(old, new), key=lambda one: (not one.says, one.new == "true"))
    return ReportDiff(name, old.headline, new.headline, (*numbers, *claims, *inputs, *settings, *versions))


def _statements(old: Published, new: Published, *, same_data: bool) -> Iterator[Change]:
    """Yield statements that appeared, vanished or changed, and categories whose share of units changed clearly."""
    for key in dict.fromkeys((*new.statements, *old.statements)):
        a, b = old.statements.get(key), new.statements.get(key)
        is_size = key[0] == SIZE
        if not is_size and not any(one is not None and one.is_told for one in (a, b)):
            continue
        absent = Estimate(0.0, 0.0, 0.0) if is_size else None
        numbers = a.number if a else absent, b.number if b else absent
        label = (b or old.statements[key]).label
        how = _how(*(one if one is not None and one.is_told else None for one in (a, b)))
        texts = a.text if a and how != "appeared" else "", b.text if b and how != "vanished" else ""
        change = Change("size" if is_size else "statement", key, how, label, *texts, *numbers)
        change = _moved(change, same_data=same_data, least=_SIZE if is_size else None)
        # Noise may move a statement in or out of the report.
        words = how != "changed" or (a is not None and b is not None and _gist(a) != _gist(b))
        says = is_size or (words and (change.outside is not False or change.clear))
        if change.clear if is_size else (texts[0] != texts[1] or numbers[0] != numbers[1]):
            yield replace(change, says=says)


def _gist(one: Statement) -> str:
    return one.gist or _NUMBER.sub("#", one.text)


def _cells(old: Published, new: Published, *, same_data: bool) -> Iterator[Change]:
    for key, now in new.cells.items():
        before = old.cells.get(key)
        if before != now and before is not None and now is not None:
            label = f"{key[0]}: {key[1]} to {key[2]}"
            yield _moved(Change("cell", key, "changed", label, before=before, now=now), same_data=same_data)


def _moved(change: Change, *, same_data: bool, least: float | None = None) -> Change:
    """Return a change with how its number moved. `least` is the smallest relative change of a category that matters."""
    old, new = change.before, change.now
    if old is None or new is None or old.value == new.value:
        return replace(change, outside=None if old is None or new is None or old.low is None else False)
    size = abs(new.value - old.value)
    if least is not None:
        large = size >= least * old.value * (1 - 1e-9)
    elif max(abs(old.value), abs(new.value)) <= 1:
        large = size >= _SHARE * (1 - 1e-9)
    else:
        large = min(old.value, new.value) <= 0 or max(old.value, new.value) >= _RATIO * min(old.value, new.value)
    if old.low is None and old.high is None:
        return replace(change, clear=large, distance=size)
    (low, high), (new_low, new_high) = _ends(old), _ends(new)
    clear = large and (same_data or new_low > high or new_high < low)
    return replace(
        change, outside=not low <= new.value <= high, clear=clear, distance=size / max((high - low) / 2, 1e-9)
    )


def _ends(one: Estimate) -> tuple[float, float]:
    """Return the ends of an interval, or the value without one. An open end is infinite."""
    if one.low is None and one.high is None:
        return one.value, one.value
    return -math.inf if one.low is None else one.low, math.inf if one.high is None else one.high


def _how(old: object, new: object) -> How:
    return "appeared" if old is None else "vanished" if new is None else "changed"


def _claims(old: Published, new: Published) -> Iterator[Change]:
    """Yield claims that changed their truth, appeared or vanished."""
    for key in dict.fromkeys((*new.claims, *old.claims)):
        a, b = old.claims.get(key), new.claims.get(key)
        one = new.claims.get(key) or old.claims[key]
        if a is None or b is None or a.holds != b.holds:
            texts = (a.truth if a else "", b.truth if b else "")
            yield Change("claim", key, _how(a, b), f"{one.place}: {key[0]}", *texts, says=bool(a and b))


def _flat(name: str, value: JsonValue | Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    """Yield settings by dotted keys, such as inference.level. Entries of lists have their name as key."""
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        names = [one.get("name", one.get("id", n)) if isinstance(one, dict) else n for n, one in enumerate(value)]
        value = {str(key): one for key, one in zip(names, value, strict=True)}
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from _flat(f"{name}.{key}" if name else key, part)
    else:
        yield name, json.dumps(value, ensure_ascii=False)


def _versions(one: Versions) -> dict[str, str]:
    return {"diptych": one.diptych, "Python": one.python, **one.packages}


def _causes(part: Part, old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    """Return the inputs, settings or versions that differ."""
    names = [name for name in dict.fromkeys((*new, *old)) if old.get(name) != new.get(name)]
    texts = ((name, old.get(name), new.get(name)) for name in names)
    return [Change(part, (name,), _how(a, b), name, a or "", b or "") for name, a, b in texts]
