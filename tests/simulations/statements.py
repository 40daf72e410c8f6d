"""Which statements a report makes, read from its sentences, not from its phrases.

A sentence has the id of its finding with a block's name behind, and the cells it speaks of. What is counted as said is
what a finding says *whose sentence stands in the text*: a finding that no sentence tells is not said, and a sentence
can be worded anew without changing what is counted. A sentence of a kind that is neither a statement nor known to only
describe (`DESCRIBING`) is an error, so that no new kind of sentence goes unnoticed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from diptych.config.loading import LoadedConfig, load_config, load_text
from diptych.document.compose import BUILDERS, WrittenPart
from diptych.document.model import Block, ItemList, Paragraph, Sentence
from diptych.findings.blocks import Block as Together
from diptych.findings.bridges import Bridge
from diptych.findings.composition import Composition
from diptych.findings.diagonal import Isolation, Spread
from diptych.findings.direction import Direction
from diptych.findings.finding import Finding
from diptych.findings.heterogeneity import Heterogeneity
from diptych.findings.story import NamedPair, Story
from diptych.findings.surprises import PairAssociations
from diptych.findings.uneven_coverage import UnevenCoverage
from diptych.pipeline.counting import CountedSources, count_all
from diptych.pipeline.parts import build_panels, write_parts
from tests.simulations.records import Records

READ = ("abstract", "overview", "reading", "analysis", "observations", "interpretation")
"""The sections in which something is said of the data; the others say how it was counted."""

DESCRIBING = frozenset(
    (
        *(
            "abstract",
            "activity",
            "agreement",
            "asymmetry",
            "caption",
            "coarse",
            "concentration",
            "crossings",
        ),
        *("diagonal", "gaps", "headings", "interpretation", "methods", "population"),
        *("overdispersion", "reading", "trend", "uneven_coverage"),
    )
)
"""Kinds of sentence that give shares and sizes as they are, or say again what another sentence states."""

CAUTION = "activity"
"""A part of the id of any sentence that says that how many labels units have cannot be told from affinity."""


@dataclass(frozen=True, slots=True)
class Said:
    """One statement: its kind and the categories it is about.

    pair (above or below what is expected: `way`), direction (from, to), block (`way`: of both sides or of one), bridge,
    isolation, "explained": that strata account for more of the agreement than idle ones would, "lasting": that a
    category agrees within strata too, "opposite" and "graded": that a pair is associated in opposite directions, or not
    equally strongly, in different strata, "spread": that a category follows all records, and "nothing": that no pair
    departs from chance.
    """

    kind: str
    about: tuple[str, ...]
    way: str = ""


@lru_cache(maxsize=64)
def _loaded(config: str) -> LoadedConfig:
    return load_text(config, Path("config.yaml"))


def told(records: Records) -> WrittenPart:
    """Return findings and writer of a report of records, by the program's own composition, without files."""
    return written_of(_loaded(records.config()), records.counted())


def told_by_files(records: Records, folder: Path) -> WrittenPart:
    """Return the same by the whole program, from files written into a folder."""
    for name, content in records.files().items():
        (folder / name).write_text(content, encoding="utf-8")
    loaded = load_config(folder / "config.yaml")
    return written_of(loaded, count_all(loaded))


def written_of(loaded: LoadedConfig, counted: CountedSources) -> WrittenPart:
    """Return the one part of a report with one figure of one relation; no tables are worked out for it."""
    (written,) = write_parts(loaded, counted, build_panels(loaded.config, counted), {})
    return written


def sentences(written: WrittenPart) -> dict[str, list[Sentence]]:
    """Return the sentences of each section that says something of the data."""
    sections = {name: build for name, build in BUILDERS.items() if name in READ}
    return {
        name: [s for block in build(written.part, written.writer) for s in _of(block)]
        for name, build in sections.items()
    }


def _of(block: Block) -> Iterator[Sentence]:
    if isinstance(block, Paragraph):
        yield from block.sentences
    elif isinstance(block, ItemList):
        for item in block.items:
            yield from item.sentences


