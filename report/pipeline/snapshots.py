"""What a build counted and said <-> a snapshot; where a build stands among those that are kept."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import JsonValue

from .. import __version__
from ..cells import Panel
from ..config.loading import Config, LoadedConfig
from ..confine import check_path, current, is_inside, repository_of
from ..document.compose import Written
from ..document.material import ProvenanceFile
from ..document.passages import Claim
from ..errors import ConfigError, ExpectationError, Problem, SnapshotError
from ..findings.finding import Numbers
from ..history import folder as kept_in
from ..history.codec import body_text, content_hash, pack_with, packed, unpack_head
from ..history.folder import Entry, Standing
from ..history.snapshot import (
    Body,
    Head,
    KeptClaim,
    KeptFinding,
    KeptText,
    Published,
    Snapshot,
    kept_finding,
    kept_panel,
)
from ..ledger.coverage import ExpectSettings, check_expectations
from ..ledger.item_types import MOST_PATTERNS
from ..manifest import InputFile, InputTable, MadeFrom
from ..pseudonyms import is_pseudonym
from ..publish.site import ARCHIVE
from ..regular_files import read_regular
from ..taxonomy import LabelCount
from .counting import Counted, report_date
from .passages import PASSAGES, passage_files


def _guard_change(expect: ExpectSettings, rows: Mapping[str, int], published: Published, before: Head | None) -> None:
    """Raise ExpectationError with everything that changed too much since the snapshot before; nothing without one.

    Row counts and populations may change by the share `expect.change` of what they were; the headline number of a
    finding that has a word for its strength by as much itself, a ratio by the share of what it was.
    """
    if expect.change is None or before is None:
        return
    messages: list[str] = []
    now, then = _populations(published), _populations(before.published)
    try:
        check_expectations(expect, [], {**rows, **now}, {**before.rows, **then})
    except ExpectationError as error:
        messages += error.messages
    messages += _headlines(published, before.published, expect.change)
    if messages:
        raise ExpectationError(*dict.fromkeys(messages))


def _populations(published: Published) -> dict[str, int]:
    """Return how many units each relation has, by what messages call it."""
    return {f"the population of {f.relation}": round(f.n) for f in published.findings if f.n is not None}


def _headlines(now: Published, before: Published, most: float) -> Iterator[str]:
    known = {finding.key: finding for finding in before.findings}
    for finding in now.findings:
        then = known.get(finding.key)
        if then is None or finding.value is None or then.value is None or set(finding.about) != set(then.about):
            continue
        allowed = most * abs(then.value) if finding.scale == "ratio" else most
        if (finding.strength or then.strength) is not None and abs(finding.value - then.value) > allowed:
            yield (
                f"expect.change: {finding.id} ({finding.relation}) is {finding.value:.3f} and was {then.value:.3f} in "
                f"the last snapshot; a change of at most {allowed:.3g} is expected"
            )


SITE_PATH = "data/snapshot.json.xz"
"""Where a site carries its snapshot."""

NO_TRACE = {
    *("master", "memory", "threads", "temporary"),
    *("rows", "characters", "files", "seconds", "download", "download_time"),
}
"""Settings of the engine that change no byte."""

_WHERE_KEPT = {"folder", "keep"}
"""Settings of snapshots that change neither a report nor how it is compared."""

_MOST_ROWS = 300_000
"""Patterns that the other units and the recounts of a relation may have together, beyond which they are left out."""


@dataclass(frozen=True)
class Remembered:
    """What a build that keeps snapshots knows of them once it has counted.

    `place` is where it stands, `words` the last published word for the strength of each finding, `before` the head of
    the snapshot before it, None where there is none or where the build was kept already. `read` is the file that the
    words are from. `archive` is where the site keeps the report for good, None where it does not.
    """

    folder: Path
    place: Standing
    content: str
    body: bytes
    texts: tuple[KeptText, ...]
    words: Mapping[str, str]
    before: Head | None
    read: Path | None
    archive: str | None = None


@dataclass(frozen=True)
class KeptSnapshot:
    """A snapshot that a build has made: its bytes, and what is known of its place."""

    known: Remembered
    content: bytes


def check_place(loaded: LoadedConfig, named: Path | None = None) -> None:
    """Raise ConfigError if a config keeps its snapshots outside its own folder and its git repository.

    A build writes and deletes files there. `named` is the folder that the command line names, which may be anywhere.
    """
    settings = loaded.config.snapshots
    if settings is None or loaded.lent:
        return
    folder = loaded.folder / settings.folder
    confinement = current()
    tops = [loaded.folder, repository_of(loaded.folder)]
    tops += [confinement.root_of(loaded.folder)] if confinement is not None else []
    if any(top is not None and is_inside(folder, Path(os.path.realpath(top))) for top in tops):
        return
    if named is not None and os.path.realpath(named) == os.path.realpath(folder):
        return
    message = (
        f'"{settings.folder}" is outside the folder of the config and its git repository, so no snapshot is written '
        f"there; to allow it, name the folder on the command line too: --snapshots {folder}"
    )
    raise ConfigError([loaded.problem(loaded.positions.written(("snapshots", "folder")), message)])


def remember(loaded: LoadedConfig, counted: Counted) -> Remembered | None:
    """Return what is known of earlier builds; None where the config has no `snapshots:`. Raises SnapshotError.

    A build that is kept already goes on with its own words; any other with those of the one before it.
    """
    settings = loaded.config.snapshots
    if settings is None:
        return None
    folder = loaded.folder / settings.folder
    if not loaded.lent:  # else the command line named it
        check_path(folder, loaded.folder, settings.folder, "snapshots.folder")
    texts = kept_texts(loaded)
    body = body_text(kept_body(counted))
    said = settings_of(loaded)
    said["snapshots"] = settings.model_dump(mode="json", exclude=_WHERE_KEPT)
    named: list[JsonValue] = [text.content for text in texts]
    content = content_hash(body, __version__, json.dumps(said, sort_keys=True), [t.name for t in texts], named)
    place = kept_in.place_of(kept_in.entries(folder), report_date(loaded.config, counted), content)
    last = place.before if place.is_new else place.own
    path = None if last is None else folder / last.name
    head = None if path is None else unpack_head(kept_in.read(path), str(path))
    if head is not None:
        _check_own(head, loaded, folder)
    return Remembered(
        folder=folder,
        place=place,
        content=content,
        body=body,
        texts=texts,
        words={} if head is None else head.strengths,
        before=head if place.is_new else None,
        read=path,
        archive=_archive(place.own) if settings.archive else None,
    )


def _check_own(head: Head, loaded: LoadedConfig, folder: Path) -> None:
    """Raise SnapshotError where a folder has the snapshots of another config beside this one: either would thin both.

    A config that was renamed goes on with its own.
    """
    other = head.config.name
    if other != loaded.path.name and (loaded.folder / other).is_file():
        raise SnapshotError(
            f"{folder}: has the snapshots of {other}; give each config a folder of its own, with "
            f"snapshots: {{folder: …}} in {loaded.path.name}"
        )


def _archive(own: Entry) -> str:
    """Return where a report is archived: under the date of its data, with a number from the second of one date on."""
    date = kept_in.UNDATED if own.date is None else own.date.isoformat()
    return f"{ARCHIVE}{date}/" if own.number == 1 else f"{ARCHIVE}{date}-{own.number:03d}/"


def taken(
    known: Remembered,
    loaded: LoadedConfig,
    counted: Counted,
    panels: Mapping[str, Panel],
    published: Published,
    made_from: MadeFrom,
) -> KeptSnapshot:
    """Return the snapshot of a build; one that is kept already is returned as it is kept.

    Raises ExpectationError where too much changed since the one before.
    """
    _guard_change(loaded.config.expect, counted.rows, published, known.before)
    if not known.place.is_new:
        return KeptSnapshot(known, kept_in.read(known.folder / known.place.own.name))
    head = Head(
        program=__version__,
        date=report_date(loaded.config, counted),
        content=known.content,
        config=KeptText(loaded.path.name, loaded.published),
        settings=settings_of(loaded),
        texts=known.texts,
        inputs=went_in(made_from.inputs, made_from.tables),
        rows=counted.rows,
        panels=tuple(map(kept_panel, panels.values())),
        published=published,
        archive=known.archive,
    )
    return KeptSnapshot(known, pack_with(head, packed(known.body)))


def keep_snapshot(kept: KeptSnapshot | None, config: Config) -> None:
    """Write a snapshot into its folder, if it is new, and thin the folder. Raises SnapshotError."""
    if kept is None or config.snapshots is None:
        return
    folder, place = kept.known.folder, kept.known.place
    if place.is_new:
        kept_in.keep(folder, place.own, kept.content)
    if config.snapshots.keep is not None:
        kept_in.thin(folder, config.snapshots.keep, place.own)


def settings_of(loaded: LoadedConfig) -> dict[str, JsonValue]:
    """Return the settings that may change a byte of the site, as JSON values, without paths of this machine."""
    lacking: dict[str, JsonValue] = dict.fromkeys(PASSAGES)
    dumped = lacking | loaded.config.model_dump(mode="json", exclude={"engine": NO_TRACE})
    if not loaded.config.findings.others:
        del dumped["findings"]
    if loaded.config.disclosure is None:
        del dumped["disclosure"]
    names = loaded.portable
    return {key: _renamed(value, names) for key, value in dumped.items()} if names else dumped


def _renamed(value: JsonValue, names: Mapping[str, str]) -> JsonValue:
    """Return a value of JSON with other names for the texts that have one."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [_renamed(one, names) for one in value]
    if isinstance(value, dict):
        return {key: _renamed(one, names) for key, one in value.items()}
    return value


