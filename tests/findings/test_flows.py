"""Which way units run: shares against SciPy, what is due against a plain fit, groups, and how often intervals hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from diptych.findings.flows import Due, ForwardShare, QuasiSymmetryFit, fit
from tests.matrices.tiny import P, tiny

VISION = np.array([[0.0, 266, 124, 66], [234, 0, 432, 78], [117, 362, 0, 205], [36, 82, 179, 0]])


def flows_of(table, names="ABCDEFG", **how):
    found = [P(names[i], names[j], int(n)) for (i, j), n in np.ndenumerate(table) if n]
    return QuasiSymmetryFit(tiny(*found, rows=names[: len(table)], columns=names[: len(table)], one=True, **how))


def grouped(patterns, names="ABCD", **how):
    return tiny(*patterns, rows=names, columns=names, one=True, groups=True, **how)


def test_a_share_of_independent_units_is_that_of_clopper_and_pearson():
    for k, n in ((0, 7), (3, 7), (7, 7), (76, 76)):
        exact = stats.binomtest(k, n).proportion_ci(0.99, method="exact")
        assert ForwardShare(k / n, n, np.inf).ends(0.99) == pytest.approx((exact.low, exact.high))


def test_few_groups_take_t():
    """Twenty units of five groups: as many as keep the half width at t of 4 degrees of freedom."""
    worth = 20 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 4)) ** 2
    low = stats.beta.ppf(0.025, 0.7 * worth, 0.3 * worth + 1)
    assert ForwardShare(0.7, 20, 5).ends(0.95)[0] == pytest.approx(low)


@pytest.mark.parametrize("groups", [1, 1.5, 3, 3.99])
def test_below_three_degrees_of_freedom_nothing_has_an_interval(groups):
    """Fewer were taken as one, with a t of 12.7."""
    assert ForwardShare(0.7, 20, groups).ends(0.95) is None
    assert Due(0.7, 0.2, groups).ends(0.95) is None
    assert ForwardShare(0.7, 20, 4).ends(0.95) is not None
    assert Due(0.7, 0.2, 4).ends(0.95) is not None


def test_what_is_due_has_an_interval_on_the_logit():
    low, high = Due(0.9, 0.4, np.inf).ends(0.95)
    assert special.logit([low, high]) == pytest.approx(np.log(9) + 0.4 * stats.norm.ppf([0.025, 0.975]))


def test_an_interval_of_a_net_flow_is_one_that_the_counts_allow():
    """Two units that cross, both the same way: net 2, between -2 and 2, not -16 to 20."""
    net = flows_of(np.array([[9.0, 2], [0, 5]])).net((0, 1), 0.95)
    assert (net.value, net.high) == (2, 2)
    assert -2 <= net.low < 0


def test_what_is_due_is_what_all_other_pairs_make_of_sizes():
    rest = VISION.copy()
    rest[1, 2] = rest[2, 1] = 0
    strength = fit(rest).strength
    found = flows_of(VISION).beyond((1, 2))
    assert found.n == 432 + 362
    assert found.due.share == pytest.approx(special.expit(strength[1] - strength[2]))
    assert found.excess(0.95).value == pytest.approx(432 - found.n * found.due.share)
    turned = flows_of(VISION).beyond((2, 1)).excess(0.95)
    assert (turned.low, turned.high) == pytest.approx((-found.excess(0.95).high, -found.excess(0.95).low))


def test_the_error_of_what_is_due_is_that_of_tables_drawn_again():
    rng = np.random.default_rng(1)
    rest = VISION.copy()
    rest[0, 1] = rest[1, 0] = 0
    drawn = [fit(rng.poisson(rest).astype(float)).strength for _ in range(400)]
    error = np.std([strength[0] - strength[1] for strength in drawn])
    assert flows_of(VISION).beyond((0, 1)).due.error == pytest.approx(error, rel=0.1)


def test_two_categories_and_crossings_through_one_tell_nothing():
    assert flows_of(np.array([[5.0, 90], [2, 5]])).beyond((0, 1)) is None
    star = np.array([[9.0, 8, 3, 5], [2, 9, 0, 0], [7, 0, 9, 0], [1, 0, 0, 9]])
    assert [flows_of(star).beyond((0, j)) for j in (1, 2, 3)] == [None] * 3


def test_among_three_categories_what_is_left_may_be_any_pair_s():
    three = np.array([[0.0, 80, 20], [10, 0, 20], [20, 20, 0]])
    assert flows_of(three).beyond((0, 1)) is not None
    assert not flows_of(three).is_told_apart((0, 1))
    assert flows_of(VISION).is_told_apart((0, 1))
    ring = np.array([[0.0, 9, 0, 4], [5, 0, 9, 0], [0, 5, 0, 9], [9, 0, 5, 0]])
    assert flows_of(ring).beyond((0, 1)) is not None
    assert not flows_of(ring).is_told_apart((0, 1))


def test_groups_that_run_one_way_are_worth_one_unit_each():
    """Six groups of eight, all of which run as one: as six units, with t of 5, and no more."""
    patterns = [P("A", "B", 8, group=f"g{i}") for i in range(4)] + [P("B", "A", 8, group=f"h{i}") for i in range(2)]
    net = QuasiSymmetryFit(grouped(patterns, "AB")).net((0, 1), 0.95)
    worth = 6 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 5)) ** 2
    low = stats.beta.ppf(0.025, worth * 4 / 6, worth * 2 / 6 + 1)
    assert net.low == pytest.approx(48 * (2 * low - 1))


def test_how_alike_groups_run_is_told_by_all_pairs():
    """All from A to B is of groups that others show to run as one: that none runs back makes it no surer."""
    alike = [P("A", "B", 8, group=f"g{i}") for i in range(6)]
    others = [P(*("CD" if i % 2 else "DC"), 8, group=f"o{i}") for i in range(8)]
    found = QuasiSymmetryFit(grouped([*alike, *others]))
    worth = 6 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 5)) ** 2
    assert found.net((0, 1), 0.95).low == pytest.approx(48 * (2 * stats.beta.ppf(0.025, worth, 1) - 1))


def test_strata_are_judged_each_by_itself():
    """In each stratum sizes alone make every pair unequal, another way in each: nothing is left."""
    sizes = {"one": ((8, 1, 2), (1, 6, 3)), "two": ((2, 2, 6), (5, 4, 1))}
    patterns = [
        P("ABC"[i], "ABC"[j], rows[i] * columns[j], stratum=name)
        for name, (rows, columns) in sizes.items()
        for i in range(3)
        for j in range(3)
    ]
    incidence = tiny(*patterns, rows="ABC", columns="ABC", one=True, strata=True)
    found = QuasiSymmetryFit(incidence, within=True).beyond((0, 1))
    assert found.n == 8 * 6 + 1 + 2 * 4 + 2 * 5
    assert found.excess(0.95).value == pytest.approx(0, abs=1e-9)
    assert abs(QuasiSymmetryFit(incidence).beyond((0, 1)).excess(0.95).value) > 1


@pytest.mark.parametrize("n_groups", [None, 60])
def test_intervals_of_what_is_beyond_sizes_hold(n_groups):
    """Where nothing but sizes makes pairs unequal, all one way nearly: the interval holds 0 in 95 of 100 or more."""
    p = np.outer([0.6, 0.2, 0.12, 0.08], [0.02, 0.2, 0.3, 0.48])
    np.fill_diagonal(p, 0)
    p /= p.sum()
    rng, names, held, runs = np.random.default_rng(3), "ABCD", 0, 300
    for _ in range(runs):
        if n_groups is None:
            found = flows_of(rng.multinomial(600, p.ravel()).reshape(4, 4).astype(float))
        else:  # groups of nine that copy one unit each, and one that does not
            tables = [9 * rng.multinomial(1, p.ravel()) + rng.multinomial(1, p.ravel()) for _ in range(n_groups)]
            found = QuasiSymmetryFit(
                grouped(
                    [
                        P(names[cell // 4], names[cell % 4], int(n), group=f"g{g}")
                        for g, table in enumerate(tables)
                        for cell, n in enumerate(table)
                        if n
                    ]
                )
            )
        beyond = found.beyond((0, 3))
        excess = None if beyond is None else beyond.excess(0.95)
        held += excess is None or excess.low is None or excess.low <= 0 <= excess.high
    assert held / runs >= 0.94
