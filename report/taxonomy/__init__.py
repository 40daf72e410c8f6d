"""Raw labels -> categories: settings and presets of taxonomies, and the names of entities with labels in text.

A taxonomy has categories in declared order, and rules that assign labels to them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Protocol

import yaml
from pydantic import AfterValidator, Field

from ..cells import Kind, Unit
from ..errors import HIDDEN_IN_LOGS, DataError, Note, did_you_mean, listed, may_quote
from ..foreign_text import visible
from ..settings import Names, Ordered, Settings
from .orders import is_leftover, order_of


@dataclass(frozen=True)
class Preset:
    """A published taxonomy: its pinned name, the source of its rules, and its categories in order.

    `match` has the exact labels of each category; no label is in two categories.
    """

    name: str
    source: str
    categories: tuple[str, ...]
    match: tuple[tuple[str, ...], ...]

    @property
    def rules(self) -> dict[str, str]:
        """Label -> category."""
        return {
            label: category for category, labels in zip(self.categories, self.match, strict=True) for label in labels
        }


@cache
def known_presets() -> tuple[str, ...]:
    """Return the pinned names of all presets, sorted, so that the newest version of a name comes last."""
    folder = files("diptych.taxonomy") / "preset_files"
    return tuple(sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")))


def pinned(name: str) -> str:
    """Return the pinned name for a name in a config, where a name without a version means the newest.

    Raises `DataError` for an unknown preset.

    >>> pinned("hub-figure9")
    'hub-figure9@2026-08'
    """
    known = known_presets()
    if name in known:
        return name
    versions = [preset for preset in known if preset.partition("@")[0] == name]
    if not versions:
        raise DataError(f'"{name}" is not a known preset: {listed(known)}{did_you_mean(name, known)}')
    return versions[-1]


def load_preset(name: str) -> Preset:
    """Return a preset by its pinned or bare name, or raise `DataError` if there is none."""
    return _load(pinned(name))


@cache
def _load(name: str) -> Preset:
    content = (files("diptych.taxonomy") / "preset_files" / f"{name}.yaml").read_text(encoding="utf-8")
    values = yaml.safe_load(content)
    return Preset(
        name=f"{values['name']}@{values['version']}",
        source=values["source"],
        categories=tuple(category["name"] for category in values["categories"]),
        match=tuple(tuple(category["match"]) for category in values["categories"]),
    )


def preset_categories(name: str) -> tuple[str, ...]:
    """Return the categories of a preset in its order, or raise `DataError` if the preset does not exist."""
    return load_preset(name).categories


DEFAULT_TAXONOMY = "default"
"""The name of a taxonomy without one of its own."""

MOST_CATEGORIES = 1_000
"""Maximum number of categories. A figure with more is unreadable, and its cells grow with their square."""


def _several(categories: tuple[str, ...]) -> tuple[str, ...]:
    """Reject fewer than two categories."""
    if len(set(categories)) < 2:
        raise ValueError("needs at least two categories")
    return categories


class CategorySettings(Settings):
    """One entry: the raw labels of a category, or the categories from which it is derived.

    `match` lists exact labels, with invisible characters either literal or escaped. `pattern` contains regular
    expressions (RE2), searched case-sensitively in the label after its prefix is removed. `when_several_of` assigns the
    category to items with at least two of the named categories (it may name itself); with `replaces` the item has the
    category instead of them. A category may have several entries.
    """

    name: str = Field(min_length=1)
    """The category. It may have several entries."""
    match: Names = ()
    """Exact raw labels."""
    pattern: Names = ()
    """Regular expressions (RE2), searched in the label after its prefix is removed; case-sensitive."""
    when_several_of: Annotated[tuple[str, ...], AfterValidator(_several)] = ()
    """Assigns the category to items with at least two of these categories."""
    replaces: bool = False
    """Whether the category then replaces these categories."""


class TaxonomySettings(Settings):
    """A preset, if any, and the entries that add to it or override it.

    `unmatched`: `report` lists labels that no rule knows, `error` stops the build, and a category's name assigns them
    to this category.
    """

    preset: str | None = None
    """A built-in taxonomy to start from. A name with @ and a date never changes; without it, the newest is used."""
    categories: tuple[CategorySettings, ...] = ()
    """Entries that add to the preset or override it; their order is the order of every axis."""
    unmatched: str = "report"
    """report (list unknown labels with counts), error, or the category for unknown labels (with top: any name)."""
    top: int | None = Field(default=None, ge=1, le=MOST_CATEGORIES)
    """Without preset and categories: the number of labels that become categories, the most frequent first. Other labels
    are unmatched."""
    ordered: Ordered = False
    """Whether the categories are in order, such as ages or answers from never to always: true, or a list of the
    categories in order. They keep this order on every axis, and trends over them are tested."""


@dataclass(frozen=True)
class DerivedCategory:
    """A category for items with at least two categories of `of`; with `replaces`, instead of them."""

    category: int
    of: frozenset[int]
    replaces: bool


@dataclass(frozen=True)
class Taxonomy:
    """Rules from raw labels to categories, which are indices into `categories` (the order of every axis).

    `exact`: label -> categories. `patterns`: regular expression (RE2) -> category, searched in the label.
    `preset_rules`: label -> category, used if no rule of the config matches. `unmatched` is "report", "error" or a
    category. `identity`: there are no rules; each distinct label is a category, or only the `top` most frequent
    (`identity_taxonomy`). `ordered` are the categories in order, without residual ones such as "don't know", or None if
    they have no order. With `identity`, it is empty until the labels are known and their order can be recognised.
    `residual` are further labels that are no part of an order, such as the label of empty fields.
    """

    name: str
    categories: tuple[str, ...]
    exact: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    patterns: tuple[tuple[str, int], ...] = ()
    preset: str | None = None
    preset_rules: Mapping[str, int] = field(default_factory=dict)
    derived: tuple[DerivedCategory, ...] = ()
    unmatched: str = "report"
    identity: bool = False
    top: int | None = None
    notes: tuple[Note, ...] = ()
    ordered: tuple[str, ...] | None = None
    residual: tuple[str, ...] = ()

    def derive(self, categories: frozenset[int]) -> frozenset[int]:
        """Return an item's categories after applying the derived categories in declared order."""
        for rule in self.derived:
            if len(categories & rule.of) >= 2:
                categories = (categories - rule.of if rule.replaces else categories) | {rule.category}
        return categories


