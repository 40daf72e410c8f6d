"""No byte that a build publishes holds a private value, wherever it may be packed; public values are there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from diptych.contrib.github import building, saying
from tests.privacy.leaks import contents, leaks, unpacked
from tests.privacy.people import EMAILS, FREE_TEXT, MATCHED, NOTES, POSTCODES, SECRETS, write_project

pytestmark = pytest.mark.services


def run(folder: Path, *arguments: str) -> bytes:
    """Run the program as CI does; return all that it says."""
    found = subprocess.run(
        [sys.executable, "-m", "diptych", *arguments],
        cwd=folder,
        env={**os.environ, "CI": "true", "COLUMNS": "200"},
        capture_output=True,
        check=False,
    )
    assert found.returncode in (0, 4), found.stderr.decode()
    return found.stdout + found.stderr


@pytest.fixture(scope="module")
def private(tmp_path_factory):
    """Build a project about people twice, with all files, as the action does; return its folder, and what was said."""
    folder = tmp_path_factory.mktemp("private")
    said: dict[str, bytes] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("CI", "true")
        patch.setenv("DIPTYCH_CACHE", str(folder / "cache"))
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        for number, n_answers in enumerate((400, 460)):
            config = write_project(folder, public=False, n_answers=n_answers)
            if number:
                config.write_text(config.read_text("utf-8").replace("2026-01-01", "2026-02-01"), "utf-8")
            results = folder / f"results{number}"
            made = building.build("config.yaml", f"site{number}", results, None)
            assert made.status == 0, made.errors
            made = building.compare(made, "site0" if number else "", results)
            made.write(results)
            said[f"summary {number}"] = saying.summary(made).encode()
    said["check"] = run(folder, "check", "config.yaml")
    said["diff"] = run(folder, "diff", "site0", "site1", "--markdown", "diff.md")
    said["diff as data"] = run(folder, "diff", "site0", "site1", "--json", "diff.json")
    said["explain"] = run(folder, "explain", "survey_left:Python,Field", "config.yaml", "--json")
    said["explain of links"] = run(folder, "explain", "attended_left:Office,Excel", "config.yaml")
    said["explain of keys"] = run(folder, "explain", "owned_left:Excel,Office", "config.yaml")
    said["verify"] = run(folder, "verify", "site1")
    for name in ("people.csv", "courses.csv", "attended.csv", "survey.csv", "config.yaml"):
        (folder / name).unlink()
    shutil.rmtree(folder / ".diptych", ignore_errors=True)
    return folder, said


def test_no_private_value_is_published(private):
    folder, said = private
    kinds = {path.suffix for path in folder.rglob("*")}
    assert {".html", ".pdf", ".md", ".tex", ".typ", ".svg", ".json", ".csv", ".cff"} <= kinds
    written = [*contents(folder), *(one for name, text in said.items() for one in unpacked(name, text))]
    assert any("base64" in where for where, _ in written)
    assert leaks(SECRETS, written) == {}


def test_private_labels_without_a_category_are_counted(private):
    folder, _ = private
    assert "labels, not published)" in (folder / "site1/data/unmatched.csv").read_text("utf-8")


def test_the_search_finds_what_is_public(tmp_path):
    config = write_project(tmp_path / "project", public=True)
    run(tmp_path, "build", str(config), "-o", "site")
    found = leaks(SECRETS, contents(tmp_path / "site"))
    missed = {one for one in (*EMAILS, *FREE_TEXT, *MATCHED, *POSTCODES) if one not in found}
    assert missed == set()
    assert not found.keys() & set(NOTES), "comments are published in no case"
    everywhere = {place.partition(":")[0].partition(" (")[0] for places in found.values() for place in places}
    assert {"report.json", "data/contributors.csv", "data/unmatched.csv"} <= everywhere
    assert any(place.startswith("report.pdf >") for place in everywhere)


SAID_NOTHING = """# {note}
version: 1
report: {{title: People}}
taxonomies:
  skills: {{categories: [{{name: Python, pattern: "(?i)python"}}, {{name: Excel, match: excel}}]}}
  jobs: {{categories: [{{name: Office, match: clerk}}, {{name: Field, match: ranger}}]}}
relations:
  survey:
    records: {{source: survey.csv, rows: {{column: skill, taxonomy: skills}}, columns: {{column: job, taxonomy: jobs}}}}
    group: [email]
outputs: [html, pdf, data]
"""


def test_where_the_config_says_nothing_values_are_private(tmp_path):
    write_project(tmp_path / "project", public=False)
    config = tmp_path / "project/config.yaml"
    config.write_text(SAID_NOTHING.format(note=NOTES[0]), encoding="utf-8")
    said = run(tmp_path, "build", str(config), "-o", "site")
    assert b"the column email seems to contain e-mail addresses" in said
    written = [*contents(tmp_path / "site"), ("said", said)]
    assert leaks((*EMAILS, *FREE_TEXT, *MATCHED, NOTES[0]), written) == {}
