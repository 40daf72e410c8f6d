"""The raw tables of the example of the Hub, met in pandas from tags of generated snapshots that a Hub of our own serves."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks.hub_snapshot import write_snapshots
from tests.contrib.hub.serving import served
from tests.examples.plain import ROOT, Taxonomy
from tests.prose.raw import Linked, Raw
from tests.prose.raw_linked import counted_links, level
from tests.prose.wholes import Whole, wholes

N_MODELS, N_DATASETS = 3000, 800
NO_TASKS = {"transformers", "safetensors", "endpoints_compatible", "en"}
"""Tags of generated models without a colon that are no tasks."""
KINDS = ("finetune", "adapter", "quantized", "merge")


def tables(folder: Path) -> tuple[tuple[Whole, ...], tuple[Raw, ...]]:
    """Return the parts of the example's report, and the raw table of each of its three relations."""
    write_snapshots(folder / "generated", n_models=N_MODELS, n_datasets=N_DATASETS)
    paths = {kind: folder / "generated" / f"{kind}.parquet" for kind in ("datasets", "models")}
    text = (ROOT / "examples" / "hub" / "config.yaml").read_text(encoding="utf-8")
    smaller = text.replace("models: 1000000, datasets: 200000", f"models: {N_MODELS}, datasets: {N_DATASETS}")
    (folder / "config.yaml").write_text(smaller, encoding="utf-8")
    with served(folder / "home") as server:
        files = {f"{kind}/2026-09-30/{kind}.parquet": path.read_bytes() for kind, path in paths.items()}
        server.put("hfmlsoc/hub_weekly_snapshots", files)
        parts = wholes(folder / "config.yaml")
    taxonomy = Taxonomy({"preset": "hub-figure9@2026-08"})
    datasets, models = (_items(pd.read_parquet(paths[kind]), kind, taxonomy) for kind in ("datasets", "models"))
    trained = _links(models, datasets, _after(models, "dataset:"), taxonomy)
    bases = _after(models, "base_model:")
    bases = bases[~bases["item"].str.split(":").str[0].isin(KINDS)]  # the same base again, with how
    derived = _links(
        models[models.index.isin(bases["unit"])],
        models[models.index.isin(bases["item"])],
        bases,
        taxonomy,
        of_one_kind=True,
    )
    return parts, (trained, derived, _owners(datasets, models, taxonomy))


def _items(table: pd.DataFrame, kind: str, taxonomy: Taxonomy) -> pd.DataFrame:
    """Return items by id with their author, tags, labels and categories."""
    start = "task_categories:"
    tags = table["tags"].map(list)
    if kind == "models":
        labels = tags.map(lambda of: [tag for tag in of if ":" not in tag and tag not in NO_TASKS])
    else:
        labels = tags.map(lambda of: [tag.removeprefix(start) for tag in of if tag.startswith(start)])
    years = table["createdAt"].astype(str).str[:4]
    found = pd.DataFrame({"id": table["id"], "author": table["author"], "tags": tags, "labels": labels, "year": years})
    return found.assign(categories=labels.map(taxonomy.of_labels)).set_index("id")


def _after(models: pd.DataFrame, start: str) -> pd.DataFrame:
    """Return what tags with a beginning name, one row for each `unit` and `item`."""
    named = models["tags"].map(lambda of: [tag.removeprefix(start) for tag in of if tag.startswith(start)])
    pairs = named.explode().dropna()
    return pd.DataFrame({"unit": pairs.index, "item": pairs.to_numpy()}).drop_duplicates()


def _links(
    units: pd.DataFrame,
    items: pd.DataFrame,
    named: pd.DataFrame,
    taxonomy: Taxonomy,
    *,
    of_one_kind: bool = False,
) -> Raw:
    uses = named[named["item"].isin(items.index)]
    sides = items.assign(counted=items.index.isin(uses["item"])), units.assign(counted=units.index.isin(uses["unit"]))
    links = counted_links(named, items.index, units.index, of_one_kind=of_one_kind)
    linked = Linked(
        "to", sides, uses, taxonomy.of_labels, named["unit"].nunique(), links=links, of_one_kind=of_one_kind
    )
    rows = linked.rows().reindex(units.index).map(lambda of: of if isinstance(of, frozenset) else frozenset())
    candidates = pd.DataFrame(
        {"rows": rows, "columns": units["categories"], "weight": 1.0, "stratum": "", "group": units["author"]}
    )
    counted = candidates[units.index.isin(uses["unit"])]
    names = (taxonomy.categories, taxonomy.categories)
    return Raw(counted, names, (), candidates, plain=False, same=True, linked=linked)


def _owners(datasets: pd.DataFrame, models: pd.DataFrame, taxonomy: Taxonomy) -> Raw:
    """Return owners of datasets, of models, or of both; strata are how many of each they have."""
    owners = pd.Index(sorted({*datasets["author"], *models["author"]}))
    sets, levels = {}, []
    for side, items in (("rows", datasets), ("columns", models)):
        of_owner = items.groupby("author")["categories"].agg(lambda found: frozenset().union(*found))
        sets[side] = of_owner.reindex(owners).map(lambda of: of if isinstance(of, frozenset) else frozenset())
        levels.append(items.groupby("author").size().reindex(owners).fillna(0).astype(int).map(level))
    units = pd.DataFrame(sets).assign(weight=1.0, group="", stratum=levels[0] + " x " + levels[1])
    both = (datasets.assign(counted=True), models.assign(counted=True))
    linked = Linked("key", both, pd.DataFrame(), taxonomy.of_labels, population="or")
    names = (taxonomy.categories, taxonomy.categories)
    return Raw(units, names, ("activity",), units, plain=True, same=True, linked=linked)
