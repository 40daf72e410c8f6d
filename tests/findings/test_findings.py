"""Each kind of finding on data whose numbers are counted by hand, and where it must stay silent."""

import math
from dataclasses import replace

import pytest
from scipy import stats

from diptych.cells import Cell, Kind, Panel, Unit
from diptych.findings import (
    agreement,
    asymmetry,
    composition,
    diagonal,
    heterogeneity,
    kinds,
    population,
    published,
    reversal,
    story,
    surprises,
)
from diptych.findings.finders import find_all
from diptych.findings.finding import Finding, slug
from diptych.inference import InferenceSettings
from diptych.measures import MEASURES
from tests.cells import whole_cells

ABC = ("A", "B", "C")
# 40 of A with A, 10 of A with B, 30 of B with B, 20 of C with C
PLAIN = [("A", "A", 40), ("A", "B", 10), ("B", "B", 30), ("C", "C", 20)]


def test_population_counts_units_and_sizes_largest_first(make_study):
    (found,) = population.find_population(make_study(PLAIN, ("A", "B", "C", "D")))
    assert (found.n_units, found.n_candidates) == (100, 125)
    assert [(size.category, size.n, size.share) for size in found.sizes] == [
        ("A", 40, 0.4),
        ("B", 40, 0.4),
        ("C", 20, 0.2),
    ]
    assert found.absent == ("D",)
    assert found.several == (0, 0)


def test_population_tells_few_units_from_few_groups(make_study):
    patterns = [
        ("A", "A", 5, "", "g1"),
        ("A", "A", 5, "", "g2"),
        ("B", "B", 12, "", "g1"),
        ("C", "C", 2, "", "g2"),
        ("A", "A", 9, "", "g3"),
    ]
    (found,) = population.find_population(make_study(patterns, ABC, groups=True, minimum=10))
    assert [size.category for size in found.few_units] == ["C"]
    assert [size.category for size in found.few_groups] == ["B"]  # 12 units, all of one group


def test_population_counts_units_with_several_categories(make_study):
    (found,) = population.find_population(make_study([("AB", "A", 3), ("A", "AC", 4), ("A", "A", 1)], ABC))
    assert found.several == (3, 4)


def test_gaps_rank_the_categories_of_the_unit_and_name_what_is_lost(make_study):
    (found,) = population.find_gaps(make_study(PLAIN, ABC))
    assert [(part.category, part.share) for part in found.parts] == [("A", 0.5), ("B", 0.5), ("C", 0.5)]
    assert not found.uneven
    assert (found.n_unresolved, found.n_names) == (50, 1)
    assert (found.other_items, found.other_linked) == (60, 45)


def test_agreement_counts_equal_sets_and_where_the_others_go(make_study):
    (found,) = agreement.find_agreement(make_study([*PLAIN, ("AB", "AB", 7), ("AB", "A", 3), ("", "A", 50)], ABC))
    # 40 + 30 + 20 + 7 agree of 110 labelled on both sides; 10 (A, B) and 3 (AB, A) differ
    assert (found.n_agree, found.n_labelled, found.n_differ) == (97, 110, 13)
    assert found.share.value == pytest.approx(97 / 110)
    assert (found.pivot, found.n_pivot) == ("A", 13)


def test_agreement_knows_what_chance_would_make_of_it(make_study):
    # 50 of 100 rows and 40 of 100 columns are A: 0.5 x 0.4 + 0.5 x 0.6.
    patterns = [("A", "A", 40), ("A", "B", 10), ("B", "B", 50), ("A", "", 30)]
    (found,) = agreement.find_agreement(make_study(patterns, ABC))
    assert found.by_chance == pytest.approx(0.5)
    # All of one stratum is A, and of the other rows are AB and A, columns AB.
    strata = [("A", "A", 30, "s"), ("AB", "AB", 10, "t"), ("A", "AB", 10, "t")]
    (found,) = agreement.find_agreement(make_study(strata, ABC, strata=True))
    assert found.in_strata == pytest.approx((30 + 20 * (0.5 * 1)) / 50)
    # Over all units 30 of 50 rows and columns are A, 10 rows and 20 columns AB, 10 rows A.
    assert found.by_chance == pytest.approx(((40 / 50) * (30 / 50)) + (10 / 50) * (20 / 50))
    assert found.expected == found.in_strata
    assert found.kappa.value == pytest.approx((40 / 50 - found.in_strata) / (1 - found.in_strata))


