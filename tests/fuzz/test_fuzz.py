"""Inputs changed at random: an answer or a message, never a traceback; right counts for whatever is taken.

`DIPTYCH_FUZZ=300` draws as many of each instead of 100; a failure names its seed.
"""

import contextlib
import io
import os
import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import duckdb
import numpy as np
import pytest

from diptych.cli import main
from diptych.config.loading import load_config
from diptych.errors import DiptychError
from diptych.pipeline import counting
from diptych.pipeline.build import check
from diptych.relations.meet import meet
from diptych.sources.opening import open_engine
from tests.counting import count_incidence
from tests.fuzz import mutations, reference
from tests.pipeline.projects import tree

Result = TypeVar("Result")
N = int(os.environ.get("DIPTYCH_FUZZ", "100"))
BLOCK = 25
EVERY = 10
MOST = 2000
"""Characters of a message that can be read."""
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


def judged(seed: int, work: Callable[[], Result]) -> Result | None:
    """Return what the project that stands here comes to, or None where it is refused in words.

    Any other error goes through, with its seed. Each tenth project also goes through both commands.
    """
    try:
        result, messages = work(), ()
    except DiptychError as error:
        result, messages = None, error.messages
        assert messages, f"seed {seed}: refused without a word"
    except Exception as error:
        error.add_note(f"seed {seed}")
        raise
    assert all(message and len(message) < MOST for message in messages), f"seed {seed}: {messages}"
    if seed % EVERY == 0:
        commanded(seed)
    return result


def commanded(seed: int) -> None:
    """Check and build the project that stands here: they agree, and a refusal leaves the old site as it was."""
    before = tree(Path("site"))
    checked, messages = command("check", "config.yaml", "--no-cache")
    built, more = command("build", "config.yaml", "-o", "site", "--no-cache")
    messages += more
    assert built == checked, f"seed {seed}: check ends with {checked}, build with {built}: {messages}"
    assert 0 <= checked <= 4, f"seed {seed}: {messages}"
    assert all(message and len(message) < MOST for message in messages), f"seed {seed}: {messages}"
    assert not any("Traceback" in message for message in messages), f"seed {seed}"
    assert checked == 0 or (messages and tree(Path("site")) == before), f"seed {seed}: the old site is another"


def counts() -> Counter[reference.Pattern]:
    """Return how many units of the project that stands here show each pair of category sets, and no more of it."""
    loaded = load_config(Path("config.yaml"), engine="duckdb")
    taxonomies = counting.compiled(loaded.config)
    with open_engine(loaded.config.engine) as engine:
        items = counting.read_entities(loaded.config, taxonomies, engine, loaded.folder)
        relation = loaded.config.relations["trained_on"]
        meeting = meet("trained_on", relation, items, taxonomies, engine, loaded.folder)
        return found(count_incidence(meeting, engine))


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
            judged(seed, lambda: check(Path("config.yaml"), engine="duckdb"))


@pytest.mark.parametrize("seeds", BLOCKS, ids=str)
def test_mutated_data(here, seeds):
    for seed in seeds:
        rng = drawing(10_000 + seed)
        files = written(rng)
        for name, content in files.items():
            (here / name).write_bytes(content)
        names = {name.partition(".")[0]: name for name in files}
        (here / "config.yaml").write_text(SMALL.format(**names), encoding="utf-8")
        taken = judged(seed, counts)
        if taken is not None and not names["d"].endswith("parquet"):
            rows = {kind: reference.rows_of(name, files[name]) for kind, name in names.items()}
            assert taken == reference.patterns(rows), f"seed {seed}"


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