def kept_texts(loaded: LoadedConfig) -> tuple[KeptText, ...]:
    """Return the authored text of a config; ConfigError where a file is no text."""
    return tuple(KeptText(path.name, _text(path)) for path in passage_files(loaded) if path.suffix == ".md")


def _text(path: Path) -> str:
    try:
        return read_regular(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Problem(str(path), 0, 0, "", f"cannot be read as text: {error}")]) from None


def went_in(files: Iterable[InputFile], tables: Iterable[InputTable]) -> tuple[ProvenanceFile, ...]:
    """Return what a manifest says of files and tables as pages and snapshots have it."""
    read = (ProvenanceFile(one.path, one.sha256, one.size, one.address, one.revision) for one in files)
    passed = (ProvenanceFile(one.source, one.sha256, rows=one.rows, columns=one.columns) for one in tables)
    return (*read, *passed)


def published_of(written: Sequence[Written], claims: Sequence[Claim]) -> Published:
    """Return what a build says in words that later builds keep to or are compared with."""
    return Published(tuple(_findings(written)), tuple(_claims(claims)))


def _findings(written: Sequence[Written]) -> Iterator[KeptFinding]:
    for one in written:
        panel = one.part.panels[0]
        # What a series shows is a comparison with earlier times already: comparing it again would say nothing.
        for finding in (finding for finding in one.part.findings if finding.kind != "trend"):
            yield kept_finding(one.part.figure, panel.relation, finding, panel.n_units)


