"""The section on robustness: the outcomes of alternative analyses in words, and a table of the statements."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

from .. import formats
from ..findings.composition import Composition
from ..findings.dominance import Dominance, Sensitivity
from ..findings.kinds import STATEMENTS
from ..findings.robustness import AlternativeAnalyses, Choice, LeaveOneOut, Outcome, Way
from ..findings.statements import SORTS, Headline, Question
from ..findings.story import Story
from ..ledger.recounts import By
from . import context, story
from .influence import other_category, thing_of, value_of
from .material import RelationReport
from .model import Block, ItemList, Paragraph, Sentence, TableBlock, right, table
from .writer import Writer

_TOLD = 2
"""Up to this many statements or contributors are named in the text."""

_LONGEST_NAME = 24


def sensitivity(part: RelationReport, writer: Writer) -> tuple[Block, ...]:
    """Return the outcomes of alternative analyses in a few sentences, and a table of the statements.

    Return nothing if there were no other analyses of a statement that the report makes.
    """
    told = [*_by_unit(part, writer), *_tested(part, writer), *_resampled(part, writer)]
    if not told:
        return ()
    _, _, lines = asked_again(part, writer)
    tested = [line for line in lines if line.is_tested or line.fails is not None]
    return Paragraph(tuple(told)), *([_table(part, tested, writer)] if tested else [])


def table_id(part: RelationReport) -> str:
    """Return the id of the table of statements in other analyses."""
    return part.table_id("robustness")


def _by_unit(part: RelationReport, writer: Writer) -> Iterator[Sentence]:
    """Yield whether the largest categories depend on the unit, unless a finding on the largest category says so."""
    by_unit = part.first(Sensitivity)
    if by_unit is not None and not any(f.changes for f in part.found(Dominance) if not f.null):
        yield writer.say(by_unit, "observation")


def _tested(part: RelationReport, writer: Writer) -> Iterator[Sentence]:
    """Yield the number of statements and analyses, the outcomes, and the statements without enough data."""
    made, sorts, lines = asked_again(part, writer)
    tested = [line for line in lines if line.is_tested]
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
        several=len(made) + len(sorts) > 1,
        unasked=any(of[1].stays in ("gone", "unasked") for line in tested for of in line.outcomes if of is not None),
    )
    dependence, asked = part.first(LeaveOneOut), {line.headline.question for line in lines}
    left = () if dependence is None else (line for line in dependence.gone if line.headline.question in asked)
    gone = Counter(thing_of(line.decisive, writer) for line in left)
    if gone:
        items = [writer.words("robustness", "gone_item", n=n, thing=thing) for thing, n in gone.most_common(_TOLD)]
        more = sum(gone.values()) - sum(n for _, n in gone.most_common(_TOLD))
        yield writer.tell("robustness", "gone", items=[*items, *([f"{formats.small(more)} more"] if more else [])])


def _resampled(part: RelationReport, writer: Writer) -> Iterator[Sentence]:
    """Yield the number of statements that were tested in resamples, and those that resamples contradict."""
    f = part.first(LeaveOneOut)
    _, _, lines = asked_again(part, writer)
    drawn = {line.headline: line.fails for line in lines if line.fails is not None}
    if f is None or not drawn:
        return
    unsteady = [r.headline for r in f.unsteady if r.headline in drawn]
    named = [writer.words("robustness", "contradicted", statement=writer.statement(of)) for of in unsteady[:_TOLD]]
    more = [f"{formats.small(len(unsteady) - _TOLD)} more"] if len(unsteady) > _TOLD else []
    yield writer.tell(
        "robustness",
        "resampled",
        n_drawn=len(drawn),
        n_resamples=f.n_resamples,
        worst=max(round(fails * f.n_resamples) for fails in drawn.values()),
        fragile=f.fragile,
        unsteady=[*named, *more],
        n_groups=part.panels[0].n_groups,
        also=any(line.is_tested for line in lines),
    )


class AskedAgain(NamedTuple):
    """A statement and its outcome in each alternative analysis, None if the analysis does not concern it.

    `fails` is the share of resamples in which the statement changes, None if they cannot show it.
    """

    headline: Headline
    outcomes: tuple[tuple[Way, Outcome] | None, ...]
    fails: float | None = None

    @property
    def is_tested(self) -> bool:
        """Whether an alternative analysis concerns the statement."""
        return any(of is not None for of in self.outcomes)

    @property
    def fate(self) -> Literal["holds", "changes", "untested"]:
        """Whether any analysis changes the statement, else whether any could test it."""
        found = {of[1].stays for of in self.outcomes if of is not None}
        return "changes" if "changes" in found else "holds" if "stays" in found else "untested"


def asked_again(part: RelationReport, writer: Writer) -> tuple[tuple[Choice, ...], tuple[By, ...], list[AskedAgain]]:
    """Return the other choices, the kinds of omissions, and the statements that the report makes, in its order.

    The outcomes for choices come first, then the outcomes without the largest item of each kind.
    """
    choices, dependence = part.first(AlternativeAnalyses), part.first(LeaveOneOut)
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
    said = [
        ({sentence.id for sentence in p.sentences}, " ".join(sentence.text for sentence in p.sentences))
        for p in _paragraphs(part, writer)
    ]
    points = {point.finding for found_story in part.found(Story) for point in found_story.points}
    return made, sorts, [line for line in found if any(_makes(*one, line.headline.question, points) for one in said)]


def _paragraphs(part: RelationReport, writer: Writer) -> Iterator[Paragraph]:
    """Yield the paragraphs that make statements."""
    for section in (story.headline, story.observations, story.analysis, context.overview):
        for block in section(part, writer):
            yield from block.items if isinstance(block, ItemList) else (block,) if isinstance(block, Paragraph) else ()


def _makes(names: Collection[str], text: str, question: Question, points: Collection[str]) -> bool:
    """Return whether a paragraph makes the statement that answers a question.

    `names` are the ids of its sentences, and `points` the findings that sentences of the story are about.
    """
    of = {name.rpartition(".")[0] for name in names}
    by_size = "population.sizes" in names and question.finding.startswith("dominance")
    if not (question.finding in of or ("story" in of and question.finding in points) or by_size):
        return False
    return all(re.search(rf"(?<!\w){re.escape(category)}(?!\w)", text) for category in question.categories)


def _told(headline: Headline, outcome: Outcome) -> str:
    """Return the number, and the category that replaces the headline's category, if any."""
    other = other_category(headline, outcome)
    return f"{value_of(headline, outcome)}, {other}" if other else value_of(headline, outcome)


