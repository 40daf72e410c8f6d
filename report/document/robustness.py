"""The sensitivity section: the headlines by unit, by every other choice, and without what carries most of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .. import formats
from ..findings.dominance import Sensitivity, UnitHeadline
from ..findings.finding import Finding
from ..findings.kinds import STATEMENTS
from ..findings.robustness import Choice, Choices, Dependence, Omission, Outcome, Rests, Tried, Way
from ..findings.statements import NO_CATEGORY, SORTS, Headline
from .material import Part
from .model import Block, Paragraph, Sentence, TableBlock, right, table
from .writer import Writer

_TOLD = 2
"""Headlines that change are told up to so many; the table has them all."""

_OF_LARGEST = ("largest", "largest_row")
_NEARLY = 0.05
"""Of all units: a category that loses less does not rest on what is left out."""

_HALF = 0.5
"""Of how far from chance a pair is, on the log: as far at least it still is where it does not rest on a level."""

_MARKS = {"stays": "✓", "changes": "×", "gone": "–", "unasked": "–"}
_LONGEST_NAME = 24
_EXACT = {formats.percent(0): "none", formats.percent(1): "all"}


def sensitivity(part: Part, writer: Writer) -> tuple[Block, ...]:
    """Return what stays when something is counted otherwise, in words and tables; nothing where nothing was."""
    by_unit, choices, dependence = (part.first(kind) for kind in (Sensitivity, Choices, Dependence))
    told: list[Sentence] = []
    blocks: list[Block] = []
    if isinstance(by_unit, Sensitivity):
        told.append(writer.say(by_unit, "observation"))
        blocks += [] if isinstance(choices, Choices) else [_by_unit(part, by_unit, writer)]
    if isinstance(choices, Choices):
        told.append(_by_choice_told(choices, writer))
        blocks.append(_by_choice(part, choices, writer))
    if isinstance(dependence, Dependence):
        told.append(_resting_told(dependence, writer))
        blocks += [_resting(part, dependence, writer)] if _tells(dependence) else []
    return (Paragraph(tuple(told)), *blocks) if told else ()


def table_ids(part: Part) -> tuple[str, ...]:
    """Return the ids of the tables of statements under other choices that the section holds."""
    choices, dependence = part.first(Choices), part.first(Dependence)
    there = {"choices": choices is not None, "dependence": dependence is not None and _tells(dependence)}
    return tuple(part.table_id(name) for name, shown in there.items() if shown)


def _tells(f: Dependence) -> bool:
    """Return whether the table says more than the sentence that nothing comes out otherwise in resamples."""
    return any(r.omissions or r.fails for r in f.rests)


def rests(part: Part, finding: Finding, writer: Writer, pair: tuple[str, str] | None = None) -> tuple[Sentence, ...]:
    """Return a sentence about a finding that does not stay without what carries most of it; else nothing.

    `pair`: only about what it states of this row and column, which may stay and still come from one thing for the most.
    """
    lines = [
        (line, omission)
        for _, line in part.resting(finding)
        if (omission := _deciding(line)) is not None and _is_about(line, pair)
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
    """Yield a sentence about what carries most of a pair that stays without it; nothing where nothing does."""
    for dependence, line in part.resting(finding):
        carrier = dependence.carrier(line)
        if carrier is not None and _is_about(line, pair):
            thing = _thing(carrier, writer, with_comma=True)
            value = _value(line.headline, carrier.outcome)
            sentence = writer.tell("dependence", "mostly", o=carrier, thing=thing, value=value)
            yield Sentence(f"{finding.id}.rests", sentence.spans, line.headline.question.cells)
            return


def _is_about(line: Rests, pair: tuple[str, str] | None) -> bool:
    """Return whether a line is about a pair, whichever way round; any is about None."""
    return pair is None or line.headline.question.categories in (pair, pair[::-1])


def _deciding(line: Rests) -> Omission | None:
    """Return the omission that decides of a headline, none with which it only slips."""
    return replace(line, omissions=tuple(o for o in line.omissions if not _only_slips(line.headline, o))).decisive


def _only_slips(headline: Headline, omission: Omission) -> bool:
    """Return whether the same is seen without it, only not so surely.

    A largest category is still so and nearly as large, but under the limit from which it is told; without a level of
    strata, as the one that most units have, a pair is at least half as far from chance, but fewer units tell of it.
    """
    before, left = headline.answer.value or 0, omission.outcome.value or 0
    if headline.question.about == "surprise" and omission.by == "stratum" and omission.outcome.word == "neither":
        return min(before, left) > 0 and math.log(left) / math.log(before) >= _HALF
    if headline.question.about not in _OF_LARGEST or _other(headline, omission.outcome):
        return False
    return before - left < _NEARLY


def _thing(omission: Omission | None, writer: Writer, *, with_comma: bool = False) -> str:
    """Return "package timm", or "package, timm" as it stands after "one"."""
    return "" if omission is None else writer.words("dependence", "thing", o=omission, with_comma=with_comma)


def _value(headline: Headline, outcome: Outcome) -> str:
    """Return a headline's number as its kind is written, empty where there is none."""
    if outcome.value is None:
        return ""
    written = {"share": formats.percent, "ratio": formats.ratio, "net": formats.signed_count}
    return written[STATEMENTS[headline.question.about].scale](outcome.value)


