"""Sets as words, tables and signatures: against Python's own sets."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.taxonomy import DerivedCategory, Taxonomy, categorise
from diptych.taxonomy.categorise import types_of, united

MANY = 200
held = st.lists(st.sets(st.integers(0, MANY - 1), max_size=5), max_size=12)


@given(held, st.sampled_from([MANY, 256, 500]))
def test_sets_come_back_out_of_words(some, n_categories):
    words = categorise.words_of(some, n_categories)
    told = categorise.members(words, n_categories)
    assert [set(np.flatnonzero(one).tolist()) for one in told] == some
    assert np.array_equal(categorise.packed(told), words)
    for category in (0, 63, 64, 127, 128, MANY - 1):
        assert categorise.has(words, category).tolist() == [category in one for one in some]


@given(held)
def test_distinct_sets_stand_in_the_order_of_patterns(some):
    words = categorise.words_of(some, MANY)
    distinct, number = categorise.numbered(words)
    told = [frozenset(np.flatnonzero(one).tolist()) for one in categorise.members(distinct, MANY)]
    assert [told[place] for place in number] == [frozenset(one) for one in some]
    # Earlier categories first, and of two sets of which one holds the other's beginning the longer.
    order = sorted(map(frozenset, some), key=lambda one: [c not in one for c in range(MANY)])
    assert told == list(dict.fromkeys(order))


def test_no_categories_at_all():
    words = categorise.words_of([set(), set()], 0)
    assert categorise.members(words, 0).shape == (2, 0)
    distinct, number = categorise.numbered(words)
    assert (len(distinct), number.tolist()) == (1, [0, 0])
    assert categorise.union(words, np.array([0, 1]), np.array([0, 2])).shape == (1, 0)


@given(held, st.lists(st.lists(st.integers(0, 11), max_size=4), max_size=8))
def test_unions(some, rows):
    some = some or [set()]
    rows = [[place % len(some) for place in row] for row in rows]
    start = np.cumsum([0, *map(len, rows)])
    joined = categorise.union(
        categorise.words_of(some, MANY), np.array([p for row in rows for p in row], dtype=int), start
    )
    told = [set(np.flatnonzero(one).tolist()) for one in categorise.members(joined, MANY)]
    assert told == [set().union(*(some[place] for place in row)) for row in rows]


@given(held)
def test_derived_categories_in_the_order_written(some):
    rules = (
        DerivedCategory(3, frozenset({0, 1, 2}), replaces=True),
        DerivedCategory(70, frozenset({3, 4}), replaces=False),
    )
    taxonomy = Taxonomy("t", tuple(map(str, range(MANY))), derived=rules)
    found = categorise.derived(categorise.words_of(some, MANY), taxonomy)
    told = [set(np.flatnonzero(one).tolist()) for one in categorise.members(found, MANY)]
    assert told == [set(taxonomy.derive(frozenset(one))) for one in some]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9)), max_size=30))
def test_tables(pairs):
    rows, values = (np.array([pair[i] for pair in pairs], dtype=np.int64) for i in (0, 1))
    start, value = categorise.rows_of_values(rows, values, 7)
    told = [value[start[i] : start[i + 1]].tolist() for i in range(7)]
    assert told == [sorted({v for r, v in pairs if r == i}) for i in range(7)]
    some = np.array([5, 0, 3])
    places, begin = categorise.slices(start, some)
    assert [value[places[begin[i] : begin[i + 1]]].tolist() for i in range(3)] == [told[5], told[0], told[3]]


@pytest.mark.parametrize("size", [8, 10**9])
def test_signatures_tell_sets_apart(size):
    draw = random.Random(7)  # noqa: S311  a fixed seed is what a test needs
    some = [frozenset(draw.randrange(size) for _ in range(draw.randint(0, 4))) for _ in range(3000)]
    rows = np.repeat(np.arange(len(some)), [len(one) for one in some])
    start, value = categorise.rows_of_values(rows, np.array([v for one in some for v in sorted(one)]), len(some))
    found = [tuple(one) for one in categorise.signatures(start, value).tolist()]
    assert len(set(zip(found, some, strict=True))) == len(set(found)) == len(set(some))


@given(held, st.integers(0, 12))
def test_items_of_one_type_carry_the_same_labels(some, cut):
    def types(rows):
        pairs = [(row, value) for row, own in enumerate(rows) for value in own]
        return types_of(*np.array(pairs, int).reshape(-1, 2).T, len(rows))

    for start, label, type_ in (types(some), united([types(some[:cut]), types(some[cut:])])):
        carried = [frozenset(label[start[t] : start[t + 1]].tolist()) for t in range(len(start) - 1)]
        assert [carried[t] for t in type_] == [frozenset(own) for own in some]
        assert carried == list(dict.fromkeys(map(frozenset, some)))
