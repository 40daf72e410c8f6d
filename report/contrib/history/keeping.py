"""Convert the counts and statements of a build to a snapshot and back; find its position among kept snapshots."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import JsonValue

from ...config.loading import LoadedConfig
from ...confine import check_path, is_own_place
from ...document.compose import WrittenPart, key_sentences
from ...document.passages import Claim
from ...errors import ConfigError, ExpectationError, Problem, SnapshotError
from ...findings.finding import RelationCounts
from ...manifest import VERSION
from ...pipeline.counting import CountedSources, report_date
from ...pipeline.histories import Outcome, TakenSnapshot
from ...pipeline.passages import passage_files
from ...pipeline.provenance import report_settings, went_in
from ...pseudonyms import is_pseudonym
from ...publish.site import ARCHIVE
from ...regular_files import read_regular
from ...taxonomy import LabelCount
from . import folder as kept_in
from .codec import body_text, content_hash, pack_with, packed, unpack_head
from .folder import Entry, FolderState
from .item_types import MOST_PATTERNS, types_of
from .settings import KeepSettings, settings_of
from .snapshot import (
    Body,
    Head,
    KeptClaim,
    KeptFinding,
    KeptSentence,
    KeptText,
    PublishedFindings,
    Snapshot,
    kept_finding,
    kept_panel,
)


def _guard_change(
    most: float | None, rows: Mapping[str, int], published: PublishedFindings, before: Head | None
) -> None:
    """Raise ExpectationError with everything that changed too much since the previous snapshot, if there is one.

    Row counts and populations may change by the share `most` of their earlier value. The headline number of a finding
    with a word for its strength may change by that amount, and a ratio by that share of its earlier value.
    """
    if most is None or before is None:
        return
    now, then = {**rows, **_populations(published)}, {**before.rows, **_populations(before.published)}
    messages = [
        f"snapshots.most_change: {name} has {now[name]:,} rows and had {n:,} in the last snapshot; a relative change "
        f"of at most {most:g} is expected"
        for name, n in then.items()
        if abs(now.get(name, n) - n) > most * n  # names no longer in the config have not shrunk
    ]
    messages += _headlines(published, before.published, most)
    if messages:
        raise ExpectationError(*dict.fromkeys(messages))


def _populations(published: PublishedFindings) -> dict[str, int]:
    """Return the number of units of each relation, by its name in messages."""
    return {f"the population of {f.relation}": round(f.n) for f in published.findings if f.n is not None}


def _headlines(now: PublishedFindings, before: PublishedFindings, most: float) -> Iterator[str]:
    known = {finding.key: finding for finding in before.findings}
    for finding in now.findings:
        then = known.get(finding.key)
        if then is None or finding.value is None or then.value is None or set(finding.about) != set(then.about):
            continue
        allowed = most * abs(then.value) if finding.scale == "ratio" else most
        if (finding.strength or then.strength) is not None and abs(finding.value - then.value) > allowed:
            yield (
                f"snapshots.most_change: {finding.id} ({finding.relation}) is {finding.value:.3f} and was "
                f"{then.value:.3f} in the last snapshot; a change of at most {allowed:.3g} is expected"
            )


SITE_PATH = "data/snapshot.json.xz"
"""Path of the snapshot in a site."""

_WHERE_KEPT = {"folder", "keep", "most_change"}
"""Snapshot settings that change neither a report nor its comparison."""

_MOST_ROWS = 300_000
"""Maximum number of patterns in the other units and the recounts of a relation. Beyond this, they are left out."""


def problems(loaded: LoadedConfig, named: Path | None, *, alone: bool) -> Iterator[Problem]:
    """Yield an archive in a site of several reports, and snapshots outside the config's own folder and repository.

    A build writes and deletes files there. `named` is the folder from the command line, which may be anywhere.
    """
    settings = settings_of(loaded.config)
    if settings.archive and not alone:
        message = "an archive is of a report alone, not of one in a site of several; leave this key out"
        yield loaded.problem(("snapshots", "archive"), message)
    folder = folder_of(loaded)
    if loaded.lent or is_own_place(folder, loaded.folder):
        return
    if named is not None and os.path.realpath(named) == os.path.realpath(folder):
        return
    message = (
        f'"{settings.folder}" is outside the folder of the config and its git repository, so no snapshot is written '
        f"there; to allow it, name the folder on the command line too: --snapshots {folder}"
    )
    yield loaded.problem(loaded.positions.written(("snapshots", "folder")), message)


def folder_of(loaded: LoadedConfig) -> Path:
    """Return the folder of the snapshots of a config."""
    return loaded.folder / settings_of(loaded.config).folder


@dataclass(frozen=True)
class Place:
    """The position of a build among the snapshots of a folder, with its data that are known before its findings.

    `last` is the head of the snapshot from which strength words continue, with its file: the build's own snapshot if it
    is already kept, otherwise the previous one. It is None if there is neither.
    """

    folder: Path
    standing: FolderState
    content: str
    body: bytes
    texts: tuple[KeptText, ...]
    last: Head | None
    read: Path | None


def place_in(loaded: LoadedConfig, counted: CountedSources) -> Place:
    """Return the position of a build among the kept snapshots. Raises SnapshotError.

    A build that is already kept continues from its own strength words, any other build from those in the previous
    snapshot.
    """
    settings, folder = settings_of(loaded.config), folder_of(loaded)
    if not loaded.lent:  # otherwise the command line named it
        check_path(folder, loaded.folder, settings.folder, "snapshots.folder")
    texts = kept_texts(loaded)
    body = body_text(kept_body(counted))
    said = report_settings(loaded)
    said["snapshots"] = settings.model_dump(mode="json", exclude=_WHERE_KEPT)
    named: list[JsonValue] = [text.content for text in texts]
    content = content_hash(body, VERSION, json.dumps(said, sort_keys=True), [t.name for t in texts], named)
    standing = kept_in.place_of(kept_in.entries(folder), report_date(loaded.config, counted), content)
    last = standing.before if standing.is_new else standing.own
    path = None if last is None else folder / last.name
    head = None if path is None else unpack_head(kept_in.read(path), str(path))
    if head is not None:
        _check_own(head, loaded, folder)
    return Place(folder, standing, content, body, texts, head, path)


def _check_own(head: Head, loaded: LoadedConfig, folder: Path) -> None:
    """Raise SnapshotError if a folder also has snapshots of another config, because each config would thin both.

    A renamed config continues with its own snapshots.
    """
    other = head.config.name
    if other != loaded.path.name and (loaded.folder / other).is_file():
        raise SnapshotError(
            f"{folder}: has the snapshots of {other}; give each config a folder of its own, with "
            f"snapshots: {{folder: …}} in {loaded.path.name}"
        )


def archive_of(own: Entry) -> str:
    """Return the archive path of a report: the date of its data, with a number from the second report of a date on."""
    date = kept_in.UNDATED if own.date is None else own.date.isoformat()
    return f"{ARCHIVE}{date}/" if own.number == 1 else f"{ARCHIVE}{date}-{own.number:03d}/"


def take(
    place: Place, loaded: LoadedConfig, counted: CountedSources, archive: str | None, outcome: Outcome
) -> TakenSnapshot:
    """Return the snapshot of a build, with the function that writes it. A snapshot already kept is returned as it is.

    Raises ExpectationError if too much changed since the previous snapshot.
    """
    published = published_of(outcome.written, outcome.claims)
    own, is_new = place.standing.own, place.standing.is_new
    _guard_change(settings_of(loaded.config).most_change, counted.rows, published, place.last if is_new else None)
    if not is_new:
        content = kept_in.read(place.folder / own.name)
    else:
        head = Head(
            program=VERSION,
            date=report_date(loaded.config, counted),
            content=place.content,
            config=KeptText(loaded.path.name, loaded.published),
            settings=_ordered(report_settings(loaded)),
            texts=place.texts,
            inputs=went_in(outcome.made_from.inputs, outcome.made_from.tables),
            rows=counted.rows,
            panels=tuple(map(kept_panel, outcome.panels.values())),
            published=published,
            archive=archive,
        )
        content = pack_with(head, packed(place.body))
    keep = settings_of(loaded.config).keep
    return TakenSnapshot({SITE_PATH: content}, lambda: _keep(place.folder, place.standing, content, keep))


_SECTIONS = (
    *("version", "report", "taxonomy", "taxonomies", "entities", "relations", "panels", "figures", "inference"),
    *("expect", "text", "thresholds", "findings", "outputs", "disclosure", "snapshots", "engine", "url", "fonts"),
)


def _ordered(settings: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return settings with their sections in the order of the format, whichever packs add sections."""
    return {name: settings[name] for name in (*_SECTIONS, *settings) if name in settings}