def compile_taxonomy(settings: TaxonomySettings, name: str) -> Taxonomy:
    """Return the taxonomy that settings describe.

    Categories are in the order of a list under `ordered`, then of the preset, then as declared. Without a preset and
    without categories, each label is a category (`identity`: `categories` has only the names under `ordered`).
    The config checks have already reported errors in names and patterns.
    """
    is_identity = settings.preset is None and not settings.categories
    preset = load_preset(settings.preset) if settings.preset is not None else None
    categories = _categories(settings, preset)
    _check_number(categories, name)
    index = {category: number for number, category in enumerate(categories)}
    exact: dict[str, tuple[int, ...]] = {}
    for entry in settings.categories:
        for label in map(visible, entry.match):
            exact[label] = tuple(dict.fromkeys((*exact.get(label, ()), index[entry.name])))
    taxonomy = Taxonomy(
        name=name,
        categories=categories,
        exact=exact,
        patterns=tuple((p, index[entry.name]) for entry in settings.categories for p in entry.pattern),
        preset=preset.name if preset is not None else None,
        preset_rules={label: index[c] for label, c in preset.rules.items()} if preset is not None else {},
        derived=tuple(_derived(entry, index) for entry in settings.categories if entry.when_several_of),
        unmatched=settings.unmatched,
        identity=is_identity,
        top=settings.top,
    )
    if is_identity:
        return with_order(taxonomy, settings.ordered)
    ordered = _inside(categories, settings) if settings.ordered else None
    return replace(taxonomy, ordered=ordered, notes=_unreachable(taxonomy))


def with_order(taxonomy: Taxonomy, ordered: bool | tuple[str, ...]) -> Taxonomy:  # noqa: FBT001 - a value of the config
    """Return a taxonomy with the order that a config gives: true, or for labels that are categories also a list."""
    if not ordered:
        return taxonomy
    if not taxonomy.identity:
        return replace(taxonomy, ordered=taxonomy.ordered or _not_residual(taxonomy.categories, taxonomy.unmatched))
    names = tuple(map(visible, ordered)) if isinstance(ordered, tuple) else ()
    return replace(taxonomy, categories=tuple(dict.fromkeys((*names, *taxonomy.categories))), ordered=names)


def with_residual(taxonomy: Taxonomy, name: str) -> Taxonomy:
    """Return a taxonomy with a last category for a label of its name, which is no part of an order.

    If labels are categories, it comes last once they are known.
    """
    taxonomy = replace(taxonomy, residual=(*taxonomy.residual, name))
    if taxonomy.identity or name in taxonomy.exact:
        return taxonomy
    names = tuple(dict.fromkeys((*taxonomy.categories, name)))
    return replace(taxonomy, categories=names, exact={**taxonomy.exact, name: (names.index(name),)})


