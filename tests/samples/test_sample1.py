"""Every number of the hand-written sample 1, from a trimmed copy of the tables that it was written on (README.md)."""

import gzip
import io
import re
import shutil
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.samples.telling import tell

HERE = Path(__file__).parent
CONFIG = (HERE / "sample1.yaml").read_text(encoding="utf-8")
SEVERAL = ("Multimodal", "NLP", "CV", "Audio")
POINTS = 0.1
"""The sample's intervals are percentiles of 559 resampled groups, worth 20 to 30. The program's are linearised and
reckon with how alike units of a group are: at such a number of groups up to half as wide again."""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return counted(tmp_path_factory.mktemp("sample1"))


def counted(folder, text=CONFIG, models=None):
    shutil.copy(HERE / "datasets.csv.gz", folder)
    if models is None:
        shutil.copy(HERE / "models.csv.gz", folder)
    else:
        models.to_csv(folder / "models.csv.gz", index=False)
    return tell(folder, text, "trained_on")


@pytest.fixture(scope="module")
def models():
    return pd.read_csv(HERE / "models.csv.gz", dtype=str, keep_default_na=False)


def percent(value):
    return round(100 * value)


def test_the_trimmed_tables_are_small_and_hold_only_what_is_needed():
    tables = {name: gzip.decompress((HERE / name).read_bytes()) for name in ("models.csv.gz", "datasets.csv.gz")}
    assert sum((HERE / name).stat().st_size for name in tables) < 200_000
    heads = {name: pd.read_csv(io.BytesIO(text), nrows=0).columns.tolist() for name, text in tables.items()}
    assert heads["models.csv.gz"] == ["id", "categories", "via", "author", "date", "trained_on"]
    assert heads["datasets.csv.gz"] == ["id", "categories"]


# Abstract and overview


def test_models_datasets_and_links(told):
    coverage = told.numbers.coverage
    assert (coverage.n_candidates, coverage.n_units) == (5074, 4227)
    assert (coverage.n_links, coverage.n_resolved, percent(coverage.n_resolved / coverage.n_links)) == (
        14189,
        12388,
        87,
    )
    assert (coverage.rows.n_items, coverage.rows.n_linked, percent(708 / 2397)) == (2397, 708, 30)
    assert len({lost.name for lost in coverage.unresolved}) == 281
    for section, numbers in (
        ("overview", ("4,263", "5,074", "4,227 of them (99%)")),
        ("methods", ("14,189 links", "12,388 (87%)", "281 names")),
        ("overview", ("2,397 datasets", "708 (30%)")),
    ):
        assert [number for number in numbers if number not in told.sections[section]] == []


def test_names_that_no_dataset_has_are_all_in_one_package(models):
    datasets = set(pd.read_csv(HERE / "datasets.csv.gz", keep_default_na=False)["id"])
    names = models.assign(name=models["trained_on"].str.split("|")).explode("name").query("name != ''")
    lost = names[~names["name"].isin(datasets)]
    assert (len(lost), lost["name"].nunique(), set(lost["via"])) == (1801, 281, {"mteb"})


def test_sizes_and_coverage_of_categories(told):
    sizes = {c.category: c for c in told.numbers.coverage.columns.categories}
    linked = {name: c.n_linked for name, c in sizes.items()}
    assert linked == {
        "CV": 3435, "NLP": 391, "Multimodal": 190, "Audio": 175, "Graph": 20, "RL": 13, "Robotics": 3,
        "Tabular": 0, "Time Series": 0,
    }  # fmt: skip
    assert percent(linked["CV"] / 4227) == 81
    shares = {name: percent(sizes[name].n_linked / sizes[name].n_items) for name in ("CV", "NLP", "Multimodal")}
    assert shares == {"CV": 89, "NLP": 63, "Multimodal": 54}
    assert re.search(r"CV \(81%\), NLP \(9%\)(,| and) Multimodal \(4%\)", told.sections["overview"])
    assert "has Tabular or Time Series on either side" in told.sections["overview"]


def test_packages_and_dates(told, models):
    counted = {
        c.name: c.n_touching
        for c in told.numbers.contributors.cells
        if (c.row, c.column, c.by) == ("CV", "CV", "stratum")
    }
    assert counted["timm"] > counted["mmsegmentation"]
    used = models[models["trained_on"].str.split("|").map(set(dataset_categories()).intersection).map(bool)]
    per = used["via"].value_counts()
    assert (len(used), len(per), per["timm"], per["mteb"]) == (4227, 10, 1617, 538)
    assert set(used.loc[used["categories"] == "NLP", "via"]) == {"mteb"}
    assert percent((used["date"] != "").mean()) == 54
    assert set(models.loc[models["via"] == "timm", "date"]) == {""}


