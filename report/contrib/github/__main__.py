"""Tasks for the steps of `action.yml`: `python -P -m diptych.contrib.github TASK`.

`-P` excludes modules in the working folder.

Only `build`, `compare` and `summary` need an installed diptych. The other tasks need Python, git and gh. They run from
the action's own checkout, where the package's folder is named `report`.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ...cli.annotations import annotation, workflow_command
from ...errors import DataError, DiptychError
from . import saying
from .building import (
    KEPT,
    BuildRun,
    Result,
    build,
    compare,
    fate_of_claims,
    git,
    git_done,
    last_line,
    limits,
    outcome,
    said,
    set_outputs,
)

COMMIT, PULL_REQUEST, NONE = "commit", "pull-request", "none"
ALIVE_DAYS = 30
"""Maximum days between commits: GitHub stops schedules after 60 days without activity."""

_ATTEMPTS = 6
_LARGEST = 5_000_000
_SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class Target:
    """The destination of snapshots: directly to `base`, or to `branch` with a pull request.

    `scheduled` is true for runs that GitHub stops after long inactivity.
    """

    how: str
    base: str
    branch: str
    scheduled: bool = False

    def __post_init__(self) -> None:
        if self.how not in (COMMIT, PULL_REQUEST, NONE):
            raise DataError(f'keep: "{self.how}" is not one of {NONE}, {COMMIT}, {PULL_REQUEST}')
        for name in (self.base, self.branch):
            if not git("check-ref-format", f"refs/heads/{name}").ok:
                raise DataError(f'keep: "{name}" is no name of a branch')
        if self.branch == self.base:
            raise DataError(f"keep: the branch of the pull request is {self.base}, from which the run itself is")


@dataclass(frozen=True)
class PushedCommit:
    """The result of a push: the branch that received a snapshot, if any; `waiting` for a pull request to be merged.

    `late` is true if there was no commit for so long that the snapshot went directly to the base.
    """

    pushed_to: str | None
    waiting: bool = False
    late: bool = False


def keep(result: Result, folder: Path, target: Target, wait: Callable[[float], None] = time.sleep) -> PushedCommit:
    """Push the results kept by a build to their destination. Raises DataError if the remote rejects them.

    With pull requests enabled, a change of words or numbers waits in one; everything else goes to the base. If a
    scheduled run finds no commit for a long time, the base gets a commit even if there is nothing to keep.
    """
    if target.how == NONE or result.status != 0:
        return PushedCommit(None)
    is_late = target.scheduled and _days_since_commit(target.base) >= ALIVE_DAYS
    waiting = target.how == PULL_REQUEST and bool(result.changed) and not result.first and not is_late
    if result.snapshot is None and not result.removed and not is_late:
        said("the build kept no snapshot: nothing to commit")
        return PushedCommit(None)
    goal = PushedCommit(target.branch if waiting else target.base, waiting, is_late)
    return goal if _pushes(result, folder, target.base, goal, wait) else replace(goal, pushed_to=None)


def _pushes(result: Result, folder: Path, base: str, goal: PushedCommit, wait: Callable[[float], None]) -> bool:
    """Push a commit, with retries after concurrent pushes, and return False if the remote already has it."""
    branch = goal.pushed_to or base
    for attempt in range(_ATTEMPTS):
        if attempt:
            wait(attempt + random.random())  # noqa: S311 - so that two runs do not stay in step
        tip = _tip(base)
        old = _remote_tip(branch) if goal.waiting else tip
        commit = _commit(result, folder, tip, alive=goal.late)
        if commit == tip or (old is not None and old != tip and _is_same(commit, old, tip)):
            said(f"{branch} already has the snapshot")
            return False
        pushed = _push(commit, branch, over=old, force=goal.waiting)
        if pushed.ok:
            said(f"pushed {commit[:12]} to {branch}")
            return True
        said(f"the push to {branch} was rejected: {last_line(pushed.err)}")
        if attempt and _remote_tip(branch) == old:  # without a concurrent push
            break
    raise DataError(
        f"keep: {branch} takes no push; if it is protected, allow github-actions to push to it, or choose another keep"
    )


def _days_since_commit(branch: str) -> float:
    return (time.time() - int(git_done("show", "-s", "--format=%ct", _tip(branch)))) / _SECONDS_A_DAY


def _tip(branch: str) -> str:
    """Fetch a branch of the remote and return its commit."""
    git_done("fetch", "--quiet", "--no-tags", "origin", f"refs/heads/{branch}", remote=True)
    return git_done("rev-parse", "FETCH_HEAD^{commit}")


def _remote_tip(branch: str) -> str | None:
    """Return the commit of a branch of the remote, or None if there is no such branch."""
    found = git_done("ls-remote", "origin", f"refs/heads/{branch}", remote=True)
    return found.split()[0] if found else None


def _commit(result: Result, folder: Path, tip: str, *, alive: bool) -> str:
    """Return a commit on top of `tip` with the results of the build; `tip` itself if it already contains them.

    It uses a separate index file, so that checked-out and staged files are not affected.
    """
    index = {"GIT_INDEX_FILE": str((folder / "index").resolve())}
    where = _inside(result.snapshots)
    git_done("read-tree", tip, more=index)
    for name in result.removed:
        git_done("update-index", "--force-remove", f"{where}/{name}", more=index)
    if result.snapshot is not None:
        path = folder / KEPT / result.snapshot
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
            raise DataError(f"{path}: is no snapshot, which is a file of at most {_LARGEST:,} bytes")
        blob = git_done("hash-object", "-w", "--no-filters", "--", str(path))
        git_done("update-index", "--add", "--cacheinfo", f"100644,{blob},{where}/{result.snapshot}", more=index)
    tree = git_done("write-tree", more=index)
    if tree == git_done("rev-parse", f"{tip}^{{tree}}"):
        message = "Nothing has changed; GitHub stops schedules of repositories where nothing happens"
        return git_done("commit-tree", tree, "-p", tip, "-m", message) if alive else tip
    message = "Snapshots thinned" if result.snapshot is None else f"Snapshot {result.snapshot}"
    return git_done("commit-tree", tree, "-p", tip, "-m", message)


def _inside(folder: str) -> str:
    """Return a folder relative to the top of the repository. Raises DataError if it is outside."""
    top = Path(git_done("rev-parse", "--show-toplevel")).resolve()
    path = Path(folder).resolve()
    if not path.is_relative_to(top) or path == top:
        raise DataError(f"snapshots: {folder} is not a folder inside the repository, so it cannot be committed")
    return PurePosixPath(path.relative_to(top)).as_posix()


def _is_same(commit: str, old: str, tip: str) -> bool:
    """Return whether a branch already has the intended state: the same tree, on top of the same commit."""
    if not git("fetch", "--quiet", "--no-tags", "origin", old, remote=True).ok:
        return False
    described = [git_done("show", "-s", "--format=%T %P", each) for each in (commit, old)]
    return described[0] == described[1] and described[1].endswith(tip)


def _push(commit: str, branch: str, *, over: str | None, force: bool) -> BuildRun:
    """Push a commit to a branch. With force, it replaces the commit that was seen there (`over`), and no other."""
    lease = [f"--force-with-lease=refs/heads/{branch}:{over or ''}"] if force else []
    return git("push", "--quiet", *lease, "origin", f"{commit}:refs/heads/{branch}", remote=True)


def main(arguments: list[str] | None = None) -> int:
    """Run one task and return its exit status; user errors become annotations."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    given = _parser().parse_args(arguments)
    try:
        return _TASKS[given.task](given)
    except DiptychError as error:
        for message in error.messages:
            sys.stderr.write(workflow_command("error", message) + "\n")
        return error.exit_status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -P -m diptych.contrib.github", description=__doc__)
    parser.add_argument("task", choices=sorted(_TASKS))
    parser.add_argument("--results", type=Path, required=True, help="the folder that steps share")
    for name, usual in _OPTIONS.items():
        parser.add_argument(f"--{name}", default=usual)
    return parser


