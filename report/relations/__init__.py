"""How two kinds meet: settings of relations (DESIGN section 3), and the terms of one in the engine and in its ledger.

The files beside this one make tables of what is declared.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, RootModel, model_validator

from ..cells import Kind, Unit
from ..settings import Names, Respected, Settings, as_list, whole
from ..sources import LookupSettings, SourceSettings
from ..taxonomy.categorise import Categorised


class EndSettings(Settings):
    """One end of links: the entity, the column that names it, and how text calls it in a same-kind relation.

    Without a table of links, exactly one end has a `column`: it stands in that end's own table, the item itself
    is that end, and what the column holds names items of the other.
    """

    entity: str
    """The entity at this end."""
    column: str | None = None
    """The column that names its items; without a source, the list column of this entity."""
    separator: str | None = Field(default=None, min_length=1)
    """What stands between names in one field, unless the column holds lists."""
    prefix: str | None = Field(default=None, min_length=1)
    """Keeps only names that begin so, and cuts it off."""
    label: str | None = None
    """What this end is called, where a kind is linked with itself."""
    plural: str | None = None
    """What several are called in sentences."""


WhereValue = Annotated[
    tuple[str | None, ...], BeforeValidator(as_list, json_schema_input_type=str | tuple[str | None, ...] | None)
]
"""A column must equal one of these; None stands for an empty field."""


class LinkSettings(Settings):
    """Links in a table of their own, or in a list column of one of the two entities (then no `source`)."""

    source: SourceSettings | None = None
    """The table of links; left out: the list column of one entity."""
    from_: EndSettings = Field(alias="from")
    """The kind that links start at: rows of the incidence."""
    to: EndSettings
    """The kind that links lead to: its columns."""
    where: dict[str, WhereValue] = Field(default_factory=dict)
    """Only rows in which a column has this value, or one of these; null is an empty field."""
    weight: str | None = None
    """The column with the link's weight, with unit: link."""


class SharedSettings(Settings):
    """Two kinds meet where their items share the value of `key`, an attribute of both."""

    key: str
    """The attribute (or column) that both have."""
    entities: tuple[str, str]
    """The two kinds, or one kind twice."""
    public: bool = False
    """Whether the values of the key may be published, as names of units (docs/privacy.md)."""


class RecordSideSettings(Settings):
    """One side of a record: a column of labels, or a column for each option (`columns`, or those a `pattern` finds).

    Of options the field says whether a row has them (`ticked`), or how many units have (`count: values`).
    """

    column: str | None = None
    """The column with this side's raw labels."""
    separator: str | None = Field(default=None, min_length=1)
    """What stands between labels in one field, unless the column holds lists; list: the fields are lists as text."""
    prefix: str | None = Field(default=None, min_length=1)
    """Keeps only labels that begin so, and cuts it off."""
    respect: Respected = ()
    """Brackets, quotes or both: separators within these do not split."""
    key: str | None = Field(default=None, min_length=1)
    """Where labels are objects (JSON, or written as text): the key under which the label stands."""
    lookup: LookupSettings | None = None
    """A file that says which label each code stands for."""
    columns: Names = ()
    """Instead of one column: the columns of options, one for each."""
    pattern: str | None = Field(default=None, min_length=1)
    """Instead of naming them: the columns in whose names this regular expression (RE2) is found."""
    but: Names = ()
    """Columns that the pattern finds and that are no options."""
    ticked: Names = ()
    """What stands in an option's column where it was chosen: a text or several, or not empty."""
    label: str | None = None
    """What stands on the axis."""
    plural: str | None = None
    """What several are called in sentences."""
    phrase: str | None = Field(default=None, pattern=r"^[^\s{}]+ [^{}]*\{\}[^{}]*$")
    """What several units do that have a category, {} for the category, such as: come from {}."""
    taxonomy: str | None = None
    """Which of several taxonomies applies."""

    @property
    def is_wide(self) -> bool:
        """Whether each option has a column of its own."""
        return bool(self.columns) or self.pattern is not None

    @property
    def is_counted(self) -> bool:
        """Whether fields say how many units have an option, not whether a row has it."""
        return self.is_wide and not self.ticked


VALUES = "values"
"""The `count` of records whose fields are counts, as of a matrix of sites by species."""

NOT_EMPTY = "not empty"
"""What is `ticked` where any text in a field means that the option was chosen."""


class RecordSettings(Settings):
    """Each row of the source is a unit that carries labels on both sides. `label` is what text calls a row."""

    source: SourceSettings
    """The table of records."""
    rows: RecordSideSettings
    """The labels of one side."""
    columns: RecordSideSettings
    """The labels of the other side."""
    label: str = "record"
    """What text calls a record."""
    plural: str | None = None
    """What several are called in sentences."""
    where: dict[str, WhereValue] = Field(default_factory=dict)
    """Only rows in which a column has this value, or one of these; null is an empty field."""
    count: str | None = None
    """The column that says how many units a row stands for: whole numbers (what a row is worth is its weight). Or
    values, where the fields of one side's columns do."""
    empty: Annotated[Literal[0], BeforeValidator(whole)] | None = None
    """0: an empty count is 0. Left out, it is refused."""
    independent: bool = False
    """With count: whether the units of one row are known to be independent, so that their counts are not tested."""
    weight: str | None = None
    """The column with the record's weight, where some are worth more than others; how many there are is its count."""
    public: bool = False
    """Whether the text of fields may be published: names of records, labels that no rule lists (docs/privacy.md)."""

    @property
    def in_cells(self) -> Literal["rows", "columns"] | None:
        """Which side's fields say how many units have each option; None where none does."""
        sides: tuple[Literal["rows", "columns"], ...] = ("rows", "columns")
        return next((side for side in sides if self.count == VALUES and getattr(self, side).is_counted), None)


