"""Guess how data files are related: possible kinds, labels and links for a report, with reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product

from ...errors import DataError, did_you_mean, listed
from ...taxonomy.orders import is_leftover
from .columns import Look, LookedColumn, restricted
from .confounding import find_confounder
from .scoring import (
    SidePair,
    able,
    are_alike,
    as_side,
    can_be,
    count_of,
    count_of_cells,
    group_of,
    is_sure_weight,
    likeness,
    pairs,
    possible_sides,
    time_of_stock,
    told,
    weights_of,
    why_set_aside,
)
from .units import rows_per_unit

RESOLVES = 0.5
"""Minimum share of names in a column that are ids of an entity for the column to be a link to it."""

_OTHERS = 3
_MOST_STRATA = 12
_ALTERNATIVES = 4
_SET_ASIDE = 8


@dataclass(frozen=True)
class NamedColumns:
    """Columns of one table that the user named; None means that it is guessed."""

    rows: str | None = None
    columns: str | None = None
    count: str | None = None
    group: str | None = None
    """An empty text means that rows are independent."""

    unit: str | None = None
    """The name of one row."""

    @property
    def any(self) -> bool:
        """Return whether a column is named."""
        return any(name is not None for name in (self.rows, self.columns, self.count, self.group))

    @property
    def in_table(self) -> dict[str, str]:
        """Return the mapping from options to the columns that they name."""
        named = {f"--{key}": getattr(self, key) for key in ("rows", "columns", "count", "group")}
        return {option: name for option, name in named.items() if name}


@dataclass(frozen=True)
class Reason:
    """The guess for something (`rows`, `group`, ...), the reason, and alternatives."""

    of: str
    why: str
    others: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """Return the reason, with the next alternative."""
        return self.why + (f"; else {', '.join(self.others)}" if self.others else "")

    def __str__(self) -> str:
        return f"{self.of}: {self.said}"


@dataclass(frozen=True)
class Entity:
    """A file whose rows are items: its columns of ids, labels and dates."""

    look: Look
    key: LookedColumn
    labels: LookedColumn
    date: LookedColumn | None

    @property
    def names(self) -> Collection[str]:
        """Return the ids."""
        return self.key.counts.keys()


@dataclass(frozen=True)
class GuessedLinks:
    """Two entities and their link: two columns of a table, or one column of the entity `to`."""

    from_: Entity
    to: Entity
    table: Look | None
    columns: tuple[LookedColumn, ...]


@dataclass(frozen=True)
class GuessedShared:
    """Two entities and their columns that contain the same names."""

    from_: Entity
    to: Entity
    columns: tuple[LookedColumn, LookedColumn]


@dataclass(frozen=True)
class GuessedRecords:
    """A file with labels of both sides in each row, the number of units per row, and the group that rows share."""

    look: Look
    rows: LookedColumn
    columns: LookedColumn
    count: LookedColumn | None = None
    group: LookedColumn | None = None
    strata: tuple[LookedColumn, ...] = ()
    """Possible strata for a later analysis, in order of likelihood; none of them is used."""

    confounder: LookedColumn | None = None
    """The column within whose values little of the association is left. It is used as strata."""

    unit: str | None = None
    """The name of one row, if the user gave it."""

    weight: LookedColumn | None = None
    """The column that may contain weights."""
    is_weighted: bool = False
    """Whether rows are weighted by it. Otherwise it is only offered."""

    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns, and the values of the rows that are counted."""

    alternatives: tuple[tuple[str, str], ...] = ()
    """Other pairs of columns, in order of likelihood."""

    chosen_among: int | None = None
    """The number of pairs among which the sides were chosen because they are associated, or None."""

    @property
    def matrix(self) -> LookedColumn | None:
        """Return the side whose fields count units, or None."""
        return next((side for side in (self.rows, self.columns) if side.amounts is not None), None)

    @property
    def taken(self) -> frozenset[str]:
        """Return the columns of the file that are a side or a count."""
        return self.rows.in_file | self.columns.in_file | ({self.count.name} if self.count else set())

    def n_units(self, side: LookedColumn) -> Counter[str]:
        """Return the number of units with each label of a side, among the rows examined."""
        amounts = None if self.matrix is None else self.matrix.amounts
        if side is self.matrix or (amounts is None and self.count is None):
            return side.counts
        if amounts is not None:
            each = [sum(of_row) for of_row in amounts]
        else:
            each = [int(float(n[0])) if n else 0 for n in self.count.rows] if self.count is not None else []
        found: Counter[str] = Counter()
        for n, labels in zip(each, side.rows, strict=True):
            found.update(dict.fromkeys(labels, n))
        return found