def _cell(headline: Headline, outcome: Outcome) -> str:
    return f"{_told(headline, outcome)}\N{NO-BREAK SPACE}{_MARKS[outcome.stays]}".strip()


def _changed(headline: Headline, outcome: Outcome) -> str:
    """Return what takes the headline's place: a category where it names one, else the number."""
    return _other(headline, outcome) or _exactly(_value(headline, outcome))


def _exactly(value: str) -> str:
    """Return a number for a sentence: none and all are words there."""
    return _EXACT.get(value, value)


def _other(headline: Headline, outcome: Outcome) -> str:
    """Return the category that takes the place of the headline's, empty where none does."""
    named = STATEMENTS[headline.question.about].names and outcome.stays == "changes"
    return str(outcome.word) if named and outcome.word not in NO_CATEGORY else ""


def _told(headline: Headline, outcome: Outcome) -> str:
    """Return the number, and the category that takes the place of the headline's where there is one."""
    other = _other(headline, outcome)
    return f"{_value(headline, outcome)}, {other}" if other else _value(headline, outcome)


def _declared(headline: Headline) -> str:
    return _value(headline, Outcome(headline.answer.value, headline.answer.word, "stays"))


def _by_choice_told(f: Choices, writer: Writer) -> Sentence:
    items = [
        writer.words("choices", "item", statement=writer.statement(t.headline), changes=_changes(f, t, writer))
        for t in f.changing
    ]
    more = max(len(items) - _TOLD, 0)
    return writer.say(f, "observation", n=len(f.tried), items=items[:_TOLD], more=more)


def _changes(f: Choices, tried: Tried, writer: Writer) -> list[str]:
    return [
        writer.words("choices", "change", choice=choice, value=_changed(tried.headline, outcome))
        for choice, outcome in zip(f.choices, tried.outcomes, strict=True)
        if outcome.stays == "changes"
    ]


def _by_choice(part: Part, f: Choices, writer: Writer) -> TableBlock:
    unit = part.wording.unit.plural
    declared = writer.words("choices", "declared", unit=unit, n=part.panels[0].n_units)
    return table(
        part.table_id("choices"),
        writer.words("choices", "caption"),
        (
            writer.words("dependence", "headline_header"),
            right(declared),
            *(right(choice_name(choice, writer)) for choice in f.choices),
        ),
        (
            (writer.statement(t.headline), _declared(t.headline), *(_cell(t.headline, of) for of in t.outcomes))
            for t in f.tried
        ),
    )


def choice_name(choice: Choice, writer: Writer) -> str:
    """Return how a table or picture calls a choice."""
    return writer.words("choices", "choice", choice=choice)


