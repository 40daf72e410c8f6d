"""From counts to results, panels, statements, their words and data files, also for commands that query a report."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from .. import __version__, document, formats
from ..arrays import Bools, Floats
from ..cells import Kind, Panel, Unit
from ..config.loading import Config, LoadedConfig, load_config
from ..document import Document, Download, Results, with_passages
from ..document.compose import NOTES_FILE, NOTES_SHOWN, Part, compose
from ..errors import ClaimError, Note, TextError, gathered
from ..figures import panel_letters
from ..ledger import Ledger
from ..ledger.export import ledger_of
from ..ledger.incidence import Incidence, Side
from ..publish.reuse import Files
from ..relations import RelationSettings
from ..relations.meet import meet
from ..relations.meeting import DeclaredRelation
from ..renderers import DATA_FILES
from ..renderers.data import coverage_files, label_files, notes_file, panel_files, result_files, statements_file
from ..renderers.pdf import Attachment
from ..sources.engines import open_engine
from ..statements import Table, table_of
from ..statements.matrices import ToldMatrices, tell_matrices
from ..statements.measures import only_stratum
from ..statements.select import Input, Told, tell
from ..stats import InferenceSettings
from ..stats.matrices import Counts, Grouping, PanelSettings, adjusted_residual, seriate, totals
from ..stats.measures import MEASURES
from ..stats.panels import (
    RelationCounts,
    RelationStats,
    build_bare_panel,
    build_panel,
    expected_of,
    of_effective_units,
    reversed_of,
)
from ..taxonomy import kind_of
from ..taxonomy.orders import is_leftover
from ..words import Names
from ..words.report import Said, Shown, Words, matrix_words, words_of
from ..words.sentences import said
from .counting import CountedSources, compiled, count_all, entities_of, read_entities, report_date
from .passages import write_passages


def work_out(config: Config, counted: CountedSources, panels: Mapping[str, Panel]) -> dict[str, document.Results]:
    """Return the results of every relation that a panel shows, in the order of the panels."""
    found: dict[str, document.Results] = {}
    for name in dict.fromkeys(panel.relation for panel in panels.values()):
        numbers = counted.relations.get(name)
        found[name] = document.BareResults(name) if numbers is None else _counted(numbers, config.inference)
    return found


def _counted(numbers: RelationCounts, settings: InferenceSettings) -> document.RelationResults:
    tables = numbers.tables
    incidence = tables.incidence
    scaled = of_effective_units(tables)
    seriation = seriate(scaled, incidence.worth_of_one * expected_of(tables), settings.minimum_units)
    return document.RelationResults(
        relation=numbers.name,
        unit=incidence.unit,
        counts=_count_tables(tables, scaled, settings.level),
        strata=tuple(_strata_counts(tables)),
        sampling=_sampling(tables, settings),
        coverage=numbers.coverage,
        contributors=numbers.contributors,
        axes=(_axis(incidence.rows, seriation[0]), _axis(incidence.columns, seriation[1])),
    )


def _axis(side: Side, grouping: Grouping) -> document.AxisOrder:
    return document.AxisOrder(side.name, side.kind, grouping, ordered=side.ordered is not None)


def _sampling(tables: RelationStats, settings: InferenceSettings) -> document.Sampling:
    incidence = tables.incidence
    return document.Sampling(
        n_units=incidence.n_units,
        effective_units=incidence.effective_units if incidence.weighted else None,
        n_groups=incidence.n_groups,
        group_names=incidence.group_names,
        stratum_names=incidence.stratum_names,
        level=settings.level,
    )


def _count_tables(tables: RelationStats, scaled: Counts, level: float) -> document.CountTables:
    """Return the counts of a relation. `scaled` are the counts for the residuals."""
    counts, found = tables.counts, tables.within.lift_ends(1 - level) if tables.stratified else None
    sized = scaled.joint, scaled.given[:, None], scaled.outcome[None, :], np.array(scaled.n_units)
    within = counts.expected_within

    none = np.zeros(counts.joint.shape, dtype=np.bool_)
    is_all = (counts.joint == counts.given[:, None]) | (counts.joint == counts.outcome[None, :])
    hidden = none if tables.withheld is None else tables.withheld & (is_all | (counts.joint == 0))

    def shown(numbers: Floats) -> document.Matrix:
        return _matrix(np.where(hidden, np.nan, numbers))

    return document.CountTables(
        rows=counts.given_side.categories,
        columns=counts.outcome_side.categories,
        n_units=counts.n_units,
        row_totals=_totals(counts.given, hidden, axis=1),
        column_totals=_totals(counts.outcome, hidden, axis=0),
        joint=shown(counts.joint),
        expected=shown(counts.expected),
        expected_within_strata=None if within is None else shown(within),
        standardized_residual=shown(adjusted_residual(*sized)),
        lift_within_low=None if found is None else shown(found.low),
        lift_within_high=None if found is None else shown(found.high),
        most_within_strata=None if found is None else shown(tables.within.most),
    )


def _totals(totals: Floats, hidden: Bools, *, axis: int) -> tuple[float | None, ...]:
    """Return totals along an axis of `hidden` (R, C), or None for a category without remaining units."""
    lines = hidden if axis == 1 else hidden.T
    gone = (len(line) and line.all() and not n for n, line in zip(totals, lines, strict=True))
    return tuple(None if is_gone else float(n) for n, is_gone in zip(totals, gone, strict=True))


_MOST_STRATA, _MOST_DRAWN = 12, 16
"""The most strata in small charts, and the most categories on a side for them."""


def _strata_counts(tables: RelationStats) -> Iterator[document.StratumCounts]:
    """Yield the counts of the largest strata."""
    incidence = tables.incidence
    if not tables.stratified or max(tables.counts.joint.shape) > _MOST_DRAWN:
        return
    sizes = np.bincount(incidence.stratum, incidence.weight, len(incidence.strata))
    for place in np.argsort(-sizes, kind="stable")[:_MOST_STRATA]:
        if sizes[place]:
            joint = totals(incidence, np.where(incidence.stratum == place, incidence.weight, 0.0))[0]
            if incidence.reduced is not None:
                joint = np.where(incidence.reduced & (joint == 0), np.nan, joint)
            yield document.StratumCounts(incidence.strata[place], float(sizes[place]), _matrix(joint))


def _matrix(numbers: Floats) -> document.Matrix:
    return tuple(tuple(float(n) if math.isfinite(n) else None for n in row) for row in numbers)


def data_files(
    counted: CountedSources, panels: Mapping[str, Panel], parts: Sequence[Part], results: Sequence[Results]
) -> Files:
    """Return the tables of numbers, statements and labels, by their paths."""
    labels = [label for entity in counted.labels.values() for label in entity]
    labels += [label for numbers in counted.relations.values() for label in numbers.labels]
    files = panel_files(panels.values()) | statements_file(parts) | result_files(results)
    coverages = [numbers.coverage for numbers in counted.relations.values()]
    if any(len(part.notes) > NOTES_SHOWN for part in parts):
        files |= {NOTES_FILE: notes_file(list(dict.fromkeys(note for part in parts for note in part.notes)))}
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
    names = names_of(config, (panel,), None if numbers is None else numbers.tables.incidence)
    given, outcome = sides_of(names, panel)
    sides = {"given": names.side(given), "outcome": names.side(outcome), "w": names}
    is_share = panel.measure.name == "conditional" and panel.unit.role != "none"
    reading = said("tables", "panel_reading" if is_share else "panel_measure", measure=panel.measure, **sides)
    title = said("tables", "panel_title", measure=panel.measure, **sides)
    return replace(
        panel,
        title=title,
        reading=reading,
        says=_says(panel, is_share=is_share, **sides),
        several=said("tables", "panel_several", **sides) if panel.has_excess else "",
        one_stratum=_of_one_stratum(config, numbers, panel),
        group_nouns=(names.groups, names.strata),
    )


def _of_one_stratum(config: Config, numbers: RelationCounts | None, panel: Panel) -> tuple[str, ...]:
    """Return the categories that no statement is about, because their units come from one of several strata."""
    if numbers is None or not panel.same_taxonomy:
        return ()
    explains = config.relation(panel.relation).explains or ""
    table = table_of(numbers.tables.incidence, config.inference.minimum_groups, (), explains)
    return tuple(name for name in table.rows if only_stratum(table, table.row(name))) if table.is_same else ()


def _says(panel: Panel, *, is_share: bool, **sides: object) -> tuple[tuple[str, str], ...]:
    """Return the parts of the reading line of a cell, each with the fields that it needs ("!": must be absent)."""

    def part(block: str, **more: object) -> str:
        return said("tables", f"cell_{block}", **sides, **more)

    first = part("share") if is_share else part("value", measure=panel.measure)
    if not is_share:
        return ((f"{first}.", ""),)
    within = part("within")
    return (
        (first, ""),
        (f" {part('ends', level=panel.level)}", "ends"),
        (f" {part('count')}", "joint !ends"),
        (".", ""),
        (f" {part('all')}", "base"),
        (f"; {within[:1].lower()}{within[1:]}", "within"),
        (".", "base"),
    )


def sides_of(names: Names, panel: Panel) -> tuple[str, str]:
    """Return the sides of the relation, "rows" or "columns", that a panel has as given and as outcome."""
    return ("rows", "columns") if panel.given == names.rows else ("columns", "rows")


def _declared_kind(config: Config, name: str) -> Kind:
    entity = config.entity(name)
    return kind_of(name, entity.label)


def telling(config: Config, counted: CountedSources) -> Callable[[str], Told]:
    """Return a function for the statements on a relation with counts, worked out once, when it is first asked for."""
    return cache(lambda relation: tell(input_of(config, counted.relations[relation])))


def write_parts(
    loaded: LoadedConfig,
    counted: CountedSources,
    panels: Mapping[str, Panel],
    results: Mapping[str, Results],
    told: Callable[[str], Told],
) -> tuple[Part, ...]:
    """Return the parts of each figure, one for each relation in it."""
    config, parts = loaded.config, list[Part]()
    day = report_date(config, counted)
    date = "" if day is None else formats.date(day)
    for figure in config.told_figures:
        shown = tuple(replace(panels[name], lettered=figure.is_classic) for name in figure.panels)
        for relation in dict.fromkeys(panel.relation for panel in shown):
            own = tuple(panel for panel in shown if panel.relation == relation)
            numbers = counted.relations.get(relation)
            names = names_of(config, own, None if numbers is None else numbers.tables.incidence)
            of = tell_matrices(own) if numbers is None else told(relation)
            part = Part(
                figure=figure.id,
                figure_title=figure.title or figure.id.replace("_", " ").capitalize(),
                panels=own,
                names=names,
                told=of,
                words=_with_sources(
                    _matrix_words(of, names, own)
                    if isinstance(of, ToldMatrices)
                    else words_of(of, names, date, shown=tuple(_shown(of, names, shown, relation))),
                    own,
                ),
                notes=() if numbers is None else _notes(counted, config.relation(relation), numbers),
                results=results.get(relation),
            )
            parts.append(part)
    return tuple(parts)


def _with_sources(words: Words, panels: Sequence[Panel]) -> Words:
    """Return words whose method names the publications of the panels' measures, apart from shares."""
    measures = {panel.measure.name: panel.measure.label for panel in panels if panel.measure.name != "conditional"}
    sources = {label: MEASURES[name].source for name, label in measures.items() if name in MEASURES}
    cited = (Said(f"{label}: {source}") for label, source in sources.items() if source is not None)
    return replace(words, method=(*words.method, *cited))


