"""`diptych audit` as a person uses it: sheets written and kept, read back, and what is said on the way."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from diptych.contrib.audit.sample import sheet_content, write_sheet
from diptych.errors import DiptychError
from tests.pipeline.projects import LINKS, MATRIX, tree, write_project

pytestmark = pytest.mark.slow

SHEET = """\
entity,id,labels,category,rule,correct,note,drawn_for,n_items
datasets,d1,a,A,A by match (a),"","",A,2
datasets,d3,a; b,A; B,A by match (a); B by match (b),"","",A; B,2; 2
datasets,d2,b,B,B by match (b),"","",B,2
models,m1,a,A,A by match (a),"","",A,1
models,m2,b,B,B by match (b),"","",B,2
models,m3,b,B,B by match (b),"","",B,2
"""


MODEL = '--entity: "model" is not one of datasets, models (did you mean "models"?)'
NEEDED = ("entity", "id", "category", "correct", "drawn_for")


def by_row(text):
    return sorted(text.splitlines()[1:])


def test_the_sheet_is_the_result(here, tmp_path):
    write_project(tmp_path)
    before = tree(tmp_path)
    status, out, err = here("audit")
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == SHEET.splitlines()[0]
    assert by_row(out) == by_row(SHEET)
    assert tree(tmp_path) == before


def test_it_is_written_where_it_is_wanted(here, tmp_path):
    write_project(tmp_path)
    out = here("audit")[1]
    assert here("audit", "-o", "audit.csv") == (0, "audit.csv: 6 items to judge: 3 of datasets and 3 of models\n", "")
    assert (tmp_path / "audit.csv").read_bytes() == out.encode()
    assert here("audit", "-o", "one.csv", "--entity", "models", "--size", "1") == (
        0,
        "one.csv: 2 items to judge: 2 of models\n",
        "",
    )
    assert here("audit", "--entity", "models", "--entity", "datasets")[1] == out


def test_the_seed_is_that_of_the_config_or_the_one_given(here, tmp_path):
    items = {"m.csv": "id,l,owner\n" + "".join(f"m{n},b,u\n" for n in range(60))}
    write_project(tmp_path, files=items)
    by_default, first, second = (here("audit", *seed)[1] for seed in ((), ("--seed", "1"), ("--seed", "2")))
    assert by_default == first != second
    write_project(tmp_path, {"version: 1": "version: 1\ninference: {seed: 2}"}, items)
    assert here("audit")[1] == second
    assert json.loads(here("audit", "--json")[1])["seed"] == 2


def test_json_of_a_sample(here, tmp_path):
    write_project(tmp_path)
    data = json.loads(here("audit", "--json", "--entity", "datasets", "-o", "audit.csv")[1])
    assert {key: data[key] for key in ("sheet", "size", "seed")} == {"sheet": "audit.csv", "size": 20, "seed": 1}
    assert data["categories"] == [
        {"entity": "datasets", "category": "A", "n_items": 2, "n_drawn": 2},
        {"entity": "datasets", "category": "B", "n_items": 2, "n_drawn": 2},
    ]
    (item,) = [item for item in data["items"] if item["id"] == "d3"]
    assert item == {
        "entity": "datasets",
        "id": "d3",
        "labels": ["a", "b"],
        "categories": ["A", "B"],
        "rule": "A by match (a); B by match (b)",
        "drawn_for": ["A", "B"],
        "n_items": [2, 2],
    }
    assert json.loads(here("audit", "--json")[1])["sheet"] is None


def test_a_sheet_that_is_filled_in_stays(here, tmp_path):
    write_project(tmp_path)
    sheet = tmp_path / "audit.csv"
    assert here("audit", "-o", "audit.csv")[0] == 0
    assert here("audit", "-o", "audit.csv", "--size", "1")[0] == 0  # nobody has filled it in yet
    for column, what in (("correct", "yes"), ("note", "?")):
        rows = list(csv.DictReader(io.StringIO(SHEET)))
        rows[1][column] = what
        out = io.StringIO()
        writer = csv.DictWriter(out, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
        sheet.write_text(out.getvalue(), encoding="utf-8-sig")
        before = sheet.read_bytes()
        assert here("audit", "-o", "audit.csv") == (
            1,
            "",
            "error: audit.csv: contains 1 row that somebody has filled in; choose another file name, or replace it with --overwrite\n",
        )
        assert sheet.read_bytes() == before
    assert here("audit", "-o", "audit.csv", "--overwrite")[0] == 0
    assert by_row(sheet.read_text()) == by_row(SHEET)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "notes.txt"), "notes.txt: is not an audit sheet; --overwrite replaces it anyway"),
        (("-o", "d.csv", "--overwrite"), "d.csv: is an input of the report; give the sheet another name"),
        (("-o", "config.yaml"), "config.yaml: is an input of the report; give the sheet another name"),
        (("-o", "."), ".: is a folder; name a file in it"),
        (("-o", "no/audit.csv"), "no/audit.csv: there is no folder no"),
        (
            ("--entity", "model", "--entity", "x"),
            f'{MODEL}\nerror: --entity: "x" is not one of datasets, models',
        ),
        (("--read", "audit.csv"), "audit.csv: there is no such file; diptych audit -o writes a sheet"),
        (("--read", "."), ".: is a folder; name the sheet in it"),
        (("other.yaml",), "other.yaml: there is no such file"),
        (
            ("--read", "notes.txt"),
            "\nerror: ".join(f'notes.txt: has no column "{name}"; it has words' for name in NEEDED),
        ),
    ],
)
def test_what_a_person_can_put_right(arguments, message, here, tmp_path):
    write_project(tmp_path, files={"notes.txt": "words\n"})
    before = tree(tmp_path)
    assert here("audit", *arguments) == (1, "", f"error: {message}\n")
    assert tree(tmp_path) == before


def test_a_folder_that_may_not_be_written(here, tmp_path, monkeypatch):
    write_project(tmp_path)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("diptych.contrib.audit.sample.write_file", refuse)
    assert here("audit", "-o", "audit.csv") == (1, "", "error: audit.csv: cannot be written: Permission denied\n")
    monkeypatch.setattr("diptych.contrib.audit.sample.read_regular", refuse)
    assert here("audit", "--read", "a.csv") == (1, "", "error: a.csv: cannot be read: Permission denied\n")


def test_a_name_that_is_no_name():
    for call in (sheet_content, lambda path: write_sheet(b"", path, [])):
        with pytest.raises(DiptychError) as caught:
            call(Path("a\x00b.csv"))
        assert str(caught.value).endswith(": its name is not a file's")


def test_a_published_matrix_has_nothing_to_audit(here, tmp_path):
    write_project(tmp_path, MATRIX, {"x.csv": "x,A,B\nA,0.1,0.2\nB,0.3,0.4\n"})
    message = "no panel shows a relation with counts, and published matrices have no items to audit"
    assert here("audit") == (1, "", f"error: config.yaml: {message}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--read", "a.csv", "-o", "b.csv"),
            "Invalid value for --read: goes with none of -o, --size, --seed, --entity and --overwrite",
        ),
        (("--read", "a.csv", "--seed", "0"), "Invalid value for --read: goes with none of"),
        (("--read", "a.csv", "--overwrite"), "Invalid value for --read: goes with none of"),
        (("--overwrite",), "Invalid value for --overwrite: says what -o may do, which is not given"),
        (("--size", "0"), "Invalid value for '--size'"),
        (("--seed", "-1"), "Invalid value for '--seed'"),
        (("--engine", "sparc"), 'Invalid value for --engine: "sparc" is not one of duckdb, spark'),
    ],
)
def test_usage_errors_are_exit_status_2(arguments, message, here, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    status, out, err = here("audit", *arguments)
    assert (status, out) == (2, "")
    assert message in " ".join(err.split())


FILLED = (
    SHEET.replace('(a),"","",A,2', '(a),yes,"",A,2')
    .replace('(b),"","",A; B', '(b),B,"is b",A; B')
    .replace('m1,a,A,A by match (a),""', "m1,a,A,A by match (a),no")
    .replace('m2,b,B,B by match (b),""', "m2,b,B,B by match (b),YES")
)

TOLD = """\
s.csv: 4 of 6 items have been judged

