"""Keep the counts of a config's relations for the next build, as one file of NumPy arrays.

The file has the patterns as arrays, and the rest as JSON that refers to them. Only the classes below are read back, by
their fields alone, so that a file of somebody else runs nothing. Counts with anything else in them are not kept.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..cells import Dispersion, Estimate, Kind, Refusal, Tally, Unit
from ..counted import RelationCounts
from ..errors import Note
from ..incidence import Incidence, Side
from ..ledger import coverage
from ..ledger.patterns import PatternDifference, Patterns
from ..ledger.recounts import Change, Recounts
from ..matrices import BareMatrix, PublishedValue
from ..panels import RelationStats
from ..taxonomy import LabelCount
from .counting import CountedSources

Plain: TypeAlias = Any
"""A JSON value."""

_CLASSES: Mapping[str, type] = MappingProxyType(
    {
        of.__name__: of
        for of in (
            *(BareMatrix, Change, CountedSources, Dispersion, Estimate, Incidence, Kind, LabelCount, Note),
            *(PatternDifference, Patterns, PublishedValue, Recounts, Refusal, RelationCounts, RelationStats),
            *(Side, Tally, Unit, coverage.CategoryCoverage, coverage.Contribution, coverage.Coverage),
            *(coverage.ItemUse, coverage.SideCoverage, coverage.TopContributors, coverage.Unresolved),
            coverage.YearCoverage,
        )
    }
)

_MOST_BYTES = 2**31
"""The most bytes of the arrays in a file."""


def written(counted: CountedSources) -> bytes | None:
    """Return the counts as a file, or None if they contain something that cannot be kept."""
    writer = _Writer()
    try:
        tree = writer.plain(counted)
    except TypeError:
        return None
    content = io.BytesIO()
    text = json.dumps({"root": tree, "objects": writer.objects}).encode()
    arrays: dict[str, Any] = {"tree": np.frombuffer(text, dtype=np.uint8), **writer.arrays}
    np.savez(content, **arrays)
    return content.getvalue()


def read(content: bytes) -> CountedSources | None:
    """Return the counts of a file, or None if it is not one of ours."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as found:
            if sum(info.file_size for info in found.zip.infolist()) > _MOST_BYTES:
                return None
            arrays = {name: found[name] for name in found.files}
        tree = json.loads(arrays.pop("tree").tobytes())
        made = _Reader(arrays, tree["objects"]).value(tree["root"])
    except Exception:  # noqa: BLE001 - whatever is wrong with the file, the data are counted again
        return None
    return made if isinstance(made, CountedSources) else None


def _names(of: type) -> tuple[str, ...]:
    """Return the names of the fields of a class."""
    return tuple(one.name for one in fields(of)) if is_dataclass(of) else ("_blank", "_base", "_counted", "_moved")


class _Writer:
    """Turns values into JSON. `arrays` and `objects` are referred to by number, so that shared ones stay shared."""

    def __init__(self) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}
        self.objects: list[Plain] = []
        self._known: dict[int, tuple[object, Plain]] = {}

    def plain(self, value: object) -> Plain:
        """Return a value as JSON. Raises TypeError if it cannot be kept."""
        if value is None or type(value) in (bool, int, float, str):
            return value
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = value, self._new(value)
        return known[1]

    def _new(self, value: object) -> Plain:
        if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufSU":
            self.arrays[name := f"a{len(self.arrays)}"] = np.asarray(value)
            return {"array" if isinstance(value, np.ndarray) else "number": name}
        if isinstance(value, tuple | list | frozenset):
            return {type(value).__name__: [self.plain(one) for one in value]}
        if type(value) is dict:
            return {"dict": [[self.plain(key), self.plain(one)] for key, one in value.items()]}
        if type(value) is dt.date:
            return {"date": value.isoformat()}
        of = type(value)
        if _CLASSES.get(of.__name__) is not of:
            raise TypeError(of.__name__)
        self.objects.append([of.__name__, [self.plain(getattr(value, name)) for name in _names(of)]])
        return {"object": len(self.objects) - 1}


_SEQUENCES = {"tuple": tuple, "list": list, "frozenset": frozenset}


class _Reader:
    """Turns JSON of `_Writer` into values again. An object is made from its fields, and no code of it is run."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], objects: list[Plain]) -> None:
        self._arrays = arrays
        self._objects: list[object] = []
        for name, values in objects:  # an object comes after those that it has
            made: object = object.__new__(_CLASSES[name])
            for field, value in zip(_names(_CLASSES[name]), values, strict=True):
                object.__setattr__(made, field, self.value(value))
            self._objects.append(made)

    def value(self, plain: Plain) -> Any:  # noqa: ANN401 - any value that is kept
        """Return a value. Raises an exception if it is not one of ours."""
        if not isinstance(plain, dict):
            return plain
        ((sort, of),) = plain.items()
        if sort in _SEQUENCES:
            return _SEQUENCES[sort](self.value(one) for one in of)
        if sort == "dict":
            return {self.value(key): self.value(one) for key, one in of}
        if sort == "date":
            return dt.date.fromisoformat(of)
        if sort == "object":
            return self._objects[of]
        return self._arrays[of] if sort == "array" else self._arrays[of][()]
