"""Numeric functions that give the same bits on every processor; all modules use these instead of those of NumPy."""

from . import rounded, tails
from .elementary import (
    decade,
    exp,
    hypot,
    log,
    log1p,
    log2,
    matmul,
    power,
    squared,
    ten_to,
    two_to,
)

__all__ = [
    "decade",
    "exp",
    "hypot",
    "log",
    "log1p",
    "log2",
    "matmul",
    "power",
    "rounded",
    "squared",
    "tails",
    "ten_to",
    "two_to",
]
