"""Diptych: how the categories of one kind of thing go with the categories of another, in both directions.

Words (one word per idea, in config, code, templates and text)

category    one term of the taxonomy, in the declared order (that order rules every axis)
entity      a kind of thing with an id and raw labels (datasets, models)
taxonomy    rules raw label -> category; an item may have several categories, or none (unlabelled)
relation    how two kinds meet: `links`, `shared` key, `records`, or a published `matrix`
unit        what is counted: a link, a source item, a target item, a record, or the sharing key
population  the units that count; always printed with its size and with what was left out
group       what units share so that they are not independent; intervals keep groups together
stratum     a level within which expected counts are summed, so that composition is not read as affinity
piece       what one group has within one stratum: sums over groups that keep to strata are sums over pieces
ledger      which items each unit has and which labels each item carries, as whole numbers: all that leaves the engine
incidence   the table of distinct (row set, column set) patterns and how many units show each: the waist
panel       one matrix: given kind x outcome kind x measure; a figure is panels on one colour scale
measure     a function of joint count, both margins and the number of units
finding     one typed observation with its numbers, interval, cells, threshold and a stable id
claim       a statement in authored prose bound to a predicate over the numbers
snapshot    the results of one dated build, kept for comparison
slot        where packs and other packages add entries: measure, finding, renderer, source, engine, address, command,
            section, passages, history
pack        a feature that not every report needs: a folder of `contrib` that imports `diptych.api` alone

From Python: `diptych.build` and `diptych.report` (docs/library.md), and `diptych.api` for packs and other packages
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


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what the name stands for
    """Return what the package offers to Python; it is heavy, and read when it is first asked for."""
    if name in __all__:
        return getattr(import_module(".library", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
