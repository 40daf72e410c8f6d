"""The counts of one relation: its tables under each unit, its coverage, its contributors and its recounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .cells import Tally
from .errors import Note
from .incidence import Incidence
from .ledger.coverage import NO_CONTRIBUTORS, Coverage, TopContributors
from .ledger.recounts import Change
from .panels import RelationStats
from .taxonomy import LabelCount


@dataclass(frozen=True, eq=False)
class RelationCounts:
    """The counts of one relation, independent of the engine that made them.

    `alternatives` are the tables for other units (links only). `recounts` are the relation under changes
    (`default_changes`). `labels` are the labels of records. `tally` describes the units that each row of records
    represents, if it represents several.
    """

    name: str
    tables: RelationStats
    coverage: Coverage
    contributors: TopContributors
    alternatives: dict[str, RelationStats]
    recounts: Mapping[Change, Incidence]
    labels: tuple[LabelCount, ...]
    notes: tuple[Note, ...]
    tally: Tally | None = None

    @classmethod
    def alone(
        cls, name: str, tables: RelationStats, coverage: Coverage, contributors: TopContributors = NO_CONTRIBUTORS
    ) -> RelationCounts:
        """Return a relation without alternative counts."""
        return cls(name, tables, coverage, contributors, {}, {}, (), ())
