"""Records: each row of a table is a unit, with labels on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import narwhals as nw
import numpy as np

from ..cells import Kind, Unit
from ..errors import DataError
from ..sources.engine import Engine, Frame
from ..taxonomy.categorise import Categorised
from ..taxonomy.compile import Taxonomy
from ..taxonomy.kinds import kind_of, plural_of, singular
from ..taxonomy.sets import Numbers
from .attributes import ACTIVITY, activity_of, finished_units, key_columns, key_names, scaled
from .components import tied
from .forms import RecordSettings, RecordSideSettings, RelationSettings
from .labels import BETWEEN, LabelColumn, coded, read_labels
from .meeting import Meeting, MeetingSide
from .record_table import SIDES, read_records
from .wide import Ticked

_N = nw.col("n").sum().cast(nw.Int64)
"""How many records rows stand for: as many as there are rows, unless they are counted."""


@dataclass(frozen=True, eq=False)
class _Field:
    """One side's fields: each distinct raw text (`name`), by number (`item`, the place in the order of texts).

    `n` and `items` say how many records have a text, its row without `item` and `name` how many have none; `found` its
    categories and labels; `sizes` has one row an `item` with at least one label: `n_labels` counts its distinct labels.
    """

    name: str
    kind: Kind
    found: Categorised
    n: Numbers
    items: Frame
    sizes: Frame


def meet_records(
    name: str,
    relation: RelationSettings,
    settings: RecordSettings,
    taxonomies: Mapping[str, Taxonomy],
    engine: Engine,
    base: Path,
) -> Meeting:
    """Return the meeting of the labels in two columns of a table.

    The population are the rows with at least one label on both sides; whether a taxonomy knows the labels
    makes no difference. Equal rows are one row of `Meeting.units`, which counts them, so that a table needs
    no row number, and a row that stands for many takes no more room than one. Raises DataError for columns
    that are not there, and for counts and weights that are none.
    """
    _refuse(name, relation)
    sides = {"rows": settings.rows, "columns": settings.columns}
    table = read_records(name, relation, settings, engine, base)
    records = table.frame
    forms = {
        side: coded(
            Ticked() if spec.is_wide and not spec.is_counted else spec,
            spec.lookup,
            f"relations.{name}.records.{side}",
            engine,
            base,
        )
        for side, spec in sides.items()
    }
    fields = {side: _field(side, spec, forms[side], records, taxonomies, engine) for side, spec in sides.items()}
    for side, field in fields.items():
        sizes = field.sizes.join(field.items, on="item")
        sizes = sizes.select("item", nw.col("name").alias(side), nw.col("n_labels").alias(f"n_{side}"))
        records = records.join(sizes, on=side).drop(side).rename({"item": side})
    scale = None
    if settings.weight is not None:
        records, scale = scaled(records, engine, f"relations.{name}.records.weight: column {settings.weight}")
    units = engine.keep(_units(relation, records, weighted=scale is not None))
    rows, columns = (_side(field, side, units, engine) for side, field in fields.items())
    n_records, n_resolved = _total(fields["rows"].items, engine), _total(units, engine)
    unit = Unit("record", singular(settings.label), settings.plural or plural_of(singular(settings.label)))
    finished, ties = tied(engine.keep(finished_units(units, relation)), relation, name, unit, engine)
    return Meeting(
        relation=name,
        unit=unit,
        rows=rows,
        columns=columns,
        units=finished,
        grouped=bool(relation.group),
        group_names=relation.group,
        stratum_names=relation.strata,
        weight_scale=scale,
        fractional=False,
        trivial_diagonal=False,
        carriers=None,
        n_resolved=n_resolved,
        n_unresolved=n_records - n_resolved,
        n_candidates=n_records,
        unresolved=None,
        labels=(*fields["rows"].found.labels, *fields["columns"].found.labels),
        notes=tuple(dict.fromkeys((*fields["rows"].found.notes, *fields["columns"].found.notes, *table.notes, *ties))),
        tally=table.tally,
    )


def _refuse(name: str, relation: RelationSettings) -> None:
    if relation.counting == "fractional":
        raise DataError(f"relations.{name}.counting: fractional counts with links and `unit: link` only")


def _field(
    side: str,
    spec: RecordSideSettings,
    how: LabelColumn,
    records: Frame,
    taxonomies: Mapping[str, Taxonomy],
    engine: Engine,
) -> _Field:
    texts = engine.keep(records.group_by(side).agg(n=_N).select("n", name=nw.col(side)))
    given = texts.filter(~nw.col("name").is_null())
    numbers = given.with_row_index("item", order_by="name").select("name", item=nw.col("item").cast(nw.Int64))
    items = engine.keep(texts.join(numbers, on="name", how="left"))
    values = records.join(items.select("item", nw.col("name").alias(side)), on=side)
    values = values.select(key=nw.col("item"), value=nw.col(f"{side}_value"))
    values = engine.keep(values.group_by("key", "value").agg())
    taxonomy = _taxonomy(spec.taxonomy, taxonomies, side)
    numbered = engine.arrays(items.filter(~nw.col("item").is_null()).select("item", "n"))
    n = numbered["n"][np.argsort(numbered["item"])]
    found = read_labels(values, [("value", how)], n, taxonomy, engine, side)
    found = replace(found, notes=(*taxonomy.notes, *found.notes))
    n_labels = np.diff(found.start)[found.type]
    labelled = np.flatnonzero(n_labels)
    sizes = {"item": labelled.tolist(), "n_labels": n_labels[labelled].tolist()}
    kind = kind_of(side, spec.label or spec.column or _OPTION[side], spec.plural, spec.phrase)
    return _Field(side, kind, found, n, items, engine.load(sizes, list(sizes)))


_OPTION = {"rows": "Row option", "columns": "Column option"}
"""What stands on an axis of options that the config gives no name."""


def _taxonomy(name: str | None, taxonomies: Mapping[str, Taxonomy], side: str) -> Taxonomy:
    """Return the taxonomy of a side: that it names, or the only one, or the one called "default".

    Where a config has none at all, or only one without a name, each label of a side is a category.
    """
    if not taxonomies or "" in taxonomies:
        return replace(taxonomies.get("", Taxonomy("", (), identity=True)), name=side)
    if name is None:
        name = next(iter(taxonomies)) if len(taxonomies) == 1 else "default"
    return taxonomies[name]


def _units(relation: RelationSettings, records: Frame, *, weighted: bool) -> Frame:
    """Return one row for each sort of equal records: `unit` (its number), `n`, `rows`, `columns`, levels."""
    alike = [*SIDES, *key_columns(key_names(relation)).values(), *(["weight"] if weighted else [])]
    kinds = records.group_by(*alike, "n_rows", "n_columns").agg(n=_N)
    units = kinds.with_row_index("unit", order_by=alike).with_columns(nw.col("unit").cast(nw.Int64))
    if ACTIVITY in relation.strata:
        units = activity_of(units)
    return units.drop("n_rows", "n_columns")


def _side(field: _Field, name: str, units: Frame, engine: Engine) -> MeetingSide:
    return MeetingSide(
        name=name,
        kind=field.kind,
        taxonomy=field.found.taxonomy.name,
        names=field.items.select("item", _readable("name")).filter(~nw.col("item").is_null()),
        uses=units.select("unit", item=nw.col(name)),
        entity=name,
        found=field.found,
        counted=field.n,
        n_nameless=_total(field.items.filter(nw.col("item").is_null()), engine),
    )


def _readable(name: str) -> nw.Expr:
    """Return what fields hold, of ticked options each after a semicolon."""
    first = nw.col(name).str.replace_all(f"^{BETWEEN}", "")
    return first.str.replace_all(BETWEEN, "; ", literal=True).alias(name)


def _total(frame: Frame, engine: Engine) -> int:
    """Return the sum of `n`."""
    return int(engine.columns(frame.select(n=nw.col("n").sum().fill_null(0).cast(nw.Int64)))["n"][0])
