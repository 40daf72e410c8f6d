"""Declared sources -> lazy tables of an engine; here are the settings of sources and entities (DESIGN section 3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from ..confine import Opens
from ..errors import PluginError
from ..settings import Names, Respected, Settings, as_list
from .addresses import USUAL, DownloadBounds, SourceKeys, keyed_kind, scheme_of, web_name
from .headers import MOST_ROWS as MOST_HEADERS

Encoding = Literal["utf-8", "utf-16", "latin-1", "windows-1252", "mac-roman"]
"""How text is written as bytes."""


class SourceSettings(Settings):
    """Where a table comes from. In YAML a bare text is the path; a mapping gives options.

    `path` is relative to the config file and may hold `*`, `?`, `**`, or is an address (hf://, https://); several
    paths are read one after the other and must have the same columns. `format` is taken from the ending (before
    .gz, .zst) unless given. Further keys are those of a kind of address that has its own, such as `hub`.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, object] = Field(init=False)

    path: Annotated[Names, Opens("file")] = ()
    """The file, or files of the same columns, relative to this config; *, ? and ** may stand in it. Or an address:
    hf://, https://, s3://."""
    format: str | None = None
    """The file's format, where its ending does not say."""
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    """The character between fields, unless it is a comma (tsv: a tab)."""
    quote: str | None = Field(default=None, min_length=1, max_length=1)
    """The character around fields that hold the delimiter, unless it is "."""
    encoding: Encoding = "utf-8"
    """The text's encoding."""
    bad_bytes: Literal["replace"] | None = None
    """replace: bytes that the encoding does not have become \ufffd; they are refused unless given."""
    skip: int = Field(default=0, ge=0, le=1000)
    """How many lines come before the names of the columns, such as a title (in a sheet: rows that are not empty)."""
    header: int | None = Field(default=None, ge=0, le=MOST_HEADERS)
    """How many rows have the names of the columns: one unless given, and then each name must be there once. Where it
    is given, several rows are joined, and repeated and empty names are numbered; 0: columns are called column 1 and so
    on."""
    rename: dict[str, str] = Field(default_factory=dict)
    """Columns that get another name: their name in the file, and the name that is used here."""
    null: tuple[str, ...] = ("",)
    """Texts that mean that nothing is there."""
    sheet: str | None = None
    """The sheet of a spreadsheet; the first unless given."""
    database: Annotated[str | None, Opens("database")] = Field(default=None, min_length=1)
    """Instead of a path: a file of SQLite, or a server as postgres://HOST/NAME or mysql://HOST/NAME."""
    of: str | None = Field(default=None, min_length=1, alias="table")
    """The table of the database."""
    query: str | None = Field(default=None, min_length=1)
    """Or what is asked of it, in its SQL."""

    @model_validator(mode="before")
    @classmethod
    def _from_path(cls, value: object) -> object:
        return {"path": value} if isinstance(value, str | list | tuple) else value

    @property
    def further(self) -> dict[str, object]:
        """The keys that are not those of every source."""
        return dict(self.__pydantic_extra__ or {})

    @property
    def own(self) -> SourceKeys | None:
        """The keys of a kind of address that has its own; None where there are none, or where they are wrong."""
        keys = self.further
        try:
            kind = keyed_kind(keys)
            return None if kind is None or kind.settings is None else kind.settings.model_validate(keys)
        except (PluginError, ValidationError):  # told by the checks of the config
            return None

    @property
    def is_server(self) -> bool:
        """Whether the table is elsewhere, in a database that no file holds."""
        return self.database is not None and scheme_of(self.database) is not None

    @property
    def declared(self) -> str:
        """What messages call the table as a whole."""
        if (own := self.own) is not None:
            return own.name
        if self.database is not None:
            return f"{self.database}, {'a query' if self.of is None else f'table {self.of}'}"
        return ", ".join(web_name(path) if scheme_of(path) is not None else path for path in self.path)


class LookupSettings(Settings):
    """A file that says which label each code stands for. In YAML a bare text is the file."""

    source: SourceSettings
    """The file with codes and labels."""
    code: str = "code"
    """Its column of codes."""
    label: str = "label"
    """Its column of labels."""

    @model_validator(mode="before")
    @classmethod
    def _from_source(cls, value: object) -> object:
        return {"source": value} if isinstance(value, str) else value


class LabelSettings(Settings):
    """Where an item's raw labels stand: a column, split at `separator` unless it is a list column.

    With `prefix`, only labels that begin so are kept, and the prefix is cut off.
    """

    column: str
    """The column."""
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

    @model_validator(mode="before")
    @classmethod
    def _from_column(cls, value: object) -> object:
        return {"column": value} if isinstance(value, str) else value


class EntitySettings(Settings):
    """A kind of thing: where its items stand, their ids and raw labels.

    Any further name is an attribute and gives a column (`owner: author`); relations refer to attributes by
    these names or to columns by their own. A kind that only names the axes of a bare matrix needs no source.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str] = Field(init=False)

    label: str = Field(min_length=1)
    """What one is called on the axis."""
    plural: str | None = Field(default=None, min_length=1)
    """What several are called in sentences; label in small letters with s, unless given."""
    source: SourceSettings | None = None
    """The file of the items; a kind of a published matrix needs none."""
    id: str = "id"
    """The column with the item's id."""
    labels: Annotated[
        tuple[LabelSettings, ...],
        BeforeValidator(as_list, json_schema_input_type=LabelSettings | tuple[LabelSettings, ...]),
    ] = ()
    """The column (or columns) with the item's raw labels."""
    taxonomy: str | None = None
    """Which of several taxonomies applies."""
    aliases: Annotated[dict[str, str] | str, Opens("file")] = Field(default_factory=dict)
    """Names that mean another id, or a file of them."""
    date: str | None = None
    """The column with the item's date."""
    weight: str | None = None
    """The column with the item's weight, where units are items."""
    public: bool = True
    """Whether the ids of items may be published, and labels that no rule lists; people: false (docs/privacy.md)."""

    @property
    def attributes(self) -> dict[str, str]:
        """Attribute name -> column, `date` and `weight` among them."""
        named = {"date": self.date, "weight": self.weight}
        return {**(self.__pydantic_extra__ or {}), **{k: v for k, v in named.items() if v is not None}}

    def column(self, name: str) -> str:
        """Return the column that an attribute name stands for; a name that is no attribute is a column."""
        return self.attributes.get(name, name)


