"""An attacker who reads every published byte of a site and tries to work out the cells that were withheld.

The attacker knows how Diptych withholds cells (docs/privacy.md). A published number is either a function of the
published units alone, or a statement about all units: then the difference is a linear equation in the withheld ones.
Equations are solved by linear programming for the range of each withheld cell.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
from scipy.optimize import linprog

NO_UNITS = {
    *("n_below", "n_few", "n_pairs", "n_unmet", "n_points", "n_tested", "n_often", "n_above", "n_telling", "n_strata"),
    *("n_outcomes", "n_mirrors", "n_compared", "n_statements", "n_changing", "n_resting", "n_resamples", "n_best"),
    *("n_groups", "n_folded", "n_panels", "n_rows", "n_columns", "n_periods", "n_sensitive", "n_blocks", "n_ways"),
    *("n_informative", "n_opposite", "n_graded"),
}
"""Numbers that count categories, pairs, cells, groups, strata, statements or resamples, never units."""

UNIT_KEYS = {"joint", "given", "outcome", "of", "n", "units", "weight", "all"}
"""Names of numbers of units that do not begin with n_."""

Form = frozenset[tuple[str, str, str]]
"""Classes of units (stratum, row and column category) that a number counts."""


def read_site(site: Path) -> dict[str, bytes]:
    """Return every file of a site, with what its page and its PDF carry inside."""
    files = {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    for name, content in list(files.items()):
        if name.endswith(".html"):
            files |= dict(_inside_page(name, content.decode()))
        elif name.endswith(".pdf") and "/" not in name:
            files |= dict(_attached(site / name))
    return files


def _inside_page(name: str, text: str) -> Iterator[tuple[str, bytes]]:
    scripts = re.findall(r'<script[^>]*id="([\w-]+)"[^>]*>(.*?)</script>', text, re.DOTALL)
    for script, content in scripts:
        found = json.loads(content)
        if script == "report-readings":
            cells = [cell.split("|") for panel in found.values() for cell in panel["cells"]]
            counts = [dict(zip(("joint", "of"), cell[1:3], strict=True)) for cell in cells if len(cell) > 2]
            found["counts"] = [{key: int(n.replace(",", "")) for key, n in one.items()} for one in counts]
            assert any(found["counts"])
        yield f"{name}#{script}.json", json.dumps(found).encode()


def _attached(path: Path) -> Iterator[tuple[str, bytes]]:
    with pikepdf.open(path) as pdf:
        for name, attached in pdf.attachments.items():
            yield f"{path.name}#{Path(name).name}", attached.get_file().read_bytes()


def small_counts(files: Mapping[str, bytes], minimum: int) -> list[str]:
    """Return where a number of units from 1 to `minimum` - 1 is published, in data or in words."""
    found = []
    for name, content in files.items():
        if name.endswith(".csv"):
            rows = csv.DictReader(io.StringIO(content.decode()))
            found += [f"{name}: {row}" for row in rows for key, text in row.items() if _is_small(key, text, minimum)]
        elif name.endswith(".json"):
            numbers = [one for one in _walk(_json(content)) if not one[0].endswith("strata.of")]  # how many levels
            found += [f"{name}: {place}" for place, key, value in numbers if _is_small(key, value, minimum)]
        elif name.endswith((".md", ".html", ".tex", ".typ", ".svg")):
            words = content.decode().replace("&#8201;", " ")
            found += [f"{name}: {match[0]}" for match in _in_words(words, minimum)]
    return found


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _in_words(text: str, minimum: int) -> Iterator[re.Match[str]]:
    small = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")[: minimum - 1]
    numbers = "|".join([*small, *map(str, range(1, minimum))])
    said = re.finditer(
        rf"(?<![\w.,/–-])({numbers}) (person\b|people\b|of the \d+ people)(?! has| have only)", text, re.IGNORECASE
    )
    for match in said:
        is_bound = re.search(r"(fewer|less) than $", text[: match.start()][-12:])
        is_nonempty = match[1].lower() == "one" and text[: match.start()].endswith("at least ")
        if not (is_bound or is_nonempty):
            yield match


def _walk(data: Any, place: str = "", key: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield every number with its place, and the name that says what it counts."""
    if isinstance(data, dict):
        for name, value in data.items():
            known = str(data.get("name", key)) if name == "value" and "field" in data else name
            known = (
                key if key in UNIT_KEYS and isinstance(data.get(name), int | float) and name not in NO_UNITS else known
            )
            yield from _walk(value, f"{place}.{name}", known)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _walk(value, f"{place}.{number}", key)
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield place, key, data


