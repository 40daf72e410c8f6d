"""An engine of another package: it counts, has a key of its own below `engine:`, and is loaded only when it is named."""

import pytest

from diptych import slots
from diptych.config.loading import json_schema, load_config
from diptych.errors import ConfigError, DataError
from diptych.pipeline.drafts import draft
from diptych.slots import INTERFACE
from diptych.sources import EngineSettings
from diptych.sources.engines import ENGINES, open_engine
from tests.extending.conftest import install, on_path

ENGINE = f"""
from diptych.settings import Settings
from diptych.sources.duckdb import DuckDBEngine
from diptych.sources.engines import EngineKind

class ToySettings(Settings):
    greeting: str = "hello"
    '''What it says when it opens.'''

opened = []

def open_toy(settings, limits):
    opened.append((ToySettings.model_validate(settings.chosen(ToySettings)).greeting, limits.rows))
    return DuckDBEngine(settings)

TOY = EngineKind("toy", open_toy, ToySettings, interface={INTERFACE})
"""
CONFIG = """\
version: 1
report: {title: Skills and jobs}
relations:
  answers:
    records:
      source: answers.csv
      label: Answer
      rows: {column: skills}
      columns: {column: jobs}
"""
PROJECT = {
    "name": "diptych-toyengine",
    "version": "1.0",
    "entry-points": {"diptych.engines": {"toy": "toy_engine:TOY"}},
}


@pytest.fixture
def config(tmp_path, monkeypatch):
    """Return a function that writes the config with these lines more; the package is installed."""
    install(tmp_path / "packages", {"toy_engine.py": ENGINE}, PROJECT)
    on_path(tmp_path / "packages", monkeypatch, "toy_engine")
    (tmp_path / "answers.csv").write_text("skills,jobs\n" + "cook,chef\n" * 6 + "drive,driver\n" * 5)

    def written(more):
        (tmp_path / "config.yaml").write_text(CONFIG + more, encoding="utf-8")
        return tmp_path / "config.yaml"

    return written


def problems(path):
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    return [(p.line, p.key, p.message) for p in caught.value.problems]


def test_it_counts_with_its_own_key(config):
    cells = [
        [(cell.given, cell.outcome, cell.n_joint) for cell in panel.cells]
        for more in ("engine: {name: toy, greeting: hi, limits: 0.5}\n", "")
        for panel in draft(config(more)).panels.values()
    ]
    assert cells[: len(cells) // 2] == cells[len(cells) // 2 :]
    assert ("cook", "chef", 6) in cells[0]
    import toy_engine  # noqa: PLC0415 - it is installed for this test

    assert ("hi", 100_000_000) in toy_engine.opened


def test_what_is_wrong_has_its_place(config):
    ((line, key, message),) = problems(config("engine:\n  name: toy\n  greting: hi\n"))
    assert (line, key) == (12, "engine.greting")
    assert message.startswith("unknown key")
    assert message.endswith('did you mean "greeting"?)') or 'did you mean "greeting"?' in message
    ((line, key, message),) = problems(config("engine: {name: toys}\n"))
    assert (line, key) == (10, "engine.name")
    assert 'did you mean "toy"?' in message
    ((_, key, _),) = problems(config("engine: {name: toy, greeting: [1, 2]}\n"))
    assert key == "engine.greeting"


def test_the_schema_describes_it(config):
    del config
    engine = json_schema()["$defs"]["EngineSettings"]["properties"]
    assert engine["name"]["enum"] == ["duckdb", "spark", "toy"]
    assert engine["greeting"]["description"] == "What it says when it opens."


def test_an_engine_of_a_pack_that_is_not_there_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setitem(slots._OF_PACKS, "engine", {"spark": "contrib.sparks.engine:SPARK"})
    with pytest.raises(DataError) as caught:
        open_engine(EngineSettings(name="spark"))
    assert str(caught.value) == 'engine.name: the engine "spark" is not installed: pip install "diptych[sparks]"'
    (tmp_path / "config.yaml").write_text(f"{CONFIG}engine: {{name: spark}}\n", encoding="utf-8")
    assert problems(tmp_path / "config.yaml") == [
        (10, "engine.name", 'the engine "spark" is not installed: pip install "diptych[sparks]"')
    ]
    assert list(ENGINES) == ["duckdb", "spark"]
