"""Shares of correct items, confusions and the matrix method against a textbook, SciPy, statsmodels and simulation."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from scipy import optimize, stats
from statsmodels.stats.proportion import proportion_confint

from diptych.contrib.audit.misclassification import undo
from diptych.contrib.audit.rates import (
    Confusion,
    JudgedCategory,
    confusions,
    share_right,
    stands_for,
    weighted_share,
)

pytestmark = pytest.mark.slow


def sampled(n_items, n_judged, n_right):
    return JudgedCategory(None, n_items, n_judged, n_judged, n_right, None)


def test_a_worked_example_of_stratified_sampling_for_proportions():
    """Scheaffer, Mendenhall and Ott, Elementary Survey Sampling, ch. 5: households that view a programme.

    Town A, town B and the rural area: N = 155, 62, 93; n = 20, 8, 12; p = 0.80, 0.25, 0.50. They give 0.60 with the
    variance 0.0045, so 0.60 +- 2 sqrt(0.0045) = 0.60 +- 0.13.
    """
    share = weighted_share([sampled(155, 20, 16), sampled(62, 8, 2), sampled(93, 12, 6)], 0.95)
    assert share.share.value == pytest.approx(0.60)
    assert share.error**2 == pytest.approx(0.0045, abs=0.00005)
    assert (share.n_items, share.n_judged) == (310, 40)
    # near the book's interval; score intervals are drawn towards the middle
    assert (share.share.low, share.share.high) == (pytest.approx(0.47, abs=0.02), pytest.approx(0.73, abs=0.02))


def test_the_variance_counted_out_of_all_samples():
    """Cochran's estimate is unbiased: its mean over all samples is the variance of the estimate over all of them."""
    strata = [(0, 1, 1, 1, 0), (1, 1, 0, 1)]
    sizes = (3, 2)
    values, variances = [], []
    for chosen in product(*(all_samples(stratum, n) for stratum, n in zip(strata, sizes, strict=True))):
        parts = [sampled(len(s), n, sum(c)) for s, n, c in zip(strata, sizes, chosen, strict=True)]
        share = weighted_share(parts, 0.95)
        values.append(share.share.value)
        variances.append(share.error**2)
    assert np.mean(values) == pytest.approx(6 / 9)
    assert np.mean(variances) == pytest.approx(np.var(values))


def all_samples(items, n):
    return [
        tuple(items[place] for place in places)
        for places in product(range(len(items)), repeat=n)
        if list(places) == sorted(set(places))
    ]


@pytest.mark.parametrize(("whole", "judged", "right"), [(1000, 20, 19), (100, 20, 20), (50, 30, 12), (40, 20, 20)])
def test_the_interval_of_a_category_solves_its_equation(whole, judged, right):
    """Score interval: the P for which |p - P| is z standard errors of n drawn from N without replacement, at P."""
    z, p = stats.norm.ppf(0.975), right / judged

    def beyond(share):
        return (p - share) ** 2 - z**2 * share * (1 - share) / judged * (whole - judged) / (whole - 1)

    found = share_right(whole, judged, right, 0.95)
    assert found.value == p
    assert found.low == pytest.approx(optimize.brentq(beyond, 1e-9, p - 1e-9))
    assert found.high == (1 if p == 1 else pytest.approx(optimize.brentq(beyond, p + 1e-9, 1 - 1e-9)))


def test_a_large_category_has_the_plain_interval():
    found = share_right(10**9, 20, 17, 0.9)
    low, high = proportion_confint(17, 20, alpha=0.1, method="wilson")
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-7), pytest.approx(high, abs=1e-7))


