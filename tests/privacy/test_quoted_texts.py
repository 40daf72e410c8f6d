"""Messages about texts that are too long quote no private text in a CI log; notes on hidden characters never do."""

from __future__ import annotations

import pytest

from diptych.config.loading import load_config
from diptych.errors import DataError
from diptych.foreign_text import visible
from diptych.pipeline import build
from diptych.pipeline.counting import count_all
from tests.privacy.leaks import contents, leaks

RECORDS = """\
version: 1
public: [PUBLIC]
report: {title: Answers}
taxonomy: {categories: [{name: Known, match: [known]}]}
relations:
  r: {records: {source: x.csv, rows: {column: a}, columns: {column: b}}, strata: [s]}
outputs: [html, markdown, paper, data, figures]
engine: {threads: 1, limits: 0.1}
"""
LINKS = """\
version: 1
public: [PUBLIC]
report: {title: People}
taxonomy: {}
entities:
  people: {label: Person, source: x.csv, id: s, labels: a}
  places: {label: Place, source: y.csv, id: s, labels: b}
relations:
  r: {links: {from: {entity: people, column: place}, to: {entity: places}}}
engine: {threads: 1, limits: 0.1}
"""
NAME = "Wilhelmina"
LONG = NAME * 20


def write(folder, config, public, rows):
    (folder / "x.csv").write_text("a,b,s,place\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    (folder / "y.csv").write_text("s,b\nq,known\n", encoding="utf-8")
    (folder / "config.yaml").write_text(config.replace("PUBLIC", public), encoding="utf-8")
    return folder / "config.yaml"


def message_of(config):
    with pytest.raises(DataError) as found:
        count_all(load_config(config))
    return str(found.value)


CASES = {
    "label of records": (RECORDS, f"{LONG},known,p,q", "row 3, column a,"),
    "level": (RECORDS, f"known,known,{LONG},q", "r: stratum"),
    "label of an entity": (LINKS, f"{LONG},known,p2,q", "row 3, column a,"),
    "id": (LINKS, f"known,known,{LONG},q", "row 3, column s,"),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("public", "ci"), [("", "true"), ("", ""), ("items, records, strata", "true")])
def test_a_long_text_is_quoted_where_nobody_else_reads_it(tmp_path, monkeypatch, name, public, ci):
    monkeypatch.setenv("CI", ci)
    config, row, place = CASES[name]
    said = message_of(write(tmp_path, config, public, ["known,known,p1,q", row]))
    assert f"{place} has a text of 200 characters, more than 100" in said
    assert (NAME in said) == (bool(public) or not ci)
    assert said.endswith("name another column or a separator, or, if that is meant, raise engine.limits")


@pytest.mark.services
@pytest.mark.slow
def test_a_private_label_with_a_hidden_character_is_in_no_published_byte(tmp_path):
    name = "Wilhelmina\u200bOosterhuis"
    rows = [f"{label},known,{s},q" for label in ("known", name) for s in "pq" for _ in "123"]
    built = build(write(tmp_path, RECORDS, "", rows), tmp_path / "site")
    (tmp_path / "x.csv").unlink()
    assert leaks([name, visible(name), *name.split("\u200b")], [*contents(tmp_path)]) == {}
    [note] = [one for one in built.notes if one.slug == "hidden_characters"]
    assert "rows: 1 label contains characters" in note.message
    assert "in x.csv, row 8" in note.message
