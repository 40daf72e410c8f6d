"""Arguments in, exit status out: the only place that prints or catches."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; modules are loaded within, so that Ctrl-C is answered from the first moment."""
    # One thread for the products of small matrices: more of them spin and wait for each other. It is read by numpy.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        if sys.argv[1:] in (["--help"], ["-h"]) and sys.stdout is not None:  # at once: it is asked for the most
            from .help import help_text  # noqa: PLC0415

            sys.stdout.write(help_text())
            sys.exit()
        from ..memory import be_sparing  # noqa: PLC0415
        from .commands import run  # noqa: PLC0415

        be_sparing()
        run()
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        sys.exit(130)


__all__ = ["main"]
