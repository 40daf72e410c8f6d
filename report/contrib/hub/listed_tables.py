"""Tables of the Hub: filters of the listing, the place of the table, and conversion to the columns used in configs.

| models | datasets | |
|---|---|---|
| id, author | id, author | `author`: the owner, or the id's part before `/` if the Hub gives none |
| pipeline_tag | | the one task that the Hub shows |
| tasks | task_categories | all tasks: of models the pipeline tag and the tags that are tasks |
| tags | tags | as they are |
| datasets | | ids of datasets: from `dataset:` tags and the card's `datasets` |
| base_models | | ids of models: from `base_model:` tags and the card's `base_model` |
| base_model_kinds | | the same with how: `finetune:owner/name`; adapter, merge, quantized |
| likes, downloads, created | likes, downloads, created | whole numbers, and a date |

Lists are sorted and have no duplicates. Private items are left out, even if a token has access to them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

import duckdb
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from ...confine import OpensPath
from ...errors import FetchError, did_you_mean, listed
from ...settings import Names, Settings
from ...sources.addresses import ORIGIN_KEY, Origin, SourceKeys
from ...sources.engine import CONFIG, literal

HubKind = Literal["models", "datasets"]
HUB_KINDS: tuple[HubKind, ...] = ("models", "datasets")

FOLDER = "data/hub"
"""Default folder for `diptych fetch hub` and for sources."""

COLUMNS: Mapping[HubKind, tuple[str, ...]] = MappingProxyType(
    {
        "models": ("id", "author", "pipeline_tag", "tags", "card", "likes", "downloads", "created", "private"),
        "datasets": ("id", "author", "tags", "card", "likes", "downloads", "created", "private"),
    }
)
"""Columns from which a table is made. A snapshot may use other names."""


def _date(value: object) -> object:
    """Return a date from its ISO form. Raises ValueError with our own message for anything else."""
    if isinstance(value, dt.date) or value is None:
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f'needs a date such as 2026-08-01, not "{value}"') from None


class HubFilter(Settings):
    """Filter for the Hub's listing. Without settings, it selects the whole listing."""

    author: str | None = Field(default=None, min_length=1)
    """Only items of this user or organisation."""
    tags: Names = ()
    """Only items with all of these tags."""
    since: Annotated[dt.date | None, BeforeValidator(_date, json_schema_input_type=dt.date | None)] = None
    """Only items created on this day or later."""
    limit: int | None = Field(default=None, ge=1)
    """Maximum number of items. The newest are used."""


