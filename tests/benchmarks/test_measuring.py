"""What benchmarks measure with: programs as children, budgets and known misses, counts that must be the same."""

import sys
from pathlib import Path

import pytest

from benchmarks import links
from benchmarks.budgets import Budget, Skipped, complaints
from benchmarks.child import ChildError, Run, output_of, run
from benchmarks.counts import PeerError, require_same
from benchmarks.settings import BenchSettings

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HOLDS = "import time; held = bytearray({mb} * 10**6); {then}; time.sleep(0.4)"
LEFT = "given,outcome,n_joint,n_given,n_outcome,n_units\nA,X,1,2,3,4\nA,Y,0,2,1,4\n"
RIGHT = "given,outcome,n_joint,n_given,n_outcome,n_units\nX,A,1,3,2,4\nY,A,0,1,2,4\n"


def python(code):
    """Return the command that runs a text as a program."""
    return [sys.executable, "-c", code]


def peak_mb(code):
    """Return the peak of a program's memory, taken by a process that is small, as benchmarks are."""
    measure = f"import sys; from benchmarks.child import run; print(run([sys.executable, '-c', {code!r}]).peak_mb)"
    return float(output_of(python(measure), cwd=ROOT))


def test_the_memory_of_a_program_holds_that_of_the_programs_it_starts():
    inner = HOLDS.format(mb=150, then="pass")
    outer = HOLDS.format(mb=100, then=f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])")
    assert 250 < peak_mb(outer) < 330


def test_memory_that_is_held_for_a_moment_counts():
    assert 120 < peak_mb("bytearray(120 * 10**6)") < 180


def test_a_program_that_fails_is_told_with_what_it_wrote():
    code = "import sys; print('told', file=sys.stderr); sys.exit(3)"
    for runner in (run, output_of):
        with pytest.raises(ChildError, match=r"exit status 3\ntold"):
            runner(python(code))


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


def test_a_peer_may_count_in_any_order_and_several_relations(site):
    head, *rows = LEFT.splitlines()
    lines = [f"relation,{head}", "other,A,X,9,9,9,9", *(f"one,{row}" for row in reversed(rows))]
    counted(site, "\n".join(lines), relation="one")


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


def test_the_right_panel_counts_too(site):
    path = site / "data" / "right.csv"
    path.write_text(RIGHT.replace("X,A,1,3,2,4", "X,A,1,2,3,4"))
    with pytest.raises(PeerError, match=r"^the peer counts \(1, 2, 3, 4\) for \('A', 'X'\) where right has"):
        counted(site, LEFT)


@pytest.fixture
def builds(monkeypatch):
    """Builds over links that take no time: seconds and MB by (millions, memory); what is absent fails."""
    took = {}

    def measured(_folder, millions, memory):
        if (millions, memory) not in took:
            raise ChildError("out of memory")
        seconds, megabytes = took[millions, memory]
        return links.MeasuredCell(millions, memory, Run(seconds, 2 * seconds, megabytes))

    monkeypatch.setattr(links, "generate", lambda *_: None)
    monkeypatch.setattr(links, "measured", measured)
    return took


def asked(*, quick=False, hundred=True):
    return BenchSettings(5, quick=quick, folder=Path("nowhere"), python=Path("python"), hundred=hundred)
