"""Commands that ask: where something comes from, how well it is filed, what changed, whether a site is whole."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..config.places import one_line
from ..errors import PublishError
from .console import Console, note_entry
from .options import SPOKEN, ConfigPath, Engine, NoCache, command

if TYPE_CHECKING:  # help needs neither pandas nor DuckDB
    from ..audit.sample import AuditSample


Target = Annotated[
    str,
    typer.Argument(
        help="A sentence id (agreement.told), a finding id (agreement) or a cell (left:NLP,CV).",
        metavar="TARGET",
        show_default=False,
    ),
]


@command(
    "diptych explain agreement.told       a sentence, by its id on the page",
    "diptych explain left:NLP,CV          a cell: panel, row, column",
    page="explain.md",
    confines=True,
)
def explain(
    console: Console,
    target: Target,
    config: ConfigPath = Path("config.yaml"),
    *,
    engine: Engine = None,
    no_cache: NoCache = False,  # noqa: ARG001
) -> None:
    """Say where a sentence, a finding or a cell of the report comes from: formulas, counts, rules and examples."""
    from ..explain import explain as where_from  # noqa: PLC0415
    from ..explain.explain_text import as_data, told  # noqa: PLC0415 - help needs neither pandas nor DuckDB

    with console.working(f"explaining {target}"):
        found = where_from(target, config, engine=engine)
    console.result(told(found), as_data(found))


_SIZE = 20


@command("diptych audit -o sheet.csv", "diptych audit --read sheet.csv", page="audit.md", confines=True)
def audit(  # noqa: PLR0913 - one argument for each option
    console: Console,
    config: ConfigPath = Path("config.yaml"),
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the sheet to this file.", metavar="FILE")
    ] = None,
    *,
    size: Annotated[
        int | None, typer.Option("--size", min=1, help="Items of each category; 20 unless given.", metavar="N")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Of the draw; that of the config unless given.", metavar="N")
    ] = None,
    entity: Annotated[
        list[str] | None, typer.Option("--entity", help="Only this entity; may be repeated.", metavar="NAME")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a sheet that is filled in.")] = False,
    read: Annotated[
        Path | None, typer.Option("--read", help="Say what this filled-in sheet says.", metavar="FILE")
    ] = None,
    engine: Engine = None,
    no_cache: NoCache = False,  # noqa: ARG001
) -> None:
    """Draw a sample of items in each category, as a sheet for a person to judge; --read says what came of it."""
    if read is not None and (output is not None or size or seed is not None or entity or overwrite):
        others = "-o, --size, --seed, --entity and --overwrite"
        raise typer.BadParameter(f"goes with none of {others}, which are about drawing", param_hint="--read")
    if overwrite and output is None:
        raise typer.BadParameter("says what -o may do, which is not given", param_hint="--overwrite")
    if read is not None:
        _read(console, config, read, engine)
        return
    from ..audit.sample import draw_audit  # noqa: PLC0415 - help needs neither pandas nor DuckDB

    with console.working(f"drawing from {config}"):
        sample = draw_audit(config, size=size or _SIZE, seed=seed, entities=entity or (), engine=engine)
    console.notes(sample.notes)
    if output is not None:
        from ..audit.sample import write_sheet  # noqa: PLC0415

        write_sheet(sample.sheet, output, sample.inputs, overwrite=overwrite)
    if output is None and not console.speech.as_json:
        _print_sheet(sample.sheet)
    else:
        console.result(_told(sample, output), _as_data(sample, output, size or _SIZE))


def _read(console: Console, config: Path, sheet: Path, engine: str | None) -> None:
    from ..audit.audit_tables import told  # noqa: PLC0415
    from ..audit.sample import read_audit  # noqa: PLC0415

    with console.working(f"reading {sheet}"):
        result = read_audit(config, sheet, engine=engine)
    console.notes(result.notes)
    data = {
        "config": str(config),
        "sheet": str(sheet),
        **asdict(result),
        "notes": [note_entry(note) for note in result.notes],
    }
    console.result(told(result, str(sheet), console.speech.color), data)


def _print_sheet(sheet: bytes) -> None:
    """Print a sheet as it would be written; on a terminal without what does not print."""
    if sys.stdout.isatty():
        for line in sheet.decode().splitlines():
            typer.echo(one_line(line))
    else:
        typer.echo(sheet, nl=False)


def _told(sample: AuditSample, output: Path | None) -> str:
    from ..formats import count, listing, plural  # noqa: PLC0415

    entities = dict.fromkeys(item.entity for item in sample.items)
    parts = [f"{count(sum(item.entity == name for item in sample.items))} of {name}" for name in entities]
    n = len(sample.items)
    return f"{output}: {count(n)} {plural(n, 'item', 'items')} to judge" + (f": {listing(parts)}" if parts else "")


def _as_data(sample: AuditSample, output: Path | None, size: int) -> dict[str, object]:
    return {
        "sheet": None if output is None else str(output),
        "size": size,
        "seed": sample.seed,
        "categories": [asdict(category) for category in sample.categories],
        "items": [
            {
                "entity": item.entity,
                "id": item.id,
                **asdict(item.filing),
                "drawn_for": list(item.drawn_for),
                "n_items": list(item.n_items),
            }
            for item in sample.items
        ],
    }


MATTERS = 4
"""Exit status where something changed that matters."""

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
    """Say what changed between two builds, why, and whether it is more than noise; exit status 4 where it matters."""
    if file is not None and not as_json:
        raise typer.BadParameter(f'"{file}" is one too many; a file goes with --json', param_hint="FILE")
    from ..compare import diff as compare  # noqa: PLC0415
    from ..compare.changes import as_data, json_of  # noqa: PLC0415 - help needs nothing of this
    from ..compare.diff_text import markdown_of, page_of, text_of  # noqa: PLC0415
    from ..compare.sides import source_of  # noqa: PLC0415

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


Configs = Annotated[
    list[Path] | None,
    typer.Option(
        "--config", help="With --rebuild: where a config is; may be repeated.", metavar="PATH", show_default=False
    ),
]


@command(
    "diptych verify site", "diptych verify site --rebuild --config config.yaml", page="publishing.md", confines=True
)
def verify(
    console: Console,
    folder: Annotated[Path, typer.Argument(help="A built report.", metavar="DIR")] = Path("site"),
    *,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make it again, in memory; say what is not the same, and why.")
    ] = False,
    config: Configs = None,
    engine: Engine = None,
) -> None:
    """Compare every file of a report with its manifest, by hash; exit status 1 where any differs."""
    for option, is_given in (("--config", bool(config)), ("--engine", engine is not None)):
        if is_given and not rebuild:
            raise typer.BadParameter("goes with --rebuild, which is not given", param_hint=option)
    from ..manifest import verify as verify_folder  # noqa: PLC0415 - help needs no manifest

    differences = verify_folder(folder)
    lines = [str(difference) for difference in differences] or [f"{folder}: every file is as its manifest says"]
    entries = [{"path": difference.path, "kind": difference.kind} for difference in differences]
    data: dict[str, object] = {"folder": str(folder), "differences": entries}
    status = 1 if differences else 0
    if rebuild:
        from ..verify import as_data, told  # noqa: PLC0415 - nor pandas, nor DuckDB
        from ..verify import rebuild as make_again  # noqa: PLC0415

        with console.working(f"building {folder} again"):
            found = make_again(folder, config or (), engine=engine)
        lines += told(found)
        data["rebuild"] = as_data(found)
        status = found.stopped.exit_status if found.stopped else max(status, 1 if found.files else 0)
    console.result("\n".join(map(one_line, lines)), data)
    if status:
        raise typer.Exit(status)
