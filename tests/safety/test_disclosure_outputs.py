"""What reports with withheld cells say, in every form of relation and every output, and which configs are refused."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import diptych
from diptych.config.loading import load_config
from diptych.contrib.explain import explain
from diptych.contrib.explain.explain_text import as_data, told
from diptych.errors import ClaimError, ConfigError, DataError
from diptych.ledger import export
from diptych.pipeline.counting import count_all
from tests.programs import needs
from tests.safety.disclosure_attack import read_site, small_counts
from tests.safety.test_disclosure import MINIMUM, built, drawn_people, write
from tests.sources.engines import needs_spark
from tests.sources.same import assert_same

pytestmark = pytest.mark.slow

DISCLOSED = f"disclosure: {MINIMUM}\n"


def people_of(counts: dict[str, int]) -> list[dict[str, str]]:
    """Return people by the letters of their labels on both sides: "ns" has n on the one and s on the other."""
    pairs = [pair for pair, n in counts.items() for _ in range(n)]
    return [{"id": str(k), "one": one, "two": two, "place": "x", "house": str(k)} for k, (one, two) in enumerate(pairs)]


NEARLY_ALL = {"nn": 99, "ns": 1, "ss": 60, "se": 30, "en": 2, "ee": 50, "es": 10}
"""All but one of the North are North on the other side too; two of the East are."""


def panel_of(files: dict[str, bytes], name: str = "left") -> dict[tuple[str, str], dict[str, str]]:
    lines = csv.DictReader(io.StringIO(files[f"data/{name}.csv"].decode()))
    return {(line["given"], line["outcome"]): line for line in lines}


@pytest.fixture(scope="module")
def nearly(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("nearly")
    return built(folder, write(folder, people_of(NEARLY_ALL)))


def test_a_withheld_cell_is_neither_none_nor_all(nearly):
    cells = panel_of(nearly)
    assert cells["North", "South"]["state"] == cells["East", "North"]["state"] == "withheld"
    assert cells["North", "North"]["state"] == "withheld_rest"
    assert cells["West", "West"]["state"] == "no_given"
    for pair in (("North", "South"), ("East", "North"), ("North", "North")):
        numbers = ("n_joint", "value", "low", "high", "lift", "q_value")
        assert all(not cells[pair][name] for name in numbers), cells[pair]
    assert (cells["South", "South"]["n_joint"], cells["South", "South"]["n_given"]) == ("60", "90")
    text = nearly["report.md"].decode()
    said = re.sub(r"!\[.*?\]\(.*?\)|^\|.*$", "", text, flags=re.MULTILINE)  # neither pictures nor tables
    assert not re.search(r"\b(all|none|no)\b[^.|]*\bNorth\b", said, re.IGNORECASE), said
    assert "100%" not in said.replace("\xa0", " ")


def test_the_method_and_the_key_say_so_in_words(nearly):
    text = nearly["report.md"].decode()
    assert "cells with fewer than five people are withheld" in text
    page = nearly["index.html"].decode()
    assert "withheld: too few people" in page


def test_a_claim_on_a_withheld_cell_is_undefined_and_says_why(tmp_path):
    config = write(tmp_path, people_of(NEARLY_ALL), outputs="data", extra="text: {folder: text/}")
    (tmp_path / "text").mkdir()
    asked = (
        'left["North", "South"] == 0',
        'not left["North", "South"] > 0',
        'n(left["North", "South"]) < 1',
        'highest(left, given="North") == "East"',
        'lowest(left, given="East") == "South"',
        'highest(left, given="North") == "North"',
        "covered(left) > 0.5",
    )
    lines = "\n\n".join(f"{{% claim {one} %}}Nobody.{{% endclaim %}}" for one in asked)
    (tmp_path / "text" / "coverage.md").write_text(lines + "\n")
    with pytest.raises(ClaimError) as raised:
        diptych.build(config, tmp_path / "site", cache=False)
    messages = [message for message in raised.value.messages if "coverage.md" in message]
    assert len(messages) == len(asked)
    assert all("withheld for confidentiality" in message for message in messages), messages


def test_explain_says_why_and_reads_no_unit(tmp_path):
    config = write(tmp_path, people_of(NEARLY_ALL), outputs="data")
    text = told(explain("left:North,South", config))
    assert "State: withheld (withheld for confidentiality: too few people have both categories" in text
    assert "at least 5 needed (disclosure)" in text
    for target in ("left:North,South", "left:South,East", "agreement"):
        found = json.dumps(as_data(explain(target, config)))
        assert small_counts({"explain.json": found.encode()}, MINIMUM) == []
        assert '"units": [' not in found


def test_names_that_withheld_units_alone_have_are_nowhere(tmp_path):
    frame = pd.DataFrame({"town": ["Alba"] * 40 + ["Brig"] * 30 + ["Zwirbelstadt"], "work": (["x", "y"] * 36)[:71]})
    found = diptych.report(frame, rows="town", columns="work", unit="person", disclosure=5)
    found.save(tmp_path / "site")
    files = read_site(tmp_path / "site")
    assert files
    assert [name for name, content in files.items() if b"Zwirbelstadt" in content] == []
    assert any(b"Alba" in content for content in files.values())
    entry = json.loads(files["manifest.json"])["inputs"] + json.loads(files["manifest.json"]).get("tables", [])
    assert all(one.get("rows") is None for one in entry)
    assert small_counts(files, 5) == []


def test_what_was_left_out_is_not_counted_anywhere(tmp_path):
    people = people_of(NEARLY_ALL)
    files = built(tmp_path, write(tmp_path, people))
    for name, content in files.items():
        if name.endswith((".csv", ".md")) or name in (
            "report.json",
            "data/statements.json",
            "index.html#report-readings.json",
        ):
            assert not re.search(rf"(?<![\d.]){len(people)}(?![\d.])", content.decode()), name
    assert not {"data/coverage.csv", "data/taxonomy.csv", "data/unmatched.csv"} & files.keys()


@pytest.mark.services
@needs(shutil.which("pdftotext"), "pdftotext is not installed")
def test_the_pdf_carries_what_the_site_does(tmp_path):
    config = write(tmp_path, drawn_people(4), outputs="pdf, data")
    diptych.build(config, tmp_path / "site", cache=False)
    files = read_site(tmp_path / "site")
    attached = {name: content for name, content in files.items() if "#" in name and ".pdf" in name}
    assert any(name.endswith("left.csv") for name in attached)
    renamed = {f"{place}-{name}": content for place, (name, content) in enumerate(attached.items())}
    assert small_counts(renamed, MINIMUM) == []
    text = subprocess.run(["pdftotext", tmp_path / "site" / "report.pdf", "-"], check=True, capture_output=True).stdout
    assert "withheld" in text.decode()


FORMS = """version: 1
report: {title: The same people in every form}
taxonomy: {categories: [{name: North, match: n}, {name: South, match: s}, {name: East, match: e}, {name: West, match: w}]}
entities:
  homes: {label: Home, source: homes.csv, labels: {column: label, separator: "|"}, owner: owner}
  works: {label: Work, source: works.csv, labels: {column: label, separator: "|"}, owner: owner, house: house}