class MatrixSettings(RootModel[dict[str, SourceSettings]]):
    """Published matrices without counts: a file for each panel id, wide or long."""


RelationForm = Literal["links", "shared", "records", "matrix"]
FORMS: tuple[RelationForm, ...] = get_args(RelationForm)
"""How two kinds may meet."""


def _columns_of(value: object) -> object:
    """Return the long form of groups or strata: a bare name or a list is their columns."""
    return {"columns": value} if isinstance(value, str | list | tuple) else value


class GroupSettings(Settings):
    """What units share so that they are not independent: often people, so private unless the config says otherwise.

    In YAML a bare name or a list is the columns.
    """

    columns: Names
    """The columns, or attributes of the unit's side."""
    public: bool = False
    """Whether the values of these columns may be published; false unless given (docs/privacy.md)."""

    _short = model_validator(mode="before")(_columns_of)


class StrataSettings(Settings):
    """Levels within which expected counts are summed: named in the report unless the config says otherwise.

    In YAML a bare name or a list is the columns.
    """

    columns: Names
    """The columns, or attributes of the unit's side, or activity."""
    public: bool = True
    """Whether the values of these columns may be published; true unless given (docs/privacy.md)."""

    _short = model_validator(mode="before")(_columns_of)


class RelationSettings(Settings):
    """How two kinds meet; exactly one of links, shared, records and matrix.

    `unit`, of links: each `to` item once with all categories of its `from` items (default), each `from`
    item, or each link. `group`: columns or attributes of the unit's side (of the links, for unit link;
    of the source, for records) that units share so that they are not independent. `strata`: the same, or
    `activity`. `inverse_label` is the label read backwards ("trained on": "used for").
    """

    label: str | None = None
    """How text calls it: trained on."""
    inverse_label: str | None = None
    """The same read backwards: used for."""
    links: LinkSettings | None = None
    """A table of pairs, or a list column of one entity."""
    shared: SharedSettings | None = None
    """Items meet where they share the value of a key."""
    records: RecordSettings | None = None
    """Each row carries labels of both kinds."""
    matrix: MatrixSettings | None = None
    """Published values without counts: a file for each panel, by its id."""
    unit: Literal["link", "from", "to"] = "to"
    """What is counted once, of links: each to item, each from item, or each link."""
    counting: Literal["full", "fractional"] = "full"
    """full, or fractional: 1 / (|A||B|) per link, with unit: link."""
    population: Literal["either", "both", "labelled"] | None = None
    """shared: either or both kinds present; links and records: labelled leaves out items without a category."""
    grouping: GroupSettings = Field(default=GroupSettings(columns=()), alias="group")
    """Columns that units share, so that they are not independent; intervals keep groups together. Their values are
    private unless given as columns and public: true."""
    group_separator: str | None = Field(default=None, min_length=1)
    """Where the group's column holds several values: what stands between them, or list. Units that share any are one
    group."""
    stratification: StrataSettings = Field(default=StrataSettings(columns=()), alias="strata")
    """Columns (or activity) within which expected counts are summed. Their values are public unless given as columns
    and public: false."""
    examples: int | None = Field(default=None, ge=0, le=1000)
    """How many units behind each cell the page names; 20 for links, else 0, unless given: units may be people."""

    @property
    def group(self) -> tuple[str, ...]:
        """The columns that make groups."""
        return self.grouping.columns

    @property
    def strata(self) -> tuple[str, ...]:
        """The columns that make strata."""
        return self.stratification.columns

    @property
    def private_levels(self) -> frozenset[PrivateName]:
        """Which of groups and strata have private names."""
        settings: tuple[tuple[PrivateName, GroupSettings | StrataSettings], ...] = (
            ("group", self.grouping),
            ("stratum", self.stratification),
        )
        return frozenset(name for name, own in settings if own.columns and not own.public)

    @property
    def n_examples(self) -> int:
        """How many units behind each cell are named."""
        return self.examples if self.examples is not None else 20 if self.links is not None else 0

    @property
    def form(self) -> RelationForm:
        """Which of the four forms the relation has."""
        return next(form for form in FORMS if getattr(self, form) is not None)

    def dated_by(self, column: str) -> DatedRelationSettings:
        """Return the settings with a column, or attribute of the unit's side, that says when a unit came."""
        return DatedRelationSettings.model_construct(**dict(self), dated=column)


class DatedRelationSettings(RelationSettings):
    """A relation whose units carry a date, from the column or attribute `dated`, looked up as groups and strata are.

    No config has it: `snapshots: {by: ...}` makes it of the relations that it finds.
    """

    dated: str


PrivateName = Literal["unit", "group", "stratum"]
"""Of which things no name may be published."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SideTerms:
    """What a side of a relation is, in the engine and in its ledger.

    `kind` is what panels call it, `entity` what the items are: one entity may stand on both sides. `found` has their
    labels and categories. `n_nameless` records left the field empty. `weight_scale` is what the weights of items were
    multiplied by, where they have any: they count where the item is the unit. `private`: no name of an item may be
    published.
    """

    kind: Kind
    entity: str
    found: Categorised
    n_nameless: int = 0
    weight_scale: int | None = None
    private: bool = False

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
    lead from an item to itself. `private` lists those of units, groups and strata whose names may not be published.
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
    private: frozenset[PrivateName] = frozenset()

    @property
    def grouped(self) -> bool:
        """Whether units come in groups."""
        return bool(self.group_names)


def shared(made: Terms | SideTerms, of: type[Terms | SideTerms]) -> dict[str, Any]:
    """Return what a meeting has in common with its ledger, or a side of it with that of the ledger, by field."""
    return {field.name: getattr(made, field.name) for field in fields(of)}
