"""Immutable results: the data passed from matrices and inference to findings, prose, figures and renderers.

There are no arrays and no frames: everything here can be compared, hashed and written as JSON directly. A panel stores
its cells as columns.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product, repeat
from typing import TYPE_CHECKING, Any, Literal, overload

State = Literal["measured", "few", "uncertain", "no_given", "no_outcome", "masked", "withheld", "withheld_rest"]
"""measured; few (under `minimum_units` or `minimum_groups`, or too few groups to estimate the error); uncertain (a
share of enough units whose interval is wider than `WIDEST_SHARE`); no_given (no unit has the given category);
no_outcome (no unit has the outcome category); masked (a trivial diagonal); withheld (for confidentiality: too few units
have both categories); withheld_rest (too few units have one of the two categories without the other, or neither). Only
measured cells appear in sentences."""

WITHHELD: tuple[State, ...] = ("withheld", "withheld_rest")
"""States of cells whose numbers are withheld for confidentiality."""

NUMBERED: tuple[State, ...] = ("measured", "few", "uncertain")
"""States of cells that have numbers."""

FAINT: tuple[State, ...] = ("few", "uncertain")
"""States of cells whose value is shown but not interpreted."""

WIDEST_SHARE = 0.6
"""Maximum width of a share's confidence interval in sentences: 60 percentage points."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval, where `low` and `high` are None if there is no interval."""

    value: float
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, value: float | None) -> Estimate | None:
        """Return a number without an interval, or None if there is no number."""
        return None if value is None else cls(value)

    @property
    def least(self) -> float:
        """The lower end of the interval, or the value without one."""
        return self.value if self.low is None else self.low

    @property
    def most(self) -> float:
        """The upper end of the interval, or the value without one."""
        return self.value if self.high is None else self.high

    @property
    def ends(self) -> tuple[float, float] | None:
        """Both ends of the interval, or None if one is missing."""
        return None if self.low is None or self.high is None else (self.low, self.high)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason why a computable number is not given: its name would be misleading.

    `reason` is a clause for a sentence or a table ("units have several categories").
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two sides of a relation: its config name and its names in text.

    `label` gives the axis title ("Dataset" gives "Dataset Category A"), and `singular` and `plural` are used in
    sentences ("dataset", "datasets"). `phrase` is a verb phrase for several units with a category, with {} for the
    category ("come from {}"). It is empty if it follows from the name.
    """

    name: str
    label: str
    singular: str
    plural: str
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of counting: its names in text, and its role in the relation."""

    role: Literal["to", "from", "link", "record", "key", "none"]
    singular: str
    plural: str


@dataclass(frozen=True, slots=True)
class CountVariation:
    """The variation of counts in rows with the same labels, compared with counts of independent units.

    `n_cells` pairs of labels have several rows. `index` is the variance of counts over its expected value (1 for
    independent units), and `freedom` the effective degrees of freedom of this ratio. `score` is Dean's statistic and
    `p` its one-sided p, which is compared with `level`. `is_drawn`: the number of rows also varies over pairs as if
    rows had been sampled.
    """

    n_cells: int
    index: float
    freedom: float
    score: float
    p: float
    is_drawn: bool
    level: float

    @property
    def is_excessive(self) -> bool:
        """Whether counts vary more than counts of independent units."""
        return self.p < self.level


@dataclass(frozen=True, slots=True)
class Dispersion:
    """The ratio of the variance of counts to the variance for independent units (quasi-Poisson).

    `factor` multiplies every variance. Its estimate has `freedom` degrees of freedom, which the t distribution then
    has.
    """

    factor: float
    freedom: float


LEAST_DISPERSION_FREEDOM = 3.0
"""Minimum degrees of freedom of a dispersion, since no interval is given with fewer."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows of a table that count several units: the column with the count, and the number of rows.

    Rows without units are not included. `column` is None if the cells of a table are the counts. `variation` is None if
    groups are declared, or no pair of labels has several rows. `is_declared`: the config declares the units of a row to
    be independent.
    """

    column: str | None
    n_rows: int
    variation: CountVariation | None = None
    is_declared: bool = False

    @property
    def dispersion(self) -> Dispersion | None:
        """The dispersion of counts in a fixed layout of rows, if they vary more than counts of independent units.

        None if the rows themselves were sampled or a row has a field for each option: its units then form a group.
        """
        found = self.variation
        if found is None or self.column is None or found.is_drawn or not found.is_excessive:
            return None
        return Dispersion(found.index, found.freedom) if found.freedom >= LEAST_DISPERSION_FREEDOM else None

    @property
    def as_groups(self) -> bool:
        """Whether the units of each row form one group, because they do not vary like independent units."""
        found = self.variation
        return found is not None and (found.is_excessive or found.is_drawn) and self.dispersion is None


