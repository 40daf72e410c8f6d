"""What was worked out about the small document's relation, written by hand: six models, joint counts 3 1 / 0 2."""

from diptych.document import AxisOrder, BareResults, CountTables, RelationResults, Sampling
from diptych.ledger.coverage import CategoryCoverage, Contribution, Coverage, ItemUse, SideCoverage, TopContributors
from diptych.stats.matrices import Grouping
from tests.renderers.documents import DATASETS, MODEL, MODELS

NAMES = ("NLP", "CV")


def side(name):
    parts = tuple(CategoryCoverage(category, 5, 3, 4) for category in NAMES)
    return SideCoverage(name, 10, 9, 6, parts, ())


def results(**changes):
    """The record of the small document; `changes` are fields of RelationResults."""
    grouping = Grouping(NAMES, ())
    given = {
        "relation": "trained_on",
        "unit": MODEL,
        "counts": CountTables(
            NAMES, NAMES, 6.0, (4.0, 2.0), (3.0, 3.0), ((3.0, 1.0), (0.0, 2.0)), ((2.0, 2.0), (1.0, 1.0)),
            ((2.5, 1.5), (0.5, 1.5)), ((1.75, -1.75), (-1.75, None)),
        ),
        "sampling": Sampling(6, None, 3, ("team",), ("package",), 0.95),
        "coverage": Coverage("trained_on", 12, 10, 8, 6, 0, side("datasets"), side("models"), ()),
        "contributors": TopContributors(
            (
                Contribution("NLP", "NLP", "item", "=Wiki", 3, 2, "datasets"),
                Contribution("NLP", "CV", "stratum", "timm", 1, 1),
            ),
            (ItemUse("=Wiki", 4),),
        ),
        "axes": (AxisOrder("datasets", DATASETS, grouping), AxisOrder("models", MODELS, grouping)),
    }  # fmt: skip
    return RelationResults(**given | changes)


def bare_results():
    """Two published panels, of which nothing was found."""
    return BareResults("published")
