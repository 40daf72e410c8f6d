"""Commands that a later release brings: known by name, so that nobody looks for a spelling mistake.

When one is built, its line here goes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import typer

from ..errors import UnavailableError
from .console import Speech, speaking

COMMANDS: Mapping[str, str] = {
    "serve": "Show the report in a browser and build it again when something changes.",
}

_ANYTHING = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": ["-h", "--help"]}


def add_later_commands(app: typer.Typer) -> None:
    """Register a command for each name, that answers whatever its arguments."""
    for name, help_text in COMMANDS.items():
        add = app.command(name, help=help_text, rich_help_panel="Not available yet", context_settings=_ANYTHING)
        add(_answer(name))


def _answer(name: str) -> Callable[[], None]:
    def answer() -> None:
        with speaking(Speech()):
            raise UnavailableError(f"diptych {name} is not available yet")

    return answer
