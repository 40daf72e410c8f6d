"""Tables as people have them, through whole builds: each is read as pandas reads it, or refused with the line that would."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import diptych
from diptych.cache import Cache
from diptych.pipeline import build

CONFIG = """\
version: 1
report: {title: T}
relations:
  r:
    records:
      source: SOURCE
      rows: {column: COLUMN, HOW, label: Language}
      columns: {column: job}
outputs: [data]
"""
PLAIN = 'separator: "|"'

LANGUAGES = [["Python", "R"], ["R"], ["Python"], [], ["R", "Größe"], ["Python"]]
JOBS = ["clerk", "cook", "cook", "clerk", "clerk", "cook"]


def write(folder: Path, source: str, how: str = PLAIN, column: str = "languages") -> Path:
    (folder / "config.yaml").write_text(CONFIG.replace("SOURCE", source).replace("HOW", how).replace("COLUMN", column))
    return folder / "config.yaml"


def frame(form="|".join):
    return pd.DataFrame({"languages": [form(labels) for labels in LANGUAGES], "job": JOBS, "n": [1, 2, None, 4, 5, 6]})


def expected(languages=LANGUAGES):
    pairs = pd.DataFrame({"language": languages, "job": JOBS}).explode("language").dropna()
    return pairs.groupby(["language", "job"]).size().to_dict()


def built(config: Path) -> dict[tuple[str, str], int]:
    diptych.build(config, config.parent / "site")
    cells = pd.read_csv(config.parent / "site/data/left.csv", keep_default_na=False)
    return {(c.given, c.outcome): int(c.n_joint) for c in cells.itertuples() if int(c.n_joint)}


def lists(form=list, none=None):
    rows = [
        {"languages": form(labels), "job": job, "n": n}
        for n, (labels, job) in enumerate(zip(LANGUAGES, JOBS, strict=False))
    ]
    rows[3] |= {"languages": none, "n": None}
    return rows


JSON = {
    "lists, with nulls": (lists(), 'separator: "|"', "languages"),
    "lists of lists": (lists(lambda labels: [[label] for label in labels]), "separator: list", "languages"),
    "lists with nulls in them": (lists(lambda labels: [*labels, None]), 'separator: "|"', "languages"),
}


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("name", JSON)
def test_json(name, lines, tmp_path):
    rows, how, column = JSON[name]
    text = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows)
    (tmp_path / "t.json").write_text(text)
    form = "{path: t.json, format: jsonl}" if lines else "t.json"
    assert built(write(tmp_path, form, how, column)) == expected()


TEXTS = {
    "lists of Python": (repr, "separator: list"),
    "lists of JSON": (json.dumps, "separator: list"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_lists_as_text(name, tmp_path):
    form, how = TEXTS[name]
    frame(form).to_csv(tmp_path / "t.csv", index=False)
    assert built(write(tmp_path, "t.csv", how)) == expected()


TOGETHER = """\
version: 1
report: {title: T}
taxonomy: {}
entities: {items: {label: Languages, source: t.csv, id: id, labels: {column: languages, separator: "|"}}}
relations: {r: {shared: {key: id, entities: [items, items]}}}
outputs: [data]
"""


def test_labels_of_one_column_with_each_other(tmp_path):
    """By the lines that the message gives where one column stands on both sides."""
    (tmp_path / "config.yaml").write_text(TOGETHER)
    frame().rename_axis("id").to_csv(tmp_path / "t.csv")
    pairs = pd.DataFrame({"language": LANGUAGES}).explode("language").dropna().rename_axis("id").reset_index()
    both = pairs.merge(pairs, on="id", suffixes=("", "_other"))
    expected = both.groupby(["language", "language_other"]).size().to_dict()
    assert built(tmp_path / "config.yaml") == expected


def test_text_that_no_line_of_the_config_names_is_said_not_to_be_read(tmp_path, monkeypatch):
    config = write(tmp_path, "t.csv")
    frame().to_csv(tmp_path / "t.csv", index=False)
    monkeypatch.chdir(tmp_path)
    cache = Cache(tmp_path / "cache")
    assert build(config, Path("site"), cache=cache).notes == ()
    (tmp_path / "text").mkdir()
    (tmp_path / "text/readme.md").write_text("Of another program.\n")
    assert build(config, Path("site"), cache=cache).notes == ()
    (tmp_path / "text/coverage.md").write_text("Languages and jobs.\n")
    for _ in range(2):
        notes = build(config, Path("site"), cache=cache).notes
        assert [note.message for note in notes] == [
            "text/coverage.md is not read: the config has no line text: {folder: text/}"
        ]
