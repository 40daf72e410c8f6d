"""Findings, and the input that they are computed from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from ..arrays import Bools, Floats
from ..cells import CellRef, Estimate, Panel, Tally
from ..errors import Note
from ..incidence import Incidence, without_level
from ..inference import InferenceSettings
from ..ledger import Behind
from ..ledger.coverage import NO_CONTRIBUTORS, Coverage, TopContributors
from ..ledger.recounts import Change
from ..panels import RelationStats, tables_of
from ..taxonomy import LabelCount

N = TypeVar("N", bound=np.generic)

Place = Literal["strata", "order", "pairs", "structure", "items", "panels", "sizes", "further"]
"""The places of the statements after the headline: differences between strata; the order of categories; pairs of
categories; structure among pairs; items in many units; differences between panels; sizes of
categories; everything else. Kinds of one place come in the order of the report."""

PLACES: tuple[Place, ...] = get_args(Place)


@dataclass(frozen=True, slots=True)
class KeyNumber:
    """The key number of a finding: its subject (categories or an item) and its estimate, None if it is undefined."""

    about: tuple[str, ...]
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class SentenceSpec:
    """A sentence: the template block that renders it, and the values for the block in addition to the finding, f."""

    block: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One typed observation. Each kind is a subclass in its own file, with its numbers as fields.

    `id` contains the kind and its categories, never a rank or number, so it stays the same when the numbers change.
    `cells` are the panel cells that support the finding. A `null` finding records that an analysis found nothing.
    `strength` is assigned in `finders.py`. It is None for null findings, refusals and kinds that only describe the
    data. Each kind defines its key number.
    """

    kind: ClassVar[str]
    thresholds: ClassVar[tuple[tuple[str, float], ...]] = ()
    """The named thresholds that determine its wording, without those of `inference`."""
    place: ClassVar[Place | None] = "further"
    """The place of its statements in the report; None if other parts of the report use the finding."""
    describes_pairs: ClassVar[bool] = False
    """Whether it summarises associations of pairs. A doubt about every pair then concerns it too."""

    id: str
    cells: tuple[CellRef, ...] = ()
    null: bool = False

    def number(self) -> KeyNumber | None:
        """Return the number for tables and comparisons, or None if the kind has none."""
        return None

    def tells(self) -> Iterator[SentenceSpec]:
        """Yield the sentences of the observation."""
        yield SentenceSpec("observation")

    def details(self) -> tuple[str, ...]:
        """Return the blocks of its template that never appear on the first page."""
        return ()

    def cites(self) -> tuple[str, ...]:
        """Return the publications of its methods, as keys of `document.methods.SOURCES` or in full.

        The block `reference` of the template names the method of a full one.
        """
        return ()

    def leads(self) -> bool:
        """Return whether it may be on the first page. Results that the data do not support come later."""
        return True

    def covers(self, statement: str, categories: Collection[str]) -> bool:  # noqa: ARG002
        """Return whether it replaces a statement of another kind about some categories, such as "agreement.pivot"."""
        return False


