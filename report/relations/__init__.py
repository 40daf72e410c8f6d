"""Settings of relations, and the terms of a relation shared by the engine and the ledger.

The other modules of this package turn declared relations into tables.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, RootModel, model_validator

from ..cells import Kind, Unit
from ..settings import Label, Names, Ordered, Settings, as_list, whole
from ..sources import SourceSettings
from ..taxonomy.categorise import CategorisedItems


class EndSettings(Settings):
    """One end of links: the entity, the column that names it, and its label if an entity is linked with itself.

    Without a table of links, exactly one end has a `column`, which is a column of that end's own table. The item of the
    row is that end, and the column names items of the other end.
    """

    entity: str
    """The entity at this end."""
    column: str | None = None
    """The column that names items of this entity; without a source, the list column of this entity."""
    separator: str | None = Field(default=None, min_length=1)
    """The text between names in one field, unless the column contains lists."""
    prefix: str | None = Field(default=None, min_length=1)
    """Keeps only names that start with this prefix, and removes it."""
    label: Label = ()
    """The name of this end, if an entity is linked with itself. A list of two has its plural too."""


WhereValue = Annotated[
    tuple[str | None, ...], BeforeValidator(as_list, json_schema_input_type=str | tuple[str | None, ...] | None)
]
"""Allowed values of a column; None means an empty field."""


class LinkSettings(Settings):
    """Links in a table of their own, or in a list column of one of the two entities (then without `source`)."""

    source: SourceSettings | None = None
    """The table of links; without it, links come from the list column of one entity."""
    from_: EndSettings = Field(alias="from")
    """The entity at which links start: the row side of the relation."""
    to: EndSettings
    """The entity at which links end: the column side."""
    where: dict[str, WhereValue] = Field(default_factory=dict)
    """Only rows in which a column has this value, or one of several; null is an empty field."""
    weight: str | None = None
    """The column with the link's weight, with unit: link."""


class SharedSettings(Settings):
    """Two entities whose items are linked if they share the value of `key`, an attribute of both."""

    key: str
    """The attribute (or column) of both entities."""
    entities: tuple[str, str]
    """The two entities, or one entity twice."""


def _bins(value: object) -> object:
    """Return cut points as a tuple of numbers, given as texts or numbers; any other value as it is."""
    return tuple(value) if isinstance(value, list) else value


def _increasing(bins: str | tuple[float, ...]) -> str | tuple[float, ...]:
    """Reject numbers that do not increase."""
    if isinstance(bins, tuple) and any(second <= first for first, second in pairwise(bins)):
        raise ValueError("needs numbers in increasing order, such as [18, 30, 45]")
    return bins


Bins = Annotated[
    Literal["quartiles", "years", "months"] | Annotated[tuple[float, ...], Field(min_length=1, max_length=100)],
    AfterValidator(_increasing),
    BeforeValidator(_bins, json_schema_input_type=Literal["quartiles", "years", "months"] | tuple[float, ...]),
]
"""How numbers or dates are divided: by a name, or at some numbers."""


class RecordSideSettings(Settings):
    """One side of a record: a column of labels, or a list of columns, one per option.

    The field of an option shows whether a row has the option (`selected_values`), or how many units have it
    (`count: values`).
    """

    column: str | Annotated[tuple[str, ...], Field(min_length=1)]
    """The column with this side's raw labels. Or a list: the columns of options, one per option, in which * matches
    any text in the names of columns that are not used otherwise."""
    separator: str | None = Field(default=None, min_length=1)
    """The text between labels in one field, unless the column contains lists; list: the fields are lists as text."""
    prefix: str | None = Field(default=None, min_length=1)
    """Keeps only labels that start with this prefix, and removes it."""
    lookup: SourceSettings | None = None
    """A file that maps codes to labels, in its columns code and label."""
    selected_values: Names = ()
    """The text or texts that mark an option as chosen, or not empty. A row with other answers only has no option: it
    counts, without a category."""
    label: Label = ()
    """The name of this side on the axis. A list of two has its plural too: [Class, classes]."""
    phrase: str | None = Field(default=None, pattern=r"^[^\s{}]+ [^{}]*\{\}[^{}]*$")
    """A verb phrase for several units with a category, with {} for the category, such as: come from {}."""
    taxonomy: str | None = None
    """The taxonomy to use, if there are several."""
    ordered: Ordered = False
    """Whether its labels are in order, as in a taxonomy. A list needs labels that are categories themselves."""
    bins: Bins | None = None
    """For a column of numbers or dates, which then needs no taxonomy: quartiles, years, months, or a list of numbers at
    which bins begin, such as [18, 30, 45]. Bins are in order."""
    blank: str | None = Field(default=None, min_length=1)
    """The category of rows with an empty field, such as No answer. Without it, they have no label. With
    selected_values: the category of rows without a chosen option, such as None of these."""
    missing: Names = ()
    """Codes of missing answers, such as [98, 99, refused]. Rows with these have no label, and are counted."""

    @property
    def field(self) -> str | None:
        """The column with labels, or None if each option has a column of its own."""
        return self.column if isinstance(self.column, str) else None

    @property
    def is_recoded(self) -> bool:
        """Whether fields are changed before labels are read."""
        return self.bins is not None or self.blank is not None or bool(self.missing)

    @property
    def is_wide(self) -> bool:
        """Whether each option has a column of its own."""
        return not isinstance(self.column, str)

    @property
    def is_counted(self) -> bool:
        """Whether fields count the units with an option, rather than mark that a row has it."""
        return self.is_wide and not self.selected_values


