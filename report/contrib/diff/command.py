"""The command `diptych diff`: what changed between two built reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...cli.console import Console
from ...cli.options import SPOKEN, command
from ...errors import PublishError

MATTERS = 4
"""Exit status if the report says something else, or a number changed clearly."""

_What = typer.Argument(help="A built report, or REVISION:FOLDER of git.", show_default=False)


@command(
    "diptych diff site-of-may site",
    "diptych diff main:docs/report site --why",
    page="ci.md",
    said=SPOKEN[1:],
    confines=True,
)
def diff(  # noqa: PLR0913 - one argument for each option
    console: Console,
    old: Annotated[str, _What],
    new: Annotated[str, _What],
    *,
    why: Annotated[
        bool, typer.Option("--why", help="Build the old config on the new data, to tell data and settings apart.")
    ] = False,
    config: Annotated[
        Path, typer.Option("--config", help="With --why: the config of the new report.", metavar="CONFIG")
    ] = Path("config.yaml"),
    markdown: Annotated[Path | None, typer.Option("--markdown", help="Write it for a comment.", metavar="FILE")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write all changes as JSON.", metavar="FILE")] = None,
) -> None:
    """List the changes between two built reports. Exit status 4: words changed, or numbers by more than noise."""
    from .comparing import compare  # noqa: PLC0415 - help needs nothing of this
    from .sites import opened  # noqa: PLC0415
    from .telling import json_of, markdown_of, text_of  # noqa: PLC0415

    sites = opened(old), opened(new)
    found = compare(*sites)
    if why:
        from .why import explained  # noqa: PLC0415 - builds

        found = explained(found, *sites, config)
    for path, content in ((markdown, markdown_of), (as_json, json_of)):
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content(found), encoding="utf-8", errors="replace", newline="\n")
        except OSError as error:
            raise PublishError(f"{path}: cannot be written ({error.strerror}); give another name") from None
    console.result(text_of(found), {})
    if found.changed_words or found.changed_numbers:
        raise typer.Exit(MATTERS)
