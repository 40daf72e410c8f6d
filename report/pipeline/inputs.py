"""The inputs of a build: files that a config names, downloaded if necessary, and tables from Python."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..cache import Cache
from ..config.loading import Config, LoadedConfig
from ..confine import ConfineError, check_path, folder_fault
from ..errors import DataError, FetchError, did_you_mean, gathered, listed
from ..locks import TemporaryFolder
from ..manifest import InputTable, hash_inputs
from ..measures import MEASURES
from ..regular_files import is_regular
from ..relations import RelationSettings
from ..renderers.registry import RENDERERS
from ..reuse import InputsChecked
from ..slots import Open, packages
from ..sources import EntitySettings, SourceSettings
from ..sources.addresses import scheme_of
from ..sources.engines import ENGINES
from ..sources.files import FORMATS, format_named
from ..sources.located import PassedSource, is_pattern, located, take
from ..theme.fonts import SYSTEM
from .counting import CountedSources, count_all, placed, used_entities
from .kept_counts import read, written
from .passages import forgotten_folders, passage_files, passage_folders


@contextmanager
def with_tables(loaded: LoadedConfig, tables: Mapping[str, object]) -> Iterator[LoadedConfig]:
    """Yield a config with passed tables as the sources of the named entities and relations.

    If an entity and a relation have the same name, it is written `entities.NAME` or `relations.NAME`. Raises
    `DataError` with all errors of names and tables. Temporary files of the tables are removed at the end.
    """
    config = loaded.config
    if not tables:
        yield loaded
        return
    places = gathered({name: partial(_place, config, name) for name in tables})
    again = sorted({place for place in places.values() if list(places.values()).count(place) > 1})
    if again:
        raise DataError(*(f"tables: {place} is given twice" for place in again))
    with TemporaryFolder() as folder:
        taken = gathered({name: partial(take, name, table, folder, config.engine) for name, table in tables.items()})
        for name, table in taken.items():
            config = _replaced(config, places[name], PassedSource(passed=table))
        yield replace(loaded, config=config)


def passed_tables(loaded: LoadedConfig) -> tuple[InputTable, ...]:
    """Return the manifest entries of the passed tables that the report reads."""
    passed = {where: s.passed for where, s in named_sources(loaded) if isinstance(s, PassedSource)}
    hidden = loaded.config.disclosure is not None
    return tuple(
        InputTable(source=where, columns=table.columns, rows=None if hidden else table.n_rows, sha256=table.sha256)
        for where, table in sorted(passed.items())
    )


def _place(config: Config, name: str) -> str:
    """Return the "entities.NAME" or "relations.NAME" that a name means. Raises DataError if there is no such source."""
    found = [
        f"{kind}.{bare}"
        for kind, names in (("entities", config.entities), ("relations", config.relations))
        if (bare := name.removeprefix(f"{kind}.")) in names
    ]
    if not found:
        names = [*config.entities, *config.relations]
        near = did_you_mean(name, names)
        raise DataError(f'tables: "{name}" is no entity or relation of the config, which has {listed(names)}{near}')
    if len(found) > 1:
        raise DataError(f'tables: "{name}" is an entity and a relation; write {found[0]} or {found[1]}')
    kind, bare = found[0].split(".", 1)
    relation = config.relation(bare) if kind == "relations" else None
    if relation and relation.records is None and not (relation.links and relation.links.source):
        raise DataError(
            f'tables: relation "{bare}" has no table of its own to stand in for: only records do, and links with a '
            "`source`"
        )
    return found[0]


def _replaced(config: Config, place: str, source: PassedSource) -> Config:
    """Return a config with another source at a place."""
    kind, name = place.split(".", 1)
    if kind == "entities":
        entity = config.entity(name).model_copy(update={"source": source})
        return config.model_copy(update={"entities": {**config.entities, name: entity}})
    relation = config.relation(name)
    part = "records" if relation.records else "links"
    own = getattr(relation, part).model_copy(update={"source": source})
    changed = relation.model_copy(update={part: own})
    return config.model_copy(update={"relations": {**config.relations, name: changed}})


def input_files(loaded: LoadedConfig) -> tuple[Path, ...]:
    """Return every file that the config names and the report needs (data, author's text, fonts), each once.

    A missing file is left out and reported when it is read. Files on the Hub or the web are downloaded. Raises
    FetchError with all failed downloads.
    """
    paths: list[Path] = []
    messages: list[str] = []
    refused: list[str] = []
    for where, source in named_sources(loaded):
        try:
            paths += located(source, loaded.folder, where, loaded.config.engine.limits)
        except ConfineError as error:
            refused += error.messages
        except FetchError as error:
            messages += error.messages
        except DataError:
            continue
    if refused:
        with placed(loaded):
            raise ConfineError(*dict.fromkeys(refused))
    if messages:
        raise FetchError(*dict.fromkeys(messages))
    paths += passage_files(loaded)
    return tuple(dict.fromkeys((*paths, *(font for font in fallback_fonts(loaded) if is_regular(font)))))


def is_local(loaded: LoadedConfig) -> bool:
    """Return whether a site can be identified by its files, with no other input such as an address or package."""
    return reads_files_alone(loaded) and not others_of(loaded)


def reads_files_alone(loaded: LoadedConfig) -> bool:
    """Return whether the program itself reads all data from files. The content of an address may change at any time."""
    others = others_of(loaded)
    return not {"source", "engine"} & others.keys() and not any(
        isinstance(source, PassedSource)
        or source.own is not None
        or source.is_server
        or any(scheme_of(path) is not None for path in source.path)
        for _, source in named_sources(loaded)
    )


def others_of(loaded: LoadedConfig) -> dict[Open, tuple[str, ...]]:
    """Return the parts of other packages that a config uses, by kind."""
    config = loaded.config
    sources = [source for _, source in named_sources(loaded) if not isinstance(source, PassedSource)]
    formats = [source.format or format_named(path) for source in sources for path in source.path]
    formats += [f"{scheme_of(source.database)}://" for source in sources if source.database and source.is_server]
    asked: dict[Open, Iterable[str]] = {
        "engine": (name for name in (config.engine.name,) if name not in tuple(ENGINES)),
        "measure": (panel.measure for panel in config.panels if panel.measure not in tuple(MEASURES)),
        "renderer": (name for name in config.outputs.others if name not in tuple(RENDERERS)),
        "source": (form for form in formats if form not in tuple(FORMATS)),
    }
    found = {slot: tuple(name for name in dict.fromkeys(names) if name) for slot, names in asked.items()}
    return {slot: names for slot, names in found.items() if names}


def packages_of(configs: Iterable[LoadedConfig]) -> tuple[str, ...]:
    """Return the other packages that make these reports."""
    return tuple(sorted({package for loaded in configs for package in packages(others_of(loaded))}))


def looked_at(configs: Sequence[LoadedConfig]) -> InputsChecked:
    """Return the files that builds of these configs read, and the patterns and folders that they listed."""
    files = [path for loaded in configs for path in (loaded.path, *input_files(loaded))]
    listings: list[tuple[Path, str]] = []
    for loaded in configs:
        listings += [(folder, "*") for folder in forgotten_folders(loaded).values()]
        for _, name in passage_folders(loaded):
            if folder_fault(loaded.folder / name, loaded.folder, name) is None:
                listings.append((loaded.folder / name, "*"))
        for pattern in (path for _, source in named_sources(loaded) for path in source.path):
            if is_pattern(pattern) and scheme_of(pattern) is None:
                anchor = Path(pattern).anchor
                listings.append((Path(anchor) if anchor else loaded.folder, pattern[len(anchor) :]))
    return InputsChecked(tuple(dict.fromkeys(files)), tuple(dict.fromkeys(listings)))


def fallback_fonts(loaded: LoadedConfig) -> tuple[Path, ...]:
    """Return the font files that the config names. A missing file is reported when it is used.

    Raises ConfineError for a file that `--confine` does not allow.
    """
    names = [name for name in loaded.config.fonts if name != SYSTEM]
    for name in names:
        check_path(loaded.folder / name, loaded.folder, name, "fonts")
    return tuple(loaded.folder / name for name in names)


def named_sources(loaded: LoadedConfig) -> Iterator[tuple[str, SourceSettings]]:
    """Yield every source that the report reads, with the key of the config that declares it."""
    config = loaded.config
    for name in used_entities(config):
        yield from _of_entity(f"entities.{name}", config.entity(name))
    for name in dict.fromkeys(panel.relation for panel in config.panels):
        yield from _of_relation(f"relations.{name}", config.relation(name))


def _of_entity(place: str, entity: EntitySettings) -> Iterator[tuple[str, SourceSettings]]:
    if entity.source is not None:
        yield f"{place}.source", entity.source
    if isinstance(entity.aliases, str):
        yield f"{place}.aliases", SourceSettings(path=(entity.aliases,))
    for labels in entity.labels:
        if labels.lookup is not None:
            yield f"{place}.labels.lookup", labels.lookup


def _of_relation(place: str, relation: RelationSettings) -> Iterator[tuple[str, SourceSettings]]:
    if relation.links is not None and relation.links.source is not None:
        yield f"{place}.links.source", relation.links.source
    if relation.records is not None:
        yield f"{place}.records.source", relation.records.source
        for side, spec in (("rows", relation.records.rows), ("columns", relation.records.columns)):
            if spec.lookup is not None:
                yield f"{place}.records.{side}.lookup", spec.lookup
    for panel, source in relation.matrix.root.items() if relation.matrix is not None else ():
        yield f"{place}.matrix.{panel}", source


_NOT_COUNTED = {"report", "figures", "outputs", "url", "fonts"}
"""Parts of a config that change no number, in addition to the sections of packs."""


def counted_before(cache: Cache, loaded: LoadedConfig, inputs: Sequence[Path]) -> CountedSources:
    """Return the result of `count_all`, from the cache if the same data were counted in the same way."""
    key = _counting_key(cache, loaded, inputs) if cache.is_on else None
    if key is None:
        return count_all(loaded)
    kept = cache.get(key)
    counted = None if kept is None else read(kept)
    if counted is None:
        counted = count_all(loaded)
        if (content := written(counted)) is not None:
            cache.put(key, content)
    return counted


def _counting_key(cache: Cache, loaded: LoadedConfig, inputs: Sequence[Path]) -> str | None:
    """Return the key of the counts from data and settings for counting, or None if data are not files alone."""
    if not reads_files_alone(loaded):
        return None
    how = loaded.config.model_dump(mode="json", exclude=_NOT_COUNTED | {*loaded.config.added()})
    how["public is said"] = "public" in loaded.config.model_fields_set  # warnings depend on it
    texts = {path for path in passage_files(loaded) if path.suffix == ".md"}  # text does not change counts
    data = [path for path in inputs if path not in texts]
    hashes = [part for file in hash_inputs(data, loaded.folder) for part in (file.path, file.sha256)]
    return cache.key("counted", json.dumps(how, sort_keys=True), *hashes)
