"""Snapshots on their way into a repository: other runs that push meanwhile, protected branches, and time that passes."""

import json
import shutil
import threading

import pytest

from diptych.contrib.github.building import KEPT, Result
from tests.contrib.github.machines import LONG_AGO, NEW, NOW, OLD, OTHER, machine_of
from tests.contrib.github.runner import git
from tests.contrib.github.standin import write_programs

pytestmark = pytest.mark.slow


@pytest.fixture
def repository(small_repository):
    """A repository with one snapshot."""
    return small_repository


def keep(machine, how="commit", **more):
    return machine.run_action({"task": "keep", "keep": how, "results": str(machine.folder / "results"), **more})


def errors(done):
    return [message for sort, _, message in done.annotations if sort == "error"]


def test_a_commit_holds_the_snapshot_and_leaves_the_workspace_alone(repository):
    machine = machine_of(repository)
    (machine.workspace / "notes.md").write_text("being written")
    (machine.workspace / "more.md").write_text("staged")
    git("add", "more.md", cwd=machine.workspace)
    before = git("status", "--porcelain", cwd=machine.workspace)
    done = keep(machine)
    assert (done.state, done.outputs["pushed-to"]) == ("success", "main")
    assert repository.snapshots() == [OLD, NEW]
    assert repository.git("show", f"main:history/{NEW}") == "new"
    assert repository.git("show", "main:notes.md") == "mine"
    assert git("status", "--porcelain", cwd=machine.workspace) == before


def interrupted_by(repository, what: str) -> str:
    """Make programs whose first `git push` comes just after somebody else's; return the folder's name."""
    folder = write_programs(repository.folder / "slow")
    real = shutil.which("git")
    script = folder / "git"
    script.write_text(
        f'#!/bin/sh\ncase " $* " in *" push "*) if mkdir "{folder}/once" 2> /dev/null; then ({what}) > /dev/null 2>&1; fi ;; esac\n'
        f'exec "{real}" "$@"\n'
    )
    script.chmod(0o755)
    return "slow"


@pytest.mark.parametrize("how", ["commit", "pull-request"])
def test_a_push_that_another_run_was_faster_than_is_made_again_on_top(repository, how):
    branch = {"commit": "main", "pull-request": "diptych/report"}[how]
    other = repository.folder / "other"
    git("clone", "--quiet", str(repository.remote), str(other), cwd=repository.folder)
    (other / "history" / OTHER).write_text("other")
    git("add", "--all", cwd=other)
    git("commit", "--quiet", "--message", "Another run", cwd=other)
    slow = interrupted_by(repository, f'"$(command -v git)" -C "{other}" push origin HEAD:refs/heads/{branch}')
    done = keep(machine_of(repository, programs=slow), how)
    assert (done.state, done.outputs["pushed-to"]) == ("success", branch)
    assert f"the push to {branch} was rejected" in done.log
    if how == "commit":
        assert repository.snapshots() == [OLD, OTHER, NEW]
        assert repository.git("log", "-1", "--format=%s", "main^") == "Another run"
    else:  # the branch is ours alone: it becomes what this run found
        assert repository.snapshots(branch) == [OLD, NEW]


def test_two_runs_at_once_both_keep_theirs(repository):
    machines = [
        machine_of(repository, "one"),
        machine_of(repository, "two", result=Result("config.yaml", "site", "history", 0, snapshot=OTHER)),
    ]
    done = {}
    threads = [threading.Thread(target=lambda m=m: done.setdefault(m.folder.name, keep(m))) for m in machines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: each.state for name, each in done.items()} == {"one": "success", "two": "success"}
    assert repository.snapshots() == [OLD, OTHER, NEW]


def test_what_is_there_already_is_not_pushed_again(repository):
    keep(machine_of(repository, "one"), "pull-request")
    before = repository.git("rev-parse", "diptych/report")
    done = keep(machine_of(repository, "two"), "pull-request")
    assert "diptych/report already has the snapshot" in done.log
    assert (done.outputs["pushed-to"], repository.git("rev-parse", "diptych/report")) == ("", before)
    assert len(repository.github["pr"]) == 1
    assert "pull request 1 is up to date" in done.log


def test_the_branch_of_the_pull_request_follows_the_base(repository):
    keep(machine_of(repository, "one"), "pull-request")
    repository.push({"notes.md": "other notes"}, **NOW)
    keep(machine_of(repository, "two"), "pull-request")
    assert repository.git("rev-parse", "diptych/report^") == repository.git("rev-parse", "main")


def test_a_branch_of_that_name_in_a_fork_is_not_ours(repository):
    pulls = [{"number": 1, "title": "x", "body": "theirs", "state": "open", "comments": [], "head": "diptych/report",
              "base": "main", "isCrossRepository": True}]  # fmt: skip
    (repository.folder / "log" / "github.json").write_text(json.dumps({"issue": [], "pr": pulls, "comment": []}))
    keep(machine_of(repository), "pull-request")
    theirs, ours = repository.github["pr"]
    assert (theirs["body"], theirs["state"], ours["number"]) == ("theirs", "open", 2)


def test_a_protected_branch_is_an_error_that_says_what_to_do(repository):
    hook = repository.remote / "hooks" / "update"
    hook.write_text('#!/bin/sh\necho "GH006: Protected branch update failed for $1." >&2\nexit 1\n')
    hook.chmod(0o755)
    done = keep(machine_of(repository))
    assert done.state == "failure"
    assert errors(done) == [
        "keep: main takes no push; if it is protected, allow github-actions to push to it, or choose another keep"
    ]
    assert done.log.count("was rejected") == 2


