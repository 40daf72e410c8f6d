"""Programs of this package that tests start by the dozen, each forked from one process that has imported it.

Importing takes longer than most of these programs take. `command` is what runs a module of the package in a fork, with
the arguments, environment, folder and streams that it is given, and ends as that ends. Its figures are blank. What is
tested of a process itself (how it starts, draws, signals, closed streams, encodings) needs a real one.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
IMPORTED = (
    "diptych.cli",
    "diptych.pipeline",
    "diptych.contrib.history.comparing",
    "diptych.contrib.init",
    "diptych.contrib.github",
)
LARGEST = 1_000_000


@cache
def _parent() -> str:
    """Start the process that is forked, which ends when this one does; return the address at which it listens."""
    folder = tempfile.TemporaryDirectory(prefix="forked-")
    address = f"{folder.name}/listens"
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "tests.forked", address],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    atexit.register(folder.cleanup)
    atexit.register(process.communicate)  # it ends when its input does
    assert process.stdout is not None
    assert process.stdout.readline() == b"listening\n"
    return address


def command(module: str) -> list[str]:
    """Return the command that runs a module; arguments follow it."""
    return [sys.executable, "-I", "-S", str(Path(__file__).with_name("forking.py")), _parent(), module]


def listen(address: str) -> None:
    """Import the package and fork for everybody who asks, until the input ends."""
    for name in IMPORTED:
        __import__(name)
    from tests.undrawn import undrawn  # noqa: PLC0415 - whoever asks for a command draws nothing

    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with undrawn(), socket.socket(socket.AF_UNIX) as here:
        here.bind(address)
        here.listen()
        sys.stdout.write("listening\n")
        sys.stdout.flush()
        while here in select.select([here, sys.stdin], [], [])[0]:
            to, _ = here.accept()
            if not os.fork():
                here.close()
                _answer(to)
            to.close()


def _answer(to: socket.socket) -> None:
    """Run what is asked for in a fork, and tell its exit status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, streams, _, _ = socket.recv_fds(to, len(b"streams"), 3)
    asked = json.loads(to.makefile().readline(LARGEST))
    child = os.fork()
    if not child:
        _run(asked, streams)
    _, status = os.waitpid(child, 0)
    to.sendall(f"{os.waitstatus_to_exitcode(status) % 256}\n".encode())
    os._exit(0)


def _run(asked: dict, streams: list[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode, encoding="utf-8", buffering=1) for number, mode in enumerate("rww")
    )
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = [asked["module"], *asked["arguments"]]
    status = 0
    try:
        runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - as a program of its own would end
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    listen(sys.argv[1])
