"""What each statement of a story adds, by brute force over a raw table: of all that could be told the most, each time.

From the program come which pairs surely depart (a test, held to others elsewhere), which can be judged, and, where units
come in groups or have weights, what chance makes a pair vary by; the counts, what departs, what a pair tells of others
and what any statement would add are worked out here, in pandas and loops.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import combinations

import pytest

from diptych.cells import TESTED
from diptych.document.compose import WrittenPart
from diptych.findings.agreement import Activity, Agreement
from diptych.findings.blocks import Block
from diptych.findings.gradient import Gradient
from diptych.findings.story import Story
from diptych.findings.surprises import PairAssociations
from diptych.panels import RelationStats
from diptych.taxonomy.orders import is_leftover
from tests.prose.raw import Raw

MOST, NAMED, ENOUGH = 5, 3, 0.9
"""Statements, pairs that one of them names, and how much of what departs is enough."""

Pair = tuple[str, str]
Pairs = AbstractSet[Pair]


def check(written: WrittenPart, tables: RelationStats, raw: Raw) -> int:
    """Hold the order of a story to brute force; return how many statements it has. AssertionError where it is another."""
    part = written.part
    story = next((f for f in part.findings if isinstance(f, Story)), None)
    if story is None:
        return 0
    departs = amounts(written, tables, raw)
    total, left = math.fsum(departs.values()), dict(departs)
    candidates = _candidates(written, raw, departs)
    for point in story.points:
        assert math.fsum(left.values()) > (1 - ENOUGH) * total
        best = max(_most(of, pairs, left, raw) for of, pairs in candidates.items())
        name = (point.finding, point.side, point.category)
        told = candidates[name] if not point.pairs else _told(raw, {(p.row, p.column) for p in point.pairs})
        adds = math.fsum(left.get(pair, 0.0) for pair in told)
        assert adds == pytest.approx(best, rel=1e-6)
        assert point.adds == pytest.approx(adds / total, rel=1e-6)
        assert {(p.row, p.column) for p in point.pairs} <= candidates[name]
        left |= dict.fromkeys(told & left.keys(), 0.0)
        del candidates[name]
    more = max((_most(of, pairs, left, raw) for of, pairs in candidates.items()), default=0.0)
    enough = math.fsum(left.values()) <= (1 - ENOUGH) * total * (1 + 1e-9)
    assert len(story.points) == MOST or enough or more <= 1e-9 * total
    return len(story.points)


def amounts(written: WrittenPart, tables: RelationStats, raw: Raw) -> dict[Pair, float]:
    """Return by how much each pair departs that every panel measures: n log(n / e) - (n - e), less var / (2 e)."""
    found = {}
    rows, columns = tables.incidence.rows.categories, tables.incidence.columns.categories
    for pair in _judged(written, raw):
        n, e, v = raw.met(*pair)
        if not raw.plain:
            v = float(tables.null_variance[rows.index(pair[0]), columns.index(pair[1])])
        amount = (n * math.log(n / e) if n else 0.0) - (n - e) - v / (2 * e) if e else 0.0
        found[pair] = max(amount, 0.0)
    return found


def _cells(written: WrittenPart, panel: int) -> Iterator[tuple[Pair, object]]:
    shown = written.part.panels[panel]
    given_are_rows = written.part.wording.rows == shown.given
    for cell in shown.cells:
        yield (cell.given, cell.outcome) if given_are_rows else (cell.outcome, cell.given), cell


def _judged(written: WrittenPart, raw: Raw) -> Pairs:
    sets = [
        {pair for pair, cell in _cells(written, k) if cell.state in TESTED} for k in range(len(written.part.panels))
    ]
    found = set.intersection(*sets)
    order = {name: k for k, name in enumerate(raw.names[0])}
    return {(a, b) for a, b in found if not raw.masked or order[a] < order[b]}


def _candidates(written: WrittenPart, raw: Raw, amounts: Mapping[Pair, float]) -> dict[tuple, Pairs]:
    """Return what can be told, by the id of its finding, side and category, with its pairs."""
    part, found = written.part, {}
    alone = any(f.is_clear for f in part.found(Activity))  # activity makes any two meet more often
    more = {pair: raw.within(*pair) > 1 for pair in amounts}
    for agreement in part.found(Agreement):
        if agreement.beyond and not alone:
            found[agreement.id, None, None] = {(a, b) for a, b in amounts if (a == b) == more[a, b]}
    for block in part.found(Block):
        if block.side == "both" and not alone:
            inside = {(a, b) for a in block.members for b in block.members if a != b} & amounts.keys()
            found[block.id, None, None] = {pair for pair in inside if more[pair]}
    gradients = {f.id: _along(f, raw) for f in part.found(Gradient) if not (f.null or alone)}
    found |= {(name, None, None): pairs for name, pairs in gradients.items()}
    along = set().union(*gradients.values())
    for surprises in part.found(PairAssociations):
        if surprises.basis == "crossing":
            continue
        sure = {pair for pair in _sure(written, raw) - along if not (alone and more.get(pair, True))}
        for side in (0,) if raw.masked else (0, 1):
            for name in raw.names[side]:
                own = {pair for pair in sure if pair[side] == name or (raw.masked and name in pair)}
                if own:
                    found[surprises.id, ("rows", "columns")[side], name] = own
    return found


def _along(gradient: Gradient, raw: Raw) -> Pairs:
    """Return the pairs of ordered categories that a gradient describes; both outcomes, where there are two."""
    own = 0 if gradient.side == "rows" else 1
    outcomes = [name for name in raw.names[1 - own] if not is_leftover(name)]
    if gradient.coefficient == "gamma":
        outcomes = raw.ordered[1 - own]
    elif len(outcomes) > 2:
        outcomes = [gradient.outcome]
    pairs = {(a, b) for a in raw.ordered[own] for b in outcomes}
    return pairs if own == 0 else {(b, a) for a, b in pairs}


def _sure(written: WrittenPart, raw: Raw) -> Pairs:
    """Return the pairs that hold when all are tested together; less often only where five and more are expected."""
    part, found = written.part, set()
    for pair, cell in _cells(written, 0):
        within = cell.expected_within_strata is not None
        low, high = (cell.lift_within_low, cell.lift_within_high) if within else (cell.lift_low, cell.lift_high)
        expected = cell.expected_within_strata if within else cell.expected
        if cell.state not in TESTED or cell.q_value is None or low is None or (raw.same and pair[0] == pair[1]):
            continue
        if any(map(is_leftover, pair)):
            continue
        if cell.q_value <= part.inference.fdr and (low > 1 or (high is not None and high < 1 and expected >= 5)):
            found.add(pair)
    return found & _judged(written, raw) if raw.masked else found


def _told(raw: Raw, pairs: Pairs) -> Pairs:
    return set().union(*(_implied(raw, pair) for pair in pairs))


def _implied(raw: Raw, pair: Pair) -> Pairs:
    """Return what a pair tells of; of items with themselves it tells of nothing else."""
    return {pair} if raw.masked else raw.implied(pair)


def _most(of: tuple, pairs: Pairs, left: Mapping[Pair, float], raw: Raw) -> float:
    """Return the most that a statement can add: of all choices of at most three pairs, or of all as a whole."""
    if of[1] is None:
        return math.fsum(left.get(pair, 0.0) for pair in pairs)
    tells = {pair: _implied(raw, pair) for pair in pairs}
    open_ = [pair for pair in pairs if any(left.get(told, 0.0) > 0 for told in tells[pair])]
    best = 0.0
    for k in range(1, NAMED + 1):
        for chosen in combinations(sorted(open_), k):
            told = set().union(*(tells[pair] for pair in chosen))
            best = max(best, math.fsum(left.get(pair, 0.0) for pair in told))
    return best