@dataclass(frozen=True)
class Guess:
    """How files are related, with reasons for the guess."""

    what: GuessedLinks | GuessedShared | GuessedRecords
    reasons: tuple[Reason, ...]
    is_shared: bool
    """Whether both sides have the same taxonomy."""

    @property
    def sides(self) -> tuple[LookedColumn, LookedColumn]:
        """Return the columns of labels of both sides."""
        if isinstance(self.what, GuessedRecords):
            return self.what.rows, self.what.columns
        return self.what.from_.labels, self.what.to.labels

    def reason(self, of: str) -> Reason | None:
        """Return the reason for something, or None."""
        return next((reason for reason in self.reasons if reason.of == of), None)


def guess(looks: Sequence[Look], named: NamedColumns = NamedColumns()) -> Guess:
    """Return how files are related. Raises DataError, with a list of each file's columns, if nothing fits."""
    if not named.any:
        entities = [entity for look in looks if (entity := _entity(look, looks)) is not None]
        found = _links(looks, entities) or _shared(entities)
        if found is not None:
            return _of_entities(found)
    records = [one for look in looks if (one := _records(look, named)) is not None]
    if records:
        return max(records, key=lambda one: one[0])[1]
    missing = [message for look in looks for message in _missing(look, named)]
    if missing:
        raise DataError(*missing)
    raise DataError(
        "init: needs a table with two columns of labels, or two tables of items with ids and labels and a column that "
        "links them; --rows and --columns name columns, and numbers are then divided into bins (docs/ordered.md)",
        *(_told(look) for look in looks),
    )


def _missing(look: Look, named: NamedColumns) -> list[str]:
    names = [column.name for column in look.columns]
    return [
        f'init: {option}: {look.path} has no column "{name}"; it has {listed(names)}{did_you_mean(name, names)}'
        for option, name in named.in_table.items()
        if name not in names
    ]


def _records(look: Look, named: NamedColumns) -> tuple[float, Guess] | None:
    """Return the likeliest two sides of a table with their score, or None if there are none or named ones lack."""
    if _missing(look, named):
        return None
    chosen = [None if name is None else look.column(name) for name in (named.rows, named.columns)]
    rows, columns = (None if column is None else as_side(column) for column in chosen)
    if rows is not None and columns is not None and rows.name == columns.name:
        raise DataError(
            f"init: {rows.name} cannot be both sides of a record: in a table of items whose key is {rows.name}, "
            f"shared: {{key: {rows.name}, entities: [...]}} is what is meant; give --columns another column"
        )
    counts = count_of(look) if named.count is None else [column for column in [look.column(named.count)] if column]
    if not counts and named.count is None and rows is not None and columns is not None:
        counts = count_of_cells(look, rows, columns)
    last = time_of_stock(look, counts[0]) if counts and named.count is None else None
    if last is not None:
        look = look.restricted([row for row, values in enumerate(last[0].rows) if values == (last[1],)])
        counts = [column for one in counts if (column := look.column(one.name)) is not None]
    count = next(iter(counts), None)
    taken = {column.name for column in counts} - {named.rows, named.columns} | {column.name for column in counts[:1]}
    found = [one for one in pairs(look, rows, columns, count) if not taken & {one.rows.name, one.columns.name}]
    if not found:
        return None
    groups = group_of(look, (found[0].rows, found[0].columns)) if not counts else []
    what = _of_pair(look, found, count, groups, named)
    reasons = list(_record_reasons(what, found, counts, groups, named))
    if last is not None:
        says = f"only {last[0].name} {last[1]}, since {counts[0].name} counts a stock"
        what = replace(what, where={last[0].name: (last[1],)})
        reasons.append(Reason("where", says))
    return found[0].score, _with_taxonomy(*_with_strata(what, reasons))


