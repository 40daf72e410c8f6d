"""The application: find a command by its name without loading the others."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from .. import __version__
from ..errors import DiptychError
from ..packs import COMMANDS
from ..slots import load
from . import help_text
from .console import Speech, speaking
from .options import own_app

TARGETS = {name: target for _, name, _, target in COMMANDS}
"""The commands by name."""


class _Commands(TyperGroup):
    """The commands. Their help is the same from the fast path and from Typer."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - settings of Typer
        """Look commands up by name."""
        super().__init__(**settings)
        self.commands = dict.fromkeys(TARGETS)  # type: ignore[assignment]

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]  # noqa: ANN401
        """Return a command or None. A command that cannot be used is an error, except for completion."""
        if cmd_name not in TARGETS:
            return None
        if not ctx.resilient_parsing:
            with speaking(Speech()):
                return typer.main.get_command(load("command", cmd_name, TARGETS[cmd_name]))
        with suppress(DiptychError):
            return typer.main.get_command(load("command", cmd_name, TARGETS[cmd_name]))
        return None

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # noqa: ARG002
        """Return the names."""
        return list(TARGETS)

    def format_help(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]  # noqa: ANN401, ARG002
        """Write the help."""
        formatter.write(help_text())


app = own_app(add_completion=True, name="diptych", cls=_Commands, no_args_is_help=True)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"diptych {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Make static reports on how the categories of one kind of thing are associated with those of another."""


def run() -> None:
    """Run the command line. A user's error becomes its message and exit status, never a traceback."""
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file name may have characters that the terminal cannot write
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="diptych")


def _open_streams() -> None:
    """Connect closed standard streams to the null device, so that no other file gets their numbers."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
