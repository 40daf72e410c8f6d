"""Build and check a report, or a site of several: each stage is called once.

A site has a folder for each report, a list page and one manifest, and is swapped in at once.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from pydantic import JsonValue

from .. import __version__
from ..cache import NO_CACHE, Cache
from ..cells import Panel
from ..config.loading import LoadedConfig, load_config
from ..config.sections import SECTIONS
from ..document import Block, Document, Download, Figure, Results, TableBlock, with_passages
from ..document.compose import Part, compose, heading
from ..errors import ClaimError, ConfigError, DataError, DiptychError, Note, Problem
from ..figures.drawing import Drawer
from ..ledger.coverage import Coverage
from ..progress import stage
from ..publish import check_folder, check_paths, publish, recover
from ..publish.manifest import (
    NAME,
    MadeFrom,
    build_manifest,
    build_site_manifest,
    current_versions,
    fingerprint,
    hash_inputs,
)
from ..publish.reuse import Built, Files, now_ns, remember
from ..renderers import HtmlSettings, OutputSettings
from ..renderers.data import entries_of
from ..renderers.html import INDEX, ListedReport, neighbours_of, render_site
from ..renderers.pdf import Attachment
from ..renderers.registry import SitePlace, formats_of, page_of, render
from .counting import CountedSources, count_all, report_date
from .inputs import (
    counted_before,
    fallback_fonts,
    input_files,
    is_local,
    looked_at,
    packages_of,
    passed_tables,
    with_tables,
)
from .parts import attachments, build_panels, data_files, downloads, telling, wording_notes, work_out, write_parts
from .passages import AuthoredText, write_passages
from .pictures import Plates, check_pdf_fonts, draw_figures, lettered, warm_up

NO_TRACE = {
    *("master", "memory", "threads", "temporary"),
    *("rows", "characters", "files", "seconds", "download", "download_time"),
}
"""Settings of the engine that change no byte of a site."""


def report_settings(loaded: LoadedConfig) -> dict[str, JsonValue]:
    """Return the settings that may change a byte of the site, as JSON values, without paths of this machine.

    The value of an absent section of a pack is null.
    """
    dumped: dict[str, JsonValue] = dict.fromkeys(SECTIONS)
    dumped |= loaded.config.model_dump(mode="json", exclude={"engine": NO_TRACE})
    if loaded.config.disclosure is None:
        del dumped["disclosure"]
    names = loaded.portable
    return {key: _renamed(value, names) for key, value in dumped.items()} if names else dumped


def _renamed(value: JsonValue, names: Mapping[str, str]) -> JsonValue:
    """Return a JSON value with texts replaced by `names`."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [_renamed(one, names) for one in value]
    if isinstance(value, dict):
        return {key: _renamed(one, names) for key, one in value.items()}
    return value


@dataclass(frozen=True)
class BuiltReport:
    """A finished report that is not yet written. `files` lack the manifest; `notes` are for the user."""

    loaded: LoadedConfig
    inputs: tuple[Path, ...]
    document: Document
    files: Files
    notes: tuple[Note, ...]
    made_from: MadeFrom


@dataclass(frozen=True)
class CheckedConfig:
    """The result of a check: notes, and the coverage of each relation."""

    notes: tuple[Note, ...]
    coverages: tuple[Coverage, ...]


