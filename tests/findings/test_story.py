"""The order of what is told, against a computation of what each statement adds by brute force."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from diptych.findings import agreement, story, surprises
from diptych.findings.story import ENOUGH, MOST

ABCD, WXYZ = ("A", "B", "C", "D"), ("W", "X", "Y", "Z")


def departures(table):
    """Return by how much each pair departs: n log(n / e) - (n - e), less what chance makes on average."""
    total = sum(table.values())
    rows = {a: sum(n for (b, _), n in table.items() if b == a) for a, _ in table}
    columns = {x: sum(n for (_, y), n in table.items() if y == x) for _, x in table}
    found = {}
    for (a, x), n in table.items():
        e = rows[a] * columns[x] / total
        variance = e * (1 - rows[a] / total) * (1 - columns[x] / total) * total / (total - 1)
        found[a, x] = max((n * math.log(n / e) if n else 0.0) - (n - e) - variance / (2 * e), 0.0)
    return found


def implied(table):
    """Return what each pair of a table of units with one category on each side implies, itself too: pairs with the other
    of two categories, and that a category all of whose units are in one other has no more."""
    names = [list(dict.fromkeys(pair[k] for pair in table)) for k in (0, 1)]
    rows, columns = ({x: sum(n for p, n in table.items() if p[k] == x) for x in names[k]} for k in (0, 1))
    found = {}
    for a, x in table:
        mine = names[0] if sum(n > 0 for n in rows.values()) == 2 and rows[a] else [a]
        yours = names[1] if sum(n > 0 for n in columns.values()) == 2 and columns[x] else [x]
        pairs = {(b, y) for b in mine for y in yours if rows[b] and columns[y]} | {(a, x)}
        if table[a, x] and table[a, x] == rows[a]:
            pairs |= {(a, y) for y in names[1]}
        if table[a, x] and table[a, x] == columns[x]:
            pairs |= {(b, x) for b in names[0]}
        found[a, x] = pairs
    return found


def brute_force(amounts, holds, wholes=(), implies=None):
    """Return the order of statements: each time that of all subsets of at most three pairs of one category that adds
    most with what it implies, or one about all its pairs, each category once."""
    implies = implies or {pair: {pair} for pair in amounts}
    left, told = dict(amounts), []
    open_ = {("rows", a): [p for p in holds if p[0] == a] for a, _ in amounts}
    open_ |= {("columns", x): [p for p in holds if p[1] == x] for _, x in amounts}
    while len(told) < MOST and sum(left.values()) > (1 - ENOUGH) * sum(amounts.values()):
        adds = {}
        for about, pairs in open_.items():
            subsets = [s for k in (1, 2, 3) for s in combinations(pairs, k)]
            if subsets:
                tells = {s: set().union(*(implies[p] for p in s)) for s in subsets}
                best = max(subsets, key=lambda s: sum(left[p] for p in tells[s]))
                adds[about] = (sum(left[p] for p in tells[best]), tells[best])
        for name, pairs in wholes:
            if name not in [about for about, _ in told]:
                adds[name] = (sum(left[p] for p in pairs), pairs)
        if not adds or max(amount for amount, _ in adds.values()) <= 0:
            break
        about = max(adds, key=lambda name: adds[name][0])
        told.append((about, adds[about][0] / sum(amounts.values())))
        left |= dict.fromkeys(adds[about][1], 0.0)
        open_.pop(about, None)
    return told


def random_table(seed, names, columns):
    rng = np.random.default_rng(seed)
    sizes = np.outer(rng.gamma(2, 1, len(names)), rng.gamma(2, 1, len(columns))) * rng.gamma(1, 1, (4, 4))
    counts = rng.poisson(40 * sizes)
    return {(a, x): int(counts[i, j]) for i, a in enumerate(names) for j, x in enumerate(columns)}


def told_of(study):
    (found,) = story.tell(study, [*surprises.find(study), *agreement.find_agreement(study)])
    return found


@pytest.mark.parametrize("seed", range(25))
def test_statements_come_by_what_each_adds(seed, make_study):
    table = random_table(seed, ABCD, WXYZ)
    study = make_study([(a, x, n) for (a, x), n in table.items() if n], ABCD, columns=WXYZ)
    cells = [cell for cell in study.panels[0].cells if cell.q_value is not None and cell.q_value <= 0.05]
    holds = [(c.given, c.outcome) for c in cells if c.lift_low > 1 or (c.lift_high < 1 and c.expected >= 5)]
    expected = brute_force(departures(table), holds)
    found = told_of(study)
    assert [(p.side, p.category) for p in found.points] == [about for about, _ in expected]
    assert [p.adds for p in found.points] == pytest.approx([adds for _, adds in expected], rel=1e-6)
    assert found.told == pytest.approx(sum(adds for _, adds in expected))


@pytest.mark.parametrize("seed", range(25))
def test_agreement_counts_once_for_all_its_pairs(seed, make_study):
    table = random_table(seed, ABCD, ABCD)
    for a in ABCD:
        table[a, a] += 60
    study = make_study([(a, x, n) for (a, x), n in table.items() if n], ABCD)
    total = sum(table.values())
    rows, columns = ({a: sum(n for p, n in table.items() if p[k] == a) for a in ABCD} for k in (0, 1))
    agrees = [p for p, n in table.items() if (n > rows[p[0]] * columns[p[1]] / total) is (p[0] == p[1])]
    (tested,) = surprises.find(study)
    cells = [c for c in study.panels[0].cells if c.given != c.outcome and c.q_value is not None and c.q_value <= 0.05]
    holds = [(c.given, c.outcome) for c in cells if c.lift_low > 1 or (c.lift_high < 1 and c.expected >= 5)]
    # Among units that cross pairs depart from what other crossings expect, and are told after all else.
    expected = brute_force(
        departures(table),
        [] if tested.basis == "crossing" else holds,
        [("agreement", agrees)] if agreement.find_agreement(study)[0].beyond else [],
    )
    found = told_of(study)
    assert [p.category or p.finding for p in found.points] == [
        about if isinstance(about, str) else about[1] for about, _ in expected
    ]
    assert [p.adds for p in found.points] == pytest.approx([adds for _, adds in expected], rel=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_what_a_pair_implies_is_told_with_it(seed, make_study):
    table = random_table(seed, ABCD, WXYZ)
    table = {(a, x): n for (a, x), n in table.items() if x in "WX" or seed % 2}
    table |= {("A", x): 0 for _, x in table if x != "W"} | {("A", "W"): 40}  # all A are W
    study = make_study([(a, x, n) for (a, x), n in table.items() if n], ABCD, columns=WXYZ)
    cells = [cell for cell in study.panels[0].cells if cell.q_value is not None and cell.q_value <= 0.05]
    holds = [(c.given, c.outcome) for c in cells if c.lift_low > 1 or (c.lift_high < 1 and c.expected >= 5)]
    expected = brute_force(departures(table), holds, implies=implied(table))
    found = told_of(study)
    assert [p.adds for p in found.points] == pytest.approx([adds for _, adds in expected], rel=1e-6)
    told = [(p.row, p.column) for point in found.points for p in point.pairs]
    pairs = implied(table)
    assert [p for k, p in enumerate(told) if any(p in pairs[q] for q in told[:k])] == []


def test_of_two_categories_one_is_told(make_study):
    # 30 of 100 A are W, 60 of 100 B: that 70 of 100 A are X, and what B are, is the same.
    patterns = [("A", "W", 30), ("A", "X", 70), ("B", "W", 60), ("B", "X", 40)]
    (point,) = told_of(make_study(patterns, ("A", "B"), columns=("W", "X"))).points
    assert len(point.pairs) == 1
    assert point.adds == pytest.approx(1)


UNEVEN = [("A", "W", 60), ("A", "X", 40), ("B", "W", 5), ("B", "X", 95), ("C", "W", 10), ("C", "X", 90)]
UNEVEN += [("D", "W", 25), ("D", "X", 75)]


def test_of_two_categories_it_is_told_how_many_of_the_others_have_one(make_study):
    # W is where A, B and C differ; D is like the rest. Of the column all three are one statement, told of A, B and C.
    found = told_of(make_study(UNEVEN, ABCD, columns=WXYZ))
    first = found.points[0]
    assert (first.side, first.category, first.turned) == ("columns", "W", True)
    assert {pair.given for pair in first.pairs} == {"A", "B", "C"}
    (pair,) = [pair for pair in first.pairs if pair.given == "A"]
    assert (pair.n_joint, pair.n_given, pair.share, pair.others) == (60, 100, 0.6, pytest.approx(40 / 300))


def test_between_two_and_two_categories_it_is_told_of_rows(make_study):
    found = told_of(make_study([("A", "W", 60), ("A", "X", 40), ("B", "W", 5), ("B", "X", 95)], ABCD, columns=WXYZ))
    assert {pair.given for point in found.points for pair in point.pairs} <= {"A", "B"}


def test_one_of_two_rows_is_told_of_as_it_is(make_study):
    # Two arms of a trial by four outcomes: what becomes of either arm, not which arm an outcome had.
    turned = [(column, row, n) for row, column, n in UNEVEN]
    found = told_of(make_study(turned, WXYZ, columns=ABCD))
    assert not any(point.turned for point in found.points)
    assert {pair.given for pair in found.points[0].pairs} <= {"W", "X"}


def test_a_pair_is_told_from_the_side_that_has_more_to_tell(make_study):
    # With a third column as large no two divide the units: it is told what W is made of.
    found = told_of(make_study([*UNEVEN, *[(row, "Y", 100) for row in ABCD]], ABCD, columns=WXYZ))
    first = found.points[0]
    assert (first.side, first.category, first.pairs[0].given) == ("columns", "W", "W")
    assert {pair.row for pair in first.pairs} == {"A", "B", "C"}
    (pair,) = [pair for pair in first.pairs if pair.row == "A"]
    assert (pair.n_joint, pair.n_given, pair.share, pair.others) == (60, 100, 0.6, pytest.approx(140 / 700))


def test_where_nothing_departs_nothing_is_told(make_study):
    found = told_of(make_study([(a, x, 30) for a in ABCD for x in WXYZ], ABCD, columns=WXYZ))
    assert (found.null, found.points, found.told) == (True, (), 0)


def test_what_is_left_over_is_no_statement(make_study):
    patterns = [("A", "W", 60), ("A", "X", 5), ("B", "W", 5), ("B", "X", 60)]
    study = make_study(patterns, ABCD, columns=WXYZ)
    assert told_of(study).points
    named = [p for p in told_of(replace(study, leftover=frozenset({"A"}))).points for p in p.pairs]
    assert "A" not in {name for pair in named for name in (pair.row, pair.column)}


def test_agreement_that_sizes_make_is_no_statement(make_study):
    # 60 of 100 have the same category, which is what the sizes of A make.
    study = make_study([("A", "A", 56), ("A", "B", 19), ("B", "A", 19), ("B", "B", 6)], ("A", "B"))
    (found,) = agreement.find_agreement(study)
    assert found.excess.value == pytest.approx(56 + 6 - (75 * 75 + 25 * 25) / 100)
    assert not found.beyond
    assert story.tell(study, [found])[0].null
