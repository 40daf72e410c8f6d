"""Settings of relations (DESIGN section 3): how two kinds meet, and what is counted."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, RootModel, model_validator

from ..settings import Names, Settings
from ..sources.settings import SourceSettings


class EndSettings(Settings):
    """One end of links: the entity, the column that names it, and how text calls it in a same-kind relation.

    Without a table of links, exactly one end has a `column`: it stands in that end's own table, the item itself
    is that end, and what the column holds names items of the other.
    """

    entity: str
    column: str | None = None
    separator: str | None = Field(default=None, min_length=1)
    prefix: str | None = Field(default=None, min_length=1)
    label: str | None = None
    plural: str | None = None


WhereValue = Annotated[
    tuple[str | None, ...],
    BeforeValidator(
        lambda v: v if isinstance(v, list | tuple) else [v],
        json_schema_input_type=str | tuple[str | None, ...] | None,
    ),
]
"""A column must equal one of these; None stands for an empty field."""


class LinkSettings(Settings):
    """Links in a table of their own, or in a list column of one of the two entities (then no `source`)."""

    source: SourceSettings | None = None
    from_: EndSettings = Field(alias="from")
    to: EndSettings
    where: dict[str, WhereValue] = Field(default_factory=dict)
    weight: str | None = None


class SharedSettings(Settings):
    """Two kinds meet where their items share the value of `key`, an attribute of both."""

    key: str
    entities: tuple[str, str]


class RecordSideSettings(Settings):
    """One side of a record: a column of labels."""

    column: str
    separator: str | None = Field(default=None, min_length=1)
    prefix: str | None = Field(default=None, min_length=1)
    label: str | None = None
    plural: str | None = None
    taxonomy: str | None = None


class RecordSettings(Settings):
    """Each row of the source is a unit that carries labels on both sides. `label` is what text calls a row."""

    source: SourceSettings
    rows: RecordSideSettings
    columns: RecordSideSettings
    label: str = "record"
    plural: str | None = None
    where: dict[str, WhereValue] = Field(default_factory=dict)
    weight: str | None = None


class MatrixSettings(RootModel[dict[str, SourceSettings]]):
    """Published matrices without counts: a file for each panel id, wide or long."""


class RelationSettings(Settings):
    """How two kinds meet; exactly one of links, shared, records and matrix.

    `unit`, of links: each `to` item once with all categories of its `from` items (default), each `from`
    item, or each link. `group`: columns or attributes of the unit's side (of the links, for unit link;
    of the source, for records) that units share so that they are not independent. `strata`: the same, or
    `activity`. `inverse_label` is the label read backwards ("trained on": "used for").
    """

    label: str | None = None
    inverse_label: str | None = None
    links: LinkSettings | None = None
    shared: SharedSettings | None = None
    records: RecordSettings | None = None
    matrix: MatrixSettings | None = None
    unit: Literal["link", "from", "to"] = "to"
    counting: Literal["full", "fractional"] = "full"
    population: Literal["either", "both", "labelled"] | None = None
    group: Names = ()
    strata: Names = ()

    @property
    def form(self) -> Literal["links", "shared", "records", "matrix"]:
        """Which of the four forms the relation has."""
        for form in ("links", "shared", "records", "matrix"):
            if getattr(self, form) is not None:
                return form
        raise AssertionError("validated: one form is given")

    def dated_by(self, column: str) -> DatedRelationSettings:
        """Return the settings with a column, or attribute of the unit's side, that says when a unit came."""
        return DatedRelationSettings.model_construct(**dict(self), dated=column)

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = [f for f in ("links", "shared", "records", "matrix") if getattr(self, f) is not None]
        if len(forms) != 1:
            given = ", ".join(forms) or "none of them"
            raise ValueError(f"needs exactly one of links, shared, records, matrix; it has {given}")
        return self


class DatedRelationSettings(RelationSettings):
    """A relation whose units carry a date, from the column or attribute `dated`, looked up as groups and strata are.

    No config has it: `snapshots: {by: ...}` makes it of the relations that it finds.
    """

    dated: str