def build(  # noqa: PLR0913 - one argument for each choice
    config: Path,
    folder: Path,
    *,
    overwrite: bool = False,
    into: bool = False,
    engine: str | None = None,
    on_false_claim: str | None = None,
    cache: Cache = NO_CACHE,
    tables: Mapping[str, object] | None = None,
    top: Path | None = None,
) -> Built:
    """Build the report of a config into a folder. The build is atomic.

    `overwrite`: replace files that no build has written. `into`: the folder also contains files of others, which the
    build leaves alone. `engine`: count with this engine, overriding the config.
    `on_false_claim`: error or withdraw, overriding the config. `cache`: the counts of earlier builds, and the place to
    keep new ones. `tables`: data frames, by entity or relation, instead of the files that the config names. `top`: the
    start of relative paths in a config that a program wrote.

    Raises a DiptychError for any error that a person can correct; the folder is then unchanged.
    """
    began = now_ns()
    recover(folder)
    with stage("config"):
        declared = load_config(config, engine=engine, on_false_claim=on_false_claim, top=top)
        check_folder(folder, overwrite=overwrite, into=into, inputs=[config])
    with with_tables(declared, tables or {}) as loaded, Drawer(once=True) as drawer:
        made = make(loaded, drawer, cache=cache)
    with stage("publishing"):
        files = made.files | {NAME: _manifest(made)}
        how = publish(files, folder, overwrite=overwrite, into=into, inputs=[config, *made.inputs])
    built = Built.of(folder, how, files, made.notes)
    if is_local(loaded) and on_false_claim is None and top is None:
        remember(cache, [config], built, looked_at([loaded]), began, into=into, engine=engine)
    return built


def make(
    loaded: LoadedConfig,
    drawer: Drawer,
    *,
    place: SitePlace | None = None,
    cache: Cache = NO_CACHE,
) -> BuiltReport:
    """Make the report of a config in memory. `place` is None for a single report.

    For the other arguments see `build`.
    """
    with stage("counting"):
        ground = _ground(loaded, cache)
    loaded, lacking = lettered(loaded, ground.panels.values())
    warm_up(loaded, drawer, listed=place is not None)
    with Plates(loaded, ground.counted) as plates:
        made, attached = _told(loaded, ground, drawer, plates, place)
        pages = _pages(made, attached, plates, place)
    return replace(made, files=made.files | pages, notes=(*lacking, *made.notes))


def make_page(loaded: LoadedConfig, drawer: Drawer, cache: Cache) -> BuiltReport:
    """Make only the page of a report, in memory, regardless of the outputs in the config."""
    settings = (loaded.config.outputs.html or HtmlSettings()).model_copy(update={"front_matter": None})
    page = OutputSettings(html=settings)
    config = loaded.config.model_copy(update={"outputs": page})
    return make(replace(loaded, config=config), drawer, cache=cache)


def _told(
    loaded: LoadedConfig, ground: _Ground, drawer: Drawer, plates: Plates, place: SitePlace | None
) -> tuple[BuiltReport, list[Attachment]]:
    """Return a report without its pages, and the files that its PDF may attach."""
    counted, panels = ground.counted, ground.panels
    told = telling(loaded.config, counted)
    with stage("authored text"):
        text = write_passages(loaded, counted, panels, told)
    with stage("figures: specifications"):
        drawings = draw_figures(loaded, panels, drawer, listed=place is not None)
        plates.start([sheet for one in drawings for sheet in one.sheets])
        drawer.rest()
    with stage("statements and words"):
        found = work_out(loaded.config, counted, panels)
        parts = write_parts(loaded, counted, panels, found, told)
        results = tuple(found.values())
    with stage("data files"):
        data = _data(loaded, ground, parts, results, text)
    files = dict(data) if loaded.config.outputs.data else {}
    with stage("figures: drawing"):
        figures = tuple(one.drawn() for one in drawings)
    with stage("document"):
        offered = tuple(downloads(panels.values(), files, text.labels))
        bare = replace(
            _document(loaded, ground, parts, offered, figures), results=results, statements=tuple(entries_of(parts))
        )
        document = _completed(bare, parts, text, place)
    made = BuiltReport(loaded, ground.inputs, document, files, _notes(counted, text), ground.made_from)
    return made, attachments(loaded, data, text.labels)


def _pages(made: BuiltReport, attached: list[Attachment], plates: Plates, place: SitePlace | None) -> Files:
    """Return the pages, and the files of figures, which are made in parallel."""
    try:
        with stage("pages"):
            fonts = fallback_fonts(made.loaded)
            pages = render(made.document, made.loaded.config.outputs, attached, fonts, place)
    finally:  # errors of figures are raised first
        with stage("figures: files"):
            figures = plates.files()
    return figures | pages


