"""V, its lower limit, and how far one column determines another, against independent computations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from diptych.contrib.choose import ranking
from diptych.contrib.choose.questions import profile_of
from diptych.contrib.choose.ranking import Ranking
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
def test_the_lower_limit_is_near_that_of_the_noncentral_chi_squared(n: int, strength: float, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    x = rng.integers(0, 3, n)
    y = np.where(rng.random(n) < strength, x, rng.integers(0, 3, n))
    raw = pd.DataFrame({"x": np.array(["a", "b", "c"])[x], "y": np.array(["u", "v", "w"])[y]})
    raw.to_csv(tmp_path / "t.csv", index=False)
    (pair,) = Ranking(profile_of(read_table(str(tmp_path / "t.csv")))).pairs
    chi2 = stats.chi2_contingency(pd.crosstab(x, y), correction=False).statistic
    grid = np.linspace(0, 3 * chi2 + 1, 20_000)
    kept = grid[stats.ncx2.sf(chi2, 4, np.maximum(grid, 1e-9)) >= 0.05]
    exact = 0.0 if not len(kept) or stats.chi2.sf(chi2, 4) > 0.05 else float(np.sqrt(kept.min() / (2 * n)))
    assert pair.low == pytest.approx(exact, abs=0.02)


def test_without_relation_few_limits_are_above_zero(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    columns = {
        f"{chr(97 + k // 26)}{chr(97 + k % 26)} topic": np.array(list("abcd"))[rng.integers(0, 3 + k % 2, 300)]
        for k in range(50)
    }
    pd.DataFrame(columns).to_csv(tmp_path / "t.csv", index=False)
    profile = profile_of(read_table(str(tmp_path / "t.csv")))
    single = [pair for pair in Ranking(profile).pairs if profile.questions[pair.a].form == "column"]
    above = sum(pair.low > 0 for pair in single)
    assert len(single) > 400
    assert above / len(single) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / len(single))


def test_the_same_rows_give_the_same_ranking_in_any_order(tmp_path: Path) -> None:
    raw = pd.read_csv(PUBLIC / "tables" / "attrition.csv", dtype=str)
    raw.sample(frac=1, random_state=3).to_csv(tmp_path / "attrition.csv", index=False)
    rankings = [
        Ranking(profile_of(read_table(str(folder / "attrition.csv")))) for folder in (PUBLIC / "tables", tmp_path)
    ]
    first, second = ([(pair.a, pair.b, round(pair.v, 6)) for pair in ranking.strongest()] for ranking in rankings)
    assert first == second


def test_too_many_answers_for_all_pairs_change_no_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = profile_of(read_table(str(PUBLIC / "tables" / "attrition.csv")))
    whole = Ranking(profile)
    monkeypatch.setattr(ranking, "_MOST_LEVELS", 0)
    single = Ranking(profile)
    assert single.pairs == []
    places = range(len(profile.questions))
    assert [single.pairs_of(place) for place in places] == [whole.pairs_of(place) for place in places]
