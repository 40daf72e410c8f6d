"""The packs of this program, and the commands and entries that they add: the composition root.

Only the command line and the library may read this list. Other packages name theirs as entry points (`slots`). It loads
nothing: a target is "module:attribute", and its module is loaded when somebody runs the command or asks for the entry.
A pack whose files are not there adds no command; whoever asks for one of its entries learns how to install it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # help needs no slots
    from .slots import Slot

Listing = tuple[str, str, str, str]
"""A command: its group in the help, its name, its help line, and its target."""

_COMMANDS: tuple[Listing, ...] = (
    ("Begin", "init", "Make a first config and report of data files, guessed with reasons.", "init.command:init"),
    (
        "Make",
        "serve",
        "Show the report in a browser, and build it again when something changes.",
        "serve.command:serve",
    ),
    ("Ask", "explain", "Say where a sentence, a finding or a cell comes from.", "explain.command:explain"),
    ("Ask", "audit", "Sample items per category for manual review.", "audit.command:audit"),
    ("Ask", "verify", "Compare a report with its manifest, or build it again and compare.", "verify.command:verify"),
)


def listed_commands() -> tuple[Listing, ...]:
    """Return the commands of the packs that are there, with targets below `contrib`."""
    folder = os.path.join(os.path.dirname(__file__), "contrib")  # noqa: PTH118, PTH120 - pathlib takes longer to load
    there = set(os.listdir(folder)) if os.path.isdir(folder) else ()  # noqa: PTH112, PTH208
    return tuple(
        (group, name, text, f"contrib.{target}")
        for group, name, text, target in _COMMANDS
        if target.partition(".")[0] in there
    )


_ENTRIES: tuple[tuple[Slot, str, str], ...] = (
    ("source", "xlsx", "spreadsheets.workbook:XLSX"),
    ("source", "sqlite", "databases.sqlite:SQLITE"),
    ("source", "postgres://", "databases.servers:POSTGRES"),
    ("source", "postgresql://", "databases.servers:POSTGRESQL"),
    ("source", "mysql://", "databases.servers:MYSQL"),
)
"""Entries of packs: slot, name and target."""


def register_entries() -> None:
    """Add the entries of all packs to their slots; harmless when repeated."""
    from .slots import register  # noqa: PLC0415 - help needs no slots

    for slot, name, target in _ENTRIES:
        register(slot, name, f"contrib.{target}")
