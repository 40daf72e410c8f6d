"""A folder of snapshots: their names, which order them; reading, keeping and thinning.

A name is `<date>-<number>-<hash>.json.xz`: the date of the data ("undated" without one), a number that counts the
snapshots of one date, and the first twelve digits of the hash of the content. So the order of builds stands in names
alone, needs no clock, and is the same after a clone.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...api import SnapshotError, listed, read_regular
from .settings import KeepSettings, Kept

SUFFIX = ".json.xz"
PATTERN = f"*{SUFFIX}"
"""What a folder is searched for, as `Path.glob` takes it."""

UNDATED = "undated"
_NAME = re.compile(r"(undated|[0-9]{4}-[0-9]{2}-[0-9]{2})-([0-9]{3,6})-([0-9a-f]{12})")
_MONTH = dt.timedelta(days=28)
"""After so long a snapshot is kept although nothing but the date of the data has changed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A snapshot of a folder by its name. `id` is the name without its ending; `hash12` begins its content's hash."""

    date: dt.date | None
    number: int
    hash12: str

    @property
    def id(self) -> str:
        """The name without its ending: what commands take."""
        return f"{UNDATED if self.date is None else self.date.isoformat()}-{self.number:03d}-{self.hash12}"

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.id + SUFFIX

    @property
    def order(self) -> tuple[dt.date, int, str]:
        """Earlier builds come first; those without a date before all others."""
        return self.date or dt.date.min, self.number, self.hash12


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a build stands among the snapshots of a folder.

    `own` is its snapshot; it need be kept only where `is_new`. `before` is the one that came before it.
    """

    own: Entry
    is_new: bool
    before: Entry | None


def entries(folder: Path) -> tuple[Entry, ...]:
    """Return the snapshots of a folder, earlier ones first; none where there is no folder.

    Raises SnapshotError for a file that ends as snapshots do and is not named as one.
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
    """Return the entry that a file's name, or an id, says; None where it is none."""
    found = _NAME.fullmatch(name.removesuffix(SUFFIX))
    if found is None:
        return None
    try:
        date = None if found[1] == UNDATED else dt.date.fromisoformat(found[1])
    except ValueError:
        return None
    entry = Entry(date, int(found[2]), found[3])
    return entry if entry.id == found[0] else None  # 0001 would be another file's name


def place_of(known: Sequence[Entry], date: dt.date | None, content: str) -> Standing:
    """Return where a build of data of a date, with this hash of its content, stands among snapshots, in order.

    It is the last one up to its date if that has the same content, but for one a month older: then, as where anything
    differs, it is one of its own, after all of its date.
    """
    when = date or dt.date.min
    upto = [entry for entry in known if (entry.date or dt.date.min) <= when]
    hash12 = content[:12]
    last = upto[-1] if upto else None
    if last is not None and last.hash12 == hash12 and when - (last.date or dt.date.min) < _MONTH:
        return Standing(last, is_new=False, before=upto[-2] if len(upto) > 1 else None)
    number = 1 + max((entry.number for entry in upto if entry.date == date), default=0)
    return Standing(Entry(date, number, hash12), is_new=True, before=last)


def read(path: Path) -> bytes:
    """Return the bytes of a snapshot; SnapshotError where they cannot be read."""
    try:
        return read_regular(path)
    except FileNotFoundError:
        raise SnapshotError(f"{path}: there is no such snapshot") from None
    except OSError as error:
        raise SnapshotError(f"{path}: cannot be read ({error.strerror}); check that it is a readable file") from None


def keep(folder: Path, entry: Entry, content: bytes) -> None:
    """Write a snapshot, whole or not at all; the folder is made. SnapshotError where that cannot be."""
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
    """Remove the snapshots that `keep:` does not ask for, and return them; SnapshotError where one cannot be."""
    gone = surplus(entries(folder), settings, own)
    for entry in gone:
        try:
            (folder / entry.name).unlink(missing_ok=True)
        except OSError as error:
            raise SnapshotError(f"{folder / entry.name}: cannot be removed ({error.strerror})") from None
    return gone


def surplus(known: Sequence[Entry], settings: KeepSettings, own: Entry) -> tuple[Entry, ...]:
    """Return the snapshots that `keep:` does not ask for.

    Kept are the last one of each of the newest weeks (months, years) that have any, as many as asked for; the newest
    of all, `own`, and those without a date.
    """
    kept = {own, *known[-1:], *(entry for entry in known if entry.date is None)}
    periods: tuple[tuple[Kept, Callable[[dt.date], object]], ...] = (
        (settings.weekly, lambda day: day.isocalendar()[:2]),
        (settings.monthly, lambda day: (day.year, day.month)),
        (settings.yearly, lambda day: day.year),
    )
    for wanted, period in periods:
        last = list({period(entry.date): entry for entry in known if entry.date is not None}.values())
        kept |= set(last if wanted == "all" else last[len(last) - min(wanted, len(last)) :])
    return tuple(entry for entry in known if entry not in kept)


def chosen(folder: Path, asked: str) -> Path:
    """Return the file of the snapshot that is asked for: by its id, the beginning of it or of its hash, or "newest".

    Raises SnapshotError where there is none, or more than one.
    """
    known = entries(folder)
    if not known:
        raise SnapshotError(f"{folder}: holds no snapshot; a build with `snapshots:` in its config keeps one there")
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
