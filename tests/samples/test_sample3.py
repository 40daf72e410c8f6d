"""The kinds of result of the hand-written sample 3, on simulated data of the same shape (sample3.py)."""

import pytest

from tests.samples import sample3
from tests.samples.telling import tell


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return counted(tmp_path_factory.mktemp("sample3"), sample3.files())


def counted(folder, files):
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return tell(folder, files["config.yaml"], "named")


def percent(value):
    return round(100 * value)


def test_the_data_say_that_they_are_simulated():
    files = sample3.files()
    assert files["config.yaml"].startswith("# Simulated data")
    assert 'subtitle: "Simulated data' in files["config.yaml"]
    assert files == sample3.files()


def test_coverage_in_all_and_by_category(told):
    assert (told.numbers.coverage.n_candidates, told.numbers.coverage.n_units) == (952, 421)
    assert [number for number in ("952", "421") if number not in told.sections["overview"]] == []
    shares = {
        c.category: (c.n_linked, percent(c.n_linked / max(c.n_items, 1)))
        for c in told.numbers.coverage.columns.categories
    }
    assert (shares["NLP"], shares["Multimodal"], shares["RL"]) == ((191, 53), (48, 34), (2, 4))
    assert "53% of NLP models" in told.sections["overview"]


def test_coverage_by_year_is_counted_and_told(told):
    """From 74 % of the models of 2020 to 4 % of those of 2025; most counted models are from before 2023."""
    years = {y.year: (y.n_items, y.n_linked) for y in told.numbers.coverage.columns.years}
    assert (years[2020], years[2025]) == ((50, 37), (70, 3))
    assert sum(linked for year, (_, linked) in years.items() if year < 2023) == 346
    text = told.sections["overview"] + told.sections["abstract"]
    assert "4% (2025; 3 of 70)" in text


def test_categories_with_few_or_no_models_are_not_spoken_of(told):
    assert "too little data to interpret: RL (2 models)" in told.sections["overview"]
    absent = {c.given for c in told.panels["left"].cells if c.state == "no_given"}
    assert absent == {"Tabular", "Graph", "Robotics", "Time Series"}
    spoken = told.sections["analysis"] + told.sections["observations"]
    assert [name for name in ("RL", "Tabular", "Graph", "Robotics", "Time Series") if name in spoken] == []


def test_the_two_panels_differ_as_the_sizes_do(told):
    left, right = (told.panels[name].cell("Multimodal", "Multimodal") for name in ("left", "right"))
    assert (left.n_given, right.n_given) == (61, 48)
    assert (percent(left.value), percent(right.value)) == (48, 60)
    assert left.value / right.value == pytest.approx(48 / 61)
    assert "They differ only in the total by which each count is divided" in told.sections["reading"]


def test_no_direction_is_supported_since_the_difference_rests_on_one_label(told):
    (found,) = told.found("direction")
    assert (found.origin, found.goal, found.n_forward, found.n_back) == ("Multimodal", "CV", 31, 6)
    assert found.is_net
    assert not found.supported
    without = {(w.change.by, w.change.name): (w.n_forward, w.n_back) for w in found.without}
    assert without["label", "captioned photos"] == (12, 6)
    assert found.rests_on.change.name == "captioned photos"
    text = told.sections["analysis"]
    assert "captioned photos" in text
    assert "12 and 6" in text
    assert "| A direction between Multimodal and CV" in told.sections["interpretation"]


def test_filed_otherwise_the_counts_nearly_meet(tmp_path):
    """As in the sample: the label moved to CV, the counts are 12 and 14."""
    moved = sample3.CONFIG.replace("[captioned photos, ", "[").replace("[photos, CV]", "[photos, captioned photos, CV]")
    left = counted(tmp_path, sample3.files(moved)).panels["left"]
    assert (left.cell("Multimodal", "CV").n_joint, left.cell("CV", "Multimodal").n_joint) == (12, 14)


def test_intervals_keep_organisations_together(told):
    n_groups = told.panels["left"].n_groups
    assert 80 < n_groups < 126
    assert f"{n_groups} clusters" in told.sections["methods"]


def test_nothing_is_said_of_models_that_name_no_data(told):
    assert "531" in told.sections["interpretation"]
