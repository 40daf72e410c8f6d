"""Groups by a column of several values: connected components against a search by hand, intervals, and what is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import diptych
from diptych.errors import DiptychError
from diptych.pipeline import check

RECORDS = """\
version: 1
report: {title: T}
relations:
  papers:
    records: {source: SOURCE, label: paper, rows: {column: field, label: Field}, columns: {column: kind, label: Kind}}
    GROUP
outputs: [data, markdown]
"""
LINKS = """\
version: 1
report: {title: T}
taxonomy: {}
entities:
  papers: {label: Paper, source: p.json, labels: field}
  labs: {label: Lab, source: l.csv, labels: kind}
relations:
  made: {links: {source: k.csv, from: {entity: papers, column: p}, to: {entity: labs, column: l}}, unit: from, GROUP}
outputs: [data]
"""


def components(authors):
    """Join sets that share a member, one after the other, until none do; return the place of each in the result."""
    joined: list[set[str]] = []
    for own in map(set, authors):
        apart = [one for one in joined if not one & own]
        joined = [*apart, own.union(*(one for one in joined if one & own))]
    return [next(place for place, one in enumerate(joined) if one & set(own)) for own in authors]


@pytest.fixture
def papers():
    random = np.random.default_rng(7)
    authors = [[f"a{n}" for n in sorted(random.choice(120, random.integers(1, 3), replace=False))] for _ in range(90)]
    authors[5] = authors[6] = ["(none)"]
    fields, kinds = random.choice(["x", "y"], 90), random.choice(["u", "v", "w"], 90)
    return authors, fields.tolist(), kinds.tolist()


def save(folder: Path, papers, groups) -> None:
    """Write tables with the authors of papers in a text, in a list, and with the component that each belongs to."""
    authors, fields, kinds = papers
    with (folder / "t.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["field", "kind", "authors", "component"])
        for names, field, kind, group in zip(authors, fields, kinds, groups, strict=True):
            writer.writerow([field, kind, "" if names == ["(none)"] else "; ".join(names), f"g{group}"])
    rows = [
        {
            "id": n,
            "field": field,
            "kind": kind,
            "authors": [] if names == ["(none)"] else names,
            "component": f"g{group}",
        }
        for n, (names, field, kind, group) in enumerate(zip(authors, fields, kinds, groups, strict=True))
    ]
    (folder / "p.json").write_text(json.dumps(rows))
    (folder / "l.csv").write_text("id,kind\n" + "".join(f"{kind},{kind}\n" for kind in ("u", "v", "w")))
    (folder / "k.csv").write_text("p,l\n" + "".join(f"{n},{kind}\n" for n, kind in enumerate(kinds)))


def built(folder: Path, config: str) -> bytes:
    (folder / "config.yaml").write_text(config)
    diptych.build(folder / "config.yaml", folder / "site")
    return (folder / "site/data/left.csv").read_bytes()


FORMS = {
    "text": (RECORDS.replace("SOURCE", "t.csv"), 'group: authors\n    group_separator: ";"', "group: component"),
    "list": (RECORDS.replace("SOURCE", "p.json"), "group: authors\n    group_separator: list", "group: component"),
    "items": (LINKS, "group: authors, group_separator: list", "group: component"),
}


@pytest.mark.parametrize("form", FORMS)
def test_intervals_are_those_of_the_components(form, papers, tmp_path):
    config, several, one = FORMS[form]
    groups = components(papers[0])
    assert 5 < len(set(groups)) < 70
    save(tmp_path, papers, groups)
    assert built(tmp_path, config.replace("GROUP", several)) == built(tmp_path, config.replace("GROUP", one))


def test_a_warning_where_one_component_holds_most(tmp_path):
    (tmp_path / "t.csv").write_text("field,kind,authors\nx,u,a;b\ny,u,b;c\nx,v,c;d\ny,v,d\nx,u,e\ny,v,f\n")
    (tmp_path / "config.yaml").write_text(RECORDS.replace("SOURCE", "t.csv").replace("GROUP", FORMS["text"][1]))
    found = diptych.build(tmp_path / "config.yaml", tmp_path / "site")
    assert [note.message for note in found.notes] == [
        (
            "papers: 4 of 6 papers are one group, of 3: shared values of authors tie them together; little can be told with "
            "most in one group, so group by what fewer share"
        )
    ]


BAD = {
    "two columns": (
        "group: [authors, kind]\n    group_separator: ;",
        "config.yaml:7:5: relations.papers.group_separator: splits the values of one column, and group has 2",
    ),
    "no group": (
        "group_separator: ;",
        "config.yaml:6:5: relations.papers.group_separator: splits the values of one column, and there is no group",
    ),
    "no lists": (
        "group: authors\n    group_separator: list",
        'relations.papers.group_separator: 1 of 2 distinct fields contain no list: "a; b"',
    ),
    "no column": (
        "group: autors\n    group_separator: ;",
        (
            'relations.papers (group, strata): t.csv has no column "autors"; it has field, kind, authors (did you mean '
            '"authors"?)'
        ),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_the_whole_message(name, tmp_path, monkeypatch):
    group, message = BAD[name]
    (tmp_path / "config.yaml").write_text(RECORDS.replace("SOURCE", "t.csv").replace("GROUP", group))
    (tmp_path / "t.csv").write_text("field,kind,authors\nx,u,a; b\ny,v,[a]\ny,v,\n".replace("[a]", '"[""a""]"'))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(Path("config.yaml"))
    assert str(caught.value) == message