@dataclass(frozen=True)
class _Ground:
    """The basis of a report: numbers and their origin."""

    counted: CountedSources
    panels: Mapping[str, Panel]
    inputs: tuple[Path, ...]
    made_from: MadeFrom


def _ground(loaded: LoadedConfig, cache: Cache) -> _Ground:
    check_pdf_fonts(loaded)
    inputs = input_files(loaded)
    counted = counted_before(cache, loaded, inputs)
    panels = build_panels(loaded.config, counted)
    return _Ground(
        counted=counted,
        panels=panels,
        inputs=inputs,
        made_from=made_from_config(loaded, inputs),
    )


def _data(
    loaded: LoadedConfig,
    ground: _Ground,
    parts: Sequence[Part],
    results: Sequence[Results],
    text: AuthoredText,
) -> Files:
    """Return the data files if the site or the PDF includes them."""
    outputs = loaded.config.outputs
    if not (outputs.data or outputs.pdf):
        return {}
    data = data_files(ground.counted, ground.panels, parts, results)
    return data | {file.path: file.content for file in text.files}


def check(config: Path, *, engine: str | None = None, on_false_claim: str | None = None) -> CheckedConfig:
    """Check a config, its data and the author's text without rendering. Raises a DiptychError for any error."""
    return check_loaded(load_config(config, engine=engine, on_false_claim=on_false_claim))


def check_loaded(loaded: LoadedConfig) -> CheckedConfig:
    """Check the data and the author's text of a config. Raises a DiptychError for any error."""
    check_pdf_fonts(loaded)
    unknown: list[Note] = []
    counted = count_all(loaded, unknown)
    panels = build_panels(loaded.config, counted)
    loaded, lacking = lettered(loaded, panels.values())
    text = write_passages(loaded, counted, panels, telling(loaded.config, counted))
    return CheckedConfig(
        (*lacking, *_notes(counted, text), *wording_notes(loaded.config, counted), *unknown),
        tuple(numbers.coverage for numbers in counted.relations.values()),
    )


def _title(parts: Sequence[Part], section: str) -> str:
    """Return the heading of a section that contains only the author's text.

    With several figures, the title of its figure comes first.
    """
    figure, _, name = section.rpartition(".")
    of = next((part for part in parts if part.figure == figure), parts[0])
    return f"{of.figure_title}: {heading(name)}" if figure else heading(name)


def _notes(counted: CountedSources, text: AuthoredText) -> tuple[Note, ...]:
    of_entities = [note for notes in counted.notes.values() for note in notes]
    of_relations = [note for numbers in counted.relations.values() for note in numbers.notes]
    return tuple(dict.fromkeys((*counted.personal, *of_entities, *of_relations, *text.notes)))


def _document(
    loaded: LoadedConfig,
    ground: _Ground,
    parts: Sequence[Part],
    offered: tuple[Download, ...],
    figures: tuple[Figure, ...],
) -> Document:
    config = loaded.config
    blank = replace(
        Document.blank(config.report, __version__, report_date(config, ground.counted)),
        url=config.url,
        figures=figures,
        downloads=offered,
    )
    return compose(parts, blank)


def _completed(document: Document, parts: Sequence[Part], text: AuthoredText, place: SitePlace | None) -> Document:
    """Return the document with passages, and the places of the files of tables that this build makes."""
    places = {file.path: file.path for file in document.downloads}
    places[NAME] = NAME if place is None else f"../{NAME}"  # the manifest of a site is above its reports
    document = with_passages(document, text.passages, lambda section: _title(parts, section))
    return _with_sources(document, places.get)


def _with_sources(document: Document, place: Callable[[str], str | None]) -> Document:
    """Return the document with the place of the file in each table, or None if this build does not make the file."""

    def checked(block: Block) -> Block:
        if isinstance(block, TableBlock) and block.source is not None:
            return replace(block, source=place(block.source))
        return block

    sections = (replace(section, blocks=tuple(map(checked, section.blocks))) for section in document.sections)
    return replace(document, sections=tuple(sections))


