"""Studies so small that every number can be counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diptych.cells import Kind, Unit
from diptych.findings.finding import RelationCounts, Study
from diptych.incidence import Incidence, Side
from diptych.inference import InferenceSettings
from diptych.ledger.coverage import (
    CategoryCoverage,
    Contribution,
    Coverage,
    ItemUse,
    SideCoverage,
    TopContributors,
    Unresolved,
)
from diptych.matrices import PanelSettings
from diptych.panels import build_panel, tables_of

DATASETS = Kind("datasets", "Dataset", "dataset", "datasets")
MODELS = Kind("models", "Model", "model", "models")


def incidence(patterns, categories, *, columns=None, unit="to", strata=False, groups=False):
    """Make an incidence of (row set, column set, units[, stratum[, group]]), sets as texts of names."""
    outcome = columns or categories
    named = [(*pattern, "", "")[:5] for pattern in patterns]
    levels = sorted({pattern[3] for pattern in named})
    keys = sorted({pattern[4] for pattern in named})
    units = np.array([pattern[2] for pattern in named], dtype=np.int64)
    sets = [
        np.array([[name in pattern[side] for name in names] for pattern in named], dtype=bool)
        for side, names in ((0, categories), (1, outcome))
    ]
    return Incidence(
        relation="trained_on",
        rows=Side("datasets", DATASETS, tuple(categories), "default"),
        columns=Side("models", MODELS, tuple(outcome), "default" if columns is None else "other"),
        unit=Unit(unit, "model", "models") if unit == "to" else Unit(unit, "record", "records"),
        row_sets=sets[0],
        column_sets=sets[1],
        units=units,
        weight=units.astype(float),
        weight_squared=units.astype(float),
        stratum=np.array([levels.index(pattern[3]) for pattern in named], dtype=np.int64),
        strata=tuple(levels),
        groups=tuple(keys) if groups else (),
        stratum_names=("package",) if strata else (),
        group=np.array([keys.index(pattern[4]) for pattern in named], dtype=np.int64) if groups else None,
        n_groups=len(keys) if groups else None,
        group_names=("team",) if groups else (),
        weighted=False,
        trivial_diagonal=False,
    )


def side(name, categories, n_items, n_linked):
    parts = tuple(CategoryCoverage(c, n_items, n_linked, n_items) for c in categories)
    total = n_items * len(categories)
    return SideCoverage(name, total, total, n_linked * len(categories), parts, ())


@pytest.fixture
def make_study():
    def make(
        patterns,
        categories,
        *,
        contributions=(),
        items=(),
        alternatives=None,
        recounts=None,
        minimum=1,
        **how,
    ):
        counted = incidence(patterns, categories, **how)
        tables = tables_of(counted)
        settings = InferenceSettings(minimum_units=minimum, minimum_groups=2)
        left, right = (
            build_panel(
                PanelSettings(id=name, relation="trained_on", given=given, outcome=outcome), tables, settings, mirror
            )
            for name, given, outcome, mirror in (
                ("left", "datasets", "models", "right"),
                ("right", "models", "datasets", "left"),
            )
        )
        unlabelled = int(((~counted.row_sets.any(axis=1) | ~counted.column_sets.any(axis=1)) * counted.units).sum())
        coverage = Coverage(
            relation="trained_on",
            n_links=200,
            n_resolved=150,
            n_candidates=counted.n_units + 25,
            n_units=counted.n_units,
            n_unlabelled_units=unlabelled,
            rows=side("datasets", categories, 20, 15),
            columns=side("models", counted.columns.categories, 20, 10),
            unresolved=(Unresolved("datasets", "Lost", 50),),
        )
        contributors = TopContributors(
            cells=tuple(Contribution(*c) for c in contributions),
            items=tuple(ItemUse(*item) for item in items),
            n_item_sets=3 if items else None,
            n_largest_set=5 if items else None,
        )
        numbers = replace(
            RelationCounts.alone("trained_on", tables, coverage, contributors),
            alternatives={name: tables_of(incidence(p, categories)) for name, p in (alternatives or {}).items()},
            recounts={change: incidence(p, categories, **how) for change, p in (recounts or {}).items()},
        )
        return Study(
            numbers,
            form="links",
            panels=(left, right),
            inference=settings,
        )

    return make
