"""Small tables of the Hub, written by hand, and readers of what was made of them."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import duckdb


def parquet(path, select):
    """Write what a SELECT gives as Parquet; return its bytes."""
    content = _parquet(select)
    path.write_bytes(content)
    return content


@cache
def _parquet(select):
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database:
        database.execute("set TimeZone = 'UTC'")
        database.execute(f"copy ({select}) to '{folder}/made' (format parquet)")
        return Path(folder, "made").read_bytes()


def rows(path, columns="*", order="id"):
    """Return rows of a Parquet file, as tuples."""
    with duckdb.connect() as database:
        return database.execute(f"select {columns} from read_parquet('{path}') order by {order}").fetchall()  # noqa: S608


def columns(path):
    with duckdb.connect() as database:
        return [row[0] for row in database.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()]


MODELS = """
select * from (values
    ('ann/one', 'ann', 'text-generation', ['text-generation', 'image-text-to-text', 'conversational', 'dataset:lab/text',
     'base_model:bob/base', 'base_model:finetune:bob/base', 'region:us'],
     7, 100, timestamp '2024-05-06 07:08:09', false, 'x'),
    ('bob/base', null, null, ['fill-mask', null, 'license:mit'], 2, 5, timestamp '2023-01-02 23:59:59', false, 'y'),
    ('canonical', null, 'odd-task', null, null, null, null, null, 'z'),
    ('eve/secret', 'eve', 'text-generation', ['text-generation'], 1, 1, timestamp '2024-05-06 07:08:09', true, 'w')
) t(id, author, pipeline_tag, tags, likes, downloads, "createdAt", private, sha)
"""

DATASETS = """
select * from (values
    ('lab/text', 'lab', ['task_categories:text-generation', 'task_categories:translation', 'language:en'],
     3, 30, '2024-01-01T00:00:00.000Z'),
    ('lab/more', 'lab', [], 0, 0, '2024-02-03T00:00:00.000Z')
) t(id, author, tags, likes, downloads, "createdAt")
"""


def model(number, **more):
    """Return an item of the Hub's listing of models; a higher number is newer."""
    day = f"2024-01-{number % 28 + 1:02}" if number < 28 else f"{2024 + number // 336}-{number // 28 % 12 + 1:02}-01"
    return {
        "id": f"owner-{number % 3}/model-{number:04}",
        "pipeline_tag": "text-generation",
        "tags": ["text-generation", f"dataset:lab/d{number % 5}"],
        "likes": number,
        "downloads": number * 10,
        "createdAt": f"{day}T00:00:00.000Z",
        "private": False,
        **more,
    }
