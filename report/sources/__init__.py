"""Settings of sources and entities, which an engine turns into lazy tables, and names of columns from header rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from ..confine import OpensPath
from ..errors import DataError, PluginError, did_you_mean, listed, raise_if_any
from ..settings import Label, Names, Settings, as_list
from .addresses import USUAL, DownloadBounds, SourceKeys, keyed_kind, scheme_of, web_name

MOST_HEADERS = 5
"""Maximum number of header rows."""

_ANSWERS = frozenset({"response", "open-ended response", "antwort", "réponse", "respuesta", "risposta"})
"""Texts below a question with a single column in exports of survey services, in lower case."""

_IMPORT = re.compile(r'\{\s*"ImportId"')


def is_import_row(row: Iterable[str]) -> bool:
    """Return whether a row contains only the import codes that Qualtrics writes below its questions."""
    filled = [field for field in row if field.strip()]
    return bool(filled) and all(_IMPORT.match(field.strip()) for field in filled)


def is_answer_word(field: str) -> bool:
    """Return whether a field only announces an answer."""
    return field.strip().casefold() in _ANSWERS


def join_headers(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return one name for each column, from one or more header rows.

    A question with several columns is written above the first of them only, so it also applies to the following
    columns.

    >>> join_headers([["Sex", "Do you own", ""], ["Response", "A car", "A bicycle"]])
    ['Sex', 'Do you own: A car', 'Do you own: A bicycle']
    """
    rows = [row for row in rows if not is_import_row(row)]
    if len(rows) < 2:
        return [field.strip() for field in rows[0]] if rows else []
    width = max(map(len, rows))
    first, *others = [[*(field.strip() for field in row), *[""] * (width - len(row))] for row in rows]
    names, question = [], ""
    for top, *below in zip(first, *others, strict=True):
        question = top or (question if any(below) else "")
        names.append(": ".join(_parts([question, *below])))
    return names


def _parts(texts: Sequence[str]) -> list[str]:
    """Return the texts that add information to the first."""
    parts: dict[str, str] = {}
    for text in texts:
        if text and not (parts and is_answer_word(text)):
            parts.setdefault(re.sub(r"[\W_]+", "", text.casefold()), text)
    return list(parts.values())


def number_names(names: Sequence[str]) -> list[str]:
    """Return distinct names: repeated names get a number each, and empty names become column N.

    Every repeated name gets a number, including the first, so that nobody uses one of them by accident.

    >>> number_names(["id", "Comments", "", "comments"])
    ['id', 'Comments (1)', 'column 3', 'comments (2)']
    """
    full = [name.strip() or f"column {n}" for n, name in enumerate(names, start=1)]
    counts = Counter(name.casefold() for name in full)
    taken = {name for name, n in counts.items() if n == 1}
    numbers: Counter[str] = Counter()
    made = []
    for name in full:
        key = name.casefold()
        chosen = name
        while counts[key] > 1 and (chosen == name or chosen.casefold() in taken):
            numbers[key] += 1
            chosen = f"{name} ({numbers[key]})"
        taken.add(chosen.casefold())
        made.append(chosen)
    return made


