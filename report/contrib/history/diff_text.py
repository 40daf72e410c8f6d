"""Format changes for reading: text for a terminal, Markdown for a comment, a page, and JSON.

Labels are untrusted, so all text is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ... import formats
from ...config.places import printable
from ...document.writer import fill, html_environment
from ...errors import listed
from ...measures import MEASURES
from ...renderers.html_data import Asset, page_assets
from ...theme import markdown, template_folder
from .changes import DATA, Build, CellChange, ClaimChange, Diff, Edit, FindingChange, LabelChange, RelationChange

Row = tuple[str, ...]

_LABELS_SHOWN = 20
_CELLS_SHOWN = 40
_MATRIX_LIMIT = 40
"""Maximum number of categories on a side for showing a panel's changes as a matrix."""

_FINDINGS_SHOWN = 40
_SENTENCES_SHOWN = 20
_EDITS_SHOWN = 3
_LARGEST = 6
"""Number of listed cells that moved by no more than noise: those with the largest changes."""
_RATIO = "ratio"
_LEAST_Q = 0.001
_FEW_EXCHANGED = 0.05
"""Minimum share of units for the note that units in both builds may have been exchanged."""


@dataclass(frozen=True)
class TextBlock:
    """A paragraph, which may begin with a short text in bold."""

    text: str
    lead: str = ""


@dataclass(frozen=True)
class BulletBlock:
    """A list."""

    entries: tuple[str, ...]


@dataclass(frozen=True)
class GridBlock:
    """A table: columns of text, then columns of numbers."""

    words: Row
    numbers: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class MatrixBlock:
    """A panel's changes, only for pages: `cells` in rows of (text, style)."""

    caption: str
    outcomes: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


Block = TextBlock | BulletBlock | GridBlock | MatrixBlock


@dataclass(frozen=True)
class HeadedPart:
    """Blocks under a heading. The first part has the title of the whole."""

    heading: str
    blocks: tuple[Block, ...]


def parts_of(found: Diff) -> tuple[HeadedPart, ...]:
    """Return all changes: headline and sentences, raw labels, claims, findings, cells, and the builds compared."""
    sections: tuple[tuple[str, Callable[[Diff], Iterator[Block]]], ...] = (
        (f"{found.old.name} to {found.new.name}", _summary),
        ("Raw labels", _labels),
        ("Claims", _claims),
        ("Findings", _findings),
        ("Cells", _cells),
        ("Builds compared", _compared),
    )
    parts = (HeadedPart(heading, tuple(blocks(found))) for heading, blocks in sections)
    return tuple(part for part in parts if part.blocks)


def _summary(found: Diff) -> Iterator[Block]:
    several = len({(change.figure, change.relation) for change in found.headlines}) > 1
    for headline in found.headlines:
        where = f" ({headline.figure}, {headline.relation})" if several else ""
        yield TextBlock(_plain(headline.old or "none"), f"Headline before{where}:")
        yield TextBlock(_plain(headline.new or "none"), f"Headline now{where}:")
    yield TextBlock(_words(found))
    yield from (BulletBlock(items) for items in (tuple(_sentences(found)), tuple(_sizes(found))) if items)
    yield TextBlock(_numbers(found))
    if found.differs:
        yield TextBlock(f"Causes: {formats.listing(found.differs)}.")
    yield from (TextBlock(_units(change)) for change in found.relations)


def _words(found: Diff) -> str:
    """Return whether the report says something else, and the parts of it that differ."""
    if not found.changed_words:
        return "The sentences differ only in their numbers." if found.headlines else "The report says the same."
    headlines = sum(change.reworded for change in found.headlines)
    claims = sum(change.matters for change in found.claims)
    parts = [formats.plural(headlines, "the headline", f"{formats.count(headlines)} headlines")] if headlines else []
    if found.sentences:
        n = len(found.sentences)
        parts.append(f"{formats.count(n)} {formats.plural(n, 'sentence', 'sentences')}")
    parts += ["the order of the observations"] if found.reordered else []
    if found.sizes:
        n = len(found.sizes)
        sizes = formats.plural(n, "the size of one category", f"the sizes of {formats.count(n)} categories")
        parts.append(sizes)
    parts += [f"{formats.count(claims)} {formats.plural(claims, 'claim', 'claims')}"] if claims else []
    most = max(len(parts), headlines, len(found.sentences), len(found.sizes), claims)
    differ = "differ" if most > 1 else "differs"
    return f"The report says something else: {formats.listing(parts)} {differ}."


