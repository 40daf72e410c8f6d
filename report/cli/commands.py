"""The command line: one function for each command.

Exit status: 0 done; 1 a person can fix it; 2 usage; 3 a claim is false; 4 `diff` found a change that matters;
70 our fault; 130 interrupted; 141 nobody read the result to its end. Results go to standard output, everything
else to standard error.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from typer.core import TyperCommand, TyperGroup

from .. import __version__
from ..progress import stage
from .audit import audit
from .console import (
    Annotations,
    Colour,
    ConfigPath,
    ConfigPaths,
    Engine,
    Json,
    JUnit,
    NoCache,
    OnFalseClaim,
    Quiet,
    Snapshots,
    Speech,
    TimingsOption,
    Verbose,
    check_engine,
    check_false_claim,
    note_entry,
    speaking,
)
from .diff import diff
from .excerpt import closing
from .fetch import fetch
from .help import help_text, of_command, width, within
from .init import init
from .serve import serve
from .verify import verify

if TYPE_CHECKING:  # help needs neither pandas nor DuckDB
    from ..cache import Cache
    from ..pipeline.build import Checked
    from ..reuse import Built


Target = Annotated[
    str,
    typer.Argument(
        help="A sentence id (agreement.told), a finding id (agreement) or a cell (left:NLP,CV).",
        metavar="TARGET",
        show_default=False,
    ),
]


def explain(  # noqa: PLR0913 - one argument for each option
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
        from ..explain.explain_text import as_data, told  # noqa: PLC0415 - help needs neither pandas nor DuckDB
        from ..explain.explaining import explain as where_from  # noqa: PLC0415

        with console.working(f"explaining {target}"):
            found = where_from(target, config, engine=engine)
        console.result(told(found), as_data(found))


_USUAL = Path("config.yaml")


class _HelpWriter(Protocol):
    """What help is written to, in lines of at most `width` characters."""

    width: int

    def write(self, string: str) -> None:
        """Take text."""
        ...


class _Commands(TyperGroup):
    """The commands; their help is the same whether it is asked for at once or found by Typer."""

    def format_help(self, ctx: typer.Context, formatter: _HelpWriter) -> None:  # type: ignore[override]  # noqa: ARG002
        """Write the help."""
        formatter.write(help_text())


class _Command(TyperCommand):
    """A command; its help is as wide as the terminal, and its examples keep their lines where these fit."""

    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override]
        """Return the help; arguments are called by their names, without types of Python."""
        ctx.terminal_width = width()
        for parameter in self.params:
            if parameter.param_type_name == "argument":
                vars(parameter)["display_type_rich"] = lambda ctx: None  # noqa: ARG005
        return super().get_help(ctx)

    def collect_usage_pieces(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Return what a command takes: what is required without braces."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_epilog(self, ctx: typer.Context, formatter: _HelpWriter) -> None:  # type: ignore[override]  # noqa: ARG002
        """Write what stands at the end of the help."""
        if self.epilog:
            formatter.write("\n" + within(self.epilog, formatter.width) + "\n")


app = typer.Typer(
    name="diptych",
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain text, in which no word breaks; it also spares a tenth of a second
    context_settings={"help_option_names": ["-h", "--help"]},
)


@dataclass(frozen=True)
class _HowToBuild:
    """How a build is made, as its options say."""

    engine: str | None
    junit: Path | None
    on_false_claim: str | None
    cache: Cache
    snapshots: Path | None

    @property
    def whole(self) -> Cache:
        """Where a whole site may be found: nowhere, where an option makes another one of the same files."""
        from ..cache import NO_CACHE  # noqa: PLC0415 - help needs nothing of a build

        same = self.junit is None and self.on_false_claim is None and self.snapshots is None
        return self.cache if same else NO_CACHE


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"diptych {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Say how the categories of one kind of thing go with the categories of another, as a static report."""