_OPTIONS: Mapping[str, str] = {
    "config": "config.yaml",
    "output": "site",
    "snapshots": "history",
    "on-false-claim": "auto",
    "event": "",
    "confine": "true",
    "root": "",
    "allow": "",
    "compare": "",
    "link": "",
    "stale-after-days": "",
    "how": "none",
    "base": "",
    "branch": "diptych/report",
    "title": saying.ISSUE_TITLE,
    "failure-title": saying.FAILURE_TITLE,
    "preview": "",
    "number": "",
    "run-url": "",
}


def _build(given: argparse.Namespace) -> int:
    fate = fate_of_claims(given.on_false_claim, given.event)
    if given.confine not in ("true", "false"):
        raise DataError(f'confine: "{given.confine}" is neither true nor false')
    limited = limits(confine=given.confine == "true", root=given.root, allow=given.allow.split())
    result = build(given.config, given.output, given.snapshots, given.results, fate, limited)
    result.write(given.results)
    path = result.report if result.status == 0 else ""
    set_outputs({"status": str(result.status), "claims-failed": str(len(result.claims)), "report-path": path})
    kept = f"snapshot kept: {result.snapshot or 'none'}"
    said(f"build: exit status {result.status}, false claims: {len(result.claims)}, {kept}")
    return 0  # the last step fails, after the summary is written


