"""The items of declared entities with their categories, kept in the engine: the input of relations.

No id is missing or repeated. Aliases are replaced before anything is counted, and a note lists ids that look like two
spellings of one thing.
"""

from __future__ import annotations

import datetime as dt
import re
import string
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ..cells import Kind
from ..errors import HIDDEN_IN_LOGS, DataError, Note, listed, may_quote, raise_if_any
from ..formats import count
from ..progress import tell
from ..sources import EntitySettings, SourceSettings
from ..sources.engine import Engine, Frame, has_rows, stripped, with_hash
from ..sources.faults import check_length
from ..sources.files import Table, open_table, require_columns
from ..taxonomy import LabelCount, Taxonomy, kind_of
from ..taxonomy.categorise import CategorisedItems
from .hidden import TextOrigin, hidden_ids, hidden_note, rows_of_long_texts
from .labels import field_form, pairs_in, read_labels

_OWN = ("date", "weight")

NUMBER = "number of the item"
"""The column of `Items.items` that numbers them."""


@dataclass(frozen=True, eq=False)
class Items:
    """The items of one entity with their categories.

    `items` has one row per item: `id` (text, aliases applied, unique, never null), NUMBER (its position in sorted ids,
    from 0) and the attributes that relations need, by config name and by column name. It is kept in the engine, which
    joins and sorts numbers much faster than ids. `table` has `id` and all columns that links in this table need,
    without numbers. `found` has the labels and categories of each item, by its number. `years` (a,) is the year of each
    item, -1 if it has no valid date, or None if items are not dated. `private`: no id may be published.
    """

    name: str
    kind: Kind
    items: Frame
    table: Frame
    found: CategorisedItems
    years: NDArray[np.int32] | None = None
    aliases: dict[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    private: bool = False

    @property
    def n_items(self) -> int:
        """The number of items."""
        return self.found.n_items

    @property
    def labels(self) -> tuple[LabelCount, ...]:
        """The raw labels, by decreasing number of items."""
        return self.found.labels


def read_items(  # noqa: PLR0913 - one argument for each choice
    name: str,
    entity: EntitySettings,
    taxonomy: Taxonomy,
    engine: Engine,
    base: Path,
    *,
    wanted: Collection[str] = (),
    for_links: Collection[str] = (),
    public: bool = True,
) -> Items:
    """Return the items of an entity with their categories.

    Each `wanted` name is a column of `Items.items`, as are `date` and `weight` if declared. A name that only links need
    (`for_links`) is a column of `Items.table`. A name that is neither an attribute nor a column is left out, since it
    may be a column of links. `public`: ids, and labels that no rule lists, may be published. Raises `DataError` with
    all errors.
    """
    where = f"entities.{name}"
    table, aliases, attributes = _open(where, entity, engine, base, {*wanted, *for_links})
    raw, known = _rows(table, entity, aliases, attributes, engine)
    rows = engine.keep(one_row_each(known)) if aliases else known
    numbers = engine.keep(_numbered(rows))
    near = _near(numbers, engine)
    if aliases or _seem_faulty(numbers, near, engine):
        with rows_of_long_texts(entity.source or SourceSettings(), base, [entity.id], f"{where}.id", engine.limits):
            _check_ids(raw, engine, f"{where}.id", table.name, named=may_quote(public=public))
    columns = {name: nw.col(_inner(name)).alias(name) for name in attributes}
    own = [column for name, column in columns.items() if name in wanted or name in _OWN]
    items = engine.keep(rows.join(numbers, on="id").select("id", NUMBER, *own))
    of_table = items if len(own) == len(columns) else rows.select("id", *columns.values())
    n_items = engine.count(items)
    forms = [(f"label_{n}", field_form(how, f"{where}.labels", engine, base)) for n, how in enumerate(entity.labels)]
    carrying = engine.keep(known.join(numbers, on="id").select(*(column for column, _ in forms), key=nw.col(NUMBER)))
    hidden = hidden_ids(numbers, engine)
    engine.forget(numbers)
    source = _source(entity)
    labels = TextOrigin(name, source, base, tuple(how.column for how in entity.labels), public=public)
    with rows_of_long_texts(source or SourceSettings(), base, labels.columns, f"{where}.labels", engine.limits):
        found = read_labels(carrying, forms, np.ones(n_items, dtype=np.int8), taxonomy, engine, labels)
    notes = (
        *hidden_note(hidden, TextOrigin(name, source, base, (entity.id,), public=public), ("id", "ids")),
        *taxonomy.notes,
        *alias_notes(known, n_items, aliases, engine, name, public=public),
        *_near_note(near, name, public=public),
    )
    for frame in (carrying, *((raw, known, rows) if of_table is items else ())):
        engine.forget(frame)
    tell(f"{name}: {count(n_items)} items")
    return Items(
        name=name,
        kind=kind_of(name, entity.label),
        items=items,
        table=of_table,
        found=found,
        years=years_of(items, n_items, engine) if "date" in columns else None,
        aliases=aliases,
        notes=(*notes, *found.notes),
        private=not public,
    )


def years_of(items: Frame, n_items: int, engine: Engine) -> NDArray[np.int32]:
    """Return the year of each item, -1 if it has no valid date."""
    date = nw.col("date").cast(nw.String)
    iso = date.str.contains(r"^[0-9]{4}(-|\z)").fill_null(value=False)
    year = nw.when(iso).then(date.str.slice(0, 4)).otherwise(nw.lit("-1")).cast(nw.Int32)
    found = engine.arrays(items.select(nw.col(NUMBER), year=year))
    years = np.empty(n_items, dtype=np.int32)
    years[found[NUMBER]] = found["year"]
    return years


_ISO = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def newest(items: Items, engine: Engine) -> dt.date | None:
    """Return the newest declared date of an entity's items, ignoring values that are not ISO dates."""
    if "date" not in items.items.collect_schema().names():
        return None
    days = items.items.select(day=nw.col("date").cast(nw.String).str.slice(0, 10)).group_by("day").agg()
    iso = [day for day in engine.columns(days)["day"] if day is not None and _ISO.fullmatch(day)]
    try:
        return dt.date.fromisoformat(max(iso, default=""))
    except ValueError:
        return None


def _rows(
    table: Table, entity: EntitySettings, aliases: Mapping[str, str], attributes: Mapping[str, str], engine: Engine
) -> tuple[Frame, Frame]:
    """Return the raw rows, not kept if reading by column is cheaper than keeping, and the rows with their ids."""
    raw = table.frame.select(
        nw.col(entity.id).cast(nw.String).alias("raw_id"),
        *(nw.col(how.column).alias(f"label_{number}") for number, how in enumerate(entity.labels)),
        *(nw.col(column).alias(_inner(attribute)) for attribute, column in attributes.items()),
    )
    raw = raw if table.by_column and not aliases else engine.keep(raw)
    return raw, apply_aliases(raw, aliases, engine)


def _numbered(items: Frame) -> Frame:
    """Return each id with its number; only ids are sorted, not the other columns."""
    numbered = items.select("id").with_row_index(NUMBER, order_by="id")
    return numbered.with_columns(nw.col(NUMBER).cast(nw.Int32))


def _inner(attribute: str) -> str:
    """Return the internal name of an attribute next to our own columns, which are plain words."""
    return f"attribute {attribute}"


def _open(
    where: str, entity: EntitySettings, engine: Engine, base: Path, wanted: Collection[str]
) -> tuple[Table, dict[str, str], dict[str, str]]:
    """Return the table, alias -> id, and attribute -> column; `DataError` with all errors in them."""
    source = _source(entity, where)
    messages: list[str] = []
    aliases: dict[str, str] = {}
    try:
        aliases = read_aliases(entity.aliases, f"{where}.aliases", engine, base)
    except DataError as error:
        messages += error.messages
    try:
        table = open_table(source, base, engine, where_declared=f"{where}.source")
    except DataError as error:
        raise DataError(*error.messages, *messages) from None
    columns = {entity.id: f"{where}.id"} | {how.column: f"{where}.labels" for how in entity.labels}
    columns |= {column: f"{where}.{attribute}" for attribute, column in entity.attributes.items()}
    messages = require_columns(table, columns) + messages
    attributes = _attributes(entity, table, wanted)
    messages += _clashes(where, attributes)
    raise_if_any(messages)
    return table, aliases, attributes


def _source(entity: EntitySettings, where: str = "") -> SourceSettings:
    if entity.source is None:
        raise DataError(f"{where}: has no source, so it can only name the axes of a published matrix")
    return entity.source


def _attributes(entity: EntitySettings, table: Table, wanted: Collection[str]) -> dict[str, str]:
    """Return attribute -> column for relations, coverage and weights, sorted by name."""
    own = {name for name in _OWN if name in entity.attributes}
    asked = {name: entity.column(name) for name in sorted({*wanted, *own} - {"id"})}
    return {name: column for name, column in asked.items() if column in table.columns}


def _clashes(where: str, attributes: Mapping[str, str]) -> list[str]:
    """Return a message for each pair of names that an engine cannot distinguish."""
    folded: dict[str, str] = {"id": "id"}
    messages = [
        f'{where}: a column cannot be called "{NUMBER}" here; rename it' for name in attributes if name == NUMBER
    ]
    for name in attributes:
        other = folded.setdefault(name.casefold(), name)
        if other != name:
            messages.append(f'{where}: the names "{other}" and "{name}" differ in case alone; call one otherwise')
    return messages


_NAMED = 10
_PUNCTUATION = r"[^\pL\pN]+"
_PERHAPS = "[^a-z0-9]"
"""Possible punctuation. It is searched first, since compiling an expression for all letters is slow."""

_COMMON = "-_./"
"""Punctuation that most ids have. Removing it separately takes a third of the time of the expression."""


def _seem_faulty(numbers: Frame, near: Sequence[str], engine: Engine) -> bool:
    """Return whether `_check_ids` may find an error, given ids that nearly match.

    It is much faster: texts that are empty except for white space sort before "!".
    """
    odd = nw.col("id").is_null() | (nw.col("id") < "!") | _is_long(nw.col("id"), engine)
    return len(set(near)) < len(near) or has_rows(numbers.filter(odd), engine)


def _is_long(texts: nw.Expr, engine: Engine) -> nw.Expr:
    return texts.str.len_chars() > engine.limits.characters


def _check_ids(rows: Frame, engine: Engine, where: str, file: str, *, named: bool) -> None:
    """Raise DataError for rows without an id, repeated ids and long ids in the column `raw_id`.

    The message names the ids if `named`.
    """
    raw = nw.col("raw_id")
    long = engine.columns(rows.filter(_is_long(raw, engine)).select("raw_id").head(1))["raw_id"]
    check_length(long, engine.limits, f"{where}: {file}", quoted=named)
    absent = raw.is_null() | (stripped(raw) == "")
    found = engine.columns(rows.group_by("raw_id").agg(n=nw.len().cast(nw.Int64)).filter(absent | (nw.col("n") > 1)))
    faulty = dict(zip(found["raw_id"], found["n"], strict=True))
    repeated = sorted(id_ for id_ in faulty if id_ is not None and id_.strip(string.whitespace))
    n_absent = sum(faulty.values()) - sum(faulty[id_] for id_ in repeated)
    messages = []
    if n_absent:
        messages.append(f"{where}: {file} has {n_absent:,} of {engine.count(rows):,} rows without an id")
    if n_ids := len(repeated):
        which = listed([f'"{id_}" ({faulty[id_]:,} rows)' for id_ in repeated[:_NAMED]], _NAMED, n=n_ids)
        said = f": {which}" if named else f" ({HIDDEN_IN_LOGS})"
        count = "1 id" if n_ids == 1 else f"{n_ids:,} ids"
        messages.append(f"{where}: {file} has {count} in more than one row{said}; give each item one row")
    raise_if_any(messages)


def _near(items: Frame, engine: Engine) -> list[str]:
    """Return the ids that match another id apart from case and punctuation, with repetitions."""
    small = nw.col("id").str.to_lowercase()
    small = small.str.replace_all("ς", "σ", literal=True)  # some engines use the Greek final sigma
    for mark in _COMMON:
        small = small.str.replace_all(mark, "", literal=True)
    fold = nw.col("fold")
    rest = nw.when(fold.str.contains(_PERHAPS)).then(fold.str.replace_all(_PUNCTUATION, "")).otherwise(fold)
    folded = with_hash(items.select("id", fold=small).with_columns(fold=rest), "hash", "fold")
    several = folded.group_by("hash").agg(n=nw.len()).filter(nw.col("n") > 1)
    hashes = engine.columns(several)["hash"]
    if not hashes:
        return []
    alike = folded.join(engine.load({"hash": hashes}, ["hash"]), on="hash", how="inner")
    return list(engine.columns(alike.select("id"))["id"])


def _near_note(near: Sequence[str], name: str, *, public: bool) -> tuple[Note, ...]:
    """Return a note if ids differ only in case and punctuation, with their number and, if public, ten pairs."""
    pairs = _pairs(near)
    if not pairs:
        return ()
    named = listed([f'"{one}" and "{other}"' for one, other in pairs], _NAMED)
    count = "1 pair of ids is" if len(pairs) == 1 else f"{len(pairs):,} pairs of ids are"
    said = f": {named}" if public else ""
    message = f"{name}: {count} equal but for case and punctuation{said}; list those that mean one item under aliases"
    return (Note("near_ids", name, message),)


def _pairs(ids: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of ids that fold to the same text, sorted.

    >>> _pairs(["ImageNet-1k", "imagenet1k", "v1.0", "v10"])
    [('ImageNet-1k', 'imagenet1k')]
    """
    groups: dict[str, list[str]] = {}
    for id_ in sorted(ids):
        groups.setdefault(_fold(id_), []).append(id_)
    return sorted(pair for fold, group in groups.items() if fold for pair in combinations(group, 2))


def _fold(id_: str) -> str:
    """Return an id without case and punctuation, except punctuation between two digits: 1.0 is not 10."""
    small = re.sub(r"(?<=\d)[\W_]+(?=\d)", ".", id_.lower())
    return re.sub(r"(?<!\d)[\W_]+|[\W_]+(?!\d)", "", small)


def read_aliases(declared: Mapping[str, str] | str, where: str, engine: Engine, base: Path) -> dict[str, str]:
    """Return alias -> id, from the config or from a file with the columns `alias` and `id`.

    Raises `DataError` for an invalid file, and for an alias of two ids, of itself, or of another alias.
    """
    pairs: Collection[tuple[str, str]] = () if isinstance(declared, str) else declared.items()
    if isinstance(declared, str):
        table = open_table(SourceSettings(path=(declared,)), base, engine, where_declared=where)
        pairs = pairs_in(table, ("alias", where), ("id", where), engine)
    aliases: dict[str, str] = {}
    messages = []
    for alias, id_ in pairs:
        if aliases.setdefault(alias, id_) != id_:
            messages.append(f'{where}: {declared} says that "{alias}" stands for "{aliases[alias]}" and for "{id_}"')
    for alias, id_ in aliases.items():
        if alias == id_:
            messages.append(f'{where}: "{alias}" stands for itself')
        elif aliases.get(id_) == alias:
            if alias < id_:
                messages.append(f'{where}: "{alias}" and "{id_}" stand for each other')
        elif id_ in aliases:
            messages.append(f'{where}: "{alias}" stands for "{id_}", which itself stands for another id; name that one')
    raise_if_any(messages)
    return aliases


def apply_aliases(rows: Frame, aliases: Mapping[str, str], engine: Engine) -> Frame:
    """Return the rows with `id`, the id for each row's `raw_id`, and `own`, 1 if the two are equal."""
    raw = nw.col("raw_id")
    if not aliases:
        return rows.with_columns(id=raw, own=nw.lit(1, dtype=nw.Int64))
    table = engine.load({"raw_id": list(aliases), "stands_for": list(aliases.values())})
    known = rows.join(table, on="raw_id", how="left")
    own = nw.when(nw.col("stands_for").is_null()).then(nw.lit(1, dtype=nw.Int64)).otherwise(nw.lit(0, dtype=nw.Int64))
    return engine.keep(known.with_columns(id=nw.coalesce("stands_for", "raw_id"), own=own).drop("stands_for"))


def one_row_each(rows: Frame) -> Frame:
    """Return one row per `id`: its own, or the row of its first alias if only aliases have rows."""
    first = nw.when(nw.col("own") == 0).then(nw.col("raw_id")).min()
    chosen = rows.group_by("id").agg(has_own=nw.col("own").max(), first=first)
    kept = rows.join(chosen, on="id", how="inner")
    alone = (nw.col("has_own") == 0) & (nw.col("raw_id") == nw.col("first"))
    return kept.filter((nw.col("own") == 1) | alone).drop("has_own", "first")


def alias_notes(
    rows: Frame, n_items: int, aliases: Mapping[str, str], engine: Engine, name: str, *, public: bool = True
) -> tuple[Note, ...]:
    """Return notes on aliases of ids without a row, which are named if public, and on merged rows."""
    if not aliases:
        return ()
    targets = engine.load({"raw_id": sorted(set(aliases.values()))})
    present = set(engine.columns(targets.join(rows.select("raw_id"), on="raw_id", how="inner"))["raw_id"])
    unknown = sorted(f'"{id_}"' for id_ in set(aliases.values()) - present)
    n_merged = engine.count(rows) - n_items
    notes = []
    if unknown:
        verb = "an id that no row has" if len(unknown) == 1 else f"{len(unknown):,} ids that no row has"
        said = f": {listed(unknown, _NAMED)}" if public else ""
        notes.append(Note("unknown_alias", name, f"entities.{name}.aliases: aliases of {verb}{said}"))
    if n_merged:
        count = "1 row was" if n_merged == 1 else f"{n_merged:,} rows were"
        message = f"{name}: {count} merged into the items of which they are aliases; the items keep all labels"
        notes.append(Note("merged_aliases", name, message))
    return tuple(notes)