def statements(written: WrittenPart) -> tuple[Said, ...]:
    """Return what a report states, each once, in the order in which its sentences come."""
    findings = {finding.id: finding for finding in written.part.findings}
    found: dict[Said, None] = {}
    for sentence in (s for of in sentences(written).values() for s in of):
        found |= dict.fromkeys(_stated(sentence, findings))
    return tuple(found)


def _stated(sentence: Sentence, findings: Mapping[str, Finding]) -> Iterator[Said]:
    finding = findings.get(sentence.id.rpartition(".")[0])
    kind = sentence.id.partition(".")[0]
    states = None if finding is None else next((f for of, f in _STATES.items() if isinstance(finding, of)), None)
    if states is not None:
        yield from states(finding, findings)
    elif kind not in DESCRIBING:
        raise AssertionError(f"what does a sentence {sentence.id!r} state? {sentence.text}")


def _of_surprises(finding: PairAssociations, findings: Mapping[str, Finding]) -> Iterator[Said]:
    if finding.null and finding.n_tested and not _opposed(findings):
        yield Said("nothing", ())
    for way, pairs in (("above", finding.above), ("below", finding.below)):
        yield from (Said("pair", (pair.given, pair.outcome), way) for pair in pairs)


def _of_heterogeneity(finding: Heterogeneity, _: object) -> Iterator[Said]:
    for kind, differing in (("opposite", finding.opposite), ("graded", finding.graded)):
        yield from (Said(kind, (pair.given, pair.outcome)) for pair in differing)


def _of_spread(_: Spread, findings: Mapping[str, Finding]) -> Iterator[Said]:
    """Yield all that are spread as all records are: one sentence is about them."""
    yield from (Said("spread", (f.category,)) for f in findings.values() if isinstance(f, Spread))


def _of_story(finding: Story, _: object) -> Iterator[Said]:
    yield from (_named(pair) for point in finding.points for pair in point.pairs)


def _of_direction(finding: Direction, _: object) -> Iterator[Said]:
    yield from [Said("direction", (finding.origin, finding.goal))] if finding.supported else []


def _of_composition(finding: Composition, _: object) -> Iterator[Said]:
    yield from [Said("explained", finding.strata)] if finding.beyond else []
    yield from (Said("lasting", (change.category,)) for change in finding.lasting)


_STATES: Mapping[type[Finding], Callable[[Any, Mapping[str, Finding]], Iterable[Said]]] = {
    PairAssociations: _of_surprises,
    Heterogeneity: _of_heterogeneity,
    Spread: _of_spread,
    Story: _of_story,
    Direction: _of_direction,
    Together: lambda finding, _: [Said("block", finding.members, finding.side)],
    Bridge: lambda finding, _: [Said("bridge", (finding.category,))],
    Isolation: lambda finding, _: [Said("isolation", (finding.category,))],
    Composition: _of_composition,
}
"""What each kind of finding states, with all findings beside it."""


def _opposed(findings: Mapping[str, Finding]) -> bool:
    """Return whether a pair in opposite directions is reported, so that "no other pair" is what is said."""
    return any(f.opposite for f in findings.values() if isinstance(f, Heterogeneity))


def _named(pair: NamedPair) -> Said:
    due = pair.n_given * pair.n_outcome / pair.n_units
    more = pair.n_joint > due if pair.within is None else pair.within > 1
    return Said("pair", (pair.row, pair.column), "above" if more else "below")


def is_cautious(written: WrittenPart) -> bool:
    """Return whether some sentence says that activity cannot be told from affinity."""
    return any(CAUTION in s.id.split(".") for of in sentences(written).values() for s in of)


def in_doubt(written: WrittenPart) -> frozenset[Said]:
    """Return the statements that the first page says uneven coverage alone could produce.

    Similar profiles are in doubt if all pairs are.
    """
    said = {s.id.rpartition(".")[0] for name in ("abstract", "observations") for s in sentences(written)[name]}
    stated = statements(written)
    doubted: set[Said] = set()
    for f in written.part.found(UnevenCoverage):
        if f.id not in said:
            continue
        doubted |= {s for s in stated if s.kind == "pair" and s.about in f.names}
        doubted |= {s for s in stated if s.kind == "block" and f.n_named == len(f.names)}
    return frozenset(doubted)
