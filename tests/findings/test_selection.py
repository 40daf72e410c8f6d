"""Intervals of pairs that are named since they stand out: their false coverage rate."""

from __future__ import annotations

import numpy as np
import pytest

from diptych.findings import surprises
from tests.draws import draws

ROWS, COLUMNS = tuple("ABCDEFG"), tuple("STUVWX")


def chances(times):
    """Independent categories of equal size, but for the first pair, which is so many times as common as expected."""
    chance = np.full((7, 6), 1 / 42)
    chance[0, 0] *= times
    chance[0, 1:] -= (chance[0, 0] - 1 / 42) / 5
    chance[1:, 0] -= (chance[0, 0] - 1 / 42) / 6
    chance[1:, 1:] = (1 - chance[0].sum() - chance[1:, 0].sum()) / 30
    return chance


def named(make_study, rng, n, chance):
    counts = rng.multinomial(n, chance.ravel()).reshape(chance.shape)
    patterns = [((a,), (b,), int(counts[i, j])) for i, a in enumerate(ROWS) for j, b in enumerate(COLUMNS)]
    (found,) = surprises.find(make_study(patterns, ROWS, columns=COLUMNS, unit="record"))
    return found


@pytest.mark.parametrize(("n", "times"), [(300, 2.0), (1_000, 1.6), (3_000, 1.3)])
def test_intervals_of_named_pairs_hold_the_truth_as_often_as_they_say(make_study, n, times):
    """Pointwise intervals of named pairs hold it in 74 to 86% here, since pairs are named for standing out."""
    rng, chance = np.random.default_rng((29, n)), chances(times)
    truth = chance / np.outer(chance.sum(axis=1), chance.sum(axis=0))
    missed = {"pointwise": [], "adjusted": []}
    for _ in range(draws(60, 600)):
        found = named(make_study, rng, n, chance)
        pairs = (*found.above, *found.below)
        for name, of_worlds in missed.items():
            out = []
            for pair in pairs:
                low, high = pair.ratio.ends if name == "pointwise" else pair.interval
                true = truth[ROWS.index(pair.given), COLUMNS.index(pair.outcome)]
                out.append(not low <= true <= high)
            of_worlds.append(np.mean(out) if out else 0.0)
    rates = {name: float(np.mean(rate)) for name, rate in missed.items()}
    assert rates["adjusted"] <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / len(missed["adjusted"]))
    assert rates["adjusted"] <= rates["pointwise"]


def test_the_level_follows_how_many_were_selected(make_study):
    patterns = [("A", "X", 80), ("A", "Y", 20), ("B", "X", 20), ("B", "Y", 80)]
    (found,) = surprises.find(make_study(patterns, ("A", "B"), columns=("X", "Y"), unit="record"))
    # All four pairs are selected of four that were tested: nothing to adjust.
    assert found.selected_level == 0.95
    assert all(pair.interval == pair.ratio.ends for pair in found.above)
    patterns = [
        ("A", "X", 60),
        ("A", "Y", 40),
        ("B", "Y", 14),
        ("B", "Z", 6),
        ("C", "X", 40),
        ("C", "Y", 336),
        ("C", "Z", 4),
    ]
    (found,) = surprises.find(make_study(patterns, ("A", "B", "C"), columns=("X", "Y", "Z"), unit="record"))
    n = found.n_above + found.n_below
    assert found.selected_level == pytest.approx(1 - 0.05 * n / found.n_tested)
    assert n < found.n_tested
    assert all(pair.interval[0] < pair.ratio.low and pair.interval[1] >= pair.ratio.high for pair in found.above)
