"""Draw a sample of classified items as a sheet for manual review, and read the sheet back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ... import formats
from ...config.loading import Config, LoadedConfig, load_config
from ...errors import DataError, Note, PublishError, did_you_mean, listed
from ...ledger import Ledger
from ...pipeline.counting import counted_relations
from ...pipeline.drafts import open_ledgers
from ...pipeline.inputs import input_files
from ...publish.ways import write_file
from ...regular_files import read_regular
from ...renderers.data import csv_bytes
from .effect import Effect, effect_of, population_name
from .rates import (
    NONE,
    AuditedPopulation,
    Confusion,
    DrawnSample,
    JudgedCategory,
    WeightedShare,
    category_sizes,
    confusions,
    draw,
    filings,
    share_right,
    stands_for,
    weighted_share,
)
from .sheet import HEADER, JudgedItem, Known, SheetRow, judge, n_drawn, read_sheet, sheet_rows


def write_sheet(sheet: bytes, path: Path, inputs: Collection[Path], *, overwrite: bool = False) -> None:
    """Write a sheet atomically.

    Raises `PublishError` if the file contains judgements or is no sheet (unless `overwrite`), if it is one of the
    `inputs` of the report, or if it cannot be written.
    """
    try:
        if path.is_dir():
            raise PublishError(f"{path}: is a folder; name a file in it")
        if not path.parent.is_dir():
            raise PublishError(f"{path}: there is no folder {path.parent}")
        if path.exists():
            _check_replaceable(path, inputs, overwrite=overwrite)
        write_file(path, sheet)
    except (OSError, ValueError) as error:
        raise PublishError(f"{path}: cannot be written: {_reason(error)}") from None


def _reason(error: OSError | ValueError) -> str:
    """Return the reason why a file is not accessible. A ValueError means a NUL character in its name."""
    return (error.strerror if isinstance(error, OSError) else None) or "its name is not a file's"


def _check_replaceable(path: Path, inputs: Collection[Path], *, overwrite: bool) -> None:
    if any(source.exists() and source.samefile(path) for source in inputs):
        raise PublishError(f"{path}: is an input of the report; give the sheet another name")
    if overwrite:
        return
    content = read_regular(path)
    try:
        rows = read_sheet(content, str(path)) if content.strip() else ()
    except DataError:
        raise PublishError(f"{path}: is not an audit sheet; --overwrite replaces it anyway") from None
    filled = sum(bool(row.correct.strip() or row.note.strip()) for row in rows)
    if filled:
        what = f"{formats.count(filled)} {formats.plural(filled, 'row', 'rows')} that somebody has filled in"
        raise PublishError(f"{path}: contains {what}; choose another file name, or replace it with --overwrite")


def sheet_content(sheet: Path) -> bytes:
    """Return the bytes of a sheet. Raises `DataError` if it cannot be read."""
    try:
        return read_regular(sheet)
    except FileNotFoundError:
        raise DataError(f"{sheet}: there is no such file; diptych audit -o writes a sheet") from None
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and sheet.is_dir():
            raise DataError(f"{sheet}: is a folder; name the sheet in it") from None
        raise DataError(f"{sheet}: cannot be read: {_reason(error)}") from None


@dataclass(frozen=True, eq=False)
class AuditData:
    """A config with its data: the counted relations by name, and the populations by `population_name`.

    The engine is open because names are looked up in it.
    """

    loaded: LoadedConfig
    ledgers: Mapping[str, Ledger]
    populations: Mapping[str, AuditedPopulation]


@contextmanager
def audit_data(config: Path, engine_name: str | None = None) -> Iterator[AuditData]:
    """Yield the data of a config while the engine is open.

    Raises a DiptychError for errors in the config or data, or if no relation is counted.
    """
    loaded = load_config(config, engine=engine_name)
    config_named = loaded.config.named()  # reviewers must know which item they judge
    settings = counted_relations(config_named)
    if not settings:
        raise DataError(
            f"{config}: no panel shows a relation with counts, and published matrices have no items to audit"
        )
    with open_ledgers(config_named, settings, loaded.folder) as (ledgers, items):
        populations: dict[str, AuditedPopulation] = {}
        for ledger in ledgers.values():
            for side in ledger.sides:
                name = population_name(ledger, side)
                entity = None if ledger.unit.role == "record" else items[side.entity].kind
                many = f"different {side.kind.singular} texts" if entity is None else entity.plural
                populations[name] = AuditedPopulation(name, many, side.items, side.names, side.found)
        yield AuditData(loaded, ledgers, populations)


SIZE = 20
"""Default number of items per category in a sample."""


@dataclass(frozen=True, slots=True)
class DrawnCategory:
    """A category of an entity (None: items without a category), with its number of items and of drawn items."""

    entity: str
    category: str | None
    n_items: int
    n_drawn: int


@dataclass(frozen=True, slots=True)
class AuditSample:
    """A sample: the sheet as CSV, its items, and the number drawn for each category.

    `seed` is the seed that was used. `inputs` are the files of the report. The sheet must not replace them.
    """

    sheet: bytes
    items: tuple[DrawnSample, ...]
    categories: tuple[DrawnCategory, ...]
    seed: int
    inputs: tuple[Path, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityAgreement:
    """The audit of one entity: by category, for all items with a category, for all items, and the confusions.

    `categorised` is None if no item with a category was judged. `many` is the plural noun for the items.
    """

    entity: str
    many: str
    categories: tuple[JudgedCategory, ...]
    categorised: WeightedShare | None
    whole: WeightedShare | None
    confusions: tuple[Confusion, ...]


@dataclass(frozen=True, slots=True)
class AuditResult:
    """An evaluated sheet: agreement for each entity in it, the effect on each relation, and notes."""

    n_rows: int
    n_judged: int
    level: float
    agreements: tuple[EntityAgreement, ...]
    effects: tuple[Effect, ...]
    notes: tuple[Note, ...]


def draw_audit(
    config: Path,
    *,
    size: int = SIZE,
    seed: int | None = None,
    entities: Collection[str] = (),
    engine: str | None = None,
) -> AuditSample:
    """Return a sample of up to `size` items of each category, for the named entities or all of them.

    The default `seed` is the seed of `inference:`. Raises a DiptychError for errors in the config, data or names.
    """
    with audit_data(config, engine) as opened:
        chosen = _chosen(opened.populations, entities)
        used = opened.loaded.config.inference.seed if seed is None else seed
        items: list[DrawnSample] = []
        categories: list[DrawnCategory] = []
        for population in chosen:
            drawn = draw(population, size, used)
            categories += [
                DrawnCategory(population.name, category, n_items, sum(category in one.drawn_for for one in drawn))
                for category, n_items in category_sizes(population).items()
            ]
            items += drawn
        inputs = (config, *input_files(opened.loaded))
        notes = tuple(_private_names(opened.loaded.config, [population.name for population in chosen]))
    return AuditSample(csv_bytes(HEADER, sheet_rows(items)), tuple(items), tuple(categories), used, inputs, notes)


def _private_names(config: Config, populations: Sequence[str]) -> Iterator[Note]:
    """Yield a note for each kind whose names are private in the report but appear in the sheet."""
    private = {name for name, entity in config.entities.items() if not entity.public}
    for name, relation in config.relations.items():
        if relation.records is not None and not relation.records.public:
            private |= {f"{name}.rows", f"{name}.columns"}
    for name in populations:
        if name in private:
            yield Note(
                "private_names", name, f"{name}: the sheet has names that the report keeps private; do not publish it"
            )


def read_audit(config: Path, sheet: Path, *, engine: str | None = None) -> AuditResult:
    """Return the results of a completed sheet, and its effect on the report.

    Raises `DataError` with every problem of the sheet, or a DiptychError for the config or data.
    """
    rows = read_sheet(sheet_content(sheet), str(sheet))
    with audit_data(config, engine) as opened:
        asked = [(row.entity, row.id) for row in rows if row.correct.strip()]
        known = {
            name: Known(population.categories, filings(population, {id_ for entity, id_ in asked if entity == name}))
            for name, population in opened.populations.items()
        }
        judged, drawn = judge(rows, known, str(sheet)), n_drawn(rows, known)
        entities = [name for name in opened.populations if any(one.entity == name for one in judged)]
        level = opened.loaded.config.inference.level
        sizes = {name: category_sizes(opened.populations[name]) for name in entities}
        effects = (effect_of(opened.loaded, ledger, judged) for ledger in opened.ledgers.values())
        return AuditResult(
            n_rows=sum(bool(row.id) for row in rows),
            n_judged=len(judged),
            level=level,
            agreements=tuple(_agreement(opened.populations[n], sizes[n], judged, drawn, level) for n in entities),
            effects=tuple(effect for effect in effects if effect is not None),
            notes=tuple(note for n in entities for note in _changed_sizes(n, sizes[n], rows)),
        )


def _agreement(
    population: AuditedPopulation,
    sizes: Mapping[str | None, int],
    judged: Sequence[JudgedItem],
    drawn: Counter[tuple[str, str | None]],
    level: float,
) -> EntityAgreement:
    own = [one for one in judged if one.entity == population.name]
    categories: dict[str | None, JudgedCategory] = {}
    for category, n_items in sizes.items():
        of = [one.right for one in own if category in one.drawn_for]
        share = share_right(n_items, len(of), sum(of), level)
        n_rows = drawn[population.name, category]
        categories[category] = JudgedCategory(category, n_items, n_rows, len(of), sum(of), share)
    every = list(categories.values())
    weights = {category: (of.n_items, of.n_judged) for category, of in categories.items()}
    return EntityAgreement(
        entity=population.name,
        many=population.many,
        categories=tuple(every),
        categorised=weighted_share([of for of in every if of.category is not None], level),
        whole=weighted_share(every, level) if weights.get(None, (0, 0))[1] else None,
        confusions=confusions(
            (one.rule, one.truth, stands_for(one.rule, [weights[category] for category in one.drawn_for]))
            for one in own
        ),
    )


def _changed_sizes(entity: str, sizes: Mapping[str | None, int], rows: Sequence[SheetRow]) -> Iterator[Note]:
    """Yield a note for each category whose number of items has changed since the sample was drawn."""
    then: dict[str, int] = {}
    for row in rows:
        names, numbers = row.drawn_for.split(";"), row.n_items.split(";")
        if row.entity == entity and len(names) == len(numbers):
            then |= {
                name.strip(): int(number)
                for name, number in zip(names, numbers, strict=True)
                if number.strip().isascii() and number.strip().isdigit()
            }
    now = {NONE if category is None else category: n for category, n in sizes.items()}
    changed = [
        f"{name} {formats.count(n)} then, {formats.count(now[name])} now"
        for name, n in then.items()
        if now.get(name, n) != n
    ]
    if changed:
        message = f"{entity}: categories have other numbers of items than when the sample was drawn: {listed(changed)}"
        yield Note("changed_since_drawn", entity, f"{message}; items that came since had no chance to be drawn")


def _chosen(populations: Mapping[str, AuditedPopulation], entities: Collection[str]) -> list[AuditedPopulation]:
    wrong = [
        f'--entity: "{name}" is not one of {listed(list(populations))}{did_you_mean(name, populations)}'
        for name in entities
        if name not in populations
    ]
    if wrong:
        raise DataError(*wrong)
    return [population for name, population in populations.items() if not entities or name in entities]
