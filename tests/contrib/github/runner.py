"""A small runner of workflows: it runs every `run:` exactly as it is written, with the environment GitHub documents.

What a step `uses:` is a stand-in from `STANDINS`, by the action's name, or the action at the top of this checkout. Steps
that run get files for their outputs, environment, path and summary; their output is read for annotations.
"""

import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.contrib.github.expressions import fill, holds

ROOT = Path(__file__).parents[3]
OURS = ("./", "./.base", "owner/diptych@")
"""What a workflow calls the action of this checkout."""

ANNOTATION = re.compile(r"^::(error|warning|notice)(?: ([^:]*))?::(.*)$", re.MULTILINE)


@dataclass
class Step:
    """What became of a step. `conclusion` is success, failure or skipped."""

    name: str
    conclusion: str
    outputs: dict[str, str] = field(default_factory=dict)
    log: str = ""
    status: int = 0


@dataclass
class Done:
    """What became of a job, or of a composite action: its steps, its own outputs, and all it said."""

    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    state: str = "success"

    @property
    def log(self) -> str:
        """Everything that its steps printed."""
        return "".join(step.log for step in self.steps)

    @property
    def annotations(self) -> list[tuple[str, str, str]]:
        """Sort, properties and message of each annotation, as they stand in the log."""
        return ANNOTATION.findall(self.log)

    def step(self, name: str) -> Step:
        """Return a step by its name."""
        (found,) = [step for step in self.steps if step.name == name]
        return found


@dataclass
class Machine:
    """Where a job runs: a fresh workspace and temporary folder, programs first on the path, a remote.

    `store` holds what outlives the job: caches, artifacts, and what was published.
    """

    folder: Path
    programs: Path
    remote: Path
    store: Path
    event: str
    ref_name: str = "main"
    payload: Mapping[str, object] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder in (self.workspace, self.folder / "temp", self.folder / "files", self.store):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    def contexts(self) -> dict[str, object]:
        """Return the contexts that do not depend on a step."""
        github = {
            "event_name": self.event,
            "event": self.payload,
            "ref_name": self.ref_name,
            "repository": "owner/study",
            "server_url": "https://github.example",
            "run_id": "77",
            "run_attempt": "1",
            "token": "not-a-token",
            "action_path": str(ROOT),
            "workspace": str(self.workspace),
        }
        return {"github": github, "runner": {"os": "Linux", "temp": str(self.folder / "temp")}}

    def run_job(self, job: Mapping[str, object], needs: Mapping[str, object] | None = None) -> Done:
        """Run the steps of a job."""
        contexts = {**self.contexts(), "needs": needs or {}}
        done = self._run_steps(job["steps"], contexts, {})
        done.outputs = {name: fill(value, contexts) for name, value in job.get("outputs", {}).items()}
        return done

    def run_action(self, given: Mapping[str, str]) -> Done:
        """Run the action of this checkout with these inputs."""
        action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
        unknown = set(given) - set(action["inputs"])
        assert not unknown, f"the action has no inputs {unknown}"
        contexts = self.contexts()
        inputs = {name: fill(str(each.get("default", "")), contexts) for name, each in action["inputs"].items()}
        contexts["inputs"] = inputs | dict(given)
        done = self._run_steps(action["runs"]["steps"], contexts, {})
        steps = contexts["steps"]
        assert isinstance(steps, dict)
        done.outputs = {name: fill(each["value"], contexts) for name, each in action["outputs"].items()}
        return done

    def _run_steps(self, steps, contexts, more: Mapping[str, str]) -> Done:
        done, environment = Done(), {**self._environment(), **more}
        contexts["steps"] = {}
        for number, step in enumerate(steps):
            name = step.get("name") or step.get("id") or f"step {number}"
            if not holds(step.get("if"), contexts, done.state):
                made = Step(name, "skipped")
            elif "run" in step:
                made = self._run(name, step, contexts, environment, done)
            else:
                made = self._use(name, step, contexts, done)
            done.steps.append(made)
            if "id" in step:
                conclusion = "success" if step.get("continue-on-error") else made.conclusion
                contexts["steps"][step["id"]] = {
                    "outputs": made.outputs, "outcome": made.conclusion, "conclusion": conclusion}  # fmt: skip
            if made.conclusion == "failure" and not step.get("continue-on-error"):
                done.state = "failure"
        return done

    def _run(self, name, step, contexts, environment, done: Done) -> Step:
        """Run a step as the runner does: its script in a file, with a shell that stops at the first failure."""
        files = {
            key: self.folder / "files" / f"{key}-{uuid.uuid4().hex}"
            for key in ("OUTPUT", "ENV", "PATH", "STEP_SUMMARY")
        }
        for path in files.values():
            path.touch()
        script = self.folder / "files" / f"{uuid.uuid4().hex}.sh"
        script.write_text(fill(step["run"], contexts, done.state), encoding="utf-8")
        own = {key: fill(str(value), contexts, done.state) for key, value in step.get("env", {}).items()}
        assert step.get("shell", "bash") == "bash"
        found = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace / step.get("working-directory", "."),
            env={**environment, **own, **{f"GITHUB_{key}": str(path) for key, path in files.items()}},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )  # fmt: skip
        environment.update(_pairs(files["ENV"]))
        for line in files["PATH"].read_text().split():
            environment["PATH"] = f"{line}{os.pathsep}{environment['PATH']}"
        done.summary += files["STEP_SUMMARY"].read_text(encoding="utf-8")
        conclusion = "failure" if found.returncode else "success"
        return Step(name, conclusion, _pairs(files["OUTPUT"]), found.stdout.decode(), found.returncode)

    def _use(self, name, step, contexts, done: Done) -> Step:
        given = {key: fill(str(value), contexts, done.state) for key, value in step.get("with", {}).items()}
        given = {key: {"True": "true", "False": "false"}.get(value, value) for key, value in given.items()}
        if step["uses"] in OURS or step["uses"].startswith(OURS[-1]):
            made = self.run_action(given)
            done.summary += made.summary
            status = next((each.status for each in made.steps if each.conclusion == "failure"), 0)
            return Step(name, made.state, made.outputs, made.log, status)
        action, _, commit = step["uses"].partition("@")
        assert re.fullmatch(r"[0-9a-f]{40}", commit), f"{step['uses']} is not pinned"
        return Step(name, "success", STANDINS[action](self, given) or {})

    def _environment(self) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("LANG", "TMPDIR", "HOME") if key in os.environ}
        return {
            **kept,
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_EVENT_NAME": self.event,
            "RUNNER_TEMP": str(self.folder / "temp"),
            "RUNNER_OS": "Linux",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            **self.environment,
        }


