"""The command `diptych scan`: from a file to a site."""

import csv
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from tests.contrib.scan.worlds import cut, texts

pytestmark = pytest.mark.slow

ROWS = 600


@pytest.fixture
def survey(tmp_path):
    """A survey with two pairs of associated columns, a column that determines another, an id and a constant."""
    rng = np.random.default_rng(1)
    left, mood = rng.normal(size=(2, ROWS))
    columns = {
        "id": [f"p{n}x" for n in range(ROWS)],
        "party": np.array(["Left", "Centre", "Right"])[cut(left + 0.7 * rng.normal(size=ROWS), 3)],
        "vote": np.array(["yes", "no"])[cut(left + 0.7 * rng.normal(size=ROWS), 2)],
        "sleep": np.array(["badly", "fairly well", "well"])[cut(mood + rng.normal(size=ROWS), 3)],
        "health <&>": np.array(["poor", "fair", "good"])[cut(mood + rng.normal(size=ROWS), 3)],
        "town": rng.choice(["Ayton", "Beeton", "Ceeton", "Deeton"], ROWS),
        "age": rng.integers(18, 90, ROWS),
        "year": ["2020"] * ROWS,
        "w": rng.choice([1, 2], ROWS),
        "household": np.arange(ROWS) // 2,
    }
    columns["county"] = ["North" if town in ("Ayton", "Beeton") else "South" for town in columns["town"]]
    path = tmp_path / "survey.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def test_a_site_is_written(here, survey, tmp_path):
    status, out, err = here("scan", "survey.csv", "--no-reports", "--ignore", "w,household", "--unit", "respondent")
    assert status == 0
    assert out.startswith("Of 20 pairs of columns, two are associated beyond chance, both of them clearly.\n")
    assert "  1  Party and Vote: V 0.44" in out
    assert "year is set aside: the same value in all rows" in err
    page = (tmp_path / "scan/index.html").read_text()
    for text in (
        "Which of these 7 columns belong together?",
        "600 respondents.",
        "of the respondents with Party “",
        "Town determines County",
        "id: an identifier: nearly every row has its own value",
        "Health &lt;&amp;&gt;",
        'id="pair-2"',
    ):
        assert text in page, text
    assert not re.findall(r"(?:src|href)=.https?:", page)
    with (tmp_path / "scan/scan.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows].count("clear") == 2
    assert [(row["first"], row["second"]) for row in rows if row["reason"]] == [("town", "county")]
    data = json.loads((tmp_path / "scan/scan.json").read_text())
    assert (data["tested"], data["beyond_chance"], data["clear"]) == (20, 2, 2)
    assert [(one["first"], one["second"]) for one in data["ranking"]] == [("party", "vote"), ("sleep", "health <&>")]


def test_the_same_input_gives_the_same_bytes_and_a_site_can_be_replaced(here, survey, tmp_path):
    names = ("index.html", "scan.csv", "scan.json", "manifest.json")
    arguments = ("scan", "survey.csv", "--no-reports", "--weight", "w", "--group", "household")
    assert here(*arguments)[0] == 0
    first = [(tmp_path / "scan" / name).read_bytes() for name in names]
    assert here(*arguments)[0] == 0
    assert [(tmp_path / "scan" / name).read_bytes() for name in names] == first
    assert "weighted by w (effective number 5" in first[0].decode()
    assert "clustered by household (300 clusters)" in first[0].decode()


def test_the_first_pairs_have_reports(here, survey, tmp_path):
    status, _, _ = here(
        "scan", "survey.csv", "--top", "2", "--group", "household", "--weight", "w", "--unit", "respondent"
    )
    assert status == 0
    page = (tmp_path / "scan/index.html").read_text()
    links = re.findall(r'<a href="(reports/[^"]+)">full report', page)
    assert links == ["reports/01-party-vote/index.html", "reports/02-sleep-health/index.html"]
    report = json.loads((tmp_path / "scan/reports/01-party-vote/report.json").read_text())
    assert report["title"] == "Party and vote"
    assert (
        "Chosen from 20 pairs of columns; q &lt; 0.001 over all of them" in (tmp_path / "scan" / links[0]).read_text()
    )
    manifest = json.loads((tmp_path / "scan/manifest.json").read_text())
    assert links[1] in manifest["outputs"]
    assert here("verify", "scan")[0] == 0


def test_files_are_joined_by_a_key(here, survey, tmp_path):
    lines = ["id,dog"] + [f"p{n}x,{'yes' if n % 3 else 'no'}" for n in range(ROWS)]
    (tmp_path / "dogs.csv").write_text("\n".join(lines))
    assert here("scan", "survey.csv", "dogs.csv", "--no-reports")[0] == 0
    names = [one["name"] for one in json.loads((tmp_path / "scan/scan.json").read_text())["columns"]]
    assert "dog" in names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.csv",), "nowhere.csv"),
        (("survey.csv", "--weight", "vote"), 'scan: --weight: vote is "'),
        (("survey.csv", "--adjust", "sx"), 'scan: --adjust: there is no column "sx"'),
        (("survey.csv", "other.csv"), "scan: other has no common key with the first file"),
        (("survey.csv", "-o", "mine"), "mine"),
    ],
)
def test_mistakes_get_a_message_and_write_nothing(here, survey, tmp_path, arguments, message):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n1,2\n")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/own.txt").write_text("mine")
    status, _, err = here("scan", *arguments)
    assert status in (1, 2)
    assert message in err
    assert "Traceback" not in err
    assert not (tmp_path / "scan").exists()
    assert [one.name for one in (tmp_path / "mine").iterdir()] == ["own.txt"]


