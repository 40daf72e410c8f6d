"""Trends over a series: what moved, what only the mix moved, what too few dates forbid."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from diptych.contrib.history import trend
from diptych.findings import ThresholdSettings
from diptych.findings.finders import with_strength
from diptych.ledger.series import Series, SeriesPoint
from diptych.ledger.uncounted import UncountedByPoint
from tests.findings.conftest import make_study as _make_study

make_study = _make_study
KINDS = ("CV", "NLP")


@pytest.fixture
def over_time(make_study):
    """Make the finding of a series: patterns with the units that are there at each point."""

    def make(patterns, n_undated=0, minimum=10, uncounted=None, **how):
        study = make_study([(*p[:2], p[-1][-1] or 1, *p[2:-1]) for p in patterns], KINDS, minimum=minimum, **how)
        base = study.tables.incidence
        points = []
        for place in range(len(patterns[0][-1])):
            units = np.array([p[-1][place] for p in patterns])
            weight = units.astype(float)
            points.append(
                SeriesPoint(str(2020 + place), None, replace(base, units=units, weight=weight, weight_squared=weight))
            )
        total = int(points[-1].incidence.units.sum()) + n_undated
        series = Series("date", tuple(points), "created", "year", len(points), n_undated, total, uncounted=uncounted)
        [found] = trend.find(replace(study, numbers=replace(study.numbers, series=series)))
        return found

    return make


SAME = (["CV"], ["CV"])
OTHER = (["NLP"], ["NLP"])


def about(found, name):
    return next(m for m in found.moved if (m.about, m.side, m.outcome) == ("category", "columns", name))


def test_a_share_that_new_units_move_is_a_trend(over_time):
    # 100 models, half of them CV; then 80 come, 70 of them CV, and 120 with 110: 180 of the 200 since 2021
    found = over_time([(*SAME, (50, 120, 230)), (*OTHER, (50, 60, 70))])
    m = about(found, "CV")
    assert (m.verdict, m.first, m.since) == ("trend", 1, "2021")
    assert (m.part, m.n) == ((50, 180), (100, 200))
    assert m.change.value == pytest.approx(0.9 - 0.5)
    # each period by itself
    assert [s.n for s in m.standings] == [100, 80, 120]
    assert [s.share.value for s in m.standings] == pytest.approx([0.5, 70 / 80, 110 / 120])
    assert m.latest.value == pytest.approx(110 / 120)
    assert (m.within, m.mix) == (None, None)
    assert not found.null
    assert (found.n_first, found.n_last) == (100, 300)


def test_growth_of_the_same_kind_moves_nothing(over_time):
    found = over_time([(*SAME, (50, 110, 152)), (*OTHER, (50, 90, 148))])
    assert found.null
    assert found.moved == ()
    # CV and NLP, of models and of what they are trained on
    assert found.n_tested == 4


def test_a_change_below_the_threshold_is_not_told_however_sure(over_time):
    found = over_time([(*SAME, (50_000, 208_000)), (*OTHER, (50_000, 192_000))])
    assert ThresholdSettings().min_change == 0.05
    assert found.null


def test_a_series_that_only_reflects_its_mix_is_no_trend(over_time):
    # Within a all are CV, within b all NLP, before and after; b comes later.
    found = over_time(
        [(*SAME, "a", (100, 120, 130)), (*OTHER, "a", (10, 12, 13)), (*OTHER, "b", (0, 200, 400))], strata=True
    )
    m = about(found, "NLP")
    assert m.verdict == "mix"
    assert found.trends == ()
    assert found.came == ("b",)
    assert m.mix_share == pytest.approx(1)


def test_a_change_within_strata_is_a_trend_though_the_mix_changes_too(over_time):
    found = over_time(
        [
            (*SAME, "a", (40, 180)), (*OTHER, "a", (60, 70)),
            (*SAME, "b", (35, 170)), (*OTHER, "b", (65, 75)),
        ],
        strata=True,
    )  # fmt: skip
    m = about(found, "CV")
    assert m.verdict == "trend"
    assert m.within.value + m.mix == pytest.approx(m.change.value)
    assert m.within.low > 0


def test_too_many_units_without_a_date_forbid_a_trend(over_time):
    patterns = [(*SAME, (50, 230)), (*OTHER, (50, 70))]
    assert about(over_time(patterns, n_undated=100), "CV").verdict == "trend"  # 100 of 400: not more than a quarter
    found = over_time(patterns, n_undated=101)
    assert about(found, "CV").verdict == "undated"
    assert found.undated
    assert found.trends == ()


def test_times_with_too_few_units_are_not_compared(over_time):
    # Five models until 2020 are too few to be held against all later ones: 100 until 2021 and 200 since are not.
    found = over_time([(*SAME, (2, 50, 230)), (*OTHER, (3, 50, 70))])
    m = about(found, "CV")
    assert (m.first, m.since) == (2, "2022")
    assert m.standings[0].share is None
    assert m.n == (100, 200)


def test_a_share_that_rose_late_is_not_hidden_by_all_that_came_before(over_time):
    # Twelve models at first, none CV; 1,000 more until 2022, 20 of them CV; of the 60 of 2023 all but four.
    found = over_time([(*SAME, (0, 10, 20, 76)), (*OTHER, (12, 500, 992, 996))])
    m = about(found, "CV")
    assert (m.since, m.part, m.n) == ("2023", (20, 56), (1012, 60))
    assert m.shares == (20 / 1012, 56 / 60)


def test_the_p_of_two_periods_is_fishers(over_time, monkeypatch):
    monkeypatch.setattr(ThresholdSettings, "min_change", 0.01)
    # 30 of 50 before, 45 of 50 since, and one way to part two years: p as scipy has it.
    found = over_time([(*SAME, (30, 75)), (*OTHER, (20, 25))])
    p = stats.hypergeom(100, 75, 50).cdf(30)
    assert about(found, "CV").q == pytest.approx(2 * p)


def test_every_way_to_part_the_series_is_paid_for(over_time):
    # The same years in two and in three parts: three can be parted in two ways, and the first is still the clearest.
    two = over_time([(*SAME, (30, 75)), (*OTHER, (20, 25))])
    three = over_time([(*SAME, (30, 52, 75)), (*OTHER, (20, 23, 25))])
    assert about(two, "CV").q * 2 == pytest.approx(about(three, "CV").q)


def test_what_units_go_with_is_compared_too(over_time):
    # All are CV models, before and after; what they are trained on was NLP and is CV.
    found = over_time([(["CV"], ["CV"], (10, 90)), (["NLP"], ["CV"], (40, 50))])
    m = next(m for m in found.moved if (m.about, m.side, m.outcome) == ("category", "rows", "CV"))
    assert m.shares == (10 / 50, 80 / 90)


def test_nothing_moved_is_said_of_what_could_have_been_found(over_time):
    few = over_time([(*SAME, (6, 12)), (*OTHER, (6, 12))])
    many = over_time([(*SAME, (600, 1200)), (*OTHER, (600, 1200))])
    assert (few.null, few.n_tested, few.n_sure) == (True, 4, 0)
    assert (many.null, many.n_tested, many.n_sure) == (True, 4, 4)


def test_without_enough_units_before_the_last_point_nothing_is_compared(over_time):
    found = over_time([(*SAME, (2, 230)), (*OTHER, (3, 70))])
    assert (found.n_tested, found.null) == (0, True)


def test_groups_that_are_too_few_move_nothing(over_time):
    # All 200 that came are of one team.
    found = over_time(
        [
            *((*SAME, "", f"t{i}", (10, 10)) for i in range(5)),
            *((*OTHER, "", f"t{i}", (10, 10)) for i in range(5)),
            (*SAME, "", "late", (0, 200)),
        ],
        groups=True,
    )
    assert found.null


def test_trends_are_moderate_and_mix_is_weak(over_time):
    real = over_time([(*SAME, (50, 230)), (*OTHER, (50, 70))])
    mixed = over_time([(*SAME, "a", (100, 130)), (*OTHER, "a", (10, 13)), (*OTHER, "b", (0, 400))], strata=True)
    words = [with_strength([one], ThresholdSettings())[0].strength for one in (real, mixed)]
    assert words == ["moderate", "weak"]
    assert real.number().estimate.value == real.moved[0].change.value


def test_without_a_series_there_is_no_finding(make_study):
    assert trend.find(make_study([(["CV"], ["CV"], 20)], KINDS)) == []


def uncounted(*kinds):
    """Return units that are left out: (point, row categories, column categories, number of units)."""
    point, rows, columns, n = zip(*kinds, strict=True)
    sets = [np.array([[name in of for name in KINDS] for of in side], dtype=bool) for side in (rows, columns)]
    return UncountedByPoint(np.array(point), *sets, np.array(n))


def test_a_change_that_missing_labels_can_account_for_is_no_trend(over_time):
    # 200 models, half of them CV; of as many that come later 100 are CV, and 70 without any label are left out
    patterns = [(*SAME, (100, 200)), (*OTHER, (100, 130))]
    assert about(over_time(patterns), "CV").verdict == "trend"
    m = about(over_time(patterns, uncounted=uncounted((1, [], [], 70))), "CV")
    assert (m.verdict, m.counted, m.counted_of) == ("coverage", pytest.approx((1.0, 130 / 200)), "all")
    # all of the 70 may be NLP, or CV: 100 or 170 of 200 are CV then
    low, high = m.bounds
    margin = low - (100 / 200 - 0.5)
    assert margin < 0
    assert high - (170 / 200 - 0.5) == pytest.approx(-margin)
    assert -margin > m.change.value - m.change.low


def test_a_change_that_missing_labels_cannot_account_for_is_a_trend(over_time):
    patterns = [(*SAME, (100, 290)), (*OTHER, (300, 310))]
    m = about(over_time(patterns, uncounted=uncounted((1, [], [], 20))), "CV")
    assert (m.verdict, m.counted) == ("trend", pytest.approx((1.0, 200 / 220)))
    assert m.bounds[0] > 0


def test_labels_of_one_side_narrow_what_missing_ones_can_do(over_time):
    """Units left out for lack of a row label are known to be NLP in the column, so that nothing changed there."""
    patterns = [(*SAME, (100, 200)), (*OTHER, (100, 130))]
    m = about(over_time(patterns, uncounted=uncounted((1, [], ["NLP"], 70))), "CV")
    assert (m.verdict, m.counted) == ("coverage", pytest.approx((1.0, 130 / 200)))
    assert sum(m.bounds) / 2 == pytest.approx(0)  # 100 of 200 are CV at both times, for sure


def test_units_that_no_rule_knows_are_without_a_label(over_time):
    """They are counted, and have no category: 70 of the later 200."""
    patterns = [(*SAME, (100, 200)), (*OTHER, (100, 130)), ([], ["CV"], (0, 70))]
    found = over_time(patterns)
    rows = next(m for m in found.moved if (m.about, m.side, m.outcome) == ("category", "rows", "NLP"))
    assert (rows.verdict, rows.counted) == ("coverage", pytest.approx((1.0, 130 / 200)))


def test_coverage_that_is_steady_leaves_a_trend_as_it_is(over_time):
    patterns = [(*SAME, (100, 270)), (*OTHER, (100, 130))]
    m = about(over_time(patterns, uncounted=uncounted((0, [], [], 50), (1, [], [], 50))), "CV")
    assert (m.verdict, m.counted, m.counted_of, m.bounds) == ("trend", None, "", None)