def test_agreement_is_silent_without_a_common_taxonomy(make_study):
    assert agreement.find_agreement(make_study([("A", "X", 9)], ABC, columns=("X", "Y"))) == []


def test_diagonal_separates_rows_that_lead_from_those_that_do_not(make_study):
    (left, right) = diagonal.find_diagonal(
        make_study([("A", "A", 4), ("A", "B", 6), ("B", "B", 9), ("B", "A", 1)], ABC)
    )
    assert [(cell.given, cell.value) for cell in left.leading] == [("B", 0.9)]
    assert [(cell.given, cell.outcome, cell.value) for cell in left.others] == [("A", "B", 0.6)]
    assert (left.id, right.id) == ("diagonal.left", "diagonal.right")


def test_no_cell_of_a_row_leads_in_a_tie(make_study):
    left, _ = diagonal.find_diagonal(make_study([("A", "A", 5), ("A", "B", 5)], ABC))
    assert (left.leading, left.others, left.tied) == ((), (), ("A",))


def test_crossings_list_what_reaches_the_threshold_and_count_the_rest(make_study):
    left, _ = diagonal.find_crossings(make_study([("A", "A", 70), ("A", "B", 25), ("A", "C", 5), ("B", "B", 9)], ABC))
    assert [(cell.given, cell.outcome, cell.value) for cell in left.listed] == [("A", "B", 0.25)]
    assert left.n_below == 1
    assert not left.null


def test_crossings_are_null_where_nothing_reaches_it(make_study):
    left, _ = diagonal.find_crossings(make_study([("A", "A", 9), ("B", "B", 9)], ABC))
    assert (left.null, left.n_below) == (True, 0)


def test_agreement_of_units_with_several_categories_is_told_by_how_often_equal_ones_meet(make_study):
    # Nobody has all alike; each of A, B and C meets itself 40 times.
    patterns = [("AB", "BC", 40), ("BC", "AC", 40), ("AC", "AB", 40), ("A", "B", 3), ("C", "A", 2)]
    (found,) = agreement.find_agreement(make_study(patterns, ABC))
    assert (found.share.value, found.shows, found.n_equal) == (0, False, 120)
    sizes = {"A": (83, 82), "B": (80, 83), "C": (82, 80)}
    assert found.times == pytest.approx(120 / sum(a * b / 125 for a, b in sizes.values()))
    (alike,) = agreement.find_agreement(make_study([("A", "A", 30), ("B", "B", 20), ("A", "B", 5)], ABC))
    assert (alike.shows, alike.n_equal) == (True, 50)


def test_agreement_that_strata_foresee_leaves_nothing_to_test(make_study):
    patterns = [("A", "A", 50, "one"), ("B", "B", 50, "two")]
    (found,) = composition.find_composition(make_study(patterns, ABC, strata=True))
    # 50 of 100 are expected on the diagonal by the totals, all 100 within strata
    assert (found.observed, found.expected, found.expected_within) == (100, 50, 100)
    assert found.beyond
    # and leave no room, so that within them nothing can be told
    assert (found.reached, found.confined) == (None, ("A", "B"))
    assert found.lasting == found.faded == found.unsure == ()


def test_composition_leaves_what_holds_within_a_stratum(make_study):
    patterns = [("A", "A", 30, "one"), ("B", "B", 90, "one")]
    (found,) = composition.find_composition(make_study(patterns, ABC, strata=True))
    assert not found.beyond
    assert [(change.category, change.lift_within, change.odds.high) for change in found.lasting] == [
        ("A", 4, None),
        ("B", pytest.approx(4 / 3), None),
    ]
    assert found.reached.value == pytest.approx(1)


