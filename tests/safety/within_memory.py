"""Run builds of many configs, each in a process with little memory, and print how each ended: `python FILE FOLDER`.

The folder has a folder for each config. The program is imported once, and each build is a fork with 2 GB of addresses
and a bound on processor time.
"""

import contextlib
import io
import json
import os
import resource
import sys
from pathlib import Path

import duckdb  # noqa: F401 - imported once for all
import narwhals  # noqa: F401
import pandas as pd  # noqa: F401

import diptych.pipeline.build  # noqa: F401
from diptych.cli import main

MEMORY = 2 * 2**30
SECONDS = 30


def ended(folder: Path) -> tuple[int, str]:
    """Return the status of a build (negative: the signal that ended it) and its messages."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        said, status = io.StringIO(), 0
        os.chdir(folder)
        sys.argv = ["diptych", "build", "config.yaml", "-o", "site"]
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            try:
                status = main() or 0
            except SystemExit as stop:
                status = int(stop.code or 0)
        os.write(writing, said.getvalue()[:4000].encode())
        os._exit(status)
    os.close(writing)
    with open(reading, "rb") as stream:  # noqa: PTH123 - a descriptor
        said_there = stream.read().decode()
    _, code = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(code), said_there


if __name__ == "__main__":
    sys.stdout.write(json.dumps({folder.name: ended(folder) for folder in sorted(Path(sys.argv[1]).iterdir())}))
