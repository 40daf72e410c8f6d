"""The largest contributors to a pair, and which of them can be left out."""

from __future__ import annotations

from diptych.findings.statements import carriers
from diptych.ledger.recounts import Change

ABC = ("A", "B", "C")
PATTERNS = [("A", "A", 60), ("A", "B", 6), ("B", "B", 30), ("B", "A", 4)]


def test_carriers_are_ranked_by_what_would_leave_then_by_what_they_touch(make_study):
    contributions = [
        ("A", "A", "item", "X", 50, 5),
        ("A", "A", "item", "Y", 20, 9),
        ("B", "B", "item", "X", 20, 5),
        ("A", "A", "item", "Z", 60, 9),
        ("A", "A", "group", "g", 3, 3),
    ]
    recounted = {Change("item", None, name): PATTERNS for name in "XYZ"}
    study = make_study(PATTERNS, ABC, contributions=contributions, recounts=recounted)
    assert [change.name for change, _ in carriers(study, {("A", "A")})] == ["Z", "g"]
    assert [change.name for change, _ in carriers(study, {("A", "A"), ("B", "B")})] == ["X", "g"]
    assert list(carriers(study, {("C", "C")})) == []


def test_what_was_not_counted_anew_gives_way_to_the_next(make_study):
    contributions = [("A", "A", "item", "X", 50, 50), ("A", "A", "item", "Y", 20, 9)]
    recounted = {Change("item", None, "Y"): PATTERNS}
    study = make_study(PATTERNS, ABC, contributions=contributions, recounts=recounted)
    assert [change.name for change, _ in carriers(study, {("A", "A")})] == ["Y"]
