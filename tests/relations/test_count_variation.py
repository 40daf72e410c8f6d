"""Counts that vary more than counts of independent units do: Dean's test, and rows that are then groups."""

from __future__ import annotations

import io
import itertools
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from diptych.cells import Dispersion
from diptych.config.loading import load_config
from diptych.pipeline.counting import count_all
from diptych.relations.dependence import variation
from diptych.stats.measures import MEASURES, interval
from diptych.stats.pairs import pairs_of

TABLE = "id,r,c,n\n" + "".join(
    f"{number},{row},{column},{n}\n"
    for number, (row, column, n) in enumerate(
        [
            ("A", "X", 14), ("A", "X", 1), ("A", "X", 30), ("A", "Y", 0), ("A", "Y", 22),
            ("B", "X", 3), ("B", "X", 40), ("B", "Y", 9), ("B", "Y", 9), ("B", "Y", 28),
        ]
    )
)  # fmt: skip
PLACES = (
    "\n".join(f"{line},{place}" for line, place in zip(TABLE.splitlines(), ["place", *"pqpqppqqpq"], strict=True))
    + "\n"
)
"""The same rows, each of which was counted in one of two places."""
DRAWN = "id,r,c,n\n" + "".join(
    f"{number},{row},{column},{n}\n"
    for number, (row, column, n) in enumerate(
        [
            ("A", "X", 9), ("A", "X", 2), ("A", "X", 14), ("A", "X", 30), ("A", "Y", 12),
            ("B", "X", 5), ("B", "Y", 6), ("B", "Y", 0), ("B", "Y", 21), ("B", "Y", 28),
        ]
    )
)  # fmt: skip
"""Rows that seem to have been sampled: their number varies over pairs."""
CALM = (
    TABLE.replace(",14", ",15")
    .replace(",1\n", ",13\n")
    .replace(",30", ",14")
    .replace(",40", ",5")
    .replace(",28", ",12")
    .replace(",0\n", ",20\n")
)
CONFIG = """\
version: 1
report: {title: Counts}
relations:
  seen:
    records:
      source: t.csv
      label: person
      rows: {column: r, label: Kind}
      columns: {column: c, label: Place}
      count: n
      MORE
    KEYS
outputs: [OUTPUTS]
"""


def project(folder, table=TABLE, more="", keys="", outputs="data"):
    config = CONFIG.replace("MORE", more).replace("KEYS", keys).replace("OUTPUTS", outputs)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "t.csv").write_text(table)
    (folder / "config.yaml").write_text(config)
    return folder / "config.yaml"


def counted(config):
    return count_all(load_config(config)).relations["seen"]


def by_cells(frame, cells=("r", "c")):
    """Return number, sum and sum of squares of the counts of each cell."""
    of = frame.groupby(list(cells))["n"]
    return [np.asarray(values, dtype=float) for values in (of.size(), of.sum(), of.agg(lambda n: (n**2).sum()))]


def test_the_numerator_is_deans_adjusted_score_of_a_poisson_regression():
    """Dean (1992): the sum of (y - m)^2 - y + h m over rows, m and h fitted means and leverages."""
    frame = pd.read_csv(io.StringIO(TABLE))
    design = pd.get_dummies(frame["r"] + frame["c"], dtype=float)
    fit = sm.GLM(frame["n"], design, family=sm.families.Poisson()).fit(tol=1e-14)
    mean, leverage = fit.fittedvalues, fit.get_influence().hat_matrix_diag
    numerator = ((frame["n"] - mean) ** 2 - frame["n"] + leverage * mean).sum()
    m, total, _ = by_cells(frame)
    variance = (2 * (m - 1) * total * (total - 1) / m**2).sum()
    found = variation(*by_cells(frame), is_drawn=False)
    assert found.score == pytest.approx(numerator / math.sqrt(variance), rel=1e-7)
    assert found.index == pytest.approx(((frame["n"] - mean) ** 2).sum() / ((m - 1) * total / m).sum(), rel=1e-7)
    assert found.n_cells == 4


def test_its_variance_is_that_of_all_ways_to_give_a_total_to_rows():
    """Given the total, each unit of a cell is in any of its rows by the same chance."""
    m, total = 3, 5
    scores = []
    for of_unit in itertools.product(range(m), repeat=total):
        n = np.bincount(of_unit, minlength=m)
        scores.append(variation(*np.array([[m], [total], [n @ n]], dtype=float), is_drawn=False).score)
    assert np.mean(scores) == pytest.approx(0, abs=1e-8)
    assert np.var(scores) == pytest.approx(1, rel=1e-8)


@pytest.mark.parametrize(("m", "total", "squares"), [([1, 1], [5, 9], [25, 81]), ([2], [0], [0]), ([3], [1], [1])])
def test_without_replicates_nothing_can_be_tested(m, total, squares):
    assert variation(*np.array([m, total, squares], dtype=float), is_drawn=False) is None


def test_the_engine_gives_the_cells_of_the_table_rows_of_nobody_included(tmp_path):
    found = counted(project(tmp_path)).tally
    assert found.variation == variation(*by_cells(pd.read_csv(io.StringIO(TABLE))), is_drawn=found.variation.is_drawn)
    assert found.dispersion == Dispersion(found.variation.index, found.variation.freedom)
    assert not found.as_groups
    assert found.n_rows == 9


