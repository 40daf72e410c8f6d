"""What benchmarks measure with: programs as children, budgets and known misses, counts that must be the same."""

import sys
from pathlib import Path

import pytest

from benchmarks import hub, links
from benchmarks.budgets import Budget, KnownError, Skipped, budget_rows, complaints, known_misses, number
from benchmarks.child import ChildError, Run, alternating, median, output_of, ratio, run
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


def test_a_small_program_is_small():
    assert peak_mb("pass") < 60


def test_times_are_those_of_the_program():
    slept = run(python("import time; time.sleep(0.3)"))
    assert 0.3 <= slept.seconds < 3
    assert slept.cpu < 0.3


def test_a_program_that_fails_is_told_with_what_it_wrote():
    code = "import sys; print('told', file=sys.stderr); sys.exit(3)"
    for runner in (run, output_of):
        with pytest.raises(ChildError, match=r"exit status 3\ntold"):
            runner(python(code))


def test_programs_get_what_is_added_to_the_environment(monkeypatch):
    monkeypatch.setenv("KEPT", "a")
    code = "import os; print(os.environ['KEPT'] + os.environ['ADDED'], end='')"
    assert output_of(python(code), env={"ADDED": "b"}) == "ab"


def test_contestants_take_turns_and_each_round_begins_with_the_next():
    order = []

    def job(name):
        return lambda: order.append(name) or Run(1, 1, 1)

    assert list(alternating({name: job(name) for name in "abc"}, 3)) == ["a", "b", "c"]
    assert "".join(order) == "abcbcacab"


def test_medians_are_taken_of_each_figure_and_of_the_ratios_of_a_round():
    ours = [Run(1, 10, 5), Run(9, 20, 7), Run(4, 30, 6)]
    assert median(ours) == Run(4, 20, 6)
    assert ratio(ours, [Run(2, 0, 0), Run(3, 0, 0), Run(1, 0, 0)]) == 3  # of 0.5, 3 and 4


@pytest.mark.parametrize(
    ("figure", "most", "strict", "verdict"),
    [
        (3, 2, False, "no: 1.5 times the budget"),
        (2, 2, False, "yes: 1 of the budget"),
        (2, 2, True, "no: 1 times the budget"),
        (1, 2, True, "yes: 0.5 of the budget"),
        (0, 0, False, "yes"),
        (2, 0, False, "no: 2 over the budget"),
    ],
)
def test_verdicts_say_by_how_much(figure, most, strict, verdict):
    assert Budget("a", "work", figure, most, strict=strict).verdict == verdict


def test_figures_keep_three_digits():
    assert [number(value) for value in (0.123456, 12.3456, 1234.56)] == ["0.123", "12.3", "1,235"]


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


def test_what_did_not_finish_does_not_hold():
    failed = Skipped("a", "work", "the build did not finish", failed=True)
    assert complaints([failed], {}) == ["a: the build did not finish"]
    assert complaints([failed], {"a": "why"}) == []
    assert budget_rows([failed], {"a": "why"})[0]["holds"] == "no: the build did not finish (why)"


def test_the_table_of_budgets_gives_reasons_of_known_misses_and_of_what_was_not_measured():
    rows = budget_rows([Budget("a", "work", 12, 10, " s"), Skipped("b", "other", "--quick")], {"a": "it is slow"})
    assert rows == [
        {
            "": "work (`a`)",
            "measured": "12 s",
            "budget": "at most 10 s",
            "holds": "no: 1.2 times the budget (it is slow)",
        },
        {"": "other (`b`)", "measured": "–", "budget": "", "holds": "not measured: --quick"},
    ]


def test_known_misses_have_reasons(tmp_path):
    path = tmp_path / "known.toml"
    path.write_text('[a]\nreason = "why"\n')
    assert known_misses(path) == {"a": "why"}
    path.write_text("[a]\nsince = 1\n")
    with pytest.raises(KnownError, match=r'^known\.toml: \[a\] needs the key "reason", and no other$'):
        known_misses(path)


def test_the_list_of_known_misses_can_be_read():
    assert all(known_misses().values())


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


def test_links_are_linear_where_each_further_one_costs_what_the_earlier_ones_did(builds):
    builds |= {(1, None): (11, 1), (10, None): (20, 1), (100, None): (155, 1)}
    builds |= {(1, "1GB"): (11, 900), (10, "1GB"): (20, 1300), (100, "1GB"): (155, 1600)}
    section = links.measure(asked())
    assert [(budget.name, budget.figure, budget.holds) for budget in section.budgets] == [
        ("links-10", 20, False),
        ("links-100", 155, False),
        ("links-linear", 1.5, True),
        ("links-memory", 1600, False),
    ]
    assert "| 100 million | 1GB | 155.0 | 310.0 | 1600 | 1 |\n" in section.text
    assert "| 10 million | no limit | 20.0 | 40.0 | 1 | 3 |\n" in section.text


def test_builds_that_do_not_finish_leave_the_others_and_judge_nothing(builds):
    builds |= {(1, None): (11, 1), (10, None): (20, 1), (1, "1GB"): (11, 900), (10, "1GB"): (20, 1300)}
    section = links.measure(asked())
    assert "| 100 million | 1GB | did not finish |" in section.text
    ten, *others = section.budgets
    assert (ten.name, ten.figure) == ("links-10", 20)
    assert [(budget.why, budget.failed) for budget in others] == [("the build did not finish", True)] * 3


def test_quick_leaves_out_the_long_ones(builds):
    builds |= {(1, None): (11, 1), (10, None): (20, 1), (1, "1GB"): (11, 900), (10, "1GB"): (20, 1300)}
    for budgets in (links.measure(asked(quick=True)).budgets[1:], hub.measure(asked(quick=True)).budgets):
        assert [budget.why for budget in budgets] == ["--quick"] * 3
    found = links.measure(asked(hundred=False))
    assert [budget.why for budget in found.budgets[1:]] == ["--no-100-million"] * 3
