"""Other taxonomies with the same categories: what labels would become if one choice had been another."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from .compile import Taxonomy
from .presets import Preset


def flipped(taxonomy: Taxonomy, category: int) -> Taxonomy:
    """Return the taxonomy in which a derived category replaces those it is derived from, or no longer does."""
    rules = (replace(r, replaces=not r.replaces) if r.category == category else r for r in taxonomy.derived)
    return replace(taxonomy, derived=tuple(rules))


def with_preset(taxonomy: Taxonomy, preset: Preset) -> Taxonomy:
    """Return the taxonomy with another preset in place of its own, its own entries and categories kept.

    A category of the preset is the declared one of its name, otherwise that which more than half of its labels
    have by the declared preset ("Computer Vision" is then "CV"); without either it is left out, so that labels
    which it alone has are without a category.
    """
    index = {name: number for number, name in enumerate(taxonomy.categories)}
    numbers = {}
    for name, labels in zip(preset.categories, preset.match, strict=True):
        declared = Counter(taxonomy.preset_rules[label] for label in labels if label in taxonomy.preset_rules)
        most, n_labels = declared.most_common(1)[0] if declared else (0, 0)
        if name in index:
            numbers[name] = index[name]
        elif 2 * n_labels > len(labels):
            numbers[name] = most
    rules = {label: numbers[name] for label, name in preset.rules.items() if name in numbers}
    return replace(taxonomy, preset=preset.name, preset_rules=rules)