def test_the_dispersion_is_that_of_a_quasi_poisson_regression_by_totals():
    """Equal means: the chi-square of Pearson over its degrees of freedom, as statsmodels has it."""
    frame = pd.DataFrame({"r": list("AABB"), "c": list("XXYY"), "n": [14, 6, 1, 19]})
    design = pd.get_dummies(frame["r"], dtype=float)
    fit = sm.GLM(frame["n"], design, family=sm.families.Poisson()).fit(scale="X2")
    found = variation(*by_cells(frame), is_drawn=False)
    assert (found.index, found.freedom) == (pytest.approx(fit.scale), pytest.approx(fit.df_resid))


def test_a_dispersion_multiplies_variances_alone(tmp_path):
    """Values stay as they are; intervals of shares are Wilson's for so many times fewer trials, with t."""
    found, calm = counted(project(tmp_path / "own")), counted(project(tmp_path / "calm", more="independent: true"))
    dispersion = found.tally.dispersion
    own, plain = found.tables.incidence, calm.tables.incidence
    assert (own.weight == plain.weight).all()
    assert own.weight_squared == pytest.approx(dispersion.factor * plain.weight_squared)
    assert own.group is None
    joint, whole = (
        int(plain.units[plain.row_sets[:, 0] & plain.column_sets[:, 0]][0]),
        int(plain.units @ plain.row_sets[:, 0]),
    )
    effective = whole / dispersion.factor * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, dispersion.freedom)) ** 2
    # The variance of a share has n / (n - 1), as that of any linearised measure.
    low, high = proportion_confint(joint / whole * effective, effective, method="wilson")
    cell = measured(own).low[0, 0], measured(own).high[0, 0]
    assert cell == pytest.approx((low, high), abs=0.01)


def measured(incidence):
    """Return the intervals of the shares of columns in rows."""
    return interval(MEASURES["conditional"], pairs_of(incidence), 0.05)


def test_rows_that_differ_in_another_column_are_no_replicates(tmp_path):
    """A collapsed table, one row for each way in which all of its columns go together, is not judged by its rows."""
    lines = [
        f"{r},{c},{sex},{age},{n}"
        for n, (r, c, sex, age) in enumerate(itertools.product("AB", "XY", ["man", "woman"], ["child", "adult"]), 1)
    ]
    table = "r,c,sex,age,n\n" + "\n".join(f"{line}" for line in lines) + "\n"
    found = counted(project(tmp_path, table.replace(",16\n", ",900\n")))
    assert (found.tally.variation, found.tally.as_groups, found.tally.dispersion) == (None, False, None)
    assert found.tables.incidence.plain
    [note] = [note.message for note in found.notes if note.slug == "counts_per_row"]
    assert "rows with the same labels differ in sex, age, so this cannot be tested" in note


def test_strata_part_cells(tmp_path):
    found = counted(project(tmp_path, PLACES, keys="strata: [place]")).tally
    expected = variation(*by_cells(pd.read_csv(io.StringIO(PLACES)), ("r", "c", "place")), is_drawn=False)
    assert found.variation.score == pytest.approx(expected.score)


def test_rows_as_groups_are_what_their_ids_declare(tmp_path):
    """Each row is a group of its own; their names are not published."""
    own, declared = (
        counted(project(tmp_path / name, DRAWN, keys=keys)) for name, keys in (("own", ""), ("by id", "group: [id]"))
    )
    assert own.tally.as_groups
    first, second = own.tables.incidence, declared.tables.incidence
    assert (first.n_groups, first.group_names) == (9, ("row",))
    for name in ("row_sets", "column_sets", "units"):
        assert (getattr(first, name) == getattr(second, name)).all()
    assert all(name.startswith("[group #") for name in first.groups)
    assert declared.tally.variation is None


@pytest.mark.parametrize(
    ("table", "more", "keys", "said"),
    [
        (DRAWN, "", "", "so the people of one row are taken as a group"),
        (TABLE, "", "", "all variances are multiplied by this (quasi-Poisson)"),
        (CALM, "", "", None),
        (TABLE, "independent: true", "", None),
        (PLACES, "", "group: [place]", None),
    ],
)
def test_what_is_declared_wins(table, more, keys, said, tmp_path):
    config = project(tmp_path, table, more, keys)
    found = counted(config)
    notes = [note.message for note in found.notes if note.slug in ("counts_per_row", "dispersion", "rows_as_groups")]
    assert [said in note for note in notes] == ([] if said is None else [True])
    n_groups = found.tables.incidence.n_groups
    assert n_groups == (9 if table is DRAWN else 2 if keys else None)
    assert (found.tables.incidence.dispersion is not None) == (table is TABLE and not more)


def test_rows_that_seem_sampled_are_groups_even_if_their_counts_vary_little(tmp_path):
    """Of a layout each pair has as many rows as its margins give; of a sample it has more or fewer."""
    rng = np.random.default_rng(2)
    rows, columns = rng.integers(0, 5, (2, 150))
    lines = [f"{i},R{r},C{c},p,6" for i, (r, c) in enumerate(zip(rows, columns, strict=True))]
    found = counted(project(tmp_path, "id,r,c,place,n\n" + "\n".join(lines) + "\n")).tally.variation
    assert (found.is_drawn, found.is_excessive) == (True, False)
    layout = [f"{i},R{i % 5},C{i // 5 % 5},p,6" for i in range(150)]
    found = counted(project(tmp_path, "id,r,c,place,n\n" + "\n".join(layout) + "\n")).tally
    assert not found.as_groups
