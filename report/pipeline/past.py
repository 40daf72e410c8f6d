"""An old report, from its snapshot alone: the config and the text of then, the counts of then, no data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from .. import __version__
from ..config.loading import LoadedConfig, load_config, load_text
from ..config.model import Config
from ..errors import Note, SnapshotError
from ..history.codec import unpack
from ..history.folder import SUFFIX, chosen, entry_of, read
from ..history.snapshot import Snapshot
from ..manifest import InputFile, InputTable, MadeFrom, fingerprint
from ..temporary import TemporaryFolder
from .counting import Counted
from .series import Earlier, earlier
from .snapshots import SITE_PATH, counted_of, settings_of


@dataclass(frozen=True)
class Past:
    """What a report is made of instead of data. `content` is the whole snapshot, `words` its words for strength.

    `archive` is where the site of then keeps the report for good; `earlier` are the snapshots before it, where it
    stands in a folder of them.

    `notes`, which the report has too, say what is not as it was: by the same program it comes out the same.
    """

    counted: Counted
    made_from: MadeFrom
    words: dict[str, str]
    content: bytes
    notes: tuple[Note, ...]
    earlier: Earlier | None = None
    archive: str | None = None

    @property
    def files(self) -> dict[str, bytes]:
        """What the site has of it: the snapshot itself."""
        return {SITE_PATH: self.content}


def snapshot_file(asked: str, folder: Path | None) -> Path:
    """Return the file of a snapshot, by its path, or by its id in a folder; SnapshotError where there is none."""
    if asked.endswith(SUFFIX) and Path(asked).is_file():
        return Path(asked)
    if folder is None:
        raise SnapshotError(
            f'"{asked}": is no file, and the config has no `snapshots:` whose folder it could be looked for in'
        )
    return chosen(folder, asked)


@contextmanager
def recalled(
    config: Path, asked: str, engine: str | None = None, folder: Path | None = None
) -> Iterator[tuple[LoadedConfig, Past]]:
    """Yield the config of then and what it counted.

    `config` is the config of now, whose folder of snapshots is looked in, or `folder` where it names none; it need not
    be there for a file. The config
    and text of then stand in a folder of their own meanwhile. Raises SnapshotError, and ConfigError where the config
    of then says what this program does not know.
    """
    is_file = asked.endswith(SUFFIX) and Path(asked).is_file()
    settings = None if is_file else load_config(config, snapshots=folder).config.snapshots
    path = snapshot_file(asked, None if settings is None else config.parent / settings.folder)
    content = read(path)
    snapshot = unpack(content, str(path))
    with TemporaryFolder() as place:
        loaded = _written(snapshot, place, config.parent, str(path), engine)
        head = snapshot.head
        notes = tuple(_notes(path, snapshot))
        yield (
            loaded,
            Past(
                counted=_with_notes(counted_of(head, snapshot.body), notes),
                made_from=_made_from(snapshot, loaded),
                words=dict(head.strengths),
                content=content,
                notes=notes,
                earlier=_earlier(path),
                archive=head.archive,
            ),
        )


def _earlier(path: Path) -> Earlier | None:
    """Return the snapshots before one in its folder; None for a file that is named otherwise, as in a site."""
    own = entry_of(path.name)
    return None if own is None else earlier(path.parent, own)


def _notes(path: Path, snapshot: Snapshot) -> Iterator[Note]:
    name, head = path.name.removesuffix(SUFFIX), snapshot.head
    if head.program != __version__:
        yield Note(
            "program",
            name,
            f"snapshot {name}: version {head.program} counted, version {__version__} worked out and wrote what is here",
        )
    for line in snapshot.body.left_out:
        yield Note("left_out", name, f"snapshot {name}: was too large to keep whole, without {line}")


def _with_notes(counted: Counted, notes: tuple[Note, ...]) -> Counted:
    told = {name: replace(numbers, notes=(*numbers.notes, *notes)) for name, numbers in counted.relations.items()}
    return replace(counted, relations=told)


def _written(snapshot: Snapshot, place: Path, own: Path, where: str, engine: str | None) -> LoadedConfig:
    """Write the config and text of then, and the fonts that it names, and load it."""
    head = snapshot.head
    path = place / head.config.name
    path.write_text(head.config.content, encoding="utf-8", newline="")
    loaded = load_text(head.config.content, path, engine=engine)
    lacking = {panel.relation for panel in loaded.config.panels} - _counted(snapshot, loaded.config)
    if lacking:
        raise SnapshotError(f"{where}: its config has a relation that it did not count ({min(lacking)})")
    if loaded.config.text is not None:
        folder = place / loaded.config.text.folder
        if not folder.resolve().is_relative_to(place.resolve()):
            raise SnapshotError(f"{where}: its text stood outside the folder of its config, so it cannot be made again")
        folder.mkdir(parents=True, exist_ok=True)
        for text in head.texts:
            (folder / text.name).write_text(text.content, encoding="utf-8", newline="")
    fonts = loaded.config.fonts
    absolute = tuple(str((own / name).absolute()) for name in fonts.fallback)
    fonts = fonts.model_copy(update={"fallback": absolute})
    return replace(loaded, config=loaded.config.model_copy(update={"fonts": fonts}))


def _counted(snapshot: Snapshot, config: Config) -> set[str]:
    """Return the relations that a snapshot has numbers for; those of published matrices have only these."""
    matrices = {panel.relation for panel in config.panels if panel.id in snapshot.body.matrices}
    return {relation.name for relation in snapshot.body.relations} | matrices


def _made_from(snapshot: Snapshot, loaded: LoadedConfig) -> MadeFrom:
    head = snapshot.head
    found = fingerprint(head.config.content.encode())
    files = [entry for entry in head.inputs if entry.rows is None]
    tables = [entry for entry in head.inputs if entry.rows is not None]
    return MadeFrom(
        config=InputFile(path=head.config.name, sha256=found.sha256, size=found.size),
        inputs=tuple(
            InputFile(path=e.path, sha256=e.sha256, size=e.size or 0, address=e.address, revision=e.revision)
            for e in files
        ),
        settings=settings_of(loaded.config) | {"fonts": head.settings.get("fonts")},
        tables=tuple(InputTable(source=t.path, columns=t.columns, rows=t.rows or 0, sha256=t.sha256) for t in tables),
    )
