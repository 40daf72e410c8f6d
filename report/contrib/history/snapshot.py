"""A snapshot: all counts and statements of one dated build, as plain frozen values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from ...cells import CellRef, Panel
from ...document.material import ProvenanceFile
from ...errors import Note
from ...findings.finding import Finding, KeyNumber, RelationCounts, finding_key
from ...matrices import BareMatrix
from ...taxonomy import LabelCount


@dataclass(frozen=True, slots=True)
class KeptText:
    """A file of authored text: its name in the folder of texts, and its content."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """A finding in numbers: its subject, its headline number with its interval, n, and the word for its strength.

    `scale` is the scale of the number (share, ratio, value). `n` is the number of units of its relation, None for
    published matrices. `about` are names that are not part of the id.
    """

    figure: str
    relation: str
    id: str
    kind: str
    about: tuple[str, ...]
    value: float | None
    scale: str
    low: float | None
    high: float | None
    n: float | None
    null: bool
    strength: str | None
    cells: tuple[CellRef, ...]

    @property
    def key(self) -> str:
        """Return a key that distinguishes it from every other finding of a report."""
        return finding_key(self.figure, self.relation, self.id)


@dataclass(frozen=True, slots=True)
class KeptSentence:
    """A computed sentence of the first page. `section` is observations or abstract, whose first one is the headline."""

    figure: str
    relation: str
    section: str
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class KeptClaim:
    """A claim of authored text and its verdict. `where` are the names of loops. `line` may move.

    `stands_in` is true if the text has a replacement for a false claim. `cells` are the cells that the claim depends
    on.
    """

    file: str
    line: int
    predicate: str
    where: str
    holds: bool
    reason: str
    stands_in: bool
    cells: tuple[CellRef, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptCell:
    """A cell of a panel as it was published."""

    given: str
    outcome: str
    n_joint: float | None
    n_given: float | None
    n_units: float | None
    value: float | None
    low: float | None
    high: float | None
    state: str


@dataclass(frozen=True)
class KeptPanel:
    """A panel as it was published."""

    id: str
    relation: str
    measure: str
    cells: tuple[KeptCell, ...]


@dataclass(frozen=True, slots=True)
class PublishedFindings:
    """Statements of a build with a history in addition to its numbers: findings, claims and key sentences."""

    findings: tuple[KeptFinding, ...] = ()
    claims: tuple[KeptClaim, ...] = ()
    sentences: tuple[KeptSentence, ...] = ()


@dataclass(frozen=True, eq=False)
class Body:
    """All counts and published values, from which the report is made. `left_out` names parts that were too large."""

    relations: tuple[RelationCounts, ...]
    matrices: dict[str, BareMatrix]
    labels: dict[str, tuple[LabelCount, ...]]
    notes: dict[str, tuple[Note, ...]]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Head:
    """The part of a snapshot that can be read without its counts.

    `program` is the version that made it. `date` is the date of the data. `content` is the SHA-256 of everything that
    does not depend on earlier snapshots, dates and hashes of inputs. `config` is the config's file, name and text.
    `settings` are its complete settings. `texts` is the authored text. `rows` is the number of rows of each entity and
    relation. `archive` is the permanent place of the report in the site, if any.
    """

    program: str
    date: dt.date | None
    content: str
    config: KeptText
    settings: dict[str, JsonValue]
    texts: tuple[KeptText, ...]
    inputs: tuple[ProvenanceFile, ...]
    rows: dict[str, int]
    panels: tuple[KeptPanel, ...]
    published: PublishedFindings = field(default_factory=PublishedFindings)
    archive: str | None = None

    @property
    def strengths(self) -> Mapping[str, str]:
        """Return the word for the strength of each finding that has one."""
        return {f.key: f.strength for f in self.published.findings if f.strength is not None}


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All counts and statements of one build."""

    head: Head
    body: Body


def kept_finding(figure: str, relation: str, finding: Finding, n_units: float | None) -> KeptFinding:
    """Return a finding in the format of snapshots."""
    found = finding.number() or KeyNumber((), None)
    number = found.estimate
    return KeptFinding(
        figure=figure,
        relation=relation,
        id=finding.id,
        kind=finding.kind,
        about=found.about,
        value=None if number is None else number.value,
        scale=found.scale,
        low=None if number is None else number.low,
        high=None if number is None else number.high,
        n=n_units,
        null=finding.null,
        strength=finding.strength,
        cells=finding.cells,
    )


def kept_panel(panel: Panel) -> KeptPanel:
    """Return a panel in the format of snapshots."""
    cells = (
        KeptCell(c.given, c.outcome, c.n_joint, c.n_given, c.n_units, c.value, c.low, c.high, c.state)
        for c in panel.cells
    )
    return KeptPanel(panel.id, panel.relation, panel.measure.name, tuple(cells))