def _of_pair(
    look: Look,
    found: Sequence[SidePair],
    count: LookedColumn | None,
    groups: Sequence[tuple[float, LookedColumn, str]],
    named: NamedColumns,
) -> GuessedRecords:
    """Return records whose sides are the first pair, with their group, weight and possible strata."""
    best = found[0]
    group = groups[0][1] if groups and named.group is None else look.column(named.group) if named.group else None
    weight = next((column for column in weights_of(look) if column is not count), None)
    what = GuessedRecords(look, best.rows, best.columns, count=count, group=group, unit=named.unit, weight=weight)
    others = [column for column in look.columns if column.name not in what.taken]
    strata = [c for c in able(others, "label") if c.is_single and c is not group and len(c.counts) <= _MOST_STRATA]
    is_single = count is None and what.matrix is None
    return replace(
        what,
        strata=tuple(strata[:_OTHERS]),
        is_weighted=weight is not None and is_single and is_sure_weight(weight),
        alternatives=tuple((pair.rows.name, pair.columns.name) for pair in found[1 : 1 + _ALTERNATIVES]),
        chosen_among=len(found) if _is_chosen(found, named) and best.strength else None,
    )


def _with_strata(what: GuessedRecords, reasons: list[Reason]) -> tuple[GuessedRecords, list[Reason]]:
    """Return records with the strata within which little of the association is left, if there are any."""
    aside = {column.name for column in (what.group, *weights_of(what.look)) if column is not None}
    found = find_confounder(what.look, (what.rows, what.columns), what.count, what.taken | aside)
    if found is None:
        return what, reasons
    reasons.append(Reason("strata", found.reason))
    what, n_out = _with_known_strata(replace(what, confounder=found.column), found.column)
    if n_out:
        reasons.append(Reason("where", f"{n_out:,} rows without a known {found.column.name} are left out"))
    return what, reasons


_MOST_LEFT_OUT = 0.1


def _with_known_strata(what: GuessedRecords, column: LookedColumn) -> tuple[GuessedRecords, int]:
    """Return records without rows of unknown strata, and their number, if these are few and strata can be listed."""
    known = tuple(value for value in column.counts if not is_leftover(value))
    chosen = [row for row, values in enumerate(column.rows) if values and values[0] in known]
    n_out = what.look.n_rows - len(chosen)
    if not 0 < n_out <= _MOST_LEFT_OUT * what.look.n_rows or len(known) > _MOST_STRATA:
        return what, 0
    group, count, weight = (
        None if of is None else restricted(of, chosen) for of in (what.group, what.count, what.weight)
    )
    known_rows = replace(
        what,
        look=what.look.restricted(chosen),
        rows=restricted(what.rows, chosen),
        columns=restricted(what.columns, chosen),
        group=group,
        count=count,
        weight=weight,
        confounder=restricted(column, chosen),
        where={**what.where, column.name: known},
    )
    return known_rows, n_out


def _record_reasons(
    what: GuessedRecords,
    found: Sequence[SidePair],
    counts: Sequence[LookedColumn],
    groups: Sequence[tuple[float, LookedColumn, str]],
    named: NamedColumns,
) -> list[Reason]:
    unit = "each row is a unit" if what.count is None else "each row stands for as many units as its count says"
    unit = "each field counts units" if what.matrix is not None else unit
    reasons = [Reason("records", f"{what.look.path.name}: {unit}")]
    for of, column, is_named in (("rows", what.rows, named.rows), ("columns", what.columns, named.columns)):
        why = f"{column.name}, as it was named" if is_named else f"{column.name}, {told(column, 'label')}"
        if column.bins is not None:
            n = len({number for row in column.measured for number in row})
            why += f", in bins, since it has {n:,} different numbers"
        others = [] if is_named else _other(of, what, found)
        reasons.append(Reason(of, why, tuple(others)))
    if _is_chosen(found, named):
        reasons.append(Reason("pair", _chosen(found)))
    if what.count is not None:
        says = "as it was named" if named.count else "since no two rows have the same labels"
        reasons.append(Reason("count", f"{what.count.name}, {says}", tuple(c.name for c in counts[1 : 1 + _OTHERS])))
    if what.group is not None:
        says = "as it was named" if named.group else groups[0][2]
        others = [] if named.group else [column.name for _, column, _ in groups[1 : 1 + _OTHERS]]
        reasons.append(Reason("group", f"{what.group.name}, {says}", tuple(others)))
    if what.weight is not None:
        says = (
            "is the weight of each row"
            if what.is_weighted
            else "looks like a weight and is not used; the config offers it"
        )
        reasons.append(Reason("weight", f"{what.weight.name} {says}"))
    left_out = [name for side in (what.rows, what.columns) for name in side.left_out]
    if left_out:
        reasons.append(Reason("options", f"{listed(left_out)} not among them, since it is text that people wrote"))
    return [*reasons, *_about_rows(what), *_passed_over(what)]


