"""What benchmarks measure with: programs as children, budgets and known misses, counts that must be the same."""

import pytest

from benchmarks.budgets import Budget, Skipped, complaints
from benchmarks.counts import PeerError, require_same

pytestmark = pytest.mark.slow

LEFT = "given,outcome,n_joint,n_given,n_outcome,n_units\nA,X,1,2,3,4\nA,Y,0,2,1,4\n"
RIGHT = "given,outcome,n_joint,n_given,n_outcome,n_units\nX,A,1,3,2,4\nY,A,0,1,2,4\n"


def test_misses_that_are_not_known_are_told_and_known_ones_that_hold_again():
    budgets = [
        Budget("slow", "", 12, 10, " s", strict=True),
        Budget("known", "", 12, 10),
        Budget("mended", "", 9, 10),
        Budget("fine", "", 9, 10),
        Skipped("absent", "", "--quick"),
    ]
    assert complaints(budgets, {"known": "why", "mended": "why", "absent": "why"}) == [
        "slow: 12 s, under 10 s",
        "mended: holds, but known.toml lists it as a miss; take it out",
    ]


@pytest.fixture
def site(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "left.csv").write_text(LEFT)
    (tmp_path / "data" / "right.csv").write_text(RIGHT)
    return tmp_path


def counted(site, text, **options):
    counts = site / "counts.csv"
    counts.write_text(text)
    require_same(site, counts, "the peer", left="left", right="right", **options)


@pytest.mark.parametrize(
    ("ours", "theirs", "message"),
    [
        ("A,X,1,2,3,4", "A,X,1,2,3,5", "the peer counts (1, 2, 3, 5) for ('A', 'X') where left has (1, 2, 3, 4)"),
        ("A,Y", "A,Z", "the peer has other cells than left: [('A', 'Y'), ('A', 'Z')]"),
    ],
)
def test_a_peer_that_counts_something_else_is_refused(site, ours, theirs, message):
    with pytest.raises(PeerError) as error:
        counted(site, LEFT.replace(ours, theirs))
    assert str(error.value) == message
