"""Measures: functions of joint count, both margins and the number of units. One registry, one function each."""

from report.measures.likeness import imbalance
from report.measures.registry import MEASURES, Measure

__all__ = ["MEASURES", "Measure", "imbalance"]
