"""Names that a config declares, and what goes together in a table of records."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .model import DEFAULT_TAXONOMY
from .places import Fault, View, not_one_of, quoted


def check_name(view: View, known: Collection[str], what: str) -> Iterator[Fault]:
    """Yield a problem where a text is none of the names of its sort."""
    if view.text is not None and view.text not in known:
        yield view.wrong(not_one_of(view.text, known, what))


def taxonomy_names(config: View) -> tuple[str, ...]:
    """Return the names of the taxonomies that a config declares."""
    return (DEFAULT_TAXONOMY,) if config["taxonomy"].given else config["taxonomies"].keys


def check_taxonomy_name(config: View, chosen: View) -> Iterator[Fault]:
    """Yield a problem where a kind names no known taxonomy, or needs to name one of several."""
    names = taxonomy_names(config)
    if chosen.given:
        yield from check_name(chosen, names, "taxonomies")
    elif len(names) > 1 and DEFAULT_TAXONOMY not in names:
        yield chosen.wrong(f"is required: there are several taxonomies, {', '.join(names)}")


def check_columns(first: View, second: View) -> Iterator[Fault]:
    """Yield a problem where both sides read the same of a column, so that everything goes with itself alone."""
    if all(first[key].text == second[key].text for key in ("column", "prefix", "taxonomy")) and second["column"].given:
        name = quoted(str(second["column"].value))
        yield second["column"].wrong(f"{name} stands on both sides, so all would go with itself; name another column")


def check_records(config: View, records: View) -> Iterator[Fault]:
    """Yield what is wrong within a table of records."""
    yield from check_columns(records["rows"], records["columns"])
    for side in ("rows", "columns"):
        if records[side].is_mapping:
            yield from check_taxonomy_name(config, records.at(side, "taxonomy"))
    count, weight = records["count"], records["weight"]
    if count.text is not None and count.text == weight.text:
        yield weight.wrong(
            f"{count.text} is the count too: count says how many units a row stands for, weight what each is worth; "
            "leave one of them out"
        )
    if records["empty"].given and not count.given:
        yield records["empty"].wrong("says what an empty count is, and there is no count")