def _manifest(made: BuiltReport) -> bytes:
    made_from = made.made_from
    versions = current_versions(packages_of([made.loaded]))
    return build_manifest(
        made_from.config, made_from.inputs, made_from.settings, versions, made.files, tables=made_from.tables
    )


def made_from_config(loaded: LoadedConfig, inputs: tuple[Path, ...]) -> MadeFrom:
    """Return the entry of a manifest for a report's config and inputs.

    The hash of the config is the hash of its published text. A hash of the whole file could confirm a guess at a
    comment.
    """
    (config,) = hash_inputs([loaded.path], loaded.path.parent)
    return MadeFrom(
        config=config.model_copy(update=fingerprint(loaded.published.encode()).model_dump()),
        inputs=hash_inputs(inputs, loaded.folder),
        settings=report_settings(loaded),
        tables=passed_tables(loaded),
    )


_USUAL = "config"
"""The usual name of config files. A report from such a file is named after its folder."""

_KEPT = frozenset({INDEX, NAME})
"""Names reserved for the site."""

_Done = TypeVar("_Done")


def build_site(  # noqa: PLR0913 - one argument for each choice
    configs: Sequence[Path],
    folder: Path,
    *,
    overwrite: bool = False,
    into: bool = False,
    engine: str | None = None,
    on_false_claim: str | None = None,
    cache: Cache = NO_CACHE,
) -> Built:
    """Build the reports of several configs into one folder, all of them or none.

    For the arguments see `build`.
    Raises a DiptychError with the errors of all reports; the folder is then unchanged.
    """
    began = now_ns()
    recover(folder)
    declared = _load_all(configs, engine, on_false_claim)
    check_folder(folder, overwrite=overwrite, into=into, inputs=configs)
    made = make_all(declared, cache=cache)
    files = site_files(made)
    inputs = [path for one in made.values() for path in (one.loaded.path, *one.inputs)]
    loaded = [one.loaded for one in made.values()]
    how = publish(files, folder, overwrite=overwrite, into=into, inputs=inputs)
    notes = tuple(_named(note, one.loaded) for one in made.values() for note in one.notes)
    built = Built.of(folder, how, files, notes)
    if on_false_claim is None and all(is_local(one.loaded) for one in made.values()):
        remember(cache, configs, built, looked_at(loaded), began, into=into, engine=engine)
    return built


def make_all(loaded: Mapping[str, LoadedConfig], *, cache: Cache = NO_CACHE) -> dict[str, BuiltReport]:
    """Make every report of a site, in memory, by name. Raises DataError with the errors of all reports."""
    places = _places(loaded)
    with Drawer() as drawer:
        return _all(
            loaded,
            lambda name, one: make(one, drawer, place=places[name], cache=cache),
        )


ALONE = ""
"""The name of a report whose site has no other report."""


def remake(loaded: Mapping[str, LoadedConfig]) -> Files:
    """Make every file of a site except its manifest, in memory.

    `loaded` has one report as ALONE, or several by name.
    """
    if ALONE in loaded:
        with Drawer() as drawer:
            return make(loaded[ALONE], drawer).files
    return {path: content for path, content in site_files(make_all(loaded)).items() if path != NAME}


def check_site(
    configs: Sequence[Path],
    *,
    engine: str | None = None,
    on_false_claim: str | None = None,
) -> dict[Path, CheckedConfig]:
    """Check several configs, their data and the author's text, as `check` does for one. Results are in config order."""
    loaded = _load_all(configs, engine, on_false_claim)
    found = _all(loaded, lambda _, one: check_loaded(one))
    return {
        loaded[name].path: replace(checked, notes=tuple(_named(note, loaded[name]) for note in checked.notes))
        for name, checked in found.items()
    }


