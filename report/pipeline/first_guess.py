"""From a first look at files to how they belong together: entities with links, or records; each with its reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import permutations

from ..errors import DataError
from .first_look import Column, Look

RESOLVES = 0.5
"""Share of the names in a column that must be those of an entity for the column to be a link to it."""

SAME = 0.3
"""Share of the labels of both sides that must be on either for the two to have one taxonomy."""


@dataclass(frozen=True)
class Entity:
    """A file whose rows are items: the column of their ids, that of their labels, and that of their dates."""

    look: Look
    key: Column
    labels: Column
    date: Column | None

    @property
    def names(self) -> Collection[str]:
        """The ids."""
        return self.key.counts.keys()


@dataclass(frozen=True)
class Links:
    """Two entities and what links them: two columns of a table, or one column of the entity `to`."""

    from_: Entity
    to: Entity
    table: Look | None
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Records:
    """A file whose rows carry labels on both sides."""

    look: Look
    rows: Column
    columns: Column


@dataclass(frozen=True)
class Guess:
    """How files belong together, and why it was taken to be so."""

    what: Links | Records
    reasons: tuple[str, ...]
    is_shared: bool
    """Whether both sides have one taxonomy."""

    @property
    def sides(self) -> tuple[Column, Column]:
        """The columns of labels of both sides."""
        if isinstance(self.what, Records):
            return self.what.rows, self.what.columns
        return self.what.from_.labels, self.what.to.labels


def guess(looks: Sequence[Look]) -> Guess:
    """Return how files belong together. DataError, with what each file has, where nothing fits."""
    entities = [entity for look in looks if (entity := _entity(look, looks)) is not None]
    links = _links(looks, entities)
    if links is not None:
        return _with_reasons(links)
    for look in looks:
        labels = look.labels()
        if len(labels) > 1:
            return _with_reasons(Records(look, labels[0], labels[1]))
    raise DataError(
        "init: needs a table with two columns of labels, or two tables of items with ids and labels and a column that "
        "links them",
        *(_told(look) for look in looks),
    )


def _entity(look: Look, looks: Sequence[Look]) -> Entity | None:
    """Return a file as items; None where it has no ids, or no labels that are not names of another file's items."""
    key = look.key
    if key is None:
        return None
    others = [other.key.counts.keys() for other in looks if other is not look and other.key is not None]
    labels = [
        column for column in look.labels(but=(key.name,)) if all(column.share_in(names) < RESOLVES for names in others)
    ]
    if not labels:
        return None
    named = sorted(labels, key=lambda column: column.name.casefold() not in ("label", "labels", "tags", "tasks"))
    return Entity(look, key, named[0], next((column for column in look.columns if column.is_date), None))


def _links(looks: Sequence[Look], entities: Sequence[Entity]) -> Links | None:
    """Return the links of which most names are found: in a table of their own first, else in a column of an entity."""
    found: list[tuple[float, Links]] = []
    for one, other in permutations(entities, 2):
        for look in looks:
            if look not in (one.look, other.look):
                found += _in_table(one, other, look)
        for column in other.look.columns:
            share = column.share_in(one.names)
            if column.name not in (other.key.name, other.labels.name) and share >= RESOLVES:
                found.append((share, Links(one, other, None, (column,))))
    tables = [each for each in found if each[1].table is not None]
    return max(tables or found, key=lambda each: each[0], default=(0.0, None))[1]


def _in_table(one: Entity, other: Entity, look: Look) -> list[tuple[float, Links]]:
    """Return the pair of columns of a table that link two entities, in the order of its columns; none, or one."""
    pairs = [
        (min(shares), Links(one, other, look, (first, second)))
        for at, first in enumerate(look.columns)
        for second in look.columns[at + 1 :]
        if min(shares := (first.share_in(one.names), second.share_in(other.names))) >= RESOLVES
    ]
    return [max(pairs, key=lambda each: each[0])] if pairs else []


def _with_reasons(what: Links | Records) -> Guess:
    made = Guess(what, (), is_shared=False)
    first, second = (column.counts.keys() for column in made.sides)
    is_shared = len(first & second) >= SAME * len(first | second)
    one = "one taxonomy, since both sides have labels in common" if is_shared else "a taxonomy for each side"
    return Guess(what, (*_reasons(what), one), is_shared)


def _reasons(what: Links | Records) -> list[str]:
    if isinstance(what, Records):
        return [f"{what.look.path}: each row is a unit, with labels in {what.rows.name} and in {what.columns.name}"]
    told = [
        f"{e.look.path}: items, since {e.key.name} names each row once; their labels are in {e.labels.name}, "
        f"{len(e.labels.counts)} different ones"
        for e in (what.from_, what.to)
    ]
    if what.table is None:
        (column,) = what.columns
        share = column.share_in(what.from_.names)
        return [
            *told,
            f"{what.to.look.path}: {column.name} links, since {share:.0%} of its names are items of the other",
        ]
    ends = zip(what.columns, (what.from_, what.to), strict=True)
    shares = " and ".join(f"{c.share_in(e.names):.0%} of {c.name} are {e.look.name}" for c, e in ends)
    return [*told, f"{what.table.path}: links, since {shares}"]


def _told(look: Look) -> str:
    key = "no column that names each row once" if look.key is None else f"ids in {look.key.name}"
    labels = ", ".join(column.name for column in look.labels()) or "none"
    return f"{look.path}: {key}; columns of labels: {labels}"
