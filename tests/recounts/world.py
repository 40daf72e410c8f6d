"""A small world of files that can be edited and read by the normal path: the authority for every recount."""

from __future__ import annotations

import csv
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from diptych.config.checks import PUBLIC
from diptych.relations import RelationSettings
from diptych.relations.attributes import item_attributes, link_attributes
from diptych.relations.items import read_items
from diptych.relations.meet import meet
from diptych.relations.meeting import DeclaredRelation
from diptych.sources import EntitySettings
from diptych.taxonomy import TaxonomySettings, compile_taxonomy
from tests.counting import count_incidence, find_contributors


@dataclass(frozen=True)
class World:
    """Tables as lists of rows (`labels` a list of labels), a taxonomy and a relation as in a config."""

    taxonomy: dict
    relation: dict
    tables: dict[str, list[dict]] = field(default_factory=dict)

    def without_item(self, entity, item):
        rows = [row for row in self.tables[entity] if row["id"] != item]
        return replace(self, tables={**self.tables, entity: rows})

    def without_label(self, table, column, label, instead=None):
        """`instead` stands where the label stood; None: nothing does."""

        def edited(labels):
            kept = [instead if one == label else one for one in labels]
            return [one for one in kept if one is not None]

        rows = [{**row, column: edited(row[column])} for row in self.tables[table]]
        return replace(self, tables={**self.tables, table: rows})


def met(world, engine):
    """The meeting of a world, by way of its files."""
    folder = Path(tempfile.mkdtemp())
    try:
        for name, rows in world.tables.items():
            with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                columns = list(rows[0]) if rows else ["id", "labels", "key", "plot", "w", "rows", "columns"]
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                for row in rows:
                    writer.writerow({k: "|".join(v) if isinstance(v, list) else v for k, v in row.items()})
        relation = RelationSettings.model_validate(world.relation)
        taxonomies = {"default": compile_taxonomy(TaxonomySettings.model_validate(world.taxonomy), "default")}
        items = {}
        for name in {"datasets", "models"} & set(world.tables):
            weight = {"weight": "w"} if world.tables[name] and "w" in world.tables[name][0] else {}
            entity = EntitySettings.model_validate(
                {"label": name, "source": f"{name}.csv", "labels": {"column": "labels", "separator": "|"}, **weight}
            )
            asked = (*item_attributes(relation, name), *link_attributes(relation, name))
            items[name] = read_items(name, entity, taxonomies["default"], engine, folder, wanted=asked)
        meeting = meet(DeclaredRelation("r", relation, engine, folder, PUBLIC), items, taxonomies)
        if meeting.unresolved is not None:
            engine.collect(meeting.unresolved)
    finally:
        shutil.rmtree(folder)
    return meeting


def counted(world, engine):
    meeting = met(world, engine)
    return meeting, count_incidence(meeting, engine), find_contributors(meeting, engine)


def rebuilt(world, engine):
    return count_incidence(met(world, engine), engine)


def assert_same(one, other):
    """Two incidences are the same, array by array and to the last bit."""
    for name in ("strata", "groups", "n_groups", "rows", "columns", "unit", "weighted"):
        assert getattr(one, name) == getattr(other, name), name
    # The scale of weights may differ, since it is 1 where all that are left are whole: sums are compared, not parts.
    names = ("stratum", "group", "row_sets", "column_sets", "units", "weight", "weight_squared")
    for name in names:
        mine, theirs = getattr(one, name), getattr(other, name)
        assert (mine is None) == (theirs is None), name
        if mine is not None:
            assert mine.shape == theirs.shape, name
            assert mine.dtype == theirs.dtype, name
            assert np.array_equal(mine, theirs), name
