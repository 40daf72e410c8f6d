"""A folder of snapshots: file names and their order, and functions to read, keep and thin snapshots.

A name is `<date>-<number>-<hash>.json.xz`: the date of the data ("undated" without one), a number that counts the
snapshots of one date, and the first twelve digits of the hash of the content. File names alone therefore define the
order of builds. The order needs no clock and is the same after a clone.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import SnapshotError, listed
from ...regular_files import read_regular
from .settings import KeepSettings, KeptSnapshots

SUFFIX = ".json.xz"
PATTERN = f"*{SUFFIX}"
"""Pattern of snapshot files, for `Path.glob`."""

UNDATED = "undated"
_NAME = re.compile(r"(undated|[0-9]{4}-[0-9]{2}-[0-9]{2})-([0-9]{3,6})-([0-9a-f]{12})")
_MONTH = dt.timedelta(days=28)
"""After this time, a snapshot is kept even if only the date of the data has changed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A snapshot in a folder, by its name. `id` is the name without its suffix. `hash12` starts its content's hash."""

    date: dt.date | None
    number: int
    hash12: str

    @property
    def id(self) -> str:
        """Return the name without its suffix, as used in commands."""
        return f"{UNDATED if self.date is None else self.date.isoformat()}-{self.number:03d}-{self.hash12}"

    @property
    def name(self) -> str:
        """Return the name of the file."""
        return self.id + SUFFIX

    @property
    def order(self) -> tuple[dt.date, int, str]:
        """Return a sort key: earlier builds first, builds without a date before all others."""
        return self.date or dt.date.min, self.number, self.hash12


@dataclass(frozen=True, slots=True)
class FolderState:
    """The position of a build among the snapshots of a folder.

    `own` is its snapshot, which must be written only if `is_new`. `before` is the previous snapshot.
    """

    own: Entry
    is_new: bool
    before: Entry | None


def entries(folder: Path) -> tuple[Entry, ...]:
    """Return the snapshots of a folder, in chronological order, or none if the folder does not exist.

    Raises SnapshotError for a file with the suffix of snapshots but an invalid name.
    """
    try:
        names = sorted(path.name for path in folder.glob(PATTERN) if not path.name.startswith("."))
    except OSError as error:
        raise SnapshotError(f"{folder}: cannot be read ({error.strerror}); check its permissions") from None
    found = [(name, entry_of(name)) for name in names]
    wrong = [name for name, entry in found if entry is None]
    if wrong:
        raise SnapshotError(
            *(f"{folder / name}: is not named as snapshots are (2026-08-01-001-0123456789ab{SUFFIX}); "
              "give it back its name, or take it away" for name in wrong)
        )  # fmt: skip
    return tuple(sorted((entry for _, entry in found if entry is not None), key=lambda entry: entry.order))


def entry_of(name: str) -> Entry | None:
    """Return the entry for a file name or id, or None if it is invalid."""
    found = _NAME.fullmatch(name.removesuffix(SUFFIX))
    if found is None:
        return None
    try:
        date = None if found[1] == UNDATED else dt.date.fromisoformat(found[1])
    except ValueError:
        return None
    entry = Entry(date, int(found[2]), found[3])
    return entry if entry.id == found[0] else None  # 0001 would be the name of another file


def place_of(known: Sequence[Entry], date: dt.date | None, content: str) -> FolderState:
    """Return the position of a build, given the date of its data and its content hash, among ordered snapshots.

    The build equals the last snapshot up to its date if that has the same content and is less than about a month older.
    Otherwise it is new, and follows all snapshots of its date.
    """
    when = date or dt.date.min
    upto = [entry for entry in known if (entry.date or dt.date.min) <= when]
    hash12 = content[:12]
    last = upto[-1] if upto else None
    if last is not None and last.hash12 == hash12 and when - (last.date or dt.date.min) < _MONTH:
        return FolderState(last, is_new=False, before=upto[-2] if len(upto) > 1 else None)
    number = 1 + max((entry.number for entry in upto if entry.date == date), default=0)
    return FolderState(Entry(date, number, hash12), is_new=True, before=last)


def read(path: Path) -> bytes:
    """Return the bytes of a snapshot. Raises SnapshotError if it cannot be read."""
    try:
        return read_regular(path)
    except FileNotFoundError:
        raise SnapshotError(f"{path}: there is no such snapshot") from None
    except OSError as error:
        raise SnapshotError(f"{path}: cannot be read ({error.strerror}); check that it is a readable file") from None


def keep(folder: Path, entry: Entry, content: bytes) -> None:
    """Write a snapshot atomically, and create the folder if needed. Raises SnapshotError on failure."""
    part = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(part, 0o644)  # noqa: PTH101 - a temporary file is its owner's alone
        os.replace(part, folder / entry.name)  # noqa: PTH105
    except OSError as error:
        if part is not None:
            Path(part).unlink(missing_ok=True)
        reason = f"cannot be written ({error.strerror})"
        raise SnapshotError(f"{folder}: {reason}; snapshots.folder names where snapshots are kept") from None


def thin(folder: Path, settings: KeepSettings, own: Entry) -> tuple[Entry, ...]:
    """Remove the snapshots not covered by `keep:`, and return them. Raises SnapshotError on failure."""
    gone = surplus(entries(folder), settings, own)
    for entry in gone:
        try:
            (folder / entry.name).unlink(missing_ok=True)
        except OSError as error:
            raise SnapshotError(f"{folder / entry.name}: cannot be removed ({error.strerror})") from None
    return gone


def surplus(known: Sequence[Entry], settings: KeepSettings, own: Entry) -> tuple[Entry, ...]:
    """Return the snapshots not covered by `keep:`.

    For each of the newest weeks (months, years) that have snapshots, up to the number in the settings, the last one is
    kept. The newest snapshot, `own` and undated snapshots are always kept.
    """
    kept = {own, *known[-1:], *(entry for entry in known if entry.date is None)}
    periods: tuple[tuple[KeptSnapshots, Callable[[dt.date], object]], ...] = (
        (settings.weekly, lambda day: day.isocalendar()[:2]),
        (settings.monthly, lambda day: (day.year, day.month)),
        (settings.yearly, lambda day: day.year),
    )
    for wanted, period in periods:
        last = list({period(entry.date): entry for entry in known if entry.date is not None}.values())
        kept |= set(last if wanted == "all" else last[len(last) - min(wanted, len(last)) :])
    return tuple(entry for entry in known if entry not in kept)


def chosen(folder: Path, asked: str) -> Path:
    """Return the file of a snapshot by its id, the start of its id or hash, or "newest".

    Raises SnapshotError if there is no match, or more than one.
    """
    known = entries(folder)
    if not known:
        raise SnapshotError(f"{folder}: contains no snapshot; a build with `snapshots:` in its config keeps one there")
    if asked == "newest":
        return folder / known[-1].name
    text = asked.removesuffix(SUFFIX)
    found = [entry for entry in known if text and (entry.id.startswith(text) or entry.hash12.startswith(text))]
    if len(found) == 1:
        return folder / found[0].name
    if not found:
        newest = ", ".join(entry.id for entry in known[-3:])
        raise SnapshotError(f'{folder}: has no snapshot "{asked}"; the newest are {newest}')
    ids = listed([entry.id for entry in found], 3)
    raise SnapshotError(f'{folder}: "{asked}" is the beginning of {len(found)} snapshots: {ids}; give more of it')
