"""The packs of this program and their entries: the composition root.

Only the command line, the library and the interface (`api`) may read this list. Other packages declare their entries as
entry points (`slots`). Nothing is loaded here. A target is "module:attribute", and its module is loaded when the
command runs or a config uses the entry. A pack whose files are missing adds nothing. An extra is an exception: its
entries are known, and their error says how to install it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the help lists commands and loads nothing
    from collections.abc import Collection

    from .slots import Slot

Listing = tuple[str, str, str, str]
"""A command: its group in the help, its name, its help line, and its target."""

_COMMANDS: tuple[Listing, ...] = (
    ("Begin", "init", "Make a first config and report of data files, guessed with reasons.", "init.command:init"),
    ("Begin", "scan", "Find the pairs of columns of a table that are associated.", "scan.command:scan"),
    ("Begin", "fetch", "Fetch data, for reports to read.", "hub.command:FETCH"),
    (
        "Make",
        "serve",
        "Show the report in a browser, and build it again when something changes.",
        "serve.command:serve",
    ),
    ("Ask", "explain", "Say where a sentence, a finding or a cell comes from.", "explain.command:explain"),
    ("Ask", "audit", "Sample items per category for manual review.", "audit.command:audit"),
    ("Ask", "verify", "Compare a report with its manifest, or build it again and compare.", "verify.command:verify"),
    (
        "Ask",
        "diff",
        "Say what changed between two builds, why, and whether it is more than noise.",
        "history.command:diff",
    ),
)


_ENTRIES: tuple[tuple[Slot, str, str], ...] = (
    ("renderer", "latex", "papers.latex:LATEX"),
    ("renderer", "typst", "papers.typst_kit:TYPST"),
    ("renderer", "quarto", "papers.quarto:QUARTO"),
    ("renderer", "embed", "embed.output:EMBED"),
    ("renderer", "docx", "word.output:DOCX"),
    ("section", "text", "claims.settings:TEXT"),
    ("passages", "text", "claims.texts:CLAIMS"),
    ("section", "scan", "scan.settings:SCAN"),
    ("passages", "scan", "scan.chosen:CHOSEN"),
    ("section", "snapshots", "history.settings:SNAPSHOTS"),
    ("finding", "trend", "history.trend:KIND"),
    ("history", "snapshots", "history.entry:HISTORY"),
    ("measure", "relative_risk", "measures.association:relative_risk"),
    ("measure", "yule_q", "measures.association:yule_q"),
    ("measure", "phi", "measures.association:phi"),
    ("measure", "standardized_residual", "measures.association:standardized_residual"),
    ("measure", "dice", "measures.likeness:dice"),
    ("measure", "cosine", "measures.likeness:cosine"),
    ("measure", "overlap", "measures.likeness:overlap"),
    ("measure", "npmi", "measures.likeness:npmi"),
    ("measure", "kulczynski", "measures.likeness:kulczynski"),
    ("address", "hf", "hub.kinds:HF"),
    ("address", "s3", "hub.kinds:S3"),
    ("address", "https", "hub.kinds:HTTPS"),
    ("address", "http", "hub.kinds:HTTP"),
    ("address", "hub", "hub.kinds:HUB"),
    ("engine", "spark", "spark.engine:SPARK"),
    ("source", "xlsx", "spreadsheets.workbook:XLSX"),
    ("source", "sqlite", "databases.sqlite:SQLITE"),
    ("source", "postgres://", "databases.servers:POSTGRES"),
    ("source", "postgresql://", "databases.servers:POSTGRESQL"),
    ("source", "mysql://", "databases.servers:MYSQL"),
)
"""Entries of packs in the other slots: the slot, the name in a config, the target."""

_FINDINGS: tuple[tuple[str, str, str, bool, str], ...] = (
    ("bridge", "square.bridges:KIND", "composition", True, ""),
    ("direction", "square.direction:KIND", "isolation", True, "pairs"),
    ("blocks", "blocks.block:KIND", "concentration", False, ""),
)
"""Kinds of finding that every report uses: the name, the target, and the fields of `slots.Position`. These are the kind
of the core that they precede, whether they are only for relations whose sides have the same categories, and the key of
their result in report.json."""

_ON_REQUEST = frozenset({("renderer", "embed"), ("renderer", "docx")})
"""Entries that a config must name: outputs that are not among the outputs of a config without `outputs`."""

_EXTRAS = frozenset({"databases", "hub", "spark", "spreadsheets", "word"})
"""Packs that may be missing. The error for one of their entries says how to install it."""


def _there() -> Collection[str]:
    """Return the names in the folder `contrib`."""
    folder = os.path.join(os.path.dirname(__file__), "contrib")  # noqa: PTH118, PTH120 - pathlib takes longer to load
    return set(os.listdir(folder)) if os.path.isdir(folder) else ()  # noqa: PTH112, PTH208


def register_packs() -> None:
    """Register the entries of the packs that are present. A second call changes nothing."""
    from .slots import Position, register  # noqa: PLC0415

    there = _there()
    for name, target, before, square, result in _FINDINGS:
        if target.partition(".")[0] in there:
            register("finding", name, f"contrib.{target}", position=Position(before, square, result))
    for slot, name, target in _ENTRIES:
        if target.partition(".")[0] in there or target.partition(".")[0] in _EXTRAS:
            register(slot, name, f"contrib.{target}", on_request=(slot, name) in _ON_REQUEST)


def listed_commands() -> tuple[Listing, ...]:
    """Return the commands of the packs that are present, with targets below `contrib`."""
    there = _there()
    return tuple(
        (group, name, text, f"contrib.{target}")
        for group, name, text, target in _COMMANDS
        if target.partition(".")[0] in there
    )
