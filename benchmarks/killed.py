"""Killed builds and concurrent builds: the state of the site, the cache and temporary folders afterwards.

    python -m benchmarks.killed [--kills 1000] [--pairs 20] [--seed 1]

Two small projects, records and a published matrix, share a site. Each build is killed at a random moment within the
usual build time. Every other build starts with an empty cache, and the next one with the remains of that cache. Each
pair builds both projects at once, on one site and one cache, every other pair with an empty one. After each trial the
site must be whole (from either project). At the end, a build with the cache must give the same bytes as a build without
it, and no files of killed builds may remain. Half of the kills are on a site that is a mount point, where files are
replaced one by one. There each file must be whole and `index.html` the last, `verify` must report that the site is
mixed, and the next build must repair it. The moments are drawn with a seed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.budgets import Budget, Section
from benchmarks.settings import BenchSettings
from diptych.publish.manifest import NAME, verify
from tests.pipeline.projects import MATRIX, RECORDS, tree, write_project

PROJECTS: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "Tea": (RECORDS, {"r.csv": "x,y\na,a\na,b\nb,b\n"}),
    "Coffee": (MATRIX, {"x.csv": "given,A,B\nA,0.5,0.2\nB,0.1,0.9\n"}),
}
"""Title -> the specific part of the small project, and its files. One counts, the other mostly publishes."""
TITLES = tuple(PROJECTS)

_STARTER = """
import os, sys
import diptych.pipeline.build, diptych.sources.duckdb, diptych.renderers.html
from diptych.cli import main
answers = os.fdopen(os.dup(1), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
def run(arguments):
    sys.argv = ["diptych", *arguments]
    try:
        main()
    except SystemExit as ended:
        return ended.code or 0
for line in sys.stdin:
    how, *arguments = line.rstrip("\\n").split("\\t")
    if how == "here":
        answer = run(arguments)
    elif how == "wait":
        answer = os.waitstatus_to_exitcode(os.waitpid(int(arguments[0]), 0)[1])
    else:
        answer = os.fork()
        os.setpgid(answer, answer)
        if answer == 0:
            os._exit(run(arguments))
    print(answer, file=answers, flush=True)
"""
"""A process that builds here, with everything imported and compiled, or in a fork, which allows hundreds of kills."""


@dataclass
class Trial:
    """Two projects, by title, with their shared site and cache, and the two valid states of the site."""

    folder: Path
    process: subprocess.Popen[str]
    expected: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def site(self) -> Path:
        """The folder that all builds share."""
        return self.folder / "out" / "site"

    def seconds(self, title: str) -> float:
        """Return the duration of a build of the shared site, with the cache in its current state."""
        start = time.monotonic()
        if status := self.end(self.begin(title)):
            raise RuntimeError(f"the build of {title} ended with {status}")
        return time.monotonic() - start

    def kill(self, title: str, after_seconds: float) -> None:
        """Start a build of the shared site. Kill it and its child processes if it is still running after the delay."""
        child = self.begin(title)
        time.sleep(after_seconds)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        self.end(child)

    def whole(self, title: str) -> None:
        """Build an undisturbed site without a cache, as the expected state of the shared site."""
        site = self.folder / f"whole-{title}"
        if status := self._answer("here", *_arguments(self.folder / title, site), "--no-cache"):
            raise RuntimeError(f"the build of {title} ended with {status}")
        self.expected[title] = tree(site)

    def begin(self, title: str) -> int:
        """Start a build of the shared site and return its process id."""
        return self._answer("fork", *_arguments(self.folder / title, self.site))

    def end(self, child: int) -> int:
        """Wait for a build and return its exit status, negative if it was killed."""
        return self._answer("wait", str(child))

    def _answer(self, *words: str) -> int:
        self.process.stdin.write("\t".join(words) + "\n")  # type: ignore[union-attr]
        self.process.stdin.flush()  # type: ignore[union-attr]
        return int(self.process.stdout.readline())  # type: ignore[union-attr]

    @contextmanager
    def mounted(self) -> Iterator[bool]:
        """Make the site a mount point. Yield False if this process has no permission."""
        self.site.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["/bin/mount", "-t", "tmpfs", "tmpfs", str(self.site)], check=False, capture_output=True)
        try:
            yield done.returncode == 0
        finally:
            if done.returncode == 0:
                subprocess.run(["/bin/umount", str(self.site)], check=True)

    def empty_cache(self) -> None:
        """Empty the cache for the next build."""
        shutil.rmtree(self.folder / "cache", ignore_errors=True)

    def faults(self) -> Iterator[str]:
        """Yield the faults of the current site, which must come whole from one project."""
        if (self.site / NAME).exists() and tree(self.site) not in self.expected.values():
            yield "the site is neither of the two"

    def is_mixed(self) -> bool:
        """Return whether the site mixes old and new files, apart from our hidden names."""
        return self.site.exists() and self.shown() not in self.expected.values()

    def shown(self) -> dict[str, str]:
        """Return the site without the hidden names of a killed build."""
        return {path: content for path, content in tree(self.site).items() if not path.startswith(".diptych-")}

    def mixed_faults(self) -> Iterator[str]:
        """Yield the faults of a site in which files are replaced one by one and a build was killed."""
        shown = self.shown()
        known = {entry for site in self.expected.values() for entry in site.items()}
        if any(entry not in known for entry in shown.items()):
            yield "a file is neither the old nor the new"
        if shown and not verify(self.site):
            yield "verify does not say that the site is mixed"

    def last_faults(self) -> Iterator[str]:
        """Yield the faults at the end: builds with the cache must be right, and nothing may remain next to the site."""
        for title, expected in [*self.expected.items()] * 2:
            self.seconds(title)
            if tree(self.site) != expected:
                yield f"with the cache, {title} is built otherwise than without"
        known = {*TITLES, *(f"whole-{title}" for title in TITLES), "out", "cache", "temporary"}
        yield from (f"left beside: {path.name}" for path in self.folder.iterdir() if path.name not in known)
        yield from (f"left beside the site: {path.name}" for path in self.site.parent.iterdir() if path != self.site)
        yield from (f"left for ever: {path.name}" for path in (self.folder / "temporary").iterdir())


def _arguments(project: Path, site: Path) -> tuple[str, ...]:
    return "build", str(project / "config.yaml"), "-o", str(site), "-q"


@contextmanager
def begun(folder: Path, outputs: str = "[html, data]") -> Iterator[Trial]:
    """Write both projects into an empty folder and yield their trial, which ends with the block."""
    (folder / "temporary").mkdir()
    for title, (edits, files) in PROJECTS.items():
        write_project(folder / title, {"title: T}": f"title: {title}}}", **edits}, files, outputs)
    places = {"DIPTYCH_CACHE": str(folder / "cache"), "TMPDIR": str(folder / "temporary")}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": {**os.environ, **places}}
    with subprocess.Popen([sys.executable, "-c", _STARTER], **pipes) as process:  # type: ignore[call-overload]
        trial = Trial(folder, process)
        for title in TITLES:
            trial.whole(title)
        yield trial
        process.stdin.close()


def killed(trial: Trial, times: int, moments: random.Random) -> list[str]:
    """Kill builds at random moments and return the faults."""
    kills = _kills(trial, times, moments)
    return [f"after kill {number}: {fault}" for number, _ in kills for fault in trial.faults()]


def killed_in_place(trial: Trial, times: int, moments: random.Random) -> tuple[list[str], int] | None:
    """Kill builds of a site that is a mount point. Return the faults and how often the site was mixed.

    None if mounting is not permitted.
    """
    faults, n_mixed = [], 0
    with trial.mounted() as is_mounted:
        if not is_mounted:
            return None
        for number, title in _kills(trial, times, moments):
            if not trial.is_mixed():
                continue
            n_mixed += 1
            faults += [f"after kill {number}: {fault}" for fault in trial.mixed_faults()]
            trial.seconds(title)
            if tree(trial.site) != trial.expected[title]:
                faults.append(f"after kill {number}: the next build does not mend the site")
    return faults, n_mixed


def _kills(trial: Trial, times: int, moments: random.Random) -> Iterator[tuple[int, str]]:
    """Kill builds, each title twice in turn: with an empty cache, and with the remains of that cache."""
    seconds = {}
    for title in TITLES:
        trial.empty_cache()
        seconds[title] = trial.seconds(title)
    for number in range(times):
        title = TITLES[number // 2 % 2]
        if number % 2 == 0:
            trial.empty_cache()
        trial.kill(title, moments.uniform(0.02, 1.05) * seconds[title])
        yield number, title


def at_once(trial: Trial, pairs: int) -> list[str]:
    """Build both projects at once, repeatedly, and return the faults."""
    faults = []
    for number in range(pairs):
        if number % 2 == 0:
            trial.empty_cache()
        children = [trial.begin(title) for title in TITLES]
        faults += [f"pair {number}: status {status}" for child in children if (status := trial.end(child))]
        faults += [f"after pair {number}: {fault}" for fault in trial.faults()]
    return faults


def tried(outputs: str, kills: int, pairs: int, seed: int) -> tuple[list[str], int | None]:
    """Return all faults, and how often a mount point was mixed, None if mounting is not permitted."""
    moments = random.Random(seed)  # noqa: S311 - moments, no secrets
    with tempfile.TemporaryDirectory() as folder, begun(Path(folder), outputs) as trial:
        faults = killed(trial, kills // 2, moments)
        in_place = killed_in_place(trial, kills - kills // 2, moments)
        faults += [] if in_place is None else in_place[0]
        faults += at_once(trial, pairs)
        faults += trial.last_faults()
    return faults, None if in_place is None else in_place[1]


def measure(asked: BenchSettings) -> Section:
    """Judge the result of a thousand kills, or a hundred in a quick run."""
    kills, pairs = (100, 4) if asked.quick else (1000, 20)
    faults, n_mixed = tried("[html, data]", kills, pairs, seed=1)
    text = "\n".join([f"{said(kills, pairs, faults, n_mixed)} (`benchmarks/killed.py`).", *faults])
    return Section("Kills", f"{text}\n", (Budget("kills", "Faults of builds killed and at once", len(faults), 0),))


def main() -> None:
    """Run the trial and print the faults. The exit status is 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    faults, n_mixed = tried("[html, data]", arguments.kills, arguments.pairs, arguments.seed)
    print(said(arguments.kills, arguments.pairs, faults, n_mixed), *faults, sep="\n")
    sys.exit(bool(faults))


def said(kills: int, pairs: int, faults: list[str], n_mixed: int | None) -> str:
    """Return the result of a trial in one sentence."""
    mixed = (
        "not tried, nothing may be mounted here"
        if n_mixed is None
        else f"{n_mixed} times mixed, mended by the next build"
    )
    return f"{kills} builds killed (mount point: {mixed}), {pairs} pairs at once: {len(faults)} faults"


if __name__ == "__main__":
    main()
