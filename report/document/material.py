"""The input of a document: all results for a relation, its findings and its wording.

The records are frozen and contain no arrays, frames or markup. A number that was refused is a `Refusal` with its
reason, and an undefined number is None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from .. import formats
from ..cells import Kind, Panel, Refusal, Tally, Unit
from ..errors import Note
from ..figures.scales import ColourScale
from ..findings.directed_pairs import DirectedPair
from ..findings.finding import Finding
from ..findings.story import Point
from ..inference import InferenceSettings
from ..ledger.coverage import Coverage, TopContributors
from ..matrices.seriation import Grouping
from ..measures.structure import Uncertainty
from ..taxonomy import LabelCount, plural_of

F = TypeVar("F", bound=Finding)

_COUNTABLE = frozenset(
    {
        "band",
        "batch",
        "brand",
        "category",
        "cohort",
        "colour",
        "condition",
        "decade",
        "day",
        "gender",
        "grade",
        "group",
        "item",
        "kind",
        "language",
        "level",
        "month",
        "name",
        "occupation",
        "origin",
        "party",
        "period",
        "phase",
        "profession",
        "quarter",
        "race",
        "religion",
        "round",
        "season",
        "segment",
        "sex",
        "size",
        "species",
        "stage",
        "status",
        "subject",
        "topic",
        "type",
        "wave",
        "week",
        "year",
    }
)
"""Names of strata with a plural of their own, apart from places. Of other columns there are levels."""

_PLACES = frozenset(
    {
        "area",
        "branch",
        "catalogue",
        "centre",
        "city",
        "class",
        "clinic",
        "company",
        "continent",
        "country",
        "county",
        "dataset",
        "department",
        "district",
        "file",
        "hospital",
        "household",
        "island",
        "journal",
        "lab",
        "laboratory",
        "lake",
        "library",
        "location",
        "organisation",
        "organization",
        "package",
        "place",
        "plot",
        "province",
        "publisher",
        "region",
        "repository",
        "river",
        "school",
        "shop",
        "site",
        "source",
        "state",
        "station",
        "store",
        "town",
        "university",
        "village",
    }
)
"""Nouns for strata that units come from. Units have all other strata, such as a sex or an education."""

Matrix = tuple[tuple[float | None, ...], ...]
"""A number for each pair of row and column category, None if undefined."""


@dataclass(frozen=True, slots=True)
class CountTables:
    """Joint counts of R row and C column categories over `n_units` units (or sums of weights).

    `expected` are the counts under independence, and `expected_within_strata` their sums over strata.
    `lift_within_low` and `lift_within_high` are the ends of the interval of the ratio of observed to expected counts
    within strata. `most_within_strata` are the largest counts that the margins within strata allow. All of these
    are None without strata, except `expected`. `standardized_residual` is the difference in standard errors of
    independent units.
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
        """Return the number of a pair in one of these matrices, or None if either is undefined."""
        return None if matrix is None else matrix[self.rows.index(row)][self.columns.index(column)]


@dataclass(frozen=True, slots=True)
class StratumCounts:
    """Joint counts of the `n_units` units (or sums of weights) of one stratum; see `CountTables`."""

    stratum: str
    n_units: float
    joint: Matrix


