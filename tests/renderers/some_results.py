"""What was worked out about the small document's relation, written by hand: six models, joint counts 3 1 / 0 2."""

from diptych.cells import Estimate, Refusal
from diptych.document.material import (
    AxisOrder,
    BareResults,
    ContrastLine,
    ContrastTerm,
    CountTables,
    Highest,
    PanelResults,
    PublishedSizes,
    RelationResults,
    Sampling,
    Tiers,
)
from diptych.findings.agreement import Agreement
from diptych.inference.bare import SizeCheck, SizeRatio
from diptych.inference.symmetry import DirectedPair, LinearOrder, SquareTest
from diptych.ledger.coverage import CategoryCoverage, Contribution, Contributors, Coverage, ItemUse, SideCoverage
from diptych.matrices.seriation import Grouping, Merge
from diptych.measures.structure import CategoryStructure, RowSpread, Structure
from tests.renderers.documents import DATASETS, MODEL, MODELS

NAMES = ("NLP", "CV")
SEVERAL = Refusal("2 units have several categories and would count several times")


def structure(*, refused=False):
    whole = SEVERAL if refused else 0.4
    return Structure(
        categories=(
            CategoryStructure("NLP", 4.0, 3.0, 0.75, 0.0, 0.25, RowSpread(0.5, 0.81, 0.625)),
            CategoryStructure("CV", 2.0, 3.0, 1.0, 1 / 3, 0.0, RowSpread(1.0, 0.0, 1.0)),
        ),
        baseline=RowSpread(0.0, 1.0, 0.5),
        n_both=6.0,
        assortativity=whole,
        u_outcome=whole,
        u_given=SEVERAL if refused else None,
    )


def side(name):
    parts = tuple(CategoryCoverage(category, 5, 3, 4) for category in NAMES)
    return SideCoverage(name, 10, 9, 6, parts, ())


def results(**changes):
    """The record of the small document; `changes` are fields of RelationResults."""
    grouping = Grouping(NAMES, (NAMES,), (Merge(("NLP",), ("CV",), 0.5),), ())
    given = {
        "relation": "trained_on",
        "unit": MODEL,
        "counts": CountTables(
            NAMES, NAMES, 6.0, (4.0, 2.0), (3.0, 3.0), ((3.0, 1.0), (0.0, 2.0)), ((2.0, 2.0), (1.0, 1.0)),
            ((2.5, 1.5), (0.5, 1.5)), ((1.75, -1.75), (-1.75, None)),
        ),
        "sampling": Sampling(6, None, 3, ("team",), ("package",), 2, 1.5, 0.95, 2000, 1),
        "coverage": Coverage("trained_on", 12, 10, 8, 6, 0, side("datasets"), side("models"), ()),
        "contributors": Contributors(
            (
                Contribution("NLP", "NLP", "item", "=Wiki", 3, 2, "datasets"),
                Contribution("NLP", "CV", "stratum", "timm", 1, 1),
            ),
            (ItemUse("=Wiki", 4),), 3, 2,
        ),
        "panels": (
            PanelResults("left", structure(), Tiers(2, 0, 1, 1), (
                Highest("NLP", "NLP", 0.9), Highest("NLP", "CV", 0.1), Highest("CV", "NLP", 0.0), Highest("CV", "CV", 1.0),
            )),
            PanelResults("right", structure(refused=True), None, Refusal("there are fewer than two to draw from")),
        ),
        "pairs": (DirectedPair("NLP", "CV", 1.0, 0.0, Estimate(1.0, -0.5, 2.5), 1.0, 1.0, None),),
        "tests": (SquareTest("bowker", 1.0, 1, 0.3173), SquareTest("stuart_maxwell", 1.0, 1, 0.3173),
                  SquareTest("bhapkar", None, 1, None), SquareTest("quasi_symmetry", 0.0, 0, None)),
        "order": LinearOrder(NAMES, 1.0, 1.0, 1.0, 1.0, True, 1),
        "axes": (AxisOrder("datasets", DATASETS, grouping), AxisOrder("models", MODELS, grouping)),
        "direct": True,
        "contrasts": (
            ContrastLine("mirror", ContrastTerm("left", "NLP", "CV"), ContrastTerm("right", "CV", "NLP"), 0.25, 1 / 3,
                         Estimate(0.25 - 1 / 3, -0.5, 0.25)),
            ContrastLine("mirror", ContrastTerm("left", "CV", "NLP"), ContrastTerm("right", "NLP", "CV"), 0.0, 0.0, Estimate(0.0),
                         "it does not vary"),
            ContrastLine("rows", ContrastTerm("left"), ContrastTerm("left"), reason="shares in a row add to one"),
        ),
        "findings": (
            ("main", Agreement(id="agreement", n_labelled=6.0, n_agree=5.0, share=Estimate(5 / 6, 0.5, 0.95),
                               n_differ=1.0, pivot="NLP", n_pivot=1.0)),
        ),
    }  # fmt: skip
    return RelationResults(**given | changes)


def bare_results():
    """Two published panels that need twice as many CV as NLP models, or more."""
    ratios = (
        SizeRatio("outcome", "NLP", "CV", None, 0.5),
        SizeRatio("given", "NLP", "CV", 0.8, 1.25),
    )
    check = SizeCheck(True, 6, 8, 1, 1.0, (), ratios, ())
    about = (PanelResults("left", None, Tiers(1, 1, 1, 1)), PanelResults("right", None, None))
    return BareResults("published", about, (PublishedSizes("left", "right", DATASETS, MODELS, check),))
