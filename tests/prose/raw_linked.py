"""Raw tables of units that have items, by links or a shared key, met in pandas from the files that a config names."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from tests.examples.plain import Taxonomy, activity, read, split
from tests.prose.raw import Linked, Raw, joined, united


@cache
def of_config(path: Path) -> Raw:
    """Return the raw table of the one relation of a config: links with the target as unit, or a shared key."""
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    (relation,) = config["relations"].values()
    taxonomy = Taxonomy(config["taxonomy"])
    entities = {name: _entity(path.parent, entity, taxonomy) for name, entity in config["entities"].items()}
    return (
        _shared(relation, entities, taxonomy)
        if "shared" in relation
        else _links(path.parent, relation, entities, taxonomy)
    )


def _columns(relation: dict, key: str) -> list[str]:
    """Return the columns of `group` or `strata`, which a config gives by themselves or with `public`."""
    given = relation.get(key, [])
    return given["columns"] if isinstance(given, dict) else given


def of_visits(relation) -> Raw:
    """Return the raw table of a kind with itself over a key, as an example's own test met it."""
    uses = relation.rows.uses
    found = united(uses["item"].map(relation.rows.items["categories"]), uses["unit"])
    units = relation.units.assign(rows=found, columns=found, weight=1.0)
    units["stratum"], units["group"] = (units[name].map(_joined) for name in ("stratum", "group"))
    units["stratum"] = units["stratum"].map(_as_named)
    items = relation.rows.items.assign(counted=lambda t: t.index.isin(relation.rows.uses["item"]))
    items["year"] = items["date"].str[:4]
    linked = Linked("key", (items, items), relation.rows.uses, relation.rows.taxonomy.of_labels)
    names = relation.rows.taxonomy.categories
    return Raw(
        units,
        (names, names),
        ("activity",),
        units,
        plain=False,
        same=True,
        linked=linked,
        masked=True,
    )


def _entity(folder: Path, entity: dict, taxonomy: Taxonomy) -> pd.DataFrame:
    """Return items by id with `categories`, their other columns, and `alias`: ids that mean one of them."""
    labels = entity["labels"]
    column, separator = (labels, None) if isinstance(labels, str) else (labels["column"], labels.get("separator"))
    table = read(folder / entity["source"])
    alias = read(folder / entity["aliases"]).set_index("alias")["id"].to_dict() if "aliases" in entity else {}
    table["item"] = table["id"].replace(alias)
    united = table.groupby("item")[column].agg(lambda texts: [x for text in texts for x in split(text, separator)])
    own = table[table["item"] == table["id"]].set_index("id")
    found = own.assign(labels=united, categories=united.map(taxonomy.of_labels))
    if "date" in entity:
        found["year"] = found[entity["date"]].str[:4]
    found.attrs["alias"] = alias
    return found


def _links(folder: Path, relation: dict, entities: dict[str, pd.DataFrame], taxonomy: Taxonomy) -> Raw:
    links = relation["links"]
    ends = [(links[end]["entity"], links[end]["column"]) for end in ("from", "to")]
    (source, from_column), (target, to_column) = ends
    table = read(folder / links["source"])
    for column, value in links.get("where", {}).items():
        table = table[table[column] == value]
    items, models = entities[source], entities[target]
    pairs = pd.DataFrame(
        {
            "item": table[from_column].replace(items.attrs["alias"]),
            "unit": table[to_column].replace(models.attrs["alias"]),
        }
    ).drop_duplicates()
    named = pairs[pairs["unit"].isin(models.index)]
    uses = named[named["item"].isin(items.index)]
    sides = items.assign(counted=items.index.isin(uses["item"])), models.assign(counted=models.index.isin(uses["unit"]))
    links = counted_links(pairs, items.index, models.index)
    named = named["unit"].nunique()
    linked = Linked("to", sides, uses, taxonomy.of_labels, named, links=links)
    candidates = pd.DataFrame(
        {"rows": linked.rows().reindex(models.index), "columns": models["categories"], "weight": 1.0}
    )
    candidates["rows"] = candidates["rows"].map(lambda found: found if isinstance(found, frozenset) else frozenset())
    for name, columns in (("stratum", _columns(relation, "strata")), ("group", _columns(relation, "group"))):
        candidates[name] = joined(models[columns]) if columns else ""
    names = taxonomy.categories
    strata = tuple(_columns(relation, "strata"))
    plain = not relation.get("group")
    counted = candidates.loc[models.index.isin(uses["unit"])]
    return Raw(counted, (names, names), strata, candidates, plain, same=True, linked=linked)


def _shared(relation: dict, entities: dict[str, pd.DataFrame], taxonomy: Taxonomy) -> Raw:
    key, (first, second) = relation["shared"]["key"], relation["shared"]["entities"]
    tables = [entities[name] for name in (first, second)]
    found = [united(table["categories"], table[key]) for table in tables]
    sizes = [table.groupby(key).size() for table in tables]
    either = relation.get("population") == "either"
    users = found[0].index.union(found[1].index) if either else found[0].index.intersection(found[1].index)
    nothing = frozenset()
    units = pd.DataFrame({side: sets.reindex(users) for side, sets in zip(("rows", "columns"), found, strict=True)})
    units = units.map(lambda sets: sets if isinstance(sets, frozenset) else nothing).assign(weight=1.0, group="")
    levels = [n.reindex(users).fillna(0).astype(int).map(level) for n in sizes]
    units["stratum"] = levels[0] + " x " + levels[1] if _columns(relation, "strata") == ["activity"] else ""
    sides = tuple(table.assign(counted=table[key].isin(users)) for table in tables)
    population = "or" if either else "and"
    linked = Linked("key", sides, pd.DataFrame(), taxonomy.of_labels, population=population)
    names = taxonomy.categories
    strata = tuple(_columns(relation, "strata"))
    return Raw(units, (names, names), strata, units, plain=True, same=True, linked=linked)


def level(n: int) -> str:
    """Return the level of a number of items as it is named: "3", "8-11"."""
    return _as_named(activity(n))


def _as_named(name: str) -> str:
    first, _, last = name.partition("..")
    return first if first == last else f"{first}-{last}"


def counted_links(
    pairs: pd.DataFrame, items: pd.Index, units: pd.Index, *, of_one_kind: bool = False
) -> tuple[int, int, int, int]:
    """Return how many links (item, unit) there are, find both ends, names that no item has, and links to themselves."""
    ends = pairs["item"].isin(items), pairs["unit"].isin(units)
    lost = pairs["item"][~ends[0]].nunique() + pairs["unit"][~ends[1]].nunique()
    itself = (pairs["item"] == pairs["unit"]) & ends[0] & ends[1] & of_one_kind
    return len(pairs), int((ends[0] & ends[1]).sum()), lost, int(itself.sum())


def _joined(values) -> str:
    return values if isinstance(values, str) else " · ".join(values)
