"""Compare two builds: which findings, claims and raw labels changed, why, and whether the change matters."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydantic import JsonValue

from ...cells import CellRef, Estimate
from ...inference.laws import false_discovery, normal_quantile, t_two_sided
from ...pseudonyms import is_pseudonym
from ...taxonomy import LabelCount
from .cell_changes import Pair, TestedRelation, cell_change, cell_changes, tested
from .changes import (
    CAUSES,
    DATA,
    PROGRAM,
    SETTINGS,
    TAXONOMY,
    Build,
    CellChange,
    ClaimChange,
    Diff,
    FindingChange,
    How,
    LabelChange,
    RelationChange,
    named,
)
from .settings import MatterSettings, settings_of
from .sides import ChangeSteps, ReadBuild, steps_of
from .snapshot import Body, Head, KeptCell, KeptClaim, KeptFinding, Snapshot
from .wording import headline_changes, is_reordered, sentence_changes, size_changes

_MANY = 1e9
_SAME = 1e-12


@dataclass(frozen=True)
class Ground:
    """The basis for judging changes of findings and claims.

    `differs` are the causes of change for each relation, `cells` the cells that changed, `panels` the relation of each
    panel, `relations` the numbers of units in both builds. `fdr` is half of the config's false discovery rate. The
    other half is used for cells.
    """

    differs: Mapping[str, tuple[str, ...]]
    cells: Mapping[CellRef, CellChange]
    panels: Mapping[str, str]
    relations: Mapping[str, RelationChange]
    matters: MatterSettings
    level: float
    fdr: float

    def causes(self, relation: str, cells: Collection[CellRef]) -> tuple[str, ...]:
        """Return the causes of a change that depends on cells: the only cause, or the causes of changes in cells."""
        at_work = self.differs.get(relation, ())
        if len(at_work) < 2:
            return at_work
        sums: dict[str, float] = {}
        for change in (self.cells[ref] for ref in cells if ref in self.cells):
            for cause, share in change.shares.items():
                sums[cause] = sums.get(cause, 0.0) + abs(share)
        return named(sums) or at_work

    def is_clear(self, cells: Collection[CellRef]) -> bool:
        """Return whether data moved any of these cells by more than noise and by enough to matter."""
        changes = (self.cells[ref] for ref in cells if ref in self.cells)
        return any(change.matters and change.noise is False for change in changes)


def finding_changes(old: Head, new: Head, ground: Ground) -> tuple[FindingChange, ...]:
    """Return findings that appeared, vanished, or have a different strength or number. Null findings count as none."""
    before, after = ({f.key: f for f in one.published.findings if not f.null} for one in (old, new))
    changes = (_finding(before.get(key), after.get(key), ground) for key in dict.fromkeys((*after, *before)))
    return tuple(_judged([change for change in changes if change is not None], {**before, **after}, ground))


def _finding(old: KeptFinding | None, new: KeptFinding | None, ground: Ground) -> FindingChange | None:
    one = new or old
    if one is None or (old is not None and new is not None and _is_same(old, new)):
        return None
    low = high = p = difference = None
    if old is not None and new is not None and old.value is not None and new.value is not None:
        difference = new.value - old.value
        error = _error(old, new, ground)
        if error is not None and set(old.about) == set(new.about) and old.scale == new.scale:
            scaled = abs(_scaled(new.value, new.scale) - _scaled(old.value, old.scale))
            p = float(t_two_sided(np.array(scaled / error), _MANY))
            half = normal_quantile(ground.level) * error
            if one.scale != "ratio":
                low, high = difference - half, difference + half
            if one.scale == "share":  # no share is below 0 or above 1
                low, high = max(difference - half, -old.value), min(difference + half, 1 - old.value)
    how: How = "appeared" if old is None else "vanished" if new is None else "changed"
    return FindingChange(
        figure=one.figure,
        relation=one.relation,
        id=one.id,
        kind=one.kind,
        about=one.about,
        how=how,
        scale=one.scale,
        old=None if old is None else old.value,
        new=None if new is None else new.value,
        old_strength=None if old is None else old.strength,
        new_strength=None if new is None else new.strength,
        difference=None if difference is None else Estimate(difference, low, high),
        p=p,
        causes=ground.causes(one.relation, one.cells),
    )


def _is_same(old: KeptFinding, new: KeptFinding) -> bool:
    words = [(one.strength, frozenset(one.about)) for one in (old, new)]
    if words[0] != words[1] or (old.value is None) != (new.value is None):
        return False
    return old.value is None or abs((new.value or 0.0) - old.value) <= _SAME * max(1.0, abs(old.value))


def _scaled(value: float, scale: str) -> float:
    return math.log(max(value, 1e-300)) if scale == "ratio" else value


def _error(old: KeptFinding, new: KeptFinding, ground: Ground) -> float | None:
    """Return the standard error of the change of a headline number, or None without intervals.

    Both estimates share the units that stayed. The correlation of two means over samples of n and m units with k units
    in common is k / sqrt(n m).
    """
    errors = [_own_error(one, ground.level) for one in (old, new)]
    if errors[0] is None or errors[1] is None:
        return None
    units = ground.relations.get(new.relation)
    stayed = units.alike * (1 - units.exchanged) if units else 0.0
    shared = stayed / math.sqrt(units.old * units.new) if units and units.old and units.new else 0.0
    variance = errors[0] ** 2 + errors[1] ** 2 - 2 * min(shared, 1.0) * errors[0] * errors[1]
    return math.sqrt(variance) if variance > 0 else None


def _own_error(one: KeptFinding, level: float) -> float | None:
    if one.low is None or one.high is None or one.low == one.high:
        return None
    return (_scaled(one.high, one.scale) - _scaled(one.low, one.scale)) / (2 * normal_quantile(level))


def _judged(
    changes: Sequence[FindingChange], kept: Mapping[str, KeptFinding], ground: Ground
) -> Iterator[FindingChange]:
    """Yield changes with their q, and whether they matter."""
    tested = [place for place, change in enumerate(changes) if change.p is not None and DATA in change.causes]
    p = np.array([changes[place].p for place in tested], dtype=np.float64)
    q = dict(zip(tested, false_discovery(p).tolist(), strict=True))
    for place, change in enumerate(changes):
        cells = kept[f"{change.figure}/{change.relation}/{change.id}"].cells
        own = q.get(place)
        large = _is_large(change, ground.matters)
        moved = large and own is not None and own < ground.fdr
        clear = moved or ground.is_clear(cells)
        word = change.how != "changed" or change.old_strength != change.new_strength
        units = ground.relations.get(change.relation)
        edited = units is not None and units.is_exact
        exact = edited or any(cause != DATA for cause in change.causes)
        alone = large and exact and (edited or DATA not in change.causes)
        yield replace(
            change,
            q=own,
            noise=not clear if DATA in change.causes and not edited else None,
            matters=(word and (exact or clear)) or moved or alone,
        )


def _is_large(change: FindingChange, matters: MatterSettings) -> bool:
    """Return whether a headline number moved by enough to matter. Descriptive numbers without a strength never do."""
    if change.old is None or change.new is None or (change.old_strength, change.new_strength) == (None, None):
        return False
    if change.scale == "ratio":
        return abs(_scaled(change.new, "ratio") - _scaled(change.old, "ratio")) >= math.log(matters.ratio)
    return abs(change.new - change.old) >= matters.share


def claim_changes(old: Head, new: Head, ground: Ground) -> tuple[ClaimChange, ...]:
    """Return claims that were added, removed or changed their truth. A change of truth matters whatever the cause."""
    before, after = ({(c.file, c.predicate, c.where): c for c in one.published.claims} for one in (old, new))
    changes = (_claim(before.get(key), after.get(key), ground) for key in dict.fromkeys((*after, *before)))
    return tuple(change for change in changes if change is not None)


def _claim(old: KeptClaim | None, new: KeptClaim | None, ground: Ground) -> ClaimChange | None:
    one = new or old
    if one is None or (old is not None and new is not None and old.holds == new.holds):
        return None
    how: How = "appeared" if old is None else "vanished" if new is None else "changed"
    about = {ground.panels[ref.panel] for ref in one.cells if ref.panel in ground.panels}
    found = {cause for name in ground.differs if not about or name in about for cause in ground.causes(name, one.cells)}
    causes = tuple(cause for cause in CAUSES if cause in found) if how == "changed" else ()
    return ClaimChange(
        file=one.file,
        line=one.line,
        predicate=one.predicate,
        where=one.where,
        how=how,
        holds=one.holds,
        reason=one.reason,
        causes=causes or ((PROGRAM,) if how == "changed" else ()),
        matters=how == "changed",
    )


def label_changes(old: Body, new: Body) -> tuple[LabelChange, ...]:
    """Return new raw labels in order of decreasing frequency, then removed labels."""
    before, after = _labels(old), _labels(new)
    private = _private_labels(before.values(), after.values())
    before, after = ({k: of for k, of in known.items() if not is_pseudonym(of.label)} for known in (before, after))
    new_ones: list[tuple[How, LabelCount]] = [("appeared", one) for key, one in after.items() if key not in before]
    gone: list[tuple[How, LabelCount]] = [("vanished", one) for key, one in before.items() if key not in after]
    changes = [LabelChange(one.kind, one.label, how, one.n_items, one.categories) for how, one in (*new_ones, *gone)]
    return tuple(sorted((*changes, *private), key=lambda c: (c.how, -c.n_items, c.kind, c.label)))


def _private_labels(before: Iterable[LabelCount], after: Iterable[LabelCount]) -> Iterator[LabelChange]:
    """Yield the increase, for each kind, in items with private labels that match no rule."""
    sums: dict[str, int] = {}
    for sign, labels in ((-1, before), (1, after)):
        for of in labels:
            if is_pseudonym(of.label) and not of.categories:
                sums[of.kind] = sums.get(of.kind, 0) + sign * of.n_items
    for kind, n_more in sums.items():
        if n_more > 0:
            yield LabelChange(kind, UNKNOWN_PRIVATE, "appeared", n_more, ())


UNKNOWN_PRIVATE = "labels that are not published"
"""Collective name for labels that match no rule and whose text is private."""


def _labels(body: Body) -> dict[tuple[str, str], LabelCount]:
    of_entities = [label for labels in body.labels.values() for label in labels]
    of_relations = [label for relation in body.relations for label in relation.labels]
    return {(label.kind, label.label): label for label in (*of_entities, *of_relations)}


def unfiled(changes: Sequence[LabelChange], rows: Mapping[str, int]) -> float:
    """Return the largest share, over kinds, of items that have new labels without a matching rule."""
    sums: dict[str, int] = {}
    for change in changes:
        if change.how == "appeared" and not change.categories:
            sums[change.kind] = sums.get(change.kind, 0) + change.n_items
    return max((n / rows[kind] for kind, n in sums.items() if rows.get(kind)), default=0.0)


_NOT_TOLD = ("snapshots", "engine", "outputs", "fonts", "url", "report", "figures", "text")
"""Sections whose settings affect no number."""


def diff(old: ReadBuild, new: ReadBuild) -> Diff:
    """Compare two builds. The config of the new build defines which changes matter."""
    config = new.config
    matters = settings_of(config).matters
    fdr, level = config.inference.fdr / 2, config.inference.level  # half for cells, half for findings
    names = [relation.name for relation in new.snapshot.body.relations]
    ways = {name: steps for name in names if (steps := steps_of(name, old, new)) is not None}
    found = {name: tested(steps) for name, steps in ways.items()}
    cells = [c for name, steps in ways.items() for c in cell_changes(steps, found[name], matters, fdr)]
    cells += _bare(old, new, matters)
    program = old.snapshot.head.program != new.snapshot.head.program
    differs = {name: _at_work(steps, program) for name, steps in ways.items()}
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
    said = [one.snapshot.head.published.sentences for one in (old, new)]
    said = said if all(said) else [(), ()]  # a snapshot of an older version has no sentences
    labels = label_changes(old.snapshot.body, new.snapshot.body)
    every = {cause for causes in differs.values() for cause in causes} | {c for cell in cells for c in cell.causes}
    return Diff(
        old=Build(old.name, old.snapshot.head.date, old.snapshot.head.program),
        new=Build(new.name, head.date, head.program),
        differs=tuple(cause for cause in CAUSES if cause in every),
        headlines=headline_changes(*said),
        sentences=sentence_changes(*said),
        reordered=is_reordered(*said),
        sizes=tuple(size_changes(old, new)),
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
        notes=tuple(_notes(old, new, ways, found)),
        axes={panel.id: _axes(old.cells(panel.id), new.cells(panel.id)) for panel in config.panels},
    )


def _axes(old: Mapping[Pair, KeptCell], new: Mapping[Pair, KeptCell]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    pairs = (*new, *old)
    return tuple(dict.fromkeys(given for given, _ in pairs)), tuple(dict.fromkeys(outcome for _, outcome in pairs))


def _n_items(snapshot: Snapshot) -> dict[str, int]:
    """Return the number of items for each kind of label: for an entity, or a side of records."""
    sides = [side for one in snapshot.body.relations for side in (one.coverage.rows, one.coverage.columns)]
    return {side.side: side.n_items for side in sides} | snapshot.head.rows


def _rank(change: CellChange) -> tuple[bool, float]:
    moved = abs(change.difference.value) if change.difference else 0.0
    return not change.matters, -round(moved, 9)  # machines differ in the last digits


def _at_work(steps: ChangeSteps, program: bool) -> tuple[str, ...]:  # noqa: FBT001
    causes = {*steps.factors, *steps.mixed, *((PROGRAM,) if program else ())}
    return tuple(cause for cause in CAUSES if cause in causes)


def _bare(old: ReadBuild, new: ReadBuild, matters: MatterSettings) -> Iterator[CellChange]:
    """Yield changed cells of published matrices. These are not resampled, so any difference is a change."""
    for panel in new.config.panels:
        if panel.id not in new.snapshot.body.matrices or panel.id not in old.snapshot.body.matrices:
            continue
        before, after = old.cells(panel.id), new.cells(panel.id)
        for pair in dict.fromkeys((*after, *before)):
            values = [None if cell is None else cell.value for cell in (before.get(pair), after.get(pair))]
            if values[0] == values[1]:
                continue
            how: How = "appeared" if values[0] is None else "vanished" if values[1] is None else "changed"
            change = cell_change(panel, pair, before.get(pair), after.get(pair), how)
            large = change.difference is not None and abs(change.difference.value) >= matters.share
            yield replace(change, large=large, matters=large or change.difference is None)


def _inputs(old: Snapshot, new: Snapshot) -> tuple[str, ...]:
    before, after = ({entry.path: entry.sha256 for entry in one.head.inputs} for one in (old, new))
    return tuple(path for path in sorted({*before, *after}) if before.get(path) != after.get(path))


def _settings(old: JsonValue, new: JsonValue, place: str = "") -> Iterator[str]:
    """Yield the dotted keys of settings that differ, except settings that affect no number."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            if place or key not in _NOT_TOLD:
                yield from _settings(old.get(key), new.get(key), f"{place}.{key}" if place else key)
    elif old != new:
        yield place


def _notes(
    old: ReadBuild, new: ReadBuild, ways: dict[str, ChangeSteps], found: dict[str, TestedRelation]
) -> Iterator[str]:
    for side, other in ((old, new), (new, old)):
        yield from _alone(side, other)
        if not side.snapshot.head.published.sentences:
            yield f"{side.name} has no sentences, so sentences are not compared"
    for name, steps in ways.items():
        if SETTINGS in steps.mixed:
            yield f"relation {name} has other units or items by its settings, so that causes cannot be distinguished"
        elif TAXONOMY in steps.mixed:
            yield f"relation {name} was too large to keep by labels, so that data and taxonomy cannot be distinguished"
        elif not found[name].change.by_labels:
            yield f"relation {name} was too large to keep by labels: units are matched by their categories"


def _alone(side: ReadBuild, other: ReadBuild) -> Iterator[str]:
    """Yield notes on parts that only one of the two builds has."""
    for relation in side.snapshot.body.relations:
        if other.relation(relation.name) is None:
            yield f"relation {relation.name} is in {side.name} alone, and is not compared"
    shown = {panel.id for panel in other.config.panels}
    for panel in side.config.panels:
        if panel.id not in shown:
            yield f"panel {panel.id} is in {side.name} alone, and is not compared"
