"""Simulated histories: flags raised by growth alone, detection of planted changes, and stability of words.

    python -m benchmarks.snapshots            # the table of docs/snapshots.md
    python -m benchmarks.snapshots --runs 40  # less

A world is a set of records with labels on two sides. With groups, each record belongs to one group of similar records.
The program counts its config once. Records then become the tables that the program would count (a test checks this).
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.taking import taking
from diptych.config.loading import LoadedConfig, load_config
from diptych.contrib.history.changes import Diff
from diptych.contrib.history.comparing import diff
from diptych.contrib.history.item_types import ItemTypes, TypeSide, filed
from diptych.contrib.history.sides import side_of
from diptych.contrib.history.snapshot import Snapshot
from diptych.ledger.coverage import TopContributors
from diptych.panels import tables_of
from diptych.pipeline.counting import CountedSources, compiled, count_all

CATEGORIES = ("Text", "Image", "Sound", "Graph")
LABELS = ("text", "prose", "image", "photo", "sound", "speech", "graph", "tree")
"""Two for each category, in order."""

SHARES = np.array([0.25, 0.1, 0.25, 0.05, 0.15, 0.05, 0.1, 0.05])
CONFIG = """version: 1
report: {title: A simulated history, date: data}
taxonomy:
  categories:
    - {name: Text, match: [text, prose]}
    - {name: Image, match: [image, photo]}
    - {name: Sound, match: [sound, speech]}
    - {name: Graph, match: [graph, tree]}
relations:
  survey:
    records: {source: survey.csv, rows: {column: skills, separator: ";"}, columns: {column: jobs, separator: ";"}}
    group: [GROUP]
outputs: [data]
inference: {minimum_units: 10}
snapshots: {folder: history/}
"""


@dataclass(frozen=True)
class Records:
    """Records: a label (index) on each side, and a group."""

    skill: NDArray[np.int64]
    job: NDArray[np.int64]
    group: NDArray[np.int64]

    def with_(self, more: Records) -> Records:
        """Return these records with additional records."""
        parts = [np.concatenate(pair) for pair in zip(self.parts, more.parts, strict=True)]
        return Records(*parts)

    def without(self, gone: NDArray[np.bool_]) -> Records:
        """Return the remaining records."""
        return Records(*(part[~gone] for part in self.parts))

    @property
    def parts(self) -> tuple[NDArray[np.int64], ...]:
        """The columns."""
        return self.skill, self.job, self.group

    @property
    def n(self) -> int:
        """The number of records."""
        return len(self.skill)


def drawn(rng: np.random.Generator, n: int, *, agree: float = 0.6, grouped: bool = False, first: int = 0) -> Records:
    """Draw records. A share `agree` has the same category on both sides, with any label.

    Grouped: about eight records per group. Each group has its own chance of agreement (beta with a mean of `agree`
    and an intraclass correlation of 0.2), and half of its records repeat its first skill.
    """
    group = first + (np.arange(n) // 8 if grouped else np.arange(n))
    skill = rng.choice(8, n, p=SHARES)
    taste = np.full(n, agree)
    if grouped:
        n_groups = n // 8 + 1
        taste = rng.beta(4 * agree, 4 * (1 - agree), n_groups)[group - first]
        skill = np.where(rng.random(n) < 0.5, skill[(group - first) * 8], skill)
    own = skill // 2 * 2 + rng.integers(0, 2, n)
    job = np.where(rng.random(n) < taste, own, rng.choice(8, n, p=SHARES))
    return Records(skill, job, group)


@dataclass(frozen=True)
class World:
    """A config that was counted once. Any records become a snapshot without reading data again."""

    loaded: LoadedConfig
    counted: CountedSources

    def snapshot(self, records: Records, words: Mapping[str, str] | None = None) -> Snapshot:
        """Return the snapshot of a build of these records, without the contributions of single items and labels."""
        numbers = self.counted.relations["survey"]
        types = item_types(records, grouped=numbers.tables.incidence.group is not None)
        taxonomies = compiled(self.loaded.config)
        incidence = filed(types, numbers.tables.incidence, taxonomies)
        n = records.n
        coverage = replace(numbers.coverage, n_links=n, n_resolved=n, n_candidates=n, n_units=n)
        numbers = replace(
            numbers,
            tables=tables_of(incidence),
            coverage=coverage,
            contributors=TopContributors((), (), None, None),
            recounts={},
            for_history=types,
            memo={},
        )
        return taking(self.loaded, replace(self.counted, relations={"survey": numbers}), words)


def world(folder: Path, *, grouped: bool, edits: Sequence[tuple[str, str]] = ()) -> World:
    """Return the world of the config, with each old text of `edits` replaced."""
    config = CONFIG.replace("[GROUP]", "{columns: [team], public: true}" if grouped else "[]")
    for old, new in edits:
        if old not in config:
            raise ValueError(f"the config has no {old!r}")
        config = config.replace(old, new)
    (folder / "config.yaml").write_text(config)
    write_records(folder / "survey.csv", drawn(np.random.default_rng(0), 200, grouped=grouped))
    loaded = load_config(folder / "config.yaml")
    return World(loaded, count_all(loaded))


def write_records(path: Path, records: Records) -> None:
    """Write records as the table named in the config."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["skills", "jobs", "team"])
        for skill, job, group in zip(*(part.tolist() for part in records.parts), strict=True):
            rows.writerow([LABELS[skill], LABELS[job], f"t{group}"])


