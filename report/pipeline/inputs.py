"""Which files a build reads: for the manifest, and so that a site never overwrites them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..config.loading import LoadedConfig
from ..errors import DataError, FetchError
from ..history.folder import PATTERN
from ..hub.addresses import scheme_of
from ..reuse import Looked
from ..sources.globs import is_pattern
from ..sources.located import located
from ..sources.passed import PassedSource
from ..sources.settings import SourceSettings
from .counting import used_entities
from .text import text_files


def input_files(loaded: LoadedConfig) -> tuple[Path, ...]:
    """Return every file that the config names and the report needs (data, authored text, fonts), each once.

    What is missing is left out here: it is reported where it is read. What is on the Hub or the web is fetched;
    raises FetchError with everything that cannot be.
    """
    paths: list[Path] = []
    messages: list[str] = []
    for where, source in named_sources(loaded):
        try:
            paths += located(source, loaded.folder, where)
        except FetchError as error:
            messages += error.messages
        except DataError:
            continue
    if messages:
        raise FetchError(*dict.fromkeys(messages))
    paths += text_files(loaded)
    return tuple(dict.fromkeys((*paths, *(font for font in fallback_fonts(loaded) if font.is_file()))))


def is_local(loaded: LoadedConfig) -> bool:
    """Return whether a site may be found again by its files: by nothing that only an address, or a command, holds."""
    return reads_files_alone(loaded) and not loaded.lent


def reads_files_alone(loaded: LoadedConfig) -> bool:
    """Return whether data are files: what an address holds may change without a file's doing so."""
    return not any(
        isinstance(source, PassedSource)
        or source.snapshot is not None
        or any(scheme_of(path) is not None for path in source.path)
        for _, source in named_sources(loaded)
    )


def looked_at(configs: Sequence[LoadedConfig], read: Sequence[Path] = ()) -> Looked:
    """Return what builds of these configs looked at: files, and what patterns and folders held.

    `read` are files that were read beside the inputs: the snapshots whose words go on.
    """
    files = [path for loaded in configs for path in (loaded.path, *input_files(loaded))]
    files += [path for path in read if path.is_file()]
    listings: list[tuple[Path, str]] = [(folder, PATTERN) for folder in history_folders(configs)]
    for loaded in configs:
        if loaded.config.text is not None:
            listings.append((loaded.folder / loaded.config.text.folder, "*"))
        for pattern in (path for _, source in named_sources(loaded) for path in source.path):
            if is_pattern(pattern) and scheme_of(pattern) is None:
                anchor = Path(pattern).anchor
                listings.append((Path(anchor) if anchor else loaded.folder, pattern[len(anchor) :]))
    return Looked(tuple(dict.fromkeys(files)), tuple(dict.fromkeys(listings)))


def history_folders(configs: Iterable[LoadedConfig]) -> list[Path]:
    """Return the folders where builds of these configs keep snapshots, as far as they keep any."""
    return [one.folder / one.config.snapshots.folder for one in configs if one.config.snapshots is not None]


def fallback_fonts(loaded: LoadedConfig) -> tuple[Path, ...]:
    """Return the font files that the config names; one that is missing is reported where it is used."""
    return tuple(loaded.folder / name for name in loaded.config.fonts.fallback)


def named_sources(loaded: LoadedConfig) -> Iterator[tuple[str, SourceSettings]]:
    """Yield every source that the report reads, with the key of the config that declares it."""
    config = loaded.config
    for name in used_entities(config):
        entity = config.entity(name)
        if entity.source is not None:
            yield f"entities.{name}.source", entity.source
        if isinstance(entity.aliases, str):
            yield f"entities.{name}.aliases", SourceSettings(path=(entity.aliases,))
    for name in dict.fromkeys(panel.relation for panel in config.panels):
        relation = config.relation(name)
        if relation.links is not None and relation.links.source is not None:
            yield f"relations.{name}.links.source", relation.links.source
        if relation.records is not None:
            yield f"relations.{name}.records.source", relation.records.source
        if relation.matrix is not None:
            for panel, source in relation.matrix.root.items():
                yield f"relations.{name}.matrix.{panel}", source
