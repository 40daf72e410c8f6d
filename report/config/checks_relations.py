"""Checks of relations, their sources, panels and figures: declared names, and options that exclude each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import PluginError, did_you_mean
from ..relations import FORMS
from ..renderers import DATA_FILES
from ..sources import SourceSettings
from ..sources.addresses import ADDRESSES, keyed_kind, keyed_kinds, scheme_of
from ..sources.files import FORMATS, formats_of_files
from .checks_records import check_columns, check_database, check_entry, check_name, check_options, check_records
from .places import Fault, View, listed, quoted
from .problems import keys_of, unknown


def form_of(relation: View) -> str | None:
    """Return the form of a relation, or None if it has none or several."""
    forms = [form for form in FORMS if relation[form].given]
    return forms[0] if len(forms) == 1 else None


def sides_of(relation: View) -> tuple[str, str] | None:
    """Return the names of the two kinds of a relation in panels, or None for a matrix or if they are unknown."""
    form = form_of(relation)
    if form == "links":
        ends = relation.at("links", "from", "entity").text, relation.at("links", "to", "entity").text
        return ("from", "to") if ends[0] == ends[1] and ends[0] is not None else _pair(*ends)
    if form == "shared":
        entities = [view.text for view in relation.at("shared", "entities").elements()]
        return _pair(*entities) if len(entities) == 2 else None
    if form == "records":
        return ("rows", "columns") if relation.at("records", "columns").given else ("rows", "rows")
    return None


def _pair(first: str | None, second: str | None) -> tuple[str, str] | None:
    return (first, second) if first is not None and second is not None else None


_OF_FILES = ("format", "delimiter", "quote", "encoding", "null", "sheet")


def _sources(config: View) -> Iterator[View]:
    """Yield every place of the config that declares a source."""
    for _, entity in config["entities"].entries():
        yield entity["source"]
        for labels in entity["labels"].one_or_several():
            yield labels["lookup"]
    for _, relation in config["relations"].entries():
        yield relation.at("links", "source")
        yield relation.at("records", "source")
        for side in ("rows", "columns"):
            yield relation.at("records", side, "lookup")
        for _, matrix in relation["matrix"].entries():
            yield matrix


def check_sources(config: View) -> Iterator[Fault]:
    """Yield sources without a path, invalid addresses, and keys that exclude each other."""
    for source in _sources(config):
        if source.is_mapping:
            yield from _keys(source)
        for path, text in (source["path"] if source.is_mapping else source).texts():
            yield from _address(path, text)


def _keys(source: View) -> Iterator[Fault]:
    """Yield keys that exclude each other, and keys that no kind of source has."""
    common = keys_of(SourceSettings)
    further = [key for key in source.keys if key not in common]
    try:
        kind = keyed_kind(dict.fromkeys(further))
    except PluginError as error:
        yield source.wrong(str(error))
        return
    yield from check_database(source)
    if kind is None or kind.settings is None:
        yield from _unknown(source, further, common)
        if not source["path"].given and not source["database"].given:
            yield source.wrong("needs a path: the file to read")
    else:
        yield from check_options(source, {key: source[key].value for key in further}, kind.settings)
        if source["path"].given:
            yield source.wrong(f"path and {kind.name} exclude each other")
        if source["database"].given:
            yield source["database"].wrong(f"{kind.name} and database exclude each other")
    what = "database" if source["database"].given else None if kind is None else kind.name
    if what is not None:
        yield from source.without(_OF_FILES, f"goes with a path, not with {what}")
    elif source["format"].text is not None:
        yield from check_entry(source["format"], FORMATS, "formats", formats_of_files())


def _unknown(source: View, further: Sequence[str], common: tuple[str, ...]) -> Iterator[Fault]:
    """Yield keys of other kinds of address, and unknown keys."""
    kinds = keyed_kinds() if further else {}
    for key in further:
        owner = next((name for name, model in kinds.items() if key in keys_of(model)), None)
        if owner is not None:
            yield source[key].wrong(f"goes with {ADDRESSES[owner].goes_with or owner}")
        else:
            known = dict.fromkeys((*common, *(key for model in kinds.values() for key in keys_of(model))))
            yield source[key].wrong(unknown((*source.path, key), tuple(known), SourceSettings.removed))


def _address(path: View, text: str) -> Iterator[Fault]:
    scheme = scheme_of(text)
    if scheme is None:
        return
    try:
        kind = ADDRESSES.get(scheme)
    except PluginError as error:
        yield path.wrong(str(error))
        return
    if kind is None or kind.fetch is None:
        database = "a database is named as source: {database: ADDRESS, table: NAME}"
        advice = database if f"{scheme}://" in FORMATS else "give a file"
        yield path.wrong(f"{scheme}:// addresses are not read; {advice}")
    elif (fault := kind.fault(text)) is not None:
        yield path.wrong(f"{quoted(text)} {fault}")


POPULATIONS = {"links": ("labelled",), "records": ("labelled",), "shared": ("either", "both"), "matrix": ()}
_COUNTS_ONLY = ("unit", "population", "group", "strata")


def check_relations(config: View) -> Iterator[Fault]:
    """Yield the errors within relations."""
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
            yield from check_records(config, relation)


def _options(relation: View, form: str) -> Iterator[Fault]:
    if form == "matrix":
        yield from relation.without(_COUNTS_ONLY, "a matrix has no units to count; leave this key out")
        return
    unit, population = relation["unit"], relation["population"]
    if form != "links" and unit.given:
        what = "the shared keys" if form == "shared" else "its records"
        yield unit.wrong(f"only links have a choice of unit; this relation counts {what}")
    if population.text in ("either", "both", "labelled") and population.text not in POPULATIONS[form]:
        allowed = listed(POPULATIONS[form], " or ")
        yield population.wrong(f'"{population.text}" is not for {form}; here it is {allowed}, or left out')
    yield from _activity(relation, form)


def _activity(relation: View, form: str) -> Iterator[Fault]:
    groups, strata = relation["group"], relation["strata"]
    for view, text in groups.texts():
        if text == "activity":
            yield view.wrong("activity makes strata, not groups; a group is a column")
    for view, text in strata.texts():
        if text == "activity" and form == "links" and relation["unit"].text == "link":
            yield view.wrong("activity is how many items a unit has on each side; a link has one at each end")


def _entities(config: View, relation: View) -> Iterator[Fault]:
    named = [relation.at("links", end, "entity") for end in ("from", "to")]
    named += relation.at("shared", "entities").elements()
    for view in named:
        yield from check_name(view, config["entities"].keys, "entities")


def _links(relation: View) -> Iterator[Fault]:
    links = relation["links"]
    if not (links["from"].is_mapping and links["to"].is_mapping):
        return
    with_column = [end for end in ("from", "to") if links[end]["column"].given]
    if links["source"].given:
        for end in ("from", "to"):
            if end not in with_column:
                yield links[end]["column"].wrong("is required and missing: which column of the links names the item?")
        yield from check_columns(links["from"], links["to"])
    elif len(with_column) != 1:
        yield links.wrong("without a source, exactly one of from and to has a column: the list column of that entity")
    unit = relation["unit"].text or "to"
    if links["weight"].given and unit in ("to", "from"):
        entity = links[unit]["entity"].text or unit
        yield links["weight"].wrong(
            f"weighs links, so it needs unit: link; with unit: {unit} the weight is that of the items"
            f" (entities.{entity}.weight)"
        )


def _shared(config: View, relation: View) -> Iterator[Fault]:
    for view in relation.at("shared", "entities").elements():
        weight = config.at("entities", view.text or "", "weight")
        if weight.given:
            yield view.wrong(
                f"items with a weight cannot be counted by a shared key; take out entities.{view.text}.weight"
            )


_FILES = frozenset(Path(name).stem for name in DATA_FILES)
"""Names of the site's data folder that a panel cannot use for its own file."""