def test_a_ratio_at_its_ceiling_is_no_agreement_that_fades(make_study):
    """Text in the catalogue: the ratio falls from 9.8 to 1.3, and 1.3 is all that its package leaves room for."""
    cells = [("N", "N", 392), ("N", "M", 39), ("M", "N", 1), ("M", "M", 124)]
    patterns = [*((*cell, "mteb") for cell in cells), ("C", "C", 3700, "timm")]
    (found,) = composition.find_composition(make_study(patterns, ("M", "N", "C"), strata=True))
    (change,) = [change for change in found.lasting if change.category == "N"]
    assert (change.lift, change.lift_within) == (pytest.approx(9.85, abs=0.01), pytest.approx(1.287, abs=0.001))
    assert change.most / change.expected_within == pytest.approx(1.290, abs=0.001)
    assert change.odds.value == pytest.approx(392 * 124 / 39)
    assert change.odds.low > 100
    assert (change.n_telling, found.n_strata) == (1, 2)
    assert found.faded == found.unsure == ()
    assert found.confined == ("C",)
    assert found.reached.value > 0.9
    assert change.is_large
    assert change.n_informative == 1


def test_strata_fill_what_hardly_agrees_within_them(make_study):
    # Packages of one category each, but for a hundred units in either, in which the categories hardly meet by more.
    tables = {"one": (160, 16, 16, 4), "two": (4, 16, 16, 160)}
    sets = [("A", "A"), ("A", "B"), ("B", "A"), ("B", "B")]
    patterns = [(*pair, n, name) for name, table in tables.items() for pair, n in zip(sets, table, strict=True)]
    study = make_study(patterns, ABC, strata=True)
    (found,) = composition.find_composition(study)
    assert found.beyond
    assert found.reached.value == pytest.approx((328 - found.expected_within) / (392 - found.expected_within), rel=0.05)
    assert found.reached.high < 0.5


def test_composition_has_intervals(make_study):
    # Package "one" is mostly A, "two" mostly B, and in both A goes with A and B with B a little more than by chance.
    tables = {"one": (640, 64, 64, 32), "two": (32, 64, 64, 640)}
    sets = [("A", "A"), ("A", "B"), ("B", "A"), ("B", "B")]
    patterns = [(*pair, n, name) for name, table in tables.items() for pair, n in zip(sets, table, strict=True)]
    (found,) = composition.find_composition(make_study(patterns, ABC, strata=True))
    assert (found.observed, found.expected) == (1344, 800)
    # 704 * 704 / 800 + 96 * 96 / 800 agree by chance in either package.
    assert found.expected_within == pytest.approx(2 * (704**2 + 96**2) / 800)
    assert [change.category for change in found.lasting] == ["A", "B"]
    assert [change.odds.value for change in found.lasting] == [pytest.approx(640 * 32 / 64**2)] * 2
    assert all(1 < change.odds.low < change.odds.value < change.odds.high for change in found.lasting)
    assert not found.null


def test_composition_is_not_sure_of_what_few_units_leave(make_study, monkeypatch):
    monkeypatch.setattr(composition, "MIN_EXPECTED", 0.2)
    # "one" is all B; in "two" 2 of A have A where 5 x 4 / 24 are expected, which may be chance.
    patterns = [("A", "A", 2, "two"), ("A", "C", 3, "two"), ("C", "A", 2, "two"), ("C", "C", 17, "two")]
    study = make_study([("B", "B", 60, "one"), *patterns], ABC, strata=True)
    (found,) = composition.find_composition(study)
    assert [
        (change.category, change.odds.value, change.odds.low < 1 < change.odds.high) for change in found.unsure
    ] == [
        ("A", pytest.approx(2 * 17 / 6), True),
        ("C", pytest.approx(2 * 17 / 6), True),
    ]
    assert found.confined == ("B",)
    assert found.lasting == found.faded == ()


def test_what_holds_within_strata_holds_with_all_that_are_looked_at(make_study, monkeypatch):
    """Of three categories that can tell, A is sure alone (above 1.16) and not at a level shared by three (0.81)."""
    monkeypatch.setattr(composition, "MIN_EXPECTED", 0.1)
    patterns = [("A", "A", 3), ("A", "C", 6), ("C", "A", 6), ("C", "C", 30), ("B", "B", 40)]
    study = make_study(
        [*((*pattern, "two") for pattern in patterns), ("B", "B", 60, "one")],
        ABC,
        strata=True,
    )
    (found,) = composition.find_composition(study)
    (unsure,) = found.unsure
    assert unsure.category == "A"
    assert unsure.odds.low == pytest.approx(1.157, abs=0.001)
    assert {change.category for change in found.lasting} == {"B", "C"}


