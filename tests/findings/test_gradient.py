"""Gradients: which trends over ordered categories are reported, and which are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diptych.findings import gradient, story, surprises
from diptych.findings.finding import Study
from diptych.panels import tables_of

AGES = ("a18", "a25", "a35", "a45", "a65")


@pytest.fixture
def study_of(make_study):
    """A study with ordered ages; `tables` gives the numbers of yes and no at each age, by stratum."""

    def make(tables, *, columns=("yes", "no"), ordered=AGES, answers=None, **how) -> Study:
        patterns = [
            (ages, [column], n, stratum)
            for stratum, table in tables.items()
            for ages, row in zip([[age] for age in AGES], table, strict=False)
            for column, n in zip(columns, row, strict=True)
            if n
        ]
        study = make_study(patterns, AGES, columns=columns, minimum=10, strata=len(tables) > 1, **how)
        incidence = study.tables.incidence
        incidence = replace(
            incidence,
            rows=replace(incidence.rows, ordered=ordered),
            columns=replace(incidence.columns, ordered=answers),
        )
        return replace(study, numbers=replace(study.numbers, tables=tables_of(incidence)))

    return make


FALLS = [(91, 9), (80, 20), (60, 40), (40, 60), (21, 79)]


def found(study):
    return [f for f in gradient.find(study) if not f.null]


def test_a_share_that_falls_at_each_step(study_of):
    study = study_of({"": FALLS})
    (f,) = found(study)
    assert (f.id, f.outcome, f.n_against, f.rises, f.coefficient) == ("gradient.rows.yes", "yes", 0, False, "somers_d")
    assert [step.share for step in f.steps] == [0.91, 0.8, 0.6, 0.4, 0.21]
    assert f.effect.low < f.effect.value < f.effect.high < 0


def test_its_pairs_are_not_reported_again(study_of):
    study = study_of({"": FALLS})
    every = [*gradient.find(study), *surprises.find(study)]
    (told,) = story.tell(study, every)
    assert [point.finding for point in told.points] == ["gradient.rows.yes"]
    plain = study_of({"": FALLS}, ordered=None)
    (told,) = story.tell(plain, [*gradient.find(plain), *surprises.find(plain)])
    assert {point.finding for point in told.points} == {"surprises.left"}


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ([(50, 50), (52, 48), (49, 51), (51, 49), (50, 50)], "no trend"),
        ([(30, 70), (31, 69), (32, 68), (33, 67), (80, 20)], "one step makes it"),
        ([(10, 90), (50, 50), (90, 10), (50, 50), (20, 80)], "it turns round"),
        ([(91, 9), (80, 20), (40, 60), (60, 40), (21, 79)], "one step clearly goes the other way"),
        ([(91, 9), (21, 79)], "two categories"),
    ],
)
def test_no_gradient(study_of, table, why):
    study = study_of({"": table})
    assert found(study) == [], why
    assert not any(null.rises for null in gradient.find(study))


def test_one_small_step_may_go_the_other_way(study_of):
    (f,) = found(study_of({"": [(91, 9), (70, 30), (72, 28), (40, 60), (21, 79)]}))
    assert f.n_against == 1


def test_a_stratum_that_goes_the_other_way_forbids_it(study_of):
    rises = [(20, 30), (22, 28), (24, 26), (26, 24), (28, 22)]
    assert found(study_of({"A": [(3 * a, 3 * b) for a, b in FALLS], "B": rises})) == []
    (f,) = found(study_of({"A": FALLS, "B": FALLS}))
    assert (f.stratified, f.n_informative) == (True, 2)
    # A stratum with few units does not show a direction: it counts neither for nor against the trend.
    (f,) = found(study_of({"A": FALLS, "B": FALLS, "C": [(1, 2), (2, 1), (1, 2), (2, 2), (2, 1)]}))
    assert f.n_informative == 2


def test_two_orders_have_one_gradient(study_of):
    table = [(60, 30, 10), (45, 35, 20), (35, 35, 30), (20, 35, 45), (10, 30, 60)]
    columns = ("low", "middle", "high")
    (f,) = found(study_of({"": table}, columns=columns, answers=columns))
    assert (f.coefficient, f.outcome, f.effect.value > 0.4) == ("gamma", "high", True)
    assert [step.share for step in f.steps] == pytest.approx([0.1, 0.2, 0.3, 0.45, 0.6])


def test_categories_outside_the_order_take_no_part(study_of):
    (f,) = found(study_of({"": [*FALLS[:4], (95, 5)]}, ordered=AGES[:4]))
    assert [step.category for step in f.steps] == list(AGES[:4])


def test_nothing_without_an_order(study_of):
    assert gradient.find(study_of({"": FALLS}, ordered=None)) == []
    (none,) = gradient.find(study_of({"": [(50, 50)] * 5}))
    assert (none.null, none.n_tested) == (True, 1)


def test_groups_of_copies_are_no_evidence(study_of, make_study):
    patterns = [([age], ["yes" if k < 2 else "no"], 40, "", f"g{k}") for k, age in enumerate(AGES)]
    study = make_study(patterns, AGES, columns=("yes", "no"), minimum=10, groups=True)
    incidence = study.tables.incidence
    incidence = replace(incidence, rows=replace(incidence.rows, ordered=AGES))
    assert found(replace(study, numbers=replace(study.numbers, tables=tables_of(incidence)))) == []


LEVELS = ("elementary", "secondary", "high")


def test_no_trend_is_called_absent_while_one_share_clearly_changes(study_of):
    """The ages of R's vcd::Punishment: high education falls over the ages (18, 14, 5%), and the others do not."""
    ages = [(141, 75, 48), (209, 164, 60), (596, 124, 39)]
    (f,) = gradient.find(study_of({"": ages}, columns=LEVELS, ordered=AGES[:3], answers=LEVELS))
    assert f.null
    assert f.p < 1e-6
    assert not f.is_absent
    flat = [(150, 75, 25), (151, 74, 25), (149, 76, 25)]
    (f,) = gradient.find(study_of({"": flat}, columns=LEVELS, ordered=AGES[:3], answers=LEVELS))
    assert f.null
    assert f.is_absent
