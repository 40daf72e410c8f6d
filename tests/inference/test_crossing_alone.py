"""One crossing against all others: the fit without it, by statsmodels, and whether its interval holds the truth."""

import numpy as np
import pytest
import statsmodels.api as sm

from diptych.cells import Estimate
from diptych.inference.quasi_independence import alone, among_crossing
from tests.matrices.tiny import P, tiny

pytestmark = pytest.mark.slow

NAMES = "ABCDE"


def of(table):
    """Return the incidence of a square table of units with one category on each side."""
    names = NAMES[: len(table)]
    patterns = [P(a, b, int(table[i, j])) for i, a in enumerate(names) for j, b in enumerate(names) if table[i, j]]
    return tiny(*patterns, rows=names, columns=names)


def by_glm(table, cell):
    """Return alpha_a beta_b of one cell, from a Poisson model of all others off the diagonal."""
    size = len(table)
    cells = [(i, j) for i in range(size) for j in range(size) if i != j and (i, j) != cell]
    design = np.zeros((len(cells), 2 * size - 1))
    for at, (i, j) in enumerate(cells):
        design[at, i] = 1
        if j:
            design[at, size + j - 1] = 1
    found = sm.GLM([table[c] for c in cells], design, family=sm.families.Poisson()).fit(tol=1e-12, maxiter=200)
    i, j = cell
    return float(np.exp(found.params[i] + (found.params[size + j - 1] if j else 0)))


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_fit_to_all_other_crossings(seed):
    rng = np.random.default_rng(seed)
    table = rng.integers(5, 60, size=(5, 5)).astype(float)
    table[0, 1] *= 6
    for cell in ((0, 1), (3, 2)):
        assert alone(of(table), cell, 1.0, Estimate(1.0, 1.0, 1.0)).expected == pytest.approx(
            by_glm(table, cell), rel=1e-8
        )


def test_a_planted_pair_gets_the_ratio_that_was_planted_and_its_interval_holds_it():
    rng = np.random.default_rng(3)
    sizes = np.outer([8, 5, 4, 3, 2], [2, 3, 6, 4, 5]) * 4.0
    sizes[0, 1] *= 4
    ratios, held = [], 0
    for _ in range(60):
        table = rng.poisson(sizes).astype(float)
        np.fill_diagonal(table, 1000)
        incidence = of(table)
        found = among_crossing(incidence, 0.95)
        within = Estimate(found.ratio[0, 1], found.low[0, 1], found.high[0, 1])
        pair = alone(incidence, (0, 1), float(table[0, 1]), within)
        ratios.append(pair.ratio.value)
        held += pair.ratio.low <= 4 <= pair.ratio.high
    assert np.mean(ratios) == pytest.approx(4, rel=0.03)
    assert held >= 53  # 95 % of 60 is 57, less two standard errors


def test_where_the_others_let_expect_any_number_the_pair_is_what_is_expected():
    # Without C-B nothing but B-C stands against B-A: the more A-C nears its 0, the more of C-B there may be.
    table = np.array([[1, 1, 0], [3, 4, 9], [4, 9, 0]], dtype=float)
    assert alone(of(table), (2, 1), 9.0, Estimate(1.5, 1.2, 2.0)).ratio.value == 1


def test_where_the_others_let_expect_nothing_nothing_is():
    table = np.array([[0, 5, 3], [1, 8, 0], [1, 5, 10]], dtype=float)
    assert alone(of(table), (2, 1), 5.0, Estimate(1.5, 1.2, 2.0)).expected == pytest.approx(0, abs=1e-6)
