"""Runs the program in forks of a process that has imported it, within bounds, and says what each has done.

A program of its own: `python -m tests.safety.child` reads a folder and arguments from each line of its input, as JSON,
and writes what became of that run.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

ADDRESS_SPACE = 6 * 2**30
"""A fork that asks for more is refused memory: a bomb must not take the machine with it."""

CPU_SECONDS, STILL_SECONDS, WALL_SECONDS = 20, 30, 600
"""A fork is ended that computes for longer, that uses no processor time for so long, or that takes so long in all.

Time by the clock says little on a loaded machine: a fork that waits for a processor has not hung.
"""

IMPORTED = ("diptych.cli", "diptych.pipeline", "diptych.pipeline.build", "duckdb", "pandas", "python_calamine")


def main() -> None:
    """Import the package and run whatever is asked for, one after the other."""
    for name in IMPORTED:
        __import__(name)
    from diptych.figures import drawing  # noqa: PLC0415 - imported here, before each fork

    # The engine of pictures reserves more address space than a fork may have, so that its figures are blank.
    drawing.Drawer._start = lambda _: None
    drawing._convert = _blank
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.write(json.dumps(_run(Path(asked["folder"]), asked["arguments"])) + "\n")
        sys.stdout.flush()


def _blank(spec: str, _figure_id: str) -> str:
    """Return a picture that holds the titles of the axes of a specification, which are asked for, and nothing else."""
    from diptych.figures import drawing  # noqa: PLC0415 - as above
    from diptych.figures.specs import drawable  # noqa: PLC0415

    titles = sorted(drawing._axis_titles(json.loads(spec)))
    texts = "".join(f"<text>{escape(drawable(title))}</text>" for title in titles)
    root = 'xmlns="http://www.w3.org/2000/svg" width="400" height="300" viewBox="0 0 400 300"'
    return f"<svg {root}>{texts}</svg>"


def _run(folder: Path, arguments: list[str]) -> dict[str, Any]:
    """Run the program in a folder beside which `said` and `network` are written; return how it ended."""
    began = looked = moved = time.monotonic()
    ticks = 0
    child = os.fork()
    if not child:
        _become(folder, arguments)
    killed = False
    while True:
        ended, status, used = os.wait4(child, os.WNOHANG)
        if ended:
            break
        now = time.monotonic()
        if now - looked > 1:
            looked, before, ticks = now, ticks, _ticks(child)
            moved = now if ticks != before else moved
        if not killed and (now - moved > STILL_SECONDS or now - began > WALL_SECONDS):
            os.killpg(child, signal.SIGKILL)
            killed = True
        time.sleep(0.005)
    return {
        "status": os.waitstatus_to_exitcode(status),
        "hung": killed,
        "seconds": used.ru_utime + used.ru_stime,
        "rss_mb": used.ru_maxrss / 1024,
    }


def _ticks(group: int) -> int:
    """Return the processor time of all processes of a group, in ticks of the clock."""
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[2]) == group:
            total += int(fields[11]) + int(fields[12])
    return total


def _become(folder: Path, arguments: list[str]) -> None:
    """Be the program: with its streams in files, bounds on what it takes, and no network."""
    os.setpgid(0, 0)  # what it starts ends with it
    said = os.open(folder.parent / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, stream in enumerate((nothing, said, said)):
        os.dup2(stream, number)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode, encoding="utf-8", buffering=1) for number, mode in enumerate("rww")
    )
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _without_network(folder.parent / "network")
    os.chdir(folder)
    home, temporary = folder.parent / "home", folder.parent / "tmp"
    os.environ.update({"HOME": str(home), "TMPDIR": str(temporary), "DIPTYCH_CACHE": str(folder.parent / "cache")})
    sys.argv = ["diptych", *arguments]
    import tempfile  # noqa: PLC0415

    tempfile.tempdir = None
    status = 0
    try:
        from diptych.cli import main as program  # noqa: PLC0415

        program()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - as a program of its own would end
        import traceback  # noqa: PLC0415

        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _without_network(log: Path) -> None:
    """Let nothing be reached, and write down what was to be."""

    def refuse(*asked: object, **_: object) -> Iterator[Any]:
        with log.open("a") as file:
            file.write(f"{asked[-1] if len(asked) > 1 else asked}\n")
        raise ConnectionRefusedError("no network in tests")

    socket.socket.connect = refuse  # type: ignore[method-assign,assignment]
    socket.socket.connect_ex = refuse  # type: ignore[method-assign,assignment]
    socket.getaddrinfo = refuse  # type: ignore[assignment]


if __name__ == "__main__":
    main()
