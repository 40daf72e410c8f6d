"""Asks the process of `tests.forked` at an address to run a module of the package, and ends as that ends.

A program of its own that imports next to nothing: `forking.py ADDRESS MODULE ARGUMENTS`.
"""

import json
import os
import socket
import sys
from pathlib import Path


def ask(address: str, module: str, *arguments: str) -> int:
    """Give away this process's streams, folder and environment; return the exit status."""
    with socket.socket(socket.AF_UNIX) as to:
        to.connect(address)
        socket.send_fds(to, [b"streams"], [0, 1, 2])
        asked = {"module": module, "arguments": arguments, "folder": str(Path.cwd()), "environment": dict(os.environ)}
        to.sendall(json.dumps(asked).encode() + b"\n")
        return int(to.makefile().readline())


sys.exit(ask(*sys.argv[1:]))
