"""Claims judged again: in how many drawings they do not hold, and without what; numbers counted by hand in `small`."""

from dataclasses import replace

import numpy as np
import pytest

from diptych.contrib.claims.fragility import AskedClaim, Fragilities
from diptych.contrib.claims.verdicts import fragile_message
from diptych.findings.finding import RelationCounts, Study
from diptych.inference.drawing import redraws
from diptych.ledger.coverage import NO_CONTRIBUTORS, Contribution
from diptych.ledger.recounts import Change
from diptych.panels import tables_of
from tests.contrib.claims.small import CATEGORIES, COVERAGE, INCIDENCE, PATTERNS, SETTINGS, material, panels, rendered
from tests.matrices.tiny import tiny

CARRIED = (
    Contribution("N", "N", "item", "Wiki", 40, 40, "datasets"),
    Contribution("C", "C", "item", "ImageNet", 60, 60, "datasets"),
    Contribution("N", "N", "label", "text", 10, 10, "datasets"),
)


def without(pattern, n):
    """Return the incidence with fewer units of one pattern."""
    return tiny(
        *(p._replace(units=p.units - n) if p[:2] == pattern else p for p in PATTERNS),
        rows=CATEGORIES,
        columns=CATEGORIES,
        one=True,
    )


def study(incidence=INCIDENCE, contributions=CARRIED, recounts=None):
    carried = replace(NO_CONTRIBUTORS, cells=contributions)
    numbers = RelationCounts.alone("trained_on", tables_of(incidence), COVERAGE, carried)
    return Study(
        replace(numbers, recounts=recounts or {}),
        form="links",
        panels=tuple(panels(incidence).values()),
        inference=SETTINGS,
    )


def judged(predicate, of=None):
    """Return the verdict on a claim with its fragility."""
    found = rendered("{% claim " + predicate + " %}x{% endclaim %}")
    (verdict,), ((node, loops),) = found.verdicts, found.predicates
    (fragility,) = Fragilities(material(), {"trained_on": of or study()})([AskedClaim(node, loops, verdict)])
    return replace(verdict, fragility=fragility)


def shares(draw):
    """Return what `draw` gives of each drawing of the same seed."""
    of = redraws(INCIDENCE, SETTINGS)
    return np.array([draw(of.joint[k], of.given[k]) for k in range(200)])


@pytest.mark.parametrize("bound", [0.8, 0.88, 0.9])
def test_fails_is_the_share_of_drawings_in_which_the_number_is_not_above(bound):
    fails = judged(f'left["N","N"] + 0.0000001 > {bound}').fragility.fails
    expected = (shares(lambda joint, given: joint[0, 0] / given[0]) + 1e-7 <= bound).mean()
    assert fails == pytest.approx(expected)
    assert bound == 0.8 or 0 < fails < 1


def test_a_rank_is_asked_of_whole_rows():
    fails = judged('left["A","C"] >= left["A","N"]').fragility.fails
    assert fails == pytest.approx(shares(lambda joint, _: joint[2, 1] < joint[2, 0]).mean())
    assert 0.3 < fails < 0.6
    top = judged('is_highest(left["A","A"])').fragility.fails
    assert top == pytest.approx(shares(lambda joint, _: joint[2, 2] <= max(joint[2, :2])).mean())


def test_surely_is_read_as_the_comparison_in_it():
    assert judged('surely(left["N","N"] > 0.75)').fragility.fails == pytest.approx(
        shares(lambda joint, given: joint[0, 0] / given[0] <= 0.75).mean()
    )


def test_the_other_panel_and_other_numbers_are_drawn_too():
    of = redraws(INCIDENCE, SETTINGS)
    right = of.joint[:, 0, 0] / of.outcome[:, 0]
    assert judged('right["N","N"] > 0.79 - 0.01').fragility.fails == pytest.approx((right <= 0.78).mean())
    lift = of.joint[:, 0, 0] * of.units / (of.given[:, 0] * of.outcome[:, 0])
    assert judged('lift(left["N","N"]) > 3.2').fragility.fails == pytest.approx((lift <= 3.2).mean())
    counts = of.joint[:, 0, 0]
    assert judged('n(left["N","N"]) > 44').fragility.fails == pytest.approx((counts <= 44).mean())


def test_what_is_the_same_in_every_drawing_tells_nothing():
    """None of fifty N is an A: drawing them again never finds one, though there may be some."""
    assert judged('left["N","A"] < 0.5').fragility.fails is None


def test_without_what_carries_most_it_is_judged_whole():
    recounts = {
        Change("item", "datasets", "Wiki"): without(("N", "N"), 40),
        Change("label", "datasets", "text"): without(("N", "N"), 10),
    }
    of = study(recounts=recounts)
    found = judged('left["N","N"] > 0.8', of).fragility.without
    # without Wiki five of ten NLP models are left with N, which is as many as the minimum; without the label 35 of 40
    assert [(w.by, w.name, w.holds, w.reason) for w in found] == [
        ("item", "Wiki", False, "0.50 > 0.80"),
        ("label", "text", True, ""),
    ]
    sure = judged('surely(left["C","C"] > left["A","A"])', of).fragility.without
    assert sure == ()


def test_a_message_for_the_author_says_how_it_is_fragile():
    of = study(recounts={Change("item", "datasets", "Wiki"): without(("N", "N"), 40)})
    verdict = judged('left["N","N"] > 0.89', of)
    n = round(verdict.fragility.fails * 200)
    assert fragile_message(verdict, 0.05) == (
        "text/observations.md:1:1: claim holds, but not without item Wiki (0.50 > 0.89) and not in "
        f'{n} of 200 resamples: left["N","N"] > 0.89'
    )
    assert fragile_message(judged('left["N","N"] > 0.2'), 0.05) == ""


def test_claims_that_do_not_hold_or_rest_on_no_cell_are_not_judged_again():
    assert judged('left["N","N"] > 0.95').fragility is None
    assert judged("units > 3").fragility is None