relations:
  linked:
    links: {source: links.csv, from: {entity: homes, column: home}, to: {entity: works, column: work}}
    unit: to
    group: [house]
  single: {links: {source: links.csv, from: {entity: homes, column: home}, to: {entity: works, column: work}}, unit: link}
  shared: {shared: {key: owner, entities: [homes, works]}, population: both}
  itself: {shared: {key: owner, entities: [homes, homes]}}
  counted: {records: {source: counted.csv, rows: {column: one, separator: "|"}, columns: {column: two, separator: "|"}, count: n}}
  weighted:
    records: {source: people.csv, rows: {column: one, separator: "|"}, columns: {column: two, separator: "|"}, weight: weight}
    strata: [place]
"""


def write_forms(folder: Path) -> Path:
    """Write people as items that are linked, items that share a key, counted rows and weighted records."""
    people = pd.DataFrame(drawn_people(7, several=True, levels=2, n=500))
    people["weight"] = [1 + k % 7 for k in range(len(people))]
    people.to_csv(folder / "people.csv", index=False)
    for name, label in (("homes", "one"), ("works", "two")):
        items = people.rename(columns={label: "label"}).assign(owner=people["id"], id=name[0] + people["id"])
        items[["id", "label", "owner", "house", "weight"]].to_csv(folder / f"{name}.csv", index=False)
    pd.DataFrame({"home": "h" + people["id"], "work": "w" + people["id"]}).to_csv(folder / "links.csv", index=False)
    people.groupby(["one", "two"]).size().reset_index(name="n").to_csv(folder / "counted.csv", index=False)
    (folder / "config.yaml").write_text(FORMS + DISCLOSED)
    return folder / "config.yaml"


def test_every_form_of_relation(tmp_path):
    config = write_forms(tmp_path)
    relations = count_all(load_config(config)).relations
    assert len(relations) == 6
    for name, numbers in relations.items():
        own = numbers.tables.incidence
        assert MINIMUM <= own.n_units <= 500
        joint = own.row_sets.T @ (own.column_sets * own.units[:, None])
        given, outcome = own.row_sets.T @ own.units, own.column_sets.T @ own.units
        for counts in (joint, given[:, None] - joint, outcome[None, :] - joint, given, outcome, own.n_units - given):
            assert not ((counts > 0) & (counts < MINIMUM)).any(), name
        assert not any((numbers.alternatives, numbers.contributors.cells, numbers.labels))


def test_relations_that_are_read_in_parts_are_withheld_alike(tmp_path, monkeypatch):
    config = write_forms(tmp_path)
    at_once = count_all(load_config(config))
    read, parts = export._LedgerReader.read, []
    monkeypatch.setattr(export._LedgerReader, "read", lambda *of: parts.append(of[2]) or read(*of))
    monkeypatch.setattr(export, "MOST_AT_ONCE", 10)
    monkeypatch.setattr(export, "PART", 100)
    assert_same(at_once.relations, count_all(load_config(config)).relations)
    assert max(parts) >= 4


@needs_spark
def test_spark_withholds_the_same(tmp_path):
    config = write(tmp_path, drawn_people(5), "strata: [place]", outputs="data")
    by_engine = [count_all(load_config(config, engine=engine)) for engine in ("duckdb", "spark")]
    assert_same(*(one.relations for one in by_engine))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("disclosure: 2\n", "disclosure: needs a number of at least 3"),
        ("disclosure: {}\n", "disclosure: needs a whole number"),
    ],
)
def test_configs_that_cannot_be_are_refused_with_their_place(more, message, tmp_path):
    config = write(tmp_path, people_of(NEARLY_ALL), outputs="data")
    config.write_text(config.read_text().replace(DISCLOSED, more))
    with pytest.raises(ConfigError) as raised:
        load_config(config)
    assert message in str(raised.value)
    assert re.search(r"config.yaml:\d+:\d+: ", str(raised.value))


def test_published_matrices_alone_have_nothing_to_withhold(tmp_path):
    (tmp_path / "left.csv").write_text("x,A,B\nA,0.9,0.1\nB,0.2,0.8\n")
    text = "version: 1\nreport: {title: T}\nentities: {a: {}, b: {}}\ntaxonomy: {categories: [{name: A}, {name: B}]}\n"
    text += "relations: {r: {matrix: {left: left.csv}}}\npanels: [{id: left, relation: r, given: a, outcome: b}]\n"
    (tmp_path / "config.yaml").write_text(text + DISCLOSED)
    with pytest.raises(ConfigError, match="withholds counts, and published matrices have none"):
        load_config(tmp_path / "config.yaml")


def test_a_table_of_which_nothing_is_left_says_what_to_do(tmp_path):
    config = write(tmp_path, people_of({"nn": 2, "ns": 3, "ss": 1}), outputs="data")
    with pytest.raises(DataError) as raised:
        diptych.build(config, tmp_path / "site", cache=False)
    assert raised.value.messages == (
        (
            "relations.people: disclosure is 5, and no person is left once small cells are withheld: take "
            "coarser categories, leave out strata or lower disclosure"
        ),
    )
    assert not (tmp_path / "site").exists()
