"""Headlines asked again of other counts: what stays, what changes, and what rests on one thing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diptych.findings import robustness
from diptych.findings.kinds import answer, headlines
from diptych.findings.robustness import AlternativeAnalyses, LeaveOneOut
from diptych.findings.statements import StatementInput, carriers
from diptych.ledger.recounts import Change

ABC = ("A", "B", "C")

# 100 units: agreement 90 %, A leads its row, B too, A is the largest outcome
PATTERNS = [("A", "A", 60, "one"), ("A", "B", 6, "two"), ("B", "B", 30, "two"), ("B", "A", 4, "one")]


def by_id(study):
    return {headline.question.id: headline for headline in headlines(StatementInput(study))}


def test_headlines_are_the_statements_with_their_numbers(make_study):
    found = by_id(make_study([pattern[:3] for pattern in PATTERNS], ABC))
    assert found["agreement"].answer.value == 0.9
    assert found["agreement"].answer.word == "high"
    assert (found["leads.a"].answer.value, found["leads.a"].answer.word) == (pytest.approx(60 / 66), "A")
    assert (found["largest.a"].answer.value, found["largest.a"].answer.word) == (0.64, "A")
    assert "direction.a.b" not in found  # the data do not show a direction, so none is tested again
    assert "isolation.c" not in found


def test_a_headline_changes_where_the_answer_does(make_study):
    # by links B is the largest outcome, and the agreement falls below the next threshold
    links = [("A", "A", 40), ("A", "B", 30), ("B", "B", 30)]
    study = make_study([p[:3] for p in PATTERNS], ABC, alternatives={"link": links})
    (choices,) = [f for f in robustness.find(StatementInput(study)) if isinstance(f, AlternativeAnalyses)]
    assert [(c.by, c.name, c.n_units) for c in choices.choices] == [
        ("unit", "models", 100),
    ]
    tried = {t.headline.question.id: t.outcomes for t in choices.tried}
    assert (tried["agreement"][0].value, tried["agreement"][0].stays) == (0.7, "changes")
    assert (tried["largest.a"][0].value, tried["largest.a"][0].word, tried["largest.a"][0].stays) == (
        0.4,
        "B",
        "changes",
    )
    assert (tried["leads.a"][0].value, tried["leads.a"][0].stays) == (pytest.approx(40 / 70), "stays")
    assert {t.headline.question.id for t in choices.changing} == {"agreement", "largest.a"}


def test_doubling_the_minimum_leaves_rows_that_cannot_be_judged(make_study):
    study = make_study([p[:3] for p in PATTERNS], ABC, minimum=20)
    (choices,) = [f for f in robustness.find(StatementInput(study)) if isinstance(f, AlternativeAnalyses)]
    tried = {t.headline.question.id: t.outcomes[0] for t in choices.tried}
    assert tried["leads.a"].stays == "stays"
    assert (tried["leads.b"].value, tried["leads.b"].stays) == (None, "gone")  # 34 units are fewer than 40
    assert choices.changing == ()


def test_the_minimum_is_doubled_only_where_a_row_has_fewer_than_that(make_study):
    study = make_study([p[:3] for p in PATTERNS], ABC)  # every category has 30 units or more
    assert not [f for f in robustness.find(StatementInput(study)) if isinstance(f, AlternativeAnalyses)]


def test_the_minimum_is_not_doubled_for_a_row_that_has_too_few_groups_already(make_study):
    """C has 12 units of one group, so twice the minimum changes no row. The report counted this as an analysis."""
    patterns = [(*p[:3], "", f"g{k}") for k, p in enumerate(8 * [("A", "A", 30), ("A", "B", 5), ("B", "B", 20)])]
    study = make_study([*patterns, ("C", "C", 12, "", "g0")], ABC, groups=True, minimum=10)
    assert not [f for f in robustness.find(StatementInput(study)) if isinstance(f, AlternativeAnalyses)]


def test_the_largest_category_may_lose_the_majority(make_study):
    """The report said that CV is the largest category, and tested whether most models are CV models."""
    study = make_study([("A", "A", 60), ("B", "B", 30), ("C", "C", 10)], ABC)
    headline = by_id(study)["largest.a"]
    fewer = make_study([("A", "A", 40), ("B", "B", 35), ("C", "C", 25)], ABC)
    assert answer(headline.question, StatementInput(fewer)) == replace(headline.answer, value=0.4)


def test_strata_are_only_asked_about_where_there_are_any(make_study):
    cells = [("A", "A", 60), ("A", "B", 20), ("B", "A", 20), ("B", "B", 60)]
    patterns = [(*cell, name) for name in ("one", "two") for cell in cells]
    study = make_study(patterns, ABC, strata=True, alternatives={"link": cells})
    (choices,) = [f for f in robustness.find(StatementInput(study)) if isinstance(f, AlternativeAnalyses)]
    tried = {t.headline.question.id: t.outcomes for t in choices.tried}
    assert [outcome.stays for outcome in tried["within.a"]] == ["unasked"]


def test_filing_otherwise_is_a_choice_and_says_whether_units_have_more_categories(make_study):
    more = [("AB", "AB", 60), ("A", "B", 6), ("B", "B", 30), ("B", "A", 4)]
    study = make_study([p[:3] for p in PATTERNS], ABC, recounts={Change("replaces", None, "A"): more})
    (choices,) = [f for f in robustness.find(StatementInput(study)) if isinstance(f, AlternativeAnalyses)]
    assert [(c.by, c.name, c.several) for c in choices.choices] == [
        ("replaces", "A", True),
    ]


def test_a_headline_rests_on_the_level_without_which_it_is_gone(make_study):
    contributions = [
        ("A", "A", "stratum", "one", 60, 60),
        ("B", "B", "stratum", "two", 30, 30),
        ("B", "A", "stratum", "one", 4, 4),
    ]
    others = [("C", "C", 1, "three"), ("C", "C", 1, "four")]  # a stratum is left out only where three others remain
    study = make_study(PATTERNS + others, ABC, strata=True, contributions=contributions)
    (dependence,) = [f for f in robustness.find(StatementInput(study)) if isinstance(f, LeaveOneOut)]
    rests = {r.headline.question.id: r for r in dependence.rests}
    # without "one": 6 units go from A to B and 30 from B to B
    (omission,) = rests["leads.a"].omissions
    assert (omission.by, omission.name, omission.outcome.word, omission.outcome.stays) == (
        "stratum",
        "one",
        "B",
        "changes",
    )
    assert (rests["agreement"].omissions[0].outcome.value, rests["agreement"].decisive) == (
        pytest.approx(32 / 38),
        None,
    )
    assert rests["largest.a"].decisive.outcome.word == "B"
    # without "two" nothing leads from B to B
    assert rests["leads.b"].decisive.name == "two"


def test_carriers_are_ranked_by_what_would_leave_then_by_what_they_touch(make_study):
    contributions = [
        ("A", "A", "item", "X", 50, 5),
        ("A", "A", "item", "Y", 20, 9),
        ("B", "B", "item", "X", 20, 5),
        ("A", "A", "item", "Z", 60, 9),
        ("A", "A", "group", "g", 3, 3),
    ]
    recounted = {Change("item", None, name): [p[:3] for p in PATTERNS] for name in "XYZ"}
    study = make_study([p[:3] for p in PATTERNS], ABC, contributions=contributions, recounts=recounted)
    assert [change.name for change, _ in carriers(study, {("A", "A")})] == ["Z", "g"]
    assert [change.name for change, _ in carriers(study, {("A", "A"), ("B", "B")})] == ["X", "g"]
    assert list(carriers(study, {("C", "C")})) == []


def test_what_was_not_counted_anew_gives_way_to_the_next(make_study):
    contributions = [("A", "A", "item", "X", 50, 50), ("A", "A", "item", "Y", 20, 9)]
    recounted = {Change("item", None, "Y"): [p[:3] for p in PATTERNS]}
    study = make_study([p[:3] for p in PATTERNS], ABC, contributions=contributions, recounts=recounted)
    assert [change.name for change, _ in carriers(study, {("A", "A")})] == ["Y"]


def test_without_headlines_there_is_nothing_to_ask(make_study):
    assert robustness.find(StatementInput(make_study([("", "", 30)], ABC))) == ()
