"""The archive of a site: each report that was published, whole, at an address that stays."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

from ..errors import PublishError
from ..manifest import written_paths

ARCHIVE = "archive/"
"""The folder of the archive, below the site."""


def with_archive(files: Mapping[str, bytes], place: str, folder: Path) -> dict[str, bytes]:
    """Return a report's files again below `place` (`archive/2026-03-02/`), with what the folder's site has archived.

    What is archived stays as it is: where the former site has this place, its files are kept and these are not. Only
    files that the site's manifest claims are carried over. Raises PublishError where one cannot be read.
    """
    former = _former(folder)
    own = {} if any(path.startswith(place) for path in former) else {f"{place}{p}": c for p, c in files.items()}
    return former | own


def refuse_archive(folder: Path) -> None:
    """Raise PublishError where a folder's site has an archive: an old report that replaces it would take it along."""
    if any(path.startswith(ARCHIVE) for path in written_paths(folder) or ()):
        raise PublishError(
            f"{folder}: is a site with an archive, which an old report in its place would lose; "
            "give another folder with -o"
        )


def _former(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in written_paths(folder) or () if path.startswith(ARCHIVE))
    found: dict[str, bytes] = {}
    for path in paths:
        place = folder / path
        try:
            if stat.S_ISREG(place.lstat().st_mode):
                found[path] = place.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise PublishError(f"{place}: cannot be read ({error.strerror}); the archive would lose it") from None
    return found
