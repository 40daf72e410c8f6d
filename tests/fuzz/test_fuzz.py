"""Inputs changed at random: an answer or a message, never a traceback; right counts for whatever is taken.

Configs go through the command that builds. Files go through what counts, next to files that nothing happens to, which
are read once for many; some through the command as well. Some of both are also checked, to the same end.
`DIPTYCH_FUZZ=3000` draws as many of each; a failure names its seed.
"""

import contextlib
import io
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from diptych.cli import main
from diptych.config.loading import load_config
from diptych.errors import DiptychError
from diptych.pipeline import counting
from diptych.relations.items import Items, read_items
from diptych.relations.meet import meet
from diptych.relations.meeting import DeclaredRelation
from diptych.sources.duckdb import DuckDBEngine
from tests.counting import count_incidence
from tests.draws import draws
from tests.fuzz import mutations, reference
from tests.pipeline.projects import tree

pytestmark = pytest.mark.slow

N = int(os.environ.get("DIPTYCH_FUZZ", draws(15, 300)))
BLOCK = 15
OFTEN, SELDOM = 20, 100
"""How often what is refused, and what is taken, goes through further commands: of so many, one."""
MOST = 2000
"""Characters of a message that can be read."""
BLOCKS = [range(start, min(start + BLOCK, N)) for start in range(0, N, BLOCK)]
NAMES = {kind: f"{kind}.csv" for kind in "dmk"}
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
engine: {{threads: 1, memory: 500MB, limits: 0.05}}
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


def built(seed: int, *options: str) -> int:
    """Build the project that stands here and return the exit status; a refusal leaves the old site as it was."""
    before = tree(Path("site"))
    status, messages = command("build", "config.yaml", "-o", "site", *options)
    assert 0 <= status <= 4, f"seed {seed}: {messages}"
    if status or messages:
        readable(seed, messages)
    assert status == 0 or tree(Path("site")) == before, f"seed {seed}: the old site is another"
    if seed % OFTEN == 0:
        checked, more = command("check", "config.yaml", "--no-cache")
        assert checked == status, f"seed {seed}: check ends with {checked}, build with {status}: {more}"
        assert not status or more == messages, f"seed {seed}: {more} is not {messages}"
    return status


def readable(seed: int, messages) -> None:
    assert messages, f"seed {seed}: refused without a word"
    assert all(message and len(message) < MOST for message in messages), f"seed {seed}: {messages}"
    assert not any("Traceback" in message for message in messages), f"seed {seed}"


