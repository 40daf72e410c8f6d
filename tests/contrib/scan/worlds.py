"""Random tables for tests of the scan."""

import numpy as np
import pandas as pd

from diptych.contrib.scan.coding import CodedTable, ScanColumn


def coded(codes, kinds=None):
    """Return a table of codes (p, n): categories a, b, … ; -1 is missing."""
    columns = []
    for place, column in enumerate(codes):
        labels = tuple(chr(97 + k) for k in range(int(column.max()) + 1))
        kind = "categories" if kinds is None else kinds[place]
        name = f"column {chr(97 + place // 26)}{chr(97 + place % 26)}"
        columns.append(ScanColumn(name, kind, labels, column.astype(np.int8), frozenset(map(str, range(place)))))
    return CodedTable(tuple(columns), (), codes.shape[1])


def independent(rng, n_columns, n_rows, *, even):
    """Return independent codes of 2 to 7 categories, with equal shares or with shares that halve."""
    found = []
    for _ in range(n_columns):
        k = int(rng.integers(2, 8))
        shares = np.ones(k) / k if even else 0.5 ** np.arange(k) / (0.5 ** np.arange(k)).sum()
        found.append(rng.choice(k, n_rows, p=shares))
    return np.array(found)


def cut(values, k):
    """Return numbers in k bins of equal size, as codes."""
    return np.searchsorted(np.quantile(values, np.arange(1, k) / k), values)


def texts(columns):
    """Return a data frame of texts, as sources give it."""
    return pd.DataFrame(
        {name: pd.Series([None if v in ("", None) else str(v) for v in values]) for name, values in columns.items()}
    )