def _sentences(found: Diff) -> Iterator[str]:
    for change in found.sentences[:_SENTENCES_SHOWN]:
        old, new = _plain(change.old or ""), _plain(change.new or "")
        texts = {"changed": f"Before: {old} Now: {new}", "appeared": f"New: {new}", "vanished": f"Gone: {old}"}
        yield texts[change.how]
    more = len(found.sentences) - _SENTENCES_SHOWN
    if more > 0:
        yield f"{formats.count(more)} more"


def _sizes(found: Diff) -> Iterator[str]:
    for change in found.sizes[:_SENTENCES_SHOWN]:
        before, now = _size(change.old, change.old_all), _size(change.new, change.new_all)
        yield f"{change.category} ({change.side}): {before} {change.unit} before, {now} now"
    more = len(found.sizes) - _SENTENCES_SHOWN
    if more > 0:
        yield f"{formats.count(more)} more categories"


def _size(n: float, n_all: float) -> str:
    return f"{formats.count(n)} of {formats.count(n_all)} ({_percent(n / n_all)})"


def _numbers(found: Diff) -> str:
    """Return which numbers changed by more than noise and by enough to matter, or that none did."""
    n = [sum(change.matters for change in changes) for changes in (found.findings, found.cells)]
    kinds = (("finding", "findings"), ("cell", "cells"))
    said = [f"{formats.count(k)} {formats.plural(k, *names)}" for k, names in zip(n, kinds, strict=True) if k]
    if found.unfiled >= found.share:
        said.append(f"new labels without a category on {_percent(found.unfiled)} of the items of a kind")
    if said:
        return f"Numbers changed by more than noise: {formats.listing(said)}."
    if not any((found.labels, found.findings, found.cells)):
        return "No number changed."
    moved = [change for change in found.cells if change.large]
    edited = sum(change.if_edited for change in moved)
    if not moved:
        return "No number changed by enough to matter."
    text = "No number changed by more than noise. The largest changes are listed."
    cells = formats.plural(edited, "cell", "cells")
    return f"{text} If the same units were edited, {formats.count(edited)} {cells} changed by more." if edited else text


def _is_ratio(change: CellChange) -> bool:
    info = MEASURES[change.measure].info
    return (info.lower, info.upper) == (0, None)


def _units(change: RelationChange) -> str:
    alike, came, went = (formats.count(n) for n in (change.alike, change.came, change.went))
    text = (
        f"{change.relation}: {formats.count(change.old)} {change.unit} before, {formats.count(change.new)} now; "
        f"{alike} {'' if change.keyed else 'alike '}in both, {came} only now, {went} only before."
    )
    if change.keyed:
        return f"{text} {_edits(change)}"
    if change.exchanged < _FEW_EXCHANGED:
        return text
    share = _percent(change.exchanged)
    return (
        f"{text} Snapshots have no ids, so edited {change.unit} cannot be distinguished from exchanged ones: up to "
        f"{share} of those alike may be other {change.unit}, and intervals allow for this."
    )


