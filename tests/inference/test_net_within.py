"""Net flow beyond the margins of each stratum: against a slow computation, and a bootstrap of groups."""

import numpy as np
import pytest

from diptych.cells import Kind, Unit
from diptych.incidence import Incidence, Side
from diptych.inference.net_within import net_within

NAMES = ("A", "B", "C")


def make(rows, columns, units, stratum, group=None):
    kind = Kind("things", "Thing", "thing", "things")
    side = Side("from", kind, NAMES, "t"), Side("to", kind, NAMES, "t")
    units = np.asarray(units, dtype=np.int64)
    return Incidence(
        "r", *side, Unit("to", "thing", "things"),
        np.asarray(rows, bool), np.asarray(columns, bool), units, units.astype(float), units.astype(float),
        np.asarray(stratum), tuple(str(level) for level in range(max(stratum) + 1)), ("level",),
        None if group is None else np.asarray(group), None if group is None else int(max(group)) + 1,
        ("team",) if group is not None else (), False, False, False,
    )  # fmt: skip


def slow(incidence, a, b):
    """Return the number from its definition, stratum by stratum."""
    total = 0.0
    for level in set(incidence.stratum.tolist()):
        inside = incidence.stratum == level
        w, r, c = incidence.weight[inside], incidence.row_sets[inside], incidence.column_sets[inside]
        n = w.sum()
        forward, back = w[r[:, a] & c[:, b]].sum(), w[r[:, b] & c[:, a]].sum()
        total += forward - back - (w[r[:, a]].sum() * w[c[:, b]].sum() - w[r[:, b]].sum() * w[c[:, a]].sum()) / n
    return total


def one_of(rng, n, weights):
    return np.eye(3, dtype=bool)[rng.choice(3, n, p=weights)]


def test_it_is_what_the_margins_of_each_stratum_leave():
    rng = np.random.default_rng(2)
    n = 200
    stratum = rng.integers(0, 4, n)
    incidence = make(rng.random((n, 3)) < 0.4, rng.random((n, 3)) < 0.3, rng.integers(1, 9, n), stratum)
    for a, b in ((0, 1), (1, 2), (2, 0)):
        assert net_within(incidence, (a, b), 0.95).value == pytest.approx(slow(incidence, a, b))
        assert net_within(incidence, (b, a), 0.95).value == pytest.approx(-slow(incidence, a, b))


def test_nothing_is_left_where_each_stratum_is_a_product():
    # in each stratum rows and columns are unrelated, with other sizes on each side: n_ab and n_ba differ much
    patterns = []
    for level, (row_sizes, column_sizes) in enumerate([((8, 1, 1), (1, 6, 3)), ((2, 2, 6), (5, 4, 1))]):
        for i in range(3):
            patterns += [(i, j, row_sizes[i] * column_sizes[j], level) for j in range(3)]
    eye = np.eye(3, dtype=bool)
    incidence = make(
        eye[[p[0] for p in patterns]], eye[[p[1] for p in patterns]], [p[2] for p in patterns], [p[3] for p in patterns]
    )
    assert slow(incidence, 0, 1) == pytest.approx(0)
    assert net_within(incidence, (0, 1), 0.95).value == pytest.approx(0, abs=1e-9)


def test_its_error_is_that_of_groups_drawn_again():
    rng = np.random.default_rng(5)
    n_groups, size = 80, 25
    stratum = np.repeat(rng.integers(0, 3, n_groups), size)
    lean = np.repeat(rng.dirichlet((1, 1, 1), n_groups), size, axis=0)
    rows = np.eye(3, dtype=bool)[[rng.choice(3, p=p) for p in lean]]
    columns = np.eye(3, dtype=bool)[[rng.choice(3, p=p) for p in lean]]
    group = np.repeat(np.arange(n_groups), size)
    incidence = make(rows, columns, np.ones(n_groups * size), stratum, group)
    drawn = []
    for _ in range(400):
        chosen = np.concatenate([np.arange(g * size, (g + 1) * size) for g in rng.integers(0, n_groups, n_groups)])
        drawn.append(slow(make(rows[chosen], columns[chosen], np.ones(len(chosen)), stratum[chosen]), 0, 1))
    found = net_within(incidence, (0, 1), 0.95)
    error = (found.high - found.low) / 2 / 1.99  # t with about 79 degrees of freedom
    assert error == pytest.approx(np.std(drawn, ddof=1), rel=0.12)
