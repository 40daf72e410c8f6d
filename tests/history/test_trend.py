"""Trends over a series: what moved, what only the mix moved, what too few dates forbid."""

from dataclasses import replace

import numpy as np
import pytest

from diptych.findings import trend
from diptych.findings.settings import ThresholdSettings
from diptych.findings.strength import measured, with_strength
from diptych.recounts.series import Point, Series
from tests.findings.conftest import make_study as _make_study

make_study = _make_study
KINDS = ("CV", "NLP")


@pytest.fixture
def over_time(make_study):
    """Make the finding of a series: patterns with the units that are there at each point."""

    def make(patterns, n_undated=0, minimum=10, **how):
        study = make_study([(*p[:2], p[-1][-1] or 1, *p[2:-1]) for p in patterns], KINDS, minimum=minimum, **how)
        base = study.tables.incidence
        points = []
        for place in range(len(patterns[0][-1])):
            units = np.array([p[-1][place] for p in patterns])
            weight = units.astype(float)
            points.append(
                Point(str(2020 + place), None, replace(base, units=units, weight=weight, weight_squared=weight))
            )
        total = int(points[-1].incidence.units.sum()) + n_undated
        series = Series("date", tuple(points), "created", "year", len(points), n_undated, total)
        [found] = trend.find(replace(study, series=series))
        return found

    return make


SAME = (["CV"], ["CV"])
OTHER = (["NLP"], ["NLP"])


def about(found, name):
    return next(m for m in found.moved if m.about == "category" and m.outcome == name)


def test_a_share_that_new_units_move_is_a_trend(over_time):
    # 100 models, half of them CV; then 200 come, all but 20 of them CV: 230 of 300
    found = over_time([(*SAME, (50, 120, 230)), (*OTHER, (50, 60, 70))])
    m = about(found, "CV")
    assert (m.verdict, m.first, m.since) == ("trend", 0, "2020")
    assert m.shares == (0.5, 230 / 300)
    assert m.change.value == pytest.approx(230 / 300 - 0.5)
    assert [s.n for s in m.standings] == [100, 180, 300]
    assert m.standings[1].share.value == pytest.approx(120 / 180)
    assert (m.within, m.mix) == (None, None)
    assert not found.null
    assert (found.n_first, found.n_last) == (100, 300)


def test_growth_of_the_same_kind_moves_nothing(over_time):
    found = over_time([(*SAME, (50, 110, 152)), (*OTHER, (50, 90, 148))])
    assert found.null
    assert found.moved == ()
    assert found.n_tested == 2


def test_a_change_below_the_threshold_is_not_told_however_sure(over_time):
    found = over_time([(*SAME, (50_000, 208_000)), (*OTHER, (50_000, 192_000))])
    assert ThresholdSettings().moved == 0.05
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


def test_a_share_begins_where_enough_units_are(over_time):
    found = over_time([(*SAME, (2, 50, 230)), (*OTHER, (3, 50, 70))])
    m = about(found, "CV")
    assert (m.first, m.since) == (1, "2021")
    assert m.standings[0].share is None
    assert m.n == (100, 300)


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
    assert measured(real).value == real.moved[0].change.value


def test_without_a_series_there_is_no_finding(make_study):
    assert trend.find(make_study([(["CV"], ["CV"], 20)], KINDS)) == []
