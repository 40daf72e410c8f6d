"""Surprises where most units stay in their category: judged among those that cross."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from diptych.document.material import RelationWording
from diptych.document.writer import Writer
from diptych.findings import surprises

pytestmark = pytest.mark.slow

ABC = ("A", "B", "C")
# A to B to C to A is 60 each, the way back 40: sums of 100 each, so that 50 are expected everywhere.
STAYING = [("A", "A", 400), ("B", "B", 300), ("C", "C", 200)]
ROUND = [("A", "B", 60), ("B", "C", 60), ("C", "A", 60), ("B", "A", 40), ("C", "B", 40), ("A", "C", 40)]


def test_pairs_are_judged_among_the_units_that_cross(make_study):
    study = make_study(STAYING + ROUND, ABC)
    (found,) = surprises.find(study)
    assert (found.basis, found.n_crossing, found.stratified, found.n_tested) == ("crossing", 300, False, 6)
    # All six are as sure; one departure bends the fit of the others, so only the first is named.
    assert [(p.given, p.outcome) for p in (*found.above, *found.below)] == [("A", "B")]
    for pair in found.above:
        # Against the other five crossings: alpha_a beta_b = 40 * 40 * 40 / (60 * 60).
        assert (pair.expected, pair.ratio.value) == pytest.approx((40**3 / 60**2, 3.375))
    # One free number in six cells of 50: a sixth of the variance of each is left, 50 / 6, as of 60 trials at 5/6,
    # and 60 are all of the 60 that such trials can make. Half of the six tests are as sure.
    assert [p.q_value for p in found.above] == pytest.approx([2 * 2 * (5 / 6) ** 60], rel=1e-6)
    # As many standard errors from 1 as 60 is from the 50 of a fit that it takes part in: one free number d, so a unit
    # forward (back) moves log(n_ab / m_ab) by 1/300 (-1/300), and 240 others tell; 300 units.
    z = np.log(1.2) / np.sqrt(240 / 300**2 * 300 / 299)
    assert found.above[0].ratio.low == pytest.approx(3.375 * np.exp(-stats.norm.ppf(0.975) * np.log(3.375) / z))
    # Over all units every crossing is rare: that is what the diagonal makes of it.
    assert all(p.overall < 0.7 for p in (*found.above, *found.below))


def test_no_more_on_the_diagonal_than_sizes_make_and_all_units_are_compared(make_study):
    """300 cross, a third to or from each: with less than 150 that stay sizes alone would keep more of them.

    With 247 of 547 sizes would keep 194.5, and 14 is the standard error of that.
    """
    few = [("A", "A", 49), ("B", "B", 49), ("C", "C", 49)]
    assert surprises.find(make_study(few + ROUND, ABC))[0].basis == "all"
    assert surprises.find(make_study([*few, ("A", "A", 100), *ROUND], ABC))[0].basis == "crossing"
    other = make_study([("A", "X", 90), ("B", "Y", 90)], ("A", "B"), columns=("X", "Y"), unit="record")
    assert surprises.find(other)[0].basis == "all"


def test_within_strata_composition_is_no_affinity(make_study):
    # In either package sizes alone decide who crosses to whom; thrown together A and B seem to keep to each other.
    sizes = {"one": (8, 8, 1, 1), "two": (1, 1, 8, 8)}
    cross = [
        (a, b, 10 * x * y, package)
        for package, size in sizes.items()
        for a, x in zip("ABCD", size, strict=True)
        for b, y in zip("ABCD", size, strict=True)
        if a != b
    ]
    stay = [(a, a, 2000, package) for package in sizes for a in "ABCD"]
    (within,) = surprises.find(make_study(stay + cross, tuple("ABCD"), strata=True))
    assert (within.basis, within.stratified, within.null, within.n_tested) == ("crossing", True, True, 12)
    (together,) = surprises.find(make_study(stay + cross, tuple("ABCD")))
    assert ("A", "B") in {(p.given, p.outcome) for p in together.above}


def test_a_star_leaves_nothing_to_test(make_study):
    star = [("A", "B", 60), ("B", "A", 30), ("A", "C", 20), ("C", "A", 40)]
    (found,) = surprises.find(make_study(STAYING + star, ABC))
    assert (found.basis, found.null, found.n_tested, found.n_crossing) == ("crossing", True, 0, 150)


def writer_of(study, strata=()):
    incidence = study.tables.incidence
    wording = RelationWording(
        form="links",
        unit=incidence.unit,
        rows=incidence.rows.kind,
        columns=incidence.columns.kind,
        label="trained on",
        label_reversed="used for",
        stratum_names=strata,
    )
    return Writer(Path(__file__).parents[2] / "templates", "en", {"w": wording})


def test_in_words(make_study):
    study = make_study(STAYING + ROUND, ABC)
    (found,) = surprises.find(study)
    assert found.above[0].given == "A"
    writer = writer_of(study, ("package",))
    one = writer.words("surprises", "item", c=found.above[0], basis=found.basis)
    assert one == "A–B, 3.4 times (1.7–6.6; 0.36 over all models)"
    said = writer.say(found, "observation", above=[one], below=[], more=False).text
    assert said == (
        "Among the 300 mismatches, one pair is more common than expected: A–B, 3.4 times (1.7–6.6; "
        "0.36 over all models)."
    )
    assert writer.words("surprises", "lead", f=found) == "Mismatches."
    within = replace(found, stratified=True, above=(), below=found.above)
    assert writer.say(within, "observation", above=[], below=["B with A, less"], more=False).text == (
        "Among the 300 mismatches, among models from the same package, one pair is less common than expected: B with A, less."
    )


def test_in_words_where_nothing_is_found(make_study):
    even = [(a, b, 30) for a in ABC for b in ABC if a != b]
    study = make_study(STAYING + even, ABC)
    (found,) = surprises.find(study)
    assert found.null
    assert writer_of(study).say(found, "nothing", others=False, overall=None).text == (
        "Among the 180 mismatches, no pair of categories clearly differs from chance (6 pairs)."
    )
    star = [("A", "B", 60), ("B", "A", 30), ("A", "C", 20), ("C", "A", 40)]
    for patterns in (STAYING, STAYING + star):
        (found,) = surprises.find(make_study(patterns, ABC))
        assert (found.basis, found.null, found.n_tested) == ("crossing", True, 0)
        assert (
            writer_of(study).say(found, "nothing", others=False).text.startswith("There is too little data to compare")
        )