def _edits(change: RelationChange) -> str:
    """Return how many units in both builds were edited, and from which labels to which."""
    n = sum(edit.n for edit in change.edits)
    if not n:
        return f"None of the {formats.count(change.alike)} {change.unit} in both was edited."
    text = f"{formats.count(n)} of the {formats.count(change.alike)} {change.unit} in both were edited"
    parts = [_edit(edit) for edit in change.edits[:_EDITS_SHOWN]]
    if len(change.edits) == 1:
        return f"{text}, all {parts[0]}."
    shown = [f"{formats.count(edit.n)} {part}" for edit, part in zip(change.edits, parts, strict=False)]
    return f"{text}: {'; '.join(shown)}{'' if len(change.edits) <= _EDITS_SHOWN else '; others differently'}."


def _edit(edit: Edit) -> str:
    if not edit.lost and not edit.gained:
        return "in their group or stratum"
    if not edit.lost or not edit.gained:
        return f"without {listed(edit.lost)}" if edit.lost else f"with {listed(edit.gained)}"
    return f"from {listed(edit.lost)} to {listed(edit.gained)}"


def _labels(found: Diff) -> Iterator[Block]:
    for how, words in (("appeared", "New"), ("vanished", "Gone")):
        changes = [change for change in found.labels if change.how == how]
        if changes:
            yield TextBlock(f"{words}: {_some_labels(changes)}")
            shown = changes[:_LABELS_SHOWN]
            rows = ((c.kind, c.label, ", ".join(c.categories) or "(none)", formats.count(c.n_items)) for c in shown)
            yield GridBlock(("Kind", "Label", "Category"), ("Items",), tuple(rows))


def _some_labels(changes: Sequence[LabelChange]) -> str:
    n, more = len(changes), len(changes) - _LABELS_SHOWN
    text = f"{formats.count(n)} {formats.plural(n, 'raw label', 'raw labels')}"
    return f"{text}; the {_LABELS_SHOWN} most items carry are shown." if more > 0 else f"{text}."


def _claims(found: Diff) -> Iterator[Block]:
    items = tuple(_claim(change) for change in sorted(found.claims, key=lambda c: not c.matters))
    if items:
        yield BulletBlock(items)


def _claim(change: ClaimChange) -> str:
    where = f", with {change.where}" if change.where else ""
    place = f"{change.file}:{change.line}: {change.predicate}{where}"
    if change.how == "appeared":
        return f"{place}: new, and {'holds' if change.holds else 'does not hold'}"
    if change.how == "vanished":
        return f"{place}: no longer made"
    why = f" ({change.reason})" if change.reason else ""
    cause = f"; cause: {_cause(change.causes)}" if change.causes else ""
    return f"{place}: {'holds now' if change.holds else 'no longer holds'}{why}{cause}"


def _findings(found: Diff) -> Iterator[Block]:
    changes = sorted(found.findings, key=lambda c: (not c.matters, c.how == "changed", c.id))
    told = [c for c in changes if c.matters or c.how != "changed" or c.old_strength != c.new_strength]
    shown = told[:_FINDINGS_SHOWN]
    if shown:
        words = ("Finding", "Change", "Cause", "Matters")
        yield GridBlock(words, ("Before", "Now", "Difference"), tuple(map(_finding, shown)))
    more = len(changes) - len(shown)
    if more:
        others = formats.plural(more, "other finding has", "other findings have")
        yield TextBlock(f"{formats.count(more)} {others} another number, and the same word.")


def _finding(change: FindingChange) -> Row:
    words: str = change.how
    if change.how == "changed":
        same = change.old_strength == change.new_strength
        words = "number" if same else f"{change.old_strength or 'no word'} to {change.new_strength or 'no word'}"
    numbers = [_number(value, change.scale) for value in (change.old, change.new)]
    return (change.id, words, _cause(change.causes), _matters(change), *numbers, _difference(change))


def _percent(share: float) -> str:
    return _plain(formats.percent(share))


def _plain(text: str) -> str:
    """Return a text for any terminal, because some cannot show non-breaking spaces."""
    return text.replace(formats.NBSP, " ")


def _number(value: float | None, scale: str) -> str:
    if value is None:
        return ""
    return formats.ratio(value) if scale == _RATIO else formats.value(value)