@dataclass(frozen=True, slots=True)
class Sampling:
    """The sampling design behind the intervals.

    `n_units` is the number of units. `effective_units` is their effective number given the weights,
    (sum w)^2 / sum w^2 (Kish 1965), None without weights. `n_groups` is None if units are assumed to be independent.
    `design_effect` is the variance of the share of units whose categories agree, divided by its variance for
    independent units. It is None without groups, without a diagonal, and if all or no units agree.
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
    """One side of a relation and the order that places similar categories next to each other.

    `ordered`: the categories have an order of their own, which every view of the figure keeps.
    """

    side: str
    kind: Kind
    grouping: Grouping
    ordered: bool = False


@dataclass(frozen=True)
class RelationResults:
    """A relation with counts. `rows` and `columns` are its sides; `direct`: blocks are categories that occur together.

    Each item of `findings` names the figure and includes null findings. `strata` are the largest strata, in decreasing
    size, if the categories are few enough to draw. `pairs` are the pairs of categories that units
    cross between, if both sides have the same categories.
    """

    relation: str
    unit: Unit
    counts: CountTables
    sampling: Sampling
    coverage: Coverage
    contributors: TopContributors
    uncertainty: Uncertainty | Refusal
    axes: tuple[AxisOrder, AxisOrder]
    direct: bool
    findings: tuple[tuple[str, Finding], ...] = ()
    strata: tuple[StratumCounts, ...] = ()
    pairs: tuple[DirectedPair, ...] | Refusal = ()


@dataclass(frozen=True)
class BareResults:
    """A relation of published matrices."""

    relation: str
    findings: tuple[tuple[str, Finding], ...] = ()


Results = RelationResults | BareResults


Side = Literal["rows", "columns"]
SIDES: tuple[Side, Side] = ("rows", "columns")


@dataclass(frozen=True, slots=True)
class RelationWording:
    """The nouns of a relation and the phrase that links them. `label` reads from rows to columns' units ("trained on").

    `groups_tied`: units belong to one group if they share any of several values of the grouping column. `weighted`:
    counts are sums of weights, so no sentence may call them units. `dispersion` is the variance of counts relative to
    counts of independent units, None if they do not differ. `n_groups` and `n_strata` are None if nothing was
    counted, or without groups. `several_strata` is the plural of strata in the config, empty without one.
    `chosen_among` is the number of pairs of columns that a pair was chosen from because it is associated. `options` are
    the sides with a column for each option, on which every record has at least one. `no_option` are those of these
    sides on which some records have none, if only they lack a category. `multiple` are the sides on which a unit can
    have several categories. `complete`: the data are no sample.
    """

    form: Literal["links", "shared", "records", "matrix"]
    unit: Unit
    rows: Kind
    columns: Kind
    label: str
    label_reversed: str
    group_names: tuple[str, ...] = ()
    stratum_names: tuple[str, ...] = ()
    population: str = ""
    groups_tied: bool = False
    weighted: bool = False
    dispersion: float | None = None
    n_groups: int | None = None
    n_strata: int = 0
    several_strata: str = ""
    level: float = 0.95
    chosen_among: int | None = None
    options: tuple[str, ...] = ()
    no_option: tuple[str, ...] = ()
    multiple: tuple[str, ...] = ()
    complete: bool = False

    @property
    def ci(self) -> str:
        """The name of an interval before its ends, such as "95% CI"."""
        return f"{formats.percent(self.level)}{formats.NBSP}CI"

    @property
    def strata_plural(self) -> str:
        """The plural noun for strata: packages, levels of education, combinations of sex and age."""
        if self.several_strata:
            return self.several_strata
        if len(self.stratum_names) == 1:
            name = self.stratum_names[0]
            has_plural = self.has_places or name.lower().split()[-1] in _COUNTABLE
            return plural_of(name) if has_plural else f"levels of {name}"
        return f"combinations of {formats.listing(self.stratum_names)}"

    @property
    def has_places(self) -> bool:
        """Whether units come from a stratum, such as a package or a country, rather than have it, such as a sex."""
        return len(self.stratum_names) == 1 and self.stratum_names[0].lower().split()[-1] in _PLACES

    def side(self, kind: Kind) -> Side:
        """Return the side of a panel's kind."""
        return "rows" if kind == self.rows else "columns"

    def outcome_side(self, panel: Panel) -> Side:
        """Return the side of a panel's outcome. For a kind with itself it is the side opposite the given one."""
        return "columns" if self.side(panel.given) == "rows" else "rows"

    def kind(self, side: Side) -> Kind:
        """Return the kind on a side."""
        return self.rows if side == "rows" else self.columns

    def own(self, side: Side) -> bool:
        """Return whether the unit is itself an item of this side, so that it *is* of a category."""
        return (self.unit.role, side) in (("to", "columns"), ("from", "rows"))

    def joint_label(self, side: Side) -> str:
        """Return the phrase that links the unit to items of the other side ("trained on", "used for")."""
        return self.label if side == "rows" else self.label_reversed

    def having(self, side: Side, units: str, category: str, n: float = 2) -> str:
        """Return the noun phrase for `n` `units` that match the phrase of a side; see the function `having`."""
        return having(self.kind(side), units, category, n, self.who)

    @property
    def who(self) -> str:
        """The relative pronoun for units: who for people, that for anything else."""
        return "who" if not _PEOPLE.isdisjoint(self.unit.singular.casefold().split()[-1:]) else "that"

    def is_column(self, side: Side) -> bool:
        """Return whether a side is a column of records without a phrase, whose name need not be a noun."""
        return self.unit.role == "record" and not self.kind(side).phrase

    def is_value(self, side: Side, category: str) -> str:
        """Return the clause that a column without a phrase has a value, or includes it.

        >>> sex, goods = Kind("rows", "Sex", "Sex", "categories of Sex"), Kind("columns", "Goods", "Goods", "")
        >>> w = RelationWording("records", Unit("record", "row", "rows"), sex, goods, "", "", multiple=("columns",))
        >>> w.is_value("rows", "male"), w.is_value("columns", "radio")
        ('Sex is “male”', 'Goods include “radio”')
        """
        return f"{self.kind(side).singular} {self.value_verb(side)} {formats.quoted(category)}"

    def value_verb(self, side: Side) -> str:
        """Return the verb between a column and its value: "is", or "includes" if there can be several values."""
        if side not in self.multiple:
            return "is"
        name = self.kind(side).singular
        return "include" if name.endswith("s") and not name.endswith(("ss", "us", "is")) else "includes"

    def is_named(self, side: Side, category: str) -> bool:
        """Return whether a category's name includes its kind, as "Line 6" and "Line: 6" do for a line."""
        name, kind = category.strip("“”").casefold(), self.kind(side).singular.casefold()
        return kind in name.split() or name.startswith(f"{kind}:")


def point_sides(point: Point) -> dict[str, Side]:
    """Return the given side and the outcome side of a statement about pairs."""
    by_column = (point.side == "columns") != point.turned
    return {"given": "columns", "outcome": "rows"} if by_column else {"given": "rows", "outcome": "columns"}


