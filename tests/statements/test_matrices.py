"""Statements on bare matrices: each compared with all values in the ranges, and with paths between totals."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from diptych.cells import Cells, Kind, MeasureInfo, Panel, Unit
from diptych.statements.matrices import tell_matrices

SEEDS = range(8)
CONDITIONAL = MeasureInfo("conditional", "Share", "", 0, 1)


def panel(low, high, name="a", prefix=("r", "c"), measure=CONDITIONAL):
    """Return a panel with the ranges of cells (R, C), nan where there is no value."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    rows, columns = (tuple(f"{letter}{k}" for k in range(n)) for letter, n in zip(prefix, low.shape, strict=True))
    columns_of = {
        field: [None if np.isnan(one) else float(one) for one in of.ravel()]
        for field, of in (("value", (low + high) / 2), ("low", low), ("high", high))
    }
    kind = Kind("x", "X", "x", "xs")
    cells = Cells(rows, columns, columns_of)
    return Panel(name, "r", kind, kind, rows, columns, measure, Unit("none", "u", "us"), None, None, 0.95, cells, None, False)  # fmt: skip


def ranges(seed, shape=(4, 5)):
    rng = np.random.default_rng([61, seed])
    low = rng.choice([0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 0.8], shape, p=[0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1])
    low[seed % 4] = np.maximum(low[seed % 4], 0.5)  # often above all others
    high = low + rng.choice([0.0, 0.1], shape)
    low[rng.random(shape) < 0.1] = np.nan
    high[np.isnan(low)] = np.nan
    if seed % 2:
        low[:, 0] = high[:, 0] = np.nan
    low[(seed + 1) % 4], high[(seed + 1) % 4] = 0.1, (0.3 if seed % 3 else 0.31)
    if seed == 3:
        low[3] = high[3] = np.nan
    return low, high


