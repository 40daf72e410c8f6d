"""Distinct sets of items, counted exactly even where the sums that sort them coincide."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from diptych.contributors import count_sets, item_sets


def counted(engine, sets):
    rows = [(f"u{i}", item) for i, held in enumerate(sets) for item in sorted(held)]
    held = engine.load({"unit": [unit for unit, _ in rows], "item": [item for _, item in rows]}, ["item"])
    return count_sets(held, engine)


def test_no_units(engine):
    assert counted(engine, []) == (0, 0)


@pytest.mark.parametrize("factor", [1_103_515_245, 0])
def test_against_plain_sets(engine, monkeypatch, factor):
    # A factor of 0 leaves only the size and the sum of numbers to tell sets apart: {0, 3} and {1, 2} collide.
    monkeypatch.setattr(item_sets, "_FACTOR", factor)
    draw = random.Random(7)  # noqa: S311  a fixed seed is what a test needs
    sets = [frozenset(draw.sample(range(8), draw.randint(1, 4))) for _ in range(300)]
    sizes = Counter(sets)
    assert counted(engine, sets) == (len(sizes), max(sizes.values()))
