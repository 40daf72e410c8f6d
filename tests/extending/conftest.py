"""The package of docs/extending.md, installed from the page: its files, and the metadata that an installer writes."""

import re
import sqlite3
import sys
import tomllib
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"
BLOCK = re.compile(r"```\w+\n(?:# |\{# )(\S+)(?: #\})?\n(.*?)```", re.DOTALL)


def install(folder, files, project):
    """Write a package and its metadata into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    about = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    about.mkdir(parents=True)
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (about / "METADATA").write_text(head, encoding="utf-8")
    groups = project["entry-points"].items()
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in points.items()) for group, points in groups]
    (about / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")


def on_path(folder, monkeypatch, package):
    """Let Python find a folder's package, until the test ends."""
    monkeypatch.syspath_prepend(folder)
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)


@pytest.fixture(scope="session")
def packed(tmp_path_factory):
    """The folder that holds the package."""
    folder = tmp_path_factory.mktemp("packages")
    files = dict(BLOCK.findall(PAGE.read_text(encoding="utf-8")))
    project = tomllib.loads(files.pop("pyproject.toml"))["project"]
    install(folder, {"diptych_toy/__init__.py": "", **files}, project)
    return folder


@pytest.fixture
def toy(packed, monkeypatch):
    """Install the package for a test."""
    on_path(packed, monkeypatch, "diptych_toy")
    yield packed
    for name in [name for name in sys.modules if name.partition(".")[0] == "diptych_toy"]:
        del sys.modules[name]


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
  - {id: shares, relation: answers, given: rows, outcome: columns}
figures:
  - {id: main, panels: [left]}
  - {id: again, panels: [shares]}
inference: {minimum_units: 3}
text: {folder: text}
outputs: [html, pdf, data, plain: {width: 60}]
findings: [reach: {least: 3}]
largest: {least: 14}
"""
CLAIM = """\
{% claim left["cook", "chef"] > 0.8 %}Cooks are chefs: {{ left["cook", "chef"] }}.{% endclaim %}
"""
# Skills, jobs, and how often: 20 of 22 with cook are chefs, 14 + 6 = 20 with chef in all.
ANSWERS = (
    ("cook", "chef", 14), ("cook;clean", "chef;cleaner", 6), ("clean", "cleaner", 9), ("drive", "driver", 12),
    ("drive;clean", "driver", 3), ("drive", "cleaner", 4), ("cook", "cleaner", 2),
)  # fmt: skip


def write_project(folder, **edits):
    """Write the project that asks for all that the package has; `edits` replace lines of the config."""
    folder.mkdir(parents=True, exist_ok=True)
    config = CONFIG
    for old, new in edits.pop("edits", {}).items():
        assert old in config, old
        config = config.replace(old, new)
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    (folder / "text").mkdir()
    (folder / "text" / "main.interpretation.md").write_text(CLAIM, encoding="utf-8")
    connection = sqlite3.connect(folder / "answers.sqlite3")
    connection.execute("create table answers (skills text, jobs text)")
    rows = [(skills, jobs) for skills, jobs, n in ANSWERS for _ in range(n)]
    connection.executemany("insert into answers values (?, ?)", rows)
    connection.commit()
    connection.close()
    return folder / "config.yaml"