# Reading and analysis


def test_the_cell_that_is_read_aloud(told):
    cell = told.panels["left"].cell("NLP", "NLP")
    assert (cell.n_given, cell.n_joint, round(cell.expected), percent(cell.value)) == (430, 391, 40, 91)
    assert cell.n_outcome == cell.n_joint  # of all other models, none
    assert told.panels["left"].n_groups == 559
    assert "559 clusters" in told.sections["methods"]
    assert "129 models have several dataset categories" in told.sections["reading"]


DIAGONAL = {"CV": (98, 97, 99), "NLP": (91, 85, 96), "Multimodal": (55, 38, 77)}
RIGHT = {"Multimodal": (84, 70, 95), "CV": (28, 16, 43), "NLP": (21, 9, 34)}


def test_the_diagonal_and_the_one_other_large_cell(told):
    left = told.panels["left"]
    for name, numbers in DIAGONAL.items():
        near(left.cell(name, name), numbers)
    assert percent(left.cell("Audio", "Audio").value) == 98
    assert all(
        (left.cell(name, name).n_joint, left.cell(name, name).value) == (n, 1)
        for name, n in (("Graph", 20), ("RL", 13))
    )
    near(left.cell("Multimodal", "CV"), (38, 16, 56))
    assert percent(left.cell("Multimodal", "CV").baseline) == 81
    others = [c for c in left.cells if c.given != c.outcome and c.value and c.value >= 0.25 and c.n_given >= 10]
    assert [(c.given, c.outcome) for c in others] == [("Multimodal", "CV")]


def test_the_multimodal_row_on_the_right(told):
    for name, numbers in RIGHT.items():
        cell = told.panels["right"].cell("Multimodal", name)
        assert cell.n_given == 190
        near(cell, numbers)


def near(cell, numbers):
    """Check a share to the point, its interval to `POINTS` at each end."""
    share, low, high = numbers
    assert percent(cell.value) == share
    assert abs(cell.low - low / 100) <= POINTS, cell
    assert abs(cell.high - high / 100) <= POINTS, cell


def test_too_few_groups_are_marked_where_the_sample_spoke(told):
    """Audio: "98% (85% or more)" in the sample; 151 of the 175 models are of one package and very few authors."""
    states = {
        name: told.panels["left"].cell(name, name).state for name in ("Audio", "RL", "Robotics", "Graph", "Tabular")
    }
    assert states == {"Audio": "few", "RL": "few", "Robotics": "few", "Graph": "measured", "Tabular": "no_given"}


# The sample's own intervals, by its own way


def dataset_categories():
    return categories(pd.read_csv(HERE / "datasets.csv.gz", dtype=str, keep_default_na=False))


def categories(table):
    """Return the category set of each id: several modalities are Multimodal and nothing else."""
    found = {}
    for name, text in zip(table["id"], table["categories"], strict=True):
        labels = set(text.split("|"))
        found[name] = {"Multimodal"} if len(labels.intersection(SEVERAL)) > 1 else labels
    return found


def test_resampling_groups_by_percentiles_gives_the_intervals_of_the_sample(models):
    """In plain NumPy: 4,000 resamples of the 559 groups, percentiles 2.5 and 97.5; two points for chance."""
    sets, own = dataset_categories(), categories(models)
    used = [(i, [sets[d] for d in text.split("|") if d in sets]) for i, text in enumerate(models["trained_on"])]
    used = [(i, set().union(*found)) for i, found in used if found]
    keys, group = np.unique([f"{models['via'][i]}|{models['author'][i]}" for i, _ in used], return_inverse=True)
    assert (len(used), len(keys)) == (4227, 559)
    data, model = ([a for _, a in used], [own[models["id"][i]] for i, _ in used])
    draws = np.random.default_rng(1).multinomial(len(keys), np.full(len(keys), 1 / len(keys)), 4000)

    def totals(chosen):
        return draws @ np.bincount(group, chosen, len(keys))

    def has(sides, name):
        return np.array([name in found for found in sides], dtype=float)

    def interval(numerator, denominator):
        return np.percentile(100 * totals(numerator) / totals(denominator), [2.5, 97.5])

    for name, (_, *ends) in DIAGONAL.items():
        assert interval(has(data, name) * has(model, name), has(data, name)) == pytest.approx(ends, abs=2)
    for name, (_, *ends) in RIGHT.items():
        both = has(model, "Multimodal") * has(data, name)
        assert interval(both, has(model, "Multimodal")) == pytest.approx(ends, abs=2)
    bridge = has(data, "Multimodal") * has(model, "CV")
    assert interval(bridge, has(data, "Multimodal")) == pytest.approx([16, 56], abs=2)
    assert interval(has(data, "Audio") * has(model, "Audio"), has(data, "Audio"))[0] == pytest.approx(85, abs=2)
    same = np.array([a == b for a, b in zip(data, model, strict=True)], dtype=float)
    assert interval(same, np.ones(len(same))) == pytest.approx([92, 97], abs=2)
    net = totals(bridge - has(data, "CV") * has(model, "Multimodal"))
    assert np.percentile(net, [2.5, 97.5]) == pytest.approx([-24, 162], abs=4)


