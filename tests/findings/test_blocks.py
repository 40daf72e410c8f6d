"""Blocks: found where the same group comes out when chance draws again, not by chance, not where items are the same."""

from dataclasses import replace

import numpy as np
import pytest

from diptych.findings import blocks
from tests.draws import draws
from tests.findings.conftest import make_study as _make_study

make_study = _make_study

NAMES = ("A", "B", "C", "D")
ALONE = [((name,), (name,), 100) for name in NAMES]


def crossing(n_block, n_other):
    """Return patterns in which A and B cross `n_block` times either way, all other pairs `n_other` times."""
    pairs = [(a, b) for a in NAMES for b in NAMES if a != b]
    return [((a,), (b,), n_block if {a, b} == {"A", "B"} else n_other) for a, b in pairs]


def test_a_block_is_told_by_what_its_members_make_of_each_other(make_study):
    """Among the 10 others of each pair 10 would be expected of A and B, either way, had they the others' sizes."""
    (found,) = blocks.find(make_study([*ALONE, *crossing(50, 10)], NAMES, minimum=5))
    assert (found.id, found.members, found.side, found.basis) == ("blocks.a.b", ("A", "B"), "both", "crossing")
    assert (found.n_joining, found.n_resamples) == (100, 200)
    assert found.expected == pytest.approx(20)
    assert found.ratio == pytest.approx(5)
    assert found.recurs >= found.threshold == 0.8
    cells = {(ref.panel, ref.given, ref.outcome) for ref in found.cells}
    assert cells == {(panel, *pair) for panel in ("left", "right") for pair in (("A", "B"), ("B", "A"))}


def test_nothing_is_found_where_sizes_decide(make_study):
    (found,) = blocks.find(make_study([*ALONE, *crossing(10, 10)], NAMES, minimum=5))
    assert (found.null, found.id, found.members, found.recurs) == (True, "blocks", (), None)


def test_what_a_single_group_makes_does_not_recur(make_study):
    """All that joins A and B is of one team of ten: no resample without it has the block, about one in three."""
    teams = [(*pattern, "", f"t{team}") for team in range(9) for pattern in [*ALONE, *crossing(10, 10)]]
    teams += [(("A",), ("B",), 500, "", "t9")]
    (found,) = blocks.find(make_study(teams, NAMES, minimum=5, groups=True))
    assert found.null
    assert found.members == ("A", "B")
    assert 0.5 < found.recurs < 0.75  # 1 - (9/10)^10 = 0.65


def test_items_that_are_in_both_categories_make_no_block(make_study):
    study = make_study([*ALONE, *crossing(50, 10)], NAMES, minimum=5)
    (found,) = blocks.find(replace(study, contained=frozenset({"B", "D"})))
    assert found.null
    assert (found.members, found.contained) == (("A", "B"), ("B",))


def test_two_blocks_of_three_are_found_and_nothing_beside_them(make_study):
    """Ten times as often within either block; all else as sizes make it, the two left over too."""
    names = tuple("ABCDEFGH")
    sizes = dict(zip(names, (5, 6, 7, 5, 6, 7, 6, 5), strict=True))

    def times(a, b):
        return 30 if a == b else 10 if {a, b} <= set("ABC") or {a, b} <= set("DEF") else 1

    for diagonal in (30, 2):  # most units stay, or few do
        patterns = [
            ((a,), (b,), sizes[a] * sizes[b] * (diagonal if a == b else times(a, b))) for a in names for b in names
        ]
        found = blocks.find(make_study(patterns, names, minimum=5))
        assert [(f.members, f.basis, f.null) for f in found] == [
            (("A", "B", "C"), "crossing", False),
            (("D", "E", "F"), "crossing", False),
        ]
        assert all(f.ratio == pytest.approx(10) for f in found)


def test_fewer_joining_than_the_minimum_are_no_block(make_study):
    (found,) = blocks.find(make_study([*ALONE, *crossing(5, 1)], NAMES, minimum=11))
    assert (found.null, found.members) == (True, ())


