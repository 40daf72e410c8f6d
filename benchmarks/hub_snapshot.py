"""Generated snapshots of the Hub at full size: `python -m benchmarks.hub_snapshot FOLDER [--models N] [--datasets N]`.

Write FOLDER/models.parquet and FOLDER/datasets.parquet with the columns of the published snapshots of Hub metadata,
including some that no report reads. Nothing in them is real. Names are numbers, and links are drawn with a seed, so
the same call writes the same rows with the same DuckDB. By default there are 2.5 million models and 600 thousand
datasets, with about 18 million tags and 1.1 million links from models to datasets.

`benchmarks/hub.py` builds a report of them.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import duckdb

# task, its group, and its frequency per thousand models and per thousand datasets
TASKS = (
    ("text-generation", "nlp", 330, 200),
    ("text-classification", "nlp", 110, 120),
    ("token-classification", "nlp", 25, 30),
    ("question-answering", "nlp", 20, 110),
    ("translation", "nlp", 20, 60),
    ("summarization", "nlp", 10, 40),
    ("feature-extraction", "nlp", 35, 30),
    ("sentence-similarity", "nlp", 30, 20),
    ("fill-mask", "nlp", 25, 15),
    ("image-text-to-text", "multimodal", 35, 25),
    ("visual-question-answering", "multimodal", 5, 30),
    ("any-to-any", "multimodal", 5, 5),
    ("text-to-image", "cv", 130, 35),
    ("image-classification", "cv", 50, 65),
    ("object-detection", "cv", 20, 30),
    ("image-segmentation", "cv", 10, 25),
    ("text-to-video", "cv", 10, 10),
    ("automatic-speech-recognition", "audio", 40, 50),
    ("text-to-speech", "audio", 20, 25),
    ("audio-classification", "audio", 10, 20),
    ("tabular-classification", "tabular", 5, 15),
    ("tabular-regression", "tabular", 3, 5),
    ("reinforcement-learning", "rl", 35, 5),
    ("graph-ml", "graph", 1, 5),
    ("robotics", "robotics", 13, 20),
    ("time-series-forecasting", "time", 3, 5),
)

# A number in [0, 1) from a row, a column and the seed, stable within one version of DuckDB.
_MACROS = """
create macro draw(row, col) as (hash(row, col, {seed}) >> 11) / 9007199254740992.0;
create macro pick(row, col, n) as cast(floor(draw(row, col) * n) as bigint);
create macro skewed(row, col, n, power) as cast(floor(pow(draw(row, col), power) * n) as bigint);
create macro model_owner(i) as 'owner-' || skewed(i, 1, {owners}, 2.2);
create macro dataset_owner(i) as 'owner-' || skewed(i, 51, {owners}, 2.2);
create macro model_id(i) as model_owner(i) || '/model-' || i;
create macro dataset_id(i) as dataset_owner(i) || '/dataset-' || i;
create macro day(i, col, last) as
    timestamp '2022-03-02 23:29:04' + to_seconds(i % 3600)
    + to_hours(cast(floor(pow(i / last, 0.5) * 37000) as bigint));
"""

_SLOTS = """
create table slots as
select side, row_number() over (partition by side order by task, n) - 1 as slot, task, part
from (
    select 'models' as side, task, part, unnest(range(models)) as n from tasks
    union all
    select 'datasets', task, part, unnest(range(datasets)) from tasks
);
"""

_ITEMS = """
create table d as
select i, task, part, row_number() over (partition by part order by i) - 1 as place
from (select i, pick(i, 52, {dataset_slots}) as slot from range({datasets}) r(i))
join slots using (slot) where side = 'datasets';
create table m as
select i, task, part, row_number() over (partition by part order by i) - 1 as place
from (select i, pick(i, 2, {model_slots}) as slot from range({models}) r(i))
join slots using (slot) where side = 'models';
create table d_parts as select part, count(*) as n from d group by part;
create table m_parts as select part, count(*) as n from m group by part;
"""

# One in six models names datasets, mostly from its own group. A few names have no target.
_LINKS = """
create table wanted as
select i, row, part, skewed(row, 13, n, 4) as place from (
    select i, row, case when draw(row, 11) < 0.8 then m.part else other.part end as part from (
        select *, i * 64 + k as row, pick(i * 64 + k, 12, {dataset_slots}) as slot from (
            select i, part, unnest(range(least(1 + cast(floor(-ln(1 - draw(i, 10)) * 1.9) as bigint), 60))) as k
            from m where draw(i, 9) < 0.18
        )
    ) m join slots other using (slot) where side = 'datasets'
) join d_parts using (part);
create table named as
select wanted.i, list_sort(list_distinct(list(
    case when draw(row, 14) < 0.05 then 'gone-' || pick(row, 15, 2000) else dataset_id(d.i) end))) as datasets