def _about_rows(what: GuessedRecords) -> Iterator[Reason]:
    """Yield the codes that count as empty, and whether several rows seem to be one unit."""
    for side in (what.rows, what.columns):
        if side.no_answer:
            codes = listed(list(side.no_answer))
            yield Reason("no answer", f"{codes} of {side.name}, far from its other values, counts as empty")
    n_each = rows_per_unit(what.look) if what.group is None else None
    if n_each is not None:
        says = f"each {n_each} rows seem to be one unit, observed {n_each} times, which tests do not account for; "
        yield Reason("unit", f"{says}add a column with its name to the table, and --group names it")


def _is_chosen(found: Sequence[SidePair], named: NamedColumns) -> bool:
    """Return whether the sides are one of several pairs and the user did not name both."""
    return len(found) > 1 and not (named.rows and named.columns)


def _passed_over(what: GuessedRecords) -> Iterator[Reason]:
    """Yield the columns that are no sides, with reasons, and outcomes that are not crossed."""
    used = {column.name for column in (what.group, what.weight, what.confounder) if column is not None} | what.taken
    sides, likelihood = possible_sides(what.look)
    outcomes = [name for name in sides if likelihood[name] >= _OUTCOME and name not in used]
    if outcomes:
        option = f"--columns {outcomes[0]}" if " " not in outcomes[0] else f'--columns "{outcomes[0]}"'
        verb = "look like outcomes" if len(outcomes) > 1 else "looks like an outcome"
        yield Reason("outcomes", f"{listed(outcomes, _OTHERS)} {verb} too; {option} crosses it")
    aside = []
    for column in what.look.columns:
        if column.ticked is None and column.name not in used | {*sides}:
            reason = why_set_aside(column) or told(column, "label").rpartition("but ")[2]
            aside += [f"{column.name} ({reason})" if reason else column.name]
    if aside:
        yield Reason("set aside", listed(aside, _SET_ASIDE))


_OUTCOME = 0.6
"""Likelihood of an outcome from which a column is mentioned."""


def _chosen(found: Sequence[SidePair]) -> str:
    """Return how the first of several pairs was chosen, and how far its tests can be trusted."""
    if not found[0].strength:
        return f"the likeliest of {len(found):,} by what the columns are; none was chosen for its association"
    return (
        f"chosen among {len(found):,} also because its columns go together; tests in the report do not account for "
        "this choice, so test it on other data"
    )


def _other(of: str, what: GuessedRecords, found: Sequence[SidePair]) -> list[str]:
    """Return alternative columns for one side, given the other side, in order of likelihood."""
    kept = what.columns if of == "rows" else what.rows
    names = []
    for pair in found[1:]:
        ends = {pair.rows.name, pair.columns.name}
        if kept.name in ends:
            names += sorted(ends - {kept.name} - what.taken)
    return list(dict.fromkeys(names))[:_OTHERS]


def _entity(look: Look, looks: Sequence[Look]) -> Entity | None:
    """Return a file as items, or None if it has no ids, or no labels other than names of another file's items."""
    key = look.key
    if key is None or len(looks) == 1:
        return None
    others = [other.key for other in looks if other is not look and other.key is not None]
    labels = [
        column
        for column in able(look.columns, "label")
        if column.name != key.name and all(likeness(column, other, "") < RESOLVES for other in others)
    ]
    return Entity(look, key, labels[0], next(iter(able(look.columns, "date")), None)) if labels else None


def _links(looks: Sequence[Look], entities: Sequence[Entity]) -> GuessedLinks | None:
    """Return the links with the most resolved names: in a separate table, otherwise in a column of an entity."""
    found: list[tuple[float, GuessedLinks]] = []
    for one, other in product(entities, repeat=2):
        for look in looks:
            if look not in (one.look, other.look):
                found += _in_table(one, other, look)
        if one is other:
            continue
        for column in other.look.columns:
            share = likeness(column, one.key, one.look.name)
            if column.name not in (other.key.name, other.labels.name) and share >= RESOLVES:
                found.append((share, GuessedLinks(one, other, None, (column,))))
    tables = [each for each in found if each[1].table is not None]
    best = max(tables or found, key=lambda each: each[0], default=None)
    return None if best is None else best[1]