@dataclass(frozen=True, slots=True)
class MeasureInfo:
    """The properties of a measure that are needed to interpret its panel.

    `lower` and `upper` bound the values (None: unbounded). `null` is the value without association, None if there is no
    such constant. `diverging` requests a two-sided colour scale around `null`. A measure that is not `symmetric` is
    directed, from given to outcome. `needs`: "matrix", only the joint counts; "counts", also both margins; "units",
    also the total number of units, including units with neither category. `statistic`: a test statistic, whose error is
    its unit, so that it has no interval. `remark` is a clause that accompanies every explanation of the measure.
    `convention`: if no unit has both categories, the value is a convention and not observed, so that figures give it no
    colour. `eponym`: the label begins with a person's name.
    """

    name: str
    label: str
    formula: str
    lower: float | None
    upper: float | None
    null: float | None = None
    diverging: bool = False
    symmetric: bool = False
    needs: Literal["matrix", "counts", "units"] = "units"
    statistic: bool = False
    remark: str = ""
    convention: bool = False
    eponym: bool = False

    @property
    def is_ratio(self) -> bool:
        """Whether values are ratios with null value 1, so that 2 and 1/2 are equally far from 1."""
        return self.diverging and self.null == 1

    @property
    def is_share(self) -> bool:
        """Whether values are shares of units, which figures and tables show in per cent."""
        return self.name in ("conditional", "share")

    @property
    def phrase(self) -> str:
        """The label within a sentence: in lower case, except names and abbreviations.

        >>> MeasureInfo("odds_ratio", "Odds ratio", "", 0, None).phrase, MeasureInfo("x", "ROC", "", 0, 1).phrase
        ('odds ratio', 'ROC')
        """
        as_it_is = self.eponym or self.label[:2].isupper()
        return self.label if as_it_is else self.label[:1].lower() + self.label[1:]


class _Placed:
    """The source of a cell's numbers that are read on demand: its columns, and its position in them."""

    __slots__ = ("_held",)
    _held: tuple[Cells, int]


@dataclass(frozen=True, slots=True)
class Cell(_Placed):
    """One cell of a panel: given category a, outcome category b, and all numbers of the pair.

    Counts are units (or sums of weights), None if a published matrix has no counts. `value` is the panel's measure, and
    `low` and `high` its interval, or None if undefined, never 0. `baseline` is P(b), and `expected` is n_given *
    n_outcome / n_units. `lift` is n_joint / expected, and `lift_within_strata` the same with expected counts summed
    within strata, with the ends of its interval. `odds_within_strata` is the common odds ratio within strata, with its
    ends (no upper end if the joint count is at its maximum). `q_value` is Benjamini-Hochberg over the relation's pairs
    of different categories, or over its diagonal. `design_effect` is the variance of the value over its variance for
    independent units, and `effective_groups` the effective number of equal groups (G_eff) of the given category; both
    None without groups.
    """

    given: str
    outcome: str
    n_joint: float | None
    n_given: float | None
    n_outcome: float | None
    n_units: float | None
    value: float | None
    low: float | None
    high: float | None
    baseline: float | None
    expected: float | None
    lift: float | None
    lift_low: float | None
    lift_high: float | None
    expected_within_strata: float | None
    lift_within_strata: float | None
    q_value: float | None
    state: State
    lift_within_low: float | None = None
    lift_within_high: float | None = None
    odds_within_strata: float | None = None
    odds_within_low: float | None = None
    odds_within_high: float | None = None
    design_effect: float | None = None
    effective_groups: float | None = None

    @property
    def estimate(self) -> Estimate | None:
        """Its value with its interval, or None if it has no value."""
        return None if self.value is None else Estimate(self.value, self.low, self.high)

    @property
    def least(self) -> float:
        """The lower end of its interval, or the value without one."""
        return self.low if self.low is not None else self.value or 0

    @property
    def most(self) -> float:
        """The upper end of its interval, or the value without one."""
        return self.high if self.high is not None else self.value or 0

    if not TYPE_CHECKING:  # fields of a cell

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - of its column, whatever that holds
            """Read a number from its column on demand: most columns are never needed."""
            if name not in CELL_FIELDS:
                raise AttributeError(f"a cell has no {name}")
            cells, place = self._held
            value = cells.column(name)[place]
            object.__setattr__(self, name, value)
            return value


CELL_FIELDS = tuple(field.name for field in fields(Cell))
"""The fields of a cell, in order, of which `given` and `outcome` follow from its position."""


Column = Sequence[Any] | Callable[[], Sequence[Any] | None]
"""The values of one field of all cells, or a function that computes them."""


