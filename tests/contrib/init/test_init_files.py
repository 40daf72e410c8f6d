"""`diptych init FILES`: what is guessed of data files, and that the config it writes passes `diptych check`."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from diptych.cli.app import app
from tests.world import DATASETS, LINKS, MODELS, write

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


@pytest.fixture
def init(tmp_path, monkeypatch):
    """Return a function that runs the command on files in a folder: the config, and what was guessed."""
    monkeypatch.chdir(tmp_path)

    def run(files, *more):
        write(tmp_path, files)
        found = CliRunner().invoke(app, ["init", *files, *more, "--no-build", "--json"], catch_exceptions=False)
        assert found.exit_code == 0, found.stderr
        said = json.loads(found.stdout)
        assert [note for note in said["notes"] if note["slug"] == "to_do"] == []
        path = tmp_path / said["config"]
        assert CliRunner().invoke(app, ["check", str(path)], catch_exceptions=False).exit_code == 0
        return yaml.safe_load(path.read_text(encoding="utf-8")), [note["message"] for note in said["notes"]]

    return run


MANY = {
    "items.csv": "id,l\nd1,a\nd2,b\nd3,a\nd4,b\n",
    "models.csv": MODELS,
    "links.csv": LINKS,
}


def test_two_tables_of_items_and_one_of_links(init):
    config, reasons = init(MANY)
    assert config["entities"]["items"] == {
        "label": "Item", "source": "items.csv", "id": "id", "labels": {"column": "l"},
        "public": True}  # fmt: skip
    assert config["entities"]["models"]["date"] == "created"
    assert config["relations"]["links"]["links"] == {
        "source": "links.csv", "from": {"entity": "items", "column": "s"}, "to": {"entity": "models", "column": "t"}}  # fmt: skip
    assert [one["name"] for one in config["taxonomy"]["categories"]] == ["b", "a"]
    assert reasons == [
        "items: items.csv: items, since id names each row once",
        "items.labels: l, 2 different ones: words, few different values",
        "models: models.csv: items, since id names each row once",
        "models.labels: l, 2 different ones: values come again, words",
        "models.date: created, dates",
        "relation: links.csv: links, since 100% of s are items and 100% of t are models",
        "taxonomy: one, since both sides have labels in common",
    ]


def test_a_column_that_names_items_of_the_other_table(init):
    rows = "".join(f"m{n},{'x' if n % 2 else 'y'},i{n % 4 + 1}; i{n // 4 + 1}\n" for n in range(12))
    config, reasons = init({"items.csv": "id,kind\ni1,p\ni2,q\ni3,p\ni4,q\n", "models.csv": f"id,kind,uses\n{rows}"})
    assert config["relations"]["links"]["links"] == {
        "from": {"entity": "items"}, "to": {"entity": "models", "column": "uses", "separator": ";"}}  # fmt: skip
    assert set(config["taxonomies"]) == {"items", "models"}
    assert reasons[4] == "relation: models.csv: uses links, since 100% of its names are items of the other"


def test_rows_with_labels_on_both_sides(init, tmp_path):
    shutil.copyfile(ROOT / "examples" / "survey" / "answers.csv", tmp_path / "answers.csv")
    text = (tmp_path / "answers.csv").read_text(encoding="utf-8")
    config, reasons = init({"answers.csv": text}, "-o", "study")
    records = config["relations"]["answers"]["records"]
    assert records["source"] == "../answers.csv"
    assert (records["rows"]["column"], records["columns"]["column"]) == ("jobs", "skills")
    assert records["rows"]["separator"] == records["columns"]["separator"] == ";"
    assert reasons[:2] == [
        "records: answers.csv: each row is a unit",
        "rows: jobs, values come again, words; else company",
    ]
    assert [len(one["categories"]) for one in config["taxonomies"].values()] == [12, 12]


def test_lists_of_parquet_and_json(init, tmp_path):
    rows = [{"id": n, "l": ["a", "b"] if n % 3 else ["c"], "of": "x" if n % 2 else "y"} for n in range(12)]
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    duckdb.sql(f"copy (from '{tmp_path / 'rows.json'}') to '{tmp_path / 'rows.parquet'}'")
    for name in ("rows.json", "rows.parquet"):
        found = CliRunner().invoke(app, ["init", name, "--no-build", "-o", name[5:]], catch_exceptions=False)
        assert found.exit_code == 0, found.stderr
        records = yaml.safe_load((tmp_path / name[5:] / "config.yaml").read_text())["relations"]["rows"]["records"]
        assert records["rows"] == {"column": "l", "label": "L", "taxonomy": "rows"}
        assert CliRunner().invoke(app, ["check", f"{name[5:]}/config.yaml"], catch_exceptions=False).exit_code == 0


def test_labels_that_yaml_would_read_otherwise(init):
    odd = ["no", "1.0", "a: b", '"q"', "# x", "{y}", "back\\slash", "ünï", "- z", "&w", "*v", "~"]
    rows = "".join(
        f'{n},"{odd[n % 12].replace(chr(34), chr(34) * 2)}","{odd[(n + 1) % 12].replace(chr(34), chr(34) * 2)}"\n'
        for n in range(48)
    )
    config, _ = init({"1 odd-name.csv": f'n,"a: b","c\'d"\n{rows}'})
    assert sorted(one["name"] for one in config["taxonomy"]["categories"]) == sorted(odd)
    assert list(config["relations"]) == ["table_1"]


def test_names_that_are_patterns_or_do_not_print(init, tmp_path):
    flag = "\U0001f3f4\U000e0067\U000e007f"  # of characters beyond U+FFFF, of which two do not print
    rows = f"x,y\n{flag},\u00a0b\n\u00a0b,{flag}\n" * 20
    config, _ = init({"a b[1].csv": rows})
    assert flag in [one["name"] for one in config["taxonomy"]["categories"]]
    [relation] = config["relations"].values()
    assert relation["records"]["source"] == "a b[[]1].csv"
    found = CliRunner().invoke(app, ["init", "*.csv", "--no-build", "-o", "other"], catch_exceptions=False)
    assert found.exit_code == 0, found.stderr
    assert 'source: "../*.csv"' in (tmp_path / "other/config.yaml").read_text(encoding="utf-8")


def test_nothing_is_written_over_and_nothing_is_guessed_at_all_cost(init, tmp_path):
    files = {"d.csv": DATASETS, "m.csv": "id,what\n1,some text\n2,another text\n"}
    write(tmp_path, files)
    found = CliRunner().invoke(app, ["init", *files], catch_exceptions=False)
    needs = "two columns of labels, or two tables of items with ids and labels and a column that links them"
    then = "numbers are then divided into bins (docs/ordered.md)"
    assert (found.exit_code, found.stderr.splitlines()) == (
        1,
        [
            f"error: init: needs a table with {needs}; --rows and --columns name columns, and {then}",
            "error: d.csv: ids in id; columns of labels: none; not l (hardly any value comes again)",
            "error: m.csv: ids in id; columns of labels: none; not what (hardly any value comes again)",
        ],
    )
    assert not (tmp_path / "config.yaml").exists()
    (tmp_path / "config.yaml").write_text("mine")
    found = CliRunner().invoke(app, ["init", *files], catch_exceptions=False)
    assert (
        found.stderr == "error: config.yaml: is there already; give another folder or file with -o, or take it away\n"
    )
    found = CliRunner().invoke(app, ["init", "gone.csv", "-o", "x"], catch_exceptions=False)
    assert (found.exit_code, "gone.csv" in found.stderr, (tmp_path / "x").exists()) == (1, True, False)
    found = CliRunner().invoke(app, ["init"], catch_exceptions=False)
    assert (found.exit_code, "Invalid value for FILE: give data files, for a first" in found.stderr) == (2, True)