def test_composition_tells_where_little_is_left(make_study):
    even = [(row, column, 25, "two") for row in "AB" for column in "AB"]
    (found,) = composition.find_composition(make_study([("A", "A", 100, "one"), *even], ABC, strata=True))
    assert [(change.category, change.odds.value) for change in found.faded] == [("B", 1), ("A", 1)]


def test_no_composition_where_agreement_is_not_beyond_chance(make_study):
    even = [(row, column, 25, "one") for row in "AB" for column in "AB"]
    (found,) = composition.find_composition(make_study(even, ABC, strata=True))
    assert (found.null, found.reached) == (True, None)
    barely = [("A", "A", 26, "one"), ("A", "B", 25, "one"), ("B", "A", 25, "one"), ("B", "B", 25, "one")]
    (found,) = composition.find_composition(make_study(barely, ABC, strata=True))
    assert found.null
    assert composition.find_composition(make_study(even, ABC)) == []


def test_surprises_are_judged_within_strata(make_study):
    # "one" is all A and mostly X, "two" all B and mostly Y: over all units A goes with X, within packages nothing does.
    patterns = [("A", "X", 80, "one"), ("A", "Y", 20, "one"), ("B", "X", 20, "two"), ("B", "Y", 80, "two")]
    how = {"columns": ("X", "Y"), "unit": "record"}
    (plain,) = surprises.find(make_study(patterns, ("A", "B"), **how))
    (within,) = surprises.find(make_study(patterns, ("A", "B"), strata=True, **how))
    assert (plain.basis, plain.n_above, within.basis, within.n_tested, within.null) == ("all", 2, "strata", 0, True)


def test_a_pair_within_strata_has_both_ratios(make_study):
    # In either package 40 of 50 A have X where 25 are expected.
    block = [("A", "X", 40), ("A", "Y", 10), ("B", "X", 10), ("B", "Y", 40)]
    patterns = [(*part, name) for name in ("one", "two") for part in block] + [("A", "Y", 100, "three")]
    (found,) = surprises.find(make_study(patterns, ("A", "B"), strata=True, columns=("X", "Y"), unit="record"))
    pair = next(pair for pair in found.above if pair.given == "A")
    assert (pair.outcome, pair.n_joint, pair.expected, pair.ratio.value) == ("X", 80, 50, 1.6)
    assert pair.overall == pytest.approx(80 * 300 / (200 * 100))
    assert pair.ratio.low > 1
    assert pair.q_value < 1e-6


def test_asymmetry_is_exactly_the_ratio_of_sizes(make_study):
    (found,) = asymmetry.find(make_study(PLAIN, ABC))
    assert found.largest_error < 1e-12
    assert found.n_compared == 4
    a, b = found.left_cell, found.right_cell
    assert (a.given, a.outcome) == (b.outcome, b.given)
    assert a.value / b.value == pytest.approx(a.n_outcome / a.n_given)


def test_isolation_is_told_apart_from_a_stratum_that_records_nothing_else(make_study):
    patterns = [("A", "A", 30, "one"), ("B", "C", 9, "two"), ("B", "B", 20, "two"), ("C", "C", 5, "two")]
    (found,) = diagonal.find_isolation(make_study(patterns, ABC, strata=True))
    assert (found.category, found.n, found.self_share) == ("A", 30, 1)
    assert (found.stratum, found.stratum_alone) == ("one", True)


def test_isolation_within_a_shared_stratum_is_isolation(make_study):
    patterns = [("A", "A", 30, "one"), ("B", "C", 9, "one"), ("B", "B", 20, "one"), ("C", "C", 5, "one")]
    (found,) = diagonal.find_isolation(make_study(patterns, ABC, strata=True))
    assert (found.category, found.stratum, found.stratum_alone) == ("A", "one", False)


