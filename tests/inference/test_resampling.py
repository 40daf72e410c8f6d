"""Units and groups drawn again: laws by hand, the same result however it is computed, and contrasts."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import os
import subprocess
import sys
import tracemalloc
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from benchmarks.coverage_contrasts import value_of
from benchmarks.resampling import mean, some_incidence
from diptych.cells import Estimate, Refusal
from diptych.inference.contrasts import CellSum, Contrast, cell, compared, linearise, turned
from diptych.inference.drawing import POISSON_FROM, draw, resampling
from diptych.inference.intervals import standard_error
from diptych.inference.moments import moments
from diptych.matrices.counts import totals
from diptych.measures import MEASURES
from tests.matrices.tiny import P, random_patterns, tiny

pytestmark = pytest.mark.slow

CONDITIONAL, LIFT = MEASURES["conditional"], MEASURES["lift"]
SQUARE = (2, 2)
ALL = np.ones(SQUARE, dtype=bool)
# Of 20 units 10 have A: 6 with X, 3 with Y, 1 with both; 8 have B: 2 with X, 6 with neither; 2 have nothing.
UNITS = (P("A", "X", 6), P("A", "Y", 3), P("A", "XY", 1), P("B", "X", 2), P("B", "", 6), P("", "", 2))


def draws(incidence, n=2000, threads=1, seed=1, **which):
    """All resampled totals as one array: joint counts, margins and N of each resample."""
    found = resampling(incidence, **which)

    def flat(t):
        return np.concatenate([t.joint.reshape(len(t.units), -1), t.given, t.outcome, t.units[:, None]], axis=1)

    return np.concatenate(list(draw(found, flat, seed, n, threads)))


def test_patterns_that_add_the_same_are_drawn_as_one():
    found = resampling(tiny(*UNITS, P("A", "X", 4)))
    assert found.times.sum() == 24
    assert found.times[(found.adds == [1, 0, 0, 0, 1, 0, 1, 0, 1]).all(axis=1)].tolist() == [10]
    assert len(found.times) == 6


def test_one_cell_alone_needs_its_2_x_2_table():
    found = resampling(tiny(*UNITS), rows=np.array([0]), columns=np.array([0]))
    # n_ab, n_a, n_b, N of what is drawn: both 7, A alone 3, X alone 2, neither 8.
    assert dict(zip(map(tuple, found.adds.astype(int).tolist()), found.times.tolist(), strict=True)) == {
        (1, 1, 1, 1): 7,
        (0, 1, 0, 1): 3,
        (0, 0, 1, 1): 2,
        (0, 0, 0, 1): 8,
    }


def test_drawn_units_follow_the_multinomial():
    drawn = draws(tiny(*UNITS), 20_000)
    assert set(drawn[:, -1]) == {20}
    joint, given = drawn[:, 0], drawn[:, 4]
    # 7 of 20 have A and X, 10 of 20 A: means, variances n p (1 - p), covariance n (p_both - p q).
    assert joint.mean() == pytest.approx(7, abs=4 * math.sqrt(4.55 / 20_000))
    assert joint.var() == pytest.approx(4.55, rel=0.05)
    assert np.cov(joint, given)[0, 1] == pytest.approx(20 * (0.35 - 0.35 * 0.5), rel=0.08)
    assert (drawn[:, :4] <= drawn[:, [4, 4, 5, 5]]).all()
    exact = stats.binom(20, 0.35).cdf(np.arange(21))
    assert np.abs(np.searchsorted(np.sort(joint), np.arange(21), side="right") / 20_000 - exact).max() < 0.015


def test_groups_are_drawn_whole_and_equal_groups_as_one():
    incidence = tiny(P("A", "X", 2, "g1"), P("B", "", 1, "g1"), P("A", "X", 2, "g2"), P("B", "", 1, "g2"),
                     P("B", "Y", 5, "g3"), groups=True)  # fmt: skip
    found = resampling(incidence)
    assert found.times.tolist() == [1, 2]
    assert found.adds.tolist() == [[0, 0, 0, 5, 0, 5, 0, 5, 5], [2, 0, 0, 0, 2, 1, 2, 0, 3]]
    drawn = draws(incidence)
    # k of three draws are g3: N is 9 + 2 k and B has 3 + 4 k, never anything between.
    k = (drawn[:, -1] - 9) / 2
    assert set(k) == {0, 1, 2, 3}
    assert (drawn[:, 5] == 3 + 4 * k).all()
    assert np.bincount(k.astype(int)) / len(k) == pytest.approx(stats.binom(3, 1 / 3).pmf(range(4)), abs=0.04)


def test_weights_of_groups_are_drawn_with_them():
    incidence = tiny(P("A", "X", 1, "g1", "", (2.5,)), P("A", "", 1, "g2", "", (0.1,)), groups=True)
    drawn = draws(incidence)
    assert sorted(set(drawn[:, 0])) == [0, 2.5, 5]
    assert sorted(set(drawn[:, -1])) == pytest.approx([0.2, 2.6, 5.0], rel=1e-12)


def many(*, grouped=False):
    incidence = some_incidence(3 * POISSON_FROM, 40_000)
    units = np.random.default_rng(4).integers(1, 25, len(incidence.units))
    weight = units.astype(float)
    incidence = dataclasses.replace(incidence, units=units, weight=weight, weight_squared=weight)
    group = np.arange(3 * POISSON_FROM) // 2
    return dataclasses.replace(incidence, group=group, n_groups=len(group) // 2) if grouped else incidence


@pytest.mark.parametrize("grouped", [False, True])
def test_many_patterns_or_groups_have_the_spread_that_formulas_give(grouped):
    incidence = many(grouped=grouped)
    assert len(resampling(incidence).times) > POISSON_FROM
    drawn = draws(incidence, 4000)
    found = moments(incidence)
    ratio = drawn[:, 0] / drawn[:, 81]
    assert ratio.mean() == pytest.approx(float(CONDITIONAL(*found.totals)[0, 0]), rel=0.02)
    assert ratio.std() == pytest.approx(float(standard_error(CONDITIONAL, found)[0, 0]), rel=0.05)
    if not grouped:
        # Scaled to as many units as there are; counts then vary as under the multinomial.
        assert drawn[:, -1] == pytest.approx(incidence.n_units, rel=1e-12)
        share = found.totals[1, 0, 0] / incidence.n_units
        assert drawn[:, 81].std() == pytest.approx(math.sqrt(incidence.n_units * share * (1 - share)), rel=0.05)


@pytest.mark.parametrize("kind", [{}, {"grouped": True}])
def test_the_result_is_the_same_with_any_number_of_threads(kind):
    incidence = many(**kind)
    one, two, five = (draws(incidence, 1000, threads) for threads in (1, 2, 5))
    assert one.tobytes() == two.tobytes() == five.tobytes()


PROGRAM = """
import hashlib, tests.inference.test_resampling as t
print(hashlib.sha256(t.draws(t.many(grouped=True), 300).tobytes()).hexdigest())
"""


def test_the_result_is_the_same_in_another_process_with_another_number_of_blas_threads():
    here = hashlib.sha256(draws(many(grouped=True), 300, 2).tobytes()).hexdigest()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ
        | {"OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.stdout.strip() == here


def test_another_seed_draws_others():
    one, other = (draws(tiny(*UNITS), seed=seed) for seed in (1, 2))
    assert (one != other).any()


def test_sums_of_broken_weights_are_exact_in_any_order():
    incidence = tiny(P("ABC", "X", 2, "g", "", (1 / 3, 0.1)), P("A", "XYZ", 1, "h", "", (2 / 3,)),
                     P("C", "Z", 1, "i", "", (0.7,)), rows="ABC", columns="XYZ", groups=True)  # fmt: skip
    found = resampling(incidence)
    drawn = np.random.default_rng(3).multinomial(3, [1 / 3] * 3, 50)
    for times in drawn:
        exact = [
            sum(Fraction(int(n)) * Fraction(float(a)) for n, a in zip(times, column, strict=True))
            for column in found.adds.T
        ]
        assert [Fraction(float(total)) for total in times @ found.adds] == exact


def test_memory_stays_far_under_300_mb():
    incidence = some_incidence(15_000, 2_500_000)
    found = resampling(incidence)
    tracemalloc.start()
    for _ in draw(found, lambda t: t.joint.sum(), 1, 300, threads=2):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6


@pytest.mark.parametrize(
    ("incidence", "reason"),
    [
        (tiny(P("A", "X", 2, weights=(1.0, 5.0)), P("B", "", 1)), "units of one pattern have different weights"),
        (tiny(P("A", "X", 1)), "there are fewer than two to draw from"),
        (tiny(P("A", "X", 9, "g"), groups=True), "there are fewer than two to draw from"),
    ],
)
def test_what_cannot_be_drawn_says_why(incidence, reason):
    assert resampling(incidence) == Refusal(reason)


@pytest.mark.parametrize("grouped", [False, True])
def test_what_is_too_long_is_refused(grouped, monkeypatch):
    monkeypatch.setattr("diptych.inference.drawing.MOST_NUMBERS", 1000)
    assert resampling(many(grouped=grouped)) == Refusal("there are too many distinct patterns or groups to draw from")


def only(measured, row):
    """The measured cells of one row."""
    return measured & (np.arange(len(measured)) == row)[:, None]


NOTHING = CellSum(CONDITIONAL, np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), np.zeros(0))


def interval_of(contrast, incidence):
    [found] = compared([contrast], incidence, 0.95)
    return found.difference


def about_one(contrast, incidence):
    """What is known of one contrast, as numbers."""
    found = linearise([contrast], incidence)
    parts = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    return SimpleNamespace(**{name: part if name == "law" else float(part[0]) for name, part in parts.items()})


# P(X|A) 7/10, P(Y|A) 4/10, P(X|B) 2/8, P(Y|B) 0; reversed P(A|X) 7/9, P(B|X) 2/9, P(A|Y) 1, P(B|Y) 0.
@pytest.mark.parametrize(
    ("first", "second", "value"),
    [
        (cell(CONDITIONAL, 0, 0), cell(CONDITIONAL, 1, 0), 0.7 - 0.25),
        (cell(CONDITIONAL, 0, 1), cell(CONDITIONAL, 1, 0), 0.4 - 0.25),
        (cell(CONDITIONAL, 0, 0), cell(turned(CONDITIONAL), 0, 0), 0.7 - 7 / 9),
        (mean(CONDITIONAL, only(ALL, 0)), mean(CONDITIONAL, only(ALL, 1)), 0.55 - 0.125),
        (
            mean(CONDITIONAL, only(np.array([[True, False], [True, True]]), 0)),
            mean(CONDITIONAL, only(ALL, 1)),
            0.7 - 0.125,
        ),
        (mean(turned(CONDITIONAL), only(ALL.T, 0).T), mean(turned(CONDITIONAL), only(ALL.T, 1).T), 0.5 - 0.5),
        (mean(CONDITIONAL, ALL), mean(turned(CONDITIONAL), ALL), 1.35 / 4 - 0.5),
        (cell(LIFT, 0, 0), cell(LIFT, 1, 0), 20 * 7 / 90 - 20 * 2 / 72),
        (cell(LIFT, 0, 0), cell(turned(LIFT), 0, 0), 0),
    ],
)
def test_contrasts_counted_by_hand(first, second, value):
    contrast, incidence = Contrast(first, second), tiny(*UNITS)
    assert value_of(contrast, *totals(incidence, incidence.weight), incidence.weight.sum()) == pytest.approx(value)
    assert interval_of(contrast, incidence).value == pytest.approx(value)


def test_the_other_term_is_nothing_for_a_cell_alone():
    incidence = tiny(*UNITS)
    about = about_one(Contrast(cell(CONDITIONAL, 0, 0), NOTHING), incidence)
    assert about.error == pytest.approx(float(standard_error(CONDITIONAL, moments(incidence))[0, 0]))


@pytest.mark.parametrize("name", list(MEASURES))
@pytest.mark.parametrize("reverse", [False, True])
def test_one_cell_has_the_error_that_panels_have(name, reverse):
    incidence = tiny(*random_patterns(11, 150, n_groups=60), groups=True)
    found = moments(incidence)
    found = found.T if reverse else found
    contrast = Contrast(cell(turned(MEASURES[name]) if reverse else MEASURES[name], 0, 1), NOTHING)
    expected = standard_error(MEASURES[name], found)[(1, 0) if reverse else (0, 1)]
    assert about_one(contrast, incidence).error == pytest.approx(float(expected), rel=1e-9)


def test_two_cells_of_a_row_have_the_multinomial_error():
    # P(X|A) - P(Y|A) over the 10 units of A, each giving +1 (6), -1 (3) or 0 (1): variance of their mean.
    incidence = tiny(*UNITS)
    contrast = Contrast(cell(CONDITIONAL, 0, 0), cell(CONDITIONAL, 0, 1))
    variance = (9 / 10 - 0.3**2) / 10
    assert about_one(contrast, incidence).error == pytest.approx(math.sqrt(variance * 20 / 19))


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("name", ["conditional", "lift", "difference", "phi", "jaccard"])
def test_errors_of_contrasts_are_the_spread_of_drawn_ones(name, grouped):
    incidence = tiny(*random_patterns(11, 400, n_groups=120 if grouped else 0), groups=grouped)
    for contrast in (
        Contrast(cell(MEASURES[name], 0, 1), cell(MEASURES[name], 1, 0)),
        Contrast(mean(MEASURES[name], only(ALL, 0)), mean(MEASURES[name], only(ALL, 1))),
        Contrast(mean(MEASURES[name], ALL), cell(MEASURES[name], 0, 0)),
    ):

        def value(t, contrast=contrast):
            return value_of(contrast, t.joint, t.given, t.outcome, t.units)

        spread = np.concatenate(list(draw(resampling(incidence), value, 1, 4000))).std()
        about, found = about_one(contrast, incidence), interval_of(contrast, incidence)
        assert about.error == pytest.approx(spread, rel=0.06)
        assert about.working >= about.error
        quantile = float(about.law.quantile(0.95)[0])
        assert quantile >= stats.norm.ppf(0.975) - 1e-9
        assert found.high - found.low == pytest.approx(2 * quantile * about.working)
        assert found.low < found.value < found.high


def test_panels_over_the_same_units_differ_by_category_sizes_in_every_resample():
    # The identity L[a,b] / R[b,a] = n_b / n_a holds whatever is drawn.
    def contrast(totals):
        left = totals.joint / totals.given[:, :, None]
        right = totals.joint / totals.outcome[:, None, :]
        return left / right - totals.outcome[:, None, :] / totals.given[:, :, None]

    incidence = tiny(*random_patterns(5, 200))
    assert np.abs(np.concatenate(list(draw(resampling(incidence), contrast, 500)))).max() < 1e-12


def test_weighted_units_are_linearised():
    weights = tuple(float(w) for w in range(1, 11))
    incidence = tiny(
        P("A", "X", 10, weights=weights), P("A", "Y", 10, weights=weights[::-1]), P("B", "", 1), P("B", "X", 1)
    )
    contrast = Contrast(cell(CONDITIONAL, 0, 0), cell(CONDITIONAL, 0, 1))
    found = interval_of(contrast, incidence)
    # Each unit of A moves the contrast by +-w / 110; sum w^2 = 385 twice, 22 units; G_eff = 110^2 / 770.
    error = math.sqrt(770 / 110**2 * 22 / 21)
    half = stats.t(110**2 / 770 - 1).ppf(0.975) * error
    assert (found.value, found.low, found.high) == pytest.approx((0, -half, half))


def test_units_of_a_group_that_are_copies_count_as_their_group():
    # Nine groups hold three units of A, in each of them all with X or all with Y: the correlation is 1. So there are
    # nine units, as it were, and each moves the contrast up or down.
    sizes = np.full(9, 3)
    patterns = [P("A", "X" if k % 3 else "Y", int(sizes[k]), f"g{k}") for k in range(9)]
    incidence = tiny(*patterns, P("B", "X", 3, "h"), P("B", "Y", 3, "i"), groups=True)
    contrast = Contrast(cell(CONDITIONAL, 0, 0), cell(CONDITIONAL, 0, 1))
    found, about = interval_of(contrast, incidence), about_one(contrast, incidence)
    signs = np.array([1.0 if k % 3 else -1.0 for k in range(9)])
    value = signs @ sizes / sizes.sum()
    over_groups = ((signs - value) * sizes) @ ((signs - value) * sizes) / sizes.sum() ** 2
    effective = sizes.sum() ** 2 / (sizes @ sizes)
    of_units = (1 - value**2) / sizes.sum() * (sizes @ sizes) / sizes.sum()
    n = incidence.n_units
    error = math.sqrt(max(over_groups * effective / (effective - 1), of_units * n / (n - 1)))
    assert (about.working, float(about.law.freedom[0])) == pytest.approx((error, 8))
    half = stats.t(8).ppf(0.975) * error
    assert (found.low, found.high) == pytest.approx((value - half, value + half))
    clipped = interval_of(dataclasses.replace(contrast, lower=-0.1, upper=0.6), incidence)
    assert (clipped.low, clipped.high) == (-0.1, 0.6)


@pytest.mark.parametrize(
    ("patterns", "value"),
    [
        # All of A have X and none has Y, in every group: a bootstrap would say 100 to 100 %.
        ((P("A", "X", 5, "g1"), P("A", "X", 2, "g2"), P("B", "Y", 3, "g3")), 1.0),
        # A is in one group only.
        ((P("A", "X", 5, "g1"), P("A", "Y", 3, "g1"), P("B", "Y", 3, "g2"), P("B", "X", 3, "g3")), 0.25),
    ],
)
def test_no_interval_where_groups_do_not_differ(patterns, value):
    contrast = Contrast(cell(CONDITIONAL, 0, 0), cell(CONDITIONAL, 0, 1))
    assert interval_of(contrast, tiny(*patterns, groups=True)) == Estimate(value)


def test_an_undefined_contrast_is_nan():
    contrast = Contrast(cell(CONDITIONAL, 0, 0), cell(CONDITIONAL, 1, 0))
    found = interval_of(contrast, tiny(P("A", "X", 9), P("A", "Y", 9)))
    assert math.isnan(found.value)
    assert (found.low, found.high) == (None, None)
