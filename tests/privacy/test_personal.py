"""Columns that look personal are warned of, and no column of the public tables is."""

from __future__ import annotations

import csv
import gzip
from io import StringIO
from pathlib import Path

import pytest
from sklearn import datasets as sklearn_datasets
from statsmodels import datasets as statsmodels_datasets

from diptych.config.loading import load_text
from diptych.pipeline.personal import personal_columns
from diptych.sources import EngineSettings
from diptych.sources.located import open_engine
from diptych.sources.personal import SAMPLED, looks_personal

ROOT = Path(__file__).parents[2]

PERSONAL = (
    ("contact", ["a.b@x.example", "B+c@corp.example.org", "jürgen@weiß.example"], "e-mail addresses"),
    ("who", ["Ann <ann@x.example>", "Bob <bob@x.example>", "nobody", "Cy <cy@x.example>"], "e-mail addresses"),
    ("tel", ["+44 20 7946 0958", "+1 202-555-0143", "+49 (30) 901820"], "telephone numbers"),
    ("Mobile No", ["07700 900123", "07700 900456", "07700900789"], "telephone numbers"),
    ("a", ["(030) 901820", "(040) 428990", "(089) 233000"], "telephone numbers"),
    ("src", ["192.0.2.1", "198.51.100.7", "2001:db8::1"], "IP addresses"),
    ("account", ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "FR1420041010050500013M02606"], "bank accounts"),
    ("pan", ["4111 1111 1111 1111", "5500005555555559", "340000000000009"], "payment cards"),
    ("x", ["219-09-9999", "078-05-1120", "457-55-5462"], "national identity numbers"),
    ("Codice Fiscale", ["RSSMRA85T10A562S", "VRDLGI80A01F205X", "BNCGNN70C15H501Z"], "national identity numbers"),
    ("date_of_birth", ["1980-02-29", "1975-12-01", "2001-07-04"], "dates of birth"),
    ("Geburtsdatum", ["29.02.1980", "01.12.1975", "04.07.2001"], "dates of birth"),
    ("lastName", ["Smith", "O'Brien", "Nguyen"], "names of people"),
    ("Prénom", ["Zoé", "Amélie", "Jean-Luc"], "names of people"),
    ("apellidos", ["García Márquez", "Ortega", "Núñez"], "names of people"),
    ("nazwisko", ["Kowalska", "Nowak", "Wiśniewski"], "names of people"),
    ("姓名", ["王芳", "李伟", "张敏"], "names of people"),
    ("PatientID", ["17", "18", "19"], "ids of people"),
    ("customer no", ["A-17", "A-18", "A-19"], "ids of people"),
    ("Latitude", ["52.51627", "48.20849", "-33.86882"], "precise coordinates"),
    ("where", ["52.51627, 13.37772", "48.20849, 16.37208", "51.50074, -0.12462"], "precise coordinates"),
    ("home address", ["10 Downing Street", "221B Baker Street", "4 Privet Drive"], "addresses"),
    ("remarks", [f"I have been ill since the spring of {year} and nobody has asked why" for year in range(1990, 2010)], "free text"),
)  # fmt: skip
HARMLESS = (
    ("species", ["Adelie", "Gentoo", "Chinstrap"]),
    ("name", ["Luke Skywalker", "Leia Organa", "Han Solo"]),
    ("storm", ["Amy", "Caroline", "Doris"]),
    ("date", ["1980-02-29", "1975-12-01", "2001-07-04"]),
    ("version", ["1.2.3", "1.2.4", "2.0.0"]),
    ("n", ["4111111111111112", "12345678", "20210101"]),
    ("weight", ["52.51627", "48.20849", "33.86882"]),
    ("zip", ["10115", "20095", "80331"]),
    ("doi", ["10.1000/182", "10.1000/183", "10.1000/184"]),
    ("phase", ["0 - 10", "10 - 20", "20 - 30"]),
    ("email", ["yes", "no", "unknown"]),
    ("question", ["Do you think that the owner of a dog should pay a tax for it?"] * 30),
)


@pytest.mark.parametrize(("name", "values", "what"), PERSONAL, ids=lambda one: one if isinstance(one, str) else "")
def test_personal_values_are_known(name, values, what):
    assert looks_personal(name, values) == what


@pytest.mark.parametrize(("name", "values"), HARMLESS)
def test_other_values_are_not_taken_for_personal(name, values):
    assert looks_personal(name, values) is None