def _compare(given: argparse.Namespace) -> int:
    result = compare(Result.read(given.results), given.compare, given.results)
    result.write(given.results)
    written = {True: "true", False: "false", None: ""}
    outputs = {
        "changed": written[result.changed],
        "changed-words": written[result.changed_words],
        "changed-numbers": written[result.changed_numbers],
    }
    set_outputs(outputs)
    listed = ", ".join(f"{name}: {value or 'unknown'}" for name, value in outputs.items())
    said(f"compare: {listed}{', the first snapshot' if result.first else ''}")
    return 0


def _summary(given: argparse.Namespace) -> int:
    result = Result.read(given.results)
    limit = _whole(given.stale_after_days, "stale-after-days")
    text = saying.summary(result, given.results, link=given.link, stale_days=limit)
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
    (given.results / "summary.md").write_text(text, encoding="utf-8", newline="\n")
    warning = saying.stale(result, limit)
    if warning is not None:
        sys.stderr.write(workflow_command("warning", warning) + "\n")
    if result.status == 0:
        for claim in result.claims:
            sys.stderr.write(annotation(claim, [Path(result.config).parent], "warning") + "\n")
    return 0


def _outcome(given: argparse.Namespace) -> int:
    status, line = outcome(Result.read(given.results))
    sys.stderr.write(f"{line}\n")
    return status


def _keep(given: argparse.Namespace) -> int:
    target = Target(given.how, given.base, given.branch, scheduled=given.event == "schedule")
    result = Result.read(given.results)
    kept = keep(result, given.results, target)
    set_outputs({"pushed-to": kept.pushed_to or ""})
    if kept.waiting:
        saying.tell_pull_request(result, given.results, target.branch, target.base, given.run_url)
    elif target.how == PULL_REQUEST and result.status == 0:
        closed = f"The report no longer differs from the last snapshot. {saying.run_link(given.run_url)}"
        late = (
            f"Nothing was committed for {ALIVE_DAYS} days, so the snapshot went to `{target.base}`, or GitHub would "
            "stop the schedule."
        )
        saying.close_pull_request(target.branch, target.base, late if kept.late else closed)
    return 0


def _issue(given: argparse.Namespace) -> int:
    result = Result.read(given.results)
    saying.tell_failure(result, given.failure_title, given.run_url)
    if result.status in (0, 3):
        saying.tell_claims(result, given.title, given.run_url)
    else:
        said("the report was not built, so its claims were not checked")
    return 0


def _comment(given: argparse.Namespace) -> int:
    number = _whole(given.number, "number")
    if number is None:
        raise DataError("number: of which pull request?")
    result = Result.read(given.results)
    saying.tell_comment(result, given.results, number, given.preview, given.run_url)
    return 0


def _whole(text: str, name: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise DataError(f'{name}: "{text}" is no whole number')
    return int(text)


_TASKS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "build": _build,
    "compare": _compare,
    "summary": _summary,
    "outcome": _outcome,
    "keep": _keep,
    "issue": _issue,
    "comment": _comment,
}

if __name__ == "__main__":
    sys.exit(main())
