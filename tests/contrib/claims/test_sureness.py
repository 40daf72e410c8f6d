"""surely(x > y) against a bootstrap written out here, unit by unit and group by group."""

import numpy as np
import pytest
from scipy import stats

from diptych.contrib.claims.differences import PlacedPanel
from diptych.contrib.claims.predicates import Differences, surely
from diptych.contrib.claims.values import cell_of, number_of
from diptych.stats import InferenceSettings
from tests.contrib.claims.small import CATEGORIES, INCIDENCE, PATTERNS, differences, panels
from tests.matrices.tiny import tiny

PAIRS = [
    (("left", "N", "N"), ("left", "C", "C")),
    (("left", "C", "C"), ("left", "A", "A")),
    (("left", "A", "A"), ("right", "N", "N")),
    (("right", "C", "A"), ("right", "C", "N")),
]


def drawn(groups, times=4000):
    """Values of every cell of both panels in resamples of whole groups: (panel, given, outcome) -> (times,)."""
    rng = np.random.default_rng(7)
    joint = np.array([[[sum(u for r, c, u in g if (r, c) == (a, b)) for b in CATEGORIES] for a in CATEGORIES]
                      for g in groups])  # fmt: skip
    weights = rng.multinomial(len(groups), np.full(len(groups), 1 / len(groups)), times)
    totals = np.einsum("tg,gab->tab", weights, joint)
    found = {}
    for i, a in enumerate(CATEGORIES):
        for j, b in enumerate(CATEGORIES):
            with np.errstate(invalid="ignore"):
                found["left", a, b] = totals[:, i, j] / totals[:, i, :].sum(axis=1)
                found["right", b, a] = totals[:, i, j] / totals[:, :, j].sum(axis=1)
    return found


@pytest.fixture(scope="module")
def by_units():
    units = [[(p.rows, p.columns, 1)] for p in PATTERNS for _ in range(p.units)]
    return drawn(units)


def number(key, incidence=INCIDENCE):
    panel, given, outcome = key
    return number_of(cell_of(panels(incidence)[panel], given, outcome))


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_interval_of_a_difference_is_that_of_a_bootstrap(first, second, by_units):
    difference = by_units[first] - by_units[second]
    low, high = np.quantile(difference, [0.025, 0.975])
    asked = differences(settings=InferenceSettings())
    pair = number(first).measured, number(second).measured
    found = asked.of(*pair)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.03)


def test_groups_are_drawn_whole():
    # twelve groups that differ: units alone would make the difference look sure
    patterns, groups = [], []
    for k in range(12):
        own = [("N", "N", 30 if k % 3 else 2), ("N", "C", 2 if k % 3 else 30), ("C", "C", 20), ("C", "N", 12)]
        groups.append(own)
        patterns += [PATTERNS[0]._replace(rows=r, columns=c, units=u, group=f"g{k:02d}") for r, c, u in own]
    incidence = tiny(*patterns, rows=CATEGORIES, columns=CATEGORIES, one=True, groups=True)
    values = drawn(groups)
    difference = values["left", "N", "N"] - values["left", "C", "C"]
    sources = {name: PlacedPanel(panel, incidence) for name, panel in panels(incidence).items()}
    asked = Differences(sources, InferenceSettings())
    x, y = (number(("left", a, a), incidence) for a in "NC")
    found = asked.of(x.measured, y.measured)
    # Of equal groups t has 11 degrees of freedom; how alike units are in the row of N is reckoned for both terms, so
    # the interval is at least as wide as that of groups drawn again.
    low, high = np.quantile(difference, [0.025, 0.975])
    stretch = stats.t.ppf(0.975, 11) / stats.norm.ppf(0.975) * np.sqrt(12 / 11)
    assert 0.95 < (found.high - found.low) / (stretch * (high - low)) < 1.4
    assert surely(x, y, "gt", asked)[0] == (found.low > 0)


def test_published_values_by_the_ends_of_their_readings():
    both = panels()
    bare = Differences({})
    x, y = (number_of(cell_of(both["left"], a, a)) for a in "CA")
    assert surely(x, y, "gt", bare) == (
        x.estimate.low - y.estimate.high > 0,
        f"the difference is {x.estimate.value - y.estimate.value:.2f}, {x.estimate.low - y.estimate.high:.2f} to {x.estimate.high - y.estimate.low:.2f}",
    )
