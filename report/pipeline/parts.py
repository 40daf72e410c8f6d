"""From counts to panels, findings and their words, and to the data files of a report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from ..cells import Kind, Panel, Unit, folded
from ..config.loading import Config, LoadedConfig
from ..document import material
from ..document.compose import WrittenPart
from ..document.context import NOTES_FILE, NOTES_SHOWN
from ..document.material import RelationWording, Results
from ..document.methods import method_data
from ..document.model import LANGUAGE, Download
from ..document.writer import Writer, position
from ..errors import Note
from ..figures.heatmap import alt_text
from ..figures.scales import colour_scale
from ..findings.finders import find_all, find_bare
from ..findings.finding import Finding, RelationCounts, Study
from ..incidence import Incidence
from ..inference import InferenceSettings
from ..inference.whole_groups import of_groups
from ..matrices import PanelSettings
from ..panels import build_bare_panel, build_panel, reversed_of
from ..relations import RelationSettings
from ..renderers import DATA_FILES
from ..renderers.data import coverage_files, findings_file, label_files, notes_file, panel_files, result_files
from ..renderers.pdf import Attachment
from ..reuse import Files
from ..taxonomy import kind_of
from ..taxonomy.orders import is_leftover
from ..theme import template_folder
from .counting import CountedSources, entities_of


def data_files(
    counted: CountedSources, panels: Mapping[str, Panel], written: tuple[WrittenPart, ...], results: Sequence[Results]
) -> Files:
    """Return the tables of numbers, findings and labels, by their paths."""
    labels = [label for entity in counted.labels.values() for label in entity]
    labels += [label for numbers in counted.relations.values() for label in numbers.labels]
    findings = [(w.part.figure, f) for w in written for f in w.part.findings]
    methods = {w.part.figure: method_data(w.part, w.writer) for w in written}
    files = panel_files(panels.values()) | findings_file(findings, methods) | result_files(results)
    coverages = [numbers.coverage for numbers in counted.relations.values()]
    notes = [w.part.counted.notes for w in written if w.part.counted is not None]
    if any(len(of) > NOTES_SHOWN for of in notes):
        files |= {NOTES_FILE: notes_file(list(dict.fromkeys(note for of in notes for note in of)))}
    if not coverages or all(coverage.is_withheld for coverage in coverages):
        return files
    return files | coverage_files(coverages) | label_files(list(dict.fromkeys(labels)))


def downloads(panels: Iterable[Panel], files: Files, labels: Mapping[str, str]) -> Iterator[Download]:
    """Yield the downloads of the page, each file with its label, including panels that no figure shows.

    `labels` are the labels of files that packs and other packages add, by path.
    """
    titles = {f"data/{panel.id}.csv": f"{panel.given_title} by {panel.outcome_title}" for panel in panels}
    for path, content in files.items():
        yield Download(path, titles.get(path) or labels.get(path) or DATA_FILES[path], content)


def attachments(loaded: LoadedConfig, data: Files, labels: Mapping[str, str]) -> list[Attachment]:
    """Return the attachments of the PDF, even if the site omits these files. `labels` as in `downloads`."""
    sorts = {True: "application/json", False: "text/csv"}
    found = [
        Attachment(path, labels.get(path) or DATA_FILES.get(path, "Panel"), content, sorts[path.endswith(".json")])
        for path, content in sorted(data.items())
    ]
    return [*found, Attachment(loaded.path.name, "Config", loaded.published.encode(), "application/yaml", "source")]


LINKED = "linked to"


def build_panels(config: Config, counted: CountedSources) -> dict[str, Panel]:
    """Return every panel by its id."""
    panels: dict[str, Panel] = {}
    for settings in config.panels:
        mirror = reversed_of(settings, config.panels)
        if settings.id in counted.matrices:
            kinds = _declared_kind(config, settings.given), _declared_kind(config, settings.outcome)
            panels[settings.id] = build_bare_panel(settings, counted.matrices[settings.id], kinds, mirror)
        else:
            tables = counted.relations[settings.relation].tables
            panels[settings.id] = build_panel(settings, tables, config.inference, mirror)
    return {settings.id: worded(config, counted, settings, panels[settings.id]) for settings in config.panels}


def worded(config: Config, counted: CountedSources, settings: PanelSettings, panel: Panel) -> Panel:
    """Return a panel with title and reading, from the config or in words of its relation."""
    numbers = counted.relations.get(settings.relation)
    incidence = None if numbers is None else numbers.tables.incidence
    wording = wording_of(config.relation(settings.relation), (panel,), incidence)
    writer = Writer(template_folder(), LANGUAGE, {"w": wording, "place": str})
    outcome = wording.outcome_side(panel)
    sides = {"given": "rows" if outcome == "columns" else "columns", "outcome": outcome}
    of_share = panel.measure.name == "conditional" and panel.unit.role != "none"
    reading = writer.words("panel", "reading" if of_share else "measure", measure=panel.measure, **sides)
    title = settings.title or writer.words("panel", "title", **sides)
    return replace(panel, title=title, reading=reading)


def _declared_kind(config: Config, name: str) -> Kind:
    entity = config.entity(name)
    return kind_of(name, entity.label, entity.plural)


def write_parts(
    loaded: LoadedConfig,
    counted: CountedSources,
    panels: Mapping[str, Panel],
    results: Mapping[str, Results],
) -> tuple[WrittenPart, ...]:
    """Return the parts of each figure, one for each relation in it, with their writers."""
    config, written = loaded.config, list[WrittenPart]()
    for figure in config.figures:
        shown = tuple(replace(panels[name], lettered=figure.is_lettered) for name in figure.panels)
        for relation in dict.fromkeys(panel.relation for panel in shown):
            own = tuple(panel for panel in shown if panel.relation == relation)
            settings = config.relation(relation)
            numbers = counted.relations.get(relation)
            part = material.RelationReport(
                figure=figure.id,
                figure_title=figure.title or figure.id.replace("_", " ").capitalize(),
                panels=own,
                in_figure=shown,
                findings=_findings(config, own, numbers, counted),
                wording=wording_of(settings, own, None if numbers is None else numbers.tables.incidence),
                counted=None if numbers is None else _counted(counted, settings, numbers, config.inference),
                results=results.get(relation),
                inference=config.inference,
                scale=colour_scale(figure, shown),
                folds=figure.folds,
            )
            if figure.marks is not None and numbers is not None:
                part = _with_differences(part, config, numbers)
            known = {"w": part.wording, "place": partial(position, shown)}
            writer = Writer(template_folder(), LANGUAGE, known)
            written.append(WrittenPart(part, writer, alt_text(tuple(map(folded, shown)) if part.folds else shown)))
    return tuple(written)


def _with_differences(
    part: material.RelationReport, config: Config, numbers: RelationCounts
) -> material.RelationReport:
    """Return a part with the differences and unweighted bases of its panels, whose cells are marked."""
    units, incidence = numbers.tables.units, numbers.tables.incidence
    sizes = {
        incidence.rows.kind: dict(zip(incidence.rows.categories, units.given.tolist(), strict=True)),
        incidence.columns.kind: dict(zip(incidence.columns.categories, units.outcome.tolist(), strict=True)),
    }
    made = {}
    for panel in part.panels:
        settings = config.panel(panel.id).model_copy(update={"measure": "difference", "reading": None})
        made[panel.id] = build_panel(settings, numbers.tables, config.inference, panel.mirror)
    return replace(part, differences=made, bases={panel.id: sizes[panel.given] for panel in part.panels})


def _findings(
    config: Config,
    panels: tuple[Panel, ...],
    numbers: RelationCounts | None,
    counted: CountedSources,
) -> tuple[Finding, ...]:
    if numbers is None:
        return find_bare(panels)
    return find_all(study_of(config, panels, numbers, counted))


def study_of(config: Config, panels: tuple[Panel, ...], numbers: RelationCounts, counted: CountedSources) -> Study:
    """Return the study of a relation with counts, with some of its panels."""
    settings = config.relation(numbers.name)
    form = settings.form
    if form == "matrix":
        raise AssertionError("a matrix has no counts")
    return Study(
        numbers=numbers,
        form="shared" if numbers.tables.incidence.trivial_diagonal else form,
        panels=panels,
        contained=frozenset(note.subject for note in _notes(counted, settings, numbers) if note.slug == "contained"),
        inference=config.inference,
        leftover=_leftover(config, numbers),
    )


def _leftover(config: Config, numbers: RelationCounts) -> frozenset[str]:
    """Return the residual categories, as declared in the config or recognised by name."""
    sides = (numbers.tables.incidence.rows, numbers.tables.incidence.columns)
    declared = {taxonomy.unmatched for taxonomy in config.taxonomies.values()}
    records = config.relation(numbers.name).records
    declared |= set() if records is None else {side.blank for side in (records.rows, records.columns) if side.blank}
    names = (name for side in sides for name in side.categories)
    return frozenset(name for name in names if name in declared or is_leftover(name))


def wording_of(settings: RelationSettings, panels: tuple[Panel, ...], incidence: Incidence | None) -> RelationWording:
    """Return the words for sentences about a relation. `incidence` is None if nothing was counted."""
    panel = panels[0]
    dispersion = None if incidence is None else incidence.dispersion
    options, no_option = _option_sides(settings, incidence)
    return RelationWording(
        form=settings.form,
        unit=Unit("none", "value", "values") if incidence is None else incidence.unit,
        rows=panel.given if incidence is None else incidence.rows.kind,
        columns=panel.outcome if incidence is None else incidence.columns.kind,
        label=settings.label or LINKED,
        label_reversed=settings.label_reversed or LINKED,
        group_names=() if incidence is None else incidence.group_names,
        groups_tied=settings.group_separator is not None,
        stratum_names=() if incidence is None else incidence.stratum_names,
        population=settings.population or "either",
        weighted=incidence is not None and incidence.weighted,
        dispersion=None if dispersion is None else dispersion.factor,
        n_groups=None if incidence is None else incidence.n_groups,
        n_strata=0 if incidence is None else len(incidence.strata),
        level=panel.level,
        several_strata=settings.stratification.plural or "",
        chosen_among=None if settings.records is None else settings.records.chosen_among,
        options=options,
        no_option=no_option,
        multiple=_multiple_sides(settings, incidence),
        complete=settings.complete,
    )


def _option_sides(settings: RelationSettings, incidence: Incidence | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the sides with options on which every unit has a category, and those which alone lack one in some."""
    ticked = () if settings.records is None else settings.records.ticked_sides
    if incidence is None or not ticked:
        return ticked, ()
    there = incidence.weight > 0
    lacks = {
        "rows": ~incidence.row_sets.any(axis=1) & there,
        "columns": ~incidence.column_sets.any(axis=1) & there,
    }
    any_lacks = lacks["rows"] | lacks["columns"]
    return (
        tuple(side for side in ticked if not lacks[side].any()),
        tuple(side for side in ticked if any_lacks.any() and (lacks[side] == any_lacks).all()),
    )


