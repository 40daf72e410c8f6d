"""What reaches the data files and report.json: whole lines counted by hand, and the same numbers in both."""

import csv
import io
import json
import math
from pathlib import Path

import pytest

from diptych.config.loading import load_config
from diptych.pipeline import build
from diptych.pipeline.counting import count_all
from diptych.pipeline.parts import build_panels
from diptych.pipeline.results import work_out
from diptych.renderers import DATA_FILES

CONFIG = """\
version: 1
report: {title: T}
taxonomy:
  categories: [{name: A, match: a}, {name: B, match: b}, {name: C, match: c}]
entities:
  datasets: {label: Dataset, source: d.csv, labels: {column: l, separator: "|"}}
  models: {label: Model, source: m.csv, labels: {column: l, separator: "|"}}
relations:
  trained_on:
    links: {source: k.csv, from: {entity: datasets, column: s}, to: {entity: models, column: t}}
inference: {minimum_units: 3, resamples: 200}
"""

# Eleven models, each on one dataset: A with A 4, A with B 2, B with A 1, B with B 3, C with C 1.
JOINT = {("a", "a"): 4, ("a", "b"): 2, ("b", "a"): 1, ("b", "b"): 3, ("c", "c"): 1}


def write(folder, config=CONFIG, joint=None, columns=""):
    models, links, number = [], [], 0
    for (row, column), n in (joint or JOINT).items():
        for _ in range(n):
            number += 1
            models.append(f"m{number:02d},{column}{',' + str(number) if columns else ''}")
            links.append(f"d_{row},m{number:02d}")
    rows = sorted({row for row, _ in (joint or JOINT)})
    files = {
        "config.yaml": config,
        "d.csv": "id,l\n" + "".join(f"d_{row},{row}\n" for row in rows),
        "m.csv": f"id,l{columns}\n" + "".join(f"{line}\n" for line in models),
        "k.csv": "s,t\n" + "".join(f"{line}\n" for line in links),
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder / "config.yaml"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    build(write(folder), folder / "site")
    return folder / "site"


# Ten times as many, but for C: so many that the intervals of shares are narrow enough for contrasts and ranks.
LARGE = {("a", "a"): 40, ("a", "b"): 20, ("b", "a"): 10, ("b", "b"): 30, ("c", "c"): 1}


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    build(write(folder, joint=LARGE), folder / "site")
    return folder / "site"


def lines(site, name):
    return (site / "data" / f"{name}.csv").read_text(encoding="utf-8").splitlines()


def rows(site, name):
    return list(csv.DictReader(io.StringIO((site / "data" / f"{name}.csv").read_text(encoding="utf-8"))))


def relation(site):
    [found] = json.loads((site / "report.json").read_text(encoding="utf-8"))["relations"]
    return found


def same(text, number):
    """Whether a field of a CSV file and a number of report.json are the same, to the digit."""
    return (text == "" and number is None) or (text != "" and number is not None and float(text) == number)


def test_counts(site):
    found = lines(site, "counts")
    assert found[0] == (
        "relation,row,column,n_joint,n_row,n_column,n_units,expected,expected_within_strata,standardized_residual,"
        "lift_within_low,lift_within_high,most_within_strata"
    )
    # A on both sides: 4 of 11, margins 6 and 5; e = 30 / 11, and its variance e (5 / 11) (6 / 11).
    e = 30 / 11
    residual = (4 - e) / math.sqrt(e * (5 / 11) * (6 / 11))
    head, tail = found[1].removesuffix(",,,").rsplit(",", 1)
    assert head == f"trained_on,A,A,4,6,5,11,{e:.12g},"
    assert float(tail) == pytest.approx(residual)
    assert len(found) == 1 + 9


def test_pairs_and_tests_and_order(site):
    # Only A and B cross, 2 one way and 1 back: nothing is left beyond sizes, too few cross for a test.
    [header, pair] = lines(site, "pairs")
    assert header == (
        "relation,first,second,n_forward,n_back,net_flow,net_flow_low,net_flow_high,direction_ratio,"
        "expected_forward,excess,excess_low,excess_high"
    )
    fields = pair.split(",")
    assert fields[:6] == ["trained_on", "A", "B", "2", "1", "1"]
    assert (float(fields[8]), fields[9:]) == (pytest.approx(1 / 3), ["", "", "", ""])
    reason = "too few units cross for a chi-square test: 3, where 10 are needed"
    assert lines(site, "tests") == [
        "relation,test,statistic,df,p_value,reason",
        *(f'trained_on,{name},,,,"{reason}"' for name in ("bowker", "stuart_maxwell", "bhapkar", "quasi_symmetry")),
    ]
    # C has one unit, fewer than three: it ends the order.
    assert lines(site, "order") == [
        "relation,axis,category,declared,seriation,block,linear_order",
        *(f"trained_on,{axis},{name},{n},{n},," for axis in ("datasets", "models") for n, name in enumerate("ABC", 1)),
    ]


def test_contributors(site):
    assert lines(site, "contributors")[:3] == [
        "relation,row,column,by,side,name,n_touching,n_sole",
        *(
            line
            for line in lines(site, "contributors")
            if line.startswith(("trained_on,A,A,item", "trained_on,A,B,item"))
        ),
    ]
    first = next(row for row in rows(site, "contributors") if row["by"] == "item")
    assert [first[key] for key in ("row", "column", "name", "n_touching", "n_sole")] == ["A", "A", "d_a", "4", "4"]


def test_contrasts(large):
    found = rows(large, "contrasts")
    assert lines(large, "contrasts")[0] == (
        "relation,kind,first_panel,first_given,first_outcome,second_panel,second_given,second_outcome,first_value,"
        "second_value,difference,low,high,reason"
    )
    kinds = [(row["kind"], row["first_panel"]) for row in found]
    # A and B have three units or more on both sides, so four mirrored pairs and one pair within each panel.
    assert kinds == [
        *[("mirror", "left")] * 4,
        ("panels", "left"),
        *((kind, panel) for panel in ("left", "right") for kind in ("reverse", "rows")),
    ]
    by_name = {tuple(row[key] for key in ("kind", "first_panel", "first_given", "first_outcome")): row for row in found}
    mirror = by_name["mirror", "left", "A", "B"]
    # Of 60 models on A data 20 are B models; of 50 B models 20 are on A data.
    assert (mirror["second_panel"], mirror["second_given"], mirror["second_outcome"]) == ("right", "B", "A")
    assert (float(mirror["first_value"]), float(mirror["second_value"])) == (pytest.approx(2 / 6), 2 / 5)
    assert float(mirror["difference"]) == pytest.approx(2 / 6 - 2 / 5)
    assert float(mirror["low"]) < float(mirror["difference"]) < float(mirror["high"])
    reverse = by_name["reverse", "left", "A", "B"]
    assert (reverse["second_panel"], reverse["second_given"], reverse["second_outcome"]) == ("left", "B", "A")
    assert (float(reverse["first_value"]), float(reverse["second_value"])) == (pytest.approx(2 / 6), 1 / 4)


def test_levels_that_are_known_beforehand_are_left_out_with_the_reason(large):
    found = [row for row in rows(large, "contrasts") if row["kind"] in ("rows", "panels")]
    one = "each unit has one category on the outcome side: shares in a row add to one"
    assert [(row["kind"], row["first_panel"], row["difference"], row["reason"]) for row in found] == [
        ("panels", "left", "", "shares in a row add to one in both panels, so both means are known"),
        ("rows", "left", "", one),
        ("rows", "right", "", one),
    ]


def test_ranks_add_to_one_in_each_row(large):
    found = rows(large, "ranks")
    assert list(found[0]) == ["panel", "given", "outcome", "highest_share", "reason"]
    totals: dict[tuple[str, str], float] = {}
    for row in found:
        key = row["panel"], row["given"]
        totals[key] = totals.get(key, 0) + float(row["highest_share"])
    assert totals == pytest.approx({(panel, name): 1 for panel in ("left", "right") for name in "AB"})


def test_contrast_values_are_those_of_the_panels(large):
    panels = {
        (panel, row["given"], row["outcome"]): row["value"] for panel in ("left", "right") for row in rows(large, panel)
    }
    for row in rows(large, "contrasts"):
        if row["kind"] in ("mirror", "reverse"):
            for side in ("first", "second"):
                cell = row[f"{side}_panel"], row[f"{side}_given"], row[f"{side}_outcome"]
                assert row[f"{side}_value"] == panels[cell]


def test_report_json_holds_the_numbers_of_the_files(site):
    found = relation(site)
    for row in rows(site, "counts"):
        counts = found["counts"]
        for name, matrix in (("n_joint", "joint"), ("expected", "expected"), ("standardized_residual",) * 2):
            assert same(row[name], counts[matrix][row["row"]][row["column"]])
        assert same(row["n_row"], counts["rows"][row["row"]])
        assert same(row["n_column"], counts["columns"][row["column"]])
    [pair] = found["direction"]["pairs"]
    [row] = rows(site, "pairs")
    for name in ("n_forward", "n_back", "direction_ratio", "expected_forward"):
        assert same(row[name], pair[name])
    for name, end in (("net_flow", "value"), ("net_flow_low", "low"), ("net_flow_high", "high")):
        assert same(row[name], pair["net_flow"][end])
    assert pair["excess"] is None
    assert found["direction"]["tests"] == {"reason": rows(site, "tests")[0]["reason"]}
    assert [axis["order"] for axis in found["order"]] == [["A", "B", "C"]] * 2
    for row, line in zip(rows(site, "contrasts"), found["contrasts"], strict=True):
        assert (row["kind"], row["reason"]) == (line["kind"], line["reason"] or "")
        assert same(row["first_value"], line["first_value"])
        assert same(row["second_value"], line["second_value"])
        difference = line["difference"] or {"value": None, "low": None, "high": None}
        assert all(
            same(row[name], difference[end])
            for name, end in (("difference", "value"), ("low", "low"), ("high", "high"))
        )
    shares = {panel["panel"]: panel["highest_share"] for panel in found["panels"]}
    assert all(
        same(row["highest_share"], shares[row["panel"]][row["given"]][row["outcome"]]) for row in rows(site, "ranks")
    )


def test_report_json_holds_structure_and_tiers(large):
    left = relation(large)["panels"][0]
    by_name = {of["category"]: of for of in left["structure"]["categories"]}
    # Of 60 models on A data 40 stay and 20 leave; of 50 A models 10 come from elsewhere.
    assert by_name["A"]["self_share"] == pytest.approx(4 / 6)
    assert by_name["A"]["export_share"] == pytest.approx(2 / 6)
    assert by_name["A"]["import_share"] == 1 / 5
    for row in rows(large, "structure"):
        if row["panel"] == "left" and row["category"]:
            assert same(row["value"], by_name[row["category"]][row["quantity"]])
    whole = {
        row["quantity"]: row["value"]
        for row in rows(large, "structure")
        if row["panel"] == "left" and not row["category"]
    }
    for name in ("assortativity", "theil_u_outcome", "theil_u_given"):
        assert same(whole[name], left["structure"][name])
    # Measured: A 0.67 0.33 0, B 0.25 0.75 0.
    assert left["tiers"] == {"high": 1, "moderate": 1, "low": 2, "very_low": 2}
    assert [whole[f"tier_{name}"] for name in left["tiers"]] == ["1", "1", "2", "2"]


def test_report_json_holds_the_findings(site):
    with (site / "data" / "findings.json").open(encoding="utf-8") as file:
        findings = json.load(file)["findings"]
    assert all("calculations" in finding.pop("evidence") for finding in findings)
    assert relation(site)["findings"] == findings


DOCS = (Path(__file__).parents[2] / "docs" / "outputs.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", list(DATA_FILES))
def test_the_docs_name_every_file(path):
    assert f"`{path}`" in DOCS


@pytest.mark.parametrize(
    "name", ["counts", "structure", "tests", "order", "mirrors", "contrasts", "ranks", "contributors"]
)
def test_the_docs_name_every_column(site, name):
    columns = ", ".join(lines(site, name)[0].split(","))
    [row] = [line for line in DOCS.splitlines() if line.startswith(f"| `data/{name}.csv`")]
    assert row.endswith(f"| {columns} |")


def test_settings_of_the_drawing_have_an_effect(tmp_path, site):
    ends = {}
    for change in ("resamples: 200", "resamples: 200, seed: 2", "resamples: 300"):
        config = write(tmp_path, CONFIG.replace("resamples: 200", change).replace("}\n", "}\n"))
        loaded = load_config(config)
        counted = count_all(loaded)
        found = work_out(loaded.config, counted, build_panels(loaded.config, counted))["trained_on"]
        ends[change] = [highest.share for panel in found.panels for highest in panel.highest]
        assert found.sampling.seed == (2 if "seed" in change else 1)
        assert found.sampling.resamples == (300 if "300" in change else 200)
    assert len({tuple(found) for found in ends.values()}) == 3
    assert ends["resamples: 200"] == [float(row["highest_share"]) for row in rows(site, "ranks")]


def results_of(folder, config=CONFIG, **how):
    loaded = load_config(write(folder, config, **how))
    counted = count_all(loaded)
    return work_out(loaded.config, counted, build_panels(loaded.config, counted))["trained_on"]


def test_a_symmetric_measure_has_no_mirrored_contrasts(tmp_path):
    found = results_of(tmp_path, CONFIG + (
        "panels:\n"
        "  - {id: left, relation: trained_on, given: datasets, outcome: models, measure: lift}\n"
        "  - {id: right, relation: trained_on, given: models, outcome: datasets, measure: lift}\n"
    ))  # fmt: skip
    why = [(line.kind, line.reason) for line in found.contrasts if line.difference is None]
    symmetric = "the measure is symmetric: both panels hold the same values"
    assert why == [("mirror", symmetric), ("panels", symmetric)]
    assert [line.kind for line in found.contrasts if line.difference] == ["reverse", "rows", "rows"] * 2
    assert found.panels[0].tiers is None


def test_a_test_statistic_has_no_contrasts(tmp_path):
    measure = "panels:\n  - {id: one, relation: trained_on, given: datasets, outcome: models, measure: standardized_residual}\n"
    found = results_of(tmp_path, CONFIG + measure)
    assert [(line.kind, line.reason) for line in found.contrasts] == [
        ("reverse", "a test statistic has no interval"),
        ("rows", "a test statistic has no interval"),
    ]
    assert (found.panels[0].highest, found.sampling.resamples) == (None, None)


def test_beyond_thirty_categories_there_are_no_contrasts(tmp_path):
    names = [f"c{k:02d}" for k in range(31)]
    categories = ", ".join(f"{{name: {name.upper()}, match: {name}}}" for name in names)
    config = CONFIG.replace("{name: A, match: a}, {name: B, match: b}, {name: C, match: c}", categories)
    found = results_of(tmp_path, config, joint={(name, name): 3 for name in names})
    assert {line.reason for line in found.contrasts} == {"there are more than 30 categories"}
    assert all(panel.highest is None for panel in found.panels)


def test_groups_and_weights_are_said(tmp_path):
    grouped = CONFIG.replace("column: t}}\n", "column: t}}\n    group: [team]\n")
    found = results_of(tmp_path, grouped, columns=",team")
    # Each model is a team of its own, so that groups change nothing: G / (G - 1) is n / (n - 1).
    assert (found.sampling.n_groups, found.sampling.design_effect) == (11, pytest.approx(1))
    weighted = CONFIG.replace('separator: "|"}}\nrelations', 'separator: "|"}, weight: w}\nrelations')
    found = results_of(tmp_path, weighted, columns=",w")
    # Weights are 1 to 11: 66^2 / 506.
    assert found.sampling.effective_units == pytest.approx(66**2 / 506)
    assert found.sampling.design_effect is None


def test_without_data_files_nothing_is_drawn(tmp_path):
    found = results_of(tmp_path, CONFIG + "outputs: [html]\n")
    assert (found.contrasts, found.sampling.resamples, found.panels[0].highest) == ((), None, None)


MATRICES = """\
version: 1
report: {title: T}
taxonomy: {categories: [{name: A, match: a}, {name: B, match: b}]}
entities: {datasets: {label: Dataset}, models: {label: Model}}
relations: {published: {matrix: {left: left.csv, right: right.csv}}}
panels:
  - {id: left, relation: published, given: datasets, outcome: models}
  - {id: right, relation: published, given: models, outcome: datasets}
outputs: [data]
"""


@pytest.mark.parametrize(("last", "feasible"), [(0.75, True), (0.5, False)])
def test_published_matrices(tmp_path, last, feasible):
    # Shares of the table 4 4 / 4 12: twice as many of B as of A on both sides. With a last share of 1/2 no table fits.
    values = "given,outcome,value\nA,A,0.5\nA,B,0.5\nB,A,0.25\nB,B,"
    (tmp_path / "left.csv").write_text(f"{values}0.75\n", encoding="utf-8")
    (tmp_path / "right.csv").write_text(f"{values}{last}\n", encoding="utf-8")
    (tmp_path / "config.yaml").write_text(MATRICES, encoding="utf-8")
    build(tmp_path / "config.yaml", tmp_path / "site")
    found = relation(tmp_path / "site")
    assert [(one["left"], one["right"], one["check"]["feasible"]) for one in found["sizes"]] == [
        ("left", "right", feasible)
    ]
    assert found["panels"][0] == {"panel": "left", "tiers": {"high": 1, "moderate": 2, "low": 1, "very_low": 0}}
    implied = rows(tmp_path / "site", "sizes")
    assert [tuple(row.values())[:6] for row in implied] == [
        ("published", "left", "right", kind, "A", "B") for kind in ("datasets", "models") if feasible
    ]
    for row in implied:
        assert [float(row[name]) for name in list(row)[6:]] == pytest.approx([0.5, 0.5, 2, 2])
