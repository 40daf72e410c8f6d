"""Inputs changed at random: an answer or a message, never a traceback; right counts for whatever is taken.

`DIPTYCH_FUZZ=3000` draws as many of each instead of 300; a failure names its seed.
"""

import contextlib
import importlib
import io
import os
import random
import sys
from collections import Counter
from pathlib import Path

import duckdb
import numpy as np
import pytest

from diptych.cli import main
from tests.fuzz import mutations, reference
from tests.pipeline.projects import tree

building = importlib.import_module("diptych.pipeline.build")
N = int(os.environ.get("DIPTYCH_FUZZ", "300"))
BLOCK = 25
BLOCKS = [range(start, min(start + BLOCK, N)) for start in range(0, N, BLOCK)]
SMALL = """\
version: 1
report: {{title: What goes with what}}
outputs: [data]
taxonomy: {{categories: [{{name: A, match: [a, aa]}}, {{name: B, pattern: "^b+$"}}, {{name: C, when_several_of: [A, B]}}]}}
entities:
  datasets: {{label: Dataset, source: {d}, labels: {{column: l, separator: "|"}}}}
  models: {{label: Model, source: {m}, labels: {{column: l, separator: "|"}}}}
relations:
  trained_on:
    links: {{source: {k}, from: {{entity: datasets, column: s}}, to: {{entity: models, column: t}}}}
engine: {{threads: 1, memory: 500MB, row: 1MB, unpacked: 10MB}}
"""


def drawing(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - no secret


def command(*arguments: str) -> tuple[int, list[str]]:
    """Run a command here: its exit status, and the lines of its messages."""
    said = io.StringIO()
    sys.argv = ["diptych", *arguments]
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(said),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    return int(ended.value.code or 0), said.getvalue().splitlines()


def judged(seed: int, *, whole: bool) -> int:
    """Check (and where that fails, or `whole`, build) the project that stands here; return the exit status."""
    before = tree(Path("site"))
    status, messages = command("check", "config.yaml", "--no-cache")
    if status or whole:
        built, more = command("build", "config.yaml", "-o", "site", "--no-cache")
        assert built == status, f"seed {seed}: check ends with {status}, build with {built}: {messages + more}"
        messages += more
    assert 0 <= status <= 4, f"seed {seed}: {messages}"
    assert all(message and len(message) < 2000 for message in messages), f"seed {seed}: {messages}"
    assert not any("Traceback" in message for message in messages), f"seed {seed}"
    assert status == 0 or (messages and tree(Path("site")) == before), f"seed {seed}: the old site is another"
    return status


@pytest.fixture(scope="module")
def old_site(tmp_path_factory):
    """A site that a build has written."""
    folder = tmp_path_factory.mktemp("old")
    rng = drawing(0)
    for name, rows in mutations.tables(rng).items():
        (folder / f"{name}.csv").write_bytes(mutations.as_csv(rows, "\n"))
    (folder / "config.yaml").write_text(SMALL.format(d="d.csv", m="m.csv", k="k.csv"), encoding="utf-8")
    assert command("build", str(folder / "config.yaml"), "-o", str(folder / "site"), "--no-cache")[0] == 0
    return folder / "site"


@pytest.fixture
def here(tmp_path, monkeypatch, old_site):
    monkeypatch.chdir(tmp_path)
    Path("site").symlink_to(old_site)
    monkeypatch.setattr(sys, "argv", [])
    return tmp_path


@pytest.mark.parametrize("seeds", BLOCKS, ids=str)
def test_mutated_configs(here, seeds):
    for name, rows in mutations.tables(drawing(1)).items():
        (here / f"{name}.csv").write_bytes(mutations.as_csv(rows, "\n"))
    for seed in seeds:
        text = mutations.config(drawing(seed))
        (here / "config.yaml").write_text(text, encoding="utf-8")
        if "site" not in text:
            judged(seed, whole=seed % BLOCK == 0)


@pytest.mark.parametrize("seeds", BLOCKS, ids=str)
def test_mutated_data(here, seeds, monkeypatch):
    counted = []
    count_all = building.count_all
    monkeypatch.setattr(building, "count_all", lambda loaded: counted.append(count_all(loaded)) or counted[-1])
    for seed in seeds:
        rng = drawing(10_000 + seed)
        files = written(rng)
        for name, content in files.items():
            (here / name).write_bytes(content)
        names = {name.partition(".")[0]: name for name in files}
        (here / "config.yaml").write_text(SMALL.format(**names), encoding="utf-8")
        if judged(seed, whole=seed % BLOCK == 0) == 0 and not names["d"].endswith("parquet"):
            rows = {kind: reference.rows_of(name, files[name]) for kind, name in names.items()}
            assert found(counted[-1].relations["trained_on"].tables.incidence) == reference.patterns(rows), (
                f"seed {seed}"
            )


def found(incidence) -> Counter[reference.Pattern]:
    """Return how many units show each pair of category sets."""
    sides = ((incidence.rows, incidence.row_sets), (incidence.columns, incidence.column_sets))
    sets = [
        [frozenset(side.categories[n] for n in np.flatnonzero(row)) for row in all_sets] for side, all_sets in sides
    ]
    return Counter({pair: int(n) for pair, n in zip(zip(*sets, strict=True), incidence.units, strict=True)})


def written(rng: random.Random) -> dict[str, bytes]:
    """Return the files of a project, one of them damaged."""
    tables = mutations.tables(rng)
    harmed = rng.choice("dmk")
    files: dict[str, bytes] = {}
    for kind, rows in tables.items():
        form = (
            rng.choice(["csv", "csv", "csv", "json", "jsonl", "csv.gz", "jsonl.gz", "parquet"])
            if kind == harmed
            else "csv"
        )
        if form == "parquet" and kind == "d":
            files[f"{kind}.parquet"] = mutations.damaged(as_parquet(rows), rng)
            continue
        base = form.removesuffix(".gz").replace("parquet", "csv")
        whole = (
            mutations.as_csv(rows, rng.choice(["\n", "\r\n"]))
            if base == "csv"
            else mutations.as_json(rows, rng, lines=base == "jsonl")
        )
        content = mutations.damaged(whole, rng) if kind == harmed else whole
        files[f"{kind}.{form.replace('parquet', 'csv')}"] = (
            mutations.packed(content, rng) if form.endswith(".gz") else content
        )
    return files


def as_parquet(rows: mutations.Rows) -> bytes:
    path = Path("made.parquet")
    with duckdb.connect(":memory:") as connection:
        connection.execute("create table made (id varchar, l varchar, o varchar)")
        connection.executemany("insert into made values (?, ?, ?)", rows[1:])
        connection.table("made").write_parquet(str(path))
    return path.read_bytes()
