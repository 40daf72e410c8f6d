"""Build and check a report: each stage is called once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .. import __version__
from ..cache import NO_CACHE, Cache
from ..cells import Panel
from ..config.loading import LoadedConfig, load_config
from ..document.compose import compose, heading
from ..document.material import Results
from ..document.model import Block, Document, Download, Figure, TableBlock
from ..document.part import Part
from ..document.passages import with_passages
from ..errors import Note
from ..figures.drawing import Drawer
from ..ledger.coverage import Coverage
from ..manifest import NAME, MadeFrom, build_manifest, current_versions, fingerprint, hash_inputs
from ..progress import stage
from ..publish import check_folder, publish, recover
from ..renderers import HtmlSettings, OutputSettings
from ..renderers.data import entries_of
from ..renderers.pdf import Attachment
from ..renderers.registry import SitePlace, render
from ..reuse import Built, Files, now_ns, remember
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
from .parts import Telling, attachments, build_panels, data_files, downloads, wording_notes, write_parts
from .passages import AuthoredText, write_passages
from .pictures import draw_figures, warm_up
from .plates import Plates, check_pdf_fonts, lettered
from .provenance import report_settings
from .results import work_out


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
    telling = Telling(loaded.config, counted)
    with stage("authored text"):
        text = write_passages(loaded, counted, panels, telling)
    with stage("figures: specifications"):
        drawings = draw_figures(loaded, panels, drawer, listed=place is not None)
        plates.start([sheet for one in drawings for sheet in one.sheets])
        drawer.rest()
    with stage("statements and words"):
        found = work_out(loaded.config, counted, panels)
        parts = write_parts(loaded, counted, panels, found, telling)
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
    text = write_passages(loaded, counted, panels, Telling(loaded.config, counted))
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
