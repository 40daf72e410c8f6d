"""Text of a section from another package: a toy in two files, which adds a paragraph and a data file."""

import json
import re
import textwrap
from pathlib import Path

import pytest

from diptych.errors import PluginError
from diptych.pipeline import build, check
from tests.extending.conftest import PAGE, install, on_path

BLOCKS = re.findall(r"(?:^    .*\n|^\n(?=    ))+", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
TOY = {
    "greeting/__init__.py": "\n".join(textwrap.dedent(block) for block in BLOCKS if "reeting" in block),
}
PROJECT = {
    "name": "diptych-greeting",
    "version": "1.0",
    "entry-points": {
        "diptych.sections": {"greeting": "greeting:GREETING"},
        "diptych.passages": {"greeting": "greeting:PASSAGES"},
    },
}
CONFIG = """\
version: 1
report: {title: Skills and jobs}
relations:
  answers:
    records:
      source: answers.csv
      label: Answer
      rows: {column: skill}
      columns: {column: job}
outputs: [markdown, data]
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return a function that writes a config with these lines more; the package, with these edits, is installed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answers.csv").write_text("skill,job\n" + "cook,chef\n" * 30 + "drive,driver\n" * 20, encoding="utf-8")

    def written(more="", edits=()):
        code = TOY["greeting/__init__.py"]
        for old, new in edits:
            assert old in code
            code = code.replace(old, new)
        install(tmp_path / "packages", {"greeting/__init__.py": code}, PROJECT)
        on_path(tmp_path / "packages", monkeypatch, "greeting")
        Path("config.yaml").write_text(CONFIG + more, encoding="utf-8")
        return Path("config.yaml")

    return written


def test_a_section_adds_a_paragraph_and_a_data_file(project):
    build(project("greeting: {to: Ada}\n"), Path("site"))
    report = json.loads(Path("site/report.json").read_text("utf-8"))
    (interpretation,) = [section for section in report["sections"] if section["id"] == "interpretation"]
    last = interpretation["blocks"][-1]["sentences"]
    assert [(sentence["id"], sentence["origin"], sentence["spans"][0]["text"]) for sentence in last] == [
        ("greeting", "authored", "Ada, look at cook.")
    ]
    assert "Ada, look at cook." in Path("site/report.md").read_text("utf-8")
    assert Path("site/data/greeting.txt").read_text("utf-8") == "Ada, look at cook."
    assert {"path": "data/greeting.txt", "label": "The greeting"} in report["downloads"]
    manifest = json.loads(Path("site/manifest.json").read_text("utf-8"))
    assert "diptych-greeting" in manifest["versions"]["packages"]


def test_without_the_section_nothing_is_loaded(project, monkeypatch):
    monkeypatch.setattr("importlib.metadata.EntryPoint.load", lambda _: pytest.fail("loaded"))
    check(project())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"interpretation", "after"', '"moral", "after"', 'the report has no section "moral"'),
        ("data/greeting.txt", "data/counts.csv", '"data/counts.csv" is not the path of a new file in data/'),
        ("data/greeting.txt", "index.html", '"index.html" is not the path of a new file in data/'),
        ('f"{settings.to}, look', 'f"{1 / 0}, look', "division by zero"),
    ],
)
def test_what_a_package_does_wrong_names_it(project, old, new, message):
    config = project("greeting: {}\n", [(old, new)])
    with pytest.raises(PluginError) as caught:
        check(config)
    (said,) = caught.value.messages
    assert said.startswith('the writer of passages "greeting" of diptych-greeting 1.0 (greeting:PASSAGES) fails (')
    assert message in said