def _shown(told: Told, names: Names, panels: Sequence[Panel], relation: str) -> Iterator[Shown]:
    """Yield the panels of a figure that show a relation, for its caption."""
    for panel, letter in zip(panels, panel_letters(panels), strict=True):
        if panel.relation == relation:
            is_turned = (sides_of(names, panel)[0] == "rows") == told.table.is_flipped
            is_share = panel.measure.name == "conditional"
            reading = "" if is_share else f"{panel.reading.removesuffix('.')}."
            yield Shown(letter, is_turned, "" if is_share else panel.measure.label.lower(), reading)


def _matrix_words(told: ToldMatrices, names: Names, panels: Sequence[Panel]) -> Words:
    sizes = len(panels[0].given_categories), len(panels[0].outcome_categories)
    letters = {panel.id: letter if len(panels) > 1 else "" for panel, letter in zip(panels, "ab", strict=False)}
    is_share = all(panel.measure.is_share for panel in panels)
    return matrix_words(told.statements(), names, dict(told.ranges), sizes, letters, is_share=is_share)


def input_of(config: Config, numbers: RelationCounts) -> Input:
    """Return the input of the statements on a relation."""
    incidence = numbers.tables.incidence
    settings = config.relation(numbers.name)
    residual = _leftover(config, incidence, settings)

    def table(of: Incidence, explains: str) -> Table:
        return table_of(of, config.inference.minimum_groups, residual, explains)

    whole = table(incidence, settings.explains or "")
    explains = "columns" if whole.is_flipped else "rows"  # the same side in every other table
    without = tuple((change.by, change.name, table(of, explains)) for change, of in numbers.recounts.items())
    by_unit = {_unit_of(name, of.incidence): table(of.incidence, explains) for name, of in numbers.alternatives.items()}
    return Input(
        whole,
        without,
        by_unit,
        numbers.coverage,
        incidence.unit.role,
        is_weighted=incidence.weighted,
        chosen_among=None if settings.records is None else settings.records.chosen_among,
    )