def table_columns(path):
    """Yield the columns of a CSV file as text."""
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text("utf-8")
    rows = [row for row, _ in zip(csv.DictReader(StringIO(text)), range(SAMPLED), strict=False)]
    for name in rows[0] if rows else ():
        yield name, [row[name] for row in rows if isinstance(row[name], str)]


TABLES = sorted(
    path
    for folder in ("tests/public/tables", "examples", "data")
    for path in ROOT.joinpath(folder).rglob("*.csv*")
    if path.name.endswith((".csv", ".csv.gz"))
)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_no_public_table_of_the_project_gives_a_false_alarm(path):
    assert {name: what for name, values in table_columns(path) if (what := looks_personal(name, values))} == {}


STATSMODELS = [
    "anes96",
    "fair",
    "randhie",
    "scotland",
    "spector",
    "star98",
    "statecrime",
    "heart",
    "ccard",
    "china_smoking",
]
SKLEARN = ["load_iris", "load_wine", "load_diabetes", "load_breast_cancer", "load_linnerud"]


def test_no_table_of_packages_gives_a_false_alarm():
    loaded = (getattr(statsmodels_datasets, name).load_pandas().data for name in STATSMODELS)
    frames = [*loaded, *(getattr(sklearn_datasets, name)(as_frame=True).frame for name in SKLEARN)]
    columns = [(str(name), frame[name]) for frame in frames for name in frame.columns]
    assert len(columns) > 100
    found = {n: what for n, c in columns if (what := looks_personal(n, [str(v) for v in c.dropna().head(SAMPLED)]))}
    assert found == {}


CONFIG = """version: 1
{public}
report: {{title: People}}
entities:
  people: {{label: Person, source: people.csv, labels: skill}}
  courses: {{label: Course, source: courses.csv, labels: kind}}
taxonomies:
  people: {{categories: [{{name: A, match: a}}]}}
  default: {{}}
relations:
  survey:
    records: {{source: people.csv, rows: {{column: skill}}, columns: {{column: {column}}}}}
    group: [email]
    strata: [born]
  owned:
    shared: {{key: email, entities: [people, courses]}}
"""
GROUP = "relations.survey.group: the column email seems to contain e-mail addresses; they are not published: write public: with a list without group to confirm, or with it"
STRATA = "relations.survey.strata: the column born seems to contain dates of birth, which are published; write public: with a list without strata, or with it to confirm"
IDS = "entities.people.id: the column id seems to contain e-mail addresses, which are published; write public: with a list without items, or with it to confirm"
KEY = "relations.owned.shared.key: the column email seems to contain e-mail addresses; they are not published: write public: with a list without keys to confirm, or with it"
CATEGORIES = "relations.survey.records.columns: the column email seems to contain e-mail addresses, and each of its values is a category that the report names; choose another column or file the values under categories, or list records under public if anybody may read them"


@pytest.fixture
def warned(tmp_path):
    """Return a function that gives the warnings of a config about people."""
    people = [f"p{n}@x.example,a,e{n % 4}@x.example,19{70 + n}-01-02,b" for n in range(12)]
    (tmp_path / "people.csv").write_text("\n".join(["id,skill,email,born,job", *people]), encoding="utf-8")
    courses = [f"c{n},a,e{n % 4}@x.example" for n in range(12)]
    (tmp_path / "courses.csv").write_text("\n".join(["id,kind,email", *courses]), encoding="utf-8")

    def run(**said):
        values = {"public": "", "column": "job"}
        loaded = load_text(CONFIG.format(**values | said), tmp_path / "config.yaml")
        engine = open_engine(EngineSettings())
        try:
            return {note.message for note in personal_columns(loaded.config, engine, tmp_path)}
        finally:
            engine.close()

    return run


def test_each_column_is_warned_of_with_what_to_do(warned):
    assert warned() == {GROUP, STRATA, IDS, KEY}


@pytest.mark.parametrize("public", ["items, records, keys, group, strata", ""])
def test_what_the_config_says_ends_the_warning(warned, public):
    assert warned(public=f"public: [{public}]") == set()


def test_categories_are_published_unless_someone_says_that_they_may(warned):
    assert CATEGORIES in warned(column="email")
    assert CATEGORIES in warned(column="email", public="public: []")
    assert CATEGORIES not in warned(column="email", public="public: [records]")