@pytest.fixture
def here(tmp_path, monkeypatch, tmp_path_factory):
    """A folder of its own to work in, and the cache of all."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.setenv("DIPTYCH_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    return tmp_path


@pytest.mark.parametrize("seeds", BLOCKS, ids=str)
def test_mutated_configs(here, seeds):
    for name, rows in mutations.tables(drawing(1)).items():
        (here / f"{name}.csv").write_bytes(mutations.as_csv(rows, "\n"))
    (here / "config.yaml").write_text(mutations.CONFIG, encoding="utf-8")
    assert built(-1) == 0
    for seed in seeds:
        text = mutations.config(drawing(seed))
        (here / "config.yaml").write_text(text, encoding="utf-8")
        if "site" not in text:
            built(seed)


@dataclass(frozen=True)
class Sound:
    """Files that nothing happens to, by kind, their site, and their items, in an engine that is open."""

    files: dict[str, bytes]
    site: Path
    engine: DuckDBEngine
    items: dict[str, Items]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    tables = mutations.tables(drawing(0))
    files = {kind: mutations.as_csv(rows, "\n") for kind, rows in tables.items()}
    for kind, content in files.items():
        (folder / f"{kind}.csv").write_bytes(content)
    (folder / "config.yaml").write_text(SMALL.format(**NAMES), encoding="utf-8")
    config = load_config(folder / "config.yaml").config
    assert command("build", str(folder / "config.yaml"), "-o", str(folder / "site"), "--no-cache")[0] == 0
    with DuckDBEngine(config.engine) as engine:
        items = counting.read_entities(config, counting.compiled(config), engine, folder)
        yield Sound(files, folder / "site", engine, items)


@pytest.mark.parametrize("seeds", BLOCKS, ids=str)
def test_mutated_data(here, sound, seeds):
    for kind, content in sound.files.items():
        (here / f"{kind}.csv").write_bytes(content)
    shutil.copytree(sound.site, here / "site")
    for seed in seeds:
        kind, form, content = written(drawing(10_000 + seed))
        names = NAMES | {kind: f"harmed.{form}"}
        (here / names[kind]).write_bytes(content)
        (here / "config.yaml").write_text(SMALL.format(**names), encoding="utf-8")
        taken = counts(seed, sound, kind)
        if taken is not None and form != "parquet":
            rows = {one: reference.rows_of(names[one], (sound.files | {kind: content})[one]) for one in names}
            assert taken == reference.patterns(rows), f"seed {seed}"
        if seed % (OFTEN if taken is None else SELDOM) == 0:
            status = built(seed, "--no-cache")
            assert (status == 0) <= (taken is not None), f"seed {seed}: the command takes what is refused"


def counts(seed: int, sound: Sound, kind: str) -> Counter[reference.Pattern] | None:
    """Return how many units of the project that stands here show each pair of category sets; None where it is refused.

    Any other error than a refusal in words goes through, with its seed.
    """
    sound.engine._diagnoses.clear()  # what was wrong with the file before
    try:
        loaded = load_config(Path("config.yaml"))
        taxonomies = counting.compiled(loaded.config)
        with sound.engine.scope():
            items = dict(sound.items)
            for entity in {"d": ["datasets"], "m": ["models"]}.get(kind, []):
                declared = loaded.config.entity(entity)
                items[entity] = read_items(
                    entity,
                    declared,
                    taxonomies[loaded.config.taxonomy_name(declared.taxonomy)],
                    sound.engine,
                    loaded.folder,
                )
            relation = loaded.config.relations["trained_on"]
            meeting = meet(DeclaredRelation("trained_on", relation, sound.engine, loaded.folder), items, taxonomies)
            return found(count_incidence(meeting, sound.engine))
    except DiptychError as error:
        readable(seed, error.messages)
    except Exception as error:
        error.add_note(f"seed {seed}")
        raise
    return None


def found(incidence) -> Counter[reference.Pattern]:
    """Return how many units show each pair of category sets."""
    sides = ((incidence.rows, incidence.row_sets), (incidence.columns, incidence.column_sets))
    sets = [
        [frozenset(side.categories[n] for n in np.flatnonzero(row)) for row in all_sets] for side, all_sets in sides
    ]
    return Counter({pair: int(n) for pair, n in zip(zip(*sets, strict=True), incidence.units, strict=True)})


def written(rng: random.Random) -> tuple[str, str, bytes]:
    """Return the kind, the form and the content of a file that is damaged, or of another form."""
    kind = rng.choice("dmk")
    rows = mutations.tables(rng)[kind]
    form = rng.choice(["csv", "csv", "csv", "json", "jsonl", "csv.gz", "jsonl.gz", "csv.zst", "parquet"])
    if form == "parquet":
        return kind, form, mutations.damaged(as_parquet(rows), rng)
    base, _, packing = form.partition(".")
    whole = (
        mutations.as_csv(rows, rng.choice(["\n", "\r\n"]))
        if base == "csv"
        else mutations.as_json(rows, rng, lines=base == "jsonl")
    )
    content = mutations.damaged(whole, rng)
    return kind, form, mutations.packed(content, packing, rng) if packing else content


def as_parquet(rows: mutations.Rows) -> bytes:
    """Return a table as Parquet."""
    header, *body = rows
    frame = pd.DataFrame(body, columns=header, dtype="object")
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(":memory:") as connection:
        path = Path(folder) / "made.parquet"
        connection.from_df(frame).write_parquet(str(path))
        return path.read_bytes()