def report_name(config: Path) -> str:
    """Return the name of a report in a site: the name of its file, or of its folder if the file is called config.

    >>> report_name(Path("reports/hub.yaml")), report_name(Path("examples/survey/config.yaml"))
    ('hub', 'survey')
    """
    return config.stem if config.stem != _USUAL else Path(os.path.abspath(config)).parent.name  # noqa: PTH100 - a link keeps its name


def _load_all(configs: Sequence[Path], engine: str | None, on_false_claim: str | None) -> dict[str, LoadedConfig]:
    """Return every config by its report's name. Raises ConfigError with the errors of all configs."""
    named = [(report_name(config), config) for config in configs]
    return load_named(named, engine, _name_problems(configs), on_false_claim=on_false_claim)


def load_named(
    configs: Iterable[tuple[str, Path]],
    engine: str | None = None,
    known: Iterable[Problem] = (),
    *,
    on_false_claim: str | None = None,
) -> dict[str, LoadedConfig]:
    """Return configs by the given names. Raises ConfigError with the errors of all configs and the problems `known`."""
    problems = list(known)
    loaded = {}
    for name, config in configs:
        try:
            loaded[name] = load_config(config, engine=engine, on_false_claim=on_false_claim)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(list(dict.fromkeys(problems)))
    return loaded


def _name_problems(configs: Sequence[Path]) -> list[Problem]:
    problems = []
    taken: dict[str, Path] = {}
    for config in configs:
        name = report_name(config)
        earlier = taken.setdefault(unicodedata.normalize("NFC", name).casefold(), config)
        if earlier is not config:
            message = f'its report would be called "{name}", as that of {earlier}; rename one of the two'
        elif name in _KEPT:
            message = f'its report would be called "{name}", which the site keeps for itself; rename it'
        elif not _can_be_held(name):
            message = f'its report would be called "{name}", which is not a folder name on every system; rename it'
        else:
            continue
        problems.append(Problem(str(config), 0, 0, "", message))
    return problems


def _can_be_held(name: str) -> bool:
    try:
        check_paths([f"{name}/{INDEX}"])
    except ValueError:
        return False
    return True


def _all(loaded: Mapping[str, LoadedConfig], do: Callable[[str, LoadedConfig], _Done]) -> dict[str, _Done]:
    """Apply a function to each config, then raise DataError with the errors of all, if there are any."""
    done: dict[str, _Done] = {}
    errors: list[tuple[LoadedConfig, DiptychError]] = []
    for name, one in loaded.items():
        try:
            done[name] = do(name, one)
        except DiptychError as error:
            errors.append((one, error))
    if errors:
        raised = DataError(
            *(_with_config(said, one) for one, error in errors for said in error.messages), slug="reports"
        )
        if all(isinstance(error, ClaimError) for _, error in errors):
            raised.exit_status = ClaimError.exit_status
        raise raised
    return done


def _with_config(message: str, loaded: LoadedConfig) -> str:
    return message if message.startswith(f"{loaded.path}:") else f"{loaded.path}: {message}"


def _named(note: Note, loaded: LoadedConfig) -> Note:
    return replace(note, message=_with_config(note.message, loaded))


def _places(loaded: Mapping[str, LoadedConfig]) -> dict[str, SitePlace]:
    titles = {name: one.config.report.title for name, one in loaded.items() if page_of(one.config.outputs) == INDEX}
    neighbours = neighbours_of(titles)
    return {name: SitePlace(name, neighbours.get(name)) for name in loaded}


def site_files(made: Mapping[str, BuiltReport]) -> Files:
    """Return every file of the site, including its manifest."""
    files: Files = {}
    for name, one in made.items():
        files |= {f"{name}/{path}": content for path, content in one.files.items()}
    listed = [
        ListedReport(
            name, one.document, formats_of(one.loaded.config.outputs), page_of(one.loaded.config.outputs) == INDEX
        )
        for name, one in made.items()
    ]
    files |= render_site(listed)
    versions = current_versions(packages_of(one.loaded for one in made.values()))
    reports = {name: made_from_config(one.loaded, one.inputs) for name, one in made.items()}
    return files | {NAME: build_site_manifest(reports, versions, files)}
