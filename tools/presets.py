"""Write the Hub presets of `report/taxonomy/preset_files/` from a table of the Hub's tasks.

    python tools/presets.py TASKS.json VERSION

TASKS.json has the keys `source`, `modalities` (key -> name), `tasks` (label -> modality key) and `figure9`. The last
contains `overrides` (label -> category), `order` and `retired_aliases` (label -> modality key). The data come from the
npm package @huggingface/tasks. VERSION is the year and month of the reading (2026-08). Published presets are never
rewritten. A later reading becomes a later version.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent.parent / "report" / "taxonomy" / "preset_files"
SHORT = {"multimodal": "Multimodal", "nlp": "NLP", "cv": "CV", "audio": "Audio", "tabular": "Tabular", "rl": "RL"}
"""The names of the modalities in figure 9. Tasks of other modalities have no category there unless overridden."""


def modality_of(tasks: Mapping[str, Any]) -> dict[str, str]:
    """Return label -> modality key, including retired labels."""
    current = {label: task["modality"] for label, task in tasks["tasks"].items()}
    retired: dict[str, str] = tasks["figure9"]["retired_aliases"]
    return {**current, **retired}


def figure9(tasks: Mapping[str, Any]) -> dict[str, str]:
    """Return label -> category of the nine-category taxonomy. "other" is no category."""
    named = {label: SHORT[key] for label, key in modality_of(tasks).items() if key in SHORT}
    overrides: dict[str, str] = tasks["figure9"]["overrides"]
    return {**named, **overrides}


def modality7(tasks: Mapping[str, Any]) -> dict[str, str]:
    """Return label -> category of the Hub's own seven modalities, including Other."""
    names: dict[str, str] = tasks["modalities"]
    return {label: names[key] for label, key in modality_of(tasks).items()}


def text(name: str, version: str, source: str, order: Iterable[str], categories: Mapping[str, str]) -> str:
    """Return a preset as YAML, labels sorted."""
    content = {
        "name": name,
        "version": version,
        "source": source,
        "categories": [
            {"name": category, "match": sorted(label for label, c in categories.items() if c == category)}
            for category in order
        ],
    }
    head = (
        f"# Preset {name}@{version}. Made by tools/presets.py; published presets are never edited.\n"
        f"# Task labels and their modalities: {source}.\n"
    )
    return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)


def main(path: str, version: str) -> None:
    """Write both presets."""
    tasks = json.loads(Path(path).read_text(encoding="utf-8"))
    presets = {
        "hub-figure9": (tasks["figure9"]["order"], figure9(tasks)),
        "hub-modality7": (tasks["modalities"].values(), modality7(tasks)),
    }
    for name, (order, categories) in presets.items():
        target = FOLDER / f"{name}@{version}.yaml"
        target.write_text(text(name, version, tasks["source"], order, categories), encoding="utf-8", newline="\n")
        print(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
