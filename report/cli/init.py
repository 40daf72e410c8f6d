"""`diptych init`: a starter config for data files, and the workflows that build a report on GitHub."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ..errors import Note
from .console import Colour, Console, Json, Quiet, Speech, Verbose, note_entry, speaking

_CONFIG = "config.yaml"
_HISTORY = "history"


def init(  # noqa: PLR0913 - one argument for each option
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Data files to write a first config for.", metavar="FILE", show_default=False),
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
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", help="The folder to write into; with --github, the top of the repository.", metavar="DIR"
        ),
    ] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Write over workflows that are there.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Colour = "auto",
) -> None:
    """Write a first config, guessed from data files; or what a report needs to be built on GitHub."""
    with speaking(Speech(as_json, quiet, verbose, color)) as console:
        if bool(files) == github:
            raise typer.BadParameter(
                "give data files, for a first config, or --github, for workflows", param_hint="FILE"
            )
        if files:
            _start(console, files, output)
            return
        if action is None:
            raise typer.BadParameter("--github needs it: OWNER/NAME@COMMIT, where the action is", param_hint="--action")
        from ..init.starting import is_action, is_pinned, workflows, write_workflows  # noqa: PLC0415 - help

        if not is_action(action):
            raise _not_so("--action", f'"{action}" is not OWNER/NAME@COMMIT, which says where the action is')

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


def _start(console: Console, files: list[Path], folder: Path) -> None:
    from ..init.starting import start  # noqa: PLC0415 - help needs no pipeline

    with console.working(f"looking at {', '.join(map(str, files))}"):
        path, guessed, problems = start(files, folder)
    notes = [Note("guessed", str(path), reason) for reason in guessed.reasons]
    notes += [Note("to_do", str(path), f"diptych check says: {problem}") for problem in problems]
    console.notes(notes)
    console.result(str(path), {"config": str(path), "notes": [note_entry(note) for note in notes]})


def _not_so(option: str, message: str) -> typer.BadParameter:
    from ..config.places import one_line  # noqa: PLC0415 - help needs no config

    return typer.BadParameter(one_line(message), param_hint=option)


def _inside(config: Path) -> Path:
    path = Path(os.path.normpath(config))
    if path.is_absolute() or ".." in path.parts:
        raise _not_so("--config", f"{config} is not below the top of the repository; name it from there")
    return path


def _snapshots(top: Path, config: Path) -> tuple[str, list[Note]]:
    """Return the folder of snapshots that a config names, from the top, and what is worth knowing of it."""
    if not (top / config).exists():
        note = Note("no_config", str(config), f"{top / config}: is not there yet; the workflows build it when it is")
        return (config.parent / _HISTORY).as_posix(), [note]
    from ..config.loading import load_config  # noqa: PLC0415 - help needs no config

    settings = load_config(top / config).config.snapshots
    if settings is None:
        return (config.parent / _HISTORY).as_posix(), []  # the action keeps them there
    return Path(os.path.normpath(config.parent / settings.folder)).as_posix(), []
