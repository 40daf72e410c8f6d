"""The action and the workflows, as they are written, on a repository with a remote: week by week, and what goes wrong."""

import re

import pytest
import yaml

from tests.contrib.github.expressions import holds
from tests.contrib.github.repositories import bare
from tests.contrib.github.runner import ROOT, Machine
from tests.contrib.history.test_wording import edited
from tests.world import CLAIM, CONFIG, FALSE_CLAIM, FILES, MORE_MODELS

pytestmark = pytest.mark.slow


def test_the_first_run_publishes_and_keeps_the_first_snapshot(first_run):
    repository, before, jobs = first_run
    assert {name: job.state for name, job in jobs.items()} == {
        "build": "success", "publish": "success", "keep": "success"}  # fmt: skip
    report = jobs["build"].step("report")
    assert report.outputs["changed"] == "true"
    assert report.outputs["claims-failed"] == "0"
    assert report.outputs["report-path"] == "site"
    assert (repository.published / "index.html").is_file()
    (name,) = repository.snapshots()
    assert name.startswith("2026-01-09-001-")
    assert repository.git("rev-parse", "main^") == before
    assert repository.git("log", "-1", "--format=%an %s", "main") == f"github-actions[bot] Snapshot {name}"
    assert repository.git("diff", "--name-only", "main^", "main") == f"history/{name}"
    assert repository.git("for-each-ref", "--format=%(refname)") == "refs/heads/main"
    assert repository.github["pr"] == []


def test_the_summary_of_the_first_run(first_run):
    summary = first_run[2]["build"].summary
    assert summary.startswith(
        "## Small\n\nThe report was built from data of 2026-01-09.\n\n- 93% of models (38 of 41) have the same categories as t"
    )
    assert summary.endswith(
        "### Changes\n\nThis is the first snapshot, so there is nothing to compare with.\n"
    )  # fmt: skip


def test_packages_are_installed_from_the_lock_and_the_action_itself(first_run):
    installed = (first_run[0].folder / "log" / "pip").read_text().splitlines()
    assert [re.sub(r"\S*/(?=requirements|tools|environment|python)|(?<= )/\S+$", "", line) for line in installed] == [
        "-m pip install --quiet --upgrade --target tools --require-hashes --requirement requirements/uv.txt",
        "uv venv --quiet --clear --python python environment",
        "uv pip install --quiet --require-hashes --requirement requirements/run.txt",
        "uv pip install --quiet --no-deps --no-build-isolation --reinstall ",
    ]


def test_where_nothing_changed_nothing_is_committed(repository):
    before = repository.git("rev-parse", "main")
    jobs = repository.run()
    assert [job.state for job in jobs.values()] == ["success"] * 3
    assert jobs["build"].step("report").outputs["changed"] == "false"
    assert "The report says the same.\n\nNo number changed." in jobs["build"].summary
    assert "nothing to commit" in jobs["keep"].log
    assert repository.git("rev-parse", "main") == before
    assert repository.github["pr"] == []
    assert repository.github["issue"] == []


def test_a_config_without_snapshots_has_a_history_all_the_same_and_pull_requests_say_what_they_change(tmp_path):
    """So has our own: whoever else builds it keeps none, and leaves the checkout as it was."""
    assert "snapshots" not in yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    repository = bare(tmp_path)
    config = CONFIG.replace("snapshots: {folder: history/}\n", "")
    repository.push({**FILES, "config.yaml": config, "text/overview.md": ""})
    first = repository.run()
    assert "This is the first snapshot" in first["build"].summary
    assert [name[:14] for name in repository.snapshots()] == ["2026-01-09-001"]
    again = repository.run()
    assert again["build"].step("report").outputs["changed"] == "false"
    base = repository.git("rev-parse", "main")
    repository.push({"config.yaml": config.replace("match: a}", "match: [a, b]}")}, branch="change")
    event = payload(of_a_fork=False, base=base)
    jobs = repository.run("pull_request", "pull-request.yml", ref_name="change", payload=event)
    assert [job.state for job in jobs.values()] == ["success"] * 2
    assert jobs["build"].step("head").outputs["changed"] == "true"
    assert "The report says something else: " in jobs["build"].summary
    assert jobs["build"].summary.count("## Small") == 1
    assert repository.git("rev-parse", "main") == base
    assert repository.git("show", "main:config.yaml") + "\n" == config
    (comment,) = repository.github["comment"]
    assert "[Preview of the report](https://github.example/owner/study/actions/runs/77/artifacts/5)" in comment["body"]
    assert comment["body"].startswith("### Changes in the report\n\n**Headline before:**")


