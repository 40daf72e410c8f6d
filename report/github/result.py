"""What one step leaves for the next: `result.json`, the comparison, the snapshot that was kept and the one before."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ..errors import DataError

RESULT = "result.json"
CLAIMS = "claims.xml"
DIFF_TEXT = "diff.md"
DIFF_DATA = "diff.json"
KEPT = "snapshots"
PREVIOUS = "previous"

SNAPSHOT = re.compile(r"(?P<date>undated|\d{4}-\d{2}-\d{2})-(?P<number>\d{3,6})-(?P<hash>[0-9a-f]{12})\.json\.xz")
"""Names of snapshots, as builds give them; nothing of another name is ever committed."""


def newest_last(name: str) -> tuple[str, int, str]:
    """Return what sorts names of snapshots, the newest last; those without a date come first.

    >>> sorted(["2026-01-02-002-0123456789ab.json.xz", "undated-001-0123456789ab.json.xz"], key=newest_last)
    ['undated-001-0123456789ab.json.xz', '2026-01-02-002-0123456789ab.json.xz']
    """
    found = SNAPSHOT.fullmatch(name)
    if found is None:
        raise ValueError(name)
    return "" if found["date"] == "undated" else found["date"], int(found["number"]), found["hash"]


@dataclass(frozen=True)
class Result:
    """What became of a build and its comparison. Paths are as they were given, with forward slashes.

    `status` is the exit status of the build; `snapshots` the folder of snapshots, `snapshot` the name of the one
    that the build kept, `removed` those that it thinned out; `errors` and `claims` are messages. `changed` is None
    where nothing was compared; `first` where there is no earlier snapshot; `compared` the exit status of the
    comparison.
    """

    config: str
    report: str
    snapshots: str
    status: int
    on_false_claim: str = ""
    snapshot: str | None = None
    removed: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    changed: bool | None = None
    first: bool = False
    compared: int | None = None

    def write(self, folder: Path) -> None:
        """Write it into the folder of results."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / RESULT).write_text(json.dumps(dataclasses.asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read it from the folder of results. DataError where it is not there, or is none of ours."""
        path = folder / RESULT
        try:
            made = cls._from(json.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror}); the task build writes it") from None
        except (ValueError, KeyError, TypeError):
            raise DataError(f"{path}: is not what the task build writes") from None
        names = [*made.removed, *([] if made.snapshot is None else [made.snapshot])]
        wrong = [name for name in names if not SNAPSHOT.fullmatch(name)]
        if wrong:
            raise DataError(f"{path}: {wrong[0]!r} is no name of a snapshot")
        return made

    @classmethod
    def _from(cls, found: Mapping[str, object]) -> Self:
        """Return what was written. Another job wrote it, so nothing of it is taken for granted."""
        return cls(
            config=_text(found["config"]),
            report=_text(found["report"]),
            snapshots=_text(found["snapshots"]),
            status=_whole(found["status"]),
            on_false_claim=_text(found["on_false_claim"]),
            snapshot=None if found["snapshot"] is None else _text(found["snapshot"]),
            removed=_texts(found["removed"]),
            errors=_texts(found["errors"]),
            claims=_texts(found["claims"]),
            changed=None if found["changed"] is None else bool(found["changed"]),
            first=bool(found["first"]),
            compared=None if found["compared"] is None else _whole(found["compared"]),
        )


def set_outputs(values: Mapping[str, str]) -> None:
    """Set outputs of the step, whatever characters they hold; outside GitHub nothing happens."""
    path = os.environ.get("GITHUB_OUTPUT")
    if not path:
        return
    with Path(path).open("a", encoding="utf-8", newline="\n") as file:
        for name, value in values.items():
            end = f"end-{uuid.uuid4().hex}"  # a value cannot hold what nobody can guess
            file.write(f"{name}<<{end}\n{value}\n{end}\n")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(map(_text, value))


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value
