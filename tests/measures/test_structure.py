"""Self share, crossings, spread, assortativity and Theil's U: by hand, by published examples, by other programs."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn import metrics

from diptych.cells import Refusal
from diptych.measures.structure import (
    STRUCTURE_HEADER,
    RowSpread,
    assortativity,
    evenness,
    gini,
    hhi,
    structure,
    structure_rows,
    uncertainty,
)
from tests.matrices.tiny import P, random_patterns, tiny, units_of

QUICK = settings(deadline=None, derandomize=True, max_examples=60)
rows = st.lists(st.integers(0, 40), min_size=2, max_size=8).map(lambda row: np.array(row, dtype=float))
squares = (
    st.integers(2, 5)
    .flatmap(lambda k: arrays(np.int64, (k, k), elements=st.integers(0, 30)))
    .map(lambda table: table.astype(float))
)

# Newman (2003), "Mixing patterns in networks", table I: couples by ethnicity, women down, men across.
COUPLES = np.array(
    [
        [0.258, 0.016, 0.035, 0.013],
        [0.012, 0.157, 0.058, 0.019],
        [0.013, 0.023, 0.306, 0.035],
        [0.005, 0.007, 0.024, 0.016],
    ]
)

# Eight single-labelled units: A to A 3, A to B 1, B to A 2, B to B 2.
EIGHT = (P("A", "A", 3), P("A", "B", 1), P("B", "A", 2), P("B", "B", 2))


def square(*patterns, rows="AB", **how):
    return tiny(*patterns, rows=rows, columns=rows, one=True, **how)


def category(found, name):
    return next(of for of in found.categories if of.category == name)


def test_single_labels_keep_or_cross():
    found = structure(square(*EIGHT))
    a = category(found, "A")
    assert (a.n_given, a.n_outcome) == (4, 5)
    assert (a.self_share, a.export_share, a.import_share) == (3 / 4, 1 / 4, 2 / 5)
    b = category(found, "B")
    assert (b.self_share, b.export_share, b.import_share) == (2 / 4, 2 / 4, 1 / 3)
    # 5 of 8 agree; the margins 4, 4 and 5, 3 would make half agree.
    assert found.assortativity == pytest.approx((5 / 8 - 1 / 2) / (1 / 2), abs=1e-15)
    assert found.n_both == 8


def test_reverse_exchanges_import_and_export():
    a = category(structure(square(*EIGHT), reverse=True), "A")
    assert (a.n_given, a.n_outcome) == (5, 4)
    assert (a.self_share, a.export_share, a.import_share) == (3 / 5, 2 / 5, 1 / 4)


def test_several_categories_may_keep_and_cross_and_none_does_neither():
    # Of the 4 units with given A: 2 reach A and B (keep and cross), 1 reaches A, 1 has no outcome category.
    found = structure(square(P("A", "AB", 2), P("A", "A", 1), P("A", "", 1), P("B", "A", 1), P("", "A", 3)))
    a = category(found, "A")
    assert (a.self_share, a.export_share) == (3 / 4, 2 / 4)
    # 7 units have outcome A; one comes from B; three have no given category, so come from nowhere else.
    assert (a.n_outcome, a.import_share) == (7, 1 / 7)
    assert found.assortativity == Refusal("2 units have several categories and would count several times")
    assert found.u_given == found.u_outcome == found.assortativity


def test_a_unit_given_two_categories_enters_each_from_the_other():
    found = structure(square(P("AB", "B", 1), P("B", "B", 3)))
    assert category(found, "A").export_share == 1
    assert category(found, "B").export_share == 0
    assert category(found, "B").import_share == 1 / 4
    assert found.assortativity == Refusal("one unit has several categories and would count several times")


def test_fractional_links_cross_by_their_parts():
    # A to AB: half stays, half crosses. AB to B: A has half a unit, all of it crosses to B.
    found = structure(square(P("A", "AB", 1), P("AB", "B", 1), fractional=True))
    a, b = category(found, "A"), category(found, "B")
    assert (a.n_given, a.self_share, a.export_share) == (1.5, 1 / 3, 2 / 3)
    assert (b.n_outcome, b.self_share, b.import_share) == (1.5, 1, 2 / 3)
    # The table is [[1/2, 1], [0, 1/2]]: every unit is one, in parts.
    assert found.assortativity == pytest.approx((1 / 2 - 0.75 * 0.25 * 2) / (1 - 0.75 * 0.25 * 2))
    assert isinstance(found.u_outcome, float)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("fractional", [False, True])
def test_crossings_equal_a_count_of_units_one_by_one(fractional, weighted):
    patterns = random_patterns(3, 40, rows="ABC", columns="ABC", weighted=weighted)
    found = structure(square(*patterns, rows="ABC", fractional=fractional))
    units = units_of(patterns, fractional=fractional)
    for name in "ABC":
        having = [unit for unit in units if name in unit.rows]
        whole = sum(float(unit.rows[name]) * unit.weight for unit in having)
        others = [[share for other, share in unit.columns.items() if other != name] for unit in having]
        parts = [sum(map(float, other)) if fractional else float(bool(other)) for other in others]
        crossing = sum(float(unit.rows[name]) * unit.weight * part for unit, part in zip(having, parts, strict=True))
        assert category(found, name).export_share == pytest.approx(crossing / whole, abs=1e-12)


def test_what_the_axes_do_not_share_is_refused_and_the_rest_given():
    found = structure(tiny(P("A", "X", 3), P("B", "Y", 1)))
    different = Refusal("the two axes carry different categories")
    a = category(found, "A")
    assert (a.self_share, a.import_share, a.export_share) == (different,) * 3
    assert a.n_outcome is None
    assert found.assortativity == different
    assert (found.u_outcome, found.u_given) == (1.0, 1.0)
    assert a.spread == RowSpread(1.0, 0.0, 1.0)


def test_axes_of_different_length():
    found = structure(tiny(P("A", "X", 2), P("A", "Y", 1), P("A", "Z", 1), rows="A", columns="XYZ"))
    assert category(found, "A").spread.hhi == (4 + 1 + 1) / 16
    assert found.u_given is None
    assert found.u_outcome == 0.0
    assert [
        of.category for of in structure(tiny(P("A", "X", 2), rows="A", columns="XYZ"), reverse=True).categories
    ] == [
        "X",
        "Y",
        "Z",
    ]


def test_a_trivial_diagonal_is_left_out_and_agreement_refused():
    found = structure(square(P("AB", "AB", 2), P("AC", "AC", 1), P("A", "A", 5), rows="ABC", trivial=True))
    a = category(found, "A")
    same = Refusal("both axes are the same items, so equal categories meet by construction")
    assert (a.self_share, a.import_share, a.export_share, found.assortativity, found.u_given) == (same,) * 5
    # Of what A meets besides itself two are B, one is C.
    assert a.spread.hhi == pytest.approx((4 + 1) / 9)


def test_categories_that_no_outcome_has_are_none_to_spread_over():
    # C exists on the given side alone, so A spreads over A and B evenly.
    found = structure(square(P("A", "A", 2), P("A", "B", 2), P("C", "B", 1), rows="ABC"))
    assert category(found, "A").spread == RowSpread(0.0, 1.0, 0.5)
    nothing = category(found, "B")
    assert (nothing.self_share, nothing.export_share, nothing.import_share) == (None, None, 1.0)
    assert nothing.spread == RowSpread(None, None, None)
    assert category(found, "C").import_share is None
    assert found.baseline.hhi == pytest.approx((4 + 9) / 25)


def test_no_units_at_all():
    found = structure(square())
    assert (found.assortativity, found.u_outcome, found.u_given, found.n_both) == (None, None, None, 0)
    assert found.baseline == RowSpread(None, None, None)


def test_rows_say_each_number_with_its_sizes_or_its_reason():
    out = structure_rows("left", structure(square(*EIGHT)))
    assert all(len(row) == len(STRUCTURE_HEADER) for row in out)
    assert out[0] == ("left", "A", "self_share", 0.75, 4.0, 5.0, None)
    assert out[12:15] == (
        ("left", None, "baseline_gini", pytest.approx(0.25), None, None, None),
        ("left", None, "baseline_evenness", pytest.approx(stats.entropy([5, 3], base=2)), None, None, None),
        ("left", None, "baseline_hhi", pytest.approx(34 / 64), None, None, None),
    )
    assert out[15] == ("left", None, "assortativity", pytest.approx(0.25), 8.0, 8.0, None)
    refused = structure_rows("left", structure(tiny(P("A", "X", 1))))
    assert refused[0] == (
        "left",
        "A",
        "self_share",
        None,
        1.0,
        None,
        "the two axes carry different categories",
    )


def test_the_page_names_every_quantity():
    page = (Path(__file__).parents[2] / "docs" / "structure.md").read_text(encoding="utf-8")
    quantities = {row[2] for row in structure_rows("left", structure(square(*EIGHT)))}
    assert {name for name in quantities if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("fractional", [False, True])
def test_shares_know_neither_declared_order_nor_doubled_units(fractional):
    patterns = random_patterns(8, 30, rows="ABC", columns="ABC")
    once = structure(square(*patterns, rows="ABC", fractional=fractional))
    twice = [p._replace(units=2 * p.units) for p in patterns]
    other = structure(square(*twice, rows="CAB", fractional=fractional))
    for name in "ABC":
        of, again = category(once, name), category(other, name)
        assert again.n_given == pytest.approx(2 * of.n_given)
        for share in ("self_share", "import_share", "export_share"):
            assert getattr(again, share) == pytest.approx(getattr(of, share), abs=1e-12)
        assert again.spread.gini == pytest.approx(of.spread.gini, abs=1e-12)
    if fractional:
        assert other.assortativity == pytest.approx(once.assortativity, abs=1e-12)
        assert other.u_given == pytest.approx(once.u_given, abs=1e-12)


@QUICK
@given(row=rows)
def test_gini_is_the_mean_difference_of_pairs(row):
    assume(row.sum())
    pairs = [abs(x - y) for x, y in itertools.permutations(row, 2)]
    assert gini(row) == pytest.approx(np.mean(pairs) / (2 * np.mean(row)), abs=1e-12)


@QUICK
@given(row=rows)
def test_evenness_and_hhi_by_other_arithmetic(row):
    assume(row.sum())
    assert evenness(row) == pytest.approx(stats.entropy(row, base=len(row)), abs=1e-12)
    draws = np.repeat(np.arange(len(row)), row.astype(int))
    assert hhi(row) == pytest.approx(np.mean(draws[:, None] == draws[None, :]), abs=1e-12)


@QUICK
@given(row=rows, times=st.integers(2, 9))
def test_spread_knows_neither_order_nor_scale(row, times):
    assume(row.sum())
    for of in (gini, evenness, hhi):
        assert of(row[::-1].copy()) == pytest.approx(of(row), abs=1e-12)
        assert of(row * times) == pytest.approx(of(row), abs=1e-12)


@pytest.mark.parametrize("k", [2, 3, 9])
def test_spread_at_its_ends(k):
    alone, even = np.eye(k)[0] * 7, np.full(k, 3.0)
    assert (gini(alone), evenness(alone), hhi(alone)) == (1, 0, 1)
    assert str(evenness(alone)) == "0.0"
    assert (gini(even), evenness(even), hhi(even)) == (0, pytest.approx(1), pytest.approx(1 / k))


def test_spread_of_nothing_is_undefined():
    for row in (np.zeros(4), np.array([5.0]), np.array([])):
        assert (gini(row), evenness(row), hhi(row)) == (None, None, None)


def test_assortativity_of_the_published_couples():
    # Newman prints 0.621, from entries with more digits than those of his table, which give 0.623.
    assert assortativity(COUPLES) == pytest.approx(0.621, abs=0.003)
    assert round(assortativity(COUPLES), 3) == 0.623


@QUICK
@given(table=squares)
def test_assortativity_and_u_equal_those_of_other_programs(table):
    assume(assortativity(table) is not None)
    graph = nx.MultiDiGraph()
    for (i, j), n in np.ndenumerate(table):
        ends = ((f"from{i}", i), (f"to{j}", j))
        for node, at in ends:
            graph.add_node(node, category=at)
        graph.add_edges_from([(ends[0][0], ends[1][0])] * int(n))
    by_graph = nx.attribute_assortativity_coefficient(graph, "category")
    assert assortativity(table) == pytest.approx(by_graph, abs=1e-9)
    given_labels, outcome_labels = np.repeat(np.indices(table.shape).reshape(2, -1), table.ravel().astype(int), axis=1)
    assert assortativity(table) == pytest.approx(metrics.cohen_kappa_score(given_labels, outcome_labels), abs=1e-9)
    if uncertainty(table) is not None:
        # Homogeneity: 1 - H(class | cluster) / H(class) (Rosenberg & Hirschberg 2007).
        homogeneity = metrics.homogeneity_score(outcome_labels, given_labels)
        assert uncertainty(table) == pytest.approx(homogeneity, abs=1e-9)


@QUICK
@given(table=squares)
def test_theil_by_entropies(table):
    assume(uncertainty(table) is not None)
    conditional = sum(row.sum() / table.sum() * stats.entropy(row) for row in table if row.sum())
    outcome = stats.entropy(table.sum(axis=0))
    assert uncertainty(table) == pytest.approx(1 - conditional / outcome, abs=1e-9)


@QUICK
@given(table=squares, seed=st.integers(0, 9))
def test_whole_panel_numbers_know_neither_order_nor_scale_nor_range(table, seed):
    order = np.random.default_rng(seed).permutation(len(table))
    shuffled = table[np.ix_(order, order)]
    for of, least in ((assortativity, -1), (uncertainty, 0)):
        value = of(table)
        if value is None:
            assert of(shuffled) is None
            continue
        assert least <= value <= 1
        assert of(shuffled) == pytest.approx(value, abs=1e-9)
        assert of(table * 3) == pytest.approx(value, abs=1e-9)


def test_whole_panel_numbers_at_their_ends():
    apart, unrelated = np.diag([3.0, 5.0, 2.0]), np.outer([1, 2, 3], [4, 1, 1]).astype(float)
    assert (assortativity(apart), uncertainty(apart)) == (1, pytest.approx(1))
    assert assortativity(unrelated) == pytest.approx(0, abs=1e-12)
    assert uncertainty(unrelated) == pytest.approx(0, abs=1e-12)
    assert assortativity(np.array([[0.0, 1.0], [1.0, 0.0]])) == -1
    # The column decides the row, the row not the column.
    one_way = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 2.0]])
    assert uncertainty(one_way.T) == pytest.approx(1)
    assert uncertainty(one_way) == pytest.approx(math.log(2) / stats.entropy([1, 1, 2]))
    alone = np.array([[7.0, 0.0], [0.0, 0.0]])
    assert (assortativity(alone), uncertainty(alone)) == (None, None)
