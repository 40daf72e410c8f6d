"""Diptych: cross-tabulate the categories of two kinds of things, in both directions.

Terms (one word per idea, in config, code, templates and text):

    category    one term of the taxonomy; the declared order rules every axis
    entity      a kind of thing with an id and raw labels (datasets, models)
    taxonomy    rules raw label -> category; an item may have several categories, or none (unlabelled)
    relation    how two kinds are linked: `links`, `shared` key, `records`, or a published `matrix`
    unit        the thing that is counted: a link, a source item, a target item, a record, or the sharing key
    population  the units that count; always printed with its size and the number left out
    group       a value that units share, so that they are not independent; intervals are clustered by group
    stratum     a subgroup; expected counts are summed over strata, so that composition is not read as affinity
    piece       the units of one group in one stratum; where groups keep to strata, sums over groups use pieces
    ledger      the items of each unit and the labels of each item, as whole numbers: all that leaves the engine
    incidence   the table of distinct (row set, column set) patterns with the number of units of each: the waist
    panel       one matrix: given kind x outcome kind x measure; a figure is panels on one colour scale
    measure     a function of joint count, both margins and the number of units
    statement   one assertion of a report: form, subject, outcome, numbers, certainty and a stable id
    claim       a statement in an author's prose bound to a predicate over the numbers
    slot        a kind of part that packs add: measure, renderer, source, engine, address, section, passages; other
                packages add the first four (`diptych.extend`)
    pack        an optional feature: a folder of `contrib`, which nothing else imports

From Python, use `diptych.build` and `diptych.report` (docs/homes.md). Packages of others use `diptych.extend`
(docs/extending.md). Everything else may change with any version.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .confine import Confinement
    from .library import build, report

__version__ = "0.1.0"
__all__ = ["Confinement", "build", "report"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public object
    """Return a public name of the package. Its module is large, so it is imported on first use."""
    if name in __all__:
        return getattr(import_module(".library", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
