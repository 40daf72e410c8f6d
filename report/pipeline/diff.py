"""Two builds -> what changed and why: `diptych diff`."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from ..history.causes import CAUSES, DATA, PROGRAM, SETTINGS, TAXONOMY
from ..history.changes import Build, CellChange, Diff
from ..history.settings import MatterSettings
from ..history.snapshot import Snapshot
from .diff_cells import Tested, cell_changes, tested
from .diff_findings import Ground, claim_changes, finding_changes, label_changes, unfiled
from .diff_sides import Mixtures, Side, mixtures, side_of
from .diff_sources import Source

_NOT_TOLD = ("snapshots", "engine", "outputs", "fonts", "url", "report", "figures", "text")
"""Sections whose settings change no number."""


def diff(old: Source, new: Source) -> Diff:
    """Compare two builds. What matters is as the config of the new one says. Raises ConfigError for either's config."""
    return compared(side_of(old.name, old.snapshot), side_of(new.name, new.snapshot))


def compared(old: Side, new: Side) -> Diff:
    """Compare two builds whose configs are read."""
    config = new.config
    matters = config.snapshots.matters if config.snapshots is not None else MatterSettings()
    fdr, level = config.inference.fdr / 2, config.inference.level  # half for cells, half for findings
    names = [relation.name for relation in new.snapshot.body.relations]
    mixed = {name: mix for name in names if (mix := mixtures(name, old, new)) is not None}
    found = {name: tested(mix) for name, mix in mixed.items()}
    cells = [c for name, mix in mixed.items() for c in cell_changes(mix, found[name], matters, fdr)]
    cells += _bare(old, new, matters)
    program = old.snapshot.head.program != new.snapshot.head.program
    differs = {name: _at_work(mix, program) for name, mix in mixed.items()}
    ground = Ground(
        differs=differs,
        cells={change.ref: change for change in cells},
        panels={panel.id: panel.relation for panel in config.panels},
        relations={name: one.change for name, one in found.items()},
        matters=matters,
        level=level,
        fdr=fdr,
    )
    head = new.snapshot.head
    labels = label_changes(old.snapshot.body, new.snapshot.body)
    every = {cause for causes in differs.values() for cause in causes} | {c for cell in cells for c in cell.causes}
    return Diff(
        old=_build(old),
        new=_build(new),
        differs=tuple(cause for cause in CAUSES if cause in every),
        labels=labels,
        claims=claim_changes(old.snapshot.head, head, ground),
        findings=finding_changes(old.snapshot.head, head, ground),
        cells=tuple(sorted(cells, key=_rank)),
        relations=tuple(one.change for one in found.values()),
        inputs=_inputs(old.snapshot, new.snapshot),
        settings=tuple(_settings(old.snapshot.head.settings, head.settings)),
        unfiled=unfiled(labels, _n_items(new.snapshot)),
        n_tested=sum(one.n_tested for one in found.values()),
        share=matters.share,
        ratio=matters.ratio,
        fdr=config.inference.fdr,
        level=level,
        notes=tuple(_notes(old, new, mixed, found)),
    )


def _n_items(snapshot: Snapshot) -> dict[str, int]:
    """Return how many items each kind of label is of: an entity, or a side of records."""
    sides = [side for one in snapshot.body.relations for side in (one.coverage.rows, one.coverage.columns)]
    return {side.side: side.n_items for side in sides} | snapshot.head.rows


def _rank(change: CellChange) -> tuple[bool, float]:
    return not change.matters, -round(abs(change.difference or 0.0), 9)  # floats of a machine decide no order


def _at_work(mix: Mixtures, program: bool) -> tuple[str, ...]:  # noqa: FBT001
    causes = {*mix.factors, *mix.mixed, *((PROGRAM,) if program else ())}
    return tuple(cause for cause in CAUSES if cause in causes)


def _build(side: Side) -> Build:
    return Build(side.name, side.snapshot.head.date, side.snapshot.head.program)


def _bare(old: Side, new: Side, matters: MatterSettings) -> Iterator[CellChange]:
    """Yield the changed cells of published matrices: nothing is drawn there, so that a difference is one."""
    for panel in new.config.panels:
        if panel.id not in new.snapshot.body.matrices or panel.id not in old.snapshot.body.matrices:
            continue
        before, after = old.cells(panel.id), new.cells(panel.id)
        for pair in dict.fromkeys((*after, *before)):
            one, other = before.get(pair), after.get(pair)
            values = [None if cell is None else cell.value for cell in (one, other)]
            if values[0] == values[1]:
                continue
            difference = None if values[0] is None or values[1] is None else values[1] - values[0]
            yield CellChange(
                panel=panel.id,
                relation=panel.relation,
                measure=panel.measure,
                given=pair[0],
                outcome=pair[1],
                how="appeared" if values[0] is None else "vanished" if values[1] is None else "changed",
                old=values[0],
                new=values[1],
                old_state="absent" if one is None else one.state,
                new_state="absent" if other is None else other.state,
                difference=difference,
                shares=(),
                low=None,
                high=None,
                q=None,
                n_changed=None,
                noise=None,
                if_edited=False,
                large=difference is not None and abs(difference) >= matters.share,
                causes=(DATA,),
                matters=difference is None or abs(difference) >= matters.share,
            )


def _inputs(old: Snapshot, new: Snapshot) -> tuple[str, ...]:
    before = {entry.path: entry.sha256 for entry in old.head.inputs}
    after = {entry.path: entry.sha256 for entry in new.head.inputs}
    return tuple(path for path in sorted({*before, *after}) if before.get(path) != after.get(path))


def _settings(old: JsonValue, new: JsonValue, place: str = "") -> Iterator[str]:
    """Yield the dotted keys of settings that differ, but for those that change no number."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            if place or key not in _NOT_TOLD:
                yield from _settings(old.get(key), new.get(key), f"{place}.{key}" if place else key)
    elif old != new:
        yield place


def _notes(old: Side, new: Side, mixed: dict[str, Mixtures], found: dict[str, Tested]) -> Iterator[str]:
    for side, other in ((old, new), (new, old)):
        yield from _alone(side, other)
    for name, mix in mixed.items():
        if SETTINGS in mix.mixed:
            yield f"relation {name} has other units or other items by its settings, so that causes are not told apart"
        elif TAXONOMY in mix.mixed:
            yield f"relation {name} was too large to keep by labels, so that data and taxonomy are not told apart"
        elif not found[name].change.by_labels:
            yield f"relation {name} was too large to keep by labels: which units are alike is told by their categories"


def _alone(side: Side, other: Side) -> Iterator[str]:
    """Yield what only one of two builds has."""
    for relation in side.snapshot.body.relations:
        if other.relation(relation.name) is None:
            yield f"relation {relation.name} is in {side.name} alone, and is not compared"
    shown = {panel.id for panel in other.config.panels}
    for panel in side.config.panels:
        if panel.id not in shown:
            yield f"panel {panel.id} is in {side.name} alone, and is not compared"
