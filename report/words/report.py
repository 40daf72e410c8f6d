"""The text of a report, or of a figure of it: which statement appears in which part, and within which budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from .. import formats
from ..statements import Form, Statement, rules
from ..statements.measures import frequent_pairs
from ..statements.select import Told
from . import Names
from .sentences import Variant, said, sentence

BUDGETS: Mapping[str, int] = {"abstract": 60, "findings": 90, "before_method": 330, "method": 150}
"""The most words of a part. Its last sentences are left out beyond that, but never its first one.

All text before the method has at most 330 words, for which key findings are left out. Coverage and the limits of the
data are never shortened.
"""

_LIMITING: frozenset[Form] = frozenset({"depends", "strata_less", "strata_reversed"})
"""Notes without which a statement would say too much."""

_TESTED: frozenset[Form] = frozenset({"difference", "trend"})


class Said(NamedTuple):
    """A text with the statement that it is of (None for other text), and further statements in the same sentence."""

    text: str
    statement: Statement | None = None
    also: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class TableWords:
    """Table 1 as plain text: a row for each statement. `notes` are sentences under the table."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    statements: tuple[Statement, ...] = ()
    notes: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Words:
    """The text of a report on one relation, without markup.

    Each item of `findings` is a key finding with its note. The items of `not_shown` are clauses of a list, which
    `not_shown_lead` introduces. `table` is None if nothing is clear. `marks` are the shares that a bar of agreement
    shows, each with its label.
    """

    title: Said
    deck: str
    abstract: tuple[Said, ...]
    caption: tuple[Said, ...]
    alternative: str
    marks: tuple[tuple[float, str], ...]
    reading: tuple[Said, ...]
    findings: tuple[tuple[Said, ...], ...]
    table: TableWords | None
    not_shown_lead: str
    not_shown: tuple[Said, ...]
    covered: tuple[Said, ...]
    method: tuple[Said, ...]

    def statements(self) -> Iterator[Statement]:
        """Yield every statement that the text makes, notes included."""
        findings = (one for finding in self.findings for one in finding)
        parts = (self.title, *self.abstract, *self.caption, *self.reading, *findings, *self.not_shown, *self.covered)
        for one in (*parts, *self.method):
            if one.statement is not None:
                yield one.statement
            yield from one.also


class Shown(NamedTuple):
    """A panel of the figure: its letter, or "" for a single panel, and whether its rows are the table's columns.

    `measure` and `reading` are given for a panel whose cells are no shares of their rows.
    """

    letter: str = ""
    is_turned: bool = False
    measure: str = ""
    reading: str = ""


BOTH = (Shown("(a)"), Shown("(b)", is_turned=True))
"""The panels of a relation by default: shares of the rows of the table, and of its columns."""


def words_of(told: Told, names: Names, date: str = "", *, shown: Sequence[Shown] = BOTH) -> Words:
    """Return the text of a relation.

    `date` is the newest date in the data, or "". `shown` are the panels of the figure that show the relation.
    """
    return _Author(told, names, shown).words(date)


