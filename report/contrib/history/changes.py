"""Changes between two builds, as frozen values; `diptych diff` prints and writes them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

from ...cells import CellRef, Estimate

How = Literal["appeared", "vanished", "changed"]


@dataclass(frozen=True, slots=True)
class Build:
    """One of the two builds: its name, the date of its data, and the program version."""

    name: str
    date: dt.date | None
    program: str


@dataclass(frozen=True, slots=True)
class LabelChange:
    """A raw label that is new or was removed. `categories` come from the taxonomy of its build."""

    kind: str
    label: str
    how: How
    n_items: int
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """A claim that was added, removed, or changed its truth. `holds` is its truth now (if removed: before)."""

    file: str
    line: int
    predicate: str
    where: str
    how: How
    holds: bool
    reason: str
    causes: tuple[str, ...]
    matters: bool


@dataclass(frozen=True, slots=True)
class HeadlineChange:
    """A headline that differs. `reworded` is false if only its numbers differ."""

    figure: str
    relation: str
    old: str | None
    new: str | None
    reworded: bool


@dataclass(frozen=True, slots=True)
class SentenceChange:
    """A sentence of the first page that was added, removed, or has other words."""

    figure: str
    relation: str
    id: str
    how: How
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class SizeChange:
    """A category whose share of all units moved by 20% or more: its units, of all, in both builds."""

    relation: str
    side: str
    category: str
    unit: str
    old: float
    old_all: float
    new: float
    new_all: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChange:
    """A finding that appeared, vanished, or has a different strength or number.

    `old` and `new` are its headline number. `difference` is new minus old. `noise` is true if data
    moved it by no more than chance would, and None if this does not apply or is unknown.
    """

    figure: str
    relation: str
    id: str
    kind: str
    about: tuple[str, ...]
    how: How
    scale: str
    old: float | None
    new: float | None
    old_strength: str | None
    new_strength: str | None
    difference: Estimate | None
    p: float | None
    q: float | None = None
    noise: bool | None = None
    causes: tuple[str, ...]
    matters: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CellChange:
    """A cell whose value or state changed.

    `shares` is the contribution of each cause to the difference. The interval of `difference` is the one of the change
    due to data. `q` is the q-value of that change over all tables of the relation. `noise` is true if data moved the
    cell by no more than chance would, and None if data did not move it or only edited the same units. `if_edited` is
    true if the change exceeds noise provided that the same units were edited, which a snapshot without keys cannot
    show. `large` is true if the value moved by enough to matter, whatever the cause.
    """

    panel: str
    relation: str
    measure: str
    given: str
    outcome: str
    how: How
    old: float | None
    new: float | None
    old_state: str
    new_state: str
    difference: Estimate | None
    shares: Mapping[str, float] = field(default_factory=dict)
    q: float | None = None
    n_changed: float | None = None
    noise: bool | None = None
    if_edited: bool = False
    large: bool
    causes: tuple[str, ...]
    matters: bool

    @property
    def ref(self) -> CellRef:
        """Return the reference to the cell for sentences."""
        return CellRef(self.panel, self.given, self.outcome)


@dataclass(frozen=True, slots=True)
class Edit:
    """Units in both builds that lost and gained the same labels; both are empty if only group or stratum differ."""

    lost: tuple[str, ...]
    gained: tuple[str, ...]
    n: int


@dataclass(frozen=True, slots=True)
class RelationChange:
    """The numbers of units of a relation in both builds, only in the new one, and only in the old one.

    `exchanged` is the share of units in both builds that may be different units. Intervals and p allow for it.
    `by_labels` is true if units are distinguished by the labels of their items. `keyed` is true if they have keys, so
    that `edits` are known and `alike` are the units in both builds, edited or not.
    """

    relation: str
    unit: str
    old: float
    new: float
    alike: float
    came: float
    went: float
    exchanged: float
    by_labels: bool
    keyed: bool = False
    edits: tuple[Edit, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Return whether both builds are known to have the same units, so that no change is due to chance."""
        return self.keyed and not self.came and not self.went


