"""A small project, and what may happen to it from one week to the next."""

from collections.abc import Mapping
from pathlib import Path

CONFIG = """\
version: 1
report: {title: Small, date: data}
taxonomy:
  categories:
    - {name: A, match: a}
    - {name: B, match: b}
entities:
  datasets: {label: Dataset, source: d.csv, labels: {column: l, separator: "|"}}
  models: {label: Model, source: m.csv, labels: {column: l, separator: "|"}, date: created}
relations:
  trained_on:
    links: {source: k.csv, from: {entity: datasets, column: s}, to: {entity: models, column: t}}
text: {folder: text/}
outputs: [html, data]
"""

CLAIM = '\n{% claim left["A","A"] < left["B","B"] %}B keeps to itself more.{% endclaim %}\n'
"""So in the beginning: 18 of 21 models against 20 of 20."""

FALSE_CLAIM = 'claim is false: left["A","A"] < left["B","B"] (0.86 < 0.50)'
"""What becomes of it with `MORE_MODELS`."""

DATASETS = "id,l\nd1,a\nd2,b\n"
MODELS = "id,l,created\n" + "".join(f"m{n},{'a' if n < 18 else 'b'},2026-01-0{n % 9 + 1}\n" for n in range(41))
LINKS = "s,t\n" + "".join(f"{'d1' if n < 21 else 'd2'},m{n}\n" for n in range(41))

MORE_MODELS = {
    "m.csv": MODELS + "".join(f"x{n},a,2026-02-01\n" for n in range(20)),
    "k.csv": LINKS + "".join(f"d2,x{n}\n" for n in range(20)),
}
"""20 more models of A, trained on data of B."""


FILES = {"config.yaml": CONFIG, "d.csv": DATASETS, "m.csv": MODELS, "k.csv": LINKS, "text/coverage.md": CLAIM}


def write(folder: Path, content: Mapping[str, str]) -> Path:
    """Write files into a folder."""
    for name, text in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return folder
