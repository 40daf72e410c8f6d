"""A config with every form of relation over made-up data: hostile names, empty and absent fields, duplicates, weights."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import duckdb

N_TOPICS = 130
"""Categories of the wide taxonomy: three words of a mask."""

LABELS = ["a", "b|", "\\Eb", "c(", "d.", "$1", "%", "{}", "é", "İ", "unknown", " spaced ", "hard\u00a0space\u00a0"]
OWNERS = ["ann", "bob", "Ünal", "x.y", "", None]
WEIGHTS = ["1", " 2.5 ", "0.0000005", "0.0000015", "+3", "1e3", "7.25", ".5", "4."]
HALVES = [1.0, 2.5, 0.0000005, 0.0000015, 0.0000025, 3.0, 1000.0]
"""Of a millionth, which is what counts of a weight: halves are rounded up, whatever the engine."""

_NEAR = ["Near-Id", "near_id", "ΑΣ", "ας", "İd", "id"]

CONFIG = f"""
version: 1
report: {{title: Generated}}
taxonomies:
  few:
    categories:
      - {{name: A, match: [a, " spaced "]}}
      - {{name: B, match: ["b|", 'b', '\\Eb']}}
      - {{name: C, match: ["c(", "d.", "$1"]}}
      - {{name: D, pattern: "[%é]"}}
      - {{name: Several, when_several_of: [A, B, C], replaces: true}}
      - {{name: Never, match: never}}
  some:
    categories:
      - {{name: Low, pattern: "^t.$"}}
      - {{name: Middle, pattern: "^t[1-8].$"}}
      - {{name: High, pattern: "^t(9.|...)$"}}
  many:
    categories: [{", ".join(f"{{name: T{n}, match: t{n}}}" for n in range(N_TOPICS))}]
