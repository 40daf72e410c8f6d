"""What is counted of a ledger, and with something left out, equals plain Python over units, item by item."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych.cells import Kind, Unit
from diptych.ledger import Axis, Ledger
from diptych.ledger.contributions import find_contributors
from diptych.ledger.recounts import Change, Recounts
from diptych.taxonomy import DerivedCategory, Taxonomy, categorise
from diptych.taxonomy.categorise import CategorisedItems, types_of
from tests.counting import counted
from tests.draws import draws

pytestmark = pytest.mark.slow

N_ITEMS, N_UNITS, LABELS = 7, 12, ("a", "b", "c", "d", "odd")
RULES = {"a": (0,), "b": (1,), "c": (2,), "d": (0, 3), "odd": ()}
CATEGORIES = ("A", "B", "C", "D", "E")
DERIVED = (DerivedCategory(4, frozenset({0, 1}), replaces=True), DerivedCategory(3, frozenset({4, 2}), replaces=False))
MANY = settings(max_examples=draws(50, 150), deadline=None, suppress_health_check=list(HealthCheck))


class NamedHere:
    """Names of items, by their place."""

    def __init__(self, names):
        self._names = names

    def of(self, numbers):
        return [self._names[number] for number in numbers]

    def numbers(self, names):
        return {name: self._names.index(name) for name in names if name in self._names}


class Plain:
    """A relation as lists: what items carry on each side, what units have, and the levels of units."""

    def __init__(self, seed: int, counts: str) -> None:
        draw = random.Random(seed)  # noqa: S311  a fixed seed is what a test needs
        self.counts = counts
        self.taxonomy = Taxonomy("t", CATEGORIES, derived=DERIVED if draw.random() < 0.7 else ())
        self.carried = [[draw.sample(LABELS, draw.randint(0, 3)) for _ in range(N_ITEMS)] for _ in "rc"]
        least = 0 if counts == "either" else 1
        self.has = [[draw.sample(range(N_ITEMS), draw.randint(least, 3)) for _ in range(N_UNITS)] for _ in "rc"]
        if counts == "either":  # no unit without any item
            self.has[0] = [own or [0] for own in self.has[0]]
        self.level = [draw.choice("xy") for _ in range(N_UNITS)]
        self.group = [draw.choice("pqr") for _ in range(N_UNITS)]
        self.n = [draw.randint(1, 3) for _ in range(N_UNITS)]
        self.weight = [draw.randint(0, 10**15) for _ in range(N_UNITS)]

    def ledger(self) -> Ledger:
        strata, groups = sorted(set(self.level)), sorted(set(self.group))
        return Ledger(
            relation="r",
            unit=Unit("to", "unit", "units"),
            rows=self.axis(0, "rows"),
            columns=self.axis(1, "columns"),
            n=np.array(self.n),
            key=np.arange(N_UNITS),
            key_names=None,
            stratum=np.array([strata.index(one) for one in self.level], dtype=np.int32),
            strata=tuple(strata),
            stratum_names=("level",),
            group=np.array([groups.index(one) for one in self.group], dtype=np.int32),
            groups=tuple(groups),
            group_names=("group",),
            weight=np.array(self.weight),
            weight_scale=1,
            trivial_diagonal=False,
            counts=self.counts,
            carriers="rows",
            n_candidates=N_UNITS,
        )

    def axis(self, side: int, name: str) -> Axis:
        names = tuple(sorted(LABELS))
        rows = [(item, names.index(label)) for item, own in enumerate(self.carried[side]) for label in own]
        start, label, type_ = types_of(*np.array(rows, int).reshape(-1, 2).T, N_ITEMS)
        found = CategorisedItems(
            taxonomy=self.taxonomy,
            names=names,
            rules=categorise.words_of([RULES[label] for label in names], len(CATEGORIES)),
            start=start,
            label=label,
            type=type_,
            vocabulary=dict.fromkeys(names, 1),
            labels=(),
            notes=(),
        )
        uses = [(unit, item) for unit, own in enumerate(self.has[side]) for item in own]
        start, use = categorise.rows_of_values(
            np.array([u for u, _ in uses], int), np.array([i for _, i in uses], int), N_UNITS
        )
        return Axis(
            kind=Kind(name, name, name, name),
            entity=name,
            found=found,
            names=NamedHere([f"i{i}" for i in range(N_ITEMS)]),
            start=start,
            use=use,
            items=np.arange(N_ITEMS, dtype=np.int32),
            n=np.ones(N_ITEMS, dtype=np.int64),
            n_nameless=0,
            year=None,
            weight=None,
            weight_scale=None,
        )

    def categories(self, side, item, without=None):
        given = {c for label in self.carried[side][item] if label != without for c in RULES[label]}
        return self.taxonomy.derive(frozenset(given))

    def patterns(self, own_sets, left):
        """(level, group, row set, column set) -> units, sum of weights, sum of their squares."""
        found = defaultdict(lambda: [0, 0, 0])
        for unit in range(N_UNITS):
            rows, columns = own_sets(0, unit), own_sets(1, unit)
            there = [left(side, unit) for side in (0, 1)]
            alive = {"both": all(there), "either": any(there), "labelled": bool(rows and columns)}[self.counts]
            if alive:
                n, w = self.n[unit], self.weight[unit]
                entry = found[self.level[unit], self.group[unit], rows, columns]
                entry[:] = [entry[0] + n, entry[1] + n * w, entry[2] + n * w * w]
        return {key: (n, float(w), float(w2)) for key, (n, w, w2) in found.items()}

    def union(self, side, unit, **more):
        return frozenset().union(*(self.categories(side, item, **more) for item in self.has[side][unit]))


def told(incidence):
    return {
        (
            incidence.strata[incidence.stratum[p]],
            incidence.groups[incidence.group[p]],
            frozenset(np.flatnonzero(incidence.row_sets[p]).tolist()),
            frozenset(np.flatnonzero(incidence.column_sets[p]).tolist()),
        ): (int(incidence.units[p]), float(incidence.weight[p]), float(incidence.weight_squared[p]))
        for p in range(len(incidence.units))
    }


@pytest.mark.parametrize("counts", ["both", "either", "labelled"])
def test_patterns_and_recounts(counts):
    @MANY
    @given(st.integers(0, 10**6), st.integers(0, N_ITEMS - 1), st.sampled_from(LABELS))
    def check(seed, item, label):
        plain = Plain(seed, counts)
        ledger = plain.ledger()
        base, incidence = counted(ledger)

        def has(side, unit):
            return bool(plain.has[side][unit])

        assert told(incidence) == plain.patterns(plain.union, has)
        changes = [Change("item", "rows", f"i{item}"), Change("label", "columns", label)]
        recounts = Recounts(ledger, base, incidence, changes)

        def without_item(side, unit):
            kept = [one for one in plain.has[side][unit] if side or one != item]
            return frozenset().union(*(plain.categories(side, one) for one in kept))

        def left(side, unit):
            return bool([one for one in plain.has[side][unit] if side or one != item])

        def without_label(side, unit):
            return plain.union(side, unit, without=label if side else None)

        assert told(recounts[changes[0]]) == plain.patterns(without_item, left)
        assert told(recounts[changes[1]]) == plain.patterns(without_label, has)

    check()


@MANY
@given(st.integers(0, 10**6))
def test_contributors(seed):
    """What an item or a label carries of each cell is what the cell loses without it, where nothing comes instead."""
    plain = Plain(seed, "both")
    found = find_contributors(plain.ledger())
    touching, sole = Counter(), Counter()
    for unit in range(N_UNITS):
        rows, columns, n = plain.union(0, unit), plain.union(1, unit), plain.n[unit]
        for row in rows:
            for column in columns:
                for item in plain.has[0][unit]:
                    if row in plain.categories(0, item):
                        others = [one for one in plain.has[0][unit] if one != item and row in plain.categories(0, one)]
                        touching[row, column, "item", "rows", f"i{item}"] += n
                        sole[row, column, "item", "rows", f"i{item}"] += n * (not others)
                for side, category in ((0, row), (1, column)):
                    for label in LABELS:
                        leads = set(RULES[label])
                        for rule in plain.taxonomy.derived:
                            leads |= {rule.category} if rule.of & leads else set()
                        having = [one for one in plain.has[side][unit] if category in plain.categories(side, one)]
                        if category in leads and any(label in plain.carried[side][one] for one in having):
                            key = (row, column, "label", ("rows", "columns")[side], label)
                            touching[key] += n
                            sole[key] += n * (category not in plain.union(side, unit, without=label))
    mine = {
        (CATEGORIES.index(c.row), CATEGORIES.index(c.column), c.by, c.side, c.name): (c.n_touching, c.n_sole)
        for c in found.cells
        if c.by in ("item", "label")
    }
    assert mine == {key: (n, sole[key]) for key, n in touching.items()}