def item_types(records: Records, *, grouped: bool) -> ItemTypes:
    """Return records as the incidence over item types, as the program counts it."""
    names = tuple(sorted(LABELS))
    place = np.array([names.index(label) for label in LABELS])
    groups = sorted({f"t{number}" for number in records.group.tolist()}) if grouped else []
    number = {name: i for i, name in enumerate(groups)}
    group = np.array([number[f"t{g}"] for g in records.group.tolist()] if grouped else np.zeros(records.n), dtype=int)
    found, units = np.unique(
        np.stack([group, place[records.skill] + 1, place[records.job] + 1], axis=1), axis=0, return_counts=True
    )

    def side(kind: str, label: NDArray[np.int64]) -> TypeSide:
        counts = np.bincount(place[label], minlength=len(names)).tolist()
        single = ((), *((i,) for i in range(len(names))))
        return TypeSide(kind, "default", names, tuple(counts), single, ((), *((i + 1,) for i in range(len(names)))))

    return ItemTypes(
        rows=side("rows", records.skill),
        columns=side("columns", records.job),
        row_set=found[:, 1],
        column_set=found[:, 2],
        stratum=np.zeros(len(found), dtype=np.int64),
        strata=("",),
        group=found[:, 0] if grouped else None,
        groups=tuple(groups),
        units=units.astype(np.int64),
        weight_parts=None,
        counts="both",
    )


def compared_builds(old: Snapshot, new: Snapshot) -> Diff:
    """Return the changes between two builds."""
    return diff(side_of("old", old), side_of("new", new))


def grown(seed: int, usual: World, *, grouped: bool, share: float) -> Diff:
    """Return the diff of a source that grew by a share and lost a tenth of that share, without other changes."""
    rng = np.random.default_rng([seed, int(grouped), int(1000 * share)])
    n = int(rng.integers(300, 1500))
    old = drawn(rng, n, grouped=grouped)
    more = drawn(rng, int(n * share), grouped=grouped, first=int(old.group.max()) + 1)
    if grouped and seed % 2:  # half of those that come join groups that are there
        more = replace(more, group=np.where(rng.random(more.n) < 0.5, rng.choice(old.group, more.n), more.group))
    new = old.without(rng.random(old.n) < 0.1 * share).with_(more)
    return compared_builds(usual.snapshot(old), usual.snapshot(new))


MOVED = (("match: [sound, speech]", "match: [sound]"), ("match: [text, prose]", "match: [text, prose, speech]"))
FEWER = (("minimum_units: 10", "minimum_units: 300"),)


