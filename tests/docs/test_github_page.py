"""docs/ci.md, word for word: what a person types or copies from the page works."""

import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from diptych.cli.app import app

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8").partition("\n## Compare two reports\n")[0]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
BLOCKS = re.findall(r"^ *```(\w+)\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)
YAML = [yaml.safe_load(text) for kind, text in BLOCKS if kind == "yaml"]


@pytest.fixture
def study(tmp_path, monkeypatch):
    """The working directory: a repository with the config that the command names."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "data").mkdir()
    for name in ("config.yaml", "answers.csv"):
        (tmp_path / name).write_bytes((ROOT / "examples" / "survey" / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command():
    """Return the words of the command that writes the workflows."""
    (text,) = (text for kind, text in BLOCKS if kind == "sh")
    return text.split()[1:]


def test_the_command_writes_the_workflows_that_the_page_names(study):
    words = [word.replace("COMMIT", COMMIT) for word in command()]
    done = CliRunner().invoke(app, words)
    assert (done.exit_code, "note" in done.output) == (0, False), done.output
    names = {path.name for path in (study / ".github" / "workflows").iterdir()}
    assert names == {"report.yml", "report-pull-request.yml"}
    assert {name for name in names if name in PAGE} == names
    again = CliRunner().invoke(app, [*words, "--site", "mkdocs"])
    assert again.exit_code == 1
    assert CliRunner().invoke(app, [*words, "--site", "mkdocs", "--force"]).exit_code == 0
    assert "mkdocs" in (study / ".github" / "workflows" / "report.yml").read_text(encoding="utf-8")


def test_the_command_as_printed_asks_for_a_commit(study):
    done = CliRunner().invoke(app, command())
    assert "name the commit, of 40 digits" in done.output


def test_the_steps_of_the_page_have_inputs_and_outputs_that_there_are():
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (steps,) = (block for block in YAML if isinstance(block, list))
    used, after = steps
    assert set(used["with"]) <= set(action["inputs"])
    outputs = re.findall(rf"steps\.{used['id']}\.outputs\.([\w-]+)", after["if"])
    assert outputs
    assert set(outputs) <= set(action["outputs"])


def test_the_hook_of_the_page_exists():
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    (settings,) = (block for block in YAML if isinstance(block, dict))
    (repository,) = settings["repos"]
    assert {hook["id"] for hook in repository["hooks"]} <= hooks