def _keep(folder: Path, standing: FolderState, content: bytes, keep: KeepSettings | None) -> None:
    """Write a snapshot into its folder if it is new, and thin the folder. Raises SnapshotError."""
    if standing.is_new:
        kept_in.keep(folder, standing.own, content)
    if keep is not None:
        kept_in.thin(folder, keep, standing.own)


def kept_texts(loaded: LoadedConfig) -> tuple[KeptText, ...]:
    """Return the authored text of a config. Raises ConfigError if a file is not text."""
    return tuple(KeptText(path.name, _text(path)) for path in passage_files(loaded) if path.suffix == ".md")


def _text(path: Path) -> str:
    try:
        return read_regular(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Problem(str(path), 0, 0, "", f"cannot be read as text: {error}")]) from None


def published_of(written: Sequence[WrittenPart], claims: Iterable[Claim]) -> PublishedFindings:
    """Return the statements of a build that later builds continue from or are compared with."""
    sentences = (
        KeptSentence(w.part.figure, w.part.panels[0].relation, section, sentence.id, sentence.text)
        for section, w, sentence in key_sentences(written)
    )
    kept = (_kept_claim(claim) for claim in claims if claim.kind == "claim")
    return PublishedFindings(tuple(_findings(written)), tuple(kept), tuple(sentences))


