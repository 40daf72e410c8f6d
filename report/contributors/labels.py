"""Raw labels that carry cells: in how many units they stand, and how many would leave a cell without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from ..relations.meeting import ONE
from ..taxonomy.masks import distinct, mask, members_of, unmasked, word_names

if TYPE_CHECKING:
    from ..relations.meeting import MeetingSide
    from ..sources.engine import Engine, Frame
    from ..taxonomy.categorise import Categorised

_ZERO = nw.lit(0, dtype=nw.Int64)


def label_counts(side: MeetingSide, units: Frame, engine: Engine) -> Frame | None:
    """Return which labels bring units their categories: `unit`, `category`, `name`, `alone`; None without labels.

    `alone` is 1 where the unit would not have the category if the label did not exist: all its items of the
    category lose it, and none gains it (as one may that a derived category no longer takes in).
    """
    found = side.found
    if found is None or not found.taxonomy.categories:
        return None
    lost, gained = _without(found, engine)
    carried = found.pairs.select("key", "label").join(_leading(found, engine), on="label")
    carried = carried.join(found.members, on=["key", "category"])
    carried = carried.join(lost.with_columns(loses=ONE), on=["key", "label", "category"], how="left")
    carried = engine.keep(carried.select("label", "category", item=nw.col("key"), loses=nw.col("loses").fill_null(0)))
    uses = engine.keep(side.uses.join(units.select("unit"), on="unit", how="semi"))
    has = uses.join(side.members, on="item").group_by("unit", "category").agg(n_items=nw.len().cast(nw.Int64))
    per_unit = uses.join(carried, on="item").group_by("unit", "label", "category")
    labels = per_unit.agg(n_lost=nw.col("loses").sum().cast(nw.Int64)).join(has, on=["unit", "category"])
    alone = nw.when(nw.col("n_lost") == nw.col("n_items")).then(ONE).otherwise(_ZERO)
    if gained is None:
        return labels.select("unit", "category", name=nw.col("label"), alone=alone)
    comes = uses.join(gained, left_on="item", right_on="key").select("unit", "label", "category", comes=ONE).unique()
    labels = labels.join(comes, on=["unit", "label", "category"], how="left")
    kept = nw.when(nw.col("comes").is_null()).then(alone).otherwise(_ZERO)
    return labels.select("unit", "category", name=nw.col("label"), alone=kept)


def _leading(found: Categorised, engine: Engine) -> Frame:
    """Return one row a (`label`, `category`) that the label brings by its rule or through derived categories."""
    index = {category: number for number, category in enumerate(found.taxonomy.categories)}
    rows = []
    for label in found.labels:
        reached = {index[category] for category in label.categories}
        for rule in found.taxonomy.derived:
            if rule.of & reached:
                reached.add(rule.category)
        rows += [(label.label, category) for category in sorted(reached)]
    labels, categories = [label for label, _ in rows], [category for _, category in rows]
    return engine.load({"label": labels, "category": categories}, ["category"])


def _without(found: Categorised, engine: Engine) -> tuple[Frame, Frame | None]:
    """Return which categories items lose, and which they gain, where a label of theirs does not exist.

    Both have one row a (`key`, `label`, `category`). None where nothing is derived, so that nothing is gained.
    """
    given = engine.keep(found.pairs.select("key", "label").join(found.rules, on="label"))
    single = given.group_by("key", "category").agg(n=nw.len().cast(nw.Int64)).filter(nw.col("n") == 1)
    needed = engine.keep(given.join(single, on=["key", "category"]).select("key", "label", "category"))
    if not found.taxonomy.derived:
        return needed, None
    n_categories, words = len(found.taxonomy.categories), word_names(len(found.taxonomy.categories))
    less = [f"less_{word}" for word in words]
    whole = mask(given.select("key", "category").unique(), ["key"], n_categories, engine)
    taken = mask(needed, ["key", "label"], n_categories, engine)
    taken = taken.select("key", "label", **{name: nw.col(word) for name, word in zip(less, words, strict=True)})
    both = engine.keep(taken.join(whole, on="key"))
    lost, gained = {}, {}
    for row in distinct(both, [*words, *less], engine):
        raw, away = members_of(row[: len(words)]), members_of(row[len(words) :])
        before, after = found.taxonomy.derive(raw), found.taxonomy.derive(raw - away)
        lost[row], gained[row] = before - after, after - before
    columns = [*words, *less]
    frames = [
        engine.keep(both.join(unmasked(sets, columns, engine), on=columns).select("key", "label", "category"))
        for sets in (lost, gained)
    ]
    return frames[0], frames[1]
