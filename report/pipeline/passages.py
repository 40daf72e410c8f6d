"""Text that optional parts add to a report, and its claims."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel

from ..cells import Panel
from ..config.confined import opened
from ..config.loading import Config, LoadedConfig
from ..confine import check_path, folder_fault
from ..disk import NOT_UTF_8, is_text, kind_of_file
from ..document import SECTION_IDS, Claim, Download, Passage
from ..errors import DiptychError, Note
from ..slots import Parts
from ..statements.select import Told
from ..stats.panels import RelationCounts
from .counting import CountedSources, report_date


@dataclass(frozen=True)
class CountedReport:
    """A report that is counted but not yet written: the input of an entry.

    `panels` are by id, and `relations` the counts of relations by name. `sections` are the ids of the sections that
    passages may belong to. `told` returns the statements on a relation with counts.
    """

    loaded: LoadedConfig
    panels: Mapping[str, Panel]
    relations: Mapping[str, RelationCounts]
    sections: tuple[str, ...]
    told: Callable[[str], Told]
    date: dt.date | None = None


@dataclass(frozen=True)
class AuthoredText:
    """The contribution of an entry to a report.

    `notes` are for the console, `files` are data files below `data/`. `claims` are kept in snapshots. `error`
    stops the build or check.
    """

    passages: tuple[Passage, ...] = ()
    notes: tuple[Note, ...] = ()
    files: tuple[Download, ...] = ()
    claims: tuple[Claim, ...] = ()
    error: DiptychError | None = field(default=None, compare=False)

    @property
    def labels(self) -> dict[str, str]:
        """The labels of the files on pages, by path."""
        return {file.path: file.label for file in self.files}


PASSAGES: Parts[Callable[[CountedReport], AuthoredText]] = Parts("passages")
"""The writers of passages by the name of their section of the config. A writer is loaded when a config has it."""


def section_ids(config: Config) -> tuple[str, ...]:
    """Return the sections that passages may belong to. With several figures, each has its figure's id as prefix."""
    figures = [figure.id for figure in config.told_figures]
    if len(figures) == 1:
        return SECTION_IDS
    once = "provenance"
    return (*(f"{f}.{section}" for f in figures for section in SECTION_IDS if section != once), once)


def write_passages(
    loaded: LoadedConfig,
    counted: CountedSources,
    panels: Mapping[str, Panel],
    told: Callable[[str], Told],
) -> AuthoredText:
    """Return the passages that the sections of a config add. `told` returns the statements on a relation.

    Raises the error that stops the build: a TextError, or a ClaimError with every false claim.
    """
    forgotten = [name for name, folder in forgotten_folders(loaded).items() if is_folder(folder)]
    name = next(iter((*passage_sections(loaded.config), *forgotten)), None)
    if name is None:
        return AuthoredText()
    date, sections = report_date(loaded.config, counted), section_ids(loaded.config)
    text = PASSAGES[name](CountedReport(loaded, panels, counted.relations, sections, told, date))
    if text.error is not None:
        raise text.error
    return text


def passage_sections(config: Config) -> tuple[str, ...]:
    """Return the names of the sections of a config that add passages."""
    return tuple(name for name in config.added() if getattr(config, name) is not None and name in PASSAGES)


def forgotten_folders(loaded: LoadedConfig) -> dict[str, Path]:
    """Return folders next to a config with the name of a section of our packs that the config lacks."""
    folders = {name: loaded.folder / name for name in PASSAGES if name not in passage_sections(loaded.config)}
    return {name: path for name, path in folders.items() if folder_fault(path, loaded.folder, name) is None}


def passage_folders(loaded: LoadedConfig) -> Iterator[tuple[str, str]]:
    """Yield the folders in the settings of sections with passages, each with its key."""
    for name in passage_sections(loaded.config):
        settings: object = getattr(loaded.config, name)
        if isinstance(settings, BaseModel):
            found = (value for value in opened(settings, (name,)) if value.what == "folder")
            yield from ((".".join(map(str, value.path)), value.text) for value in found)


def passage_files(loaded: LoadedConfig) -> tuple[Path, ...]:
    """Return the readable files in the folders of sections with passages, without hidden files, by name.

    Raises ConfineError for a folder or file that `--confine` does not allow.
    """
    folders = passage_folders(loaded)
    return tuple(path for key, folder in folders for path in files_in(loaded, folder, key) if read_fault(path) is None)


def files_in(loaded: LoadedConfig, folder: str, key: str) -> tuple[Path, ...]:
    """Return the visible entries of a folder that `key` of a config names, including folders, by name.

    Raises ConfineError for entries that `--confine` does not allow.
    """
    path = loaded.folder / folder
    check_path(path, loaded.folder, folder, key)
    if not is_folder(path):
        return ()
    try:
        found = tuple(sorted(one for one in path.iterdir() if not one.name.startswith(".")))
    except OSError:
        return ()
    for one in found:
        check_path(one, loaded.folder, loaded.shown(one), key)
    return found


def read_fault(path: Path) -> str | None:
    """Return why a path cannot be read as a file, or None if it can."""
    if not is_text(path):
        return f"cannot be read: {NOT_UTF_8}"
    try:
        kind = kind_of_file(path)
    except FileNotFoundError:
        return "is a link that leads nowhere; remove it, or link it to a file"
    except (OSError, ValueError) as error:
        return f"cannot be read: {getattr(error, 'strerror', None) or 'its name is not a file name'}"
    if kind is not None:
        return f"is {kind}; texts are files"
    return None if os.access(path, os.R_OK) else "cannot be read: permission denied"


def is_folder(path: Path) -> bool:
    """Return whether a path is a folder. A path with an overlong name is not."""
    try:
        return path.is_dir()
    except OSError:
        return False
