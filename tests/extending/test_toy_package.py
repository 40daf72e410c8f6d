"""A package that adds one of each, as docs/extending.md shows it, seen wherever such things are seen."""

import csv
import importlib
import json
from dataclasses import replace

import jsonschema
import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from diptych.cli.app import app
from diptych.config.loading import json_schema, load_config
from diptych.contrib.explain import explain
from diptych.contrib.explain.explain_text import told
from diptych.errors import ConfigError
from diptych.findings.statements import Account
from diptych.inference.intervals import wilson
from diptych.manifest import read_any_manifest
from diptych.measures import MEASURES
from diptych.pipeline import build
from tests.contrib.papers.papers import text_of
from tests.extending.conftest import CONFIG, on_path, write_project


@pytest.fixture(scope="module")
def project(packed, tmp_path_factory):
    """The config and the site of a report with all of the package."""
    with pytest.MonkeyPatch.context() as patch:
        on_path(packed, patch, "diptych_toy")
        config = write_project(tmp_path_factory.mktemp("toy"))
        build(config, config.parent / "site")
        return config


@pytest.fixture
def site(project):
    return project.parent / "site"


MEASURE_NAMES = ", ".join(MEASURES)

FREEMAN = "Freeman (1978), Centrality in social networks: conceptual clarification. Social Networks 1, 215-239"
TOLD = "clean meets all three Job categories: cleaner, chef and driver."


def test_the_measure_is_that_of_the_counts(site):
    with (site / "data" / "left.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["given"], row["outcome"]): row for row in csv.DictReader(file)}
    row = rows["cook", "chef"]
    # 14 + 6 answers have both; 14 + 6 + 2 have cook, 14 + 6 chef.
    assert [float(row[name]) for name in ("n_joint", "n_given", "n_outcome")] == [20, 22, 20]
    assert float(row["value"]) == pytest.approx(20 / 22)
    ends = wilson(20.0, 22.0, 0.95)
    assert [float(row["low"]), float(row["high"])] == pytest.approx([float(ends.low), float(ends.high)])


def test_the_page_shows_all_of_them(site):
    page = (site / "index.html").read_text(encoding="utf-8")
    assert TOLD in page
    assert "All-confidence" in page
    assert "Omiecinski (2003)" in page
    assert "Omiecinski (2003), Alternative Interest Measures" in (site / "data" / "findings.json").read_text("utf-8")
    assert "Freeman (1978)" in page
    methods = json.loads((site / "data" / "findings.json").read_text("utf-8"))["methods"]
    own = {"method": "Number of categories met (degree centrality)", "source": FREEMAN}
    assert any(own in of["references"] for of in methods.values())
    assert 'href="plain.txt"' in page
    assert "clean, categories met: n_met / n_columns = 3 / 3 = 1" in page
    assert "clean meets most" in page
    assert "clean is found with more Job categories than any other." in page


def test_the_pdf_tells_them(site):
    text = text_of((site / "report.pdf").read_bytes())
    assert "clean meets all three Job categories" in text
    assert "All-confidence" in text


def test_the_output_is_made_with_its_options(site):
    lines = (site / "plain.txt").read_text(encoding="utf-8").splitlines()
    assert TOLD in " ".join(lines)
    assert 55 < max(map(len, lines)) <= 60


def test_the_json_has_the_finding_and_the_measure(site):
    report = json.loads((site / "report.json").read_text(encoding="utf-8"))
    assert '"all_confidence"' in json.dumps(report)
    findings = json.loads((site / "data" / "findings.json").read_text(encoding="utf-8"))["findings"]
    (found, _) = (finding for finding in findings if finding["kind"] == "reach")
    assert (found["id"], found["category"], found["met"]) == ("reach.clean", "clean", ["cleaner", "chef", "driver"])
    assert found["strength"] == "moderate"
    assert found["evidence"]["thresholds"] == [{"name": "least", "value": 3}]


def test_claims_are_held_to_the_measure(site):
    (claim, *_) = json.loads((site / "data" / "claims.json").read_text(encoding="utf-8"))["claims"]
    assert claim["holds"]
    assert "Cooks are chefs: 91%." in (site / "index.html").read_text(encoding="utf-8")


def test_explain_tells_where_it_comes_from(toy, project):
    text = told(explain("reach.clean", project))
    assert "finding reach.clean (kind reach, figure main)" in text
    assert TOLD in text
    assert "3 / 3" in text
    cell = told(explain("left:cook,chef", project))
    assert "min(n_ab / n_a, n_ab / n_b)" in cell


def test_the_manifest_has_its_version(site):
    assert read_any_manifest(site).versions.packages["diptych-toy"] == "1.2"


def test_the_schema_knows_what_is_installed(toy):
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(yaml.safe_load(CONFIG))) == []
    for old, new in (("width: 60", "with: 60"), ("least: 3", "least: few"), ("plain:", "plane:"), ("reach:", "rich:")):
        assert list(validator.iter_errors(yaml.safe_load(CONFIG.replace(old, new)))), new
    source = schema["$defs"]["SourceSettings"]["anyOf"][-1]["properties"]["format"]["anyOf"][0]["enum"]
    assert "sqlite3" in source


