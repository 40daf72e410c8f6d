"""Pairs that most groups have are tested within groups."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from diptych.inference import InferenceSettings
from diptych.inference.within_groups import LEAST_GROUPS, sign_flip_p, within_groups
from diptych.panels import tables_of
from tests.draws import draws
from tests.matrices.tiny import P, tiny

ROWS, COLUMNS = "ABCDE", "VWXYZ"
ROW_SHARES, COLUMN_SHARES = np.array([0.3, 0.25, 0.2, 0.15, 0.1]), np.array([0.25, 0.3, 0.15, 0.2, 0.1])


@pytest.mark.parametrize("seed", range(6))
def test_tails_are_those_of_all_signs(seed):
    terms = np.random.default_rng(seed).standard_normal(14) * np.exp(
        np.random.default_rng(seed + 50).standard_normal(14)
    )
    terms += 0.5 * np.abs(terms)
    every = np.array(list(product((-1, 1), repeat=14))) @ np.abs(terms)
    exact = (np.abs(every) >= abs(terms.sum()) - 1e-12).mean()
    found = float(sign_flip_p(terms[:, None])[0])
    assert abs(np.log(found / exact)) < 0.6
    assert found >= 2.0**-13


def test_terms_of_one_sign_have_the_least_chance_that_signs_can_have():
    assert float(sign_flip_p(np.array([[1.0], [2.0], [5.0]]))[0]) == pytest.approx(0.25, rel=1e-3)
    assert float(sign_flip_p(np.zeros((3, 1)))[0]) == 1


def cities(rng, odds, *, n_groups=138, contrary=4):
    """Cities of log-normal size, one of which has a quarter of all; in each the odds of V are so many times as high for A.

    Each city has its own mix of rows and of columns; in `contrary` of them the odds are turned round.
    """
    weight = np.exp(1.2 * rng.standard_normal(n_groups))
    weight[0] = weight[1:].sum() / 3
    sizes = np.maximum(np.rint(weight / weight.sum() * n_groups * 45), 4).astype(int)
    against = set(rng.choice(n_groups, contrary, replace=False).tolist())
    counts = np.zeros((n_groups, 5, 5), dtype=np.int64)
    for g, size in enumerate(sizes):
        rows, columns = rng.dirichlet(8 * ROW_SHARES), rng.dirichlet(8 * COLUMN_SHARES)
        chance = np.outer(rows, columns)
        chance[0, 0] *= 1 / odds if g in against else odds
        chance[0] *= rows[0] / chance[0].sum()
        counts[g] = rng.multinomial(size, chance.ravel()).reshape(5, 5)
    group, row, column = np.nonzero(counts)
    units = counts[group, row, column]
    base = tiny(P("A", "V", 1, "g"), rows=ROWS, columns=COLUMNS, groups=True)
    return replace(
        base, row_sets=np.eye(5, dtype=bool)[row], column_sets=np.eye(5, dtype=bool)[column], units=units,
        weight=units.astype(float), weight_squared=units.astype(float), stratum=np.zeros(len(units), dtype=np.int64),
        group=group, n_groups=n_groups, groups=(),
    )  # fmt: skip


def test_a_contrast_of_134_of_138_unequal_cities_is_found():
    tables = [tables_of(cities(np.random.default_rng([77, k]), 2.0)) for k in range(draws(10, 100))]
    found = [bool(each.q_values(InferenceSettings())[0, 0] <= 0.05) for each in tables]
    assert np.mean(found) >= 0.9
    for each, hit in zip(tables, found, strict=True):
        assert (each.over_all(0.95).low[0, 0] > 1) == (each.over_all(0.95).p[0, 0] < 0.05) or not hit


@pytest.mark.parametrize(("n_groups", "seed"), [(138, 1), (20, 2)])
def test_of_unrelated_categories_of_unequal_cities_few_pairs_are_found(n_groups, seed):
    n = draws(20, 200)
    worlds = (cities(np.random.default_rng([seed, k]), 1.0, n_groups=n_groups) for k in range(n))
    false = sum(bool((tables_of(each).q_values(InferenceSettings()) <= 0.05).any()) for each in worlds)
    assert false <= 0.09 * n + 1


def test_pairs_are_judged_within_groups_only_where_most_groups_have_both():
    patterns = [P("A", "V", 3, f"g{k}") for k in range(LEAST_GROUPS)]
    patterns += [P(*pair, 2, f"g{k}") for k in range(LEAST_GROUPS) for pair in ("AW", "BV", "BW")]
    excess = np.ones((2, 2))
    some = tiny(*patterns, rows="AB", columns="VW", groups=True)
    found = within_groups(some, excess)
    assert found is not None
    assert found.pairs.tolist() == [[True, False], [False, True]]  # the others go together less often
    without = [P("B", "W", 4, f"h{k}") for k in range(LEAST_GROUPS + 1)]
    assert within_groups(tiny(*patterns, *without, rows="AB", columns="VW", groups=True), excess) is None
    fewer = [p for p in patterns if p.group != "g0"]
    assert within_groups(tiny(*fewer, rows="AB", columns="VW", groups=True), excess) is None
    assert within_groups(tiny(*patterns, rows="AB", columns="VW"), excess) is None
