"""Aliases: other spellings of ids, joined before anything is counted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import narwhals as nw

from ..errors import DataError, Note
from ..sources.engine import Engine, Frame
from ..sources.files import open_table, require_columns
from ..sources.settings import SourceSettings

_NAMED = 10


def read_aliases(declared: Mapping[str, str] | str, where: str, engine: Engine, base: Path) -> dict[str, str]:
    """Return alias -> id, from the config or from a file with the columns `alias` and `id`.

    Raises `DataError` for a faulty file, an alias that stands for two ids, for itself, or for another alias.
    """
    aliases, messages = _from_file(declared, where, engine, base) if isinstance(declared, str) else (declared, [])
    for alias, id_ in aliases.items():
        if alias == id_:
            messages.append(f'{where}: "{alias}" stands for itself')
        elif aliases.get(id_) == alias:
            if alias < id_:
                messages.append(f'{where}: "{alias}" and "{id_}" stand for each other')
        elif id_ in aliases:
            messages.append(f'{where}: "{alias}" stands for "{id_}", which itself stands for another id; name that one')
    if messages:
        raise DataError(*messages)
    return dict(aliases)


def _from_file(path: str, where: str, engine: Engine, base: Path) -> tuple[dict[str, str], list[str]]:
    table = open_table(SourceSettings(path=(path,)), base, engine, where_declared=where)
    messages = require_columns(table, {"alias": where, "id": where})
    if messages:
        raise DataError(*messages)
    text = [nw.col(name).cast(nw.String) for name in ("alias", "id")]
    rows = engine.collect(
        table.frame.select(*text)
        .filter(~nw.any_horizontal(nw.col("alias").is_null(), nw.col("id").is_null(), ignore_nulls=False))
        .unique()
        .sort("alias", "id")
    )
    aliases: dict[str, str] = {}
    for alias, id_ in zip(rows["alias"].tolist(), rows["id"].tolist(), strict=True):
        if alias in aliases:
            messages.append(f'{where}: {path} says that "{alias}" stands for "{aliases[alias]}" and for "{id_}"')
        aliases.setdefault(alias, id_)
    return aliases, messages


def apply_aliases(rows: Frame, aliases: Mapping[str, str], engine: Engine) -> Frame:
    """Return the rows with `id`, the id that each row's `raw_id` stands for, and `own`, 1 where that is itself."""
    raw = nw.col("raw_id")
    if not aliases:
        return rows.with_columns(id=raw, own=nw.lit(1, dtype=nw.Int64))
    table = engine.load({"raw_id": list(aliases), "stands_for": list(aliases.values())})
    known = rows.join(table, on="raw_id", how="left")
    own = nw.when(nw.col("stands_for").is_null()).then(nw.lit(1, dtype=nw.Int64)).otherwise(nw.lit(0, dtype=nw.Int64))
    return engine.keep(known.with_columns(id=nw.coalesce("stands_for", "raw_id"), own=own).drop("stands_for"))


def one_row_each(rows: Frame) -> Frame:
    """Return one row an `id`: its own, or where only aliases of it have rows, that of the first of them."""
    first = nw.when(nw.col("own") == 0).then(nw.col("raw_id")).min()
    chosen = rows.group_by("id").agg(has_own=nw.col("own").max(), first=first)
    kept = rows.join(chosen, on="id", how="inner")
    alone = (nw.col("has_own") == 0) & (nw.col("raw_id") == nw.col("first"))
    return kept.filter((nw.col("own") == 1) | alone).drop("has_own", "first")


def alias_notes(rows: Frame, aliases: Mapping[str, str], engine: Engine, name: str) -> tuple[Note, ...]:
    """Return notes on aliases of ids that no row has, and on rows that were merged."""
    if not aliases:
        return ()
    targets = engine.load({"raw_id": sorted(set(aliases.values()))})
    present = set(engine.collect(targets.join(rows.select("raw_id"), on="raw_id", how="inner"))["raw_id"])
    unknown = sorted(f'"{id_}"' for id_ in set(aliases.values()) - present)
    counts = engine.collect(rows.select(rows=nw.len().cast(nw.Int64), items=nw.col("id").n_unique().cast(nw.Int64)))
    n_merged = int(counts["rows"][0]) - int(counts["items"][0])
    notes = []
    if unknown:
        named = ", ".join(unknown[:_NAMED]) + (f" and {len(unknown) - _NAMED:,} more" if len(unknown) > _NAMED else "")
        verb = "an id that no row has" if len(unknown) == 1 else f"{len(unknown):,} ids that no row has"
        notes.append(Note("unknown_alias", name, f"entities.{name}.aliases: aliases of {verb}: {named}"))
    if n_merged:
        count = "1 row was" if n_merged == 1 else f"{n_merged:,} rows were"
        message = (
            f"{name}: {count} merged into the items they are aliases of: labels were united, all else is the item's own"
        )
        notes.append(Note("merged_aliases", name, message))
    return tuple(notes)