def _difference(change: FindingChange | CellChange) -> str:
    if change.difference is None:
        return ""
    text, ends = _signed(change.difference.value), change.difference.ends
    return text if ends is None else f"{text} ({_signed(ends[0])} to {_signed(ends[1])})"


def _cells(found: Diff) -> Iterator[Block]:
    told = [change for change in found.cells if change.matters][:_CELLS_SHOWN]
    others = [change for change in found.cells if change.large and not change.matters]
    told += others[: min(_LARGEST, _CELLS_SHOWN - len(told))]
    yield from _matrices(found)
    if told:
        words = ("Panel", "Given", "Outcome", "Cause", "Noise")
        yield GridBlock(words, ("Before", "Now", "Difference", "q"), tuple(map(_cell, told)))
    others = [change for change in found.cells if change not in told]
    if others:
        moved = [abs(change.difference.value) for change in others if change.difference is not None]
        most = f", by at most {formats.value(max(moved))}" if moved else ""
        n = len(others)
        cells = formats.plural(n, "cell differs", "cells differ")
        yield TextBlock(f"{formats.count(n)} {'other ' if told else ''}{cells}{most}.")


def _cell(change: CellChange) -> Row:
    numbers = [_number(value, _RATIO if _is_ratio(change) else "share") for value in (change.old, change.new)]
    states = (change.old_state, change.new_state)
    if "measured" in states and states[0] != states[1]:
        numbers = [f"{n} ({s})".strip() for n, s in zip(numbers, (s.replace("_", " ") for s in states), strict=True)]
    q = "" if change.q is None else "<0.001" if change.q < _LEAST_Q else f"{change.q:.3f}"
    row = (change.panel, change.given, change.outcome, _cause(change.causes), _noise(change))
    return (*row, *numbers, _difference(change), q)


def _noise(change: CellChange) -> str:
    if change.noise is None:
        return "exact" if _is_exact(change) else ""
    if change.if_edited:
        return "more than noise if edited"
    return "no more than noise" if change.noise else "more than noise"


def _is_exact(change: CellChange) -> bool:
    """Return whether chance has no part in a change: its causes are known, or only the same units were edited."""
    return change.noise is None and bool(change.causes) and (DATA not in change.causes or change.n_changed == 0)


def _matters(change: FindingChange) -> str:
    if change.matters:
        return "yes"
    return "no more than noise" if change.noise else "no"


def _cause(causes: Sequence[str]) -> str:
    return formats.listing(causes) if causes else ""


def _compared(found: Diff) -> Iterator[Block]:
    lines = [_of_build("Before", found.old), _of_build("Now", found.new)]
    if found.inputs:
        lines.append(f"Inputs that differ: {listed(found.inputs)}")
    if found.settings:
        lines.append(f"Settings that differ: {listed(found.settings)}")
    if found.n_tested:
        tables = formats.plural(found.n_tested, "table", "tables")
        lines.append(
            f"{formats.count(found.n_tested)} {tables} tested: is the change larger than the arrival and departure of "
            "units by chance would cause?"
        )
        lines.append(f"More than noise: q of Benjamini and Hochberg below {found.fdr / 2:g}")
        lines.append(f"In brackets: {found.level:.0%} intervals of the change due to data")
    lines.append(f"Matters: a difference of {found.share:g} in shares, a factor of {found.ratio:g} in ratios, or more")
    yield BulletBlock((*lines, *found.notes))


def _of_build(which: str, build: Build) -> str:
    date = "without a date" if build.date is None else f"data of {build.date.isoformat()}"
    return f"{which}: {build.name}, {date}, by version {build.program}"


