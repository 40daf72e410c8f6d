"""Whether two results are the same to the last bit, and if not, where they first differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import numpy as np


def assert_same(one, other, where="it"):
    """Compare dataclasses, mappings, sequences and arrays part by part."""
    assert type(one) is type(other), f"{where} is {type(one).__name__} and {type(other).__name__}"
    if isinstance(one, np.ndarray):
        assert (one.dtype, one.shape) == (other.dtype, other.shape), where
        assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), where
    elif is_dataclass(one):
        for field in fields(one):
            if field.name != "memo":  # what is worked out later
                assert_same(getattr(one, field.name), getattr(other, field.name), f"{where}.{field.name}")
    elif isinstance(one, Mapping):
        assert list(one) == list(other), f"{where} has other keys"
        for key in one:
            assert_same(one[key], other[key], f"{where}[{key}]")
    elif isinstance(one, tuple | list):
        assert len(one) == len(other), f"{where} has {len(one)} and {len(other)} entries"
        for place, (a, b) in enumerate(zip(one, other, strict=True)):
            assert_same(a, b, f"{where}[{place}]")
    else:
        assert one == other or str(one) == str(other) == "nan", f"{where}: {one!r} and {other!r}"
