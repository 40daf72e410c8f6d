"""`diptych init`: the workflows that build a report on GitHub."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from report.cli.console import Speech, speaking
from report.cli.options import Colour, Json, Quiet, Verbose, note_entry
from report.errors import DataError, Note, UnavailableError

_CONFIG = "config.yaml"
_HISTORY = "history"


def add_init_command(app: typer.Typer) -> None:
    """Register the command."""
    app.command(name="init")(_init)


def _init(  # noqa: PLR0913 - one argument for each option
    files: Annotated[
        list[Path] | None, typer.Argument(help="Data files (not available yet).", metavar="FILE", show_default=False)
    ] = None,
    *,
    github: Annotated[
        bool, typer.Option("--github", help="Write workflows that build and publish the report on GitHub.")
    ] = False,
    action: Annotated[
        str | None,
        typer.Option("--action", help="With --github: the action, as OWNER/NAME@COMMIT.", metavar="ACTION"),
    ] = None,
    config: Annotated[
        Path,
        typer.Option("--config", help="With --github: the config, from the top of the repository.", metavar="PATH"),
    ] = Path(_CONFIG),
    output: Annotated[Path, typer.Option("-o", "--output", help="The top of the repository.", metavar="DIR")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Write over workflows that are there.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Colour = "auto",
) -> None:
    """Write what a report needs to be built on GitHub."""
    with speaking(Speech(as_json, quiet, verbose, color)) as console:
        if files or not github:
            raise UnavailableError("diptych init is not available yet, but for --github")
        if action is None:
            raise DataError("diptych init --github: say where the action is, with --action OWNER/NAME@COMMIT")
        from report.github.starting import is_pinned, workflows, write_workflows  # noqa: PLC0415 - help needs none

        path = _inside(config)
        folder, notes = _snapshots(output, path)
        if not is_pinned(action):
            notes.append(
                Note("unpinned", action, f"{action}: a tag or branch can be moved; name the commit, of 40 digits")
            )
        written = write_workflows(output, workflows(action, path.as_posix(), folder), overwrite=force)
        console.notes(notes)
        console.result(
            "\n".join(map(str, written)),
            {"files": [str(one) for one in written], "notes": [note_entry(note) for note in notes]},
        )


def _inside(config: Path) -> Path:
    path = Path(os.path.normpath(config))
    if path.is_absolute() or ".." in path.parts:
        raise DataError(f"--config: {config} is not below the top of the repository; name it from there")
    return path


def _snapshots(top: Path, config: Path) -> tuple[str, list[Note]]:
    """Return the folder of snapshots that a config names, from the top, and what is worth knowing of it."""
    if not (top / config).exists():
        note = Note("no_config", str(config), f"{top / config}: is not there yet; the workflows build it when it is")
        return (config.parent / _HISTORY).as_posix(), [note]
    from report.config.loading import load_config  # noqa: PLC0415 - help needs no config

    settings = load_config(top / config).config.snapshots
    if settings is None:
        message = f"{top / config}: has no snapshots:, so builds are compared with nothing"
        return (config.parent / _HISTORY).as_posix(), [Note("no_snapshots", str(config), message)]
    return Path(os.path.normpath(config.parent / settings.folder)).as_posix(), []
