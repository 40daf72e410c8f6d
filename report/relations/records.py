"""Records: each row of a table is a unit, with labels on both sides."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import narwhals as nw
import numpy as np

from ..cells import CountVariation, Kind, Tally
from ..errors import DataError, Note, raise_if_any
from ..sources.engine import Engine, Frame, has_rows, with_text
from ..sources.files import Table, open_table, require_columns
from ..taxonomy import Taxonomy, kind_of, unit_of, with_order, with_residual
from . import PrivateName, RecordSettings, RecordSideSettings
from .attributes import (
    ACTIVITY,
    activity_of,
    finished_units,
    key_columns,
    key_names,
    levels_of,
    matching,
    scaled,
    text,
)
from .dependence import (
    described_counts,
    describing_columns,
    nested_groups,
    undeclared_group,
    variation_of_fields,
    variation_of_rows,
)
from .hidden import TextOrigin, rows_of_long_texts
from .labels import BETWEEN, FieldForm, field_form, read_labels
from .meeting import ONE, DeclaredRelation, JoinedRelation, JoinedSide
from .recode import recoded
from .wide import NO_OPTION, Options, check_ticked, counts_of, options_of, ticked_options, unpivoted, with_no_option

SIDES = ("rows", "columns")
_LISTED = 3
"""Number of columns that a note names."""

ROW = "row"
"""The column that numbers the rows of a table of counts, and the name of groups defined by these rows."""

_GROUP: frozenset[PrivateName] = frozenset({"group"})
"""Rows of data have no name that may be published."""

_N = nw.col("n").sum().cast(nw.Int64)
"""Number of records in rows: the number of rows, unless they are counted."""


def meet_records(
    declared: DeclaredRelation, settings: RecordSettings, taxonomies: Mapping[str, Taxonomy]
) -> JoinedRelation:
    """Join the labels in two columns of a table.

    The population is the rows with at least one label on both sides, whether or not a taxonomy knows the labels. A row
    that answered with none of the options of a side counts too, without a category (`with_no_option`). Equal rows are
    one row of `JoinedRelation.units`, which counts them, so a table needs no row number, and a row of many units takes
    no extra memory. Raises DataError for missing columns, and for invalid counts and weights.
    """
    engine, place = declared.engine, f"{declared.place}.records"
    table = read_records(declared, settings)
    records, every, sides = table.frame, table.frame, {}
    as_groups = table.tally is not None and table.tally.as_groups
    for side in SIDES:
        spec = getattr(settings, side)
        form = _form(spec, f"{place}.{side}", declared)
        named = SIDES[0] if settings.is_with_itself else side
        taxonomy = _taxonomy(spec, taxonomies, named, table.bins.get(side))
        if side in settings.ticked_sides:
            taxonomy = replace(taxonomy, exact={**taxonomy.exact, NO_OPTION: ()})
        column = [] if spec.field is None else [spec.field]
        with rows_of_long_texts(settings.source, declared.base, column, f"{place}.{side}", engine.limits):
            sides[side], sizes = _side(side, settings, form, taxonomy, table.frame, declared)
        every = every.join(sizes.select(side, nw.col("item").alias(f"{side}_item")), on=side, how="left")
        records = records.join(sizes, on=side).drop(side).rename({"item": side})
    scale = None
    if settings.weight is not None:
        records, scale = scaled(records, engine, f"{place}.weight: column {settings.weight}")
    units = engine.keep(_units(declared, records, weighted=scale is not None, by_row=as_groups))
    rows, columns = (replace(sides[side], uses=units.select("unit", item=nw.col(side))) for side in SIDES)
    n_named = 0 if rows.counted is None else int(rows.counted.sum())
    n_records, n_resolved = n_named + rows.n_nameless, _total(units, engine)
    private = declared.private_levels | (_GROUP if as_groups else frozenset())
    return JoinedRelation(
        relation=declared.name,
        unit=unit_of("record", settings.label),
        rows=rows,
        columns=columns,
        units=finished_units(units, declared, ROW if as_groups else None),
        group_names=(ROW,) if as_groups else declared.relation.group,
        stratum_names=declared.relation.strata,
        weight_scale=scale,
        n_resolved=n_resolved,
        n_unresolved=n_records - n_resolved,
        n_candidates=n_records,
        labels=(*rows.found.labels, *columns.found.labels),
        notes=tuple(dict.fromkeys((*rows.found.notes, *columns.found.notes, *table.notes))),
        tally=table.tally,
        trivial_diagonal=settings.is_with_itself,
        undeclared=table.undeclared,
        private=private | ({"unit"} if "records" not in declared.public else set()),
    )


def _side(
    side: str,
    settings: RecordSettings,
    form: FieldForm,
    taxonomy: Taxonomy,
    records: Frame,
    declared: DeclaredRelation,
) -> tuple[JoinedSide, Frame]:
    """Return one side, whose items are the distinct raw texts of its fields, sorted, and their labels.

    The labels are one row per `item` with at least one label: its text, named like the side, and its number of distinct
    labels, `n_rows` or `n_columns`.
    """
    spec: RecordSideSettings = getattr(settings, side)
    engine = declared.engine
    columns = () if spec.field is None else (spec.field,)
    origin = TextOrigin(side, settings.source, declared.base, columns, public="records" in declared.public)
    texts = engine.keep(records.group_by(side).agg(n=_N).select("n", name=nw.col(side)))
    given = texts.filter(~nw.col("name").is_null())
    numbers = given.with_row_index("item", order_by="name").select("name", item=nw.col("item").cast(nw.Int64))
    items = engine.keep(texts.join(numbers, on="name", how="left"))
    values = records.join(items.select("item", nw.col("name").alias(side)), on=side)
    values = values.select(key=nw.col("item"), value=nw.col(f"{side}_value"))
    values = engine.keep(values.group_by("key", "value").agg())
    numbered = engine.arrays(items.filter(~nw.col("item").is_null()).select("item", "n"))
    n = numbered["n"][np.argsort(numbered["item"])]
    found = read_labels(values, [("value", form)], n, taxonomy, engine, origin)
    n_labels = np.diff(found.start)[found.type]
    labelled = np.flatnonzero(n_labels)
    sizes = engine.load({"item": labelled.tolist(), "size": n_labels[labelled].tolist()}, ["item", "size"])
    sizes = sizes.join(items, on="item")
    return JoinedSide(
        kind=side_kind(SIDES[0] if settings.is_with_itself else side, spec),
        names=items.select("item", _readable("name")).filter(~nw.col("item").is_null()),
        uses=None,
        entity=side,
        found=replace(
            found,
            labels=tuple(label for label in found.labels if label.label != NO_OPTION),
            notes=(*taxonomy.notes, *found.notes),
        ),
        counted=n,
        private="records" not in declared.public,
        n_nameless=_total(items.filter(nw.col("item").is_null()), engine),
    ), sizes.select("item", nw.col("name").alias(side), nw.col("size").alias(f"n_{side}"))


def side_kind(side: str, spec: RecordSideSettings) -> Kind:
    """Return the names of a side. The title of its axis says how it is binned, unless the labels do.

    Without a phrase, the label is the name of a column and not a noun: sentences quote it as it is.
    """
    found = kind_of(side, spec.label or (spec.field or _OPTION[side],), spec.phrase)
    if not spec.phrase:
        several = found.plural if spec.label[1:] else f"categories of {found.label}"
        found = replace(found, singular=found.label, plural=several)
    return replace(found, label=f"{found.label} ({spec.bins})") if isinstance(spec.bins, str) else found


def _form(spec: RecordSideSettings, place: str, declared: DeclaredRelation) -> FieldForm:
    """Return the form of labels in the fields of a side; options have their names, and ticked options are joined."""
    form = field_form(spec, place, declared.engine, declared.base)
    return FieldForm(None if spec.is_counted else BETWEEN, codes=form.codes) if spec.is_wide else form


_OPTION = {"rows": "Row option", "columns": "Column option"}
"""Default name of an axis of options."""


def _taxonomy(
    spec: RecordSideSettings, taxonomies: Mapping[str, Taxonomy], side: str, bins: tuple[str, ...] | None
) -> Taxonomy:
    """Return the taxonomy of a side, with the order that the side gives, and with the category of empty fields.

    It is the named taxonomy, or the only one, or "default". If a config has none, or only one without a name, each
    label of a side is a category. Bins are categories in order.
    """
    if bins is not None:
        found = Taxonomy(side, bins, exact={label: (place,) for place, label in enumerate(bins)}, ordered=bins)
    elif not taxonomies or "" in taxonomies:
        found = replace(taxonomies.get("", Taxonomy("", (), identity=True)), name=side)
    else:
        found = _declared(spec.taxonomy, taxonomies)
    found = with_order(found, spec.ordered)
    return found if spec.blank is None else with_residual(found, spec.blank)


def _declared(name: str | None, taxonomies: Mapping[str, Taxonomy]) -> Taxonomy:
    if name is None:
        name = next(iter(taxonomies)) if len(taxonomies) == 1 else "default"
    return taxonomies[name]


def _units(declared: DeclaredRelation, records: Frame, *, weighted: bool, by_row: bool) -> Frame:
    """Return one row per set of equal records: `unit` (its number), `n`, `rows`, `columns`, levels.

    `by_row`: records of different rows are not equal.
    """
    alike = [*SIDES, *key_columns(key_names(declared.relation)).values(), *(["weight"] if weighted else [])]
    alike += [ROW] if by_row else []
    kinds = records.group_by(*alike, "n_rows", "n_columns").agg(n=_N)
    units = kinds.with_row_index("unit", order_by=alike).with_columns(nw.col("unit").cast(nw.Int64))
    if ACTIVITY in declared.relation.strata:
        units = activity_of(units, declared.engine)
    return units.drop("n_rows", "n_columns")


def _readable(name: str) -> nw.Expr:
    """Return the text of fields, with ticked options separated by semicolons."""
    first = nw.col(name).str.replace_all(f"^{BETWEEN}", "")
    return first.str.replace_all(BETWEEN, "; ", literal=True).alias(name)


def _total(frame: Frame, engine: Engine) -> int:
    """Return the sum of `n`."""
    return int(engine.columns(frame.select(n=nw.col("n").sum().fill_null(0).cast(nw.Int64)))["n"][0])


@dataclass(frozen=True, eq=False)
class RecordTable:
    """The counted rows of a table, or its fields if these are counts.

    `frame` has `rows` and `columns` (the raw fields as text), `rows_value` and `columns_value` (the original values: a
    list, or text), the level columns of group and strata, `weight` if there is one, and `n`: the number of units in a
    row, 1 unless counted. `tally` is None if every row is one unit. `bins` are
    the labels of bins, by side.
    """

    frame: Frame
    tally: Tally | None
    notes: tuple[Note, ...] = ()
    bins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    undeclared: str = ""


def read_records(declared: DeclaredRelation, settings: RecordSettings) -> RecordTable:
    """Return the rows of the table that satisfy `where`, kept in the engine.

    Raises DataError for missing columns, invalid counts, and options that nobody chose.
    """
    engine, place, cells = declared.engine, f"{declared.place}.records", settings.in_cells
    table = open_table(settings.source, declared.base, engine, where_declared=f"{place}.source")
    options = _checked(declared, settings, table)
    frame = matching(table.frame, settings.where)
    values = _values(declared, settings, options, frame)
    counts = _counts(settings, options)
    used = _used(declared, settings, options)
    is_tested = settings.count is not None and cells is None and not (declared.relation.group or settings.independent)
    describing = describing_columns(frame, used, engine) if is_tested else []
    raw = frame.select(
        *(nw.col(column).alias("weight") for column in (settings.weight,) if column is not None),
        **{f"{side}_value": value for side, value in values.items()},
        **({name: nw.col(column) for name, column in counts.items()} or {"n": ONE}),
        **levels_of(frame, key_columns(key_names(declared.relation))),
        **{f"_other_{place}": text(nw.col(column)) for place, column in enumerate(describing)},
    )
    records = engine.keep(with_text(raw, **{side: f"{side}_value" for side in values}))
    records, bins, notes = _recoded(declared, settings, records, values)
    notes = (*notes, *nested_groups(declared, frame, used))
    if not counts:
        return _with_sign(RecordTable(records, None, notes, bins), declared, frame, used, settings)
    records = engine.keep(counts_of(records, counts, declared, settings))
    tally = Tally(
        settings.count if cells is None else None,
        0,
        _variation(declared, settings, records, counts, n_other=len(describing)),
        settings.independent,
    )
    records = records.drop([f"_other_{place}" for place in range(len(describing))])
    if tally.as_groups:
        content = [side for side in SIDES if side in values] + [*key_columns(key_names(declared.relation)).values()]
        content += [*counts, *(["weight"] if settings.weight is not None else [])]
        records = records.with_row_index(ROW, order_by=content)
    if cells is not None:
        records = unpivoted(records, tuple(counts), options[cells], f"{cells}_value", engine)
        records = records.with_columns(nw.col(f"{cells}_value").alias(cells))
    records = engine.keep(records.filter(nw.col("n") > 0))
    if not has_rows(records, engine):
        what = f"{settings.count} is 0 in every row" if cells is None else "every field is 0"
        raise DataError(f"{place}.count: {table.name}: {what} that counts")
    tally = replace(tally, n_rows=engine.count(records))
    return _with_dependence(RecordTable(records, tally, notes, bins), declared, settings, frame, describing)


def _with_dependence(
    table: RecordTable, declared: DeclaredRelation, settings: RecordSettings, frame: Frame, describing: Sequence[str]
) -> RecordTable:
    """Return a table of counts with the sign and notes of a dependence among the units of its rows."""
    if table.tally is None:
        return table
    sign, notes = described_counts(declared, frame, describing if table.tally.variation is None else ())
    notes = notes or _dependence(declared, settings, table.tally, describing)
    return replace(table, notes=(*table.notes, *notes), undeclared=sign)


def _with_sign(
    table: RecordTable, declared: DeclaredRelation, frame: Frame, used: Collection[str], settings: RecordSettings
) -> RecordTable:
    """Return a table whose rows are units with the sign, if any, that they depend on each other."""
    sign, notes = undeclared_group(declared, frame, used, is_independent=settings.independent)
    return replace(table, notes=(*table.notes, *notes), undeclared=sign)


def _recoded(
    declared: DeclaredRelation, settings: RecordSettings, records: Frame, sides: Collection[str]
) -> tuple[Frame, dict[str, tuple[str, ...]], tuple[Note, ...]]:
    """Return records with recoded fields, the labels of bins by side, and notes."""
    bins: dict[str, tuple[str, ...]] = {}
    notes: tuple[Note, ...] = ()
    for side in sides:
        spec: RecordSideSettings = getattr(settings, side)
        if spec.is_recoded:
            place = f"{declared.place}.records.{side}"
            public = "records" in declared.public
            records, own, more = recoded(records, side, spec, place, declared.engine, public=public)
            notes, bins = (*notes, *more), bins if own is None else bins | {side: own}
    return records, bins, notes


def _variation(
    declared: DeclaredRelation, settings: RecordSettings, records: Frame, counts: Mapping[str, str], *, n_other: int
) -> CountVariation | None:
    """Return the variation of counts over rows with the same labels; None with declared groups or independence.

    Rows must also be equal in `n_other` further columns.
    """
    if declared.relation.group or settings.independent:
        return None
    keys = tuple(key_columns(key_names(declared.relation)).values())
    if settings.in_cells is None:
        return variation_of_rows(records, (*keys, *(f"_other_{n}" for n in range(n_other))), declared.engine)
    other = next(side for side in SIDES if side != settings.in_cells)
    return variation_of_fields(records, other, keys, tuple(counts), declared.engine)


def _used(declared: DeclaredRelation, settings: RecordSettings, options: Mapping[str, Options]) -> set[str]:
    """Return the columns used for labels, counts, weights, conditions and levels."""
    sides = {getattr(settings, side).field for side in SIDES} | {column for of in options.values() for column in of}
    own = {settings.count, settings.weight, *settings.where, *key_names(declared.relation)}
    return {column for column in (*sides, *own) if column is not None}


def _checked(declared: DeclaredRelation, settings: RecordSettings, table: Table) -> dict[str, Options]:
    """Return the options of each side with one column per option; DataError naming all missing columns."""
    place = f"{declared.place}.records"
    own = {settings.count: f"{place}.count", settings.weight: f"{place}.weight"}
    if settings.in_cells is not None:
        del own[settings.count]
    asked = dict.fromkeys(key_names(declared.relation), f"{declared.place} (group, strata)")
    asked |= {column: key for column, key in own.items() if column is not None}
    asked |= dict.fromkeys(settings.where, f"{place}.where")
    asked |= {column: f"{place}.{side}" for side in SIDES if (column := getattr(settings, side).field) is not None}
    messages = require_columns(table, asked)
    options: dict[str, Options] = {}
    for side in SIDES:
        spec = getattr(settings, side)
        if spec.is_wide:
            try:
                options[side] = options_of(spec, table.columns, asked, f"{place}.{side}", table.name)
            except DataError as error:
                messages += error.messages
    raise_if_any(messages)
    return options


def _values(
    declared: DeclaredRelation, settings: RecordSettings, options: Mapping[str, Options], frame: Frame
) -> dict[str, nw.Expr]:
    """Return the labels of each side; a side whose fields are counts is left out, since its labels are its options.

    Raises DataError if no option was ever chosen, or fields with a text for "no" count as chosen.
    """
    values = {side: nw.col(getattr(settings, side).field or "") for side in SIDES if side != settings.in_cells}
    for side in list(values):
        if side in options:
            spec = getattr(settings, side)
            check_ticked(spec, options[side], frame, f"{declared.place}.records.{side}", declared.engine)
            values[side] = ticked_options(spec, options[side])
            if spec.blank is None:
                values[side] = with_no_option(values[side], spec, options[side])
    return values


def _counts(settings: RecordSettings, options: Mapping[str, Options]) -> dict[str, str]:
    """Return the columns of counts, by internal name."""
    cells = settings.in_cells
    if cells is not None:
        return {f"count_{place}": column for place, column in enumerate(options[cells])}
    return {} if settings.count is None else {"n": settings.count}


def _dependence(
    declared: DeclaredRelation, settings: RecordSettings, tally: Tally, describing: Sequence[str]
) -> tuple[Note, ...]:
    """Return a note if units of one row are assumed independent, or if their counts vary too much for that.

    `describing` are the other columns in which rows with the same labels may differ.
    """
    variation, calm = tally.variation, not (tally.as_groups or tally.dispersion)
    if declared.relation.group or settings.independent or (variation is not None and calm):
        return ()
    units = unit_of("record", settings.label).plural
    if variation is None:
        why = "no two rows have the same labels, so this cannot be tested"
        if describing:
            why = f"rows with the same labels differ in {', '.join(describing[:_LISTED])}, so this cannot be tested"
        message = (
            f"{declared.name}: {units} in one row count as independent; {why}; if they are related, declare "
            "the column that they share as group"
        )
        return (Note("counts_per_row", declared.name, message),)
    declare = (
        f"declare the column that they share as group, or write independent: true in records if the {units} of one row "
        "are independent"
    )
    if tally.dispersion is not None:
        message = (
            f"{declared.name}: counts of rows with the same labels vary {variation.index:.2g} times as much as "
            f"those of independent {units}, so all variances are multiplied by this (quasi-Poisson); {declare}"
        )
        return (Note("dispersion", declared.name, message),)
    why = f"vary {variation.index:.2g} times as much as those of independent {units}"
    why = f"counts of rows with the same labels {why}" if variation.is_excessive else "rows seem to have been drawn"
    message = f"{declared.name}: {why}, so the {units} of one row are taken as a group; {declare}"
    return (Note("rows_as_groups", declared.name, message),)