from wanted join d using (part, place)
group by wanted.i;
create table based as
select w.i, model_id(b.i) as base, ['finetune', 'adapter', 'quantized', 'merge'][1 + pick(w.i, 22, 4)] as kind
from (select i, part, skewed(i, 21, n, 5) as place from m join m_parts using (part) where draw(i, 20) < 0.3) w
join m b using (part, place) where b.i <> w.i;
"""

_MODELS = """
select
    md5('m' || i) as _id,
    model_id(i) as id,
    model_owner(i) as author,
    case when base is not null or datasets is not null then to_json(
        {{'license': 'apache-2.0', 'datasets': datasets, 'base_model': base, 'base_model_relation': kind}})::varchar
    end as "cardData",
    day(i, 3, {models}.0) as "createdAt",
    day(i, 3, {models}.0) + to_days(pick(i, 4, 200)::int) as "lastModified",
    skewed(i, 5, 400, 9) * skewed(i, 6, 1000, 5) as downloads,
    skewed(i, 5, 400, 9) as likes,
    case when shown then task end as pipeline_tag,
    false as private,
    md5('sha' || i) as sha,
    list_concat(
        case when shown then [task] else [] end,
        case when shown and second <> task and draw(i, 8) < 0.12 then [second] else [] end,
        ['transformers', 'safetensors', 'region:us'],
        case when draw(i, 30) < 0.6 then ['license:apache-2.0'] else [] end,
        case when draw(i, 31) < 0.4 then ['endpoints_compatible', 'en'] else [] end,
        case when draw(i, 32) < 0.3 then ['arxiv:' || (1500 + pick(i, 33, 1100)) || '.' || pick(i, 34, 9000)]
        else [] end,
        case when base is not null then ['base_model:' || base, 'base_model:' || kind || ':' || base] else [] end,
        coalesce(list_transform(datasets, lambda name: 'dataset:' || name), [])
    ) as tags
from (select *, draw(i, 7) < 0.55 as shown, pick(i, 35, {model_slots}) as slot from m)
join (select slot, task as second from slots where side = 'models') using (slot)
left join named using (i) left join based using (i)
order by i
"""

_DATASETS = """
select
    md5('d' || i) as _id,
    dataset_id(i) as id,
    dataset_owner(i) as author,
    case when shown then to_json({{'license': 'mit', 'task_categories': [task]}})::varchar end as "cardData",
    day(i, 53, {datasets}.0) as "createdAt",
    skewed(i, 54, 400, 7) * skewed(i, 55, 1000, 5) as downloads,
    skewed(i, 54, 400, 7) as likes,
    false as private,
    md5('text' || i) as description,
    list_concat(
        case when shown then ['task_categories:' || task] else [] end,
        case when shown and second <> task and draw(i, 57) < 0.25 then ['task_categories:' || second] else [] end,
        ['language:en', 'license:mit', 'region:us'],
        ['size_categories:' || ['n<1K', '1K<n<10K', '10K<n<100K'][1 + pick(i, 58, 3)]]
    ) as tags
from (select *, draw(i, 56) < 0.45 as shown, pick(i, 59, {dataset_slots}) as slot from d)
join (select slot, task as second from slots where side = 'datasets') using (slot)
order by i
"""


def write_snapshots(folder: Path, n_models: int, n_datasets: int, seed: int = 1) -> None:
    """Write generated models.parquet and datasets.parquet of this many rows into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {
        "models": n_models,
        "datasets": n_datasets,
        "owners": max(n_models // 5, 3),
        "model_slots": sum(models for _, _, models, _ in TASKS),
        "dataset_slots": sum(datasets for _, _, _, datasets in TASKS),
        "seed": seed,
    }
    with duckdb.connect(":memory:") as connection:
        connection.execute("create table tasks (task varchar, part varchar, models int, datasets int)")
        connection.executemany("insert into tasks values (?, ?, ?, ?)", [list(task) for task in TASKS])
        for statements in (_MACROS, _SLOTS, _ITEMS, _LINKS):
            connection.execute(statements.format(**sizes))
        for name, query in (("models", _MODELS), ("datasets", _DATASETS)):
            target = str(folder / f"{name}.parquet").replace("'", "''")
            connection.execute(f"copy ({query.format(**sizes)}) to '{target}' (format parquet, compression zstd)")


def lines(folder: Path) -> list[str]:
    """Return a description of the files in words."""
    with duckdb.connect(":memory:") as connection:
        (models, tags, links), *_ = connection.execute(
            "select count(*), sum(len(tags)), sum(len(list_filter(tags, lambda t: starts_with(t, 'dataset:')))) "
            "from read_parquet(?)",
            [str(folder / "models.parquet")],
        ).fetchall()
        ((datasets, more),) = connection.execute(
            "select count(*), sum(len(tags)) from read_parquet(?)", [str(folder / "datasets.parquet")]
        ).fetchall()
    size = sum(path.stat().st_size for path in folder.glob("*.parquet")) / 1e6
    return [
        f"{models:,} models, {datasets:,} datasets, {tags + more:,} tags, {links:,} links, {size:.0f} MB, generated"
    ]


def main() -> None:
    """Write the files named by the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", type=int, default=2_500_000)
    parser.add_argument("--datasets", type=int, default=600_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    began = time.perf_counter()
    write_snapshots(chosen.folder, chosen.models, chosen.datasets, chosen.seed)
    print(*lines(chosen.folder), f"written in {time.perf_counter() - began:.0f} s", sep="\n")


if __name__ == "__main__":
    main()
