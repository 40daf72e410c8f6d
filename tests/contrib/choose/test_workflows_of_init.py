"""`diptych init --github`: the workflows that it writes, and what it does not write over."""

import re

import pytest
import yaml
from typer.testing import CliRunner

from diptych.cli.app import app
from tests.world import FILES, write

COMMIT = "0123456789abcdef0123456789abcdef01234567"
ACTION = f"owner/diptych@{COMMIT}"


@pytest.fixture
def init(tmp_path, monkeypatch):
    """Return a function that runs the command in a folder: status, output, messages."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        found = CliRunner().invoke(app, ["init", *arguments], catch_exceptions=False)
        return found.exit_code, found.stdout, found.stderr

    return run


def used(path):
    """Return what the steps of a workflow use, but for GitHub's own actions, with what they are given."""
    steps = [step for job in yaml.safe_load(path.read_text())["jobs"].values() for step in job["steps"]]
    return [(step["uses"], step["with"]) for step in steps if not step.get("uses", "actions/").startswith("actions/")]


def watched_paths(path, event):
    """Return the files whose changes start a workflow."""
    return yaml.safe_load(path.read_text())[True][event]["paths"]  # `on` is true in YAML 1.1


def test_it_writes_two_workflows_that_use_the_action_by_its_commit(init, tmp_path):
    write(tmp_path / "a study", FILES)
    status, out, err = init("--github", "--action", ACTION, "--config", "./a study/config.yaml")
    folder = tmp_path / ".github" / "workflows"
    assert (status, out.split()) == (0, [".github/workflows/report.yml", ".github/workflows/report-pull-request.yml"])
    assert err == ""
    (uses, build), (_, issues) = used(folder / "report.yml")
    assert (uses, build) == (
        ACTION,
        {
            "config": "a study/config.yaml",
            "output": "site",
            "compare": ".published",
            "confine": "true",
            "results": "${{ runner.temp }}/results/report",
        },
    )
    assert issues == {"task": "issue", "results": "${{ runner.temp }}/results/report"}
    base, head, comment = used(folder / "report-pull-request.yml")
    assert base[1]["config"] == ".base/a study/config.yaml"
    assert head[1]["config"] == "a study/config.yaml"
    assert {base[0], head[0], comment[0]} == {ACTION}
    own = ["a study/config.yaml", "a study/d.csv", "a study/m.csv", "a study/k.csv", "a study/text/**"]
    assert watched_paths(folder / "report.yml", "push") == [*own, ".github/workflows/report.yml"]
    assert watched_paths(folder / "report-pull-request.yml", "pull_request") == [
        *own,
        ".github/workflows/report-pull-request.yml",
    ]


def test_several_configs_are_built_side_by_side(init, tmp_path):
    write(tmp_path / "birds", FILES)
    write(tmp_path / "bees", FILES)
    configs = ("--config", "birds/config.yaml", "--config", "bees/config.yaml")
    assert init("--github", "--action", ACTION, *configs)[0] == 0
    folder = tmp_path / ".github" / "workflows"
    birds, bees, *kept = (given for _, given in used(folder / "report.yml"))
    assert [one["output"] for one in (birds, bees)] == ["site/birds", "site/bees"]
    assert [one["compare"] for one in (birds, bees)] == [".published/birds", ".published/bees"]
    results = [f"${{{{ runner.temp }}}}/results/{name}" for name in ("birds", "bees")]
    assert [one["results"] for one in (birds, bees)] == [one["results"] for one in kept] == results
    assert len({one["issue-title"] for one in kept}) == 2
    text = (folder / "report.yml").read_text()
    assert '<li><a href="birds/">birds</a></li>' in text
    assert {"birds/config.yaml", "bees/config.yaml"} <= set(watched_paths(folder / "report.yml", "push"))
    pull = (folder / "report-pull-request.yml").read_text()
    assert "steps.base-bees.outputs.report-path" in pull


@pytest.mark.parametrize(("site", "command", "output"), [("mkdocs", "mkdocs", "site"), ("quarto", "quarto", "_site")])
def test_a_report_inside_another_site(site, command, output, init, tmp_path):
    write(tmp_path, FILES)
    assert init("--github", "--action", ACTION, "--site", site)[0] == 0
    path = tmp_path / ".github" / "workflows" / "report.yml"
    [(_, build), _] = used(path)
    assert build["output"] == f"{output}/report"
    steps = yaml.safe_load(path.read_text())["jobs"]["build"]["steps"]
    names = [step.get("name") or step.get("id") or step["uses"].partition("@")[0] for step in steps]
    assert names[1:5] == ["The published report", "Build the site", "report", "actions/upload-pages-artifact"]
    assert f"bin/{command}" in steps[2]["run"]
    assert steps[4]["with"]["path"] == output


def test_an_unknown_site_is_refused(init):
    status, _, err = init("--github", "--action", ACTION, "--site", "hugo")
    assert status == 2
    assert '"hugo" is not one of none, mkdocs, quarto' in " ".join(re.sub("[│╭╮╰╯─]", " ", err).split())


def test_it_writes_over_nothing_but_what_it_wrote(init, tmp_path):
    write(tmp_path, FILES)
    assert init("--github", "--action", ACTION, "-q")[0] == 0
    assert init("--github", "--action", ACTION, "-q")[0] == 0
    path = tmp_path / ".github" / "workflows" / "report.yml"
    path.write_text("mine")
    (tmp_path / ".github" / "workflows" / "report-pull-request.yml").unlink()
    assert init("--github", "--action", ACTION, "-q") == (
        1,
        "",
        "error: .github/workflows/report.yml: is there already, and differs; --force writes over it\n",
    )
    assert path.read_text() == "mine"
    assert [one.name for one in path.parent.iterdir()] == ["report.yml"]
    assert init("--github", "--action", ACTION, "-q", "--force")[0] == 0
    assert path.read_text() != "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "TABLE: give a table, to choose its columns, or --github, for workflows"),
        (("a.csv", "--github"), "TABLE: give a table, to choose its columns, or --github, for workflows"),
        (("--github",), '--action: "" is not OWNER/NAME@COMMIT, which says where the action is'),
        (("--github", "--action", "x"), '--action: "x" is not OWNER/NAME@COMMIT, which says where the action is'),
        (
            ("--github", "--action", 'o/n@v1"\nruns: x'),
            '--action: "o/n@v1"\\nruns: x" is not OWNER/NAME@COMMIT, which says where the action is',
        ),
        (
            ("--github", "--action", ACTION, "--config", "../config.yaml"),
            "--config: ../config.yaml is not below the top of the repository; name it from there",
        ),
    ],
)
def test_what_it_refuses(init, tmp_path, arguments, message):
    status, out, err = init(*arguments)
    assert (status, out) == (2, "")
    assert f"Invalid value for {message}" in " ".join(re.sub("[│╭╮╰╯─]", " ", err).split())
    assert list(tmp_path.iterdir()) == []