def _multiple_sides(settings: RelationSettings, incidence: Incidence | None) -> tuple[str, ...]:
    """Return the sides on which units have, or can have, several categories."""
    options = () if settings.records is None else settings.records.ticked_sides
    if incidence is None:
        return options
    there = incidence.weight > 0
    sets = {"rows": incidence.row_sets, "columns": incidence.column_sets}
    return tuple(side for side, own in sets.items() if side in options or (own[there].sum(axis=1) > 1).any())


def _counted(
    counted: CountedSources, settings: RelationSettings, numbers: RelationCounts, inference: InferenceSettings
) -> material.PartCounts:
    incidence = numbers.tables.incidence
    labels = [label for name in dict.fromkeys(entities_of(settings)) for label in counted.labels.get(name, ())]
    return material.PartCounts(
        coverage=numbers.coverage,
        contributors=numbers.contributors,
        labels=(*labels, *numbers.labels),
        notes=_notes(counted, settings, numbers),
        weighted=incidence.weighted,
        n_strata=len(incidence.strata),
        tally=numbers.tally,
        of_one_kind=of_groups(incidence, numbers.tables.moments.n_groups) is not None,
        tests=numbers.tables.family_sizes(inference),
    )


def _notes(counted: CountedSources, settings: RelationSettings, numbers: RelationCounts) -> tuple[Note, ...]:
    """Return the notes on the data of a relation, once each."""
    notes = [note for name in entities_of(settings) for note in counted.notes.get(name, ())]
    return tuple(dict.fromkeys((*notes, *numbers.notes)))