def test_categories_of_two_taxonomies_are_grouped_by_their_distributions(make_study):
    rows, columns = ("A", "B", "C", "D"), ("X", "Y", "Z", "W")
    often = {("A", "X"), ("B", "X"), ("C", "Y"), ("C", "Z"), ("D", "W")}
    patterns = [((a,), (x,), 200 if (a, x) in often else 20) for a in rows for x in columns]
    found = blocks.find(make_study(patterns, rows, columns=columns, unit="record", minimum=5))
    assert [(f.id, f.side, f.members, f.null) for f in found] == [
        ("blocks.rows.a.b", "rows", ("A", "B"), False),
        ("blocks.columns.y.z", "columns", ("Y", "Z"), False),
    ]
    assert all(f.n_joining is f.expected is f.ratio is None and f.recurs == 1 for f in found)
    # A and B have the same shares (10, 1, 1 and 1 of 13), D the same in another order: 4/13 with either.
    assert found[0].overlap == pytest.approx(1)
    assert found[0].overlap_of_others == pytest.approx(4 / 13)
    assert {(ref.given, ref.outcome) for ref in found[1].cells if ref.panel == "left"} == {
        (a, x) for a in rows for x in ("Y", "Z")
    }
    # A category with too few units is compared with none.
    few = blocks.find(
        make_study([*patterns, (("E",), ("Y",), 4)], (*rows, "E"), columns=columns, unit="record", minimum=5)
    )
    assert few[0].members == ("A", "B")
    assert few[0].overlap_of_others == pytest.approx(found[0].overlap_of_others)


def test_of_three_categories_none_are_a_block(make_study):
    rows, columns = ("A", "B", "C"), ("X", "Y", "Z")
    often = {("A", "X"), ("B", "X"), ("C", "Y"), ("C", "Z")}
    patterns = [((a,), (x,), 100 if (a, x) in often else 10) for a in rows for x in columns]
    (found,) = blocks.find(make_study(patterns, rows, columns=columns, unit="record", minimum=5))
    assert (found.null, found.members) == (True, ())


def test_where_all_are_alike_none_are_more_so(make_study):
    """Any two overlap by 0.93 or more: A and B have the same shares, which is no news beside the others."""
    rows, columns = ("A", "B", "C", "D"), ("X", "Y", "Z")
    often = {("A", "X"): 1_200, ("B", "X"): 1_200}
    patterns = [((a,), (x,), often.get((a, x), 1_000)) for a in rows for x in columns]
    found = blocks.find(make_study([*patterns, (("C",), ("Y",), 150)], rows, columns=columns, unit="record", minimum=5))
    assert [f.members for f in found if f.side == "rows" and f.members] == []


@pytest.mark.parametrize("seed", range(draws(10, 100)))
def test_the_pair_that_is_named_is_the_most_alike_one(make_study, seed):
    """R03 and R04 have one distribution; R02 overlaps with them by 88%, and in R01 the first column is most common.

    Where noise brings another pair first, nothing is named.
    """
    rng = np.random.default_rng((29, seed))
    chances = {"A": (0.52, 0.16, 0.16, 0.16), "B": (0.13, 0.37, 0.25, 0.25), "C": (0.16, 0.28, 0.28, 0.28)}
    chances["D"] = chances["C"]
    patterns = [
        ((row,), (column,), int(n))
        for row, chance in chances.items()
        for column, n in zip("WXYZ", rng.multinomial(500, chance), strict=True)
    ]
    found = blocks.find(make_study(patterns, tuple("ABCD"), columns=tuple("WXYZ"), unit="record", minimum=5))
    named = [f.members for f in found if f.side == "rows" and not f.null]
    assert named in ([], [("C", "D")], [("B", "C", "D")])


def test_all_categories_together_are_no_block(make_study):
    """Nobody has two of these but everyone: over all units A and B meet more than expected, and leave nobody out."""
    patterns = [(("A", "B"), ("A", "B"), 30), ((), (), 100)]
    (found,) = blocks.find(make_study(patterns, ("A", "B"), minimum=5))
    assert (found.null, found.members) == (True, ())


def test_over_a_shared_key_without_strata_none_is_looked_for(make_study):
    study = make_study([*ALONE, *crossing(50, 10)], NAMES, minimum=5)
    assert blocks.find(replace(study, form="shared")) == []


def test_weights_without_groups_cannot_be_drawn_again(make_study):
    study = make_study([*ALONE, *crossing(50, 10)], NAMES, minimum=5)
    weighted = replace(study.tables.incidence, weighted=True)
    (found,) = blocks.find(replace(study, numbers=replace(study.numbers, tables=type(study.tables)(weighted))))
    assert (found.null, found.members, found.recurs, found.n_resamples) == (True, ("A", "B"), None, 0)
