"""Entities: misspelt keys among the attributes, and what relations ask of them."""

from __future__ import annotations

from collections.abc import Iterator

from ...sources.settings import EntitySettings
from ..known import keys_of
from ..places import Wrong
from ..view import View
from ..words import not_one_of
from .names import check_taxonomy_name, form_of

_COUNTED = ("links", "shared")


def check_entities(config: View) -> Iterator[Wrong]:
    """Yield misspelt keys, unknown taxonomies, and what an entity in use lacks."""
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


def _users(config: View, entity: str) -> list[str]:
    """Return the names of the relations that use an entity, in the order declared."""
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


def _misspelt(entity: View) -> Iterator[Wrong]:
    """Yield attributes whose name is a slip away from a known key that is absent.

    Any name may be an attribute, so `lables: tasks` would otherwise be taken for one without a word.
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
    """Tell whether a word is another with its letters in other order or case, one too many, or one missing.

    >>> is_slip("lables", "labels"), is_slip("Label", "label"), is_slip("height", "weight")
    (True, True, False)
    """
    a, b = written.casefold(), meant.casefold()
    if len(a) > len(b) + 1:
        return False
    shorter, longer = sorted((a, b), key=len)
    one_more = len(longer) == len(shorter) + 1 and any(
        longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer))
    )
    return sorted(a) == sorted(b) or one_more


def check_expectations(config: View) -> Iterator[Wrong]:
    """Yield `expect.rows` of what is neither an entity nor a relation over records or links."""
    relations = [name for name, r in config["relations"].entries() if form_of(r) in ("links", "records", None)]
    known = (*config["entities"].keys, *relations)
    for name, rows in config.at("expect", "rows").entries():
        if name not in known:
            yield rows.wrong(not_one_of(name, known, "entities and relations"))