@pytest.mark.parametrize("seed", SEEDS)
def test_the_highest_row_is_at_or_above_every_other_whatever_the_values(seed):
    low, high = ranges(seed)
    ties, above = np.zeros(4, int), np.zeros(4, int)
    leads = []
    for i, j in product(range(4), range(5)):
        rest = [high[k, j] for k in range(4) if k != i and not np.isnan(high[k, j])]
        if rest and not np.isnan(low[i, j]):
            ties[i] += low[i, j] >= max(rest)
            above[i] += low[i, j] > max(rest)
            if low[i, j] >= max(rest):
                leads.append((f"r{i}", f"c{j}"))
    told = tell_matrices([panel(low, high)])
    best = int(ties.argmax())
    (found,) = told.highest
    assert (found.subject, found.number("ties"), found.number("count")) == (f"r{best}", ties[best], above[best])
    assert (found.number("base"), found.number("least"), found.numbers["panel"], found.scope) == (5, 0.75, "a", "a")
    assert found.cells == tuple(pair for pair in leads if pair[0] == f"r{best}")
    high_cells = {(f"r{i}", f"c{j}") for i, j in product(range(4), range(5)) if low[i, j] >= 0.75}
    assert set(found.numbers["high"]) == high_cells
    assert told.lead is found
    spans = {name: ends for name, (ends,) in told.ranges}
    for i in range(4):
        assert (
            spans[f"r{i}"] == pytest.approx((np.nanmin(low[i]), np.nanmax(high[i])), nan_ok=True)
            if not np.isnan(low[i]).all()
            else np.isnan(spans[f"r{i}"]).all()
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_low_rows_have_no_value_above_thirty_percent(seed):
    low, high = ranges(seed)
    largest = [max((one for one in row if not np.isnan(one)), default=np.nan) for row in high]
    expected = [f"r{i}" for i in range(4) if largest[i] <= 0.3]
    told = tell_matrices([panel(low, high)])
    assert [*(of.numbers["rows"] for of in told.low)] == ([tuple(expected)] if expected else [])
    if expected:
        (found,) = told.low
        rest = [f"r{i}" for i in range(4) if f"r{i}" not in expected]
        assert found.number("level") == max(one for one in largest if one <= 0.3)
        assert found.numbers["except_"] == (rest[0] if len(rest) == 1 < len(expected) else "")
        assert found.cells == tuple((name, f"c{j}") for name in expected for j in range(5))
    other = tell_matrices([panel(low, high, measure=replace(CONDITIONAL, name="lift"))])
    assert not other.low
    assert other.highest


def test_the_row_that_all_low_ones_lack_is_named():
    low = np.full((4, 3), 0.1)
    for n, name in ((1, "r2"), (0, ""), (2, "")):
        high = low.copy()
        high[2 : 2 + n] = 0.9
        assert tell_matrices([panel(low, high)]).low[0].numbers["except_"] == name
    assert tell_matrices([panel([[0.1], [0.9]], [[0.2], [0.9]])]).low[0].numbers["except_"] == ""


def test_one_row_or_no_row_above_another_has_no_highest():
    assert not tell_matrices([panel([[0.5, 0.6]], [[0.5, 0.6]])]).highest
    assert not tell_matrices([panel([[0.1, 0.1], [0.1, 0.1]], [[0.5, 0.5], [0.5, 0.5]])]).highest


def test_the_lead_leads_in_the_largest_part_of_the_columns():
    part = panel([[0.9, 0.9, 0.1], [0.1, 0.1, 0.9]], [[0.9, 0.9, 0.1], [0.1, 0.1, 0.9]], "wide")
    whole = panel([[0.1], [0.9]], [[0.1], [0.9]], "narrow")
    for order in ((part, whole), (whole, part)):
        told = tell_matrices(order)
        assert (told.lead.scope, told.lead.subject) == ("narrow", "r1")
        assert told.statements() == (*told.highest, *told.low)


def paths(a, b):
    """Return the smallest log of each total of b (m) over each of a (n), or None if no totals fit: shortest paths.

    With the shares a = k / A and b = k / B of the same count k, B / A = a / b. Bounds of such ratios are the lengths of
    edges, and a cycle of negative length contradicts itself.
    """
    (low, high), (least, most) = a, b
    n, m = low.shape
    far = np.full((n + m, n + m), np.inf)
    np.fill_diagonal(far, 0.0)
    for i, j in product(range(n), range(m)):
        if np.isnan([low[i, j], least[j, i]]).any():
            continue
        if (high[i, j] == 0 < least[j, i]) or (most[j, i] == 0 < low[i, j]):
            return None
        if high[i, j] > 0 and least[j, i] > 0:
            far[i, n + j] = np.log(high[i, j] / least[j, i])
        if low[i, j] > 0 and most[j, i] > 0:
            far[n + j, i] = -np.log(low[i, j] / most[j, i])
    if np.isinf(far[~np.eye(n + m, dtype=bool)]).all():
        return np.array([])
    for k in range(n + m):
        far = np.minimum(far, far[:, k, None] + far[None, k])
    return None if (np.diag(far) < -1e-9).any() else -far[n:, :n]


def readings(seed):
    """Return the ranges of two readings of one table, some of them changed so that they may contradict each other."""
    rng = np.random.default_rng([62, seed])
    counts = rng.integers(0, 30, (3, 4)) * (rng.random((3, 4)) < 0.8) + (np.arange(12).reshape(3, 4) % 5 == 0)
    rows, columns = counts.sum(axis=1) * rng.choice([1, 4], 3) + 1, counts.sum(axis=0) + rng.choice([0, 200], 4) + 1
    shares, back = counts / rows[:, None], counts.T / columns[:, None]
    spread = 1 + rng.choice([1e-6, 0.05, 0.5])
    a, b = ((of / spread, np.minimum(of * spread, 1)) for of in (shares, back))
    if seed % 4 == 1:
        for of in a:
            of[0, 0] *= 1.5
    if seed % 4 == 2:
        for of in (*a, *b):
            of[rng.random(of.shape) < 0.3] = np.nan
        for low, high in (a, b):
            high[np.isnan(low)] = low[np.isnan(high)] = np.nan
    if seed % 4 == 3:
        b[0][0, 0] = a[0][2, 3] = 0.0  # the smallest value may be none
        a[0][1, 1] = a[1][1, 1] = b[0][1, 1] = 0.0
        b[0][2, 2] = b[1][2, 2] = a[0][2, 2] = 0.0
        b[1][1, 1] = a[1][2, 2] = 0.2
    if seed == 4:
        a[0][1, 1] = a[1][1, 1] = 0.0
        b[0][1, 1] = b[1][1, 1] = 0.2
    if seed == 8:
        a[0][1, 1] = a[1][1, 1] = 0.2
        b[0][1, 1] = b[1][1, 1] = 0.0
    return a, b


@pytest.mark.parametrize("seed", range(40))
def test_two_panels_are_readings_of_one_table_if_totals_exist_that_fit(seed):
    a, b = readings(seed)
    least = paths(a, b)
    found = tell_matrices([panel(*a), panel(*b, "b", ("c", "r"))]).one_table
    if least is not None and not least.size:
        assert found is None  # no pair of values
        return
    assert found.numbers["possible"] == (least is not None)
    assert found.comparison == "totals"
    if least is None:
        assert set(found.numbers) == {"possible"}
        return
    assert ("ratio" in found.numbers) == (least.max() > np.log(2))
    if "ratio" in found.numbers:
        assert found.number("ratio") == pytest.approx(np.exp(least.max()))
        at = int(found.numbers["larger"][1:]), int(found.numbers["smaller"][1:])
        assert least[at] == pytest.approx(least.max())
        assert (found.numbers["larger"][0], found.numbers["smaller"][0]) == ("c", "r")


def test_panels_without_a_pair_of_values_are_not_compared():
    one = np.array([[0.5, np.nan], [0.5, np.nan]])
    other = np.array([[np.nan, np.nan], [0.5, 0.5]])
    assert tell_matrices([panel(one, one), panel(other, other, "b", ("c", "r"))]).one_table is None
    whole = np.full((2, 2), 0.5)
    assert tell_matrices([panel(whole, whole)]).one_table is None
    assert tell_matrices([panel(whole, whole), panel(whole, whole, "b", ("c", "r"))]).one_table is not None
    for prefix in (("r", "c"), ("c", "x"), ("x", "r")):
        assert tell_matrices([panel(whole, whole), panel(whole, whole, "b", prefix)]).one_table is None
    lift = replace(CONDITIONAL, name="lift")
    assert tell_matrices([panel(whole, whole), panel(whole, whole, "b", ("c", "r"), lift)]).one_table is None


def test_a_cell_without_a_range_is_its_value():
    exact = panel([[0.9, 0.1], [0.2, 0.2]], [[0.9, 0.1], [0.2, 0.2]])
    bare = replace(exact, cells=exact.cells.replaced(low=None, high=None))
    (found,), (other,) = tell_matrices([exact]).highest, tell_matrices([bare]).highest
    assert found.numbers == other.numbers
