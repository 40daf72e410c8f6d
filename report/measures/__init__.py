"""Measures: functions of joint count, both margins and the number of units. One registry, one function each."""

from .likeness import imbalance
from .registry import MEASURES, Measure

__all__ = ["MEASURES", "Measure", "imbalance"]
