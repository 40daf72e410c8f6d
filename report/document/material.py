"""What a document is made of: all that was worked out about a relation, its findings and its wording.

Frozen records without arrays, frames or markup. A number that was refused is a `Refusal` with its reason, one that is
undefined None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeVar

from .. import formats
from ..cells import Kind, Panel, Refusal, Tally, Unit
from ..errors import Note
from ..figures.scales import ColourScale
from ..findings import ThresholdSettings
from ..findings.finding import Finding
from ..findings.robustness import Dependence, Rests
from ..inference import InferenceSettings
from ..inference.symmetry import DirectedPair
from ..ledger.coverage import Contributors, Coverage
from ..matrices.seriation import Grouping
from ..measures.structure import Uncertainty
from ..settings import Settings
from ..taxonomy import LabelCount, plural_of

if TYPE_CHECKING:  # these modules are made of parts
    from .model import Block, Paragraph

F = TypeVar("F", bound=Finding)

Matrix = tuple[tuple[float | None, ...], ...]
"""A number for each pair of row and column category; None where it is undefined."""


@dataclass(frozen=True, slots=True)
class CountTables:
    """Joint counts of R row and C column categories over `n_units` units (or sums of weights), as they were counted.

    `expected` are the counts of independence, `expected_within_strata` their sums over strata, None without strata, as
    are the ends of the interval of observed over these, `lift_within_low` and `lift_within_high`, and the largest
    counts that the margins within strata allow, `most_within_strata`;
    `standardized_residual` is the difference in standard errors of independent units.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    n_units: float
    row_totals: tuple[float | None, ...]
    column_totals: tuple[float | None, ...]
    joint: Matrix
    expected: Matrix
    expected_within_strata: Matrix | None
    standardized_residual: Matrix
    lift_within_low: Matrix | None = None
    lift_within_high: Matrix | None = None
    most_within_strata: Matrix | None = None

    def at(self, matrix: Matrix | None, row: str, column: str) -> float | None:
        """Return the number of a pair in one of these matrices; None where that is None, or the number undefined."""
        return None if matrix is None else matrix[self.rows.index(row)][self.columns.index(column)]


@dataclass(frozen=True, slots=True)
class StratumCounts:
    """Joint counts of the `n_units` units (or sums of weights) of one stratum, as `CountTables` has them of all."""

    stratum: str
    n_units: float
    joint: Matrix


@dataclass(frozen=True, slots=True)
class Sampling:
    """What intervals rest on.

    `n_units` are units, `effective_units` how many equal ones their weights are worth, (sum w)^2 / sum w^2 (Kish
    1965), None where they have no weights. `n_groups` is None where units are taken as independent.
    `design_effect` is the variance of the share of units whose categories agree, over what it would be were
    units independent; None without groups, without a diagonal, and where all or none agree.
    """

    n_units: int
    effective_units: float | None
    n_groups: int | None
    group_names: tuple[str, ...]
    stratum_names: tuple[str, ...]
    n_strata: int
    design_effect: float | None
    level: float


@dataclass(frozen=True, slots=True)
class AxisOrder:
    """One side of a relation and the order that brings its like categories together."""

    side: str
    kind: Kind
    grouping: Grouping


@dataclass(frozen=True)
class RelationResults:
    """A relation with counts. `rows` and `columns` are its sides; `direct`: blocks are categories that meet each other.

    `pairs` are those of `inference.symmetry`. `findings` come with the figure they were found for, null ones too.
    `strata` are the largest, the largest first, of categories that are few enough to draw them.
    """

    relation: str
    unit: Unit
    counts: CountTables
    sampling: Sampling
    coverage: Coverage
    contributors: Contributors
    pairs: tuple[DirectedPair, ...] | Refusal
    uncertainty: Uncertainty | Refusal
    axes: tuple[AxisOrder, AxisOrder]
    direct: bool
    findings: tuple[tuple[str, Finding], ...] = ()
    strata: tuple[StratumCounts, ...] = ()


@dataclass(frozen=True)
class BareResults:
    """A relation of published matrices."""

    relation: str
    findings: tuple[tuple[str, Finding], ...] = ()


Results = RelationResults | BareResults


Side = Literal["rows", "columns"]


