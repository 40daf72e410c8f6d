"""What a relation counts: what its tables in the engine and its ledger have in common."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

from ..cells import Kind, Unit
from ..taxonomy.categorise import Categorised


@dataclass(frozen=True, eq=False, kw_only=True)
class SideTerms:
    """What a side of a relation is, in the engine and in its ledger.

    `kind` is what panels call it, `entity` what the items are: one entity may stand on both sides. `found` has their
    labels and categories. `n_nameless` records left the field empty. `weight_scale` is what the weights of items were
    multiplied by, where they have any: they count where the item is the unit.
    """

    kind: Kind
    entity: str
    found: Categorised
    n_nameless: int = 0
    weight_scale: int | None = None

    @property
    def name(self) -> str:
        """What panels call the side."""
        return self.kind.name

    @property
    def taxonomy(self) -> str:
        """The name of the taxonomy of its items."""
        return self.found.taxonomy.name


@dataclass(frozen=True, eq=False, kw_only=True)
class Terms:
    """What a relation counts, and what of it never became a unit: in the engine and in its ledger. See `Coverage` too.

    `counts` is what makes a unit count: items on "both" sides, on "either", or a category on both ("labelled"), which
    is asked once categories are counted. `carriers` is the side whose items can be named as carrying a cell, None where
    no item can (a shared key: an item has one key; a record: its labels are its own). Weights are whole numbers,
    `weight_scale` times what the config calls weight, where that is not None.

    `n_resolved` distinct links find an item at both ends (records: carry labels on both sides), `n_unresolved` do not;
    both are 0 for a shared key, and `n_resolved` is None where the uses of units tell. `n_candidates` is how many units
    could count (None: as many as there are links); of items, `n_named` of these have a link at all, to whatever name
    (None: no items are counted). Of an entity that is linked to itself only those could count, and `n_itself` links
    lead from an item to itself.
    """

    relation: str
    unit: Unit
    group_names: tuple[str, ...] = ()
    stratum_names: tuple[str, ...] = ()
    weight_scale: int | None = None
    fractional: bool = False
    trivial_diagonal: bool = False
    counts: Literal["both", "either", "labelled"] = "both"
    carriers: Literal["rows", "columns"] | None = None
    n_resolved: int | None = 0
    n_unresolved: int = 0
    n_candidates: int | None = None
    n_named: int | None = None
    n_itself: int = 0

    @property
    def grouped(self) -> bool:
        """Whether units come in groups."""
        return bool(self.group_names)


def shared(made: Terms | SideTerms, of: type[Terms | SideTerms]) -> dict[str, Any]:
    """Return what a meeting has in common with its ledger, or a side of it with that of the ledger, by field."""
    return {field.name: getattr(made, field.name) for field in fields(of)}
