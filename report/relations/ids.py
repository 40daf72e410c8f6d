"""Ids of items: none missing, none twice, and those that look like one thing spelled in two ways."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

import narwhals as nw

from ..errors import Note
from ..sources.engine import Engine, Frame
from ..sources.expressions import stripped

_NAMED = 10
_PUNCTUATION = r"[^\pL\pN]+"


def seem_faulty(numbers: Frame, engine: Engine) -> bool:
    """Return whether `id_faults` may have anything to say of ids in their order, each `again` where as the one before.

    It is much faster: what is empty but for white space comes before "!".
    """
    odd = nw.col("again") | nw.col("id").is_null() | (nw.col("id") < "!")
    return bool(len(engine.collect(numbers.filter(odd).head(1))))


def id_faults(rows: Frame, engine: Engine, where: str, file: str) -> list[str]:
    """Return messages on rows without an id and on ids that several rows have; `raw_id` is the column."""
    raw = nw.col("raw_id")
    absent = raw.is_null() | (stripped(raw) == "")
    counts = engine.collect(
        rows.select(rows=nw.len().cast(nw.Int64), absent=absent.cast(nw.Int64).sum().cast(nw.Int64))
    )
    n_rows, n_absent = int(counts["rows"][0]), int(counts["absent"][0])
    messages = []
    if n_absent:
        messages.append(f"{where}: {file} has {n_absent:,} of {n_rows:,} rows without an id")
    repeated = rows.filter(~absent).group_by("raw_id").agg(n=nw.len().cast(nw.Int64)).filter(nw.col("n") > 1)
    found = engine.collect(repeated.sort("raw_id"))
    if len(found):
        pairs = zip(found["raw_id"].tolist()[:_NAMED], found["n"].tolist(), strict=False)
        named = ", ".join(f'"{id_}" ({n:,} rows)' for id_, n in pairs)
        rest = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
        count = "1 id" if len(found) == 1 else f"{len(found):,} ids"
        messages.append(f"{where}: {file} has {count} in more than one row: {named}{rest}; give each item one row")
    return messages


def near_ids(items: Frame, engine: Engine, name: str) -> tuple[Note, ...]:
    """Return a note if ids differ in case and punctuation alone, with their number and the first ten pairs."""
    small = nw.col("id").str.to_lowercase()
    small = small.str.replace_all("ς", "σ", literal=True)  # some engines end words as the Greeks do
    folded = items.select("id", fold=small.str.replace_all(_PUNCTUATION, ""))
    several = folded.filter(nw.col("fold") != "").group_by("fold").agg(n=nw.len()).filter(nw.col("n") > 1)
    folds = engine.collect(several.select("fold"))["fold"].tolist()
    if not folds:
        return ()
    near = engine.collect(folded.join(engine.load({"fold": folds}), on="fold", how="inner").select("id"))
    pairs = _pairs(near["id"].tolist())
    if not pairs:
        return ()
    named = ", ".join(f'"{one}" and "{other}"' for one, other in pairs[:_NAMED])
    rest = f" and {len(pairs) - _NAMED:,} more" if len(pairs) > _NAMED else ""
    count = "1 pair of ids is" if len(pairs) == 1 else f"{len(pairs):,} pairs of ids are"
    message = (
        f"{name}: {count} equal up to case and punctuation: {named}{rest}; join those that are one thing (aliases)"
    )
    return (Note("near_ids", name, message),)


def _pairs(ids: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of ids that fold to the same text, sorted.

    >>> _pairs(["ImageNet-1k", "imagenet1k", "v1.0", "v10"])
    [('ImageNet-1k', 'imagenet1k')]
    """
    groups: dict[str, list[str]] = {}
    for id_ in sorted(ids):
        groups.setdefault(_fold(id_), []).append(id_)
    return sorted(pair for group in groups.values() for pair in combinations(group, 2))


def _fold(id_: str) -> str:
    """Return an id without case and punctuation, but for what stands between two digits: 1.0 is not 10."""
    small = re.sub(r"(?<=\d)[\W_]+(?=\d)", ".", id_.lower())
    return re.sub(r"(?<!\d)[\W_]+|[\W_]+(?!\d)", "", small)
