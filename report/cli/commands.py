"""The commands build, check and schema.

Exit status: 0 done; 1 an error that a person can correct; 2 usage; 3 a false claim; 4 `diff` found a change that
matters, or `audit` an error rate above the limit; 70 an internal error; 130 interrupted; 141 a broken pipe. Results go
to standard output, everything else to standard error.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..progress import stage
from .console import Console, closing, note_entry
from .options import SPOKEN, ConfigPaths, EngineOption, NoCache, OnFalseClaim, command

if TYPE_CHECKING:  # help needs neither pandas nor DuckDB
    from ..ledger.coverage import Coverage
    from ..pipeline.build import CheckedConfig
    from ..publish.reuse import Built

_USUAL = Path("config.yaml")
_SITE = Path("site")


@command(
    "diptych build                        config.yaml, into site/",
    "diptych build study.yaml -o report",
    "diptych build a.yaml b.yaml -o site  a site of several reports",
    "diptych build --into docs/skills     a page of another site",
    page="ci.md",
    said=("timings", "annotations", *SPOKEN),
    confines=True,
)
def build(  # noqa: PLR0913 - one argument for each option
    console: Console,
    configs: ConfigPaths = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write.", metavar="DIR")] = _SITE,
    *,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into", help="Write into this folder, and leave all files alone that no build has written.", metavar="DIR"
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that no build has written.")] = False,
    engine: EngineOption = None,
    on_false_claim: OnFalseClaim = None,
    no_cache: NoCache = False,
) -> None:
    """Build the report of CONFIG into a folder, or a site of several reports. The build is atomic."""
    paths = configs or [_USUAL]
    began = time.monotonic()
    if into is not None and output != _SITE:
        raise typer.BadParameter("goes without --output", param_hint="--into")
    output = into or output
    from ..cache import NO_CACHE  # noqa: PLC0415 - not needed for help
    from ..publish.reuse import unchanged, usual_cache  # noqa: PLC0415

    cache = NO_CACHE if no_cache else usual_cache()
    with console.working(f"building {_named(paths)}"):
        same = on_false_claim is None  # or the site would differ
        with stage("what was built before"):
            found = unchanged(cache if same else NO_CACHE, paths, output, into=into is not None, engine=engine)
        how = {"overwrite": force, "into": into is not None, "on_false_claim": on_false_claim}
        built = found or _built(paths, output, engine=engine, cache=cache, **how)
    console.notes((*cache.notes, *built.notes))
    reports = "" if len(paths) == 1 else f"{len(paths)} reports, "
    said = f"{output / built.page}: {reports}{built.n_files} files, {built.n_bytes / 1e6:.1f} MB, {built.how}"
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


def _built(paths: list[Path], output: Path, **asked: Any) -> Built:  # noqa: ANN401 - options of `build`
    with stage("loading the program"):
        from ..pipeline import build, build_site  # noqa: PLC0415 - a cached site needs no pandas

    if len(paths) == 1:
        return build(paths[0], output, **asked)
    return build_site(paths, output, **asked)


@command(
    "diptych check",
    "diptych check a.yaml b.yaml",
    "diptych check --confine              a config that you do not trust",
    page="config.md",
    said=("annotations", *SPOKEN),
    confines=True,
)
def check(
    console: Console,
    configs: ConfigPaths = None,
    *,
    engine: EngineOption = None,
    on_false_claim: OnFalseClaim = None,
    no_cache: NoCache = False,  # noqa: ARG001
) -> None:
    """Check one or several configs and their data, without writing anything."""
    paths = configs or [_USUAL]
    from ..pipeline import check, check_site  # noqa: PLC0415

    with console.working(f"checking {_named(paths)}"):
        if len(paths) == 1:
            found = {paths[0]: check(paths[0], engine=engine, on_false_claim=on_false_claim)}
        else:
            found = check_site(paths, engine=engine, on_false_claim=on_false_claim)
    console.notes([note for one in found.values() for note in one.notes])
    lines = []
    for config, one in found.items():
        untested = sorted({note.subject for note in one.notes if note.slug == "undeclared_group"})
        rest = f"error found, but no statement on {', '.join(untested)} is tested" if untested else "problem found"
        lines.append(f"{config}: no {rest}")
        lines += map(_counted_line, one.coverages)
    entries = [_check_entry(config, one) for config, one in found.items()]
    console.result("\n".join(lines), entries[0] if len(entries) == 1 else {"reports": entries})


def _counted_line(coverage: Coverage) -> str:
    if coverage.is_withheld:
        return f"{coverage.relation}: {coverage.n_units:,} units counted, without those of small cells (disclosure)"
    return f"{coverage.relation}: {coverage.n_units:,} of {coverage.n_candidates:,} units counted"


def _named(paths: list[Path]) -> str:
    return ", ".join(map(str, paths))


def _check_entry(config: Path, found: CheckedConfig) -> dict[str, object]:
    return {
        "config": str(config),
        "relations": {
            c.relation: {"units": c.n_units, "candidates": None if c.is_withheld else c.n_candidates}
            for c in found.coverages
        },
        "notes": [note_entry(note) for note in found.notes],
    }


@command("diptych schema > diptych.errors.json", page="config.md", said=())
def schema(console: Console) -> None:
    """Print the JSON Schema of config files, for editors."""
    from ..config.loading import json_schema  # noqa: PLC0415

    console.result(json.dumps(json_schema(), indent=2, ensure_ascii=False), {})