@dataclass(frozen=True)
class Diff:
    """All changes between two builds. `differs` are the causes of any change; `settings` names changed settings.

    `headlines`, `sentences`, `reordered`, `sizes` and `claims` are changes of words, `findings`, `cells` and `unfiled`
    changes of numbers.

    `n_tested` is the number of tables tested. `share` and `ratio` are the smallest changes that matter, and `fdr` is
    the false discovery rate. `notes` list comparisons that were not possible, and why.
    """

    old: Build
    new: Build
    differs: tuple[str, ...]
    headlines: tuple[HeadlineChange, ...] = ()
    sentences: tuple[SentenceChange, ...] = ()
    reordered: bool = False
    sizes: tuple[SizeChange, ...] = ()
    labels: tuple[LabelChange, ...] = ()
    claims: tuple[ClaimChange, ...] = ()
    findings: tuple[FindingChange, ...] = ()
    cells: tuple[CellChange, ...] = ()
    relations: tuple[RelationChange, ...] = ()
    inputs: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    unfiled: float = 0.0
    n_tested: int = 0
    share: float = 0.05
    ratio: float = 1.25
    fdr: float = 0.05
    level: float = 0.95
    notes: tuple[str, ...] = field(default=())
    axes: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    """For each panel in both builds, the given categories and the outcomes, in the order of the newer build."""

    @property
    def matters(self) -> bool:
        """Return whether words or numbers changed: exit status 4."""
        return self.changed_words or self.changed_numbers

    @property
    def changed_words(self) -> bool:
        """Return whether the report says something else."""
        reworded = any(change.reworded for change in self.headlines) or any(change.matters for change in self.claims)
        return reworded or bool(self.sentences) or self.reordered or bool(self.sizes)

    @property
    def changed_numbers(self) -> bool:
        """Return whether a number changed by more than noise and by enough to matter."""
        found = any(change.matters for change in self.findings) or any(change.matters for change in self.cells)
        return found or self.unfiled >= self.share


SCHEMA = "diptych-diff/1"


def as_data(found: Diff) -> dict[str, object]:
    """Return all changes as plain values. Undefined numbers are null."""
    whole = asdict(found)
    del whole["axes"]
    for side in ("old", "new"):
        date = whole[side]["date"]
        whole[side]["date"] = None if date is None else date.isoformat()
    changed = {"changed_words": found.changed_words, "changed_numbers": found.changed_numbers}
    return {"schema": SCHEMA, "matters": found.matters, **changed, **whole}


def json_of(found: Diff) -> str:
    """Return all changes as a JSON file."""
    return json.dumps(as_data(found), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


DATA, TAXONOMY, SETTINGS, PROGRAM = "data", "taxonomy", "settings", "program"
CAUSES = (DATA, TAXONOMY, SETTINGS, PROGRAM)
"""The causes, in order of presentation."""

ORDER = (TAXONOMY, SETTINGS, DATA)
"""The order in which causes change from old to new, so that their contributions add up to the whole change.

Data come last: their contribution is measured under the current rules, like its interval. Any remaining change between
the published builds is attributed to the program.
"""

_TWO_THIRDS = 2 / 3


def named(shares: Mapping[str, float]) -> tuple[str, ...]:
    """Return the cause of more than two thirds of the change, or the two largest causes, or none for no change.

    >>> named({"data": 0.9, "taxonomy": 0.1}), named({"data": 0.5, "taxonomy": -0.5}), named({"data": 0.0})
    (('data',), ('data', 'taxonomy'), ())
    """
    sizes = {cause: abs(share) for cause, share in shares.items() if abs(share) > 1e-12}
    whole = sum(sizes.values())
    ranked = sorted(sizes, key=lambda cause: (-round(sizes[cause], 12), CAUSES.index(cause)))
    if not ranked:
        return ()
    return tuple(ranked[:1]) if sizes[ranked[0]] > _TWO_THIRDS * whole else tuple(ranked[:2])
