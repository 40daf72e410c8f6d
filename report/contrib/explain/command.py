"""The command `diptych explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...cli.console import Console
from ...cli.options import ConfigPath, EngineOption, NoCache, command

Target = Annotated[
    str,
    typer.Argument(
        help="A statement id (agreement) or a part of it, words of a sentence, or a cell (left:NLP,CV).",
        metavar="TARGET",
        show_default=False,
    ),
]


@command(
    "diptych explain agreement            a statement, by its id in data/statements.json",
    "diptych explain 'trained on NLP'     all statements and sentences with these words",
    "diptych explain left:NLP,CV          a cell: panel, row, column",
    page="statements.md",
    confines=True,
)
def explain(
    console: Console,
    target: Target,
    config: ConfigPath = Path("config.yaml"),
    *,
    engine: EngineOption = None,
    no_cache: NoCache = False,  # noqa: ARG001
) -> None:
    """Show the basis of a statement or a cell of the report: numbers, rechecks, counts, rules and examples."""
    from . import explain as where_from  # noqa: PLC0415
    from .explain_text import as_data, told  # noqa: PLC0415 - help needs neither pandas nor DuckDB

    with console.working(f"explaining {target}"):
        found = where_from(target, config, engine=engine)
    console.result(told(found), as_data(found))
