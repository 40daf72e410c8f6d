"""What changed between two builds, as frozen values: what `diptych diff` prints and writes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

from ...api import CellRef

How = Literal["appeared", "vanished", "changed"]


@dataclass(frozen=True, slots=True)
class Build:
    """One of the two builds: what it is called, the date of its data, and the version that made it."""

    name: str
    date: dt.date | None
    program: str


@dataclass(frozen=True, slots=True)
class LabelChange:
    """A raw label that is new, or no longer there. `categories` are what the taxonomy of its build makes of it."""

    kind: str
    label: str
    how: How
    n_items: int
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """A claim that came, went, or flipped; `holds` is what it does now (of one that went: what it did)."""

    file: str
    line: int
    predicate: str
    where: str
    how: How
    holds: bool
    reason: str
    causes: tuple[str, ...]
    matters: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChange:
    """A finding that appeared, vanished, or has another strength or number.

    `old` and `new` are its headline number, `difference` new less old with its interval; `noise`: whether data moved it
    by no more than chance would, None where that is not the question or cannot be told.
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
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None = None
    noise: bool | None = None
    causes: tuple[str, ...]
    matters: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CellChange:
    """A cell whose value, or state, is not what it was.

    `shares` is what each cause made of the difference; `low` and `high` are the interval of what the data made, and
    `q` says how likely chance alone does that, over all tables of the relation. `noise`: whether data moved it by no
    more than chance would; None where data did not move it. `if_edited`: it is more, if the same units were edited,
    which a snapshot cannot tell. `large`: its value moved by as much as matters, whatever moved it.
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
    difference: float | None
    shares: Mapping[str, float] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    q: float | None = None
    n_changed: float | None = None
    noise: bool | None = None
    if_edited: bool = False
    large: bool
    causes: tuple[str, ...]
    matters: bool

    @property
    def ref(self) -> CellRef:
        """The cell as sentences point at it."""
        return CellRef(self.panel, self.given, self.outcome)


@dataclass(frozen=True, slots=True)
class RelationChange:
    """How many units of a relation are alike in both builds, how many came and went beside these.

    `exchanged` is the share of the alike that may be other units, which intervals and p reckon with. `by_labels`: told
    apart by the labels of their items.
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


@dataclass(frozen=True)
class Diff:
    """Everything that changed. `differs` are the causes that are at work at all; `settings` names changed settings.

    `n_tested` is how many tables were tested, `share` and `ratio` from where on a change matters, `fdr` the rate of
    false discoveries among them. `notes` say what could not be compared, and why.
    """

    old: Build
    new: Build
    differs: tuple[str, ...]
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
    """For each panel that both builds have what is given, and the outcomes, in the order of the newer."""

    @property
    def matters(self) -> bool:
        """Whether anything changed that matters: exit status 4."""
        said = any(change.matters for change in self.claims) or any(change.matters for change in self.findings)
        return said or any(change.matters for change in self.cells) or self.unfiled >= self.share


SCHEMA = "diptych-diff/1"


def as_data(found: Diff) -> dict[str, object]:
    """Return everything that changed as plain values; what is undefined is null."""
    whole = asdict(found)
    del whole["axes"]
    for side in ("old", "new"):
        date = whole[side]["date"]
        whole[side]["date"] = None if date is None else date.isoformat()
    return {"schema": SCHEMA, "matters": found.matters, **whole}


def json_of(found: Diff) -> str:
    """Return everything that changed as a file of JSON."""
    return json.dumps(as_data(found), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


DATA, TAXONOMY, SETTINGS, PROGRAM = "data", "taxonomy", "settings", "program"
CAUSES = (DATA, TAXONOMY, SETTINGS, PROGRAM)
"""As they are told."""

ORDER = (TAXONOMY, SETTINGS, DATA)
"""As they become new, so that a cause has what changes when it is its turn, and all add up to the whole change.

Data come last: what they moved is told under the rules of now, as its interval is. What is left of the change between
the builds as they were published is the program's.
"""

_TWO_THIRDS = 2 / 3


def named(shares: Mapping[str, float]) -> tuple[str, ...]:
    """Return the cause that made more than two thirds of what moved, or the two that made most; none for no move.

    >>> named({"data": 0.9, "taxonomy": 0.1}), named({"data": 0.5, "taxonomy": -0.5}), named({"data": 0.0})
    (('data',), ('data', 'taxonomy'), ())
    """
    sizes = {cause: abs(share) for cause, share in shares.items() if abs(share) > 1e-12}
    whole = sum(sizes.values())
    ranked = sorted(sizes, key=lambda cause: (-round(sizes[cause], 12), CAUSES.index(cause)))
    if not ranked:
        return ()
    return tuple(ranked[:1]) if sizes[ranked[0]] > _TWO_THIRDS * whole else tuple(ranked[:2])
