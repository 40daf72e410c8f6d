"""Builds that are killed, and builds at once: what is left, of the site, of the cache and of temporary folders.

    python -m benchmarks.killed [--kills 1000] [--pairs 20] [--seed 1]

A small project has two titles. Each build is killed at a random moment of the time that one takes: every other one
finds an empty cache, the next what that left. Each pair is two builds of both titles at once, on one site and one
cache, every other pair with an empty one. After each, the site must be whole (one of the two), and at the end a build
with the cache must give the bytes of a build without, and nothing of the killed ones be left. Half of the kills hit a
site that is a mount point, where files take their places one by one: there each file must be whole and `index.html`
the last, `verify` must say that the site is mixed, and the next build must mend it. Moments come from a seed.
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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from diptych.manifest import NAME, verify
from tests.pipeline.projects import tree, write_project

TITLES = ("T", "Tea")
DIPTYCH = (sys.executable, "-m", "diptych")

_STARTER = """
import os, sys
import diptych.pipeline.build, diptych.sources.duckdb, diptych.renderers.html
from diptych.cli import main
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.argv = ["diptych", *line.rstrip("\\n").split("\\t")]
        try:
            main()
        except SystemExit as ended:
            os._exit(ended.code or 0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""A process that has imported everything and forks one build for each line that it reads: kills by the hundred."""


@dataclass
class Trial:
    """A project with two titles, its site, its cache, and what the site must be: one of two trees."""

    folder: Path
    outputs: str = "[html, data]"
    expected: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Write both projects and build each without a cache."""
        (self.folder / "temporary").mkdir()
        for title in TITLES:
            write_project(self.folder / title, {"title: T}": f"title: {title}}}\noutputs: {self.outputs}"})
            subprocess.run(
                [*DIPTYCH, *self.build(title, self.folder / f"whole-{title}", "--no-cache")], check=True, env=self.env
            )
            self.expected.append(tree(self.folder / f"whole-{title}"))

    @property
    def site(self) -> Path:
        """The folder that all builds share."""
        return self.folder / "out" / "site"

    @property
    def env(self) -> dict[str, str]:
        """The environment of builds: cache and temporary folder are the trial's."""
        places = {"DIPTYCH_CACHE": str(self.folder / "cache"), "TMPDIR": str(self.folder / "temporary")}
        return {**os.environ, **places}

    def build(self, title: str, site: Path, *options: str) -> list[str]:
        """Return the arguments that build a title into a site."""
        return ["build", str(self.folder / title / "config.yaml"), "-o", str(site), "-q", *options]

    @contextmanager
    def starter(self) -> Iterator[Starter]:
        """Give what starts builds fast, and ends with the block."""
        command = [sys.executable, "-c", _STARTER]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": self.env}
        with subprocess.Popen(command, **pipes) as process:  # type: ignore[call-overload]
            yield Starter(self, process)
            process.stdin.close()

    @contextmanager
    def mounted(self) -> Iterator[bool]:
        """Make the site a mount point; gives False where this process may not."""
        self.site.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["/bin/mount", "-t", "tmpfs", "tmpfs", str(self.site)], check=False, capture_output=True)
        try:
            yield done.returncode == 0
        finally:
            if done.returncode == 0:
                subprocess.run(["/bin/umount", str(self.site)], check=True)

    def empty_cache(self) -> None:
        """Let the next build find nothing."""
        shutil.rmtree(self.folder / "cache", ignore_errors=True)

    def faults(self) -> Iterator[str]:
        """Yield what is wrong with the site as it is: it must be one of the two."""
        if (self.site / NAME).exists() and tree(self.site) not in self.expected:
            yield "the site is neither of the two"

    def is_mixed(self) -> bool:
        """Say whether old and new files stand side by side; own hidden names aside."""
        return self.site.exists() and self.shown() not in self.expected

    def shown(self) -> dict[str, str]:
        """Return the site without the hidden names of a build that was killed in it."""
        return {path: content for path, content in tree(self.site).items() if not path.startswith(".diptych-")}

    def mixed_faults(self) -> Iterator[str]:
        """Yield what must not be where files take their places one by one and a build was killed meanwhile."""
        shown = self.shown()
        known = [{*one.items()} for one in self.expected]
        if any(entry not in known[0] | known[1] for entry in shown.items()):
            yield "a file is neither the old nor the new"
        if shown and not verify(self.site):
            yield "verify does not say that the site is mixed"

    def last_faults(self) -> Iterator[str]:
        """Yield what is wrong after all: builds with the cache must be right, and nothing left beside the site."""
        for title, expected in zip(TITLES, self.expected, strict=True):
            for _ in range(2):
                subprocess.run([*DIPTYCH, *self.build(title, self.site)], env=self.env, check=True, capture_output=True)
                if tree(self.site) != expected:
                    yield f"with the cache, {title} is built otherwise than without"
        known = {*TITLES, *(f"whole-{title}" for title in TITLES), "out", "cache", "temporary"}
        yield from (f"left beside: {path.name}" for path in self.folder.iterdir() if path.name not in known)
        yield from (f"left beside the site: {path.name}" for path in self.site.parent.iterdir() if path != self.site)
        yield from (f"left for ever: {path.name}" for path in (self.folder / "temporary").iterdir())


