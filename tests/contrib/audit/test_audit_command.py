"""`diptych audit` as a person uses it: a sheet is drawn, filled in and read back."""

import csv
import hashlib
import io
import json

import pytest

from tests.pipeline.projects import tree, write_project

pytestmark = pytest.mark.slow

SHEET = {
    "datasets,d1,a,A,match,",
    "datasets,d2,b,B,match,",
    "datasets,d3,a; b,A,match,",
    "datasets,d3,a; b,B,match,",
    "models,m1,a,A,match,",
    "models,m2,b,B,match,",
    "models,m3,b,B,match,",
}


def rows_of(text):
    return [line.replace('""', "") for line in text.splitlines()[1:]]


def drawn(here, tmp_path, *arguments):
    """Draw a sheet and return its rows."""
    (tmp_path / "s.csv").unlink(missing_ok=True)
    assert here("audit", "-o", "s.csv", *arguments)[0] == 0
    return [*csv.DictReader(io.StringIO((tmp_path / "s.csv").read_text()))]


def fill(tmp_path, rows, answer):
    """Write a sheet with the answer of each row."""
    with (tmp_path / "s.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "correct": answer(row)} for row in rows)


def test_a_sheet_has_every_item_of_small_categories(here, tmp_path):
    write_project(tmp_path)
    status, out, err = here("audit", "-o", "s.csv")
    assert (status, err) == (0, "")
    assert out == "s.csv: 7 rows to judge, with ids and labels that the report may keep private\n"
    text = (tmp_path / "s.csv").read_text()
    assert text.startswith("entity,id,labels,category,rule,correct\n")
    assert set(rows_of(text)) == SHEET
    assert len(rows_of(text)) == 7


def test_the_draw_follows_hashes_of_content(here, tmp_path):
    names = [f"m{n}" for n in range(60)]
    write_project(tmp_path, files={"m.csv": "id,l,owner\n" + "".join(f"{name},b,u\n" for name in names)})
    found = [row["id"] for row in drawn(here, tmp_path, "--size", "9") if row["entity"] == "models"]
    assert found == sorted(names, key=lambda name: hashlib.sha256(f"models\0B\0{name}".encode()).digest())[:9]
    write_project(tmp_path, files={"m.csv": "id,l,owner\n" + "".join(f"{name},b,u\n" for name in reversed(names))})
    assert [row["id"] for row in drawn(here, tmp_path) if row["entity"] == "models"][:9] == found


def test_rules_of_a_category_take_turns(here, tmp_path):
    labels = ["b"] * 30 + ["bx"] * 3 + ["b|bx"] * 30
    items = "id,l,owner\n" + "".join(f"m{n},{label},u\n" for n, label in enumerate(labels))
    write_project(tmp_path, {"{name: B, match: b}": "{name: B, match: b, pattern: '^b.'}"}, {"m.csv": items})

    def counts(size):
        rules = [row["rule"] for row in drawn(here, tmp_path, "--size", size) if row["entity"] == "models"]
        return [rules.count(rule) for rule in ("match", "match; pattern ^b.", "pattern ^b.")]

    assert counts("20") == [9, 8, 3]
    assert counts("1") == [2, 2, 2]


def test_items_without_a_category_and_derived_categories_are_strata(here, tmp_path):
    edits = {"{name: B, match: b}]": "{name: B, match: b}, {name: C, when_several_of: [A, B], replaces: true}]"}
    write_project(tmp_path, edits, {"m.csv": "id,l,owner\nm1,a,u\nm2,?,v\nm3,,u\n"})
    found = {(row["id"], row["category"], row["rule"]) for row in drawn(here, tmp_path)}
    assert {("d3", "C", "derived"), ("m2", "", "none"), ("m3", "", "none")} < found
    assert not {("d3", "A", "match"), ("d3", "B", "match")} & found


def test_private_items_have_their_names_in_the_sheet(here, tmp_path):
    write_project(tmp_path, {"version: 1": "version: 1\npublic: []"})
    assert {row["id"] for row in drawn(here, tmp_path) if row["entity"] == "models"} == {"m1", "m2", "m3"}


READ = """\
entity    items  judged  wrong  error rate  95% CI       category, rule
datasets  2      2       1      50% *       50%          A
datasets  2      2       1      50% *       50%            match
datasets  2      1       0      0%          at most 50%  B
datasets  2      1       0      0%          at most 50%    match
models    1      0       0                  not judged   A
models    1      0       0                  not judged     match
models    2      2       0      0%          0%           B
models    2      2       0      0%          0%             match
* even the lower end of the interval is above the limit (2)
"""


def test_rates_of_a_sheet(here, tmp_path):
    write_project(tmp_path)
    answers = {("d1", "A"): "yes", ("d3", "A"): "No ", ("d2", "B"): "YES", ("m2", "B"): "yes", ("m3", "B"): "yes"}
    fill(tmp_path, drawn(here, tmp_path), lambda row: answers.get((row["id"], row["category"]), ""))
    before = tree(tmp_path)
    assert here("audit", "--read", "s.csv", "--at-most", "0.2") == (4, READ, "")
    assert here("audit", "--read", "s.csv", "--at-most", "0.5")[0] == 0
    plain = READ.replace(" *", "  ").partition("* even")[0]
    assert here("audit", "--read", "s.csv")[:2] == (0, plain)
    assert tree(tmp_path) == before
    found = json.loads(here("audit", "--read", "s.csv", "--json")[1])
    assert (found["level"], found["n_above"]) == (0.95, 0)
    assert found["rates"][1] == {
        "entity": "datasets",
        "category": "A",
        "rule": "match",
        "n_items": 2,
        "n_judged": 2,
        "n_wrong": 1,
        "rate": {"value": 0.5, "low": 0.5, "high": 0.5},
    }


def test_every_problem_of_a_sheet_at_once(here, tmp_path):
    write_project(tmp_path)
    sheet = """entity,id,labels,category,rule,correct
datasets,d1,a,A,match,maybe
dataset,d1,a,A,match,yes
datasets,1.2E+15,a,A,match,yes
datasets,d2,b,A,match,yes
datasets,d3,a,B,pattern b,yes
models,m2,b,B,match,yes
models,m2,b,B,match,no
"""
    (tmp_path / "s.csv").write_text(sheet)
    status, out, err = here("audit", "--read", "s.csv")
    assert (status, out) == (1, "")
    edited = "the row was edited, or data or rules have changed since the sample was drawn"
    assert err.splitlines() == [
        'error: s.csv:2: correct: "maybe" is none of yes, no and empty',
        'error: s.csv:3: id: "dataset" has no item "d1"; spreadsheets change ids that look like numbers',
        'error: s.csv:4: id: "datasets" has no item "1.2E+15"; spreadsheets change ids that look like numbers',
        f'error: s.csv:5: category: the rules assign B, not "A"; {edited}',
        f'error: s.csv:6: labels: is now "a; b", not "a"; {edited}',
        f'error: s.csv:6: rule: is now "match", not "pattern b"; {edited}',
        "error: s.csv:8: id: this item and category are also in line 7; keep one of the two rows",
    ]


@pytest.mark.parametrize(("delimiter", "encoding", "end"), [(";", "utf-8-sig", "\r\n"), ("\t", "utf-16", "\n")])
def test_sheets_as_spreadsheets_save_them(delimiter, encoding, end, here, tmp_path):
    write_project(tmp_path, files={"m.csv": 'id,l,owner\n=1+1,a,u\nm2,b,v\n"m,3",b,u\n'})
    rows = drawn(here, tmp_path)
    assert "'=1+1" in {row["id"] for row in rows}
    out = io.StringIO(newline="")
    header = ["correct", "mine", *list(rows[0])[:-1]]
    writer = csv.DictWriter(out, header, delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows({**row, "correct": "yes", "mine": "x"} for row in rows)
    (tmp_path / "s.csv").write_bytes((out.getvalue() + end).encode(encoding))
    found = json.loads(here("audit", "--read", "s.csv", "--json")[1])["rates"]
    assert {one["rate"]["value"] for one in found} == {0.0}
    assert sum(one["n_judged"] for one in found if one["rule"]) == len(rows)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ((), 2, "Invalid value for -o: give either -o or --read"),
        (("-o", "a.csv", "--read", "b.csv"), 2, "Invalid value for -o: give either -o or --read"),
        (
            ("-o", "a.csv", "--at-most", "0.1"),
            2,
            "Invalid value for --at-most: goes with --read, and is a rate from 0 to 1",
        ),
        (("--read", "a.csv", "--at-most", "5"), 2, "Invalid value for --at-most: goes with --read"),
        (("-o", "d.csv"), 1, "error: d.csv: exists already; give another name, or remove it"),
        (("-o", "no/a.csv"), 1, "error: no/a.csv: cannot be written: No such file or directory"),
        (("--read", "a.csv"), 1, "error: a.csv: cannot be read: No such file or directory"),
        (("--read", "."), 1, "error: .: cannot be read: Is a directory"),
        (("other.yaml", "-o", "a.csv"), 1, "error: other.yaml: there is no such file"),
    ],
)
def test_mistakes_on_the_command_line(arguments, status, message, here, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    write_project(tmp_path)
    before = tree(tmp_path)
    found, out, err = here("audit", *arguments)
    assert (found, out) == (status, "")
    assert message in " ".join(err.split())
    assert tree(tmp_path) == before


@pytest.mark.parametrize("option", ["-o", "--read"])
def test_a_confined_sheet_is_not_reached_by_a_link_out(option, here, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/s.csv").write_text("secret")
    write_project(tmp_path / "work")
    (tmp_path / "work/link").symlink_to(tmp_path / "out")
    monkeypatch.chdir(tmp_path / "work")
    before = tree(tmp_path)
    for name in ("link/new.csv", "link/s.csv"):
        status, _, err = here("audit", option, name, "--confine")
        assert (status, "is a link out of the folder that --confine allows" in err, "secret" in err) == (1, True, False)
    assert tree(tmp_path) == before
