"""Chi-square tests and Cramér's V of all pairs with pandas and SciPy: `scan_pandas.py TABLE.csv PAIRS.csv`."""

from __future__ import annotations

import sys
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

table = pd.read_csv(sys.argv[1], dtype="category")
found = []
for first, second in combinations(table.columns, 2):
    counts = pd.crosstab(table[first], table[second])
    tested = stats.chi2_contingency(counts, correction=False)
    n, smaller = counts.to_numpy().sum(), min(counts.shape)
    found.append((first, second, n, np.sqrt(tested.statistic / n / (smaller - 1)), tested.pvalue))
pd.DataFrame(found, columns=["first", "second", "n", "v", "p"]).to_csv(sys.argv[2], index=False)
