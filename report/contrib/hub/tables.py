"""Tables of models and datasets of the Hub: from raw columns of a snapshot or the listing to the columns for configs.

| models | datasets | |
|---|---|---|
| id, author | id, author | `author`: the owner, or the id's part before `/` if the Hub gives none |
| pipeline_tag | | the one task that the Hub shows |
| tasks | task_categories | all tasks: of models the pipeline tag and the tags that are tasks |
| tags | tags | as they are |
| datasets | | ids of datasets: from `dataset:` tags |
| base_models | | ids of models: from `base_model:` tags |
| base_model_kinds | | the same with how: `finetune:owner/name`; adapter, merge, quantized |
| likes, downloads, created | likes, downloads, created | whole numbers, and a date |

Lists are sorted and have no duplicates. Private items are left out, even if a token has access to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import duckdb

from ...errors import FetchError, listed
from ...sources.addresses import ORIGIN_KEY, Origin
from ...sources.engine import CONFIG, literal

HubKind = Literal["models", "datasets"]

_DATASETS = {
    "id": "VARCHAR",
    "author": "VARCHAR",
    "tags": "VARCHAR[]",
    "likes": "BIGINT",
    "downloads": "BIGINT",
    "createdAt": "VARCHAR",
    "private": "BOOLEAN",
}
FIELDS: Mapping[HubKind, Mapping[str, str]] = MappingProxyType(
    {"models": {**_DATASETS, "pipeline_tag": "VARCHAR"}, "datasets": _DATASETS}
)
"""Columns from which a table is made, by the Hub's names, with their types in the listing."""

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


def table_columns(kind: HubKind, there: Mapping[str, str], subject: str) -> Mapping[str, str]:
    """Return the columns to read from a snapshot that has the columns `there` (name -> type).

    Raises FetchError if the ids or all labels are missing. Other columns may be missing, and unknown columns are
    ignored.
    """
    found = {name: there[name] for name in (*FIELDS[kind], "created_at") if name in there}
    if "id" not in found:
        raise FetchError(f"{subject}: has no column id; it has {listed(list(there))}")
    if not {"pipeline_tag", "tags"} & found.keys():
        raise FetchError(f"{subject}: has no column tags, so the purpose of these {kind} is unknown")
    type_ = found.get("tags", "VARCHAR")
    if type_ not in ("VARCHAR", "JSON", '"NULL"') and (not type_.endswith("[]") or type_.startswith("STRUCT")):
        raise FetchError(f'{subject}: the column "tags" holds {type_}; a list of texts is needed')
    return found


def mapped(kind: HubKind, relation: str, columns: Mapping[str, str]) -> str:
    """Return the SQL of the table from a relation (as SQL) that has the columns (name -> type)."""
    read = ", ".join(f"{_raw(name, type_)} as {_OURS.get(name, name)}" for name, type_ in columns.items())
    made = ", ".join(f"{sql} as {name}" for name, sql in _made(kind, {_OURS.get(name, name) for name in columns}))
    public = " and not coalesce(private, false)" if "private" in columns else ""
    return f"select {made} from (select {read} from {relation}) where id is not null and id <> ''{public}"  # noqa: S608


_OURS = {"createdAt": "created", "created_at": "created"}


def _raw(name: str, type_: str) -> str:
    """Return the SQL that reads a column."""
    if name == "tags":
        texts = "cast([] as varchar[])"
        if type_ != '"NULL"':
            texts = (
                "cast(cast(tags as json) as varchar[])" if type_ in ("VARCHAR", "JSON") else "cast(tags as varchar[])"
            )
        return f"coalesce(list_filter({texts}, lambda t: t is not null and t <> ''), [])"
    if name in _OURS:
        return f'try_cast(substr(cast("{name}" as varchar), 1, 10) as date)'
    types = {"likes": "bigint", "downloads": "bigint", "private": "boolean"}
    return f"try_cast({name} as {types[name]})" if name in types else f"cast({name} as varchar)"


def _made(kind: HubKind, raw: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the columns of the table, and the SQL of each from the columns read."""
    yield "id", "id"
    owner = "case when contains(id, '/') then split_part(id, '/', 1) end"
    yield "author", f"coalesce(nullif(author, ''), {owner})" if "author" in raw else owner
    if kind == "datasets":
        yield "task_categories", _joined(_after("task_categories:"))
    else:
        tasks = ", ".join(f"'{task}'" for task in TASKS)
        lists = []
        if "pipeline_tag" in raw:
            yield "pipeline_tag", "nullif(pipeline_tag, '')"
            lists.append("case when pipeline_tag <> '' then [pipeline_tag] else [] end")
        if "tags" in raw:
            lists.append(f"list_filter(tags, lambda t: list_contains([{tasks}], t))")
        yield "tasks", _joined(*lists)
    if kind == "models" and "tags" in raw:
        bases = _after("base_model:")
        yield "datasets", _joined(_after("dataset:"))
        yield "base_models", _joined(f"list_transform({bases}, lambda t: split_part(t, ':', -1))")
        yield "base_model_kinds", _joined(f"list_filter({bases}, lambda t: contains(t, ':'))")
    for name in ("tags", "likes", "downloads", "created"):
        if name in raw:
            yield name, name


def _after(prefix: str) -> str:
    """Return the SQL of the remainder of all tags that start with a prefix."""
    marked = f"list_filter(tags, lambda t: starts_with(t, '{prefix}'))"
    return f"list_transform({marked}, lambda t: substr(t, {len(prefix) + 1}))"


def _joined(*lists: str) -> str:
    """Return the SQL of several lists as one."""
    return f"list_sort(list_distinct(list_filter(list_concat({', '.join(lists)}), lambda t: t <> '')))"


_UNIQUE = "qualify row_number() over (partition by id order by {columns}) = 1"


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
) -> int:
    """Write the rows of successive queries into a file, each id once, with their origin if given. Return their number.

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
    return int(n_ids)


def _copy(database: duckdb.DuckDBPyConnection, query: str, path: Path, origin: Origin | None) -> None:
    said = "" if origin is None else f", kv_metadata {{{ORIGIN_KEY}: {literal(origin.text())}}}"
    database.execute(f"copy ({query}) to {literal(str(path))} (format parquet, compression zstd{said})")