def _findings(written: Sequence[WrittenPart]) -> Iterator[KeptFinding]:
    for one in written:
        panel = one.part.panels[0]
        # Findings about a series already compare it with earlier times, so comparing them again adds nothing.
        for finding in (finding for finding in one.part.findings if finding.kind != "trend"):
            yield kept_finding(one.part.figure, panel.relation, finding, panel.n_units)


def _kept_claim(claim: Claim) -> KeptClaim:
    return KeptClaim(
        claim.file,
        claim.line,
        claim.predicate,
        claim.where,
        claim.holds,
        claim.reason,
        claim.has_otherwise,
        claim.cells,
    )


def kept_body(counted: CountedSources) -> Body:
    """Return all counts in the format of snapshots."""
    relations = counted.relations.values()
    kept = tuple(n if _n_rows(n) <= _MOST_ROWS else replace(n, alternatives={}, recounts={}) for n in relations)
    left_out = tuple(line for numbers in relations for line in _left_out(numbers, counted.labels))
    return Body(kept, counted.matrices, counted.labels, counted.notes, left_out)


def _n_rows(numbers: RelationCounts) -> int:
    others = [len(tables.incidence.units) for tables in numbers.alternatives.values()]
    return sum(others) + sum(len(incidence.units) for incidence in numbers.recounts.values())


def _left_out(numbers: RelationCounts, labels: Mapping[str, Sequence[LabelCount]]) -> Iterator[str]:
    if _n_rows(numbers) > _MOST_ROWS:
        yield f"{numbers.name}: counts by other units and without single items and labels ({_n_rows(numbers):,} rows)"
    if types_of(numbers) is None and not numbers.coverage.is_withheld:
        private = any(is_pseudonym(label.label) for of in (numbers.labels, *labels.values()) for label in of)
        why = "labels are private" if private else f"more than {MOST_PATTERNS:,} sorts of them"
        yield f"{numbers.name}: units by the labels of their items ({why})"


def counted_of(snapshot: Snapshot) -> CountedSources:
    """Return the counts in a snapshot."""
    head, body = snapshot.head, snapshot.body
    relations = {numbers.name: numbers for numbers in body.relations}
    return CountedSources(relations, body.matrices, body.labels, body.notes, head.date, head.rows)