_DEVICE = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]")
"""Names that no file can have on Windows. Panels and figures become files."""

DEFAULT_MEASURE = "conditional"


def check_panels(config: View) -> Iterator[Fault]:
    """Yield unknown names, repeated or reserved ids, and kinds that the relation does not have."""
    panels = list(config["panels"].elements())
    yield from _twice(panels)
    for panel in panels:
        yield from _id(panel["id"])
        yield from check_name(panel["relation"], config["relations"].keys, "relations")
        relation = config.at("relations", panel["relation"].text or "")
        if form_of(relation) == "matrix":
            for key in ("given", "outcome"):
                yield from check_name(panel[key], config["entities"].keys, "entities")
        else:
            yield from _kinds(panel, sides_of(relation))
    for name, relation in config["relations"].entries():
        if form_of(relation) == "matrix":
            yield from _matrix(name, relation, panels, config["entities"].keys)


def _twice(entries: list[View]) -> Iterator[Fault]:
    first: dict[str, View] = {}
    for entry in entries:
        name = entry["id"].text
        if name is not None and _DEVICE.fullmatch(name):
            yield entry["id"].wrong(f"{quoted(name)} is a name that Windows keeps for a device; choose another id")
        if name is None:
            continue
        if name in first:
            kind, place = first[name].path
            yield entry["id"].wrong(f"{quoted(name)} is also the id of {kind}[{place}]; each id appears once")
        first.setdefault(name, entry)


