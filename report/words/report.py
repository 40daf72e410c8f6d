"""The text of a report, or of one of its figures: which statement appears in which part, and within which budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .. import formats
from ..statements import rules
from ..statements.pairs import frequent_pairs
from ..statements.record import Form, Statement
from ..statements.select import Told
from .names import Names
from .sentences import said, sentence

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
    `not_shown_lead` introduces. `table` is None if nothing is clear.
    """

    title: Said
    deck: str
    abstract: tuple[Said, ...]
    caption: tuple[Said, ...]
    alternative: str
    reading: tuple[Said, ...]
    findings: tuple[tuple[Said, ...], ...]
    table: TableWords | None
    not_shown_lead: str
    not_shown: tuple[Said, ...]
    covered: tuple[Said, ...]
    method: tuple[Said, ...]


def words_of(told: Told, names: Names, date: str = "", *, is_part: bool = False) -> Words:
    """Return the text of a relation.

    `date` is the newest date in the data, or "". `is_part`: it is one figure of several, and its caption says of how
    many units.
    """
    return _Author(told, names).words(date, is_part=is_part)


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


def matrix_words(
    statements: Sequence[Statement],
    names: Names,
    ranges: Mapping[str, Sequence[tuple[float, float]]],
    sizes: tuple[int, int],
) -> Words:
    """Return the text of a relation of bare matrices from all that can be said of it (forms 25 to 27, and one cell).

    `ranges` are the smallest and the largest possible value of each row, in each panel. `sizes` are the numbers of rows
    and columns.
    """
    voice = names.of(None)

    def part(block: str, **values: object) -> str:
        return said("parts", block, w=voice, **values)

    def say(*forms: Form) -> list[Said]:
        return [Said(sentence(one, None, names), one) for form in forms for one in statements if one.form == form]

    highest = [one for one in statements if one.form == "highest_row"]
    lead, also = highest[-1:], highest[:-1]
    title = Said(part("matrix_title"))
    if lead:
        both = [one for one in also if one.subject == lead[0].subject]
        title = Said(sentence(lead[0], None, names, "title", both), lead[0], tuple(both))
    rows = [(name, *(formats.span(*map(formats.bare_percent, ends)) for ends in of)) for name, of in ranges.items()]
    heads = ["head_row", *(f"head_{panel}" for panel in "ab"[: len(next(iter(ranges.values()), ()))])]
    low = tuple(say("low_rows"))
    return Words(
        title=title,
        deck=part("deck_matrix", stopped=stopped),
        abstract=(*say("highest_row"), *say("one_table")),
        caption=(Said(part("panels_matrix" if len(heads) > 2 else "panels_matrix_one")), *say("cell")),
        alternative=part("alternative", is_one=len(heads) == 2, sizes=sizes, lead=f"{title.text}."),
        reading=(),
        findings=(low,) if low else (),
        table=TableWords(part("ranges_caption"), tuple(map(part, heads)), tuple(rows)),
        not_shown_lead="",
        not_shown=(),
        covered=(Said(part("matrix_covered")),),
        method=(Said(part("matrix_method")),),
    )


class _Author:
    """The parts of one report."""

    def __init__(self, told: Told, names: Names) -> None:
        self.told, self.names, self.table = told, names, told.table
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

    def words(self, date: str, *, is_part: bool) -> Words:
        told = self.told
        table = self.pairs() if told.lead.form == "agreement" else self.differences()
        abstract = [part[0] for part in within(BUDGETS["abstract"], [(one,) for one in self.abstract()])]
        limits = [one for limit in told.limits for one in self.say(limit)]
        caption = [Said(self.part(self._panels(), n=self.n if is_part else 0)), *self.say(told.cell)]
        title, reading, covered = self.title(), [*self.reading()], [*self.say(told.missing), *self.say(told.few)]
        others = [title, *abstract, *caption, *reading, *limits, *covered, Said("" if table is None else table.caption)]
        room = BUDGETS["before_method"] - sum(len(one.text.split()) for one in others)
        return Words(
            title=title,
            deck=self.deck(date),
            abstract=tuple(abstract),
            caption=tuple(caption),
            alternative=self.alternative(),
            reading=tuple(reading),
            findings=tuple(within(min(BUDGETS["findings"], room), self.findings(abstract))),
            table=table,
            not_shown_lead=self.part("not_shown"),
            not_shown=tuple(limits),
            covered=tuple(covered),
            method=tuple(part[0] for part in within(BUDGETS["method"], [(one,) for one in self.method()])),
        )

    def _panels(self) -> str:
        if self.table.is_shared:
            return "panels_shared"
        return "panels" if self.names.unit.role == "record" else "panels_linked"

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
        return self.part("alternative", is_one=self.table.is_shared, sizes=sizes, lead=self.say(self.told.lead)[0].text)

    def notes(self, statement: Statement) -> list[Statement]:
        """Return the notes of a statement that are sentences; groups are in brackets, but in no title."""
        is_title = self.names.is_bare and statement is self.told.lead
        return [note for note in statement.notes if note.form != "groups" or statement.form != "difference" or is_title]

    def abstract(self) -> list[Said]:
        """Return at most three sentences: the lead with a further outcome, its first note, the shares of all units."""
        told, lead = self.told, self.told.lead
        overall = self.say(told.overall_columns)
        if lead.form == "no_link":
            return [*overall, *self.say(lead)]
        notes = [one for note in self.notes(lead)[:1] for one in self.say(note)]
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
        yield Said(self.part("reading"))
        if self.several and not self.table.is_shared:
            yield Said(self.part("several", several=[side.many for side in self.several]))
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
            yield Said(self.part("once", several=[*dict.fromkeys(side.one for side in self.several)]))
        if numbers.get("weighted"):
            yield Said(self.part("weights"))
        if lead.form == "agreement":
            yield Said(self.part("matching", within=lead.numbers.get("testable")))
        yield from self.say(told.method)
        yield from self.say(told.contained)
        if "testable" in numbers:
            yield Said(self.part("testable", testable=numbers["testable"], strata=numbers["strata"]), told.method)
        if lead.form in _TESTED and self.table.strata_there:
            yield Said(self.part("remains"))
        if numbers.get("n_tested"):
            yield Said(self._references())
        if any((limit.comparison or limit.scope) == "direction" for limit in told.limits):
            yield Said(self.part("directions"))

    def _references(self) -> str:
        if self.told.lead.form in {"agreement", "trend"}:
            return self.part("linearised", what={"agreement": "agreement", "trend": "slopes"}[self.told.lead.form])
        return self.part("newcombe")

    def differences(self) -> TableWords | None:
        """Return the table of the clear differences, at most 12."""
        told, clear = self.told, self.told.clear
        if not clear:
            return None
        shown = clear[: rules.MOST_ROWS]
        caption = self.part("difference_caption", shown=len(shown), clear=len(clear), level=1 - told.alpha)
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
        rows = []
        for one in shown:
            numbers = one.numbers
            counts = (formats.count(one.number("count")), *(formats.expected(one.number(name)) for name in columns[1:]))
            ends = (("share", "low", "high"), ("back", "back_low", "back_high"))
            shares = (
                share_cell(*(one.number(name) for name in of)) if of[0] in numbers else formats.DASH for of in ends
            )
            rows.append((one.subject, one.outcome, *counts, *shares))
        heads = self._heads("x", "y", *({"expected": "chance"}.get(name, name) for name in columns), "a", "b")
        return TableWords(self.part("pairs_caption", is_cut=is_cut), heads, tuple(rows), shown)


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
