"""Settings of tables of the Hub: which listing, where it stands, and what is taken from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ..settings import Names, Settings

HubKind = Literal["models", "datasets"]
HUB_KINDS: tuple[HubKind, ...] = ("models", "datasets")

FOLDER = "data/hub"
"""Where `diptych fetch hub` writes, and where a source looks, unless told otherwise."""

COLUMNS: Mapping[HubKind, tuple[str, ...]] = MappingProxyType(
    {
        "models": ("id", "author", "pipeline_tag", "tags", "card", "likes", "downloads", "created", "private"),
        "datasets": ("id", "author", "tags", "card", "likes", "downloads", "created", "private"),
    }
)
"""What a table is made from; a snapshot may call these otherwise."""


def _date(value: object) -> object:
    """Return a date in ISO form as such; ValueError in our words for anything else."""
    if isinstance(value, dt.date) or value is None:
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f'needs a date such as 2026-08-01, not "{value}"') from None


class HubFilter(Settings):
    """Which part of the Hub's listing is meant; nothing given is all of it."""

    author: str | None = Field(default=None, min_length=1)
    """Only of this user or organisation."""
    tags: Names = ()
    """Only with all of these tags."""
    since: Annotated[dt.date | None, BeforeValidator(_date, json_schema_input_type=dt.date | None)] = None
    """Only created on this day or later."""
    limit: int | None = Field(default=None, ge=1)
    """At most so many, the newest."""


class HubColumns(Settings):
    """What a snapshot calls its columns, where not as the Hub does."""

    id: str | None = None
    """The repository's name, owner/name."""
    author: str | None = None
    """The owner; else the name's part before /."""
    pipeline_tag: str | None = None
    """The task that the Hub shows."""
    tags: str | None = None
    """All tags: a list, or its JSON."""
    card: str | None = None
    """The card's metadata: JSON, or a struct."""
    likes: str | None = None
    """How many like it."""
    downloads: str | None = None
    """How often it was downloaded."""
    created: str | None = None
    """When it was created."""
    private: str | None = None
    """Whether it is private; it is then left out."""

    @property
    def named(self) -> dict[str, str]:
        """Our name -> the snapshot's, of those that are given."""
        return {ours: theirs for ours, theirs in self if theirs is not None}


class HubTable(Settings):
    """A table of the Hub: `folder` has it, written by `diptych fetch hub`; or it is made of a snapshot's files.

    `card`: whether the card's metadata are read
    too, beside the tags.
    """

    kind: HubKind
    folder: str = FOLDER
    filter: HubFilter | None = None
    snapshot: str | None = None
    revision: str | None = None
    columns: HubColumns = HubColumns()
    card: bool = True

    @property
    def name(self) -> str:
        """What messages call it: the address of the snapshot, or the file in the folder."""
        return self.snapshot or f"{self.folder}/{self.kind}.parquet"
