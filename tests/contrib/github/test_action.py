"""The action and the workflows, as they are written, on a repository with a remote: week by week, and what goes wrong."""

import csv
import io
import json
import shutil

import pytest
import yaml

from tests.contrib.github.expressions import holds
from tests.contrib.github.repositories import bare
from tests.contrib.github.runner import ROOT, Machine, git
from tests.programs import needs
from tests.world import CLAIM, CONFIG, FALSE_CLAIM, FILES, MORE_MODELS, write

# The steps of the action are scripts of bash, as on the machines of GitHub.
pytestmark = [pytest.mark.services, needs(shutil.which("bash"), "bash is not installed")]

SURVEY = ROOT / "examples/survey"


def edited(old: set[str], new: str, most: int) -> str:
    """Return the survey with some skills replaced in the first answers that have one of them."""
    rows = list(csv.DictReader(io.StringIO((SURVEY / "answers.csv").read_text(encoding="utf-8"))))
    left = most
    for row in rows:
        skills = row["skills"].split("; ")
        if old & {*skills} and left:
            row["skills"], left = "; ".join(new if skill in old else skill for skill in skills), left - 1
    assert not left
    written = io.StringIO()
    table = csv.DictWriter(written, rows[0].keys(), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return written.getvalue()


def test_the_first_run_publishes_and_stores_nothing_in_the_repository(first_run):
    repository, before, jobs = first_run
    assert {name: job.state for name, job in jobs.items()} == {
        "build": "success", "publish": "success", "issues": "success"}  # fmt: skip
    report = jobs["build"].step("report")
    assert report.outputs["changed"] == "true"
    assert report.outputs["claims-failed"] == "0"
    assert report.outputs["report-path"] == "site"
    assert (repository.published / "index.html").is_file()
    assert repository.git("rev-parse", "main") == before
    assert repository.git("for-each-ref", "--format=%(refname)") == "refs/heads/main"


def assert_the_claim_is_withdrawn(repository, build):
    message = f"text/coverage.md:2:1: {FALSE_CLAIM}"
    assert build.step("report").outputs["claims-failed"] == "1"
    assert ("warning", "file=text/coverage.md,line=2,col=1", FALSE_CLAIM) in build.annotations
    assert "### False claims\n\nIn the report, a notice replaces each of these sentences" in build.summary
    assert f"- `{message}`" in build.summary
    assert "B keeps to itself more." not in (repository.published / "index.html").read_text(encoding="utf-8")
    (issue,) = repository.github["issue"]
    assert issue["title"] == "Claims in the report are false"
    assert f"- `{message}`" in issue["body"]


def test_other_data_and_a_false_claim_are_published_compared_and_open_one_issue(repository):
    """The claim is withdrawn, since the run is scheduled; the next run brings the issue up to date."""
    repository.push(MORE_MODELS)
    before = repository.git("rev-parse", "main")
    jobs = repository.run()
    assert [job.state for job in jobs.values()] == ["success"] * 3
    assert jobs["build"].step("report").outputs["changed"] == "true"
    assert "The report says something else: " in jobs["build"].summary
    claim = 'text/coverage.md:2: left\\["A","A"\\] \\< left\\["B","B"\\]: false (0.86 \\< 0.50) now'
    assert f"#### Claims\n\n- {claim}" in jobs["build"].summary
    assert repository.git("rev-parse", "main") == before
    assert_the_claim_is_withdrawn(repository, jobs["build"])

    jobs = repository.run()  # compared with the report of last time
    assert jobs["build"].step("report").outputs["changed"] == "false"
    repository.push({"text/coverage.md": CLAIM.replace("<", ">")})
    jobs = repository.run()
    assert [job.state for job in jobs.values()] == ["success"] * 3
    (issue,) = repository.github["issue"]
    assert issue["state"] == "closed"
    assert issue["comments"][0].startswith("All claims are true again.")


def test_started_by_hand_a_false_claim_stops_it_and_the_old_report_stays(repository):
    repository.push(MORE_MODELS)
    old = (repository.published / "index.html").read_bytes()
    jobs = repository.run("workflow_dispatch")
    assert {name: job.state for name, job in jobs.items()} == {
        "build": "failure", "publish": "skipped", "issues": "skipped"}  # fmt: skip
    assert jobs["build"].step("report").status == 3
    assert ("error", "file=text/coverage.md,line=2,col=1", FALSE_CLAIM) in jobs["build"].annotations
    assert "The report was **not built** (exit status 3)." in jobs["build"].summary
    assert jobs["build"].step("report").outputs["report-path"] == ""
    assert (repository.published / "index.html").read_bytes() == old
    assert repository.github["issue"] == []


def test_a_broken_config_stops_it_beside_the_line(repository):
    repository.push({"config.yaml": CONFIG.replace("match: b}", "mtach: b}")})
    jobs = repository.run()
    assert jobs["build"].state == "failure"
    assert jobs["build"].step("report").status == 1
    assert [where for sort, where, _ in jobs["build"].annotations if where] == ["file=config.yaml,line=6,col=17"]
    summary = jobs["build"].summary
    assert summary.startswith("## config.yaml\n\nThe report was **not built** (exit status 1).")
    assert "- `config.yaml:6:17: taxonomy.categories[1].mtach: unknown key;" in summary
    assert (jobs["publish"].state, jobs["issues"].state) == ("skipped", "success")
    (issue,) = repository.github["issue"]
    assert issue["title"] == "The report cannot be built"
    assert "- `config.yaml:6:17: taxonomy.categories[1].mtach: unknown key;" in issue["body"]
    repository.push(FILES)
    jobs = repository.run()
    assert jobs["build"].step("report").outputs["changed"] == "false"  # compared with the last that was built
    (issue,) = repository.github["issue"]
    assert (issue["state"], issue["comments"][0][:26]) == ("closed", "The report is built again.")


def payload(*, of_a_fork: bool, base: str) -> dict[str, object]:
    head = {"repo": {"full_name": "somebody/study" if of_a_fork else "owner/study"}}
    return {"pull_request": {"number": 12, "base": {"sha": base}, "head": head}}


def pull_request(repository):
    """Run the workflow on the branch `change`."""
    event = payload(of_a_fork=False, base=repository.git("rev-parse", "main"))
    return repository.run("pull_request", "pull-request.yml", ref_name="change", payload=event)


def test_a_pull_request_of_a_fork_runs_no_job_that_may_write(repository, tmp_path):
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "pull-request.yml").read_text(encoding="utf-8"))["jobs"]
    for of_a_fork in (False, True):
        event = payload(of_a_fork=of_a_fork, base="")
        contexts = Machine(
            tmp_path / "m", tmp_path, repository.remote, tmp_path, "pull_request", payload=event
        ).contexts()
        run = {name for name, job in jobs.items() if holds(job.get("if"), contexts, "success")}
        assert run == ({"build"} if of_a_fork else {"build", "comment"})
    assert jobs["build"]["permissions"] == {"contents": "read"}


