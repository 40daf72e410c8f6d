"""Configs and files of data with something changed at random, always the same for one seed."""

import copy
import csv
import gzip
import io
import json
import random
import re
import sys
from collections.abc import Iterator

import yaml

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CONFIG = """\
version: 1
report: {title: What goes with what, authors: [A. Author <0000-0002-1825-0097>], date: 2026-08-01}
taxonomy:
  categories: [{name: A, match: [a, aa]}, {name: B, match: b, pattern: "^b+$"}, {name: C, when_several_of: [A, B]}]
  unmatched: report
  ordered: [B, A]
entities:
  datasets: {label: Dataset, source: {path: d.csv, format: csv}, labels: {column: l, separator: "|"}, owner: o}
  models: {label: Model, source: m.csv, id: id, labels: {column: l, separator: "|"}, date: day, aliases: {m99: m1}}
relations:
  trained_on:
    label: trained on
    links: {source: k.csv, from: {entity: datasets, column: s}, to: {entity: models, column: t}}
    unit: to
    population: labelled
  owners: {shared: {key: owner, entities: [datasets, datasets]}}
panels:
  - {id: left, relation: trained_on, given: datasets, outcome: models, measure: conditional}
  - {id: right, relation: trained_on, given: models, outcome: datasets}
figures: [{id: main, panels: [left, right], scale: [0, 1]}]
inference: {level: 0.9, seed: 7, minimum_units: 2, minimum_groups: 2}
expect: {rows: {datasets: 5}, unlabelled: 0.9, unresolved: 0.9}
outputs: [data]
engine: {name: duckdb, memory: 500MB, threads: 1, limits: 0.05}
"""

PIECES = ["~", "[]", "{}", "[x]", "{a:b}", "&a!!x", "'", '"', ":", "-", "-1", "0", "1e999", "nan", "|", ">", "%", "@"]
PIECES += ["é", "2026-13-01", "(a+)+$", "[", "a(?=b)", "..", "/", "/dev/null", "k.csv", "m.csv", "*.csv", "d.parquet"]
PIECES += ["https://é.invalid:x/", "1_GB", "true", "null", "0.5", "9" * 20, "config.yaml", "\U0001f600", "\\x00", "inf"]
PIECES += ["", "{a: b}", "&a [*a]", "!!x y", ": ", "- ", "\t", "\n", "\u2028", "1 GB"]
PIECES += ["1" + "0" * 400, "a" * 5000, "a b " * 2000, "x" * 300 + ".csv"]
VALUES: list[object] = [None, True, False, [], {}, [[]], {"a": "b"}, -1, 0, 0.5, 1, 2, 3, 1e300, 10**30, float("inf")]


def config(rng: random.Random) -> str:
    """Return the config with something changed: two times in three in its text, else in what it says."""
    return _said_otherwise(rng) if rng.randrange(3) == 0 else _written_otherwise(rng)


def _written_otherwise(rng: random.Random) -> str:
    """Return the config with one or two of its words exchanged, dropped or doubled: few are YAML at all."""
    parts = re.split(r"([\w.^$+-]+|[\[\]{}:,|])", CONFIG)
    words = parts[1::2]
    for _ in range(rng.randrange(1, 3)):
        place = rng.randrange(len(words)) * 2 + 1
        parts[place] = rng.choice([rng.choice(words), rng.choice(PIECES), rng.choice(PIECES), parts[place] * 2])
    return "".join(parts)


Place = tuple[dict[object, object] | list[object], object]
"""A mapping or list, and a key or number in it."""


def _said_otherwise(rng: random.Random) -> str:
    """Return the config with one or two of its values exchanged, taken out, doubled or put elsewhere."""
    whole = yaml.safe_load(CONFIG)
    for _ in range(rng.randrange(1, 3)):
        places = list(_places(whole))
        holder, key = rng.choice(places)
        other, its_key = rng.choice(places)
        how = rng.randrange(6)
        if how == 0:
            del holder[key]
        elif how == 1 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        elif how == 2:
            holder[key] = copy.deepcopy(other[its_key])
        else:
            holder[key] = rng.choice([*VALUES, rng.choice(PIECES), rng.choice(PIECES)])
    whole.setdefault("outputs", ["data"])  # pages and papers take seconds
    return yaml.safe_dump(whole, allow_unicode=True, sort_keys=False)


