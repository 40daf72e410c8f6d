"""Changes -> what each does to the items of an entity: which disappear, and which are in other categories."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import narwhals as nw

from ..relations.meeting import ONE
from ..taxonomy.assign import assign
from ..taxonomy.masks import distinct, mask, members_of, unmasked, word_names
from ..taxonomy.presets import load_preset
from ..taxonomy.variants import flipped, with_preset

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..relations.meeting import MeetingSide
    from ..sources.engine import Engine, Frame
    from ..taxonomy.categorise import Categorised
    from ..taxonomy.compile import Taxonomy
    from .change import Change

Rules = dict[str, tuple[int, ...]]

ZERO = nw.lit(0, dtype=nw.Int64)


@dataclass(frozen=True, eq=False)
class Altered:
    """The items of an entity that changes alter; changes are numbered.

    `items` has one row a (`change`, `item`) with `gone`, 1 where the item disappears, else 0; `members` one row
    a (`change`, `item`, `category`) with what the others are in instead (no row: in none). `members` may hold
    items that are not altered.
    """

    items: Frame
    members: Frame
    any_gone: bool


@dataclass(frozen=True, eq=False)
class _Variant:
    """A taxonomy otherwise: `rules` are the categories of the labels that are to be looked at anew."""

    taxonomy: Taxonomy
    rules: Rules


def altered(side: MeetingSide, changes: Mapping[int, Change], engine: Engine) -> Altered:
    """Return what changes do to the items of a side; ValueError where labels are asked for and there are none."""
    gone = [(number, change.name) for number, change in changes.items() if change.by == "item"]
    parts = [loaded(side, gone, (), engine, gone=True)] if gone else []
    variants = {
        n: v for n, change in changes.items() if change.by != "item" and (v := _variant(side, change)) is not None
    }
    if variants and side.found is not None:
        parts.append(_relabelled(side.found, variants, engine))
    if len(parts) != 2:
        return parts[0] if parts else loaded(side, (), (), engine)
    items = engine.keep(nw.concat([part.items.select("change", "item", "gone") for part in parts]))
    return Altered(items, parts[1].members, any_gone=True)


def given(side: MeetingSide, members: Mapping[str, Collection[int]], engine: Engine) -> Altered:
    """Return the alteration, numbered 0, by which items are in given categories instead of their own."""
    pairs = [(item, category) for item, categories in members.items() for category in sorted(set(categories))]
    return loaded(side, [(0, item) for item in members], [(0, *pair) for pair in pairs], engine)


def loaded(
    side: MeetingSide,
    items: Collection[tuple[int, str]],
    members: Collection[tuple[int, str, int]],
    engine: Engine,
    *,
    gone: bool = False,
) -> Altered:
    """Return an alteration from its rows (change, name of an item) and (change, name, category)."""
    columns: dict[str, list[object]] = {"change": [n for n, _ in items], "name": [name for _, name in items]}
    columns["gone"] = [int(gone)] * len(items)
    rows: dict[str, list[object]] = {"change": [n for n, *_ in members], "name": [name for _, name, _ in members]}
    rows["category"] = [category for *_, category in members]
    names = side.items.select("item", "name")
    return Altered(
        items=engine.keep(engine.load(columns, ["change", "gone"]).join(names, on="name").drop("name")),
        members=engine.keep(engine.load(rows, ["change", "category"]).join(names, on="name").drop("name")),
        any_gone=gone and bool(items),
    )


def _variant(side: MeetingSide, change: Change) -> _Variant | None:
    """Return the taxonomy of a side as a change has it, or None where nothing can become of it."""
    if side.found is None:
        raise ValueError(f"the items of {side.name} were not read with their labels, so {change} cannot be counted")
    found, index = side.found, {category: number for number, category in enumerate(side.categories)}
    if not side.categories:
        return None
    if change.by == "label":
        return _Variant(found.taxonomy, {change.name: ()}) if change.name in found.vocabulary else None
    if change.by == "replaces":
        category = index.get(change.name)
        of = {c for rule in found.taxonomy.derived if rule.category == category for c in rule.of}
        rules = {label: categories for label, categories in _rules(found).items() if of.intersection(categories)}
        return _Variant(flipped(found.taxonomy, category), rules) if category is not None and rules else None
    taxonomy = replace(with_preset(found.taxonomy, load_preset(change.name)), unmatched=_reported(found.taxonomy))
    before, after = _rules(found), assign(taxonomy, found.vocabulary, side.name).rules
    rules = {label: categories for label, categories in after.items() if categories != before[label]}
    return _Variant(taxonomy, rules) if rules else None


def _reported(taxonomy: Taxonomy) -> str:
    """Return `unmatched` as it is, but that labels which no other preset knows stop nothing."""
    return "report" if taxonomy.unmatched == "error" else taxonomy.unmatched


def _rules(found: Categorised) -> Rules:
    """Return label -> categories, as declared."""
    index = {category: number for number, category in enumerate(found.taxonomy.categories)}
    return {label.label: tuple(index[name] for name in label.categories) for label in found.labels}


def _relabelled(found: Categorised, variants: Mapping[int, _Variant], engine: Engine) -> Altered:
    """Return the items whose categories differ under taxonomies that are otherwise."""
    looked_at = [(n, label) for n, variant in variants.items() for label in variant.rules]
    rules = [(n, label, c) for n, v in variants.items() for label, categories in v.rules.items() for c in categories]
    labels = engine.load({"change": [n for n, _ in looked_at], "label": [label for _, label in looked_at]}, ["change"])
    others = engine.load(
        {
            "change": [n for n, *_ in rules],
            "label": [label for _, label, _ in rules],
            "category": [c for *_, c in rules],
        },
        ["change", "category"],
    )
    pairs = found.pairs.select("key", "label")
    carriers = engine.keep(pairs.join(labels, on="label").select("change", "key").unique())
    theirs = engine.keep(carriers.join(pairs, on="key"))
    as_declared = theirs.join(labels, on=["change", "label"], how="anti").join(found.rules, on="label")
    parts = [as_declared.select("change", "key", "category")]
    if rules:
        parts.append(theirs.join(others, on=["change", "label"]).select("change", "key", "category"))
    raw = nw.concat(parts).unique()
    members = engine.keep(_derived(raw, found, variants, engine))
    before = carriers.join(found.members, on="key").select("change", "key", "category", was=ONE, stays=ZERO)
    both = nw.concat([before, members.select("change", "key", "category", was=ZERO, stays=ONE)])
    kept = both.group_by("change", "key", "category").agg(was=nw.col("was").sum(), stays=nw.col("stays").sum())
    items = kept.filter(nw.col("was") != nw.col("stays")).select("change", item=nw.col("key"), gone=ZERO).unique()
    return Altered(engine.keep(items), members.select("change", "category", item=nw.col("key")), any_gone=False)


def _derived(raw: Frame, found: Categorised, variants: Mapping[int, _Variant], engine: Engine) -> Frame:
    """Return (`change`, `key`, `category`) after the derived categories of each variant."""
    if not any(variant.taxonomy.derived for variant in variants.values()):
        return raw
    n_categories = len(found.taxonomy.categories)
    columns = ["change", *word_names(n_categories)]
    masks = engine.keep(mask(raw, ["change", "key"], n_categories, engine))
    sets = {row: variants[row[0]].taxonomy.derive(members_of(row[1:])) for row in distinct(masks, columns, engine)}
    return masks.join(unmasked(sets, columns, engine), on=columns).select("change", "key", "category")