def _is_small(key: str, value: object, minimum: int) -> bool:
    if key in NO_UNITS or not (key.startswith("n_") or key in UNIT_KEYS):
        return False
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return 0 < number < minimum


@dataclass(frozen=True)
class Statement:
    """A published number of units of some classes, and where it is."""

    form: Form
    value: float
    where: str


@dataclass(frozen=True)
class Read:
    """What an attacker knows of a relation: classes that are possible, units of each that are published, statements."""

    classes: tuple[tuple[str, str, str], ...]
    left: dict[tuple[str, str, str], float]
    hidden: tuple[tuple[str, str], ...]
    statements: tuple[Statement, ...]


def read_counts(files: Mapping[str, bytes], strata: tuple[str, ...] = ("",)) -> Read:
    """Return what is published on counts, for units with one category on each side and no weights.

    Shares, base rates and expected counts are solved for the counts that they are made of.
    """
    counts = list(csv.DictReader(io.StringIO(files["data/counts.csv"].decode())))
    rows, columns = (tuple(dict.fromkeys(line[side] for line in counts)) for side in ("row", "column"))
    classes = tuple((s, a, b) for s in strata for a in rows for b in columns)
    left = dict.fromkeys(classes, 0.0)
    if strata == ("",):
        left |= {("", line["row"], line["column"]): float(line["n_joint"] or 0) for line in counts}
    else:
        for line in csv.DictReader(io.StringIO(files["data/strata.csv"].decode())):
            left[line["stratum"], line["row"], line["column"]] = float(line["n_joint"])
    for name, turned in (("left", False), ("right", True)):
        for line in csv.DictReader(io.StringIO(files[f"data/{name}.csv"].decode())):
            pair = (line["outcome"], line["given"]) if turned else (line["given"], line["outcome"])
            if line["state"] == "withheld_rest" and strata == ("",):  # all published units of its row
                left["", *pair] = float(line["n_given"])
    said = [*_of_counts(counts, classes), *_of_panels(files, classes), *_of_strata(files, classes)]
    said += _of_report(files, classes)
    panel = csv.DictReader(io.StringIO(files["data/left.csv"].decode()))
    hidden = tuple((line["given"], line["outcome"]) for line in panel if line["state"] == "withheld")
    return Read(classes, left, hidden, tuple(said))


def _form(classes: tuple[tuple[str, str, str], ...], stratum: str = "", row: str = "", column: str = "") -> Form:
    asked = (stratum, row, column)
    return frozenset(
        one for one in classes if all(not want or want == have for want, have in zip(asked, one, strict=True))
    )


def _numbers(line: Mapping[str, str], *names: str) -> list[float | None]:
    return [float(line[name]) if line.get(name) else None for name in names]


def _of_counts(lines: list[dict[str, str]], classes: tuple[tuple[str, str, str], ...]) -> Iterator[Statement]:
    for line in lines:
        joint, n_row, n_column, n, expected = _numbers(line, "n_joint", "n_row", "n_column", "n_units", "expected")
        row, column = line["row"], line["column"]
        forms = (
            _form(classes, "", row, column),
            _form(classes, "", row),
            _form(classes, "", "", column),
            _form(classes),
        )
        for form, value in zip(forms, (joint, n_row, n_column, n), strict=True):
            if value is not None:
                yield Statement(form, value, "counts.csv")
        if expected and n_column and n:
            yield Statement(forms[1], expected * n / n_column, "expected counts")
        if expected and n_row and n:
            yield Statement(forms[2], expected * n / n_row, "expected counts")
        if expected and n_row and n_column:
            yield Statement(forms[3], n_row * n_column / expected, "expected counts")