def _claims(claims: Sequence[Claim]) -> Iterator[KeptClaim]:
    for v in claims:
        if v.kind == "claim":
            yield KeptClaim(v.file, v.line, v.predicate, v.where, v.holds, v.reason, v.has_otherwise, v.cells)


def kept_body(counted: Counted) -> Body:
    """Return all that was counted as snapshots keep it."""
    relations = counted.relations.values()
    kept = tuple(n if _n_rows(n) <= _MOST_ROWS else replace(n, alternatives={}, recounts={}) for n in relations)
    left_out = tuple(line for numbers in relations for line in _left_out(numbers, counted.labels))
    return Body(kept, counted.matrices, counted.labels, counted.notes, left_out)


def _n_rows(numbers: Numbers) -> int:
    others = [len(tables.incidence.units) for tables in numbers.alternatives.values()]
    return sum(others) + sum(len(incidence.units) for incidence in numbers.recounts.values())


def _left_out(numbers: Numbers, labels: Mapping[str, Sequence[LabelCount]]) -> Iterator[str]:
    if _n_rows(numbers) > _MOST_ROWS:
        yield f"{numbers.name}: counts by other units and without single items and labels ({_n_rows(numbers):,} rows)"
    if numbers.types is None and not numbers.coverage.is_withheld:
        private = any(is_pseudonym(label.label) for of in (numbers.labels, *labels.values()) for label in of)
        why = "labels are private" if private else f"more than {MOST_PATTERNS:,} sorts of them"
        yield f"{numbers.name}: units by the labels of their items ({why})"


def counted_of(snapshot: Snapshot) -> Counted:
    """Return what was counted, from a snapshot."""
    head, body = snapshot.head, snapshot.body
    relations = {numbers.name: numbers for numbers in body.relations}
    return Counted(relations, body.matrices, body.labels, body.notes, head.date, head.rows)
