"""Checks across the sections of a config. Validation checks single values.

A feature of a later release is reported as such and never silently ignored. Its line here is removed when it is built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import did_you_mean
from ..renderers import OutputSettings
from ..sources import EngineSettings, EntitySettings
from ..sources.engines import ENGINES, keys_of_engines
from ..sources.text import pattern_fault
from ..stats.measures import MEASURES
from ..taxonomy import MOST_CATEGORIES, known_presets, preset_categories
from .checks_records import (
    check_chosen,
    check_entry,
    check_name,
    check_options,
    check_taxonomy_name,
    renderers,
)
from .checks_relations import check_figures, check_panels, check_relations, check_sources, form_of
from .places import Fault, View, listed, not_one_of, quoted
from .problems import keys_of, unknown

_COUNTED = ("links", "shared")


def _entities(config: View) -> Iterator[Fault]:
    """Yield misspelt keys, unknown taxonomies, and required keys that an entity in use lacks."""
    for name, entity in config["entities"].entries():
        if not entity.is_mapping:
            continue
        yield from _misspelt(entity)
        users = _users(config, name)
        if users or entity["taxonomy"].given:
            yield from check_taxonomy_name(config, entity["taxonomy"])
        counted = [user for user in users if form_of(config.at("relations", user)) in _COUNTED]
        for key in ("source", "labels"):
            if counted and not entity[key].given and _near_known(key, entity) is None:
                yield entity[key].wrong(f"is required and missing: relation {counted[0]} counts these items")


def _engine(config: View) -> Iterator[Fault]:
    """Yield an unknown engine, and keys that belong neither to all engines nor to one."""
    engine = config["engine"]
    if not engine.is_mapping:
        return
    yield from check_entry(engine["name"], ENGINES, "engines")
    common = keys_of(EngineSettings)
    further = [key for key in engine.keys if key not in common]
    added = keys_of_engines() if further else {}
    for key in further:
        if key not in added:
            yield engine[key].wrong(unknown((*engine.path, key), (*common, *added), EngineSettings.removed))
    models = (kind.settings for key in further if (kind := added.get(key)) is not None)
    for model in dict.fromkeys(model for model in models if model is not None):
        options = {key: engine[key].value for key in further if key in model.model_fields}
        yield from check_options(engine, options, model)


def _users(config: View, entity: str) -> list[str]:
    """Return the names of the relations that use an entity, in declared order."""
    users = []
    for name, relation in config["relations"].entries():
        used = [relation.at("links", end, "entity").text for end in ("from", "to")]
        used += [view.text for view in relation.at("shared", "entities").elements()]
        if form_of(relation) == "matrix":
            panels = config["panels"].elements()
            used += [p[side].text for p in panels if p["relation"].text == name for side in ("given", "outcome")]
        if entity in used:
            users.append(name)
    return users


def _misspelt(entity: View) -> Iterator[Fault]:
    """Yield attributes whose name is probably a typo for a known key that is absent.

    Any name may be an attribute, so `lables: tasks` would otherwise be accepted without a message.
    """
    known = keys_of(EntitySettings)
    for key in entity.keys:
        if key in known:
            continue
        for meant in known:
            if not entity[meant].given and is_slip(key, meant):
                yield entity[key].wrong(
                    f'unknown key (did you mean "{meant}"?); if it is an attribute of your own, give it another name'
                )
                break


def _near_known(key: str, entity: View) -> str | None:
    return next((k for k in entity.keys if is_slip(k, key) and k not in keys_of(EntitySettings)), None)


def is_slip(written: str, meant: str) -> bool:
    """Return whether a word differs from another only by letter order, case, or one extra or missing letter.

    >>> is_slip("lables", "labels"), is_slip("Label", "label"), is_slip("height", "weight")
    (True, True, False)
    """
    a, b = written.casefold(), meant.casefold()
    if abs(len(a) - len(b)) > 1:
        return False
    shorter, longer = sorted((a, b), key=len)
    return sorted(a) == sorted(b) or any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))


def _expectations(config: View) -> Iterator[Fault]:
    """Yield names in `expect.rows` that are neither an entity nor a relation over records or links."""
    relations = [name for name, r in config["relations"].entries() if form_of(r) in ("links", "records", None)]
    known = (*config["entities"].keys, *relations)
    for name, rows in config.at("expect", "rows").entries():
        if name not in known:
            yield rows.wrong(not_one_of(name, known, "entities and relations"))


_WORDS = ("report", "error")


def _taxonomies(config: View) -> Iterator[Fault]:
    """Yield errors within taxonomies, a missing taxonomy, and two conflicting definitions."""
    if config["taxonomy"].given and config["taxonomies"].given:
        yield config["taxonomies"].wrong("taxonomy and taxonomies exclude each other; move the one into the other")
    elif not config["taxonomy"].given and not config["taxonomies"].keys and _needs_taxonomy(config):
        yield config["taxonomy"].wrong("is required and missing: it says which raw labels belong to which category")
    for taxonomy in (config["taxonomy"], *(one for _, one in config["taxonomies"].entries())):
        if taxonomy.is_mapping:
            yield from _taxonomy(taxonomy)


def _needs_taxonomy(config: View) -> bool:
    """Return whether items need a taxonomy. The labels of records can be categories unchanged."""
    return any(form_of(relation) in ("links", "shared") for _, relation in config["relations"].entries())


def _taxonomy(taxonomy: View) -> Iterator[Fault]:
    entries = list(taxonomy["categories"].elements())
    own = [name for entry in entries if (name := entry["name"].text) is not None]
    preset = taxonomy["preset"]
    if taxonomy["top"].given and (preset.given or taxonomy["categories"].given):
        yield taxonomy["top"].wrong("is of labels that are categories as they are; it does not go with rules")
    if not preset.given and not taxonomy["categories"].given:
        return  # each label is a category: the names allowed in `ordered` are known once the data are read
    if preset.text is not None and not _is_known(preset.text):
        known = known_presets()
        yield preset.wrong(
            f"{quoted(preset.text)} is not a known preset: {listed(known)}{did_you_mean(preset.text, known)}"
        )
        names = None
    else:
        names = tuple(dict.fromkeys([*(preset_categories(preset.text) if preset.text else ()), *own]))
    if names is not None and len(names) > MOST_CATEGORIES:
        yield taxonomy["categories"].wrong(f"names {len(names):,} categories; a report has at most {MOST_CATEGORIES:,}")
        return
    for entry in entries:
        yield from _category(entry, names)
    if names is not None:
        for view in taxonomy["ordered"].elements():
            yield from check_name(view, names, "categories")
        yield from _unmatched(taxonomy["unmatched"], names)


def _is_known(preset: str) -> bool:
    known = known_presets()
    return preset in known or preset in {name.partition("@")[0] for name in known}


def _unmatched(unmatched: View, names: tuple[str, ...]) -> Iterator[Fault]:
    if unmatched.text is not None and unmatched.text not in (*_WORDS, *names):
        allowed = (*_WORDS, *names)
        yield unmatched.wrong(
            f"{quoted(unmatched.text)} is neither report, error nor one of the categories: {listed(names)}"
            f"{did_you_mean(unmatched.text, allowed)}"
        )


def _category(entry: View, names: tuple[str, ...] | None) -> Iterator[Fault]:
    derived = entry["when_several_of"]
    if names is not None:
        for view in derived.elements():
            yield from check_name(view, names, "categories")
    if entry["replaces"].given and not derived.given:
        yield entry["replaces"].wrong("belongs to when_several_of: there is nothing to replace without it")
    for view, pattern in entry["pattern"].texts():
        if (wrong := pattern_fault(pattern)) is not None:
            yield view.wrong(f"{quoted(pattern)} is not a regular expression (RE2): {wrong}")


_USER = re.compile(r"(?<=[A-Za-z0-9+.-])://[^/?#\s]*@")
"""The text before :// is not searched: that took seconds per place in a text of 20,000 letters."""


