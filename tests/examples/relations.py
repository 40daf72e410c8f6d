"""The relations of the default config and of each example, met in plain pandas."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from tests.examples.plain import ROOT, Relation, Side, Taxonomy, activity, read, split

CONFIGS = {
    "default": ROOT / "config.yaml",
    **{name: ROOT / "examples" / name / "config.yaml" for name in ("survey", "rodents", "published")},
}


def settings_of(name: str) -> dict:
    return yaml.safe_load(CONFIGS[name].read_text(encoding="utf-8"))


@cache
def relations(name: str) -> list[Relation]:
    """Return the relations with counts, in the order of the config; they are everybody's: nobody changes them."""
    return {"default": trained_on, "survey": survey, "rodents": rodents, "published": list}[name]()


def key(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    return pd.Series(list(zip(*(frame[column] for column in columns), strict=True)), index=frame.index, dtype=object)


def trained_on() -> list[Relation]:
    """Models with a resolved link, with the categories of all datasets they name."""
    config = settings_of("default")
    folder = CONFIGS["default"].parent
    taxonomy = Taxonomy(config["taxonomy"])
    alias = read(folder / config["entities"]["datasets"]["aliases"]).set_index("alias")["id"].to_dict()
    datasets = entity(folder / "data/catalogue/datasets.csv", taxonomy, alias)
    models = entity(folder / "data/catalogue/models.csv", taxonomy, {})
    links = read(folder / "data/catalogue/links.csv").query("relation == 'trained_on'")
    links = links.assign(source=links["source"].replace(alias))[["source", "target"]].drop_duplicates()
    known = links["source"].isin(datasets.index), links["target"].isin(models.index)
    resolved = links[known[0] & known[1]].rename(columns={"target": "unit", "source": "item"})
    units = models.loc[models.index.isin(resolved["unit"])]
    units = units.assign(group=key(units, ["package", "origin"]), stratum=units["package"])
    lost = [
        (side, name, int(n))
        for side, column, found in (("datasets", "source", known[0]), ("models", "target", known[1]))
        for name, n in links.loc[~found, column].value_counts().items()
    ]
    return [
        Relation(
            "trained_on",
            units,
            Side("datasets", taxonomy, datasets, resolved),
            Side("models", taxonomy, models, pd.DataFrame({"unit": units.index, "item": units.index})),
            stratified=True,
            unresolved=sorted(lost, key=lambda row: (-row[2], row[1], row[0])),
        )
    ]


def entity(path: Path, taxonomy: Taxonomy, alias: dict[str, str]) -> pd.DataFrame:
    """Return items by id; rows that are one thing unite their labels, all else is the row's own that bears the id."""
    table = read(path)
    table["item"] = table["id"].replace(alias)
    united = table.groupby("item")["labels"].agg(lambda texts: [x for text in texts for x in split(text, "|")])
    own = table[table["item"] == table["id"]].set_index("id")
    assert set(united.index) == set(own.index)
    found = united.map(taxonomy.of_labels)
    return own.assign(labels=united, categories=found).rename(columns={"created": "date"})


def survey() -> list[Relation]:
    config = settings_of("survey")
    table = read(CONFIGS["survey"].parent / "answers.csv")
    sides = {
        "rows": ("skills", ";", Taxonomy(config["taxonomies"]["skills"])),
        "columns": ("jobs", ";", Taxonomy(config["taxonomies"]["jobs"])),
    }
    return [records("survey", table, sides, ["company"])]


def records(name: str, table: pd.DataFrame, sides: dict, group: list[str]) -> Relation:
    """Each row that has labels on both sides is a unit, and its own item on either side."""
    items = {}
    for side, (column, separator, taxonomy) in sides.items():
        found = table[column].map(lambda text, s=separator: split(text, s))
        items[side] = pd.DataFrame({"labels": found, "categories": found.map(taxonomy.of_labels)})
    counted = items["rows"]["labels"].map(bool) & items["columns"]["labels"].map(bool)
    units = table[counted].assign(group=key(table, group), stratum="")
    uses = pd.DataFrame({"unit": units.index, "item": units.index})
    made = [Side(side, sides[side][2], items[side], uses) for side in sides]
    return Relation(name, units, *made)


def rodents(strata: tuple[str, ...] = ("activity",)) -> list[Relation]:
    config = settings_of("rodents")
    genera, plots = (Taxonomy(config["taxonomies"][name]) for name in ("genera", "plots"))
    table = read(CONFIGS["rodents"].parent / "captures.csv.gz")
    sides = {"rows": ("genus", None, genera), "columns": ("plot_type", None, plots)}
    return [records("places", table, sides, ["plot"]), visits(table, genera, strata)]


def visits(table: pd.DataFrame, genera: Taxonomy, strata: tuple[str, ...]) -> Relation:
    """Each visit that any capture belongs to is a unit, with the genera of its captures on both sides."""
    captures = table.set_index("id")
    found = captures["genus"].map(lambda text: split(text, None))
    captures = captures.assign(labels=found, categories=found.map(genera.of_labels))
    met = captures[captures["visit"] != ""]
    assert len(met[["visit", "plot", "plot_type"]].drop_duplicates()) == met["visit"].nunique()
    units = met.groupby("visit")[["plot", "plot_type"]].first()
    units["activity"] = met.groupby("visit").size().map(activity)
    units = units.assign(group=units["plot"], stratum=key(units, list(strata)))
    side = Side("captures", genera, captures, pd.DataFrame({"unit": met["visit"], "item": met.index}))
    return Relation("company", units, side, side, stratified=True, same=True)