def _unit_of(name: str, incidence: Incidence) -> str:
    return incidence.unit.plural or name


def _leftover(config: Config, incidence: Incidence, settings: RelationSettings) -> tuple[str, ...]:
    """Return the residual categories, as declared in the config or recognised by name."""
    sides = (incidence.rows, incidence.columns)
    declared = {taxonomy.unmatched for taxonomy in config.taxonomies.values()}
    records = settings.records
    declared |= set() if records is None else {side.blank for side in (records.rows, records.columns) if side.blank}
    names = dict.fromkeys(name for side in sides for name in side.categories)
    return tuple(name for name in names if name in declared or is_leftover(name))


def names_of(config: Config, panels: tuple[Panel, ...], incidence: Incidence | None) -> Names:
    """Return the nouns of a relation. `incidence` is None if nothing was counted."""
    panel = panels[0]
    settings = config.relation(panel.relation)
    is_shared = incidence is not None and incidence.trivial_diagonal
    return Names(
        form="shared" if is_shared else settings.form,
        unit=Unit("none", "value", "values") if incidence is None else incidence.unit,
        rows=panel.given if incidence is None else incidence.rows.kind,
        columns=panel.outcome if incidence is None else incidence.columns.kind,
        label=settings.label or "linked to",
        label_reversed=settings.label_reversed or "linked to",
        group_names=() if incidence is None else incidence.group_names,
        stratum_names=() if incidence is None else incidence.stratum_names,
        weighted=incidence is not None and incidence.weighted,
        title=config.report.title,
        subtitle=config.report.subtitle or "",
    )


