"""The section on robustness: the outcomes of alternative analyses in words, and a table of changed statements."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from .. import formats
from ..findings.composition import Composition
from ..findings.dominance import Dominance, Sensitivity
from ..findings.finding import Finding
from ..findings.kinds import STATEMENTS
from ..findings.robustness import Choice, Choices, Dependence, Omission, Outcome, Rests, Way
from ..findings.statements import NO_CATEGORY, SORTS, Headline
from ..ledger.recounts import By
from .material import Part
from .model import Block, Paragraph, Sentence, TableBlock, right, table
from .writer import Writer

_TOLD = 2
"""Up to this many statements or contributors are named in the text."""

_HALF = 0.5
"""A ratio of logarithms of lift. A pair that keeps at least this share does not depend on the omitted level."""

_LONGEST_NAME = 24
_EXACT = {formats.percent(0): "none", formats.percent(1): "all"}


def sensitivity(part: Part, writer: Writer) -> tuple[Block, ...]:
    """Return the outcomes of alternative analyses in a few sentences, and a table of the statements that change.

    Return nothing if there were no other analyses.
    """
    told = [*_by_unit(part, writer), *_tested(part, writer), *_resampled(part, writer)]
    if not told:
        return ()
    _, _, lines = asked_again(part)
    changing = [line for line in lines if line.fate == "changes"]
    return Paragraph(tuple(told)), *([_table(part, changing, writer)] if changing else [])


def table_id(part: Part) -> str:
    """Return the id of the table of statements that change in other analyses."""
    return part.table_id("robustness")


def _by_unit(part: Part, writer: Writer) -> Iterator[Sentence]:
    """Yield whether the largest categories depend on the unit, unless a finding on the largest category says so."""
    by_unit = part.first(Sensitivity)
    if by_unit is not None and not any(f.changes for f in part.found(Dominance) if not f.null):
        yield writer.say(by_unit, "observation")


def _tested(part: Part, writer: Writer) -> Iterator[Sentence]:
    """Yield the number of statements and analyses, the outcomes, and the statements without enough data."""
    made, sorts, lines = asked_again(part)
    tested = [line for line in lines if any(of is not None for of in line.outcomes)]
    if not tested:
        return
    fates = [line.fate for line in tested]
    yield writer.tell(
        "robustness",
        "tested",
        n=len(tested),
        analyses=[writer.words("choices", "analysis", choice=choice) for choice in made],
        sorts=[writer.words("dependence", "sort", sort=sort) for sort in sorts],
    )
    yield writer.tell(
        "robustness",
        "outcome",
        n=len(tested),
        n_holding=fates.count("holds"),
        n_changing=fates.count("changes"),
        n_untested=fates.count("untested"),
        unasked=any(of[1].stays in ("gone", "unasked") for line in tested for of in line.outcomes if of is not None),
    )
    dependence = part.first(Dependence)
    gone = Counter(_thing(line.decisive, writer) for line in (() if dependence is None else dependence.gone))
    if gone:
        items = [writer.words("robustness", "gone_item", n=n, thing=thing) for thing, n in gone.most_common(_TOLD)]
        more = sum(gone.values()) - sum(n for _, n in gone.most_common(_TOLD))
        yield writer.tell("robustness", "gone", items=[*items, *([f"{formats.small(more)} more"] if more else [])])


def _resampled(part: Part, writer: Writer) -> Iterator[Sentence]:
    """Yield the number of statements that were tested in resamples, and those that resamples contradict."""
    f = part.first(Dependence)
    if f is None or not f.n_drawn:
        return
    named = [writer.words("robustness", "contradicted", statement=writer.statement(r.headline)) for r in f.unsteady]
    more = len(named) - _TOLD
    unsteady = [*named[:_TOLD], *([f"{formats.small(more)} more"] if more > 0 else [])]
    worst = max(round((r.fails or 0) * f.n_resamples) for r in f.rests)
    _, _, lines = asked_again(part)
    yield writer.tell(
        "robustness",
        "resampled",
        n_drawn=f.n_drawn,
        n_resamples=f.n_resamples,
        worst=worst,
        fragile=f.fragile,
        unsteady=unsteady,
        n_groups=part.panels[0].n_groups,
        also=any(of is not None for line in lines for of in line.outcomes),
    )


class AskedAgain(NamedTuple):
    """A statement and its outcome in each alternative analysis, None if the analysis does not concern it.

    `fails` is the share of resamples in which the statement changes, None if they cannot show it.
    """

    headline: Headline
    outcomes: tuple[tuple[Way, Outcome] | None, ...]
    fails: float | None = None

    @property
    def fate(self) -> Literal["holds", "changes", "untested"]:
        """Whether any analysis changes the statement, else whether any could test it."""
        found = {of[1].stays for of in self.outcomes if of is not None}
        return "changes" if "changes" in found else "holds" if "stays" in found else "untested"


def asked_again(part: Part) -> tuple[tuple[Choice, ...], tuple[By, ...], list[AskedAgain]]:
    """Return the other choices, the kinds of omissions, and the statements in report order.

    The outcomes for choices come first, then the outcomes without the largest item of each kind.
    """
    choices, dependence = part.first(Choices), part.first(Dependence)
    made = () if choices is None else choices.choices
    rests = {} if dependence is None else {r.headline.question: r for r in dependence.rests}
    sorts = () if dependence is None else tuple(_sorts(dependence))
    tried: list[tuple[Headline, tuple[Outcome, ...]]] = [(r.headline, ()) for r in rests.values()]
    if choices is not None:
        tried = [(t.headline, t.outcomes) for t in choices.tried]
    found = []
    for headline, outcomes in tried:
        line = rests.get(headline.question)
        left = {} if line is None else {o.by: (o.change, o.outcome) for o in line.omissions}
        ways = (*zip(made, outcomes, strict=True), *(left.get(sort) for sort in sorts))
        found.append(AskedAgain(headline, ways, None if line is None else line.fails))
    return made, sorts, found


def rests(
    part: Part, finding: Finding, writer: Writer, pair: tuple[str, str] | None = None, *, only_changes: bool = False
) -> tuple[Sentence, ...]:
    """Return a sentence about a finding that changes without its largest contributor, or nothing.

    `pair`: only statements about this row and column. These may be unchanged and still come mostly from one item.
    `only_changes`: leave out statements that cannot be tested without the contributor.
    """
    lines = [
        (line, omission)
        for _, line in part.resting(finding)
        if (omission := _deciding(line)) is not None
        and _is_about(line, pair)
        and not (only_changes and omission.outcome.stays == "gone")
    ]
    if not lines:
        return () if pair is None else tuple(_mostly(part, finding, writer, pair))
    items = [
        writer.words("dependence", "item", statement=writer.statement(line.headline), thing=_thing(o, writer))
        for line, o in lines
    ]
    line, omission = lines[0]
    sentence = writer.tell(
        "dependence",
        "rests",
        items=items,
        o=omission,
        thing=_thing(omission, writer, with_comma=True),
        about=line.headline.question.about,
        value=_exactly(_value(line.headline, omission.outcome)),
        other=_other(line.headline, omission.outcome),
        names=line.headline.question.categories,
    )
    return (Sentence(f"{finding.id}.rests", sentence.spans, line.headline.question.cells),)


def _mostly(part: Part, finding: Finding, writer: Writer, pair: tuple[str, str]) -> Iterator[Sentence]:
    """Yield a sentence about the main contributor to a pair that is unchanged without it, if there is one."""
    for dependence, line in part.resting(finding):
        carrier = dependence.carrier(line)
        if carrier is not None and _is_about(line, pair):
            thing = _thing(carrier, writer, with_comma=True)
            value = _value(line.headline, carrier.outcome)
            sentence = writer.tell("dependence", "mostly", o=carrier, thing=thing, value=value)
            yield Sentence(f"{finding.id}.rests", sentence.spans, line.headline.question.cells)
            return


def _is_about(line: Rests, pair: tuple[str, str] | None) -> bool:
    """Return whether a line is about a pair, in either order. Any line is about None."""
    return pair is None or line.headline.question.categories in (pair, pair[::-1])


def _deciding(line: Rests) -> Omission | None:
    """Return the omission that changes a headline, unless the headline only becomes less certain."""
    return replace(line, omissions=tuple(o for o in line.omissions if not _only_slips(line.headline, o))).decisive


def _only_slips(headline: Headline, omission: Omission) -> bool:
    """Return whether the omission leaves the result the same, with less certainty.

    Without one stratum, such as the largest, a pair is still at least half as far from chance, but has fewer units.
    """
    before, left = headline.answer.value or 0, omission.outcome.value or 0
    if headline.question.about == "surprise" and omission.by == "stratum" and omission.outcome.word == "neither":
        return min(before, left) > 0 and math.log(left) / math.log(before) >= _HALF
    return False


def _thing(omission: Omission | None, writer: Writer, *, with_comma: bool = False) -> str:
    """Return "package timm", or "package, timm" for use after "one"."""
    return "" if omission is None else writer.words("dependence", "thing", o=omission, with_comma=with_comma)


def _value(headline: Headline, outcome: Outcome) -> str:
    """Return a headline's number in the format of its kind, empty if there is none."""
    if outcome.value is None:
        return ""
    scale = STATEMENTS[headline.question.about].scale
    if scale == "ratio" and outcome.value > formats.LARGE_ODDS:
        return f"over {formats.count(formats.LARGE_ODDS)}"
    return formats.on_scale(outcome.value, scale)