@app.command(
    cls=_Command,
    epilog=of_command(
        "diptych build                        config.yaml, into site/",
        "diptych build study.yaml -o report",
        "diptych build a.yaml b.yaml -o site  a site of several reports",
        page="publishing.md",
    ),
)
def build(  # noqa: PLR0913 - one argument for each option
    configs: ConfigPaths = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write.", metavar="DIR")] = Path("site"),
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace files that no build has written.")] = False,
    engine: Engine = None,
    junit: JUnit = None,
    on_false_claim: OnFalseClaim = None,
    snapshot: Annotated[
        str | None,
        typer.Option(
            "--snapshot",
            help="Build an old report again, without its data: a snapshot's file, or its id in the config's folder.",
            metavar="ID",
        ),
    ] = None,
    snapshots: Snapshots = None,
    no_cache: NoCache = False,
    timings: TimingsOption = False,
    annotations: Annotations = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Colour = "auto",
) -> None:
    """Build the report of CONFIG into a folder, or a site of several reports; whole or not at all."""
    paths = configs or [_USUAL]
    began = time.monotonic()
    with speaking(Speech(as_json, quiet, verbose, color, timings, annotations, tuple(paths))) as console:
        check_engine(engine)
        check_false_claim(on_false_claim)
        from ..cache import NO_CACHE  # noqa: PLC0415 - help needs nothing of a build
        from ..reuse import republish, usual_cache  # noqa: PLC0415

        cache = NO_CACHE if no_cache else usual_cache()
        asked = _HowToBuild(engine, junit, on_false_claim, cache, snapshots)
        if snapshot is not None and (len(paths) > 1 or junit is not None or on_false_claim is not None):
            raise typer.BadParameter(
                "is of one report, and goes without --junit and --on-false-claim", param_hint="--snapshot"
            )
        if snapshots is not None and len(paths) > 1:
            raise typer.BadParameter("is of one report, not of a site of several", param_hint="--snapshots")
        with console.working(f"building {snapshot or _named(paths)}"):
            if snapshot is not None:
                built = _built_again(paths[0], output, snapshot, overwrite=force, asked=asked)
            else:
                with stage("what was built before"):
                    found = republish(asked.whole, paths, output, overwrite=force, engine=engine)
                built = found or _built(paths, output, overwrite=force, asked=asked)
        console.notes(built.notes)
        reports = "" if len(paths) == 1 else f"{len(paths)} reports, "
        said = f"{output / 'index.html'}: {reports}{built.n_files} files, {built.n_bytes / 1e6:.1f} MB, {built.how}"
        console.result(
            "\n".join(closing(built, time.monotonic() - began)) if console.is_read else said,
            {
                "folder": str(output),
                "how": built.how,
                "files": built.n_files,
                "bytes": built.n_bytes,
                "notes": [note_entry(note) for note in built.notes],
            },
        )


def _built(paths: list[Path], output: Path, *, overwrite: bool, asked: _HowToBuild) -> Built:
    with stage("loading the program"):
        from ..pipeline import build as build_report  # noqa: PLC0415 - what was built before needs no pandas
        from ..pipeline import build_site  # noqa: PLC0415

    if len(paths) == 1:
        return build_report(
            paths[0],
            output,
            overwrite=overwrite,
            engine=asked.engine,
            junit=asked.junit,
            on_false_claim=asked.on_false_claim,
            cache=asked.cache,
            snapshots=asked.snapshots,
        )
    return build_site(
        paths,
        output,
        overwrite=overwrite,
        engine=asked.engine,
        junit=asked.junit,
        on_false_claim=asked.on_false_claim,
        cache=asked.cache,
    )


def _built_again(config: Path, output: Path, snapshot: str, *, overwrite: bool, asked: _HowToBuild) -> Built:
    with stage("loading the program"):
        from ..pipeline import build_past  # noqa: PLC0415

    return build_past(config, output, snapshot, overwrite=overwrite, engine=asked.engine, snapshots=asked.snapshots)