def _of_fetched(value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - whatever YAML has
    """Reject a key that only applies to tables from `diptych fetch hub`."""
    if value is not None and info.data.get("snapshot") is not None:
        raise ValueError("is of what diptych fetch hub has written; it does not go with snapshot")
    return value


def _of_snapshot(value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401
    """Reject a snapshot key without a snapshot."""
    if value is not None and "snapshot" in info.data and info.data["snapshot"] is None:
        raise ValueError("goes with snapshot: the address of the published file")
    return value


def _of_hub(named: dict[str, str]) -> dict[str, str]:
    """Reject names that are no columns of the Hub."""
    known = COLUMNS["models"]
    for name in named:
        if name not in known:
            raise ValueError(f'"{name}" is not one of {listed(known, len(known))}{did_you_mean(name, known)}')
    return named


class HubTable(SourceKeys):
    """A table of the Hub: from `diptych fetch hub` in `folder`, or made from the files of a snapshot."""

    kind: HubKind = Field(alias="hub")
    """A table of the Hub: models or datasets (docs/config.md)."""
    snapshot: Annotated[str | None, OpensPath("address")] = Field(default=None, min_length=1)
    """hf:// address of published Parquet files from which the table is made, instead of a folder. A branch, tag or
    commit is written after the name: hf://datasets/OWNER/NAME@COMMIT/FILE. A commit never changes."""
    folder: Annotated[str | None, OpensPath("folder"), BeforeValidator(_of_fetched)] = Field(default=None, min_length=1)
    """Folder in which diptych fetch hub wrote the table (default: data/hub)."""
    filter: Annotated[HubFilter | None, BeforeValidator(_of_fetched)] = None
    """The part of the Hub that the table must contain. It is an error if another part was fetched."""
    columns: Annotated[dict[str, str], BeforeValidator(_of_snapshot), AfterValidator(_of_hub)] = Field(
        default_factory=dict
    )
    """Columns whose names in the snapshot differ from the Hub's: the Hub's name, and the snapshot's."""
    card: bool = True
    """Whether the metadata of cards are read in addition to the tags."""

    @property
    def name(self) -> str:
        """Return its name in messages: the address of the snapshot, or the file in the folder."""
        return self.snapshot or f"{self.place}/{self.kind}.parquet"

    @property
    def place(self) -> str:
        """Return the folder in which `diptych fetch hub` writes it, relative to the config."""
        return self.folder or FOLDER

    @property
    def is_local(self) -> bool:
        """Return whether it is a file written by `diptych fetch hub`."""
        return self.snapshot is None


TASKS = (
    *("any-to-any", "audio-classification", "audio-text-to-text", "audio-to-audio", "automatic-speech-recognition"),
    *("depth-estimation", "document-question-answering", "feature-extraction", "fill-mask", "graph-ml"),
    *("image-classification", "image-feature-extraction", "image-segmentation", "image-text-to-image"),
    *("image-text-to-text", "image-text-to-video", "image-to-3d", "image-to-image", "image-to-text", "image-to-video"),
    *("keypoint-detection", "mask-generation", "multiple-choice", "object-detection", "question-answering"),
    *("reinforcement-learning", "robotics", "sentence-similarity", "summarization", "table-question-answering"),
    *("table-to-text", "tabular-classification", "tabular-regression", "tabular-to-text", "text-classification"),
    *("text-generation", "text-ranking", "text-retrieval", "text-to-3d", "text-to-audio", "text-to-image"),
    *("text-to-speech", "text-to-video", "text2text-generation", "time-series-forecasting", "token-classification"),
    *("translation", "unconditional-image-generation", "video-classification", "video-text-to-text", "video-to-video"),
    *("visual-document-retrieval", "visual-question-answering", "voice-activity-detection", "zero-shot-classification"),
    *("zero-shot-image-classification", "zero-shot-object-detection"),
)
"""Tags of a model that are tasks: those in npm @huggingface/tasks 0.21.54, and the retired text2text-generation.

`conversational`, a former task, is not included: the Hub now adds this tag to every model with a chat template,
whatever its tasks. A pipeline tag counts even if it is not in this list.
"""

USUAL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "card": ("cardData", "card_data"),
        "created": ("createdAt", "created_at"),
    }
)
"""The Hub's names for a column if they differ from ours. The first one present is used."""

_LABELS: Mapping[HubKind, tuple[str, ...]] = MappingProxyType(
    {"models": ("pipeline_tag", "tags"), "datasets": ("tags", "card")}
)
"""Columns with labels; without any of these, nothing could be classified."""


@dataclass(frozen=True)
class Chosen:
    """Our name of a column -> its name in the file, for columns that exist; and the names of missing columns.

    `read` is the SQL that reads each column.
    """

    columns: Mapping[str, str]
    read: Mapping[str, str]
    absent: tuple[str, ...]


def choose(kind: HubKind, there: Mapping[str, str], named: Mapping[str, str], *, card: bool, subject: str) -> Chosen:
    """Choose the columns to read from a table that has the columns `there` (name -> type).

    `named` are the names in the config, our name -> the table's name. Raises FetchError if a named column, the ids or
    all labels are missing. Other columns may be missing, and unknown columns are ignored.
    """
    wanted = [column for column in COLUMNS[kind] if card or column != "card"]
    faults = [
        f'{subject}: has no column "{theirs}"; it has {listed(list(there))}{did_you_mean(theirs, there)}'
        for theirs in named.values()
        if theirs not in there
    ]
    found: dict[str, str] = {}
    for column in wanted:
        names = (named[column],) if column in named else USUAL.get(column, (column,))
        theirs = next((name for name in names if name in there), None)
        if theirs is not None:
            found[column] = theirs
    if not faults and "id" not in found:
        faults.append(
            f"{subject}: has no column id; it has {listed(list(there))}; say which it is (columns: {{id: …}})"
        )
    if not faults and not set(_LABELS[kind]) & found.keys():
        either = " or ".join(_LABELS[kind])
        faults.append(f"{subject}: has no column {either}, so nothing says what these {kind} are for")
    if faults:
        raise FetchError(*faults)
    absent = tuple(column for column in wanted if column not in found and column != "private")
    return Chosen(found, {ours: _raw(ours, theirs, there[theirs], subject) for ours, theirs in found.items()}, absent)


