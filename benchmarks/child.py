"""Programs run as child processes: their time and memory.

The caller must stay small, because the kernel counts a parent's memory as the minimum for its child.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
"""Python keeps compiled modules, as it does for an installed program."""
_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Run:
    """The cost of one run of a program, including the processes that it started.

    `seconds` is wall-clock time, and `cpu` the processor time of all cores. `peak_mb` is the largest memory of all
    processes at one time, sampled twenty times a second if the system reports it. It is never below the kernel's peak
    for the largest process.
    """

    seconds: float
    cpu: float
    peak_mb: float


class ChildError(RuntimeError):
    """A measured program has failed."""


def run(command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Run:
    """Run a program without input and return its cost. `env` is added to the current environment.

    Raise `ChildError` with the program's output if it fails.
    """
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env={**os.environ, **_COMPILED, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        with _watched(process.pid) as watched:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            told = output.read().decode(errors="replace")
            raise ChildError(f"{' '.join(map(str, command))}: exit status {process.returncode}\n{told}")
    largest = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    return Run(seconds, usage.ru_utime + usage.ru_stime, max(largest, watched()))


def output_of(command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Return the standard output of a program. `env` is added to the current environment.

    Raise `ChildError` with all its output if it fails.
    """
    words = [str(part) for part in command]
    found = subprocess.run(
        words,
        cwd=cwd,
        env={**os.environ, **_COMPILED, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        raise ChildError(f"{' '.join(words)}: exit status {found.returncode}\n{found.stdout}{found.stderr}")
    return found.stdout


def alternating(jobs: Mapping[str, Callable[[], Run]], n_rounds: int) -> dict[str, list[Run]]:
    """Run each job once per round, starting each round with the next job. Return the runs of each, by round."""
    names = list(jobs)
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for number in range(n_rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            runs[name].append(jobs[name]())
    return runs


def median(runs: Iterable[Run]) -> Run:
    """Return the median of each figure."""
    rows = [(run.seconds, run.cpu, run.peak_mb) for run in runs]
    return Run(*(statistics.median(column) for column in zip(*rows, strict=True)))


def ratio(ours: Sequence[Run], theirs: Sequence[Run]) -> float:
    """Return the median over rounds of our seconds over theirs in the same round."""
    return statistics.median(one.seconds / other.seconds for one, other in zip(ours, theirs, strict=True))


def cpu_ratio(ours: Sequence[Run], theirs: Sequence[Run]) -> float:
    """Return the same ratio for the processor time of all cores."""
    return statistics.median(one.cpu / other.cpu for one, other in zip(ours, theirs, strict=True))


@contextlib.contextmanager
def _watched(pid: int) -> Iterator[Callable[[], float]]:
    """Watch a process and its descendants until the end. Yield a function that returns their peak memory in MB."""
    peak, ended = 0.0, threading.Event()

    def look() -> None:
        nonlocal peak
        while not ended.wait(_LOOK_SECONDS):
            peak = max(peak, _held_mb(pid))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield lambda: peak
    finally:
        ended.set()
        watcher.join()


def _held_mb(pid: int) -> float:
    """Return the memory of a process and its descendants. Of mapped files only the largest amount counts."""
    own, shared = 0, 0
    waiting = [pid]
    while waiting:
        process = _PROC / str(waiting.pop())
        with contextlib.suppress(OSError, ValueError):
            _, resident, mapped, *_ = map(int, (process / "statm").read_text().split())
            own, shared = own + resident - mapped, max(shared, mapped)
            for tasks in (process / "task").glob("*/children"):
                waiting += map(int, tasks.read_text().split())
    return (own + shared) * os.sysconf("SC_PAGE_SIZE") / 1e6
