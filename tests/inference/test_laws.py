"""The laws are SciPy's: the same numbers as scipy.stats, which is slower to import."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from diptych.inference.laws import (
    false_discovery,
    hypergeometric_tail,
    normal_quantile,
    t_quantile,
    t_two_sided,
)

FREEDOM = np.array([1.0, 1.5, 2, 10, 100, 1e5])


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_quantiles(level):
    assert normal_quantile(level) == pytest.approx(stats.norm.ppf((1 + level) / 2), rel=1e-14)
    np.testing.assert_allclose(t_quantile(level, FREEDOM), stats.t.ppf((1 + level) / 2, FREEDOM), rtol=5e-10, atol=0)
    assert t_quantile(level, 3.0) == pytest.approx(stats.t.ppf((1 + level) / 2, 3), rel=5e-10)


@pytest.mark.parametrize("distance", [0.0, 0.3, 2.0, 9.0, 60.0, np.inf])
def test_tails(distance):
    tails = np.maximum(2 * stats.t.sf(distance, FREEDOM), np.finfo(float).tiny)  # no p is 0
    np.testing.assert_allclose(t_two_sided(np.full(6, distance), FREEDOM), tails, rtol=1e-11)


def test_what_is_unknown_stays_unknown():
    assert np.isnan(t_two_sided(np.array([np.nan]), FREEDOM[:1])).all()


def test_the_smaller_tail_by_adding_up():
    units, rows, columns = 12.0, 5.0, 6.0
    law = stats.hypergeom(12, 5, 6)
    for joint in range(6):
        below = sum(law.pmf(k) for k in range(joint + 1))
        above = sum(law.pmf(k) for k in range(joint, 6))
        found = hypergeometric_tail(*(np.array([x]) for x in (float(joint), units, rows, columns)))
        assert found[0] == pytest.approx(min(below, above), rel=1e-12)


TABLES = st.tuples(st.integers(1, 400), st.integers(0, 400), st.integers(0, 400), st.integers(0, 400)).map(
    lambda t: (min(t[3], t[1] % (t[0] + 1), t[2] % (t[0] + 1)), t[0], t[1] % (t[0] + 1), t[2] % (t[0] + 1))
)


@given(st.lists(TABLES, min_size=1, max_size=5))
def test_the_smaller_tail_is_scipys(tables):
    joint, units, rows, columns = np.array(tables, dtype=float).T
    law = stats.hypergeom(units, rows, columns)
    expected = np.minimum(law.cdf(joint), law.sf(joint - 1))
    assert hypergeometric_tail(joint, units, rows, columns) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_the_smaller_tail_of_large_tables():
    units = 2_500_000.0
    rows, columns = np.meshgrid([1.0, 40, 3_000, 250_000, 2_400_000], [7.0, 600, 90_000, 1_300_000])
    spread = np.sqrt(rows * columns / units) + 1
    for far in (-6, -1, 0, 1, 6, 30):
        joint = np.clip(
            np.rint(rows * columns / units + far * spread),
            np.maximum(0, rows + columns - units),
            np.minimum(rows, columns),
        )
        law = stats.hypergeom(units, rows, columns)
        expected = np.minimum(law.cdf(joint), law.sf(joint - 1))
        assert hypergeometric_tail(joint, units, rows, columns) == pytest.approx(expected, rel=1e-7, abs=1e-300)


@given(arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 1)))
def test_false_discovery(p):
    assert false_discovery(p) == pytest.approx(stats.false_discovery_control(p, method="bh"), rel=0, abs=1e-9)