VALUES = "values"
"""The `count` of records whose fields are counts, as in a matrix of sites by species."""

NOT_EMPTY = "not empty"
"""The value of `selected_values` if any text in a field means that the option was chosen."""


class RecordSettings(Settings):
    """Records: each row of the source is a unit with labels on both sides. `label` is the name of a row in text."""

    source: SourceSettings
    """The table of records."""
    rows: RecordSideSettings
    """The labels of one side."""
    columns: RecordSideSettings = Field(default_factory=lambda: RecordSideSettings(column=""))
    """The labels of the other side. Without it, the labels of one side are counted with each other: which options of a
    question go together."""
    label: Label = ("record",)
    """The name of a record in text. A list of two has its plural too."""
    where: dict[str, WhereValue] = Field(default_factory=dict)
    """Only rows in which a column has this value, or one of several; null is an empty field."""
    count: str | None = None
    """The column with the number of units in a row: whole numbers (for the importance of a row, use weight). Or values,
    if the fields of one side's columns are counts."""
    empty: Annotated[Literal[0], BeforeValidator(whole)] | None = None
    """0: an empty count is 0. By default an empty count is an error."""
    independent: bool = False
    """Whether records are known to be independent, also those with the same id, or with count the units of one row."""
    weight: str | None = None
    """The column with the record's weight, if records differ in importance; for the number of units, use count."""
    chosen_among: int | None = Field(default=None, ge=2)
    """The number of pairs of columns among which this one was chosen because it is associated. The report says so."""

    @model_validator(mode="before")
    @classmethod
    def _with_itself(cls, value: object) -> object:
        return value | {"columns": value["rows"]} if isinstance(value, dict) and "columns" not in value else value

    @property
    def is_with_itself(self) -> bool:
        """Whether the labels of one side are counted with each other."""
        return self.rows == self.columns

    @property
    def ticked_sides(self) -> tuple[str, ...]:
        """The sides whose options each have a column that marks whether a row has them."""
        sides = {"rows": self.rows, "columns": self.columns}
        return tuple(name for name, side in sides.items() if side.is_wide and not side.is_counted)

    @property
    def in_cells(self) -> Literal["rows", "columns"] | None:
        """The side whose fields count the units with each option, or None."""
        sides: tuple[Literal["rows", "columns"], ...] = ("rows", "columns")
        return next((side for side in sides if self.count == VALUES and getattr(self, side).is_counted), None)


class MatrixSettings(RootModel[dict[str, SourceSettings]]):
    """Published matrices without counts: a file for each panel id, wide or long."""


RelationForm = Literal["links", "shared", "records", "matrix"]
FORMS: tuple[RelationForm, ...] = get_args(RelationForm)
"""The forms of a relation."""


