"""Trends over ordered categories in drawn worlds: coverage of their intervals, and gradients where there are none."""

from __future__ import annotations

import numpy as np
import pytest

from diptych.cells import Unit
from diptych.findings import gradient
from diptych.findings.finding import RelationCounts, Study
from diptych.incidence import Incidence, Side
from diptych.inference import InferenceSettings
from diptych.inference.trends import OrdinalPair, trend
from diptych.ledger.coverage import Coverage
from diptych.matrices import PanelSettings
from diptych.panels import build_panel, tables_of
from tests.draws import draws
from tests.findings.conftest import DATASETS, MODELS, side

pytestmark = pytest.mark.slow

AGES = tuple(f"a{k}" for k in range(5))


def incidence_of(x, y, n_columns, *, group=None, weight=None, stratum=None, answers=None) -> Incidence:
    """The incidence of units with steps x and answers y, one pattern for each unit."""
    n = len(x)
    w = np.ones(n) if weight is None else weight
    return Incidence(
        relation="r",
        rows=Side("datasets", DATASETS, AGES, "ages", AGES),
        columns=Side("models", MODELS, tuple(f"c{k}" for k in range(n_columns)), "answers", answers),
        unit=Unit("record", "record", "records"),
        row_sets=np.eye(5, dtype=bool)[x],
        column_sets=np.eye(n_columns, dtype=bool)[y],
        units=np.ones(n, dtype=np.int64),
        weight=w,
        weight_squared=w**2,
        stratum=np.zeros(n, dtype=np.int64) if stratum is None else stratum,
        strata=("",) if stratum is None else tuple(f"s{k}" for k in range(stratum.max() + 1)),
        stratum_names=() if stratum is None else ("school",),
        group=group,
        n_groups=None if group is None else int(group.max()) + 1,
        group_names=() if group is None else ("team",),
        weighted=weight is not None,
        trivial_diagonal=False,
    )


def study_of(incidence: Incidence) -> Study:
    tables, settings = tables_of(incidence), InferenceSettings()
    panels = tuple(
        build_panel(PanelSettings(id=name, relation="r", given=given, outcome=outcome), tables, settings, mirror)
        for name, given, outcome, mirror in (
            ("left", "datasets", "models", "right"),
            ("right", "models", "datasets", "left"),
        )
    )
    n = incidence.n_units
    empty = side("datasets", AGES, 1, 1)
    coverage = Coverage(
        relation="r", n_links=n, n_resolved=n, n_candidates=n, n_units=n, n_unlabelled_units=0,
        rows=empty, columns=empty, unresolved=(),
    )  # fmt: skip
    return Study(RelationCounts.alone("r", tables, coverage), form="records", panels=panels, inference=settings)


def grouped(rng, n_groups, size, spread, shares):
    """Units of groups that share part of their answers: x, y and group. `spread` is the share of copied answers."""
    sizes = np.full(n_groups, size) if np.isscalar(size) else size
    group = np.repeat(np.arange(n_groups), sizes)
    x = rng.integers(0, 5, len(group))
    own = rng.random(len(group))
    common = rng.random(n_groups)[group]
    u = np.where(rng.random(len(group)) < spread, common, own)
    return x, (u < np.asarray(shares)[x]).astype(int), group


SLOPE = (0.75, 0.65, 0.5, 0.4, 0.3)
TRUE_D = sum(
    (SLOPE[b] - SLOPE[a]) for a in range(5) for b in range(a + 1, 5)
) / 10  # of two units of different age, equally likely  # fmt: skip


def worlds(kind, rng):
    if kind == "independent":
        x, y, _ = grouped(rng, 300, 1, 0, SLOPE)
        return incidence_of(x, y, 2)
    if kind == "weights":
        x, y, _ = grouped(rng, 400, 1, 0, SLOPE)
        return incidence_of(x, y, 2, weight=rng.lognormal(0, 0.5, len(x)))
    if kind == "strata":
        x, y, _ = grouped(rng, 400, 1, 0, SLOPE)
        return incidence_of(x, y, 2, stratum=rng.integers(0, 6, len(x)))
    if kind == "groups":
        x, y, group = grouped(rng, 30, 15, 0.3, SLOPE)
        return incidence_of(x, y, 2, group=group)
    sizes = np.maximum(rng.lognormal(2.3, 0.7, 40).astype(int), 1)
    x, y, group = grouped(rng, 40, sizes, 0.3, SLOPE)
    return incidence_of(x, y, 2, group=group)