datasets: items in exactly the right categories

 Category   Items   Judged   Correct   Share   95% interval
 ──────────────────────────────────────────────────────────
 A              2        2         1     50%     all judged
 B              2        1         0      0%    at most 50%

Of the datasets with a category, 25% are classified correctly (95% interval 25–50%; categories weighted by size)

datasets: misclassified items

 Assigned   True   Judged   Estimated in all
 ───────────────────────────────────────────
 A; B       B           1                1.5

models: items in exactly the right categories

 Category   Items   Judged   Correct   Share   95% interval
 ──────────────────────────────────────────────────────────
 A              1        1         0      0%     all judged
 B              2        1         1    100%   at least 50%

Of the models with a category, 67% are classified correctly (95% interval 33–67%; categories weighted by size)

models: misclassified items

 Assigned   True         Judged   Estimated in all
 ─────────────────────────────────────────────────
 A          not stated        1                1.0

trained_on: the report if every item were in its true categories
Corrected: an estimate that undoes the errors on both sides, with its 95% interval (200 draws). Holds: the share of
draws in which the statement is the same.
Taken to be correct: 1 item in a category, or a combination of categories, with no judged item.

 Statement                                          As built             Corrected   Holds
 ─────────────────────────────────────────────────────────────────────────────────────────
 The share with the same category is at least 50%        67%          33% (33–67%)     26%
 B is the leading model category                         67%   100% (at least 67%)    100%
 A is the leading dataset category                       67%                   67%    100%

 Panel   Given   Outcome        As built             Corrected
 ─────────────────────────────────────────────────────────────
 left    A       B          50% (1 of 2)   100% (at least 50%)
 right   B       B         100% (2 of 2)    67% (at least 67%)
 right   B       A          50% (1 of 2)          67% (50–67%)
 left    A       A          50% (1 of 2)             undefined
 left    B       A           0% (0 of 2)             undefined
 right   A       A         100% (1 of 1)             undefined
 right   A       B           0% (0 of 1)             undefined
