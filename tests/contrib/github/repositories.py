"""A repository on a bare remote, and runs of workflows on it."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.contrib.github.runner import Done, Machine, git, run_workflow
from tests.contrib.github.standin import write_programs
from tests.world import write


@dataclass
class Repository:
    """A repository of somebody with a report: its remote, and what GitHub keeps."""

    folder: Path
    n_runs: int = 0

    @property
    def remote(self) -> Path:
        return self.folder / "remote.git"

    @property
    def published(self) -> Path:
        return self.folder / "store" / "published"

    def git(self, *arguments: str, **environment: str) -> str:
        """Run git in the remote."""
        return git(*arguments, cwd=self.remote, **environment)

    def push(self, files: Mapping[str, str], branch: str = "main", **environment: str) -> None:
        """Commit files as a person does, and push them."""
        clone = self.folder / "clone"
        git("clone", "--quiet", str(self.remote), str(clone), cwd=self.folder)
        git("checkout", "--quiet", "-B", branch, cwd=clone)
        write(clone, files)
        git("add", "--all", cwd=clone)
        git("commit", "--quiet", "--message", "A change", cwd=clone, **environment)
        git("push", "--quiet", "origin", branch, cwd=clone)
        shutil.rmtree(clone)

    def run(self, event: str = "schedule", workflow: str = "report.yml", **machine: object) -> dict[str, Done]:
        """Run a workflow of ours; `machine` is what differs from the usual one."""
        self.n_runs += 1
        run = self.folder / f"run-{self.n_runs}"
        (self.folder / "log").mkdir(exist_ok=True)
        store = self.folder / "store"
        shutil.rmtree(store / "artifacts", ignore_errors=True)
        environment = {"STANDIN_LOG": str(self.folder / "log")}
        usual = {"remote": self.remote, "store": store, "event": event, "environment": environment}
        programs = self.folder / "programs"
        if not programs.exists():
            write_programs(programs)
        jobs = run_workflow(workflow, lambda job: Machine(run / job, programs, **{**usual, **machine}))  # type: ignore[arg-type]
        made = store / "artifacts" / "report"
        if made.exists() and all(job.state != "failure" for job in jobs.values()):
            shutil.rmtree(store / "kept", ignore_errors=True)
            shutil.copytree(made, store / "kept")  # `gh run download` of the last run that succeeded
        return jobs

    @property
    def github(self) -> dict[str, list[dict[str, object]]]:
        """Issues, pull requests and comments."""
        path = self.folder / "log" / "github.json"
        return json.loads(path.read_text()) if path.exists() else {"issue": [], "pr": [], "comment": []}


def bare(folder: Path) -> Repository:
    """Return an empty repository in a folder."""
    git("init", "--quiet", "--bare", "--initial-branch=main", "remote.git", cwd=folder)
    return Repository(folder)
