"""Where the bytes of a rebuilt site leave those of the site: file by file, and the first place within each."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pikepdf

from ..manifest import Fingerprint, fingerprint

_BEFORE = 20
_SHOWN = 60


@dataclass(frozen=True)
class Where:
    """The first place where a file differs.

    `place` says it in words (`line 3`, `attachment data/left.csv, line 3`, `page 2`). `then` and `now` are what
    stands there in the site and in the rebuilt file, cut to a few words; None where there is nothing, or nothing
    that can be shown.
    """

    place: str
    then: str | None = None
    now: str | None = None


@dataclass(frozen=True)
class Rebuilt:
    """A file of which not all is the same. `path` is below the site, with forward slashes.

    `kind`: differs (the rebuilt bytes are not those that the manifest lists); missing (listed, and not made
    now); new (made now, and not listed); edited (rebuilt as listed, but the site holds other bytes). Sizes are
    in bytes, None where there is no such file; `n_then` is that of the site's file, or as listed where the site
    has none. `where` is None where there are no two files to compare, or they are the same.
    """

    path: str
    kind: Literal["differs", "missing", "new", "edited"]
    n_then: int | None
    n_now: int | None
    where: Where | None = None


def compare_files(made: Mapping[str, bytes], listed: Mapping[str, Fingerprint], folder: Path) -> tuple[Rebuilt, ...]:
    """Compare what was rebuilt with what a manifest lists and with the files of its site; what differs, by path."""
    return tuple(_compared(made, listed, folder))


def _compared(made: Mapping[str, bytes], listed: Mapping[str, Fingerprint], folder: Path) -> Iterator[Rebuilt]:
    for path in sorted(made.keys() | listed.keys()):
        if path not in made:
            yield Rebuilt(path, "missing", listed[path].size, None)
            continue
        now = made[path]
        if path not in listed:
            yield Rebuilt(path, "new", None, len(now))
            continue
        then = _content(folder / path)
        if fingerprint(now) != listed[path]:
            n_then = listed[path].size if then is None else len(then)
            yield Rebuilt(path, "differs", n_then, len(now), None if then is None else _where(path, then, now))
        elif then is not None and then != now:
            yield Rebuilt(path, "edited", len(then), len(now), first_difference(path, then, now))


def _content(path: Path) -> bytes | None:
    """Return what a file of the site holds; None where it is none, or cannot be read, which the hashes tell."""
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError:
        return None


def _where(path: str, then: bytes, now: bytes) -> Where | None:
    return (
        Where("not as the manifest lists it, but as the site has it")
        if then == now
        else first_difference(path, then, now)
    )


def first_difference(path: str, then: bytes, now: bytes) -> Where | None:
    """Return the first place where two files that differ do so; None where it cannot be shown."""
    if path.endswith(".pdf"):
        return _in_pdf(then, now)
    try:
        return _in_text(then.decode(), now.decode())
    except UnicodeDecodeError:
        return None


def _in_text(then: str, now: str) -> Where:
    old, new = then.split("\n"), now.split("\n")
    same = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    if same == min(len(old), len(new)):  # one goes on where the other ends
        then_line = shown(old[same], 0) if same < len(old) else None
        now_line = shown(new[same], 0) if same < len(new) else None
        return Where(f"line {same + 1}", then_line, now_line)
    return Where(f"line {same + 1}", *shown_apart(old[same], new[same]))


def shown_apart(then: str, now: str) -> tuple[str, str]:
    """Return two texts around the first character in which they differ, shortened.

    >>> shown_apart("a" * 100 + "b", "a" * 100 + "c")
    ('…aaaaaaaaaaaaaaaaaaaab', '…aaaaaaaaaaaaaaaaaaaac')
    """
    pairs = enumerate(zip(then, now, strict=False))
    differs = next((position for position, (a, b) in pairs if a != b), min(len(then), len(now)))
    start = max(0, differs - _BEFORE)
    return shown(then, start), shown(now, start)


def shown(text: str, start: int) -> str:
    """Return a text from a position on, shortened, with an ellipsis where something is left out."""
    cut = text[start : start + _SHOWN]
    return f"{'…' if start else ''}{cut}{'…' if start + _SHOWN < len(text) else ''}"


def _in_pdf(then: bytes, now: bytes) -> Where | None:
    """Return the first attachment, else the first page, in which two PDF files differ; None where neither is seen."""
    try:
        with pikepdf.open(io.BytesIO(then)) as old, pikepdf.open(io.BytesIO(now)) as new:
            return _in_attachments(old, new) or _in_pages(old, new)
    except (pikepdf.PdfError, pikepdf.PasswordError):
        return None


def _in_attachments(old: pikepdf.Pdf, new: pikepdf.Pdf) -> Where | None:
    before, after = _attachments(old), _attachments(new)
    for name in sorted(before.keys() | after.keys()):
        place = f"attachment {name}"
        if name not in before or name not in after:
            return Where(f"{place}, {'no longer there' if name in before else 'not there then'}")
        if before[name] != after[name]:
            where = first_difference(name, before[name], after[name])
            return replace(where, place=f"{place}, {where.place}") if where else Where(place)
    return None


def _attachments(pdf: pikepdf.Pdf) -> dict[str, bytes]:
    return {name: spec.get_file().read_bytes() for name, spec in pdf.attachments.items()}


def _in_pages(old: pikepdf.Pdf, new: pikepdf.Pdf) -> Where | None:
    before, after = [_drawn(page) for page in old.pages], [_drawn(page) for page in new.pages]
    for number, (one, other) in enumerate(zip(before, after, strict=False), start=1):
        if one != other:
            return Where(f"page {number}")
    return Where(f"page {min(len(before), len(after)) + 1}") if len(before) != len(after) else None


def _drawn(page: pikepdf.Page) -> bytes:
    page.contents_coalesce()
    contents = page.obj.get("/Contents")
    return contents.read_bytes() if isinstance(contents, pikepdf.Stream) else b""
