"""The command `diptych diff`: changes between two builds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ...cli.console import Console
from ...cli.options import SPOKEN, command
from ...errors import PublishError

MATTERS = 4
"""Exit status if a change matters."""

_What = typer.Argument(
    help="A site, a snapshot's file or id, a folder of snapshots, or a revision of git.", show_default=False
)


@command("diptych diff site-of-may site", page="snapshots.md", said=SPOKEN[1:], confines=True)
def diff(  # noqa: PLR0913 - one argument for each option
    console: Console,
    old: Annotated[str, _What],
    new: Annotated[str, _What],
    file: Annotated[
        Path | None,
        typer.Argument(help="With --json: the file to write instead.", metavar="[FILE]", show_default=False),
    ] = None,
    *,
    config: Annotated[
        Path, typer.Option("--config", help="The config whose folder ids and revisions are of.", metavar="CONFIG")
    ] = Path("config.yaml"),
    snapshots: Annotated[
        Path | None,
        typer.Option("--snapshots", help="Their folder, if the config has no snapshots: of its own.", metavar="DIR"),
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", help="Write it for a pull request's comment.", metavar="FILE")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write it as a page.", metavar="FILE")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the result as JSON; with a file behind, write it there.")
    ] = False,
) -> None:
    """Report changes between two builds, their causes, and whether they exceed noise; exit status 4 if one matters."""
    if file is not None and not as_json:
        raise typer.BadParameter(f'"{file}" is one too many; a file goes with --json', param_hint="FILE")
    from .changes import as_data, json_of  # noqa: PLC0415 - help needs nothing of this
    from .comparing import diff as compare  # noqa: PLC0415
    from .diff_text import markdown_of, page_of, text_of  # noqa: PLC0415
    from .sides import source_of  # noqa: PLC0415

    with console.working(f"comparing {old} and {new}"):
        found = compare(source_of(old, config, snapshots), source_of(new, config, snapshots))
    written = [(markdown, markdown_of), (html, page_of), (file, json_of)]
    for path, content in [(path, make) for path, make in written if path is not None]:
        _write(path, content(found))
    console.result(json.dumps(as_data(found), indent=2) if as_json and file is None else text_of(found), {})
    if found.matters:
        raise typer.Exit(MATTERS)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "replace"))
    except OSError as error:
        raise PublishError(f"{path}: cannot be written ({error.strerror}); give another name") from None