@dataclass(frozen=True, slots=True)
class Wording:
    """The nouns and the link between them. `label` reads from rows to columns' units ("trained on").

    `groups_tied`: units are one group where they share any of several values of what they are grouped by. `weighted`:
    what is counted are weights of units, which no sentence may call units. `dispersion`: how many times as much counts
    vary as counts of independent units, None where they do not. `n_groups` and `n_strata` are None where
    nothing was counted, or without groups.
    """

    form: Literal["links", "shared", "records", "matrix"]
    unit: Unit
    rows: Kind
    columns: Kind
    label: str
    inverse_label: str
    group_names: tuple[str, ...] = ()
    stratum_names: tuple[str, ...] = ()
    population: str = ""
    groups_tied: bool = False
    weighted: bool = False
    dispersion: float | None = None
    n_groups: int | None = None
    n_strata: int = 0

    @property
    def strata_plural(self) -> str:
        """The noun for several strata: packages; of several columns, their combinations."""
        if self.stratum_names == ("activity",):
            return "levels of activity"
        if len(self.stratum_names) == 1:
            return plural_of(self.stratum_names[0])
        return f"combinations of {formats.listing(self.stratum_names)}"

    def side(self, kind: Kind) -> Side:
        """Return on which side a panel's kind stands."""
        return "rows" if kind == self.rows else "columns"

    def outcome_side(self, panel: Panel) -> Side:
        """Return the side of a panel's outcome: for a kind with itself the side that is not the given one."""
        return "columns" if self.side(panel.given) == "rows" else "rows"

    def kind(self, side: Side) -> Kind:
        """Return the kind on a side."""
        return self.rows if side == "rows" else self.columns

    def own(self, side: Side) -> bool:
        """Return whether the unit is itself an item of this side, so that it *is* of a category."""
        return (self.unit.role, side) in (("to", "columns"), ("from", "rows"))

    def joint_label(self, side: Side) -> str:
        """Return what ties the unit to items of the other side ("trained on", "used for")."""
        return self.label if side == "rows" else self.inverse_label

    def having(self, side: Side, units: str, category: str, n: float = 2) -> str:
        """Return what `units` are called that do as the phrase of a side says, `n` of them; see `having`."""
        return having(self.kind(side), units, category, n)

    def is_named(self, side: Side, category: str) -> bool:
        """Return whether a category says by itself what it is one of, as "Line 6" does of a line."""
        return self.kind(side).singular.casefold() in category.strip("“”").casefold().split()


def having(kind: Kind, units: str, category: str, n: float = 2) -> str:
    """Return what units are called that do as the phrase of a kind says, `n` of them.

    >>> having(Kind("rows", "Genus", "genus", "genera", "are {}"), "captures", "Neotoma")
    'Neotoma captures'
    >>> having(Kind("rows", "Job", "job", "jobs", "have {} jobs"), "people", "Writer")
    'people with Writer jobs'
    >>> having(Kind("rows", "Country", "country", "countries", "come from {}"), "captures", "Chad")
    'captures from Chad'
    >>> having(Kind("rows", "Way", "way", "ways", "go by {}"), "trips", "bus")
    'trips that go by bus'
    """
    if kind.phrase == "are {}":
        return f"{category} {units}"
    for verb, joint in (("are ", ""), ("have ", "with "), ("come from ", "from ")):
        if kind.phrase.startswith(verb):
            return f"{units} {joint}{kind.phrase.removeprefix(verb).replace('{}', category)}"
    return f"{units} that {kind.phrased(category, n)}"


@dataclass(frozen=True, slots=True)
class ProvenanceFile:
    """A file that went in, as manifests have it: path relative to the config, hash and size, and where it is from.

    A table that was passed from Python has the key of the config for a path, `columns`, `rows` (None where small cells
    are withheld), and no size.
    """

    path: str
    sha256: str
    size: int | None = None
    address: str | None = None
    revision: str | None = None
    rows: int | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartCounts:
    """What only a relation with counts has. `of_one_kind`: each of few groups has one kind, and draws judge pairs."""

    coverage: Coverage
    contributors: Contributors
    labels: tuple[LabelCount, ...]
    notes: tuple[Note, ...]
    weighted: bool
    fractional: bool
    n_strata: int
    tally: Tally | None = None
    of_one_kind: bool = False


@dataclass(frozen=True)
class OverTime:
    """What a history tells of a relation at several times.

    `observations` are added to those of the first page, `blocks` are the section of the history. `references` are the
    sources that methods name for it.
    """

    observations: tuple[Paragraph, ...] = ()
    blocks: tuple[Block, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """One figure and one relation in it: panels, findings, words. `counted` is None for published matrices.

    `panels` are those of the relation, `in_figure` all of the figure, which their places (left, right) count in.
    `results` are all that was worked out about the relation, for tables; `history` what is told of its series; `others`
    the kinds of finding of other packages that were looked for, with their options. `folds`: the figure and its tables
    leave out categories without units, and say which.
    """

    figure: str
    figure_title: str
    panels: tuple[Panel, ...]
    in_figure: tuple[Panel, ...]
    findings: tuple[Finding, ...]
    wording: Wording
    counted: PartCounts | None
    thresholds: ThresholdSettings
    inference: InferenceSettings
    scale: ColourScale
    results: Results | None = None
    history: OverTime = OverTime()
    others: Mapping[str, Settings | None] = field(default_factory=dict)
    folds: bool = False

    def table_id(self, name: str) -> str:
        """Return the id of a table of this part alone."""
        return f"{self.figure}-{self.panels[0].relation}-{name}"

    def found(self, kind: type[F]) -> Iterator[F]:
        """Yield the findings of a kind that are not null."""
        return (f for f in self.findings if isinstance(f, kind) and not f.null)

    def first(self, kind: type[F]) -> F | None:
        """Return the first finding of a kind that is not null, or None."""
        return next(self.found(kind), None)

    def resting(self, finding: Finding) -> Iterator[tuple[Dependence, Rests]]:
        """Yield what each statement of a finding rests on, with all of them."""
        for found in self.found(Dependence):
            yield from ((found, line) for line in found.rests if line.headline.question.finding == finding.id)

    @property
    def diagonal(self) -> bool:
        """Whether the axes carry one taxonomy."""
        return self.panels[0].same_taxonomy

    @property
    def is_withheld(self) -> bool:
        """Whether units of small cells were withheld for confidentiality."""
        return self.counted is not None and self.counted.coverage.is_withheld

    @property
    def masked(self) -> bool:
        """Whether the diagonal is trivial and left out."""
        return "masked" in self.panels[0].column("state")
