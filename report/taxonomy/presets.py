"""Presets: published taxonomies that come with the program, each pinned as name@year-month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from ..errors import DataError
from ..schema import did_you_mean, listed


@dataclass(frozen=True)
class Preset:
    """A published taxonomy: its pinned name, where its rules come from, and its categories in order.

    `match` holds for each category its exact labels; no label is in two categories.
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
    """Return the pinned names of all presets, sorted, so that the newest of a name comes last."""
    folder = files("diptych.taxonomy") / "preset_files"
    return tuple(sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")))


def pinned(name: str) -> str:
    """Return the pinned name for a name as the config gives it; a bare name is the newest.

    Raises `DataError` for a name that no preset has.

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
    """Return a preset by its pinned or bare name; `DataError` where there is none."""
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
    """Return the categories of a preset in its order; `DataError` where there is no such preset."""
    return load_preset(name).categories
