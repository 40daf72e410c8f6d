"""Strength: by the end of the interval nearer to nothing, by named thresholds, a step less for what rests on one thing."""

from dataclasses import replace

import pytest

from diptych.cells import Estimate
from diptych.findings.agreement import Agreement
from diptych.findings.diagonal import Isolation
from diptych.findings.direction import Direction
from diptych.findings.dominance import Dominance, Leader
from diptych.findings.finders import find_all, with_strength
from diptych.findings.finding import Finding
from diptych.findings.population import Concentration
from diptych.findings.surprises import Pair, PairAssociations
from diptych.ledger.recounts import Change


def strength(finding):
    return with_strength([finding])[0].strength


def agreement(value, low=None, high=None):
    return Agreement(
        id="agreement", n_labelled=10, n_agree=9, share=Estimate(value, low, high), n_differ=1, pivot=None, n_pivot=0
    )


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        ((0.95, 0.8, 0.99), "strong"),
        ((0.95, 0.75, 0.99), "strong"),
        ((0.95, 0.6, 0.99), "moderate"),
        ((0.95, 0.3, 0.99), "weak"),
        ((0.4, 0.35, 0.45), "weak"),
        ((0.95,), "moderate"),  # without an interval
    ],
)
def test_a_share_is_judged_by_its_lower_end(share, expected):
    assert strength(agreement(*share)) == expected


def pair(ratio, low, high):
    return Pair("A", "B", 9, 3.0, Estimate(ratio, low, high), None, 0.01)


def surprises(above=(), below=()):
    return PairAssociations(
        id="surprises.left", panel="left", basis="all", above=above, below=below, n_tested=9, n_often=9,
        n_above=len(above), n_below=len(below), null=not (above or below),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (surprises((pair(3.5, 2.1, 5.0),)), "strong"),
        (surprises((pair(3.5, 1.4, 8.0),)), "moderate"),
        (surprises((pair(1.6, 1.2, 2.2),)), "weak"),
        (surprises(below=(pair(0.2, 0.1, 0.4),)), "strong"),
        (surprises(below=(pair(0.4, 0.2, 0.8),)), "moderate"),
        (surprises(below=(pair(0.7, 0.6, 0.9),)), "weak"),
        (surprises(), None),
    ],
)
def test_a_ratio_is_judged_by_its_end_nearer_to_one(finding, expected):
    assert strength(finding) == expected


def test_what_cannot_be_told_from_a_stratum_or_changes_with_the_unit_is_weaker():
    alone = Isolation(id="isolation.a", category="A", n=20, self_share=1, stratum=None, stratum_alone=False)
    assert (strength(alone), strength(replace(alone, stratum="s", stratum_alone=True))) == ("moderate", "weak")
    leader = Leader("to", "models", "A", 80, 0.8, 100)
    other = replace(leader, role="from", unit="datasets", category="B")
    size = Dominance(id="dominance.r", side="columns", leader=leader, alternatives=())
    assert (strength(size), strength(replace(size, alternatives=(other,)))) == ("moderate", "weak")


def test_a_direction_that_is_not_supported_has_no_strength():
    found = Direction(
        id="direction.a.b", origin="A", goal="B", n_forward=90, n_back=10, net=Estimate(80, 60, 100), excess=None,
        within=None, n_pairs=1, several=False, without=(), doubt=None,
    )  # fmt: skip
    assert strength(found) == "moderate"  # 60 of 100 at least
    assert strength(replace(found, doubt="beyond")) is None


def test_null_findings_have_none():
    found = Concentration(
        id="concentration", null=True, item="X", n_units=1, share=0.9, n_item_sets=None, n_largest_set=None, n_population=9
    )  # fmt: skip
    assert strength(found) is None


def test_what_rests_on_one_thing_is_a_step_weaker(make_study):
    """All that agree are of one dataset; without it nobody does."""
    names = ("A", "B")
    whole = [(("A",), ("A",), 90), (("B",), ("B",), 90), (("B",), ("A",), 12), (("A",), ("B",), 12)]
    change = Change("item", "rows", "Big")
    study = make_study(
        whole,
        names,
        contributions=[(name, name, "item", "Big", 90, 90, "rows") for name in names],
        recounts={change: whole[2:]},
    )
    found = {finding.id: finding for finding in find_all(study)}
    told = {finding.id: finding.strength for finding in with_strength(found.values())}
    alone = {name: strength(finding) for name, finding in found.items()}
    assert (alone["agreement"], told["agreement"]) == ("moderate", "weak")


def test_every_kind_has_a_number():
    kinds = {kind for kind in _all(Finding) if kind.__module__.startswith("diptych.findings")}
    assert len(kinds) > 20
    assert [kind.kind for kind in kinds if "number" not in vars(kind)] == []
    assert agreement(0.5).number().estimate.value == 0.5


def _all(kind):
    for sub in kind.__subclasses__():
        yield sub
        yield from _all(sub)