def test_isolation_is_null_where_every_category_crosses_or_is_too_few(make_study):
    (found,) = diagonal.find_isolation(make_study([("A", "B", 30), ("B", "A", 30), ("C", "C", 2)], ABC, minimum=10))
    assert found.null


def test_concentration_names_an_item_that_many_units_have(make_study):
    (found,) = population.find_concentration(make_study(PLAIN, ABC, items=[("X", 25), ("Y", 4)]))
    assert (found.item, found.n_units, found.share, found.n_item_sets, found.null) == ("X", 25, 0.25, 3, False)
    (found,) = population.find_concentration(make_study(PLAIN, ABC, items=[("X", 19)]))
    assert found.null


def test_surprises_of_both_sides(make_study):
    patterns = [("A", "X", 80), ("A", "Y", 20), ("B", "X", 20), ("B", "Y", 80)]
    (found,) = surprises.find(make_study(patterns, ("A", "B"), columns=("X", "Y"), unit="record"))
    assert [(cell.given, cell.outcome) for cell in found.above] == [("A", "X"), ("B", "Y")]
    assert [(cell.given, cell.outcome) for cell in found.below] == [("A", "Y"), ("B", "X")]
    assert all(pair.ratio.value == pytest.approx(1.6) for pair in found.above)
    assert (found.n_above, found.n_below, found.n_tested) == (2, 2, 4)


def test_no_pair_is_named_that_holds_only_when_taken_alone(make_study):
    # 14 of 20 where 10 are expected: p is 0.026, whatever the tests together say
    patterns = [("A", "X", 14), ("A", "Y", 6), ("B", "X", 6), ("B", "Y", 14)]
    study = make_study(patterns, ("A", "B"), columns=("X", "Y"), unit="record")
    (found,) = surprises.find(study)
    assert (found.null, found.n_above, found.n_below) == (False, 2, 2)
    strict = InferenceSettings(minimum_units=1, minimum_groups=2, fdr=1e-6)
    (found,) = surprises.find(replace(study, inference=strict))
    assert (found.null, found.above, found.below, found.n_tested) == (True, (), (), 4)


def test_a_true_diagonal_lets_no_other_pair_pass(make_study):
    """The twenty pairs of different categories are tested together, among units that cross, and not beside five."""
    names = tuple("ABCDE")
    cells = [(a, b, 30 if a == b else 8) for a in names for b in names]
    patterns = [(a, b, 16 if (a, b) == ("A", "B") else n) for a, b, n in cells]
    study = make_study(patterns, names)
    judgement = surprises.judged(study)
    assert judgement.basis == "crossing"
    (found,) = surprises.find(study)
    pairs = [(a, b) for a in range(5) for b in range(5) if a != b]
    q = stats.false_discovery_control([judgement.ratios.p[pair] for pair in pairs])
    assert [judgement.q[pair] for pair in pairs] == pytest.approx(list(q))
    assert found.n_tested == len(pairs)


def test_many_where_few_are_expected_are_named_and_few_where_few_are_not(make_study):
    # 9 of 12 A have X, where 12 x 13 / 160 are expected, and no B has Z where 24 x 20 / 160 = 3 are.
    patterns = [
        ("A", "X", 9),
        ("A", "Y", 3),
        ("B", "X", 2),
        ("B", "Y", 22),
        ("C", "X", 2),
        ("C", "Y", 102),
        ("C", "Z", 20),
    ]
    (found,) = surprises.find(make_study(patterns, ABC, columns=("X", "Y", "Z"), unit="record"))
    pair = found.above[0]
    assert (pair.given, pair.outcome, pair.n_joint, pair.often) == ("A", "X", 9, False)
    assert pair.expected == pytest.approx(12 * 13 / 160)
    assert pair.ratio.low > 1
    assert all(pair.often for pair in found.below)
    assert ("B", "Z") not in {(p.given, p.outcome) for p in found.below}


