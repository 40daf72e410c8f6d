"""V, its lower limit, and how far one column determines another, against independent computations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from diptych.contrib.choose.questions import profile_of
from diptych.contrib.choose.ranking import Ranking, association
from diptych.contrib.choose.reading import read_table

from .conftest import PUBLIC


def corrected_v(table: pd.DataFrame) -> float:
    """Return Cramér's V with Bergsma's correction, from its formula."""
    n, (r, c) = table.to_numpy().sum(), table.shape
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    phi2 = max(0.0, chi2 / n - (r - 1) * (c - 1) / (n - 1))
    smaller = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return float(np.sqrt(phi2 / smaller))


@pytest.mark.parametrize("name", ["titanic", "penguins", "exercise", "attrition"])
def test_v_of_public_tables_is_that_of_the_formula(name: str) -> None:
    path = PUBLIC / "tables" / f"{name}.csv"
    profile = profile_of(read_table(str(path)))
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    ranking = Ranking(profile)
    compared = 0
    for pair in ranking.pairs:
        columns = [profile.columns[profile.questions[place].columns[0]] for place in (pair.a, pair.b)]
        if any(column.kind not in ("categories", "ordered") or column.n_missing for column in columns):
            continue
        if any(level.kind == "rest" for column in columns for level in column.levels):
            continue
        table = pd.crosstab(raw[columns[0].name], raw[columns[1].name])
        assert pair.v == pytest.approx(corrected_v(table), abs=1e-4)
        assert pair.n == len(raw)
        compared += 1
    assert compared


@pytest.mark.parametrize(("n", "strength"), [(200, 0.0), (200, 0.3), (3_000, 0.1), (3_000, 0.5)])
def test_the_lower_limit_is_near_that_of_the_noncentral_chi_squared(n: int, strength: float) -> None:
    rng = np.random.default_rng(5)
    x = rng.integers(0, 3, n)
    y = np.where(rng.random(n) < strength, x, rng.integers(0, 3, n))
    sets = [values[:, None] == np.arange(3) for values in (x, y)]
    _, low, _ = association(sets[0], sets[1], np.ones(n, dtype=np.float32))
    chi2 = stats.chi2_contingency(pd.crosstab(x, y), correction=False).statistic
    grid = np.linspace(0, 3 * chi2 + 1, 20_000)
    kept = grid[stats.ncx2.sf(chi2, 4, np.maximum(grid, 1e-9)) >= 0.05]
    exact = 0.0 if not len(kept) or stats.chi2.sf(chi2, 4) > 0.05 else float(np.sqrt(kept.min() / (2 * n)))
    assert low == pytest.approx(exact, abs=0.02)


def test_without_relation_few_limits_are_above_zero() -> None:
    rng = np.random.default_rng(11)
    above = 0
    for _ in range(400):
        sets = [rng.integers(0, k, 300)[:, None] == np.arange(k) for k in (3, 4)]
        above += association(sets[0], sets[1], np.ones(300, dtype=np.float32))[1] > 0
    assert above / 400 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_the_same_rows_give_the_same_ranking_in_any_order(tmp_path: Path) -> None:
    raw = pd.read_csv(PUBLIC / "tables" / "attrition.csv", dtype=str)
    raw.sample(frac=1, random_state=3).to_csv(tmp_path / "attrition.csv", index=False)
    rankings = [
        Ranking(profile_of(read_table(str(folder / "attrition.csv")))) for folder in (PUBLIC / "tables", tmp_path)
    ]
    first, second = ([(pair.a, pair.b, round(pair.v, 6)) for pair in ranking.strongest()] for ranking in rankings)
    assert first == second
