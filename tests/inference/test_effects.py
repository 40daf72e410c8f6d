"""Design effects and effective units, by hand and against a cluster-robust regression."""

import numpy as np
import pytest
import statsmodels.api as sm

from diptych.inference.totals import design_effect
from tests.matrices.tiny import P, random_patterns, tiny


def agreement(incidence):
    """Whether units have the first row category (part) among all (whole)."""
    return incidence.row_sets[:, 0].astype(float), np.ones(len(incidence.units))


def test_groups_that_agree_within_are_worth_one_unit_each():
    # Four groups of five units, all alike within: the share varies as that of 4 units, not of 20.
    incidence = tiny(*(P("A" if k % 2 else "B", "X", 5, f"g{k}") for k in range(4)), groups=True)
    # sum over groups of (5 e)^2 * 4/3 against sum over units of e^2 * 20/19: 5 * (4/3) / (20/19).
    assert design_effect(*agreement(incidence), incidence) == pytest.approx(5 * (4 / 3) / (20 / 19))


def test_groups_as_mixed_as_all_vary_less():
    incidence = tiny(*(P(rows, "X", 2, f"g{k}") for k in range(4) for rows in "AB"), groups=True)
    assert design_effect(*agreement(incidence), incidence) == 0


def test_it_is_the_ratio_of_cluster_robust_variances():
    incidence = tiny(*random_patterns(4, 200, n_groups=25), groups=True)
    part, whole = agreement(incidence)
    times = incidence.units
    y, groups = np.repeat(part, times), np.repeat(incidence.group, times)
    model = sm.OLS(y, np.ones(len(y)))
    clustered = model.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}).cov_params()
    alone = model.fit(cov_type="HC0").cov_params()
    n_groups, n = incidence.n_groups, len(y)
    expected = clustered[0, 0] / alone[0, 0] * (n_groups / (n_groups - 1)) / (n / (n - 1))
    assert design_effect(part, whole, incidence) == pytest.approx(expected)


@pytest.mark.parametrize(
    "incidence",
    [
        tiny(P("A", "X", 5), P("B", "X", 5)),
        tiny(P("A", "X", 5, "g"), P("B", "X", 5, "g"), groups=True),
        tiny(P("A", "X", 5, "g"), P("A", "X", 5, "h"), groups=True),
    ],
    ids=["no groups", "one group", "all agree"],
)
def test_none_where_there_is_nothing_to_compare(incidence):
    assert design_effect(*agreement(incidence), incidence) is None


def test_effective_units_of_weights():
    # (1 + 1 + 2)^2 / (1 + 1 + 4) = 16 / 6.
    weighted = tiny(P("A", "X", 2, weights=(1.0, 2.0)), P("B", "X", 1, weights=(1.0,)))
    assert weighted.effective_units == pytest.approx(16 / 6)
    assert weighted.worth_of_one == pytest.approx(4 / 6)
    plain = tiny(P("A", "X", 7))
    assert (plain.effective_units, plain.worth_of_one) == (7, 1)