class RelationSettings(Settings):
    """A relation between two entities: exactly one of links, shared, records and matrix.

    `unit`, for links: each `to` item is counted once with all categories of its `from` items (default), or each `from`
    item, or each link. `group`: columns or attributes of the unit's side (of the links for unit link, of the source for
    records) that are shared by units that are not independent. `strata`: the same, or `activity`. `label_reversed` is
    the label in the other direction ("trained on": "used for").
    """

    label: str | None = None
    """The name of the relation in text: trained on."""
    label_reversed: str | None = None
    """The same in the other direction: used for."""
    links: LinkSettings | None = None
    """A table of pairs, or a list column of one entity."""
    shared: SharedSettings | None = None
    """Items are linked if they share the value of a key."""
    records: RecordSettings | None = None
    """Each row has labels on both sides."""
    matrix: MatrixSettings | None = None
    """Published values without counts: a file for each panel, by panel id."""
    unit: Literal["link", "from", "to"] = "to"
    """The unit of counting for links: each to item, each from item, or each link."""
    population: Literal["either", "both", "labelled"] | None = None
    """shared: items on either side or on both; links and records: labelled leaves out items without a category."""
    explains: Literal["rows", "columns"] | None = None
    """The side whose categories are compared in every sentence: rows or columns. Default: the side that is the same
    within groups, else the side with one category for each unit, else the rows."""
    complete: bool = False
    """Whether the data contain all units that the report is about, as a census does, and are no sample. Shares in
    sentences then have no intervals, and the method says what intervals and tests mean."""
    group: Names = ()
    """Columns whose values are shared by units that are not independent; intervals are clustered by them."""
    strata: Names = ()
    """Columns (or activity) within which expected counts are computed before they are added up."""

    @property
    def form(self) -> RelationForm:
        """The form of the relation, one of four."""
        return next(form for form in FORMS if getattr(self, form) is not None)


PrivateName = Literal["unit", "group", "stratum"]
"""A kind of thing whose names must not be published."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SideTerms:
    """One side of a relation, shared by the engine and the ledger.

    `kind` is the name of the side in panels, and `entity` the name of its items: one entity may be on both sides.
    `found` has their labels and categories. `n_nameless` records left the field empty. `weight_scale` is the factor
    that made the weights of items whole numbers, None without weights; weights count only if the item is the unit.
    `private`: no name of an item may be published.
    """

    kind: Kind
    entity: str
    found: CategorisedItems
    n_nameless: int = 0
    weight_scale: int | None = None
    private: bool = False

    @property
    def name(self) -> str:
        """The name of the side in panels."""
        return self.kind.name

    @property
    def taxonomy(self) -> str:
        """The name of the taxonomy of its items."""
        return self.found.taxonomy.name


@dataclass(frozen=True, eq=False, kw_only=True)
class Terms:
    """The units of a relation and the items and links that did not become units. See `Coverage` too.

    The engine and the ledger share these terms. `counts` is the condition for a unit to count: items on "both" sides,
    on "either", or a category on both ("labelled"), which is checked after categories are counted. `carriers` is the
    side whose items can be named as contributors to a cell. It is None if no item can (a shared key: an item has one
    key; a record: its labels are its own). Weights are whole numbers: the weights in the config times `weight_scale`,
    which is None without weights.

    `n_resolved` distinct links match an item at both ends (records: have labels on both sides), and `n_unresolved` do
    not. Both are 0 for a shared key, and `n_resolved` is None if it follows from the uses of units. `n_candidates`
    units could count (None: the number of links). If units are items, `n_named` of these have any link, even to an
    unknown name (None: no items are counted). If an entity is linked to itself, only these items could count, and
    `n_itself` links lead from an item to itself. `undeclared` is the sign that units depend on each other although no
    group is declared (see `dependence`), so that nothing is tested. `private` lists which names of units, groups
    and strata must not be published.
    """

    relation: str
    unit: Unit
    group_names: tuple[str, ...] = ()
    stratum_names: tuple[str, ...] = ()
    weight_scale: int | None = None
    trivial_diagonal: bool = False
    undeclared: str = ""
    counts: Literal["both", "either", "labelled"] = "both"
    carriers: Literal["rows", "columns"] | None = None
    n_resolved: int | None = 0
    n_unresolved: int = 0
    n_candidates: int | None = None
    n_named: int | None = None
    n_itself: int = 0
    private: frozenset[PrivateName] = frozenset()

    @property
    def grouped(self) -> bool:
        """Whether units are grouped."""
        return bool(self.group_names)


def shared(made: Terms | SideTerms, of: type[Terms | SideTerms]) -> dict[str, Any]:
    """Return the fields that a joined relation and its ledger, or a side of each, have in common."""
    return {field.name: getattr(made, field.name) for field in fields(of)}
