"""What findings that are stated claim of the quantities that tables give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from diptych import formats
from diptych.cells import Cell
from diptych.contrib.blocks.block import Block
from diptych.contrib.square.bridges import Bridge
from diptych.contrib.square.direction import Direction
from diptych.document.material import RelationReport
from diptych.document.robustness import analysis
from diptych.findings.agreement import Agreement
from diptych.findings.asymmetry import Asymmetry
from diptych.findings.composition import Composition, PairDeviations
from diptych.findings.diagonal import Diagonal, Isolation, OffDiagonal, Spread
from diptych.findings.dominance import Dominance
from diptych.findings.finding import Finding
from diptych.findings.gradient import Gradient
from diptych.findings.heterogeneity import Heterogeneity
from diptych.findings.population import CoverageGaps, Population, TooFewCategories
from diptych.findings.published import PublishedLevels
from diptych.findings.reversal import Reversal
from diptych.findings.robustness import AlternativeAnalyses, LeaveOneOut, TriedHeadline
from diptych.findings.story import Story
from diptych.findings.surprises import PairAssociations
from tests.prose.consistency.printed import Printed
from tests.prose.consistency.tables import Fact, Key, crossings_of, pair_of
from tests.prose.wholes import Whole


@dataclass(frozen=True)
class Claim:
    """What a finding says of a quantity: a number, a range that the number must be in, a name, or whether it is so."""

    finding: str
    key: Key
    value: float | Fact

    def contradicts(self, fact: Fact) -> bool:
        """Return whether a table says otherwise."""
        if isinstance(fact, Printed):
            if isinstance(self.value, Printed):
                return self.value.high < fact.low - 1e-9 or self.value.low > fact.high + 1e-9
            return not fact.agrees(float(self.value))
        return fact != self.value


def claims_of(whole: Whole) -> Iterator[Claim]:
    """Yield the claims of every finding that is stated, in a sentence or a table."""
    for finding in whole.written.part.findings:
        if not finding.null:
            yield from claims_about(whole, finding)


def claims_about(whole: Whole, finding: Finding) -> list[Claim]:
    """Return the claims of one finding."""
    of = next((claims for kind, claims in _CLAIMS.items() if isinstance(finding, kind)), None)
    made = [] if of is None else list(of(whole, whole.written.part, finding))
    return [Claim(finding.id, key, value) for key, value in made if value is not None]


Made = Iterator[tuple[Key, float | Fact | None]]


def _of_cell(panel: str, cell: Cell) -> Made:
    at = panel, cell.given, cell.outcome
    yield ("value", *at), cell.value
    yield ("value low", *at), cell.low
    yield ("value high", *at), cell.high
    yield ("n", panel, cell.given), cell.n_given


def _agreement(whole: Whole, part: RelationReport, f: Agreement) -> Made:
    yield ("declared", "Same category"), f.share.value


def _diagonal(whole: Whole, part: RelationReport, f: Diagonal) -> Made:
    for cell in (*f.leading, *f.others):
        yield from _of_cell(f.panel, cell)
        yield ("highest", f.panel, cell.given), cell.outcome


def _crossings(whole: Whole, part: RelationReport, f: OffDiagonal) -> Made:
    for cell in f.listed:
        yield from _of_cell(f.panel, cell)


def _levels(whole: Whole, part: RelationReport, f: PublishedLevels) -> Made:
    for cell in (*f.high, *f.moderate, *f.nearly_low):
        yield from _of_cell(f.panel, cell)


def _coarse(whole: Whole, part: RelationReport, f: TooFewCategories) -> Made:
    yield ("near one", f.panel), float(f.n_near)


def _asymmetry(whole: Whole, part: RelationReport, f: Asymmetry) -> Made:
    yield from _of_cell(f.left, f.left_cell)
    yield from _of_cell(f.right, f.right_cell)


def _story(whole: Whole, part: RelationReport, f: Story) -> Made:
    for pair in (pair for point in f.points for pair in point.pairs):
        at = pair.row, pair.column
        yield ("joint", *at), pair.n_joint
        of_rows, of_columns = (
            (pair.n_given, pair.n_outcome) if pair.outcome == pair.column else (pair.n_outcome, pair.n_given)
        )
        for panel in part.panels:
            rows_given = panel.given == part.wording.rows
            if pair.row != pair.column:
                yield ("n", panel.id, at[0] if rows_given else at[1]), of_rows if rows_given else of_columns
        if pair.within:
            yield ("within", *at), pair.n_joint / pair.within


def _surprises(whole: Whole, part: RelationReport, f: PairAssociations) -> Made:
    for pair in (*f.above, *f.below):
        at = pair_of(part, f.panel, pair.given, pair.outcome)
        yield ("joint", *at), pair.n_joint
        if f.basis != "crossing":
            yield ("expected" if f.basis == "all" else "within", *at), pair.expected
            yield ("q", *at), pair.q_value
            yield ("significant", *at), True


def _reversal(whole: Whole, part: RelationReport, f: Reversal) -> Made:
    for pair in f.pairs:
        at = pair_of(part, f.panel, pair.given, pair.outcome)
        yield ("joint", *at), pair.n_joint
        yield ("expected", *at), pair.expected
        yield ("within", *at), pair.expected_within
        yield ("q", *at), pair.q_value
        yield ("significant", *at), True


def _gradient(whole: Whole, part: RelationReport, f: Gradient) -> Made:
    for step in f.steps:
        row, column = (step.category, f.outcome) if f.side == "rows" else (f.outcome, step.category)
        yield ("joint", row, column), step.n_joint


def _departures(whole: Whole, part: RelationReport, f: PairDeviations) -> Made:
    for pair in f.pairs:
        yield ("joint", pair.row, pair.column), pair.n
        stratified = bool(part.wording.stratum_names)
        yield ("within" if stratified else "expected", pair.row, pair.column), pair.expected
        of_cell = [] if part.counted is None else part.counted.contributors.cells
        items = [c for c in of_cell if (c.row, c.column, c.by) == (pair.row, pair.column, "item") and c.n_sole > 1]
        if items:
            most = max(items, key=lambda c: c.n_sole)
            text = (
                f"{formats.shortened(most.name, 22)} ({formats.count(most.n_sole)} of {formats.count(most.n_touching)})"
            )
            yield ("contributor", pair.row, pair.column), text


def _heterogeneity(whole: Whole, part: RelationReport, f: Heterogeneity) -> Made:
    for pair in (*f.opposite, *f.graded):
        at = pair_of(part, f.panel, pair.given, pair.outcome)
        for level in (pair.lowest, pair.highest):
            if level.n_joint:
                yield ("joint in", level.stratum, *at), level.n_joint


def _composition(whole: Whole, part: RelationReport, f: Composition) -> Made:
    for change in (*f.lasting, *f.unsure, *f.faded):
        at = change.category, change.category
        yield ("joint", *at), change.observed
        yield ("expected", *at), change.expected
        yield ("within", *at), change.expected_within
        yield ("odds", *at), change.odds.value


def _bridge(whole: Whole, part: RelationReport, f: Bridge) -> Made:
    for first, second in crossings_of(f.live):
        if f.category not in (first, second):
            n = next((pair.n for pair in f.exceptions if {pair.first, pair.second} == {first, second}), 0.0)
            for way in ((first, second), (second, first)):
                yield ("joint", *way), Printed(0.0, n)
        elif ({first, second} - {f.category}).isdisjoint(f.met):
            yield ("joint", first, second), 0.0
            yield ("joint", second, first), 0.0


def _direction(whole: Whole, part: RelationReport, f: Direction) -> Made:
    yield ("joint", f.origin, f.goal), f.n_forward
    yield ("joint", f.goal, f.origin), f.n_back
    for end, value in (("net", f.net.value), ("net low", f.net.low), ("net high", f.net.high)):
        yield (end, f.origin, f.goal), value
    if f.net.low is not None and f.net.low <= 0:
        # That a difference may be chance is said of the surest one.
        yield from ((("one way", *pair), False) for pair in crossings_of(part.panels[0].given_categories))


def _isolation(whole: Whole, part: RelationReport, f: Isolation) -> Made:
    out = (1 - f.self_share) * f.n
    for other in part.panels[0].given_categories:
        if other != f.category:
            yield ("joint", f.category, other), Printed(0.0, out)
            yield ("joint", other, f.category), Printed(0.0, out)
    for panel in part.panels:
        yield ("self", f.category, panel.id), Printed(f.self_share, 1.0)


def _dominance(whole: Whole, part: RelationReport, f: Dominance) -> Made:
    for panel in part.panels:
        if part.wording.side(panel.given) == f.side:
            yield ("n", panel.id, f.leader.category), f.leader.n


def _population(whole: Whole, part: RelationReport, f: Population) -> Made:
    for panel in part.panels:
        if part.wording.side(panel.given) == f.unit_side:
            yield from ((("n", panel.id, size.category), size.n) for size in f.sizes)


def _gaps(whole: Whole, part: RelationReport, f: CoverageGaps) -> Made:
    if part.counted is None:
        return
    coverage = part.counted.coverage
    side = (coverage.rows if part.wording.unit.role == "from" else coverage.columns).side
    for covered in f.parts:
        yield ("items", side, covered.category), float(covered.n_items)
        yield ("counted", side, covered.category), float(covered.n_linked)


def _block(whole: Whole, part: RelationReport, f: Block) -> Made:
    if f.n_joining is not None:
        for first, second in crossings_of(f.members):
            yield ("joint", first, second), Printed(0.0, f.n_joining)
            yield ("joint", second, first), Printed(0.0, f.n_joining)


def _spread(whole: Whole, part: RelationReport, f: Spread) -> Made:
    panel = next(panel for panel in part.panels if panel.id == f.panel)
    for outcome in panel.outcome_categories:
        yield ("significant", *pair_of(part, panel.id, f.category, outcome)), False


def _robustness(whole: Whole, part: RelationReport, f: AlternativeAnalyses | LeaveOneOut) -> Made:
    """Yield what the table says of each statement, once: with the choices, or with what is left out if there are none."""
    if isinstance(f, LeaveOneOut) and any(isinstance(other, AlternativeAnalyses) for other in part.findings):
        return
    tried = f.tried if isinstance(f, AlternativeAnalyses) else [TriedHeadline(r.headline, ()) for r in f.rests]
    choices = f.choices if isinstance(f, AlternativeAnalyses) else ()
    rests = {r.headline.question: r for d in part.findings if isinstance(d, LeaveOneOut) for r in d.rests}
    writer = whole.written.writer
    for one in tried:
        statement = writer.statement(one.headline)
        ways = [*zip(choices, one.outcomes, strict=True)]
        if (line := rests.get(one.headline.question)) is not None:
            ways += [(o.change, o.outcome) for o in line.omissions]
        fates = Counter(outcome.stays for _, outcome in ways)
        asked = fates["stays"] + fates["changes"]
        yield ("unchanged", statement), f"{fates['stays']} of {asked}" if asked else formats.DASH
        yield ("changes", statement), fates["changes"] > 0
        for way, outcome in ways:
            if outcome.stays == "changes":
                yield ("otherwise", statement, formats.shortened(analysis(way, writer), 48)), outcome.value


_CLAIMS = {
    Agreement: _agreement,
    Diagonal: _diagonal,
    OffDiagonal: _crossings,
    PublishedLevels: _levels,
    TooFewCategories: _coarse,
    Asymmetry: _asymmetry,
    Story: _story,
    PairAssociations: _surprises,
    Reversal: _reversal,
    Gradient: _gradient,
    PairDeviations: _departures,
    Heterogeneity: _heterogeneity,
    Composition: _composition,
    Bridge: _bridge,
    Direction: _direction,
    Isolation: _isolation,
    Dominance: _dominance,
    Population: _population,
    CoverageGaps: _gaps,
    Block: _block,
    Spread: _spread,
    AlternativeAnalyses: _robustness,
    LeaveOneOut: _robustness,
}
