"""The paper kit for Typst: it compiles, its numbers are those of the data files, and labels are never markup."""

import csv
import io
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
import typst

from diptych.contrib.papers.numbers import CELL_NUMBERS, MANY_CELLS
from diptych.contrib.papers.typst_kit import render_typst_kit
from diptych.document.model import (
    Column,
    FigureBlock,
    LinkSpan,
    Paragraph,
    Section,
    Span,
    TableBlock,
)
from diptych.pipeline import build
from diptych.renderers.data import panel_csv
from tests.cells import whole_cells
from tests.contrib.papers.papers import compiled, kit, paper, text_of, values, with_statements
from tests.pipeline.projects import write_project
from tests.renderers.documents import (
    DATASETS,
    IMAGE,
    MODELS,
    NASTY,
    SCRIPT,
    demo,
    nasty,
    panel,
    sentence,
    small,
)

pytestmark = pytest.mark.slow

FROM_CSV = {name: attribute for name, attribute, _ in CELL_NUMBERS if attribute is not None}


def rows_of(content):
    """The cells of a panel's data file as the kit should have them."""
    return [{name: told(row[column]) for name, column in FROM_CSV.items()} for row in rows_in(content)]


def rows_in(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def told(field):
    """A field of a data file as a value; JSON tells 1 from 1.0 no more than the file does."""
    if not field:
        return None
    return float(field) if re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", field) else field


def in_kit(folder, panels):
    """The cells of the kit, by panel, with the names of the data files' numbers alone."""
    (found,) = values(folder, "diptych.panels")
    cells = {name: [cell for row in found[name].values() for cell in row.values()] for name in panels}
    return {name: [{key: cell[key] for key in FROM_CSV} for cell in own] for name, own in cells.items()}


@pytest.mark.parametrize("document", [small, nasty, demo])
def test_the_example_compiles_and_is_accessible(tmp_path, document):
    pdf = compiled(kit(tmp_path, document()), pdf_standards=["ua-1"])
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.docinfo["/Title"] == document().title
        assert opened.Root.Lang == "en"


@pytest.mark.services
def test_the_example_tells_numbers(tmp_path):
    text = text_of(compiled(kit(tmp_path, demo())))
    assert "Ada Example and Grace Sample 2 March 2026" in text
    assert "Of the 290 models with Multimodal as the given category, 55% have Multimodal as the outcome" in text
    assert "outcome category (159)." in text


@pytest.mark.services
def test_the_example_tells_a_value_where_there_are_no_counts(tmp_path):
    document = small()
    uncounted = dict.fromkeys(("n_joint", "n_given", "n_outcome", "n_units"))
    panels = tuple(
        replace(one, n_units=None, cells=whole_cells(replace(cell, value=0.625, **uncounted) for cell in one.cells))
        for one in document.figures[0].panels
    )
    document = replace(document, figures=(replace(document.figures[0], panels=panels),))
    text = text_of(compiled(kit(tmp_path, document)))
    assert "With NLP as the given and NLP as the outcome category the value is 0.625." in text
    assert "Table 1: Cells that matter." in text


@pytest.mark.services
def test_labels_are_printed_as_they_are(tmp_path):
    text = text_of(compiled(kit(tmp_path, nasty()))).replace(" ", "")
    label = (SCRIPT + IMAGE).replace(" ", "")
    assert f"Ofthe4modelswith{NASTY}asthegivencategory,75%have{NASTY}astheoutcomecategory(3)." in text
    assert label in text.partition("Cellsthatmatter.")[2]
    assert text.startswith(f"{NASTY}{IMAGE.replace(' ', '')}AdaExample")


@pytest.mark.parametrize("document", [small, nasty, demo])
def test_every_number_is_that_of_the_data_file(tmp_path, document):
    made = document()
    panels = {one.id: one for one in made.figures[0].panels}
    found = in_kit(kit(tmp_path, made), panels)
    assert found == {name: rows_of(panel_csv(one)) for name, one in panels.items()}


@pytest.mark.services
def test_numbers_are_printed_as_the_data_file_has_them(tmp_path):
    folder = kit(tmp_path, demo())
    name = paper(folder, "#for (given, row) in diptych.panels.left [#for (outcome, cell) in row [#cell.lift ]]")
    printed = text_of(compiled(folder, name)).split()
    rows = rows_in(panel_csv(demo().figures[0].panels[0]))
    assert printed == [row["lift"] for row in rows if row["lift"]]


def test_what_each_function_gives(tmp_path):
    found = values(
        kit(tmp_path, with_statements()),
        'of("left", "NLP", "CV")',
        'of("left", "NLP", "CV", field: "percent")',
        'of("left", "NLP", "CV", field: "lift_within")',
        'total("left")',
        'total("left", field: "groups")',
        'size("left", "given", "NLP")',
        'size("right", "given", "NLP")',
        'statement("agreement", "count")',
        'statement("agreement", "interval_high")',
        'statement("agreement", "share_percent")',
        'about("title")',
        'about("date")',
        'about("version")',
    )
    assert found == [
        0.25, "25%", None, 6, 559, 4, 3, 5, 0.45, "83%", "Small report", "2 March 2026", "0.1.0"
    ]  # fmt: skip


def test_counts_with_their_thousands_apart(tmp_path):
    numbers = ("0", "999", "12388", "-4285", "1234567.25", "none")
    found = values(kit(tmp_path, small()), *(f"grouped({number})" for number in numbers))
    assert found == ["0", "999", "12,388", "−4,285", "1,234,567.25", None]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('of("lft", "NLP", "CV")', 'no panel "lft" here; there are: left, right'),
        ('of("left", "nlp", "CV")', 'no given category "nlp" here; there are: NLP, CV'),
        ('of("left", "NLP", "Audio")', 'no outcome category "Audio" here; there are: NLP, CV'),
        ('total("left", field: "unit")', 'no field "unit" here; there are: units, groups'),
        ('size("left", "rows", "NLP")', 'no side "rows" here; there are: given, outcome'),
        ('statement("agreement")', 'no statement "agreement" here; there are none'),
        ('about("day")', 'no field "day" here; there are: title, date, version'),
    ],
)
def test_a_name_that_is_not_there_is_answered_by_those_that_are(tmp_path, code, message):
    folder = kit(tmp_path, small())
    with pytest.raises(typst.TypstError) as caught:
        compiled(folder, paper(folder, f"#{code}"))
    assert caught.value.message == f"panicked with: {message}"