def assert_the_claim_is_withdrawn(repository, build):
    message = f"text/overview.md:2:1: {FALSE_CLAIM}"
    assert build.step("report").outputs["claims-failed"] == "1"
    assert ("warning", "file=text/overview.md,line=2,col=1", FALSE_CLAIM) in build.annotations
    assert "### False claims\n\nIn the report, a notice replaces each of these sentences" in build.summary
    assert f"- `{message}`" in build.summary
    assert "B keeps to itself more." not in (repository.published / "index.html").read_text(encoding="utf-8")
    (issue,) = repository.github["issue"]
    assert issue["title"] == "Claims in the report are false"
    assert f"- `{message}`" in issue["body"]


def test_other_data_and_false_claims_open_one_pull_request_and_one_issue(repository):
    """The claim is withdrawn, since the run is scheduled; the next run brings both up to date."""
    repository.push(MORE_MODELS)
    before = repository.git("rev-parse", "main")
    jobs = repository.run()
    assert [job.state for job in jobs.values()] == ["success"] * 3
    assert jobs["build"].step("report").outputs["changed"] == "true"
    assert "The report says something else: " in jobs["build"].summary
    assert repository.git("rev-parse", "main") == before
    assert [name[:14] for name in repository.snapshots("diptych/report")] == ["2026-01-09-001", "2026-02-01-001"]
    assert repository.git("rev-parse", "diptych/report^") == before
    assert_the_claim_is_withdrawn(repository, jobs["build"])
    (pull,) = repository.github["pr"]
    assert (pull["head"], pull["base"], pull["title"]) == ("diptych/report", "main", "The report has changed")
    assert "The report says something else: " in pull["body"]
    assert "[The run of the workflow](https://github.example/owner/study/actions/runs/77)" in pull["body"]

    more = {"m.csv": MORE_MODELS["m.csv"] + "y,b,2026-03-01\n", "k.csv": MORE_MODELS["k.csv"] + "d2,y\n"}
    repository.push({**more, "text/overview.md": CLAIM.replace("<", ">")})
    jobs = repository.run()
    assert [job.state for job in jobs.values()] == ["success"] * 3
    assert [name[:10] for name in repository.snapshots("diptych/report")] == ["2026-01-09", "2026-03-01"]
    assert len(repository.github["pr"]) == 1
    assert repository.snapshots("main") == repository.snapshots("main^")
    (issue,) = repository.github["issue"]
    assert issue["state"] == "closed"
    assert issue["comments"][0].startswith("All claims are true again.")


def test_what_is_thinned_out_is_compared_with_before_and_what_is_taken_back_closes_the_pull_request(repository):
    thinned = CONFIG.replace("folder: history/", "folder: history/, keep: {weekly: 1, monthly: 1, yearly: 1}")
    models = MORE_MODELS["m.csv"].replace("2026-02-01", "2026-01-10")  # of the same week
    repository.push({**MORE_MODELS, "m.csv": models, "config.yaml": thinned, "text/overview.md": ""})
    jobs = repository.run()
    assert jobs["build"].step("report").outputs["changed"] == "true"
    assert "The report says something else: " in jobs["build"].summary
    assert [name[:14] for name in repository.snapshots("diptych/report")] == ["2026-01-10-001"]
    assert [name[:14] for name in repository.snapshots("main")] == ["2026-01-09-001"]
    repository.push(FILES)
    jobs = repository.run()
    assert jobs["build"].step("report").outputs["changed"] == "false"
    (pull,) = repository.github["pr"]
    assert pull["state"] == "closed"
    assert "The report no longer differs" in pull["comments"][0]


