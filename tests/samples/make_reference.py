"""Trim the founding reference tables to what sample 1 needs: `python tests/samples/make_reference.py FOLDER`.

FOLDER holds the reference's entities.csv and links.csv, which are not part of this repository. What is written
(models.csv.gz, datasets.csv.gz) is, and the README beside it says what stands where and why. The same tables give
the same bytes.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
LINKS = HERE.parents[1] / "data" / "catalogue" / "links.csv"
LETTERS = ("XNLI", "VDRMultilingualRetrieval")
"""Names that the reference read as sets of letters: one module of mteb writes `set("XNLI")`, another the like."""


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def dropped(resolved: pd.DataFrame, known: set[str]) -> pd.DataFrame:
    """Return the mentions (source, target) of mteb that the reference tables leave out, as it counted them.

    Its tables hold only names that it found among mteb's own, whatever their case. The others are taken from this
    repository's table of links, which was read from the same wheel and keeps them.
    """
    links = read(LINKS)
    own = links[(links["relation"] == "trained_on") & (links["package"] == "mteb")]
    found = set(zip(resolved["source"].str.lower(), resolved["target"], strict=True))
    pairs = zip(own["source"], own["target"], strict=True)
    left = [(source, target) for source, target in pairs if (source.lower(), target) not in found]
    mentions = [(letter, target) for source, target in left for letter in _as_read(source)]
    return pd.DataFrame(
        # A name that another package's dataset bears was looked for among mteb's only.
        [(f"mteb:{source}" if source in known else source, target) for source, target in mentions],
        columns=["source", "target"],
    )


def _as_read(source: str) -> list[str]:
    return sorted(set(source)) if source in LETTERS else [source]


def main(folder: Path) -> None:
    entities, links = read(folder / "entities.csv"), read(folder / "links.csv")
    models, datasets = (entities[entities["kind"] == kind] for kind in ("model", "dataset"))
    resolved = links[links["relation"] == "trained_on"][["source", "target"]]
    named = pd.concat([resolved, dropped(resolved, set(datasets["id"]))])
    if named["source"].str.contains("|", regex=False).any():
        raise SystemExit("a name holds the separator |")
    lists = named.sort_values(["target", "source"]).groupby("target")["source"].agg("|".join)
    models = models.assign(trained_on=models["id"].map(lists).fillna(""))
    write(models[["id", "categories", "via", "author", "date", "trained_on"]], HERE / "models.csv.gz")
    write(datasets[["id", "categories"]], HERE / "datasets.csv.gz")


def write(table: pd.DataFrame, path: Path) -> None:
    text = table.sort_values("id").to_csv(index=False, lineterminator="\n")
    path.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