def _in_table(one: Entity, other: Entity, look: Look) -> Iterator[tuple[float, GuessedLinks]]:
    """Yield the pairs of columns of a table that link two entities, in column order."""
    for first, second in combinations(look.columns, 2):
        share = min(likeness(first, one.key, one.look.name), likeness(second, other.key, other.look.name))
        if share >= RESOLVES:
            yield share, GuessedLinks(one, other, look, (first, second))


def _shared(entities: Sequence[Entity]) -> GuessedShared | None:
    """Return two entities whose items share names in columns of the same name, or None if there are none."""
    for one, other in combinations(entities, 2):
        for column in one.look.columns:
            second = other.look.column(column.name)
            if second is None or column.name in (one.labels.name, other.labels.name, one.key.name, other.key.name):
                continue
            both = min(column.share_in(second.counts.keys()), second.share_in(column.counts.keys()))
            if column.is_single and second.is_single and not column.is_number and both >= RESOLVES:
                return GuessedShared(one, other, (column, second))
    return None


def _with_taxonomy(what: GuessedLinks | GuessedShared | GuessedRecords, reasons: list[Reason]) -> Guess:
    made = Guess(what, (), is_shared=False)
    is_shared = are_alike(*made.sides)
    why = "one, since both sides have labels in common" if is_shared else "one for each side"
    return Guess(what, (*reasons, Reason("taxonomy", why)), is_shared)


def _of_entities(what: GuessedLinks | GuessedShared) -> Guess:
    reasons = []
    for name, e in {entity.look.name: entity for entity in (what.from_, what.to)}.items():
        taken = {e.labels.name, e.key.name, *(column.name for column in what.columns)}
        others = [column.name for column in able(e.look.columns, "label") if column.name not in taken]
        why = f"{e.labels.name}, {len(e.labels.counts):,} different ones: {told(e.labels, 'label')}"
        reasons.append(Reason(name, f"{e.look.path}: items, since {e.key.name} names each row once"))
        reasons.append(Reason(f"{name}.labels", why, tuple(others[:_OTHERS])))
        if e.date is not None:
            reasons.append(Reason(f"{name}.date", f"{e.date.name}, {told(e.date, 'date')}"))
    reasons.append(Reason("relation", _linked(what)))
    return _with_taxonomy(what, reasons)


def relabelled(found: Guess, first: str, second: str) -> Guess:
    """Return a guess of two kinds of items with other columns as their labels."""
    what = found.what
    if isinstance(what, GuessedRecords):
        return found
    from_, to = (
        replace(entity, labels=entity.look.column(name) or entity.labels)
        for entity, name in ((what.from_, first), (what.to, second))
    )
    return _of_entities(replace(what, from_=from_, to=to))


def _linked(what: GuessedLinks | GuessedShared) -> str:
    if isinstance(what, GuessedShared):
        first, second = what.columns
        shares = f"{first.share_in(second.counts.keys()):.0%} and {second.share_in(first.counts.keys()):.0%}"
        return f"{first.name} is in both, and {shares} of its values are in the other"
    if what.table is None:
        (column,) = what.columns
        return (
            f"{what.to.look.path}: {column.name} links, since {column.share_in(what.from_.names):.0%} of its names are "
            "items of the other"
        )
    ends = zip(what.columns, (what.from_, what.to), strict=True)
    shares = " and ".join(f"{c.share_in(e.names):.0%} of {c.name} are {e.look.name}" for c, e in ends)
    return f"{what.table.path}: links, since {shares}"


def _told(look: Look) -> str:
    key = "no column that names each row once" if look.key is None else f"ids in {look.key.name}"
    labels = [column.name for column in look.columns if can_be(column, "label")]
    others = [
        f"{c.name} ({told(c, 'label').rpartition('but ')[2]})"
        for c in look.columns
        if c.name not in labels and c is not look.key
    ]
    said = f"{look.path}: {key}; columns of labels: {', '.join(labels) or 'none'}"
    said += f"; not {', '.join(others[:_OTHERS])}" if others else ""
    if len(labels) < 2:
        return said
    first, second = (f'"{name}"' if " " in name else name for name in labels[:2])
    return (
        f"{said}; for each two of these, one determines the other, both are one outcome, or all combinations occur as "
        f"often as by chance; --rows {first} --columns {second} crosses two of them anyway"
    )
