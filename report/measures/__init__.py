"""Measures: functions of joint count, both margins and the number of units. One registry, one function each."""

from .registry import MEASURES, Measure, imbalance

__all__ = ["MEASURES", "Measure", "imbalance"]
