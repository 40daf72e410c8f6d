"""Names that one section declares and another uses, and what follows from them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..model import DEFAULT_TAXONOMY
from ..places import Wrong
from ..view import View
from ..words import not_one_of

FORMS = ("links", "shared", "records", "matrix")


def check_name(view: View, known: Collection[str], what: str) -> Iterator[Wrong]:
    """Yield a problem where a text is none of the names of its sort."""
    if view.text is not None and view.text not in known:
        yield view.wrong(not_one_of(view.text, known, what))


def form_of(relation: View) -> str | None:
    """Return which form a relation has; None where it has none, or several."""
    forms = [form for form in FORMS if relation[form].given]
    return forms[0] if len(forms) == 1 else None


def sides_of(relation: View) -> tuple[str, str] | None:
    """Return what panels call the two kinds of a relation; None for a matrix, or where they cannot be told."""
    form = form_of(relation)
    if form == "links":
        ends = relation.at("links", "from", "entity").text, relation.at("links", "to", "entity").text
        return ("from", "to") if ends[0] == ends[1] and ends[0] is not None else _pair(*ends)
    if form == "shared":
        entities = [view.text for view in relation.at("shared", "entities").elements()]
        return _pair(*entities) if len(entities) == 2 else None
    return ("rows", "columns") if form == "records" else None


def _pair(first: str | None, second: str | None) -> tuple[str, str] | None:
    return (first, second) if first is not None and second is not None else None


def taxonomy_names(config: View) -> tuple[str, ...]:
    """Return the names of the taxonomies that a config declares."""
    return (DEFAULT_TAXONOMY,) if config["taxonomy"].given else config["taxonomies"].keys


def check_taxonomy_name(config: View, chosen: View) -> Iterator[Wrong]:
    """Yield a problem where a kind names no known taxonomy, or needs to name one of several."""
    names = taxonomy_names(config)
    if chosen.given:
        yield from check_name(chosen, names, "taxonomies")
    elif len(names) > 1 and DEFAULT_TAXONOMY not in names:
        yield chosen.wrong(f"is required: there are several taxonomies, {', '.join(names)}")
