"""Groups that are each of one kind: against all ways to give the kinds to groups, and how often chance passes."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from diptych.inference.whole_groups import MOST, of_groups
from diptych.panels import RelationStats
from tests.draws import draws
from tests.examples.relations import CONFIGS
from tests.matrices.tiny import P, tiny

# Nine plots: units, those with A, and whether the plot is an X.
PLOTS = [(40, 1, 1), (25, 3, 1), (31, 2, 1), (20, 9, 0), (44, 21, 0), (18, 3, 0), (30, 12, 0), (26, 15, 0), (35, 14, 0)]


def of(plots, *, turned=False, **how):
    patterns = []
    for number, (n, with_a, is_x) in enumerate(plots):
        for rows, units in (("A", with_a), ("", n - with_a)):
            kind = "X" if is_x else ""
            sides = (kind, rows) if turned else (rows, kind)
            patterns += [P(*sides, units, f"g{number:03}")] * int(units > 0)
    names = ("X", "A") if turned else ("A", "X")
    return tiny(*patterns, rows=names[0], columns=names[1], groups=True, **how)


def exact(plots, factor=1.0):
    """Return p over all choices of as many plots, of plots of the kind with so many times as often A."""
    n, a = (np.array([plot[k] for plot in plots], dtype=float) for k in (0, 1))
    own = [k for k, plot in enumerate(plots) if plot[2]]
    a[own] *= factor
    worst = 0.0
    for value in (lambda s: a[s].sum() - n[s].sum() * a.sum() / n.sum(), lambda s: a[s].sum() / n[s].sum()):
        drawn = np.array([value(list(s)) for s in combinations(range(len(plots)), len(own))])
        tails = [np.mean(side >= -1e-9) for side in (drawn - value(own), value(own) - drawn)]
        worst = max(worst, min(1.0, 2 * min(tails)))
    return worst


@pytest.mark.parametrize("turned", [False, True])
def test_p_is_that_of_all_ways_to_give_the_kind_to_as_many_groups(turned):
    ratios = RelationStats(of(PLOTS, turned=turned)).over_all(0.95)
    assert ratios.p[0, 0] == pytest.approx(exact(PLOTS), abs=0.005)
    assert exact(PLOTS) == pytest.approx(2 / 84)  # the three of the kind are the lowest of all


def test_ends_are_where_the_same_drawings_begin_to_reject():
    plots = [*PLOTS, (38, 3, 1), (22, 8, 0), (29, 13, 0), (33, 11, 0)]
    ratios = RelationStats(of(plots)).over_all(0.95)
    part = sum(n for n, _, x in plots if x) / sum(n for n, _, _ in plots)
    # The ratio r stands for f times as few in plots of the kind: r = 1 / (part + (1 - part) f).
    factors = [(1 / end[0, 0] - part) / (1 - part) for end in (ratios.low, ratios.high)]
    for f, inwards in zip(factors, (0.7, 1.4), strict=True):
        assert exact(plots, f * inwards) > 0.05 >= exact(plots, f / inwards**3)
    assert ratios.low[0, 0] < ratios.ratio[0, 0] < ratios.high[0, 0] < 1


def test_what_is_never_or_always_there_has_a_p_and_the_interval_of_the_ratio():
    never = [(n, 0 if x else a, x) for n, a, x in PLOTS]
    ratios = RelationStats(of(never)).over_all(0.95)
    assert ratios.p[0, 0] == pytest.approx(exact(never), abs=0.005)
    assert (ratios.low[0, 0], ratios.ratio[0, 0]) == (0, 0)
    assert ratios.high[0, 0] < 1


def test_groups_of_two_kinds_many_groups_and_strata_are_judged_by_their_variance():
    mixed = tiny(P("A", "X", 5, "g"), P("", "", 5, "g"), P("", "X", 5, "h"), P("A", "", 9, "i"), rows="A", columns="X", groups=True)  # fmt: skip
    assert of_groups(mixed, 3) is None
    assert of_groups(of(PLOTS), 9) is not None
    assert of_groups(replace(of(PLOTS), stratum_names=("site",)), 9) is None
    many = [(10, 1 + k % 5, k % 2) for k in range(MOST + 1)]
    assert of_groups(of(many), len(many)) is None
    assert of_groups(of(many[1:]), len(many) - 1) is not None
    lone = [(1, k % 3 == 0, k % 2) for k in range(12)]
    assert of_groups(of(lone), 12) is None


TWELVE = [
    (28, 5),
    (61, 13),
    (35, 12),
    (84, 22),
    (49, 21),
    (72, 30),
    (23, 6),
    (55, 25),
    (66, 18),
    (40, 9),
    (31, 14),
    (77, 33),
]


def power(plots, n_of_kind, ratio, alpha):
    """Return in which share of all choices of plots of the kind p is at most alpha, of all choices again, if their
    units have A so many times as often that they meet `ratio` times as often as sizes make it."""
    n, a = np.array(plots, dtype=float).T
    choices = np.array([[k in of for k in range(len(n))] for of in combinations(range(len(n)), n_of_kind)], dtype=float)
    found = []
    for own in choices:
        part = own @ n / n.sum()
        with_a = a * (1 + (ratio * (1 - part) / (1 - ratio * part) - 1) * own)
        worst = 0.0
        for value in (lambda c, x=with_a: c @ x - c @ n * x.sum() / n.sum(), lambda c, x=with_a: c @ x / (c @ n)):
            tails = [np.mean(side >= -1e-9) for side in (value(choices) - value(own), value(own) - value(choices))]
            worst = max(worst, 2 * min(tails))
        found.append(ratio * part < 1 and worst <= alpha)
    return np.mean(found)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("alpha", [0.2, 0.05])
def test_a_pair_that_meets_so_often_is_found_in_four_worlds_of_five(alpha, turned):
    groups = of_groups(of([(n, a, int(k < 4)) for k, (n, a) in enumerate(TWELVE)], turned=turned), 12)
    ratio = groups.visible((0, 0), alpha)
    assert power(TWELVE, 4, ratio, alpha) == pytest.approx(0.8, abs=0.1)
    assert power(TWELVE, 4, 1 + (ratio - 1) / 2, alpha) < 0.5


def test_of_few_groups_no_ratio_is_found():
    few = of_groups(of([(40, 10 + k, int(k < 3)) for k in range(6)]), 6)
    assert 2 / 20 > 0.05  # the least p of all 20 choices of three of six
    assert few.visible((0, 0), 0.05) == np.inf
    all_of_a_kind = of_groups(of([(40, 10 + k, 1) for k in range(6)]), 6)
    assert all_of_a_kind.visible((0, 0), 0.05) == np.inf


@pytest.mark.parametrize("size_goes_with_kind", [False, True])
def test_where_nothing_goes_together_few_groups_pass(size_goes_with_kind):
    """Shares vary from plot to plot; plots of the kind are no other, or have four times, or a quarter of, the units."""
    rng, n_runs, passed = np.random.default_rng(17), draws(200, 400), 0
    for run in range(n_runs):
        kind = np.arange(16) < 5
        times = (4 if run % 2 else 0.25) if size_goes_with_kind else 1
        sizes = (rng.integers(40, 120, 16) * np.where(kind, times, 1)).astype(int)
        a = rng.binomial(sizes, rng.beta(2, 4, 16))
        ratios = RelationStats(of(list(zip(sizes, a, kind.astype(int), strict=True)))).over_all(0.95)
        passed += int(ratios.p[0, 0] < 0.05)
    assert passed / n_runs <= 0.075


def test_plots_of_the_rodents(sites):
    """Every genus on every type of plot: q by other drawings of plots, in pandas."""
    table = pd.read_csv(CONFIGS["rodents"].parent / "captures.csv.gz", dtype=str, keep_default_na=False)
    table = table[table["genus"] != ""]
    counts = pd.crosstab(table["plot"], table["genus"])
    kinds = table.groupby("plot")["plot_type"].first().reindex(counts.index).to_numpy()
    n = counts.sum(axis=1).to_numpy(dtype=float)
    shown = pd.read_csv(sites("rodents") / "data" / "genus.csv").dropna(subset=["q_value"])
    assert len(shown) == 44
    orders, found = np.random.default_rng(8).permuted(np.tile(np.arange(24), (20_000, 1)), axis=1), []
    for row in shown.itertuples():
        of_kind = (kinds == row.outcome).astype(float)
        again, a = of_kind[orders], counts[row.given].to_numpy(dtype=float)
        beyond, worst = a - n * a.sum() / n.sum(), 0.0
        for drawn, own in (
            (again @ beyond, of_kind @ beyond),
            (again @ a / (again @ n), of_kind @ a / (of_kind @ n)),
        ):
            tails = [np.mean(side >= -1e-9) for side in (drawn - own, own - drawn)]
            worst = max(worst, 2 * min(tails))
        found.append(min(worst, 1))
    assert shown["q_value"].to_numpy() == pytest.approx(stats.false_discovery_control(found), abs=0.05)
    sure = shown[shown["q_value"] <= 0.05]
    assert {("Dipodomys", "Long-term Krat Exclosure"), ("Peromyscus", "Rodent Exclosure")} <= set(
        zip(sure["given"], sure["outcome"], strict=True)
    )