def _exactly(value: str) -> str:
    """Return a number for a sentence, with words for none and all."""
    return _EXACT.get(value, value)


def _other(headline: Headline, outcome: Outcome) -> str:
    """Return the category that replaces the headline's category, empty if none does."""
    named = STATEMENTS[headline.question.about].names and outcome.stays == "changes"
    return str(outcome.word) if named and outcome.word not in NO_CATEGORY else ""


def _told(headline: Headline, outcome: Outcome) -> str:
    """Return the number, and the category that replaces the headline's category, if any."""
    other = _other(headline, outcome)
    return f"{_value(headline, outcome)}, {other}" if other else _value(headline, outcome)


def _declared(part: Part, headline: Headline) -> str:
    """Return the number as reported: of an odds ratio over 100 only its lower bound, as in the text."""
    value = headline.answer.value
    if STATEMENTS[headline.question.about].scale == "ratio" and value is not None and value > formats.LARGE_ODDS:
        for f in part.found(Composition):
            for change in f.lasting:
                if (change.category,) == headline.question.categories[:1] and change.odds.low is not None:
                    return formats.ratio_at_least(change.odds.low)
    return _value(headline, Outcome(value, headline.answer.word, "stays"))


def _table(part: Part, changing: Sequence[AskedAgain], writer: Writer) -> TableBlock:
    """Return the table of statements that change: the number of analyses without a change, and the rest by name."""
    dependence = part.first(Dependence)
    n_drawn = 0 if dependence is None else dependence.n_resamples
    drawn = n_drawn > 0 and any(line.fails for line in changing)
    return table(
        table_id(part),
        writer.words("choices", "caption"),
        (
            writer.words("dependence", "headline_header"),
            right(writer.words("choices", "declared")),
            right(writer.words("choices", "stays_header")),
            writer.words("choices", "changes_header"),
            *([right(writer.words("robustness", "resamples_header", n=n_drawn))] if drawn else []),
        ),
        (
            (
                writer.statement(line.headline),
                _declared(part, line.headline),
                _n_staying(line, writer),
                "; ".join(_changing(line, writer)) or formats.DASH,
                *([_n_otherwise(line.fails, n_drawn)] if drawn else []),
            )
            for line in changing
        ),
        source="data/findings.json",
    )


