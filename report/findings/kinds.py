"""The registry of the kinds of finding for relations with counts."""

from __future__ import annotations

from typing import Any

from . import (
    agreement,
    asymmetry,
    blocks,
    bridges,
    composition,
    diagonal,
    direction,
    gradient,
    heterogeneity,
    overdispersion,
    population,
    reversal,
    surprises,
    uneven_coverage,
)
from .statements import FindingKind

KINDS: dict[str, FindingKind[Any]] = {
    kind.name: kind
    for kind in (
        population.POPULATION,
        population.GAPS,
        population.COARSE,
        agreement.AGREEMENT,
        diagonal.DIAGONAL,
        diagonal.CROSSINGS,
        bridges.KIND,
        composition.COMPOSITION,
        agreement.ACTIVITY,
        overdispersion.KIND,
        asymmetry.KIND,
        direction.KIND,
        diagonal.ISOLATION,
        blocks.KIND,
        population.CONCENTRATION,
        gradient.KIND,
        surprises.KIND,
        uneven_coverage.KIND,
        heterogeneity.KIND,
        reversal.KIND,
        diagonal.SPREAD,
        composition.DEPARTURES,
    )
}
"""All kinds for relations with counts by name, in the order of the report."""