@dataclass(frozen=True, eq=False)
class RelationCounts:
    """The counts of one relation, independent of the engine that made them.

    `alternatives` are the tables for other units (links only). `recounts` are the relation under changes
    (`default_changes`). `labels` are the labels of records.

    `tally` describes the units that each row of records represents, if it represents several.

    `behind` are the names of the first units of each cell.
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
    behind: Behind = field(default_factory=dict, repr=False)
    memo: dict[Change, RelationStats] = field(default_factory=dict, repr=False)
    """Cached results from the recounts for findings and claims. Each is computed when it is first needed."""

    @classmethod
    def alone(
        cls, name: str, tables: RelationStats, coverage: Coverage, contributors: TopContributors = NO_CONTRIBUTORS
    ) -> RelationCounts:
        """Return a relation without alternative counts."""
        return cls(name, tables, coverage, contributors, {}, {}, (), ())

    def without(self, change: Change) -> RelationStats | None:
        """Return the relation after a change (a contributor left out, or a reclassification); None if not counted."""
        if change not in self.memo:
            found = self._without(change)
            if found is None:
                return None
            self.memo[change] = tables_of(found, self.tables)
        return self.memo[change]

    def _without(self, change: Change) -> Incidence | None:
        if change.by == "stratum" or change.by == "group":  # noqa: PLR1714 - so that types are narrowed
            return without_level(self.tables.incidence, change.by, change.name)
        return self.recounts.get(change)


@dataclass(frozen=True, eq=False)
class Study:
    """The input of the finders: a relation and its panels in this figure. R rows are its row side.

    `contained` are categories whose items are nearly all in other categories too, so their joint counts are mostly
    counts of the same items. `leftover` are residual categories such as "Other", which never come first in the text.
    """

    numbers: RelationCounts
    form: Literal["links", "shared", "records"]
    panels: tuple[Panel, ...]
    contained: frozenset[str] = frozenset()
    inference: InferenceSettings = field(default_factory=InferenceSettings)
    leftover: frozenset[str] = frozenset()

    @property
    def tables(self) -> RelationStats:
        """All tables of the relation."""
        return self.numbers.tables

    @property
    def coverage(self) -> Coverage:
        """The sources of the units, and the data left out."""
        return self.numbers.coverage

    @property
    def by_unit(self) -> Mapping[str, RelationStats]:
        """The same data counted by other units."""
        return self.numbers.alternatives

    @property
    def rows(self) -> tuple[str, ...]:
        """Categories of the row side."""
        return self.tables.incidence.rows.categories

    @property
    def columns(self) -> tuple[str, ...]:
        """Categories of the column side."""
        return self.tables.incidence.columns.categories

    @property
    def joint(self) -> Floats:
        """Joint counts (R, C), rows by columns."""
        return self.tables.counts.joint

    @property
    def expected(self) -> Floats:
        """The counts (R, C) expected from base rates, within strata if strata are declared."""
        counts = self.tables.counts
        return counts.expected if counts.expected_within is None else counts.expected_within

    @property
    def diagonal(self) -> bool:
        """Whether row and column categories are the same and may agree."""
        return self.tables.same_taxonomy and not self.tables.incidence.hides_diagonal

    @property
    def withheld(self) -> Bools:
        """The cells (R, C) withheld for confidentiality. Nothing may be reported about them, not even "none"."""
        withheld = self.tables.withheld
        return np.zeros(self.joint.shape, dtype=np.bool_) if withheld is None else withheld

    def panel(self, name: str) -> Panel:
        """Return a panel by its id."""
        return next(panel for panel in self.panels if panel.id == name)

    def is_turned(self, panel: Panel) -> bool:
        """Return whether a panel conditions on the relation's columns."""
        return panel.given != self.tables.incidence.rows.kind

    def as_shown(self, panel: Panel, numbers: NDArray[N]) -> NDArray[N]:
        """Convert numbers from rows by columns (R, C) to the panel's order (given x outcome), or back."""
        return numbers.T if self.is_turned(panel) else numbers

    def sides(self, panel: Panel, given: str, outcome: str) -> tuple[str, str]:
        """Convert the categories of a panel's cell to row and column, or row and column to the panel's order."""
        return (outcome, given) if self.is_turned(panel) else (given, outcome)

    def refs(self, row: str, column: str) -> tuple[CellRef, ...]:
        """Return the position of a pair of row and column category in each panel."""
        return tuple(CellRef(panel.id, *self.sides(panel, row, column)) for panel in self.panels)


def mirrored(panels: Iterable[Panel]) -> Iterator[tuple[Panel, Panel]]:
    """Yield each pair of panels that reverse each other, once, in the order of the panels."""
    by_id = {panel.id: panel for panel in panels}
    seen: set[frozenset[str]] = set()
    for panel in by_id.values():
        mirror = by_id.get(panel.mirror or "")
        if mirror is not None and (both := frozenset((panel.id, mirror.id))) not in seen:
            seen.add(both)
            yield panel, mirror


def part_of(n: float, whole: float) -> Estimate | None:
    """Return n / whole without an interval, or None if there is no whole."""
    return Estimate(n / whole) if whole else None


def finding_key(figure: str, relation: str, finding: str) -> str:
    """Return a name of the finding that is unique in the report."""
    return f"{figure}/{relation}/{finding}"


def finding_of(sentence_id: str, findings: Iterable[Finding]) -> Finding | None:
    """Return the finding that a sentence is about, or None. Its id is the beginning of the sentence's id.

    The longest id wins, because one id may begin with another ("isolation", "isolation.graph").
    """
    about = [finding for finding in findings if sentence_id.startswith(f"{finding.id}.")]
    return max(about, key=lambda finding: len(finding.id), default=None)


def slug(*names: str) -> str:
    """Return names as the part of an id: lower-case words and hyphens, other letters kept.

    >>> slug("Time Series", "NLP")
    'time-series.nlp'
    """
    return ".".join(re.sub(r"[^\w]+", "-", name.lower()).strip("-") or "category" for name in names)
