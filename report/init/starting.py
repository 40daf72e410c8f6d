"""What `diptych init` writes: a first config, guessed and checked as any is, or workflows for GitHub."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import DataError, DiptychError
from ..pipeline.build import check
from ..theme.templates import template_folder
from .guess import Entity, Guess, GuessedLinks, GuessedRecords, LookedColumn, as_source, guess, look_at

FOLDER = ".github/workflows"
NAMES = ("report.yml", "report-pull-request.yml")

_ACTION = re.compile(r"[\w.-]+/[\w.-]+(/[\w./-]+)?@(?P<ref>[\w./-]+)|\./[\w./-]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def workflows(action: str, config: str, snapshots: str) -> dict[str, str]:
    """Return the workflows, by name: the report on a schedule, and what a pull request changes in it.

    `action` is where the action is (`owner/name@commit`, or `./` in its own repository), `config` and `snapshots` are
    the config file and the folder of snapshots, from the top of the repository.
    """
    values = {"ACTION": action, "BASE_ACTION": action, "CONFIG": config, "SNAPSHOTS": snapshots}
    return {name: _filled((template_folder() / "github" / name).read_text(encoding="utf-8"), values) for name in NAMES}


def is_action(action: str) -> bool:
    """Tell whether a text says where an action is, as steps of workflows write it."""
    return _ACTION.fullmatch(action) is not None


def is_pinned(action: str) -> bool:
    """Tell whether an action cannot change under its name: it is a commit, or part of the repository itself."""
    found = _ACTION.fullmatch(action)
    return bool(found and (found["ref"] is None or _COMMIT.fullmatch(found["ref"])))


def write_workflows(top: Path, files: dict[str, str], *, overwrite: bool) -> list[Path]:
    """Write workflows below the top of a repository and return their paths; nothing where one is there already.

    DataError with each that is there and differs, unless `overwrite`.
    """
    paths = {top / FOLDER / name: text for name, text in files.items()}
    there = [path for path, text in paths.items() if path.exists() and _read(path) != text]
    if there and not overwrite:
        raise DataError(*(f"{path}: is there already, and differs; --force writes over it" for path in there))
    try:
        for path, text in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise DataError(f"{top / FOLDER}: cannot be written ({error.strerror})") from None
    return list(paths)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def _filled(text: str, values: dict[str, str]) -> str:
    """Return a template with its quoted names filled in: `"@CONFIG@"`, or `".base/@CONFIG@"`."""

    def filled(found: re.Match[str]) -> str:
        return json.dumps(found["before"] + values[found["name"]], ensure_ascii=False)

    return re.sub(r'"(?P<before>[^"@\n]*)@(?P<name>[A-Z_]+)@"', filled, text)


CATEGORIES = 12
"""Labels that become a category each, the most frequent; the others are listed in a comment."""

_OTHERS = 20


def start(files: Sequence[Path], folder: Path, name: str = "config.yaml") -> tuple[Path, Guess, tuple[str, ...]]:
    """Write a config for data files into a folder, and return its path, the guess, and what a check says against it.

    DataError where a file of that name is there, a data file cannot be read, or nothing fits.
    """
    path = folder / name
    if path.exists():
        raise DataError(f"{path}: is there already; give another folder with -o, or take it away")
    found = guess(look_at(files))
    text = config_text(found, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from None
    try:
        check(path)
    except DiptychError as error:
        return path, found, error.messages
    return path, found, ()


def config_text(found: Guess, folder: Path) -> str:
    """Return the config of a guess, its sources relative to a folder."""
    lines = ["# A first config, guessed from the data:"]
    lines += [f"# - {_comment(reason)}" for reason in found.reasons]
    lines += ["# Look through it; `diptych check` says what is wrong, and `diptych build` makes the report.", ""]
    lines += ["version: 1", "report: {title: What goes with what}", ""]
    lines += _taxonomies(found)
    lines += (
        _records(found.what, found, folder)
        if isinstance(found.what, GuessedRecords)
        else _links(found.what, found, folder)
    )
    return "\n".join(lines) + "\n"


def _taxonomies(found: Guess) -> Iterator[str]:
    yield "# Which category a label belongs to, in the order of the axes: rename them, and put several labels into one."
    first, second = found.sides
    if found.is_shared:
        yield "taxonomy:"
        yield from _categories(first.counts + second.counts, "  ")
    else:
        yield "taxonomies:"
        for name, column in zip(_taxonomy_names(found), (first, second), strict=True):
            yield f"  {name}:"
            yield from _categories(column.counts, "    ")
    yield ""


def _categories(counts: dict[str, int], indent: str) -> Iterator[str]:
    ordered = sorted(counts, key=lambda label: (-counts[label], label))
    yield f"{indent}categories:"
    for label in ordered[:CATEGORIES]:
        yield f"{indent}  - {{name: {_quoted(label)}, match: [{_quoted(label)}]}}"
    rest = ordered[CATEGORIES:]
    if rest:
        more = f" and {len(rest) - _OTHERS} more" if len(rest) > _OTHERS else ""
        yield f"{indent}  # without a category: {', '.join(map(_comment, rest[:_OTHERS]))}{more}"


def _records(what: GuessedRecords, found: Guess, folder: Path) -> Iterator[str]:
    yield "relations:"
    yield f"  {what.look.name}:"
    yield "    records: # each row of the table is a unit that carries labels on both sides"
    yield f"      source: {_source(what.look.path, folder)}"
    for side, column, taxonomy in zip(("rows", "columns"), found.sides, _taxonomy_names(found), strict=True):
        named = "" if found.is_shared else f", taxonomy: {taxonomy}"
        yield f"      {side}: {{{_labels(column)}, label: {_quoted(column.name)}{named}}}"
    yield "    # group: [column]   # what rows share so that they are not independent: intervals keep them together"


def _links(what: GuessedLinks, found: Guess, folder: Path) -> Iterator[str]:
    yield "entities:"
    for entity, taxonomy in zip((what.from_, what.to), _taxonomy_names(found), strict=True):
        yield f"  {entity.look.name}:"
        yield f"    label: {_quoted(entity.look.name.replace('_', ' '))}"
        yield f"    source: {_source(entity.look.path, folder)}"
        yield f"    id: {_quoted(entity.key.name)}"
        yield f"    labels: {{{_labels(entity.labels)}}}"
        yield from [] if found.is_shared else [f"    taxonomy: {taxonomy}"]
        yield from [] if entity.date is None else [f"    date: {_quoted(entity.date.name)}"]
    yield ""
    yield "relations:"
    yield "  links:"
    yield "    links:"
    yield from [] if what.table is None else [f"      source: {_source(what.table.path, folder)}"]
    for end, entity, column in zip(("from", "to"), (what.from_, what.to), _ends(what), strict=True):
        named = "" if column is None else f", {_labels(column)}"
        yield f"      {end}: {{entity: {entity.look.name}{named}}}"
    yield "    unit: to # each item of the second kind once, with the categories of all that are linked to it"
    yield "    # group: [column]   # what items share so that they are not independent: intervals keep them together"


def _ends(what: GuessedLinks) -> tuple[LookedColumn | None, LookedColumn | None]:
    """Return the columns of both ends; the end that has the column itself names none."""
    if what.table is None:
        return None, what.columns[0]
    return what.columns[0], what.columns[1]


def _taxonomy_names(found: Guess) -> tuple[str, str]:
    if isinstance(found.what, GuessedRecords):
        return "first", "second"
    entities: tuple[Entity, Entity] = found.what.from_, found.what.to
    return entities[0].look.name, entities[1].look.name


def _labels(column: LookedColumn) -> str:
    split = "" if column.separator is None else f", separator: {_quoted(column.separator)}"
    return f"column: {_quoted(column.name)}{split}"


def _source(path: Path, folder: Path) -> str:
    try:
        named = Path(os.path.relpath(path, folder))
    except ValueError:  # another drive
        named = path.resolve()
    return _quoted(as_source(path, named))


def _quoted(text: str) -> str:
    """Return text in double quotes of YAML; what does not print is written out."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def _comment(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
