"""Read the published files of a report as statements, claims and cells. Anybody may have made them: all is checked."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ...cells import Estimate
from ...errors import ManifestError
from ...publish.manifest import MadeFrom

STATEMENTS = "data/statements.json"

_SCHEMAS = {
    "report.json": "diptych-report/4",
    STATEMENTS: "diptych-statements/1",
    "data/claims.json": "diptych-claims/1",
}

_NO_NEWS = ("cell", "totals", "method", "overall", "missing", "few", "contained")
"""Forms of statements that say how to read the report, how it was made, or how many units categories have."""

_Z = 1.96

SIZE = "size"

Key = tuple[str, ...]
"""The kind of a statement and its subject, without numbers."""


@dataclass(frozen=True)
class Statement:
    """A statement as a person reads it, with what limits it, its effect or None, and whether the report tells it.

    `gist` is its meaning without numbers: the sign of its effect and the forms that limit it, "" for its text. The
    statement of the kind SIZE is a label alone: a category, whose number is its share of all units.
    """

    text: str
    number: Estimate | None
    is_told: bool = True
    gist: str = ""
    label: str = ""


@dataclass(frozen=True)
class Claim:
    """A claim of the authored text: its place, whether it holds, and that as text, with the reason if it is false."""

    place: str
    holds: bool
    truth: str


@dataclass(frozen=True)
class Published:
    """The content of a report. Claims are by predicate and file, cells by panel, given and outcome.

    Statements are by figure, relation and id, and sizes by SIZE, relation, kind and category.
    """

    made: MadeFrom
    headline: str
    statements: Mapping[Key, Statement]
    claims: Mapping[Key, Claim]
    cells: Mapping[Key, Estimate | None]


def published(made: MadeFrom, file: Callable[[str], bytes]) -> Published:
    """Return the content of a report. `file` returns the bytes of a file below the report, b"" if there is none.

    Raises ManifestError for a file that is missing or has another form.
    """
    report, statements_file = (_json(path, _content(path, file)) for path in ("report.json", STATEMENTS))
    cells: dict[Key, Estimate | None] = {}
    statements: dict[Key, Statement] = {}
    with _form("report.json"):
        panels = [(panel, f"data/{_text(panel['id'])}.csv") for panel in report["panels"]]
    for panel, path in panels:
        with _form(path):
            rows = list(csv.DictReader(io.StringIO(_content(path, file).decode(), newline=""), strict=True))
            for row in rows:
                ends = (_number(row["value"]), _number(row["low"]), _number(row["high"]))
                cells[panel["id"], _text(row["given"]), _text(row["outcome"])] = _estimate(*ends)
            statements |= _sizes(rows, panel)
    with _form(STATEMENTS):
        told = (one for one in statements_file["statements"] if _text(one["form"]) not in _NO_NEWS)
        statements |= {tuple(_text(one[key]) for key in ("figure", "relation", "id")): _statement(one) for one in told}
    with _form("report.json"):
        headline = _text(report["headline"] or "")
    claims = file("data/claims.json")
    with _form("data/claims.json"):
        found = [_claim(one) for one in _json("data/claims.json", claims)["claims"]] if claims else []
    return Published(made, headline, statements, dict(found), cells)


@contextmanager
def _form(path: str) -> Iterator[None]:
    """Raise ManifestError for the errors that a file of another form causes."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError, csv.Error) as error:
        why = f"{type(error).__name__}: {error}"[:200]
        raise ManifestError(f"{path}: has another form than this version writes ({why}); build it again") from None


def _content(path: str, file: Callable[[str], bytes]) -> bytes:
    if content := file(path):
        return content
    raise ManifestError(f"{path}: is missing; build the report with the output `data`")


def _json(path: str, content: bytes) -> Any:  # noqa: ANN401 - callers check the values
    with _form(path):
        found = json.loads(content)
        if found.get("schema") != _SCHEMAS.get(path, found.get("schema")):
            raise ValueError(f"schema {found.get('schema')}")
    return found


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _number(value: object) -> float | None:
    """Return a number of JSON or CSV, None if it is undefined. Raises ValueError or TypeError for another value."""
    if value is None or value == "":
        return None
    if not isinstance(value, int | float | str) or not math.isfinite(found := float(value)):
        raise ValueError("no number")
    return found


def _estimate(value: float | None, low: float | None, high: float | None) -> Estimate | None:
    return None if value is None else Estimate(value, low, high)


def _statement(one: Any) -> Statement:  # noqa: ANN401
    """Return a statement. The effect of a trend is its slope from first to last, since its interval is the slope's."""
    notes = [note for note in one["notes"] if _text(note["form"]) != "groups"]
    text = " ".join(_text(of["text"]) for of in (one, *notes))
    numbers, number = one["numbers"], None
    if one.get("interval") is not None:
        steps = len(numbers["categories"]) - 1 if "slope" in numbers else 1
        effect = numbers["slope" if "slope" in numbers else "difference"]
        ends = [_number(end) for end in (effect, *one["interval"])]
        number = _estimate(*(None if end is None else end * steps for end in ends))
    sign = "" if number is None else f"{number.value > 0} {' '.join(note['form'] for note in notes)}"
    return Statement(text, number, _text(one["told"]) == "told", sign)


def _sizes(rows: Sequence[Mapping[str, str]], panel: Any) -> dict[Key, Statement]:  # noqa: ANN401
    """Return the share of units of each category, with Wilson's interval; empty for published matrices."""
    found: dict[Key, Statement] = {}
    for side in ("given", "outcome"):
        axis, singular = _text(panel[side]["name"]), _text(panel[side]["singular"])
        for row in rows:
            n, n_all = _number(row[f"n_{side}"]), _number(row["n_units"])
            if n is not None and n_all:
                key = (SIZE, _text(panel["relation"]), axis, row[side])
                found[key] = Statement("", _wilson(n, n_all), label=f"{row[side]} ({singular})")
    return found


def _wilson(n: float, n_all: float) -> Estimate:
    share, more = n / n_all, _Z * _Z / n_all
    middle = (share + more / 2) / (1 + more)
    half = _Z * math.sqrt(max(share * (1 - share) / n_all + more / (4 * n_all), 0.0)) / (1 + more)
    return Estimate(share, middle - half, middle + half)


def _claim(one: Any) -> tuple[Key, Claim]:  # noqa: ANN401
    reason = _text(one["reason"] or "")
    truth = "true" if one["holds"] is True else f"false ({reason})" if reason else "false"
    key = (_text(one["predicate"]), _text(one["file"]))
    return key, Claim(f"{key[1]}:{int(one['line'])}", one["holds"] is True, truth)
