"""Build and check: each stage named once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from report import __version__
from report.cells import Panel
from report.config.loading import LoadedConfig, load_config
from report.coverage import Coverage
from report.document import Block, Document, Download, Figure, TableBlock
from report.document.authored import with_authored
from report.document.claims_table import with_claims
from report.document.compose import Frame, Written, compose
from report.document.evidence import evidence_of
from report.document.evidence_notes import pruned
from report.document.material import InputFile, Provenance
from report.document.results import Results
from report.errors import Note
from report.figures.drawing import Drawer
from report.figures.files import figure_files
from report.figures.heatmap import heatmap_spec
from report.figures.scales import colour_scale
from report.figures.settings import FigureSettings
from report.figures.typesetting import Plate
from report.manifest import NAME, MadeFrom, build_manifest, current_versions, hash_inputs
from report.pipeline.counting import Counted, count_all
from report.pipeline.inputs import fallback_fonts, input_files
from report.pipeline.live import Worked, with_live
from report.pipeline.parts import build_panels, write_parts
from report.pipeline.results import with_findings, work_out
from report.pipeline.text import Texts, read_texts
from report.publish import PublishedHow, publish, recover
from report.renderers.claims_data import claims_file
from report.renderers.data import coverage_files, findings_file, label_files, panel_files
from report.renderers.pdf import Attachment
from report.renderers.pdf_fonts import PdfFonts
from report.renderers.registry import Place, render
from report.renderers.results_data import result_files
from report.renderers.settings import FiguresSettings
from report.taxonomy.items import LabelCount

Files = dict[str, bytes]

DOWNLOADS = {
    "data/counts.csv": "Joint and expected counts",
    "data/coverage.csv": "Coverage",
    "data/structure.csv": "Structure of each panel",
    "data/pairs.csv": "Which way units cross between categories",
    "data/mirrors.csv": "Each cell and the one that reverses it",
    "data/tests.csv": "Tests of symmetry",
    "data/order.csv": "Order of the categories and blocks",
    "data/contrasts.csv": "Contrasts between cells, rows and panels",
    "data/ranks.csv": "How often each cell is the highest of its row",
    "data/contributors.csv": "What carries most of each cell",
    "data/sizes.csv": "Ratios of sizes that the matrices imply",
    "data/categories.csv": "Sizes of categories",
    "data/unresolved.csv": "Names in links that no item has",
    "data/taxonomy.csv": "Labels and their categories",
    "data/unmatched.csv": "Labels without a category",
    "data/findings.json": "Findings",
    "data/claims.json": "Claims of the authored text",
}


@dataclass(frozen=True)
class Built:
    """What a build did: where, how it was published, how large, and what a person should know."""

    folder: Path
    how: PublishedHow
    n_files: int
    n_bytes: int
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Made:
    """A report that is made and not yet written. `files` lack the manifest; `notes` are what a person should know."""

    loaded: LoadedConfig
    inputs: tuple[Path, ...]
    document: Document
    files: Files
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Checked:
    """What a check found: notes, and coverage of each relation."""

    notes: tuple[Note, ...]
    coverages: tuple[Coverage, ...]


def build(
    config: Path, folder: Path, *, overwrite: bool = False, engine: str | None = None, junit: Path | None = None
) -> Built:
    """Build the report of a config into a folder, whole or not at all.

    `overwrite`: replace files that no build has written; `engine`: count with this one, whatever the config says;
    `junit`: write there what became of the claims of authored text.
    Raises a DiptychError for anything a person can put right; the folder then is as it was.
    """
    recover(folder)
    loaded = load_config(config, engine=engine)
    with Drawer() as drawer:
        made = make(loaded, drawer, junit=junit)
    files = made.files | {NAME: _manifest(loaded, made.inputs, made.files)}
    how = publish(files, folder, overwrite=overwrite, inputs=[config, *made.inputs])
    return Built(folder, how, len(files), sum(map(len, files.values())), made.notes)


def make(loaded: LoadedConfig, drawer: Drawer, *, junit: Path | None = None, place: Place | None = None) -> Made:
    """Make the report of a config, in memory. `place` is None for a report alone; for the rest see `build`."""
    inputs = input_files(loaded)
    counted = count_all(loaded)
    panels = build_panels(loaded.config, counted)
    texts = read_texts(loaded, counted, panels, junit)
    drawings = _draw(loaded.config.figures, panels, drawer)
    found = work_out(loaded.config, counted, panels)
    written = write_parts(loaded, counted, panels, found)
    results = with_findings(found, written)
    files = _data_files(counted, panels, written, results) if loaded.config.outputs.data else {}
    files |= claims_file(texts.judged) if loaded.config.outputs.data and loaded.config.text else {}
    document = _document(loaded, counted, written, files, _figures(loaded, panels, drawings), inputs)
    if place is not None:  # the manifest is the site's, above the report
        document = _with_sources(document, lambda path: f"../{NAME}" if path == NAME else path)
    document = pruned(with_authored(document, texts.passages, lambda section: _title(written, section)))
    document = with_claims(document, texts.judged, written[0].writer)
    document = with_live(replace(document, results=results), Worked(loaded.config, counted, panels, written, found))
    files |= _figure_files(loaded, document, written)
    fonts = PdfFonts(fallback=fallback_fonts(loaded))
    files |= render(document, loaded.config.outputs, _attachments(loaded, files), fonts, place)
    return Made(loaded, inputs, document, files, _notes(counted, texts))


def check(config: Path, *, engine: str | None = None, junit: Path | None = None) -> Checked:
    """Check a config, its data and authored text without rendering. Raises a DiptychError for what is wrong."""
    return check_loaded(load_config(config, engine=engine), junit=junit)


def check_loaded(loaded: LoadedConfig, *, junit: Path | None = None) -> Checked:
    """Check the data and authored text of a config. Raises a DiptychError for what is wrong."""
    counted = count_all(loaded)
    texts = read_texts(loaded, counted, build_panels(loaded.config, counted), junit)
    return Checked(_notes(counted, texts), tuple(numbers.coverage for numbers in counted.relations.values()))


def _title(written: tuple[Written, ...], section: str) -> str:
    """Return the heading of a section that only authored text has; with several figures its figure's before it."""
    figure, _, name = section.rpartition(".")
    of = next((w for w in written if w.part.figure == figure), written[0])
    heading = of.writer.words("headings", name)
    return f"{of.part.figure_title}: {heading}" if figure else heading