def test_what_is_judged_whole_is_exact_and_what_is_not_judged_says_nothing():
    found = share_right(4, 4, 3, 0.95)
    assert (found.value, found.low, found.high) == (0.75, 0.75, 0.75)
    assert share_right(4, 0, 0, 0.95) is None
    assert weighted_share([sampled(4, 0, 0)], 0.95) is None
    assert weighted_share([], 0.95) is None
    whole = weighted_share([sampled(4, 4, 3), sampled(2, 2, 2), sampled(5, 0, 0)], 0.95)
    assert (whole.share.value, whole.error, whole.share.low, whole.share.high) == (pytest.approx(5 / 6),) * 1 + (0,) + (
        pytest.approx(5 / 6),
    ) * 2
    assert whole.n_items == 6


def test_no_end_lies_beyond_what_is_possible():
    # of 6 items 5 are judged and 4 are right: 4 or 5 of 6
    found = share_right(6, 5, 4, 0.95)
    assert (found.low, found.high) == (4 / 6, 5 / 6)


def test_the_interval_of_all_by_hand():
    """Wilson's for the effective number of items, from shares with one right and one wrong item added."""
    strata = [(10**7, 30, 28), (3 * 10**7, 20, 20)]
    value = 0.25 * 28 / 30 + 0.75
    one, other = 29 / 32, 21 / 22
    variance = 0.25**2 * one * (1 - one) / 30 + 0.75**2 * other * (1 - other) / 20
    middle = 0.25 * one + 0.75 * other
    n = middle * (1 - middle) / variance
    found = weighted_share([sampled(*stratum) for stratum in strata], 0.95).share
    low, high = proportion_confint(value * n, n, method="wilson")
    assert (found.value, found.low, found.high) == (
        pytest.approx(value),
        pytest.approx(low, abs=1e-6),
        pytest.approx(high, abs=1e-6),
    )


@pytest.mark.parametrize("stratum", [sampled(500, 20, 19), sampled(30, 20, 20), sampled(6, 5, 4), sampled(9, 1, 0)])
def test_one_category_has_its_own_interval(stratum):
    alone, whole = (
        share_right(stratum.n_items, stratum.n_judged, stratum.n_right, 0.95),
        weighted_share([stratum], 0.95).share,
    )
    assert (whole.value, whole.low, whole.high) == (
        pytest.approx(alone.value),
        pytest.approx(alone.low),
        pytest.approx(alone.high),
    )


def test_all_right_is_not_certain_and_one_alone_has_no_error():
    found = weighted_share([sampled(100, 10, 10), sampled(50, 10, 10)], 0.95)
    assert (found.share.value, found.error, found.share.high) == (1, 0, 1)
    assert 0.7 < found.share.low < 0.9
    assert weighted_share([sampled(100, 1, 1), sampled(50, 10, 9)], 0.95).error is None


@pytest.mark.parametrize(
    ("wholes", "shares"),
    [
        ([300, 120, 40, 25], [0.9, 0.7, 0.95, 0.6]),
        ([300, 120, 40, 25], [0.99, 1.0, 0.95, 0.92]),
        ([3598, 619, 471, 199], [0.97, 0.95, 0.9, 0.98]),
        ([1000] * 9, [0.97] * 9),
        ([5000, 50], [0.9, 0.5]),
    ],
    ids=str,
)
def test_intervals_cover(wholes, shares):
    """Over 1,500 samples of 20 each the interval of all holds the truth in 93 of 100 or more, also of rare errors."""
    rng = np.random.default_rng(1)
    whole = np.array(wholes)
    right = np.round(whole * shares).astype(int)
    truth = right.sum() / whole.sum()
    drawn = rng.hypergeometric(right, whole - right, 20, size=(1500, len(whole)))
    found = [weighted_share([sampled(n, 20, x) for n, x in zip(wholes, row, strict=True)], 0.95).share for row in drawn]
    assert np.mean([one.low <= truth + 1e-12 and truth <= one.high + 1e-12 for one in found]) >= 0.93
    assert np.mean([one.value for one in found]) == pytest.approx(truth, abs=0.005)