def renamed(name: str, columns: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """Return columns with new names. DataError for a missing name, and for two columns with one name.

    `name` is the table's name in messages.
    """
    raise_if_any(
        f'{name} has no column "{old}" to rename; it has {listed(columns)}{did_you_mean(old, columns)}'
        for old in names
        if old not in columns
    )
    found = tuple(names.get(column, column) for column in columns)
    counts = Counter(column.casefold() for column in found)
    twice = dict.fromkeys(new for new in names.values() if counts[new.casefold()] > 1)
    if twice:
        raise DataError(f"{name} has several columns called {listed(list(twice))} after rename; give each its own name")
    return found


Encoding = Literal["utf-8", "utf-16", "latin-1", "windows-1252", "mac-roman"]
"""The encoding of a text file."""


class SourceSettings(Settings):
    """The location of a table. In YAML a plain string is the path, and a mapping gives options.

    `path` is relative to the config file. It may contain `*`, `?` and `**`, or be an address (hf://, https://). Several
    paths are read in order and must have the same columns. `format` is inferred from the file ending (before .gz, .zst)
    unless given. Kinds of address with keys of their own, such as `hub`, add these keys.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, object] = Field(init=False)
    removed: ClassVar[Mapping[str, str]] = {
        "source": "a lookup is itself a source, so write its path, or its keys, directly",
        "code": "a lookup has the columns code and label; `rename` renames others",
        "label": "a lookup has the columns code and label; `rename` renames others",
    }

    path: Annotated[Names, OpensPath("file")] = ()
    """The file, or several files with the same columns, relative to this config. It may contain *, ? and **. Or an
    address: hf://, https://."""
    format: str | None = None
    """The file format, if the file ending does not show it."""
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    """The character between fields. Default: a comma (tsv: a tab)."""
    quote: str | None = Field(default=None, min_length=1, max_length=1)
    """The quote character around fields that contain the delimiter. Default: the double quote."""
    encoding: Encoding = "utf-8"
    """The encoding of the text."""
    bad_bytes: Literal["replace"] | None = None
    """replace: invalid bytes are replaced by \ufffd. By default they are an error."""
    skip: int = Field(default=0, ge=0, le=1000)
    """The number of lines before the column names, such as a title (in a sheet: rows that are not empty)."""
    header: int | None = Field(default=None, ge=0, le=MOST_HEADERS)
    """The number of rows with column names. By default there is one, and each name must be unique. If it is given,
    several rows are joined, and repeated and empty names are numbered. 0: columns are named column 1 and so on."""
    rename: dict[str, str] = Field(default_factory=dict)
    """Columns to rename: the name in the file, and the name to use here."""
    null: tuple[str, ...] = ("",)
    """Texts that mark a missing value."""
    sheet: str | None = None
    """The sheet of a spreadsheet. Default: the first."""
    database: Annotated[str | None, OpensPath("database")] = Field(default=None, min_length=1)
    """Instead of a path: an SQLite file, or a server as postgres://HOST/NAME."""
    of: str | None = Field(default=None, min_length=1, alias="table")
    """The table of the database."""
    query: str | None = Field(default=None, min_length=1)
    """Or a query in the SQL of the database."""

    @model_validator(mode="before")
    @classmethod
    def _from_path(cls, value: object) -> object:
        return {"path": value} if isinstance(value, str | list | tuple) else value

    @property
    def further(self) -> dict[str, object]:
        """The keys that only some kinds of source have."""
        return dict(self.__pydantic_extra__ or {})

    @property
    def own(self) -> SourceKeys | None:
        """The keys of a kind of address with its own keys, or None if there are none or they are invalid."""
        keys = self.further
        try:
            kind = keyed_kind(keys)
            return None if kind is None or kind.settings is None else kind.settings.model_validate(keys)
        except (PluginError, ValidationError):  # reported by the checks of the config
            return None

    @property
    def is_server(self) -> bool:
        """Whether the table is in a database server rather than in a file."""
        return self.database is not None and scheme_of(self.database) is not None

    @property
    def declared(self) -> str:
        """The name of the whole table in messages."""
        if (own := self.own) is not None:
            return own.name
        if self.database is not None:
            return f"{self.database}, {'a query' if self.of is None else f'table {self.of}'}"
        return ", ".join(web_name(path) if scheme_of(path) is not None else path for path in self.path)


class LabelSettings(Settings):
    """The source of an item's raw labels: a column, split at `separator` unless it is a list column.

    With `prefix`, only labels that start with it are kept, and the prefix is removed.
    """

    column: str
    """The column."""
    separator: str | None = Field(default=None, min_length=1)
    """The text between labels in one field, unless the column contains lists; list: the fields are lists as text."""
    prefix: str | None = Field(default=None, min_length=1)
    """Keeps only labels that start with this prefix, and removes it."""
    lookup: SourceSettings | None = None
    """A file that maps codes to labels, in its columns code and label."""

    @model_validator(mode="before")
    @classmethod
    def _from_column(cls, value: object) -> object:
        return {"column": value} if isinstance(value, str) else value


class EntitySettings(Settings):
    """A kind of item: the source of its items, their ids and raw labels.

    Any further name is an attribute and names a column (`owner: author`). Relations refer to attributes by these names,
    or to columns by their own. An entity that only names the axes of a published matrix needs no source.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str] = Field(init=False)

    label: Label
    """The name of one item, as shown on the axis. A list of two has its plural too: [Person, people]."""
    source: SourceSettings | None = None
    """The file of the items, not needed for the entities of a published matrix."""
    id: str = "id"
    """The column with the item's id."""
    labels: Annotated[
        tuple[LabelSettings, ...],
        BeforeValidator(as_list, json_schema_input_type=LabelSettings | tuple[LabelSettings, ...]),
    ] = ()
    """The column (or columns) with the item's raw labels."""
    taxonomy: str | None = None
    """The taxonomy to use, if there are several."""
    aliases: Annotated[dict[str, str] | str, OpensPath("file")] = Field(default_factory=dict)
    """Names that mean another id, or a file with such names."""
    date: str | None = None
    """The column with the item's date."""
    weight: str | None = None
    """The column with the item's weight, if units are items."""

    @property
    def attributes(self) -> dict[str, str]:
        """Attribute name -> column, including `date` and `weight`."""
        named = {"date": self.date, "weight": self.weight}
        return {**(self.__pydantic_extra__ or {}), **{k: v for k, v in named.items() if v is not None}}

    def column(self, name: str) -> str:
        """Return the column of an attribute, or the name itself if it is not an attribute."""
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
    """Limits on input, so that a damaged or hostile file ends in an error message.

    `row`: bytes of a row, or of a JSON object. An archive, a Parquet file or a query unpacks to at most `unpacked`
    times the size of the file, or `least_unpacked` bytes if that is more. `rows`: rows of a file or a query.
    `characters`: characters of a label, an id, a date or a stratum level. `files`: files that one source names.
    `seconds`: time of one query. `memory`: bytes of memory; None: the default of each reader. `download`: limits on
    one download.
    """

    row: int = 2**24
    unpacked: float = 100
    least_unpacked: float = 256 * 10**6
    rows: int = MOST_ROWS
    characters: int = LONGEST_TEXT
    files: int = MOST_FILES
    seconds: int = MOST_SECONDS
    memory: int | None = None
    download: DownloadBounds = USUAL

    def most_unpacked(self, n_packed: int) -> int:
        """Return the number of bytes that a file of `n_packed` bytes may unpack to."""
        return round(max(self.unpacked * n_packed, self.least_unpacked))

    def times(self, factor: float) -> Limits:
        """Return the limits multiplied by a factor, except for memory."""
        return replace(
            self,
            row=max(1, round(factor * self.row)),
            unpacked=factor * self.unpacked,
            least_unpacked=factor * self.least_unpacked,
            rows=max(1, round(factor * self.rows)),
            characters=max(1, round(factor * self.characters)),
            files=max(1, round(factor * self.files)),
            seconds=max(1, round(factor * self.seconds)),
            download=replace(
                self.download, n_bytes=round(factor * self.download.n_bytes), seconds=factor * self.download.seconds
            ),
        )


class EngineSettings(Settings):
    """The engine that counts, and its limits. Further keys are settings of the engine itself."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, object] = Field(init=False)
    removed: ClassVar[Mapping[str, str]] = {
        "temporary": "the system's temporary folder is used; set TMPDIR for another one"
    } | dict.fromkeys(
        ("row", "unpacked", "rows", "characters", "files", "seconds", "download", "download_time"),
        "`limits: 10` multiplies all limits on input by ten",
    )

    name: str = "duckdb"
    """The engine that counts: duckdb, or an engine from a pack or another package (docs/config.md)."""
    memory: Amount | None = None
    """The maximum memory of the engine, such as 4GB."""
    threads: int | None = Field(default=None, ge=1, le=4096)
    """The number of threads."""
    limits_: float = Field(default=1, ge=0.001, le=100, alias="limits")
    """A factor for all limits on input: 10 reads files ten times as large (docs/config.md)."""

    def chosen(self, model: type[Settings]) -> dict[str, object]:
        """Return the further keys that belong to an engine's own settings."""
        return {name: value for name, value in (self.__pydantic_extra__ or {}).items() if name in model.model_fields}

    @property
    def limits(self) -> Limits:
        """The limits on reading and fetching."""
        return Limits(memory=None if self.memory is None else n_bytes(self.memory)).times(self.limits_)