def _inside(categories: Sequence[str], settings: TaxonomySettings) -> tuple[str, ...]:
    """Return the categories that are part of the order: the listed ones, or all that are not residual."""
    if isinstance(settings.ordered, tuple):
        return tuple(map(visible, settings.ordered))
    return _not_residual(categories, settings.unmatched)


def _not_residual(categories: Sequence[str], unmatched: str) -> tuple[str, ...]:
    return tuple(name for name in categories if name != unmatched and not is_leftover(name))


def identity_taxonomy(declared: Taxonomy, n_items: Mapping[str, int], *, public: bool = True) -> Taxonomy:
    """Return the taxonomy with each label as a category: declared labels first, then by decreasing count and by name.

    Labels of an ordered taxonomy are in their order, and residual labels come last. A message about labels without an
    order quotes them in CI only if they are `public`.

    With `top`, only the declared labels and that number of others become categories. The rest are `unmatched`; if this
    is a category, it comes last.
    """
    counted = sorted(n_items.keys() - declared.exact.keys(), key=lambda label: (-n_items[label], label))
    labels = tuple(dict.fromkeys((*declared.categories, *counted[: declared.top])))
    ordered = declared.ordered
    labels = tuple(sorted(labels, key=declared.residual.__contains__))
    if ordered == ():
        ordered = _found_order(declared, labels, public=public)
        labels = (*ordered, *(label for label in labels if label not in ordered))
    over = declared.unmatched not in {"report", "error"} and any(label not in labels for label in counted)
    categories = tuple(dict.fromkeys((*labels, declared.unmatched))) if over else labels
    _check_number(categories, declared.name)
    exact = {label: (number,) for number, label in enumerate(labels)}
    return replace(declared, categories=categories, exact={**exact, **declared.exact}, identity=False, ordered=ordered)


def _found_order(declared: Taxonomy, labels: Sequence[str], *, public: bool) -> tuple[str, ...]:
    """Return the labels in their order. Raises `DataError` if it is not recognised."""
    own = [label for label in labels if label not in (declared.unmatched, *declared.residual)]
    found = order_of(own, fewest=1)
    if found is None and labels:
        shown = listed([f'"{label}"' for label in labels], _SHOWN) if may_quote(public=public) else HIDDEN_IN_LOGS
        raise DataError(
            f"{declared.name or 'taxonomy'}: ordered: true finds no order of the labels {shown}; numbers, ranges, "
            "dates and common answer scales have one; list the labels in order instead, such as ordered: [low, high]"
        )
    return () if found is None else found.labels


_SHOWN = 8
"""Maximum number of labels that a message quotes."""


def _categories(settings: TaxonomySettings, preset: Preset | None) -> tuple[str, ...]:
    own = (entry.name for entry in settings.categories)
    first = map(visible, settings.ordered if isinstance(settings.ordered, tuple) else ())
    return tuple(dict.fromkeys([*first, *(preset.categories if preset is not None else ()), *own]))


def _check_number(categories: Sequence[str], name: str) -> None:
    if len(categories) > MOST_CATEGORIES:
        raise DataError(
            f"taxonomy {name or 'of labels as they are'}: {len(categories):,} categories; a report has at most "
            f"{MOST_CATEGORIES:,}: put several labels into one (match, pattern), or choose another column"
        )


def _derived(entry: CategorySettings, index: Mapping[str, int]) -> DerivedCategory:
    return DerivedCategory(index[entry.name], frozenset(index[name] for name in entry.when_several_of), entry.replaces)


def _unreachable(taxonomy: Taxonomy) -> tuple[Note, ...]:
    """Return a note for each category that no rule can assign, whatever the data."""
    reached = {category for categories in taxonomy.exact.values() for category in categories}
    reached |= {category for _, category in taxonomy.patterns} | set(taxonomy.preset_rules.values())
    if taxonomy.unmatched in taxonomy.categories:
        reached.add(taxonomy.categories.index(taxonomy.unmatched))
    for rule in taxonomy.derived:
        if len(rule.of & reached) >= 2:
            reached.add(rule.category)
    return tuple(
        Note(
            "unreachable_category",
            name,
            f'taxonomy {taxonomy.name}: no rule leads to the category "{name}"; give it labels (match), a pattern, '
            "or categories to derive it from, or take it out",
        )
        for number, name in enumerate(taxonomy.categories)
        if number not in reached
    )


@dataclass(frozen=True, slots=True)
class LabelCount:
    """A raw label of one kind: its number of items, its categories, and the rule that assigned them.

    `categories` is empty if no rule knows the label. `rule` names the rule ("match", "pattern ^video", "preset
    hub-figure9@2026-08", "unmatched: NLP", "none").
    """

    kind: str
    label: str
    n_items: int
    categories: tuple[str, ...]
    rule: str


