"""The counts of examples/hub/config.yaml over a snapshot of the Hub, by hand, in pandas.

    python hub_pandas.py SNAPSHOT OUTPUT

A model has the categories of its pipeline tag and of those tags that are tasks, a dataset those of its tags
task_categories:…. Units are models that name a dataset of the snapshot (dataset:…), models that name a model of the
snapshot as their base (base_model:…), and owners of models or datasets. Lists stay in Arrow, so that no tag becomes an
object of Python. Writes OUTPUT/counts.csv.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent


def categories_of(labels: pd.Series, tasks: pd.Series, ids: pd.Series) -> pd.DataFrame:
    """Return which item (row, by id) has which category (column), given labels with the items' row numbers as index."""
    known = labels[labels.isin(tasks.index)]
    pairs = pd.DataFrame({"row": known.index, "category": known.map(tasks)})
    has = pd.DataFrame(data=False, index=ids.index, columns=list(tasks.cat.categories))
    for category, rows in pairs.groupby("category", observed=True)["row"]:
        has.loc[rows.unique(), category] = True
    return has.set_axis(pd.Index(ids), axis=0)


def joined(tags: pd.Series, prefix: str, named: pd.DataFrame, own: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return, of the items whose tags of a prefix name others, what these have and what they have themselves."""
    links = tags[tags.str.startswith(prefix)].str.split(":").list[-1]
    places = named.index.get_indexer(links)
    there = places >= 0
    given = named.iloc[places[there]].groupby(links.index[there]).any()
    return given, own.iloc[given.index]


def counts_of(relation: str, given: pd.DataFrame, outcome: pd.DataFrame) -> pd.DataFrame:
    """Return how many units have each pair of categories, the one, the other, and how many there are."""
    joint = given.to_numpy("int64").T @ outcome.to_numpy("int64")
    wide = pd.DataFrame(joint, index=given.columns, columns=outcome.columns)
    counts = wide.reset_index(names="given").melt("given", var_name="outcome", value_name="n_joint")
    counts["n_given"] = counts["given"].map(given.sum())
    counts["n_outcome"] = counts["outcome"].map(outcome.sum())
    return counts.assign(n_units=len(given), relation=relation)


def main() -> None:
    """Read, assign categories, count, write."""
    snapshot, output = Path(sys.argv[1]), Path(sys.argv[2])
    output.mkdir(parents=True, exist_ok=True)
    tasks = pd.read_csv(HERE / "tasks.csv").set_index("task")["category"]
    tasks = tasks.astype(pd.CategoricalDtype(tasks.unique()))

    options = {"engine": "pyarrow", "dtype_backend": "pyarrow"}
    datasets = pd.read_parquet(snapshot / "datasets.parquet", columns=["id", "author", "tags"], **options)
    tags = datasets["tags"].list.flatten()
    tags = tags[tags.str.startswith("task_categories:")].str.removeprefix("task_categories:")
    data = categories_of(tags, tasks, datasets["id"])

    columns = ["id", "author", "pipeline_tag", "tags"]
    models = pd.read_parquet(snapshot / "models.parquet", columns=columns, **options)
    tags = models["tags"].list.flatten()
    kinds = categories_of(pd.concat([models["pipeline_tag"], tags]), tasks, models["id"])

    data_of = data.groupby(datasets["author"].to_numpy()).any()
    kinds_of = kinds.groupby(models["author"].to_numpy()).any()
    owners = data_of.index.union(kinds_of.index)
    found = {
        "trained_on": joined(tags, "dataset:", data, kinds),
        "derived_from": joined(tags, "base_model:", kinds, kinds),
        "owners": (data_of.reindex(owners, fill_value=False), kinds_of.reindex(owners, fill_value=False)),
    }
    counts = pd.concat([counts_of(relation, *sides) for relation, sides in found.items()])
    counts.to_csv(output / "counts.csv", index=False)


if __name__ == "__main__":
    main()
