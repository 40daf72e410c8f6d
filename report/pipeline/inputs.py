"""The inputs of a build: files that a config names, downloaded if necessary, tables from Python, and kept counts.

The counts of a config's relations are kept for the next build as one file: patterns as NumPy arrays, and the rest as
JSON that refers to them. Only the classes below are read back, by their fields alone, so that a file of somebody else
runs nothing. Counts with anything else in them are not kept.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..cache import Cache
from ..cells import Dispersion, Estimate, Kind, Refusal, Tally, Unit
from ..config.loading import Config, LoadedConfig
from ..confine import ConfineError, check_path, folder_fault
from ..disk import TemporaryFolder, is_regular
from ..errors import DataError, FetchError, Note, did_you_mean, gathered, listed
from ..ledger import coverage
from ..ledger.incidence import Incidence, Side
from ..ledger.patterns import PatternDifference, Patterns
from ..ledger.recounts import Change, Recounts
from ..publish.manifest import InputTable, hash_inputs
from ..publish.reuse import InputsChecked
from ..relations import RelationSettings
from ..renderers.registry import RENDERERS
from ..slots import Open, packages
from ..sources import EntitySettings, SourceSettings
from ..sources.addresses import scheme_of
from ..sources.engines import ENGINES
from ..sources.files import FORMATS, format_named
from ..sources.located import PassedSource, is_pattern, located, take
from ..stats.matrices import BareMatrix, PublishedValue
from ..stats.measures import MEASURES
from ..stats.panels import RelationCounts, RelationStats
from ..taxonomy import LabelCount
from ..theme.fonts import SYSTEM
from .counting import CountedSources, count_all, placed, used_entities
from .passages import forgotten_folders, passage_files, passage_folders

Plain: TypeAlias = Any
"""A JSON value."""

_CLASSES: Mapping[str, type] = MappingProxyType(
    {
        of.__name__: of
        for of in (
            *(BareMatrix, Change, CountedSources, Dispersion, Estimate, Incidence, Kind, LabelCount, Note),
            *(PatternDifference, Patterns, PublishedValue, Recounts, Refusal, RelationCounts, RelationStats),
            *(Side, Tally, Unit, coverage.CategoryCoverage, coverage.Contribution, coverage.Coverage),
            *(coverage.ItemUse, coverage.SideCoverage, coverage.TopContributors, coverage.Unresolved),
            coverage.YearCoverage,
        )
    }
)

_MOST_BYTES = 2**31
"""The most bytes of the arrays in a file."""


def written(counted: CountedSources) -> bytes | None:
    """Return the counts as a file, or None if they contain something that cannot be kept."""
    writer = _Writer()
    try:
        tree = writer.plain(counted)
    except TypeError:
        return None
    content = io.BytesIO()
    text = json.dumps({"root": tree, "objects": writer.objects}).encode()
    arrays: dict[str, Any] = {"tree": np.frombuffer(text, dtype=np.uint8), **writer.arrays}
    np.savez(content, **arrays)
    return content.getvalue()


def read(content: bytes) -> CountedSources | None:
    """Return the counts of a file, or None if it is not one of ours."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as found:
            if sum(info.file_size for info in found.zip.infolist()) > _MOST_BYTES:
                return None
            arrays = {name: found[name] for name in found.files}
        tree = json.loads(arrays.pop("tree").tobytes())
        made = _Reader(arrays, tree["objects"]).value(tree["root"])
    except Exception:  # noqa: BLE001 - whatever is wrong with the file, the data are counted again
        return None
    return made if isinstance(made, CountedSources) else None


def _names(of: type) -> tuple[str, ...]:
    """Return the names of the fields of a class."""
    return tuple(one.name for one in fields(of)) if is_dataclass(of) else ("_blank", "_base", "_counted", "_moved")


class _Writer:
    """Turns values into JSON. `arrays` and `objects` are referred to by number, so that shared ones stay shared."""

    def __init__(self) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}
        self.objects: list[Plain] = []
        self._known: dict[int, tuple[object, Plain]] = {}

    def plain(self, value: object) -> Plain:
        """Return a value as JSON. Raises TypeError if it cannot be kept."""
        if value is None or type(value) in (bool, int, float, str):
            return value
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = value, self._new(value)
        return known[1]

    def _new(self, value: object) -> Plain:
        if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufSU":
            self.arrays[name := f"a{len(self.arrays)}"] = np.asarray(value)
            return {"array" if isinstance(value, np.ndarray) else "number": name}
        if isinstance(value, tuple | list | frozenset):
            return {type(value).__name__: [self.plain(one) for one in value]}
        if type(value) is dict:
            return {"dict": [[self.plain(key), self.plain(one)] for key, one in value.items()]}
        if type(value) is dt.date:
            return {"date": value.isoformat()}
        of = type(value)
        if _CLASSES.get(of.__name__) is not of:
            raise TypeError(of.__name__)
        self.objects.append([of.__name__, [self.plain(getattr(value, name)) for name in _names(of)]])
        return {"object": len(self.objects) - 1}


_SEQUENCES = {"tuple": tuple, "list": list, "frozenset": frozenset}


class _Reader:
    """Turns JSON of `_Writer` into values again. An object is made from its fields, and no code of it is run."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], objects: list[Plain]) -> None:
        self._arrays = arrays
        self._objects: list[object] = []
        for name, values in objects:  # an object comes after those that it has
            made: object = object.__new__(_CLASSES[name])
            for field, value in zip(_names(_CLASSES[name]), values, strict=True):
                object.__setattr__(made, field, self.value(value))
            self._objects.append(made)

    def value(self, plain: Plain) -> Any:  # noqa: ANN401 - any value that is kept
        """Return a value. Raises an exception if it is not one of ours."""
        if not isinstance(plain, dict):
            return plain
        ((sort, of),) = plain.items()
        if sort in _SEQUENCES:
            return _SEQUENCES[sort](self.value(one) for one in of)
        if sort == "dict":
            return {self.value(key): self.value(one) for key, one in of}
        if sort == "date":
            return dt.date.fromisoformat(of)
        if sort == "object":
            return self._objects[of]
        return self._arrays[of] if sort == "array" else self._arrays[of][()]


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
    return tuple(dict.fromkeys(files)), tuple(dict.fromkeys(listings))


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
