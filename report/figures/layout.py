"""Place everything in a panel: heading, names, cells and numbers, in pixels of its drawing.

One rule serves every width: names are horizontal above the columns if they fit, else upright. Numbers are left out if
they cannot be read. Long names take two lines, or lose their middle. Rows with too little data are below the others.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count

from .. import formats
from ..cells import Panel
from ..theme.fonts import BOLD, text_em
from . import panel_letters
from .scales import ColourScale, Look, baseline_label, coloured_values, few_line, few_rows, has_baseline, looks

LONGEST_NAME = 120
"""Maximum length of a shortened name, in characters."""
_LEAST_LEFT = 6
"""Minimum length of a shortened name, in characters, however little space there is."""


def wrapped(text: str, most_em: float) -> list[str]:
    """Return a text as lines of at most `most_em`, unless a single word is longer; as even as possible.

    >>> wrapped("Which models are trained on each kind of dataset?", 22)
    ['Which models are trained', 'on each kind of dataset?']
    """
    lines = _lines(text, most_em)
    least = max(text_em(text) / len(lines), *map(text_em, text.split())) if text.split() else 0.0
    widths = (least + step / 4 for step in range(math.ceil(4 * max(most_em - least, 0.0))))
    return next((even for width in widths if len(even := _lines(text, width)) == len(lines)), lines)


def _lines(text: str, most_em: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and text_em(f"{lines[-1]} {word}") <= most_em:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def short_names(names: Sequence[str], most_em: float = math.inf) -> dict[str, str]:
    """Return the text to draw for each of several distinct names, at most `most_em` wide.

    If two names would be equal after shortening, one keeps other letters: more of its end, or the letters at which
    the two differ. If these texts are taken too, a number replaces the middle.

    >>> long = [f"{'a' * 100} {n} {'b' * 100}" for n in (1, 2)]
    >>> [*short_names(["short", *long], 8.0).values()]
    ['short', 'aaaaaaaaa…bbbb', 'aaa…bbbbbbbbb']
    >>> [*short_names([f"Share of people aged {n} with a degree" for n in ("20 to 29", "30 to 39")], 10).values()]
    ['Share of peo…degree', 'Share… with a degree']
    """
    drawn = {name: name for name in names if len(name) <= LONGEST_NAME and text_em(name) <= most_em}
    taken = set(drawn)
    for name in names:
        if name not in drawn:
            others = [other for other in names if other in drawn and other != name]
            drawn[name] = next(cut for cut in _cuts(name, others, most_em) if cut not in taken)
            taken.add(drawn[name])
    return drawn


def _cuts(name: str, others: Sequence[str], most_em: float) -> Iterator[str]:
    """Yield an endless sequence of shortened texts for a name, the most readable first."""
    yield _without_middle(name, "…", most_em)
    yield _without_middle(name, "…", most_em, of_end=3 / 4)
    for other in others:
        if _without_middle(other, "…", most_em) == _without_middle(name, "…", most_em):
            at = next((k for k, (a, b) in enumerate(zip(name, other, strict=False)) if a != b), 0)
            own = name[max(at - 2, 0) : at + 6]
            if any(one.isalnum() for one in name[at : at + 6]) and len(name) <= LONGEST_NAME:
                yield _without_middle(name, f"…{own}…", most_em)
    yield from (_without_middle(name, f"…{number}…", most_em) for number in count(2))


def _without_middle(name: str, sign: str, most_em: float, of_end: float = 1 / 3) -> str:
    """Return a name cut to `LONGEST_NAME` characters and `most_em`; the fraction `of_end` is from its end."""

    def of(n: int) -> str:
        end = int(n * of_end)
        return f"{name[: n - end]}{sign}{name[len(name) - end :]}"

    numbers = range(_LEAST_LEFT, LONGEST_NAME - len(sign) + 1)
    fitting = bisect_right(numbers, most_em, key=lambda n: text_em(of(n)))
    return of(numbers[max(fitting - 1, 0)])


HEADING_PX, LABEL_PX, SMALL_PX = 16.0, 14.0, 12.0
LEAST_PX, LEAST_VALUE_PX = 11.0, 10.0
"""Smallest font size of names and of numbers. Smaller ones are left out."""

LINE = 1.2
"""Height of a line, relative to its font size."""

GAP_PX = 8.0
"""Between names and cells."""

ROW_PX, FEW_PX, WIDEST_PX = 30.0, 22.0, 96.0
"""Height of a row, and of a row with too little data; largest width of a column."""

MOST_SQUARES = 40
"""Most categories on an axis with one shape per cell. The cells of a larger panel are one picture."""

_LEAST_SQUARE = 14.0
"""Least width of the panel for each column, for one shape per cell."""

_TALL_PX, _UPRIGHT_PX = 460.0, 128.0
"""Usual height of a matrix of many rows, and largest height of upright names."""


@dataclass(frozen=True, slots=True)
class Room:
    """The width of a panel in pixels. If `narrow`, as on a phone, it has no numbers of units next to its rows.

    `cell` is the side of each cell, 0 if the cells fill the room. With it, a panel can be wider than the room.
    """

    width: float
    narrow: bool = False
    cell: float = 0.0


PAGE, PHONE, LARGE = Room(586.0), Room(332.0, narrow=True), Room(586.0, cell=14.0)
"""Panels on a page: two side by side, on a screen narrower than that, and enlarged, with each row and column named."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text at a point: its left end, middle or right end is at `x`, or its lower end if `upright`."""

    x: float
    y: float
    text: str
    size: float
    align: str = "left"
    bold: bool = False
    muted: bool = False
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Square:
    """A cell: its row and column in the panel, None for the row of all units, and its place."""

    row: int | None
    column: int
    x: float
    y: float
    width: float
    height: float