def _matrices(found: Diff) -> Iterator[MatrixBlock]:
    """Yield each panel with a cell that moved by more than noise: such cells show a number, others a dot."""
    for panel, (given, outcome) in found.axes.items():
        changes = {(c.given, c.outcome): c for c in found.cells if c.panel == panel}
        if not changes or max(len(given), len(outcome)) > _MATRIX_LIMIT:
            continue
        rows = tuple((a, tuple(_mark(changes.get((a, b))) for b in outcome)) for a in given)
        n = sum(bool(how) for _, cells in rows for _, how in cells)
        if not n:
            continue
        count, more = formats.count(n), formats.count(len(changes) - n)
        size = formats.count(len(given) * len(outcome))
        yield MatrixBlock(
            f"{panel}: {count} of {size} cells changed by more than noise, {more} by no more (·)", outcome, rows
        )


def _mark(change: CellChange | None) -> tuple[str, str]:
    """Return the text and style of a cell in a matrix: "up" or "down", strong if large; nothing for noise."""
    if change is None:
        return "", ""
    if change.noise is not False and not _is_exact(change):
        return "·", ""
    if change.difference is None or change.how != "changed":
        return ("new" if change.how == "appeared" else "gone"), "came"
    way = "up" if change.difference.value > 0 else "down"
    return _signed(change.difference.value), f"{way} large" if change.large else way


def _signed(number: float) -> str:
    """Return a difference with its sign, or without one if it rounds to 0."""
    text = formats.value(abs(number))
    return text if float(text.replace(",", "")) == 0 else f"{'+' if number > 0 else '-'}{text}"


LARGEST_COMMENT = 60_000
"""Maximum length of the Markdown in characters: GitHub accepts comments of up to 65,536."""

_WIDEST = 40


def text_of(found: Diff) -> str:
    """Return the changes as text for a terminal."""
    return "\n".join(_lines(parts_of(found), printable, printable, _aligned)).rstrip()


def markdown_of(found: Diff) -> str:
    """Return the changes in GitHub-flavoured Markdown, cut at a line end if longer than a comment."""

    def escaped(text: str) -> str:
        return markdown(printable(text))

    lines = list(_lines(parts_of(found), escaped, lambda text: f"**{escaped(text)}**", _table))
    text = "\n".join(lines).rstrip() + "\n"
    if len(text) <= LARGEST_COMMENT:
        return text
    kept = text[:LARGEST_COMMENT].rpartition("\n")[0]
    return f"{kept}\n\nThere are more changes. `diptych diff` prints all of them.\n"


def _lines(
    parts: Sequence[HeadedPart],
    escape: Callable[[str], str],
    strong: Callable[[str], str],
    table: Callable[[GridBlock, Callable[[str], str]], Iterator[str]],
) -> Iterator[str]:
    for place, part in enumerate(parts):
        yield f"{'##' if place else '#'} {escape(part.heading)}"
        yield ""
        for block in part.blocks:
            if isinstance(block, TextBlock):
                yield f"{strong(block.lead)} {escape(block.text)}" if block.lead else escape(block.text)
            elif isinstance(block, BulletBlock):
                yield from (f"- {escape(item)}" for item in block.entries)
            elif isinstance(block, GridBlock):
                yield from table(block, escape)
            else:
                continue
            yield ""


def _table(grid: GridBlock, escape: Callable[[str], str]) -> Iterator[str]:
    yield f"| {' | '.join((*grid.words, *grid.numbers))} |"
    yield f"|{'|'.join([*(['---'] * len(grid.words)), *(['---:'] * len(grid.numbers))])}|"
    for row in grid.rows:
        yield f"| {' | '.join(escape(cell) for cell in row)} |"


def _aligned(grid: GridBlock, escape: Callable[[str], str]) -> Iterator[str]:
    rows = [(*grid.words, *grid.numbers), *(tuple(_cut(escape(cell)) for cell in row) for row in grid.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if column < len(grid.words) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."


def page_of(found: Diff) -> str:
    """Return the changes as a page: self-contained, without scripts, with the security policy of reports."""
    folder = template_folder() / "contrib" / "history"
    assets = page_assets([Asset("diff", (folder / "diff.css").read_text("utf-8"))], [])
    return fill(html_environment(folder), "diff.html", parts=parts_of(found), assets=assets, printable=printable)
