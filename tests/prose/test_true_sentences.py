"""Sentences that a table once contradicted, each beside a table so small that it can be counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diptych import formats
from diptych.document.pictures import cells_that_matter
from diptych.ledger.recounts import Change
from diptych.matrices import PanelSettings
from diptych.panels import build_panel, tables_of
from tests.findings.conftest import make_study as _make_study
from tests.prose.parts import part_of, said, writer_of

make_study = _make_study
ABC = ("A", "B", "C")


def test_statements_that_cannot_be_asked_again_do_not_stay(make_study):
    # Rows have 12 and 11 units: none has 20.
    study = make_study([("A", "A", 12), ("B", "B", 11)], ABC, minimum=10)
    told = said(study)
    assert told["robustness.tested"] == (
        "Seven statements of this report were re-tested in an alternative analysis (only rows with at least 20 models)."
    )
    assert told["robustness.outcome"] == "Three hold and four cannot be tested."


def test_statements_that_some_choice_cannot_answer_stay_where_they_can_be_asked(make_study):
    # By links all is as it was; but no row has 20.
    study = make_study(
        [("A", "A", 12), ("B", "B", 11)], ABC, minimum=10, alternatives={"link": [("A", "A", 12), ("B", "B", 11)]}
    )
    assert said(study)["robustness.outcome"] == "All seven hold wherever they can be tested."


def test_a_largest_category_rests_on_an_item_only_if_another_is_larger_without_it(make_study):
    # 102 of 200 are A: 51 %. Without X, which 40 of them have, 62 of 160: 39 %. With 98 of them, B is larger.
    patterns = [("A", "A", 102), ("B", "B", 98)]
    without = [("A", "A", 62), ("B", "B", 50), ("C", "C", 48)]
    parts = [("A", "A", "item", "X", 40, 40)]
    study = make_study(patterns, ABC, contributions=parts, recounts={Change("item", None, "X"): without})
    assert "dominance.trained_on.rests" not in said(study)
    larger = make_study(
        patterns, ABC, contributions=parts, recounts={Change("item", None, "X"): [("A", "A", 62), ("B", "B", 98)]}
    )
    assert said(larger)["dominance.trained_on.rests"] == (
        "This depends on one dataset, X: without it, B is the largest category, and the share of A is 39%."
    )


def test_nothing_rests_on_what_makes_it_weaker(make_study):
    # 74 of 100 agree; without X, 70 of 91: 77 %, another tier, and no less.
    patterns = [("A", "A", 40), ("B", "B", 34), ("A", "B", 13), ("B", "A", 13)]
    without = [("A", "A", 38), ("B", "B", 32), ("A", "B", 10), ("B", "A", 11)]
    parts = [("A", "A", "item", "X", 5, 5), ("B", "B", "item", "X", 4, 4)]
    study = make_study(patterns, ABC, contributions=parts, recounts={Change("item", None, "X"): without})
    told = said(study)
    assert (
        told["agreement.told"]
        == "74% of models (74 of 100) have the same categories as the datasets they are trained on, against 50% expected by chance."
    )
    assert "agreement.rests" not in told
    fewer = [("A", "A", 28), ("B", "B", 9), ("A", "B", 20), ("B", "A", 20)]
    weaker = make_study(patterns, ABC, contributions=parts, recounts={Change("item", None, "X"): fewer})
    assert said(weaker)["agreement.rests"] == "This depends on one dataset, X: without it, the value is 48%."


def test_statements_without_enough_left_are_counted_apart(make_study):
    # Without X the row B has four units: too few, where five are needed.
    patterns = [("A", "A", 30), ("B", "B", 24)]
    without = [("A", "A", 30), ("B", "B", 4)]
    parts = [("A", "A", "item", "X", 1, 1), ("B", "B", "item", "X", 20, 20)]
    study = make_study(patterns, ABC, contributions=parts, recounts={Change("item", None, "X"): without}, minimum=5)
    told = said(study)
    assert (
        told["robustness.tested"]
        == "Seven statements of this report were re-tested without the dataset that contributes most."
    )
    assert told["robustness.outcome"] == "Five hold and two cannot be tested."
    assert told["robustness.gone"] == "Too little data remains to test two statements without dataset X."


def test_either_side_may_be_mostly_one_category(make_study):
    # 70 of 100 are trained on A; of the models none has half.
    told = said(make_study([("A", "A", 40), ("A", "B", 30), ("B", "B", 10), ("C", "C", 20)], ABC))
    assert told["dominance.trained_on.rows.observation"] == "70% of models are trained on A datasets."
    assert "dominance.trained_on.observation" not in told
    assert "a category with half" not in told.get("headings.nulls", "")


def test_no_side_has_a_category_with_half_of_the_units(make_study):
    told = said(make_study([("A", "B", 40), ("B", "C", 35), ("C", "A", 25)], ABC))
    assert not [name for name in told if name.startswith("dominance")]


def test_another_unit_says_what_its_share_is(make_study):
    links = [("A", "A", 30), ("A", "B", 20), ("B", "B", 50)]
    told = said(make_study([("A", "A", 60), ("A", "B", 10), ("B", "B", 30)], ABC, alternatives={"link": links}))
    assert told["dominance.trained_on.observation"] == (
        "A is the largest model category if models (60%) are counted, but B is if models (70%) are counted."
    )
    assert told["dominance.trained_on.rows.observation"] == (
        "A is the largest dataset category if models (70%) and models (50%) are counted."
    )


def test_units_without_a_category_make_rows_of_less_than_one(make_study):
    # 80 of the 100 that are trained on A are A or B models; 20 have no category, so the row A adds to 0.80.
    told = said(make_study([("A", "A", 60), ("A", "B", 20), ("A", "", 20), ("B", "B", 10)], ABC))
    assert told["reading.rows_differ.left"] == (
        "Rows of (a) can add up to less than 100%: 20 models have no model category."
    )
    assert not any(name.startswith("reading.rows_add") for name in told)


def test_rows_of_units_with_several_categories_and_with_none(make_study):
    told = said(make_study([("A", "A", 60), ("A", "AB", 20), ("A", "", 1), ("", "BC", 9), ("B", "B", 10)], ABC))
    # The nine without a dataset are in rows of the right panel, and add nothing there.
    assert told["reading.rows_differ_both"] == (
        "Rows need not add up to 100%: 20 models have several model categories and 9 have no dataset category."
    )


def test_rows_that_add_to_one_on_both_sides(make_study):
    told = said(make_study([("A", "A", 60), ("A", "B", 20), ("", "", 9), ("B", "B", 10)], ABC))
    assert told["reading.rows_add_both"] == ("Rows add up to 100%.")


@pytest.mark.parametrize(
    ("n_named", "text"),
    [
        (8600, "For 8,600 of 16,000 models, datasets are named. For 3,600 of them (42%), at least one of these datasets is known; this report covers these models."),
        (3600, "For 3,600 of 16,000 models, datasets are named. At least one of these datasets is known for each model; this report covers these models."),
        (16000, "Of 16,000 models, 3,600 (23%) are trained on at least one known dataset; this report covers these models."),
    ],
)  # fmt: skip
def test_models_that_name_nothing_are_no_part_of_a_share(n_named, text, make_study):
    study = make_study([("A", "A", 3000), ("B", "B", 600)], ABC)
    known = replace(study.coverage, n_candidates=16_000, n_named=n_named)
    assert said(replace(study, numbers=replace(study.numbers, coverage=known)))["population.counted"] == text


def test_links_of_items_with_themselves_are_told(make_study):
    study = make_study([("A", "A", 30), ("B", "B", 6)], ABC)
    assert "gaps.itself" not in said(study)
    known = replace(study.coverage, n_itself=12)
    told = said(replace(study, numbers=replace(study.numbers, coverage=known)))
    assert told["gaps.itself"] == "12 links lead from an item to itself and are counted on the diagonal."


def test_what_meets_another_category_on_the_outcome_side_is_not_isolated(make_study):
    # All 20 of A have A on both sides, and 15 of them are B models too.
    told = said(make_study([("A", "A", 5), ("A", "AB", 15), ("B", "B", 30), ("C", "C", 30)], ABC))
    assert "isolation.a.observation" not in told
    assert told["isolation.c.observation"] == "C is never combined with another category."


def test_links_counted_in_parts_are_no_other_unit(make_study):
    patterns = [("A", "A", 60), ("B", "B", 40)]
    told = said(make_study(patterns, ABC, alternatives={"parts": [("A", "A", 5), ("B", "B", 5)]}))
    assert told["population.sizes"] == "The model categories are A (60%) and B (40%)."
    # The overview says so of models already: nothing is said twice.
    assert "dominance.trained_on.observation" not in told
    assert "sensitivity.observation" not in told


def test_the_largest_category_is_named_with_its_side(make_study):
    study = make_study([("A", "A", 60), ("B", "A", 40)], ABC, alternatives={"link": [("B", "A", 70), ("A", "A", 30)]})
    told = said(study)
    assert (
        "B is largest" in told["dominance.trained_on.rows.observation"]
        or "(70%)" in told["dominance.trained_on.rows.observation"]
    )
    assert "sensitivity.observation" not in told  # it would repeat this


def test_cells_of_too_few_units_are_not_said_to_be_low(make_study):
    # Both of the two models trained on C are A models: 100 %, and too few to judge.
    told = said(make_study([("A", "A", 60), ("B", "B", 60), ("C", "A", 2)], ABC, minimum=5))
    assert told["crossings.left.none"] == "Every cell off the diagonal with enough data is zero."
    none = said(make_study([("A", "A", 60), ("B", "B", 60)], ABC, minimum=5))
    assert none["crossings.left.none"] == "Every cell off the diagonal is zero."


def test_a_panel_without_large_cells_counts_its_cells_with_too_little_data(make_study):
    # One of seven C models was trained on A: 14%, no large cell, with too little data, and not zero.
    few = [("A", "A", 60), ("B", "B", 60), ("C", "C", 6), ("C", "A", 1)]
    told = said(make_study(few, ABC, minimum=10))
    assert told["crossings.left.none"] == "Every cell off the diagonal with enough data is zero."
    told = said(make_study([*few, ("A", "B", 3)], ABC, minimum=10))
    assert told["crossings.left.none"].startswith(
        "The largest cell off the diagonal with enough data is A\N{EN DASH}B: 5%"
    )
    # A larger cell has enough data.
    told = said(make_study([*few, ("A", "B", 14)], ABC, minimum=10))
    assert told["crossings.left.none"].startswith("The largest cell off the diagonal is A\N{EN DASH}B: 19%")


def test_a_panel_without_enough_data_has_no_sentence_on_its_cells(make_study):
    told = said(make_study([("A", "A", 3), ("B", "B", 3), ("C", "A", 3)], ABC, minimum=10))
    assert "crossings.left.none" not in told


def test_weights_are_told_from_units(make_study):
    study = make_study([("A", "A", 60), ("B", "B", 4)], ABC, minimum=5)
    counted = study.tables.incidence
    heavy = replace(counted, weight=counted.weight * 100, weight_squared=counted.weight * 10_000, weighted=True)
    tables = tables_of(heavy)
    how = study.inference
    panels = tuple(
        build_panel(
            PanelSettings(id=p.id, relation=p.relation, given=p.given.name, outcome=p.outcome.name),
            tables,
            how,
            p.mirror,
        )
        for p in study.panels
    )
    told = said(replace(study, numbers=replace(study.numbers, tables=tables), panels=panels))
    assert told["population.counted"].endswith(". Their weights add up to 6,400.")
    assert told["population.sizes"] == "The model categories, by weight, are A (94%) and B (6%)."
    # Four models are too few, though they weigh 400: it is not a matter of groups.
    assert told["population.few"] == "One dataset category has too little data to interpret: B (4 models)."


JOINED = [("A", "A", 60), ("B", "B", 60), ("C", "C", 60), ("A", "B", 30), ("C", "A", 25)]


def test_what_no_longer_joins_two_others_may_still_meet_both(make_study):
    # Without X, A crosses with B 30 times and with C twice: too few, and not none.
    without = [*JOINED[:4], ("C", "A", 2)]
    parts = [("C", "A", "item", "X", 23, 23), ("A", "B", "item", "Y", 1, 1)]
    study = make_study(JOINED, ABC, contributions=parts, recounts={Change("item", None, "X"): without}, minimum=10)
    assert said(study)["bridge.a.rests"] == (
        "This depends on one dataset, X: without it, 30 of the 32 mismatches with A involve B."
    )


def test_the_direction_that_is_told_is_the_one_whose_interval_excludes_0(make_study):
    # A to B 60 and back 45: a difference of 15 that may be chance. C to A 12 and back 1: 11, and surely more.
    patterns = [("A", "A", 99), ("A", "B", 60), ("B", "A", 45), ("C", "A", 12), ("A", "C", 1), ("C", "C", 50)]
    told = said(make_study(patterns, ABC, minimum=10))
    assert (
        told["direction.a.c.observation"]
        == "12 A models are trained on C datasets, and one C model is trained on A datasets."
    )
    assert "direction.a.b.observation" not in told


def test_a_large_cell_is_none_less_because_its_share_slips_under_a_round_limit(make_study):
    # 29 of 100 A datasets go with B models: without X 22 of 93, 24 %, with an interval that reaches 25 %.
    patterns = [("A", "A", 71), ("A", "B", 29), ("B", "B", 99), ("C", "C", 40)]
    without = [("A", "A", 71), ("A", "B", 22), *patterns[2:]]
    parts = [("A", "B", "item", "X", 7, 7)]
    near = make_study(patterns, ABC, contributions=parts, recounts={Change("item", None, "X"): without})
    assert fate(near, "share") == ["stays"]
    surely = [("A", "A", 71), ("A", "B", 7), *patterns[2:]]
    parts = [("A", "B", "item", "X", 22, 22)]
    far = make_study(patterns, ABC, contributions=parts, recounts={Change("item", None, "X"): surely})
    assert fate(far, "share") == ["changes"]


def fate(study, about):
    """Return what becomes of a statement without what it rests on."""
    (dependence,) = (f for f in part_of(study).findings if f.kind == "dependence")
    (line,) = (r for r in dependence.rests if r.headline.question.about == about)
    return [omission.outcome.stays for omission in line.omissions]


UNSURE = [("A", "V", 40), ("A", "W", 10), ("B", "V", 12), ("B", "W", 40), ("C", "V", 16), ("C", "W", 7)]
"""C with W: 7 where 10.5 would be expected, p of 0.16 (Fisher's exact test)."""


def cells_table(study):
    """Return the table of cells that matter: of each pair its fields by their headers, and the notes."""
    part = part_of(study)
    (table,) = cells_that_matter(part, writer_of(part))
    headers = [column.header for column in table.columns]
    return {row[0].text: dict(zip(headers, row, strict=True)) for row in table.rows}


def test_a_cell_that_matters_has_its_q_and_is_marked_where_it_may_be_chance(make_study):
    found = cells_table(make_study(UNSURE, ABC, columns=("V", "W")))
    assert found["A–W"]["q"].text == "under 0.001"
    assert found["A–W"]["q"].note is None
    assert float(found["C–W"]["q"].text) > 0.05
    assert found["C–W"]["q"].note == "not significant: q above 0.05"


def test_the_largest_contributor_is_printed_with_the_units_by_which_it_was_chosen(make_study):
    # WebLI and LAION are beside each other for 20 models: without WebLI 30 are lost, without LAION 22 of the 42.
    parts = [("A", "A", "item", "WebLI", 35, 30), ("A", "A", "item", "LAION", 42, 22), ("A", "B", "item", "Pile", 9, 1)]
    found = cells_table(make_study([("A", "A", 60), ("A", "B", 9), ("B", "B", 60)], ABC, contributions=parts))
    assert found["A–A"]["Largest contributor (models lost without it, of all with it)"].text == "WebLI (30 of 35)"
    assert (
        found["A–B"]["Largest contributor (models lost without it, of all with it)"].text == "–"
    )  # one unit explains nothing


def test_resamples_are_said_to_test_those_statements_that_they_can(make_study):
    # All 20 of C are C models: drawn again they always are, so that resamples cannot tell.
    study = make_study([("A", "A", 80), ("A", "B", 12), ("B", "B", 80), ("B", "A", 10), ("C", "C", 20)], ABC)
    part = part_of(study)
    (dependence,) = (f for f in part.findings if f.kind == "dependence")
    n = sum(line.fails is not None for line in dependence.rests)
    assert 1 < n < len(dependence.rests)
    assert said(study)["robustness.resampled"] == (
        f"{formats.small(n).capitalize()} statements were re-tested in 200 bootstrap resamples. No resample contradicts "
        "any of them."
    )


def test_units_of_one_kind_do_not_have_more_because_they_have_more(make_study):
    patterns = [("AB", "AB", 40), ("ABC", "ABC", 30), ("A", "A", 40), ("B", "B", 40), ("C", "C", 50)]
    study = make_study(patterns, ABC, unit="key")
    counted = study.tables.incidence
    same = replace(counted, columns=replace(counted.rows), unit=replace(counted.unit, role="key"))
    told = said(replace(study, numbers=replace(study.numbers, tables=tables_of(same))))
    assert told["activity.doubt"].startswith(
        "Records differ in how many dataset categories they have. This alone makes any two categories occur together "
    )
