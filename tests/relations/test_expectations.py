"""Guards of `expect:`: each broken one in words, with both numbers; none when all hold."""

from __future__ import annotations

import pytest

from diptych.errors import DataError
from diptych.ledger.coverage import Coverage, ExpectSettings, SideCoverage, check_expectations


def coverage(relation="trained_on", rows=("datasets", 10, 6), n_links=1200, n_resolved=900):
    sides = [SideCoverage(name, n, labelled, 0, (), ()) for name, n, labelled in (rows, ("models", 5, 5))]
    return Coverage(relation, n_links, n_resolved, 5, 5, 0, *sides, ())


def broken(expect, coverages, rows):
    with pytest.raises(DataError) as caught:
        check_expectations(ExpectSettings.model_validate(expect), coverages, rows)
    return list(caught.value.messages)


def test_every_broken_guard_at_once():
    expect = {"rows": {"models": 4000, "modls": 1}, "unlabelled": 0.3, "unresolved": 0.2}
    # The second relation repeats what is said of datasets, which is told once.
    assert broken(expect, [coverage(), coverage("used", n_links=0, n_resolved=0)], {"models": 3120}) == [
        "expect.rows.models: models has 3,120 rows; at least 4,000 are expected",
        'expect.rows: "modls" is nothing that is counted for a panel (did you mean "models"?)',
        "expect.unlabelled: datasets: 4 of 10 have no category, a share of 0.400; at most 0.3 is expected",
        "expect.unresolved: relation trained_on: 300 of 1,200 do not resolve, a share of 0.250; at most 0.2 is expected",
    ]


def test_sides_of_records_name_their_relation():
    assert broken({"unlabelled": 0.3}, [coverage("survey", rows=("rows", 10, 6))], {}) == [
        "expect.unlabelled: rows (relation survey): 4 of 10 have no category, a share of 0.400; at most 0.3 is expected"
    ]


def test_guards_that_hold_exactly():
    expect = ExpectSettings(rows={"models": 5}, unlabelled=0.4, unresolved=0.25)
    check_expectations(expect, [coverage()], {"models": 5})
    check_expectations(ExpectSettings(), [coverage()], {})
