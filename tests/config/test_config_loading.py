"""Good configs: every section of the contract parses, defaults are filled in, text stays text."""

import datetime as dt
import re
from pathlib import Path

import pytest

from diptych.config.loading import LoadedConfig, load_config
from diptych.config.places import Place
from diptych.errors import ConfigError
from diptych.renderers import FiguresSettings, HtmlSettings, OutputSettings
from tests.doc_pages import section

EVERYTHING = Path(__file__).with_name("everything.yaml")

SMALL = """\
version: 1
report: {title: T}
taxonomy: {categories: [{name: A, match: a}]}
entities:
  datasets: {label: Dataset, source: d.csv, labels: l}
  models: {label: Model, source: m.csv, labels: l}
relations:
  trained_on:
    links: {source: k.csv, from: {entity: datasets, column: s}, to: {entity: models, column: t}}
"""


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Write a config as config.yaml and load it by that name."""
    monkeypatch.chdir(tmp_path)

    def loaded(text: str) -> LoadedConfig:
        Path("config.yaml").write_text(text, encoding="utf-8")
        return load_config(Path("config.yaml"))

    return loaded


def test_every_section_of_the_contract_that_is_available_parses():
    config = load_config(EVERYTHING).config
    assert config.report.title == "Models and data"
    assert config.report.authors[0].orcid == "0000-0002-1825-0097"
    assert config.taxonomies["default"].preset == "hub-figure9@2026-08"
    assert config.taxonomies["default"].categories[0].match == (
        "image-text-to-text",
        "any-to-any",
        "no",
        "on",
        "12:30",
    )
    assert config.taxonomies["default"].categories[1].when_several_of == ("NLP", "CV", "Audio")
    assert config.taxonomies["default"].categories[1].replaces is True
    assert config.entity("datasets").attributes == {"owner": "author", "date": "created"}
    assert config.entity("datasets").aliases == {"Imagenet1k": "ImageNet-1k"}
    assert [label.column for label in config.entity("models").labels] == ["tasks", "tags"]
    assert config.relation("trained_on").links.where == {"relation": ("trained_on",)}
    assert config.relation("trained_on").group == ("via", "author")
    assert config.relation("trained_on").strata == ("via",)
    assert config.relation("tags").links.to.prefix == "dataset:"
    assert config.relation("published").matrix.root["pub_left"].path == ("published/left.csv",)
    assert config.figure("main").scale == (0.0, 1.0)
    assert config.expect.rows == {"models": 4000}
    assert config.outputs.figures == FiguresSettings(width="single")
    assert config.outputs.html == HtmlSettings(fragment=True, front_matter="hugo")
    assert config.engine.threads == 2
    assert config.url == "https://example.org/report/"


@pytest.mark.parametrize(
    ("relation", "kinds"),
    [
        ("trained_on", ("datasets", "models")),
        ("base", ("from", "to")),
        ("owners", ("datasets", "models")),
        ("survey", ("rows", "columns")),
        ("published", ("datasets", "models")),
    ],
)
def test_the_two_kinds_of_each_form(relation, kinds):
    assert load_config(EVERYTHING).config.kinds(relation) == kinds


def test_what_is_left_out_is_filled_in(load):
    config = load(SMALL).config
    assert [(p.id, p.given, p.outcome, p.measure) for p in config.panels] == [
        ("left", "datasets", "models", "conditional"),
        ("right", "models", "datasets", "conditional"),
    ]
    assert [(f.id, f.panels) for f in config.figures] == [("main", ("left", "right"))]
    assert config.outputs == OutputSettings.everything()
    assert config.report.date == "data"
    assert config.relation("trained_on").unit == "to"
    assert list(config.taxonomies) == ["default"]
    assert config.taxonomy_name() == "default"


def test_an_author_may_be_a_name_alone(load):
    report = "report: {title: T, authors: [Ada Lovelace, Ann <0000-0002-1825-0097>]}"
    found = load(re.sub(r"(?m)^report:.*$", report, SMALL)).config.report.authors
    assert [(one.name, one.orcid) for one in found] == [("Ada Lovelace", None), ("Ann", "0000-0002-1825-0097")]


def test_several_relations_give_panels_of_their_names_and_a_kind_with_itself_over_a_key_one(load):
    config = load(SMALL + "  owners: {shared: {key: owner, entities: [models, models]}}\n").config
    assert [p.id for p in config.panels] == ["trained_on_left", "trained_on_right", "owners_left"]
    assert config.figure("main").panels == ("trained_on_left", "trained_on_right", "owners_left")
    assert [p.id for p in config.panels_of("owners")] == ["owners_left"]


def test_panels_of_several_measures_make_a_figure_each(load):
    panels = "\n".join(
        f"  - {{id: p{i}, relation: trained_on, given: datasets, outcome: models, measure: {measure}}}"
        for i, measure in enumerate(["conditional", "lift", "conditional"])
    )
    config = load(f"{SMALL}panels:\n{panels}\n").config
    assert [(f.id, f.panels) for f in config.figures] == [("conditional", ("p0", "p2")), ("lift", ("p1",))]


def test_figures_may_name_panels_that_are_filled_in(load):
    assert load(f"{SMALL}figures: [{{id: one, panels: [right]}}]\n").config.figures[0].panels == ("right",)


def test_the_text_of_the_file_counts_where_text_is_meant(load):
    text = SMALL.replace("match: a", "match: [no, on, 12:30, 1e3, 0x1F, 2026-01-02, true, 'null', \"~\", 1_000]")
    matches = load(text).config.taxonomies["default"].categories[0].match
    assert matches == ("no", "on", "12:30", "1e3", "0x1F", "2026-01-02", "true", "null", "~", "1_000")


@pytest.mark.parametrize(
    ("word", "value"), [("yes", True), ("no", False), ("on", True), ("False", False), ("TRUE", True)]
)
def test_truth_values_are_read_as_yaml_has_them(load, word, value):
    outputs = load(f"{SMALL}outputs: [data, markdown: {word}, paper: {word}]\n").config.outputs
    assert outputs.markdown is value
    assert ("paper" in outputs.others) is value


def test_outputs_are_names_and_mappings(load):
    outputs = load(f"{SMALL}outputs: [html, pdf: {{paper: letter}}, figures: , data: ]\n").config.outputs
    assert outputs == OutputSettings(html=HtmlSettings(), pdf={"paper": "letter"}, figures=FiguresSettings(), data=True)


def test_where_takes_a_value_several_or_none(load):
    text = SMALL.replace("source: k.csv,", "source: k.csv, where: {a: x, b: [y, null], c: null},")
    assert load(text).config.relation("trained_on").links.where == {"a": ("x",), "b": ("y", None), "c": (None,)}


def test_a_date_is_a_day(load):
    assert load(SMALL.replace("title: T", "title: T, date: 2026-08-01")).config.report.date == dt.date(2026, 8, 1)


def test_several_taxonomies(load):
    text = (
        "version: 1\nreport: {title: T}\n"
        "taxonomies: {skills: {categories: [{name: A}]}, jobs: {categories: [{name: B}]}}\n"
        "relations: {survey: {records: {source: s.csv, rows: {column: a, taxonomy: skills}, columns: {column: b, taxonomy: jobs}}}}\n"
    )
    config = load(text).config
    assert config.taxonomies["jobs"].categories[0].name == "B"
    assert config.taxonomy_name("skills") == "skills"
    assert sorted(config.taxonomies) == ["jobs", "skills"]


def test_an_only_taxonomy_is_the_default_whatever_its_name(load):
    config = load(
        SMALL.replace("taxonomy: {categories: [{name: A, match: a}]}", "taxonomies: {mine: {categories: [{name: A}]}}")
    ).config
    assert config.taxonomy_name() == "mine"
    assert config.taxonomies["mine"].categories[0].name == "A"


def test_a_matrix_needs_no_sources_and_no_taxonomy(load):
    text = (
        "version: 1\nreport: {title: T}\nentities: {a: {label: A}, b: {label: B}}\n"
        "relations: {published: {matrix: {left: l.csv, right: {path: r.csv, delimiter: ';'}}}}\n"
        "panels:\n  - {id: left, relation: published, given: a, outcome: b}\n"
        "  - {id: right, relation: published, given: b, outcome: a}\n"
    )
    assert load(text).config.taxonomies == {}


def test_anchors_and_aliases_are_read(load):
    text = SMALL.replace("labels: l}", "labels: &l {column: x, separator: '|'}}", 1).replace(
        "labels: l}", "labels: *l}"
    )
    config = load(text).config
    assert config.entity("models").labels == config.entity("datasets").labels


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load_config(path).config.report.title == "T"


def test_unknown_accessors_raise_key_errors(load):
    config = load(SMALL).config
    for ask in (config.panel, config.figure, config.relation, config.entity, config.kinds):
        with pytest.raises(KeyError):
            ask("other")


def test_a_loaded_config_says_where_things_stand(load):
    loaded = load(SMALL)
    assert loaded.path == Path("config.yaml")
    assert loaded.folder == Path()
    assert loaded.text == SMALL
    assert loaded.positions.place(("relations", "trained_on", "links", "from", "column")) == Place(9, 53)
    assert loaded.positions.place(("relations", "trained_on", "unit")) == Place(8, 3)
    assert loaded.positions.place(("outputs",)) == Place(0, 0)
    problem = loaded.problem(("entities", "models", "source"), "no such file")
    assert str(problem) == "config.yaml:6:26: entities.models.source: no such file"


def test_files_are_named_as_the_user_gave_them(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("version: 2\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert all(problem.file == str(path) for problem in caught.value.problems)


@pytest.mark.parametrize("i", range(6))
def test_the_examples_of_the_docs_load(load, small, i):
    blocks = re.findall(r"^```yaml\n(.*?)^```", section("config.md", "By example"), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 6
    block = blocks[i]
    if block.startswith("relations:"):
        block = small.partition("relations:")[0] + block
    assert load(block).config.panels