def test_surprises_come_by_how_far_counts_are_from_what_is_expected(make_study):
    # A with X: 60 where 20 are expected; B with Z: 6 where 0.3 are, twenty times, but of few.
    patterns = [
        ("A", "X", 60),
        ("A", "Y", 40),
        ("B", "Y", 14),
        ("B", "Z", 6),
        ("C", "X", 40),
        ("C", "Y", 336),
        ("C", "Z", 4),
    ]
    (found,) = surprises.find(make_study(patterns, ABC, columns=("X", "Y", "Z"), unit="record"))
    assert [(p.given, p.outcome) for p in found.above][:2] == [("A", "X"), ("B", "Z")]
    assert found.above[1].ratio.low > found.above[0].ratio.low
    assert found.clearest == found.above[0]
    assert found.above[0].deviance == pytest.approx(2 * (60 * math.log(3) - 40))


def test_no_surprise_where_units_are_spread_evenly(make_study):
    patterns = [(row, column, 25) for row in "AB" for column in "XYZ"]
    study = make_study(patterns, ("A", "B"), columns=("X", "Y", "Z"), unit="record")
    (found,) = surprises.find(study)
    assert found.null
    # 150 units are too few to show that nothing differs by a quarter; 15,000 are enough.
    assert diagonal.find_spread(study) == []
    many = make_study(
        [(row, column, 2_500) for row, column, _ in patterns], ("A", "B"), columns=("X", "Y", "Z"), unit="record"
    )
    spread = diagonal.find_spread(many)
    assert [(f.category, f.n_outcomes) for f in spread] == [("A", 3), ("B", 3)]
    # The odds ratio of A with X is 1; its logarithm has the variance 2 / 2,500 + 2 / 5,000.
    end = math.exp(stats.norm.ppf(0.95) * math.sqrt(2 / 2_500 + 2 / 5_000))
    assert (spread[0].lowest, spread[0].highest) == (pytest.approx(1 / end), pytest.approx(end))


def test_a_pair_that_differs_from_chance_is_not_equivalent(make_study):
    """The odds ratio of 1.1 lies within the bounds of equivalence and is significant all the same."""
    patterns = [
        ("A", "X", 10_600),
        ("A", "Y", 10_000),
        ("A", "Z", 10_000),
        ("B", "X", 10_000),
        ("B", "Y", 10_000),
        ("B", "Z", 10_000),
    ]
    study = make_study(patterns, ("A", "B"), columns=("X", "Y", "Z"), unit="record")
    (found,) = surprises.find(study)
    assert not found.null
    assert diagonal.find_spread(study) == []


def test_strata_of_opposite_direction_are_no_pooled_pair_and_not_equivalent(make_study):
    """600 units have both in one place and 400 in the other, where 500 are expected: pooled, exactly as expected."""
    tables = {"north": (600, 400, 400, 600), "south": (400, 600, 600, 400)}
    sets = [("A", "X"), ("A", "Y"), ("B", "X"), ("B", "Y")]
    patterns = [(*pair, n, name) for name, table in tables.items() for pair, n in zip(sets, table, strict=True)]
    study = make_study(patterns, ("A", "B"), columns=("X", "Y"), unit="record", strata=True)
    (found,) = heterogeneity.find(study)
    assert (found.null, found.n_opposite, found.n_graded) == (False, 1, 0)
    (pair,) = found.opposite  # of two categories a side all four pairs are one test
    assert (pair.given, pair.outcome, pair.n_informative, pair.n_above, pair.n_below) == ("A", "X", 2, 1, 1)
    assert (pair.lowest.stratum, pair.lowest.n_joint, pair.lowest.expected) == ("south", 400, 500)
    assert (pair.highest.stratum, pair.highest.ratio) == ("north", pytest.approx(1.2))
    (pooled,) = surprises.find(study)
    assert pooled.null


def test_strata_that_differ_in_strength_are_graded(make_study):
    tables = {"north": (800, 200, 200, 800), "south": (550, 450, 450, 550)}
    sets = [("A", "X"), ("A", "Y"), ("B", "X"), ("B", "Y")]
    patterns = [(*pair, n, name) for name, table in tables.items() for pair, n in zip(sets, table, strict=True)]
    study = make_study(patterns, ("A", "B"), columns=("X", "Y"), unit="record", strata=True)
    (found,) = heterogeneity.find(study)
    assert (found.n_opposite, [(p.given, p.outcome) for p in found.graded]) == (0, [("A", "X")])
    assert (found.graded[0].lowest.stratum, found.graded[0].highest.stratum) == ("south", "north")
    # The pooled ratio is still reported: both strata have the same direction.
    (pooled,) = surprises.find(study)
    assert {(p.given, p.outcome) for p in pooled.above} == {("A", "X"), ("B", "Y")}


