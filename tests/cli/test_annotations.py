"""Errors beside their lines on GitHub, and what a false claim does, chosen on the command line."""

import json

import pytest
from typer.testing import CliRunner

from diptych.cli.annotations import annotation
from diptych.cli.app import app
from diptych.contrib.github.building import false_claims
from tests.world import CLAIM, FILES, write

pytestmark = pytest.mark.slow

FALSE = CLAIM.replace("<", ">").replace("B keeps", "A keeps")
MESSAGE = 'claim is false: left["A","A"] > left["B","B"] (0.86 > 1.00)'


def run(*arguments):
    found = CliRunner().invoke(app, [*arguments], catch_exceptions=False)
    return found.exit_code, found.stdout, found.stderr


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A repository with a project in a folder, whose text has a false claim."""
    write(tmp_path / "study", FILES | {"text/coverage.md": FALSE})
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "study"


def test_a_false_claim_stands_beside_its_line_from_the_top_of_the_repository(project):
    status, _, err = run("check", "study/config.yaml", "--annotations", "github")
    assert status == 3
    assert err.splitlines() == [
        f"error: text/coverage.md:2:1: {MESSAGE}",
        f"::error file=study/text/coverage.md,line=2,col=1::{MESSAGE}",
    ]


def test_problems_of_the_config_stand_beside_their_lines(project, monkeypatch):
    config = project / "config.yaml"
    config.write_text(config.read_text().replace("title: Small", "titel: Small, authors: 5"))
    monkeypatch.chdir(project)
    status, _, err = run("build", "--annotations", "github")
    assert status == 1
    lines = err.splitlines()
    assert [line.split("::", 2)[1] for line in lines if line.startswith("::")] == [
        "error file=study/config.yaml,line=2,col=1",
        "error file=study/config.yaml,line=2,col=10",
        "error file=study/config.yaml,line=2,col=24",
    ]
    said = [line.removeprefix("error: ").split(": ", 1)[1] for line in lines if not line.startswith("::")]
    assert [line.split("::", 2)[2] for line in lines if line.startswith("::")] == said


def test_a_claim_can_be_withdrawn_whatever_the_config_says(project):
    assert run("build", "study/config.yaml", "-o", "site", "--on-false-claim", "withdraw")[0] == 0
    assert "A keeps to itself more." not in (project.parent / "site" / "report.json").read_text()
    path = project.parent / "site" / "data" / "claims.json"
    (claim,) = json.loads(path.read_text())["claims"]
    assert claim["holds"] is False
    assert [message.rpartition(":2:1: ")[2] for message in false_claims(project.parent / "site")] == [MESSAGE]


def test_names_that_would_be_commands_are_none(project):
    name = "::error::x ##[add-mask]y"
    config = project / "config.yaml"
    config.write_text(config.read_text().replace("name: A", f'name: "{name}"'))
    (project / "text" / "coverage.md").write_text(CLAIM.replace('"A","A"', f'"{name}","{name}"').replace("<", ">"))
    status, _, err = run("check", "study/config.yaml", "--annotations", "github")
    assert status == 3
    lines = err.splitlines()
    assert [line.split("::", 2)[1] for line in lines if line.lstrip().startswith("::")] == [
        "error file=study/text/coverage.md,line=2,col=1"
    ]
    assert [line for line in lines if "##[" in line and not line.startswith("::error file=")] == []
    assert "# #[add-mask]y" in err


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("a b,c.yaml:3:4: wrong: 5 %", "::error file=a b%2Cc.yaml,line=3,col=4::wrong: 5 %25"),
        ("a b,c.yaml:3: wrong", "::error file=a b%2Cc.yaml,line=3::wrong"),
        ("a b,c.yaml: is empty", "::error file=a b%2Cc.yaml::is empty"),
        ("gone.yaml:3:4: wrong", "::error::gone.yaml:3:4: wrong"),
        ("no place: at all", "::error::no place: at all"),
        ("two\nlines\r", "::error::two%0Alines%0D"),
    ],
)
def test_annotations(message, line, tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b,c.yaml").touch()
    assert annotation(message) == line