def test_confusions_are_ranked_by_how_many_items_they_stand_for():
    judged = [
        (("A",), ("B",), ((100, 10),)),
        (("A",), ("B",), ((100, 10),)),
        (("A",), ("A",), ((100, 10),)),
        (("B",), (), ((6, 3),)),
        (("B",), None, ((6, 3),)),
        ((), ("A",), ((90, 3),)),
        (("A", "B"), ("A",), ((100, 10), (6, 3))),
    ]
    assert confusions((rule, truth, stands_for(rule, drawn)) for rule, truth, drawn in judged) == (
        Confusion((), ("A",), 1, 30.0),
        Confusion(("A",), ("B",), 2, 20.0),
        Confusion(("A", "B"), ("A",), 1, 6.0),
        Confusion(("B",), (), 1, 2.0),
        Confusion(("B",), None, 1, 2.0),
    )


def test_what_confusions_stand_for_is_right_on_average():
    """Items in A, in B, or in both, drawn for each category by itself: over many draws the number wrong comes out."""
    items = [(("A",), n < 6) for n in range(30)] + [(("A", "B"), n < 9) for n in range(15)] + [(("B",), False)] * 25
    rng = np.random.default_rng(2)
    totals = []
    for _ in range(3000):
        drawn_for: dict[int, list[tuple[int, int]]] = {}
        for category in "AB":
            own = [place for place, (rule, _) in enumerate(items) if category in rule]
            for place in rng.choice(own, 10, replace=False):
                drawn_for.setdefault(int(place), []).append((len(own), 10))
        judged = [
            (items[place][0], () if items[place][1] else items[place][0], stands_for(items[place][0], drawn))
            for place, drawn in drawn_for.items()
        ]
        totals.append(sum(one.n_items for one in confusions(judged)))
    assert np.mean(totals) == pytest.approx(15, abs=3 * np.std(totals) / math.sqrt(3000))


def test_undoing_known_errors_gives_the_true_pairs():
    """Counts without noise: the matrix method returns the truth, with classifications that differ by side."""
    true = np.array([[0.3, 0.02, 0.08], [0.05, 0.2, 0.05], [0.1, 0.05, 0.15]])
    rows = np.array([[0.9, 0.06, 0.04], [0.1, 0.8, 0.1], [0.0, 0.25, 0.75]])
    columns = np.array([[0.7, 0.2, 0.1], [0.05, 0.95, 0.0], [0.1, 0.1, 0.8]])
    assert undo(1000 * rows.T @ true @ columns, rows, columns) == pytest.approx(true, abs=1e-9)


def test_undoing_errors_strengthens_an_association_and_never_weakens_it():
    """Bross (1954, Biometrics 10, 478-486): errors that depend on nothing else only weaken an association."""
    error = np.array([[0.8, 0.2], [0.2, 0.8]])
    assigned = np.array([[300.0, 200.0], [200.0, 300.0]])
    true = undo(assigned, error, np.eye(2))
    # 0.3 = 0.8 x + 0.2 (0.5 - x), so x = 1/3
    assert true == pytest.approx(np.array([[1 / 3, 1 / 6], [1 / 6, 1 / 3]]), abs=1e-9)


def test_negative_shares_go_to_the_nearest_table_and_certain_ones_stay():
    """The third category is never confused, so its share stays when noise has made another share negative."""
    error = np.array([[0.8, 0.2, 0.0], [0.2, 0.8, 0.0], [0.0, 0.0, 1.0]])
    true = undo(np.array([[45.0, 0, 0], [5, 40, 0], [0, 0, 10]]), error, error)
    assert true.min() == 0
    assert true.sum() == pytest.approx(1)
    assert true[2] == pytest.approx([0, 0, 0.1], abs=1e-6)
    assert true[0, 0] + true[1, 1] == pytest.approx(0.9, abs=1e-6)


def test_a_true_set_of_categories_that_is_never_assigned_itself():
    """The third true set is always assigned the first or the second; no count of its own is observed."""
    rows = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    true = undo(np.array([[50.0, 0.0], [0.0, 50.0]]), rows, np.eye(2))
    assert true.shape == (3, 2)
    assert true.sum() == pytest.approx(1)
    assert (true >= 0).all()