def test_a_pair_that_strata_reverse_is_found(make_study):
    """In the one package with A and B they seldom meet, but more often than over all units."""
    mixed = [("A", "A", 300), ("B", "B", 250), ("A", "B", 100)]
    patterns = [*((*p, "north") for p in mixed), ("C", "C", 2000, "south")]
    (found,) = reversal.find(make_study(patterns, ABC, strata=True))
    (pair,) = found.pairs
    assert (pair.given, pair.outcome, pair.n_joint, found.n_reversed) == ("A", "B", 100, 1)
    assert pair.expected == pytest.approx(400 * 350 / 2650)
    assert pair.expected_within == pytest.approx(400 * 350 / 650)
    assert pair.ratio_within.high < 1 < pair.ratio.low
    assert pair.is_reversed
    assert pair.informative == ("north",)
    (none,) = reversal.find(make_study([*((*p, "north") for p in mixed), ("C", "C", 20, "south")], ABC, strata=True))
    assert none.null


def test_a_pair_is_reversed_only_if_it_is_clear_on_both_sides(make_study):
    """Over all units A with B is above expectation, which may be chance; within strata it is clearly below."""
    mixed = [("A", "A", 60), ("B", "B", 50), ("A", "B", 20)]
    patterns = [*((*p, "north") for p in mixed), ("C", "C", 200, "south")]
    (found,) = reversal.find(make_study(patterns, ABC, strata=True))
    (pair,) = found.pairs
    assert pair.ratio_within.high < 1
    assert pair.ratio.low < 1 < pair.ratio.value
    assert (pair.is_reversed, found.n_reversed, found.null) == (False, 0, False)


def test_an_interval_ends_at_the_largest_possible_ratio(make_study):
    patterns = [("A", "A", 6, "n"), ("B", "B", 9, "n"), ("A", "A", 5, "s"), ("B", "B", 4, "s"), ("A", "B", 1, "s")]
    within = make_study(patterns, ABC[:2], strata=True).tables.within(0.95)
    assert within.high[0, 0] == pytest.approx(11 / (6 * 6 / 15 + 6 * 5 / 10))


def test_a_category_that_no_single_stratum_can_test_does_not_last(make_study):
    """Eighty packages of four models: together they are clear, and none alone could show agreement."""
    patterns = [(first, second, n, f"p{k}") for k in range(80) for first, second, n in (("A", "A", 2), ("B", "B", 2))]
    patterns += [("A", "B", 1, f"p{k}") for k in range(0, 80, 8)]
    patterns += [("C", "C", 200, "rest")]
    (found,) = composition.find_composition(make_study(patterns, ABC, strata=True))
    assert found.lasting == ()
    assert found.untestable == ("A", "B")


def test_units_with_a_category_in_common_are_counted_beside_those_with_equal_sets(make_study):
    (found,) = agreement.find_agreement(make_study([("A", "A", 80), ("AB", "A", 15), ("B", "A", 5)], ABC))
    assert (found.n_agree, found.n_common, found.is_exact_apart) == (80, 95, True)
    (one,) = agreement.find_agreement(make_study([("A", "A", 80), ("B", "A", 20)], ABC))
    assert not one.is_exact_apart


def test_equal_strata_do_not_differ(make_study):
    tables = {"north": (600, 400, 400, 600), "south": (300, 200, 200, 300)}
    sets = [("A", "X"), ("A", "Y"), ("B", "X"), ("B", "Y")]
    patterns = [(*pair, n, name) for name, table in tables.items() for pair, n in zip(sets, table, strict=True)]
    (found,) = heterogeneity.find(make_study(patterns, ("A", "B"), columns=("X", "Y"), unit="record", strata=True))
    assert found.null
    assert (
        heterogeneity.find(make_study([p[:3] for p in patterns], ("A", "B"), columns=("X", "Y"), unit="record")) == []
    )