def _notes(counted: Counted, texts: Texts) -> tuple[Note, ...]:
    of_entities = [note for notes in counted.notes.values() for note in notes]
    of_relations = [note for numbers in counted.relations.values() for note in numbers.notes]
    return tuple(dict.fromkeys((*of_entities, *of_relations, *texts.judged.notes)))


@dataclass(frozen=True)
class _Drawing:
    settings: FigureSettings
    spec: dict[str, object]
    svg: Future[str]


def _draw(figures: tuple[FigureSettings, ...], panels: Mapping[str, Panel], drawer: Drawer) -> tuple[_Drawing, ...]:
    """Start drawing every figure; the prose is written meanwhile."""
    drawings = []
    for settings in figures:
        spec = heatmap_spec(settings, _panels(settings, panels))
        drawings.append(_Drawing(settings, spec, drawer.draw(spec, settings.id)))
    return tuple(drawings)


def _figures(loaded: LoadedConfig, panels: Mapping[str, Panel], drawings: tuple[_Drawing, ...]) -> tuple[Figure, ...]:
    return tuple(
        Figure(
            id=drawing.settings.id,
            title=drawing.settings.title or loaded.config.report.title,
            spec=json.dumps(drawing.spec, ensure_ascii=False, sort_keys=True),
            svg=drawing.svg.result(),
            panels=_panels(drawing.settings, panels),
            scheme=colour_scale(drawing.settings, _panels(drawing.settings, panels)).scheme,
        )
        for drawing in drawings
    )


def _panels(settings: FigureSettings, panels: Mapping[str, Panel]) -> tuple[Panel, ...]:
    return tuple(panels[name] for name in settings.panels)