def _places(value: object) -> Iterator[Place]:
    """Yield each place that holds something, however deep."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in list(inner):
        yield value, key
        yield from _places(one)


Rows = list[list[str]]


def tables(rng: random.Random) -> dict[str, Rows]:
    """Return a table of each kind with its header; a few names come twice or lead nowhere."""
    labels = ["a", "b", "a|b", "aa", "bbb", "", " a ", "other", 'qu"ote', "com,ma", "é|b", "line\nend|a"]
    datasets = [[f"d{n}", rng.choice(labels), rng.choice("uvw")] for n in range(rng.randrange(5, 30))]
    models = [[f"m{n}", rng.choice(labels), f"2026-0{rng.randrange(1, 9)}-01"] for n in range(rng.randrange(5, 30))]
    links = [[f"d{rng.randrange(31)}", f"m{rng.randrange(31)}"] for _ in range(rng.randrange(5, 80))]
    return {"d": [["id", "l", "o"], *datasets], "m": [["id", "l", "day"], *models], "k": [["s", "t"], *links]}


def as_csv(rows: Rows, end: str) -> bytes:
    """Return a table as CSV; line ends within fields are as those of rows."""
    written = io.StringIO()
    csv.writer(written, lineterminator=end).writerows([[field.replace("\n", end) for field in row] for row in rows])
    return written.getvalue().encode()


def as_json(rows: Rows, rng: random.Random, *, lines: bool) -> bytes:
    """Return a table as JSON, some labels as lists, some values absent."""
    header, *body = rows
    objects: list[dict[str, object]] = []
    for row in body:
        record: dict[str, object] = dict(zip(header, row, strict=True))
        if "l" in record and rng.random() < 0.3:
            record["l"] = rng.choice([None, str(record["l"]).split("|"), [], record["l"]])
        objects.append(record)
    if lines:
        return "".join(json.dumps(record, ensure_ascii=rng.random() < 0.5) + "\n" for record in objects).encode()
    return json.dumps(objects, ensure_ascii=False).encode()


TOKENS = [
    b",",
    b'"',
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xc3",
    b";",
    b"\t",
    b"'",
    b" ",
    b"|",
    b",,",
    b'""',
    b"\xef\xbb\xbf",
]
TOKENS += [
    b"[",
    b"]",
    b"{",
    b"}",
    b":",
    b"null",
    b"1e999",
    b"9" * 400,
    b"[" * 3000,
    b"\\u0000",
    b"\\ud800",
    b"x" * 3000,
    b"-",
]
TOKENS += [b"\n\n", b"\x1f\x8b", b"PAR1", b'",', b',"', b"\x85", b"\xe2\x80\xa8"]


def damaged(content: bytes, rng: random.Random) -> bytes:
    """Return bytes with up to four changes: pieces put in, taken out, doubled, or cut off."""
    for _ in range(rng.randrange(4)):
        start = rng.randrange(len(content) + 1)
        end = min(len(content), start + rng.choice([0, 0, 0, 1, 1, 2, 10]))
        piece = rng.choice([rng.choice(TOKENS), rng.choice(TOKENS), b"", content[start:end] * 2])
        content = content[:start] + piece + content[end:]
    return content[: rng.randrange(len(content) + 1)] if rng.random() < 0.05 else content


def packed(content: bytes, packing: str, rng: random.Random) -> bytes:
    """Return bytes packed as gz or zst, now and then damaged afterwards."""
    whole = gzip.compress(content, mtime=0) if packing == "gz" else zstd.compress(content)
    return damaged(whole, rng) if rng.random() < 0.5 else whole