class ItemNames(Protocol):
    """Names of items, which are numbered in the order of their names."""

    def of(self, numbers: Sequence[int]) -> list[str]:
        """Return the names of items."""
        ...

    def numbers(self, names: Collection[str]) -> dict[str, int]:
        """Return name -> number for the names that an item has."""
        ...


_IRREGULAR = {
    "child": "children",
    "criterion": "criteria",
    "data": "data",
    "genus": "genera",
    "index": "indices",
    "locus": "loci",
    "man": "men",
    "matrix": "matrices",
    "person": "people",
    "phylum": "phyla",
    "series": "series",
    "species": "species",
    "stimulus": "stimuli",
    "taxon": "taxa",
    "woman": "women",
}


def kind_of(name: str, named: Sequence[str], phrase: str | None = None) -> Kind:
    """Return a kind by its config name and its label, which its plural may follow.

    >>> kind_of("datasets", ["Dataset"])
    Kind(name='datasets', label='Dataset', singular='dataset', plural='datasets', phrase='')
    >>> kind_of("genes", ["RNA Gene"]).plural
    'RNA genes'
    """
    label, *several = named
    label = visible(" ".join(label.split()) or label)  # names of columns may hold line ends
    one = singular(label)
    return Kind(name, label, one, several[0] if several else plural_of(one), phrase or "")


def unit_of(role: Literal["record"], named: Sequence[str]) -> Unit:
    """Return the unit of a role by its name, which its plural may follow."""
    one, *several = named
    return Unit(role, singular(one), several[0] if several else plural_of(singular(one)))


def singular(label: str) -> str:
    """Return a label as written within a sentence: in lower case, except acronyms.

    If not every word of a label is capitalised, only the first letter changes: "Twitter user" is a name.

    >>> singular("Data Set"), singular("GPU"), singular("Field of study")
    ('data set', 'GPU', 'field of study')
    """
    words = label.split(" ")
    titled = all(word[:1].isupper() for word in words if word)
    small = [word if _is_acronym(word) else word[:1].lower() + word[1:] for word in words]
    return " ".join(small if titled else [small[0], *words[1:]])


def _is_acronym(word: str) -> bool:
    return sum(letter.isupper() for letter in word) > 1 or (len(word) == 1 and word.isupper())


def plural_of(words: str) -> str:
    """Return the English plural of a singular, by its last word.

    >>> [plural_of(word) for word in ("owner", "category", "key", "class", "GPU", "data set", "genus", "diagnosis")]
    ['owners', 'categories', 'keys', 'classes', 'GPUs', 'data sets', 'genera', 'diagnoses']
    """
    head, space, last = words.rpartition(" ")
    if last in _IRREGULAR:
        many = _IRREGULAR[last]
    elif last.endswith(("sis", "xis")):
        many = f"{last[:-2]}es"
    elif last.endswith("y") and last[-2:-1] not in {"a", "e", "i", "o", "u", ""}:
        many = f"{last[:-1]}ies"
    elif last.endswith(("s", "x", "z", "ch", "sh")):
        many = f"{last}es"
    else:
        many = f"{last}s"
    return f"{head}{space}{many}"


_FORM = re.compile(r"\[[^\[\]#]+ #[0-9a-f]+(-\d+)?\]")


def pseudonym(sort: str, code: str | int) -> str:
    """Return the name that replaces a private value.

    >>> pseudonym("group", "3f9a1c2e"), pseudonym("label", 4)
    ('[group #3f9a1c2e]', '[label #4]')
    """
    return f"[{re.sub(r'[][#]', '', sort).strip() or 'item'} #{code}]"


def is_pseudonym(name: str) -> bool:
    """Return whether a name replaces a private value.

    >>> is_pseudonym("[group #3f9a1c2e-2]"), is_pseudonym("group 3")
    (True, False)
    """
    return _FORM.fullmatch(name) is not None


class UnnamedItems:
    """Names for the items of a private kind, numbered in the order of the requests.

    The numbers do not follow the order of the ids: a sorted list of all ids must not reveal the items.
    """

    def __init__(self, sort: str) -> None:
        """Take the kind of item that names refer to."""
        self._sort = sort
        self._names: dict[int, str] = {}

    def of(self, numbers: Sequence[int]) -> list[str]:
        """Return the names of items."""
        return [self._names.setdefault(one, pseudonym(self._sort, len(self._names) + 1)) for one in numbers]

    def numbers(self, names: Collection[str]) -> dict[str, int]:
        """Return the numbers of those `names` that belong to an item."""
        wanted = set(names)
        return {name: number for number, name in self._names.items() if name in wanted}
