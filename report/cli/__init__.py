"""Arguments in, exit status out: the only place that prints or catches."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; modules are loaded within, so that Ctrl-C is answered from the first moment."""
    try:
        from .commands import run  # noqa: PLC0415

        run()
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        sys.exit(130)


__all__ = ["main"]