def wording_notes(config: Config, counted: CountedSources) -> Iterator[Note]:
    """Yield a note on each relation whose statements are labelled lines, with the keys that would help most."""
    for name in counted.relations:
        records = config.relation(name).records
        if records is None or (records.rows.phrase and records.columns.phrase):
            continue
        sides = (("rows", records.rows), ("columns", records.columns))
        keys = [f"{side}.phrase" for side, of in sides if not of.phrase] + ["label"] * (records.label is None)
        text = f"{name}: statements are labelled lines; {formats.listing(keys)} would make them sentences"
        label = ", label: respondent" if records.label is None else ""
        yield Note("labelled_lines", name, f'{text} (phrase: "have {{}} jobs"{label})')


def _notes(counted: CountedSources, settings: RelationSettings, numbers: RelationCounts) -> tuple[Note, ...]:
    """Return the notes on the data of a relation, once each."""
    notes = [note for name in entities_of(settings) for note in counted.notes.get(name, ())]
    return tuple(dict.fromkeys((*notes, *numbers.notes)))


@dataclass(frozen=True, eq=False)
class Draft:
    """A report in words, without drawings and files: config, counts, panels, parts of figures, and document."""

    loaded: LoadedConfig
    counted: CountedSources
    panels: Mapping[str, Panel]
    parts: tuple[Part, ...]
    document: Document


def draft(config: Path, *, engine: str | None = None) -> Draft:
    """Return the words that a build of a config would publish.

    The author's text is left out if a build would reject it, so that its errors do not hide the explanation.
    """
    loaded = load_config(config, engine=engine)
    counted = count_all(loaded)
    panels = build_panels(loaded.config, counted)
    told = telling(loaded.config, counted)
    parts = write_parts(loaded, counted, panels, work_out(loaded.config, counted, panels), told)
    document = compose(parts, Document.blank(loaded.config.report, __version__))
    try:
        passages = write_passages(loaded, counted, panels, told).passages
    except (ClaimError, TextError):
        return Draft(loaded, counted, panels, parts, document)
    document = with_passages(document, passages, lambda section: section)
    return Draft(loaded, counted, panels, parts, document)


@contextmanager
def open_ledgers(
    config: Config, relations: Mapping[str, RelationSettings], folder: Path
) -> Iterator[Mapping[str, Ledger]]:
    """Yield the ledgers of relations. The engine stays open to look up names.

    `folder` is the start of relative paths in the config.
    """
    taxonomies = compiled(config)
    with closing(open_engine(config.engine)) as engine:
        items = read_entities(config, taxonomies, engine, folder)

        def task(name: str, relation: RelationSettings) -> Callable[[], Ledger]:
            declared = DeclaredRelation(name, relation, engine, folder, config.public)
            return lambda: ledger_of(meet(declared, items, taxonomies), engine)

        yield gathered({name: task(name, relation) for name, relation in relations.items()})