class Cells(Sequence[Cell]):
    """The cells of a panel in row-major order, stored as columns: a `Cell` is created on demand.

    Each column has the name of a field of `Cell`, and contains plain numbers or texts, or None for a cell without a
    value. It may also be a function that computes them on demand. Missing columns, and functions that return None,
    contain only None.
    """

    def __init__(self, given: Sequence[str], outcome: Sequence[str], columns: Mapping[str, Column]) -> None:
        """Store the columns of given x outcome cells. ValueError for a column of another length, once computed."""
        self._n = len(given) * len(outcome)
        self._given, self._outcome = tuple(given), tuple(outcome)
        sides: dict[str, Column] = {
            "given": lambda: [category for category in self._given for _ in self._outcome],
            "outcome": lambda: [*self._outcome] * len(self._given),
        }
        self._columns = sides | {n: of if callable(of) else self._whole(n, of) for n, of in columns.items()}
        self._all: tuple[Cell, ...] | None = None

    def column(self, name: str) -> Sequence[Any]:
        """Return the values of one field of all cells. KeyError for an unknown field."""
        if name not in CELL_FIELDS:
            raise KeyError(name)
        held = self._columns.get(name)
        if callable(held):
            held = self._columns[name] = self._whole(name, held())
        return (None,) * self._n if held is None else held

    def _whole(self, name: str, column: Sequence[Any] | None) -> Sequence[Any]:
        if column is not None and len(column) != self._n:
            raise ValueError(f"column {name} holds {len(column)} of {self._n} cells")
        return (None,) * self._n if column is None else column

    def replaced(self, **columns: Column) -> Cells:
        """Return the cells with some columns replaced."""
        return Cells(self._given, self._outcome, self._columns | columns)

    def at(self, given: Sequence[str], outcome: Sequence[str]) -> Cells:
        """Return the cells of some categories, in the given order. KeyError for an unknown category."""
        if (tuple(given), tuple(outcome)) == (self._given, self._outcome):
            return self
        rows, columns = ({name: k for k, name in enumerate(names)} for names in (self._given, self._outcome))
        places = [rows[a] * len(columns) + columns[b] for a, b in product(given, outcome)]

        def of(name: str) -> Callable[[], Sequence[Any]]:
            return lambda: [*map(self.column(name).__getitem__, places)]

        return Cells(given, outcome, {name: of(name) for name in CELL_FIELDS[2:]})

    def named(self, given: Sequence[str], outcome: Sequence[str]) -> Cells:
        """Return the cells with the same categories, in the same order, under other names."""
        own = {name: column for name, column in self._columns.items() if name not in ("given", "outcome")}
        return Cells(given, outcome, own)

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, at: int) -> Cell: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Cell, ...]: ...

    def __getitem__(self, at: int | slice) -> Cell | tuple[Cell, ...]:
        place = range(self._n)[at]
        if isinstance(place, range):
            return tuple(map(self._cell, place)) if self._all is None else self._all[at]
        return self._cell(place) if self._all is None else self._all[place]

    def _cell(self, place: int) -> Cell:
        cell: Cell = object.__new__(Cell)
        object.__setattr__(cell, "_held", (self, place))
        return cell

    def __iter__(self) -> Iterator[Cell]:
        if self._all is None:
            # Column by column: `Cell(…)` sets each of its fields by name, which takes five times as long.
            self._all = tuple(map(object.__new__, repeat(Cell, self._n)))
            for name in CELL_FIELDS:
                deque(map(Cell.__dict__[name].__set__, self._all, self.column(name)), maxlen=0)
        return iter(self._all)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Cells) and all(
            list(self.column(name)) == list(other.column(name)) for name in CELL_FIELDS
        )

    def __hash__(self) -> int:
        return hash((self._given, self._outcome))


