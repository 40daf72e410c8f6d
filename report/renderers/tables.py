"""CSV files: the numbers of a report for people who go on counting with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .. import formats
from ..cells import Panel

Field = str | int | float | bool | None
"""What a field of a CSV file may hold; None is undefined."""

PANEL_HEADER = (
    "given",
    "outcome",
    "n_joint",
    "n_given",
    "n_outcome",
    "n_units",
    "value",
    "low",
    "high",
    "baseline",
    "lift",
    "lift_within_strata",
    "odds_within_strata",
    "q_value",
    "state",
)
"""The columns of data/<panel>.csv, each named as the attribute of `Cell` that fills it."""

_RUNS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # what spreadsheets take for the start of a formula
_QUOTED = re.compile(r'[,"\r\n]|^\s|\s$|^$')


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Field]]) -> bytes:
    r"""Return a CSV file: UTF-8, LF, RFC 4180 quoting, 12 significant digits.

    Undefined numbers (None, NaN, infinities) are empty; whole floats have no ".0". A text that a spreadsheet
    would run as a formula gets an apostrophe before it; so does one that has such an apostrophe already, so
    that taking one away restores every text. Raises ValueError where a row and the header differ in length.

    >>> csv_bytes(["label", "n"], [["=1+1", 2.0], ["a, b", None], ["", -0.25]])
    b'label,n\n\'=1+1,2\n"a, b",\n"",-0.25\n'
    """
    made = [*rows]
    for number, row in enumerate(made, start=1):
        if len(row) != len(header):
            raise ValueError(f"row {number} has {len(row)} fields, the header has {len(header)}")
    return _csv(header, zip(*made, strict=True))


def panel_csv(panel: Panel) -> bytes:
    """Return data/<panel>.csv: one row for each cell in row-major declared order, columns PANEL_HEADER."""
    return _csv(PANEL_HEADER, map(panel.column, PANEL_HEADER))


def _csv(header: Sequence[str], columns: Iterable[Sequence[Field]]) -> bytes:
    fields = (formats.texts(column, _text, "") for column in columns)
    lines = [",".join(map(_text, header)), *map(",".join, zip(*fields, strict=True))]
    return "".join(f"{line}\n" for line in lines).encode()


def _text(value: str) -> str:
    text = f"'{value}" if _RUNS.match(value) else value
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(text) else text