Amount = Annotated[str, Field(pattern=r"^\d+(\.\d+)?\s*(KB|MB|GB|TB|KiB|MiB|GiB|TiB)$", max_length=30)]
"""An amount of memory or of data."""


def n_bytes(amount: str) -> int:
    """Return an amount in bytes.

    >>> n_bytes("1.5 MB"), n_bytes("2KiB")
    (1500000, 2048)
    """
    number, unit = re.findall(r"[\d.]+|[A-Za-z]+", amount)
    base = 1024 if "i" in unit else 1000
    return int(float(number) * base ** ("KMGT".index(unit[0]) + 1))


MOST_ROWS = 200_000_000
LONGEST_TEXT = 1_000
MOST_FILES = 10_000
MOST_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for what is read, so that a damaged or hostile input ends in a message.

    `row`: bytes of a row, or of an object of JSON. `unpacked`: bytes that an archive, a Parquet file or a query
    unpacks to; None for a hundred times the size of the file, or 256 MB where that is less. `rows`: rows of a file or
    a query. `characters`: characters of a label, an id, a date or a level of strata. `files`: files that one source
    names. `seconds`: time of one query. `memory`: bytes of memory, None for the defaults of each reader. `download`:
    what is fetched from one address.
    """

    row: int = 2**24
    unpacked: int | None = None
    rows: int = MOST_ROWS
    characters: int = LONGEST_TEXT
    files: int = MOST_FILES
    seconds: int = MOST_SECONDS
    memory: int | None = None
    download: DownloadBounds = USUAL

    def most_unpacked(self, n_packed: int) -> int:
        """Return how many bytes a file of so many may unpack to."""
        return max(100 * n_packed, 256 * 10**6) if self.unpacked is None else self.unpacked


Duration = Annotated[str, Field(pattern=r"^\d+(\.\d+)?\s*(s|min|h)$", max_length=30)]
"""A length of time."""


def n_seconds(duration: str) -> float:
    """Return a length of time in seconds.

    >>> n_seconds("90 s"), n_seconds("1.5h")
    (90.0, 5400.0)
    """
    number, unit = re.findall(r"[\d.]+|[a-z]+", duration)
    return float(number) * {"s": 1, "min": 60, "h": 3600}[unit]


class EngineSettings(Settings):
    """Which engine counts, and within which limits. Further keys are those of the engine itself.

    `row` is the most that a row of text or an object of JSON may hold, `unpacked` the most that an archive (.gz, .zst,
    .xlsx), a Parquet file or a query of SQLite may unpack to; None: a hundred times the size of the file, at least
    256 MB.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, object] = Field(init=False)

    name: str = "duckdb"
    """The engine that counts: duckdb, or that of a pack or another package (docs/engines.md)."""
    memory: Amount | None = None
    """The most memory the engine takes, such as 4GB."""
    temporary: Annotated[str | None, Opens("folder")] = None
    """The folder for what does not fit into memory."""
    threads: int | None = Field(default=None, ge=1, le=4096)
    """How many threads count."""
    row: Amount = "16MiB"
    """The most that a row of text or an object of JSON holds, such as 64MiB; 16MiB unless given."""
    unpacked: Amount | None = None
    """The most that an archive, Parquet file or query unpacks to, such as 1GB; 100 times its size unless given."""
    rows: int = Field(default=MOST_ROWS, ge=1, le=10**12)
    """The most rows of a file or of a query; 200 million unless given."""
    characters: int = Field(default=LONGEST_TEXT, ge=1, le=10**6)
    """The most characters of a label, an id or a level of strata; 1,000 unless given."""
    files: int = Field(default=MOST_FILES, ge=1, le=10**6)
    """The most files that one source names or a pattern finds; 10,000 unless given."""
    seconds: int = Field(default=MOST_SECONDS, ge=1, le=10**6)
    """The most time that one query of a database or of DuckDB takes, in seconds; 600 unless given."""

    download: Amount = "1GB"
    """The most that is fetched from one address, such as 5GB; 1GB unless given."""
    download_time: Duration = "1h"
    """The longest that fetching from one address may take, such as 90min; 1h unless given."""

    def chosen(self, model: type[Settings]) -> dict[str, object]:
        """Return those of the further keys that an engine's own settings have."""
        return {name: value for name, value in (self.__pydantic_extra__ or {}).items() if name in model.model_fields}

    @property
    def limits(self) -> Limits:
        """What is read and fetched at most."""
        return Limits(
            row=n_bytes(self.row),
            unpacked=None if self.unpacked is None else n_bytes(self.unpacked),
            rows=self.rows,
            characters=self.characters,
            files=self.files,
            seconds=self.seconds,
            memory=None if self.memory is None else n_bytes(self.memory),
            download=DownloadBounds(n_bytes(self.download), n_seconds(self.download_time)),
        )