def test_a_config_with_a_scan(here, survey, tmp_path):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/config.yaml").write_text(
        "version: 1\nscan: {files: ../survey.csv, ignore: [w, household], top: 1, unit: respondent}\n"
    )
    status, out, _ = here("scan", "conf/config.yaml", "--no-reports")
    assert status == 0
    assert out.startswith("Of 20 pairs of columns, two are associated")
    assert "  2  " not in out
    status, _, err = here("scan", "conf/config.yaml", "--no-reports", "--confine")
    assert (status, "leads outside" in err) == (1, True)


CONFIG = """\
version: 1
report: {title: Party and vote}
taxonomies:
  rows: {categories: [{name: Left, match: Left}, {name: Centre, match: Centre}, {name: Right, match: Right}]}
  columns: {categories: [{name: Yes, match: "yes"}, {name: No, match: "no"}]}
relations:
  answers:
    records:
      source: survey.csv
      rows: {column: party, taxonomy: rows}
      columns: {column: vote, taxonomy: columns}
outputs: [html]
"""


def test_a_report_says_from_how_many_pairs_its_pair_was_chosen(here, survey, tmp_path):
    (tmp_path / "scan").mkdir()  # a folder of this name is no section
    (tmp_path / "plain.yaml").write_text(CONFIG)
    (tmp_path / "config.yaml").write_text(f"{CONFIG}scan: {{ignore: [w, household]}}\n")
    assert here("build", "plain.yaml", "-o", "plain")[0] == 0
    assert here("build", "config.yaml", "-o", "site")[0] == 0
    told = "This pair is one of 20 tested pairs of columns; q &lt; 0.001 over all of them."
    assert told in (tmp_path / "site/index.html").read_text()
    assert "tested pairs of columns" not in (tmp_path / "plain/index.html").read_text()
    assert here("scan", "config.yaml", "--no-reports", "-o", "scanned")[1].startswith("Of 20 pairs of columns, two")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 1\n", "config.yaml: scan: is missing; write `scan: {files: [survey.csv]}`"),
        ("scan: {files: survey.csv, tpo: 3}\n", 'config.yaml:1:27: scan.tpo: unknown key (did you mean "top"?)'),
        ("scan: {top: 3}\n", "config.yaml:1:1: scan: needs files"),
        (
            "scan: {files: survey.csv, top: 0}\n",
            "config.yaml:1:27: scan.top: input should be greater than or equal to 1",
        ),
    ],
)
def test_mistakes_in_the_section_have_their_place(here, survey, tmp_path, text, message):
    (tmp_path / "config.yaml").write_text(text)
    status, _, err = here("scan", "config.yaml")
    assert status == 1
    assert message in err


def test_options_of_a_config_are_in_the_config(here, survey, tmp_path):
    (tmp_path / "config.yaml").write_text("scan: {files: survey.csv}\n")
    status, _, err = here("scan", "config.yaml", "--weight", "w")
    assert status == 2
    assert "goes into config.yaml" in err


@pytest.mark.parametrize(("n_columns", "n_shown"), [(27, 300), (8, 28)])
def test_the_page_says_how_many_pairs_the_search_covers(here, tmp_path, n_columns, n_shown):
    rng = np.random.default_rng(1)
    cause = rng.normal(size=ROWS)
    columns = {f"trait {chr(97 + k)}x": cut(cause + rng.normal(size=ROWS), 3) for k in range(n_columns)}
    texts(columns).to_csv(tmp_path / "traits.csv", index=False)
    assert here("scan", "traits.csv", "--no-reports")[0] == 0
    page = (tmp_path / "scan/index.html").read_text()
    rows = list(csv.DictReader((tmp_path / "scan/scan.csv").read_text().splitlines()))
    n = sum(row["state"] in ("clear", "beyond chance") for row in rows)
    assert n == n_columns * (n_columns - 1) // 2
    sentence = (
        f"Of the {n} pairs beyond chance, the search covers the first 300; "
        '<a href="scan.csv" download>scan.csv</a> has all.'
    )
    assert (sentence in page) == (n > n_shown)
    assert page.count('<td class="r" data-head="V">') == n_shown


def test_a_config_with_disclosure_is_refused(here, survey, tmp_path):
    (tmp_path / "c.yaml").write_text("scan: {files: [survey.csv]}\ndisclosure: 5\n")
    status, _, err = here("scan", "c.yaml", "--no-reports")
    assert (status, (tmp_path / "scan").exists()) == (1, False)
    assert err.startswith("error: c.yaml:2:1: disclosure: is not kept by a scan")


def test_marks_of_direction_are_shown_as_escapes(here, survey, tmp_path):
    text = (
        survey.read_text().replace("party", "party\u202e").replace("Left", "Le\u202eft").replace("town", "to\u200fwn")
    )
    survey.write_text(text)
    status, out, err = here("scan", "survey.csv", "--no-reports", "--ignore", "w,household")
    written = [path.read_text() for path in (tmp_path / "scan").iterdir() if path.suffix in (".html", ".json", ".csv")]
    assert status == 0
    assert "Le\\u202eft" in "".join(written)
    for said in (out, err, *written):
        assert not {"\u202e", "\u200f"} & set(said)


def test_what_a_killed_scan_left_is_removed_by_the_next(survey, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    program = """
import os, sys
from diptych.contrib.scan import reports
from diptych.cli import main
if "killed" in os.environ:
    reports._build = lambda *_: os._exit(9)
main()
"""
    command = [sys.executable, "-c", program, "scan", "survey.csv", "--top", "1"]
    for more, status in (({"killed": "1"}, 9), ({}, 0)):
        own = {**os.environ, "TMPDIR": str(temporary), **more}
        assert subprocess.run(command, cwd=tmp_path, env=own, check=False, capture_output=True).returncode == status
        assert bool(list(temporary.glob("diptych-*"))) == bool(more)
