"""The command `diptych verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...cli.console import Console
from ...cli.options import EngineOption, command
from ...config.places import printable

Configs = Annotated[
    list[Path] | None,
    typer.Option(
        "--config", help="With --rebuild: where a config is; may be repeated.", metavar="PATH", show_default=False
    ),
]


@command(
    "diptych verify site",
    "diptych verify site --rebuild --config config.yaml",
    page="ci.md",
    confines=True,
)
def verify(
    console: Console,
    folder: Annotated[Path, typer.Argument(help="A built report.", metavar="DIR")] = Path("site"),
    *,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make it again, in memory; say what is not the same, and why.")
    ] = False,
    config: Configs = None,
    engine: EngineOption = None,
) -> None:
    """Compare every file of a report with its manifest, by hash; exit status 1 if any file differs."""
    for option, is_given in (("--config", bool(config)), ("--engine", engine is not None)):
        if is_given and not rebuild:
            raise typer.BadParameter("goes with --rebuild, which is not given", param_hint=option)
    from ...publish.manifest import verify as verify_folder  # noqa: PLC0415 - help needs no manifest

    differences = verify_folder(folder)
    lines = [str(difference) for difference in differences] or [f"{folder}: every file is as its manifest says"]
    entries = [{"path": difference.path, "kind": difference.kind} for difference in differences]
    data: dict[str, object] = {"folder": str(folder), "differences": entries}
    status = 1 if differences else 0
    if rebuild:
        from .rebuild import as_data, told  # noqa: PLC0415 - nor pandas, nor DuckDB
        from .rebuild import rebuild as make_again  # noqa: PLC0415

        with console.working(f"building {folder} again"):
            found = make_again(folder, config or (), engine=engine)
        lines += told(found)
        data["rebuild"] = as_data(found)
        status = found.stopped.exit_status if found.stopped else max(status, 1 if found.files else 0)
    console.result("\n".join(map(printable, lines)), data)
    if status:
        raise typer.Exit(status)