@dataclass(frozen=True)
class Panel:
    """One complete matrix: cells in row-major declared order, `given` down, `outcome` across.

    `mirror` is the id of the panel with exchanged roles over the same relation, or None. `n_groups` is None if units
    are treated as independent. `same_taxonomy`: both axes have one taxonomy. `title` describes the panel in words, and
    `reading` explains a cell in one line; both may be "". `folded` are the given and the outcome categories without
    units that are left out. `says` is the reading line of a cell, as parts of a sentence with {fields} and the fields
    that each part needs. Rows of fewer than `minimum_units` have too little data, as have those of `one_stratum`: all
    their units come from one of several strata. `group_nouns` are the plurals of groups and of strata. `several` says
    why rows add up to more than 100%; "" if they do not. `lettered`: the axes are titled "Category A" and "Category B"
    if both have one taxonomy.
    """

    id: str
    relation: str
    given: Kind
    outcome: Kind
    given_categories: tuple[str, ...]
    outcome_categories: tuple[str, ...]
    measure: MeasureInfo
    unit: Unit
    n_units: float | None
    n_groups: int | None
    level: float
    cells: Cells
    mirror: str | None
    same_taxonomy: bool
    title: str = ""
    reading: str = ""
    says: tuple[tuple[str, str], ...] = ()
    folded: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    minimum_units: float = 0
    one_stratum: tuple[str, ...] = ()
    group_nouns: tuple[str, str] = ("groups", "strata")
    several: str = ""
    lettered: bool = False

    def cell(self, given: str, outcome: str) -> Cell:
        """Return the cell of a pair of category names, or raise KeyError for an unknown pair."""
        try:
            i = self.given_categories.index(given)
            j = self.outcome_categories.index(outcome)
        except ValueError:
            raise KeyError((given, outcome)) from None
        return self.cells[i * len(self.outcome_categories) + j]

    def row(self, given: str) -> tuple[Cell, ...]:
        """Return the cells of one given category, in outcome order."""
        places = self.places(given)
        return self.cells[places.start : places.stop]

    def places(self, given: str) -> range:
        """Return the positions of the cells of one given category in a column."""
        n = len(self.outcome_categories)
        start = self.given_categories.index(given) * n
        return range(start, start + n)

    def column(self, name: str) -> Sequence[Any]:
        """Return one field of all cells, in order. KeyError for an unknown field."""
        return self.cells.column(name)

    @property
    def is_withheld(self) -> bool:
        """Whether any cell is withheld for confidentiality."""
        states = self.column("state")
        return any(state in states for state in WITHHELD)

    @property
    def is_masked_empty(self) -> bool:
        """Whether the diagonal is not interpreted because the table seems to leave its units out."""
        pairs = zip(self.column("state"), self.column("n_joint"), strict=True)
        masked = [n for state, n in pairs if state == "masked"]
        return bool(masked) and any(self.column("n_joint")) and not any(masked)

    @property
    def has_excess(self) -> bool:
        """Whether the shares of a row add up to more than 100%, because units have several outcome categories."""
        if self.measure.name != "conditional":
            return False
        n, joint, sizes = len(self.outcome_categories), self.column("n_joint"), self.column("n_given")
        rows = ((sum(one or 0 for one in joint[k : k + n]), sizes[k] or 0) for k in range(0, len(joint), n))
        return any(units > 1.005 * size > 0 for units, size in rows)

    def refs(self, cells: Iterable[Cell]) -> tuple[CellRef, ...]:
        """Return references to some of its cells."""
        return tuple(CellRef(self.id, cell.given, cell.outcome) for cell in cells)

    @property
    def given_title(self) -> str:
        """The title of the axis of rows: the plain label, or "Dataset Category A" if axes are lettered."""
        return f"{self.given.label} Category A" if self.same_taxonomy and self.lettered else self.given.label

    @property
    def outcome_title(self) -> str:
        """The title of the axis of columns: the plain label, or "Model Category B" if axes are lettered."""
        return f"{self.outcome.label} Category B" if self.same_taxonomy and self.lettered else self.outcome.label


def empty_categories(panel: Panel) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the given and outcome categories without units; for one taxonomy, categories without units on both sides.

    A side never loses all of its categories.
    """
    n = len(panel.outcome_categories)
    blank = [state in ("no_given", "no_outcome", "masked") for state in panel.column("state")]
    seen = [state != "masked" for state in panel.column("state")]
    rows = [slice(start, start + n) for start in range(0, len(blank), n)]
    columns = [slice(k, None, n) for k in range(n)]
    given, outcome = (
        tuple(name for name, own in zip(names, places, strict=True) if all(blank[own]) and any(seen[own]))
        for names, places in ((panel.given_categories, rows), (panel.outcome_categories, columns))
    )
    if panel.same_taxonomy:
        given = outcome = tuple(name for name in given if name in outcome)
    some = given if len(given) < len(panel.given_categories) else ()
    return some, outcome if len(outcome) < n else ()


def folded(panel: Panel) -> Panel:
    """Return the panel without its empty categories, which it then names, or the same panel if there are none."""
    gone = empty_categories(panel)
    if not any(gone):
        return panel
    given, outcome = (
        tuple(name for name in names if name not in own)
        for names, own in zip((panel.given_categories, panel.outcome_categories), gone, strict=True)
    )
    cells = panel.cells.at(given, outcome)
    return replace(panel, given_categories=given, outcome_categories=outcome, cells=cells, folded=gone)


@dataclass(frozen=True, slots=True)
class CellRef:
    """A reference from a sentence to one cell of one panel."""

    panel: str
    given: str
    outcome: str
