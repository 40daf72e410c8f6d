"""`diptych explain`: where a sentence, a finding or a cell comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import Speech, speaking
from .options import Colour, ConfigPath, Engine, Json, NoCache, Quiet, Verbose, check_engine

Target = Annotated[
    str,
    typer.Argument(
        help="A sentence id (agreement.observation), a finding id (agreement) or a cell (left:NLP,CV).",
        metavar="TARGET",
        show_default=False,
    ),
]


def add_explain_command(app: typer.Typer) -> None:
    """Register the command."""
    app.command(name="explain")(_explain)


def _explain(  # noqa: PLR0913 - one argument for each option
    target: Target,
    config: ConfigPath = Path("config.yaml"),
    *,
    engine: Engine = None,
    no_cache: NoCache = False,  # noqa: ARG001
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Colour = "auto",
) -> None:
    """Say where a sentence, a finding or a cell of the report comes from: formulas, counts, rules and examples."""
    with speaking(Speech(as_json, quiet, verbose, color)) as console:
        check_engine(engine)
        from ..pipeline.explain import explain  # noqa: PLC0415
        from .explain_text import as_data, told  # noqa: PLC0415 - help needs neither pandas nor DuckDB

        with console.working(f"explaining {target}"):
            found = explain(target, config, engine=engine)
        console.result(told(found), as_data(found))
