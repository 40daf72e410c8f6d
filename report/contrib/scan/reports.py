"""Full reports of the first pairs: each is built from the coded columns, with the scan's groups and weights."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import formats
from ...config.names import label_of, plural_of
from ...errors import DiptychError, Note
from ...locks import TemporaryFolder
from ...manifest import NAME
from ...pipeline.build import build
from ...progress import stage, tell
from ...reuse import usual_cache
from .coding import ScanColumn
from .scanning import Scan
from .sentences import ScanWords

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "reports"
_TABLE = "pair"


@dataclass(frozen=True)
class PairReports:
    """The reports of some pairs: addresses by place of the pair, files by path on the site, and notes on failures."""

    links: Mapping[int, str]
    files: Mapping[str, bytes]
    notes: tuple[Note, ...] = ()


def build_reports(scan: Scan, words: ScanWords, frame: pd.DataFrame) -> PairReports:
    """Build a report of each pair of the ranking. A pair whose report cannot be built has none, and a note says why."""
    links: dict[int, str] = {}
    files: dict[str, bytes] = {}
    notes: list[Note] = []
    ranking = scan.ranking
    with stage("reports"), TemporaryFolder() as folder:
        for number, ranked in enumerate(ranking, start=1):
            tell(f"{number} of {len(ranking)}")
            name = _name(number, words, ranked.place)
            try:
                made = _build(scan, words, frame, ranked.place, folder / name)
            except DiptychError as error:
                told = f"no report of {_title(words, ranked.place)}: {error.messages[0]}"
                notes.append(Note("no_report", name, told))
                continue
            files |= {f"{FOLDER}/{name}/{path}": content for path, content in made.items()}
            links[ranked.place] = f"{FOLDER}/{name}/index.html"
    return PairReports(links, files, tuple(notes))


def _name(number: int, words: ScanWords, place: int) -> str:
    """Return the folder of a report: its number and the names of the columns in letters and digits."""
    names = (words.names[column] for column in words.scan.columns_of(place))
    plain = "-".join(re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:24].strip("-") for name in names)
    return f"{number:02d}-{plain}".strip("-")


def _title(words: ScanWords, place: int) -> str:
    first, second = (words.names[column] for column in words.scan.columns_of(place))
    return f"{first} and {second[:1].lower() + second[1:] if second[1:2].islower() else second}"


def _build(scan: Scan, words: ScanWords, frame: pd.DataFrame, place: int, folder: Path) -> dict[str, bytes]:
    """Return the files of the report of a pair, except its manifest."""
    path = folder.with_suffix(".yaml")
    path.write_text(
        json.dumps(pair_config(words, place), indent=2, ensure_ascii=False), encoding="utf-8"
    )  # JSON is YAML
    table = pair_table(scan, frame, place)
    build(path, folder, tables={_TABLE: table}, cache=usual_cache(), top=folder.parent)
    paths = sorted(found for found in folder.rglob("*") if found.is_file() and found != folder / NAME)
    return {found.relative_to(folder).as_posix(): found.read_bytes() for found in paths}


def pair_config(words: ScanWords, place: int) -> dict[str, Any]:
    """Return the config of the report of a pair."""
    scan = words.scan
    columns = [scan.table.columns[column] for column in scan.columns_of(place)]
    names = [words.names[column] for column in scan.columns_of(place)]
    records: dict[str, Any] = {"source": f"{_TABLE}.csv"}
    if words.given_unit is not None:
        label = label_of(words.given_unit)
        records |= {"label": label} | _plural(label)
    if scan.options.weight is not None:
        records["weight"] = "weight"
    for side, name in zip(("rows", "columns"), names, strict=True):
        records[side] = {"column": side, "label": name, "taxonomy": side} | _plural(name)
    relation: dict[str, Any] = {"records": records}
    if scan.options.group is not None:
        relation["group"] = {"columns": ["group"], "public": False}
    taxonomies = zip(("rows", "columns"), columns, strict=True)
    return {
        "version": 1,
        "report": {"title": _title(words, place), "subtitle": chosen_from(words, place)},
        "taxonomies": {side: {"categories": _categories(column)} for side, column in taxonomies},
        "relations": {_TABLE: relation},
        "outputs": ["html", "data"],
    }


def chosen_from(words: ScanWords, place: int) -> str:
    """Return the sentence on the choice of a pair, with its q over all tested pairs."""
    n = int(words.scan.is_open.sum())
    return f"Chosen from {formats.count(n)} pairs of columns; {words.q(place)} over all of them"


def _plural(label: str) -> dict[str, str]:
    several = plural_of(label)
    return {} if several is None else {"plural": several}


def _categories(column: ScanColumn) -> list[dict[str, Any]]:
    return [{"name": label, "match": [label]} for label in column.labels]


def pair_table(scan: Scan, frame: pd.DataFrame, place: int) -> pd.DataFrame:
    """Return the table of a pair: its categories in `rows` and `columns`, with the weight and the group of each row."""
    import pandas as pd  # noqa: PLC0415 - help needs none of it

    found: dict[str, object] = {}
    for side, column in zip(("rows", "columns"), scan.columns_of(place), strict=True):
        coded = scan.table.columns[column]
        labels = [*coded.labels, None]
        found[side] = pd.Series([labels[code] for code in coded.codes.tolist()], dtype="object")
    for role, name in (("weight", scan.options.weight), ("group", scan.options.group)):
        if name is not None:
            found[role] = frame[name].astype("object").reset_index(drop=True)
    return pd.DataFrame(found)
