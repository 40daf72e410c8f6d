"""Recounts with the engine: only units that touch an altered item are counted, all changes in one query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from ..incidence import sums
from ..relations.meeting import ONE
from ..relations.sets import SIDES, in_none, masked_units, masks_by, words
from .altering import altered, given
from .levels import without_level
from .merging import merged

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ..incidence import Incidence
    from ..relations.meeting import Meeting, MeetingSide
    from ..sources.engine import Engine, Frame
    from .altering import Altered
    from .change import Change


def recount(
    meeting: Meeting, engine: Engine, incidence: Incidence, changes: Sequence[Change]
) -> dict[Change, Incidence]:
    """Return the incidence as each change would have it, given that of the meeting as it is.

    item: it disappears; units without any item left on a side (over a shared key with population `either`: on
    both) leave the population. label: it does not exist; items keep their other labels, derived categories are
    evaluated anew, and an item without a category stays where it is (a record too: its text counts as unknown,
    not as left out). replaces, preset: see `diptych.taxonomy.variants`. With `population: labelled` units enter
    and leave as their categories say. The group, stratum and weight of a unit stay as they are, strata of
    `activity` also, so that a recount asks what the item or label does within the same strata.

    A change of something that is not there gives the incidence itself. Raises ValueError for an unknown side,
    and for labels of items that were read without.
    """
    numbers: dict[tuple[object, ...], int] = {}
    by_side: list[dict[int, Change]] = [{}, {}]
    number_of: dict[Change, int] = {}
    for change in changes:
        if change.by in ("stratum", "group"):
            continue
        places = _sides(meeting, change)
        number_of[change] = numbers.setdefault((change.by, tuple(places), change.name), len(numbers))
        for place in places:
            by_side[place][number_of[change]] = change
    alterations = [
        altered(side, asked, engine) if asked else None
        for side, asked in zip((meeting.rows, meeting.columns), by_side, strict=True)
    ]
    found = counted(meeting, engine, incidence, alterations)
    return {
        change: found.get(number_of[change], incidence)
        if change in number_of
        else without_level(incidence, change.by, change.name)  # type: ignore[arg-type]
        for change in changes
    }


def recount_with_members(
    meeting: Meeting, engine: Engine, incidence: Incidence, side: str, members: Mapping[str, Collection[str]]
) -> Incidence:
    """Return the incidence as it would be if items of a side were in given categories instead of their own.

    `members` names the categories of each item (none: unlabelled), derived ones as they shall be; an item that
    is not there changes nothing. Where one entity stands on both sides its items change on both. Raises
    ValueError for an unknown side or category.
    """
    sides = (meeting.rows, meeting.columns)
    entity = next((s.entity for s in sides if s.name == side), None)
    if entity is None:
        raise ValueError(f'"{side}" is no side of relation {meeting.relation}')
    alterations: list[Altered | None] = []
    for one in sides:
        index = {category: number for number, category in enumerate(one.categories)}
        if one.entity != entity:
            alterations.append(None)
            continue
        unknown = sorted({name for names in members.values() for name in names}.difference(index))
        if unknown:
            raise ValueError(f"no categories of {side}: {', '.join(unknown)}")
        alterations.append(given(one, {item: [index[n] for n in names] for item, names in members.items()}, engine))
    return counted(meeting, engine, incidence, alterations).get(0, incidence)


def _sides(meeting: Meeting, change: Change) -> list[int]:
    """Return the sides (0 rows, 1 columns) on which a change alters items."""
    sides = (meeting.rows, meeting.columns)
    if change.side is None and change.by in ("replaces", "preset"):
        return [0, 1]
    entity = next((side.entity for side in sides if side.name == change.side), None)
    if entity is None:
        raise ValueError(f'"{change.side}" is no side of relation {meeting.relation}')
    return [place for place, side in enumerate(sides) if side.entity == entity]


def counted(
    meeting: Meeting, engine: Engine, incidence: Incidence, alterations: Sequence[Altered | None]
) -> dict[int, Incidence]:
    """Return by number the incidences that differ."""
    units = meeting.units if meeting.unfiltered is None else meeting.unfiltered
    states = {
        name: _state(side, name, alteration, units, engine)
        for name, side, alteration in zip(SIDES, (meeting.rows, meeting.columns), alterations, strict=True)
        if alteration is not None
    }
    if not states:
        return {}
    touched = engine.keep(nw.concat([state.select("change", "unit") for state in states.values()]).unique())
    rows = touched.join(_before(meeting, touched, units, engine), on="unit")
    for state in states.values():
        rows = rows.join(state, on=["change", "unit"], how="left")
    table = engine.collect(_differences(meeting, engine.keep(rows), tuple(states)))
    return merged(incidence, table) if len(table) else {}


def _before(meeting: Meeting, touched: Frame, units: Frame, engine: Engine) -> Frame:
    """Return the touched units with the words of both sides, and `row_has`, `column_has` where having items matters."""
    found = masked_units(units.join(touched.select("unit").unique(), on="unit", how="semi"), meeting)
    if meeting.counts == "either":
        for name, side in zip(SIDES, (meeting.rows, meeting.columns), strict=True):
            has = side.uses.select("unit").unique().with_columns(ONE.alias(f"{name}_has"))
            found = found.join(has, on="unit", how="left").with_columns(nw.col(f"{name}_has").fill_null(0))
    return engine.keep(found)


def _differences(meeting: Meeting, rows: Frame, altered_sides: Sequence[str]) -> Frame:
    """Return the patterns that come (units above 0) and go (below) with each change.

    `rows` has one row a (`change`, unit) with its words before, and on each altered side its state after.
    """
    side_words = {
        name: words(name, len(side.categories))
        for name, side in zip(SIDES, (meeting.rows, meeting.columns), strict=True)
    }
    every = [word for names in side_words.values() for word in names]
    new = {
        word: nw.when(nw.col(f"{name}_new").is_null()).then(nw.col(word)).otherwise(nw.col(f"new_{word}"))
        for name in altered_sides
        for word in side_words[name]
    }
    levels = ["stratum", *(["group"] if meeting.grouped else [])]
    columns = ["change", "n", *levels, *(["weight"] if meeting.weight_scale is not None else [])]
    # What `population: labelled` asks is asked of both at once, below.
    remaining = rows if meeting.counts == "labelled" else rows.filter(_remains(meeting, altered_sides))
    coming = remaining.with_columns(**new).select(*columns, *every)
    going = rows.with_columns(n=nw.col("n") * -1).select(*columns, *every)
    both = nw.concat([going, coming])
    if meeting.counts == "labelled":
        for names in side_words.values():
            both = both.filter(~in_none(names))
    return both.group_by("change", *levels, *every).agg(*sums(weighted=meeting.weight_scale is not None))


def _remains(meeting: Meeting, altered_sides: Sequence[str]) -> nw.Expr:
    """Return whether a unit has the items left that it needs to count."""
    left = {name: nw.col(f"{name}_left") for name in altered_sides}
    if meeting.counts == "both":
        return nw.all_horizontal(*(n.fill_null(1) > 0 for n in left.values()), ignore_nulls=True)
    has = {name: nw.col(f"{name}_has") for name in SIDES}
    return nw.any_horizontal(
        *(nw.coalesce(left[name], has[name]) > 0 if name in left else has[name] > 0 for name in SIDES),
        ignore_nulls=True,
    )


def _state(side: MeetingSide, name: str, alteration: Altered, units: Frame, engine: Engine) -> Frame:
    """Return what the units that touch an altered item become on a side.

    One row a (`change`, `unit`) with `new_` and each word of the side, the items that are left (`<name>_left`) and
    the mark `<name>_new`.
    """
    touching = side.uses.join(alteration.items, on="item").select("change", "unit").unique()
    touching = engine.keep(touching.join(units.select("unit"), on="unit", how="semi"))
    marks = alteration.items.with_columns(altered=ONE)
    theirs = touching.join(side.uses, on="unit").join(marks, on=["change", "item"], how="left")
    theirs = engine.keep(theirs)
    same = theirs.filter(nw.col("altered").is_null()).join(side.members, on="item")
    other = theirs.filter(~nw.col("altered").is_null()).join(alteration.members, on=["change", "item"])
    memberships = nw.concat([part.select("change", "unit", "category") for part in (same, other)])
    side_words = words(name, len(side.categories))
    masks = masks_by(memberships, ["change", "unit"], side_words, len(side.categories))
    masks = masks.select("change", "unit", **{f"new_{word}": nw.col(word) for word in side_words})
    state = touching.join(masks, on=["change", "unit"], how="left")
    state = state.with_columns(*(nw.col(f"new_{word}").fill_null(0) for word in side_words), ONE.alias(f"{name}_new"))
    if alteration.any_gone:
        kept = theirs.filter(nw.col("gone").fill_null(0) == 0).group_by("change", "unit")
        left = kept.agg(nw.len().cast(nw.Int64).alias(f"{name}_left"))
        state = state.join(left, on=["change", "unit"], how="left")
        state = state.with_columns(nw.col(f"{name}_left").fill_null(0))
    else:
        state = state.with_columns(ONE.alias(f"{name}_left"))
    return engine.keep(state)