def test_a_unit_that_has_every_category_is_too_coarse(make_study):
    # 30 units have everything; 2 of 32 in each row lack the other category: all four cells are 0.94 or more
    patterns = [("AB", "AB", 40), ("A", "A", 1), ("B", "B", 1)]
    links = [("A", "A", 10), ("A", "B", 10), ("B", "A", 10), ("B", "B", 10)]
    found = population.find_coarse(make_study(patterns, ABC, alternatives={"link": links}))
    assert [(f.panel, f.n_near, f.n_cells, f.finer) for f in found] == [
        ("left", 4, 4, "models"),
        ("right", 4, 4, "models"),
    ]
    assert [f.finer for f in population.find_coarse(make_study(patterns, ABC))] == [None, None]
    assert population.find_coarse(make_study(PLAIN, ABC)) == []


def test_every_kind_is_registered_and_ids_hold_no_numbers(make_study):
    study = make_study(PLAIN, ABC, strata=True, items=[("X", 25)], alternatives={"link": PLAIN})
    found = find_all(study)
    files = {
        f.__module__.rpartition(".")[2]
        for f in Finding.__subclasses__()
        if f.__module__.startswith("diptych.findings.")
    }
    finders = (
        *(kind.find for kind in kinds.KINDS.values()),
        story.tell,
        published.find_published,
    )
    registered = {f.__module__.rpartition(".")[2] for f in finders if f.__module__.startswith("diptych.findings.")}
    assert files == registered
    assert len({finding.id for finding in found}) == len(found)
    assert not any(character.isdigit() for finding in found for character in finding.id)


@pytest.mark.parametrize(
    ("names", "expected"),
    [(("Time Series",), "time-series"), (("A/B", "Ü"), "a-b.ü"), (("<&>",), "category")],
)
def test_slugs_are_plain(names, expected):
    assert slug(*names) == expected


def bare_panel(name, mirror, values):
    """Make a panel of published values: {(given, outcome): (low, value, high)}."""
    cells = whole_cells(
        Cell(given, outcome, None, None, None, None, value, low, high, *[None] * 8, "measured")
        for (given, outcome), (low, value, high) in values.items()
    )
    names = tuple(dict.fromkeys(given for given, _ in values))
    kinds_ = Kind("d", "Dataset", "dataset", "datasets"), Kind("m", "Model", "model", "models")
    unit = Unit("none", "value", "values")
    given, outcome = kinds_ if name == "left" else kinds_[::-1]
    info = MEASURES["conditional"].info
    return Panel(name, "r", given, outcome, names, names, info, unit, None, None, 1.0, cells, mirror, True)


def test_bare_matrices_give_levels_and_a_contrast_within_the_ranges_read():
    left = bare_panel(
        "left",
        "right",
        {
            ("A", "A"): (0.8, 0.9, 1.0),
            ("A", "B"): (0.5, 0.6, 0.7),
            ("B", "A"): (0.0, 0.1, 0.2),
            ("B", "B"): (0.0, 0.2, 0.25),
        },
    )
    right = bare_panel(
        "right",
        "left",
        {
            ("A", "A"): (0.1, 0.2, 0.3),
            ("A", "B"): (0.6, 0.7, 0.8),
            ("B", "A"): (0.5, 0.6, 0.7),
            ("B", "B"): (0.2, 0.3, 0.4),
        },
    )
    of_left, of_right, contrast, *_ = published.find_published((left, right))
    assert [(cell.given, cell.outcome) for cell in of_left.high] == [("A", "A")]
    assert [(cell.given, cell.outcome) for cell in of_left.moderate] == [("A", "B")]
    assert (of_left.top_row.category, of_left.top_row.mean.value) == ("A", pytest.approx(0.75))
    assert of_left.low_rows == ("B",)
    assert of_right.high == ()
    # A-A 0.8..1.0 against 0.1..0.3: left higher; A-B 0.5..0.7 against B-A 0.5..0.7: not told apart;
    # B-A 0.0..0.2 against A-B 0.6..0.8: right higher; B-B ranges meet
    assert (contrast.n_left_higher, contrast.n_right_higher, contrast.n_unread) == (1, 1, 2)
    assert (contrast.left_mean, contrast.right_mean) == (pytest.approx(0.45), pytest.approx(0.45))
