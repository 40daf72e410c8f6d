"""Builds that are killed, and builds at once: what is left, of the site and of the cache.

    python -m benchmarks.killed [--kills 100] [--pairs 20] [--seed 1]

A small project has two titles. Each build is killed at a random moment of the time that one takes: every other one
finds an empty cache, the next what that left. Each pair is two builds of both titles at once, on one site and one
cache, every other pair with an empty one. After each, the site must be whole (one of the two), and at the end a build
with the cache must give the bytes of a build without. Moments come from a seed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.pipeline.projects import tree, write_project

TITLES = ("T", "Tea")
DIPTYCH = (sys.executable, "-m", "report")


@dataclass
class Trial:
    """A project with two titles, its site, its cache, and what the site must be: one of two trees."""

    folder: Path
    expected: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Write both projects and build each without a cache."""
        for title in TITLES:
            write_project(self.folder / title, {"title: T": f"title: {title}"})
            subprocess.run(self.command(title, self.folder / f"whole-{title}", "--no-cache"), check=True, env=self.env)
            self.expected.append(tree(self.folder / f"whole-{title}"))

    @property
    def env(self) -> dict[str, str]:
        """The environment of builds: the cache is the trial's."""
        return {**os.environ, "DIPTYCH_CACHE": str(self.folder / "cache")}

    def command(self, title: str, site: Path, *options: str) -> list[str]:
        """Return the command that builds a title into a site."""
        config = self.folder / title / "config.yaml"
        return [*DIPTYCH, "build", str(config), "-o", str(site), "-q", *options]

    def started(self, title: str) -> subprocess.Popen[bytes]:
        """Start a build of the shared site."""
        return subprocess.Popen(
            self.command(title, self.folder / "site"), env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    def seconds(self, title: str) -> float:
        """Return how long a build takes with the cache as it is."""
        start = time.monotonic()
        subprocess.run(self.command(title, self.folder / "site"), env=self.env, check=True)
        return time.monotonic() - start

    def empty_cache(self) -> None:
        """Let the next build find nothing."""
        shutil.rmtree(self.folder / "cache", ignore_errors=True)

    def faults(self) -> Iterator[str]:
        """Yield what is wrong with the site as it is."""
        site = self.folder / "site"
        if site.exists() and tree(site) not in self.expected:
            yield "the site is neither of the two"

    def last_faults(self) -> Iterator[str]:
        """Yield what is wrong after all: builds with the cache must be right, and nothing left beside the site."""
        for title, expected in zip(TITLES, self.expected, strict=True):
            for _ in range(2):
                subprocess.run(self.command(title, self.folder / "site"), env=self.env, check=True, capture_output=True)
                if tree(self.folder / "site") != expected:
                    yield f"with the cache, {title} is built otherwise than without"
        known = {*TITLES, *(f"whole-{title}" for title in TITLES), "site", "cache"}
        yield from (f"left beside the site: {path.name}" for path in self.folder.iterdir() if path.name not in known)


def killed(trial: Trial, times: int, moments: random.Random) -> list[str]:
    """Kill builds at random moments; return what was wrong."""
    cold = trial.seconds(TITLES[0])
    warm = trial.seconds(TITLES[0])
    faults = []
    for number in range(times):
        if number % 2 == 0:
            trial.empty_cache()
        with trial.started(TITLES[number // 2 % 2]) as process:
            time.sleep(moments.uniform(0.02, 1.05) * (warm if number % 2 else cold))
            process.kill()
        faults += [f"after kill {number}: {fault}" for fault in trial.faults()]
    return faults


def at_once(trial: Trial, pairs: int) -> list[str]:
    """Build both titles at once, again and again; return what was wrong."""
    faults = []
    for number in range(pairs):
        if number % 2 == 0:
            trial.empty_cache()
        both = [trial.started(title) for title in TITLES]
        for process in both:
            _, errors = process.communicate()
            if process.returncode:
                faults.append(f"pair {number}: status {process.returncode}: {errors.decode().strip()}")
        faults += [f"after pair {number}: {fault}" for fault in trial.faults()]
    return faults


def main() -> None:
    """Run the trial and print what was wrong; exit status 1 where anything was."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Path(folder))
        faults = killed(trial, arguments.kills, random.Random(arguments.seed))  # noqa: S311
        faults += at_once(trial, arguments.pairs)
        faults += trial.last_faults()
    print(f"{arguments.kills} builds killed, {arguments.pairs} pairs at once: {len(faults)} faults")
    print("\n".join(faults))
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
