"""The commands and the optional parts of this program. Each is loaded when a config or the command line uses it.

A target is "module:attribute" below this package, and `slots` loads it. Nothing in the core imports a part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the help lists commands and loads nothing
    from collections.abc import Mapping

Listing = tuple[str, str, str, str]
"""A command: its group in the help, its name, its help line, and its target."""

COMMANDS: tuple[Listing, ...] = (
    (
        "Begin",
        "init",
        "Choose two columns of a table, and write a config for their report.",
        "contrib.choose.command:init",
    ),
    (
        "Begin",
        "scan",
        "Write the page on which to choose two columns as one file.",
        "contrib.choose.command:scan",
    ),
    ("Begin", "fetch", "Fetch data, for reports to read.", "contrib.hub.command:FETCH"),
    (
        "Make",
        "serve",
        "Show the report in a browser, and build it again when something changes.",
        "contrib.serve.command:serve",
    ),
    ("Make", "check", "Check configs and their data, without writing anything.", "cli.commands:check"),
    ("Make", "build", "Build the report of a config into a folder, or a site of several.", "cli.commands:build"),
    ("Ask", "explain", "Say where a sentence, a finding or a cell comes from.", "contrib.explain.command:explain"),
    ("Ask", "audit", "Sample items per category for manual review.", "contrib.audit.command:audit"),
    (
        "Ask",
        "verify",
        "Compare a report with its manifest, or build it again and compare.",
        "contrib.verify.command:verify",
    ),
    (
        "Ask",
        "diff",
        "List the changes between two built reports, and which of them exceed noise.",
        "contrib.diff.command:diff",
    ),
    ("Help", "schema", "Print the JSON Schema of config files, for editors.", "cli.commands:schema"),
)

PARTS: Mapping[str, Mapping[str, str]] = {
    "renderer": {
        "paper": "contrib.papers.output:PAPER",
        "embed": "contrib.embed.output:EMBED",
        "docx": "contrib.word.output:DOCX",
    },
    "section": {
        "text": "contrib.claims.settings:TEXT",
    },
    "passages": {
        "text": "contrib.claims.texts:write",
    },
    "measure": {
        "relative_risk": "contrib.measures.association:relative_risk",
        "phi": "contrib.measures.association:phi",
        "standardized_residual": "contrib.measures.association:standardized_residual",
    },
    "address": {
        "hf": "contrib.hub.kinds:HF",
        "s3": "contrib.hub.kinds:S3",
        "https": "contrib.hub.kinds:HTTPS",
        "http": "contrib.hub.kinds:HTTP",
        "hub": "contrib.hub.kinds:HUB",
    },
    "engine": {"spark": "contrib.spark.engine:SPARK"},
    "source": {
        "xlsx": "contrib.spreadsheets.workbook:XLSX",
        "sqlite": "contrib.databases.sqlite:SQLITE",
        "postgres://": "contrib.databases.postgres:POSTGRES",
        "postgresql://": "contrib.databases.postgres:POSTGRESQL",
    },
}
"""The optional parts of each kind, by the name that a config uses."""

ON_REQUEST = frozenset({"embed", "docx"})
"""Outputs that are not among the outputs of a config without `outputs`."""
