"""Bridges: a category in most mismatches, on data whose numbers are counted by hand."""

import pytest

from diptych.findings import bridges
from tests.findings.conftest import make_study as _make_study

make_study = _make_study
ABC = ("A", "B", "C")


def joined(times):
    """Four categories that keep to themselves; of 13 crossings, so many times, A is on one side of 12."""
    kept = [(name, name, 20 * times) for name in "ABCD"]
    moved = [("A", "B", 5), ("C", "A", 4), ("A", "D", 3), ("B", "C", 1)]
    return [*kept, *((a, b, n * times) for a, b, n in moved)]


def test_a_bridge_is_on_one_side_of_most_crossings(make_study):
    (found,) = bridges.find(make_study(joined(3), ("A", "B", "C", "D")))
    assert (found.category, found.n_through, found.n_crossing) == ("A", 36, 39)
    assert found.met == ("B", "C", "D")
    assert (found.n_pairs, found.n_unmet) == (3, 2)
    assert [(m.first, m.second, m.n) for m in found.exceptions] == [("B", "C", 3)]
    # Among four of one size each would be at one end of half of all crossings; A is a little larger.
    assert found.by_size == pytest.approx(39 / 2, rel=0.1)
    assert found.beyond.value == pytest.approx((36 - found.by_size) / 39)
    assert not found.null


def test_a_bridge_is_the_first_of_all_that_were_looked_at(make_study):
    """12 of 13 crossings would do for a category that was chosen before; one of four has the most by chance."""
    (found,) = bridges.find(make_study(joined(1), ("A", "B", "C", "D")))
    assert (found.category, found.n_through, found.n_crossing) == ("A", 12, 13)
    assert found.beyond.low > 0
    assert found.null


def test_a_category_that_is_merely_the_largest_is_no_bridge(make_study):
    """Rows and columns apart, but for the diagonal: 600 of 700 crossings are with D, since 7 of 10 units have it."""
    sizes = {"A": 1, "B": 1, "C": 1, "D": 10}
    patterns = [(a, b, (9 if a == b else 1) * n * m * 10) for a, n in sizes.items() for b, m in sizes.items()]
    (found,) = bridges.find(make_study(patterns, ("A", "B", "C", "D")))
    assert (found.category, found.n_through, found.n_crossing) == ("D", 600, 660)
    # Did all stay with one chance, more: margins are 210, 210, 210 and 9,300, of which pairs with D are this share.
    with_d, crossing = 2 * 9300 * 630, 9930**2 - 3 * 210**2 - 9300**2
    assert found.by_size == pytest.approx(660 * with_d / crossing)
    assert found.by_size > 600
    assert found.null


def test_where_all_stay_with_one_chance_the_largest_is_no_bridge(make_study):
    """Seven of ten keep to their category, whichever it is, and the others go where sizes lead them."""
    share = {"A": 0.6, "B": 0.2, "C": 0.1, "D": 0.1}
    patterns = [
        (a, b, round(4000 * (0.3 * p * q + 0.7 * p * (a == b)))) for a, p in share.items() for b, q in share.items()
    ]
    (found,) = bridges.find(make_study(patterns, tuple(share)))
    assert found.category == "A"
    assert found.by_size == pytest.approx(found.n_through, rel=0.01)
    assert found.null


def test_a_bridge_is_more_than_one_pair(make_study):
    """624 of 684 crossings are between A and B: A joins no two."""
    kept = [(name, name, 500) for name in "ABCD"]
    patterns = [*kept, ("A", "B", 400), ("B", "A", 224), ("A", "C", 20), ("D", "A", 20), ("C", "D", 20)]
    (found,) = bridges.find(make_study(patterns, ("A", "B", "C", "D")))
    assert (found.category, found.n_through, found.n_crossing, found.beyond.low > 0) == ("A", 664, 684, True)
    assert found.null


def test_a_bridge_that_strata_alone_would_make_is_none(make_study):
    """A shares each package with one other category, and is unrelated to it there: B and C never could meet."""
    patterns = [
        (first, second, 40, other)
        for other in "BC"
        for first, second in ((other, other), ("A", "A"), ("A", other), (other, "A"))
    ]
    (overall,) = bridges.find(make_study(patterns, ABC))
    assert not overall.null
    assert overall.in_strata is None
    (found,) = bridges.find(make_study(patterns, ABC, strata=True))
    assert (found.n_through, found.in_strata) == (160, 160)
    assert found.null


def test_a_partner_that_is_too_small_to_judge_is_not_named(make_study):
    patterns = [*(p for p in joined(3) if "D" not in p[:2]), ("A", "D", 2)]
    found = next(iter(bridges.find(make_study(patterns, tuple("ABCD"), minimum=10))))
    assert found.met == ("B", "C", "D")
    assert found.judged == ("B", "C")


def test_few_crossings_are_no_bridge_however_many_pass_through_it(make_study):
    """All four pass through A, and half would by its size: as four independent ones that is one in sixteen."""
    kept = [(name, name, 50) for name in "ABCD"]
    (found,) = bridges.find(make_study([*kept, ("A", "B", 2), ("A", "C", 2)], ("A", "B", "C", "D")))
    assert (found.n_through, found.n_crossing) == (4, 4)
    assert found.beyond.low < 0
    assert found.null


def test_no_bridge_where_crossings_are_spread(make_study):
    patterns = [("A", "A", 20), ("B", "B", 20), ("C", "C", 20), ("A", "B", 5), ("B", "C", 5), ("C", "A", 5)]
    (found,) = bridges.find(make_study(patterns, ABC))
    assert found.null  # every category is in two thirds of them
