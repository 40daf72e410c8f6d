"""A small project that builds, folders with a config and data, and the files of a folder."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

Content = str | bytes

CONFIG = """\
version: 1
report: {title: T}
taxonomy:
  categories: [{name: A, match: a}, {name: B, match: b}]
entities:
  datasets: {label: Dataset, source: d.csv, labels: {column: l, separator: "|"}}
  models: {label: Model, source: m.csv, labels: {column: l, separator: "|"}}
relations:
  trained_on:
    links: {source: k.csv, from: {entity: datasets, column: s}, to: {entity: models, column: t}}
"""

FILES = {
    "d.csv": "id,l,owner\nd1,a,u\nd2,b,v\nd3,a|b,w\n",
    "m.csv": "id,l,owner\nm1,a,u\nm2,b,v\nm3,b,u\n",
    "k.csv": "s,t\nd1,m1\nd2,m2\nd3,m3\nd1,m3\n",
}

LINKS = "links: {source: k.csv, from: {entity: datasets, column: s}, to: {entity: models, column: t}}"
SHARED = {LINKS: "shared: {key: owner, entities: [datasets, models]}"}
RECORDS = {LINKS: "records: {source: r.csv, rows: {column: x}, columns: {column: y}}"}
MATRIX = {
    LINKS: "matrix: {left: x.csv}\npanels:\n  - {id: left, relation: trained_on, given: datasets, outcome: models}"
}
END = "column: t}}\n"


def write_project(
    folder: Path,
    edits: Mapping[str, str] | None = None,
    files: Mapping[str, Content] | None = None,
    outputs: str | None = "[data]",
) -> Path:
    """Write the small project into a folder: its config with each old text of `edits` replaced, and `files`.

    `outputs` is what the config asks for where `edits` say nothing of it: data files unless a test is about others,
    since pages, papers and figures take most of a build; None leaves it out, which is everything.
    """
    config = CONFIG
    for old, new in (edits or {}).items():
        assert old in config, f"the config has no {old!r}"
        config = config.replace(old, new)
    if outputs is not None and "\noutputs:" not in config:
        config += f"outputs: {outputs}\n"
    for name, content in {"config.yaml": config, **FILES, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def tree(folder: Path) -> dict[str, str]:
    """Return path -> hash of every file below a folder, and path -> "" of every folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
    }
