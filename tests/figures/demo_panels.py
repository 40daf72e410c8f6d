"""Panels made from tables of counts that stand here as literals: made-up data, shaped like a model catalogue."""

from __future__ import annotations

import math

from diptych.cells import Cell, Kind, MeasureInfo, Panel, Unit
from tests.cells import whole_cells

NINE = ("Multimodal", "NLP", "CV", "Audio", "Tabular", "RL", "Graph", "Robotics", "Time Series")
DATASETS = Kind("datasets", "Dataset", "dataset", "datasets")
MODELS = Kind("models", "Model", "model", "models")
UNIT = Unit("to", "model", "models")

CONDITIONAL = MeasureInfo("conditional", "Share", "P(b|a) = n_ab / n_a", 0, 1)
LIFT = MeasureInfo("lift", "Lift", "N n_ab / (n_a n_b)", 0, None, 1.0, diverging=True, symmetric=True)
LOG2_LIFT = MeasureInfo("log2_lift", "log2 lift", "log2 lift", None, None, 0.0, diverging=True, symmetric=True)
PHI = MeasureInfo("phi", "Correlation (phi)", "phi", -1, 1, 0.0, diverging=True, symmetric=True)
COUNT = MeasureInfo("count", "Count", "n_ab", 0, None, symmetric=True)

# joint counts, datasets down, models across; single-label models, so rows of n_given are row sums
COUNTS = (
    (159, 20, 111, 20, 0, 0, 0, 0, 0),
    (39, 391, 0, 0, 0, 0, 0, 0, 0),
    (54, 0, 3270, 3, 0, 0, 0, 0, 0),
    (2, 0, 0, 150, 0, 0, 0, 0, 0),
    (0, 0, 0, 0, 0, 0, 0, 0, 0),
    (0, 0, 0, 0, 0, 13, 0, 0, 0),
    (0, 0, 0, 0, 0, 0, 20, 0, 0),
    (4, 0, 0, 0, 0, 0, 0, 3, 0),
    (0, 0, 0, 0, 0, 0, 0, 0, 0),
)
FEW = 10


def panel(counts, categories, measure, *, id_="left", transposed=False, given=DATASETS, outcome=MODELS, level=0.95):
    """Return a panel of a table of counts; margins are its sums, the units all of it."""
    rows, columns = categories
    if transposed:
        counts, rows, columns = tuple(zip(*counts, strict=True)), columns, rows
    totals = [sum(row) for row in counts]
    column_totals = [sum(column) for column in zip(*counts, strict=True)]
    n = sum(totals)
    cells = whole_cells(
        cell(rows[i], columns[j], counts[i][j], totals[i], column_totals[j], n, measure.name)
        for i in range(len(rows))
        for j in range(len(columns))
    )
    return Panel(
        id=id_, relation="trained_on", given=given, outcome=outcome, given_categories=tuple(rows),
        outcome_categories=tuple(columns), measure=measure, unit=UNIT, n_units=n, n_groups=None, level=level,
        cells=cells, mirror=None, same_taxonomy=True, lettered=True,
    )  # fmt: skip


def cell(given, outcome, joint, n_given, n_outcome, n, measure):  # noqa: PLR0917 - in the order of the fields
    lift = n * joint / (n_given * n_outcome) if n_given and n_outcome else None
    value = {
        "conditional": joint / n_given if n_given else None,
        "lift": lift,
        "log2_lift": math.log2(lift) if lift else None,
        "phi": None if lift is None else (n * joint - n_given * n_outcome)
        / (n_given * (n - n_given) * n_outcome * (n - n_outcome) or 1) ** 0.5,
        "count": joint,
    }.get(measure)  # fmt: skip
    state = "no_given" if not n_given else "no_outcome" if not n_outcome else "few" if n_given < FEW else "measured"
    value = value if state in {"measured", "few"} else None
    shared = value is not None and measure == "conditional"
    return Cell(
        given, outcome, joint, n_given, n_outcome, n, value,
        max(0.0, value - 0.05) if shared else None, min(1.0, value + 0.05) if shared else None,
        n_outcome / n, n_given * n_outcome / n, lift, None, None, None, None, None, state,
    )  # fmt: skip


def founding(measure=CONDITIONAL):
    left = panel(COUNTS, (NINE, NINE), measure)
    right = panel(COUNTS, (NINE, NINE), measure, id_="right", transposed=True, given=MODELS, outcome=DATASETS)
    return left, right