def stopped(text: str) -> str:
    """Return a text with a full stop, unless it ends with a mark of its own."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def within(most: int, parts: Sequence[tuple[Said, ...]]) -> list[tuple[Said, ...]]:
    """Return the first parts that have at most so many words together, at least one."""
    kept: list[tuple[Said, ...]] = []
    n = 0
    for part in parts:
        n += sum(len(one.text.split()) for one in part)
        if kept and n > most:
            break
        kept.append(part)
    return kept


Ranges = Mapping[str, Sequence[tuple[float, float]]]
"""The smallest and the largest possible value of each row, in each panel; nan without values."""


def matrix_words(
    statements: Sequence[Statement],
    names: Names,
    ranges: Ranges,
    sizes: tuple[int, int],
    letters: Mapping[str, str] | None = None,
    *,
    is_share: bool = True,
) -> Words:
    """Return the text of a relation of bare matrices from all that can be said of it (forms 25 to 27, and one cell).

    `sizes` are the numbers of rows and columns. `letters` are the letters of the panels by id ("" for a single panel);
    without them, the ids are letters. `is_share`: the values are shares of their rows, which are printed in per cent.
    """
    return _Matrices(statements, names, letters or {}).words(ranges, sizes, is_share=is_share)


class _Matrices:
    """The parts of the report of bare matrices."""

    def __init__(self, statements: Sequence[Statement], names: Names, letters: Mapping[str, str]) -> None:
        self.statements, self.names, self.letters = statements, names, letters

    def part(self, block: str, **values: object) -> str:
        return said("parts", block, w=self.names.of(None), **values)

    def sentence(self, one: Statement, variant: Variant = "", also: Sequence[Statement] = ()) -> Said:
        numbers = dict(one.numbers)
        if "panel" in numbers:
            numbers["panel"] = self.letters.get(str(numbers["panel"]), numbers["panel"])
        return Said(sentence(replace(one, numbers=numbers), None, self.names, variant, also), one, tuple(also))

    def say(self, *forms: Form) -> list[Said]:
        return [self.sentence(one) for form in forms for one in self.statements if one.form == form]

    def title(self) -> Said:
        """Return the title: the row that is highest in most columns, or the names of both sides."""
        highest = [one for one in self.statements if one.form == "highest_row"]
        if not highest:
            return Said(self.part("matrix_title"))
        lead = max(highest, key=lambda one: one.number("ties") / one.number("base"))
        return self.sentence(lead, "title", [one for one in highest if one is not lead and one.subject == lead.subject])

    def words(self, ranges: Ranges, sizes: tuple[int, int], *, is_share: bool) -> Words:
        title, table = self.title(), self.table(ranges, is_share=is_share)
        is_one = len(table.header) == 2
        high = [one for one in self.statements if one.form == "highest_row" and is_share and one.numbers.get("high")]
        findings = (tuple(self.sentence(one, "further") for one in high), tuple(self.say("low_rows")))
        return Words(
            title=title,
            deck=self.part("deck_matrix", stopped=stopped),
            abstract=(*self.say("highest_row"), *self.say("one_table")),
            caption=(Said(self.part("panels_matrix_one" if is_one else "panels_matrix")), *self.say("cell")),
            alternative=self.part("alternative", heatmaps=1 if is_one else 2, sizes=sizes, lead=f"{title.text}."),
            reading=(),
            findings=tuple(finding for finding in findings if finding),
            table=table,
            not_shown_lead="",
            marks=(),
            not_shown=(),
            covered=(Said(self.part("matrix_covered")),),
            method=(Said(self.part("matrix_method")),),
        )

    def table(self, ranges: Ranges, *, is_share: bool) -> TableWords:
        """Return the table of the smallest and largest possible values."""
        number = formats.bare_percent if is_share else formats.value
        rows = [(name, *(_range(ends, number) for ends in of)) for name, of in ranges.items()]
        letters = "ab"[: len(next(iter(ranges.values()), ()))]
        heads = [
            self.part("head_row"),
            *(self.part(f"head_{'share' if is_share else 'value'}_of", panel=k) for k in letters),
        ]
        return TableWords(self.part("ranges_caption"), tuple(heads), tuple(rows))


def _range(ends: tuple[float, float], number: Callable[[float], str]) -> str:
    """Return the ends of a range, or a dash without values."""
    return formats.DASH if ends[0] != ends[0] else formats.span(number(ends[0]), number(ends[1]))


class _Author:
    """The parts of one report."""

    def __init__(self, told: Told, names: Names, shown: Sequence[Shown]) -> None:
        self.told, self.names, self.table = told, names, told.table
        self.shown = shown
        self.voice = names.of(told.table)
        missing = told.missing
        self.n = self.table.n_units if missing is None else missing.number("units")
        self.several = [
            side
            for side, is_several in (
                (self.voice.x, self.table.several_rows),
                (self.voice.y, self.table.several_columns),
            )
            if is_several
        ]

    def words(self, date: str) -> Words:
        told, title = self.told, self.title()
        table = self.pairs() if told.lead.form == "agreement" else self.differences()
        abstract = [part[0] for part in within(BUDGETS["abstract"], [(one,) for one in self.abstract(title)])]
        limits = [one for limit in told.limits for one in self.say(limit)]
        caption = self.say(told.cell if False in self._shares() else None)
        reading, covered = [*self.reading()], [*self.say(told.missing), *self.say(told.few)]
        others = [title, *abstract, *caption, *reading, *limits, *covered, Said("" if table is None else table.caption)]
        room = BUDGETS["before_method"] - sum(len(one.text.split()) for one in others)
        return Words(
            title=title,
            deck=self.deck(date),
            abstract=tuple(abstract),
            caption=tuple(caption),
            alternative=self.alternative(),
            marks=self.marks(),
            reading=tuple(reading),
            findings=tuple(within(min(BUDGETS["findings"], room), self.findings(abstract))),
            table=table,
            not_shown_lead=self.part("not_shown"),
            not_shown=tuple(limits),
            covered=tuple(covered),
            method=tuple(part[0] for part in within(BUDGETS["method"], [(one,) for one in self.method()])),
        )

    def marks(self) -> tuple[tuple[float, str], ...]:
        """Return the marks of the bar of agreement, if the title is about agreement."""
        numbers = self.told.lead.numbers
        if self.told.lead.form != "agreement":
            return ()
        names = ("chance", "within", "share") if numbers.get("testable") else ("chance", "share")
        return tuple(zip((self.told.lead.number(name) for name in names), self.part("marks").split("|"), strict=True))

    def _shares(self) -> dict[bool, str]:
        """Return the letter of the first panel with shares of rows, for each direction that the figure has."""
        return {one.is_turned: one.letter for one in reversed(self.shown) if not one.measure}

    def part(self, block: str, **values: object) -> str:
        """Return a text of the report that is no statement."""
        return said("parts", block, w=self.voice, told=self.told, **values)

    def say(self, statement: Statement | None, also: Sequence[Statement] = (), **more: Any) -> list[Said]:  # noqa: ANN401
        """Return the sentence of a statement, if there is one."""
        if statement is None:
            return []
        text = sentence(statement, self.table, self.names, also=also, **more)
        return [Said(text, statement, tuple(also))] if text else []

    def title(self) -> Said:
        lead, overall = self.told.lead, self.told.overall_columns
        if lead.form == "no_link" and overall is not None and not self.names.is_bare:
            values = overall.numbers["values"]
            if isinstance(values, tuple) and float(str(values[0])) >= rules.OVERALL_TITLE:
                return self.say(overall, variant="title")[0]
        return self.say(lead, variant="title", **self._lowest())[0]

    def _lowest(self) -> dict[str, Any]:
        """Return the least share of agreement if all units that are left out were mismatches."""
        lead, missing = self.told.lead, self.told.missing
        if lead.form != "agreement" or missing is None:
            return {}
        return {"lowest": lead.number("share") * missing.number("units") / missing.number("total")}

    def deck(self, date: str) -> str:
        outside = self.names.outside(self.names.group) if len(self.names.group_names) == 1 else ""
        clusters = self.told.method.numbers.get("n_clusters", 0)
        return self.part("deck", n=self.n, date=date, clusters=clusters, **{"from": outside}, stopped=stopped)

    def alternative(self) -> str:
        few = self.told.few
        empty = () if few is None else few.numbers["empty"]
        n_empty = len(empty) if isinstance(empty, tuple) else 0
        sizes = len(self.table.rows) - n_empty, len(self.table.columns) - n_empty * self.table.is_same
        return self.part(
            "alternative",
            heatmaps=1 if self.table.is_shared else len(self.shown),
            sizes=sizes,
            lead=self.say(self.told.lead)[0].text,
        )

    def notes(self, statement: Statement) -> list[Statement]:
        """Return the notes of a statement that are sentences; groups are in brackets, but in no title."""
        is_title = self.names.is_bare and statement is self.told.lead
        return [note for note in statement.notes if note.form != "groups" or statement.form != "difference" or is_title]

    def abstract(self, title: Said) -> list[Said]:
        """Return at most three sentences: the lead with a further outcome, its first note, the shares of all units."""
        told, lead = self.told, self.told.lead
        overall = self.say(told.overall_columns)
        if lead.form == "no_link":
            struck = [Said(self.part("struck", struck=told.struck))] if told.struck else []
            is_title = title.statement is told.overall_columns and len(self.table.columns) == 2
            return [*overall * (not is_title), *self.say(lead), *struck]
        is_joint = lead.form == "difference" and bool(told.also) and not self.names.is_bare
        notes = [one for note in self.notes(lead)[:1] for one in self.say(note, later=is_joint)]
        if lead.form == "agreement":
            return [*self.say(lead), *notes]
        if lead.form != "difference":
            more = self.say(told.also[0], told.also[1:], variant="further") if told.also else []
            return [*self.say(lead), *notes, *more, *overall][:3]
        if self.names.is_bare:  # the title is the lead's line
            return [*notes, *(self.say(told.also[0], told.also[1:]) if told.also else []), *overall]
        return [*self.say(lead, told.also), *notes, *overall]

    def reading(self) -> Iterable[Said]:
        """Yield how to read a cell."""
        shares = self._shares()
        if shares:
            is_mixed = any(one.measure for one in self.shown)
            yield Said(self.part("reading", letters=[one.letter for one in self.shown if not one.measure] * is_mixed))
        yield from (Said(reading) for reading in dict.fromkeys(one.reading for one in self.shown) if reading)
        if self.several and not self.table.is_shared:
            yield Said(self.part("several", several=[side.many for side in self.several]))
        if len(shares) > 1:
            yield from self.say(self.told.totals)

    def findings(self, abstract: Sequence[Said]) -> list[tuple[Said, ...]]:
        """Return at most four key findings, each with its note; the limits of the lead are first if they are new."""
        told, lead = self.told, self.told.lead
        shown = {id(one.statement) for one in abstract}
        left = [note for note in self.notes(lead) if id(note) not in shown]
        first, last = (
            [note for note in left if (note.form in _LIMITING) == is_limiting] for is_limiting in (True, False)
        )
        parts = [tuple(one for note in first for one in self.say(note, later=True))]
        for group in told.findings:
            notes = [note for note in self.notes(group[0]) if note.form != "only_here"][:1]
            parts.append((*self.say(group[0], group[1:]), *(one for note in notes for one in self.say(note))))
        parts += [tuple(self.say(note, later=True)) for note in last]
        for overall in (told.overall_columns, told.overall_rows):
            if overall is not None and id(overall) not in shown:
                parts.append((*self.say(overall), *(one for note in overall.notes for one in self.say(note))))
        return [part for part in parts if part][: rules.MOST_FINDINGS]

    def method(self) -> Iterable[Said]:
        """Yield the method in one paragraph."""
        told, lead, numbers = self.told, self.told.lead, self.told.method.numbers
        if self.several:
            yield Said(self.part("once", several=[*dict.fromkeys(side.many for side in self.several)]))
        if "minimum" in numbers:
            yield Said(self.part("withheld", minimum=numbers["minimum"]))
        if numbers.get("weighted"):
            yield Said(self.part("weights"))
        if "chosen_among" in numbers:
            yield Said(self.part("chosen", chosen=numbers["chosen_among"]), told.method)
        if lead.form == "agreement":
            yield Said(self.part("matching", within=lead.numbers.get("testable"), several=self.several))
        yield from self.say(told.method)
        yield from self.say(told.contained)
        if lead.form in {*_TESTED, "no_link"} and self.table.strata_there:
            yield Said(self.part("remains"))
        if numbers.get("tested") and lead.form != "no_link":
            yield Said(self._references())

    def _references(self) -> str:
        if self.told.lead.form in {"agreement", "trend"}:
            return self.part("linearised", is_agreement=self.told.lead.form == "agreement")
        return self.part("newcombe")

    def differences(self) -> TableWords | None:
        """Return the table of the clear differences, at most 12."""
        told, clear = self.told, self.told.clear
        if not clear:
            return None
        shown = clear[: rules.MOST_ROWS]
        caption = self.part("difference_caption", shown=len(shown), clear=len(clear))
        notes = [
            Said(self.part(name, **{name: n}))
            for name, n in (("struck", told.struck), ("uncovered", told.uncovered))
            if n
        ]
        return TableWords(
            caption,
            self._heads("x", "y", "count", "share", "other", "difference"),
            tuple(self._difference(one) for one in shown),
            shown,
            tuple(notes),
        )

    def _heads(self, *names: str) -> tuple[str, ...]:
        return tuple(self.part(f"head_{name}") for name in names)

    def _difference(self, one: Statement) -> tuple[str, ...]:
        count = self.part("count_of", count=one.number("count"), base=one.number("base"))
        shares = (formats.bare_percent(one.number(name)) for name in ("share", "other"))
        low, high = one.interval(self.told.alpha)
        return one.subject, one.outcome, count, *shares, f"{signed(one.effect)} ({signed(low)} to {signed(high)})"

    def pairs(self) -> TableWords | None:
        """Return the table of the most frequent pairs of two sides with the same categories."""
        shown, is_cut = frequent_pairs(self.table)
        if not shown:
            return None
        columns = ["count", "expected", *(["within"] if "within" in shown[0].numbers else [])]
        panels = self._shares()
        rows = []
        for one in shown:
            numbers = one.numbers
            counts = (formats.count(one.number("count")), *(formats.expected(one.number(name)) for name in columns[1:]))
            ends = {False: ("share", "low", "high"), True: ("back", "back_low", "back_high")}
            shares = (
                share_cell(*(one.number(name) for name in of)) if of[0] in numbers else formats.DASH
                for is_turned, of in ends.items()
                if is_turned in panels
            )
            rows.append((one.subject, one.outcome, *counts, *shares))
        heads = self._heads("x", "y", *({"expected": "chance"}.get(name, name) for name in columns))
        letters = (
            self.part("head_share_of", panel=panels[turn].strip("()")) for turn in (False, True) if turn in panels
        )
        return TableWords(
            self.part("pairs_caption", is_cut=is_cut, is_little=any(formats.DASH in row for row in rows)),
            (*heads, *letters),
            tuple(rows),
            shown,
        )


def signed(difference: float) -> str:
    """Return a difference of shares in points with a true minus sign, never as 0 unless it is.

    >>> signed(-0.461), signed(0.0049), signed(0.0)
    ('−46', '0.5', '0')
    """
    digits = next((n for n in range(4) if abs(100 * difference) >= 0.5 * 10.0**-n), 0)
    return formats.decimal(100 * difference, digits)


def share_cell(value: float, low: float, high: float) -> str:
    """Return a share with its interval for a cell of a table.

    >>> share_cell(0.996, 0.991, 0.998)
    '>99 (99–>99)'
    """
    return formats.with_ends(formats.bare_percent(value), low, high, formats.bare_percent)