def sides_of(part: RelationReport, panel: str) -> dict[str, Side]:
    """Return the given side and the outcome side of a panel."""
    of = next(one for one in part.panels if one.id == panel)
    return {"given": part.wording.side(of.given), "outcome": part.wording.outcome_side(of)}


_NOUNS = """
person man woman child adult boy girl father mother parent pupil student graduate teacher patient respondent
participant subject worker employee employer applicant candidate passenger driver rider user customer client member
voter senator judge officer prisoner defendant author writer player athlete doctor nurse engineer scientist developer
farmer buyer seller taster consumer owner tenant borrower resident citizen immigrant emigrant migrant
refugee settler traveller visitor guest volunteer juror victim suspect offender
smoker friend sibling husband wife
"""
_PEOPLE = frozenset(_NOUNS.split())
"""Nouns for people, which take who rather than that."""


def having(kind: Kind, units: str, category: str, n: float = 2, who: str = "that") -> str:
    """Return the noun phrase for `n` units that match the phrase of a kind.

    >>> having(Kind("rows", "Genus", "genus", "genera", "are {}"), "captures", "Neotoma")
    'Neotoma captures'
    >>> having(Kind("rows", "Job", "job", "jobs", "have {} jobs"), "people", "Writer")
    'people with Writer jobs'
    >>> having(Kind("rows", "Country", "country", "countries", "come from {}"), "captures", "Chad")
    'captures from Chad'
    >>> having(Kind("rows", "Way", "way", "ways", "go by {}"), "trips", "bus")
    'trips that go by bus'
    >>> having(Kind("rows", "Way", "way", "ways", "go by {}"), "people", "bus", who="who")
    'people who go by bus'
    """
    if kind.phrase == "are {}":
        return f"{category} {units}"
    for verb, joint in (("are ", ""), ("have ", "with "), ("come from ", "from ")):
        if kind.phrase.startswith(verb):
            return f"{units} {joint}{kind.phrase.removeprefix(verb).replace('{}', category)}"
    return f"{units} {who} {kind.phrased(category, n)}"


@dataclass(frozen=True, slots=True)
class ProvenanceFile:
    """An input file, as in manifests: path relative to the config, hash, size and origin.

    A table passed from Python has its config key as the path, `columns`, `rows` (None if small cells are withheld), and
    no size.
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
    """Data of a relation with counts. `of_one_kind`: each of few groups has one kind, and draws judge pairs.

    `tests` are the numbers of different tests in each family of q: pairs of different categories, then of equal ones.
    """

    coverage: Coverage
    contributors: TopContributors
    labels: tuple[LabelCount, ...]
    notes: tuple[Note, ...]
    weighted: bool
    n_strata: int
    tally: Tally | None = None
    of_one_kind: bool = False
    tests: tuple[int, ...] = ()


@dataclass(frozen=True)
class RelationReport:
    """One figure and one relation in it: panels, findings, words. `counted` is None for published matrices.

    `panels` belong to the relation, and `in_figure` are all panels of the figure, in the order of their positions.
    `results` are all results for the relation, for tables. `folds`: the figure and its tables omit
    categories without units and list them. If cells are marked, `differences` has each panel with the difference of
    shares from the other rows, and `bases` the unweighted number of units with each given category, by panel.
    """

    figure: str
    figure_title: str
    panels: tuple[Panel, ...]
    in_figure: tuple[Panel, ...]
    findings: tuple[Finding, ...]
    wording: RelationWording
    counted: PartCounts | None
    inference: InferenceSettings
    scale: ColourScale
    results: Results | None = None
    folds: bool = False
    differences: Mapping[str, Panel] = field(default_factory=dict)
    bases: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def table_id(self, name: str) -> str:
        """Return the id of a table that belongs only to this part."""
        return f"{self.figure}-{self.panels[0].relation}-{name}"

    def found(self, kind: type[F]) -> Iterator[F]:
        """Yield the findings of a kind that are not null."""
        return (f for f in self.findings if isinstance(f, kind) and not f.null)

    def first(self, kind: type[F]) -> F | None:
        """Return the first finding of a kind that is not null, or None."""
        return next(self.found(kind), None)

    def is_covered(self, statement: str, *categories: str) -> bool:
        """Return whether a finding replaces a statement of another kind about some categories."""
        return any(f.covers(statement, categories) for f in self.findings)

    @property
    def diagonal(self) -> bool:
        """Whether both axes have the same taxonomy."""
        return self.panels[0].same_taxonomy

    @property
    def is_withheld(self) -> bool:
        """Whether units of small cells were withheld for confidentiality."""
        return self.counted is not None and self.counted.coverage.is_withheld

    @property
    def masked(self) -> bool:
        """Whether the diagonal is trivial or empty by design, and therefore omitted."""
        return "masked" in self.panels[0].column("state")

    @property
    def masked_empty(self) -> bool:
        """Whether the diagonal is omitted because it is empty by design."""
        return self.panels[0].is_masked_empty