def test_a_change_that_waits_a_month_goes_to_the_base_so_that_the_schedule_lives(repository):
    keep(machine_of(repository, "one"), "pull-request")
    repository.push({"notes.md": "long ago"}, **LONG_AGO)
    by_hand = keep(machine_of(repository, "two", event="workflow_dispatch"), "pull-request")
    assert by_hand.outputs["pushed-to"] == "diptych/report"
    done = keep(machine_of(repository, "three"), "pull-request")
    assert done.outputs["pushed-to"] == "main"
    assert repository.snapshots() == [OLD, NEW]
    (pull,) = repository.github["pr"]
    assert pull["state"] == "closed"
    assert pull["comments"] == [
        "Nothing was committed for 30 days, so the snapshot went to `main`, or GitHub would stop the schedule."
    ]


def test_where_nothing_ever_changes_a_commit_keeps_the_schedule(repository):
    nothing = Result("config.yaml", "site", "history", 0, changed_words=False, changed_numbers=False, compared=0)
    assert keep(machine_of(repository, "one", result=nothing)).outputs["pushed-to"] == ""
    repository.push({"notes.md": "long ago"}, **LONG_AGO)
    assert keep(machine_of(repository, "two", result=nothing)).outputs["pushed-to"] == "main"
    assert repository.git("rev-parse", "main^{tree}") == repository.git("rev-parse", "main^^{tree}")
    assert keep(machine_of(repository, "three", result=nothing)).outputs["pushed-to"] == ""


def test_snapshots_that_were_thinned_out_go(repository):
    result = Result("config.yaml", "site", "history", 0, snapshot=NEW, removed=(OLD,))
    keep(machine_of(repository, result=result))
    assert repository.snapshots() == [NEW]


@pytest.mark.parametrize(
    "name", ["../../.github/workflows/x.yml", ".git", "-rf", "2026-01-01-001-0123456789ab.json.xz\n::error::x"]
)
def test_nothing_but_snapshots_is_committed_whatever_a_build_says(repository, name):
    machine = machine_of(repository)
    path = machine.folder / "results" / "result.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "snapshot": name}))
    before = repository.git("rev-parse", "main")
    done = keep(machine)
    assert done.state == "failure"
    assert errors(done) == [f"{path}: {name!r} is no name of a snapshot"]
    assert repository.git("rev-parse", "main") == before


@pytest.mark.parametrize("content", ['{"config": 5}', "[]", "no JSON", '{"config": ["a"], "status": "0"}'])
def test_results_that_are_none_are_refused(repository, content):
    machine = machine_of(repository)
    path = machine.folder / "results" / "result.json"
    path.write_text(content)
    assert errors(keep(machine)) == [f"{path}: is not a file of the task build"]


def test_a_snapshot_that_is_a_link_is_refused(repository):
    machine = machine_of(repository)
    path = machine.folder / "results" / KEPT / NEW
    path.unlink()
    path.symlink_to("/etc/hostname")
    assert errors(keep(machine)) == [f"{path}: is no snapshot, which is a file of at most 5,000,000 bytes"]


@pytest.mark.parametrize("folder", ["..", ".", "/"])
def test_a_folder_outside_the_repository_is_refused(repository, folder):
    result = Result("config.yaml", "site", folder, 0, snapshot=NEW)
    (message,) = errors(keep(machine_of(repository, result=result)))
    assert message == f"snapshots: {folder} is not a folder inside the repository, so it cannot be committed"


@pytest.mark.parametrize(
    "name", ["a$(touch${IFS}pwned)", "b`touch${IFS}pwned`", "c';touch${IFS}pwned;'", 'd"&&x', "::error::e"]
)
def test_names_of_branches_do_not_run(repository, name):
    valid = not name.startswith("::")
    if valid:
        repository.push({"notes.md": "on a branch"}, branch=name, **NOW)
    machine = machine_of(repository, ref=name)
    done = keep(machine, "pull-request", branch=f"{name}-report")
    assert not list(repository.folder.rglob("pwned*"))
    if valid:
        assert done.state == "success", done.log
        assert repository.snapshots(f"{name}-report") == [OLD, NEW]
        assert errors(done) == []
    else:
        assert errors(done) == [f'keep: "{name}" is no name of a branch']


def test_without_the_permission_the_error_names_it(repository):
    (repository.folder / "log" / "forbidden").touch()
    done = keep(machine_of(repository), "pull-request", issue="true")
    assert done.state == "failure"
    said = "GraphQL: Resource not accessible by integration (createIssue)"
    needed = "(the job needs the permission that docs/github.md names)"
    assert errors(done) == [f"gh pr list: {said} {needed}", f"gh issue list: {said} {needed}"]


def test_choices_that_are_none(repository):
    machine = machine_of(repository)
    assert errors(keep(machine, "always")) == ['keep: "always" is not one of none, commit, pull-request']
    assert errors(keep(machine, "commit", branch="main")) == [
        "keep: the branch of the pull request is main, from which the run itself is"
    ]
    assert keep(machine, "none").step("Keep the snapshot").conclusion == "skipped"
    assert errors(machine.run_action({"task": "kep"})) == ["task: is one of build, keep, comment"]