def run_workflow(name: str, machine: Callable[[str], Machine]) -> dict[str, Done]:
    """Run the jobs of a workflow of ours one after the other, each on a machine of its own; by name of the job."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))
    done: dict[str, Done] = {}
    for job, described in workflow["jobs"].items():
        needed = described.get("needs", [])
        states = [done[each].state for each in ([needed] if isinstance(needed, str) else needed)]
        state = next((each for each in states if each != "success"), "success")
        where = machine(job)
        known = {each: {"result": done[each].state, "outputs": done[each].outputs} for each in done}
        if holds(described.get("if"), {**where.contexts(), "needs": known}, state):
            done[job] = where.run_job(described, known)
        else:
            done[job] = Done(state="skipped")
    return done


def _pairs(path: Path) -> dict[str, str]:
    """Read a file of outputs: `name=value`, or `name<<end`, lines, `end`."""
    lines = iter(path.read_text(encoding="utf-8").splitlines())
    found = {}
    for line in lines:
        if match := re.fullmatch(r"([\w-]+)<<(.+)", line):
            value = []
            for more in lines:
                if more == match[2]:
                    break
                value.append(more)
            found[match[1]] = "\n".join(value)
        elif line:
            name, equals, value = line.partition("=")
            assert equals, f"the runner would stop at {line!r}"
            found[name] = value
    return found


def git(*arguments: str, cwd: Path, **environment: str) -> str:
    """Run git as somebody, and return what it says."""
    who = {f"GIT_{role}_{what}": "x@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    found = subprocess.run(
        ["git", *arguments],
        cwd=cwd,
        env={**os.environ, **who, **nothing, **environment},
        capture_output=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr.decode()
    return found.stdout.decode().strip()


def _checkout(machine: Machine, given: Mapping[str, str]) -> None:
    assert given.get("persist-credentials") == "false"
    folder = machine.workspace / given.get("path", "")
    if "path" not in given:
        shutil.rmtree(folder)
    git("clone", "--quiet", str(machine.remote), str(folder), cwd=machine.folder)
    git("checkout", "--quiet", given.get("ref") or machine.ref_name, cwd=folder)


def _nothing(machine: Machine, given: Mapping[str, str]) -> None:
    """Do nothing: what it would set up is there."""


def _restore(machine: Machine, given: Mapping[str, str]) -> None:
    prefixes = [given["key"], *given.get("restore-keys", "").split()]
    kept = sorted((machine.store / "caches").glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for prefix in prefixes:
        for path in kept:
            if path.name.startswith(prefix):
                shutil.copytree(path, machine.workspace / given["path"], dirs_exist_ok=True)
                return


def _save(machine: Machine, given: Mapping[str, str]) -> None:
    assert "/" not in given["key"]
    assert "," not in given["key"], "GitHub refuses keys with commas"
    shutil.copytree(machine.workspace / given["path"], machine.store / "caches" / given["key"], dirs_exist_ok=True)


def _upload(machine: Machine, given: Mapping[str, str]) -> dict[str, str]:
    """Upload folders as the action does: links are followed, and several folders keep their names."""
    sources = [machine.workspace / path for path in given["path"].split()]
    assert sources
    target = machine.store / "artifacts" / given.get("name", "github-pages")
    for source in sources:
        shutil.copytree(source, target / source.name if len(sources) > 1 else target)
    return {"artifact-url": "https://github.example/owner/study/actions/runs/77/artifacts/5"}


def _download(machine: Machine, given: Mapping[str, str]) -> None:
    shutil.copytree(machine.store / "artifacts" / given["name"], machine.workspace / given["path"], dirs_exist_ok=True)


def _deploy(machine: Machine, given: Mapping[str, str]) -> dict[str, str]:
    shutil.copytree(machine.store / "artifacts" / "github-pages", machine.store / "published", dirs_exist_ok=True)
    return {"page_url": "https://owner.github.example/study/"}


STANDINS: Mapping[str, Callable[[Machine, Mapping[str, str]], dict[str, str] | None]] = {
    "actions/checkout": _checkout,
    "actions/setup-python": _nothing,
    "actions/cache": _restore,
    "actions/cache/restore": _restore,
    "actions/cache/save": _save,
    "actions/upload-artifact": _upload,
    "actions/upload-pages-artifact": _upload,
    "actions/download-artifact": _download,
    "actions/deploy-pages": _deploy,
}