def _n_staying(line: AskedAgain, writer: Writer) -> str:
    fates = [of[1].stays for of in line.outcomes if of is not None]
    n, changes = fates.count("stays"), fates.count("changes")
    return writer.words("pictures", "stays_in", n=n, asked=n + changes) if n + changes else formats.DASH


def _changing(line: AskedAgain, writer: Writer) -> Iterator[str]:
    """Yield each analysis that changes a statement, with its value."""
    for of in line.outcomes:
        if of is not None and of[1].stays == "changes":
            value = _told(line.headline, of[1])
            yield f"{formats.shortened(analysis(of[0], writer), _LONGEST_NAME * 2)}: {value or formats.DASH}"


def analysis(way: Way, writer: Writer) -> str:
    """Return an alternative analysis as in a sentence: "counting datasets", "without package mteb"."""
    if isinstance(way, Choice):
        return writer.words("choices", "analysis", choice=way)
    label = way_label(way, writer)
    return label[:1].lower() + label[1:]


def choice_name(choice: Choice, writer: Writer) -> str:
    """Return the label of a choice in tables and charts."""
    return writer.words("choices", "choice", choice=choice)


def way_label(way: Way, writer: Writer) -> str:
    """Return the label of an alternative count."""
    if isinstance(way, Choice):
        return choice_name(way, writer)
    return writer.words("pictures", "without_thing", thing=writer.words("dependence", "thing", o=way, with_comma=False))


def _sorts(f: Dependence) -> list[By]:
    """Return the kinds of omitted items."""
    return [sort for sort in SORTS if any(o.by == sort for r in f.rests for o in r.omissions)]


def _n_otherwise(fails: float | None, n: int) -> str:
    """Return the number of resamples in which a statement changes, or a dash if it is unknown."""
    return formats.DASH if fails is None else formats.count(round(fails * n))
