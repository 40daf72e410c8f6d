"""What a finding is, what findings are made from, and from which fields its numbers are worked out (recipes)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..arrays import Bools, Floats
from ..cells import Cell, CellRef, Estimate, Panel, Tally
from ..errors import Note
from ..incidence import IF_SET, Incidence, without_level
from ..inference import InferenceSettings
from ..ledger import Behind
from ..ledger.coverage import NO_CONTRIBUTORS, Contributors, Coverage
from ..ledger.item_types import ItemTypes
from ..ledger.recounts import Change
from ..ledger.series import Dated, Series
from ..measures import MEASURES
from ..panels import Tables, tables_of
from ..settings import Settings
from ..taxonomy import LabelCount
from . import ThresholdSettings

N = TypeVar("N", bound=np.generic)

Made = Literal[
    "",
    "share",
    "lift",
    "net",
    "excess",
    "through",
    "strata",
    "odds",
    "activity",
    "explained",
    "crossing",
    "read",
    "measure",
    "shift",
]
"""How an interval is made; "" where there is none."""

Terms = Mapping[str, str]

FUNCTIONS = ("log", "log2", "sqrt", "min")
"""What formulas may call."""

_NAME = re.compile(r"[A-Za-z_]\w*")
_CELL_FIELDS: Terms = {"n_ab": "n_joint", "n_a": "n_given", "n_b": "n_outcome", "N": "n_units"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """One calculation: `formula` over names, and the path in the finding of each name and of the value and its ends.

    A path is field names and places joined by points; "#" is how many there are ("leading.0.n_joint", "tried.#").
    Without `value` the formula gives it. `what` names the words for it, `names` the categories (or unit, item) it is
    about. Names that are in `terms` and not in the formula are counts that stand beside it.
    """

    what: str
    formula: str
    terms: Terms = field(default_factory=dict)
    value: str = ""
    ends: tuple[str, str] | None = None
    made: Made = ""
    names: tuple[str, ...] = ()


def names_in(formula: str) -> tuple[str, ...]:
    """Return the names that a formula takes numbers for, in order.

    >>> names_in("log2(N * n_ab / (n_a * n_b))")
    ('N', 'n_ab', 'n_a', 'n_b')
    """
    return tuple(dict.fromkeys(name for name in _NAME.findall(formula) if name not in FUNCTIONS))


def cell_recipe(path: str, cell: Cell, measure: str = "conditional") -> Recipe:
    """Return how a cell's value is made; without its counts (published values) only where the value stands."""
    start = f"{path}." if path else ""
    formula = MEASURES[measure].in_counts if cell.n_joint is not None else "value"
    terms = {name: start + _CELL_FIELDS[name] for name in names_in(formula) if name in _CELL_FIELDS}
    ends = (f"{start}low", f"{start}high") if cell.low is not None else None
    made: Made = "read" if cell.n_joint is None else "share" if measure == "conditional" else "measure"
    return Recipe(
        "cell", formula, terms, f"{start}value", ends, made if ends is not None else "", (cell.given, cell.outcome)
    )


def cell_recipes(name: str, cells: Sequence[Cell], measure: str = "conditional") -> Iterator[Recipe]:
    """Yield how the values of the cells in a field are made."""
    return (cell_recipe(f"{name}.{place}", cell, measure) for place, cell in enumerate(cells))


Strength = Literal["strong", "moderate", "weak"]
Scale = Literal["share", "ratio", "value"]

COUNTINGS = ("parts", "whole")
"""Keys of `Numbers.alternatives` that count links otherwise: in parts or wholly, the links being the same."""


_LEFTOVER = frozenset(
    {
        *("other", "others", "other answer", "unknown", "misc", "miscellaneous", "unclassified", "rest"),
        *("none", "none of these", "none of the above", "n/a", "na", "not applicable"),
        *("don't know", "do not know", "dk", "can't say", "not sure", "unsure"),
        *("prefer not to say", "prefer not to answer", "rather not say", "refused", "refusal"),
        *("no answer", "no response", "not answered", "not stated", "not specified", "missing"),
    }
)