"""


def test_what_a_sheet_says(here, tmp_path):
    """d1 is right; d3 is B alone, not A and B; m1 is wrong, m2 right; nobody judged d2 and m3.

    Links: d1 to m1 and m3, d2 to m2, d3 to m3. As built m1 has A and A, m2 B and B, m3 A, B and B: two of three match.
    If m1 is B, as most likely, m1 has A and B, m2 B and B, m3 A, B (of d1 and d3) and B: one of three matches. No model
    is A, so cells with A as outcome are undefined.
    """
    write_project(tmp_path)
    (tmp_path / "s.csv").write_text(FILLED)
    assert here("audit", "--read", "s.csv") == (0, TOLD, "")


def test_colour_where_it_is_wanted(here, tmp_path):
    write_project(tmp_path)
    (tmp_path / "s.csv").write_text(FILLED)
    out = here("audit", "--read", "s.csv", "--color", "always")[1]
    assert "\x1b[1m" in out
    assert re.sub(r" +\n", "\n", re.sub("\x1b\\[[0-9;]*m", "", out)) == TOLD


def test_json_of_what_a_sheet_says(here, tmp_path):
    write_project(tmp_path)
    (tmp_path / "s.csv").write_text(FILLED)
    data = json.loads(here("audit", "--read", "s.csv", "--json")[1])
    assert (data["config"], data["sheet"], data["n_rows"], data["n_judged"], data["level"], data["notes"]) == (
        "config.yaml",
        "s.csv",
        6,
        4,
        0.95,
        [],
    )
    datasets, models = data["agreements"]
    assert datasets["categories"][0] == {
        "category": "A",
        "n_items": 2,
        "n_drawn": 2,
        "n_judged": 2,
        "n_right": 1,
        "share": {"value": 0.5, "low": 0.5, "high": 0.5},
    }
    assert datasets["confusions"] == [{"rule": ["A", "B"], "truth": ["B"], "n_judged": 1, "n_items": 1.5}]
    assert models["confusions"] == [{"rule": ["A"], "truth": None, "n_judged": 1, "n_items": 1.0}]
    (effect,) = data["effects"]
    assert {key: effect[key] for key in list(effect)[:6]} == {
        "relation": "trained_on",
        "n_wrong": 2,
        "n_draws": 200,
        "unjudged": [],
        "n_unsampled": 1,
        "refusal": None,
    }
    assert {cell["panel"] for cell in effect["cells"]} == {"left", "right"}
    agreement, largest, largest_row = effect["headlines"]
    assert agreement == {
        "id": "agreement",
        "about": "agreement",
        "statement": "The share with the same category is at least 50%",
        "value": pytest.approx(2 / 3),
        "word": "moderate",
        "corrected": {"value": pytest.approx(1 / 3), "low": pytest.approx(1 / 3), "high": pytest.approx(2 / 3)},
        "stays": 0.26,
    }
    assert (largest["id"], largest_row["id"]) == ("largest.b", "largest_row.a")


def test_nothing_wrong_changes_nothing(here, tmp_path):
    write_project(tmp_path)
    rows = list(csv.DictReader(io.StringIO(SHEET)))
    text = "entity,id,category,correct,drawn_for\n" + "".join(
        f"{r['entity']},{r['id']},{r['category']},yes,{r['drawn_for']}\n" for r in rows
    )
    (tmp_path / "s.csv").write_text(text)
    out = here("audit", "--read", "s.csv")[1].splitlines()
    assert out[-2:] == [
        "All judged items are classified correctly, so nothing is corrected.",
        "The intervals above show how many errors that still allows.",
    ]
    assert json.loads(here("audit", "--read", "s.csv", "--json")[1])["effects"][0]["cells"] == []


def test_items_without_a_category_are_told_apart(here, tmp_path):
    write_project(tmp_path, files={"m.csv": "id,l,owner\nm1,a,u\nm2,b,v\nm3,?,u\nm4,,u\n"})
    sheet = "entity,id,category,correct,drawn_for\nmodels,m3,none,A,none\nmodels,m4,none,none,none\nmodels,m1,A,yes,A\n"
    (tmp_path / "s.csv").write_text(sheet)
    out = [" ".join(line.split()) for line in here("audit", "--read", "s.csv")[1].splitlines()]
    assert "(none) 2 2 1 50% all judged" in out
    assert "B 1 0 0 none judged" in out
    assert "Of the models with a category, 100% are classified correctly (all have been judged)" in out
    assert "Of the models with or without a category, 67% are classified correctly (all have been judged)" in out
    assert "No items judged: B (1)" in out


def test_records_have_sides_to_audit(here, tmp_path):
    write_project(
        tmp_path,
        {LINKS: "records: {source: r.csv, rows: {column: x, label: Skill}, columns: {column: y}}"},
        {"r.csv": "x,y\na,b\na,a\nb,b\n"},
    )
    assert (
        here("audit", "-o", "s.csv")[1] == "s.csv: 4 items to judge: 2 of trained_on.rows and 2 of trained_on.columns\n"
    )