@pytest.mark.parametrize("kind", ["independent", "weights", "strata", "groups", "unequal groups"])
def test_intervals_cover_the_true_value(kind):
    """93 to 97 of 100 intervals contain it, within the error of the draws."""
    rng, n = np.random.default_rng(34), draws(120, 1500)
    slack = 2 * (0.05 * 0.95 / n) ** 0.5
    hits = 0
    for _ in range(n):
        found = worlds(kind, rng)
        pair = OrdinalPair(found, found.row_sets.argmax(axis=1), found.column_sets.argmax(axis=1), found.stratum)
        e = trend(pair, "somers_d", 0.95).coefficient
        hits += e.low <= TRUE_D <= e.high
    assert 0.93 - slack <= hits / n <= 0.97 + slack


def by_group(rng, sizes, spread, shares):
    """Units of groups of one age each, whose share of the answer varies around that of their age."""
    group, age = np.repeat(np.arange(len(sizes)), sizes), rng.integers(0, 5, len(sizes))
    p, beta = np.asarray(shares)[age], (1 - spread) / spread
    own = rng.beta(p * beta, (1 - p) * beta)
    return age[group], (rng.random(len(group)) < own[group]).astype(int), group


def none(kind, rng):
    """A world without a gradient."""
    n = 1500
    if kind == "independent":
        return incidence_of(rng.integers(0, 5, 600), rng.integers(0, 4, 600), 4)
    if kind == "both ordered":
        answers = tuple(f"c{k}" for k in range(4))
        return incidence_of(rng.integers(0, 5, 600), rng.integers(0, 4, 600), 4, answers=answers)
    if kind == "groups of one age":
        x, y, group = by_group(rng, np.maximum(rng.lognormal(2.3, 0.9, 30).astype(int), 2), 0.2, (0.5,) * 5)
        return incidence_of(x, y, 2, group=group)
    if kind == "opposite stratum":
        stratum, x = (rng.random(n) < 0.3).astype(int), rng.integers(0, 5, n)
        p = np.where(stratum == 0, 0.8 - 0.12 * x, 0.35 + 0.06 * x)
        return incidence_of(x, (rng.random(n) < p).astype(int), 2, stratum=stratum)
    if kind == "made by strata":
        stratum = rng.integers(0, 4, n)
        x = np.clip(stratum + rng.integers(0, 2, n), 0, 4)
        return incidence_of(x, (rng.random(n) < 0.2 + 0.18 * stratum).astype(int), 2, stratum=stratum)
    shares = {
        "one step at the end": (0.3, 0.3, 0.3, 0.3, 0.7),
        "one step in the middle": (0.3, 0.3, 0.6, 0.6, 0.6),
        "up and down": (0.2, 0.35, 0.5, 0.6, 0.45),
        "no order": (0.5, 0.3, 0.6, 0.35, 0.55),
    }
    x, y, _ = grouped(rng, n, 1, 0, shares[kind])
    return incidence_of(x, y, 2)


def n_found(make, n):
    rng = np.random.default_rng(5)
    return sum(any(not f.null for f in gradient.find(study_of(make(rng)))) for _ in range(n))


NONE = (
    *("independent", "both ordered", "groups of one age", "opposite stratum", "made by strata"),
    *("one step at the end", "one step in the middle", "up and down", "no order"),
)


@pytest.mark.parametrize("kind", NONE)
def test_no_gradient_where_there_is_none(kind):
    """At most five reports in 100 have one; by day 2 of 30."""
    n = draws(30, 300)
    assert n_found(lambda rng: none(kind, rng), n) <= max(0.05 * n, 2)


def test_a_true_gradient_is_found():
    n = draws(20, 200)
    assert n_found(lambda rng: worlds("independent", rng), n) >= 0.5 * n