def test_there_is_nothing_below_a_number(tmp_path):
    folder = kit(tmp_path, with_statements())
    with pytest.raises(typst.TypstError) as caught:
        compiled(folder, paper(folder, '#statement("agreement", "count", "high")'))
    assert caught.value.message == 'panicked with: there is no number "high" below a number'


@pytest.mark.parametrize(
    "label",
    [
        "a\x00b\x1b\x85",
        "two\nlines\r\n",
        "数据 \u202eabc",
        "😀",
        '\\"',
        "#panic()",
        "// no",
        "/* no",
        "\u2028",
        "$x$ @a <b>",
        " ",
    ],
)
def test_any_label_is_a_key_character_for_character(tmp_path, label):
    folder = kit(tmp_path, small((label, "CV")))
    found, keys = values(folder, "diptych.panels", "diptych.sizes.left.given.keys()")
    assert list(found["left"]) == list(found["left"][label]) == keys == [label, "CV"]
    compiled(folder)


def test_only_statements_that_are_told_are_there(tmp_path):
    [found] = values(kit(tmp_path, with_statements()), "diptych.statements")
    assert list(found) == ["agreement"]


def test_of_a_large_panel_only_named_cells_are_there(tmp_path):
    names = tuple(f"c{n}" for n in range(MANY_CELLS // 10))
    ones = [[1] * len(names)] * len(names)
    large = panel("left", (DATASETS, MODELS), names, ones, ([40] * len(names), [40] * len(names)), total=1600)
    assert len(large.cells) > MANY_CELLS
    spoken = sentence("x", "One.", cells=[("left", "c1", "c2")])
    figure = replace(small().figures[0], panels=(large,))
    document = replace(small(), figures=(figure,), sections=(Section("abstract", "A", (Paragraph((spoken,)),)),))
    found, sizes = values(kit(tmp_path, document), "diptych.panels.left", "diptych.sizes.left.given")
    assert {given: list(row) for given, row in found.items()} == {"c1": ["c2"]}
    assert list(sizes) == list(names)
    compiled(tmp_path)


@pytest.mark.services
def test_a_document_with_nothing_in_it_compiles(tmp_path):
    empty = replace(small(), authors=(), date=None, sections=(), figures=())
    assert text_of(compiled(kit(tmp_path, empty))) == "Small report 1"


@pytest.mark.services
def test_a_long_table_goes_on_with_its_head(tmp_path):
    rows = tuple((f"row {n}", str(n)) for n in range(120))
    table = TableBlock("long", "Long.", (Column("The name"), Column("The number", "right")), rows)
    folder = kit(tmp_path, replace(small(), sections=(Section("methods", "A", (table,)),)))
    pdf = compiled(folder)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        n_pages = len(opened.pages)
    assert n_pages > 1
    text = text_of(pdf)
    assert text.count("The name The number") == n_pages
    assert "row 0 0 row 1 1" in text
    assert "row 119 119" in text


@pytest.mark.services
def test_a_table_can_be_changed_and_pointed_at(tmp_path):
    folder = kit(tmp_path, small())
    name = paper(
        folder,
        "#set heading(numbering: none)\nSee @cells and @main.\n\n"
        '#tables.table-cells(caption: [Ours], size: 6pt, placement: bottom) <cells>\n'
        '#figures.figure-main(caption: [The figure], alt: "Ours", width: 50%) <main>\n',
    )  # fmt: skip
    text = text_of(compiled(folder, name))
    assert "See Table 1 and Figure 1." in text
    assert "Table 1: Ours" in text
    assert "Figure 1: The figure" in text


@pytest.mark.services
def test_captions_of_figures_tell_the_date(tmp_path):
    text = text_of(compiled(kit(tmp_path, small())))
    assert "Figure 1: Left given data, right given models; n = 6. Data of 2 March 2026." in text
    assert "Table 1: Cells that matter." in text


def test_figures_have_alternative_text(tmp_path):
    with pikepdf.open(io.BytesIO(compiled(kit(tmp_path, small())))) as opened:
        found = [str(item.Alt) for item in opened.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item]
    assert found == ["Two matrices of NLP and CV."]


def test_a_figure_can_be_another_file_of_the_folder(tmp_path):
    folder = kit(tmp_path, small())
    with pytest.raises(typst.TypstError, match=r"file not found .*figures/main-left\.svg"):
        compiled(folder, paper(folder, '#figures.figure-main(file: "main-left.svg")'))


@pytest.mark.services
def test_captions_keep_emphasis_and_links_to_the_web(tmp_path):
    spans = (Span("Plain, "), Span("strong ", "strong"), Span("soft ", "emphasis"),
             LinkSpan("out", href="https://example.org/#x"), LinkSpan(" in", href="#overview"))  # fmt: skip
    block = FigureBlock("main", (sentence("caption", *spans), sentence("more", "More.")), "Alt.")
    document = replace(small(), date=None, sections=(Section("abstract", "A", (block,)),))
    assert (
        'caption: { "Plain, "; strong("strong "); emph("soft "); link("https://example.org/#x", "out"); " in"; [ ]; "More." },'
        in render_typst_kit(document)["typst/figures.typ"].decode()
    )
    assert "Plain, strong soft out in More." in text_of(compiled(kit(tmp_path, document)))


def test_ids_become_names_each_once(tmp_path):
    table = TableBlock("a.b/ü", "One.", (Column("x"),), (("y",),))
    document = replace(small(), sections=(Section("s", "S", (table, replace(table, id="a-b/ö"))),))
    text = render_typst_kit(document)["typst/tables.typ"].decode()
    assert re.findall(r"#let (table\S+)\(", text) == ["table-a-b--", "table-a-b---2"]
    compiled(kit(tmp_path, document))


def test_nothing_is_asked_of_the_machine():
    text = b"".join(render_typst_kit(nasty()).values()).decode()
    assert "font" not in text
    assert "@preview" not in text


@pytest.mark.services
def test_a_real_report(tmp_path):
    write_project(tmp_path, outputs="[typst, data]")
    site = tmp_path / "site"
    build(tmp_path / "config.yaml", site)
    text = text_of(compiled(site, pdf_standards=["ua-1"]))
    panels = ("left", "right")
    data = {name: (site / "data" / f"{name}.csv").read_bytes() for name in panels}
    assert in_kit(site, panels) == {name: rows_of(content) for name, content in data.items()}
    first = rows_in(data["left"])[0]
    assert f"Of the {first['n_given']} models with {first['given']} as the given category" in text


@pytest.mark.services
def test_the_example_of_the_docs_compiles(tmp_path):
    page = (Path(__file__).parents[3] / "docs" / "papers.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```typst\n(.*?)```", page, re.DOTALL)
    kit(tmp_path / "report", with_statements(demo()))
    (tmp_path / "paper.typ").write_text(code, encoding="utf-8")
    text = text_of(
        typst.compile(tmp_path / "paper.typ", root=tmp_path, ignore_system_fonts=True, pdf_standards=["ua-1"])
    )
    assert "Of the 430 models trained on NLP data, 0% (at most 1%) are CV models. The lift is 9.8." in text
    assert "In all, 5 of 4,227 models (83%) have the category of their data; 3,435 are CV models." in text
    assert "Figure 1 and Table 1 show the rest." in text


@pytest.mark.parametrize("name", ["numbers.json", "numbers.typ", "figures.typ", "tables.typ", "example.typ"])
def test_golden(golden, name):
    golden(f"typst/{name}", render_typst_kit(with_statements())[f"typst/{name}"])


@pytest.mark.services
def test_a_panel_can_stand_alone(tmp_path):
    folder = kit(tmp_path, small())
    shutil.copy(folder / "figures" / "main.svg", folder / "figures" / "main-left.svg")
    pdf = compiled(folder, paper(folder, "#figures.figure-main-left() <one>\n@one shows the panel."))
    assert "Figure 1 shows the panel." in text_of(pdf)