def mapped(kind: HubKind, relation: str, chosen: Chosen) -> str:
    """Return the SQL of the table from a relation (as SQL) with the chosen columns."""
    read = ", ".join(f"{sql} as {ours}" for ours, sql in chosen.read.items())
    made = ", ".join(f"{sql} as {name}" for name, sql in _made(kind, chosen.read))
    public = " and not coalesce(private, false)" if "private" in chosen.read else ""
    return f"select {made} from (select {read} from {relation}) where id is not null and id <> ''{public}"  # noqa: S608


def _raw(ours: str, theirs: str, type_: str, subject: str) -> str:
    """Return the SQL that reads a column of any type."""
    column = '"' + theirs.replace('"', '""') + '"'
    if ours == "tags":
        return _list(column, theirs, type_, subject)
    if ours == "card":
        return f"try_cast({column} as json)" if type_ in ("VARCHAR", "JSON") else f"to_json({column})"
    if ours in ("likes", "downloads"):
        return f"try_cast({column} as bigint)"
    if ours == "created":
        return f"try_cast(substr(cast({column} as varchar), 1, 10) as date)"
    if ours == "private":
        return f"try_cast({column} as boolean)"
    return f"cast({column} as varchar)"


def _list(column: str, theirs: str, type_: str, subject: str) -> str:
    if type_ in ("VARCHAR", "JSON"):
        texts = f"cast(cast({column} as json) as varchar[])"
    elif type_.endswith("[]") and not type_.startswith("STRUCT"):
        texts = f"cast({column} as varchar[])"
    elif type_ == '"NULL"':
        texts = "cast([] as varchar[])"
    else:
        raise FetchError(f'{subject}: the column "{theirs}" holds {type_}; a list of texts is needed')
    return f"coalesce(list_filter({texts}, lambda t: t is not null and t <> ''), [])"


