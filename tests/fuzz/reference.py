"""What plain Python makes of the same files: the csv and json modules, sets and a Counter."""

import csv
import gzip
import io
import json
import re
import string
import sys
from collections import Counter

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Pattern = tuple[frozenset[str], frozenset[str]]


def rows_of(name: str, content: bytes) -> list[dict[str, object]]:
    """Return the rows of a file as dicts; an absent or empty value is None."""
    if name.endswith(".gz"):
        name, content = name.removesuffix(".gz"), gzip.decompress(content)
    if name.endswith(".zst"):
        name, content = name.removesuffix(".zst"), zstd.decompress(content)
    if name.endswith(".csv"):
        text = content.decode("utf-8-sig")
        header, *body = (row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row)
        assert all(len(row) == len(header) for row in body), "a row with another number of fields was taken"
        return [dict(zip(header, (field or None for field in row), strict=True)) for row in body]
    text = content.decode("utf-8")
    if name.endswith(".jsonl"):
        return [_json(line) for line in text.split("\n") if line.strip()]
    whole: list[dict[str, object]] = _json(text)
    return whole


def _json(text: str):
    """Return what JSON says; a comma before a closing bracket, which DuckDB lets pass, counts for nothing."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return json.loads(re.sub(r",(\s*[}\]])", r"\1", text))


def categories(value: object) -> frozenset[str]:
    """Return the categories of an item's labels by the rules of the config, the derived one among them."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    labels = {part.strip(string.whitespace) for one in values if one is not None for part in str(one).split("|")}
    found = {"A" for label in labels if label in ("a", "aa")}
    found |= {"B" for label in labels if re.fullmatch("b+", label)}
    return frozenset(found | {"C"} if len(found) > 1 else found)


def patterns(tables: dict[str, list[dict[str, object]]]) -> Counter[Pattern]:
    """Return how many models show each pair of category sets: their datasets', united, and their own."""
    datasets = {str(row["id"]): categories(row.get("l")) for row in tables["d"]}
    models = {str(row["id"]): categories(row.get("l")) for row in tables["m"]}
    met: dict[str, set[str]] = {}
    for row in tables["k"]:
        if str(row.get("s")) in datasets and str(row.get("t")) in models:
            met.setdefault(str(row["t"]), set()).add(str(row["s"]))
    found: Counter[Pattern] = Counter()
    for model, linked in met.items():
        given = frozenset[str]().union(*(datasets[dataset] for dataset in linked))
        found[given, models[model]] += 1
    return found
