"""Units with several categories on both sides: what cannot be told from how many of them units have."""

from dataclasses import replace

import numpy as np
import pytest

from diptych.findings import agreement

ABC = ("A", "B", "C")
COLUMNS = ("X", "Y", "Z")


def sets(rng, names, n):
    return "".join(sorted(rng.choice(list(names), n, replace=False)))


def active(seed, n=400, *, together=True):
    """Units that take one or three categories of either side, each drawn by itself; as many on both, or not."""
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(n):
        many = rng.random(2) < 0.5
        r, c = (3 if m else 1 for m in (many[0], many[0] if together else many[1]))
        out.append((sets(rng, ABC, r), sets(rng, COLUMNS, c), 1))
    return out


def test_the_factor_is_the_mean_product_over_the_product_of_means(make_study):
    patterns = [("A", "X", 20), ("ABC", "XYZ", 20)]
    (found,) = agreement.find_activity(make_study(patterns, ABC, columns=COLUMNS))
    # (20 x 1 + 20 x 9) / 40 over (80 / 40)^2
    assert found.factor.value == pytest.approx(5 / 4)
    assert (found.n_rows, found.n_columns, found.n_units) == (20, 20, 40)
    assert found.is_clear


def test_its_interval_is_that_of_units_drawn_again(make_study):
    patterns = active(1)
    (found,) = agreement.find_activity(make_study(patterns, ABC, columns=COLUMNS))
    r, c = (np.array([len(p[side]) for p in patterns], float) for side in (0, 1))
    rng, factors = np.random.default_rng(2), []
    for _ in range(2000):
        i = rng.integers(0, len(r), len(r))
        factors.append((r[i] * c[i]).mean() / (r[i].mean() * c[i].mean()))
    assert np.log(found.factor.high / found.factor.low) / 3.92 == pytest.approx(np.std(np.log(factors)), rel=0.1)


def test_no_word_where_it_is_declared_or_one_side_has_one_each_or_it_is_harmless(make_study):
    patterns = active(1)
    study = make_study(patterns, ABC, columns=COLUMNS)
    declared = replace(study.tables.incidence, stratum_names=("activity",))
    numbers = replace(study.numbers, tables=replace(study.tables, incidence=declared))
    assert agreement.find_activity(replace(study, numbers=numbers)) == []
    single = [(a, c[:1], n) for a, c, n in patterns]
    assert agreement.find_activity(make_study(single, ABC, columns=COLUMNS)) == []
    harmless = [(a, c, 100) for a in ("A", "AB") for c in ("X", "XY")]
    assert agreement.find_activity(make_study([(a, c, 30 * n) for a, c, n in harmless], ABC, columns=COLUMNS)) == []
