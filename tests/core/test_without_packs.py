"""The core without packs: the same data files but for the findings of packs. Commands of packs are unknown."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from diptych import packs
from diptych.cli import COMMANDS, OWN_COMMANDS
from diptych.pipeline import build

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).with_name("config.yaml")
KINDS_OF_PACKS = ("blocks", "bridge", "direction")
"""Kinds of finding that packs add: a report without packs does not have them."""


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    """Return a function that runs a program in a copy of the checkout without packs: status, output, messages."""
    top = tmp_path_factory.mktemp("core")
    leave_out = shutil.ignore_patterns("__pycache__", "contrib")
    shutil.copytree(ROOT / "report", top / "report", ignore=leave_out)
    shutil.copytree(ROOT / "templates", top / "templates", ignore=leave_out)
    (top / "path").mkdir()
    (top / "path" / "diptych").symlink_to(top / "report")

    def run(code, *arguments):
        program = f"import diptych, sys\nassert diptych.__file__.startswith(sys.argv[1])\n{code}"
        found = subprocess.run(
            [sys.executable, "-P", "-c", program, top, *arguments],
            env={**os.environ, "PYTHONPATH": str(top / "path"), "COLUMNS": "80"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return found.returncode, found.stdout, found.stderr

    return run


MAIN = "from diptych.cli import main\ndel sys.argv[1]\nmain()"


def data_files(site):
    """Return the data files by path; findings without the kinds of packs, and their methods apart."""
    found = {path.name: path.read_bytes() for path in (site / "data").iterdir()}
    findings = json.loads(found["findings.json"])
    findings["findings"] = [one for one in findings["findings"] if one["kind"] not in KINDS_OF_PACKS]
    assert [one["id"] for one in findings["findings"]]
    methods = {
        (figure, name, *entry.values())
        for figure, of in findings.pop("methods").items()
        for name, entries in of.items()
        for entry in entries
    }
    return found | {"findings.json": json.dumps(findings)}, methods


def test_the_data_files_are_those_of_the_whole_program(core, tmp_path):
    assert core(MAIN, "build", CONFIG, "-o", tmp_path / "core", "-q")[::2] == (0, "")
    build(CONFIG, tmp_path / "whole")
    expected, of_whole = data_files(tmp_path / "whole")
    assert len(expected) >= 9
    found, of_core = data_files(tmp_path / "core")
    assert found == expected
    only_packs = {(name, entry) for _, name, entry, _ in of_whole - of_core}
    assert ("references", "Direction beyond category sizes (quasi-symmetry)") in only_packs
    assert of_core < of_whole
    page = (tmp_path / "core" / "index.html").read_text(encoding="utf-8")
    assert "Models and the data they were trained on" in page
    assert (tmp_path / "core" / "report.md").stat().st_size > 10_000


def test_commands_of_packs_are_unknown(core):
    status, out, err = core(MAIN, "--help")
    assert (status, err) == (0, "")
    own = {name for _, name, _, _ in OWN_COMMANDS}
    assert own == {"check", "build", "schema"}
    listed = {line.split()[0] for line in out.splitlines() if line.startswith("  ") and line.split()[0].isalpha()}
    assert listed & {name for _, name, _, _ in COMMANDS} == own
    status, out, err = core(MAIN, "explain", "agreement")
    assert (status, out) == (2, "")
    assert "No such command 'explain'" in err


def test_outputs_of_packs_are_unknown(core, tmp_path):
    config = CONFIG.read_text(encoding="utf-8").replace("[html, markdown, data]", "[html, latex]")
    (tmp_path / "config.yaml").write_text(config.replace("../../data", str(ROOT / "data")), encoding="utf-8")
    status, _, err = core(MAIN, "check", tmp_path / "config.yaml")
    assert status == 1
    assert 'outputs[1]: "latex" is not one of html, pdf, markdown, figures, data' in err
    code = "from diptych.renderers import OutputSettings\nprint(OutputSettings.everything().others)"
    assert core(code)[:2] == (0, "{}\n")


def test_a_build_without_paper_kits_loads_none_of_them():
    code = (
        "from pathlib import Path\nfrom diptych.packs import register_packs\nregister_packs()\n"
        "from diptych.config.loading import load_config\nfrom diptych.renderers.registry import wanted\n"
        "import diptych.pipeline.build\nwanted(load_config(Path(sys.argv[2])).config.outputs)\n"
        "print([name for name in sys.modules if name.startswith('diptych.contrib')])"
    )
    found = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}", "", CONFIG], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert found.stdout == "[]\n"


def test_a_section_of_a_pack_is_an_unknown_key_with_its_line(core, tmp_path):
    config = tmp_path / "config.yaml"
    text = CONFIG.read_text(encoding="utf-8")
    config.write_text(f"{text}text: {{folder: text/}}\n", encoding="utf-8")
    status, out, err = core(MAIN, "check", config)
    assert (status, out) == (1, "")
    assert f"{config}:{len(text.splitlines()) + 1}:1: text: unknown key; known keys here are version" in err


def test_snapshots_are_of_a_pack(core, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.read_text("utf-8") + "\nsnapshots: {}\n", encoding="utf-8")
    line = config.read_text("utf-8").splitlines().index("snapshots: {}") + 1
    status, out, err = core(MAIN, "check", config)
    assert (status, out) == (1, "")
    assert f"config.yaml:{line}:1: snapshots: unknown key" in "".join(err.split("\n"))
    lacking = 'is read by the pack "history", which is not installed'
    status, _, err = core(MAIN, "build", CONFIG, "--snapshots", tmp_path / "kept", "-o", tmp_path / "site")
    assert (status, f"--snapshots: {lacking}" in " ".join(err.split())) == (1, True)
    status, _, err = core(MAIN, "build", CONFIG, "--snapshot", "newest", "-o", tmp_path / "site")
    assert (status, 'by the pack "history", which is not installed' in " ".join(err.split())) == (1, True)


@pytest.mark.parametrize(
    ("source", "more", "expected"),
    [
        ("hf://datasets/a/b/c.csv", "", 'entities.a.source: the kind of address "hf" is not installed: hub'),
        ("{hub: models}", "", 'entities.a.source: the kind of address "hub" is not installed: hub'),
        ("a.csv", "engine: {name: spark}", 'engine.name: the engine "spark" is not installed: spark'),
        ("a.xlsx", "", 'entities.a.source: the format of files "xlsx" is not installed: spreadsheets'),
        (
            "{database: a.db, table: t}",
            "",
            'entities.a.source: the format of files "sqlite" is not installed: databases',
        ),
    ],
    ids=["address", "hub", "engine", "spreadsheet", "database"],
)
def test_an_extra_that_is_not_there_says_how_to_install_it(core, tmp_path, source, more, expected):
    for name in ("a.csv", "a.xlsx", "a.db"):
        (tmp_path / name).write_text("id,labels\n1,x\n2,y\n")
    (tmp_path / "config.yaml").write_text(
        "version: 1\nreport: {title: T}\nentities:\n"
        f"  a:\n   source: {source}\n   label: A\n   labels: labels\n"
        "taxonomy: {categories: [{name: X, match: x}, {name: Y, match: y}]}\n"
        "relations:\n  r:\n    label: r\n    label_reversed: s\n"
        "    links: {source: a.csv, from: {entity: a, column: id}, to: {entity: a, column: labels}}\n"
        f"{more}\n"
    )
    status, _, err = core(MAIN, "check", tmp_path / "config.yaml")
    said, _, extra = expected.rpartition(": ")
    assert (status, f'{said}: pip install "diptych[{extra}]"' in err) == (1, True), err


def test_python_programs_need_no_pack(core):
    code = (
        "import pandas as pd\n"
        "table = pd.DataFrame({'skill': ['a', 'b'] * 20, 'job': ['x', 'y'] * 20})\n"
        "print(diptych.report(table, rows='skill', columns='job', public=True).headline)"
    )
    status, out, err = core(code)
    assert status == 0, err
    assert out.strip()


def test_a_report_of_two_taxonomies_loads_only_the_kinds_that_it_looks_for(tmp_path):
    code = (
        "import sys\nimport pandas as pd\nimport diptych\n"
        "table = pd.DataFrame({'skill': ['a', 'b'] * 20, 'job': ['x', 'y'] * 20})\n"
        "sides = {'rows': {'column': 'skill'}, 'columns': {'column': 'job'}, 'public': True}\n"
        "config = {'version': 1, 'report': {'title': 'T'}, 'outputs': ['html', 'data'],"
        " 'relations': {'data': {'records': {'source': 'data.csv', **sides}}}}\n"
        "diptych.build(config, 'site', {'data': table})\n"
        "print([name for name in sys.modules if name.startswith('diptych.contrib')])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    loaded = ["diptych.contrib", "diptych.contrib.blocks", "diptych.contrib.blocks.block"]
    assert (found.returncode, found.stdout) == (0, f"{loaded}\n"), found.stderr


def test_one_missing_pack_takes_its_command_alone(tmp_path, monkeypatch):
    (tmp_path / "contrib" / "audit").mkdir(parents=True)
    monkeypatch.setattr(packs, "__file__", str(tmp_path / "packs.py"))
    assert [name for _, name, _, _ in packs.listed_commands()] == ["audit"]