def _declared(part: RelationReport, headline: Headline) -> str:
    """Return the number as reported: of an odds ratio over 100 only its lower bound, as in the text."""
    value = headline.answer.value
    if STATEMENTS[headline.question.about].scale == "ratio" and value is not None and value > formats.LARGE_ODDS:
        for f in part.found(Composition):
            for change in f.lasting:
                if (change.category,) == headline.question.categories[:1] and change.odds.low is not None:
                    return formats.ratio_at_least(change.odds.low)
    return value_of(headline, Outcome(value, headline.answer.word, "stays"))


def _table(part: RelationReport, tested: Sequence[AskedAgain], writer: Writer) -> TableBlock:
    """Return the table of statements: in how many analyses they hold, those that change them, and resamples."""
    dependence = part.first(LeaveOneOut)
    n_drawn = 0 if dependence is None else dependence.n_resamples
    ratios = any(_is_of_pairs(line.headline) for line in tested)
    drawn = n_drawn > 0 and any(line.fails for line in tested)
    again, changing = any(line.is_tested for line in tested), any(line.fate == "changes" for line in tested)
    return table(
        table_id(part),
        writer.words("choices", "caption", again=again),
        (
            writer.words("dependence", "headline_header"),
            right(writer.words("choices", "declared", ratios=ratios)),
            *([right(writer.words("choices", "stays_header"))] if again else []),
            *([writer.words("choices", "changes_header")] if changing else []),
            *([right(writer.words("robustness", "resamples_header", n=n_drawn))] if drawn else []),
        ),
        (
            (
                writer.statement(line.headline),
                _declared(part, line.headline),
                *([_n_staying(line, writer)] if again else []),
                *(["; ".join(_changing(line, writer)) or formats.DASH] if changing else []),
                *([_n_otherwise(line.fails, n_drawn)] if drawn else []),
            )
            for line in tested
        ),
        source="data/findings.json",
    )


def _is_of_pairs(headline: Headline) -> bool:
    """Return whether the value of a statement is observed over expected units."""
    return headline.question.about == "surprise"


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


def _sorts(f: LeaveOneOut) -> list[By]:
    """Return the kinds of omitted items."""
    return [sort for sort in SORTS if any(o.by == sort for r in f.rests for o in r.omissions)]


def _n_otherwise(fails: float | None, n: int) -> str:
    """Return the number of resamples in which a statement changes, or a dash if it is unknown."""
    return formats.DASH if fails is None else formats.count(round(fails * n))
