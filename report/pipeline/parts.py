"""From counts to panels, to statements about them and their words, and to the data files of a report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from .. import formats
from ..cells import Kind, Panel, Unit
from ..config.loading import Config, LoadedConfig
from ..counted import RelationCounts
from ..document.compose import NOTES_FILE, NOTES_SHOWN
from ..document.material import Results
from ..document.model import Download
from ..document.part import Part
from ..errors import Note
from ..figures import panel_letters
from ..incidence import Incidence
from ..matrices import PanelSettings
from ..measures import MEASURES
from ..panels import build_bare_panel, build_panel, reversed_of
from ..relations import RelationSettings
from ..renderers import DATA_FILES
from ..renderers.data import coverage_files, label_files, notes_file, panel_files, result_files, statements_file
from ..renderers.pdf import Attachment
from ..reuse import Files
from ..statements.matrices import ToldMatrices, tell_matrices
from ..statements.measures import only_stratum
from ..statements.record import Table, table_of
from ..statements.select import Input, Told, tell
from ..taxonomy import kind_of
from ..taxonomy.orders import is_leftover
from ..words.names import Names
from ..words.report import Said, Shown, Words, matrix_words, words_of
from ..words.sentences import said
from .counting import CountedSources, entities_of, report_date


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


class Telling:
    """The statements on each relation with counts, worked out once, when it is first asked for."""

    def __init__(self, config: Config, counted: CountedSources) -> None:
        """Keep the counts."""
        self._config, self._counted = config, counted
        self._known: dict[str, Told] = {}

    def __call__(self, relation: str) -> Told:
        """Return the statements on a relation."""
        if relation not in self._known:
            self._known[relation] = tell(input_of(self._config, self._counted.relations[relation]))
        return self._known[relation]


def write_parts(
    loaded: LoadedConfig,
    counted: CountedSources,
    panels: Mapping[str, Panel],
    results: Mapping[str, Results],
    telling: Telling,
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
            of = tell_matrices(own) if numbers is None else telling(relation)
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
