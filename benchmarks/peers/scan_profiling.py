"""Cramér's V of all pairs of columns with ydata-profiling, without its other parts: `scan_profiling.py TABLE.csv`."""

from __future__ import annotations

import sys

import pandas as pd
from ydata_profiling import ProfileReport

table = pd.read_csv(sys.argv[1], dtype="category")
report = ProfileReport(table, minimal=True, progress_bar=False, correlations={"cramers": {"calculate": True}})
print(report.get_description().correlations["cramers"].shape)
