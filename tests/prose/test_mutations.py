"""Numbers of findings are of the data: one count less changes every finding of the default example that rests on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diptych.config.loading import load_config
from diptych.findings import population
from diptych.findings.finding import Study
from diptych.findings.kinds import KINDS
from diptych.panels import RelationStats
from diptych.pipeline.counting import count_all
from diptych.pipeline.parts import build_panels
from tests.examples.relations import CONFIGS
from tests.prose.wholes import leaves

SAMPLE = 12
"""Patterns of the incidence of which one unit is taken away, spread over all."""


@pytest.fixture(scope="module")
def counted():
    loaded = load_config(CONFIGS["default"])
    return loaded.config, count_all(loaded)


def study(counted, incidence=None):
    """Return the study of the default example, with another incidence if one is given."""
    config, all_counted = counted
    (numbers,) = all_counted.relations.values()
    if incidence is not None:
        numbers = replace(numbers, tables=RelationStats(incidence))
    panels = build_panels(config, replace(all_counted, relations={numbers.name: numbers}))
    return Study(
        replace(numbers, memo={}), form="links", panels=tuple(panels.values()), thresholds=config.thresholds,
        inference=config.inference,
    )  # fmt: skip


def found(one):
    return {finding.id: finding for kind in KINDS.values() for finding in kind.find(one)}


def numbers(finding):
    return [leaf for leaf in leaves(finding) if isinstance(leaf, int | float) and not isinstance(leaf, bool)]


def one_less(incidence, pattern):
    """Return the incidence with one unit of a pattern taken away; a pattern of one unit is deleted."""
    less = np.zeros(len(incidence.units), dtype=np.int64)
    less[pattern] = 1
    kept = incidence.units > less
    units = (incidence.units - less)[kept]
    cut = {name: getattr(incidence, name)[kept] for name in ("row_sets", "column_sets", "stratum", "group")}
    return replace(incidence, units=units, weight=units.astype(float), weight_squared=units.astype(float), **cut)


def touches(incidence, pattern, finding, rows_kind, panels):
    """Return whether a unit of the pattern is in a cell that the finding rests on."""
    given = {panel.id: panel.given == rows_kind for panel in panels}
    row_names, column_names = incidence.rows.categories, incidence.columns.categories
    rows = {row_names[i] for i in np.flatnonzero(incidence.row_sets[pattern])}
    columns = {column_names[i] for i in np.flatnonzero(incidence.column_sets[pattern])}
    pairs = ((c.given, c.outcome) if given[c.panel] else (c.outcome, c.given) for c in finding.cells)
    return any(row in rows and column in columns for row, column in pairs)


def in_its_strata(incidence, pattern, finding):
    """Return whether a pattern is of a stratum whose counts a finding of differences gives."""
    stratum = incidence.strata[incidence.stratum[pattern]]
    return any(stratum in (pair.lowest.stratum, pair.highest.stratum) for pair in (*finding.opposite, *finding.graded))


def test_one_unit_less_changes_every_finding_that_rests_on_it(counted):
    whole = study(counted)
    before, incidence = found(whole), whole.tables.incidence
    crossing = np.flatnonzero((incidence.row_sets != incidence.column_sets).any(axis=1))
    spread = np.linspace(0, len(incidence.units) - 1, SAMPLE // 2).astype(int)
    chosen = sorted({*spread, *crossing[np.linspace(0, len(crossing) - 1, SAMPLE // 2).astype(int)]})
    seen = set()
    for pattern in chosen:
        after = found(study(counted, one_less(incidence, pattern)))
        for name, finding in before.items():
            if touches(incidence, pattern, finding, incidence.rows.kind, whole.panels):
                seen.add(finding.kind)
                if finding.kind == "heterogeneity" and not in_its_strata(incidence, pattern, finding):
                    continue  # it has the numbers of two strata of a pair
                assert name not in after or numbers(after[name]) != numbers(finding), (pattern, name)
    assert {"agreement", "diagonal", "bridge", "composition", "direction"} <= seen


def test_one_model_less_in_the_coverage_changes_the_population(counted):
    whole = study(counted)
    coverage = replace(whole.coverage, n_units=whole.coverage.n_units - 1)
    fewer = replace(whole, numbers=replace(whole.numbers, coverage=coverage))
    assert numbers(population.find_population(fewer)[0]) != numbers(population.find_population(whole)[0])


def test_nothing_changes_where_nothing_is_taken_away(counted):
    whole = study(counted)
    again = study(counted, replace(whole.tables.incidence))
    assert {name: numbers(f) for name, f in found(again).items()} == {n: numbers(f) for n, f in found(whole).items()}