def _made(kind: HubKind, raw: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the columns of the table, and the SQL of each from the columns read."""
    yield "id", "id"
    owner = "case when contains(id, '/') then split_part(id, '/', 1) end"
    yield "author", f"coalesce(nullif(author, ''), {owner})" if "author" in raw else owner
    tagged, carded = "tags" in raw, "card" in raw
    if kind == "models":
        yield from _of_models(raw, tagged=tagged, carded=carded)
    else:
        yield "task_categories", _joined(tagged and _after("task_categories:"), carded and _of_card("task_categories"))
    for name in ("tags", "likes", "downloads", "created"):
        if name in raw:
            yield name, name


def _of_models(raw: Mapping[str, str], *, tagged: bool, carded: bool) -> Iterator[tuple[str, str]]:
    tasks = ", ".join(f"'{task}'" for task in TASKS)
    shown = "pipeline_tag" in raw and "case when pipeline_tag <> '' then [pipeline_tag] else [] end"
    if "pipeline_tag" in raw:
        yield "pipeline_tag", "nullif(pipeline_tag, '')"
    yield "tasks", _joined(shown, tagged and f"list_filter(tags, lambda t: list_contains([{tasks}], t))")
    if not tagged and not carded:
        return
    yield "datasets", _joined(tagged and _after("dataset:"), carded and _of_card("datasets"))
    bases = _after("base_model:")
    ids = f"list_transform({bases}, lambda t: split_part(t, ':', -1))"
    yield "base_models", _joined(tagged and ids, carded and _of_card("base_model"))
    kinds = f"list_filter({bases}, lambda t: contains(t, ':'))"
    how = "json_extract_string(card, '$.base_model_relation')"
    said = f"list_transform({_of_card('base_model')}, lambda t: {how} || ':' || t)"
    yield "base_model_kinds", _joined(tagged and kinds, carded and f"list_filter({said}, lambda t: t is not null)")


def _after(prefix: str) -> str:
    """Return the SQL of the remainder of all tags that start with a prefix."""
    marked = f"list_filter(tags, lambda t: starts_with(t, '{prefix}'))"
    return f"list_transform({marked}, lambda t: substr(t, {len(prefix) + 1}))"


def _of_card(key: str) -> str:
    """Return the SQL of the texts under a key of the card: one, a list of them, or none."""
    several = f"list_filter(json_extract_string(card, '$.{key}[*]'), lambda t: t[1] not in ('{{', '['))"
    single = f"[json_extract_string(card, '$.{key}')]"
    return f"case json_type(card, '$.{key}') when 'ARRAY' then {several} when 'VARCHAR' then {single} else [] end"


def _joined(*lists: str | bool) -> str:
    """Return the SQL of several lists as one; False marks a list that does not exist."""
    given = [sql for sql in lists if isinstance(sql, str)]
    if not given:
        return "cast([] as varchar[])"
    return f"list_sort(list_distinct(list_filter(list_concat({', '.join(given)}), lambda t: t <> '')))"


class HubOrigin(Origin):
    """The origin of a table of the Hub: the table, the filter of the listing, and the server's time."""

    kind: HubKind | None = None
    filter: HubFilter | None = None
    listed: str | None = None


_UNIQUE = "qualify row_number() over (partition by id order by {columns}) = 1"


@dataclass(frozen=True)
class HubFile:
    """A table that was written.

    `n_repeated` rows were left out because their id had occurred before. `absent` lists missing columns.
    """

    path: Path
    origin: Origin | None
    n_rows: int
    n_repeated: int = 0
    absent: tuple[str, ...] = ()


def open_database(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection that fetches nothing itself, preserves the order of rows, and spills into a folder."""
    config = {**CONFIG, "python_enable_replacements": False, "temp_directory": str(folder)}
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("set TimeZone = 'UTC'")
    return connection


def write_rows(
    database: duckdb.DuckDBPyConnection,
    queries: Sequence[str],
    folder: Path,
    target: Path,
    origin: Origin | None,
    subject: str,
) -> HubFile:
    """Write the rows of successive queries into a file, each id once, with their origin if given.

    Raises FetchError if there are no rows, or if the data do not match their column types.
    """
    made = folder / "table.parquet"
    query = " union all by name ".join(f"({query})" for query in queries)
    try:
        _copy(database, query, made, origin)
        (n_rows, n_ids), *_ = database.execute(
            "select count(*), count(distinct id) from read_parquet(?)", [str(made)]
        ).fetchall()
        if n_ids < n_rows:
            names = [row[0] for row in database.execute(f"describe {query}").fetchall()]
            _copy(database, f"select * from ({query}) {_UNIQUE.format(columns=', '.join(names))}", made, origin)  # noqa: S608
    except duckdb.OutOfMemoryException:
        raise FetchError(f"{subject}: this machine has too little memory to read it") from None
    except duckdb.Error as error:
        reason = str(error).split("\n")[0].split(" Error: ", 1)[-1]
        raise FetchError(f"{subject}: cannot be read ({reason}); fetch it again, or ask who publishes it") from error
    if not n_rows:
        raise FetchError(f"{subject}: has no rows")
    made.replace(target)  # atomic
    return HubFile(target, origin, n_ids, n_rows - n_ids)


def _copy(database: duckdb.DuckDBPyConnection, query: str, path: Path, origin: Origin | None) -> None:
    said = "" if origin is None else f", kv_metadata {{{ORIGIN_KEY}: {literal(origin.text())}}}"
    database.execute(f"copy ({query}) to {literal(str(path))} (format parquet, compression zstd{said})")
