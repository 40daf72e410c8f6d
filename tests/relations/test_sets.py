"""Masks of categories in the engine: made once, taken apart again, and the same whoever asks."""

from __future__ import annotations

import random
from pathlib import Path

import narwhals as nw
import numpy as np
import pytest

from diptych.contributors import find_contributors
from diptych.coverage import measure_coverage
from diptych.incidence import count_incidence
from diptych.recounts import Change, recount
from diptych.relations import links as links_module
from diptych.relations.groups import put_together
from diptych.relations.meet import meet, meet_by
from diptych.relations.sets import categories_of, with_masks
from diptych.relations.settings import RelationSettings
from tests.relations.reference import Thing, counted_patterns, make_items
from tests.sources.same import assert_same

N_CATEGORIES = 130
"""Three words."""


def relation(**more):
    ends = {"from": {"entity": "datasets"}, "to": {"entity": "models", "column": "uses", "separator": ";"}}
    return RelationSettings.model_validate({"links": ends, **more})


@pytest.fixture(scope="module")
def world(engine):
    """Forty datasets and two hundred models that use one to four of them, or one that nobody knows."""
    draw = random.Random(5)  # noqa: S311  a fixed seed is what a test needs
    datasets = {f"d{i}": Thing(frozenset(draw.sample(range(N_CATEGORIES), draw.randint(0, 3)))) for i in range(40)}
    datasets["d0"] = Thing(frozenset({0, 61, 124, 129}))
    models = {f"m{i}": Thing(frozenset(draw.sample(range(3), draw.randint(0, 2)))) for i in range(200)}
    for model in models.values():
        used = [*draw.sample(sorted(datasets), draw.randint(1, 4)), *draw.sample(["gone"], draw.randint(0, 1))]
        model.attributes = {"uses": ";".join(used)}
    return {
        "datasets": make_items(engine, "datasets", datasets, N_CATEGORIES),
        "models": make_items(engine, "models", models, 3),
    }


def met(world, engine, **more):
    return meet("trained_on", relation(**more), world, {}, engine, Path())


def test_every_bit_of_a_mask_is_found_again(engine):
    sets = [set(), {0}, {61}, {62}, {61, 62, 123, 124, 129}, set(range(N_CATEGORIES))]
    words = {f"row_{word}": [sum(1 << c % 62 for c in held if c // 62 == word) for held in sets] for word in range(3)}
    units = engine.load({"unit": list(range(len(sets))), **words}, ["unit", *words])
    held = categories_of(units, "row", N_CATEGORIES, engine)
    found = engine.collect(units.join(held, on=list(words)).select("unit", "category"))
    assert len(found) == sum(map(len, sets))
    assert set(zip(found["unit"], found["category"], strict=True)) == {(i, c) for i, s in enumerate(sets) for c in s}


@pytest.mark.parametrize("population", ["both", "labelled"])
def test_kept_masks_change_nothing(world, engine, population):
    plain = met(world, engine, population=population)
    kept = with_masks(plain, engine)
    changes = [Change("item", "datasets", f"d{i}") for i in range(3)]
    for one in (count_incidence, measure_coverage, find_contributors):
        assert_same(one(plain, engine), one(kept, engine))
    incidence = count_incidence(plain, engine)
    assert_same(recount(plain, engine, incidence, changes), recount(kept, engine, incidence, changes))
    assert incidence.row_sets[:, 124:].any()


@pytest.mark.parametrize("population", ["both", "labelled"])
@pytest.mark.parametrize("declared", ["to", "from", "link"])
def test_links_that_were_read_are_met_by_another_unit(world, engine, declared, population):
    first = met(world, engine, unit=declared, population=population)
    for unit in ("to", "from", "link"):
        own = met(world, engine, unit=unit, population=population)
        other = meet_by(first, relation(unit=unit, population=population), world, engine)
        assert_same(count_incidence(own, engine), count_incidence(other, engine))
        assert_same(measure_coverage(own, engine), measure_coverage(other, engine))


def test_only_links_are_met_by_another_unit(world, engine):
    shared = RelationSettings.model_validate({"shared": {"key": "uses", "entities": ["models", "models"]}})
    meeting = meet("owners", shared, world, {}, engine, Path())
    with pytest.raises(ValueError, match="relation owners has no links"):
        meet_by(meeting, relation(), world, engine)


def test_very_many_groups_of_another_unit_are_put_together(world, engine, monkeypatch):
    monkeypatch.setattr(links_module, "MOST_GROUPS", 199)
    monkeypatch.setattr("diptych.relations.groups.FEWER", 7)
    first = met(world, engine)
    whole = count_incidence(met(world, engine, unit="link"), engine)
    fewer = count_incidence(meet_by(first, relation(unit="link"), world, engine), engine)
    assert whole.n_groups == 200
    assert (fewer.n_groups, fewer.groups) == (7, tuple("0123456"))

    def without_groups(incidence):
        found = {}
        for (stratum, _, *sets), (n, *_) in counted_patterns(incidence).items():
            found[stratum, *sets] = found.get((stratum, *sets), 0) + n
        return found

    assert without_groups(fewer) == without_groups(whole)
    monkeypatch.setattr(links_module, "MOST_GROUPS", 200)
    same = count_incidence(meet_by(first, relation(unit="link"), world, engine), engine)
    assert_same(same, whole)


def test_groups_put_together_vary_as_groups_do(engine):
    """The variance of a share between groups, by groups and by what is put together: equal but for chance."""
    rng = np.random.default_rng(11)
    n_groups = 60_000
    size = rng.integers(1, 9, n_groups)
    hits = rng.binomial(size, rng.beta(1, 2, n_groups))
    numbers = engine.load({"number": list(range(n_groups))}, ["number"])
    found = engine.collect(numbers.with_columns(group=put_together(nw.col("number"))).sort("number"))
    assert found["group"].nunique() == 1024
    residual = hits - size * hits.sum() / size.sum()
    by_group = (residual**2).sum()
    together = (np.bincount(found["group"].astype(int), residual) ** 2).sum()
    # With 1,024 groups the estimate has a relative standard deviation of sqrt(2 / 1024) = 0.044.
    assert together / by_group == pytest.approx(1, abs=4 * 0.044)