def test_a_report_may_begin_with_what_it_accounts_for(toy, tmp_path, monkeypatch):
    module = importlib.import_module("diptych_toy.findings")

    def accounts(finding, study):
        own = np.array([name == finding.category for name in study.rows])
        yield Account(finding.id, own[:, None] & (study.joint > study.expected))

    monkeypatch.setattr(module, "REACH", replace(module.REACH, accounts=accounts))
    config = write_project(
        tmp_path / "p", edits={"outputs: [html, pdf, data, plain: {width: 60}]": "outputs: [markdown]"}
    )
    build(config, tmp_path / "site")
    text = (tmp_path / "site" / "report.md").read_text(encoding="utf-8")
    assert text.count(TOLD) == 2  # once for each of the two figures, and not among what else was found


def test_without_the_package_each_place_is_named(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load_config(write_project(tmp_path))
    *others, section = [problem.message for problem in caught.value.problems]
    assert section.startswith("unknown key; known keys here are version, report")
    assert others == [
        f'"all_confidence" is not one of the measures: {MEASURE_NAMES}',
        "unknown key; known keys here are html, pdf, markdown, figures, data, latex, typst, quarto, embed, docx",
        'no package that is installed has "reach"',
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("width: 60", "width: wide", '19:36: outputs[3].plain.width: needs a whole number, not "wide"'),
        ("width: 60", "wdth: 60", '19:36: outputs[3].plain.wdth: unknown key; known keys here are width (did you mean "width"?)'),
        ("plain: {width: 60}", "plan", '19:28: outputs[3]: "plan" is not one of html, pdf, markdown, figures, data, latex, typst, quarto, embed, docx, plain (did you mean "plain"?)'),
        ("reach: {least: 3}", "reach: 3", '20:12: findings[0].reach: needs keys with values (a mapping), not "3"'),
        ("reach: {least: 3}", "reach, reach", '20:19: findings[1]: "reach" is in the list already'),
        ("all_confidence", "all_confidenc", f'12:66: panels[0].measure: "all_confidenc" is not one of the measures: {MEASURE_NAMES}, all_confidence (did you mean "all_confidence"?)'),
    ],
)  # fmt: skip
def test_what_is_wrong_with_options_is_told_with_its_line(toy, tmp_path, old, new, message):
    with pytest.raises(ConfigError) as caught:
        load_config(write_project(tmp_path, edits={old: new}))
    assert str(caught.value) == f"{tmp_path / 'config.yaml'}:{message}"


def test_the_command_runs_and_is_in_the_help(toy, project):
    def run(*arguments):
        found = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
        return found.exit_code, found.stdout, found.stderr

    # 14 + 6 answers have cook and chef, more than any other pair.
    assert run("largest", str(project)) == (0, "left: cook, chef: 20; shares: cook, chef: 20\n", "")
    status, out, _ = run("largest", str(project), "--json")
    assert (status, json.loads(out)) == (0, {"left": ["cook", "chef"], "shares": ["cook", "chef"]})
    few = project.with_name("few.yaml")
    few.write_text(project.read_text(encoding="utf-8").replace("least: 14", "least: 21"), encoding="utf-8")
    assert json.loads(run("largest", str(few), "--json")[1]) == {}
    status, out, err = run("largest", str(project.parent / "none.yaml"))
    assert (status, out) == (1, "")
    assert "none.yaml" in err
    assert "largest  A command of diptych-toy 1.2." in run("--help")[1]
    assert "Print the cell with the most units of each panel." in run("largest", "--help")[1]


def test_a_confined_command_refuses_what_the_config_may_not_load(toy, project):
    found = CliRunner().invoke(app, ["largest", str(project), "--confine"])
    assert found.exit_code == 1
    assert "--allow-plugin" in found.stderr