def lines_of(text: str, px: float, size: float, *, bold: bool = False) -> list[str]:
    """Return a text as lines of at most `px` pixels, unless a word is longer."""
    return wrapped(text, px / size / (BOLD if bold else 1.0))


class Layout:
    """The places of all parts of a panel, next to panels with `heading` lines and names `top` pixels high.

    `squares` are the cells in the order of reading, `texts` everything written outside of cells, and `rules` the
    heights of the lines below rows with too little data.
    """

    def __init__(self, panel: Panel, scale: ColourScale, room: Room, letter: str = "", *, values: bool = True) -> None:
        """Measure names and numbers. Nothing is placed yet."""
        self.panel, self.scale, self.room = panel, scale, room
        self.n_rows, self.n_columns = len(panel.given_categories), len(panel.outcome_categories)
        self.is_picture = is_large(panel) or room.width / self.n_columns < _LEAST_SQUARE
        self.order = tuple(range(self.n_rows)) if self.is_picture else row_order(panel, scale)
        self.few = [False] * self.n_rows if self.is_picture else few_rows(panel, scale)
        self.row_px = min(ROW_PX, max(LEAST_PX + 3, _TALL_PX / self.n_rows))
        if self.is_picture:
            self.row_px = room.cell or _TALL_PX / self.n_rows
        has_sizes = not room.narrow and panel.n_units is not None and self.row_px >= SMALL_PX
        self.sizes = [*panel.column("n_given")[:: self.n_columns]] if has_sizes else []
        base = [baseline_label(panel)] if has_baseline(panel) else []
        most = room.width * (0.24 if room.narrow else 0.28)
        self.label_px = 13.0 if room.narrow or self.row_px < LABEL_PX * LINE else LABEL_PX
        self.label_px = min(self.label_px, max(LEAST_PX, self.row_px - 2)) if not self.is_picture else LEAST_PX
        self.row_names = names_in(panel.given_categories, most, self.label_px, 2 if self.row_px >= 28 else 1)
        widths = [text_em(line) * self.label_px for lines in self.row_names for line in lines]
        widths += [text_em(line) * LABEL_PX * BOLD for one in base for line in lines_of(one, most, LABEL_PX, bold=True)]
        self.left = math.ceil(max(widths)) + GAP_PX
        right = [formats.count(n or 0) for n in (*self.sizes, panel.n_units or 0)] + [panel.unit.plural]
        self.right = LEAST_PX / 2 if self.is_picture else 0.0  # half of the last column's name
        if self.sizes:
            self.right = math.ceil(max(text_em(text) for text in right) * SMALL_PX) + GAP_PX
        self.step = room.cell or min(WIDEST_PX, (room.width - self.left - self.right) / self.n_columns)
        self.is_flat = all(len(lines) <= 3 for lines in self._flat) and all(
            text_em(line) * SMALL_PX <= self.step - 3 for lines in self._flat for line in lines
        )
        self.value_px = self._value_px() if values else 0.0
        title = f"{letter} {panel.title}".strip()
        self.heading = lines_of(title, room.width, HEADING_PX, bold=True) if title else []

    @cached_property
    def _flat(self) -> list[list[str]]:
        return [lines_of(name, max(self.step - 3, 1.0), SMALL_PX) for name in self.panel.outcome_categories]

    @cached_property
    def _upright(self) -> list[list[str]]:
        lines = max(1, int((self.step - 1) // (SMALL_PX * 1.1)))
        return names_in(self.panel.outcome_categories, _UPRIGHT_PX, SMALL_PX, min(lines, 3))

    @property
    def column_names(self) -> list[list[str]]:
        """The lines of the name of each column."""
        return self._flat if self.is_flat else self._upright

    @property
    def names_px(self) -> float:
        """The height of the names above the columns."""
        if self.is_flat:
            return max(map(len, self._flat)) * SMALL_PX * LINE + 3
        return max(text_em(line) * SMALL_PX for lines in self._upright for line in lines) + 6

    def _value_px(self) -> float:
        """Return the font size of numbers in cells, 0 if they cannot be read."""
        texts = {text for text in self.numbers() if text}
        widest = max((text_em(text) for text in texts), default=1.0)
        size = min(LABEL_PX, (self.step - 4) / widest, self.row_px * 0.62)
        return 0.0 if self.is_picture or size < LEAST_VALUE_PX else round(size, 1)

    def numbers(self) -> list[str]:
        """Return the text of each cell: its number, a sign, or nothing."""
        own = zip(looks(self.panel, self.scale), self.panel.column("value"), self.panel.column("n_joint"), strict=True)
        return [self._number(*cell) for cell in own]

    def _number(self, look: Look, value: float | None, joint: float | None) -> str:
        if look in {"coloured", "plain"}:
            if joint == 0 and self.panel.measure.is_ratio:
                return "0"
            return "" if value is None else formats.in_cell(value, self.panel.measure, percent=self.scale.percent)
        return {"undefined": formats.DASH, "withheld": "×"}.get(look, "")

    def place(self, heading: int, top: float) -> None:
        """Place all parts below `heading` lines and names `top` pixels high."""
        self.texts: list[Text] = [
            Text(0.0, (k + 0.6) * HEADING_PX * LINE, line, HEADING_PX, bold=True) for k, line in enumerate(self.heading)
        ]
        y = heading * HEADING_PX * LINE + (8.0 if heading else 0.0) + top
        self._head(y)
        self.squares: list[Square] = []
        self.rules: list[float] = []
        self.cells_top = y
        for row in (row for row in self.order if not self.few[row]):
            y = self._row(row, y, self.row_px)
        if any(self.few):
            y = self._remark(few_line(self.panel, self.scale), y) + 4
            for row in (row for row in self.order if self.few[row]):
                y = self._row(row, y, min(self.row_px, FEW_PX))
                self.rules.append(y - 0.5)
        if has_baseline(self.panel):
            n_lines = len(lines_of(baseline_label(self.panel), self.left - GAP_PX, LABEL_PX, bold=True))
            y = self._row(None, y + 7, max(self.row_px, n_lines * LEAST_PX * LINE + 2))
        if self.panel.several and self.value_px:
            y = self._remark(self.panel.several, y + 2) + 4
        self.height = math.ceil(y)

    def _remark(self, text: str, y: float) -> float:
        """Write a text across the panel, and return its lower end."""
        lines = lines_of(text, self.room.width, SMALL_PX)
        for k, line in enumerate(lines):
            self.texts.append(Text(0.0, y + 11 + 15 * k, line, SMALL_PX, muted=True))
        return y + 1 + 15 * len(lines)

    def _head(self, bottom: float) -> None:
        every = 1 if self.is_flat else max(1, math.ceil(LEAST_PX * 1.15 / self.step))
        for place, lines in enumerate(self.column_names):
            if place % every:
                continue
            middle = self.left + (place + 0.5) * self.step
            for k, line in enumerate(lines):
                if self.is_flat:
                    y = bottom - 4 - (len(lines) - k - 0.5) * SMALL_PX * LINE
                    self.texts.append(Text(middle, y, line, SMALL_PX, "center"))
                else:
                    x = middle + (k - (len(lines) - 1) / 2) * SMALL_PX * 1.1
                    self.texts.append(Text(x, bottom - 4, line, SMALL_PX, upright=True))
        if self.sizes:
            y = bottom - 4 - 0.5 * SMALL_PX * LINE
            self.texts.append(Text(self.end, y, self.panel.unit.plural, SMALL_PX, "right", muted=True))

    @property
    def end(self) -> float:
        """The right end of the numbers of units."""
        return self.left + self.step * self.n_columns + self.right

    @property
    def width(self) -> float:
        """The width of the drawing."""
        return max(self.room.width, math.ceil(self.end))

    @property
    def least_px(self) -> float:
        """The smallest font size of all texts and numbers."""
        return min([text.size for text in self.texts] + [self.value_px] * (self.value_px > 0))

    def _row(self, row: int | None, y: float, height: float) -> float:
        """Place a row of cells with its name and its number of units; return its lower end."""
        middle, is_few = y + height / 2, row is not None and self.few[row]
        every = max(1, math.ceil(LEAST_PX * 1.1 / height))
        if row is None:
            lines, size = lines_of(baseline_label(self.panel), self.left - GAP_PX, LABEL_PX, bold=True), LABEL_PX
            size = min(size, self.label_px + 1)
        else:
            lines, size = self.row_names[row], min(self.label_px, 13.0 if is_few else self.label_px)
        if len(lines) > 1:
            size = min(size, max(LEAST_PX, height / len(lines) / 1.08))
        for k, line in enumerate([] if row is not None and row % every else lines):
            at = middle + (k - (len(lines) - 1) / 2) * size * 1.08
            self.texts.append(Text(self.left - GAP_PX, at, line, size, "right", bold=row is None, muted=is_few))
        n = (self.panel.n_units if row is None else self.sizes[row]) if self.sizes else None
        if n is not None:
            self.texts.append(Text(self.end, middle, formats.count(n), SMALL_PX, "right", muted=True))
        self.squares += [Square(row, k, self.left + k * self.step, y, self.step, height) for k in range(self.n_columns)]
        return y + height


def names_in(names: Sequence[str], px: float, size: float, most: int) -> list[list[str]]:
    """Return each name as lines of at most `px` pixels; a name that needs more than `most` loses its middle."""
    made = [lines_of(name, px, size) for name in names]
    if all(len(lines) <= most and all(text_em(line) * size <= px + 1 for line in lines) for lines in made):
        return made
    short = short_names(names, most * px * 0.9 / size)
    again = [lines_of(short[name], px, size) for name in names]
    fits = [len(lines) <= most and all(text_em(line) * size <= px + 1 for line in lines) for lines in again]
    single = short_names(names, px / size)
    return [lines if fit else [single[name]] for name, lines, fit in zip(names, again, fits, strict=True)]


def placed(panels: Sequence[Panel], scales: Mapping[str, ColourScale], room: Room, *, values: bool) -> list[Layout]:
    """Return the layouts of panels, whose cells begin at the same height."""
    named = zip(panels, panel_letters(panels), strict=True)
    made = [Layout(panel, scales[panel.id], room, letter, values=values) for panel, letter in named]
    heading, top = max(len(one.heading) for one in made), max(one.names_px for one in made)
    for one in made:
        one.place(heading, top)
    return made


def is_large(panel: Panel) -> bool:
    """Return whether a panel has too many categories for one shape per cell."""
    return max(len(panel.given_categories), len(panel.outcome_categories)) > MOST_SQUARES


def row_order(panel: Panel, scale: ColourScale) -> tuple[int, ...]:
    """Return the positions of the rows from above: rows with too little data are below the others."""
    few = few_rows(panel, scale)
    n = len(few)
    return tuple(range(n)) if is_large(panel) else tuple(sorted(range(n), key=few.__getitem__))


def values_of(layout: Layout) -> list[float | None]:
    """Return the value that gives each cell its colour, None for a cell without one."""
    values = coloured_values(layout.panel)
    own = zip(looks(layout.panel, layout.scale), values, strict=True)
    return [value if look == "coloured" else None for look, value in own]