def _id(panel_id: View) -> Iterator[Fault]:
    name = panel_id.text
    if name in _FILES:
        yield panel_id.wrong(f'"{name}" is a file of its own in the data folder; choose another id')


def _kinds(panel: View, sides: tuple[str, str] | None) -> Iterator[Fault]:
    if sides is None:
        return
    kinds = tuple(dict.fromkeys(sides))
    right = True
    for key in ("given", "outcome"):
        kind = panel[key].text
        if kind is not None and kind not in kinds:
            right = False
            where = f"the two kinds of {panel['relation'].text}: {listed(kinds)}"
            yield panel[key].wrong(f"{quoted(kind)} is not one of {where}{did_you_mean(kind, kinds)}")
    if right and len(kinds) == 2 and panel["given"].text is not None and panel["given"].text == panel["outcome"].text:
        other = kinds[1] if panel["given"].text == kinds[0] else kinds[0]
        yield panel["outcome"].wrong(f'"{panel["given"].text}" is the given category; the outcome is "{other}"')


def _matrix(name: str, relation: View, panels: list[View], entities: tuple[str, ...]) -> Iterator[Fault]:
    own = [panel for panel in panels if panel["relation"].text == name]
    ids = [text for panel in own if (text := panel["id"].text) is not None]
    if not own:
        yield relation["matrix"].wrong(
            "needs its panels written out: they say which kind is given and which the outcome"
        )
        return
    for key, file in relation["matrix"].entries():
        if key not in ids:
            yield file.wrong(f"{quoted(key)} is no panel of this relation: {listed(ids)}{did_you_mean(key, ids)}")
    for panel in own:
        panel_id = panel["id"].text
        if panel_id is not None and panel_id not in relation["matrix"].keys and relation["matrix"].is_mapping:
            yield panel["id"].wrong(f"relations.{name}.matrix has no file for this panel")
    yield from _same_kinds(own, entities)


def _same_kinds(panels: list[View], entities: tuple[str, ...]) -> Iterator[Fault]:
    """Yield panels of a matrix between other kinds than the first panel. These need another relation."""
    first = {panels[0][key].text for key in ("given", "outcome")}
    for panel in panels[1:]:
        kinds = {panel[key].text for key in ("given", "outcome")}
        if first | kinds <= set(entities) and kinds != first:
            yield panel.wrong(
                "is between other kinds than the first panel of this relation; make it a relation of its own"
            )


def check_figures(config: View) -> Iterator[Fault]:
    """Yield unknown panels, repeated ids and panels, and different measures in one figure."""
    measures = _measures(config)
    figures = list(config["figures"].elements())
    yield from _twice(figures)
    for figure in figures:
        yield from _figure_panels(figure, measures)


def _measures(config: View) -> dict[str, str]:
    """Return the measure of each panel by id. The first panel of an id counts.

    Without panels, these are the default panels.
    """
    panels = config["panels"].elements()
    written = [(name, panel["measure"].text) for panel in panels if (name := panel["id"].text) is not None]
    if not config["panels"].value:
        names = config["relations"].keys
        prefixes = [f"{name}_" for name in names] if len(names) > 1 else [""]
        written = [(prefix + side, None) for prefix in prefixes for side in ("left", "right")]
    measures: dict[str, str] = {}
    for name, measure in written:
        measures.setdefault(name, measure or DEFAULT_MEASURE)
    return measures


def _figure_panels(figure: View, measures: dict[str, str]) -> Iterator[Fault]:
    for view in figure["panels"].one_or_several():
        yield from check_name(view, measures, "panels")
    for view, name in figure["panels"].repeated():
        yield view.wrong(f"{quoted(name)} is in this figure already")
    used = list(dict.fromkeys(measures[name] for _, name in figure["panels"].texts() if name in measures))
    if len(used) > 1:
        yield figure["panels"].wrong(
            f"a figure has one scale, so one measure; these panels show {listed(used, ' and ')}"
        )
