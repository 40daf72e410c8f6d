"""The conditions of statements at their edges: a table on one side of each tells it, and one on the other does not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from diptych.pipeline.parts import draft
from diptych.statements import Statement, measures, scope, table_of
from diptych.statements.matrices import tell_matrices
from diptych.statements.scope import Answers, shortfall, survives_gaps
from diptych.statements.select import Input, is_worth, tell
from diptych.stats.shares import Design
from tests.matrices.tiny import P, tiny
from tests.statements.worlds import sets, table


def of_counts(counts, **more):
    """Return the table of units with one category a side, by counts (R, C)."""
    counts = np.array(counts)
    rows, columns = (np.repeat(of.ravel(), counts.ravel()) for of in np.indices(counts.shape))
    return table(sets(rows, counts.shape[0]), sets(columns, counts.shape[1]), **more)


def told(share, other, *, base=10_000, count=None, certain=True):
    """Return a difference with nearly no uncertainty, or so much that its interval nearly touches no effect."""
    near = 1e-6 if certain else abs(share - other) - 0.005
    from diptych.stats.shares import Certainty  # noqa: PLC0415 - one use

    value = share - other
    certainty = Certainty(np.array(value), np.array(np.inf), lambda _: (value - near, value + near))
    numbers = {"share": share, "other": other, "difference": value, "expected": 0.0, "base": float(base)}
    return Statement("difference", "r0", "c0", "others", numbers | {"count": base * share if count is None else count},
                     certainty)  # fmt: skip


@pytest.mark.parametrize(
    ("share", "other", "is_told"),
    [(0.401, 0.3, True), (0.399, 0.3, False), (0.101, 0.05, True), (0.101, 0.051, False), (0.049, 0.0, False)],
)
def test_ten_points_or_twofold_and_five(share, other, is_told):
    assert is_worth(told(share, other), 0.05) == is_told
    assert is_worth(told(other, share), 0.05) == is_told


def test_an_interval_within_one_point_of_no_effect_is_not_told():
    assert is_worth(told(0.5, 0.3), 0.05)
    assert not is_worth(told(0.5, 0.3, certain=False), 0.05)


@pytest.mark.parametrize(("count", "is_told"), [(5.0, True), (4.0, False)])
def test_five_observed_or_expected(count, is_told):
    assert is_worth(told(0.3, 0.1, count=count), 0.05) == is_told


def test_a_trend_that_is_one_exceptional_end_is_a_difference():
    found = tell(Input(of_counts([[50, 950], [52, 948], [48, 952], [50, 950], [500, 500]], ordered=True)))
    assert found.lead.form == "difference"
    assert (found.lead.subject, found.lead.note("only_here") is not None) == ("r4", True)


def test_an_exception_is_told_before_a_trend_if_it_is_half_as_sure_as_the_best_difference():
    """The share of c0 differs in r2 alone, and c1 rises."""
    parts = []
    for more in range(100, 200, 10):
        rise = np.array([100, 200, 300, 400, 500])
        first = np.where(np.arange(5) == 2, 100 + more, 100)
        found = tell(Input(of_counts(np.stack([first, rise, 1000 - first - rise], 1), ordered=True)))
        best = max(one.nearest(found.alpha) for one in found.tested if one.form == "difference")
        (exception,) = (one for one in found.tested if one.key[:3] == ("difference", "r2", "c0"))
        parts.append(exception.nearest(found.alpha) / best)
        assert measures.only_here(exception, of_counts(np.stack([first, rise, 1000 - first - rise], 1))) is not None
        assert (found.lead.key == exception.key) == (parts[-1] >= 0.5), parts
    assert any(1 / 3 < part < 0.5 for part in parts)
    assert any(0.5 < part < 2 / 3 for part in parts)


YEARS = tuple(str(year) for year in range(2001, 2009))


def by_year(counts):
    """Return the table of units by year and outcome, with counts for 100 units."""
    return replace(of_counts(20 * np.array(counts), ordered=True), rows=YEARS[: len(counts)])


def test_a_category_of_a_new_definition_has_no_trend_and_makes_none():
    split = by_year([[40, 60, 0]] * 3 + [[20, 60, 20]] * 3)  # half of c0 is c2 from the fourth year on
    report = tell(Input(split))
    assert report.few.numbers["spans"] == (("c2", "2004", "2006"),)
    assert {one.outcome for one in report.tested if one.form == "trend"} == {"c0", "c1"}
    assert report.lead.form != "trend"
    assert all(one.outcome != "c2" for one in report.tested)
    assert report.reasons["trend", "", "c0", "order", "all"] in {"one_end", "unsteady"}
    unnamed = tell(Input(replace(split, rows=tuple("abcdef"))))
    assert unnamed.few is None  # an order of answers has no beginning


def test_a_trend_that_goes_on_beside_a_new_category_is_told():
    report = tell(Input(by_year([[20, 80, 0], [27, 73, 0], [34, 63, 3], [41, 56, 3], [48, 49, 3], [55, 42, 3]])))
    assert report.few.numbers["spans"] == (("c2", "2003", "2006"),)
    assert (report.lead.form, report.lead.outcome) in {("trend", "c0"), ("trend", "c1")}


@pytest.mark.parametrize(("n", "begins"), [(9, False), (11, True)])
def test_a_category_begins_if_ten_units_would_have_had_it_before(n, begins):
    counts = np.array([[100, 0], [200 - 2 * n, 2 * n], [200 - 2 * n, 2 * n]])
    found = tell(Input(replace(of_counts(counts, ordered=True), rows=YEARS[:3]))).few
    assert (found is not None) == begins


def test_a_sequence_with_a_turn_is_told():
    found = tell(Input(of_counts([[800, 200], [500, 500], [200, 800], [480, 520], [790, 210]], ordered=True)))
    turns = [one for one in found.statements() if one.form == "turn"]
    assert [one.numbers["at"] for one in turns] in (["r2"], [])
    assert "trend" not in {one.form for one in found.statements()}
    assert found.lead.form != "no_link"


def test_what_rests_on_an_earlier_subject_is_not_new():
    rng = np.random.default_rng(8)
    first = rng.random(3000) < 0.3
    shadow = np.where(first, rng.random(3000) < 0.9, rng.random(3000) < 0.1)
    hit = np.where(first, rng.random(3000) < 0.7, rng.random(3000) < 0.2)
    x, y = np.stack([first, shadow], 1), np.stack([hit, ~hit], 1)
    found = tell(Input(table(x, y)))
    assert found.lead.subject == "r0"
    assert not found.findings
    assert found.reasons["difference", "r1", found.lead.outcome, "others", "all"] in {"not_new", "mirror"}


def test_a_difference_through_strata_alone_is_struck():
    stratum = np.repeat([0, 1], 1000)
    rng = np.random.default_rng(2)
    x, y = (rng.random(2000) < np.where(stratum, 0.8, 0.2) for _ in range(2))
    found = tell(Input(table(np.stack([x, ~x], 1), np.stack([y, ~y], 1), stratum=stratum)))
    assert found.lead.form == "no_link"
    assert found.struck


@pytest.mark.parametrize(
    ("inside", "levels", "form"),
    [(0.10, [0.1, 0.25, 0.35, 0.5], "strata_less"), (0.35, [0.30, 0.32, 0.34, 0.36], None)],
)
def test_a_smaller_difference_within_strata_is_told_with_the_plain_one(inside, levels, form):
    rng = np.random.default_rng(6)
    stratum = np.repeat(np.arange(4), 1500)
    x = rng.random(6000) < np.array([0.15, 0.4, 0.6, 0.85])[stratum]
    y = rng.random(6000) < np.array(levels)[stratum] + inside * x
    of = table(np.stack([x, ~x], 1), np.stack([y, ~y], 1), stratum=stratum)
    note = scope.in_strata(measures.compare(of, "r0", "c0"), of, 0.05)
    assert (None if note is None else note.form) == form


def test_a_stratum_with_the_other_sign_is_told():
    stratum = np.repeat([0, 1], [1500, 500])
    rng = np.random.default_rng(6)
    x = rng.random(2000) < 0.5
    y = rng.random(2000) < np.where(stratum, np.where(x, 0.2, 0.8), np.where(x, 0.8, 0.2))
    of = table(np.stack([x, ~x], 1), np.stack([y, ~y], 1), stratum=stratum)
    note = scope.in_strata(measures.compare(of, "r0", "c0"), of, 0.05)
    assert (note.form, note.numbers["against"][0][0]) == ("strata_reversed", "s1")


@pytest.mark.parametrize(("n", "is_told"), [(1500, True), (40, False)])
def test_a_stratum_that_surely_has_no_difference_is_told(n, is_told):
    """The shares are 20% and 40% in one stratum and 10% in the other; with few units, that could be as the first is."""
    stratum, place = np.repeat([0, 1], [1500, n]), np.arange(1500 + n)
    last, x = place % 10, place % 2 == 0
    y = np.where(stratum == 0, np.where(x, last == 0, last < 4), (last < 2) & (place % 20 < 10))
    of = table(np.stack([x, ~x], 1), np.stack([y, ~y], 1), stratum=stratum)
    note = scope.in_strata(measures.compare(of, "r0", "c0"), of, 0.05)
    assert (note is not None and note.form == "strata_reversed") == is_told


def test_two_categories_are_compared_from_the_side_of_the_first():
    """Of two subjects, all differences of the table are those of one, and the further outcome too."""
    found = tell(Input(of_counts([[20, 40, 40], [60, 35, 5]])))
    assert len({one.subject for one in found.clear}) == 1
    assert found.also[0].effect * found.lead.effect < 0
    assert found.also[0].outcome == "c2"


@pytest.mark.parametrize("turn", [False, True])
def test_of_two_categories_the_rarer_one_is_the_subject(turn):
    counts = [[7, 13], [120, 1970]]
    found = tell(Input(of_counts(counts[::-1] if turn else counts)))
    assert {one.subject for one in (found.lead, *found.clear)} == {"r1" if turn else "r0"}


def test_two_categories_have_no_direction():
    counts = np.array([[100, 46], [14, 80]])
    assert all(one.form != "direction" for one in tell(Input(of_counts(counts, is_same=True))).tested)


def test_small_differences_are_named():
    found = tell(Input(of_counts([[5200, 4800], [4900, 5100]]))).lead
    assert (found.subject, round(found.number("share"), 2), round(found.number("largest"), 2)) == ("r0", 0.52, 0.03)


@pytest.mark.parametrize("by", ["cluster", "stratum"])
@pytest.mark.parametrize(
    ("sizes", "n"), [([300, 300, 1], 3), ([300, 0, 300], 0), ([200, 0, 200, 200, 1], 4), ([99] * 5 + [0, 1], 5), ([99] * 5, 5),
                     ([99] * 6 + [1], 0), ([100] + [99] * 5, 5)],
)  # fmt: skip
def test_three_parts_or_more_are_left_out_and_five_at_most(sizes, n, by):
    part = np.repeat(np.arange(len(sizes)), sizes)
    x = np.arange(len(part)) % 2 == 0
    numbers = tell(Input(table(np.stack([x, ~x], 1), np.stack([x, ~x], 1), **{by: part}, minimum_groups=1.0)))
    assert numbers.method.numbers["left_out"] == n
    assert numbers.method.numbers["is_each"] == (0 < n == np.count_nonzero(sizes))
    assert numbers.method.numbers["left_kinds"] == (({"cluster": "group"}.get(by, by),) if n else ())


def test_most_mismatches_of_one_category_are_told():
    counts = np.diag([400, 300, 200]) + np.array([[0, 40, 2], [40, 0, 38], [2, 38, 0]])
    found = tell(Input(of_counts(counts, is_same=True)))
    assert [group[0].subject for group in found.findings if group[0].form == "mismatch"] == ["r1"]
    even = np.diag([400, 300, 200]) + 20 * (1 - np.eye(3, dtype=int))
    assert all(group[0].form != "mismatch" for group in tell(Input(of_counts(even, is_same=True))).findings)


def test_a_direction_is_told_beyond_sizes_only():
    counts = np.diag([300, 300, 300])
    counts[0, 1], counts[1, 0] = 80, 20
    found = tell(Input(of_counts(counts, is_same=True)))
    assert any(group[0].form == "direction" for group in found.findings)
    equal = np.diag([300, 300, 300])
    equal[0, 1] = equal[1, 0] = 50
    assert any(one.scope == "direction" for one in tell(Input(of_counts(equal, is_same=True))).limits)


@pytest.mark.parametrize(("n", "is_told"), [(20, True), (19, False)])
def test_an_isolated_category_has_twenty_units_and_no_exception(n, is_told):
    counts = np.diag([300, 200, n])
    counts[0, 1] = 40
    of = of_counts(counts, is_same=True)
    assert (measures.isolation(of, "r2") is not None) == is_told
    counts[2, 0] = 1
    assert measures.isolation(of_counts(counts, is_same=True), "r2") is None


def test_an_isolated_category_from_one_stratum_is_a_limit():
    counts = np.diag([300, 200, 40])
    counts[0, 1] = 40
    of = of_counts(counts, is_same=True)
    stratum = np.where(of.x[:, 2], 2, np.arange(len(of.x)) % 2)
    found = tell(Input(replace(of, stratum=stratum, strata=("a", "b", "c"))))
    assert all(group[0].form != "isolation" for group in found.findings)
    assert [(one.subject, one.numbers["only"]) for one in found.limits if one.scope == "isolation"] == [("r2", "c")]


@pytest.mark.parametrize(("n", "is_told"), [(40, True), (38, False), (2, False), (0, True)])
def test_a_recount_is_told_if_the_share_differs_by_ten_points(n, is_told):
    lead, other = (
        measures.agreement(of_counts([[k // 2, 100 - k // 2], [100 - k // 2, k // 2]], is_same=True)) for k in (20, n)
    )
    counted = of_counts([[n // 2, 100 - n // 2], [100 - n // 2, n // 2]], is_same=True)
    note = scope.recounted(lead, {"units": of_counts([[10, 90], [90, 10]], is_same=True), "items": counted})
    assert (note is not None) == is_told
    if note is not None:
        assert note.numbers == {**other.numbers, "unit": "items"}


def test_uneven_coverage_strikes_what_it_alone_could_make():
    of = of_counts([[120, 80], [480, 520]])
    one = measures.compare(of, "r0", "c0")
    even = Answers({"r0": (210, 200), "r1": (1050, 1000)}, {}, (1260, 1200))
    gap = Answers({"r0": (400, 200), "r1": (1050, 1000)}, {}, (1450, 1200))
    assert shortfall("r0", even.rows, even.all_rows) == 0
    assert shortfall("r0", gap.rows, gap.all_rows) == pytest.approx((1000 / 1050 - 0.5) * 400)
    assert survives_gaps(one, of, even, 0.05)
    assert not survives_gaps(one, of, gap, 0.05)


@pytest.mark.parametrize("few", [30, 29, 0])
def test_what_could_be_missed_is_that_of_outcomes_with_a_tenth_of_the_units(few):
    """Without such outcomes, all of them count."""
    counts = np.array([[few, 60 - few, 140, 100]] * 2) if few else np.full((2, 11), 30)
    of = of_counts(counts)
    weight = np.full(len(of.x), 0.5)
    for known in (of, replace(of, design=Design(weight, weight**2, np.ones(len(of.x))))):
        found = tell(Input(known))
        errors = [
            np.subtract(*one.interval()[::-1]) / 2 / stats.t.isf(0.025, one.certainty.freedom)
            for one in found.tested
            if counts[:, int(one.outcome[1:])].sum() >= counts.sum() / 10 or not few
        ]
        assert 0 < len(errors) < len(found.tested) or few in {0, 30}
        reach = stats.norm.isf(0.025 / len(found.tested)) + stats.norm.ppf(0.8)
        assert found.lead.number("detectable") == pytest.approx(reach * np.median(errors), rel=1e-6)


@pytest.mark.parametrize("explains", ["rows", "columns"])
@pytest.mark.parametrize("ordered", [("rows",), ("columns",), ("rows", "columns"), ()], ids=str)
def test_a_table_has_the_order_of_its_own_sides(explains, ordered):
    incidence = tiny(P("A", "X", 30), P("B", "Y", 20))
    sides = {name: replace(getattr(incidence, name), ordered=getattr(incidence, name).categories) for name in ordered}
    of = table_of(replace(incidence, **sides), 5, explains=explains)
    assert of.ordered == (explains in ordered)
    assert of.columns_ordered == ({"rows": "columns", "columns": "rows"}[explains] in ordered)


@pytest.mark.parametrize("is_other", [True, False])
def test_a_further_outcome_is_clear_among_units_without_the_earlier_one(is_other):
    rng = np.random.default_rng(4)
    own = np.arange(900) < 300
    first = rng.random(900) < np.where(own, 0.8, 0.2)
    within = first & (rng.random(900) < 0.9)  # a larger difference than that of the other outcome
    other = rng.random(900) < np.where(own & is_other, 0.5, 0.2)
    found = tell(Input(table(np.stack([own, ~own], 1), np.stack([first, within, other], 1))))
    assert found.lead.outcome == "c0"
    assert [one.outcome for one in found.also] == ["c2"] * is_other


def test_several_strata_are_those_of_the_units_and_one_is_none():
    several, one = (tiny(P("A", "X", 30, stratum="s"), P("B", "Y", 20, stratum=name), strata=True) for name in "ts")
    assert table_of(several, 5).stratum.tolist() == [0, 1]
    assert table_of(one, 5).stratum is None


def test_the_units_outside_the_largest_category_are_told_only_if_that_is_why_nothing_is_compared():
    tables = (of_counts(counts) for counts in ([[300, 300], [4, 5]], [[300, 300], [90, 90]]))
    nothing, no_link = (tell(Input(of)) for of in tables)
    assert nothing.tested == ()
    assert nothing.lead.numbers["rest"] == 9
    assert no_link.lead.form == "no_link"
    assert "rest" not in no_link.lead.numbers
    several = tell(Input(table(np.arange(304)[:, None] < (304, 4), sets(np.arange(304) % 2, 2))))
    assert several.tested == ()
    assert "rest" not in several.lead.numbers


def test_the_explanatory_side_is_constant_within_groups_or_has_one_category():
    from diptych.statements import _explaining  # noqa: PLC0415 - the rule alone

    group = np.repeat(np.arange(20), 5)
    own, each = sets(group % 2, 2), sets(np.arange(100) % 2, 2)
    several = np.ones((100, 2), bool)
    assert _explaining(table(each, own, group), "") == "columns"
    assert _explaining(table(own, each, group), "") == "rows"
    assert _explaining(table(several, each), "") == "columns"
    assert _explaining(table(each, several), "") == "rows"
    assert _explaining(table(several, each), "rows") == "rows"


@pytest.mark.parametrize("withheld", [None, [[True, False], [False, False]]])
def test_counts_that_would_tell_a_withheld_cell_are_not_in_the_caption(withheld):
    of = of_counts([[60, 40], [100, 0]], is_same=True)
    told = tell(Input(replace(of, withheld=None if withheld is None else np.array(withheld))))
    if withheld is not None:
        assert told.totals.numbers == {"is_same": False}
        return
    subject, outcome = told.totals.subject, told.totals.outcome
    row, column = of.row(subject), of.column(outcome)
    assert [told.totals.numbers[key] for key in ("count", "row_total", "column_total")] == [
        (row & column).sum(), row.sum(), column.sum(),
    ]  # fmt: skip


def test_matrices_of_different_categories_are_not_readings_of_one_table():
    (part,) = draft(Path(__file__).parents[2] / "examples" / "published" / "config.yaml").parts
    first, second = part.panels
    assert tell_matrices((first, second)).one_table is not None
    other = tuple(f"{name} of another kind" for name in second.given_categories)
    assert tell_matrices((first, replace(second, given_categories=other))).one_table is None


def test_the_first_and_last_share_of_each_stratum_are_told_if_a_trend_is_the_same():
    level = np.array([[[70, 30], [50, 50], [30, 70]], [[160, 40], [110, 90], [40, 160]]])
    stratum, rows, columns = (np.repeat(of.ravel(), level.ravel()) for of in np.indices(level.shape))
    of = table(sets(rows, 3), sets(columns, 2), stratum=stratum, ordered=True)
    note = scope.in_strata(measures.trend(of, "", "c0"), of, 0.05)
    assert (note.form, note.numbers["levels"]) == ("strata_same", ("s0", "s1"))
    assert np.allclose(note.numbers["pairs"], [(0.7, 0.3), (0.8, 0.2)])
    level[0, 1] = [20, 80]  # not monotone
    stratum, rows, columns = (np.repeat(of.ravel(), level.ravel()) for of in np.indices(level.shape))
    of = table(sets(rows, 3), sets(columns, 2), stratum=stratum, ordered=True)
    assert scope.in_strata(measures.trend(of, "", "c0"), of, 0.05) is None


def test_of_several_directions_the_one_farthest_from_sizes_is_told():
    counts = np.diag([300, 300, 300, 300])
    counts[0, 1], counts[1, 0] = 60, 10
    counts[2, 3], counts[3, 2] = 150, 10
    found = tell(Input(of_counts(counts, is_same=True)))
    told = [group[0] for group in found.findings if group[0].form == "direction"]
    assert [(one.subject, one.outcome) for one in told] == [("r2", "r3")]
    assert found.reasons["direction", "r0", "r1", "reverse", "all"] == "no_room"


@pytest.mark.parametrize("turn", [False, True])
@pytest.mark.parametrize(("values", "reason"), [
    ([500, 502, 504, 700], "one_end"), ([300, 498, 500, 502], "one_end"), ([400, 480, 560, 640], "told"),
    ([400, 500, 600], "told"),
])  # fmt: skip
def test_a_trend_is_also_clear_without_its_first_and_without_its_last_category(values, reason, turn):
    counts = [[k, 1000 - k] for k in (values[::-1] if turn else values)]
    found = tell(Input(of_counts(counts, ordered=True)))
    assert {found.reasons["trend", "", name, "order", "all"] for name in ("c0", "c1")} in ({reason}, {reason, "mirror"})
    assert (found.lead.form == "trend") == (reason == "told")


@pytest.mark.parametrize("turn", [False, True])
def test_of_two_outcomes_the_more_frequent_one_is_told(turn):
    counts = np.array([[20, 80], [60, 40], [58, 42]])
    found = tell(Input(of_counts(counts[:, ::-1] if turn else counts)))
    assert (found.lead.subject, found.lead.effect > 0) == ("r0", True)


@pytest.mark.parametrize(("share", "is_told"), [(0.1, True), (-0.1, True), (0.0999, False)])
def test_a_trend_is_told_from_ten_points(share, is_told):
    assert is_worth(Statement("trend", numbers={"difference": share}), 0.05) == is_told


@pytest.mark.parametrize(("more", "is_told"), [(0, True), (1, False)])
def test_a_category_on_one_side_of_three_in_four_mismatches_is_told(more, is_told):
    counts = np.diag([400, 300, 200, 100])
    counts[1, [0, 2, 3]] = counts[[0, 2, 3], 1] = 50
    counts[0, 2] = counts[2, 0] = 50
    counts[2, 0] += more
    found = tell(Input(of_counts(counts, is_same=True)))
    assert any(group[0].form == "mismatch" and group[0].subject == "r1" for group in found.findings) == is_told


@pytest.mark.parametrize("reason", ["copies", "id:plot", "counts:plot"])
def test_nothing_is_tested_where_units_may_be_dependent_and_the_reason_is_told(reason):
    counts = [[200, 100], [100, 200]]
    assert tell(Input(of_counts(counts))).lead.form == "difference"
    found = tell(Input(of_counts(counts, undeclared=reason)))
    assert found.tested == ()
    assert (found.lead.form, found.lead.numbers) == ("no_link", {"tested": 0, "undeclared": reason})


@pytest.mark.parametrize("share", [1.0, 0.8])
def test_a_share_of_all_is_in_the_caption_only_if_no_cell_is_withheld(share):
    of = of_counts([[int(200 * share), 200 - int(200 * share)], [100, 300]])
    shown, hidden = (tell(Input(replace(of, withheld=one))).cell for one in (None, np.zeros((2, 2), bool)))
    assert shown.numbers["share"] == pytest.approx(share)
    assert (hidden is None) == (share == 1)