def test_a_pull_request_says_what_another_taxonomy_changes(tmp_path):
    repository = bare(tmp_path)
    repository.push({**FILES, "text/coverage.md": ""})
    base = repository.git("rev-parse", "main")
    repository.push({"config.yaml": CONFIG.replace("match: a}", "match: [a, b]}")}, branch="change")
    jobs = pull_request(repository)
    assert [job.state for job in jobs.values()] == ["success"] * 2
    assert jobs["build"].step("head").outputs["changed"] == "true"
    assert jobs["build"].summary.count("## Small") == 1
    assert repository.git("rev-parse", "main") == base
    (comment,) = repository.github["comment"]
    assert "[Preview of the report](https://github.example/owner/study/actions/runs/77/artifacts/5)" in comment["body"]
    assert comment["body"].startswith("### Changes in the report\n\nThe report says something else: ")
    assert "\n- A (dataset): " in comment["body"]
    assert 'taxonomies.default.categories.A.match: ["a"] before, ["a", "b"] now' in comment["body"].replace("\\", "")


def test_a_false_claim_of_a_pull_request_is_an_error(repository):
    repository.push(MORE_MODELS, branch="change")
    jobs = pull_request(repository)
    assert jobs["build"].state == "failure"
    assert jobs["build"].step("head").status == 3
    assert ("error", "file=text/coverage.md,line=2,col=1", FALSE_CLAIM) in jobs["build"].annotations
    (comment,) = repository.github["comment"]
    assert f"- `text/coverage.md:2:1: {FALSE_CLAIM}`" in comment["body"]


def test_links_that_a_pull_request_commits_reach_no_artifact(repository, tmp_path):
    """In the folder of the report, or as it: with a build that fails, and with one that keeps files of others."""
    secret = write(tmp_path, {"secret/index.html": "secret"}) / "secret"
    broken = {"config.yaml": CONFIG.replace("match: b}", "mtach: b}")}
    ours = {"generator": "diptych 0", "format": 1, "outputs": {}, "partial": True}
    commits = (
        ({}, {"site": secret}),
        (broken, {"site": secret}),
        (broken, {"site/x.html": secret / "index.html"}),
        ({"site/manifest.json": json.dumps(ours)}, {"site/x.html": secret / "index.html"}),
    )
    for files, links in commits:
        clone = tmp_path / "clone"
        git("clone", "--quiet", str(repository.remote), str(clone), cwd=tmp_path)
        write(clone, files)
        for name, target in links.items():
            (clone / name).parent.mkdir(exist_ok=True)
            (clone / name).symlink_to(target)
        git("add", "--all", "--force", cwd=clone)
        git("commit", "--quiet", "--message", "A link", cwd=clone)
        git("push", "--quiet", "--force", "origin", "HEAD:change", cwd=clone)
        shutil.rmtree(clone)
        jobs = pull_request(repository)
        assert jobs["build"].state == "failure"
        kept = [path for path in (repository.folder / "store/artifacts").rglob("*") if path.is_file()]
        assert kept
        assert all(path.read_bytes() != b"secret" for path in kept)
        assert not (repository.folder / "store/artifacts/preview").exists()
    assert (secret / "index.html").read_text() == "secret"