def test_started_by_hand_a_false_claim_stops_it_and_the_old_report_stays(repository):
    repository.push(MORE_MODELS)
    old = (repository.published / "index.html").read_bytes()
    before = repository.git("rev-parse", "main")
    jobs = repository.run("workflow_dispatch")
    assert {name: job.state for name, job in jobs.items()} == {
        "build": "failure", "publish": "skipped", "keep": "skipped"}  # fmt: skip
    assert jobs["build"].step("report").status == 3
    assert ("error", "file=text/overview.md,line=2,col=1", FALSE_CLAIM) in jobs["build"].annotations
    assert "The report was **not built** (exit status 3)." in jobs["build"].summary
    assert jobs["build"].step("report").outputs["report-path"] == ""
    assert (repository.published / "index.html").read_bytes() == old
    assert repository.git("rev-parse", "main") == before
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
    assert (jobs["publish"].state, jobs["keep"].state) == ("skipped", "success")
    (issue,) = repository.github["issue"]
    assert issue["title"] == "The report cannot be built"
    assert "- `config.yaml:6:17: taxonomy.categories[1].mtach: unknown key;" in issue["body"]
    assert repository.snapshots("main") == repository.snapshots("main^")
    repository.push(FILES)
    repository.run()
    (issue,) = repository.github["issue"]
    assert (issue["state"], issue["comments"][0][:26]) == ("closed", "The report is built again.")


def test_after_a_push_the_report_is_published_and_the_snapshot_committed(repository):
    """What is pushed was reviewed: no pull request asks for it again. A false claim stops it, as in a pull request."""
    repository.push(MORE_MODELS | {"text/overview.md": CLAIM.replace("<", ">")})
    pushed = repository.git("rev-parse", "main")
    jobs = repository.run("push")
    assert [job.state for job in jobs.values()] == ["success"] * 3
    assert jobs["build"].step("report").outputs["changed-words"] == "true"
    assert repository.git("rev-parse", "main^") == pushed
    assert [name[:10] for name in repository.snapshots()] == ["2026-01-09", "2026-02-01"]
    assert repository.github["pr"] == []
    repository.push({"text/overview.md": CLAIM})
    jobs = repository.run("push")
    assert [job.state for job in jobs.values()] == ["failure", "skipped", "skipped"]
    assert repository.github["issue"] == []


def payload(*, of_a_fork: bool, base: str) -> dict[str, object]:
    head = {"repo": {"full_name": "somebody/study" if of_a_fork else "owner/study"}}
    return {"pull_request": {"number": 12, "base": {"sha": base}, "head": head}}


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


def test_a_false_claim_of_a_pull_request_is_an_error(repository):
    base = repository.git("rev-parse", "main")
    repository.push(MORE_MODELS, branch="change")
    event = payload(of_a_fork=False, base=base)
    jobs = repository.run("pull_request", "pull-request.yml", ref_name="change", payload=event)
    assert jobs["build"].state == "failure"
    assert jobs["build"].step("head").status == 3
    assert ("error", "file=text/overview.md,line=2,col=1", FALSE_CLAIM) in jobs["build"].annotations
    (comment,) = repository.github["comment"]
    assert f"- `text/overview.md:2:1: {FALSE_CLAIM}`" in comment["body"]


def test_a_pull_request_that_edits_rows_shows_the_headlines_first(tmp_path):
    """40 of 417 answers are edited: no number moves by more than noise, and the headline is another."""
    config = (ROOT / "examples/survey/config.yaml").read_text(encoding="utf-8")
    answers = (ROOT / "examples/survey/answers.csv").read_text(encoding="utf-8")
    repository = bare(tmp_path)
    repository.push(
        {"config.yaml": config.replace("version: 1", "version: 1\noutputs: [data]"), "answers.csv": answers}
    )
    base = repository.git("rev-parse", "main")
    repository.push({"answers.csv": edited("Python", "Excel", 40)}, branch="change")
    event = payload(of_a_fork=False, base=base)
    jobs = repository.run("pull_request", "pull-request.yml", ref_name="change", payload=event)
    outputs = jobs["build"].step("head").outputs
    assert {name: outputs[name] for name in ("changed", "changed-words", "changed-numbers")} == {
        "changed": "true", "changed-words": "true", "changed-numbers": "false"}  # fmt: skip
    (comment,) = repository.github["comment"]
    assert len(comment["body"]) < 65_536
    before, now, verdict = comment["body"].split("\n\n")[1:4]
    assert before.startswith("**Headline before:** 60% of respondents with Programming skills have Engineer jobs")
    assert now.startswith("**Headline now:** ")
    assert before.partition(":** ")[2] != now.partition(":** ")[2]
    assert verdict.startswith("The report says something else: the headline")
    assert "No number changed by more than noise." in comment["body"]
