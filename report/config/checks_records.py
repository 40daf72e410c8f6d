"""Checks of entries: tables of records, sources in databases, known names, options of outputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from pydantic import ValidationError

from ..errors import PluginError
from ..relations import VALUES
from ..settings import ChoiceSettings, Settings
from ..slots import Entries
from ..sources.addresses import scheme_of
from ..sources.faults import scalar
from ..sources.files import FORMATS
from ..taxonomy import DEFAULT_TAXONOMY
from .places import Fault, Plain, View, not_one_of, quoted
from .problems import keys_of, unknown, wrongs


def check_entry(view: View, known: Entries[Any], what: str, names: Collection[str] | None = None) -> Iterator[Fault]:
    """Yield a problem if a text names no entry of its kind, or an entry that cannot be used.

    `names` are the allowed names, if only some are allowed.
    """
    names = (*known, *known.others) if names is None else names
    if view.text is not None and view.text not in names:
        yield view.wrong(not_one_of(view.text, names, what))
    elif view.text is not None:
        try:
            known[view.text]
        except PluginError as error:
            yield view.wrong(str(error))


def renderers() -> Entries[Any]:
    """Return the renderers."""
    from ..renderers.registry import RENDERERS  # noqa: PLC0415 - slow to import and rarely used

    return RENDERERS


def check_chosen(chosen: View, model: type[ChoiceSettings], entries: Callable[[], Entries[Any]]) -> Iterator[Fault]:
    """Yield repeated names, unknown names, and errors in the options of options of outputs."""
    own = keys_of(model)
    seen: set[str] = set()
    for entry in chosen.elements() if not chosen.is_mapping else (chosen,):
        for name in entry.keys if entry.text is None else (entry.text,):
            if name in seen:
                yield entry.wrong(f'"{name}" is in the list already')
            elif name not in own:
                yield from _other(entry, name, own, entries())
            seen.add(name)


def _other(entry: View, name: str, own: tuple[str, ...], entries: Entries[Any]) -> Iterator[Fault]:
    """Yield errors of an entry of a pack or package: its name, the package itself, or its options."""
    here = entry[name] if entry.is_mapping else entry
    added = (*(one for one in entries if one not in entries.core), *entries.others)
    if name not in (*entries.core, *added):
        known = (*own, *added)
        yield here.wrong(unknown(here.path, known) if entry.is_mapping else not_one_of(name, known))
        return
    try:
        settings = entries[name].settings
    except PluginError as error:
        yield here.wrong(str(error))
        return
    options = here.value if isinstance(here.value, dict) else {}
    if settings is None:
        if options:
            yield here.wrong(f'"{name}" takes no options')
        return
    yield from check_options(here, options, settings)


def check_options(here: View, options: dict[str, Plain], settings: type[Settings]) -> Iterator[Fault]:
    """Yield the errors in the options of an entry."""
    try:
        settings.model_validate(options)
    except ValidationError as error:
        for found in wrongs(error, options, settings):
            yield Fault((*here.path, *found.path), found.message)


_SERVER = r"[A-Za-z]+://[\w.-]+(:[0-9]{1,5})?/[\w.-]+"


def check_database(source: View) -> Iterator[Fault]:
    """Yield errors of a database, and keys that need a database."""
    database = source["database"]
    if not database.given:
        yield from source.without(("table", "query"), "goes with database: a file of SQLite, or postgres://HOST/NAME")
        return
    if source["path"].given:
        yield database.wrong("path and database exclude each other")
    if source["table"].given == source["query"].given:
        yield database.wrong("needs either table: the name of one, or query: what is asked of it")
    if database.text is not None:
        yield from _address(database, database.text)


def _address(database: View, text: str) -> Iterator[Fault]:
    scheme = scheme_of(text)
    if scheme is not None and f"{scheme}://" not in FORMATS:
        known = ", ".join(name for name in (*FORMATS, *FORMATS.others) if name.endswith("://"))
        yield database.wrong(f"{quoted(text)} is neither a file of SQLite nor a server ({known})")
    elif scheme is not None and "@" not in text and not re.fullmatch(_SERVER, text):
        place = f"{scheme}://HOST/NAME or {scheme}://HOST:PORT/NAME"
        yield database.wrong(f"{quoted(text)} is no address of a database; write {place}")


def check_name(view: View, known: Collection[str], what: str) -> Iterator[Fault]:
    """Yield a problem if a text is not a known name of its kind."""
    if view.text is not None and view.text not in known:
        yield view.wrong(not_one_of(view.text, known, what))


def check_taxonomy_name(config: View, chosen: View) -> Iterator[Fault]:
    """Yield a problem if a kind names an unknown taxonomy, or does not choose among several."""
    names = (DEFAULT_TAXONOMY,) if config["taxonomy"].given else config["taxonomies"].keys
    if chosen.given:
        yield from check_name(chosen, names, "taxonomies")
    elif len(names) > 1 and DEFAULT_TAXONOMY not in names:
        yield chosen.wrong(f"is required: there are several taxonomies, {', '.join(names)}")


def check_columns(first: View, second: View, records: View | None = None) -> Iterator[Fault]:
    """Yield a problem if both sides read the same part of a column, so that each label matches only itself.

    For `records`, the message explains how to count the labels of one column with each other.
    """
    if _is_wide(first) and _texts(first) == _texts(second):
        yield second["column"].wrong(
            "the same columns are on both sides; name others, or leave columns out of records to count the options "
            "of a row with each other"
        )
    elif all(first[key].text == second[key].text for key in ("column", "prefix", "taxonomy")) and second["column"].text:
        name = quoted(str(second["column"].value))
        meant = "" if records is None else f". {_together(records, first)}"
        yield second["column"].wrong(
            f"{name} is on both sides, so each category would occur only with itself; name another column{meant}"
        )


def _together(records: View, side: View) -> str:
    """Return advice on counting the labels of one column with each other: each row is an item with its own id."""
    source, column = records["source"].text, side["column"].text or ""
    how = {"column": column} | {key: text for key in ("separator", "prefix") if (text := side[key].text) is not None}
    labels = ", ".join(f"{key}: {scalar(text)}" for key, text in how.items())
    entity = (
        f"{{label: {scalar(column.capitalize())}, source: {scalar(source or '...')}, id: id, labels: {{{labels}}}}}"
    )
    return (
        "For what goes together within a row, write instead of records: shared: {key: id, entities: [items, items]}, "
        f"with entities: {{items: {entity}}}, where id is the column that names each row"
    )


def _is_wide(side: View) -> bool:
    return isinstance(side["column"].value, list)


def _texts(side: View) -> list[str]:
    return [text for _, text in side["column"].texts()]


def _is_counted(side: View) -> bool:
    """Return whether the fields of a side could be counts: a column for each option, without `selected_values`."""
    return _is_wide(side) and not side["selected_values"].given


def _side(side: View, *, counted: bool) -> Iterator[Fault]:
    """Yield contradictory settings of one side: a column of labels, or a column for each option."""
    if not _is_wide(side):
        yield from side.without(("selected_values",), "goes with a list of columns, one for each option")
        return
    yield from side.without(("separator",), "goes with one column; each of several columns is one option")
    for view, name in side["column"].repeated():
        yield view.wrong(f"{quoted(name)} is in the list already")
    if _is_counted(side) and not counted:
        yield side["selected_values"].wrong(
            "is required and missing: the value of a chosen option, such as [1, x, yes] or not empty"
            " (or count: values in records, where the fields are counts)"
        )


def _with_itself(records: View) -> Iterator[Fault]:
    """Yield a missing side, unless the other side has several labels in a row, which are counted with each other."""
    rows = records["rows"]
    if not (rows["separator"].given or (_is_wide(rows) and rows["selected_values"].given)):
        yield records["columns"].wrong(
            "is required and missing; it may be left out if rows has several labels in a row (separator, or a list "
            "of columns and selected_values), which are then counted with each other"
        )


def _binned(side: View, count: View) -> Iterator[Fault]:
    """Yield settings of a side that do not go with bins."""
    alone = ("separator", "prefix", "lookup", "taxonomy", "ordered")
    yield from side.without(alone, "does not go with bins, which are categories in order themselves")
    if _is_wide(side):
        yield side["bins"].wrong("goes with one column of numbers or dates")
    if side["bins"].text == "quartiles" and count.given:
        yield side["bins"].wrong("quartiles are of rows, and here a row counts several units; list the cut points")


def _ordered(config: View, side: View) -> Iterator[Fault]:
    """Yield an order of labels on a side whose categories are those of a taxonomy."""
    name = side["taxonomy"].text or DEFAULT_TAXONOMY
    taxonomy = config["taxonomy"] if config["taxonomy"].given else config["taxonomies"][name]
    if isinstance(side["ordered"].value, list) and (taxonomy["categories"].given or taxonomy["preset"].given):
        yield side["ordered"].wrong(
            "the taxonomy of this side lists its categories; write ordered: true here, or the list in the taxonomy"
        )


def check_records(config: View, relation: View) -> Iterator[Fault]:
    """Yield the errors within a table of records."""
    records = relation["records"]
    yield from check_columns(records["rows"], records["columns"], records)
    if records["rows"].is_mapping and not records["columns"].given:
        yield from _with_itself(records)
    for side in ("rows", "columns"):
        if records[side].is_mapping:
            yield from _side(records[side], counted=records["count"].text == VALUES)
            if records[side]["bins"].given:
                yield from _binned(records[side], records["count"])
            else:
                yield from check_taxonomy_name(config, records.at(side, "taxonomy"))
            yield from _ordered(config, records[side])
    if all(_is_counted(records[side]) for side in ("rows", "columns")) and records["count"].text == VALUES:
        yield records["count"].wrong(
            "fields are counts on one side, and here on both; give selected_values on the other"
        )
    count, weight = records["count"], records["weight"]
    if count.text is not None and count.text == weight.text:
        yield weight.wrong(
            f"{count.text} is also the count: count is the number of units in a row, weight the weight of each; "
            "leave one of them out"
        )
    if records["empty"].given and not count.given:
        yield records["empty"].wrong("says what an empty count is, and there is no count")
    if records["independent"].given and relation["group"].given:
        yield records["independent"].wrong(
            "says that units are independent, and group says which are not; leave one out"
        )
