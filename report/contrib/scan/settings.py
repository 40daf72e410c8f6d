"""The section `scan` of the config."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from ...config.loading import load_config
from ...config.nodes import read_text, read_tree
from ...config.places import printable
from ...config.sections import ConfigSection
from ...confine import OpensPath, check_path
from ...errors import ConfigError, Problem, did_you_mean
from ...settings import Names, Settings
from .running import ScanJob, TableToRead, tables_of_files
from .scanning import ScanOptions


class ScanSettings(Settings):
    """Which columns of a table belong together: `diptych scan config.yaml` tests all pairs.

    A report that is built from the same config says from how many pairs its own pair was chosen.
    """

    files: Annotated[Names, OpensPath("file")] = ()
    """Files to scan, joined by a common key. Default: the source of the only records of the config."""
    group: str | None = None
    """The column that dependent rows share."""
    weight: str | None = None
    """The column with the weights of the rows."""
    adjust: Names = ()
    """Columns to adjust the first pairs for. Default: the most influential of all columns."""
    ignore: Names = ()
    """Columns to leave out."""
    top: int = Field(default=10, ge=1, le=200)
    """Number of pairs with details and a report."""
    unit: str | None = Field(default=None, min_length=1)
    """The name of one row, such as respondent."""

    @property
    def options(self) -> ScanOptions:
        """The options of a scan."""
        return ScanOptions(self.group, self.weight, self.adjust, self.ignore, self.top)


SCAN = ConfigSection("scan", ScanSettings, "A scan of all pairs of columns: `{}` is enough (docs/scan.md).")


def job_of_config(path: Path, *, with_reports: bool = True) -> ScanJob:
    """Return the scan of a config. Without `relations`, the config needs only the section `scan` with its files.

    Raises ConfigError with the place of each mistake.
    """
    tree = read_tree(read_text(path), str(path))
    if SCAN.name not in tree.value:
        raise ConfigError([Problem(str(path), 0, 0, SCAN.name, "is missing; write `scan: {files: [survey.csv]}`")])
    if tree.value.get("disclosure") is not None:
        message = (
            "is not kept by a scan, whose page has small counts; scan a config without it, and keep the page private"
        )
        raise ConfigError([tree.positions.problem(("disclosure",), message)])
    if "relations" in tree.value:
        loaded = load_config(path)
        settings = loaded.config.section(SCAN.name, ScanSettings) or ScanSettings()
        records = [(name, one.records) for name, one in loaded.config.relations.items() if one.records is not None]
        if not settings.files and len(records) == 1:
            name, only = records[0]
            table = TableToRead(name, only.source, loaded.folder)
            return ScanJob((table,), settings.options, settings.unit, with_reports=with_reports)
    else:
        settings = _alone(path)
    if not settings.files:
        problem = tree.positions.problem(
            (SCAN.name,), "needs files, because the config does not have one table of records"
        )
        raise ConfigError([problem])
    tables = tables_of_files([_below(path.parent, file) for file in settings.files])
    return ScanJob(tables, settings.options, settings.unit, with_reports=with_reports)


def _below(folder: Path, file: str) -> str:
    """Return a file or an address that a config in a folder names. Raises ConfineError if it may not be opened."""
    if "://" in file:
        return file
    check_path(folder / file, folder, file, "scan.files")
    return str(folder / file)


def _alone(path: Path) -> ScanSettings:
    tree = read_tree(read_text(path), str(path))
    try:
        return ScanSettings.model_validate(tree.value[SCAN.name] or {})
    except ValidationError as error:
        raise ConfigError(
            [
                tree.positions.problem((SCAN.name, *one["loc"]), _message(one["type"], one["msg"], one["loc"]))
                for one in error.errors()
            ]
        ) from None


def _message(kind: str, message: str, place: tuple[int | str, ...]) -> str:
    if kind == "extra_forbidden":
        return f"unknown key{did_you_mean(str(place[-1]), list(ScanSettings.model_fields))}"
    return printable(message[:1].lower() + message[1:])