def way_label(way: Way, writer: Writer) -> str:
    """Return how a figure counted otherwise is called."""
    if isinstance(way, Choice):
        return choice_name(way, writer)
    return writer.words("pictures", "without_thing", thing=writer.words("dependence", "thing", o=way, with_comma=False))


def _resting_told(f: Dependence, writer: Writer) -> Sentence:
    names = [writer.words("dependence", "sort", sort=sort) for sort in _sorts(f)]
    return writer.say(
        f,
        "observation",
        sorts=names,
        changing=_told_of(f.changing, writer),
        unsteady=[writer.statement(r.headline) for r in f.unsteady[:_TOLD]],
        more_unsteady=max(len(f.unsteady) - _TOLD, 0),
    )


def _told_of(lines: Sequence[Rests], writer: Writer) -> list[str]:
    """Return some statements with what each rests on, and how many more there are; nothing if the text makes none.

    That a row goes most with one category stands in the table; here stand what the text makes statements of.
    """
    shown = [r for r in lines if r.headline.question.about != "leads"][:_TOLD]
    things = [(writer.statement(r.headline), _thing(r.decisive, writer)) for r in shown]
    items = [writer.words("dependence", "item", statement=statement, thing=thing) for statement, thing in things]
    more = len(lines) - len(items)
    return [*items, *([f"{formats.small(more)} more"] if items and more else [])]


def _resting(part: Part, f: Dependence, writer: Writer) -> TableBlock:
    sorts = _sorts(f)
    drawn = any(r.fails is not None for r in f.rests)
    return table(
        part.table_id("dependence"),
        writer.words("dependence", "caption", sorts=sorts, n=f.n_resamples),
        (
            writer.words("dependence", "headline_header"),
            right(writer.words("dependence", "all")),
            *(writer.words("dependence", "without", sort=sort) for sort in sorts),
            *([right(writer.words("dependence", "drawn_again", n=f.n_resamples))] if drawn else []),
        ),
        (
            (
                writer.statement(r.headline),
                _declared(r.headline),
                *(_omitted(r, sort, writer) for sort in sorts),
                *([_n_otherwise(r, f)] if drawn else []),
            )
            for r in f.rests
        ),
    )


def _sorts(f: Dependence) -> list[str]:
    """Return the sorts of things that are left out."""
    return [sort for sort in SORTS if any(o.by == sort for r in f.rests for o in r.omissions)]


def _n_otherwise(line: Rests, f: Dependence) -> str:
    """Return in how many resamples a headline is another, a dash where that cannot tell."""
    return formats.DASH if line.fails is None else formats.count(round(line.fails * f.n_resamples))


def _omitted(line: Rests, sort: str, writer: Writer) -> str:
    found = next((o for o in line.omissions if o.by == sort), None)
    if found is None:
        return formats.DASH
    # A name that is a number alone would read as one.
    whole = found.name if any(c.isalpha() for c in found.name) else _thing(found, writer)
    return f"{formats.shortened(whole, _LONGEST_NAME)}: {_cell(line.headline, found.outcome)}"


def _by_unit(part: Part, f: Sensitivity, writer: Writer) -> TableBlock:
    agreement = ["agreement_header"] if f.declared.agreement is not None else []
    kinds = (part.wording.rows, part.wording.columns)
    return table(
        part.table_id("sensitivity"),
        writer.words("headings", "sensitivity_caption"),
        (
            writer.words("headings", "unit_header"),
            *(right(writer.words("headings", name)) for name in ("n_header", *agreement)),
            *(writer.words("headings", "top_row_header", kind=kind) for kind in kinds),
        ),
        (_size(line, agreement=bool(agreement)) for line in (f.declared, *f.others)),
    )


def _size(line: UnitHeadline, *, agreement: bool) -> tuple[str, ...]:
    share = "" if line.agreement is None else formats.percent(line.agreement)
    tops = ((line.top_row, line.top_row_share), (line.top_column, line.top_column_share))
    return (
        line.unit,
        formats.count(line.n_units),
        *([share] if agreement else []),
        *(f"{name} {formats.percent(share)}" for name, share in tops),
    )