# Key findings


def test_same_category(told):
    (agreement,) = told.found("agreement")
    assert (agreement.n_agree, agreement.n_labelled, percent(agreement.share.value)) == (3998, 4227, 95)
    assert (agreement.n_differ, agreement.pivot, agreement.n_pivot) == (229, "Multimodal", 225)
    # The sample's percentiles of groups drawn again are nearer to the value than an interval that reckons with likeness.
    assert agreement.share.low == pytest.approx(0.92, abs=0.02)
    assert agreement.share.high == pytest.approx(0.97, abs=0.01)


def test_a_bridge_that_strata_make_is_no_finding(told):
    pairs = {(a, b): joint(told, a, b) for a, b in product(("NLP", "CV", "Audio"), repeat=2) if a != b}
    assert pairs == {("NLP", "CV"): 0, ("NLP", "Audio"): 0, ("CV", "NLP"): 0, ("CV", "Audio"): 3, ("Audio", "NLP"): 0, ("Audio", "CV"): 0}  # fmt: skip
    assert told.found("bridge") == []  # nearly as many crossings are expected given the collection


def joint(told, row, column):
    return told.panels["left"].cell(row, column).n_joint


def test_packages_explain_what_they_explain(told):
    left = told.panels["left"]
    ratios = {
        n: (round(left.cell(n, n).lift, 1), round(left.cell(n, n).lift_within_strata, 1))
        for n in ("NLP", "Audio", "CV")
    }
    assert ratios == {"NLP": (9.8, 1.3), "Audio": (23.6, 1.1), "CV": (1.2, 1.0)}
    (composition,) = told.found("composition")
    assert composition.strata == ("via",)
    observed, expected, within = composition.observed, composition.expected, composition.expected_within
    assert percent(1 - (observed - within) / (observed - expected)) == 79
    own = left.cell("Multimodal", "Multimodal")
    assert (own.n_joint, round(own.expected_within_strata), f"{own.lift_within_strata:.1f}") == (159, 33, "4.9")
    off = left.cell("Multimodal", "Audio")
    assert (off.n_joint, round(off.expected_within_strata)) == (20, 6)
    (agreement,) = told.found("agreement")
    assert f"against {percent(agreement.by_chance)}% expected by chance" in told.sections["abstract"]
    assert f"{percent(agreement.in_strata)}% would be expected" in told.sections["abstract"]


def test_within_packages_agreement_is_judged_by_what_has_no_ceiling(told):
    """The sample infers from 9.8 and 1.3 that little is left for NLP. It cannot: 391 of at most 392 models meet."""
    (composition,) = told.found("composition")
    assert [change.category for change in composition.lasting] == ["Multimodal", "NLP"]
    assert composition.untestable == ("CV",)
    nlp = composition.lasting[1]
    assert (round(nlp.lift_within, 1), round(nlp.most / nlp.expected_within, 1)) == (1.3, 1.3)
    assert nlp.odds.value > 1000
    assert composition.faded == composition.unsure == ()
    assert composition.reached.value > 0.8
    assert re.search(r"^Via\. .*: Multimodal \(.* and NLP \(", told.sections["analysis"], re.MULTILINE)
    assert "cannot separate agreement from" not in told.text


def test_multimodal_within_packages_has_the_interval_of_the_sample(told):
    """4.9 (3.4 to 7.7) by percentiles; linearised, with t, on the log scale here."""
    own = told.panels["left"].cell("Multimodal", "Multimodal")
    assert own.lift_within_low == pytest.approx(3.4, rel=0.2)
    assert own.lift_within_high == pytest.approx(5.76, abs=0.01)  # the largest possible ratio; by drawings 7.7


