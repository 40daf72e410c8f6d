"""Count everything that a config asks for. All work of the engine is here, and it is closed afterwards.

A relation is an error if no unit counts or if no unit has a category on one of the sides.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..config.loading import Config, LoadedConfig
from ..confine import ConfineError
from ..errors import HIDDEN_IN_LOGS, ConfigError, DataError, Note, Problem, gathered, listed, may_quote
from ..formats import shortened
from ..ledger import LINK_UNITS, Axis, Ledger, by_unit
from ..ledger.contributions import find_contributors
from ..ledger.coverage import NO_CONTRIBUTORS, Coverage, check_expectations, measure_coverage
from ..ledger.disclosure import published_coverage, published_incidence, published_notes, withhold
from ..ledger.export import ledger_of, pseudonymised
from ..ledger.incidence import Incidence, Side
from ..ledger.patterns import Patterns, incidence_of, patterns_of
from ..ledger.recounts import Recounts, default_changes
from ..progress import give_back, tell
from ..relations import RelationSettings
from ..relations.attributes import item_attributes, link_attributes
from ..relations.items import Items, newest, read_items
from ..relations.meet import meet
from ..relations.meeting import DeclaredRelation
from ..relations.recode import number_of
from ..sources.engines import Engine, open_engine
from ..sources.files import all_texts
from ..stats.matrices import BareMatrix, PanelSettings, read_bare
from ..stats.measures import MEASURES
from ..stats.panels import RelationCounts, tables_of
from ..taxonomy import LabelCount, Taxonomy, TaxonomySettings, compile_taxonomy
from ..taxonomy.categorise import is_missing, missing_codes
from ..taxonomy.orders import is_leftover
from .personal import personal_columns


@dataclass(frozen=True, eq=False)
class CountedSources:
    """All counts: relations by name, published matrices by panel id, labels by entity.

    `rows` is the number of rows of each entity, and of the links or records of each relation. `personal` warns of
    columns that look personal. It is printed and never published.
    """

    relations: dict[str, RelationCounts]
    matrices: dict[str, BareMatrix]
    labels: dict[str, tuple[LabelCount, ...]]
    notes: dict[str, tuple[Note, ...]]
    date: dt.date | None
    rows: dict[str, int]
    personal: tuple[Note, ...] = ()


def count_all(loaded: LoadedConfig, unknown: list[Note] | None = None) -> CountedSources:
    """Read, categorise and count the data for all panels. Raises DataError with every problem of a stage.

    `unknown` receives notes on private labels that no
    rule matches, only for a person's own terminal.
    """
    with placed(loaded):
        return _count_all(loaded, unknown)


@contextmanager
def placed(loaded: LoadedConfig) -> Iterator[None]:
    """Report violations of `--confine` found during reading as config problems with their line."""
    try:
        yield
    except ConfineError as error:
        raise ConfigError([_problem(loaded, message) for message in error.messages]) from error


def _problem(loaded: LoadedConfig, message: str) -> Problem:
    """Return the problem for a message that begins with a key of the config."""
    key, _, said = message.partition(": ")
    return loaded.problem(loaded.positions.written(tuple(key.split("."))), said)


def _count_all(loaded: LoadedConfig, unknown: list[Note] | None) -> CountedSources:
    config = loaded.config
    taxonomies = compiled(config)
    engine = open_engine(config.engine)
    try:
        items = read_entities(config, taxonomies, engine, loaded.folder)
        counting = counted_relations(config)
        each = gathered(
            {name: partial(_count, name, r, items, taxonomies, engine, loaded) for name, r in counting.items()}
        )
        relations = {name: numbers for name, (numbers, _) in each.items()}
        if unknown is not None:
            unknown += dict.fromkeys(note for _, notes in each.values() for note in notes)
        give_back()
        bare = [panel for panel in config.panels if config.relation(panel.relation).form == "matrix"]
        rows = {n: m.coverage.n_links for n, m in relations.items() if counting[n].form in ("links", "records")}
        rows |= {name: entity.n_items for name, entity in items.items()}
        check_expectations(config.expect, [numbers.coverage for numbers in relations.values()], rows)
        counted = CountedSources(
            relations=relations,
            matrices=gathered({panel.id: partial(_read_matrix, panel, loaded, taxonomies, engine) for panel in bare}),
            labels={name: entity.labels for name, entity in items.items()},
            notes={name: entity.notes for name, entity in items.items()},
            date=max((d for e in items.values() if (d := newest(e, engine)) is not None), default=None),
            rows=rows,
            personal=personal_columns(config, engine, loaded.folder),
        )
        return counted if config.disclosure is None else _published(counted, config.disclosure)
    finally:
        engine.close()


def _published(counted: CountedSources, minimum: int) -> CountedSources:
    """Return the publishable counts if small cells are withheld: no count from before the withholding.

    There are no labels, no notes with numbers, no date of the data and no rows of entities. For relations, `rows` is
    the number of remaining units.
    """
    relations = {
        name: replace(numbers, coverage=published_coverage(numbers.coverage, numbers.tables.incidence, minimum))
        for name, numbers in counted.relations.items()
    }
    return CountedSources(
        relations=relations,
        matrices=counted.matrices,
        labels={},
        notes={name: published_notes(notes) for name, notes in counted.notes.items()},
        date=None,
        rows={name: numbers.coverage.n_units for name, numbers in relations.items()},
        personal=counted.personal,
    )


def report_date(config: Config, counted: CountedSources) -> dt.date | None:
    """Return the date of a report from its config or its data, or None if there is none."""
    date = counted.date if config.report.date == "data" else config.report.date
    return date if isinstance(date, dt.date) else None


def compiled(config: Config) -> dict[str, Taxonomy]:
    """Return the taxonomies of a config by name. Without any, return an unnamed one with each label as a category."""
    declared = config.taxonomies or {"": TaxonomySettings()}
    return {name: compile_taxonomy(settings, name) for name, settings in declared.items()}


def counted_relations(config: Config) -> dict[str, RelationSettings]:
    """Return the relations with counts that panels show, in declared order."""
    wanted = {panel.relation for panel in config.panels}
    return {n: r for n, r in config.relations.items() if n in wanted and r.form != "matrix"}


def used_entities(config: Config) -> tuple[str, ...]:
    """Return the entities of relations with counts, in declared order."""
    shown = (config.relation(panel.relation) for panel in config.panels)
    used = {name for relation in shown for name in entities_of(relation)}
    return tuple(name for name in config.entities if name in used)


def entities_of(relation: RelationSettings) -> tuple[str, ...]:
    """Return the two entities of a relation with counts, which may be the same."""
    if relation.links is not None:
        return relation.links.from_.entity, relation.links.to.entity
    return () if relation.shared is None else relation.shared.entities


def read_entities(config: Config, taxonomies: Mapping[str, Taxonomy], engine: Engine, folder: Path) -> dict[str, Items]:
    """Return the used entities with their categories, by name. Raises DataError with the problems of all."""

    def read(name: str) -> Items:
        entity = config.entity(name)
        wanted, for_links = (
            {attribute for one in config.relations.values() for attribute in of(one, name)}
            for of in (item_attributes, link_attributes)
        )
        taxonomy = taxonomies[config.taxonomy_name(entity.taxonomy)]
        public = config.publishes("items", name)
        return read_items(name, entity, taxonomy, engine, folder, public=public, wanted=wanted, for_links=for_links)

    return gathered({name: partial(read, name) for name in used_entities(config)})


def _count(
    name: str,
    relation: RelationSettings,
    items: Mapping[str, Items],
    taxonomies: Mapping[str, Taxonomy],
    engine: Engine,
    loaded: LoadedConfig,
) -> tuple[RelationCounts, tuple[Note, ...]]:
    """Return the numbers of a relation, and notes on its private labels that no rule matches."""
    config, folder = loaded.config, loaded.folder
    with engine.scope() as let_go:
        meeting = meet(DeclaredRelation(name, relation, engine, folder, config.public), items, taxonomies)
        ledger = ledger_of(meeting, engine)
        if relation.records is None:  # everything is read, including the names of items
            let_go(meeting.keys)
        give_back()
        base = patterns_of(ledger)
        incidence = incidence_of(ledger, base)
        if config.disclosure is None:
            tell(f"{name}: {incidence.n_units:,} units, {len(incidence.units):,} patterns")
        coverage = measure_coverage(ledger)
        labels = side_labels(relation, {name: one.labels for name, one in items.items()}, meeting.labels)
        readable = [_readable(*one) for one in zip(labels, ledger.sides, strict=True)]
        faults = _empty_faults(relation, incidence, coverage, readable)
        if faults:
            raise DataError(*faults)
        if config.disclosure is not None:
            return _without_small_cells(ledger, base, incidence, coverage, meeting.notes, config), ()
        give_back()
        contributors = find_contributors(ledger)
        changes = default_changes(ledger, incidence, contributors)
        perhaps = () if relation.records is None else (n for side in ledger.sides for n in _perhaps_missing(side))
        numbers = RelationCounts(
            name=name,
            tables=tables_of(incidence),
            coverage=coverage,
            contributors=contributors,
            alternatives={key: tables_of(other) for key, other in _other_units(ledger, relation)},
            recounts=Recounts(ledger, base, incidence, changes),
            labels=meeting.labels,
            notes=(*meeting.notes, *perhaps),
            tally=meeting.tally,
        )
        return numbers, tuple(note for side in ledger.sides for note in _unknown(side))


def _readable(labels: Sequence[LabelCount], side: Axis) -> list[LabelCount]:
    """Return labels for a message about a config. Private labels have their text unless the log is public."""
    texts = side.found.hidden if may_quote(public=False) else {}
    return [replace(label, label=texts.get(label.label, label.label)) for label in labels]


_SHOWN = 5
_LONGEST = 60


def _unknown(side: Axis) -> Iterator[Note]:
    """Yield a note on private labels that no rule matches, with the most frequent ones unless the log is public."""
    lost = [label for label in side.found.labels if not label.categories and label.label in side.found.hidden]
    if not lost:
        return
    texts = [f'"{shortened(side.found.hidden[of.label], _LONGEST)}" ({of.n_items:,})' for of in lost]
    said = listed(texts, _SHOWN) if may_quote(public=False) else HIDDEN_IN_LOGS
    n = "1 label, which is" if len(lost) == 1 else f"{len(lost):,} labels, which are"
    name = side.kind.label
    yield Note("unknown_labels", name, f"{name}: no rule knows {n} not published: {said}")


def _perhaps_missing(side: Axis) -> Iterator[Note]:
    """Yield a note on categories that are codes of missing answers, so that sentences would speak of them."""
    labels = {side.found.hidden.get(one.label, one.label): one.n_items for one in side.found.labels}
    own = {text: n for text, n in labels.items() if text in side.categories}  # whose texts are published
    of_numbers = {number: n for text, n in own.items() if (number := number_of(text)) is not None}
    codes = missing_codes(of_numbers) if len(of_numbers) > 2 else ()
    found = [text for text in own if number_of(text) in codes or (is_missing(text) and not is_leftover(text))]
    if found:
        said = listed([f'"{text}" ({own[text]:,})' for text in found], _SHOWN)
        one = "is a category, but looks like the code of a missing answer"
        several = "are categories, but look like codes of missing answers"
        yield Note(
            "missing_codes", side.kind.label,
            f"{side.kind.label}: {said} {one if len(found) == 1 else several}; missing: leaves such rows out",
        )  # fmt: skip


def _without_small_cells(
    ledger: Ledger, base: Patterns, whole: Incidence, coverage: Coverage, notes: Sequence[Note], config: Config
) -> RelationCounts:
    """Return a relation without the units of small cells, from its patterns and its `whole` incidence table.

    Counts below the level of cells are left out: items, labels, other units, and units by name. Raises DataError if no
    unit is left. `coverage` describes all units, since `expect` is checked before withholding.
    """
    minimum = 0 if config.disclosure is None else config.disclosure
    sizes = len(ledger.rows.categories), len(ledger.columns.categories)
    found = withhold(base, sizes, minimum, one_taxonomy=whole.same_taxonomy)
    filed = [config.taxonomies.get(side.taxonomy, TaxonomySettings()) for side in (whole.rows, whole.columns)]
    incidence = published_incidence(ledger, found, (filed[0], filed[1]))
    if not len(incidence.units) or incidence.weight.sum() == 0:
        advice = "take coarser categories, leave out strata or lower disclosure"
        raise DataError(
            f"relations.{ledger.relation}: disclosure is {minimum}, and no {ledger.unit.singular} is left once "
            f"small cells are withheld: {advice}"
        )
    tell(f"{ledger.relation}: {incidence.n_units:,} units, {len(incidence.units):,} patterns")
    return replace(
        RelationCounts.alone(ledger.relation, tables_of(incidence), coverage, NO_CONTRIBUTORS),
        notes=published_notes(notes),
    )


def _other_units(ledger: Ledger, relation: RelationSettings) -> Iterator[tuple[str, Incidence]]:
    """Yield the counts for other units of links. Group and strata are columns on the side of the declared unit."""
    if relation.links is None or relation.links.weight:
        return
    for unit in LINK_UNITS:
        if unit != relation.unit:
            other = pseudonymised(by_unit(ledger, unit))
            yield unit, incidence_of(other, patterns_of(other))


def side_labels(
    relation: RelationSettings, labels: Mapping[str, Sequence[LabelCount]], of_records: Sequence[LabelCount]
) -> list[Sequence[LabelCount]]:
    """Return the raw labels of rows and of columns, from entities or records."""
    entities = entities_of(relation)
    if entities:
        return [labels[entity] for entity in entities]
    return [[label for label in of_records if label.kind == side] for side in ("rows", "columns")]


def _read_matrix(
    panel: PanelSettings, loaded: LoadedConfig, taxonomies: Mapping[str, Taxonomy], engine: Engine
) -> BareMatrix:
    config = loaded.config
    matrix = config.relation(panel.relation).matrix
    if matrix is None:
        raise AssertionError("only panels of matrices are read")
    kinds = (config.entity(name) for name in (panel.given, panel.outcome))
    filed = (taxonomies.get(config.taxonomy_name(kind.taxonomy)) for kind in kinds)
    given, outcome = (() if taxonomy is None else taxonomy.categories for taxonomy in filed)
    info = MEASURES[panel.measure].info
    where = f"relations.{panel.relation}.matrix.{panel.id}"
    frame, table = all_texts(matrix.root[panel.id], loaded.folder, engine, where_declared=where)
    return read_bare(frame, table, (given, outcome), (info.lower, info.upper))


_NAMED = 5


def _empty_faults(
    settings: RelationSettings, incidence: Incidence, coverage: Coverage, labels: Sequence[Sequence[LabelCount]]
) -> list[str]:
    """Return why a relation would give an empty report. No message means that it has content.

    `labels` are the raw labels of rows and of columns.
    """
    place = f"relations.{incidence.relation}"
    if coverage.n_units == 0:
        return [f"{place}: no unit counts: {_no_unit(settings, coverage)}"]
    if incidence.weight.sum() == 0:
        return [f"{place}: no unit counts: every weight is 0"]
    return [f"{place}: {fault}" for fault in _no_category(settings, incidence, labels)]


def _no_unit(settings: RelationSettings, coverage: Coverage) -> str:
    form, shared = settings.form, settings.shared
    if shared is not None:
        if settings.population == "both" and coverage.n_candidates:
            return f"no {shared.key} is shared by {' and '.join(shared.entities)}"
        return f"no item has a value of {shared.key}"
    if coverage.n_links == 0:
        return f"the source has no {form}, or where leaves none"
    if coverage.n_resolved:
        return "none has a category on both sides, which population: labelled asks for"
    if form == "records":
        return f"of {coverage.n_links:,} records none has labels on both sides"
    names = listed([f'"{entry.name}" ({entry.side})' for entry in coverage.unresolved], _NAMED)
    said = f"of {coverage.n_links:,} links none finds an item at both ends; names that no item has: {names}"
    return said + _decimals([entry.name for entry in coverage.unresolved])


def _no_category(
    settings: RelationSettings, incidence: Incidence, labels: Sequence[Sequence[LabelCount]]
) -> Iterator[str]:
    """Yield a message for each side without a category in any unit, since all its cells would be blank."""
    both = settings.form == "records" and incidence.rows.taxonomy == incidence.columns.taxonomy
    sides = ((incidence.rows, incidence.row_sets), (incidence.columns, incidence.column_sets))
    for (side, sets), own in zip(sides, labels, strict=True):
        if not sets.any():
            yield f"no unit has a category of {side.name}: {_no_label(side, own, of_both=both)}"


def _no_label(side: Side, labels: Sequence[LabelCount], *, of_both: bool) -> str:
    if not labels:
        return "no item has a label"
    if any(label.categories for label in labels):
        return "the items that have one are in no unit that counts"
    known = [f'"{label.label}" ({label.n_items:,})' for label in labels]
    said = f"taxonomy {side.taxonomy} ({listed(side.categories)}) knows none of the labels: {listed(known, _NAMED)}"
    if of_both:
        said += f"; it is that of both sides: under taxonomies, {side.name}: {{}} makes each label a category, and the "
        said += f"side names it with taxonomy: {side.name}"
    return said + _decimals([label.label for label in labels])


def _decimals(names: Sequence[str]) -> str:
    """Return advice for whole numbers written as decimals, as some programs do in columns with empty fields."""
    if not names or not all(name.endswith(".0") and name[:-2].isdigit() for name in names):
        return ""
    whole = names[0].removesuffix(".0")
    return f"; {names[0]} was {whole} before it stood beside empty fields: save whole numbers (pandas: astype Int64)"