def _addresses(config: View) -> Iterator[Fault]:
    """Yield addresses with user information anywhere in the config."""
    if config.text is not None and _USER.search(config.text):
        yield config.wrong("an address must not contain a user name or password; remove the part before @")
    for _, below in config.entries():
        yield from _addresses(below)
    for below in config.elements():
        yield from _addresses(below)


def _rest(config: View) -> Iterator[Fault]:
    """Yield repeated or unknown outputs and kinds of finding."""
    if config["outputs"].value == []:
        yield config["outputs"].wrong("names no output; leave the key out for all of them")
    yield from check_chosen(config["outputs"], OutputSettings, renderers)


def _disclosure(config: View) -> Iterator[Fault]:
    """Yield a disclosure setting for published matrices alone, which have no small cells to withhold."""
    if not config["disclosure"].given:
        return
    forms = {form_of(relation) for _, relation in config["relations"].entries()}
    if forms == {"matrix"}:
        yield config["disclosure"].wrong("withholds counts, and published matrices have none; leave this key out")


PUBLIC = ("items", "records", "keys", "group", "strata")
"""The kinds of values that a config may publish."""


def _public(config: View) -> Iterator[Fault]:
    """Yield unknown kinds of values to publish."""
    known = (*PUBLIC, *config["entities"].keys)
    for view, name in config["public"].texts():
        if name not in known:
            yield view.wrong(not_one_of(name, known))


def _measures(config: View) -> Iterator[Fault]:
    """Yield a problem for each unknown measure."""
    for panel in config["panels"].elements():
        yield from check_entry(panel["measure"], MEASURES, "measures")


_CHECKS = (
    _public,
    _measures,
    _taxonomies,
    _entities,
    check_sources,
    _engine,
    _expectations,
    check_relations,
    check_panels,
    check_figures,
    _addresses,
    _disclosure,
    _rest,
)


def check(config: View) -> Iterator[Fault]:
    """Yield all errors between the entries of a config. Validation checks single values."""
    for one_check in _CHECKS:
        yield from one_check(config)