def test_left_over_right_is_size(told):
    (asymmetry,) = told.found("asymmetry")
    left, right = (told.panels[name].cell("Multimodal", "Multimodal") for name in ("left", "right"))
    assert (right.n_given, left.n_given) == (190, 290)
    assert left.value / right.value == pytest.approx(190 / 290, rel=1e-12)
    assert asymmetry.largest_error < 1e-12
    assert "They differ only in the total by which each count is divided" in told.sections["reading"]


def test_no_direction_is_supported(told):
    """The sample tells of Multimodal to CV, which may be chance; another pair surely runs one way, but rests on a label."""
    flow = next(pair for pair in told.results.further["pairs"] if {pair.first, pair.second} == {"Multimodal", "CV"})
    assert (flow.first, flow.n_forward, flow.n_back, flow.net_flow.value) == ("Multimodal", 111, 54, 57)
    # The groups of these units give fewer than 3 degrees of freedom, so that there is no interval.
    assert (flow.net_flow.low, flow.net_flow.high) == (None, None)
    largest = told.numbers.contributors.largest("Multimodal", "CV", "item")
    assert (largest.name, largest.n_sole) == ("WebLI", 60)
    (direction,) = told.found("direction")
    assert (direction.origin, direction.goal, direction.n_forward, direction.n_back) == ("NLP", "Multimodal", 39, 0)
    assert direction.net.low > 0
    assert not direction.supported
    assert direction.doubt == "rests"
    assert "MultiLongDocRetrieval" in told.sections["analysis"]
    assert "| A direction between NLP and Multimodal" in told.sections["interpretation"]


def test_isolation_cannot_be_told_from_packaging(told):
    (isolation,) = told.found("isolation")
    assert (isolation.category, isolation.n, isolation.stratum, isolation.stratum_alone) == (
        "Graph",
        20,
        "pykeen",
        True,
    )
    assert told.panels["left"].cell("Robotics", "Robotics").n_given == 7
    assert "pykeen, which contains nothing else, so we cannot tell whether" in told.sections["analysis"]


def test_concentration(told):
    (found,) = told.found("concentration")
    assert (found.item, found.n_units, percent(found.share), found.n_item_sets) == ("ImageNet-1k", 1805, 43, 365)


def test_no_blocks_of_categories(told):
    assert told.found("blocks") == []


# Sensitivity


def test_over_links_another_category_leads(tmp_path, told):
    links = counted(tmp_path, CONFIG.replace("unit: to", "unit: link")).panels["left"]
    assert links.n_units == 12388
    shares = {name: percent(links.cell(name, name).n_given / 12388) for name in ("NLP", "CV")}
    assert shares == {"NLP": 53, "CV": 32}
    models = told.panels["left"]
    assert {n: percent(models.cell(n, n).n_given / 4227) for n in ("NLP", "CV")} == {"NLP": 10, "CV": 81}
    assert percent(sum(links.cell(name, name).n_joint for name in links.given_categories) / 12388) == 94
    row = next(
        line
        for line in told.sections["sensitivity"].splitlines()
        if line.startswith("The share with the same category ")
    )
    assert row.split(" | ")[1] == "95%"


def test_an_item_with_several_modalities_in_each_of_them(tmp_path, told):
    each = counted(tmp_path, re.sub(r"(when_several_of: .*), replaces: true", r"\1", CONFIG)).panels
    pairs = [
        (panel, a.given, a.outcome, a.value, b.value)
        for panel in ("left", "right")
        for a, b in zip(told.panels[panel].cells, each[panel].cells, strict=True)
        if a.value is not None and b.value is not None
    ]
    assert sum(abs(before - after) > 0.1 for *_, before, after in pairs) == 12
    moved = {where: (percent(before), percent(after)) for *where, before, after in pairs for where in [tuple(where)]}
    assert moved["left", "NLP", "CV"] == (0, 23)


def test_models_named_siglip_filed_as_multimodal(tmp_path, told, models):
    named = models["id"].str.contains("siglip", case=False) & (models["categories"] == "CV")
    assert (named.sum(), (named & (models["trained_on"] != "")).sum(), set(models.loc[named, "via"])) == (
        73,
        56,
        {"timm"},
    )
    relabelled = counted(tmp_path, models=models.assign(categories=models["categories"].mask(named, "Multimodal")))
    values = [percent(t.panels["left"].cell("Multimodal", "Multimodal").value) for t in (told, relabelled)]
    assert values == [55, 74]
    assert (joint(relabelled, "Multimodal", "CV"), joint(relabelled, "CV", "Multimodal")) == (55, 56)