@dataclass(frozen=True)
class Starter:
    """Starts builds of the shared site and kills them."""

    trial: Trial
    process: subprocess.Popen[str]

    def seconds(self, title: str) -> float:
        """Return how long a build takes with the cache as it is."""
        start = time.monotonic()
        self._start(title)
        if self._line():
            raise RuntimeError(f"the build of {title} failed")
        return time.monotonic() - start

    def kill(self, title: str, after_seconds: float) -> None:
        """Start a build and kill it and what it has started, if it still runs by then."""
        child = self._start(title)
        time.sleep(after_seconds)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        self._line()

    def _start(self, title: str) -> int:
        self.process.stdin.write("\t".join(self.trial.build(title, self.trial.site)) + "\n")  # type: ignore[union-attr]
        self.process.stdin.flush()  # type: ignore[union-attr]
        return self._line()

    def _line(self) -> int:
        return int(self.process.stdout.readline())  # type: ignore[union-attr]


def killed(trial: Trial, times: int, moments: random.Random) -> list[str]:
    """Kill builds at random moments; return what was wrong."""
    faults = []
    with trial.starter() as starter:
        for number, _ in _kills(trial, starter, times, moments):
            faults += [f"after kill {number}: {fault}" for fault in trial.faults()]
    return faults


def killed_in_place(trial: Trial, times: int, moments: random.Random) -> tuple[list[str], int] | None:
    """Kill builds of a site that is a mount point; return what was wrong and how often the site was mixed.

    None where nothing may be mounted.
    """
    faults, n_mixed = [], 0
    with trial.mounted() as is_mounted, trial.starter() as starter:
        if not is_mounted:
            return None
        for number, title in _kills(trial, starter, times, moments):
            if not trial.is_mixed():
                continue
            n_mixed += 1
            faults += [f"after kill {number}: {fault}" for fault in trial.mixed_faults()]
            starter.seconds(title)
            if tree(trial.site) != trial.expected[TITLES.index(title)]:
                faults.append(f"after kill {number}: the next build does not mend the site")
    return faults, n_mixed


def _kills(trial: Trial, starter: Starter, times: int, moments: random.Random) -> Iterator[tuple[int, str]]:
    cold, warm = (starter.seconds(title) for title in TITLES)
    for number in range(times):
        if number % 2 == 0:
            trial.empty_cache()
        title = TITLES[number // 2 % 2]
        starter.kill(title, moments.uniform(0.02, 1.05) * (warm if number % 2 else cold))
        yield number, title


def at_once(trial: Trial, pairs: int) -> list[str]:
    """Build both titles at once, again and again; return what was wrong."""
    faults = []
    for number in range(pairs):
        if number % 2 == 0:
            trial.empty_cache()
        both = [
            subprocess.Popen(
                [*DIPTYCH, *trial.build(title, trial.site)],
                env=trial.env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            for title in TITLES
        ]
        for process in both:
            _, errors = process.communicate()
            if process.returncode:
                faults.append(f"pair {number}: status {process.returncode}: {errors.decode().strip()}")
        faults += [f"after pair {number}: {fault}" for fault in trial.faults()]
    return faults


def main() -> None:
    """Run the trial and print what was wrong; exit status 1 where anything was."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    moments = random.Random(arguments.seed)  # noqa: S311 - moments, no secrets
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Path(folder))
        faults = killed(trial, arguments.kills // 2, moments)
        in_place = killed_in_place(trial, arguments.kills // 2, moments)
        faults += at_once(trial, arguments.pairs)
        faults += trial.last_faults()
    mixed = "not tried, nothing may be mounted here"
    if in_place is not None:
        faults += in_place[0]
        mixed = f"{in_place[1]} times mixed, and mended by the next build"
    print(
        f"{arguments.kills} builds killed (mount point: {mixed}), {arguments.pairs} pairs at once: {len(faults)} faults"
    )
    print("\n".join(faults))
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
