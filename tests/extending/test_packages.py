"""One package of each kind, installed with pip and found through entry points by another process."""

import csv
import json
import re
import sqlite3
from pathlib import Path

import jsonschema
import pytest
import yaml

from diptych import extend
from diptych.config.loading import load_config
from diptych.errors import ConfigError
from diptych.slots import GROUPS
from tests.extending.conftest import PACKAGES

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")
MODULES = {path.name: path.read_text(encoding="utf-8") for path in PACKAGES.glob("*/*.py")}
CONFIG = """\
version: 1
report: {title: Skills and jobs}
relations:
  answers:
    label: answers
    records:
      source: {path: answers.sqlite3, sheet: answers}
      label: Answer
      rows: {column: skills, separator: ";", label: Skill}
      columns: {column: jobs, separator: ";", label: Job}
panels:
  - {id: left, relation: answers, given: rows, outcome: columns, measure: all_confidence}
inference: {minimum_units: 3}
engine: {name: careful, greeting: good morning}
outputs: [html, data, plain: {width: 60}]
"""
# Skills, jobs, and how often: 20 of 22 with cook are chefs, 14 + 6 = 20 with chef in all.
ANSWERS = (
    ("cook", "chef", 14), ("cook;clean", "chef;cleaner", 6), ("clean", "cleaner", 9), ("drive", "driver", 12),
    ("drive;clean", "driver", 3), ("drive", "cleaner", 4), ("cook", "cleaner", 2),
)  # fmt: skip


def write_project(folder, old="", new=""):
    """Write the project that asks for all four packages, with one text of the config replaced."""
    folder.mkdir(exist_ok=True)
    assert old in CONFIG
    (folder / "config.yaml").write_text(CONFIG.replace(old, new) if old else CONFIG, encoding="utf-8")
    connection = sqlite3.connect(folder / "answers.sqlite3")
    connection.execute("create table answers (skills text, jobs text)")
    rows = [(skills, jobs) for skills, jobs, n in ANSWERS for _ in range(n)]
    connection.executemany("insert into answers values (?, ?)", rows)
    connection.commit()
    connection.close()
    return folder / "config.yaml"


@pytest.fixture(scope="module")
def built(run, tmp_path_factory):
    """The site of the project, and the messages of its build."""
    config = write_project(tmp_path_factory.mktemp("project"))
    status, _, messages = run("build", config, "-o", config.with_name("site"))
    assert status == 0, messages
    return config.with_name("site"), messages


def test_the_interface_is_short_and_the_page_names_all_of_it():
    assert len(extend.__all__) <= 40
    assert all(getattr(extend, name) is not None for name in extend.__all__)
    assert [name for name in extend.__all__ if not re.search(rf"\b{name}\b", PAGE)] == []


def test_there_is_one_package_for_each_kind_and_the_page_shows_it():
    assert {path.name for path in PACKAGES.iterdir()} == {*GROUPS}
    shown = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert {*shown} <= {*MODULES.values()}
    assert {*re.findall(r"(?:from|import) (diptych[\w.]*)", "".join(MODULES.values()))} == {"diptych.extend"}


def test_the_format_is_read_and_the_measure_is_that_of_the_counts(built):
    with (built[0] / "data" / "left.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["given"], row["outcome"]): row for row in csv.DictReader(file)}
    row = rows["cook", "chef"]
    # 14 + 6 answers have both; 14 + 6 + 2 have cook, 14 + 6 chef.
    assert [float(row[name]) for name in ("n_joint", "n_given", "n_outcome")] == [20, 22, 20]
    assert float(row["value"]) == pytest.approx(20 / 22)
    assert 0.5 < float(row["low"]) < float(row["value"]) <= float(row["high"])


def test_the_output_is_made_with_its_options(built):
    lines = (built[0] / "plain.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "Skills and jobs"
    assert 55 < max(map(len, lines[1:])) <= 60


def test_the_engine_opens_with_its_own_key(built):
    assert "good morning: at most 200000000 rows" in built[1]


def test_the_schema_knows_what_is_installed(run):
    schema = json.loads(run("schema")[1])
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(yaml.safe_load(CONFIG))) == []
    for old, new in (("width: 60", "with: 60"), ("plain:", "plane:"), ("careful", "carefree"), ("greeting", "greting")):
        assert list(validator.iter_errors(yaml.safe_load(CONFIG.replace(old, new)))), new
    engine = schema["$defs"]["EngineSettings"]["properties"]
    assert engine["greeting"]["description"] == "What it says when it starts."
    source = schema["$defs"]["SourceSettings"]["anyOf"][-1]["properties"]["format"]["anyOf"][0]["enum"]
    assert "sqlite3" in source


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("width: 60", "width: wide", 'outputs[2].plain.width: needs a whole number, not "wide"'),
        ("width: 60", "wdth: 60", 'outputs[2].plain.wdth: unknown key; known keys here are width (did you mean "width"?)'),
        ("plain: {width: 60}", "plan", '"plan" is not one of html, pdf'),
        ("all_confidence", "all_confidenc", '(did you mean "all_confidence"?)'),
        ("careful", "carefull", '(did you mean "careful"?)'),
        ("greeting", "greting", '(did you mean "greeting"?)'),
        ("sheet: answers", "sheet: answer", "answers.sqlite3 has no table answer; sheet: takes one of answers"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_as_for_our_own(run, tmp_path, old, new, message):
    status, _, messages = run("build", write_project(tmp_path, old, new), "-o", tmp_path / "site")
    assert status != 0
    assert message in " ".join(messages.split())
    assert not (tmp_path / "site").exists()


def test_without_the_packages_each_place_is_named(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load_config(write_project(tmp_path))
    assert {problem.key for problem in caught.value.problems} >= {
        "engine.name",
        "panels[0].measure",
        "outputs[2].plain",
    }


def test_a_confined_build_refuses_them(run, tmp_path):
    status, _, messages = run("build", write_project(tmp_path), "-o", tmp_path / "site", "--confine")
    assert status == 1
    assert "--allow-plugin" in messages