entities:
  datasets:
    label: Dataset
    source: datasets.jsonl
    id: name
    labels: [{{column: tags, prefix: "task:"}}, {{column: further, separator: "|"}}]
    taxonomy: few
    owner: owner
    country: country
    date: day
    aliases: {{d-one: "d 1", D2: "d 2"}}
  models:
    label: Model
    source: models/*.parquet
    labels: topics
    taxonomy: some
    owner: owner
    country: country
    size: size
    date: made
  weighted: {{label: Model, source: models/*.parquet, labels: topics, taxonomy: many, owner: owner, size: size, weight: used}}
relations:
  by_to:
    links:
      source: &table links.csv
      from: &from {{entity: datasets, column: source}}
      to: {{entity: weighted, column: target}}
      where: &where {{how: [trained, null]}}
    group: [owner]
    strata: [size]
  by_from:
    links: {{source: *table, from: *from, to: &to {{entity: models, column: target}}, where: *where}}
    unit: from
    population: labelled
    strata: [country]
  by_link:
    links: {{source: *table, from: *from, to: *to, weight: w}}
    unit: link
    group: [via]
    strata: [via, owner]
  listed:
    links:
      from: {{entity: datasets}}
      to: {{entity: models, column: trained_on, prefix: "dataset:"}}
    strata: [owner]
  either: {{shared: {{key: owner, entities: [datasets, models]}}, strata: [activity], group: [country]}}
  both: {{shared: {{key: owner, entities: [datasets, models]}}, population: both}}
  survey:
    records:
      source: answers.csv
      rows: {{column: skills, separator: ".*", taxonomy: few}}
      columns: {{column: topics, separator: "|", taxonomy: some}}
      where: {{kind: [yes, "", null]}}
      weight: w
    group: [place]
    strata: [place, kind]
  lists:
    records:
      source: answers.jsonl
      rows: {{column: skills, taxonomy: few}}
      columns: {{column: topics, taxonomy: some, label: Topic}}
"""


def write_generated(folder: Path) -> Path:
    """Write the config and its data into a folder; return the config."""
    chance = random.Random(20)  # noqa: S311 - made-up data
    datasets, models = _datasets(chance), _models(chance, folder)
    (folder / "datasets.jsonl").write_text("\n".join(map(json.dumps, datasets)), encoding="utf-8")
    names = [row["name"] for row in datasets] + ["d-one", "gone", "", "d 1 "]
    ends = {"source": names, "target": [*models, "nowhere", ""]}
    links = ends | {"how": ["trained", "tested", ""], "via": ["p", "q · r", ""], "w": WEIGHTS}
    rows = [[chance.choice(values) for values in links.values()] for _ in range(500)]
    _write_csv(folder / "links.csv", list(links), [*rows, *rows[:50]])
    _write_csv(folder / "answers.csv", ["skills", "topics", "kind", "place", "w"], _answers(chance))
    lists = [{"skills": _some(chance, LABELS), "topics": _topics(chance)} for _ in range(60)]
    lists += [{"skills": ["a, b"], "topics": ["t1"]}, {"skills": ["a", " b"], "topics": ["t1"]}, {"skills": None}]
    (folder / "answers.jsonl").write_text("\n".join(map(json.dumps, lists)), encoding="utf-8")
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    return folder / "config.yaml"


def _datasets(chance: random.Random) -> list[dict]:
    names = [f"d {n}" for n in range(60)] + ['q"uote', "com,ma", "back\\slash", "new\nline", *_NEAR]
    return [
        {
            "name": name,
            "tags": chance.choice([None, [], [f"task:{label}" for label in _some(chance, LABELS)] + ["a", "task:"]]),
            "further": chance.choice([None, "", "|".join(_some(chance, ["a", "b", "c(", " ", ""]))]),
            "owner": chance.choice(OWNERS),
            "country": "Land",
            "day": chance.choice([None, "2020", "2021-02-03", "soon", "2020\n"]),
        }
        for name in [*names, "d-one"]
    ]


def _models(chance: random.Random, folder: Path) -> list[str]:
    (folder / "models").mkdir()
    names = [f"m{n}" for n in range(200)]
    rows = [
        {
            "id": name,
            "topics": _topics(chance),
            "trained_on": chance.choice([None, [f"dataset:d {chance.randrange(70)}" for _ in range(3)] + ["d 1"]]),
            "owner": chance.choice(OWNERS),
            "country": "Land",
            "size": chance.choice([None, 1e-7, 0.00002, 1.5, 2.0, 1e7, 123456789.25, 1e20]),
            "made": f"2020-01-{chance.randrange(1, 29):02} 10:20:30{chance.choice(['', '.5', '.00025'])}",
            "used": chance.choice(HALVES),
        }
        for name in names
    ]
    types = "id: 'varchar', topics: 'varchar[]', trained_on: 'varchar[]', owner: 'varchar', country: 'varchar', "
    types += "size: 'double', made: 'timestamp', used: 'double'"
    for part, some in enumerate((rows[:150], rows[150:])):
        path = folder / f"rows{part}.json"
        path.write_text(json.dumps(some), encoding="utf-8")
        duckdb.sql(f"from read_json('{path}', columns = {{{types}}})").write_parquet(f"{folder}/models/{part}.parquet")
    return names


def _answers(chance: random.Random) -> list[list[str]]:
    others = {"kind": ["yes", "no", ""], "place": ["here", "there", ""], "w": WEIGHTS}
    rows = []
    for _ in range(150):
        fields = [".*".join(_some(chance, ["a", "b", "c(", "d.", "é", "no"])), "|".join(_topics(chance) or [])]
        rows.append([*fields, *(chance.choice(values) for values in others.values())])
    return [*rows, *rows[:70]]


def _topics(chance: random.Random) -> list[str] | None:
    return chance.choice([None, *([f"t{chance.randrange(N_TOPICS + 5)}" for _ in range(n)] for n in (1, 2, 3, 5))])


def _some(chance: random.Random, values: list[str]) -> list[str]:
    return [chance.choice(values) for _ in range(chance.randrange(4))]


def _write_csv(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