def _of_panels(files: Mapping[str, bytes], classes: tuple[tuple[str, str, str], ...]) -> Iterator[Statement]:
    for name, turned in (("left", False), ("right", True)):
        for line in csv.DictReader(io.StringIO(files[f"data/{name}.csv"].decode())):
            row, column = (line["outcome"], line["given"]) if turned else (line["given"], line["outcome"])
            joint, n_given, n_outcome, n = _numbers(line, "n_joint", "n_given", "n_outcome", "n_units")
            value, baseline = _numbers(line, "value", "baseline")
            of_given, of_outcome = _form(classes, "", row), _form(classes, "", "", column)
            of_given, of_outcome = (of_outcome, of_given) if turned else (of_given, of_outcome)
            for form, found in ((of_given, n_given), (of_outcome, n_outcome), (_form(classes), n)):
                if found is not None:
                    yield Statement(form, found, f"{name}.csv")
            if joint is not None:
                yield Statement(_form(classes, "", row, column), joint, f"{name}.csv")
            if value and joint:
                yield Statement(of_given, joint / value, f"shares of {name}.csv")
            if baseline and n_outcome:
                yield Statement(_form(classes), n_outcome / baseline, f"base rates of {name}.csv")


def _of_strata(files: Mapping[str, bytes], classes: tuple[tuple[str, str, str], ...]) -> Iterator[Statement]:
    for line in csv.DictReader(io.StringIO(files.get("data/strata.csv", b"").decode())):
        yield Statement(_form(classes, line["stratum"]), float(line["n_units"]), "strata.csv")


def _of_report(files: Mapping[str, bytes], classes: tuple[tuple[str, str, str], ...]) -> Iterator[Statement]:
    """Yield how many units there are in all: whatever coverage, samples and findings call so."""
    for name in ("report.json", "data/statements.json"):
        for place, key, value in _walk(_json(files.get(name, b"null"))):
            all_units = key in ("n_links", "n_resolved", "n_candidates", "n_units") and ".parts." not in place
            if all_units and not re.search(r"strata|points|panels", place):
                yield Statement(_form(classes), float(value), f"{name}{place}")


_LITTLE, _HARDLY = 1e-6, 1e-3


def leaks(read: Read) -> list[Statement]:
    """Return the statements that published units alone do not explain: they say something of withheld ones.

    What was solved for and is no whole number mixes numbers of both kinds, and is left out.
    """
    found = []
    for said in read.statements:
        explained = sum(read.left[one] for one in said.form)
        is_whole = abs(said.value - round(said.value)) < _HARDLY
        if is_whole and abs(said.value - explained) > _LITTLE * max(1.0, explained):
            found.append(said)
    return found


def ranges(read: Read, minimum: int, n_all: int | None = None) -> dict[tuple[str, str], tuple[float, float]]:
    """Return the least and the most units that each withheld cell can have, given all that is published.

    `n_all`: how many units there are in all, if the attacker knows it from elsewhere. A withheld cell has at least one
    unit and a withheld class fewer than `minimum`; if that cannot be, one was withheld to protect another, and has more.
    """
    said = leaks(read) + ([] if n_all is None else [Statement(frozenset(read.classes), n_all, "known")])
    sums = [one.value - sum(read.left[c] for c in one.form) for one in said]
    forms = [[float(c in one.form) for c in read.classes] for one in said]
    cells = np.array([[float(c[1:] == cell) for c in read.classes] for cell in read.hidden])
    whole = {stratum for stratum, _, _ in read.classes} == {""}  # without strata a cell is one class, withheld or not
    for most in (minimum - 1.0, None):
        bounds = [(0.0, 0.0 if whole and one[1:] not in read.hidden else most) for one in read.classes]
        known = {"A_ub": -cells, "b_ub": -np.ones(len(cells)), "bounds": bounds}
        if said:
            known |= {"A_eq": np.array(forms), "b_eq": np.array(sums)}
        solved = [[linprog(sign * goal, **known) for sign in (1.0, -1.0)] for goal in cells]
        if all(one.status != 2 for both in solved for one in both):  # 2: there is no such table
            break
    ends = [[sign * one.fun if one.status == 0 else sign * -np.inf for sign, one in zip((1.0, -1.0), both, strict=True)]
            for both in solved]  # fmt: skip
    return {cell: (low, high) for cell, (low, high) in zip(read.hidden, ends, strict=True)}
