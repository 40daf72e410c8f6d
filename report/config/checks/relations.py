"""Relations: one form each, and only the options that the form has a meaning for."""

from __future__ import annotations

from collections.abc import Iterator

from ..places import Wrong, quoted
from ..view import View
from ..words import listed
from .names import FORMS, check_name, check_taxonomy_name, form_of

POPULATIONS = {"links": ("labelled",), "records": ("labelled",), "shared": ("either", "both"), "matrix": ()}
_COUNTS_ONLY = ("unit", "counting", "population", "group", "strata")


def check_relations(config: View) -> Iterator[Wrong]:
    """Yield what is wrong within relations."""
    for _, relation in config["relations"].entries():
        if not relation.is_mapping:
            continue
        form = form_of(relation)
        if form is None:
            written = listed(f for f in FORMS if relation[f].given) or "none of them"
            yield relation.wrong(f"needs exactly one of {listed(FORMS)}; it has {written}")
            continue
        yield from _options(relation, form)
        yield from _entities(config, relation)
        if form == "links":
            yield from _links(relation)
        elif form == "shared":
            yield from _shared(config, relation)
        elif form == "records":
            yield from _one_column(relation.at("records", "rows"), relation.at("records", "columns"))
            for side in ("rows", "columns"):
                if relation.at("records", side).is_mapping:
                    yield from check_taxonomy_name(config, relation.at("records", side, "taxonomy"))


def _options(relation: View, form: str) -> Iterator[Wrong]:
    if form == "matrix":
        for key in _COUNTS_ONLY:
            if relation[key].given:
                yield relation[key].wrong("a matrix has no units to count; leave this key out")
        return
    unit, counting, population = relation["unit"], relation["counting"], relation["population"]
    if form != "links" and unit.given:
        what = "the shared keys" if form == "shared" else "its records"
        yield unit.wrong(f"only links have a choice of unit; this relation counts {what}")
    if counting.text == "fractional" and (form != "links" or (unit.text or "to") in ("to", "from")):
        yield counting.wrong("fractional counting is of links: it needs unit: link")
    if population.text in ("either", "both", "labelled") and population.text not in POPULATIONS[form]:
        allowed = listed(POPULATIONS[form], " or ")
        yield population.wrong(f'"{population.text}" is not for {form}; here it is {allowed}, or left out')
    yield from _activity(relation, form)


def _activity(relation: View, form: str) -> Iterator[Wrong]:
    for view, text in relation["group"].texts():
        if text == "activity":
            yield view.wrong("activity makes strata, not groups; a group is a column")
    for view, text in relation["strata"].texts():
        if text == "activity" and form == "links" and relation["unit"].text == "link":
            yield view.wrong("activity is how many items a unit has on each side; a link has one at each end")


def _entities(config: View, relation: View) -> Iterator[Wrong]:
    named = [relation.at("links", end, "entity") for end in ("from", "to")]
    named += relation.at("shared", "entities").elements()
    for view in named:
        yield from check_name(view, config["entities"].keys, "entities")


def _links(relation: View) -> Iterator[Wrong]:
    links = relation["links"]
    if not (links["from"].is_mapping and links["to"].is_mapping):
        return
    with_column = [end for end in ("from", "to") if links[end]["column"].given]
    if links["source"].given:
        for end in ("from", "to"):
            if end not in with_column:
                yield links[end]["column"].wrong("is required and missing: which column of the links names the item?")
        yield from _one_column(links["from"], links["to"])
    elif len(with_column) != 1:
        yield links.wrong("without a source, exactly one of from and to has a column: the list column of that entity")
    unit = relation["unit"].text or "to"
    if links["weight"].given and unit in ("to", "from"):
        entity = links[unit]["entity"].text or unit
        yield links["weight"].wrong(
            f"weighs links, so it needs unit: link; with unit: {unit} the weight is that of the items"
            f" (entities.{entity}.weight)"
        )


def _one_column(first: View, second: View) -> Iterator[Wrong]:
    """Yield a problem where both sides read the same of a column, so that everything goes with itself alone."""
    if all(first[key].text == second[key].text for key in ("column", "prefix", "taxonomy")) and second["column"].given:
        name = quoted(str(second["column"].value))
        yield second["column"].wrong(f"{name} stands on both sides, so all would go with itself; name another column")


def _shared(config: View, relation: View) -> Iterator[Wrong]:
    for view in relation.at("shared", "entities").elements():
        weight = config.at("entities", view.text or "", "weight")
        if weight.given:
            yield view.wrong(
                f"items with a weight cannot be counted by a shared key; take out entities.{view.text}.weight"
            )
