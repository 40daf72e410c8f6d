"""Arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer

from ..errors import Note

ConfigPath = Annotated[Path, typer.Argument(help="The config file.", metavar="CONFIG")]
ConfigPaths = Annotated[
    list[Path] | None,
    typer.Argument(help="The config file, or several: config.yaml unless given.", metavar="CONFIG", show_default=False),
]
Engine = Annotated[
    str | None, typer.Option("--engine", help="Count with this engine: duckdb or spark.", metavar="NAME")
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Use nothing that an earlier build kept, and keep nothing.")]
JUnit = Annotated[
    Path | None,
    typer.Option("--junit", help="Write what became of each claim of authored text, as JUnit XML.", metavar="FILE"),
]
OnFalseClaim = Annotated[
    str | None,
    typer.Option("--on-false-claim", help="error, withdraw or mark, whatever the config says.", metavar="WHAT"),
]
Annotations = Annotated[
    str | None,
    typer.Option("--annotations", help="github: print each error as GitHub shows it beside its line.", metavar="WHERE"),
]
Snapshots = Annotated[
    Path | None,
    typer.Option(
        "--snapshots", help="Keep a snapshot in this folder, if the config has no snapshots: of its own.", metavar="DIR"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors and results.")]
Verbose = Annotated[
    bool,
    typer.Option(
        "-v",
        "--verbose",
        help="Print every note, what engines are asked (SQL or plans), and the traceback of our faults.",
    ),
]
Colour = Annotated[str, typer.Option("--color", help="auto, always or never.", metavar="WHEN")]


TimingsOption = Annotated[bool, typer.Option("--timings", help="Print how long each stage took.")]


def check_engine(name: str | None) -> None:
    """Refuse an engine that is none (usage)."""
    if name is None:
        return
    from ..sources.settings import ENGINES  # noqa: PLC0415 - help needs no config

    if name not in ENGINES:
        raise typer.BadParameter(f'"{name}" is not one of {", ".join(ENGINES)}', param_hint="--engine")


def check_false_claim(choice: str | None) -> None:
    """Refuse what a false claim cannot do (usage)."""
    if choice is None:
        return
    from ..claims.settings import TextSettings  # noqa: PLC0415 - help needs no config

    choices = get_args(TextSettings.model_fields["on_false_claim"].annotation)
    if choice not in choices:
        raise typer.BadParameter(f'"{choice}" is not one of {", ".join(choices)}', param_hint="--on-false-claim")


def note_entry(note: Note) -> dict[str, str]:
    """Return a note as JSON has it."""
    return {"slug": note.slug, "subject": note.subject, "message": note.message}