def _data_files(
    counted: Counted, panels: Mapping[str, Panel], written: tuple[Written, ...], results: Sequence[Results]
) -> Files:
    labels = [label for entity in counted.labels.values() for label in entity]
    labels += [label for numbers in counted.relations.values() for label in numbers.labels]
    findings = [(w.part.figure, f, evidence_of(w.part, f, w.writer)) for w in written for f in w.part.findings]
    files = panel_files(panels.values()) | findings_file(findings) | result_files(results)
    coverages = [numbers.coverage for numbers in counted.relations.values()]
    return files | coverage_files(coverages) | label_files(_distinct(labels)) if coverages else files


def _distinct(labels: list[LabelCount]) -> list[LabelCount]:
    return list(dict.fromkeys(labels))


def _document(
    loaded: LoadedConfig,
    counted: Counted,
    written: tuple[Written, ...],
    files: Files,
    figures: tuple[Figure, ...],
    inputs: tuple[Path, ...],
) -> Document:
    config = loaded.config
    date = counted.date if config.report.date == "data" else config.report.date
    hashed = hash_inputs([loaded.path, *inputs], loaded.folder)
    went_in = tuple(InputFile(entry.path, entry.size, entry.sha256) for entry in hashed)
    frame = Frame(
        settings=config.report,
        date=date if isinstance(date, dt.date) else None,
        url=config.url,
        provenance=Provenance(went_in, __version__, date if isinstance(date, dt.date) else None),
        figures=figures,
        downloads=tuple(_downloads(figures, files)),
    )
    made = {*files, NAME}
    return _with_sources(compose(written, frame), lambda path: path if path in made else None)


def _with_sources(document: Document, place: Callable[[str], str | None]) -> Document:
    """Return the document with tables that name the place of their file; None where this build does not make it."""

    def checked(block: Block) -> Block:
        if isinstance(block, TableBlock) and block.source is not None:
            return replace(block, source=place(block.source))
        return block

    sections = (replace(section, blocks=tuple(map(checked, section.blocks))) for section in document.sections)
    return replace(document, sections=tuple(sections))


def _downloads(figures: tuple[Figure, ...], files: Files) -> Iterator[Download]:
    titles = {f"data/{p.id}.csv": f"{p.given_title} by {p.outcome_title}" for f in figures for p in f.panels}
    for path, content in files.items():
        yield Download(path, titles.get(path) or DOWNLOADS[path], content)


def _figure_files(loaded: LoadedConfig, document: Document, written: tuple[Written, ...]) -> Files:
    outputs = loaded.config.outputs
    settings = outputs.figures or FiguresSettings()
    if outputs.figures is None and not (outputs.markdown or outputs.latex):  # both show the figures by their files
        return {}
    files: Files = {}
    alts = {w.part.figure: w.alt for w in written}
    for figure in document.figures:
        plate = Plate(
            svg=figure.svg,
            title=figure.title,
            alt=alts[figure.id],
            width=settings.width,
            date=document.date,
            language=document.language,
            fallback_fonts=fallback_fonts(loaded),
        )
        files |= figure_files(figure.id, json.loads(figure.spec), plate, dpi=settings.dpi)
    return files


def _attachments(loaded: LoadedConfig, files: Files) -> list[Attachment]:
    found = [
        Attachment(path, DOWNLOADS.get(path, "Panel"), content, _mime(path))
        for path, content in sorted(files.items())
        if path.startswith("data/")
    ]
    source = Attachment(loaded.path.name, "Config", loaded.text.encode(), "application/yaml", "source")
    return [*found, source]


def _mime(path: str) -> str:
    return "application/json" if path.endswith(".json") else "text/csv"


def _manifest(loaded: LoadedConfig, inputs: tuple[Path, ...], files: Files) -> bytes:
    made_from = made_from_config(loaded, inputs)
    return build_manifest(made_from.config, made_from.inputs, made_from.settings, current_versions(), files)


def made_from_config(loaded: LoadedConfig, inputs: tuple[Path, ...]) -> MadeFrom:
    """Return what a manifest says of a report's config and inputs."""
    return MadeFrom(
        config=hash_inputs([loaded.path], loaded.folder)[0],
        inputs=hash_inputs(inputs, loaded.folder),
        settings=loaded.config.model_dump(mode="json", exclude={"engine": {"memory", "threads", "temporary"}}),
    )
