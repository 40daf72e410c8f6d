"""Measures and their intervals against SciPy, statsmodels, scikit-learn and networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn import metrics
from statsmodels.stats.contingency_tables import SquareTable, Table, Table2x2
from statsmodels.stats.proportion import confint_proportions_2indep

from diptych.stats.measures import MEASURES, interval
from diptych.stats.pairs import pairs_of
from tests.matrices.tiny import P, tiny

QUICK = settings(max_examples=40, deadline=None, derandomize=True)

# Both, only a, only b, neither.
full_tables = st.tuples(*[st.integers(1, 60)] * 4)
tables = st.tuples(*[st.integers(0, 9)] * 4)


def measured(name, table):
    both, only_a, only_b, _ = table
    totals = (both, both + only_a, both + only_b, sum(table))
    return float(MEASURES[name](*(np.array([[float(t)]]) for t in totals))[0, 0])


def square(table):
    return np.array(table).reshape(2, 2)


def ends_of(name, table, level=0.95):
    patterns = [P(*sets, n) for sets, n in zip((("A", "X"), ("A", ""), ("", "X"), ("", "")), table, strict=True) if n]
    ends = interval(MEASURES[name], pairs_of(tiny(*patterns, rows="A", columns="X")), 1 - level)
    return float(ends.low[0, 0]), float(ends.high[0, 0])


def with_margins(table):
    both, only_a, only_b, neither = table
    return min(both + only_a, only_b + neither, both + only_b, only_a + neither) > 0


def by_statsmodels(table):
    """Haldane and Anscombe add 1/2 to every cell; the library's own `shift_zeros` replaces empty cells alone."""
    return Table2x2(square(table) + (0 if min(table) else 0.5), shift_zeros=False)


@QUICK
@given(table=tables)
def test_ratios_equal_statsmodels(table):
    assume(with_margins(table))
    authority = by_statsmodels(table)
    assert measured("odds_ratio", table) == pytest.approx(authority.oddsratio, rel=1e-12)
    assert measured("relative_risk", table) == pytest.approx(authority.riskratio, rel=1e-12)


@QUICK
@given(table=st.tuples(*[st.integers(20, 400)] * 4))
def test_intervals_of_ratios_are_close_to_score_intervals(table):
    """Score intervals of both shares together (Miettinen and Nurminen 1985) are near the extremes over their region."""
    both, only_a, only_b, neither = table
    for name, compare in (("odds_ratio", "odds-ratio"), ("relative_risk", "ratio")):
        with np.errstate(all="ignore"):
            known = confint_proportions_2indep(
                both, both + only_a, only_b, only_b + neither, compare=compare, method="score", correction=False
            )
        distances = [abs(np.log(end / measured(name, table))) for end in known]
        found = [abs(np.log(end / measured(name, table))) for end in ends_of(name, table)]
        assert found == pytest.approx(distances, rel=0.1), name


def test_physicians_health_study():
    # Aspirin and myocardial infarction, Agresti (2002), Categorical Data Analysis, section 3.1: placebo 189 of
    # 11,034, aspirin 104 of 11,037; odds ratio 1.83 (1.44 to 2.33), relative risk 1.82 (1.43 to 2.30).
    table = (189, 11_034 - 189, 104, 11_037 - 104)
    assert measured("odds_ratio", table) == pytest.approx(1.832, abs=5e-4)
    assert ends_of("odds_ratio", table) == pytest.approx((1.440, 2.331), abs=3e-3)
    assert measured("relative_risk", table) == pytest.approx(1.818, abs=5e-4)
    assert ends_of("relative_risk", table) == pytest.approx((1.433, 2.306), abs=3e-3)


@QUICK
@given(table=full_tables)
def test_residuals_of_all_four_cells_equal_statsmodels(table):
    both, only_a, only_b, neither = table
    residuals = Table(square(table)).standardized_resids
    turned = [(both, only_a, only_b, neither), (only_a, both, neither, only_b), (only_b, neither, both, only_a)]
    assert [measured("standardized_residual", t) for t in turned] == pytest.approx(
        [residuals[0, 0], residuals[0, 1], residuals[1, 0]], abs=1e-9
    )
    # Its square is Pearson's chi-square without correction.
    assert measured("standardized_residual", table) ** 2 == pytest.approx(
        SquareTable(square(table), shift_zeros=False).test_nominal_association().statistic
    )


def indicators(table):
    return np.repeat([1, 1, 0, 0], table), np.repeat([1, 0, 1, 0], table)


@QUICK
@given(table=full_tables)
def test_indicators_equal_scikit_learn(table):
    a, b = indicators(table)
    assert measured("phi", table) == pytest.approx(metrics.matthews_corrcoef(a, b), abs=1e-12)
    assert measured("jaccard", table) == pytest.approx(metrics.jaccard_score(a, b), abs=1e-12)
    assert measured("conditional", table) == pytest.approx(metrics.recall_score(a, b), abs=1e-12)


@QUICK
@given(table=tables)
def test_jaccard_equals_networkx(table):
    both, only_a, only_b, _ = table
    assume(both)
    graph = nx.Graph()
    graph.add_nodes_from("ab", bipartite=0)
    graph.add_edges_from(("a", unit) for unit in range(both + only_a))
    graph.add_edges_from(("b", -unit - 1 if unit >= both else unit) for unit in range(both + only_b))
    assert measured("jaccard", table) == pytest.approx(next(nx.jaccard_coefficient(graph, [("a", "b")]))[2])


def test_every_choice_of_order_gives_the_same_table():
    # "None has a" in place of "has a" turns a ratio over and a signed measure's sign.
    table, other = (6, 4, 2, 8), (2, 8, 6, 4)
    for name, turned in {"odds_ratio": lambda v: 1 / v, "relative_risk": lambda v: 1 / v}.items():
        assert measured(name, other) == pytest.approx(turned(measured(name, table)))
    for name in ("phi", "difference", "standardized_residual"):
        assert measured(name, other) == pytest.approx(-measured(name, table))
