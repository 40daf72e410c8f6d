"""The ledger against the tables of the engine: everything that is counted, array by array."""

from __future__ import annotations

import dataclasses

import numpy as np

from diptych.contributors import find_contributors
from diptych.coverage import measure_coverage
from diptych.incidence import Incidence, count_incidence
from diptych.ledger.contributions import contributors
from diptych.ledger.coverage import side_coverage, unlabelled_units
from diptych.ledger.dating import count_dated
from diptych.ledger.export import ledger_of
from diptych.ledger.patterns import incidence, patterns
from diptych.ledger.recounts import Recounts, refiled
from diptych.ledger.types import item_types
from diptych.recounts import default_changes, recount, recount_with_members
from diptych.recounts import dating
from diptych.recounts.item_types import count_item_types
from diptych.relations.sets import with_masks


def same(one, other, where=""):
    """Two records of arrays and plain values are the same, to the last bit and of the same types."""
    assert type(one) is type(other), (where, one, other)
    if dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            same(getattr(one, field.name), getattr(other, field.name), f"{where}.{field.name}")
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype and one.shape == other.shape and np.array_equal(one, other), (where, one, other)
    else:
        assert one == other, (where, one, other)


def same_sets(ledger, types):
    """Each unit has the set of sets of labels that its items carry, looked up one by one."""
    for axis, side, of in ((ledger.rows, types.rows, types.row_set), (ledger.columns, types.columns, types.column_set)):
        start, label = axis.found.start, axis.found.label
        carried = [tuple(label[start[i] : start[i + 1]].tolist()) for i in range(len(start) - 1)]
        own = [frozenset(carried[i] for i in axis.use[low:high]) for low, high in zip(axis.start, axis.start[1:])]
        assert {frozenset(side.types[i] for i in side.sets[number]) for number in of} == set(own)


def compare(meeting, engine, more=()):
    """Count a meeting both ways; `more` are further changes to recount. Returns how many things were compared."""
    met = with_masks(meeting, engine)
    counted, carried = count_incidence(met, engine), find_contributors(met, engine)
    if meeting.unfiltered is not None:
        meeting = dataclasses.replace(meeting, units=meeting.unfiltered)
    ledger = ledger_of(meeting, engine)
    base = patterns(ledger, ledger.rows.words, ledger.columns.words)
    mine = incidence(ledger, base)
    same(mine, counted, "incidence")
    same(contributors(ledger), carried, "contributors")
    covered = measure_coverage(met, engine)
    same(side_coverage(ledger, ledger.rows), covered.rows, "rows")
    same(side_coverage(ledger, ledger.columns), covered.columns, "columns")
    assert unlabelled_units(ledger) == (covered.n_units, covered.n_unlabelled_units)
    changes = [*default_changes(met, counted, carried), *more]
    theirs = recount(met, engine, counted, changes)
    recounts = Recounts(ledger, base, mine, changes)
    assert list(recounts) == list(theirs)
    for change in changes:
        same(recounts[change], theirs[change], str(change))
    if max(len(side.categories) for side in (met.rows, met.columns)) <= 62:
        same(item_types(ledger), count_item_types(met, engine), "types")
    else:  # the engine's took the second word of categories for a hash of types, and saw fewer sets than there are
        same_sets(ledger, item_types(ledger))
    if ledger.day is not None:
        for every in ("week", "year"):
            asked = ("day", every, 5)
            same(count_dated(ledger, base, *asked), dating.count_dated(met, engine, counted, *asked), "dated")
    n = 0
    for axis, side in ((ledger.rows, met.rows), (ledger.columns, met.columns)):
        if len(axis.categories) > 1 and len(axis.items):
            n += 1
            names = axis.names.of(axis.items[:3].tolist())
            asked = {names[0]: axis.categories[:2], names[-1]: (), "nobody": axis.categories[:1]}
            given = recount_with_members(met, engine, counted, side.name, asked)
            same(refiled(ledger, base, {side.entity: asked}), given, "refiled")
    return 6 + len(changes) + n
