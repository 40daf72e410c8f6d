"""Tables of the Hub: which listing, where it stands, and what the Hub says -> the columns that configs name.

| models | datasets | |
|---|---|---|
| id, author | id, author | `author`: the owner, which is the id's part before `/` where the Hub does not say |
| pipeline_tag | | the one task that the Hub shows |
| tasks | task_categories | all tasks: of models the pipeline tag and the tags that are tasks |
| tags | tags | as they are |
| datasets | | ids of datasets: from `dataset:` tags and the card's `datasets` |
| base_models | | ids of models: from `base_model:` tags and the card's `base_model` |
| base_model_kinds | | the same with how: `finetune:owner/name`; adapter, merge, quantized |
| likes, downloads, created | likes, downloads, created | whole numbers, and a date |

Lists are sorted and name nothing twice. What is private is left out, even where a token may see it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo

from ...api import FetchError, Names, Opens, Settings, SourceKeys, did_you_mean, listed

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


def _of_fetched(value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - whatever YAML has
    """Refuse a key that is of what `diptych fetch hub` has written."""
    if value is not None and info.data.get("snapshot") is not None:
        raise ValueError("is of what diptych fetch hub has written; it does not go with snapshot")
    return value


def _of_snapshot(value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401
    """Refuse a key that is of a snapshot where there is none, and a revision that the address has too."""
    if value is not None and "snapshot" in info.data and info.data["snapshot"] is None:
        raise ValueError("goes with snapshot: the address of the published file")
    return value


class HubTable(SourceKeys):
    """A table of the Hub: `folder` has it, written by `diptych fetch hub`; or it is made of a snapshot's files."""

    kind: HubKind = Field(alias="hub")
    """A table of the Hub: models or datasets (docs/hub.md)."""
    snapshot: Annotated[str | None, Opens("address")] = Field(default=None, min_length=1)
    """The hf:// address of published Parquet files to make it of, instead of a folder."""
    folder: Annotated[str | None, Opens("folder"), BeforeValidator(_of_fetched)] = Field(default=None, min_length=1)
    """Where diptych fetch hub has written it; data/hub unless given."""
    filter: Annotated[HubFilter | None, BeforeValidator(_of_fetched)] = None
    """Which part of the Hub it must hold; it is an error where another was fetched."""
    revision: Annotated[str | None, BeforeValidator(_of_snapshot)] = Field(default=None, min_length=1)
    """The snapshot's branch, tag or commit; a commit never changes."""
    columns: Annotated[HubColumns, BeforeValidator(_of_snapshot)] = HubColumns()
    """What the snapshot calls its columns, where not as the Hub does."""
    card: bool = True
    """Whether the metadata of cards are read too, beside the tags."""

    @property
    def name(self) -> str:
        """What messages call it: the address of the snapshot, or the file in the folder."""
        return self.snapshot or f"{self.place}/{self.kind}.parquet"

    @property
    def place(self) -> str:
        """The folder where `diptych fetch hub` writes it, relative to the config."""
        return self.folder or FOLDER

    @property
    def is_local(self) -> bool:
        """Whether it is a file that `diptych fetch hub` has written."""
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
"""Tags of a model that are tasks: those of npm @huggingface/tasks 0.21.54, and the retired text2text-generation.

Not `conversational`, which was a task once: the Hub now tags every model so that has a chat template, whatever its
tasks. A pipeline tag counts whether it stands here or not.
"""

USUAL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "card": ("cardData", "card_data"),
        "created": ("createdAt", "created_at"),
    }
)
"""What the Hub calls a column, where not as we do; the first that is there counts."""

_LABELS: Mapping[HubKind, tuple[str, ...]] = MappingProxyType(
    {"models": ("pipeline_tag", "tags"), "datasets": ("tags", "card")}
)
"""Without any of these nothing could be filed."""


@dataclass(frozen=True)
class Chosen:
    """Our name of a column -> what its file calls it, for those that are there; and the names of those that are not.

    `read`: the SQL of each column as it is read.
    """

    columns: Mapping[str, str]
    read: Mapping[str, str]
    absent: tuple[str, ...]


def choose(kind: HubKind, there: Mapping[str, str], named: Mapping[str, str], *, card: bool, subject: str) -> Chosen:
    """Choose what to read of a table whose columns are `there` (name -> type).

    `named`: what the config calls them, our name -> theirs. Raises FetchError where a named column, the ids or all
    labels are not there; other columns may lack, and new ones do not count.
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
    """Return the SQL of the table, from a relation (SQL of one) with the chosen columns."""
    read = ", ".join(f"{sql} as {ours}" for ours, sql in chosen.read.items())
    made = ", ".join(f"{sql} as {name}" for name, sql in _made(kind, chosen.read))
    public = " and not coalesce(private, false)" if "private" in chosen.read else ""
    return f"select {made} from (select {read} from {relation}) where id is not null and id <> ''{public}"  # noqa: S608


def _raw(ours: str, theirs: str, type_: str, subject: str) -> str:
    """Return the SQL of a column as it is read, whatever its type."""
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
    """Yield the columns of the table, and the SQL of each from the columns that were read."""
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
    """Return the SQL of what follows a prefix in the tags that begin with it."""
    marked = f"list_filter(tags, lambda t: starts_with(t, '{prefix}'))"
    return f"list_transform({marked}, lambda t: substr(t, {len(prefix) + 1}))"


def _of_card(key: str) -> str:
    """Return the SQL of the texts under a key of the card: one, a list of them, or none."""
    several = f"list_filter(json_extract_string(card, '$.{key}[*]'), lambda t: t[1] not in ('{{', '['))"
    single = f"[json_extract_string(card, '$.{key}')]"
    return f"case json_type(card, '$.{key}') when 'ARRAY' then {several} when 'VARCHAR' then {single} else [] end"


def _joined(*lists: str | bool) -> str:
    """Return the SQL of several lists as one; False for a list that there is none of."""
    given = [sql for sql in lists if isinstance(sql, str)]
    if not given:
        return "cast([] as varchar[])"
    return f"list_sort(list_distinct(list_filter(list_concat({', '.join(given)}), lambda t: t <> '')))"
