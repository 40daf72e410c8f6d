"""Where a fetched file came from: written beside its content, read for the manifest."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from ..settings import Settings
from .parquet import key_values
from .settings import HubFilter, HubKind

KEY = "diptych"
"""The key of an origin among those of a Parquet file."""

SUFFIX = ".origin.json"
"""What the name of the file beside one that stands in a cache ends in."""


class Origin(Settings):
    """Where a file came from.

    `revision`: the commit, or of a web address its ETag; None where there is none. `listed`: when the server made
    a listing, as it said; `filter`: what was listed. `kind`: of a table of the Hub.
    """

    address: str
    revision: str | None = None
    kind: HubKind | None = None
    filter: HubFilter | None = None
    listed: str | None = None

    def text(self) -> str:
        """Return it as JSON."""
        return self.model_dump_json(exclude_none=True)


def origin_of(path: Path) -> Origin | None:
    """Return where a file came from; None where it is nobody's but its owner's."""
    return kept_origin(path) or _parsed(key_values(path).get(KEY) if path.suffix == ".parquet" else None)


def kept_origin(path: Path) -> Origin | None:
    """Return where a file came from that stands in a cache; None for any other."""
    try:
        return _parsed(path.with_name(path.name + SUFFIX).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


def write_origin(path: Path, origin: Origin) -> None:
    """Write where a file came from into a file beside it."""
    path.with_name(path.name + SUFFIX).write_text(f"{origin.text()}\n", encoding="utf-8")


def _parsed(text: str | None) -> Origin | None:
    try:
        return Origin.model_validate_json(text) if text else None
    except ValidationError:
        return None
