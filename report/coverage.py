"""Coverage: what was labelled, linked and resolved, what was left out and why; and the guards of `expect:`."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import narwhals as nw
import pandas as pd
from pydantic import Field

from .errors import ExpectationError
from .relations.sets import in_none, masked_units, words
from .schema import did_you_mean
from .settings import Settings, Share

if TYPE_CHECKING:
    from .relations.meeting import Meeting, MeetingSide
    from .sources.engine import Engine, Frame


class ExpectSettings(Settings):
    """Guards: outside them the build stops and the old site stays.

    `rows`: the least number of rows of an entity, or of links or records of a relation. `unlabelled`,
    `unresolved`: the largest share of items without a category, of links that find no item. `change`: the
    largest relative change of any row count or population since the last snapshot, and the largest difference of
    the headline number of a finding (of a ratio the largest relative change).
    """

    rows: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    unlabelled: Share | None = None
    unresolved: Share | None = None
    change: Share | None = None


@dataclass(frozen=True, slots=True)
class CategoryCoverage:
    """Of one kind and category: its items, those in at least one counted unit, those in no other category."""

    category: str
    n_items: int
    n_linked: int
    n_exclusive: int


@dataclass(frozen=True, slots=True)
class YearCoverage:
    """Of one kind: the items dated in a year (None: undated), how many are labelled, how many counted."""

    year: int | None
    n_items: int
    n_labelled: int
    n_linked: int


@dataclass(frozen=True, slots=True)
class SideCoverage:
    """Of one kind in one relation: items in its table, with a category, in at least one counted unit."""

    side: str
    n_items: int
    n_labelled: int
    n_linked: int
    categories: tuple[CategoryCoverage, ...]
    years: tuple[YearCoverage, ...]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A name in links that no item has: at which side, how many links carry it, and from which stratum most."""

    side: str
    name: str
    n_links: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one relation: links (records) read, those that resolve at both ends, units counted, and the rest.

    `n_candidates` is how many units could count (for unit `to`, all `to` items; of an entity that is linked to itself
    those at that end of a link), `n_named` how many of these have a link at all (None: no items are counted) and
    `n_units` how many do count; `n_unlabelled_units` of those lack a category on at least one side. `n_itself` links
    lead from an item to itself. For `records` a row without labels on
    both sides does not resolve. `unresolved` is sorted by falling count, then name, and complete.
    """

    relation: str
    n_links: int
    n_resolved: int
    n_candidates: int
    n_units: int
    n_unlabelled_units: int
    rows: SideCoverage
    columns: SideCoverage
    unresolved: tuple[Unresolved, ...]
    n_named: int | None = None
    n_itself: int = 0


def measure_coverage(meeting: Meeting, engine: Engine) -> Coverage:
    """Return what a meeting's units were made from, and what was left out.

    A kind's items are those of its table; for records they are the records themselves, seen from one side:
    in its table all that were read, labelled those with a category there, linked those that count.
    """
    units = masked_units(meeting.units, meeting)
    in_no_row = in_none(words("row", len(meeting.rows.categories)))
    in_no_column = in_none(words("column", len(meeting.columns.categories)))
    bare = nw.when(in_no_row | in_no_column).then(nw.col("n")).otherwise(nw.lit(0, dtype=nw.Int64))
    facts = engine.collect(units.select(n=_total(nw.col("n")), unlabelled=_total(bare))).iloc[0]
    return Coverage(
        relation=meeting.relation,
        n_links=meeting.n_links,
        n_resolved=meeting.n_resolved,
        n_candidates=meeting.n_candidates,
        n_units=int(facts["n"]),
        n_unlabelled_units=int(facts["unlabelled"]),
        rows=_side(meeting, meeting.rows, engine),
        columns=_side(meeting, meeting.columns, engine),
        unresolved=_unresolved(meeting, engine),
        n_named=meeting.n_named,
        n_itself=meeting.n_itself,
    )


def _total(values: nw.Expr) -> nw.Expr:
    return values.sum().fill_null(0).cast(nw.Int64)


def _side(meeting: Meeting, side: MeetingSide, engine: Engine) -> SideCoverage:
    items = engine.keep(_items(meeting, side))
    n, n_linked = nw.col("n"), nw.col("n_linked")
    labelled = ~nw.col("n_categories").is_null()
    none = nw.lit(0, dtype=nw.Int64)
    sums = {
        "n_items": _total(n),
        "n_labelled": _total(nw.when(labelled).then(n).otherwise(none)),
        "n_linked": _total(n_linked),
    }
    facts = engine.collect(items.select(**sums)).iloc[0]
    of_category = side.members.join(items, on="item")
    alone = nw.when(nw.col("n_categories") == 1).then(n).otherwise(none)
    categories = engine.collect(
        of_category.group_by("category").agg(n_items=_total(n), n_linked=_total(n_linked), n_exclusive=_total(alone))
    )
    counts = {int(row["category"]): row for row in categories.to_dict("records")}
    years: tuple[YearCoverage, ...] = ()
    if side.dated:
        years = _years(engine.collect(items.group_by("year").agg(**sums)))
    return SideCoverage(
        side=side.name,
        n_items=int(facts["n_items"]),
        n_labelled=int(facts["n_labelled"]),
        n_linked=int(facts["n_linked"]),
        categories=tuple(_category(name, counts.get(i)) for i, name in enumerate(side.categories)),
        years=years,
    )


def _items(meeting: Meeting, side: MeetingSide) -> Frame:
    """Return the items with `n_linked` (how many of the `n` count), `n_categories` (absent: none), `year`."""
    used = (
        side.uses.join(meeting.units.select("unit", used="n"), on="unit")
        .group_by("item")
        .agg(used=_total(nw.col("used")))
    )
    sizes = side.members.group_by("item").agg(n_categories=nw.len().cast(nw.Int64))
    items = side.items.join(used, on="item", how="left").join(sizes, on="item", how="left")
    used_at_all = nw.when(nw.col("used") > 0).then(nw.col("n")).otherwise(nw.lit(0, dtype=nw.Int64))
    # Equal records are one row: some of its `n` may be left out (an empty field opposite), the rest count.
    linked = nw.col("used").fill_null(0) if meeting.unit.role == "record" else used_at_all
    if not side.dated:
        return items.with_columns(n_linked=linked)
    iso = nw.col("date").str.contains(r"^[0-9]{4}(-|\z)")
    return items.with_columns(n_linked=linked, year=nw.when(iso).then(nw.col("date").str.slice(0, 4)))


def _category(name: str, counts: Mapping[Hashable, Any] | None) -> CategoryCoverage:
    """Return the counts of one category; one that no item has is all zeros."""
    if counts is None:
        return CategoryCoverage(name, 0, 0, 0)
    return CategoryCoverage(name, int(counts["n_items"]), int(counts["n_linked"]), int(counts["n_exclusive"]))


def _years(table: pd.DataFrame) -> tuple[YearCoverage, ...]:
    """Return the years in order, the undated items last."""
    rows = [
        YearCoverage(
            None if pd.isna(row["year"]) else int(row["year"]),
            int(row["n_items"]),
            int(row["n_labelled"]),
            int(row["n_linked"]),
        )
        for row in table.to_dict("records")
    ]
    return tuple(sorted(rows, key=lambda row: (row.year is None, row.year or 0)))


def _unresolved(meeting: Meeting, engine: Engine) -> tuple[Unresolved, ...]:
    if meeting.unresolved is None:
        return ()
    table = engine.collect(meeting.unresolved)
    rows = zip(table["n_links"].tolist(), table["name"].tolist(), table["side"].tolist(), strict=True)
    ordered = sorted(rows, key=lambda row: (-row[0], *row[1:]))
    return tuple(Unresolved(side, name, n_links) for n_links, name, side in ordered)


def check_expectations(
    expect: ExpectSettings,
    coverages: Iterable[Coverage],
    rows: Mapping[str, int],
    previous: Mapping[str, int] | None = None,
) -> None:
    """Raise ExpectationError with a message for every guard that is broken, with both numbers.

    `rows` is how many rows each entity and each relation (its links, its records) has now, `previous` how
    many it had in the last snapshot (None: there is none, and `change` is not judged).
    """
    messages = [*_few_rows(expect, rows)]
    for coverage in coverages:
        messages += [*_unlabelled(expect, coverage), *_unresolved_links(expect, coverage)]
    messages += _changed(expect, rows, previous or {})
    if messages:
        raise ExpectationError(*dict.fromkeys(messages))


def _few_rows(expect: ExpectSettings, rows: Mapping[str, int]) -> Iterable[str]:
    for name, least in expect.rows.items():
        if name not in rows:
            yield f'expect.rows: "{name}" is nothing that is counted for a panel{did_you_mean(name, rows)}'
        elif rows[name] < least:
            yield f"expect.rows.{name}: {name} has {rows[name]:,} rows; at least {least:,} are expected"


def _unlabelled(expect: ExpectSettings, coverage: Coverage) -> Iterable[str]:
    for side in (coverage.rows, coverage.columns):
        n = side.n_items - side.n_labelled
        if expect.unlabelled is not None and side.n_items and n / side.n_items > expect.unlabelled:
            # The same entity is measured for each relation: its message must be the same to be given once.
            place = f" (relation {coverage.relation})" if side.side in {"from", "to", "rows", "columns"} else ""
            yield (
                f"expect.unlabelled: {side.side}{place}: {n:,} of {side.n_items:,} have no category, a share of "
                f"{n / side.n_items:.3f}; at most {expect.unlabelled:g} is expected"
            )


def _unresolved_links(expect: ExpectSettings, coverage: Coverage) -> Iterable[str]:
    n = coverage.n_links - coverage.n_resolved
    if expect.unresolved is not None and coverage.n_links and n / coverage.n_links > expect.unresolved:
        yield (
            f"expect.unresolved: relation {coverage.relation}: {n:,} of {coverage.n_links:,} do not resolve, a share "
            f"of {n / coverage.n_links:.3f}; at most {expect.unresolved:g} is expected"
        )


def _changed(expect: ExpectSettings, rows: Mapping[str, int], previous: Mapping[str, int]) -> Iterable[str]:
    for name, before in previous.items():
        now = rows.get(name, before)  # what the config no longer names has not shrunk
        if expect.change is not None and abs(now - before) > expect.change * before:
            yield (
                f"expect.change: {name} has {now:,} rows and had {before:,} in the last snapshot; a relative change "
                f"of at most {expect.change:g} is expected"
            )
