"""Comparing a finding with its meaning: what each of its fields and properties is by the raw table.

A meaning is a mapping from names to expectations. An expectation is a value, a mapping (for a record in a field), a
sequence (for several), `Near`, `Such` or `UNKNOWN`. Every field and property of a record needs one, except those of
`EXCEPTIONS`, which have a reason, and those of `DERIVED`.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from diptych.cells import Estimate

Meaning = Mapping[str, Any]

WIDEST_SHARE = 0.6
"""The interval of a share in a sentence is at most so wide."""


def _is_precise_share(record: Any) -> bool:
    return None not in (record.low, record.high) and record.high - record.low <= WIDEST_SHARE + 1e-9


DERIVED: Mapping[str, Callable[[Any], object]] = {
    "Cell.is_precise_share": _is_precise_share,
    "Cell.least": lambda cell: cell.low if cell.low is not None else cell.value or 0,
    "Cell.most": lambda cell: cell.high if cell.high is not None else cell.value or 0,
    "Cell.estimate": lambda cell: None if cell.value is None else Estimate(cell.value, cell.low, cell.high),
    "Estimate.is_precise_share": _is_precise_share,
    "Estimate.least": lambda estimate: estimate.low if estimate.low is not None else estimate.value,
    "Estimate.most": lambda estimate: estimate.high if estimate.high is not None else estimate.value,
    "Estimate.ends": lambda estimate: None if None in (estimate.low, estimate.high) else (estimate.low, estimate.high),
}
"""Properties that follow from other fields of their record, which have meanings of their own."""


@dataclass(frozen=True)
class Near:
    """A number that other means give only nearly: to a part of it, or to an amount."""

    value: float
    rel: float = 1e-6
    abs: float = 1e-6


@dataclass(frozen=True)
class Such:
    """A value of which `holds` must be true; `words` say what it must be."""

    words: str
    holds: Callable[[Any], bool]


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()
"""Here nothing independent tells what it is. Some other case must."""


@cache
def names_of(kind: type) -> tuple[str, ...]:
    """Return what a record tells: its fields, and the properties that its sentences may ask for."""
    properties = [name for base in reversed(kind.__mro__) for name, of in vars(base).items() if _is_property(of)]
    return tuple(dict.fromkeys([*(field.name for field in dataclasses.fields(kind)), *properties]))


def _is_property(value: object) -> bool:
    return isinstance(value, property)


def label(kind: type, name: str) -> str:
    """Return how lists call a field: by the class that has it, so that fields of `Finding` are listed once."""
    owner = next(
        (
            base
            for base in reversed(kind.__mro__)
            if name in vars(base).get("__annotations__", {}) or name in vars(base)
        ),
        kind,
    )
    return f"{owner.__name__}.{name}"


class Held:
    """What was compared so far, and how often."""

    def __init__(self, exceptions: Mapping[str, str]) -> None:
        self.exceptions = exceptions
        self.compared: Counter[str] = Counter()
        self.met: set[type] = set()

    def differences(self, actual: object, expected: object, at: str) -> Iterator[str]:
        """Yield how a value differs from what is expected, a line each."""
        if expected is UNKNOWN:
            return
        if dataclasses.is_dataclass(actual) and isinstance(expected, Mapping):
            yield from self._of_record(actual, expected, at)
        elif isinstance(expected, Such):
            if not expected.holds(actual):
                yield f"{at} is {actual!r}, not {expected.words}"
        elif isinstance(expected, Sequence) and not isinstance(expected, str):
            yield from self._of_several(actual, expected, at)
        elif not _is_same(actual, expected):
            yield f"{at} is {actual!r}; the table gives {expected!r}"

    def _of_record(self, actual: Any, expected: Meaning, at: str) -> Iterator[str]:
        kind = type(actual)
        self.met.add(kind)
        for name in names_of(kind):
            full = label(kind, name)
            if full in self.exceptions:
                assert name not in expected, f"{full} has a meaning, and stands among the exceptions"
                continue
            if full in DERIVED:
                self.compared[full] += 1
                yield from self.differences(getattr(actual, name), DERIVED[full](actual), f"{at}.{name}")
                continue
            if name not in expected:
                yield f"{at}.{name} has no meaning"
                continue
            if expected[name] is not UNKNOWN:
                self.compared[full] += 1
            yield from self.differences(getattr(actual, name), expected[name], f"{at}.{name}")
        for name in expected.keys() - set(names_of(kind)):
            yield f"{at} has no {name}"

    def _of_several(self, actual: object, expected: Sequence[object], at: str) -> Iterator[str]:
        if not isinstance(actual, tuple | list):
            yield f"{at} is {actual!r}; the table gives {expected!r}"
        elif len(actual) != len(expected):
            yield f"{at} has {len(actual)} entries, the table gives {len(expected)}: {actual!r}; {expected!r}"
        else:
            for place, (one, other) in enumerate(zip(actual, expected, strict=True)):
                yield from self.differences(one, other, f"{at}.{place}")


def _is_same(actual: object, expected: object) -> bool:
    if isinstance(expected, Near):
        return _is_number(actual) and math.isclose(actual, expected.value, rel_tol=expected.rel, abs_tol=expected.abs)
    if _is_number(expected) and _is_number(actual):
        return math.isclose(actual, expected, rel_tol=1e-9, abs_tol=1e-9)
    return actual == expected


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