def is_leftover(category: str) -> bool:
    """Return whether a category is named as a residual one: other answers, or none.

    >>> is_leftover("Other"), is_leftover(" Don’t know "), is_leftover("(none of these)"), is_leftover("Otter")
    (True, True, True, False)
    """
    return category.casefold().replace("’", "'").strip(" ()[].-–/") in _LEFTOVER


@dataclass(frozen=True, slots=True)
class KeyNumber:
    """The number that a finding goes by: what it is about (categories, an item), its value and interval.

    `exact`: counted or read, not estimated. `steps`: by how many steps what is known of it makes it weaker. `step`: how
    strong it is (0 to 2) where no threshold judges the number. `plain`: it has no strength, since it describes the data
    or is a refusal. `trials`: of how many a share without an interval is one, for its standard error. `judged`: the
    share that its strength is judged by, where that is another: the excess over chance.
    """

    about: tuple[str, ...]
    value: float | None
    scale: Scale = "share"
    low: float | None = None
    high: float | None = None
    exact: bool = False
    steps: int = 0
    judged: Estimate | None = None
    step: int | None = None
    plain: bool = False
    trials: float | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """A sentence: the block of the kind's template that words it, and what the block may name beside the finding, f."""

    block: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One typed observation. Each kind is a subclass in a file of its own, with its numbers as fields.

    `id` holds the kind and the categories it is about, never a rank or number, so that it stays the same
    while the numbers move. `cells` are the panels' cells that it rests on. `null` findings say that
    something was looked for and not found. `strength` is that of `finders.py`, None for null findings, refusals and
    kinds that only describe the data. A kind says which number it goes by and what its numbers are worked out from.
    """

    kind: ClassVar[str]
    thresholds: ClassVar[tuple[str, ...]] = ()
    """The fields of ThresholdSettings or InferenceSettings, or of its kind's own settings, that its words rest on."""
    interface: ClassVar[int | None] = None
    """The version of docs/extending.md that it was written for; None for the program's own kinds."""

    id: str
    cells: tuple[CellRef, ...] = ()
    null: bool = False
    strength: Strength | None = None

    def records(self, *names: str) -> Iterator[tuple[str, Any]]:
        """Yield the records that some of its fields hold, each with its path."""
        for name in names:
            yield from ((f"{name}.{place}", one) for place, one in enumerate(getattr(self, name)))

    def number(self) -> KeyNumber | None:
        """Return the number that its strength, tables and comparisons go by; None for a kind that has none."""
        return None

    def tells(self) -> Iterator[Telling]:
        """Yield the sentences of its observation, for a kind of another package."""
        yield Telling("observation")

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from; unless a kind says more, its numbers as they stand."""
        for field_ in fields(self):
            value = getattr(self, field_.name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield Recipe("number", field_.name, {}, field_.name, names=(field_.name,))


@dataclass(frozen=True, eq=False)
class Numbers:
    """One relation after counting: nothing of the engine is left in it. A history keeps it.

    `alternatives` hold the tables of the other units (links only); `recounts` the relation as it would be with
    something otherwise (`default_changes`); `labels` those of records. `types` are the units by the raw labels of
    their items, None where no snapshot is kept, or where there are too many. `dated` says when units came, where a
    series by a date is asked for.

    `tally` is what rows of records stand for, where that is several.

    What snapshots do not keep: `series`, the relation at several times, once that is known; `behind`, the names of the
    first units of each cell.
    """

    name: str
    tables: Tables = field(metadata={"kept": "incidence"})
    coverage: Coverage
    contributors: Contributors
    alternatives: dict[str, Tables]
    recounts: Mapping[Change, Incidence]
    labels: tuple[LabelCount, ...]
    notes: tuple[Note, ...]
    types: ItemTypes | None
    dated: Dated | None = None
    series: Series | None = field(default=None, repr=False)
    tally: Tally | None = field(default=None, metadata=IF_SET)
    behind: Behind = field(default_factory=dict, repr=False)
    memo: dict[Change, Tables] = field(default_factory=dict, repr=False)
    """What findings and claims work out of the recounts, each when it is first asked for, once for all."""

    @classmethod
    def alone(
        cls, name: str, tables: Tables, coverage: Coverage, contributors: Contributors = NO_CONTRIBUTORS
    ) -> Numbers:
        """Return a relation of which nothing was counted otherwise."""
        return cls(name, tables, coverage, contributors, {}, {}, (), (), None)

    def without(self, change: Change) -> Tables | None:
        """Return the relation without what a change leaves out (or filed otherwise); None where it was not counted."""
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
    """A relation as findings read it, with the panels that show it in this figure. R rows are its row side.

    `contained` are categories whose items are nearly all in others too, so that what they meet are mostly the same
    items. `leftover` are categories of what no other takes in, such as "Other": nothing is told of them first.
    """

    numbers: Numbers
    form: Literal["links", "shared", "records"]
    panels: tuple[Panel, ...]
    contained: frozenset[str] = frozenset()
    thresholds: ThresholdSettings = field(default_factory=ThresholdSettings)
    inference: InferenceSettings = field(default_factory=InferenceSettings)
    leftover: frozenset[str] = frozenset()
    others: Mapping[str, Settings | None] = field(default_factory=dict)
    """The kinds of other packages that are looked for, each with its options."""

    @property
    def tables(self) -> Tables:
        """All tables of the relation."""
        return self.numbers.tables

    @property
    def coverage(self) -> Coverage:
        """What its units were made from, and what was left out."""
        return self.numbers.coverage

    @property
    def by_unit(self) -> Mapping[str, Tables]:
        """The same data counted by other units: `alternatives` without those that count links otherwise."""
        return {name: tables for name, tables in self.numbers.alternatives.items() if name not in COUNTINGS}

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
        """The counts (R, C) that base rates make: within strata where these are declared."""
        counts = self.tables.counts
        return counts.expected if counts.expected_within is None else counts.expected_within

    @property
    def diagonal(self) -> bool:
        """Whether row and column categories are the same and may agree."""
        return self.tables.same_taxonomy and not self.tables.incidence.trivial_diagonal

    @property
    def withheld(self) -> Bools:
        """The cells (R, C) that are withheld for confidentiality, of which nothing may be said, not even "none"."""
        withheld = self.tables.withheld
        return np.zeros(self.joint.shape, dtype=np.bool_) if withheld is None else withheld

    def panel(self, name: str) -> Panel:
        """Return a panel by its id."""
        return next(panel for panel in self.panels if panel.id == name)

    def is_turned(self, panel: Panel) -> bool:
        """Return whether a panel has the relation's columns as what is given."""
        return panel.given != self.tables.incidence.rows.kind

    def as_shown(self, panel: Panel, numbers: NDArray[N]) -> NDArray[N]:
        """Return numbers of rows by columns (R, C) as a panel has them, given x outcome; or those of a panel back."""
        return numbers.T if self.is_turned(panel) else numbers

    def sides(self, panel: Panel, given: str, outcome: str) -> tuple[str, str]:
        """Return the categories of a panel's cell as row and column; or row and column as the panel has them."""
        return (outcome, given) if self.is_turned(panel) else (given, outcome)

    def refs(self, row: str, column: str) -> tuple[CellRef, ...]:
        """Return where a pair of row and column category stands in each panel."""
        return tuple(CellRef(panel.id, *self.sides(panel, row, column)) for panel in self.panels)


def mirrored(panels: Iterable[Panel]) -> Iterator[tuple[Panel, Panel]]:
    """Yield each two panels that reverse each other, once, the first of them first."""
    by_id = {panel.id: panel for panel in panels}
    seen: set[frozenset[str]] = set()
    for panel in by_id.values():
        mirror = by_id.get(panel.mirror or "")
        if mirror is not None and (both := frozenset((panel.id, mirror.id))) not in seen:
            seen.add(both)
            yield panel, mirror


def part_of(n: float, whole: float) -> float | None:
    """Return n / whole, None where there is no whole."""
    return n / whole if whole else None


def finding_key(figure: str, relation: str, finding: str) -> str:
    """Return the name of a finding that no other one of the report has."""
    return f"{figure}/{relation}/{finding}"


def slug(*names: str) -> str:
    """Return names as the part of an id: lower-case words and hyphens, other letters kept.

    >>> slug("Time Series", "NLP")
    'time-series.nlp'
    """
    return ".".join(re.sub(r"[^\w]+", "-", name.lower()).strip("-") or "category" for name in names)