@app.command(cls=_Command, epilog=of_command("diptych check", "diptych check a.yaml b.yaml", page="config.md"))
def check(  # noqa: PLR0913
    configs: ConfigPaths = None,
    *,
    engine: Engine = None,
    junit: JUnit = None,
    on_false_claim: OnFalseClaim = None,
    no_cache: NoCache = False,  # noqa: ARG001
    annotations: Annotations = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Colour = "auto",
) -> None:
    """Check CONFIG and its data, or several, without writing anything."""
    paths = configs or [_USUAL]
    with speaking(Speech(as_json, quiet, verbose, color, False, annotations, tuple(paths))) as console:
        check_engine(engine)
        check_false_claim(on_false_claim)
        from ..pipeline import check as check_report  # noqa: PLC0415
        from ..pipeline import check_site  # noqa: PLC0415

        with console.working(f"checking {_named(paths)}"):
            if len(paths) == 1:
                found = {paths[0]: check_report(paths[0], engine=engine, junit=junit, on_false_claim=on_false_claim)}
            else:
                found = check_site(paths, engine=engine, junit=junit, on_false_claim=on_false_claim)
        console.notes([note for one in found.values() for note in one.notes])
        lines = [line for config, one in found.items() for line in _check_lines(config, one)]
        entries = [_check_entry(config, one) for config, one in found.items()]
        console.result("\n".join(lines), entries[0] if len(entries) == 1 else {"reports": entries})


def _named(paths: list[Path]) -> str:
    return ", ".join(map(str, paths))


def _check_lines(config: Path, found: Checked) -> list[str]:
    counted = [f"{c.relation}: {c.n_units:,} of {c.n_candidates:,} units counted" for c in found.coverages]
    return [f"{config}: no problem found", *counted]


def _check_entry(config: Path, found: Checked) -> dict[str, object]:
    return {
        "config": str(config),
        "relations": {c.relation: {"units": c.n_units, "candidates": c.n_candidates} for c in found.coverages},
        "notes": [note_entry(note) for note in found.notes],
    }


@app.command(cls=_Command, epilog=of_command("diptych schema > diptych.errors.json", page="config.md"))
def schema() -> None:
    """Print the JSON Schema of config files, for editors."""
    with speaking(Speech()):
        from ..config.schema import json_schema  # noqa: PLC0415

        typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


app.command(
    cls=_Command,
    epilog=of_command(
        "diptych init survey.csv",
        "diptych init survey.csv --rows jobs --columns skills --yes",
        "diptych init items.csv models.csv links.csv -o study.yaml",
        page="init.md",
    ),
)(init)
app.command(
    cls=_Command,
    epilog=of_command(
        "diptych verify site", "diptych verify site --rebuild --config config.yaml", page="publishing.md"
    ),
)(verify)
app.command(
    cls=_Command, epilog=of_command("diptych audit -o sheet.csv", "diptych audit --read sheet.csv", page="audit.md")
)(audit)
app.command(
    cls=_Command,
    epilog=of_command(
        "diptych explain agreement.told       a sentence, by its id on the page",
        "diptych explain left:NLP,CV          a cell: panel, row, column",
        page="explain.md",
    ),
)(explain)
app.command(cls=_Command, epilog=of_command("diptych diff site-of-may site", page="snapshots.md"))(diff)
app.command(
    cls=_Command,
    epilog=of_command("diptych serve", "diptych serve study.yaml --port 8080", page="serve.md"),
)(serve)
app.add_typer(fetch, name="fetch")


def run() -> None:
    """Run the command line; a person's mistake becomes its message and exit status, never a traceback."""
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name of a file may hold what the terminal cannot write
            stream.reconfigure(errors="backslashreplace")
    app()


def _open_streams() -> None:
    """Let streams that came closed lead nowhere, or the next file opened would get the number of one."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