def planted(seed: int, worlds: Mapping[str, World], cause: str, *, grouped: bool) -> Diff:
    """Return the diff of a source that has one planted change.

    data: the records double, and only 20% of the new ones agree. For the other causes the source grows by a twentieth.
    taxonomy: a label moves to another category. settings: the minimum number of units changes. program: the old version
    gave nine tenths of every share.
    """
    rng = np.random.default_rng([seed, int(grouped), len(cause)])
    n = int(rng.integers(600, 1500))
    old = drawn(rng, n, grouped=grouped)
    first = int(old.group.max()) + 1
    if cause == "data":
        more = drawn(rng, n, grouped=grouped, first=first, agree=0.2)
    else:
        more = drawn(rng, n // 20, grouped=grouped, first=first)
    new = old.with_(more)
    before = worlds["usual"].snapshot(old)
    after = worlds.get(cause, worlds["usual"]).snapshot(new)
    return compared_builds(_other_program(before) if cause == "program" else before, after)


def worlds_of(folder: Path, *, grouped: bool) -> dict[str, World]:
    """Return the usual world, and two with another taxonomy and other settings."""
    edits = {"usual": (), "taxonomy": MOVED, "settings": FEWER}
    return {name: world(folder, grouped=grouped, edits=edit) for name, edit in edits.items()}


def _other_program(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot as from a version that gave nine tenths of every share."""

    def of_then(value: float | None) -> float | None:
        return None if value is None else 0.9 * value

    panels = tuple(
        replace(panel, cells=tuple(replace(cell, value=of_then(cell.value)) for cell in panel.cells))
        for panel in snapshot.head.panels
    )
    return replace(snapshot, head=replace(snapshot.head, program="0.0.9", panels=panels))


def is_named(diff: Diff, cause: str) -> bool:
    """Return whether a relevant change was found and most of the relevant changes have only this cause."""
    causes = [change.causes for change in diff.cells if change.matters]
    return bool(causes) and sum(found == (cause,) for found in causes) > len(causes) / 2


def year(seed: int, usual: World, *, grouped: bool, weeks: int = 52, n: int = 600, agree: float = 0.6) -> int:
    """Return the number of weeks in a year with a changed word for strength. Builds are weekly, each with 1% more.

    `agree` puts shares near a threshold or away from it.
    """
    rng = np.random.default_rng([seed, int(grouped), 52])
    records = drawn(rng, n, grouped=grouped, agree=agree)
    words: dict[str, str] = {}
    changed = 0
    for week in range(weeks + 1):
        snapshot = usual.snapshot(records, words)
        now = dict(snapshot.head.strengths)
        changed += week > 0 and any(now[key] != words[key] for key in now.keys() & words.keys())
        words = {**words, **now}
        more = drawn(rng, max(1, records.n // 100), grouped=grouped, first=int(records.group.max()) + 1)
        records = records.with_(more)
    return changed


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--only", choices=("independent", "groups"))
    asked = parser.parse_args()
    runs = asked.runs
    for grouped in (False, True):
        if asked.only is not None and (asked.only == "groups") != grouped:
            continue
        with tempfile.TemporaryDirectory() as place:
            worlds = worlds_of(Path(place), grouped=grouped)
        for line in table(worlds, runs, grouped=grouped):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


def table(worlds: Mapping[str, World], runs: int, *, grouped: bool) -> Iterator[str]:
    """Yield the rows of the table."""
    kind, usual = "groups" if grouped else "independent", worlds["usual"]
    for size in (0.01, 0.1, 0.5):
        k = sum(grown(seed, usual, grouped=grouped, share=size).changed_numbers for seed in range(runs))
        yield f"| growth by {size:.0%} | {kind} | flagged | {k} of {runs} |"
    for cause in ("data", "taxonomy", "settings", "program"):
        k = sum(is_named(planted(seed, worlds, cause, grouped=grouped), cause) for seed in range(runs))
        yield f"| {cause} changed | {kind} | found, cause named | {k} of {runs} |"
    for agree in (0.4, 0.5, 0.6, 0.75):
        weeks = [year(seed, usual, grouped=grouped, agree=agree) for seed in range(max(1, runs // 20))]
        mean, most = sum(weeks) / len(weeks), max(weeks)
        yield f"| a year, {agree:.0%} agree | {kind} | weeks with another word | {mean:.2f}, at most {most} of 52 |"


if __name__ == "__main__":
    main()
